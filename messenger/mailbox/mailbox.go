// Package mailbox keeps a sealed envelope until its device has it, and then
// forgets it. Between devices that are online an envelope never touches a disk.
// It knows addresses and opaque bytes; it holds no key that opens anything, and
// there is no function here that takes an envelope out but delivery.
package mailbox

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"letterlock/internal/clock"
	"letterlock/internal/fault"
	"letterlock/messenger"
	"letterlock/messenger/account"
	"letterlock/routing"
	"letterlock/wire"
)

// Keep is how long an envelope waits for its device (duty M8). Service notices
// wait without end.
const Keep = 30 * 24 * time.Hour

// Row is a row of the mailbox and everything that is stored of an envelope.
type Row struct {
	Mailbox int64
	Order   int64
	Expires account.Day // "": never (a service notice)
	Sealed  []byte
}

// Span is a run of rows of one mailbox, both ends included.
type Span struct {
	Mailbox, First, Last int64
}

// Batch is one group commit. Drop happens before Put.
type Batch struct {
	Drop []Span
	Put  []Row
}

// BoxFacts is what the store knows about a device's mailbox.
type BoxFacts struct {
	Mailbox int64
	Key     []byte // the device's mailbox key
	Rows    int
	Bytes   int64
	Last    int64 // highest order, 0: empty
	Blocks  []wire.AccountID
}

// Gone tells which row the passing of time removed.
type Gone struct {
	Mailbox, Order int64
	Bytes          int64
}

// Store is what the mailbox needs of a database.
type Store interface {
	// Box reads a device's mailbox; NotFound: no such device.
	Box(ctx context.Context, a wire.Address) (BoxFacts, error)
	// BlocksOf reads an account's block list.
	BlocksOf(ctx context.Context, id wire.AccountID) ([]wire.AccountID, error)
	// Devices are the devices of an account.
	Devices(ctx context.Context, id wire.AccountID) ([]wire.DeviceID, error)
	// Commit applies a batch: durable when it returns nil, without effect otherwise.
	Commit(ctx context.Context, b Batch) error
	// Page reads rows above an order, in order, up to rows and about bytes.
	Page(ctx context.Context, mailbox, after int64, rows int, bytes int64) ([]Row, error)
	// Expire removes rows whose day is before today.
	Expire(ctx context.Context, today account.Day) ([]Gone, error)
	// DropOrphans removes rows of mailboxes that no device has.
	DropOrphans(ctx context.Context) error
	// EraseRows makes removed rows unreadable in the engine's files.
	EraseRows(ctx context.Context) error
}

// Limits of queues. Zero values mean the defaults.
type Limits struct {
	Rows        int   // waiting for one device; 5,000
	Bytes       int64 // waiting for one device; 64 MiB
	Unanswered  int   // envelopes of one sender waiting for an answer; 256
	Flight      int   // envelopes given to a device and not acknowledged; 256
	FlightBytes int   // of these; 1 MiB
	Boxes       int   // mailboxes of devices that are away, remembered in memory; 10,000
}

func (l Limits) withDefaults() Limits {
	if l.Rows == 0 {
		l.Rows = 5000
	}
	if l.Bytes == 0 {
		l.Bytes = 64 << 20
	}
	if l.Unanswered == 0 {
		l.Unanswered = 256
	}
	if l.Flight == 0 {
		l.Flight = 256
	}
	if l.FlightBytes == 0 {
		l.FlightBytes = 1 << 20
	}
	if l.Boxes == 0 {
		l.Boxes = 10_000
	}
	return l
}

// Counter counts what happened, without people. The zero value of Config uses
// one that counts nothing.
type Counter interface {
	Accepted()              // an envelope was taken from a sender
	Delivered(disk bool)    // a device acknowledged one; disk: it had been stored
	Stored(n int)           // rows written in one commit
	Refused(code wire.Code) // an envelope was refused
}

// Router is the routing of this package's goods.
type Router = routing.Router[*Letter]

// Tap is told of each envelope taken; messenger/trace. It never blocks and
// never calls back. Passed is false for one that a block list drops.
type Tap interface {
	Envelope(from, to wire.AccountID, at time.Time, passed bool, own messenger.Located)
}

