package gateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"letterlock/internal/fault"
	"letterlock/messenger/account"
	"letterlock/wire"
)

// smallCall bounds the body of a call that brings no keys.
const smallCall = 16 << 10

// callTime bounds how long a call may take.
const callTime = 30 * time.Second

var (
	errNoCall  = fault.New(fault.NotFound, "route", "there is no such call")
	errMethod  = fault.New(fault.Invalid, "route", "this call is made with POST")
	errGet     = fault.New(fault.Invalid, "route", "this call is made with GET")
	errType    = fault.New(fault.Invalid, "route", "the body must be of type "+wire.ContentType)
	errBody    = fault.New(fault.Invalid, "read call", "the body is not what this call takes")
	errLong    = fault.New(fault.TooLarge, "read call", "the body is too long for this call")
	errWho     = fault.New(fault.Unauthenticated, "authenticate", "this call needs the credential of a registered device")
	errClosing = fault.New(fault.Unavailable, "route", "the service is restarting: try again in a moment")
)

func slowDown(wait time.Duration) error {
	return fault.Wrap(fault.Exhausted, "limit", account.Wait{For: wait}, "too many calls in a short time: try again in %d seconds",
		int(wait.Seconds())+1)
}

// open routes a call that needs no credential.
func open[In, Out any](g *Gateway, path string, f func(context.Context, netip.Addr, In) (Out, error)) {
	g.mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
		var in In
		if err := read(w, r, &in); err != nil {
			g.refuse(w, r, err)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), callTime)
		defer cancel()
		out, err := f(ctx, g.from(r), in)
		g.answer(w, r, out, err)
	})
}

// call routes a call that a device makes.
func call[In, Out any](g *Gateway, path string, f func(context.Context, wire.Address, In) (Out, error)) {
	g.mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), callTime)
		defer cancel()
		who, err := g.who(ctx, r)
		if err != nil {
			g.refuse(w, r, err)
			return
		}
		var in In
		if err := read(w, r, &in); err != nil {
			g.refuse(w, r, err)
			return
		}
		out, err := f(ctx, who, in)
		g.answer(w, r, out, err)
	})
}

// tell routes a call that answers Nothing.
func tell[In any](g *Gateway, path string, f func(context.Context, wire.AccountID, In) error) {
	call(g, path, func(ctx context.Context, who wire.Address, in In) (wire.Nothing, error) {
		return wire.Nothing{}, f(ctx, who.Account, in)
	})
}

// who authenticates a call and counts it against the device.
func (g *Gateway) who(ctx context.Context, r *http.Request) (wire.Address, error) {
	c, err := wire.ParseCredential(r.Header.Get("Authorization"))
	if err != nil && r.URL.Path == wire.PathSocket {
		c, err = wire.ParseOffer(r.Header.Get("Sec-WebSocket-Protocol")) // of a browser
	}
	if err != nil {
		return wire.Address{}, errWho
	}
	if err := g.Accounts.Authenticate(ctx, c, g.from(r)); err != nil {
		return wire.Address{}, err
	}
	if wait, ok := g.devices.take(c.Address, g.Clock.Now()); !ok {
		return wire.Address{}, slowDown(wait)
	}
	return c.Address, nil
}

func read(w http.ResponseWriter, r *http.Request, in any) error {
	if r.Method != http.MethodPost {
		return errMethod
	}
	if r.Header.Get("Content-Type") != wire.ContentType {
		return errType
	}
	most := int64(smallCall)
	switch in.(type) {
	case *wire.Register, *wire.KeyUpload, *wire.DeviceJoin, *wire.MediaBegin, *wire.Report:
		most = wire.MaxCall
	}
	b, err := io.ReadAll(http.MaxBytesReader(w, r.Body, most))
	var long *http.MaxBytesError
	if errors.As(err, &long) {
		return errLong
	}
	if err != nil {
		return fault.Wrap(fault.Invalid, "read call", err, "the body ended early")
	}
	if err := wire.Unmarshal(b, in); err != nil {
		return fault.Wrap(fault.Invalid, "read call", err, "%s", fault.Say(errBody))
	}
	return nil
}

func (g *Gateway) info(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet {
		g.refuse(w, r, errGet)
		return
	}
	i := g.Info
	i.Time = g.Clock.Now().UnixMilli()
	g.answer(w, r, i, nil)
}

func (g *Gateway) object(ctx context.Context, id wire.AccountID, o wire.Objection) error {
	if len(o.Text) > wire.MaxObjection || !utf8.ValidString(o.Text) {
		return fault.New(fault.TooLarge, "object", "the text is too long: %d bytes at most", wire.MaxObjection)
	}
	return g.Objector.Object(ctx, id, o)
}

func (g *Gateway) answer(w http.ResponseWriter, r *http.Request, out any, err error) {
	if err != nil {
		g.refuse(w, r, err)
		return
	}
	b, err := wire.Marshal(out)
	if err != nil {
		g.refuse(w, r, fmt.Errorf("encode answer: %w", err))
		return
	}
	g.Metrics.call(named(r.URL.Path), "ok")
	send(w, http.StatusOK, b)
}

// refuse answers with a Problem: the kind, the sentence for people, and nothing
// of the cause.
func (g *Gateway) refuse(w http.ResponseWriter, r *http.Request, err error) {
	kind := fault.KindOf(err)
	if kind == fault.Withheld {
		kind = fault.NotFound
	}
	if kind == fault.Internal && r.Context().Err() == nil {
		g.Log.Error("call failed", "call", named(r.URL.Path), "err", err)
	}
	p := wire.Problem{Kind: kind.String(), Say: fault.Say(err)}
	if form, filled := fault.Form(err); len(filled) > 0 {
		p.Form, p.Filled = form, filled
	}
	var wait account.Wait
	if errors.As(err, &wait) {
		p.RetryAfter = int64((wait.For + time.Second - 1) / time.Second)
		w.Header().Set("Retry-After", strconv.FormatInt(p.RetryAfter, 10))
	}
	g.Metrics.call(named(r.URL.Path), kind.String())
	status := kind.Status()
	if err == errMethod || err == errGet {
		status = http.StatusMethodNotAllowed
	}
	b, err := wire.Marshal(p)
	if err != nil {
		g.Log.Error("encode problem", "err", err)
	}
	send(w, status, b)
}

func send(w http.ResponseWriter, status int, b []byte) {
	w.Header().Set("Content-Type", wire.ContentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	w.WriteHeader(status)
	w.Write(b) // whoever went away does not need it
}

// from is the caller's network address: the peer's, or what a proxy that the
// operator named says.
func (g *Gateway) from(r *http.Request) netip.Addr {
	ap, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return netip.Addr{}
	}
	ip := ap.Addr().Unmap()
	if !g.proxy(ip) {
		return ip
	}
	// The nearest proxy wrote the last entry; what stands before a foreign
	// entry is hearsay.
	hops := strings.Split(strings.Join(r.Header.Values("X-Forwarded-For"), ","), ",")
	for i := len(hops) - 1; i >= 0; i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			return ip
		}
		if ip = hop.Unmap(); !g.proxy(ip) {
			return ip
		}
	}
	return ip
}

func (g *Gateway) proxy(ip netip.Addr) bool {
	for _, p := range g.Proxies {
		if p.Contains(ip) {
			return true
		}
	}
	return false
}
