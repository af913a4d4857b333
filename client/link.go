package client

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"letterlock/client/internal/content"
	"letterlock/client/internal/roster"
	"letterlock/internal/fault"
	"letterlock/signal"
	"letterlock/wire"
	"letterlock/wire/hpke"
)

// Linking a device. The new device shows a link with a fresh public key, which
// never passes the server, and a place at the server where both leave sealed
// messages: a greeting, an answer with the device's name and key, a welcome. The
// person compares a code that both show and confirms on the primary.
// docs/protocol/devices.md.

const (
	linkScheme = "letterlock-device:"
	linkInfo   = "letterlock link v1\x00"
	linkPoll   = time.Second
)

type greeting struct {
	Phone string `cbor:"phone"`
}

type answer struct {
	Name string `cbor:"name"`
	Type string `cbor:"type"`
	Key  []byte `cbor:"key"` // the device's identity key
}

type welcome struct {
	Refused     bool               `cbor:"refused,omitempty"`
	Account     wire.AccountID     `cbor:"account"`
	Device      wire.DeviceID      `cbor:"device"`
	Phone       string             `cbor:"phone"`
	NoticeKey   []byte             `cbor:"notice_key"`
	Certificate []byte             `cbor:"certificate"`
	List        wire.SignedDevices `cbor:"list"`
	Ticket      []byte             `cbor:"ticket"`
}

// NewDevice is what a device gives that wants to be linked.
type NewDevice struct {
	Server     string // kept, so that the next start knows where to go
	Name       string // as the person will see it in their list
	DeviceType string // "terminal", "browser"
}

func checkDeviceName(name string) error {
	if name == "" || len(name) > MaxDeviceName || !utf8.ValidString(name) || strings.ContainsFunc(name, unicode.IsControl) {
		return fault.New(fault.Invalid, "name a device", "a device's name has 1 to %d bytes that can be shown", MaxDeviceName)
	}
	return nil
}

// Joining is a device that waits to be linked.
type Joining struct {
	c    *Client
	is   NewDevice
	info wire.Info
	id   wire.LinkID
	key  *ecdh.PrivateKey
	mine identity
	open *hpke.Recipient
	back cipher.AEAD
	have int
	// Phone is whom the device is being linked to, after Code.
	Phone string
}

// Join begins to link this device, on which nobody may be registered.
func (c *Client) Join(ctx context.Context, n NewDevice) (*Joining, error) {
	if err := checkDeviceName(n.Name); err != nil {
		return nil, err
	}
	if me, err := readSelf(ctx, c.store); err != nil {
		return nil, err
	} else if me != nil {
		return nil, fault.New(fault.Conflict, "link this device", "%s is already registered here: use another folder for another device", me.Phone)
	}
	info, err := c.info(ctx)
	if err != nil {
		return nil, err
	}
	j := &Joining{c: c, is: n, info: info}
	if j.mine, err = newIdentity(); err != nil {
		return nil, err
	}
	if j.key, err = ecdh.X25519().GenerateKey(rand.Reader); err != nil {
		return nil, err
	}
	var got wire.LinkOpened
	if err := c.call(ctx, wire.Credential{}, wire.PathLinkOpen, wire.Nothing{}, &got); err != nil {
		return nil, err
	}
	j.id = got.ID
	return j, nil
}

// Link is what the primary device reads, as text or from a QR code. Whoever sees
// it can offer to link the device to an account of theirs: the code tells.
func (j *Joining) Link() string {
	return linkScheme + base64.RawURLEncoding.EncodeToString(append(j.id[:], j.key.PublicKey().Bytes()...))
}

func readDeviceLink(s string) (id wire.LinkID, key *ecdh.PublicKey, err error) {
	rest, ok := strings.CutPrefix(strings.TrimSpace(s), linkScheme)
	raw, e := base64.RawURLEncoding.DecodeString(rest)
	if ok && e == nil && len(raw) == 48 {
		key, e = ecdh.X25519().NewPublicKey(raw[16:])
	}
	if key == nil || e != nil {
		return id, nil, fault.New(fault.Invalid, "read a link", "this is not the link of a device: it begins with %q and is shown by the new device", linkScheme)
	}
	return wire.LinkID(raw[:16]), key, nil
}

