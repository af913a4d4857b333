//go:build js

package client

import "syscall/js"

var normalize = js.Global().Get("String").Get("prototype").Get("normalize")

// decompose parts letters from their accents, and like forms from each other.
// The browser has the tables, which weigh more than all else of a search.
func decompose(s string) string { return normalize.Call("call", s, "NFKD").String() }
