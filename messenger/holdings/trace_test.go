package holdings_test

import (
	"context"
	"errors"
	"net/netip"
	"testing"
	"time"

	d "letterlock/disclosable"
	"letterlock/disclosable/door"
	"letterlock/internal/fault"
	"letterlock/messenger"
	"letterlock/messenger/trace"
	"letterlock/storage/storagetest"
	"letterlock/wire"
)

// traces is a world whose carrier traces.
type traces struct {
	*world
	tracer       *trace.Tracer
	db           storagetest.Carrier
	private, key []byte
}

func tracing(t *testing.T, c storagetest.Carrier) *traces {
	t.Helper()
	w := &traces{world: worldWith(t, c.Holdings()), db: c}
	var err error
	if w.private, w.key, err = d.NewTraceKey(); err != nil {
		t.Fatal(err)
	}
	w.restart()
	return w
}

// restart is the program anew on the same database and ledger.
func (w *traces) restart() {
	w.t.Helper()
	w.tracer = trace.New(trace.Config{Store: w.db.Traces(), Clock: w.clock, Ended: func(e messenger.TraceEnd) { w.TraceEnded(e) }})
	w.config.Tracer = w.tracer
	w.open()
	if err := w.Reconcile(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

func (w *traces) order(change ...func(*d.Grant)) d.Grant {
	now := w.clock.Now().Unix()
	return w.grant(append([]func(*d.Grant){func(g *d.Grant) {
		g.Kind, g.Process, g.Fields, g.Tap, g.From, g.Until = d.Trace, "us.order.pentrap", nil, w.key, now, now+30*86400
		g.Notice = d.NoticePlan{Timing: d.ToldWithheld, Day: now + 180*86400, Basis: "18 USC 3123(d)"}
	}}, change...)...)
}

func (w *traces) started(change ...func(*d.Grant)) d.Hash {
	w.t.Helper()
	h := w.propose(w.order(change...))
	w.sign(h, pair(false)...)
	if _, err := w.Trace(w.t.Context(), h); err != nil {
		w.t.Fatal(err)
	}
	return h
}

// settle has the writer write once.
func (w *traces) settle() {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	w.tracer.Run(ctx)
}

type from netip.Addr

func (f from) From() netip.Addr { return netip.Addr(f) }

var home = from(netip.MustParseAddr("192.0.2.77"))

func (w *traces) says(a, b wire.AccountID) { w.tracer.Envelope(a, b, w.clock.Now(), true, home) }

func (w *traces) collect(h d.Hash, after uint64) door.Catch {
	w.t.Helper()
	w.settle()
	c, err := w.Collect(w.t.Context(), door.Collect{Grant: h, After: after})
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

func TestTwoPeopleStartATraceThatOnlyTheCaseCanRead(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, c storagetest.Carrier) {
		w := tracing(t, c)
		w.says(w.alice, w.bob) // before it
		h := w.started()
		w.says(w.alice, w.bob)
		w.says(w.bob, w.alice)
		w.says(w.bob, wire.NewAccountID()) // of others
		got := w.collect(h, 0)
		if len(got.Events) != 2 || got.Traced.Last != 2 || !got.Traced.Stopped.IsZero() {
			t.Fatalf("%+v", got)
		}
		for i, e := range got.Events {
			o, err := d.OpenTraceEvent(w.private, h, e.Seq, e.Sealed)
			if err != nil || o.Other != d.Account(w.bob) || o.Sent != (i == 0) || (o.IP == "192.0.2.77") != o.Sent || o.At != start.UnixMilli() {
				t.Errorf("%+v, %v", o, err)
			}
		}
		if again := w.collect(h, 0); len(again.Events) != 2 {
			t.Errorf("what was not acknowledged is gone")
		}
		if rest := w.collect(h, 2); len(rest.Events) != 0 {
			t.Errorf("what was acknowledged is kept: %d", len(rest.Events))
		}
		if left, err := c.Traces().Traced(t.Context(), h, 0, 10); err != nil || len(left) != 0 {
			t.Errorf("%d events on disk (%v)", len(left), err)
		}
		if _, err := w.Trace(t.Context(), h); !fault.Is(err, fault.Conflict) {
			t.Errorf("a second start: %v", err)
		}
		if k := kinds(t, w.public); k["trace.started"] != 1 || k["trace.stopped"] != 0 {
			t.Errorf("%v", k)
		}
	})
}

// TestACapturedDeskCannotTrace is all that a desk in wrong hands can try.
func TestACapturedDeskCannotTrace(t *testing.T) {
	try := func(change ...func(*d.Grant)) func(w *traces) error {
		return func(w *traces) error {
			b, err := w.order(change...).Bytes()
			if err != nil {
				return err
			}
			p, err := w.Propose(w.t.Context(), b)
			if err != nil {
				return err
			}
			w.sign(p.Hash, pair(false)...)
			_, err = w.Trace(w.t.Context(), p.Hash)
			return err
		}
	}
	for name, attack := range map[string]func(w *traces) error{
		"nobody signed": func(w *traces) error { _, err := w.Trace(w.t.Context(), w.propose(w.order())); return err },
		"one signed": func(w *traces) error {
			h := w.propose(w.order())
			w.sign(h, "Ada Okafor")
			_, err := w.Trace(w.t.Context(), h)
			return err
		},
		"never proposed":       func(w *traces) error { _, err := w.Trace(w.t.Context(), d.GrantHash(w.bytes(w.order()))); return err },
		"sixty-one days":       try(func(g *d.Grant) { g.Until = g.From + 61*86400 }),
		"another account":      try(func(g *d.Grant) { g.Account = d.Account(w0(g)) }),
		"a subpoena":           try(func(g *d.Grant) { g.Process, g.LawRow = "us.subpoena.gj", d.Hash{} }),
		"an order for records": try(func(g *d.Grant) { g.Process = "us.order.2703d" }),
		"an emergency of three days": try(func(g *d.Grant) {
			g.Process, g.Until = "us.order.pentrap.emerg", g.From+3*86400
		}),
		"before its beginning": try(func(g *d.Grant) { g.From += 3600 }),
		"stored fields too":    try(func(g *d.Grant) { g.Fields = []d.FieldID{"name"} }),
		"no key":               try(func(g *d.Grant) { g.Tap = nil }),
		"a row of its own":     try(func(g *d.Grant) { g.LawRow = d.Hash{1} }),
		"a grant to produce":   func(w *traces) error { _, err := w.Trace(w.t.Context(), w.ready()); return err },
		"records by a trace": func(w *traces) error {
			h := w.propose(w.order())
			w.sign(h, pair(false)...)
			_, err := w.Redeem(w.t.Context(), h)
			return err
		},
		"another key after the signatures": func(w *traces) error {
			g := w.order()
			w.sign(w.propose(g), pair(false)...)
			_, g.Tap, _ = d.NewTraceKey()
			_, err := w.Trace(w.t.Context(), w.propose(g))
			return err
		},
		"another end after the signatures": func(w *traces) error {
			g := w.order()
			w.sign(w.propose(g), pair(false)...)
			g.Until += 86400
			_, err := w.Trace(w.t.Context(), w.propose(g))
			return err
		},
		"reading before it begins": func(w *traces) error {
			h := w.propose(w.order())
			w.sign(h, pair(false)...)
			_, err := w.Collect(w.t.Context(), door.Collect{Grant: h})
			return err
		},
		"acknowledging what was never there": func(w *traces) error {
			_, err := w.Collect(w.t.Context(), door.Collect{Grant: w.started(), After: 1 << 40})
			return err
		},
		"starting what was stopped": func(w *traces) error {
			h := w.started()
			if _, err := w.StopTrace(w.t.Context(), door.StopTrace{Grant: h, Reason: "x"}); err != nil {
				return nil
			}
			_, err := w.Trace(w.t.Context(), h)
			return err
		},
		"a stop without a reason": func(w *traces) error {
			_, err := w.StopTrace(w.t.Context(), door.StopTrace{Grant: w.started()})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := tracing(t, storagetest.SQLite(t))
			if err := attack(w); err == nil || fault.KindOf(err) == fault.Internal {
				t.Fatalf("came through, or failed for a reason of its own: %v", err)
			}
		})
	}
}

