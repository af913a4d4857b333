// Package carriertest is a carrier in memory for the client's tests: it speaks
// the wire, keeps what is not acknowledged, and misbehaves on command. It is
// no model of the real one, whose rules are its own.
package carriertest

import (
	"crypto/ed25519"
	crand "crypto/rand"
	"crypto/sha256"
	"math/rand/v2"
	"slices"
	"sync"

	"letterlock/internal/clock"
	"letterlock/internal/fault"
	"letterlock/wire"
)

// Code is the code that every number gets by text message.
const Code = "271828"

// Verdict is what happens to an envelope that a device sends.
type Verdict struct {
	Refuse     wire.Code // not 0: refused with it
	RetryAfter uint32
	Cut        bool // the connection breaks before the envelope is taken
	Mute       bool // it is taken, and the connection breaks before the answer
	Twice      bool // it is taken twice
	Lose       bool // it is answered as taken, and lost
}

// Carrier is the server. Its fields are set before the first connection.
type Carrier struct {
	Clock  clock.Clock
	OnSend func(from wire.Address, s wire.Send) Verdict // nil: take everything
	OnAck  func(from wire.Address) bool                 // false: the acknowledgement gets lost
	// OnList is what is shown as an account's list of devices instead of its own,
	// of which former are the older ones; nil: the truth.
	OnList func(id wire.AccountID, own wire.SignedDevices, former []wire.SignedDevices) wire.SignedDevices

	Freight Freight
	// AbuseKey is shown to clients; nil: no reports are taken.
	AbuseKey []byte
	// Reports are what was reported.
	Reports []wire.Report

	mu         sync.Mutex
	noticeKey  ed25519.PrivateKey
	phones     map[string]wire.AccountID
	asked      map[string]bool // numbers that were sent a code
	accounts   map[wire.AccountID]*account
	spoil      bool
	links      map[wire.LinkID]*[2][][]byte
	mix        *rand.Rand // not nil: what is delivered comes in another order
	lookups    int
	sent       []wire.Send
	hints      []wire.Hint
	objections []wire.Objection
	turns      map[[32]byte]wire.Turn
}

type account struct {
	id      wire.AccountID
	phone   string
	device  *device // the primary
	linked  map[wire.DeviceID]*device
	list    wire.SignedDevices
	former  []wire.SignedDevices // what list was
	joins   *wire.DeviceAdd
	pin     string
	name    string
	about   string
	email   string
	blocked []wire.AccountID
}

type device struct {
	address wire.Address
	token   []byte
	keys    wire.Register
	oneTime []wire.PreKey
	kyber   []wire.PreKey
	sealer  *wire.Sealer
	waiting []item
	seq     uint64
	conn    *pipe
}

type item struct {
	seq uint64
	wire.Letter
}

// New starts a carrier.
func New(c clock.Clock) *Carrier {
	_, key, err := ed25519.GenerateKey(crand.Reader)
	if err != nil {
		panic(err) // crypto/rand does not fail
	}
	return &Carrier{Clock: c, noticeKey: key, phones: map[string]wire.AccountID{}, asked: map[string]bool{},
		accounts: map[wire.AccountID]*account{}, links: map[wire.LinkID]*[2][][]byte{}, turns: map[[32]byte]wire.Turn{}}
}

// Call answers one HTTP call.
func (c *Carrier) Call(as wire.Credential, path string, body []byte) (int, []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	answer, err := c.route(as, path, body)
	if err != nil {
		k := fault.KindOf(err)
		b, _ := wire.Marshal(wire.Problem{Kind: k.String(), Say: fault.Say(err)})
		return k.Status(), b
	}
	b, err := wire.Marshal(answer)
	if err != nil {
		return 500, nil
	}
	return 200, b
}

