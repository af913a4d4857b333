//go:build js

package main

import (
	"context"
	"encoding/base64"

	"letterlock/internal/fault"
	"letterlock/wire"
)

// waking are the calls about being woken while the page is closed.
func (c *core) waking() map[string]call { return map[string]call{"pushKey": c.pushKey, "push": c.push} }

// pushKey is empty if the carrier wakes nobody.
func (c *core) pushKey(ctx context.Context, _ arguments) (any, error) {
	cl, err := c.person()
	if err != nil {
		return nil, err
	}
	k, err := cl.PushKey(ctx)
	return base64.RawURLEncoding.EncodeToString(k), err
}

// push passes the browser's subscription on, as its JSON form has it.
func (c *core) push(ctx context.Context, in arguments) (any, error) {
	cl, err := c.person()
	if err != nil {
		return nil, err
	}
	p := wire.Push{Endpoint: in.text("endpoint")}
	for name, to := range map[string]*[]byte{"p256dh": &p.Key, "auth": &p.Auth} {
		if *to, err = base64.RawURLEncoding.DecodeString(in.text(name)); err != nil {
			return nil, fault.New(fault.Invalid, "subscribe", "the browser gave keys that cannot be used: switch it off and on again")
		}
	}
	return nil, cl.Subscribe(ctx, p)
}