// w0 is somebody else's account.
func w0(*d.Grant) wire.AccountID { return wire.NewAccountID() }

func TestATraceEndsWhateverHappens(t *testing.T) {
	for name, c := range map[string]struct {
		do  func(w *traces, h d.Hash)
		why string
	}{
		"its time":            {func(w *traces, h d.Hash) { w.day(29, h); w.clock.Advance(24 * time.Hour) }, messenger.TraceOver},
		"its time, by night":  {func(w *traces, h d.Hash) { w.day(29, h); w.clock.Advance(24 * time.Hour); w.restart() }, messenger.TraceOver},
		"a clock that leaps":  {func(w *traces, h d.Hash) { w.clock.Advance(400 * 24 * time.Hour) }, messenger.TraceOver},
		"a clock that falls":  {func(w *traces, h d.Hash) { w.day(5, h); w.clock.Advance(-3 * 24 * time.Hour) }, messenger.TraceClock},
		"a fall while asleep": {func(w *traces, h d.Hash) { w.day(5, h); w.clock.Advance(-3 * 24 * time.Hour); w.restart() }, messenger.TraceClock},
		"the person leaves":   {func(w *traces, h d.Hash) { w.tracer.Gone(w.t.Context(), w.alice) }, messenger.TraceDeleted},
		"nobody collects":     {func(w *traces, h d.Hash) { w.clock.Advance(8 * 24 * time.Hour) }, messenger.TraceUnfetched},
		"the desk stops it": {func(w *traces, h d.Hash) {
			if _, err := w.StopTrace(w.t.Context(), door.StopTrace{Grant: h, Reason: "the request was withdrawn"}); err != nil {
				w.t.Error(err)
			}
		}, "the request was withdrawn"},
	} {
		t.Run(name, func(t *testing.T) {
			storagetest.Each(t, func(t *testing.T, db storagetest.Carrier) {
				w := tracing(t, db)
				h := w.started()
				w.says(w.alice, w.bob)
				c.do(w, h)
				w.says(w.alice, w.bob)
				w.settle()
				w.says(w.alice, w.bob)
				for range 2 { // and after a restart
					st, err := w.tracer.State(h)
					if err != nil || st.Stopped.IsZero() || st.Reason != c.why || st.Last > 2 {
						t.Fatalf("%+v, %v; want %q", st, err, c.why)
					}
					w.restart()
					w.clock.Set(start.Add(time.Hour)) // a clock put right, or wrong, brings nothing back
					w.says(w.alice, w.bob)
					w.settle()
				}
				if k := kinds(t, w.public); k["trace.stopped"] != 1 {
					t.Errorf("%v", k)
				}
			})
		})
	}
}

