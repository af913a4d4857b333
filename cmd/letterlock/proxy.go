package main

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"
)

// behind gives a site the caller's own address where the operator named the
// proxy in front: limits and allowed networks count the caller, not the proxy.
func behind(proxies []netip.Prefix, h http.Handler) http.Handler {
	if len(proxies) == 0 {
		return h
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if ap, err := netip.ParseAddrPort(r.RemoteAddr); err == nil {
			r = r.Clone(r.Context())
			r.RemoteAddr = netip.AddrPortFrom(caller(proxies, ap.Addr().Unmap(), r.Header.Values("X-Forwarded-For")), ap.Port()).String()
		}
		h.ServeHTTP(w, r)
	})
}

// caller is whom the nearest foreign entry names. What stands before it is
// hearsay.
func caller(proxies []netip.Prefix, ip netip.Addr, forwarded []string) netip.Addr {
	ours := func(a netip.Addr) bool {
		return slices.ContainsFunc(proxies, func(p netip.Prefix) bool { return p.Contains(a) })
	}
	hops := strings.Split(strings.Join(forwarded, ","), ",")
	for i := len(hops) - 1; i >= 0 && ours(ip); i-- {
		hop, err := netip.ParseAddr(strings.TrimSpace(hops[i]))
		if err != nil {
			return ip
		}
		ip = hop.Unmap()
	}
	return ip
}
