package gateway

import (
	"io"
	"net"
)

// readOther serves sockets that cannot be waited for without a buffer (TLS): it
// waits with one byte, and takes a buffer once there is one.
func readOther(nc net.Conn, in *inbox) error {
	if len(in.left()) > 0 {
		n, err := nc.Read(in.free())
		in.to += n
		if n > 0 {
			return nil
		}
		return err
	}
	var one [1]byte
	if _, err := io.ReadFull(nc, one[:]); err != nil {
		return err
	}
	in.free()[0] = one[0]
	in.to++
	return nil
}
