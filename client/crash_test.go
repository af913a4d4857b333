package client_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"letterlock/client"
	"letterlock/client/keystoretest"
)

// life is one scenario in which the program of one person is killed at its
// n-th step, started again on what the store then holds, and left alone. It
// reports whether the kill struck: if not, every step has been tried.
func life(t *testing.T, kill int, scenario func(ctx context.Context, p *person) error, w *world, p *person, m *mortal) (struck bool) {
	t.Helper()
	m.revive(kill)
	p.start()
	err := scenario(limit(t), p)
	m.mu.Lock()
	struck = m.dead
	m.mu.Unlock()
	if struck != (err != nil) || (err != nil && !errors.Is(err, errKilled)) {
		t.Fatalf("kill at step %d: struck %v, but %v", kill, struck, err)
	}
	w.carrier.Cut(p.phone)
	m.revive(-1)
	p.start()
	return struck
}

// everyStep runs a scenario once for each step at which it can be killed.
func everyStep(t *testing.T, try func(t *testing.T, kill int) (struck bool)) {
	stride := 1
	if testing.Short() { // the race detector's round: every seventh step
		stride = 7
	}
	for kill := 0; ; kill += stride {
		if !try(t, kill) {
			t.Logf("killed at each of %d steps, in strides of %d", kill, stride)
			if kill < 10 {
				t.Fatal("that is too few: the kills do not strike")
			}
			return
		}
		if t.Failed() {
			t.Fatalf("at step %d", kill)
		}
	}
}

func TestKilledAnywhereWhileReceiving(t *testing.T) {
	want := []string{"first", "second", "third"}
	everyStep(t, func(t *testing.T, kill int) bool {
		w := newWorld(t)
		m := &mortal{KeyStore: keystoretest.NewMemory(), left: -1}
		a, b := w.person(alice), w.personOn(bob, m)
		for _, text := range want {
			a.send(b, text)
		}
		a.flush()
		struck := life(t, kill, func(ctx context.Context, p *person) error { return p.Drain(ctx) }, w, b, m)
		b.drain()
		b.got(want...)
		b.whole()
		// the ratchet is whole too: both directions still work
		b.send(a, "answer")
		b.flush()
		settle(a, b)
		a.got("answer")
		a.whole()
		return struck
	})
}

func TestKilledAnywhereWhileSending(t *testing.T) {
	everyStep(t, func(t *testing.T, kill int) bool {
		w := newWorld(t)
		m := &mortal{KeyStore: keystoretest.NewMemory(), left: -1}
		a, b := w.personOn(alice, m), w.person(bob)
		accepted := 0
		struck := life(t, kill, func(ctx context.Context, p *person) error {
			for i := range 2 {
				if _, err := p.Send(ctx, bob, fmt.Sprint("message ", i)); err != nil {
					return err
				}
				accepted++
			}
			return p.Flush(ctx)
		}, w, a, m)
		a.flush()
		b.drain()
		// What Send accepted arrives once. The one during which the program died
		// may be in or not, but not by half.
		got := b.texts()
		if len(got) < accepted || len(got) > accepted+1 || len(got) != len(a.journal(client.Outgoing)) {
			t.Fatalf("kill at step %d: %d accepted, %d in the sender's journal, got %q", kill, accepted, len(a.journal(client.Outgoing)), got)
		}
		a.whole()
		b.whole()
		a.send(b, "after")
		a.flush()
		settle(b, a)
		b.got(append(got, "after")...)
		return struck
	})
}

// Both in one run, as a chat does.
func TestKilledAnywhereWhileAnswering(t *testing.T) {
	everyStep(t, func(t *testing.T, kill int) bool {
		w := newWorld(t)
		m := &mortal{KeyStore: keystoretest.NewMemory(), left: -1}
		a, b := w.person(alice), w.personOn(bob, m)
		a.send(b, "question")
		a.flush()
		struck := life(t, kill, func(ctx context.Context, p *person) error {
			if err := p.Drain(ctx); err != nil {
				return err
			}
			if _, err := p.Send(ctx, alice, "answer"); err != nil {
				return err
			}
			return p.Flush(ctx)
		}, w, b, m)
		settle(b, a)
		b.got("question")
		if n := len(b.journal(client.Outgoing)); n != len(a.texts()) {
			t.Fatalf("kill at step %d: %d answers written, %q arrived", kill, n, a.texts())
		}
		a.whole()
		b.whole()
		return struck
	})
}

func TestKilledAnywhereWhileRenewingKeys(t *testing.T) {
	everyStep(t, func(t *testing.T, kill int) bool {
		w := newWorld(t)
		m := &mortal{KeyStore: keystoretest.NewMemory(), left: -1}
		a, b := w.person(alice), w.personOn(bob, m)
		w.carrier.Spend(bob, 97) // few keys to make, so that the test stays quick
		w.clock.Advance(8 * 24 * 3600e9)
		struck := life(t, kill, func(ctx context.Context, p *person) error { return p.Refill(ctx) }, w, b, m)
		b.must(b.Refill(bg))
		a.send(b, "with whichever keys the carrier has")
		a.flush()
		b.drain()
		b.got("with whichever keys the carrier has")
		b.whole()
		return struck
	})
}
