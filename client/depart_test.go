package client_test

import (
	"context"
	"testing"
	"time"

	"letterlock/client"
	"letterlock/internal/fault"
)

// When Depart returns, the carrier has what was written before: the program may
// end at once.
func TestDepartReturnsWhenTheCarrierHasIt(t *testing.T) {
	w := newWorld(t)
	a, b := w.met()
	e, err := a.SendPlace(bg, bob, lisbon, time.Hour, client.Words{})
	a.must(err)
	settle(a, b)
	a.here()
	a.must(a.Depart(limit(t))) // there is nothing
	w.clock.Advance(time.Second)
	a.must(a.EndPlace(bg, e.Seq))
	a.send(b, "and good night")
	a.must(a.Depart(limit(t)))
	if n := w.carrier.Waiting(bob); n != 2 {
		t.Errorf("%d envelopes are at the carrier, want the end of the place and the text", n)
	}
	if e := a.last(client.Outgoing); e.State != client.Sent {
		t.Errorf("the text is %s after Depart", e.State)
	}
	b.drain()
	for _, e := range b.journal(client.Incoming) {
		if e.Place != nil && !e.Place.Ended {
			t.Errorf("Bob sees %+v", e.Place)
		}
	}
}

// What could not leave stays in the store and goes with the next start.
func TestWhatCouldNotLeaveGoesAtTheNextStart(t *testing.T) {
	w := newWorld(t)
	a, b := w.met()
	settle(a, b)
	a.send(b, "written without a network")
	ctx, cancel := context.WithTimeout(bg, 20*time.Millisecond)
	defer cancel()
	if err := a.Depart(ctx); !fault.Is(err, fault.Unavailable) {
		t.Fatalf("nothing was connected, and Depart says %v", err)
	}
	if e := a.last(client.Outgoing); e.State != client.Waiting || w.carrier.Waiting(bob) != 0 {
		t.Fatalf("it is %s, and %d wait at the carrier", e.State, w.carrier.Waiting(bob))
	}
	a.start()
	a.flush()
	b.drain()
	b.got("hello", "written without a network")
}

// What waits for the person's word, or was put off, is not waited for.
func TestDepartDoesNotWaitForWhatIsHeld(t *testing.T) {
	w := newWorld(t)
	a, b := w.met()
	settle(a, b)
	w.person(carol)
	w.carrier.Replace(bob, carol)
	drop(a.store, client.BucketSession)
	a.send(b, "to whom?")
	a.here()
	a.until(func() bool { return a.last(client.Outgoing).State == client.Held })
	a.must(a.Depart(limit(t)))
}