// wait polls for the next message of a direction.
func (c *Client) linkMail(ctx context.Context, id wire.LinkID, toPrimary bool, have int) ([]byte, error) {
	for {
		var got wire.LinkGot
		if err := c.call(ctx, wire.Credential{}, wire.PathLinkGet, wire.LinkGet{ID: id, ToPrimary: toPrimary, Have: have}, &got); err != nil {
			return nil, err
		}
		if len(got.Bodies) > 0 {
			return got.Bodies[0], nil
		}
		if err := c.wait(ctx, linkPoll); err != nil {
			return nil, fault.Wrap(fault.Unavailable, "link a device", err, "nothing came from the other device: show a new link and try again")
		}
	}
}

func (c *Client) linkPut(ctx context.Context, id wire.LinkID, toPrimary bool, body []byte) error {
	return c.call(ctx, wire.Credential{}, wire.PathLinkPut, wire.LinkPut{ID: id, ToPrimary: toPrimary, Body: body}, nil)
}

var errLink = fault.New(fault.Invalid, "link a device", "what came over the link is not from the device that shows it, or was changed: show a new link and try again")

// Code waits until the primary has read the link, and returns the code that both
// show.
func (j *Joining) Code(ctx context.Context) (string, error) {
	body, err := j.c.linkMail(ctx, j.id, false, j.have)
	if err != nil {
		return "", err
	}
	if len(body) < 32 {
		return "", errLink
	}
	j.open, err = hpke.NewRecipient(body[:32], j.key, linkContext(j.id))
	if err != nil {
		return "", errLink
	}
	var g greeting
	if err := openLink(j.open.Open, body[32:], &g); err != nil {
		return "", err
	}
	j.Phone, j.have = g.Phone, j.have+1
	if j.back, err = backCipher(j.open.Export); err != nil {
		return "", err
	}
	sealed, err := sealBack(j.back, 0, answer{Name: j.is.Name, Type: j.is.DeviceType, Key: j.mine.identity.Public().Bytes()})
	if err != nil {
		return "", err
	}
	if err := j.c.linkPut(ctx, j.id, true, sealed); err != nil {
		return "", err
	}
	return linkCode(j.open.Export)
}

func linkContext(id wire.LinkID) []byte { return append([]byte(linkInfo), id[:]...) }

func openLink(open func(aad, ct []byte) ([]byte, error), sealed []byte, v any) error {
	plain, err := open(nil, sealed)
	if err != nil {
		return errLink
	}
	if err := wire.Unmarshal(plain, v); err != nil {
		return errLink
	}
	return nil
}

// linkCode is six digits of a secret that only both ends of the exchange have: a
// server that stood between them could not make both ends show the same.
func linkCode(export func(string, int) ([]byte, error)) (string, error) {
	b, err := export("letterlock link code v1", 8)
	if err != nil {
		return "", err
	}
	n := binary.BigEndian.Uint64(b) % 1_000_000
	return fmt.Sprintf("%03d %03d", n/1000, n%1000), nil
}

