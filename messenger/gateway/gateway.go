// Package gateway is the carrier's door for devices: the HTTP calls and the
// WebSocket of wire. It authenticates, measures, counts and hands on. It knows
// no rule of the parts behind it and reads no envelope; a network address is
// given to the account's last address, to limits in memory, and to a trace that
// two people signed, nowhere else.
package gateway

import (
	"context"
	"log/slog"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"letterlock/internal/clock"
	"letterlock/messenger"
	"letterlock/wire"
)

// Accounts is what the gateway needs of messenger/account.
type Accounts interface {
	RequestCode(ctx context.Context, r wire.CodeRequest, from netip.Addr) error
	Register(ctx context.Context, r wire.Register, from netip.Addr) (wire.Registered, error)
	Authenticate(ctx context.Context, c wire.Credential, from netip.Addr) error
	Lookup(ctx context.Context, caller wire.AccountID, l wire.Lookup) (wire.Found, error)
	Person(ctx context.Context, id wire.AccountID) (wire.Person, error)
	SetProfile(ctx context.Context, id wire.AccountID, p wire.ProfileUpdate) error
	Block(ctx context.Context, id wire.AccountID, b wire.Block) error
	Export(ctx context.Context, id wire.AccountID) (wire.Export, error)
	Delete(ctx context.Context, who wire.Address, d wire.Delete) error
	Devices
}

// Keys is what the gateway needs of messenger/prekey.
type Keys interface {
	Upload(ctx context.Context, a wire.Address, u wire.KeyUpload) (wire.KeyCount, error)
	Bundles(ctx context.Context, caller wire.AccountID, r wire.BundleRequest) (wire.Bundles, error)
	// Low is how many one-time keys are left; ok false: enough.
	Low(ctx context.Context, a wire.Address) (left uint32, ok bool, err error)
}

// Turns is what the gateway needs of messenger/turn.
type Turns interface {
	Take(ctx context.Context, caller wire.AccountID, t wire.Turn) (wire.Turned, error)
}

// Mail is what the gateway needs of messenger/mailbox.
type Mail interface {
	Connect(ctx context.Context, a wire.Address, out messenger.Outlet) (messenger.Session, error)
}

// Reacher says what each kind of legal process would yield about a person.
type Reacher interface {
	Reach(ctx context.Context, id wire.AccountID) (wire.Reach, error)
}

// Objector takes a person's objection to a service notice.
type Objector interface {
	Object(ctx context.Context, id wire.AccountID, o wire.Objection) error
}

// Limits of the door. Zero values mean the defaults.
type Limits struct {
	CallsPerAddress float64       // calls a second and network address; 50, in bursts of 4 seconds' worth
	CallsPerDevice  float64       // calls a second and device; 10, likewise
	SendsPerDevice  float64       // envelopes a second and device; 50, in bursts of 20 seconds' worth
	Connections     int           // sockets in all; 100,000
	Ping            time.Duration // a silent socket is asked; 45 s. Closed after three times that.
	Write           time.Duration // a socket that takes nothing for so long is closed; 20 s
}

func (l Limits) withDefaults() Limits {
	def := func(v *float64, d float64) {
		if *v == 0 {
			*v = d
		}
	}
	def(&l.CallsPerAddress, 50)
	def(&l.CallsPerDevice, 10)
	def(&l.SendsPerDevice, 50)
	if l.Connections == 0 {
		l.Connections = 100_000
	}
	if l.Ping == 0 {
		l.Ping = 45 * time.Second
	}
	if l.Write == 0 {
		l.Write = 20 * time.Second
	}
	return l
}

// Config is what the gateway works with.
type Config struct {
	Accounts Accounts
	Keys     Keys
	Turns    Turns
	Files    Files  // nil: no files are carried
	Pusher   Pusher // nil: nobody is woken
	Mail     Mail
	Objector Objector
	Reacher  Reacher
	Reports  Reports   // nil: no reports are taken
	Info     wire.Info // Version and Time are filled in
	Clock    clock.Clock
	Limits   Limits
	Metrics  *Metrics // nil: nothing is counted
	Log      *slog.Logger
	// Proxies are the networks whose X-Forwarded-For is believed. Empty: none.
	Proxies []netip.Prefix
}

// Gateway is the handler of all wire paths.
type Gateway struct {
	Config
	mux       *http.ServeMux
	addresses *limiter[netip.Prefix]
	devices   *limiter[wire.Address]
	flyers    flyers

	closing atomic.Bool
	mu      sync.Mutex
	conns   map[*conn]struct{}
	empty   chan struct{} // closed when the last socket is gone after Shutdown
	stop    chan struct{}
}

