package account

import (
	"crypto/rand"
	"net/netip"
	"sync"
	"time"

	"letterlock/internal/fault"
	"letterlock/wire"
)

// links are the places at which two devices of a person leave sealed messages
// for each other while one of them is being linked. They are in memory alone,
// for ten minutes, and belong to nobody.
type links struct {
	opened *perAddress

	mu sync.Mutex
	at map[wire.LinkID]*place
}

type place struct {
	ends time.Time
	mail [2][][]byte // to the new device, to the primary
}

const (
	linkLife = 10 * time.Minute
	maxLinks = 10_000
)

func newLinks(perHour int) links {
	return links{opened: newPerAddress(perHour), at: map[wire.LinkID]*place{}}
}

// OpenLink gives a new device a place.
func (a *Accounts) OpenLink(from netip.Addr) (wire.LinkOpened, error) {
	now := a.Clock.Now()
	if wait, ok := a.links.opened.take(from, now); !ok {
		return wire.LinkOpened{}, tooMany("open a link", "too many links were opened from this network address", wait)
	}
	a.links.mu.Lock()
	defer a.links.mu.Unlock()
	for id, p := range a.links.at {
		if !now.Before(p.ends) {
			delete(a.links.at, id)
		}
	}
	if len(a.links.at) >= maxLinks {
		return wire.LinkOpened{}, fault.New(fault.Unavailable, "open a link", "too many devices are being linked now: try again in a minute")
	}
	var id wire.LinkID
	rand.Read(id[:])
	a.links.at[id] = &place{ends: now.Add(linkLife)}
	return wire.LinkOpened{ID: id}, nil
}

// place finds one that has not ended. The lock is held.
func (a *Accounts) place(id wire.LinkID) (*place, error) {
	p := a.links.at[id]
	if p == nil || !a.Clock.Now().Before(p.ends) {
		return nil, fault.New(fault.Expired, "find a link", "this link is not valid (any more): it works for ten minutes and once; show a new one on the new device")
	}
	return p, nil
}

func side(toPrimary bool) int {
	if toPrimary {
		return 1
	}
	return 0
}

// PutLink leaves a message.
func (a *Accounts) PutLink(_ netip.Addr, in wire.LinkPut) error {
	a.links.mu.Lock()
	defer a.links.mu.Unlock()
	p, err := a.place(in.ID)
	if err != nil {
		return err
	}
	mail := &p.mail[side(in.ToPrimary)]
	if len(in.Body) == 0 || len(in.Body) > wire.MaxLink || len(*mail) == wire.MaxLinkMail {
		return fault.New(fault.TooLarge, "leave a message at a link", "this is more than linking a device takes: show a new link")
	}
	*mail = append(*mail, in.Body)
	return nil
}

// GetLink reads messages; they stay until the place ends.
func (a *Accounts) GetLink(_ netip.Addr, in wire.LinkGet) (wire.LinkGot, error) {
	a.links.mu.Lock()
	defer a.links.mu.Unlock()
	p, err := a.place(in.ID)
	if err != nil {
		return wire.LinkGot{}, err
	}
	mail := p.mail[side(in.ToPrimary)]
	if in.Have < 0 || in.Have > len(mail) {
		return wire.LinkGot{}, fault.New(fault.Invalid, "read a link", "there are not so many messages")
	}
	return wire.LinkGot{Bodies: mail[in.Have:]}, nil
}
