package client_test

import (
	"testing"
	"time"

	"letterlock/client"
	"letterlock/internal/fault"
)

var (
	lisbon = client.Spot{Latitude: 387_223_000, Longitude: -91_393_000, Within: 20}
	sintra = client.Spot{Latitude: 388_029_000, Longitude: -93_817_000}
)

func TestAPlaceIsSentOnce(t *testing.T) {
	w := newWorld(t)
	a, b := w.met()
	_, err := a.SendPlace(bg, bob, lisbon, 0, client.Words{Text: "here"})
	a.must(err)
	settle(a, b)
	e := b.last(client.Incoming)
	if e.Text != "here" || e.Place == nil || e.Place.Spot != lisbon || e.Place.Live(e.Sent) {
		t.Fatalf("Bob got %+v, %+v", e, e.Place)
	}
	if err := a.MovePlace(bg, a.last(client.Outgoing).Seq, sintra); !fault.Is(err, fault.Conflict) {
		t.Fatalf("a place that was sent once moved: %v", err)
	}
	for _, bad := range []client.Spot{{Latitude: 900_000_001}, {Longitude: -1_800_000_001}} {
		if _, err := a.SendPlace(bg, bob, bad, 0, client.Words{}); !fault.Is(err, fault.Invalid) {
			t.Errorf("%+v: %v", bad, err)
		}
	}
	if _, err := a.SendPlace(bg, bob, lisbon, 9*time.Hour, client.Words{}); !fault.Is(err, fault.Invalid) {
		t.Errorf("nine hours: %v", err)
	}
}

// Who is here sees each step; who is away finds one every two minutes; and it
// ends by itself, or when the person says so.
func TestALivePlaceFollowsAndEnds(t *testing.T) {
	w := newWorld(t)
	a, b := w.met()
	e, err := a.SendPlace(bg, bob, lisbon, 15*time.Minute, client.Words{})
	a.must(err)
	settle(a, b)
	for range 5 { // Bob is away
		w.clock.Advance(30 * time.Second)
		a.must(a.MovePlace(bg, e.Seq, sintra))
	}
	a.flush()
	if n := w.carrier.Waiting(bob); n != 1 {
		t.Fatalf("%d envelopes wait for Bob, want one step", n)
	}
	settle(a, b)
	if got := b.last(client.Incoming).Place; got.Spot != sintra || !got.Live(w.clock.Now().UnixMilli()) {
		t.Fatalf("Bob sees %+v", got)
	}

	theirs := b.last(client.Incoming).Seq
	a.here()
	b.here()
	a.hears(b, "and now?")
	before := len(w.carrier.Taken())
	w.clock.Advance(time.Second)
	a.must(a.MovePlace(bg, e.Seq, lisbon))
	at := func() client.Place {
		now, _, err := b.Entry(bg, theirs)
		b.must(err)
		return *now.Place
	}
	b.until(func() bool { return at().Spot == lisbon })
	for _, s := range w.carrier.Taken()[before:] {
		if s.To.Account == accountOf(b) && len(w.carrier.Hints()) == 0 {
			t.Fatal("a step to who is here was kept")
		}
	}
	w.clock.Advance(time.Second)
	a.must(a.EndPlace(bg, e.Seq))
	b.until(func() bool { return at().Ended })
	if err := a.MovePlace(bg, e.Seq, sintra); !fault.Is(err, fault.Conflict) {
		t.Fatalf("it went on after its end: %v", err)
	}

	e, err = a.SendPlace(bg, bob, lisbon, time.Minute, client.Words{})
	a.must(err)
	w.clock.Advance(61 * time.Second)
	if err := a.MovePlace(bg, e.Seq, sintra); !fault.Is(err, fault.Conflict) {
		t.Fatalf("it went on after its time: %v", err)
	}
}

// A place moves by its author's word and nobody else's.
func TestNobodyMovesAnothersPlace(t *testing.T) {
	w := newWorld(t)
	a, b := w.met()
	e, err := a.SendPlace(bg, bob, lisbon, time.Hour, client.Words{})
	a.must(err)
	settle(a, b)
	theirs := b.last(client.Incoming)
	if err := b.MovePlace(bg, theirs.Seq, sintra); !fault.Is(err, fault.Conflict) {
		t.Fatalf("Bob moved Alice: %v", err)
	}
	b.must(b.Say(bg, accountOf(a), &client.StepBody{Target: e.ID, Spot: sintra}, w.clock.Now().UnixMilli()+1000))
	b.flush()
	settle(a, b)
	if now, _, _ := a.Entry(bg, e.Seq); now.Place.Spot != lisbon {
		t.Fatalf("Bob moved Alice to %+v", now.Place.Spot)
	}
}