func (c *Carrier) route(as wire.Credential, path string, body []byte) (any, error) {
	switch path {
	case wire.PathInfo:
		return wire.Info{Name: "Test", Version: wire.Version, NoticeKey: c.noticeKey.Public().(ed25519.PublicKey), Time: c.Clock.Now().UnixMilli(), AbuseKey: c.AbuseKey}, nil
	case wire.PathCode:
		return read(body, func(r wire.CodeRequest) (any, error) { c.asked[r.Phone] = true; return wire.Nothing{}, nil })
	case wire.PathRegister:
		return read(body, c.register)
	case wire.PathLinkOpen, wire.PathLinkPut, wire.PathLinkGet, wire.PathDevices, wire.PathDeviceJoin:
		return c.openDevices(path, body)
	case wire.PathMediaDone:
		return read(body, func(d wire.MediaDone) (any, error) { c.Freight.burn(d); return wire.Nothing{}, nil })
	case wire.PathMediaDrop:
		return read(body, func(d wire.MediaDrop) (any, error) { c.Freight.drop(d); return wire.Nothing{}, nil })
	}
	a, err := c.who(as)
	if err != nil {
		return nil, err
	}
	switch path {
	case wire.PathDeviceAdd, wire.PathDeviceRemove, wire.PathLock, wire.PathNumber:
		return c.ownDevices(a, as.Address, path, body)
	case wire.PathKeys:
		return read(body, func(u wire.KeyUpload) (any, error) { return a.at(as.Address.Device).upload(u), nil })
	case wire.PathBundle:
		return read(body, c.bundle)
	case wire.PathLookup:
		return read(body, c.lookup)
	case wire.PathReport:
		return read(body, func(r wire.Report) (any, error) { c.Reports = append(c.Reports, r); return wire.Nothing{}, nil })
	case wire.PathProfile:
		return read(body, a.profile)
	case wire.PathPerson:
		return read(body, c.person)
	case wire.PathBlock:
		return read(body, a.block)
	case wire.PathExport:
		return wire.Export{Time: c.Clock.Now().UnixMilli(), Facts: []wire.Fact{
			{Field: "name", Title: "Name", Value: a.name, Class: "basic"}, {Field: "phone", Title: "Phone number", Value: a.phone, Class: "basic"}}}, nil
	case wire.PathReach:
		phone := wire.Fact{Field: "phone", Title: "Phone number", Value: a.phone, Class: "basic"}
		return wire.Reach{Time: c.Clock.Now().UnixMilli(), Processes: []wire.ReachedBy{{Process: "a", Name: "Subpoena", Place: "Anyland", Facts: []wire.Fact{phone}},
			{Process: "b", Name: "Order", Place: "Anyland", Facts: []wire.Fact{phone}}, {Process: "c", Name: "Letter", Place: "Elsewhere", Locked: "this row is uncertain"}}}, nil
	case wire.PathMediaBegin:
		return read(body, c.Freight.begin)
	case wire.PathTurn:
		return read(body, c.turn)
	case wire.PathObject:
		return read(body, func(o wire.Objection) (any, error) {
			c.objections = append(c.objections, o)
			return wire.Nothing{}, nil
		})
	case wire.PathDelete:
		return read(body, func(d wire.Delete) (any, error) { return wire.Nothing{}, c.remove(a, d) })
	}
	return nil, fault.New(fault.NotFound, "route", "no such call")
}

func read[T any](body []byte, f func(T) (any, error)) (any, error) {
	var v T
	if err := wire.Unmarshal(body, &v); err != nil {
		return nil, fault.New(fault.Invalid, "read", "the call cannot be read")
	}
	return f(v)
}

func (c *Carrier) who(as wire.Credential) (*account, error) {
	a := c.accounts[as.Address.Account]
	if a == nil || a.at(as.Address.Device) == nil || string(a.at(as.Address.Device).token) != string(as.Token()) {
		return nil, fault.New(fault.Unauthenticated, "authenticate", "this device is not registered any more: register again")
	}
	return a, nil
}

func (c *Carrier) register(r wire.Register) (any, error) {
	if !c.asked[r.Phone] || r.Code != Code {
		return nil, fault.New(fault.Forbidden, "register", "the code is wrong: ask for a new one")
	}
	if r.Keys.Signed == nil || r.Keys.LastResort == nil {
		return nil, fault.New(fault.Invalid, "register", "keys are missing")
	}
	delete(c.asked, r.Phone)
	if old := c.accounts[c.phones[r.Phone]]; old != nil {
		if old.pin != r.PIN {
			return nil, fault.New(fault.Forbidden, "register", "this number has a registration lock: give its PIN")
		}
		c.drop(old)
	}
	d := &device{address: wire.At(wire.NewAccountID(), 1), token: make([]byte, 32), keys: r}
	crand.Read(d.token)
	var err error
	if d.sealer, err = wire.NewSealer(d.address, r.MailboxKey); err != nil {
		return nil, fault.New(fault.Invalid, "register", "the mailbox key is wrong")
	}
	d.upload(r.Keys)
	c.accounts[d.address.Account] = &account{id: d.address.Account, phone: r.Phone, device: d, name: r.Name}
	c.phones[r.Phone] = d.address.Account
	return wire.Registered{Account: d.address.Account, Device: 1, Token: d.token}, nil
}

