package client

import (
	"context"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"letterlock/client/internal/roster"
	"letterlock/internal/fault"
	"letterlock/signal"
	"letterlock/wire"
	"letterlock/wire/hpke"
)

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
