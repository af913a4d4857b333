package client

import (
	"context"
	"errors"
	"sync"
	"time"

	"letterlock/internal/clock"
	"letterlock/internal/fault"
	"letterlock/signal"
	"letterlock/wire"
)

// Config is what a Client needs.
type Config struct {
	Store     KeyStore
	Transport Transport
	Clock     clock.Clock
	Files     Files   // where sealed files lie; nil: none are sent or fetched
	Freight   Freight // how they travel; nil: the same
	Log       Log     // nil: none
	// OnEntry is told of every new or changed entry of the journal, after it is
	// durable. It is called one at a time and must not call the Client.
	OnEntry func(Entry)
	// OnSign is told what others show of this moment. The rules of OnEntry hold.
	OnSign func(Sign)
	// Wait returns after d or when ctx ends; nil: real time. It only delays
	// reconnections and retries.
	Wait func(ctx context.Context, d time.Duration) error
}

// Client is one device of one person. It may be used by many goroutines.
type Client struct {
	store     KeyStore
	transport Transport
	clock     clock.Clock
	files     Files
	freight   Freight
	log       Log
	onEntry   func(Entry)
	onSign    func(Sign)
	wait      func(context.Context, time.Duration) error
	wake      chan struct{} // the outbox has something new
	haul      chan struct{} // files have something to do
	signs     chan sign     // to be shown to others while it is true
	near      near

	telling sync.Mutex // around onEntry
	refill  sync.Mutex // one upload of pre-keys at a time

	mu     sync.Mutex // guards what follows
	me     *self
	device *signal.Device
	opener *wire.Opener
	atRest chan struct{} // nil: nobody waits in Depart
}

// New makes a Client over a store, registered or not.
func New(c Config) (*Client, error) {
	if c.Store == nil || c.Transport == nil || c.Clock == nil {
		return nil, errors.New("a client needs a store, a transport and a clock")
	}
	cl := &Client{store: c.Store, transport: c.Transport, clock: c.Clock, files: c.Files, freight: c.Freight, log: c.Log,
		onEntry: c.OnEntry, onSign: c.OnSign, wait: c.Wait, wake: make(chan struct{}, 1), haul: make(chan struct{}, 1), signs: make(chan sign, 16)}
	if cl.log == nil {
		cl.log = silence{}
	}
	if cl.wait == nil {
		cl.wait = sleep
	}
	return cl, nil
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

func (c *Client) nowMilli() int64 { return c.clock.Now().UnixMilli() }

// stir tells the line that the outbox has something to do.
func (c *Client) stir() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// tell passes entries on, after the transaction that wrote them.
func (c *Client) tell(entries ...Entry) {
	if c.onEntry == nil {
		return
	}
	c.telling.Lock()
	defer c.telling.Unlock()
	for _, e := range entries {
		c.onEntry(e)
	}
}

// keys returns what opens and seals, made once per start.
func (c *Client) keys(ctx context.Context) (*self, *signal.Device, *wire.Opener, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.me != nil {
		return c.me, c.device, c.opener, nil
	}
	me, err := readSelf(ctx, c.store)
	if err != nil {
		return nil, nil, nil, err
	}
	if me == nil {
		return nil, nil, nil, fault.New(fault.Unauthenticated, "open the key store", "nobody is registered here yet: register a phone number first")
	}
	device, err := signal.New(signal.Config{Local: signalAddress(me.address()), Store: stateStore{c}, Now: c.clock.Now})
	if err != nil {
		return nil, nil, nil, err
	}
	mailbox, err := me.mailboxKey()
	if err != nil {
		return nil, nil, nil, err
	}
	opener, err := wire.NewOpener(me.address(), mailbox)
	if err != nil {
		return nil, nil, nil, err
	}
	c.me, c.device, c.opener = me, device, opener
	return me, device, opener, nil
}

func (c *Client) self(ctx context.Context) (*self, error) {
	me, _, _, err := c.keys(ctx)
	return me, err
}

// update is a transaction that does not touch the ratchet of any peer.
func (c *Client) update(ctx context.Context, f func(*state) error) ([]Entry, error) {
	s := &state{c: c}
	err := c.store.Update(ctx, func(tx Tx) error {
		s.Tx, s.changed = tx, nil
		return f(s)
	})
	if err != nil {
		return nil, err
	}
	if s.renamed {
		c.forgetSelf()
	}
	return s.changed, nil
}

// forgetSelf makes the next call read who this device is.
func (c *Client) forgetSelf() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.me, c.device, c.opener = nil, nil, nil
}

// local is a transaction in which this device may seal for a group.
func (c *Client) local(ctx context.Context, f func(*state) error) ([]Entry, error) {
	me, err := c.self(ctx)
	if err != nil {
		return nil, err
	}
	return c.withPeer(ctx, me.address(), func(_ *signal.Device, s *state) error { return f(s) })
}

// withPeer is a transaction under the lock of a peer's device.
func (c *Client) withPeer(ctx context.Context, peer wire.Address, f func(*signal.Device, *state) error) ([]Entry, error) {
	_, device, _, err := c.keys(ctx)
	if err != nil {
		return nil, err
	}
	var s *state
	err = device.Update(ctx, signalAddress(peer), func(tx signal.Tx) error {
		s = tx.(*state)
		s.device = device
		return f(device, s)
	})
	if err != nil {
		return nil, err
	}
	if s.renamed {
		c.forgetSelf()
	}
	return s.changed, nil
}
