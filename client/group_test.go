package client_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"
	"time"

	"letterlock/client"
	"letterlock/client/carriertest"
	"letterlock/client/keystoretest"
	"letterlock/internal/fault"
	"letterlock/wire"
)

const dave = "+441632960004"

// choir is a group of Alice, who owns it, Bob and Carol; Dave is not in it.
func choir(t *testing.T) (w *world, id client.GroupID, a, b, c, d *person) {
	t.Helper()
	w = newWorld(t)
	a, b, c, d = w.person(alice), w.person(bob), w.person(carol), w.person(dave)
	g, err := a.CreateGroup(bg, "Choir", bob, carol)
	a.must(err)
	settle(a, b, c)
	return w, g.ID, a, b, c, d
}

func (p *person) say(id client.GroupID, text string) client.Entry {
	p.t.Helper()
	e, err := p.WriteGroup(bg, id, client.Words{Text: text})
	p.must(err)
	p.flush()
	return e
}

func (p *person) group(id client.GroupID) client.Group {
	p.t.Helper()
	g, err := p.GroupOf(bg, id)
	p.must(err)
	return g
}

func agree(t *testing.T, id client.GroupID, people ...*person) {
	t.Helper()
	want := people[0].group(id)
	for _, p := range people[1:] {
		got := p.group(id)
		if got.Name != want.Name || got.Timer != want.Timer || !reflect.DeepEqual(got.Members, want.Members) || got.Left {
			t.Fatalf("%s has %+v, %s %+v", people[0].phone, want, p.phone, got)
		}
	}
}

func TestAGroupTalks(t *testing.T) {
	w, id, a, b, c, _ := choir(t)
	agree(t, id, a, b, c)
	before := len(w.carrier.Taken())
	sent := a.say(id, "rehearsal at nine")
	settle(b, c, a)
	b.got("rehearsal at nine")
	c.got("rehearsal at nine")
	bodies := map[string]int{}
	for _, s := range w.carrier.Taken()[before:] {
		if s.Kind == wire.KindGroupMessage {
			bodies[string(s.Body)]++
		}
	}
	if len(bodies) != 1 {
		t.Fatalf("sealed %d times, want once for both", len(bodies))
	}
	in := b.last(client.Incoming)
	if in.Group != id || in.Peer != accountOf(a) || in.ID != sent.ID {
		t.Fatalf("%+v", in)
	}
	b.say(id, "fine")
	reply, err := c.WriteGroup(bg, id, client.Words{Text: "for me too", Reply: c.last(client.Incoming).Seq})
	c.must(err)
	_, err = c.React(bg, c.journal(client.Incoming)[0].Seq, "👍")
	c.must(err)
	_, err = a.Edit(bg, sent.Seq, client.Words{Text: "rehearsal at ten"})
	a.must(err)
	c.flush()
	a.flush()
	settle(a, b, c)
	for _, p := range []*person{b, c} {
		talk, err := p.Talk(bg, id, 0)
		p.must(err)
		first := slices.IndexFunc(talk, func(e client.Entry) bool { return e.ID == sent.ID })
		if e := talk[first]; e.Text != "rehearsal at ten" || len(e.Reactions) != 1 || e.Reactions[0].By != accountOf(c) {
			t.Errorf("%s has %+v", p.phone, e)
		}
		if direct, _ := p.Talk(bg, accountOf(a), 0); len(direct) != 0 {
			t.Errorf("%s: what was said in the group is in the conversation of two: %s", p.phone, joined(direct))
		}
	}
	if e := a.last(client.Incoming); e.Text != "for me too" || e.Reply == nil || reply.Group != id {
		t.Fatalf("%+v", e)
	}
	_, err = b.Edit(bg, b.journal(client.Incoming)[0].Seq, client.Words{Text: "not mine"})
	refused(t, err, fault.Forbidden)
	for _, p := range []*person{a, b, c} {
		p.whole()
	}
}

// Who has left reads nothing of what is said afterwards, not even if the
// carrier gives them every envelope; who has come nothing of before.
func TestMembershipIsReadership(t *testing.T) {
	w, id, a, b, c, d := choir(t)
	before := len(w.carrier.Taken())
	a.say(id, "one")
	settle(b, c, a)
	c.say(id, "I am here")
	settle(a, b, c)
	a.must(a.RemoveMembers(bg, id, accountOf(c)))
	a.must(a.AddMembers(bg, id, dave))
	a.flush()
	settle(b, d, a)
	agree(t, id, a, b, d)
	a.say(id, "two")
	b.say(id, "three")
	settle(a, b, d)
	for _, s := range w.carrier.Taken()[before:] {
		if s.Kind != wire.KindGroupMessage {
			continue
		}
		for _, from := range []*person{a, b, c} {
			for _, to := range []string{carol, dave} {
				w.carrier.Inject(to, wire.Letter{From: wire.At(accountOf(from), 1), Kind: s.Kind, Body: s.Body})
			}
		}
	}
	for range 3 {
		settle(c, d, a, b)
		w.clock.Advance(2 * time.Hour) // so that repairs are asked for, and answered
	}
	c.got("one")
	d.got("two", "three")
	if g := c.group(id); !g.Left || g.Own != 0 {
		t.Fatalf("Carol has %+v", g)
	}
	_, err := c.WriteGroup(bg, id, client.Words{Text: "still here?"})
	refused(t, err, fault.Forbidden)
	refused(t, c.RenameGroup(bg, id, "Mine"), fault.Forbidden)
}

