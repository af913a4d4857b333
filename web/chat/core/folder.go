//go:build js

package main

import (
	"context"
	"io"
	"syscall/js"

	"letterlock/client"
	"letterlock/wire"
)

// folder is where sealed files lie: the private file system of the page's
// origin. What it holds is sealed under keys that are in the vault.
type folder struct{ js js.Value }

var _ client.Files = folder{}

// Put waits for the disk whatever becomes of the context: half a piece is no
// piece.
func (f folder) Put(ctx context.Context, id wire.MediaID, b []byte, at int64) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	_, err := await(context.WithoutCancel(ctx), f.js.Call("put", id.String(), array(b), at))
	return err
}

// Read is io.ReaderAt of one file.
func (f folder) Read(ctx context.Context, id wire.MediaID, b []byte, at int64) (int, error) {
	v, err := await(ctx, f.js.Call("read", id.String(), len(b), at))
	if err != nil {
		return 0, err
	}
	if n := js.CopyBytesToGo(b, v); n < len(b) {
		return n, io.EOF
	}
	return len(b), nil
}

// Size is the length that there is.
func (f folder) Size(ctx context.Context, id wire.MediaID) (int64, error) {
	v, err := await(ctx, f.js.Call("size", id.String()))
	if err != nil {
		return 0, err
	}
	return int64(v.Float()), nil
}

// Remove takes a file away.
func (f folder) Remove(ctx context.Context, id wire.MediaID) error {
	_, err := await(ctx, f.js.Call("remove", id.String()))
	return err
}

// Each names every file.
func (f folder) Each(ctx context.Context, each func(wire.MediaID) error) error {
	v, err := await(ctx, f.js.Call("names"))
	if err != nil {
		return err
	}
	for i := range v.Length() {
		id, err := wire.ParseMediaID(v.Index(i).String())
		if err != nil {
			continue // not ours
		}
		if err := each(id); err != nil {
			return err
		}
	}
	return nil
}

// drop removes the folder.
func (f folder) drop(ctx context.Context) error {
	_, err := await(ctx, f.js.Call("drop"))
	return err
}
