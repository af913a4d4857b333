//go:build js

package main

import (
	"context"
	"encoding/binary"
	"errors"
	"syscall/js"

	"letterlock/web/chat/vault"
)

// disk is the worker's IndexedDB. Many records cross at once, each behind its
// length: crossing one by one costs more than opening them.
type disk struct{ js js.Value }

var _ vault.Disk = (*disk)(nil)

func (d *disk) ask(ctx context.Context, name string, args ...any) (js.Value, error) {
	return await(ctx, d.js.Call(name, args...))
}

func (d *disk) Meta(ctx context.Context) ([]byte, error) {
	v, err := d.ask(ctx, "meta")
	return bytesOf(v), err
}

func (d *disk) Replace(ctx context.Context, meta []byte, records [][]byte) error {
	_, err := d.ask(context.WithoutCancel(ctx), "replace", array(meta), array(packed(nil, records)))
	return err
}

func (d *disk) Load(ctx context.Context) (out [][]byte, err error) {
	v, err := d.ask(ctx, "load")
	if err != nil {
		return nil, err
	}
	for all := bytesOf(v); len(all) > 0; {
		if len(all) < 4 || uint64(len(all)-4) < uint64(binary.LittleEndian.Uint32(all)) {
			return nil, errors.New("the database gave half a record")
		}
		n := 4 + int(binary.LittleEndian.Uint32(all))
		out = append(out, all[4:n:n])
		all = all[n:]
	}
	return out, nil
}

// Commit does not end with the context: what is on its way to the disk may
// arrive, and memory must say the same.
func (d *disk) Commit(ctx context.Context, put [][]byte, remove [][16]byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	_, err := d.ask(context.WithoutCancel(ctx), "commit", len(remove), array(packed(remove, put)))
	return err
}

// packed are ids, then records, each behind its length.
func packed(remove [][16]byte, put [][]byte) []byte {
	size := 16 * len(remove)
	for _, r := range put {
		size += 4 + len(r)
	}
	b := make([]byte, 0, size)
	for _, id := range remove {
		b = append(b, id[:]...)
	}
	for _, r := range put {
		b = append(binary.LittleEndian.AppendUint32(b, uint32(len(r))), r...)
	}
	return b
}

func (d *disk) Drop(ctx context.Context) error {
	_, err := d.ask(ctx, "drop")
	return err
}
