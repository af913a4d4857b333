// Package push wakes a device that is away by Web Push (RFC 8030), with a
// message that says nothing: that something waits is all that the push service
// learns, and who sent it, what or to whom else nobody but the device. It knows
// addresses of devices and of push services; it must not know an envelope.
package push

import (
	"context"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/tls"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"letterlock/internal/clock"
	"letterlock/internal/fault"
	"letterlock/wire"
)

// Subscription is where a device is woken.
type Subscription struct {
	Endpoint string
	Key      []byte // the browser's, P-256
	Auth     []byte // the secret it shares with this server
}

// Store is what the pusher needs of a database.
type Store interface {
	// PutPush stores a device's subscription in the place of the one before;
	// NotFound: there is no such device.
	PutPush(ctx context.Context, a wire.Address, s Subscription) error
	// PushOf reads it; NotFound: there is none.
	PushOf(ctx context.Context, a wire.Address) (Subscription, error)
	// RemovePush removes it; with an endpoint, only if it still has that one.
	RemovePush(ctx context.Context, a wire.Address, endpoint string) error
	// Pushed are all devices with a subscription.
	Pushed(ctx context.Context) ([]wire.Address, error)
}

// Config is what the pusher works with.
type Config struct {
	Store     Store
	Clock     clock.Clock
	Key       *ecdsa.PrivateKey       // the operator's (VAPID), P-256
	Contact   string                  // how a push service reaches the operator: mailto: or https:
	Connected func(wire.Address) bool // such a device needs no push
	Loopback  bool                    // endpoints on this machine are allowed: demo and tests only
	TLS       *tls.Config             // nil: as the system has it
	Log       *slog.Logger
}

// Bounds of pushing.
const (
	settle   = 2 * time.Second // a device that is back by then needs no push; what comes meanwhile is one
	rest     = time.Minute     // between two pushes to one device
	patience = 10 * time.Second
	atOnce   = 32 // calls
	maxTries = 4
	maxRetry = 24 * time.Hour // the longest Retry-After that is waited for
	keepFor  = "2592000"      // TTL in seconds: as long as an envelope waits
)

// Pusher wakes devices. Away may be called from anywhere and never waits.
type Pusher struct {
	Config
	public []byte
	http   *http.Client

	mu   sync.Mutex
	subs map[wire.Address]struct{}
	due  map[wire.Address]*due
}

// due is what is in memory of a device's pushes, and nowhere else.
type due struct {
	wanted bool
	at     time.Time // when it may be sent
	tries  int
}

// New makes a pusher that knows who has a subscription.
func New(ctx context.Context, c Config) (*Pusher, error) {
	public, err := c.Key.PublicKey.ECDH()
	if err != nil || public.Curve() != ecdh.P256() {
		return nil, fault.Wrap(fault.Invalid, "open push", err, "the key for Web Push is not one of P-256: restore it from the backup")
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	p := &Pusher{Config: c, public: public.Bytes(), subs: map[wire.Address]struct{}{}, due: map[wire.Address]*due{}}
	p.http = p.caller()
	all, err := c.Store.Pushed(ctx)
	for _, a := range all {
		p.subs[a] = struct{}{}
	}
	return p, err
}

// PublicKey is what browsers subscribe with.
func (p *Pusher) PublicKey() []byte { return p.public }

// Subscribe stores or removes a device's subscription.
func (p *Pusher) Subscribe(ctx context.Context, who wire.Address, in wire.Push) error {
	if in.Endpoint == "" {
		return p.forget(ctx, who, "")
	}
	if _, err := p.check(in.Endpoint); err != nil {
		return err
	}
	if _, err := ecdh.P256().NewPublicKey(in.Key); err != nil || len(in.Key) != wire.PushKeySize || len(in.Auth) != wire.PushAuthSize {
		return fault.New(fault.Invalid, "subscribe", "the keys of this subscription cannot be used: ask the browser for a new one")
	}
	if err := p.Store.PutPush(ctx, who, Subscription{Endpoint: in.Endpoint, Key: in.Key, Auth: in.Auth}); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.subs[who] = struct{}{}
	return nil
}

func (p *Pusher) forget(ctx context.Context, who wire.Address, endpoint string) error {
	if err := p.Store.RemovePush(ctx, who, endpoint); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if endpoint == "" {
		delete(p.subs, who)
	}
	delete(p.due, who)
	return nil
}

// Away says that something came for a device that is not connected.
func (p *Pusher) Away(a wire.Address) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if _, found := p.subs[a]; !found {
		return
	}
	d := p.due[a]
	if d == nil {
		d = &due{}
		p.due[a] = d
	}
	if d.wanted {
		return
	}
	d.wanted, d.tries = true, 0
	if soon := p.Clock.Now().Add(settle); d.at.Before(soon) {
		d.at = soon
	}
}

// Run pushes until the context ends.
func (p *Pusher) Run(ctx context.Context) {
	t := time.NewTicker(time.Second)
	defer t.Stop()
	for {
		select {
		case <-t.C:
			p.Due(ctx)
		case <-ctx.Done():
			return
		}
	}
}

// Due sends what is due now, and returns when it is sent. The order in which
// devices come says nothing.
func (p *Pusher) Due(ctx context.Context) {
	var all sync.WaitGroup
	slots := make(chan struct{}, atOnce)
	for _, a := range p.ripe() {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			p.wake(ctx, a)
		})
	}
	all.Wait()
}

// ripe takes what is due, and forgets what is over.
func (p *Pusher) ripe() (out []wire.Address) {
	now := p.Clock.Now()
	p.mu.Lock()
	defer p.mu.Unlock()
	for a, d := range p.due {
		switch {
		case now.Before(d.at):
		case d.wanted:
			d.wanted, d.at = false, now.Add(rest)
			out = append(out, a)
		default:
			delete(p.due, a)
		}
	}
	return out
}

// again puts a push off, unless it was tried often.
func (p *Pusher) again(a wire.Address, after time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	d := p.due[a]
	if d == nil {
		return
	}
	if d.tries++; d.tries < maxTries {
		d.wanted = true
	}
	if at := p.Clock.Now().Add(after); d.at.Before(at) {
		d.at = at
	}
}
