package mailbox

import (
	"context"
	"slices"
	"sync"
	"time"

	"letterlock/messenger/account"
	"letterlock/wire"
)

// Bounds of one commit: past them the next one takes over, so that nobody waits
// for a very long one.
const (
	commitRows  = 1024
	commitBytes = 8 << 20
)

// queue is what the next commits will do.
type queue struct {
	kick chan struct{}

	mu    sync.Mutex
	puts  []*Letter
	drops []removal
}

type removal struct {
	box   *box
	order int64
	size  int64
}

func (q *queue) put(l *Letter) {
	q.mu.Lock()
	q.puts = append(q.puts, l)
	q.mu.Unlock()
	q.wake()
}

func (q *queue) drop(r ...removal) {
	q.mu.Lock()
	q.drops = append(q.drops, r...)
	q.mu.Unlock()
	q.wake()
}

func (q *queue) wake() {
	select {
	case q.kick <- struct{}{}:
	default:
	}
}

// take cuts the next commit off the queue.
func (q *queue) take() (puts []*Letter, drops []removal, more bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	n, size := 0, int64(0)
	for n < len(q.puts) && n < commitRows && size < commitBytes {
		size += q.puts[n].size // never changes once it is queued
		n++
	}
	puts, q.puts = q.puts[:n:n], q.puts[n:]
	if len(q.puts) == 0 {
		q.puts = nil
	}
	drops, q.drops = q.drops, nil
	return puts, drops, len(q.puts) > 0
}

// Run stores and removes until the context ends, then writes what is in memory
// and returns. Close all sessions before.
func (m *Mailboxes) Run(ctx context.Context) {
	var side sync.WaitGroup
	side.Go(func() { m.age(ctx) })
	side.Go(func() { m.tidy(ctx) })
	for ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-m.out.kick:
			m.commitAll(context.WithoutCancel(ctx))
		}
	}
	side.Wait()
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 20*time.Second)
	defer cancel()
	for _, b := range m.boxes.all() {
		b.mu.Lock()
		b.flushThrough(nil)
		b.mu.Unlock()
	}
	m.commitAll(last)
	if err := m.Store.EraseRows(last); err != nil {
		m.Log.Warn("erase removed rows", "err", err)
	}
}

// commitAll commits until nothing is queued. Whatever arrives during a commit
// goes into the next one: that is the group.
func (m *Mailboxes) commitAll(ctx context.Context) {
	for {
		puts, drops, more := m.out.take()
		if len(puts)+len(drops) > 0 {
			m.commit(ctx, puts, drops)
		}
		if !more && len(puts)+len(drops) == 0 {
			return
		}
	}
}

func (m *Mailboxes) commit(ctx context.Context, puts []*Letter, drops []removal) {
	var b Batch
	b.Put = make([]Row, 0, len(puts))
	live := puts[:0]
	for _, l := range puts {
		if row, ok := l.box.take(l); ok {
			b.Put, live = append(b.Put, row), append(live, l)
		}
	}
	b.Drop = spans(drops)
	if len(b.Put)+len(b.Drop) == 0 {
		return
	}
	began := m.Clock.Now()
	err := m.Store.Commit(ctx, b)
	if m.wrote.Store(int64(m.Clock.Now().Sub(began))); err != nil {
		m.Log.Error("store envelopes", "err", err, "rows", len(b.Put))
		m.failed(live, drops)
		return
	}
	if len(live) > 0 {
		m.Count.Stored(len(live))
	}
	for _, d := range drops {
		d.box.removedRow(d)
	}
	for _, l := range live {
		l.box.storedRow(l)
	}
	if len(drops) > 0 {
		m.removed()
	}
}

// take puts a letter into a commit, unless its device has it by now.
func (b *box) take(l *Letter) (Row, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if l.acked {
		if b.gone {
			delete(b.mem, l.order)
		}
		return Row{}, false
	}
	l.taken = true
	return Row{Mailbox: b.mailbox, Order: l.order, Expires: l.expires(), Sealed: l.row}, true
}

// expires is the last day a row waits.
func (l *Letter) expires() account.Day {
	if l.kind == wire.KindNotice {
		return ""
	}
	return account.DayOf(time.UnixMilli(l.at).Add(Keep))
}

// storedRow: the row is durable.
func (b *box) storedRow(l *Letter) {
	b.mu.Lock()
	defer b.mu.Unlock()
	l.kept, l.taken = true, false
	b.queued--
	b.rows++
	b.top = max(b.top, l.order)
	b.answer(l, 0)
	if l.acked || b.gone {
		delete(b.mem, l.order)
		b.remove(l.order, l.size)
	} else if l.given == nil {
		delete(b.mem, l.order)
	}
	l.body, l.row = nil, nil
}

