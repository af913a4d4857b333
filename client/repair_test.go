package client_test

import (
	"crypto/rand"
	"fmt"
	"slices"
	"testing"
	"time"

	"letterlock/client"
	"letterlock/wire"
)

// Envelopes that were damaged on the way are said to be unopenable, once, do
// not stand in the way, and come again in a new session.
func TestDamagedEnvelopesAreAskedForAgain(t *testing.T) {
	w := newWorld(t)
	a, b := w.person(alice), w.person(bob)
	a.send(b, "whole")
	a.flush()
	b.drain()
	b.send(a, "answer")
	b.flush()
	settle(a, b)
	for _, text := range []string{"damaged 1", "damaged 2"} {
		a.send(b, text)
	}
	a.flush()
	w.carrier.Tamper(bob)
	a.send(b, "behind them")
	a.flush()
	b.drain()
	w.carrier.Repeat(bob)
	if got := b.texts(); !slices.Contains(got, "behind them") {
		t.Fatalf("the damaged ones block the queue: %q", got)
	}
	if n := len(b.journal(client.Unopened)); n != 2 {
		t.Fatalf("%d said to be unopenable, want 2", n)
	}
	settle(b, a)
	// The bytes that came were not those that were sent, so the digests find
	// nothing: the person knows, and the session is a new one that works.
	a.send(b, "afterwards")
	a.flush()
	settle(b, a)
	b.got("whole", "behind them", "afterwards")
	if w.carrier.Waiting(bob) != 0 {
		t.Fatal("something is not acknowledged")
	}
}

// A device that lost its sessions (a restored disk, say) cannot open what was
// sealed in them; it asks, and every message arrives after all, once.
func TestLostSessionsAreRepaired(t *testing.T) {
	w := newWorld(t)
	a, b := w.person(alice), w.person(bob)
	a.send(b, "before")
	a.flush()
	b.drain()
	b.send(a, "yes")
	b.flush()
	settle(a, b)
	lost := numbered("lost %d", 5)
	for _, text := range lost {
		a.send(b, text)
	}
	a.flush()
	drop(b.store, client.BucketSession)
	settle(b, a, b)
	b.got(append(lost, "before")...)
	if n := len(b.journal(client.Unopened)); n != len(lost) {
		t.Fatalf("%d said to be unopenable", n)
	}
	w.carrier.Repeat(bob)
	settle(b, a)
	b.send(a, "all there")
	b.flush()
	settle(a, b)
	a.got("yes", "all there")
	b.got(append(lost, "before")...)
	a.whole()
}

// distinct counts envelopes; one whose answer was cut off is sent again as it
// was, which is the same one.
func distinct(sent []wire.Send) int {
	seen := map[string]bool{}
	for _, s := range sent {
		seen[string(s.Body)] = true
	}
	return len(seen)
}

// Whoever floods a device with envelopes that do not open makes it neither
// send much nor lose anything.
func TestAFloodOfGarbageIsBounded(t *testing.T) {
	w := newWorld(t)
	a, b := w.person(alice), w.person(bob)
	a.send(b, "before")
	a.flush()
	b.drain()
	taken := distinct(w.carrier.Taken())
	for i := range 60 {
		body := make([]byte, 60+i)
		rand.Read(body)
		body[0] = 0x44
		from := wire.At(accountOf(a), 1)
		if i%2 == 1 {
			from = wire.At(wire.NewAccountID(), 1)
		}
		w.carrier.Inject(bob, wire.Letter{From: from, Kind: wire.EnvelopeKind(2 + i%3/2), Body: body})
	}
	for _, l := range []wire.Letter{
		{From: wire.At(accountOf(a), 1), Kind: 77, Body: []byte("a kind that does not exist")},
		{Kind: wire.KindMessage, Body: []byte("from nobody")},
		{From: wire.At(accountOf(a), 0), Kind: wire.KindMessage},
		{From: wire.At(accountOf(a), 200), Kind: wire.KindMessage, Body: []byte{0x44}},
	} {
		w.carrier.Inject(bob, l)
	}
	b.drain()
	w.carrier.Cut(bob)
	b.drain()
	if n := w.carrier.Waiting(bob); n != 0 {
		t.Fatalf("%d block the queue", n)
	}
	if n := len(b.journal(client.Unopened)); n != 64 {
		t.Fatalf("%d said to be unopenable, want 64: %s", n, joined(b.journal(client.Unopened)))
	}
	if n := distinct(w.carrier.Taken()) - taken; n > 1 {
		t.Fatalf("Bob's device sent %d envelopes because of it", n)
	}
	// More of it within the hour makes it send nothing more; after the hour, one.
	for _, step := range []struct {
		pass time.Duration
		most int
	}{{10 * time.Minute, 1}, {10 * time.Minute, 1}, {time.Hour, 2}} {
		w.clock.Advance(step.pass)
		body := make([]byte, 80)
		rand.Read(body)
		w.carrier.Inject(bob, wire.Letter{From: wire.At(accountOf(a), 1), Kind: wire.KindMessage, Body: body})
		b.drain()
		b.flush()
		if n := distinct(w.carrier.Taken()) - taken; n != step.most {
			t.Fatalf("Bob's device sent %d envelopes because of it, want %d", n, step.most)
		}
	}
	a.send(b, "through it all")
	a.flush()
	settle(b, a)
	b.got("before", "through it all")
}

