package client

import (
	"context"
	"errors"
	"fmt"

	"letterlock/client/internal/content"
	"letterlock/internal/fault"
	"letterlock/signal"
	"letterlock/wire"
)

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

func (c *Client) pendingAt(ctx context.Context, key []byte) (p pending, found bool, err error) {
	err = c.store.View(ctx, func(tx Tx) (err error) {
		p, found, err = load[pending](tx, BucketLink, key)
		return err
	})
	return p, found, err
}

func (c *Client) drop(ctx context.Context, key []byte) error {
	_, err := c.update(ctx, func(s *state) error { return s.Delete(BucketLink, key) })
	return err
}

// settleDevices follows a pending change of this person's devices if the carrier
// shows the list that was signed for it, and drops it when its time is over.
func (c *Client) settleDevices(ctx context.Context) error {
	p, found, err := c.pendingAt(ctx, pendingDevices)
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