func TestRolesAreKept(t *testing.T) {
	_, id, a, b, c, _ := choir(t)
	refused(t, b.RenameGroup(bg, id, "Band"), fault.Invalid)
	refused(t, b.AddMembers(bg, id, dave), fault.Invalid)
	refused(t, a.LeaveGroup(bg, id), fault.Invalid)
	a.must(a.SetRole(bg, id, accountOf(b), true))
	settle(a, b, c)
	b.must(b.RenameGroup(bg, id, "Band"))
	b.must(b.AddMembers(bg, id, dave))
	b.must(b.SetGroupTimer(bg, id, 60))
	settle(b, a, c)
	a.must(a.HandOver(bg, id, accountOf(c)))
	settle(a, b, c)
	a.must(a.LeaveGroup(bg, id))
	settle(a, b, c)
	agree(t, id, b, c)
	if g := b.group(id); g.Name != "Band" || len(g.Members) != 3 || g.Timer != 60 || c.group(id).Own != client.RoleOwner || !a.group(id).Left {
		t.Fatalf("%+v", g)
	}
	if e := c.last(client.GroupChanged); e.Event.Act == 0 || e.Event.Why != "" {
		t.Fatalf("%+v", e.Event)
	}
}

// Of two changes at once one is next, and both sides come to the same group.
func TestTwoAdminsAtOnce(t *testing.T) {
	_, id, a, b, c, _ := choir(t)
	a.must(a.SetRole(bg, id, accountOf(b), true))
	settle(a, b, c)
	a.must(a.RenameGroup(bg, id, "Alice's"))
	refused(t, b.RenameGroup(bg, id, "Bob's"), fault.Conflict)
	settle(a, b, c)
	agree(t, id, a, b, c)
	b.must(b.RenameGroup(bg, id, "Bob's"))
	settle(b, a, c)
	agree(t, id, a, b, c)
	if got := c.group(id).Name; got != "Bob's" {
		t.Fatalf("the name is %q", got)
	}
}

func TestAMissedChangeIsAskedFor(t *testing.T) {
	w, id, a, b, c, _ := choir(t)
	lose := true
	w.carrier.OnSend = func(_ wire.Address, s wire.Send) carriertest.Verdict {
		if lose && s.To.Account == accountOf(c) {
			return carriertest.Verdict{Refuse: wire.CodeTooLarge} // it never arrives
		}
		return carriertest.Verdict{}
	}
	a.must(a.RenameGroup(bg, id, "Band"))
	a.flush()
	lose = false
	a.must(a.SetGroupTimer(bg, id, 60))
	settle(a, c, b)
	settle(a, c, b)
	agree(t, id, a, b, c)
}

func TestLostKeysAreRepaired(t *testing.T) {
	_, id, a, b, c, _ := choir(t)
	a.say(id, "before")
	settle(b, c, a)
	drop(b.store, client.BucketSender)
	drop(b.store, client.BucketFrom)
	for _, text := range []string{"lost one", "lost two"} {
		a.say(id, text)
	}
	settle(b, a, c)
	settle(b, a, c)
	b.got("before", "lost one", "lost two")
	a.say(id, "after")
	settle(b, a, c)
	b.got("before", "lost one", "lost two", "after")
	c.got("before", "lost one", "lost two", "after")
}

// What a stranger, or the carrier in their name, sends into a group goes
// nowhere, and says nothing about itself but that it did not open.
func TestAStrangerSaysNothingInAGroup(t *testing.T) {
	_, id, a, b, c, d := choir(t)
	b.send(d, "hello, Dave")
	b.flush()
	settle(d, b)
	was := b.group(id)
	for _, body := range client.GroupBodies("I am one of you", accountOf(d)) {
		d.must(d.SayIn(bg, id, accountOf(b), body))
	}
	d.flush()
	settle(b, a, c, d)
	b.got()
	if got := b.group(id); !reflect.DeepEqual(got, was) {
		t.Fatalf("the group is %+v, was %+v", got, was)
	}
	// A member without the right to is said to have tried.
	c.must(c.SayChange(bg, id, accountOf(b)))
	c.flush()
	settle(b, c)
	if got := b.group(id); !reflect.DeepEqual(got, was) {
		t.Fatalf("the group is %+v, was %+v", got, was)
	}
	if e := b.last(client.GroupChanged); e.Event.Why == "" || e.Peer != accountOf(c) {
		t.Fatalf("%+v", e.Event)
	}
}

