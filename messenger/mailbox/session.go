package mailbox

import (
	"context"
	"net/netip"
	"sync"

	"letterlock/messenger"
	"letterlock/wire"
)

// session is one connected device. Its fields are guarded by mu unless said
// otherwise.
type session struct {
	m       *Mailboxes
	box     *box
	addr    wire.Address
	outlet  outlet
	unroute func() // guarded by the box

	mu      sync.Mutex
	wake    sync.Cond // room in flight, an answer taken, or the end
	out     []item    // frames that wait for the socket
	waiting int       // envelopes sent by this device that have no answer yet
	closed  bool

	// Seq of the frames counts from 1 for each session; flight[i] went out
	// under the number base+i.
	next, base uint64
	flight     []flight
	n, size    int   // of flight: not acknowledged
	top        int64 // highest order given from disk

	live    bool // what arrives is handed over directly
	pumping bool // a goroutine reads the mailbox
	emptied bool // the device was told that all that waited was delivered
}

// From implements messenger.Located, as far as it is known.
func (s *session) From() netip.Addr {
	if o, ok := s.outlet.(messenger.Located); ok {
		return o.From()
	}
	return netip.Addr{}
}

type outlet interface {
	Ready()
	Close(say string)
}

// flight is an envelope that the device was given.
type flight struct {
	letter *Letter // nil: from disk only
	order  int64
	size   int
	acked  bool
}

// item is a frame that waits for the socket.
type item struct {
	frame  wire.Frame
	answer bool // it answers an envelope of this device
}

// Send takes an envelope of this device. It blocks while too many of them have
// no answer that the device has read: that is the back-pressure on its socket.
func (s *session) Send(f wire.Send) {
	if s.turn() {
		s.m.post(s, f)
	}
}

// turn waits until this device has read enough answers; false: closed.
func (s *session) turn() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.waiting >= s.m.Limits.Unanswered && !s.closed {
		s.wake.Wait()
	}
	s.waiting++
	return !s.closed
}

func (s *session) sent(ref uint64) { s.push(item{frame: wire.Sent{Ref: ref}, answer: true}) }

func (s *session) refuse(ref uint64, c wire.Code, retry uint32) {
	s.m.Count.Refused(c)
	s.push(item{frame: wire.Refused{Ref: ref, Code: c, Say: says[c], RetryAfter: retry}, answer: true})
}

var says = map[wire.Code]string{
	wire.CodeInvalid:   "this envelope cannot be delivered: wrong kind, wrong address or empty",
	wire.CodeTooLarge:  "this envelope is over 256 KiB",
	wire.CodeGone:      "this device does not exist (any more): look the number up and fetch its keys again",
	wire.CodeFull:      "the recipient's queue is full: try again later",
	wire.CodeSlowDown:  "too many envelopes in a short time: wait a little",
	wire.CodeTemporary: "the envelope cannot be stored now: try again",
}

// Refuse answers an envelope without looking at it: over the device's rate.
func (s *session) Refuse(ref uint64, c wire.Code, retry uint32) {
	if s.turn() {
		s.refuse(ref, c, retry)
	}
}

// Tell gives the device a frame.
func (s *session) Tell(f wire.Frame) { s.push(item{frame: f}) }

func (s *session) push(i item) {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return
	}
	first := len(s.out) == 0
	s.out = append(s.out, i)
	s.mu.Unlock()
	if first {
		s.outlet.Ready()
	}
}

// Take is how the router hands over a letter. It holds the box's lock.
func (s *session) Take(l *Letter) bool {
	s.mu.Lock()
	if s.closed || !s.live {
		s.mu.Unlock()
		return false
	}
	if s.crowded(len(l.body)) {
		s.live = false
		s.mu.Unlock()
		s.box.cursor = 0
		s.startPump()
		return false
	}
	first := s.give(l)
	s.mu.Unlock()
	if first {
		s.outlet.Ready()
	}
	return true
}

// give puts a letter into flight. It holds both locks.
func (s *session) give(l *Letter) (first bool) {
	l.given = s
	return s.fly(flight{letter: l, order: l.order, size: len(l.body)},
		wire.Deliver{Seq: s.next, From: l.from, At: l.at, Kind: l.kind, Body: l.body})
}

func (s *session) fly(f flight, frame wire.Frame) (first bool) {
	s.next++
	s.flight = append(s.flight, f)
	s.n++
	s.size += f.size
	first = len(s.out) == 0
	s.out = append(s.out, item{frame: frame})
	return first
}

// crowded tells that the device has enough to acknowledge for now. The slice is
// bounded too: a device may acknowledge all but the first.
func (s *session) crowded(more int) bool {
	l := &s.m.Limits
	return s.n >= l.Flight || (s.n > 0 && s.size+more > l.FlightBytes) || len(s.flight) >= 4*l.Flight
}

// Replaced: the router tells that another connection took this one's place.
func (s *session) Replaced() {
	s.outlet.Close("this device connected again elsewhere")
}

// Ack forgets what the device has. Numbers that mean nothing are ignored.
func (s *session) Ack(seqs []uint64) {
	var few [16]flight
	b := s.box
	// The box first: a page that is being given must not see an envelope as
	// landed and its row as still wanted.
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, f := range s.landed(few[:0], seqs) {
		if f.letter != nil {
			b.ack(f.letter)
			continue
		}
		b.m.Count.Delivered(true)
		b.remove(f.order, int64(f.size))
	}
}

