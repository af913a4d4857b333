package account

import (
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// window is the span in which codes and tries are counted.
const window = time.Hour

// perAddress limits what one network address may do in an hour. It lives in
// memory only: a list of addresses on a disk would be a log.
type perAddress struct {
	burst int

	mu       sync.Mutex
	now, old map[netip.Prefix]*rate.Limiter // old is dropped when now is full
}

// maxAddresses bounds each generation of the map.
const maxAddresses = 50_000

func newPerAddress(burst int) *perAddress {
	return &perAddress{burst: burst, now: map[netip.Prefix]*rate.Limiter{}}
}

// take counts one and tells how long to wait when there is none left.
func (p *perAddress) take(ip netip.Addr, at time.Time) (wait time.Duration, ok bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	key := network(ip)
	l := p.now[key]
	if l == nil {
		if l = p.old[key]; l == nil {
			l = rate.NewLimiter(rate.Every(window/time.Duration(p.burst)), p.burst)
		}
		if len(p.now) >= maxAddresses {
			p.old, p.now = p.now, map[netip.Prefix]*rate.Limiter{}
		}
		p.now[key] = l
	}
	r := l.ReserveN(at, 1)
	if d := r.DelayFrom(at); d > 0 {
		r.CancelAt(at)
		return d, false
	}
	return 0, true
}

// network is what counts as one address: an IPv4 address, or an IPv6 /64.
func network(ip netip.Addr) netip.Prefix {
	ip = ip.Unmap().WithZone("")
	bits := 32
	if ip.Is6() {
		bits = 64
	}
	p, _ := ip.Prefix(bits)
	return p
}
