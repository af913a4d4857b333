package mailbox_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"testing"
	"time"

	d "letterlock/disclosable"
	"letterlock/messenger"
	"letterlock/messenger/mailbox"
	"letterlock/messenger/trace"
	"letterlock/storage/storagetest"
	"letterlock/wire"
)

// tapped is a set of mailboxes with one traced account, and what a fair
// witness would have noted about it.
type tapped struct {
	*post
	tracer       *trace.Tracer
	grant        d.Hash
	private, key []byte
	people       []*device
	end          time.Time
	running      bool
	want         []d.TraceEvent
	ended        int
	buffer       int
}

func (p *tapped) conf() trace.Config {
	return trace.Config{Store: p.db.Traces(), Clock: p.clock, Buffer: p.buffer, Ended: func(messenger.TraceEnd) { p.ended++ }}
}

func tap(t *testing.T, buffer int) *tapped {
	t.Helper()
	p := &tapped{grant: d.Hash{1, 2, 3}, running: true, buffer: buffer}
	var err error
	if p.private, p.key, err = d.NewTraceKey(); err != nil {
		t.Fatal(err)
	}
	db := storagetest.SQLite(t)
	p.post = newPost(t, db, func(c *mailbox.Config) { c.Tap = follows{p} })
	p.tracer = trace.New(p.conf())
	for range 5 {
		p.people = append(p.people, p.device().connect())
	}
	now := p.clock.Now()
	p.end = now.Add(48 * time.Hour)
	if err := p.tracer.Start(t.Context(), messenger.Trace{Grant: p.grant, Account: p.people[0].addr.Account, Key: p.key, Start: now, End: p.end}); err != nil {
		t.Fatal(err)
	}
	return p
}

// follows hands on to the tracer of the moment.
type follows struct{ p *tapped }

func (f follows) Envelope(from, to wire.AccountID, at time.Time, passed bool, own messenger.Located) {
	f.p.tracer.Envelope(from, to, at, passed, own)
}

func (o *outlet) From() netip.Addr { return netip.MustParseAddr("192.0.2.9") }

func (p *tapped) says(from, to int) {
	a, b := p.people[from], p.people[to]
	if from == to {
		return
	}
	a.sess.Send(wire.Send{Ref: 1, To: b.addr, Kind: wire.KindMessage, Body: []byte("content that no trace may hold")})
	if !p.running || from != 0 && to != 0 {
		return
	}
	e := d.TraceEvent{At: p.clock.Now().UnixMilli(), Kind: d.TracedMessage, Other: d.Account(a.addr.Account)}
	if from == 0 {
		e.Sent, e.Other, e.IP = true, d.Account(b.addr.Account), "192.0.2.9"
	}
	p.want = append(p.want, e)
}

func (p *tapped) write() {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	p.tracer.Run(ctx)
}

// restart is a new program; a crash loses what was not written.
func (p *tapped) restart() {
	p.tracer = trace.New(p.conf())
	if err := p.tracer.Resume(context.Background(), nil); err != nil {
		p.t.Fatal(err)
	}
}

// move changes the clock; what ended has ended.
func (p *tapped) move(by time.Duration) {
	p.clock.Advance(by)
	if !p.clock.Now().Before(p.end) {
		p.running = false
	}
}

// TestATraceIsExactlyTheAccountsOwnTraffic: whatever five people do, and
// whatever happens to the program, the case reads the traced account's own
// traffic from the start to the end, and a gap wherever some is missing.
func TestATraceIsExactlyTheAccountsOwnTraffic(t *testing.T) {
	for seed := range uint64(12) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 17))
			p := tap(t, []int{4096, 3}[seed%2])
			var got []d.TraceEvent
			taken := uint64(0)
			for range 150 {
				switch n := r.IntN(20); {
				case n < 13:
					p.says(r.IntN(5), r.IntN(5))
				case n < 15:
					p.write()
				case n == 15:
					p.move(time.Duration(r.IntN(3600)) * time.Second)
				case n == 16:
					p.restart() // a crash
				case n == 17:
					p.write()
					p.restart()
				case n == 18:
					p.move(-time.Duration(r.IntN(60)) * time.Second) // a small correction
				default:
					p.write()
					got, taken = p.collect(got, taken)
				}
			}
			p.clock.Set(p.end.Add(-time.Minute))
			p.says(0, 1)
			p.write()
			p.move(time.Minute)
			p.says(0, 1) // at the end, and not before
			p.says(2, 0)
			p.write()
			got, _ = p.collect(got, taken)
			p.compare(got)
			if p.ended != 1 {
				t.Errorf("it ended %d times", p.ended)
			}
		})
	}
}

