// Package content is what stands inside an envelope once it is open: a
// versioned header, a typed body and the padding that hides how long a text
// is. It knows bytes; it must not know keys, accounts or the network.
package content

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"unicode/utf8"

	"letterlock/wire"
)

// Version is the version of the header. A message with another one still shows
// as Unknown, once, at its own place.
const Version = 1

// Type says what the body is.
type Type uint8

// The types.
const (
	TypeText   Type = 1 // Text
	TypeRepair Type = 2 // Repair
)

// Limits, in bytes.
const (
	MaxText  = 64 << 10
	MaxPhone = 16 // "+" and fifteen digits, ITU-T E.164
)

// ID is chosen at random by the sender. With the sender's account it names a
// message for good: a recipient shows one ID of one account once.
type ID [16]byte

// Header begins every content, whatever its type: version, type, id, time.
// It never changes, so that content from the future can be told apart, dated
// and shown once.
type Header struct {
	Version uint8
	Type    Type
	ID      ID
	Sent    int64 // by the sender's clock, Unix milliseconds
}

const headerSize = 1 + 1 + 16 + 8

// Content is one opened envelope: exactly one of the pointers is set, or none,
// when the type or version is not known here ("update to see this").
type Content struct {
	Header
	Text   *Text
	Repair *Repair
}

// Known reports whether this program can show the content.
func (c Content) Known() bool { return c.Text != nil || c.Repair != nil }

// Text is what somebody wrote. Phone is the number under which the sender says
// to be known; the recipient checks it with the carrier before believing it.
type Text struct {
	_     struct{} `cbor:",toarray"`
	Text  string
	Phone string
}

// Repair says that envelopes could not be opened, and asks to have them again
// in the session that this very content came in. Each is named by its Digest.
type Repair struct {
	_       struct{} `cbor:",toarray"`
	Digests [][]byte
}

// MaxRepair is how many envelopes one Repair may name.
const MaxRepair = 16

// DigestSize is the length of a digest: 16 bytes of a SHA-256.
const DigestSize = 16

// ErrContent is wrapped by every refusal of a content.
var ErrContent = errors.New("bad content")

// NewText is a text of the present version.
func NewText(id ID, sent int64, text, phone string) Content {
	return Content{Header{Version, TypeText, id, sent}, &Text{Text: text, Phone: phone}, nil}
}

// NewRepair is a request for envelopes of the present version.
func NewRepair(id ID, sent int64, digests [][]byte) Content {
	return Content{Header{Version, TypeRepair, id, sent}, nil, &Repair{Digests: digests}}
}

// Seal encodes and pads: the plaintext of an envelope.
func Seal(c Content) ([]byte, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	var body any = c.Text
	if c.Repair != nil {
		body = c.Repair
	}
	encoded, err := wire.Marshal(body)
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrContent, err)
	}
	b := make([]byte, 0, headerSize+len(encoded)+1)
	b = append(b, c.Version, byte(c.Type))
	b = append(b, c.ID[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(c.Sent))
	return pad(append(b, encoded...)), nil
}

// Open reads a plaintext. A type or version of the future is not an error.
func Open(plaintext []byte) (Content, error) {
	b, err := unpad(plaintext)
	if err != nil {
		return Content{}, err
	}
	if len(b) < headerSize {
		return Content{}, fmt.Errorf("%w: %d bytes are too few", ErrContent, len(b))
	}
	c := Content{Header: Header{
		Version: b[0], Type: Type(b[1]), ID: ID(b[2:18]), Sent: int64(binary.BigEndian.Uint64(b[18:26])),
	}}
	if c.ID == (ID{}) || c.Version == 0 || c.Sent < 0 {
		return Content{}, fmt.Errorf("%w: empty header", ErrContent)
	}
	if c.Version != Version {
		return c, nil
	}
	return c.body(b[headerSize:])
}

func (c Content) body(b []byte) (Content, error) {
	var err error
	switch c.Type {
	case TypeText:
		c.Text = new(Text)
		err = exactly(b, c.Text)
	case TypeRepair:
		c.Repair = new(Repair)
		err = exactly(b, c.Repair)
	default:
		return c, nil
	}
	if err == nil {
		err = c.check()
	}
	if err != nil {
		return Content{}, err
	}
	return c, nil
}

// exactly reads the one encoding of v: what would be written otherwise is
// refused, so that equal contents have equal bytes.
func exactly(b []byte, v any) error {
	if err := wire.Unmarshal(b, v); err != nil {
		return fmt.Errorf("%w: %v", ErrContent, errors.New("body does not decode"))
	}
	again, err := wire.Marshal(v)
	if err != nil || !bytes.Equal(again, b) {
		return fmt.Errorf("%w: body is not in its one encoding", ErrContent)
	}
	return nil
}

func (c Content) check() error {
	switch {
	case c.ID == (ID{}) || c.Version != Version || c.Sent < 0:
		return fmt.Errorf("%w: header", ErrContent)
	case c.Text != nil && c.Repair == nil && c.Type == TypeText:
		return c.Text.check()
	case c.Repair != nil && c.Text == nil && c.Type == TypeRepair:
		return c.Repair.check()
	}
	return fmt.Errorf("%w: type and body differ", ErrContent)
}

func (t Text) check() error {
	switch {
	case t.Text == "" || len(t.Text) > MaxText || !utf8.ValidString(t.Text):
		return fmt.Errorf("%w: a text has 1 to %d bytes of UTF-8", ErrContent, MaxText)
	case !phone(t.Phone):
		return fmt.Errorf("%w: not a phone number", ErrContent)
	}
	return nil
}

// phone accepts "+" and 3 to 15 digits: that it exists is the carrier's word.
func phone(s string) bool {
	if len(s) < 4 || len(s) > MaxPhone || s[0] != '+' {
		return false
	}
	for _, r := range s[1:] {
		if r < '0' || r > '9' {
			return false
		}
	}
	return true
}

func (r Repair) check() error {
	if len(r.Digests) == 0 || len(r.Digests) > MaxRepair {
		return fmt.Errorf("%w: a repair names 1 to %d envelopes", ErrContent, MaxRepair)
	}
	for _, d := range r.Digests {
		if len(d) != DigestSize {
			return fmt.Errorf("%w: a digest has %d bytes", ErrContent, DigestSize)
		}
	}
	return nil
}
