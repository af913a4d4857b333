package proof

import (
	"bytes"
	"crypto/sha256"
	"time"
	"unicode/utf8"

	"github.com/fxamacker/cbor/v2"
)

// Limits of an entry.
const (
	MaxBody = 1 << 20
	MaxKind = 64
	MaxCase = 128
)

// Leaf is what the public sees of an entry: a salted hash that tells nothing.
type Leaf [32]byte

// Salt keeps a leaf from being guessed.
type Salt [32]byte

const leafDomain = "letterlock leaf v1"

// LeafOf is the public leaf of an entry's bytes.
func LeafOf(salt Salt, entry []byte) Leaf {
	h := sha256.New()
	h.Write([]byte(leafDomain))
	h.Write(salt[:])
	h.Write(entry)
	return Leaf(h.Sum(nil))
}

// Node is the leaf's hash in the tree.
// spec: rfc6962 2.1
func (l Leaf) Node() Hash { return tlogRecordHash(l) }

// Entry is what a ledger records of one act.
type Entry struct {
	Kind      string    // what was done or is about to be: "release.intent"
	Case      string    // the case it belongs to; may be empty
	Happened  time.Time // when it happened
	Recorded  time.Time // when the ledger wrote it down
	Recovered bool      // the ledger could not be written when it happened
	Body      []byte    // the particulars, in the owner's encoding
}

// wire form: integer keys, times in nanoseconds since 1970.
type entryWire struct {
	Version   int    `cbor:"1,keyasint"`
	Kind      string `cbor:"2,keyasint"`
	Case      string `cbor:"3,keyasint,omitempty"`
	Happened  int64  `cbor:"4,keyasint"`
	Recorded  int64  `cbor:"5,keyasint"`
	Recovered bool   `cbor:"6,keyasint,omitempty"`
	Body      []byte `cbor:"7,keyasint,omitempty"`
}

var (
	encMode = must(cbor.CoreDetEncOptions().EncMode())
	decMode = must(cbor.DecOptions{
		DupMapKey:         cbor.DupMapKeyEnforcedAPF,
		IndefLength:       cbor.IndefLengthForbidden,
		TagsMd:            cbor.TagsForbidden,
		ExtraReturnErrors: cbor.ExtraDecErrorUnknownField,
		MaxNestedLevels:   8,
		MaxArrayElements:  256,
		MaxMapPairs:       32,
	}.DecMode())
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err) // constant options: can only fail while being written
	}
	return v
}

// Bytes is the entry's one encoding (CBOR, core deterministic).
func (e Entry) Bytes() []byte {
	return must(encMode.Marshal(entryWire{1, e.Kind, e.Case, e.Happened.UnixNano(), e.Recorded.UnixNano(), e.Recovered, e.Body}))
}

// ParseEntry reads an entry's bytes and refuses any but their one encoding.
func ParseEntry(b []byte) (Entry, error) {
	var w entryWire
	if err := decMode.Unmarshal(b, &w); err != nil {
		return Entry{}, invalid("the record cannot be read: %v", err)
	}
	if w.Version != 1 {
		return Entry{}, invalid("the record is of version %d, and this program knows version 1", w.Version)
	}
	e := Entry{w.Kind, w.Case, time.Unix(0, w.Happened).UTC(), time.Unix(0, w.Recorded).UTC(), w.Recovered, w.Body}
	if err := e.Validate(); err != nil {
		return Entry{}, err
	}
	if !bytes.Equal(e.Bytes(), b) {
		return Entry{}, invalid("the record is not in its one exact encoding")
	}
	return e, nil
}

// Validate checks an entry's limits.
func (e Entry) Validate() error {
	switch {
	case !validKind(e.Kind):
		return invalid("a record's kind is 1 to %d small letters, digits, points and hyphens", MaxKind)
	case len(e.Case) > MaxCase || !utf8.ValidString(e.Case):
		return invalid("a case reference is text of at most %d bytes", MaxCase)
	case len(e.Body) > MaxBody:
		return invalid("a record's body is at most %d bytes", MaxBody)
	}
	return nil
}

func validKind(s string) bool {
	for _, c := range []byte(s) {
		if !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '.' || c == '-') {
			return false
		}
	}
	return s != "" && len(s) <= MaxKind
}
