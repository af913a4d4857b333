package push

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"

	"letterlock/internal/fault"
	"letterlock/wire"
)

// An endpoint is an address that a stranger gives and that this server then
// calls: it must not lead to what only this server can reach. Its form is
// looked at when it is given, and the address that its name has, at each call,
// when it is dialled: a name may have another one by then.

// within are networks that are public by their form and lead to private ones,
// or to nowhere.
var within = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"), netip.MustParsePrefix("192.0.2.0/24"),
	netip.MustParsePrefix("192.88.99.0/24"), netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("203.0.113.0/24"), netip.MustParsePrefix("240.0.0.0/4"),
	netip.MustParsePrefix("64:ff9b::/96"), netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("100::/64"), netip.MustParsePrefix("2001::/23"), netip.MustParsePrefix("2001:db8::/32"), netip.MustParsePrefix("2002::/16"),
}

// open reports whether an address is one of the open internet.
func (p *Pusher) open(a netip.Addr) bool {
	a = a.Unmap().WithZone("")
	if a.IsLoopback() {
		return p.Loopback
	}
	if !a.IsGlobalUnicast() || a.IsPrivate() {
		return false
	}
	for _, n := range within {
		if n.Contains(a) {
			return false
		}
	}
	return true
}

func errEndpoint() error {
	return fault.New(fault.Invalid, "subscribe", "this is no address of a push service: it begins with https, and leads to the open internet")
}

// check looks at the form of an endpoint.
func (p *Pusher) check(endpoint string) (*url.URL, error) {
	u, err := url.Parse(endpoint)
	if err != nil || len(endpoint) > wire.MaxPushEndpoint || u.User != nil || u.Fragment != "" || u.Opaque != "" || u.Hostname() == "" {
		return nil, errEndpoint()
	}
	host := u.Hostname()
	ip, err := netip.ParseAddr(host)
	if err == nil && !p.open(ip) {
		return nil, errEndpoint()
	}
	local := p.Loopback && (host == "localhost" || (err == nil && ip.IsLoopback()))
	if local && (u.Scheme == "http" || u.Scheme == "https") {
		return u, nil
	}
	named := err == nil || (strings.Contains(host, ".") && !strings.HasSuffix(host, ".localhost") && !strings.HasSuffix(host, ".local") && !strings.HasSuffix(host, ".internal"))
	if u.Scheme != "https" || (u.Port() != "" && u.Port() != "443") || !named {
		return nil, errEndpoint()
	}
	return u, nil
}

var errClosed = errors.New("the address is not of the open internet")

// caller calls nobody else than the open internet, follows nobody elsewhere,
// and goes through no proxy, behind which the address could not be seen.
func (p *Pusher) caller() *http.Client {
	d := net.Dialer{Timeout: patience, ControlContext: func(_ context.Context, _, address string, _ syscall.RawConn) error {
		a, err := netip.ParseAddrPort(address)
		if err != nil || !p.open(a.Addr()) {
			return errClosed
		}
		return nil
	}}
	return &http.Client{
		Timeout:       patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{DialContext: d.DialContext, TLSClientConfig: p.TLS, TLSHandshakeTimeout: patience, ForceAttemptHTTP2: true,
			MaxIdleConns: atOnce, MaxIdleConnsPerHost: 4, IdleConnTimeout: time.Minute, MaxResponseHeaderBytes: 16 << 10},
	}
}
