package client

import (
	"context"
	"errors"

	"letterlock/internal/fault"
	"letterlock/wire"
)

// Transport reaches the carrier. The native one is in cmd/letter; a browser
// has its own.
type Transport interface {
	// Call posts body to one of the wire.Path constants (GET for PathInfo, whose
	// body is nil) and returns the status and the answer, at most wire.MaxCall
	// bytes. The zero Credential means none. An error means that no answer came,
	// so that nobody knows whether the carrier acted.
	Call(ctx context.Context, as wire.Credential, path string, body []byte) (status int, answer []byte, err error)
	// Dial opens the WebSocket. If the carrier refused, the error is a
	// fault.Error with the kind of its answer; any other error is the network's.
	Dial(ctx context.Context, as wire.Credential) (Socket, error)
}

// Socket carries one frame per message. One goroutine reads while another
// writes.
type Socket interface {
	Read(ctx context.Context) ([]byte, error)
	Write(ctx context.Context, frame []byte) error
	Close() error // unblocks Read
}

// sayAway is what a person reads when the carrier cannot be reached.
const sayAway = "the server cannot be reached: check the connection and try again"

// call makes one call and reads its answer into out, which may be nil.
func (c *Client) call(ctx context.Context, as wire.Credential, path string, in, out any) error {
	var body []byte
	if in != nil {
		var err error
		if body, err = wire.Marshal(in); err != nil {
			return err
		}
	}
	status, answer, err := c.transport.Call(ctx, as, path, body)
	if err != nil {
		return fault.Wrap(fault.Unavailable, "call "+path, err, sayAway)
	}
	if status >= 400 {
		return problem(path, status, answer)
	}
	if out == nil {
		return nil
	}
	if err := wire.Unmarshal(answer, out); err != nil {
		return fault.Wrap(fault.Unavailable, "call "+path, err, "the server's answer cannot be read: this program and the server may be of different versions")
	}
	return nil
}

// own makes a call as this device.
func (c *Client) own(ctx context.Context, path string, in, out any) error {
	me, err := c.self(ctx)
	if err != nil {
		return err
	}
	return c.call(ctx, me.credential(), path, in, out)
}

// problem is the carrier's refusal as an error of ours; its sentence is for
// people and passes through.
func problem(path string, status int, answer []byte) error {
	var p wire.Problem
	if err := wire.Unmarshal(answer, &p); err != nil || p.Say == "" {
		p = wire.Problem{Say: "the server refused without a reason it can state"}
	}
	return fault.Formed(kindOf(p.Kind, status), "call "+path, p.Say, p.Form, p.Filled)
}

func kindOf(name string, status int) fault.Kind {
	for k := fault.Internal; k <= fault.Unavailable; k++ {
		if k.String() == name && k != fault.Internal {
			return k
		}
	}
	for k := fault.Invalid; k <= fault.Unavailable; k++ {
		if k.Status() == status {
			return k
		}
	}
	return fault.Unavailable
}

// refused tells a refusal of the carrier from a network that failed.
func refused(err error) bool {
	var f *fault.Error
	return errors.As(err, &f) && f.Kind != fault.Unavailable
}