func backCipher(export func(string, int) ([]byte, error)) (cipher.AEAD, error) {
	k, err := export("letterlock link reply v1", 32)
	if err != nil {
		return nil, err
	}
	defer clear(k)
	block, err := aes.NewCipher(k)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

func backNonce(n int) []byte { return binary.BigEndian.AppendUint32(make([]byte, 8, 12), uint32(n)) }

func sealBack(a cipher.AEAD, n int, v any) ([]byte, error) {
	raw, err := wire.Marshal(v)
	if err != nil {
		return nil, err
	}
	return a.Seal(nil, backNonce(n), raw, nil), nil
}

// Finish waits for the person to confirm on the primary, and makes the device.
func (j *Joining) Finish(ctx context.Context) (Self, error) {
	if j.open == nil {
		return Self{}, fault.New(fault.Invalid, "link this device", "the link was not read yet")
	}
	body, err := j.c.linkMail(ctx, j.id, false, j.have)
	if err != nil {
		return Self{}, err
	}
	var w welcome
	if err := openLink(j.open.Open, body, &w); err != nil {
		return Self{}, err
	}
	if w.Refused {
		return Self{}, fault.New(fault.Forbidden, "link this device", "the other device said no: nothing was linked")
	}
	me, list, err := j.become(w)
	if err != nil {
		return Self{}, err
	}
	return j.register(ctx, me, list, w)
}

// become checks the welcome before anything is made of it.
func (j *Joining) become(w welcome) (*self, wire.DeviceList, error) {
	list, err := roster.Open(w.List)
	mine := j.mine.identity.Public()
	if err != nil || list.Account != w.Account || string(list.Key(w.Device)) != string(mine.Bytes()) || w.Device == wire.Primary {
		return nil, list, errLink
	}
	account, err := signal.ParsePublicKey(list.Devices[0].Key)
	if err != nil {
		return nil, list, errLink
	}
	speaker, err := roster.Speaker(w.Certificate, w.Account, account)
	if err != nil || speaker != mine {
		return nil, list, errLink
	}
	if string(w.NoticeKey) != string(j.info.NoticeKey) {
		return nil, list, fault.New(fault.Unavailable, "link this device", "the server shows this device another key for its notices than your other device knows: nothing was linked; ask whoever operates it")
	}
	return &self{Account: w.Account, Device: w.Device, Phone: w.Phone, Server: j.is.Server, NoticeKey: w.NoticeKey,
		RegistrationID: j.mine.registration, Identity: j.mine.identity.Serialize(), Mailbox: j.mine.mailbox.Bytes(),
		AccountKey: account.Bytes(), Certificate: w.Certificate}, list, nil
}

func (j *Joining) register(ctx context.Context, me *self, list wire.DeviceList, w welcome) (Self, error) {
	set, err := newKeySet(j.mine.identity, firstIDs())
	if err != nil {
		return Self{}, err
	}
	var got wire.Registered
	err = j.c.call(ctx, wire.Credential{}, wire.PathDeviceJoin, wire.DeviceJoin{Account: w.Account, Device: w.Device, Ticket: w.Ticket,
		DeviceType: j.is.DeviceType, RegistrationID: j.mine.registration, IdentityKey: j.mine.identity.Public().Bytes(),
		MailboxKey: j.mine.mailbox.PublicKey().Bytes(), Keys: set.upload()}, &got)
	if err != nil {
		return Self{}, err
	}
	if me.Token = got.Token; len(me.Token) != 32 {
		return Self{}, fault.New(fault.Unavailable, "link this device", "the server's answer cannot be read: try again")
	}
	_, err = j.c.update(ctx, func(s *state) error {
		if err := set.keep(s, j.c.clock.Now()); err != nil {
			return err
		}
		if err := s.confirm(set); err != nil {
			return err
		}
		if err := s.Delete(BucketSelf, unlinkedKey); err != nil {
			return err
		}
		if err := save(s, BucketSelf, selfKey, me); err != nil {
			return err
		}
		if err := s.putSibling(me.Device, sibling{Name: j.is.Name, Type: j.is.DeviceType, Added: s.today(), Named: s.c.nowMilli()}); err != nil {
			return err
		}
		return save(s, BucketDevice, me.Account[:], devices{List: list, Signed: w.List})
	})
	if err != nil {
		return Self{}, fmt.Errorf("keep the linked device: %w", err)
	}
	done, err := sealBack(j.back, 1, wire.Nothing{})
	if err == nil { // the primary also sees it in the list: this only spares it the wait
		err = j.c.soft(j.c.linkPut(ctx, j.id, true, done))
	}
	return Self{me.Account, me.Device, me.Phone, me.Server}, err
}

// Linking is a device that the primary may link.
type Linking struct {
	Name string // as the new device calls itself
	Type string
	Code string // the new device shows the same, or somebody stands between

	c    *Client
	id   wire.LinkID
	seal *hpke.Sender
	back cipher.AEAD
	key  []byte
}

// ReadLink greets the device that shows a link and waits for its answer.
func (c *Client) ReadLink(ctx context.Context, link string) (*Linking, error) {
	me, err := c.self(ctx)
	if err != nil {
		return nil, err
	}
	if me.Device != wire.Primary {
		return nil, fault.New(fault.Forbidden, "link a device", "only the device that your number was registered with can link another: do it there")
	}
	id, key, err := readDeviceLink(link)
	if err != nil {
		return nil, err
	}
	enc, seal, err := hpke.NewSender(key, linkContext(id))
	if err != nil {
		return nil, err
	}
	l := &Linking{c: c, id: id, seal: seal}
	hello, err := l.sealed(greeting{Phone: me.Phone})
	if err != nil {
		return nil, err
	}
	if err := c.linkPut(ctx, id, false, append(enc, hello...)); err != nil {
		return nil, err
	}
	return l, l.answered(ctx)
}

func (l *Linking) sealed(v any) ([]byte, error) {
	raw, err := wire.Marshal(v)
	if err != nil {
		return nil, err
	}
	return l.seal.Seal(nil, raw)
}

func (l *Linking) answered(ctx context.Context) (err error) {
	if l.back, err = backCipher(l.seal.Export); err != nil {
		return err
	}
	body, err := l.c.linkMail(ctx, l.id, true, 0)
	if err != nil {
		return err
	}
	var a answer
	if err := openLink(func(aad, ct []byte) ([]byte, error) { return l.back.Open(nil, backNonce(0), ct, aad) }, body, &a); err != nil {
		return err
	}
	if _, err := signal.ParsePublicKey(a.Key); err != nil || checkDeviceName(a.Name) != nil || len(a.Type) > 40 {
		return errLink
	}
	l.Name, l.Type, l.key = a.Name, a.Type, a.Key
	l.Code, err = linkCode(l.seal.Export)
	return err
}

// Refuse tells the new device no.
func (l *Linking) Refuse(ctx context.Context) error {
	no, err := l.sealed(welcome{Refused: true})
	if err != nil {
		return err
	}
	return l.c.linkPut(ctx, l.id, false, no)
}

// pending is a change of this person's devices, or of their number, that the
// carrier was asked for and that is not known to be through.
type pending struct {
	List    wire.SignedDevices `cbor:"list"`
	Device  wire.DeviceID      `cbor:"device"` // the one that is added; 0: one is removed
	Is      sibling            `cbor:"is"`
	History History            `cbor:"history"`
	Phone   string             `cbor:"phone,omitempty"`
	At      int64              `cbor:"at"` // Unix seconds
}

var (
	pendingDevices = []byte("devices")
	pendingNumber  = []byte("number")
)

// pendingLife is longer than the carrier lets a device join.
const pendingLife = 15 * 60 // seconds

// Confirm links the device, which the person has compared the code of, and hands
// it what it needs and the history that the person chose. What waits for the
// primary at the carrier should have been taken in before (Drain), so that the
// new device gets it, too.
func (l *Linking) Confirm(ctx context.Context, h History) (Device, error) {
	c := l.c
	me, err := c.self(ctx)
	if err != nil {
		return Device{}, err
	}
	if err := c.settleDevices(ctx); err != nil {
		return Device{}, err
	}
	p, w, err := l.prepare(ctx, me, h)
	if err != nil {
		return Device{}, err
	}
	add := wire.DeviceAdd{Device: p.Device, List: p.List, Ticket: sha256.Sum256(w.Ticket)}
	if err := c.own(ctx, wire.PathDeviceAdd, add, nil); err != nil {
		if refused(err) {
			err = errors.Join(err, c.drop(ctx, pendingDevices))
		}
		return Device{}, err
	}
	sealed, err := l.sealed(w)
	if err != nil {
		return Device{}, err
	}
	if err := c.linkPut(ctx, l.id, false, sealed); err != nil {
		return Device{}, err
	}
	if _, err := c.linkMail(ctx, l.id, true, 1); err != nil {
		return Device{}, err
	}
	if err := c.settleDevices(ctx); err != nil {
		return Device{}, err
	}
	all, err := c.Devices(ctx)
	if err != nil {
		return Device{}, err
	}
	for _, d := range all {
		if d.ID == p.Device {
			return d, nil
		}
	}
	return Device{}, fault.New(fault.Unavailable, "link a device", "the server does not show the new device yet: look at your devices in a minute")
}

// prepare makes the next list, with the new device, and the welcome.
func (l *Linking) prepare(ctx context.Context, me *self, h History) (p pending, w welcome, err error) {
	key, err := me.identity()
	if err != nil {
		return p, w, err
	}
	_, err = l.c.update(ctx, func(s *state) error {
		next, free, err := s.nextList(me, key)
		if err != nil {
			return err
		}
		d := wire.ListedDevice{Device: free, Key: l.key}
		next.Devices = append(next.Devices, d)
		sortDevices(next.Devices)
		p = pending{Device: free, History: h, At: s.c.clock.Now().Unix(),
			Is: sibling{Name: l.Name, Type: l.Type, Added: s.today(), Active: s.today(), Named: s.c.nowMilli()}}
		if p.List, err = roster.Sign(next, key); err != nil {
			return fault.Wrap(fault.Exhausted, "link a device", err, "you have as many devices as there can be: remove one first")
		}
		w = welcome{Account: me.Account, Device: free, Phone: me.Phone, NoticeKey: me.NoticeKey, List: p.List, Ticket: randomBytes(32)}
		if w.Certificate, err = roster.Certify(me.Account, d, key); err != nil {
			return err
		}
		return save(s, BucketLink, pendingDevices, p)
	})
	return p, w, err
}

func sortDevices(all []wire.ListedDevice) {
	for i := len(all) - 1; i > 0 && all[i].Device < all[i-1].Device; i-- {
		all[i], all[i-1] = all[i-1], all[i]
	}
}

// nextList is this person's list, one version on, and a number for a device
// that none of theirs had; when all were used, the first that is free.
func (s *state) nextList(me *self, key signal.IdentityKeyPair) (next wire.DeviceList, free wire.DeviceID, err error) {
	have, _, err := s.devicesOf(me.Account)
	if err != nil {
		return next, 0, err
	}
	next = wire.DeviceList{Account: me.Account, Version: have.List.Version + 1, At: s.c.nowMilli(),
		Devices: append([]wire.ListedDevice{}, have.List.Devices...)}
	if have.List.Version == 0 {
		next.Devices = []wire.ListedDevice{{Device: wire.Primary, Key: key.Public().Bytes()}}
	}
	used := map[wire.DeviceID]bool{}
	for _, d := range have.Former {
		used[d] = true
	}
	for _, fresh := range []bool{true, false} {
		for d := wire.Primary + 1; d.Valid(); d++ {
			if next.Key(d) == nil && !(fresh && used[d]) {
				return next, d, nil
			}
		}
	}
	return next, 0, fmt.Errorf("no number for a device is free")
}

// RemoveDevice unlinks another device of this person: it gets nothing from then
// on. Only the primary can.
func (c *Client) RemoveDevice(ctx context.Context, d wire.DeviceID) error {
	me, err := c.self(ctx)
	if err != nil {
		return err
	}
	if me.Device != wire.Primary {
		return fault.New(fault.Forbidden, "unlink a device", "only the device that your number was registered with can unlink others: do it there")
	}
	if d == wire.Primary {
		return fault.New(fault.Invalid, "unlink a device", "this is the device that your number was registered with: it cannot be unlinked, only the account be deleted")
	}
	if err := c.settleDevices(ctx); err != nil {
		return err
	}
	key, err := me.identity()
	if err != nil {
		return err
	}
	var p pending
	_, err = c.update(ctx, func(s *state) error {
		next, _, err := s.nextList(me, key)
		if err != nil {
			return err
		}
		if next.Key(d) == nil {
			return noDevice()
		}
		kept := next.Devices[:0]
		for _, x := range next.Devices {
			if x.Device != d {
				kept = append(kept, x)
			}
		}
		next.Devices = kept
		p = pending{At: s.c.clock.Now().Unix()}
		if p.List, err = roster.Sign(next, key); err != nil {
			return err
		}
		return save(s, BucketLink, pendingDevices, p)
	})
	if err != nil {
		return err
	}
	if err := c.own(ctx, wire.PathDeviceRemove, wire.DeviceRemove{Device: d, List: p.List}, nil); err != nil {
		if refused(err) {
			err = errors.Join(err, c.drop(ctx, pendingDevices))
		}
		return err
	}
	return c.settleDevices(ctx)
}

func noDevice() error {
	return fault.New(fault.NotFound, "find a device", "you have no such device: look at your list of devices")
}

func (s *state) mustHave(d wire.DeviceID) error {
	me, err := s.me()
	if err != nil || d == me.Device {
		return err
	}
	all, err := s.siblings()
	if err != nil {
		return err
	}
	for _, n := range all {
		if n == d {
			return nil
		}
	}
	return noDevice()
}

func (c *Client) drop(ctx context.Context, key []byte) error {
	_, err := c.update(ctx, func(s *state) error { return s.Delete(BucketLink, key) })
	return err
}

// settleDevices follows a pending change of this person's devices if the carrier
// shows the list that was signed for it, and drops it when its time is over.
func (c *Client) settleDevices(ctx context.Context) error {
	var p pending
	found := false
	err := c.store.View(ctx, func(tx Tx) (err error) {
		p, found, err = load[pending](tx, BucketLink, pendingDevices)
		return err
	})
	if err != nil || !found {
		return err
	}
	me, err := c.self(ctx)
	if err != nil {
		return err
	}
	var shown wire.SignedDevices
	if err := c.call(ctx, wire.Credential{}, wire.PathDevices, wire.PersonRequest{Account: me.Account}, &shown); err != nil {
		return err
	}
	if string(shown.List) != string(p.List.List) {
		if c.clock.Now().Unix()-p.At > pendingLife {
			return c.drop(ctx, pendingDevices)
		}
		return nil
	}
	changed, err := c.update(ctx, func(s *state) error {
		if err := s.Delete(BucketLink, pendingDevices); err != nil {
			return err
		}
		if p.Device != 0 {
			if err := s.putSibling(p.Device, p.Is); err != nil {
				return err
			}
		}
		if err := s.adopt(me.Account, p.List, false); err != nil {
			return err
		}
		if p.Device == 0 {
			return nil
		}
		return s.handOver(p.Device, p.History)
	})
	if err != nil {
		return err
	}
	c.tell(changed...)
	c.stir()
	return nil
}

// tellSiblings lets this person's other devices know the newest list.
func (s *state) tellSiblings() error {
	me, err := s.me()
	if err != nil {
		return err
	}
	mine, _, err := s.devicesOf(me.Account)
	if err != nil {
		return err
	}
	n, err := s.keep(&content.Devices{List: mine.Signed.List, Signature: mine.Signed.Signature}, GroupID{}, false)
	if err != nil {
		return err
	}
	return s.toSiblings(row{Said: n})
}

// tendDevices does what is due about devices once the queue is empty.
func (c *Client) tendDevices(ctx context.Context) error {
	var ended bool
	var leaving []wire.DeviceID
	err := c.store.View(ctx, func(tx Tx) error {
		v, err := tx.Get(BucketCounter, unlinkedMark)
		if ended = v != nil; err != nil {
			return err
		}
		leaving = nil
		all, err := tx.List(BucketCounter, Range{Prefix: leftKey(0)[:4]})
		for _, p := range all {
			if len(p.Key) == 5 {
				leaving = append(leaving, wire.DeviceID(p.Key[4]))
			}
		}
		return err
	})
	if err != nil {
		return err
	}
	if ended {
		return c.unlinked(ctx)
	}
	err = errors.Join(c.learnDevices(ctx), c.settleDevices(ctx), c.settleNumber(ctx))
	me, e := c.self(ctx)
	if e != nil {
		return e
	}
	for _, d := range leaving {
		if me.Device == wire.Primary {
			if e := c.RemoveDevice(ctx, d); !fault.Is(e, fault.NotFound) {
				err = errors.Join(err, e)
			}
		}
	}
	return c.soft(err)
}
