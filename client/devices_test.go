package client_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"letterlock/client"
	"letterlock/client/carriertest"
	"letterlock/client/keystoretest"
	"letterlock/wire"
)

// link joins a new device to somebody, as two people with two screens would.
func (p *person) link(name string, h client.History) *person {
	p.t.Helper()
	p.clock.Advance(3 * time.Minute) // what was sent shortly before its linking a device gets in any case
	d := &person{world: p.world, phone: p.phone, store: keystoretest.NewMemory()}
	d.start()
	j, err := d.Join(limit(p.t), client.NewDevice{Server: "test", Name: name, DeviceType: "terminal"})
	p.must(err)
	p.drain()
	var both sync.WaitGroup
	var code string
	both.Go(func() {
		if code, err = j.Code(limit(p.t)); err != nil {
			return
		}
		_, err = j.Finish(limit(p.t))
	})
	l, e := p.ReadLink(limit(p.t), j.Link())
	p.must(e)
	if l.Name != name {
		p.t.Fatalf("the new device calls itself %q", l.Name)
	}
	_, e = l.Confirm(limit(p.t), h)
	p.must(e)
	both.Wait()
	p.must(err)
	if code != l.Code || len(code) != 7 {
		p.t.Fatalf("one device shows %q, the other %q", code, l.Code)
	}
	p.flush()
	d.drain()
	return d
}

func (p *person) talk(with *person) (out []string) {
	p.t.Helper()
	all, err := p.Talk(bg, accountOf(with), 0)
	p.must(err)
	for _, e := range all {
		if e.Kind == client.Incoming || e.Kind == client.Outgoing {
			out = append(out, string(e.Kind)+" "+e.Text)
		}
	}
	return out
}

func (p *person) has(with *person, want ...string) {
	p.t.Helper()
	if got := p.talk(with); !slices.Equal(got, want) {
		p.t.Errorf("%s/%d has %q, want %q", p.phone, p.number(), got, want)
	}
}

func (p *person) number() wire.DeviceID {
	me, err := p.Me(bg)
	p.must(err)
	return me.Device
}