func (s *session) landed(had []flight, seqs []uint64) []flight {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil // detached: what it had is not its own any more
	}
	for _, q := range seqs {
		if q < s.base || q >= s.next {
			continue
		}
		if f := &s.flight[q-s.base]; !f.acked {
			had = append(had, *f)
			f.acked, f.letter = true, nil
			s.n--
			s.size -= f.size
		}
	}
	i := 0
	for i < len(s.flight) && s.flight[i].acked {
		i++
	}
	s.base += uint64(i)
	if s.flight = s.flight[i:]; len(s.flight) == 0 {
		s.flight = nil
	}
	if s.pumping {
		s.wake.Broadcast()
	}
	return had
}

// Next encodes frames for the socket.
func (s *session) Next(b []byte, ends []int, limit int) ([]byte, []int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i, answered := 0, false
	for i < len(s.out) && len(b) < limit {
		it := s.out[i]
		s.out[i] = item{}
		i++
		if it.answer {
			s.waiting--
			answered = true
		}
		grown, err := wire.AppendFrame(b, it.frame)
		if err != nil { // our own frames always encode
			s.m.Log.Error("encode frame", "err", err)
			continue
		}
		b = grown
		ends = append(ends, len(b))
	}
	if s.out = s.out[i:]; len(s.out) == 0 {
		s.out = nil
	}
	if answered {
		s.wake.Broadcast()
	}
	return b, ends
}

// Close detaches the device.
func (s *session) Close() {
	s.box.mu.Lock()
	defer s.box.mu.Unlock()
	s.box.detach(s)
}

// end closes the session's own state and returns what was in flight.
func (s *session) end() []flight {
	s.mu.Lock()
	defer s.mu.Unlock()
	had := s.flight
	s.closed, s.live, s.out, s.flight = true, false, nil, nil
	s.wake.Broadcast()
	return had
}

func (s *session) startPump() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.pumping && !s.closed {
		s.pumping = true
		go s.pump()
	}
}

// Bounds of one page of the mailbox.
const (
	pageRows  = 128
	pageBytes = 512 << 10
)

// pump delivers what is on disk, in order, and then makes the session live.
func (s *session) pump() {
	for s.room() {
		if s.page() {
			return
		}
	}
	s.mu.Lock()
	s.pumping = false
	s.mu.Unlock()
}

// room waits until half of what may be in flight is free; false: closed.
func (s *session) room() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	l := &s.m.Limits
	for !s.closed && (s.n > l.Flight/2 || s.size > l.FlightBytes/2 || len(s.flight) >= 4*l.Flight) {
		s.wake.Wait()
	}
	return !s.closed
}

// page reads and gives one page; true: nothing waits, the session is live.
func (s *session) page() (live bool) {
	b := s.box
	b.mu.Lock()
	if b.sess != s {
		b.mu.Unlock()
		return false
	}
	b.reading++
	after, top, epoch := b.cursor, b.top, b.epoch
	b.mu.Unlock()
	rows, err := s.m.Store.Page(context.Background(), b.mailbox, after, pageRows, pageBytes)
	b.mu.Lock()
	defer b.mu.Unlock()
	defer b.read()
	switch {
	case b.sess != s:
		return false
	case err != nil:
		s.m.Log.Error("read mailbox", "err", err)
		s.outlet.Close("your messages cannot be read now: connect again in a minute")
		b.detach(s)
		return false
	case epoch != b.epoch:
		return false
	}
	s.giveRows(rows)
	if len(rows) > 0 {
		b.cursor = rows[len(rows)-1].Order
		return false
	}
	if b.cursor = max(b.cursor, top); b.top > b.cursor {
		return false
	}
	return s.goLive()
}

// read: the page was used.
func (b *box) read() {
	if b.reading--; b.reading > 0 {
		return
	}
	for order, done := range b.drops {
		if done {
			delete(b.drops, order)
		}
	}
	if len(b.drops) == 0 {
		b.drops = nil
	}
}

// giveRows puts rows into flight but for those whose envelope the device has
// already, or has acknowledged. It holds the box's lock.
func (s *session) giveRows(rows []Row) {
	s.mu.Lock()
	first := len(s.out) == 0
	gave := false
	for _, r := range rows {
		if !s.wants(r.Order) {
			continue
		}
		l := s.box.mem[r.Order]
		if l != nil {
			l.given = s
		}
		s.fly(flight{letter: l, order: r.Order, size: len(r.Sealed)}, wire.Sealed{Seq: s.next, Row: r.Sealed})
		gave = true
	}
	s.mu.Unlock()
	if gave && first {
		s.outlet.Ready()
	}
}

func (s *session) wants(order int64) bool {
	b := s.box
	if _, dropped := b.drops[order]; dropped {
		return false
	}
	if l := b.mem[order]; l != nil {
		return !l.acked && l.given != s
	}
	if order > s.top {
		s.top = order
		return true
	}
	for _, f := range s.flight {
		if f.order == order && f.letter == nil && !f.acked {
			return false
		}
	}
	return true
}

// goLive hands over what is on its way to disk and from now on takes what
// arrives. It holds the box's lock. False: no room yet for all of it.
func (s *session) goLive() bool {
	b := s.box
	s.mu.Lock()
	first, gave := len(s.out) == 0, false
	full := false
	for _, l := range b.onTheWay(s) {
		if full = s.crowded(len(l.body)); full {
			break
		}
		s.give(l)
		gave = true
	}
	if !full {
		s.live, s.pumping = true, false
		if !s.emptied {
			s.emptied, gave = true, true
			s.out = append(s.out, item{frame: wire.Empty{}})
		}
	}
	s.mu.Unlock()
	if gave && first {
		s.outlet.Ready()
	}
	return !full
}