// turn keeps the order of a group's changes, as the real carrier does.
func (c *Carrier) turn(n wire.Turn) (any, error) {
	last, found := c.turns[n.Place]
	if !found || (n.Prev == last.Head && n.Seq == last.Seq+1 && sha256.Sum256(n.Token[:]) == last.Next) {
		last = n
		c.turns[n.Place] = n
	}
	return wire.Turned{Seq: last.Seq, Head: last.Head}, nil
}

func (c *Carrier) drop(a *account) {
	delete(c.accounts, a.id)
	if c.phones[a.phone] == a.id {
		delete(c.phones, a.phone)
	}
	for d := wire.Primary; d.Valid(); d++ {
		if at := a.at(d); at != nil {
			at.cut()
		}
	}
}

func (d *device) upload(u wire.KeyUpload) wire.KeyCount {
	if u.Signed != nil {
		d.keys.Keys.Signed = u.Signed
	}
	if u.LastResort != nil {
		d.keys.Keys.LastResort = u.LastResort
	}
	d.oneTime = append(d.oneTime, u.OneTime...)
	d.kyber = append(d.kyber, u.KyberOneTime...)
	return wire.KeyCount{OneTime: uint32(len(d.oneTime)), KyberOneTime: uint32(len(d.kyber))}
}

func (c *Carrier) bundle(r wire.BundleRequest) (any, error) {
	a := c.accounts[r.Account]
	if a == nil || a.at(r.Device) == nil {
		return nil, fault.New(fault.NotFound, "bundle", "there is no such device")
	}
	d := a.at(r.Device)
	b := wire.Bundle{Device: d.address.Device, RegistrationID: d.keys.RegistrationID, IdentityKey: d.keys.IdentityKey,
		Signed: *d.keys.Keys.Signed, Kyber: *d.keys.Keys.LastResort}
	if len(d.oneTime) > 0 {
		b.OneTime, d.oneTime = &d.oneTime[0], d.oneTime[1:]
	}
	if len(d.kyber) > 0 {
		b.Kyber, d.kyber = d.kyber[0], d.kyber[1:]
	}
	if left := len(d.oneTime); left < 10 {
		d.push(wire.KeysLow{Left: uint32(left)})
	}
	return wire.Bundles{Bundles: []wire.Bundle{b}}, nil
}

func (c *Carrier) lookup(l wire.Lookup) (any, error) {
	c.lookups++
	id, found := c.phones[l.Phone]
	if !found {
		return nil, fault.New(fault.NotFound, "lookup", "nobody is registered under this number")
	}
	return wire.Found{Account: id, Devices: c.accounts[id].numbers(), List: c.shown(c.accounts[id])}, nil
}

func (a *account) profile(u wire.ProfileUpdate) (any, error) {
	for to, v := range map[*string]*string{&a.name: u.Name, &a.about: u.About, &a.email: u.Email} {
		if v != nil {
			*to = *v
		}
	}
	return wire.Nothing{}, nil
}

func (c *Carrier) person(r wire.PersonRequest) (any, error) {
	a := c.accounts[r.Account]
	if a == nil {
		return nil, fault.New(fault.NotFound, "person", "there is no such account")
	}
	return wire.Person{Name: a.name, About: a.about, Devices: a.numbers(), List: c.shown(a)}, nil
}

func (a *account) block(b wire.Block) (any, error) {
	a.blocked = slices.DeleteFunc(a.blocked, func(id wire.AccountID) bool { return id == b.Account })
	if !b.Remove {
		a.blocked = append(a.blocked, b.Account)
	}
	return wire.Nothing{}, nil
}

func (c *Carrier) remove(a *account, d wire.Delete) error {
	if d.Confirm != a.id {
		return fault.New(fault.Invalid, "delete", "confirm with the account's own id")
	}
	c.drop(a)
	return nil
}
