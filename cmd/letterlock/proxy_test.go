package main

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
)

func TestOnlyANamedProxySaysWhoCalls(t *testing.T) {
	ours := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	for name, c := range map[string]struct{ peer, forwarded, want string }{
		"a stranger says so":       {"203.0.113.9:4000", "198.51.100.1", "203.0.113.9:4000"},
		"the proxy says so":        {"10.0.0.1:4000", "198.51.100.1", "198.51.100.1:4000"},
		"hearsay before a foreign": {"10.0.0.1:4000", "192.0.2.1, 198.51.100.1", "198.51.100.1:4000"},
		"two proxies":              {"10.0.0.1:4000", "198.51.100.1, 10.0.0.2", "198.51.100.1:4000"},
		"nonsense":                 {"10.0.0.1:4000", "nobody", "10.0.0.1:4000"},
		"nothing":                  {"10.0.0.1:4000", "", "10.0.0.1:4000"},
	} {
		got := ""
		h := behind(ours, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.RemoteAddr }))
		r := httptest.NewRequest("GET", "/", nil)
		r.RemoteAddr = c.peer
		r.Header.Set("X-Forwarded-For", c.forwarded)
		h.ServeHTTP(httptest.NewRecorder(), r)
		if got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}
