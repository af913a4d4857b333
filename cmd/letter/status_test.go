package main

import "testing"

func TestAStatusInATerminal(t *testing.T) {
	w := newWorld(t)
	w.register("alice", alice)
	w.register("bob", bob)
	w.refused(exitFailed, "nobody is chosen yet", "alice", "status", "post", "to nobody")
	w.ok("bob", "send", "--to", alice, "we know each other")
	w.ok("alice", "receive")
	contains(t, w.ok("alice", "status", "post", "--to", bob, "off to the *sea*"), "Shown to 1 until")
	contains(t, w.ok("bob", "receive"), "off to the *sea*")
	contains(t, w.ok("bob", "status"), "#", "status of "+alice, "off to the *sea*", "disappears")
	contains(t, w.ok("alice", "status"), "your status", "off to the *sea*")
	lacks(t, w.ok("bob", "history", "--with", alice), "sea")
	w.refused(exitFailed, "no such status of yours", "bob", "status", "take-back", "2")
	w.ok("alice", "status", "take-back", "2")
	w.ok("bob", "receive")
	contains(t, w.ok("bob", "status"), "Nobody shows a status today.")
}
