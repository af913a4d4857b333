package carriertest

import (
	"slices"

	"letterlock/wire"
)

// Account is the account of a number.
func (c *Carrier) Account(phone string) wire.AccountID {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.phones[phone]
}

// Connected reports whether a number's device is.
func (c *Carrier) Connected(phone string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	p := c.accounts[c.phones[phone]].device.conn
	if p == nil {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return !p.end
}

// Inject delivers any letter to a number's device.
func (c *Carrier) Inject(phone string, l wire.Letter) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.accounts[c.phones[phone]].device.deliver(l)
}

// InjectRow delivers any bytes as a row of the mailbox.
func (c *Carrier) InjectRow(phone string, row []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	d := c.accounts[c.phones[phone]].device
	d.seq++
	d.push(wire.Sealed{Seq: d.seq, Row: row})
}

// Notice signs and delivers a service notice to a number's account, and
// returns what it delivered.
func (c *Carrier) Notice(phone string, n wire.Notice) wire.Letter {
	id := c.Account(phone)
	n.Account = id
	body, err := wire.SignNotice(n, c.noticeKey)
	if err != nil {
		panic(err) // a notice of the tests' own making
	}
	l := wire.Letter{At: c.Clock.Now().UnixMilli(), Kind: wire.KindNotice, Body: body}
	c.Inject(phone, l)
	return l
}

// Shuffle reverses what waits for a number.
func (c *Carrier) Shuffle(phone string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	slices.Reverse(c.accounts[c.phones[phone]].device.waiting)
}

// Repeat delivers once more what waits.
func (c *Carrier) Repeat(phone string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	d := c.accounts[c.phones[phone]].device
	for _, i := range slices.Clone(d.waiting) {
		d.deliver(i.Letter)
	}
}

// Tamper changes a byte in everything that waits for a number.
func (c *Carrier) Tamper(phone string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i := range c.accounts[c.phones[phone]].device.waiting {
		l := &c.accounts[c.phones[phone]].device.waiting[i].Letter
		l.Body = slices.Clone(l.Body)
		l.Body[len(l.Body)/2] ^= 1
	}
}

// Cut breaks a number's connection.
func (c *Carrier) Cut(phone string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.accounts[c.phones[phone]].device.cut()
}

// Replace gives a number's device another identity and keys: what a carrier
// does that wants to listen.
func (c *Carrier) Replace(phone, by string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	victim, other := c.accounts[c.phones[phone]].device, c.accounts[c.phones[by]].device
	victim.keys.IdentityKey, victim.keys.Keys = other.keys.IdentityKey, other.keys.Keys
	victim.keys.RegistrationID = other.keys.RegistrationID
	victim.oneTime, victim.kyber = slices.Clone(other.oneTime), slices.Clone(other.kyber)
}

// Waiting is how many envelopes a number has not acknowledged.
func (c *Carrier) Waiting(phone string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.accounts[c.phones[phone]].device.waiting)
}

// Hints are those that came, whether or not somebody was there.
func (c *Carrier) Hints() []wire.Hint {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.hints)
}

// Hint hands over bytes as a hint from a number's device.
func (c *Carrier) Hint(from, to string, kind wire.EnvelopeKind, body []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.accounts[c.phones[to]].device.push(wire.Hinted{From: c.accounts[c.phones[from]].device.address, Kind: kind, Body: body})
}

// Taken is every envelope that was taken, in order.
func (c *Carrier) Taken() []wire.Send {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.sent)
}

// Keys is how many one-time pre-keys a number has left, and the signed one.
func (c *Carrier) Keys(phone string) (curve, kyber int, signed, lastResort uint32) {
	c.mu.Lock()
	defer c.mu.Unlock()
	d := c.accounts[c.phones[phone]].device
	return len(d.oneTime), len(d.kyber), d.keys.Keys.Signed.ID, d.keys.Keys.LastResort.ID
}

// Spend takes one-time pre-keys away until so many are left.
func (c *Carrier) Spend(phone string, left int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	d := c.accounts[c.phones[phone]].device
	d.oneTime, d.kyber = d.oneTime[:left], d.kyber[:left]
}

// Lookups is how many numbers were asked for.
func (c *Carrier) Lookups() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lookups
}

// Objections are the objections filed.
func (c *Carrier) Objections() []wire.Objection {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.objections)
}