// removedRow: the row is gone.
func (b *box) removedRow(d removal) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rows, b.bytes = max(b.rows-1, 0), max(b.bytes-d.size, 0)
	if b.reading > 0 {
		b.drops[d.order] = true
		return
	}
	delete(b.drops, d.order)
	if len(b.drops) == 0 {
		b.drops = nil
	}
}

// failed: the commit had no effect, as far as one can know. Removals are tried
// again; envelopes that a connected device holds wait on for its answer, the
// others are refused.
func (m *Mailboxes) failed(live []*Letter, drops []removal) {
	for _, l := range slices.Backward(live) {
		b := l.box
		b.mu.Lock()
		l.taken, b.suspect = false, true
		if l.given != nil && !l.acked {
			b.again(l)
		} else {
			delete(b.mem, l.order)
			b.queued--
			b.bytes -= l.size
			b.finish(l, wire.CodeTemporary)
		}
		b.mu.Unlock()
	}
	if len(drops) > 0 {
		time.AfterFunc(time.Second, func() { m.out.drop(drops...) })
	}
}

// again makes a letter fresh whose commit failed. Its order stays unused.
func (b *box) again(l *Letter) {
	delete(b.mem, l.order)
	b.queued--
	l.order, l.row = 0, nil
	b.fresh = slices.Insert(b.fresh, 0, l)
	b.live++
	b.m.aging.add(l)
}

// spans joins neighbouring removals.
func spans(drops []removal) []Span {
	var out []Span
	last := map[int64]int{}
	for _, d := range drops {
		mb := d.box.mailbox // never changes
		if i, ok := last[mb]; ok && out[i].Last+1 == d.order {
			out[i].Last = d.order
			continue
		}
		last[mb] = len(out)
		out = append(out, Span{mb, d.order, d.order})
	}
	return out
}

// aging is what connected devices were given and have not acknowledged: after
// one to two ticks, so within Elide, it goes to disk.
type aging struct {
	mu         sync.Mutex
	young, old []*Letter
}

func (a *aging) add(l *Letter) {
	a.mu.Lock()
	a.young = append(a.young, l)
	a.mu.Unlock()
}

func (a *aging) turn() []*Letter {
	a.mu.Lock()
	defer a.mu.Unlock()
	due := a.old
	a.old, a.young = a.young, nil
	return due
}

func (m *Mailboxes) age(ctx context.Context) {
	t := time.NewTicker(max(m.Elide/2, time.Microsecond))
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		for _, l := range m.aging.turn() {
			b := l.box
			b.mu.Lock()
			if !l.acked && l.order == 0 {
				b.flushThrough(l)
			}
			b.mu.Unlock()
		}
	}
}

// eraseAfter is how long removed rows may stay readable in the engine's files:
// long enough to gather some, short enough to say so in public.
const eraseAfter = 500 * time.Millisecond

// tidy erases what was removed and drops what is too old.
func (m *Mailboxes) tidy(ctx context.Context) {
	if err := m.Store.DropOrphans(ctx); err != nil && ctx.Err() == nil {
		m.Log.Error("drop rows of closed accounts", "err", err)
	}
	m.expire(ctx)
	hour := time.NewTicker(time.Hour)
	defer hour.Stop()
	erase := time.NewTicker(eraseAfter)
	defer erase.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-hour.C:
			m.expire(ctx)
		case <-erase.C:
			m.erase(ctx)
		}
	}
}

func (m *Mailboxes) erase(ctx context.Context) {
	select {
	case <-m.dirty:
	default:
		return
	}
	if err := m.Store.EraseRows(ctx); err != nil && ctx.Err() == nil {
		m.Log.Warn("erase removed rows", "err", err)
		m.removed() // at the next tick again
	}
}

// expire drops envelopes older than Keep (duty M8).
func (m *Mailboxes) expire(ctx context.Context) {
	gone, err := m.Store.Expire(ctx, account.DayOf(m.Clock.Now()))
	if err != nil {
		if ctx.Err() == nil {
			m.Log.Error("drop old envelopes", "err", err)
		}
		return
	}
	if len(gone) == 0 {
		return
	}
	m.removed()
	at := map[int64]*box{}
	for _, b := range m.boxes.all() {
		at[b.mailbox] = b
	}
	for _, g := range gone {
		if b := at[g.Mailbox]; b != nil {
			b.mu.Lock()
			b.rows, b.bytes, b.suspect = max(b.rows-1, 0), max(b.bytes-g.Bytes, 0), true
			b.mu.Unlock()
		}
	}
}