func TestRowsThatDoNotOpenAreSaidOnce(t *testing.T) {
	w := newWorld(t)
	b := w.person(bob)
	run := make(chan error)
	ctx := limit(t)
	go func() {
		run <- b.Run(ctx, client.Run{Until: func(p client.Progress) bool {
			all, _ := b.Journal(ctx, client.Unopened)
			return len(all) == 1
		}})
	}()
	for range 3 {
		for w.carrier.Account(bob).IsZero() {
			time.Sleep(time.Millisecond)
		}
		w.carrier.InjectRow(bob, []byte("\x01 this is no row of anybody's mailbox at all, is it?"))
	}
	// a row may have come before the connection: then it comes now
	for {
		select {
		case err := <-run:
			if err != nil {
				t.Fatal(err)
			}
			if n := len(b.journal(client.Unopened)); n != 1 {
				t.Fatalf("%d entries", n)
			}
			return
		case <-time.After(5 * time.Millisecond):
			w.carrier.InjectRow(bob, []byte("\x01 this is no row of anybody's mailbox at all, is it?"))
		}
	}
}

func TestOneTimeKeysAreRefilled(t *testing.T) {
	w := newWorld(t)
	b := w.person(bob)
	w.carrier.Spend(bob, 3)
	var people []*person
	for i := range 5 { // two of them get no one-time key of either kind
		p := w.person(fmt.Sprintf("+4416329610%02d", i))
		p.send(b, fmt.Sprint("from ", i))
		p.flush()
		people = append(people, p)
	}
	b.drain()
	b.drain()
	b.got("from 0", "from 1", "from 2", "from 3", "from 4")
	if curve, kyber, _, _ := w.carrier.Keys(bob); curve != 100 || kyber != 100 {
		t.Fatalf("%d and %d keys", curve, kyber)
	}
	for _, p := range people {
		b.send(p, "back")
	}
	b.flush()
	for _, p := range people {
		p.drain()
		p.got("back")
		p.whole()
	}
}

func TestSignedKeysLiveAWeekAndOpenForSixMore(t *testing.T) {
	w := newWorld(t)
	a, b := w.person(alice), w.person(bob)
	_, _, signed, last := w.carrier.Keys(bob)
	a.send(b, "sealed to the first keys")
	a.flush()
	b.drain() // the session is there; the next one is another person's
	c := w.person(carol)
	c.send(b, "also to the first keys")
	c.flush()

	w.clock.Advance(6 * 24 * time.Hour)
	d := w.person("+441632960009")
	d.send(b, "on the sixth day")
	d.flush()
	b.drain()
	if _, _, s, l := w.carrier.Keys(bob); s != signed || l != last {
		t.Fatal("renewed before the week was over")
	}
	w.clock.Advance(2 * 24 * time.Hour)
	b.drain()
	_, _, s, l := w.carrier.Keys(bob)
	if s == signed || l == last {
		t.Fatal("not renewed after a week")
	}
	b.got("sealed to the first keys", "also to the first keys", "on the sixth day")
	count := func() (n int) {
		b.must(b.store.View(bg, func(tx client.Tx) error {
			all, err := tx.List(client.BucketPreKey, client.Range{Prefix: []byte("s")})
			n = len(all)
			return err
		}))
		return n
	}
	if count() != 2 {
		t.Fatalf("%d signed keys are kept, want the present and the former", count())
	}
	for range 10 {
		w.clock.Advance(7 * 24 * time.Hour)
		b.drain()
	}
	if n := count(); n < 6 || n > 9 {
		t.Fatalf("%d signed keys are kept after ten weeks, want those of 45 days", n)
	}
	a.send(b, "ten weeks later")
	a.flush()
	b.drain()
	if got := b.texts(); !slices.Contains(got, "ten weeks later") {
		t.Fatalf("%q", got)
	}
}

// A session set-up that comes again, after the session is gone, is refused: the
// record of Kyber use is all that stops it where no one-time key was used.
func TestAReplayedSetUpIsRefused(t *testing.T) {
	w := newWorld(t)
	a, b := w.person(alice), w.person(bob)
	w.carrier.Spend(bob, 0)
	a.send(b, "pay ten pounds")
	a.flush()
	b.drain()
	first := w.carrier.Taken()[0]
	drop(b.store, client.BucketSession)
	drop(b.store, client.BucketGot) // even without the digests
	drop(b.store, client.BucketSeen)
	w.carrier.Inject(bob, wire.Letter{From: wire.At(accountOf(a), 1), Kind: first.Kind, Body: first.Body})
	b.drain()
	b.got("pay ten pounds")
	if len(b.journal(client.Unopened)) != 1 {
		t.Fatalf("%s", joined(b.journal()))
	}
}

// Marks are forgotten when they can no longer matter, and not before.
func TestOldMarksAreForgotten(t *testing.T) {
	w := newWorld(t)
	a, b := w.person(alice), w.person(bob)
	a.send(b, "hello")
	a.flush()
	b.drain()
	count := func(p *person, bucket client.Bucket) (n int) {
		p.must(p.store.View(bg, func(tx client.Tx) error {
			all, err := tx.List(bucket, client.Range{})
			n = len(all)
			return err
		}))
		return n
	}
	for _, step := range []struct {
		days, sent, got int
	}{{0, 1, 1}, {40, 1, 1}, {6, 0, 1}, {15, 0, 0}} {
		w.clock.Advance(time.Duration(step.days) * 24 * time.Hour)
		a.drain()
		b.drain()
		if s, g := count(a, client.BucketSent), count(b, client.BucketGot); s != step.sent || g != step.got {
			t.Fatalf("after %d more days %d marks of sent and %d of received envelopes, want %d and %d", step.days, s, g, step.sent, step.got)
		}
	}
	b.got("hello")
}
