//go:build unix

package gateway

import (
	"errors"
	"io"
	"net"
	"syscall"
)

// waiter reads from a socket without holding a buffer while it waits: a
// connected device that says nothing costs no buffer.
type waiter struct {
	raw syscall.RawConn
	nc  net.Conn
}

func newWaiter(nc net.Conn) waiter {
	w := waiter{nc: nc}
	if sc, ok := nc.(syscall.Conn); ok {
		if raw, err := sc.SyscallConn(); err == nil {
			w.raw = raw
		}
	}
	return w
}

// read waits for data and reads it into the inbox.
func (w waiter) read(in *inbox) error {
	in.rest()
	if w.raw == nil {
		return readOther(w.nc, in)
	}
	var n int
	var failed error
	err := w.raw.Read(func(fd uintptr) bool {
		b := in.free()
		for {
			if n, failed = syscall.Read(int(fd), b); !errors.Is(failed, syscall.EINTR) {
				break
			}
		}
		if errors.Is(failed, syscall.EAGAIN) {
			in.rest()
			return false
		}
		return true
	})
	switch {
	case err != nil:
		return err
	case failed != nil:
		return failed
	case n <= 0:
		return io.EOF
	}
	in.to += n
	return nil
}
