// Package trace records, for one account and until one end, who, when and from
// which address, on a grant that two people signed. Each event is sealed to
// the case's key, which this program cannot open with, before it touches a
// disk. It never sees content. For everybody else it is one look at a map that
// is almost always empty: nothing about them is written, kept or counted.
package trace

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	d "letterlock/disclosable"
	"letterlock/internal/clock"
	"letterlock/internal/fault"
	"letterlock/internal/note"
	"letterlock/messenger"
	"letterlock/wire"
)

// Row is a trace as it is stored.
type Row struct {
	messenger.TraceState
	Seen    time.Time // the latest time that the carrier's clock showed while it ran
	Fetched time.Time // when it was last collected, or started
}

// Event is a sealed event under its number.
type Event = messenger.Caught

// Store keeps traces. What is said to happen happens durably and in one
// transaction, or not at all. An unknown grant is a NotFound.
type Store interface {
	// AddTrace is a Conflict if the grant has a trace, or had one.
	AddTrace(ctx context.Context, r Row) error
	// Traces are all of them, ended ones too.
	Traces(ctx context.Context) ([]Row, error)
	// AddTraced stores events, and up to when the clock was seen.
	AddTraced(ctx context.Context, grant d.Hash, events []Event, seen time.Time) error
	// Traced are events above a number, in order.
	Traced(ctx context.Context, grant d.Hash, after uint64, limit int) ([]Event, error)
	// DropTraced erases events up to a number.
	DropTraced(ctx context.Context, grant d.Hash, upTo uint64, at time.Time) error
	// EndTrace ends it; again is no error.
	EndTrace(ctx context.Context, grant d.Hash, at time.Time, reason string) error
	// ForgetTraces removes what ended before, with events nobody collected.
	ForgetTraces(ctx context.Context, before time.Time) error
}

// Limits of what a trace may hold. Zero values mean the defaults.
const (
	Buffer    = 4096               // events in memory, not sealed yet
	Waiting   = 100_000            // sealed events that nobody has collected
	Unfetched = 7 * 24 * time.Hour // without a collection, a trace ends
	Remember  = 30 * 24 * time.Hour
	Batch     = 500 // events given at one time
	skew      = 2 * time.Minute
)

// Config is what a Tracer works with.
type Config struct {
	Store   Store
	Sealed  Store // of sealed matters; nil: none
	Clock   clock.Clock
	Every   time.Duration // between two writes; 0: a second
	Buffer  int           // 0: Buffer
	Waiting uint64        // 0: Waiting
	Ended   func(messenger.TraceEnd)
	Log     *slog.Logger
}

// Tracer runs the traces. It is safe for concurrent use; Run must be running
// for anything to be stored.
type Tracer struct {
	Config
	taps atomic.Pointer[map[wire.AccountID][]*tap] // nil: nobody is traced
	kick chan struct{}

	mu  sync.Mutex // changes of what follows, and of taps
	all map[d.Hash]*tap
}

// New makes a tracer that traces nobody. Call Resume before anything is carried.
func New(c Config) *Tracer {
	if c.Every == 0 {
		c.Every = time.Second
	}
	if c.Buffer == 0 {
		c.Buffer = Buffer
	}
	if c.Waiting == 0 {
		c.Waiting = Waiting
	}
	if c.Ended == nil {
		c.Ended = func(messenger.TraceEnd) {}
	}
	if c.Log == nil {
		c.Log = note.Discard()
	}
	return &Tracer{Config: c, kick: make(chan struct{}, 1), all: map[d.Hash]*tap{}}
}

// Envelope is told of each envelope that the carrier takes: the one look. It
// never blocks. Passed is false for an envelope that the recipient's block list
// drops: it was sent, and nobody received it.
func (t *Tracer) Envelope(from, to wire.AccountID, at time.Time, passed bool, own messenger.Located) {
	m := t.taps.Load()
	if m == nil || from == to {
		return
	}
	t.event(*m, d.TracedMessage, from, to, at, passed, own)
}

// Call is the same for a call.
func (t *Tracer) Call(from, to wire.AccountID, at time.Time, passed bool, own messenger.Located) {
	if m := t.taps.Load(); m != nil && from != to {
		t.event(*m, d.TracedCall, from, to, at, passed, own)
	}
}

func (t *Tracer) event(m map[wire.AccountID][]*tap, k d.TraceKind, from, to wire.AccountID, at time.Time, passed bool, own messenger.Located) {
	for _, p := range m[from] {
		e := d.TraceEvent{At: at.UnixMilli(), Kind: k, Sent: true, Other: d.Account(to)}
		if a := own.From(); a.IsValid() {
			e.IP = a.String()
		}
		t.see(p, e, at)
	}
	if !passed {
		return
	}
	for _, p := range m[to] {
		t.see(p, d.TraceEvent{At: at.UnixMilli(), Kind: k, Other: d.Account(from)}, at)
	}
}

func (t *Tracer) see(p *tap, e d.TraceEvent, at time.Time) {
	if p.see(e, at) {
		select {
		case t.kick <- struct{}{}:
		default:
		}
	}
}

