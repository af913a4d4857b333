package client_test

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"letterlock/client"
	"letterlock/client/carriertest"
	"letterlock/wire"
)

// here keeps a person connected until the test ends. Their pauses last until
// then: no beat comes by itself.
func (p *person) here() {
	p.t.Helper()
	p.saw = make(chan client.Sign, 100)
	p.wait = func(ctx context.Context, _ time.Duration) error { <-ctx.Done(); return ctx.Err() }
	ctx, cancel := context.WithCancel(bg)
	ended := make(chan error, 1)
	go func() { ended <- p.Run(ctx, client.Run{}) }()
	p.until(func() bool { return p.carrier.Connected(p.phone) })
	p.t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			p.t.Errorf("%s: %v", p.phone, err)
		}
	})
}

// sees waits for the next sign.
func (p *person) sees(from *person, what client.SignKind) {
	p.t.Helper()
	select {
	case g := <-p.saw:
		if g.Peer != accountOf(from) || g.What != what {
			p.t.Fatalf("%s saw %+v, want %s of %s", p.phone, g, what, from.phone)
		}
	case <-limit(p.t).Done():
		p.t.Fatalf("%s saw nothing, want %s of %s", p.phone, what, from.phone)
	}
}

// settled waits until the signs given so far were shown or dropped.
func (p *person) settled() { p.t.Helper(); p.Away(limit(p.t)) }

// hears sends a message over and waits until it is there: what was shown before
// it would be there too.
func (p *person) hears(from *person, text string) {
	p.t.Helper()
	from.send(p, text)
	p.until(func() bool {
		all, err := p.Journal(bg, client.Incoming)
		return err == nil && len(all) > 0 && all[len(all)-1].Text == text
	})
}

func (p *person) until(f func() bool) {
	p.t.Helper()
	for ctx := limit(p.t); !f(); time.Sleep(time.Millisecond) {
		if ctx.Err() != nil {
			p.t.Fatalf("%s: it did not come to be", p.phone)
		}
	}
}

func (p *person) nothing(why string) {
	p.t.Helper()
	if len(p.saw) > 0 {
		p.t.Fatalf("%s: %s saw %+v", why, p.phone, <-p.saw)
	}
}

// met are two people who have written to each other.
func (w *world) met() (a, b *person) {
	w.t.Helper()
	a, b = w.person(alice), w.person(bob)
	a.send(b, "hello")
	a.flush()
	settle(a, b)
	b.send(a, "hello")
	settle(a, b)
	return a, b
}

func TestWritingIsShownToWhoIsHere(t *testing.T) {
	w := newWorld(t)
	a, b := w.met()
	a.here()
	b.here()
	a.hears(b, "are you there?")
	b.hears(a, "yes")
	rows := w.carrier.Taken()
	a.Writing(accountOf(b), true)
	b.sees(a, client.IsWriting)
	a.Writing(accountOf(b), false)
	b.sees(a, client.HasStopped)
	for _, s := range w.carrier.Taken()[len(rows):] {
		if s.To.Account == accountOf(b) && s.Kind != wire.KindMessage {
			t.Fatalf("a sign went as %+v", s)
		}
	}
	if n := len(b.journal(client.Unknown, client.Unopened)); n != 0 {
		t.Fatalf("signs left %d entries", n)
	}
	if _, last, err := b.Near(bg, accountOf(a)); err != nil || !last.IsZero() {
		t.Fatalf("who does not show that they are here sees %v of others (%v)", last, err)
	}
	b.hears(a, "messages still open after signs")
	a.hears(b, "and so do answers")
}

