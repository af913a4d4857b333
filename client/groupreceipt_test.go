package client_test

import (
	"testing"

	"letterlock/client"
	"letterlock/internal/fault"
)

// marks are what each person says of a message of p, by account.
func (p *person) marks(seq uint64) map[string]client.Mark {
	p.t.Helper()
	all, err := p.Marks(bg, seq)
	p.must(err)
	out := map[string]client.Mark{}
	for _, m := range all {
		out[m.By.String()] = m
	}
	return out
}

func (p *person) readAll() {
	p.t.Helper()
	unread, err := p.Unread(bg, [16]byte{})
	p.must(err)
	p.must(p.Shown(bg, unread...))
	p.flush()
}

// spoken is a choir in which everybody has said something.
func spoken(t *testing.T) (w *world, id client.GroupID, a, b, c *person) {
	w, id, a, b, c, _ = choir(t)
	b.say(id, "here")
	c.say(id, "here")
	settle(a, b, c)
	return w, id, a, b, c
}

func TestInAGroupEachMemberSaysWhatTheyHave(t *testing.T) {
	_, id, a, b, c := spoken(t)
	e := a.say(id, "rehearsal at nine")
	settle(b, a)
	if now := a.entry(e.Seq); now.Delivered != 0 || now.Recipients != 2 {
		t.Fatalf("delivered to one of two: %+v", now)
	}
	settle(b, c, a)
	b.readAll()
	settle(a, b, c)
	all := a.marks(e.Seq)
	bobs, carols := all[accountOf(b).String()], all[accountOf(c).String()]
	if len(all) != 2 || bobs.Delivered == 0 || bobs.Read == 0 || carols.Delivered == 0 || carols.Read != 0 {
		t.Fatalf("%+v", all)
	}
	if now := a.entry(e.Seq); now.Delivered == 0 || now.Read != 0 {
		t.Fatalf("all have it, one has read it: %+v", now)
	}
	c.readAll()
	settle(a, b, c)
	if now := a.entry(e.Seq); now.Read == 0 {
		t.Fatalf("all have read it: %+v", now)
	}
	theirs := b.last(client.Incoming)
	if _, err := b.Marks(bg, theirs.Seq); !fault.Is(err, fault.Invalid) {
		t.Fatalf("Bob asks who read Alice's message: %v", err)
	}
}

func (p *person) entry(seq uint64) client.Entry {
	p.t.Helper()
	e, found, err := p.Entry(bg, seq)
	p.must(err)
	if !found {
		p.t.Fatalf("%s has no #%d", p.phone, seq)
	}
	return e
}

// Who hides receipts in groups neither gives nor sees them there, and still
// between two.
func TestReceiptsInGroupsCanBeHidden(t *testing.T) {
	_, id, a, b, c := spoken(t)
	b.must(b.Choose(bg, client.Choices{HideInGroups: true}))
	e := a.say(id, "rehearsal at nine")
	settle(b, c, a)
	b.readAll()
	settle(a, b, c)
	if m := a.marks(e.Seq)[accountOf(b).String()]; m.Delivered != 0 || m.Read != 0 {
		t.Fatalf("Bob hides it and Alice sees %+v", m)
	}
	mine := b.say(id, "fine")
	settle(a, c, b)
	a.readAll()
	settle(a, b, c)
	if e := b.entry(mine.Seq); len(e.Marks) != 0 || e.Delivered != 0 {
		t.Fatalf("Bob hides it and sees %+v", e)
	}
	b.send(a, "just us two")
	settle(a, b)
	two := a.send(b, "yes")
	settle(a, b)
	b.readAll()
	settle(a, b)
	if a.entry(two.Seq).Read == 0 {
		t.Fatal("between two it is hidden as well")
	}
}

// Whoever puts a stranger into a group does not learn from receipts when their
// device is on; nor does whoever is not in the group mark a message of it.
func TestAGroupIsNoWayToWatchAStranger(t *testing.T) {
	w := newWorld(t)
	a, b, c := w.person(alice), w.person(bob), w.person(carol)
	g, err := a.CreateGroup(bg, "You won!", bob)
	a.must(err)
	settle(a, b)
	before := len(w.carrier.Taken())
	e := a.say(g.ID, "are you there?")
	after := len(w.carrier.Taken())
	settle(b)
	b.readAll()
	if n := len(w.carrier.Taken()); n != after {
		t.Fatalf("Bob, who said nothing there, answered with %d envelopes (of %d before)", n-after, before)
	}
	settle(a, b)
	if m := a.marks(e.Seq)[accountOf(b).String()]; m.Delivered != 0 {
		t.Fatalf("Alice learns %+v", m)
	}
	c.send(a, "hello")
	settle(a, c)
	c.must(c.SayIn(bg, g.ID, accountOf(a), &client.ReceiptBody{Read: true, IDs: []client.MessageID{e.ID}}))
	c.flush()
	settle(a, c)
	if now := a.entry(e.Seq); len(now.Marks) != 0 || now.Read != 0 {
		t.Fatalf("Carol, who is not in the group, marked %+v", now)
	}
}

// Each of the author's devices comes to the same.
func TestBothDevicesOfTheAuthorKnowWhoReadIt(t *testing.T) {
	_, id, a, b, c := spoken(t)
	tablet := a.link("tablet", client.HistoryAll)
	settle(a, b, c, tablet)
	e := a.say(id, "rehearsal at nine")
	settle(a, b, c, tablet)
	b.readAll()
	c.readAll()
	settle(a, b, c, tablet)
	copyOf := tablet.last(client.Outgoing)
	if copyOf.ID != e.ID || copyOf.Read == 0 || len(copyOf.Marks) != 2 {
		t.Fatalf("the tablet has %+v", copyOf)
	}
}
