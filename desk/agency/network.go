package agency

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"net/netip"
	"slices"
	"time"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
	"letterlock/internal/passkey"
)

// Network is where an officer signed in from, blurred: 12 bits of a salted
// hash of the /24 or /48. About 4,000 of all IPv4 networks share each mark, so
// that a seized disk names none; a stranger's network hides behind the marks
// an officer has in about 1 of 500 tries.
type Network struct {
	Mark uint16    `cbor:"mark"`
	Seen time.Time `cbor:"seen"`
}

// How many networks are remembered, and for how long.
const (
	maxNetworks = 8
	networkLife = 180 * 24 * time.Hour
)

// networkMark blurs an address; the officer's id is the salt.
func networkMark(id casefile.OfficerID, peer string) (uint16, bool) {
	addr, err := netip.ParseAddr(peer)
	if err != nil {
		return 0, false // a Unix socket
	}
	bits := 48
	if addr = addr.Unmap(); addr.Is4() {
		bits = 24
	}
	net, err := addr.Prefix(bits)
	if err != nil {
		return 0, false
	}
	h := sha256.Sum256([]byte("letterlock network v1\x00" + string(id) + "\x00" + net.String()))
	return binary.BigEndian.Uint16(h[:2]) & 0x0fff, true
}

// saw remembers a sign-in's network and when one came from a new one. The
// first ever is no surprise.
func (o *Officer) saw(peer string, now time.Time) {
	mark, ok := networkMark(o.ID, peer)
	if !ok {
		return
	}
	nets := slices.DeleteFunc(slices.Clone(o.Networks), func(n Network) bool { return now.Sub(n.Seen) > networkLife })
	i := slices.IndexFunc(nets, func(n Network) bool { return n.Mark == mark })
	switch {
	case i >= 0:
		nets[i].Seen = now
	default:
		if len(o.Networks) > 0 {
			o.Strange = now
		}
		nets = append(nets, Network{mark, now})
	}
	slices.SortFunc(nets, func(a, b Network) int { return b.Seen.Compare(a.Seen) })
	o.Networks = nets[:min(len(nets), maxNetworks)]
}

// KeyUsed stores a passkey's new counter after a sign-in, and where it came
// from, blurred.
func (s *Service) KeyUsed(ctx context.Context, id casefile.OfficerID, k passkey.Key, peer string) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	o, err := s.Store.Officer(ctx, id)
	if err != nil {
		return err
	}
	o.Keys = slices.Clone(o.Keys)
	for i := range o.Keys {
		if string(o.Keys[i].ID) == string(k.ID) {
			o.Keys[i] = k
			o.saw(peer, s.Acts.Clock.Now())
			return s.Store.PutOfficer(ctx, o)
		}
	}
	return fault.New(fault.Unauthenticated, "use passkey", "this passkey is not enrolled here")
}
