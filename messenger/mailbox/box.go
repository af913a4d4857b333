package mailbox

import (
	"cmp"
	"context"
	"slices"
	"sync"
	"time"

	"letterlock/wire"
)

// Letter is an envelope in memory. All fields are guarded by its box.
type Letter struct {
	box  *box
	from wire.Address
	at   int64
	kind wire.EnvelopeKind
	body []byte

	sender *session       // whom to answer; nil once answered
	ref    uint64         // the sender's number
	stored chan wire.Code // a notice waits here instead

	size  int64    // what it counts for in the queue's bounds
	order int64    // its place on disk; 0: nobody decided to store it yet
	row   []byte   // sealed, from then until it is stored
	taken bool     // it is in a commit
	kept  bool     // it is on disk
	given *session // the session that has it
	acked bool     // its device has it, or it was refused: done
}

// box is a device's mailbox as far as it is in memory.
//
// Envelopes come in order, are written in that order and delivered in it: fresh
// holds what may still be acknowledged before it is written, and whatever makes
// one of them go to disk sends all before it first.
//
// Locks: box, then router, then session, then socket; never the other way.
type box struct {
	m    *Mailboxes
	addr wire.Address

	mu      sync.Mutex
	evicted bool // this object is no longer the device's: look it up again
	gone    bool // the account was closed

	mailbox int64
	pub     []byte
	sealer  *wire.Sealer
	blocks  map[wire.AccountID]bool

	fresh  []*Letter
	live   int               // letters of fresh that still count
	mem    map[int64]*Letter // by order: what is on its way to disk, or there and given
	queued int               // of mem: not yet on disk
	rows   int               // on disk
	bytes  int64             // of everything that waits

	next    int64          // order of the next row
	top     int64          // highest order known to be on disk
	epoch   int            // how often the order started again
	suspect bool           // the disk may hold rows we do not count: never start the order again
	drops   map[int64]bool // removal wanted (false), or done while a page was being read (true)
	reading int            // pages being read
	cursor  int64          // up to here the session's pump has read

	sess *session
	took time.Duration // from an envelope's coming to its acknowledgement, lately
}

// pace is how long an envelope would wait for its answer now: for the device
// if it is connected, for a commit if it is away. The answer to a blocked one
// takes as long, or its quickness would give the block away.
func (b *box) pace() time.Duration {
	if b.sess != nil && b.took > 0 {
		return min(b.took, b.m.Elide)
	}
	return max(time.Duration(b.m.wrote.Load()), time.Millisecond)
}

// full tells whether one more envelope would pass the queue's bounds.
func (b *box) full(size int) bool {
	l := &b.m.Limits
	return b.rows+b.queued+b.live >= l.Rows || b.bytes+int64(size) > l.Bytes
}

// add puts a letter at the end of what is fresh.
func (b *box) add(l *Letter) {
	if len(b.fresh) > 0 && b.live == 0 {
		b.fresh = b.fresh[:0]
	}
	b.fresh = append(b.fresh, l)
	b.live++
	l.size = int64(len(l.body)) + wire.RowOverhead
	b.bytes += l.size
}

// flushThrough sends to disk every fresh letter up to l.
func (b *box) flushThrough(l *Letter) {
	for i, f := range b.fresh {
		if !f.acked {
			b.live--
			b.store(f)
		}
		b.fresh[i] = nil
		if f == l {
			b.fresh = b.fresh[i+1:]
			return
		}
	}
	b.fresh = nil
}

// store seals a letter and gives it to the next commit.
func (b *box) store(l *Letter) {
	if b.rows == 0 && b.queued == 0 && !b.suspect && b.next != 1 {
		b.next, b.top, b.cursor = 1, 0, 0
		b.epoch++
		b.drops = nil // all done
	}
	row, err := b.seal(l)
	if err != nil {
		b.m.Log.Error("seal a row", "err", err)
		b.bytes -= l.size
		b.finish(l, wire.CodeTemporary)
		return
	}
	l.row, l.order = row, b.next
	b.next++
	b.queued++
	if b.mem == nil {
		b.mem = map[int64]*Letter{}
	}
	b.mem[l.order] = l
	b.m.out.put(l)
}

func (b *box) seal(l *Letter) ([]byte, error) {
	if b.sealer == nil {
		s, err := wire.NewSealer(b.addr, b.pub)
		if err != nil {
			return nil, err
		}
		b.sealer = s
	}
	return b.sealer.Seal(wire.Letter{From: l.from, At: l.at, Kind: l.kind, Body: l.body})
}

// finish answers the sender, once, and lets go of the content.
func (b *box) finish(l *Letter, code wire.Code) {
	l.acked = true
	b.answer(l, code)
	l.body, l.row = nil, nil
}

func (b *box) answer(l *Letter, code wire.Code) {
	if l.stored != nil {
		l.stored <- code
		l.stored = nil
	}
	if s := l.sender; s != nil {
		l.sender = nil
		if code == 0 {
			s.sent(l.ref)
		} else {
			s.refuse(l.ref, code, 0)
		}
	}
}

// ack: the device has a letter that is still in memory.
func (b *box) ack(l *Letter) {
	if l.acked {
		return
	}
	b.m.Count.Delivered(l.order != 0)
	switch {
	case l.order == 0: // never touched a disk
		b.took = b.m.Clock.Now().Sub(time.UnixMilli(l.at))
		b.live--
		b.bytes -= l.size
		b.finish(l, 0)
		b.trim()
	case !l.kept && !l.taken: // was about to
		delete(b.mem, l.order)
		b.queued--
		b.bytes -= l.size
		b.finish(l, 0)
	case !l.kept: // is being written: removed after it
		b.answer(l, 0)
		l.acked = true
	default:
		l.acked = true
		delete(b.mem, l.order)
		b.remove(l.order, l.size)
	}
}

