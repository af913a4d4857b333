package client_test

import (
	"strings"
	"testing"

	"letterlock/client"
	"letterlock/wire"
)

// doubts are what a person was told of a server that lies, once each.
func (p *person) doubts() (out []string) {
	p.t.Helper()
	for _, e := range p.journal(client.ServerDoubt) {
		out = append(out, e.Why)
	}
	return out
}

func (p *person) doubted(words string) {
	p.t.Helper()
	if got := p.doubts(); len(got) != 1 || !strings.Contains(got[0], words) {
		p.t.Errorf("%s was told %q, want one with %q", p.phone, got, words)
	}
}

// sealedFor are the envelopes that were sealed for a device since.
func (w *world) sealedFor(since int, to wire.Address) (n int) {
	for _, s := range w.carrier.Taken()[since:] {
		if s.To == to {
			n++
		}
	}
	return n
}

// lie shows, as the list of an account, what a server would like it to be.
func (w *world) lie(about *person, f func(own wire.SignedDevices, former []wire.SignedDevices) wire.SignedDevices) {
	id := accountOf(about)
	w.carrier.OnList = func(a wire.AccountID, own wire.SignedDevices, former []wire.SignedDevices) wire.SignedDevices {
		if a != id {
			return own
		}
		return f(own, former)
	}
}

// twoAndOne are Alice with a phone and a laptop and Bob, who know each other.
func twoAndOne(t *testing.T) (w *world, a, a2, b, mallory *person) {
	w = newWorld(t)
	a, b, mallory = w.person(alice), w.person(bob), w.person(carol)
	a.send(b, "hello")
	b.send(a, "hi")
	settle(a, b)
	a2 = a.link("laptop", client.HistoryNone)
	settle(a, a2, b)
	return w, a, a2, b, mallory
}

func TestAServerThatAddsADeviceIsNoticed(t *testing.T) {
	w, a, a2, b, _ := twoAndOne(t)
	ghost := wire.At(accountOf(a), 3)
	w.carrier.Ghost(alice, 3, carol)
	// A list that names it, which nobody signed.
	w.lie(a, func(own wire.SignedDevices, _ []wire.SignedDevices) wire.SignedDevices {
		l, err := own.Read()
		if err != nil {
			t.Fatal(err)
		}
		l.Version++
		l.Devices = append(l.Devices, wire.ListedDevice{Device: 3, Key: l.Devices[0].Key})
		raw, err := wire.Marshal(l)
		if err != nil {
			t.Fatal(err)
		}
		return wire.SignedDevices{List: raw, Signature: own.Signature}
	})
	since := len(w.carrier.Taken())
	back := w.carrier.Hide(alice, a2.number()) // so that Bob asks for the list
	b.send(a, "for Alice's own devices")
	b.flush()
	back()
	if got := b.doubts(); len(got) == 0 || !strings.Contains(got[0], "not signed") {
		t.Errorf("Bob was told %q", got)
	}
	settle(b, a, a2)
	if n := w.sealedFor(since, ghost); n != 0 {
		t.Errorf("%d envelopes were sealed for the ghost", n)
	}
	a.got("hi", "for Alice's own devices")
}

// Something from a device that the person's list does not name is not opened.
func TestWhatAGhostWritesIsNotOpened(t *testing.T) {
	w, a, _, b, mallory := twoAndOne(t)
	mallory.send(b, "I am Alice, from a new device")
	mallory.flush()
	taken := w.carrier.Taken()
	forged := taken[len(taken)-1]
	settle(b)
	before := len(b.texts())
	w.carrier.InjectAt(bob, 1, wire.Letter{From: wire.At(accountOf(a), 3), At: 1, Kind: forged.Kind, Body: forged.Body})
	settle(b)
	if len(b.texts()) != before {
		t.Error("Bob sees it")
	}
	b.doubted("does not name")
}

func TestAServerThatHidesADeviceIsNoticed(t *testing.T) {
	w, a, a2, b, _ := twoAndOne(t)
	back := w.carrier.Hide(alice, a2.number())
	e := b.send(a, "first")
	b.flush()
	b.doubted("does not exist")
	if now, _, err := b.Entry(bg, e.Seq); err != nil || now.State != client.Sent {
		t.Errorf("the message to the other device is %v (%v)", now.State, err)
	}
	back()
	// And one that shows no list at all, as if there never had been a device.
	c := w.person("+441632960004")
	c.send(a, "I know of both")
	settle(c, a, a2)
	a2.send(c, "from the laptop")
	settle(a2, c)
	w.lie(a, func(wire.SignedDevices, []wire.SignedDevices) wire.SignedDevices { return wire.SignedDevices{} })
	back = w.carrier.Hide(alice, a2.number())
	c.send(a, "second")
	c.flush()
	if got := c.doubts(); len(got) == 0 || !strings.Contains(got[0], "hides devices") {
		t.Errorf("%q", got)
	}
	back()
	settle(c, a, a2)
	c.send(a, "third")
	settle(c, a, a2)
	a2.find("third") // it goes to all devices that Alice named
}

