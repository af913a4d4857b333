//go:build !unix

package gateway

import "net"

type waiter struct{ nc net.Conn }

func newWaiter(nc net.Conn) waiter { return waiter{nc} }

func (w waiter) read(in *inbox) error {
	in.rest()
	return readOther(w.nc, in)
}
