package client_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"letterlock/client"
	"letterlock/client/carriertest"
	"letterlock/client/keystoretest"
	"letterlock/internal/clock"
	"letterlock/wire"
)

// The cast.
const (
	alice = "+441632960001"
	bob   = "+441632960002"
	carol = "+441632960003"
)

type world struct {
	t       testing.TB
	clock   *clock.Manual
	carrier *carriertest.Carrier
	log     client.Log
}

func newWorld(t testing.TB) *world {
	c := clock.NewManual(time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC))
	return &world{t: t, clock: c, carrier: carriertest.New(c)}
}

// person is somebody with a device.
type person struct {
	*world
	phone string
	store client.KeyStore
	files *keystoretest.MemoryFiles
	*client.Client
	mu   sync.Mutex
	told []client.Entry
	hook func(client.Entry) // nil: none
	saw  chan client.Sign   // nil: signs are not looked at
	wait func(context.Context, time.Duration) error
}

func (w *world) person(phone string) *person {
	w.t.Helper()
	return w.personOn(phone, keystoretest.NewMemory())
}

func (w *world) personOn(phone string, store client.KeyStore) *person {
	w.t.Helper()
	p := &person{world: w, phone: phone, store: store}
	p.start()
	p.must(p.RequestCode(bg, phone))
	_, err := p.Register(bg, client.Registration{Server: "test", Phone: phone, Code: carriertest.Code, DeviceType: "terminal"})
	p.must(err)
	return p
}

// start is a new start of the program on the same store.
func (p *person) start() {
	p.t.Helper()
	if p.files == nil {
		p.files = keystoretest.NewMemoryFiles()
	}
	c, err := client.New(client.Config{Store: p.store, Transport: p.carrier.Transport(), Clock: p.clock, Log: p.log,
		OnEntry: p.tell, OnSign: p.sign, Wait: p.waits, Files: p.files, Freight: &p.carrier.Freight})
	p.must(err)
	p.Client = c
}

// waits moves the clock, unless the test waits otherwise.
func (p *person) waits(ctx context.Context, d time.Duration) error {
	if p.wait != nil {
		return p.wait(ctx, d)
	}
	p.clock.Advance(d)
	return ctx.Err()
}

func (p *person) sign(g client.Sign) {
	if p.saw != nil {
		p.saw <- g
	}
}

func (p *person) tell(e client.Entry) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.told = append(p.told, e)
	if p.hook != nil {
		p.hook(e)
	}
}

var bg = context.Background()

func (p *person) must(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatalf("%s: %v", p.phone, err)
	}
}

func (p *person) send(to *person, text string) client.Entry {
	p.t.Helper()
	e, err := p.Send(bg, to.phone, text)
	p.must(err)
	return e
}

func (p *person) flush() { p.t.Helper(); p.must(p.Flush(limit(p.t))) }
func (p *person) drain() { p.t.Helper(); p.must(p.Drain(limit(p.t))) }

// both lets every message and repair between people arrive.
func settle(people ...*person) {
	people[0].t.Helper()
	for range 3 {
		for _, p := range people {
			p.drain()
			p.flush()
		}
	}
}

// limit keeps a test that hangs from hanging long; nothing waits for it.
func limit(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(bg, 20*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// texts are what a person got, in the order of the journal.
func (p *person) texts() (out []string) {
	p.t.Helper()
	for _, e := range p.journal(client.Incoming) {
		out = append(out, e.Text)
	}
	return out
}

func (p *person) journal(kinds ...client.EntryKind) []client.Entry {
	p.t.Helper()
	all, err := p.Journal(bg, kinds...)
	p.must(err)
	return all
}

func (p *person) got(want ...string) {
	p.t.Helper()
	got, want := p.texts(), slices.Clone(want)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		p.t.Fatalf("%s has %q, want %q", p.phone, got, want)
	}
}

// whole checks what must always hold: nobody lost, nothing waits.
func (p *person) whole() {
	p.t.Helper()
	if all := p.journal(client.Unopened, client.KeyChanged, client.NoticeRejected, client.Unknown); len(all) > 0 {
		p.t.Fatalf("%s: unexpected %+v", p.phone, all)
	}
	for _, e := range p.journal(client.Outgoing) {
		if e.State != client.Sent || e.Copies != 0 {
			p.t.Fatalf("%s: %q is %s (%s), %d copies wait", p.phone, e.Text, e.State, e.Why, e.Copies)
		}
	}
	if n := p.carrier.Waiting(p.phone); n != 0 {
		p.t.Fatalf("%s: %d envelopes not acknowledged", p.phone, n)
	}
}

func numbered(format string, n int) (out []string) {
	for i := range n {
		out = append(out, fmt.Sprintf(format, i))
	}
	return out
}

var errKilled = errors.New("killed")

// mortal is a store whose program is killed at its n-th step: from then on
// every call fails, as for a process that is no more. A kill may strike before
// a step of a transaction, before its commit, or right after it.
type mortal struct {
	client.KeyStore
	mu    sync.Mutex
	left  int // steps to live; below 0: for ever
	steps int
	dead  bool
}

func (m *mortal) step() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.steps++
	if m.left == 0 {
		m.dead = true
	}
	if m.dead {
		return errKilled
	}
	m.left--
	return nil
}

func (m *mortal) Update(ctx context.Context, f func(client.Tx) error) error {
	if err := m.step(); err != nil {
		return err
	}
	err := m.KeyStore.Update(ctx, func(tx client.Tx) error {
		if err := f(mortalTx{tx, m}); err != nil {
			return err
		}
		return m.step() // before the commit
	})
	if err != nil {
		return err
	}
	return m.step() // after it
}

func (m *mortal) View(ctx context.Context, f func(client.Tx) error) error {
	if err := m.step(); err != nil {
		return err
	}
	return m.KeyStore.View(ctx, f)
}

type mortalTx struct {
	client.Tx
	m *mortal
}

func (t mortalTx) Put(b client.Bucket, key, value []byte) error {
	if err := t.m.step(); err != nil {
		return err
	}
	return t.Tx.Put(b, key, value)
}

func (t mortalTx) Delete(b client.Bucket, key []byte) error {
	if err := t.m.step(); err != nil {
		return err
	}
	return t.Tx.Delete(b, key)
}

// revive is the next start, which lives for so many steps.
func (m *mortal) revive(left int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.left, m.dead, m.steps = left, false, 0
}

func hexID(id [16]byte) string { return client.MessageIDText(id) }

func accountOf(p *person) wire.AccountID {
	me, err := p.Me(bg)
	p.must(err)
	return me.Account
}

func joined(es []client.Entry) string {
	var b strings.Builder
	for _, e := range es {
		fmt.Fprintf(&b, "%s %s %s; ", e.Kind, e.Text, e.Why)
	}
	return b.String()
}
