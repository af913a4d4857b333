// Package opened is what an auditor is given of cases: rows of the ledger, each
// with the parts of its event that are shown and a hash for each that is not. It
// knows formats and public keys, so that an auditor's laptop or a browser (WASM)
// can check it offline; it must not know what a part means, and no database.
package opened

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"github.com/fxamacker/cbor/v2"
)

// What the ledger records of an event is one hash made of many: each part of
// the event is hashed with a salt of its own, which follows from the event's
// salt and leads to no other. So some parts can be shown, and proved, while of
// the others there is nothing but a hash that cannot be guessed: to an auditor,
// and to the desk itself once the persons' data have left a case
// (docs/protocol/openings.md, docs/decisions/0046).

const (
	partDomain = "letterlock event part v1\x00"
	saltDomain = "letterlock event salt v1\x00"
	markDomain = "letterlock case event v2\x00"
)

// divided are the parts of an event that have parts of their own.
var divided = []string{"by", "demand"}

// Event is an event of which some parts are shown.
type Event struct {
	Shown  []Shown  `cbor:"shown"`
	Hidden [][]byte `cbor:"hidden,omitempty"` // a hash for each other part
}

// Shown is one part of an event, with the salt that proves it.
type Shown struct {
	Part  string          `cbor:"part"` // such as "kind" or "demand.process"
	Salt  []byte          `cbor:"salt"`
	Value cbor.RawMessage `cbor:"value"` // in the desk's encoding
}

func (s Shown) hash() []byte {
	h := sha256.New()
	h.Write([]byte(partDomain))
	h.Write(s.Salt)
	h.Write([]byte(s.Part))
	h.Write([]byte{0})
	h.Write(s.Value)
	return h.Sum(nil)
}

// parts divides an event as stored.
func parts(event []byte) ([]Shown, error) {
	all := map[string]cbor.RawMessage{}
	if err := decode(event, &all); err != nil {
		return nil, fmt.Errorf("divide event: %w", err)
	}
	var salt []byte
	if err := decode(all["salt"], &salt); err != nil {
		return nil, fmt.Errorf("divide event: %w", err)
	}
	delete(all, "salt")
	for _, name := range divided {
		if err := divide(all, name); err != nil {
			return nil, fmt.Errorf("divide event: %w", err)
		}
	}
	out := make([]Shown, 0, len(all))
	for name, v := range all {
		m := hmac.New(sha256.New, salt)
		m.Write([]byte(saltDomain + name))
		out = append(out, Shown{name, m.Sum(nil), v})
	}
	return out, nil
}

func divide(all map[string]cbor.RawMessage, name string) error {
	v, ok := all[name]
	if !ok {
		return nil
	}
	inner := map[string]cbor.RawMessage{}
	if err := decode(v, &inner); err != nil {
		return err
	}
	delete(all, name)
	for k, x := range inner {
		all[name+"."+k] = x
	}
	return nil
}

// Open shows the parts of an event that show says yes to.
func Open(event []byte, show func(part string) bool) (Event, error) {
	all, err := parts(event)
	return choose(all, nil, show), err
}

// Redact hides more of what is shown.
func (o Event) Redact(show func(part string) bool) Event { return choose(o.Shown, o.Hidden, show) }

func choose(all []Shown, hidden [][]byte, show func(part string) bool) Event {
	o := Event{Hidden: slices.Clone(hidden)}
	for _, p := range all {
		if show(p.Part) {
			o.Shown = append(o.Shown, p)
		} else {
			o.Hidden = append(o.Hidden, p.hash())
		}
	}
	slices.SortFunc(o.Shown, func(a, b Shown) int { return bytes.Compare([]byte(a.Part), []byte(b.Part)) })
	slices.SortFunc(o.Hidden, bytes.Compare) // their places tell nothing
	return o
}

var errOpening = errors.New("an opening shows each part once, with its salt, and hides hashes")

// Mark is what the ledger must have recorded, if what is shown is true.
func (o Event) Mark() ([32]byte, error) {
	hashes, seen := slices.Clone(o.Hidden), map[string]bool{}
	for _, s := range o.Shown {
		if seen[s.Part] || len(s.Salt) != sha256.Size {
			return [32]byte{}, errOpening
		}
		seen[s.Part] = true
		hashes = append(hashes, s.hash())
	}
	slices.SortFunc(hashes, bytes.Compare)
	h := sha256.New()
	h.Write([]byte(markDomain))
	for _, x := range hashes {
		if len(x) != sha256.Size {
			return [32]byte{}, errOpening
		}
		h.Write(x)
	}
	return [32]byte(h.Sum(nil)), nil
}

// Part reads a part that is shown; false if it is not.
func (o Event) Part(name string, v any) bool {
	i := slices.IndexFunc(o.Shown, func(s Shown) bool { return s.Part == name })
	return i >= 0 && decode(o.Shown[i].Value, v) == nil
}