func TestWritingIsShownToNobodyElse(t *testing.T) {
	w := newWorld(t)
	a, b := w.met()
	c := w.person(carol)
	c.send(a, "a stranger")
	c.flush()
	settle(a, c)
	w.clock.Advance(time.Hour)
	for _, p := range []*person{a, b, c} {
		p.here()
	}
	a.hears(c, "a stranger again")
	a.Writing(accountOf(c), true) // Alice never wrote to Carol
	a.Writing(accountOf(b), true) // nothing was heard of Bob lately
	a.settled()
	a.hears(b, "now you heard of me")
	a.must(a.Choose(bg, client.Choices{HideWriting: true}))
	a.Writing(accountOf(b), true)
	a.settled()
	a.must(a.Choose(bg, client.Choices{}))
	a.must(a.Block(bg, bob, false))
	a.Writing(accountOf(b), true)
	a.settled()
	a.must(a.Block(bg, bob, true))
	b.hears(a, "the end")
	b.nothing("what was not to be shown")
	c.nothing("a stranger")
	if n := len(w.carrier.Hints()); n != 0 {
		t.Fatalf("%d hints went out", n)
	}
	b.must(b.Choose(bg, client.Choices{HideWriting: true}))
	a.Writing(accountOf(b), true)
	a.settled()
	b.hears(a, "who hides it does not see it")
	b.nothing("who hides it")
}

func TestBeingHereIsShownOnlyIfChosen(t *testing.T) {
	w := newWorld(t)
	a, b := w.met()
	c := w.person(carol)
	c.send(a, "I wrote to you, you never did")
	c.flush()
	settle(a, c)
	for _, p := range []*person{a, b, c} {
		p.must(p.Choose(bg, client.Choices{ShowOnline: true}))
	}
	b.here()
	c.here()
	a.here()
	b.sees(a, client.IsHere)
	a.sees(b, client.IsHere)
	here, _, err := a.Near(bg, accountOf(b))
	a.must(err)
	if !here {
		t.Fatal("Alice does not see Bob")
	}
	a.hears(b, "what was under way has arrived")
	b.hears(a, "and so it has here")
	w.clock.Advance(7 * time.Minute)
	if here, last, _ := a.Near(bg, accountOf(b)); here || last.IsZero() {
		t.Fatalf("without a word for seven minutes Bob is still here (%v, last %v)", here, last)
	}
	a.hears(b, "still here")
	ctx, cancel := context.WithTimeout(bg, 10*time.Second)
	defer cancel()
	b.Away(ctx)
	a.until(func() bool { return (<-a.saw).What == client.HasGoneAway })
	here, _, err = a.Near(bg, accountOf(b))
	a.must(err)
	if here {
		t.Fatal("Bob left and is still here")
	}
	b.Away(ctx)
	b.must(b.Choose(bg, client.Choices{}))
	a.until(func() bool { return (<-a.saw).What == client.HasGoneAway })
	c.nothing("somebody to whom nobody wrote")
}

// A carrier that plays with hints shows a false moment at most.
func TestACarrierCannotMakeMoreOfHints(t *testing.T) {
	w := newWorld(t)
	a, b := w.met()
	var turns atomic.Bool
	w.carrier.OnSend = func(_ wire.Address, s wire.Send) carriertest.Verdict {
		lose := turns.Load() && s.To.Account == accountOf(b)
		if lose {
			go w.carrier.Hint(alice, bob, s.Kind, s.Body)
		}
		return carriertest.Verdict{Lose: lose}
	}
	a.here()
	b.here()
	a.hears(b, "here")
	b.hears(a, "here too")
	a.Writing(accountOf(b), true)
	b.sees(a, client.IsWriting)
	h := w.carrier.Hints()[0]
	w.carrier.Hint(alice, bob, h.Kind, h.Body)                                                            // again
	w.carrier.Hint(alice, bob, h.Kind, append([]byte{}, h.Body[:20]...))                                  // cut
	w.carrier.Hint(alice, bob, wire.KindPreKeyMessage, h.Body)                                            // as something else
	w.carrier.Inject(bob, wire.Letter{From: wire.At(accountOf(a), 1), Kind: h.Kind, Body: h.Body, At: 1}) // as an envelope
	b.hears(a, "after all that")
	b.nothing("hints that are none")
	if all := b.journal(client.KeyChanged, client.Unknown); len(all) > 0 {
		t.Fatalf("hints left %s", joined(all))
	}

	turns.Store(true)
	a.send(b, "a message handed over as a hint")
	b.until(func() bool {
		all, err := b.Journal(bg, client.Incoming)
		return err == nil && all[len(all)-1].Text == "a message handed over as a hint"
	})
}
