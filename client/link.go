package client

import (
	"context"
	"crypto/cipher"
	"crypto/sha256"
	"errors"

	"letterlock/client/internal/roster"
	"letterlock/internal/fault"
	"letterlock/signal"
	"letterlock/wire"
	"letterlock/wire/hpke"
)

var errLink = fault.New(fault.Invalid, "link a device", "what came over the link is not from the device that shows it, or was changed: show a new link and try again")

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