func same[T comparable](t *testing.T, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func TestALinkedDeviceGetsAndSendsWhatThePersonDoes(t *testing.T) {
	w := newWorld(t)
	a, b := w.person(alice), w.person(bob)
	a.send(b, "before")
	settle(a, b)
	a2 := a.link("laptop", client.HistoryAll)
	settle(a, a2, b)
	a2.has(b, "sent before")
	b.send(a, "to both of you")
	settle(b, a, a2)
	a.has(b, "sent before", "message to both of you")
	a2.has(b, "sent before", "message to both of you")
	a2.send(b, "from the laptop")
	settle(a2, b, a)
	want := []string{"sent before", "message to both of you", "sent from the laptop"}
	a.has(b, want...)
	a2.has(b, want...)
	b.has(a, "message before", "sent to both of you", "message from the laptop")
	if all := b.journal(client.DevicesChanged); len(all) != 1 || all[0].Why != "uses a new device" || all[0].Device != 2 {
		t.Errorf("Bob was told %+v", all)
	}
	for _, p := range []*person{a, a2, b} {
		p.whole()
		same(t, "repairs", len(p.journal(client.Unopened)), 0)
	}
	one, err := b.Safety(bg, alice)
	b.must(err)
	a2.must(a2.Accept(bg, bob, one.Digits, true))
	settle(a2, a)
	if n, err := a.Safety(bg, bob); err != nil || !n.Verified {
		t.Errorf("compared on the laptop, but not on the phone: %+v %v", n, err)
	}
	for _, p := range []*person{a, a2} {
		n, err := p.Safety(bg, bob)
		p.must(err)
		same(t, "the safety number is the person's", n.Digits, one.Digits)
	}
}

func TestWhatIsReadEditedAndDeletedIsSoOnEveryDevice(t *testing.T) {
	w := newWorld(t)
	a, b := w.person(alice), w.person(bob)
	a2 := a.link("laptop", client.HistoryNone)
	e := a.send(b, "helo")
	gone := a.send(b, "not meant for you")
	settle(a, a2, b)
	b.send(a, "an answer")
	settle(b, a, a2)
	_, err := a2.Edit(bg, a2.find("helo").Seq, client.Words{Text: "hello"})
	a2.must(err)
	_, err = a.Unsend(bg, gone.Seq)
	a.must(err)
	_, err = a2.React(bg, a2.find("an answer").Seq, "👍")
	a2.must(err)
	a2.must(a2.Shown(bg, a2.find("an answer")))
	settle(a, a2, b)
	settle(b, a, a2)
	for _, p := range []*person{a, a2, b} {
		if got := p.find("hello"); got.ID != e.ID || got.Edited == 0 {
			t.Errorf("%d: %+v", p.number(), got)
		}
		if got := p.find("an answer"); len(got.Reactions) != 1 || got.Reactions[0].By != accountOf(a) {
			t.Errorf("%d: %+v", p.number(), got.Reactions)
		}
	}
	if n := a.journal(client.Outgoing); !n[1].Deleted {
		t.Errorf("%+v", n)
	}
	for _, p := range []*person{a, a2} {
		unread, err := p.Unread(bg, accountOf(b))
		p.must(err)
		same(t, "unread", len(unread), 0)
	}
	read := b.find("an answer")
	if read.Read == 0 || read.Delivered == 0 {
		t.Errorf("Bob does not know that it was read: %+v", read)
	}
	a.send(b, "another")
	settle(a, b, a2)
	settle(b, a, a2)
	if got := a2.find("another"); got.Delivered == 0 {
		t.Errorf("the laptop does not know of the delivery: %+v", got)
	}
}

// find is the one entry with a text.
func (p *person) find(text string) client.Entry {
	p.t.Helper()
	for _, e := range p.journal(client.Incoming, client.Outgoing) {
		if e.Text == text {
			return e
		}
	}
	p.t.Fatalf("%s/%d has no %q: %s", p.phone, p.number(), text, joined(p.journal()))
	return client.Entry{}
}

func TestHistoryIsHandedOverAsThePersonChose(t *testing.T) {
	w := newWorld(t)
	a, b := w.person(alice), w.person(bob)
	a.send(b, "long ago")
	settle(a, b)
	w.clock.Advance(40 * 24 * time.Hour)
	b.send(a, "lately")
	settle(a, b)
	secret := a.send(b, "taken back")
	settle(a, b)
	_, err := a.Unsend(bg, secret.Seq)
	a.must(err)
	settle(a, b)
	none := a.link("none", client.HistoryNone)
	month := a.link("month", client.HistoryMonth)
	all := a.link("all", client.HistoryAll)
	settle(a, none, month, all, b)
	same(t, "nothing", len(none.talk(b)), 0)
	same(t, "a month", strings.Join(month.talk(b), "|"), "message lately|sent ")
	same(t, "all", strings.Join(all.talk(b), "|"), "sent long ago|message lately|sent ")
	if p, err := none.Person(bg, accountOf(b)); err != nil || p.Phone != bob {
		t.Errorf("contacts do not come along: %+v %v", p, err)
	}
}

func TestManyMessagesOfHistoryArriveWhole(t *testing.T) {
	w := newWorld(t)
	a, b := w.person(alice), w.person(bob)
	long := strings.Repeat("x", 5000)
	var want []string
	for i := range 120 {
		a.send(b, fmt.Sprint(i, long))
		want = append(want, fmt.Sprint("sent ", i, long))
	}
	settle(a, b)
	a2 := a.link("laptop", client.HistoryAll)
	settle(a, a2)
	if !slices.Equal(a2.talk(b), want) {
		t.Errorf("%d of %d messages", len(a2.talk(b)), len(want))
	}
}

func TestGroupsReachEveryDevice(t *testing.T) {
	w := newWorld(t)
	a, b, c := w.person(alice), w.person(bob), w.person(carol)
	g, err := a.CreateGroup(bg, "Choir", bob, carol)
	a.must(err)
	settle(a, b, c)
	a2, b2 := a.link("laptop", client.HistoryNone), b.link("tablet", client.HistoryNone)
	everybody := []*person{a, a2, b, b2, c}
	settle(everybody...)
	for _, p := range everybody {
		_, err := p.WriteGroup(bg, g.ID, client.Words{Text: fmt.Sprint("from ", p.phone, p.number())})
		p.must(err)
		settle(everybody...)
	}
	var want []string
	for _, p := range everybody {
		all, err := p.Talk(bg, g.ID, 0)
		p.must(err)
		var got []string
		for _, e := range all {
			if e.Kind == client.Incoming || e.Kind == client.Outgoing {
				got = append(got, e.Text)
			}
		}
		if want == nil {
			want = got
		}
		if !slices.Equal(got, want) || len(got) != len(everybody) {
			t.Errorf("%s/%d has %q, want %q", p.phone, p.number(), got, want)
		}
		same(t, "unopened", joined(p.journal(client.Unopened)), "")
	}
	// A linked device changes the group with its own key, under its person's name.
	a2.must(a2.RenameGroup(bg, g.ID, "Band"))
	settle(everybody...)
	for _, p := range everybody {
		now, err := p.GroupOf(bg, g.ID)
		p.must(err)
		same(t, "the name", now.Name, "Band")
	}
	// The primary leaves what the other device began, everywhere.
	b.must(b.LeaveGroup(bg, g.ID))
	settle(everybody...)
	left, err := b2.GroupOf(bg, g.ID)
	b2.must(err)
	if !left.Left {
		t.Error("the tablet is still in the group")
	}
}

func TestDevicesAreListedWithNamesThatTheServerDoesNotHave(t *testing.T) {
	w := newWorld(t)
	a := w.person(alice)
	a2 := a.link("secret name of a laptop", client.HistoryNone)
	a.must(a.NameDevice(bg, 1, "phone"))
	settle(a, a2)
	w.clock.Advance(24 * time.Hour)
	settle(a2, a)
	for _, p := range []*person{a, a2} {
		all, err := p.Devices(bg)
		p.must(err)
		if len(all) != 2 || all[0].Name != "phone" || all[1].Name != "secret name of a laptop" || !all[0].Primary || all[1].Added != "2026-11-23" || all[1].Active != "2026-11-24" {
			t.Errorf("%d: %+v", p.number(), all)
		}
	}
	for _, s := range w.carrier.Taken() {
		if strings.Contains(string(s.Body), "secret name") {
			t.Error("the name is in an envelope")
		}
	}
	if err := a.NameDevice(bg, 9, "x"); err == nil {
		t.Error("a device that is not there has a name")
	}
}

// What is sent while a contact does not know of a new device reaches it all the
// same, once.
func TestANewDeviceMissesNothing(t *testing.T) {
	w := newWorld(t)
	a, b := w.person(alice), w.person(bob)
	a.send(b, "hello")
	settle(a, b)
	b.send(a, "hi")
	settle(a, b)
	a2 := a.link("laptop", client.HistoryAll)
	b.send(a, "not knowing of the laptop") // Bob was not told yet: nothing came to him
	e := b.send(a, "nor this")
	b.flush()
	same(t, "copies at first", e.Copies, 1)
	settle(b, a, a2)
	settle(b, a, a2)
	want := []string{"sent hello", "message hi", "message not knowing of the laptop", "message nor this"}
	a.has(b, want...)
	a2.has(b, want...)
}

// A group that begins while its founder does not know of a member's new device
// is there on that device too, with what was said in it; so is one whose founder
// never writes.
func TestANewDeviceMissesNoGroup(t *testing.T) {
	w := newWorld(t)
	a, b, c := w.person(alice), w.person(bob), w.person(carol)
	a.send(b, "hello")
	settle(a, b)
	b.send(a, "hi")
	settle(a, b)
	a.send(c, "hello")
	settle(a, c)
	b2 := b.link("tablet", client.HistoryAll)
	g, err := a.CreateGroup(bg, "walks", bob, carol)
	a.must(err)
	_, err = a.WriteGroup(bg, g.ID, client.Markup("on Sunday"))
	a.must(err)
	quiet, err := a.CreateGroup(bg, "quiet", bob)
	a.must(err)
	for range 3 {
		settle(a, b, b2, c)
	}
	for _, p := range []*person{b, b2} {
		for _, want := range []client.Group{g, quiet} {
			have, err := p.GroupOf(bg, want.ID)
			p.must(err)
			same(t, "the group's name", have.Name, want.Name)
			same(t, "its members", len(have.Members), len(want.Members))
		}
		said, err := p.Talk(bg, g.ID, 10)
		p.must(err)
		same(t, "heard", strings.Count(joined(said), "on Sunday"), 1)
		same(t, "unopened", len(p.journal(client.Unopened)), 0)
	}
	_, err = b2.WriteGroup(bg, g.ID, client.Markup("I bring the dog"))
	b2.must(err)
	settle(b2, a, b, c)
	for _, p := range []*person{a, b, c} {
		said, err := p.Talk(bg, g.ID, 10)
		p.must(err)
		same(t, "heard from the tablet", strings.Count(joined(said), "I bring the dog"), 1)
	}
}

func TestAnUnlinkedDeviceGetsNothingAndSaysWhy(t *testing.T) {
	w := newWorld(t)
	a, b := w.person(alice), w.person(bob)
	g, err := a.CreateGroup(bg, "Choir", bob)
	a.must(err)
	settle(a, b)
	a2 := a.link("laptop", client.HistoryNone)
	settle(a, a2, b)
	write := func(text string) []byte {
		before := len(w.carrier.Taken())
		_, err := b.WriteGroup(bg, g.ID, client.Words{Text: text})
		b.must(err)
		b.send(a, text)
		settle(b, a)
		for _, s := range w.carrier.Taken()[before:] {
			if s.Kind == wire.KindGroupMessage {
				return s.Body
			}
		}
		t.Fatal("nothing was sealed for the group")
		return nil
	}
	write("while it was linked")
	a2.drain()
	same(t, "messages", len(a2.texts()), 2)
	device2 := a2.number()
	a.must(a.RemoveDevice(bg, device2))
	settle(a, b)
	before := len(w.carrier.Taken())
	body := write("after it was unlinked")
	for _, s := range w.carrier.Taken()[before:] {
		if s.To == wire.At(accountOf(a), device2) {
			t.Error("something was sent to the unlinked device")
		}
	}
	if all := b.journal(client.DevicesChanged); len(all) != 2 || all[1].Why != "no longer uses a device" {
		t.Errorf("Bob was told %+v", all)
	}
	// Even if the carrier hands the group's envelope over, its chain is a new one.
	a2.must(a2.Receive(bg, wire.At(accountOf(b), 1), wire.KindGroupMessage, body))
	for _, e := range a2.journal() {
		if strings.Contains(e.Text, "after it was unlinked") {
			t.Error("the unlinked device reads on")
		}
	}
	err = a2.Drain(limit(t))
	if err == nil || !strings.Contains(err.Error(), "unlinked from "+alice) {
		t.Fatalf("the unlinked device says %v", err)
	}
	u, found, err := client.ReadUnlinked(bg, a2.store)
	if err != nil || !found || u.Phone != alice {
		t.Errorf("%+v %v %v", u, found, err)
	}
	if _, found, _ := client.ReadSelf(bg, a2.store); found {
		t.Error("its keys are still there")
	}
	if n := len(a2.journal()); n != 0 {
		t.Errorf("%d entries are still there", n)
	}
	again := a.link("laptop again", client.HistoryNone)
	if n := again.number(); n == device2 {
		t.Errorf("the number %d of an unlinked device was used again", n)
	}
}

func TestADeviceLeavesByItself(t *testing.T) {
	w := newWorld(t)
	a, b := w.person(alice), w.person(bob)
	a.send(b, "hello")
	settle(a, b)
	a2, a3 := a.link("laptop", client.HistoryNone), a.link("tablet", client.HistoryNone)
	settle(a, a2, a3, b)
	a2.must(a2.Leave(bg))
	if _, found, _ := client.ReadSelf(bg, a2.store); found {
		t.Error("its keys are still there")
	}
	settle(a, a3, b)
	settle(a, a3, b)
	for _, p := range []*person{a, a3} {
		all, err := p.Devices(bg)
		p.must(err)
		same(t, "devices", len(all), 2)
		same(t, "doubts", joined(p.journal(client.ServerDoubt)), "")
	}
	if err := a.Leave(bg); err == nil {
		t.Error("the primary left")
	}
	if err := a3.RemoveDevice(bg, 1); err == nil {
		t.Error("a linked device removed the primary")
	}
}

func TestThePersonMaySayNo(t *testing.T) {
	w := newWorld(t)
	a := w.person(alice)
	d := &person{world: w, phone: alice, store: keystoretest.NewMemory()}
	d.start()
	j, err := d.Join(bg, client.NewDevice{Server: "test", Name: "somebody's", DeviceType: "terminal"})
	d.must(err)
	var wait sync.WaitGroup
	wait.Go(func() {
		if _, err = j.Code(limit(t)); err == nil {
			_, err = j.Finish(limit(t))
		}
	})
	l, e := a.ReadLink(limit(t), j.Link())
	a.must(e)
	a.must(l.Refuse(bg))
	wait.Wait()
	if err == nil || !strings.Contains(err.Error(), "said no") {
		t.Errorf("%v", err)
	}
	all, err := a.Devices(bg)
	a.must(err)
	same(t, "devices", len(all), 1)
	for _, bad := range []string{"", "letterlock-device:", "letterlock-device:AAAA", "letterlock-group:x:y", j.Link() + "A"} {
		if _, err := a.ReadLink(limit(t), bad); err == nil {
			t.Errorf("%q is a link", bad)
		}
	}
}

// A server that stands between the two cannot open what they say, cannot put
// its own words there, and cannot make both show one code.
func TestALinkIsNotTheServersToChange(t *testing.T) {
	w := newWorld(t)
	a := w.person(alice)
	d := &person{world: w, phone: alice, store: keystoretest.NewMemory()}
	d.start()
	j, err := d.Join(bg, client.NewDevice{Server: "test", Name: "laptop", DeviceType: "terminal"})
	d.must(err)
	w.carrier.SpoilLinks()
	ctx, cancel := context.WithTimeout(bg, 2*time.Second)
	defer cancel()
	var wait sync.WaitGroup
	wait.Go(func() { _, err = j.Code(ctx); cancel() })
	if _, e := a.ReadLink(ctx, j.Link()); e == nil {
		t.Error("the primary believed a changed answer")
	}
	wait.Wait()
	if err == nil || !strings.Contains(err.Error(), "changed") {
		t.Errorf("the new device says %v", err)
	}
}

func TestANumberChangesAndContactsFollow(t *testing.T) {
	const next = "+441632960099"
	w := newWorld(t)
	a, b := w.person(alice), w.person(bob)
	a.send(b, "hello")
	b.send(a, "hi")
	settle(a, b)
	a2 := a.link("laptop", client.HistoryNone)
	settle(a, a2, b)
	a.must(a.RequestCode(bg, next))
	if err := a.ChangeNumber(bg, next, "000000", ""); err == nil {
		t.Error("a wrong code changed the number")
	}
	a.must(a.ChangeNumber(bg, next, carriertest.Code, ""))
	settle(a, a2, b)
	settle(a, a2, b)
	for _, p := range []*person{a, a2} {
		me, err := p.Me(bg)
		p.must(err)
		same(t, "the own number", me.Phone, next)
	}
	if all := b.journal(client.NumberChanged); len(all) != 1 || all[0].Phone != next || !strings.Contains(all[0].Why, alice) {
		t.Errorf("Bob was told %+v", all)
	}
	who, err := b.Person(bg, accountOf(a))
	if err != nil || who.Phone != next || !who.Confirmed {
		t.Errorf("%+v %v", who, err)
	}
	_, err = b.Send(bg, next, "to the new number")
	b.must(err)
	settle(b, a, a2)
	a.phone = next
	a2.has(b, "message to the new number")
	if _, err := b.Send(bg, alice, "to the old one"); err == nil {
		t.Error("the old number still leads there")
	}
	stranger := w.person(alice)
	_, err = b.Send(bg, alice, "who are you?")
	b.must(err)
	settle(b, stranger)
	stranger.got("who are you?")
	if n := len(b.journal(client.KeyChanged)); n != 0 {
		t.Errorf("a number that changed hands after its person said so warns %d times", n)
	}
}

func TestTheClientGivesThePINOfALock(t *testing.T) {
	w := newWorld(t)
	a := w.person(alice)
	a.must(a.SetLock(bg, "4711"))
	other := &person{world: w, phone: alice, store: keystoretest.NewMemory()}
	other.start()
	register := func(pin string) error {
		other.must(other.RequestCode(bg, alice))
		_, err := other.Register(bg, client.Registration{Server: "test", Phone: alice, Code: carriertest.Code, PIN: pin, DeviceType: "terminal"})
		return err
	}
	if err := register(""); err == nil || !strings.Contains(err.Error(), "registration lock") {
		t.Fatalf("%v", err)
	}
	other.must(register("4711"))
}
