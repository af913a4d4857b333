//go:build js

package main

import (
	"context"
	"fmt"
	"io"
	"syscall/js"

	"letterlock/client"
	"letterlock/wire"
)

// freight carries sealed files between the worker and the carrier, beside the
// calls. What brings nothing for a while is given up by the worker.
type freight struct{ js js.Value }

var _ client.Freight = freight{}

// Put sends a piece.
func (f freight) Put(ctx context.Context, id wire.MediaID, token wire.MediaToken, offset int64, piece []byte) (int, []byte, error) {
	t := f.js.Call("put", wire.PathMedia+id.String(), token.Header(), wire.MediaType, wire.MediaOffset, offset, array(piece))
	v, err := await(ctx, t.Get("done"))
	if err != nil {
		t.Call("stop")
		return 0, nil, err
	}
	return answered(v)
}

// Get asks for everything from a byte on.
func (f freight) Get(ctx context.Context, id wire.MediaID, token wire.MediaToken, from int64) (p client.Part, err error) {
	t := f.js.Call("get", wire.PathMedia+id.String(), token.Header(), from)
	v, err := await(ctx, t.Get("done"))
	if err != nil {
		t.Call("stop")
		return p, err
	}
	switch p.Status = v.Get("status").Int(); {
	case p.Status == 206:
		p.Total, p.Body = wire.MediaTotal(v.Get("range").String(), from), &incoming{ctx: ctx, js: t}
	case p.Status == 416:
	case p.Status >= 400:
		_, p.Answer, err = answered(v)
	default: // a server that does not know ranges is none of ours
		t.Call("stop")
		err = fmt.Errorf("status %d to a call for a part of a file", p.Status)
	}
	return p, err
}

// incoming is the body of an answer.
type incoming struct {
	ctx  context.Context
	js   js.Value
	left []byte
}

func (r *incoming) Read(b []byte) (int, error) {
	for len(r.left) == 0 {
		v, err := await(r.ctx, r.js.Call("next"))
		if err != nil {
			return 0, err
		}
		if v.IsNull() {
			return 0, io.EOF
		}
		r.left = bytesOf(v)
	}
	n := copy(b, r.left)
	r.left = r.left[n:]
	return n, nil
}

func (r *incoming) Close() error {
	r.js.Call("stop")
	return nil
}
