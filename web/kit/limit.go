package kit

import (
	"net"
	"net/http"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"letterlock/internal/clock"
	"letterlock/internal/fault"
)

// Limiter lets each key do so much in a time: Burst at once, then one each
// Every. It keeps 10,000 keys; when full, it forgets those that are idle, and
// refuses new ones rather than forget a busy one.
type Limiter struct {
	Every time.Duration
	Burst int
	Clock clock.Clock

	mu  sync.Mutex
	all map[string]*rate.Limiter
}

const maxKeys = 10000

// Allow takes one, or is fault.Exhausted.
func (l *Limiter) Allow(key string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.Clock.Now()
	x := l.all[key]
	if x == nil {
		if l.all == nil {
			l.all = map[string]*rate.Limiter{}
		}
		if len(l.all) >= maxKeys {
			l.forget(now)
		}
		if len(l.all) >= maxKeys {
			return tooMany(l.Every)
		}
		x = rate.NewLimiter(rate.Every(l.Every), l.Burst)
		l.all[key] = x
	}
	if !x.AllowN(now, 1) {
		return tooMany(l.Every)
	}
	return nil
}

func (l *Limiter) forget(now time.Time) {
	for k, x := range l.all {
		if x.TokensAt(now) >= float64(l.Burst) {
			delete(l.all, k)
		}
	}
}

func tooMany(every time.Duration) error {
	return fault.New(fault.Exhausted, "limit", "too many attempts; try again in %s", Span(max(every, time.Minute)))
}

// Peer is whom to count a request against: the address without its port, and
// for IPv6 without the half that a household can choose.
func Peer(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr // a Unix socket
	}
	if ip := net.ParseIP(host); ip != nil && ip.To4() == nil {
		return ip.Mask(net.CIDRMask(64, 128)).String()
	}
	return host
}
