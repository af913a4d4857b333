package main

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestAGroupInATerminal(t *testing.T) {
	w := newWorld(t)
	for who, phone := range map[string]string{"alice": alice, "bob": bob, "carol": carol} {
		w.register(who, phone)
	}
	contains(t, w.ok("alice", "group"), "No groups yet")
	contains(t, w.ok("alice", "group", "new", "Choir", "--with", bob), "Begun: Choir, 2 members")
	contains(t, w.ok("bob", "receive"), "[Choir] ("+alice+": began Choir")
	contains(t, w.ok("alice", "send", "--group", "choir", "at *nine*"), "Sent.")
	contains(t, w.ok("bob", "receive"), "[Choir] "+alice+": at *nine*")
	contains(t, w.ok("alice", "group", "link", "Choir", "--open", "--approval"), "letterlock-group:")
	link := strings.Fields(w.ok("alice", "group", "link", "Choir"))[0]
	contains(t, w.ok("carol", "group", "join", link), "Asked "+alice)
	contains(t, w.ok("alice", "receive"), "was asked to let in "+carol)
	contains(t, w.ok("alice", "group", "list", "Choir"), "owner   you", "member  "+bob, "waits   "+carol, "link    letterlock-group:")
	contains(t, w.ok("alice", "group", "answer", "Choir", carol), "Answered.")
	w.ok("carol", "receive")
	w.ok("bob", "receive")
	w.ok("carol", "send", "--group", "Choir", "thank you")
	contains(t, w.ok("bob", "receive"), "thank you")
	contains(t, w.ok("bob", "history", "--group", "Choir"), "at *nine*", "thank you")
	var g groupJSON
	if err := json.Unmarshal([]byte(w.ok("bob", "group", "list", "Choir", "--json")), &g); err != nil || len(g.Members) != 3 || g.Link != "" || len(g.ID) != 32 {
		t.Fatalf("%+v, %v", g, err)
	}
	contains(t, w.ok("bob", "group", "list", g.ID[:6]), "Choir")
	contains(t, w.ok("alice", "group", "timer", "Choir", "5m"), "disappear 5 minutes")
	contains(t, w.ok("alice", "group", "rename", "Choir", "Band"), "Renamed.")
	contains(t, w.ok("alice", "group", "admin", "Band", bob), "Done.")
	contains(t, w.ok("alice", "group", "remove", "Band", carol), "Removed.")
	contains(t, w.ok("carol", "receive"), "removed you")
	w.refused(exitFailed, "no longer in this group", "carol", "send", "--group", "Band", "still here?")
	contains(t, w.ok("carol", "group"), "(left)")
	contains(t, w.ok("alice", "group", "handover", "Band", bob), "Handed over")
	contains(t, w.ok("alice", "group", "leave", "Band"), "Left.")
	contains(t, w.ok("bob", "receive"), "let messages disappear 5 minutes", "named it Band", "changed the role of you", "handed the group over to you", "left.")
	for _, c := range []struct {
		say  string
		args []string
	}{
		{"no group \"Orchestra\"", []string{"group", "leave", "Orchestra"}},
		{"not a link", []string{"group", "join", "https://example.org"}},
		{"not in the group", []string{"group", "remove", "Band", carol}},
		{"a time such as", []string{"group", "timer", "Band", "soon"}},
	} {
		w.refused(exitFailed, c.say, "bob", c.args...)
	}
	w.refused(exitUsage, "--group", "bob", "send", "--group", "Band", "--to", alice, "x")
	w.refused(exitUsage, "--to", "bob", "send", "x")
}

// The same through the real carrier.
func TestAGroupThroughTheRealCarrier(t *testing.T) {
	h := newHouse(t)
	h.join("alice", alice)
	h.join("bob", bob)
	h.join("carol", carol)
	h.ok("alice", "group", "new", "Choir", "--with", bob, "--with", carol)
	for _, who := range []string{"bob", "carol"} {
		h.ok(who, "receive")
	}
	h.ok("alice", "send", "--group", "Choir", "one")
	h.ok("bob", "send", "--group", "Choir", "two")
	h.ok("alice", "group", "remove", "Choir", carol)
	h.ok("carol", "receive")
	h.ok("alice", "send", "--group", "Choir", "three")
	for who, want := range map[string]string{"alice": "two", "bob": "one three", "carol": "one two"} {
		h.ok(who, "receive")
		got := h.ok(who, "history", "--group", "Choir")
		for _, text := range []string{"one", "two", "three"} {
			own := map[string]string{"alice": "one three", "bob": "two"}[who]
			if strings.Contains(got, ": "+text) != (strings.Contains(want, text) || strings.Contains(own, text)) {
				t.Errorf("%s has %q", who, got)
			}
		}
	}
}
