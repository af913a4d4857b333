package gateway

import (
	"context"

	"letterlock/wire"
)

// Reports is what the gateway needs of messenger/abuse.
type Reports interface {
	Take(ctx context.Context, from wire.AccountID, r wire.Report) error
}

func (g *Gateway) report(ctx context.Context, who wire.Address, r wire.Report) (wire.Nothing, error) {
	if g.Reports == nil {
		return wire.Nothing{}, errNoCall
	}
	return wire.Nothing{}, g.Reports.Take(ctx, who.Account, r)
}