// New makes the handler. Call Shutdown to end its sockets.
func New(c Config) *Gateway {
	c.Limits = c.Limits.withDefaults()
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	c.Info.Version = wire.Version
	g := &Gateway{Config: c, mux: http.NewServeMux(), conns: map[*conn]struct{}{}, empty: make(chan struct{}), stop: make(chan struct{}),
		addresses: newLimiter[netip.Prefix](c.Limits.CallsPerAddress, 4), devices: newLimiter[wire.Address](c.Limits.CallsPerDevice, 4)}
	g.flyers = flyers{next: make(chan *conn), stop: g.stop}
	g.routes()
	go g.watch()
	return g
}

func (g *Gateway) routes() {
	g.mux.HandleFunc(wire.PathInfo, g.info)
	g.mux.HandleFunc(wire.PathSocket, g.socket)
	open(g, wire.PathCode, func(ctx context.Context, from netip.Addr, in wire.CodeRequest) (wire.Nothing, error) {
		return wire.Nothing{}, g.Accounts.RequestCode(ctx, in, from)
	})
	open(g, wire.PathRegister, func(ctx context.Context, from netip.Addr, in wire.Register) (wire.Registered, error) {
		return g.Accounts.Register(ctx, in, from)
	})
	call(g, wire.PathKeys, func(ctx context.Context, who wire.Address, in wire.KeyUpload) (wire.KeyCount, error) {
		return g.Keys.Upload(ctx, who, in)
	})
	call(g, wire.PathBundle, func(ctx context.Context, who wire.Address, in wire.BundleRequest) (wire.Bundles, error) {
		return g.Keys.Bundles(ctx, who.Account, in)
	})
	call(g, wire.PathLookup, func(ctx context.Context, who wire.Address, in wire.Lookup) (wire.Found, error) {
		return g.Accounts.Lookup(ctx, who.Account, in)
	})
	call(g, wire.PathPerson, func(ctx context.Context, _ wire.Address, in wire.PersonRequest) (wire.Person, error) {
		return g.Accounts.Person(ctx, in.Account)
	})
	call(g, wire.PathExport, func(ctx context.Context, who wire.Address, _ wire.Nothing) (wire.Export, error) {
		return g.Accounts.Export(ctx, who.Account)
	})
	call(g, wire.PathTurn, func(ctx context.Context, who wire.Address, in wire.Turn) (wire.Turned, error) {
		return g.Turns.Take(ctx, who.Account, in)
	})
	call(g, wire.PathReach, func(ctx context.Context, who wire.Address, _ wire.Nothing) (wire.Reach, error) {
		if g.Reacher == nil {
			return wire.Reach{}, errNoCall
		}
		return g.Reacher.Reach(ctx, who.Account)
	})
	tell(g, wire.PathProfile, g.Accounts.SetProfile)
	tell(g, wire.PathBlock, g.Accounts.Block)
	tell(g, wire.PathObject, g.object)
	call(g, wire.PathReport, g.report)
	g.deviceRoutes()
	g.pushRoutes()
	if g.Files != nil {
		g.media()
	}
	g.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { g.refuse(w, r, errNoCall) })
}

// ServeHTTP answers a call or takes a socket over.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if g.closing.Load() {
		g.refuse(w, r, errClosing)
		return
	}
	if wait, ok := g.addresses.take(network(g.from(r)), g.Clock.Now()); !ok {
		g.refuse(w, r, slowDown(wait))
		return
	}
	g.mux.ServeHTTP(w, r)
}

// Shutdown says goodbye to every socket and waits until they are gone; those
// that are not when the context ends are cut.
func (g *Gateway) Shutdown(ctx context.Context) error {
	if g.closing.Swap(true) {
		return nil
	}
	close(g.stop)
	for _, c := range g.open() {
		c.Close("the service is restarting: connect again in a moment")
	}
	g.left(nil)
	select {
	case <-g.empty:
		return nil
	case <-ctx.Done():
	}
	for _, c := range g.open() {
		c.nc.Close()
	}
	<-g.empty
	return ctx.Err()
}

func (g *Gateway) open() []*conn {
	g.mu.Lock()
	defer g.mu.Unlock()
	out := make([]*conn, 0, len(g.conns))
	for c := range g.conns {
		out = append(out, c)
	}
	return out
}

// joined notes a socket; false: there are too many, or the door is closing.
func (g *Gateway) joined(c *conn) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closing.Load() || len(g.conns) >= g.Limits.Connections {
		return false
	}
	g.conns[c] = struct{}{}
	g.Metrics.connections(len(g.conns))
	return true
}

func (g *Gateway) left(c *conn) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.conns, c)
	g.Metrics.connections(len(g.conns))
	if g.closing.Load() && len(g.conns) == 0 {
		select {
		case <-g.empty:
		default:
			close(g.empty)
		}
	}
}

// watch asks silent sockets whether they are still there.
func (g *Gateway) watch() {
	t := time.NewTicker(g.Limits.Ping)
	defer t.Stop()
	for {
		select {
		case <-g.stop:
			return
		case <-t.C:
		}
		for _, c := range g.open() {
			c.check()
		}
	}
}
