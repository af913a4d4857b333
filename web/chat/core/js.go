//go:build js

package main

import (
	"context"
	"encoding/hex"
	"syscall/js"

	"letterlock/internal/fault"
	"letterlock/internal/promise"
)

// arguments are what the page passes with a call.
type arguments struct{ v js.Value }

func (a arguments) text(name string) string {
	if v := a.v.Get(name); v.Type() == js.TypeString {
		return v.String()
	}
	return ""
}

func (a arguments) yes(name string) bool { return a.v.Get(name).Truthy() }

func (a arguments) number(name string) uint64 {
	if v := a.v.Get(name); v.Type() == js.TypeNumber && v.Float() >= 0 {
		return uint64(v.Float())
	}
	return 0
}

func (a arguments) texts(name string) (out []string) {
	v := a.v.Get(name)
	if !v.Truthy() {
		return nil
	}
	for i := range v.Length() {
		out = append(out, v.Index(i).String())
	}
	return out
}

// id reads what identifier wrote.
func (a arguments) id(name string) (id [16]byte, err error) { return readID(a.text(name)) }

func readID(s string) (id [16]byte, err error) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(id) {
		return id, fault.New(fault.Invalid, "read an id", "this is no account and no group")
	}
	return [16]byte(b), nil
}

func identifier(id [16]byte) string { return hex.EncodeToString(id[:]) }

// await waits for a promise.
func await(ctx context.Context, v js.Value) (js.Value, error) { return promise.Await(ctx, v) }

func bytesOf(v js.Value) []byte {
	if !v.Truthy() {
		return nil
	}
	b := make([]byte, v.Get("length").Int())
	js.CopyBytesToGo(b, v)
	return b
}

func array(b []byte) js.Value {
	v := js.Global().Get("Uint8Array").New(len(b))
	js.CopyBytesToJS(v, b)
	return v
}