// trim forgets acknowledged letters at the front.
func (b *box) trim() {
	i := 0
	for i < len(b.fresh) && b.fresh[i].acked {
		b.fresh[i] = nil
		i++
	}
	if b.fresh = b.fresh[i:]; len(b.fresh) == 0 {
		b.fresh = nil
	}
}

// remove gives the removal of a row to the next commit.
func (b *box) remove(order, size int64) {
	if b.drops == nil {
		b.drops = map[int64]bool{}
	}
	if _, twice := b.drops[order]; twice {
		return
	}
	b.drops[order] = false
	b.m.out.drop(removal{b, order, size})
}

// detach takes a session's letters back: those not yet stored go to disk now,
// in order.
func (b *box) detach(s *session) {
	if b.sess != s {
		s.end()
		return
	}
	b.sess = nil
	if s.unroute != nil {
		s.unroute()
	}
	for _, e := range s.end() {
		if l := e.letter; l != nil && l.given == s {
			l.given = nil
			if l.kept && !l.acked {
				delete(b.mem, l.order)
			}
		}
	}
	if b.live > 0 && !b.gone {
		b.flushThrough(nil)
	}
}

// close: the account, or the device, is gone.
func (b *box) close(say string) {
	b.gone, b.evicted = true, true
	for _, l := range b.fresh {
		if !l.acked {
			b.finish(l, wire.CodeGone)
		}
	}
	b.fresh, b.live = nil, 0
	for _, l := range b.mem {
		if !l.acked && !l.kept {
			b.answer(l, wire.CodeGone)
			l.acked = true // not yet in a commit: skipped; in one: removed after it
		}
	}
	if s := b.sess; s != nil {
		b.detach(s)
		s.outlet.Close(say)
	}
}

// idle reports that nothing would be lost by forgetting the object.
func (b *box) idle() bool {
	return b.sess == nil && b.live == 0 && len(b.mem) == 0 && len(b.drops) == 0 && b.reading == 0
}

// load reads what is on disk.
func (b *box) load(ctx context.Context) error {
	f, err := b.m.Store.Box(ctx, b.addr)
	if err != nil {
		return err
	}
	b.mailbox, b.pub, b.rows, b.bytes, b.blocks = f.Mailbox, f.Key, f.Rows, f.Bytes, setOf(f.Blocks)
	b.next, b.top = f.Last+1, f.Last
	return nil
}

// cache holds the boxes in memory: those in use, and as many others as allowed.
type cache struct {
	mu sync.RWMutex
	at map[wire.Address]*box
}

func (c *cache) get(a wire.Address) *box {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.at[a]
}

func (c *cache) drop(a wire.Address, b *box) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.at[a] == b {
		delete(c.at, a)
	}
}

func (c *cache) all() []*box {
	c.mu.RLock()
	defer c.mu.RUnlock()
	out := make([]*box, 0, len(c.at))
	for _, b := range c.at {
		out = append(out, b)
	}
	return out
}

// lock finds or loads a device's box and locks it.
func (m *Mailboxes) lock(ctx context.Context, a wire.Address) (*box, error) {
	for {
		b := m.boxes.get(a)
		if b == nil {
			var err error
			if b, err = m.open(ctx, a); err != nil {
				return nil, err
			}
			if b == nil {
				continue
			}
			return b, nil
		}
		b.mu.Lock()
		if !b.evicted {
			return b, nil
		}
		b.mu.Unlock()
	}
}

// open puts a new, locked box into the cache and loads it; nil: somebody else
// was faster.
func (m *Mailboxes) open(ctx context.Context, a wire.Address) (*box, error) {
	b := &box{m: m, addr: a}
	b.mu.Lock()
	m.boxes.mu.Lock()
	if m.boxes.at[a] != nil {
		m.boxes.mu.Unlock()
		return nil, nil
	}
	m.boxes.at[a] = b
	n := len(m.boxes.at)
	m.boxes.mu.Unlock()
	if err := b.load(ctx); err != nil {
		b.evicted = true
		m.boxes.drop(a, b)
		b.mu.Unlock()
		return nil, err
	}
	if n > m.Limits.Boxes && n%64 == 0 {
		go m.evict()
	}
	return b, nil
}

// evict forgets idle boxes beyond the limit; busy ones stay.
func (m *Mailboxes) evict() {
	all := m.boxes.all()
	over := len(all) - m.Limits.Boxes*9/10
	for _, b := range all {
		if over <= 0 {
			return
		}
		if !b.mu.TryLock() {
			continue
		}
		if b.idle() && !b.evicted {
			b.evicted = true
			m.boxes.drop(b.addr, b)
			over--
		}
		b.mu.Unlock()
	}
}

// onTheWay lists, in order, the letters that are neither on disk nor with the
// session.
func (b *box) onTheWay(s *session) []*Letter {
	var out []*Letter
	for _, l := range b.mem {
		if !l.acked && !l.kept && l.given != s {
			out = append(out, l)
		}
	}
	slices.SortFunc(out, func(a, b *Letter) int { return cmp.Compare(a.order, b.order) })
	for _, l := range b.fresh {
		if l != nil && !l.acked && l.given != s {
			out = append(out, l)
		}
	}
	return out
}
