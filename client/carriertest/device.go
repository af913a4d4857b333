package carriertest

import (
	crand "crypto/rand"
	"crypto/sha256"
	"math/rand/v2"
	"slices"

	"letterlock/internal/fault"
	"letterlock/wire"
)

func (a *account) at(d wire.DeviceID) *device {
	if d == wire.Primary {
		return a.device
	}
	return a.linked[d]
}

func (a *account) numbers() []wire.DeviceID {
	out := []wire.DeviceID{wire.Primary}
	for d := range a.linked {
		out = append(out, d)
	}
	slices.Sort(out)
	return out
}

func (c *Carrier) shown(a *account) wire.SignedDevices {
	if c.OnList != nil {
		return c.OnList(a.id, a.list, a.former)
	}
	return a.list
}

// openDevices answers the calls that need no credential.
func (c *Carrier) openDevices(path string, body []byte) (any, error) {
	switch path {
	case wire.PathLinkOpen:
		var id wire.LinkID
		crand.Read(id[:])
		c.links[id] = new([2][][]byte)
		return wire.LinkOpened{ID: id}, nil
	case wire.PathLinkPut:
		return read(body, func(p wire.LinkPut) (any, error) {
			at := c.links[p.ID]
			if at == nil {
				return nil, fault.New(fault.Expired, "link", "this link is not valid any more")
			}
			if c.spoil {
				p.Body = slices.Clone(p.Body)
				p.Body[len(p.Body)-1] ^= 1
			}
			at[way(p.ToPrimary)] = append(at[way(p.ToPrimary)], p.Body)
			return wire.Nothing{}, nil
		})
	case wire.PathLinkGet:
		return read(body, func(g wire.LinkGet) (any, error) {
			at := c.links[g.ID]
			if at == nil {
				return nil, fault.New(fault.Expired, "link", "this link is not valid any more")
			}
			mail := at[way(g.ToPrimary)]
			return wire.LinkGot{Bodies: mail[min(g.Have, len(mail)):]}, nil
		})
	case wire.PathDevices:
		return read(body, func(r wire.PersonRequest) (any, error) {
			a := c.accounts[r.Account]
			if a == nil {
				return nil, fault.New(fault.NotFound, "devices", "there is no such account")
			}
			return c.shown(a), nil
		})
	}
	return read(body, c.join)
}

func way(toPrimary bool) int {
	if toPrimary {
		return 1
	}
	return 0
}

func (c *Carrier) join(r wire.DeviceJoin) (any, error) {
	a := c.accounts[r.Account]
	if a == nil || a.joins == nil || a.joins.Ticket != sha256.Sum256(r.Ticket) || a.joins.Device != r.Device {
		return nil, fault.New(fault.Expired, "join", "this device was not let in")
	}
	d := &device{address: wire.At(r.Account, r.Device), token: make([]byte, 32),
		keys: wire.Register{RegistrationID: r.RegistrationID, IdentityKey: r.IdentityKey, MailboxKey: r.MailboxKey, Keys: r.Keys}}
	crand.Read(d.token)
	var err error
	if d.sealer, err = wire.NewSealer(d.address, r.MailboxKey); err != nil {
		return nil, fault.New(fault.Invalid, "join", "the mailbox key is wrong")
	}
	d.upload(r.Keys)
	if a.linked == nil {
		a.linked = map[wire.DeviceID]*device{}
	}
	a.linked[r.Device] = d
	a.publish(a.joins.List)
	a.joins = nil
	return wire.Registered{Account: r.Account, Device: r.Device, Token: d.token}, nil
}

func (a *account) publish(l wire.SignedDevices) {
	a.former = append(a.former, a.list)
	a.list = l
}

// ownDevices answers what a device asks about its own account.
func (c *Carrier) ownDevices(a *account, who wire.Address, path string, body []byte) (any, error) {
	switch path {
	case wire.PathDeviceAdd:
		return read(body, func(d wire.DeviceAdd) (any, error) { a.joins = &d; return wire.Nothing{}, nil })
	case wire.PathDeviceRemove:
		return read(body, func(r wire.DeviceRemove) (any, error) {
			if d := a.linked[r.Device]; d != nil {
				d.cut()
			}
			delete(a.linked, r.Device)
			if !r.List.Absent() {
				a.publish(r.List)
			}
			return wire.Nothing{}, nil
		})
	case wire.PathLock:
		return read(body, func(l wire.Lock) (any, error) { a.pin = l.PIN; return wire.Nothing{}, nil })
	}
	return read(body, func(n wire.Number) (any, error) {
		if !c.asked[n.Phone] || n.Code != Code {
			return nil, fault.New(fault.Invalid, "number", "this is not the code")
		}
		delete(c.asked, n.Phone)
		delete(c.phones, a.phone)
		a.phone = n.Phone
		c.phones[n.Phone] = a.id
		return wire.Nothing{}, nil
	})
}

// Mix makes everything that is delivered from now on come in another order,
// which follows from the seed.
func (c *Carrier) Mix(seed uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.mix = rand.New(rand.NewPCG(seed, seed))
}

// shuffle changes the order of what waits for a device.
func (c *Carrier) shuffle(d *device) {
	if c.mix != nil {
		c.mix.Shuffle(len(d.waiting), func(i, j int) { d.waiting[i], d.waiting[j] = d.waiting[j], d.waiting[i] })
	}
}

// deliver hands over, or, if order is mixed, often lets wait until the next
// connection.
func (c *Carrier) deliver(d *device, l wire.Letter) {
	if c.mix == nil || c.mix.IntN(3) == 0 {
		d.deliver(l)
		return
	}
	d.seq++
	d.waiting = append(d.waiting, item{d.seq, l})
}

// WaitingAt is how many envelopes a device has not acknowledged; -1: there is
// no such device.
func (c *Carrier) WaitingAt(phone string, d wire.DeviceID) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	at := c.accounts[c.phones[phone]].at(d)
	if at == nil {
		return -1
	}
	return len(at.waiting)
}

// ReplaceAt gives one device of a number the keys of another number's device.
func (c *Carrier) ReplaceAt(phone string, d wire.DeviceID, by string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	victim, other := c.accounts[c.phones[phone]].at(d), c.accounts[c.phones[by]].device
	victim.keys.IdentityKey, victim.keys.Keys, victim.keys.RegistrationID = other.keys.IdentityKey, other.keys.Keys, other.keys.RegistrationID
	victim.oneTime, victim.kyber = slices.Clone(other.oneTime), slices.Clone(other.kyber)
}

// Ghost adds a device of the carrier's own to a number, with the keys of
// another number's device.
func (c *Carrier) Ghost(phone string, d wire.DeviceID, by string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	a, other := c.accounts[c.phones[phone]], c.accounts[c.phones[by]].device
	ghost := *other
	ghost.address, ghost.waiting, ghost.conn = wire.At(a.id, d), nil, nil
	if a.linked == nil {
		a.linked = map[wire.DeviceID]*device{}
	}
	a.linked[d] = &ghost
}

// Hide takes a device away, without the person's word, and returns what brings
// it back.
func (c *Carrier) Hide(phone string, d wire.DeviceID) (back func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	a := c.accounts[c.phones[phone]]
	hidden := a.linked[d]
	delete(a.linked, d)
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		a.linked[d] = hidden
	}
}

// InjectAt delivers any letter to a device.
func (c *Carrier) InjectAt(phone string, d wire.DeviceID, l wire.Letter) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.accounts[c.phones[phone]].at(d).deliver(l)
}

// SpoilLinks changes a byte in everything that devices leave at links from now
// on.
func (c *Carrier) SpoilLinks() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.spoil = true
}
