package client_test

import (
	"slices"
	"testing"
	"time"

	"letterlock/client"
)

// TestTalksAreTheEndsOfConversations: each conversation once, with its newest
// entry and what is unread; what disappeared is in none.
func TestTalksAreTheEndsOfConversations(t *testing.T) {
	w := newWorld(t)
	a, b, c := w.person(alice), w.person(bob), w.person(carol)
	a.send(b, "one")
	a.send(b, "two")
	a.send(c, "to carol")
	settle(a, b, c)
	a.clock.Advance(time.Second)
	c.must(c.SetTimer(bg, alice, 60))
	c.send(a, "goes")
	settle(a, b, c)
	a.clock.Advance(time.Second)
	b.send(a, "three")
	settle(a, b, c)
	a.must(a.Shown(bg, a.journal(client.Incoming)...))
	a.clock.Advance(2 * time.Minute)

	got, err := a.Talks(bg)
	a.must(err)
	want := map[[16]byte]string{accountOf(b): "three", accountOf(c): ""}
	if len(got) != len(want) {
		t.Fatalf("%d conversations: %+v", len(got), got)
	}
	for _, h := range got {
		if text, there := want[h.With]; !there || text != h.Last.Text {
			t.Errorf("the conversation with %x ends with %q, want %q", h.With, h.Last.Text, text)
		}
	}
	of, err := b.Talks(bg)
	b.must(err)
	if len(of) != 1 || of[0].Unread != 2 || of[0].Last.Text != "three" {
		t.Fatalf("bob's: %+v", of)
	}
	seqs, err := b.Seqs(bg, accountOf(a))
	b.must(err)
	if len(seqs) != 3 || !slices.IsSorted(seqs) {
		t.Fatalf("bob's numbers: %v", seqs)
	}
	if e, _, err := b.Entry(bg, seqs[2]); err != nil || e.Author(accountOf(b)) != accountOf(b) {
		t.Errorf("bob's own message is %x's (%v)", e.Author(accountOf(b)), err)
	}
}
