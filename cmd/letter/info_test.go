package main

import (
	"encoding/json"
	"strconv"
	"testing"
)

func TestWhoHasAMessageInATerminal(t *testing.T) {
	w := newWorld(t)
	w.register("alice", alice)
	w.register("bob", bob)
	w.ok("alice", "group", "new", "Choir", "--with", bob)
	w.ok("bob", "receive")
	w.ok("bob", "send", "--group", "Choir", "here")
	w.ok("alice", "receive")
	w.ok("alice", "send", "--group", "Choir", "at nine")
	var sent record
	history := w.ok("alice", "history", "--group", "Choir", "--last", "1", "--json")
	if err := json.Unmarshal([]byte(history), &sent); err != nil {
		t.Fatal(err)
	}
	number := strconv.FormatUint(sent.Seq, 10)
	contains(t, w.ok("alice", "info", number), "at nine", bob, "says nothing")
	w.ok("bob", "receive")
	w.ok("alice", "receive")
	contains(t, w.ok("alice", "info", number), "at nine (read)", bob, "read 20")
	var m markJSON
	if err := json.Unmarshal([]byte(w.ok("alice", "info", number, "--json")), &m); err != nil || m.Read == nil || m.Account == "" {
		t.Fatalf("%+v, %v", m, err)
	}
	w.refused(exitFailed, "only the person who wrote", "bob", "info", "3")
	w.refused(exitFailed, "not here any more", "bob", "info", "99")
	contains(t, w.ok("bob", "privacy", "--in-groups", "hide"), "Both of them in groups:     hidden")
}
