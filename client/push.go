package client

import (
	"context"

	"letterlock/internal/fault"
	"letterlock/wire"
)

// PushKey is the key that a browser subscribes to be woken with; nil: the
// carrier wakes nobody.
func (c *Client) PushKey(ctx context.Context) ([]byte, error) {
	info, err := c.info(ctx)
	return info.PushKey, err
}

// Subscribe tells the carrier where to wake this device while it is away, by a
// message that says nothing; without an endpoint, not any more.
func (c *Client) Subscribe(ctx context.Context, p wire.Push) error {
	if p.Endpoint != "" && (len(p.Key) != wire.PushKeySize || len(p.Auth) != wire.PushAuthSize) {
		return fault.New(fault.Invalid, "subscribe", "the browser gave keys that cannot be used: switch it off and on again")
	}
	return c.own(ctx, wire.PathPush, p, nil)
}
