package gateway

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// limiter limits a rate for each of many keys. It lives in memory only, and
// that is bounded: when the newer generation is full, the older is dropped.
type limiter[K comparable] struct {
	rate  rate.Limit
	burst int

	mu       sync.Mutex
	now, old map[K]*rate.Limiter
}

// maxKeys bounds a generation.
const maxKeys = 50_000

func newLimiter[K comparable](perSecond, seconds float64) *limiter[K] {
	return &limiter[K]{rate: rate.Limit(perSecond), burst: max(int(perSecond*seconds), 1), now: map[K]*rate.Limiter{}}
}

// take counts one and tells how long to wait when there is none left.
func (l *limiter[K]) take(k K, at time.Time) (wait time.Duration, ok bool) {
	r := l.of(k)
	v := r.ReserveN(at, 1)
	if d := v.DelayFrom(at); d > 0 {
		v.CancelAt(at)
		return d, false
	}
	return 0, true
}

func (l *limiter[K]) of(k K) *rate.Limiter {
	l.mu.Lock()
	defer l.mu.Unlock()
	if r := l.now[k]; r != nil {
		return r
	}
	r := l.old[k]
	if r == nil {
		r = rate.NewLimiter(l.rate, l.burst)
	}
	if len(l.now) >= maxKeys {
		l.old, l.now = l.now, map[K]*rate.Limiter{}
	}
	l.now[k] = r
	return r
}

// network is what counts as one address: an IPv4 address, or an IPv6 /64.
func network(ip netip.Addr) netip.Prefix {
	bits := 32
	if ip.Is6() {
		bits = 64
	}
	p, _ := ip.WithZone("").Prefix(bits)
	return p
}