func TestAnOldListIsNoticed(t *testing.T) {
	w, a, a2, b, _ := twoAndOne(t)
	laptop := wire.At(accountOf(a), a2.number())
	var withLaptop wire.SignedDevices
	w.carrier.OnList = func(_ wire.AccountID, own wire.SignedDevices, _ []wire.SignedDevices) wire.SignedDevices {
		withLaptop = own
		return own
	}
	b.must(b.FetchDevices(bg, accountOf(a)))
	w.carrier.OnList = nil
	a3 := a.link("tablet", client.HistoryNone)
	a.must(a.RemoveDevice(bg, laptop.Device))
	settle(a, a3, b)
	w.lie(a, func(wire.SignedDevices, []wire.SignedDevices) wire.SignedDevices { return withLaptop })
	b.must(b.FetchDevices(bg, accountOf(a)))
	b.must(b.FetchDevices(bg, accountOf(a)))
	b.doubted("older list") // once
	since := len(w.carrier.Taken())
	b.send(a, "not for the laptop")
	settle(b, a, a3)
	if n := w.sealedFor(since, laptop); n != 0 {
		t.Errorf("%d envelopes were sealed for the removed device", n)
	}
	a3.find("not for the laptop")
	if len(b.journal(client.KeyChanged)) != 0 {
		t.Error("a lie about devices changes the safety number")
	}
}

func TestSwappedKeysOfADeviceGetNothing(t *testing.T) {
	w := newWorld(t)
	a, b, c := w.person(alice), w.person(bob), w.person(carol)
	a.send(b, "hello")
	settle(a, b)
	a2 := a.link("laptop", client.HistoryNone)
	w.carrier.ReplaceAt(alice, a2.number(), carol)
	settle(a, b) // Bob hears of the laptop from Alice, and has no session with it
	since := len(w.carrier.Taken())
	e := b.send(a, "secret")
	b.flush()
	b.doubted("other keys")
	if n := w.sealedFor(since, wire.At(accountOf(a), a2.number())); n != 0 {
		t.Errorf("%d envelopes were sealed with the server's keys", n)
	}
	if now, _, err := b.Entry(bg, e.Seq); err != nil || now.State != client.Sent {
		t.Errorf("the message to the phone is %v (%v)", now.State, err)
	}
	a.drain()
	a.got("secret")
	c.drain()
	c.got()
}

func TestAServerCannotMakeADeviceEraseItself(t *testing.T) {
	w, a, a2, _, _ := twoAndOne(t)
	w.carrier.Hide(alice, a2.number())
	err := a2.Drain(limit(t))
	if err == nil || !strings.Contains(err.Error(), "nothing was erased") {
		t.Errorf("the laptop says %v", err)
	}
	w.lie(a, func(wire.SignedDevices, []wire.SignedDevices) wire.SignedDevices { return wire.SignedDevices{} })
	if err := a2.Drain(limit(t)); err == nil || !strings.Contains(err.Error(), "nothing was erased") {
		t.Errorf("the laptop says %v", err)
	}
	w.lie(a, func(own wire.SignedDevices, _ []wire.SignedDevices) wire.SignedDevices {
		l, err := own.Read()
		if err != nil {
			t.Fatal(err)
		}
		l.Version, l.Devices = l.Version+1, l.Devices[:1]
		raw, err := wire.Marshal(l)
		if err != nil {
			t.Fatal(err)
		}
		return wire.SignedDevices{List: raw, Signature: own.Signature}
	})
	if err := a2.Drain(limit(t)); err == nil || !strings.Contains(err.Error(), "nothing was erased") {
		t.Errorf("the laptop says %v", err)
	}
	if _, found, err := client.ReadSelf(bg, a2.store); err != nil || !found {
		t.Error("its keys are gone")
	}
}

// Somebody else's word about a person's devices, or as one of them, is nothing.
func TestOnlyOwnDevicesAreBelievedAboutThePerson(t *testing.T) {
	w, a, _, b, _ := twoAndOne(t)
	settle(a, b)
	e := b.send(a, "from Bob")
	settle(b, a)
	before := len(a.journal())
	for _, body := range client.OwnBodies(accountOf(a), accountOf(b), e.ID) {
		b.must(b.Say(bg, accountOf(a), body, 1))
	}
	settle(b, a)
	if got := a.journal(); len(got) != before {
		t.Errorf("Alice has new entries: %s", joined(got[before:]))
	}
	unread, err := a.Unread(bg, accountOf(b))
	a.must(err)
	if len(unread) == 0 {
		t.Error("Bob marked his own message as read at Alice's")
	}
	if me, err := a.Me(bg); err != nil || me.Phone != alice {
		t.Errorf("Bob changed Alice's number: %+v %v", me, err)
	}
	if w.carrier.WaitingAt(alice, 1) != 0 {
		t.Error("something was not acknowledged")
	}
}

// A server that invents device after device leaves bounded traces.
func TestAFloodFromInventedDevicesIsBounded(t *testing.T) {
	w, a, _, b, mallory := twoAndOne(t)
	mallory.send(b, "x")
	mallory.flush()
	taken := w.carrier.Taken()
	forged := taken[len(taken)-1]
	settle(b)
	for i := range 300 {
		body := append([]byte{}, forged.Body...)
		body[len(body)-1-i%8] ^= byte(i/8 + 1)
		b.must(b.Receive(bg, wire.At(accountOf(a), wire.DeviceID(10+i%100)), forged.Kind, body))
	}
	if n := b.Kept(bg); n > 100 {
		t.Errorf("%d envelopes are kept", n)
	}
	settle(b)
	if n := b.Kept(bg); n != 0 {
		t.Errorf("%d envelopes are kept after the carrier was asked", n)
	}
	b.doubted("does not name")
}
