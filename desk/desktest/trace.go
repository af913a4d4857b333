package desktest

import (
	"context"
	"time"

	"letterlock/disclosable"
	"letterlock/disclosable/door"
	"letterlock/internal/fault"
	"letterlock/ledger"
)

// tapped is a trace at the fake carrier.
type tapped struct {
	traced door.Traced
	events []door.SealedEvent
}

// Trace is door.Door's.
func (d *Door) Trace(ctx context.Context, h disclosable.Hash) (door.Traced, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.Fail("before:trace"); err != nil {
		return door.Traced{}, err
	}
	s, receipt, err := d.use(ctx, h, disclosable.Trace)
	if err != nil {
		return door.Traced{}, err
	}
	if d.taps == nil {
		d.taps = map[disclosable.Hash]*tapped{}
	}
	t := door.Traced{Until: time.Unix(s.grant.Until, 0).UTC(), Entry: entryOf(receipt), Grant: disclosable.SignedGrant{Grant: s.bytes, Signatures: s.sigs}, Keys: s.keys}
	d.taps[h] = &tapped{traced: t}
	return t, d.Fail("after:trace")
}

// Spot is something seen of a traced account, as the real carrier seals it; false: it does not run.
func (d *Door) Spot(h disclosable.Hash, e disclosable.TraceEvent) (bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	t := d.taps[h]
	if t == nil || !d.running(t) {
		return false, nil
	}
	t.traced.Last++
	e.Seq = t.traced.Last
	b, err := e.Seal(d.grants[h].grant.Tap, h)
	t.events = append(t.events, door.SealedEvent{Seq: e.Seq, Sealed: b})
	return true, err
}

func (d *Door) running(t *tapped) bool {
	if t.traced.Stopped.IsZero() && !d.Clock.Now().Before(t.traced.Until) {
		d.stop(t, "its end has come")
	}
	return t.traced.Stopped.IsZero()
}

func (d *Door) stop(t *tapped, why string) {
	if t.traced.Stopped.IsZero() {
		t.traced.Stopped, t.traced.Reason = d.Clock.Now(), why
		d.Ledger.Journal(ledger.Record{Kind: "trace.stopped"})
	}
}

// Collect is door.Door's.
func (d *Door) Collect(_ context.Context, q door.Collect) (door.Catch, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.Fail("before:collect"); err != nil {
		return door.Catch{}, err
	}
	t := d.taps[q.Grant]
	if t == nil {
		return door.Catch{}, refused(fault.NotFound, "no trace was started on this grant")
	}
	d.running(t)
	for len(t.events) > 0 && t.events[0].Seq <= q.After {
		t.events = t.events[1:]
	}
	x := door.Catch{Traced: t.traced, Events: t.events[:min(500, len(t.events))]}
	x.Traced.Entry, x.Traced.Grant, x.Traced.Keys = nil, disclosable.SignedGrant{}, nil
	return x, d.Fail("after:collect")
}

// StopTrace is door.Door's.
func (d *Door) StopTrace(_ context.Context, q door.StopTrace) (door.Traced, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.Fail("before:stop-trace"); err != nil {
		return door.Traced{}, err
	}
	t := d.taps[q.Grant]
	if t == nil {
		return door.Traced{}, refused(fault.NotFound, "no trace was started on this grant")
	}
	d.stop(t, q.Reason)
	return t.traced, d.Fail("after:stop-trace")
}