// day collects every day for some days, as a desk does.
func (w *traces) day(n int, h d.Hash) {
	for range n {
		w.clock.Advance(24 * time.Hour)
		w.collect(h, w.collect(h, 0+w.taken(h)).Traced.Last)
	}
}

func (w *traces) taken(h d.Hash) uint64 {
	st, err := w.tracer.State(h)
	if err != nil {
		w.t.Fatal(err)
	}
	return st.Taken
}

// TestOfATraceADiskSaysOnlyThatThereIsOne searches the engine's files while a
// trace runs: no counterparty, no address, and no one else at all.
func TestOfATraceADiskSaysOnlyThatThereIsOne(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, c storagetest.Carrier) {
		w := tracing(t, c)
		h := w.started()
		carol, dave := wire.NewAccountID(), wire.NewAccountID()
		for range 20 {
			w.says(w.alice, w.bob)
			w.says(carol, w.alice)
			w.says(carol, dave)
			w.settle()
		}
		if st, _ := w.tracer.State(h); st.Last != 40 {
			t.Fatalf("%d events", st.Last)
		}
		for name, needle := range map[string][]byte{"a counterparty": w.bob[:], "who wrote to the traced": carol[:], "somebody untraced": dave[:],
			"in words": []byte(d.Account(w.bob).String()), "an address": []byte("192.0.2.77")} {
			if n := c.Find(t, needle); n != 0 {
				t.Errorf("%s is on the disk %d times", name, n)
			}
		}
		if c.Find(t, w.alice[:]) == 0 {
			t.Error("the search does not find the traced account itself")
		}
		if left, err := c.Traces().Traced(t.Context(), h, 0, 100); err != nil || len(left) != 40 || len(left[0].Sealed) != d.SealedEventSize {
			t.Errorf("%d rows, %v", len(left), err)
		}
	})
}

func TestNoTraceComesBackFromABackup(t *testing.T) {
	w := tracing(t, storagetest.SQLite(t))
	h := w.started()
	w.db = storagetest.SQLite(t) // a database without it: backups leave it out
	w.config.Store = w.db.Holdings()
	w.restart()
	w.says(w.alice, w.bob)
	if _, err := w.tracer.State(h); !fault.Is(err, fault.NotFound) {
		t.Errorf("it runs: %v", err)
	}
	if k := kinds(t, w.public); k["trace.stopped"] != 1 {
		t.Errorf("its end is not in the ledger: %v", k)
	}
	w.restart()
	if k := kinds(t, w.public); k["trace.stopped"] != 1 {
		t.Errorf("its end is in the ledger again: %v", k)
	}
}

// unwritable is a store that cannot write.
type unwritable struct {
	trace.Store
	fail bool
}

func (b *unwritable) AddTraced(ctx context.Context, h d.Hash, e []trace.Event, at time.Time) error {
	if b.fail {
		return errors.New("the disk is full")
	}
	return b.Store.AddTraced(ctx, h, e, at)
}

func TestWhatCannotBeWrittenIsAGapAndStopsNobody(t *testing.T) {
	w := tracing(t, storagetest.SQLite(t))
	s := &unwritable{Store: w.db.Traces(), fail: true}
	w.tracer = trace.New(trace.Config{Store: s, Clock: w.clock, Buffer: 10, Ended: func(e messenger.TraceEnd) { w.TraceEnded(e) }})
	w.config.Tracer = w.tracer
	w.open()
	h := w.started()
	for range 25 {
		w.says(w.alice, w.bob)
	}
	w.settle()
	s.fail = false
	got := w.collect(h, 0)
	var gap d.TraceEvent
	for _, e := range got.Events {
		o, err := d.OpenTraceEvent(w.private, h, e.Seq, e.Sealed)
		if err != nil {
			t.Fatal(err)
		}
		if o.Kind == d.TracedGap {
			gap = o
		}
	}
	if len(got.Events) != 11 || gap.Lost != 15 || gap.Since == 0 {
		t.Errorf("%d events, %+v", len(got.Events), gap)
	}
	s.fail = true // a stop does not wait for a disk
	if _, err := w.StopTrace(t.Context(), door.StopTrace{Grant: h, Reason: "enough"}); err != nil {
		t.Error(err)
	}
	w.says(w.alice, w.bob)
	if st, _ := w.tracer.State(h); st.Stopped.IsZero() || kinds(t, w.public)["trace.stopped"] != 1 {
		t.Errorf("%+v", st)
	}
}