// Waker is told that something came for a device that is not connected;
// messenger/push. It never blocks and never calls back.
type Waker interface {
	Away(a wire.Address)
}

// Config is what the mailboxes work with.
type Config struct {
	Waker  Waker // nil: nobody is woken
	Tap    Tap   // nil: nobody can be traced
	Store  Store
	Router Router
	Clock  clock.Clock
	// Elide is how long an envelope may wait in memory for the acknowledgement
	// of a connected device before it is written. 0: 250 ms.
	Elide  time.Duration
	Limits Limits
	Count  Counter
	Log    *slog.Logger
}

// Mailboxes keeps and delivers. It is safe for concurrent use; Run must be
// running for anything to be stored.
type Mailboxes struct {
	Config
	boxes cache
	out   queue
	aging aging
	dirty chan struct{} // rows were removed: erase

	blocks sync.Mutex   // one change of block lists at a time
	wrote  atomic.Int64 // how long a commit took lately, in nanoseconds
}

// New makes the mailboxes.
func New(c Config) *Mailboxes {
	c.Limits = c.Limits.withDefaults()
	if c.Elide == 0 {
		c.Elide = 250 * time.Millisecond
	}
	if c.Count == nil {
		c.Count = nobody{}
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	m := &Mailboxes{Config: c, dirty: make(chan struct{}, 1)}
	m.boxes.at = map[wire.Address]*box{}
	m.out.kick = make(chan struct{}, 1)
	return m
}

type nobody struct{}

func (nobody) Accepted()         {}
func (nobody) Delivered(bool)    {}
func (nobody) Stored(int)        {}
func (nobody) Refused(wire.Code) {}

// Connect makes the device the one that is connected: its former connection is
// ended, and what waits for it is delivered in order, then what arrives.
func (m *Mailboxes) Connect(ctx context.Context, a wire.Address, out messenger.Outlet) (messenger.Session, error) {
	b, err := m.lock(ctx, a)
	if err != nil {
		return nil, err
	}
	defer b.mu.Unlock()
	s := &session{m: m, box: b, addr: a, outlet: out, next: 1, base: 1}
	s.wake.L = &s.mu
	if old := b.sess; old != nil {
		b.detach(old)
		old.Replaced()
	}
	b.sess, b.cursor = s, 0
	s.unroute = m.Router.Attach(key(a), s)
	s.push(item{frame: wire.Hello{Time: m.Clock.Now().UnixMilli()}})
	s.startPump()
	return s, nil
}

// Tell gives a frame to a device if it is connected.
func (m *Mailboxes) Tell(a wire.Address, f wire.Frame) {
	if b := m.boxes.get(a); b != nil {
		b.mu.Lock()
		defer b.mu.Unlock()
		if b.sess != nil {
			b.sess.push(item{frame: f})
		}
	}
}

// PutNotice stores a signed service notice for each device of an account,
// durable when it returns, and hands it to those connected. It waits without
// end for the others.
func (m *Mailboxes) PutNotice(ctx context.Context, id wire.AccountID, signed []byte) (devices int, err error) {
	if len(signed) == 0 || len(signed) > wire.MaxEnvelope {
		return 0, fault.New(fault.TooLarge, "queue notice", "the notice is too long")
	}
	ds, err := m.Store.Devices(ctx, id)
	if err != nil {
		return 0, fmt.Errorf("find devices: %w", err)
	}
	for _, d := range ds {
		if err := m.putNotice(ctx, wire.At(id, d), signed); err != nil {
			return devices, err
		}
		devices++
	}
	return devices, nil
}

func (m *Mailboxes) putNotice(ctx context.Context, to wire.Address, signed []byte) error {
	b, err := m.lock(ctx, to)
	if err != nil {
		return err
	}
	done := make(chan wire.Code, 1)
	l := &Letter{box: b, at: m.Clock.Now().UnixMilli(), kind: wire.KindNotice, body: signed, stored: done}
	b.add(l)
	if b.sess != nil {
		m.Router.Route(key(to), l)
	}
	b.flushThrough(l)
	b.wake()
	b.mu.Unlock()
	select {
	case c := <-done:
		if c != 0 {
			return fault.New(fault.Unavailable, "queue notice", "the notice cannot be stored now: try again")
		}
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Gone ends the sessions of a closed account and drops what waits in memory.
func (m *Mailboxes) Gone(_ context.Context, c account.Closed) {
	for _, d := range c.Devices {
		m.close(wire.At(c.Account, d), "this account was closed")
	}
	m.removed()
}

// Unlinked does the same for one device.
func (m *Mailboxes) Unlinked(_ context.Context, a wire.Address) {
	m.close(a, "this device was unlinked from its account")
	m.removed()
}

func (m *Mailboxes) close(a wire.Address, say string) {
	b := m.boxes.get(a)
	if b == nil {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.close(say)
	m.boxes.drop(a, b)
}

// Blocked reads an account's block list again.
func (m *Mailboxes) Blocked(id wire.AccountID) {
	m.blocks.Lock()
	defer m.blocks.Unlock()
	list, err := m.Store.BlocksOf(context.Background(), id)
	for d := wire.DeviceID(1); d.Valid(); d++ {
		b := m.boxes.get(wire.At(id, d))
		if b == nil {
			continue
		}
		b.mu.Lock()
		if err == nil {
			b.blocks = setOf(list)
		}
		b.mu.Unlock()
	}
	if err != nil {
		m.Log.Error("read block list", "err", err)
	}
}

// post takes an envelope from a device.
func (m *Mailboxes) post(s *session, f wire.Send) {
	if code := check(f); code != 0 {
		s.refuse(f.Ref, code, 0)
		return
	}
	b, err := m.lock(context.Background(), f.To)
	if err != nil {
		s.refuse(f.Ref, codeOf(err), 0)
		return
	}
	defer b.mu.Unlock()
	if b.blocks[s.addr.Account] { // a block does not show, and nothing is kept
		m.tap(s, f.To.Account, m.Clock.Now(), false)
		time.AfterFunc(b.pace(), func() { s.sent(f.Ref) })
		return
	}
	if b.full(len(f.Body)) {
		s.refuse(f.Ref, wire.CodeFull, 60)
		return
	}
	m.Count.Accepted()
	now := m.Clock.Now()
	l := &Letter{box: b, from: s.addr, at: now.UnixMilli(), kind: f.Kind, body: f.Body, sender: s, ref: f.Ref}
	b.add(l)
	m.tap(s, f.To.Account, now, true)
	if b.sess != nil && m.Router.Route(key(f.To), l) {
		m.aging.add(l)
		return
	}
	b.flushThrough(l)
	b.wake()
}

// wake has a device that is away woken.
func (b *box) wake() {
	if b.sess == nil && b.m.Waker != nil {
		b.m.Waker.Away(b.addr)
	}
}

// Connected reports whether a device is.
func (m *Mailboxes) Connected(a wire.Address) bool {
	b := m.boxes.get(a)
	if b == nil {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.sess != nil
}

// tap is the one look that an envelope costs those who are not traced.
func (m *Mailboxes) tap(s *session, to wire.AccountID, at time.Time, passed bool) {
	if m.Tap != nil {
		m.Tap.Envelope(s.addr.Account, to, at, passed, s)
	}
}

func check(f wire.Send) wire.Code {
	switch {
	case len(f.Body) > wire.MaxEnvelope:
		return wire.CodeTooLarge
	case !f.Kind.FromDevice() || len(f.Body) == 0 || !f.To.Device.Valid() || f.To.Account.IsZero():
		return wire.CodeInvalid
	}
	return 0
}

func codeOf(err error) wire.Code {
	if fault.Is(err, fault.NotFound) {
		return wire.CodeGone
	}
	return wire.CodeTemporary
}

func key(a wire.Address) (k routing.Key) {
	copy(k[:], a.Account[:])
	k[16] = byte(a.Device)
	return k
}

func setOf(ids []wire.AccountID) map[wire.AccountID]bool {
	if len(ids) == 0 {
		return nil
	}
	m := make(map[wire.AccountID]bool, len(ids))
	for _, id := range ids {
		m[id] = true
	}
	return m
}

func (m *Mailboxes) removed() {
	select {
	case m.dirty <- struct{}{}:
	default:
	}
}
