//go:build js

// Package promise waits for what a browser answers later. It must know nothing
// of what is asked.
package promise

import (
	"context"
	"errors"
	"syscall/js"
)

// Await is what a promise comes to; what it throws is an error with its words.
func Await(ctx context.Context, promise js.Value) (js.Value, error) {
	type result struct {
		v   js.Value
		err error
	}
	done := make(chan result, 1)
	good := js.FuncOf(func(_ js.Value, args []js.Value) any {
		done <- result{v: args[0]}
		return nil
	})
	bad := js.FuncOf(func(_ js.Value, args []js.Value) any {
		done <- result{err: errors.New(js.Global().Get("String").Invoke(args[0]).String())}
		return nil
	})
	promise.Call("then", good, bad)
	free := func() { good.Release(); bad.Release() }
	select {
	case r := <-done:
		free()
		return r.v, r.err
	case <-ctx.Done():
		go func() { <-done; free() }()
		return js.Undefined(), ctx.Err()
	}
}
