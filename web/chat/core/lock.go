//go:build js

package main

import (
	"context"
	"errors"

	"letterlock/client"
	"letterlock/internal/fault"
	"letterlock/wire"
)

// bucketLock keeps whether this person's number is locked, not with what.
const bucketLock client.Bucket = "lock"

var lockKey = []byte("set")

// keeping are the calls about the account as a whole.
func (c *core) keeping() map[string]call {
	return map[string]call{"me": c.whoAmI, "lock": c.lock, "newNumber": c.newNumber, "ends": c.ending}
}

// whoAmI reads the own number anew: another device may have changed it.
func (c *core) whoAmI(ctx context.Context, _ arguments) (any, error) {
	if _, err := c.person(); err != nil {
		return nil, err
	}
	me, found, err := client.ReadSelf(ctx, c.store)
	if err != nil || !found {
		return nil, err
	}
	c.mu.Lock()
	c.me = me
	c.mu.Unlock()
	locked := false
	err = c.store.View(ctx, func(tx client.Tx) error {
		b, err := tx.Get(bucketLock, lockKey)
		locked = b != nil
		return err
	})
	return map[string]any{"phone": me.Phone, "primary": me.Device == wire.Primary, "locked": locked}, err
}

// lock sets the PIN of the registration lock; without one it takes it away.
func (c *core) lock(ctx context.Context, in arguments) (any, error) {
	cl, err := c.person()
	if err != nil {
		return nil, err
	}
	pin := in.text("pin")
	if err := cl.SetLock(ctx, pin); err != nil {
		return nil, err
	}
	return nil, c.store.Update(ctx, func(tx client.Tx) error {
		if pin == "" {
			return tx.Delete(bucketLock, lockKey)
		}
		return tx.Put(bucketLock, lockKey, []byte{1})
	})
}

// newNumber moves the account to another number.
func (c *core) newNumber(ctx context.Context, in arguments) (any, error) {
	cl, err := c.person()
	if err != nil {
		return nil, err
	}
	if err := cl.ChangeNumber(ctx, in.text("phone"), in.text("code"), in.text("pin")); err != nil {
		return nil, err
	}
	return c.whoAmI(ctx, in)
}

// ending is what an account that is closed takes with it.
func (c *core) ending(ctx context.Context, _ arguments) (any, error) {
	cl, err := c.person()
	if err != nil {
		return nil, err
	}
	talks, err := cl.Talks(ctx)
	if err != nil {
		return nil, err
	}
	groups, err := cl.Groups(ctx)
	if err != nil {
		return nil, err
	}
	owned := []any{}
	for _, g := range groups {
		if !g.Left && g.Own == client.RoleOwner && len(g.Members) > 1 {
			owned = append(owned, g.Name)
		}
	}
	devices, err := cl.Devices(ctx)
	return map[string]any{"talks": len(talks), "devices": len(devices) - 1, "owned": owned}, err
}

// closeAccount closes the account at the carrier and removes what is here.
func (c *core) closeAccount(ctx context.Context, in arguments) (any, error) {
	cl, err := c.person()
	if err != nil {
		return nil, err
	}
	if p, err := client.Phone(in.text("phone")); err != nil || p != c.me.Phone {
		return nil, fault.New(fault.Invalid, "close the account", "this is not your number: nothing was deleted")
	}
	c.hangUp()
	if err := cl.Delete(ctx); err != nil {
		c.pickUp()
		return nil, err
	}
	return nil, errors.Join(c.files.drop(ctx), c.store.Drop(ctx))
}
