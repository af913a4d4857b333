// Package wire is what travels between a person's device and the carrier:
// addresses, envelopes, frames of the one WebSocket, and the bodies of the
// few HTTP calls. It knows bytes and limits, no rule and no secret: what is
// inside an envelope is opaque here. It imports the standard library and the
// codec only, and builds for the browser.
package wire

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"

	"github.com/fxamacker/cbor/v2"
)

// Version is the first byte of every frame. A peer that speaks another one is
// told so and disconnected: nothing is guessed.
const Version = 1

// Limits, in bytes unless said otherwise.
const (
	MaxEnvelope  = 256 << 10          // body of one envelope
	MaxFrame     = MaxEnvelope + 1024 // one WebSocket message
	MaxHint      = 4 << 10            // body of one hint
	MaxCall      = 512 << 10          // body of one HTTP call (a pre-key upload is the largest)
	MaxName      = 80                 // profile name
	MaxAbout     = 280                // about text
	MaxObjection = 4000               // text of an objection to a service notice
	MaxOneTime   = 100                // one-time pre-keys of a kind in one upload
)

// AccountID names an account. It is random and says nothing; the phone number
// only finds it.
type AccountID [16]byte

// NewAccountID draws a random (version 4) UUID.
func NewAccountID() AccountID {
	var id AccountID
	rand.Read(id[:])
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	return id
}

// String is the hyphenated lower-case form.
func (id AccountID) String() string {
	h := hex.EncodeToString(id[:])
	return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-")
}

// IsZero reports the absent id.
func (id AccountID) IsZero() bool { return id == AccountID{} }

// MarshalText is String.
func (id AccountID) MarshalText() ([]byte, error) { return []byte(id.String()), nil }

// UnmarshalText is ParseAccountID.
func (id *AccountID) UnmarshalText(b []byte) (err error) {
	*id, err = ParseAccountID(string(b))
	return err
}

// ParseAccountID reads the hyphenated form and no other.
func ParseAccountID(s string) (AccountID, error) {
	var id AccountID
	b, err := hex.DecodeString(strings.ReplaceAll(s, "-", ""))
	if err != nil || len(b) != 16 {
		return AccountID{}, fmt.Errorf("not an account id")
	}
	copy(id[:], b)
	if id.String() != s {
		return AccountID{}, fmt.Errorf("not an account id in its canonical form")
	}
	return id, nil
}

// DeviceID numbers the devices of an account, 1 to 127.
type DeviceID uint8

// Valid reports a device id in range.
func (d DeviceID) Valid() bool { return d >= 1 && d <= 127 }

// Address is one device of one account: what an envelope is sent to.
type Address struct {
	_       struct{} `cbor:",toarray"`
	Account AccountID
	Device  DeviceID
}

// At is the address of an account's device.
func At(a AccountID, d DeviceID) Address { return Address{Account: a, Device: d} }

// EnvelopeKind says how the recipient opens the body.
type EnvelopeKind uint8

// The kinds. The first three are the type numbers of the Signal protocol.
const (
	KindMessage       EnvelopeKind = 2   // SignalMessage
	KindPreKeyMessage EnvelopeKind = 3   // PreKeySignalMessage
	KindGroupMessage  EnvelopeKind = 7   // SenderKeyMessage: sealed once for a whole group
	KindNotice        EnvelopeKind = 100 // service notice, signed by the carrier; never accepted from a device
)

// FromDevice reports whether a device may send this kind.
func (k EnvelopeKind) FromDevice() bool {
	return k == KindMessage || k == KindPreKeyMessage || k == KindGroupMessage
}

var (
	enc = must(cbor.CoreDetEncOptions().EncMode())
	dec = must(cbor.DecOptions{
		DupMapKey: cbor.DupMapKeyEnforcedAPF, MaxNestedLevels: 8, MaxArrayElements: 4096, MaxMapPairs: 256,
		IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsForbidden, UTF8: cbor.UTF8RejectInvalid,
		ExtraReturnErrors: cbor.ExtraDecErrorUnknownField,
	}.DecMode())
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err) // the options above are constants: only a programming error comes here
	}
	return v
}

// Marshal is the one encoding of the house: CBOR, core deterministic (RFC 8949 4.2).
func Marshal(v any) ([]byte, error) { return enc.Marshal(v) }

// Unmarshal reads it strictly: unknown keys, duplicate keys, trailing bytes,
// tags and indefinite lengths are errors.
func Unmarshal(b []byte, v any) error { return dec.Unmarshal(b, v) }

// ErrFrame is wrapped by every refusal of a frame.
var ErrFrame = errors.New("bad frame")
