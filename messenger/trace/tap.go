package trace

import (
	"context"
	"fmt"
	"sync"
	"time"

	d "letterlock/disclosable"
	"letterlock/internal/fault"
	"letterlock/messenger"
)

// tap is one trace in memory. Its lock is a leaf and is held for a few
// instructions: who is traced must not feel it.
type tap struct {
	t     *Tracer
	began time.Time // of this run of the program; measures what has elapsed

	mu     sync.Mutex
	row    Row
	events []d.TraceEvent // seen and not sealed yet
	lost   uint64         // that found no room
	since  int64
	over   bool
	told   bool // the ledger has the end

	write  sync.Mutex // one writer; guards what follows
	ready  []Event    // sealed and not stored yet
	next   uint64     // number of the next event
	marked time.Time  // up to when the store has seen the clock
	stored bool       // the end is on disk
}

func newTap(t *Tracer, r Row, now time.Time) *tap {
	return &tap{t: t, row: r, began: now, next: r.Last + 1}
}

func (p *tap) ended() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.over
}

// finished says why a trace must not run now: its end by the wall clock or by
// what has elapsed, whichever is earlier, or a clock that went back.
func (p *tap) finished(now time.Time) string {
	switch {
	case !now.Before(p.row.End), now.Sub(p.began) >= p.row.End.Sub(p.began.Round(0)):
		return messenger.TraceOver
	case now.Before(p.row.Seen.Add(-skew)), now.Before(p.row.Start.Add(-skew)):
		return messenger.TraceClock
	}
	return ""
}

// see keeps an event in memory; true: the writer should come soon.
func (p *tap) see(e d.TraceEvent, at time.Time) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over || !at.Before(p.row.End) || p.finished(at) != "" {
		return false
	}
	if at.After(p.row.Seen) {
		p.row.Seen = at.Round(0)
	}
	if len(p.events) >= p.t.Buffer {
		if p.lost == 0 {
			p.since = e.At
		}
		p.lost++
		return true
	}
	p.events = append(p.events, e)
	return len(p.events) == p.t.Buffer/2
}

func (p *tap) gap(e d.TraceEvent) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.events = append(p.events, e)
}

// end stops the trace in memory, first of all, and records it.
func (p *tap) end(now time.Time, reason string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.over {
		return
	}
	p.over, p.row.Stopped, p.row.Reason = true, now, reason
}

// take hands over what was seen.
func (p *tap) take(now time.Time) (events []d.TraceEvent, seen time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	events, p.events = p.events, nil
	if p.lost > 0 {
		events = append(events, d.TraceEvent{At: now.UnixMilli(), Kind: d.TracedGap, Since: p.since, Lost: p.lost, Why: "more came than could be written"})
		p.lost = 0
	}
	if !p.over && now.After(p.row.Seen) {
		p.row.Seen = now.Round(0)
	}
	return events, p.row.Seen
}

// settle seals and stores what was seen, and ends the trace if it is due.
func (p *tap) settle(ctx context.Context, now time.Time) error {
	p.write.Lock()
	defer p.write.Unlock()
	if p.stored {
		return nil
	}
	if why := p.due(now); why != "" {
		p.end(now, why)
	}
	if len(p.ready) == 0 { // what could not be stored is tried first, and the rest waits in its bounds
		if err := p.seal(now); err != nil {
			return err
		}
	}
	if err := p.put(ctx); err != nil {
		p.tell()
		return err
	}
	return p.close(ctx)
}

func (p *tap) due(now time.Time) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if why := p.finished(now); why != "" {
		return why
	}
	if p.next-1-p.row.Taken >= p.t.Waiting || now.Sub(p.row.Fetched) > Unfetched {
		return messenger.TraceUnfetched
	}
	return ""
}

func (p *tap) seal(now time.Time) error {
	events, _ := p.take(now)
	for _, e := range events {
		e.Seq = p.next
		b, err := e.Seal(p.row.Key, p.row.Grant)
		if err != nil {
			return fmt.Errorf("seal: %w", err)
		}
		p.ready = append(p.ready, Event{Seq: p.next, Sealed: b})
		p.next++
	}
	return nil
}

// markEvery is how often an idle trace notes that the clock moved on.
const markEvery = time.Minute

func (p *tap) put(ctx context.Context) error {
	p.mu.Lock()
	seen, grant := p.row.Seen.Truncate(markEvery), p.row.Grant // no finer: the row must not tell when an event came
	p.mu.Unlock()
	if len(p.ready) == 0 && seen.Before(p.marked.Add(markEvery)) {
		return nil
	}
	if err := p.t.store(p.row.Vault).AddTraced(ctx, grant, p.ready, seen); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	p.ready, p.marked = nil, seen
	p.mu.Lock()
	p.row.Last = p.next - 1
	p.mu.Unlock()
	return nil
}

// tell brings the end to the ledger, once.
func (p *tap) tell() {
	p.mu.Lock()
	if !p.over || p.told {
		p.mu.Unlock()
		return
	}
	p.told = true
	e := messenger.TraceEnd{Grant: p.row.Grant, Vault: p.row.Vault, At: p.row.Stopped, Reason: p.row.Reason, Count: p.next - 1}
	p.mu.Unlock()
	p.t.Ended(e)
}

// close writes the end, after everything before it was written.
func (p *tap) close(ctx context.Context) error {
	if !p.ended() {
		return nil
	}
	p.tell()
	p.mu.Lock()
	r := p.row
	p.mu.Unlock()
	if err := p.t.store(r.Vault).EndTrace(ctx, r.Grant, r.Stopped, r.Reason); err != nil {
		return fmt.Errorf("end: %w", err)
	}
	p.stored = true
	return nil
}

func (p *tap) collect(ctx context.Context, after uint64) (messenger.TraceState, []Event, error) {
	p.write.Lock()
	defer p.write.Unlock()
	p.mu.Lock()
	r := p.row
	p.mu.Unlock()
	if after > r.Last || after < r.Taken {
		return messenger.TraceState{}, nil, fault.New(fault.Conflict, "collect trace", "this trace has events %d to %d; nothing else can be acknowledged", r.Taken+1, r.Last)
	}
	s, now := p.t.store(r.Vault), p.t.Clock.Now()
	if err := s.DropTraced(ctx, r.Grant, after, now); err != nil {
		return messenger.TraceState{}, nil, fmt.Errorf("erase what was collected: %w", err)
	}
	events, err := s.Traced(ctx, r.Grant, after, Batch)
	if err != nil {
		return messenger.TraceState{}, nil, fmt.Errorf("read trace: %w", err)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	// Only taking keeps a trace running: reading the same again and again does not.
	if after > p.row.Taken || r.Last == after {
		p.row.Fetched = now
	}
	p.row.Taken = after
	return p.row.TraceState, events, nil
}

func (p *tap) forgettable(now time.Time) bool {
	p.write.Lock()
	defer p.write.Unlock()
	return p.stored && now.Sub(p.row.Stopped) > Remember
}