func TestLinks(t *testing.T) {
	for _, approval := range []bool{false, true} {
		_, id, a, b, c, d := choir(t)
		a.must(a.SetLink(bg, id, true, approval))
		settle(a, b, c)
		link := a.group(id).Link
		if link == "" || b.group(id).Link != "" {
			t.Fatal("the link is for admins")
		}
		admin, err := d.JoinGroup(bg, link)
		d.must(err)
		if admin != alice {
			t.Fatalf("asked %s", admin)
		}
		settle(d, a, b, c)
		settle(d, a, b, c)
		if approval {
			if waiting := a.group(id).Waiting; len(waiting) != 1 || waiting[0] != accountOf(d) {
				t.Fatalf("%v wait", waiting)
			}
			a.must(a.Answer(bg, id, accountOf(d), true))
			settle(a, d, b, c)
		}
		agree(t, id, a, b, c, d)
		d.say(id, "thank you")
		settle(a, b, c, d)
		c.got("thank you")
		_, err = d.JoinGroup(bg, link)
		refused(t, err, fault.Conflict)
	}
}

func TestALinkThatIsClosedOrFalseOpensNothing(t *testing.T) {
	_, id, a, b, c, d := choir(t)
	a.must(a.SetLink(bg, id, true, false))
	old := a.group(id).Link
	a.must(a.SetLink(bg, id, true, false))
	settle(a, b, c)
	_, err := d.JoinGroup(bg, old)
	d.must(err)
	settle(d, a, b, c)
	settle(d, a, b, c)
	if n := len(a.group(id).Members); n != 3 {
		t.Fatalf("%d members", n)
	}
	for _, bad := range []string{"", "letterlock-group:", "https://example.org", old[:len(old)-4], "letterlock-group:44:" + old} {
		_, err := d.JoinGroup(bg, bad)
		refused(t, err, fault.Invalid)
	}
}

// A group is begun, changed and written to while the program is killed at every
// step in turn; whatever was said to be done is done, once.
func TestGroupsSurviveKills(t *testing.T) {
	for at := 0; ; at += 3 {
		w := newWorld(t)
		m := &mortal{KeyStore: keystoretest.NewMemory(), left: -1}
		a, b, c := w.personOn(alice, m), w.person(bob), w.person(carol)
		_, err := a.Find(bg, bob)
		a.must(err)
		m.revive(at)
		g, made := a.CreateGroup(bg, "Choir", bob)
		var added, wrote error
		if made == nil {
			added = a.AddMembers(bg, g.ID, carol)
			_, wrote = a.WriteGroup(bg, g.ID, client.Words{Text: "hello"})
			_ = a.Flush(limit(t))
		}
		lived := !m.dead
		m.revive(-1)
		a.start()
		settle(a, b, c)
		settle(a, b, c)
		all, err := a.Groups(bg)
		a.must(err)
		if len(all) > 1 || (made == nil && len(all) != 1) {
			t.Fatalf("killed at step %d: %d groups, %v", at, len(all), made)
		}
		if len(all) == 1 {
			a.say(all[0].ID, "still here")
			settle(a, b, c)
			agree(t, all[0].ID, a, b)
			if added == nil && made == nil {
				agree(t, all[0].ID, a, b, c)
			}
			want := []string{"still here"}
			if made == nil && wrote == nil {
				want = []string{"hello", "still here"}
			}
			if got := b.texts(); len(got) < len(want) || got[len(got)-1] != "still here" || (len(want) == 2 && got[0] != "hello") || len(got) > 2 {
				t.Fatalf("killed at step %d: Bob has %q, want %q", at, got, want)
			}
		}
		if lived {
			t.Logf("%d steps", at)
			return
		}
	}
}

func TestAGroupOfMany(t *testing.T) {
	w := newWorld(t)
	a := w.person(alice)
	var phones []string
	var all []*person
	for i := range 40 {
		p := w.person(fmt.Sprintf("+44163296%04d", 1000+i))
		all, phones = append(all, p), append(phones, p.phone)
	}
	g, err := a.CreateGroup(bg, "Everybody", phones...)
	a.must(err)
	a.flush()
	start := time.Now()
	a.say(g.ID, "to all")
	t.Logf("sealed and sent to %d in %v", len(all), time.Since(start))
	for _, p := range all {
		p.drain()
		p.got("to all")
		agree(t, g.ID, a, p)
	}
	a.whole()
}
