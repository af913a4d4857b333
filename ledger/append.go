package ledger

import (
	"context"
	"time"

	"letterlock/internal/fault"
	"letterlock/ledger/proof"
)

// maxGroup bounds what one sync makes durable.
const maxGroup = 4 << 20

// call is an Append under way.
type call struct {
	Record
	aside  []byte // its number in the side journal
	accept bool   // people set the clock right
	done   chan result
}

type result struct {
	Receipt
	err error
}

// Append records an act and returns when the record is durable: only then may
// the act happen. Kind Unavailable means that the ledger cannot be written,
// Exhausted that ordinary records must wait for the next batch; in neither
// case may the act happen. If ctx ends first the record may or may not have
// been written, and the act may not happen either.
func (l *Ledger) Append(ctx context.Context, r Record) (Receipt, error) {
	return l.submit(ctx, &call{Record: r, done: make(chan result, 1)})
}

func (l *Ledger) submit(ctx context.Context, c *call) (Receipt, error) {
	if err := c.validate(); err != nil {
		return Receipt{}, err
	}
	if err := l.enqueue(c); err != nil {
		return Receipt{}, err
	}
	select {
	case r := <-c.done:
		return r.Receipt, r.err
	case <-ctx.Done():
		return Receipt{}, fault.Wrap(fault.Unavailable, "append to ledger", ctx.Err(), "the ledger did not answer in time: nothing was released; try again.")
	}
}

func (r Record) validate() error {
	if r.Time.Year() < 1970 && !r.Time.IsZero() || r.Time.Year() > 2200 {
		return fault.New(fault.Invalid, "append to ledger", "the record's time is out of range.")
	}
	return r.entry(time.Unix(0, 0)).Validate()
}

func (r Record) entry(recorded time.Time) proof.Entry {
	e := proof.Entry{Kind: r.Kind, Case: r.Case, Happened: r.Time.UTC(), Recorded: recorded.UTC(), Body: r.Body}
	if r.Time.IsZero() {
		e.Happened = e.Recorded
	}
	return e
}

func (l *Ledger) enqueue(c *call) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return errClosed()
	}
	if !c.Priority {
		if l.ordinary >= l.set.room() {
			next := time.Unix(l.head.Time.Unix(), 0).Add(l.set.Interval).UTC()
			return fault.New(fault.Exhausted, "append to ledger", "the ledger's room for ordinary records is used up: nothing was recorded; try again after %s.", next.Format("15:04:05 MST"))
		}
		l.ordinary++
	}
	l.queue = append(l.queue, c)
	if !l.leading {
		l.leading = true
		l.work.Add(1)
		go l.lead()
	}
	return nil
}

func errClosed() error {
	return fault.New(fault.Unavailable, "append to ledger", "the ledger is closed: nothing was recorded.")
}

// lead writes what is queued, group after group, until nothing is. Whatever
// arrives during one sync shares the next.
func (l *Ledger) lead() {
	defer l.work.Done()
	for {
		calls := l.takeGroup()
		if calls == nil {
			return
		}
		l.write.Lock()
		err := l.enterAside()
		var rs []Receipt
		if err == nil {
			rs, err = l.commit(calls)
		}
		l.write.Unlock()
		l.answer(calls, rs, err)
	}
}

func (l *Ledger) takeGroup() []*call {
	l.mu.Lock()
	defer l.mu.Unlock()
	size := 0
	for i, c := range l.queue {
		if size += len(c.Body) + 512; size > maxGroup && i > 0 {
			calls := l.queue[:i:i]
			l.queue = l.queue[i:]
			return calls
		}
	}
	calls := l.queue
	l.queue = nil
	l.leading = calls != nil
	return calls
}

func (l *Ledger) answer(calls []*call, rs []Receipt, err error) {
	if err != nil {
		err = unavailable("append to ledger", err)
		l.mu.Lock()
		for _, c := range calls {
			if !c.Priority {
				l.ordinary--
			}
		}
		l.mu.Unlock()
	}
	for i, c := range calls {
		if err != nil {
			c.done <- result{err: err}
		} else {
			c.done <- result{Receipt: rs[i]}
		}
	}
}

// commit writes records to the journal, all or none. The caller holds write.
func (l *Ledger) commit(calls []*call) ([]Receipt, error) {
	var buf []byte
	next, stamp, seq := l.chain, l.stamp, uint64(len(l.records))
	items := make([]item, len(calls))
	entries := make([]proof.Entry, len(calls))
	places := make([]place, len(calls))
	for i, c := range calls {
		seq++
		stamp = l.timeOf(c, stamp)
		entries[i], items[i] = l.item(c, seq, stamp)
		payload := items[i].bytes()
		places[i] = place{l.journal.size + int64(len(buf)), len(payload), -1}
		buf, next = appendFrame(buf, next, payload)
	}
	if err := l.journal.append(buf); err != nil {
		l.setHealthy(false)
		return nil, err
	}
	l.setHealthy(true)
	l.chain = next
	rs := make([]Receipt, len(calls))
	l.mu.Lock()
	defer l.mu.Unlock()
	for i, it := range items {
		leaf := l.admit(it, entries[i], places[i])
		rs[i] = Receipt{Ledger: l.set.Origin, Seq: it.Seq, Leaf: leaf, Time: entries[i].Recorded}
	}
	return rs, nil
}

// timeOf stamps a record: time does not run backwards within a ledger, unless
// people have said that it must.
func (l *Ledger) timeOf(c *call, last time.Time) time.Time {
	now := l.clock.Now()
	if c.accept || now.After(last) {
		return now
	}
	return last
}

func (l *Ledger) item(c *call, seq uint64, stamp time.Time) (proof.Entry, item) {
	e := c.entry(stamp)
	e.Recovered = c.aside != nil
	b := e.Bytes()
	salt := l.sec.salt(seq, b)
	it := item{Kind: itemRecord, Seq: seq, Salt: salt[:], Entry: b, Priority: c.Priority, Aside: c.aside}
	if c.accept {
		it.Clock = stamp.UnixNano()
	}
	return e, it
}

// admit lets a durable record wait for its batch. The caller holds mu, or is
// alone.
func (l *Ledger) admit(it item, e proof.Entry, p place) proof.Leaf {
	leaf := it.opening().Leaf()
	l.records = append(l.records, p)
	l.pending = append(l.pending, waiting{it.Seq, leaf, e.Recorded.Unix(), it.Priority})
	l.stamp = e.Recorded
	if it.Clock != 0 {
		l.mark, l.looked = time.Unix(0, it.Clock).UTC(), true
		l.accepted = it.Seq
		l.due = min(l.due, l.set.due(l.mark))
	}
	return leaf
}

func (l *Ledger) setHealthy(ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.healthy = ok
}