// Start begins a trace now.
func (t *Tracer) Start(ctx context.Context, x messenger.Trace) error {
	s := t.store(x.Vault)
	if s == nil {
		return fault.New(fault.Unavailable, "start trace", "this carrier keeps no store for sealed matters, so it takes none")
	}
	now := t.Clock.Now()
	r := Row{TraceState: messenger.TraceState{Trace: x}, Seen: now, Fetched: now}
	if err := s.AddTrace(ctx, r); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.all[x.Grant] = newTap(t, r, now)
	t.publish()
	return nil
}

// publish rebuilds the map that the hot path looks at. It holds mu.
func (t *Tracer) publish() {
	m := map[wire.AccountID][]*tap{}
	for _, p := range t.all {
		if !p.ended() {
			m[p.row.Account] = append(m[p.row.Account], p)
		}
	}
	if len(m) == 0 {
		t.taps.Store(nil)
		return
	}
	t.taps.Store(&m)
}

func (t *Tracer) store(vault bool) Store {
	if vault {
		return t.Sealed
	}
	return t.Store
}

// Resume takes up what ran when the program ended, unless its time is over or
// the clock went back. Ended are traces that a ledger says have ended: after a
// restore the database may be older.
func (t *Tracer) Resume(ctx context.Context, ended map[d.Hash]string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, vault := range []bool{false, true} {
		s := t.store(vault)
		if s == nil {
			continue
		}
		rows, err := s.Traces(ctx)
		if err != nil {
			return fmt.Errorf("read traces: %w", err)
		}
		for _, r := range rows {
			r.Vault = vault
			t.resume(r, ended)
		}
	}
	t.publish()
	return nil
}

func (t *Tracer) resume(r Row, ended map[d.Hash]string) {
	now := t.Clock.Now()
	p := newTap(t, r, now)
	t.all[r.Grant] = p
	if !r.Stopped.IsZero() {
		p.over, p.stored = true, true
		return
	}
	if why, ok := ended[r.Grant]; ok { // the record is in the ledger already
		p.over, p.told, p.row.Stopped, p.row.Reason = true, true, now, why
		return
	}
	if why := p.finished(now); why != "" {
		p.end(now, why)
		return
	}
	p.gap(d.TraceEvent{At: now.UnixMilli(), Kind: d.TracedGap, Since: r.Seen.Add(-skew).UnixMilli(), Why: "the service was started again"})
}

// Stop ends a trace. It never waits for a store or a ledger.
func (t *Tracer) Stop(ctx context.Context, grant d.Hash, reason string) error {
	t.mu.Lock()
	p := t.all[grant]
	t.mu.Unlock()
	if p == nil {
		return unknown()
	}
	p.end(t.Clock.Now(), reason)
	t.settle(ctx)
	return nil
}

func unknown() error {
	return fault.New(fault.NotFound, "find trace", "no trace was started on this grant")
}

// Gone ends the traces of a deleted account.
func (t *Tracer) Gone(ctx context.Context, id wire.AccountID) {
	m := t.taps.Load()
	if m == nil || len((*m)[id]) == 0 {
		return
	}
	for _, p := range (*m)[id] {
		p.end(t.Clock.Now(), messenger.TraceDeleted)
	}
	t.settle(ctx)
}

// Collect erases what the desk has, up to after, and returns what follows.
func (t *Tracer) Collect(ctx context.Context, grant d.Hash, after uint64) (messenger.TraceState, []Event, error) {
	t.mu.Lock()
	p := t.all[grant]
	t.mu.Unlock()
	if p == nil {
		return messenger.TraceState{}, nil, unknown()
	}
	return p.collect(ctx, after)
}

// State tells how far a trace is.
func (t *Tracer) State(grant d.Hash) (messenger.TraceState, error) {
	t.mu.Lock()
	p := t.all[grant]
	t.mu.Unlock()
	if p == nil {
		return messenger.TraceState{}, unknown()
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.row.TraceState, nil
}

// settle writes what is in memory, ends what is due, and shows the hot path
// the traces that are left.
func (t *Tracer) settle(ctx context.Context) {
	t.mu.Lock()
	all := slices.Collect(maps.Values(t.all))
	t.mu.Unlock()
	now := t.Clock.Now()
	for _, p := range all {
		if err := p.settle(ctx, now); err != nil && ctx.Err() == nil {
			t.Log.Error("write a trace", "err", err)
		}
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for h, p := range t.all {
		if p.forgettable(now) {
			delete(t.all, h)
		}
	}
	t.publish()
}

// Run writes and ends until the context is over, and then once more.
func (t *Tracer) Run(ctx context.Context) {
	tick := time.NewTicker(t.Every)
	defer tick.Stop()
	for n := 0; ; n++ {
		select {
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			t.settle(last)
			return
		case <-tick.C:
		case <-t.kick:
		}
		t.settle(ctx)
		if n%3600 == 0 {
			t.forget(ctx)
		}
	}
}

func (t *Tracer) forget(ctx context.Context) {
	for _, s := range []Store{t.Store, t.Sealed} {
		if s == nil {
			continue
		}
		if err := s.ForgetTraces(ctx, t.Clock.Now().Add(-Remember)); err != nil && ctx.Err() == nil {
			t.Log.Error("forget ended traces", "err", err)
		}
	}
}
