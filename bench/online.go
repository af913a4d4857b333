package bench

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Online is one round of pairs who write to each other while both are there.
type Online struct {
	Carrier      string
	Window       int
	Count        int     // envelopes in the measured span
	Rate         float64 // envelopes a second, each delivered and confirmed
	ServerMicros float64 // of the server's processors for each
	P50, P99     float64 // milliseconds from sender to recipient
	Foreign      float64 // share of the machine that others used
}

// patience bounds how long a round waits for what is under way.
const patience = 30 * time.Second

// pair is a sender and a recipient in a closed loop: an envelope leaves the
// window when the carrier has confirmed it and the recipient has it.
type pair struct {
	run      *loop
	who      int
	line     line // the sender's
	to       int
	need     int32 // events that end an envelope
	most     int   // envelopes in all; 0: until the loop stops
	sent     atomic.Int64
	done     atomic.Int64
	arrived  atomic.Int64
	pending  [4096]atomic.Int32 // events missing, by number
	mu       sync.Mutex         // of the fields below
	w        *writer
	next     int
	seen     []bool
	lat      []int64
	twice    int
	starting int64 // only what was sent from then on is timed; 0: nothing yet
}

// loop is what the pairs of one round share.
type loop struct {
	stopped atomic.Bool
	failure atomic.Pointer[error]
}

func (l *loop) fail(err error) {
	if err != nil {
		l.failure.CompareAndSwap(nil, &err)
		l.stopped.Store(true)
	}
}

func (l *loop) err() error {
	if p := l.failure.Load(); p != nil {
		return *p
	}
	return nil
}

// push sends the next envelope, unless the round is over.
func (p *pair) push() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.run.stopped.Load() || (p.most > 0 && p.next >= p.most) {
		return
	}
	n := p.next
	p.next++
	p.pending[n%len(p.pending)].Store(p.need)
	b := p.w.next(payload{uint32(p.who), uint32(n), time.Now().UnixNano()})
	p.sent.Add(1)
	if err := p.line.send(uint64(n), p.to, b); err != nil {
		p.run.fail(fmt.Errorf("send: %w", err))
	}
}

func (p *pair) event(number int) {
	if p.pending[number%len(p.pending)].Add(-1) == 0 {
		p.done.Add(1)
		p.push()
	}
}

// got is called at the recipient's end.
func (p *pair) got(b []byte) {
	now := time.Now().UnixNano()
	m, err := readPayload(b)
	if err != nil {
		p.run.fail(err)
		return
	}
	if int(m.sender) != p.who {
		return // of an earlier round: not ours to count
	}
	p.mu.Lock()
	for len(p.seen) <= int(m.number) {
		p.seen = append(p.seen, false)
	}
	if p.seen[m.number] {
		p.twice++
		p.mu.Unlock()
		return
	}
	p.seen[m.number] = true
	if p.starting != 0 && m.sent >= p.starting {
		p.lat = append(p.lat, now-m.sent)
	}
	p.mu.Unlock()
	p.arrived.Add(1)
	p.event(int(m.number))
}

func runOnline(ctx context.Context, o Options, c *carrier, window int) (Online, error) {
	run := &loop{}
	pairs := make([]*pair, o.Pairs)
	lines := make([]line, 2*o.Pairs)
	defer closeAll(lines)
	for i := range pairs {
		pairs[i] = &pair{run: run, who: i, to: o.Pairs + i, need: 2, w: newWriter("online")}
	}
	if err := each(ctx, 2*o.Pairs, 8, func(i int) (err error) {
		p := pairs[i%o.Pairs]
		h := heard{broken: run.fail, sent: func(ref uint64) { p.event(int(ref)) }, got: func(_ uint64, b []byte) { p.got(b) }, row: func(row []byte) {
			l, err := c.house.people[i].opener.OpenRow(row)
			run.fail(err)
			p.got(l.Body)
		}}
		lines[i], err = c.dial(ctx, i, h)
		if i < o.Pairs {
			p.line = lines[i]
		}
		return err
	}); err != nil {
		return Online{}, err
	}
	for range window {
		for _, p := range pairs {
			p.push()
		}
	}
	wait(ctx, o.Warm)
	for _, p := range pairs {
		p.mu.Lock()
		p.starting = time.Now().UnixNano()
		p.mu.Unlock()
	}
	a, before := look(c.pids, false), count(pairs, (*pair).landed)
	wait(ctx, o.Span)
	b, after := look(c.pids, false), count(pairs, (*pair).landed)
	run.stopped.Store(true)
	s := between(a, b)
	out := Online{Carrier: c.name, Window: window, Count: int(after - before), Foreign: s.foreign}
	out.Rate, out.ServerMicros = float64(out.Count)/s.seconds, s.perItem(out.Count)
	if err := settle(ctx, run, pairs); err != nil {
		return out, err
	}
	out.P50, out.P99 = percentiles(pairs)
	return out, nil
}

func (p *pair) landed() int64 { return p.arrived.Load() }

func count(pairs []*pair, of func(*pair) int64) (n int64) {
	for _, p := range pairs {
		n += of(p)
	}
	return n
}

// settle waits for what is under way: nothing may be lost and nothing may come
// twice, however fast it went.
func settle(ctx context.Context, run *loop, pairs []*pair) error {
	end := time.Now().Add(patience)
	for run.err() == nil && count(pairs, func(p *pair) int64 { return p.sent.Load() - p.done.Load() }) > 0 {
		if time.Now().After(end) {
			return fmt.Errorf("%d envelopes were lost", count(pairs, func(p *pair) int64 { return p.sent.Load() - p.done.Load() }))
		}
		wait(ctx, time.Millisecond)
	}
	twice := 0
	for _, p := range pairs {
		p.mu.Lock()
		twice += p.twice
		p.mu.Unlock()
	}
	if twice > 0 {
		return fmt.Errorf("%d envelopes arrived twice", twice)
	}
	return errors.Join(run.err(), ctx.Err())
}

func percentiles(pairs []*pair) (p50, p99 float64) {
	var all []int64
	for _, p := range pairs {
		p.mu.Lock()
		all = append(all, p.lat...)
		p.mu.Unlock()
	}
	if len(all) == 0 {
		return 0, 0
	}
	slices.Sort(all)
	at := func(q float64) float64 { return float64(all[int(q*float64(len(all)-1))]) / 1e6 }
	return at(0.50), at(0.99)
}

func closeAll(lines []line) {
	for _, l := range lines {
		if l != nil {
			l.close()
		}
	}
}

func wait(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}
