package gateway

import (
	"context"

	"letterlock/internal/fault"
	"letterlock/wire"
)

// Pusher is what the gateway needs of messenger/push.
type Pusher interface {
	Subscribe(ctx context.Context, who wire.Address, in wire.Push) error
}

func (g *Gateway) pushRoutes() {
	as(g, wire.PathPush, func(ctx context.Context, who wire.Address, in wire.Push) error {
		if g.Pusher == nil {
			return fault.New(fault.NotFound, "subscribe", "this service wakes nobody")
		}
		return g.Pusher.Subscribe(ctx, who, in)
	})
}
