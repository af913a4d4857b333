package gateway

import (
	"context"
	"net/netip"

	"letterlock/wire"
)

// Devices is what the gateway needs of messenger/account about the devices of
// an account.
type Devices interface {
	OpenLink(from netip.Addr) (wire.LinkOpened, error)
	PutLink(from netip.Addr, in wire.LinkPut) error
	GetLink(from netip.Addr, in wire.LinkGet) (wire.LinkGot, error)
	List(ctx context.Context, id wire.AccountID) (wire.SignedDevices, error)
	AddDevice(ctx context.Context, who wire.Address, in wire.DeviceAdd) error
	JoinDevice(ctx context.Context, in wire.DeviceJoin, from netip.Addr) (wire.Registered, error)
	RemoveDevice(ctx context.Context, who wire.Address, in wire.DeviceRemove) error
	SetLock(ctx context.Context, who wire.Address, in wire.Lock) error
	Renumber(ctx context.Context, who wire.Address, in wire.Number) error
}

func (g *Gateway) deviceRoutes() {
	open(g, wire.PathLinkOpen, func(_ context.Context, from netip.Addr, _ wire.Nothing) (wire.LinkOpened, error) {
		return g.Accounts.OpenLink(from)
	})
	open(g, wire.PathLinkPut, func(_ context.Context, from netip.Addr, in wire.LinkPut) (wire.Nothing, error) {
		return wire.Nothing{}, g.Accounts.PutLink(from, in)
	})
	open(g, wire.PathLinkGet, func(_ context.Context, from netip.Addr, in wire.LinkGet) (wire.LinkGot, error) {
		return g.Accounts.GetLink(from, in)
	})
	open(g, wire.PathDevices, func(ctx context.Context, _ netip.Addr, in wire.PersonRequest) (wire.SignedDevices, error) {
		return g.Accounts.List(ctx, in.Account)
	})
	open(g, wire.PathDeviceJoin, func(ctx context.Context, from netip.Addr, in wire.DeviceJoin) (wire.Registered, error) {
		return g.Accounts.JoinDevice(ctx, in, from)
	})
	as(g, wire.PathDeviceAdd, g.Accounts.AddDevice)
	as(g, wire.PathDeviceRemove, g.Accounts.RemoveDevice)
	as(g, wire.PathLock, g.Accounts.SetLock)
	as(g, wire.PathNumber, g.Accounts.Renumber)
	as(g, wire.PathDelete, g.Accounts.Delete)
}

// as routes a call that answers Nothing and depends on which device makes it.
func as[In any](g *Gateway, path string, f func(context.Context, wire.Address, In) error) {
	call(g, path, func(ctx context.Context, who wire.Address, in In) (wire.Nothing, error) {
		return wire.Nothing{}, f(ctx, who, in)
	})
}
