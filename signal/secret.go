package signal

import (
	"crypto/rand"
	"fmt"
	"io"
)

// redacted is what every secret type prints, however it is printed.
const redacted = "signal: not shown"

// A veil, embedded in a struct, keeps it from being compared, printed, logged
// or marshalled by accident.
type veil struct{ _ [0]func() }

func (veil) String() string               { return redacted }
func (veil) GoString() string             { return redacted }
func (veil) Format(f fmt.State, _ rune)   { io.WriteString(f, redacted) }
func (veil) MarshalJSON() ([]byte, error) { return []byte(`"` + redacted + `"`), nil }

// wipe overwrites key bytes that are no longer needed. The runtime may have
// made copies; this shortens their life, it promises nothing more.
func wipe(slices ...[]byte) {
	for _, b := range slices {
		clear(b)
	}
}

// randomness is the caller's source, or the system's if that is nil.
func randomness(r io.Reader) io.Reader {
	if r == nil {
		return rand.Reader
	}
	return r
}

// hidden keeps the bytes of a long-lived secret behind two pointers. Where fmt
// walks the unexported fields of a caller's struct it asks for no methods, and
// for a verb that does not fit it follows one pointer; it never follows two.
type hidden[T any] struct{ at **T }

func hide[T any](v *T) hidden[T] { return hidden[T]{&v} }

// get is nil for the zero value.
func (h hidden[T]) get() *T {
	if h.at == nil {
		return nil
	}
	return *h.at
}
