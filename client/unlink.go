package client

import (
	"context"
	"errors"
	"time"

	"letterlock/client/internal/roster"
	"letterlock/internal/fault"
	"letterlock/wire"
)

// The end of a linked device. A device is unlinked when the account's own list
// no longer names it, not when the server says so: otherwise a server could
// make it erase what it has.

var unlinkedKey = []byte("unlinked")

// Unlinked is what remains of a device that was unlinked.
type Unlinked struct {
	Phone  string `cbor:"phone"`
	Server string `cbor:"server"`
	At     int64  `cbor:"at"` // when it noticed, Unix milliseconds
}

// ReadUnlinked says that a store's device was unlinked, before there is a
// transport.
func ReadUnlinked(ctx context.Context, store KeyStore) (u Unlinked, found bool, err error) {
	err = store.View(ctx, func(tx Tx) (err error) {
		u, found, err = load[Unlinked](tx, BucketSelf, unlinkedKey)
		return err
	})
	return u, found, err
}

func (u Unlinked) fault() error {
	return fault.New(fault.Unauthenticated, "open the key store",
		"this device was unlinked from %s (noticed on %s): its keys and messages here were erased. Link it again to go on", u.Phone, time.UnixMilli(u.At).UTC().Format(time.DateOnly))
}

// whyRefused asks, when the carrier no longer knows this device, whether the
// person unlinked it.
func (c *Client) whyRefused(ctx context.Context, me *self, refusal error) error {
	var got wire.SignedDevices
	err := c.call(ctx, wire.Credential{}, wire.PathDevices, wire.PersonRequest{Account: me.Account}, &got)
	switch {
	case fault.Is(err, fault.NotFound):
		return fault.New(fault.Unauthenticated, "connect", "the account of %s was closed, or its number registered anew: what is here can still be read; 'delete' erases it", me.Phone)
	case err != nil:
		return lineError(err)
	}
	list, err := roster.Open(got)
	key, keyErr := me.accountKey()
	if err != nil || keyErr != nil || list.Account != me.Account || string(list.Devices[0].Key) != string(key) {
		return fault.Wrap(fault.Unauthenticated, "connect", errors.Join(err, keyErr), "the server refuses this device and cannot show that you unlinked it: nothing was erased; look at your devices on the other one")
	}
	mine, err := me.identity()
	if err != nil {
		return err
	}
	if string(list.Key(me.Device)) == string(mine.Public().Bytes()) {
		return fault.Wrap(fault.Unauthenticated, "connect", refusal, "the server refuses this device although your list of devices names it: nothing was erased; look at your devices on the other one")
	}
	return c.unlinked(ctx)
}

// unlinked erases everything here but the fact.
func (c *Client) unlinked(ctx context.Context) error {
	me, err := c.self(ctx)
	if err != nil {
		return err
	}
	u := Unlinked{Phone: me.Phone, Server: me.Server, At: c.nowMilli()}
	if err := c.forget(ctx); err != nil {
		return err
	}
	if _, err := c.update(ctx, func(s *state) error { return save(s, BucketSelf, unlinkedKey, u) }); err != nil {
		return err
	}
	return u.fault()
}

var unlinkedMark = []byte("unlinked")

// ownDevices follows a change of this person's own list.
func (s *state) ownDevices(list wire.DeviceList) error {
	me, err := s.me()
	if err != nil {
		return err
	}
	if me.Device != wire.Primary {
		key, err := me.identity()
		if err != nil {
			return err
		}
		if string(list.Key(me.Device)) != string(key.Public().Bytes()) {
			return s.Put(BucketCounter, unlinkedMark, number(1)) // tendDevices ends it
		}
		return nil
	}
	for d := wire.DeviceID(1); d.Valid(); d++ {
		if list.Key(d) == nil {
			if err := errors.Join(s.Delete(BucketCounter, leftKey(d)), s.Delete(BucketSibling, []byte{byte(d)})); err != nil {
				return err
			}
		}
	}
	if err := s.tellSiblings(); err != nil {
		return err
	}
	return s.tellEverybody()
}

// Leave unlinks this device, from itself: the primary hears of it and takes the
// device off its list; everything here is erased.
func (c *Client) Leave(ctx context.Context) error {
	me, err := c.self(ctx)
	if err != nil {
		return err
	}
	if me.Device == wire.Primary {
		return fault.New(fault.Invalid, "unlink this device", "this is the device that your number was registered with: it cannot be unlinked, only the account be deleted")
	}
	if _, err := c.update(ctx, func(s *state) error { return s.share(shared{Leaving: true}) }); err != nil {
		return err
	}
	if err := c.Run(ctx, Run{Patience: 1, Until: func(p Progress) bool { return p.Waiting-p.PutOff <= 0 }}); err != nil {
		return err
	}
	err = c.own(ctx, wire.PathDeviceRemove, wire.DeviceRemove{Device: me.Device}, nil)
	if err != nil && !fault.Is(err, fault.Unauthenticated) {
		return err
	}
	return c.forget(ctx)
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
