package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestContactsInATerminal(t *testing.T) {
	w := newWorld(t)
	w.register("alice", alice)
	w.register("bob", bob)
	contains(t, w.ok("alice", "contacts"), "No contacts yet")
	list := filepath.Join(t.TempDir(), "people.vcf")
	if err := os.WriteFile(list, []byte("BEGIN:VCARD\nFN:Bob\nTEL:"+bob+"\nTEL:123\nEND:VCARD\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	contains(t, w.ok("alice", "contacts", "import", list), "Added 1 numbers; nothing of it left", "1 are not in international form")
	contains(t, w.ok("alice", "contacts", "add", carol, "Carol"), "Added.")
	w.ok("alice", "receive")
	lacks(t, w.ok("alice", "contacts"), "here")
	contains(t, w.ok("alice", "contacts", "find", "on"), "sees each number")
	w.ok("alice", "receive")
	contains(t, w.ok("alice", "contacts"), bob+"    Bob  here", carol+"    Carol")
	w.ok("bob", "send", "--to", alice, "hello")
	contains(t, w.ok("alice", "receive"), "Bob ("+bob+"): hello")
	w.ok("alice", "send", "--to", bob, "well, @bob!")
	contains(t, w.ok("bob", "receive"), "well, @bob!  [mentions you]")
	w.ok("alice", "send", "--to", bob, "--plain", "well, @bob!")
	lacks(t, w.ok("bob", "receive"), "mentions you")
	contains(t, w.ok("alice", "contacts", "show", "--json"), `"name":"Bob","account":"`)
	contains(t, w.ok("alice", "contacts", "forget", carol), "Forgotten.")
	lacks(t, w.ok("alice", "contacts"), carol)
	if r := w.letter("alice", "no\n", "contacts", "forget"); r.code != exitFailed {
		t.Error(r)
	}
	contains(t, w.ok("alice", "contacts", "forget", "--yes"), "Forgotten.")
	contains(t, w.ok("alice", "contacts"), "No contacts yet")
}
