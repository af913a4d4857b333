// Package disclosable is the closed list of what exists to be asked for, the
// inventory, and the grant that unlocks some of it for one account. It has no
// class for content, because none exists. It knows no database and no case
// law: who may ask for a class is the law's business, how a fact is read is the
// messenger's. Both halves of Letterlock meet here and nowhere else.
package disclosable

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/fxamacker/cbor/v2"
)

// Account is the account that a record is about, as the messenger names it.
type Account [16]byte

// String is the hyphenated lower-case form.
func (a Account) String() string {
	h := hex.EncodeToString(a[:])
	return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-")
}

// IsZero reports the absent account.
func (a Account) IsZero() bool { return a == Account{} }

// ParseAccount reads the hyphenated form and no other.
func ParseAccount(s string) (Account, error) {
	var a Account
	b, err := hex.DecodeString(strings.ReplaceAll(s, "-", ""))
	if err != nil || len(b) != len(a) {
		return Account{}, fmt.Errorf("not an account id")
	}
	copy(a[:], b)
	if a.String() != s {
		return Account{}, fmt.Errorf("not an account id in its canonical form")
	}
	return a, nil
}

// MarshalText is String.
func (a Account) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText is ParseAccount.
func (a *Account) UnmarshalText(b []byte) (err error) {
	*a, err = ParseAccount(string(b))
	return err
}

// Class groups fields by the legal process that reaches them. The names are
// those of law.Class; messenger/holdings compares the two.
type Class string

// The classes. There is none for content.
const (
	BSI  Class = "BSI"    // basic subscriber information, cf. 18 USC 2703(c)(2)
	ACNC Class = "ACC_NC" // non-content account records: block list, devices
	ACW  Class = "ACC_W"  // account information that takes a warrant: about text
)

// FieldID names a field of the inventory in grants, records and pages. It is
// never reused for another meaning.
type FieldID string

// Record is one fact as produced.
type Record struct {
	Account Account `cbor:"account" json:"account"`
	Field   FieldID `cbor:"field" json:"field"`
	Value   string  `cbor:"value" json:"value"`
	// AsOf is when a snapshot was taken, in UTC; empty for today's record.
	AsOf string `cbor:"as_of,omitempty" json:"as_of,omitempty"`
}

// Hash is a SHA-256.
type Hash [32]byte

func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// MarshalText is String.
func (h Hash) MarshalText() ([]byte, error) { return []byte(h.String()), nil }

// UnmarshalText reads 64 hex digits.
func (h *Hash) UnmarshalText(b []byte) error {
	p, err := hex.DecodeString(string(b))
	if err != nil || len(p) != len(h) {
		return fmt.Errorf("not a SHA-256 in hex")
	}
	copy(h[:], p)
	return nil
}

// ParseHash reads 64 hex digits.
func ParseHash(s string) (h Hash, err error) { return h, h.UnmarshalText([]byte(s)) }

func hashOf(context string, b []byte) Hash {
	h := sha256.New()
	h.Write([]byte(context))
	h.Write(b)
	return Hash(h.Sum(nil))
}

var (
	enc = mode(cbor.CoreDetEncOptions().EncMode())
	dec = mode(cbor.DecOptions{
		DupMapKey: cbor.DupMapKeyEnforcedAPF, MaxNestedLevels: 8, MaxArrayElements: 16384, MaxMapPairs: 256,
		IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsForbidden, UTF8: cbor.UTF8RejectInvalid,
		ExtraReturnErrors: cbor.ExtraDecErrorUnknownField,
	}.DecMode())
)

func mode[T any](v T, err error) T {
	if err != nil {
		panic(err) // constants: only a programming error comes here
	}
	return v
}

// Marshal is the deterministic encoding of everything that is signed or passes
// the door: CBOR, core deterministic (RFC 8949 4.2).
func Marshal(v any) ([]byte, error) { return enc.Marshal(v) }

// Unmarshal reads it strictly.
func Unmarshal(b []byte, v any) error { return dec.Unmarshal(b, v) }