func (p *tapped) collect(got []d.TraceEvent, taken uint64) ([]d.TraceEvent, uint64) {
	p.t.Helper()
	_, events, err := p.tracer.Collect(context.Background(), p.grant, taken)
	if err != nil {
		p.t.Fatal(err)
	}
	for _, e := range events {
		o, err := d.OpenTraceEvent(p.private, p.grant, e.Seq, e.Sealed)
		if err != nil || e.Seq != taken+1 {
			p.t.Fatalf("event %d after %d: %v", e.Seq, taken, err)
		}
		taken = e.Seq
		got = append(got, o)
	}
	return got, taken
}

func (p *tapped) compare(got []d.TraceEvent) {
	p.t.Helper()
	var seen, gaps []d.TraceEvent
	for _, e := range got {
		e.Seq = 0
		if e.Kind == d.TracedGap {
			gaps = append(gaps, e)
			continue
		}
		seen = append(seen, e)
	}
	for _, w := range p.want {
		if i := slices.Index(seen, w); i >= 0 {
			seen = slices.Delete(seen, i, i+1)
			continue
		}
		if !slices.ContainsFunc(gaps, func(g d.TraceEvent) bool { return g.Since <= w.At+120_000 && w.At <= g.At+120_000 }) {
			p.t.Errorf("missing, and no gap says so: %+v", w)
		}
	}
	if len(seen) > 0 {
		p.t.Errorf("recorded and not its own traffic, or twice: %+v", seen)
	}
}

// BenchmarkTracedAck compares what the sender waits for, traced and not.
func BenchmarkTracedAck(b *testing.B) {
	for _, name := range []string{"nobody traced", "somebody else traced", "the sender traced"} {
		b.Run(name, func(b *testing.B) {
			p := &tapped{grant: d.Hash{1}}
			p.post = newPost(b, storagetest.SQLite(b), func(c *mailbox.Config) { c.Tap = follows{p} })
			p.tracer = trace.New(trace.Config{Store: p.db.Traces(), Clock: p.clock, Every: 50 * time.Millisecond, Waiting: 1 << 40})
			ctx, cancel := context.WithCancel(context.Background())
			done := make(chan struct{})
			go func() { p.tracer.Run(ctx); close(done) }()
			defer func() { cancel(); <-done }()
			ann, bob, eve := p.device().online(), p.device().online(), p.device()
			_, key, _ := d.NewTraceKey()
			if who := map[string]wire.AccountID{"somebody else traced": eve.addr.Account, "the sender traced": ann.addr.Account}[name]; !who.IsZero() {
				now := p.clock.Now()
				if err := p.tracer.Start(b.Context(), messenger.Trace{Grant: p.grant, Account: who, Key: key, Start: now, End: now.Add(time.Hour)}); err != nil {
					b.Fatal(err)
				}
			}
			var took []time.Duration
			for b.Loop() {
				at := time.Now()
				ann.send(1, bob, "hello")
				_, seq, _ := bob.letter()
				bob.sess.Ack([]uint64{seq})
				ann.want(wire.Sent{})
				took = append(took, time.Since(at))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Nanoseconds()), "p50-ns")
			b.ReportMetric(float64(took[len(took)*99/100].Nanoseconds()), "p99-ns")
		})
	}
}
