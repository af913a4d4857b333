// Package content is what stands inside an envelope once it is open: a
// versioned header, a typed body and the padding that hides how long it is. It
// knows bytes; it must not know keys, accounts or the network.
package content

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"letterlock/wire"
)

// Version is the version of the header. A message with another one still shows
// as unknown, once, at its own place.
const Version = 1

// Type says what the body is.
type Type uint8

// ID is chosen at random by the sender. With the sender's account it names a
// message for good: a recipient shows one ID of one account once.
type ID [16]byte

// Header begins every content, whatever its type: version, type, id, time and
// conversation. It never changes, so that content from the future can be told
// apart, dated and shown once in its place.
type Header struct {
	Version uint8
	Type    Type
	ID      ID
	Sent    int64    // by the sender's clock, Unix milliseconds
	Group   [16]byte // zero: between sender and recipient alone
}

// headerSize is without the group, which follows if the last byte is 1.
const headerSize = 1 + 1 + 16 + 8 + 1

// Content is one opened envelope. Body is nil when the type or version is not
// known here ("update to see this").
type Content struct {
	Header
	Body Body
}

// Known reports whether this program can show the content.
func (c Content) Known() bool { return c.Body != nil }

// Message reports whether the content is an entry of its own in the
// conversation, in its place; what is not known is one, too.
func (c Content) Message() bool {
	switch c.Body.(type) {
	case nil, *Text, *File, *Place:
		return true
	}
	return false
}

// ErrContent is wrapped by every refusal of a content.
var ErrContent = errors.New("bad content")

func bad(format string, a ...any) error {
	return fmt.Errorf("%w: %s", ErrContent, fmt.Sprintf(format, a...))
}

// New is a content of the present version.
func New(id ID, sent int64, b Body) Content {
	return Content{Header{Version: Version, Type: b.kind(), ID: id, Sent: sent}, b}
}

// In is the same content in a group.
func (c Content) In(group [16]byte) Content {
	c.Group = group
	return c
}

// Seal is Encode and Pad: the plaintext of an envelope.
func Seal(c Content) ([]byte, error) {
	b, err := Encode(c)
	if err != nil {
		return nil, err
	}
	return Pad(b), nil
}

// Encode is the one encoding of a content, without padding.
func Encode(c Content) ([]byte, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	body, err := wire.Marshal(c.Body)
	if err != nil {
		return nil, bad("body does not encode")
	}
	b := make([]byte, 0, headerSize+16+len(body))
	b = append(b, c.Version, byte(c.Type))
	b = append(b, c.ID[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(c.Sent))
	if c.Group == [16]byte{} {
		b = append(b, 0)
	} else {
		b = append(append(b, 1), c.Group[:]...)
	}
	return append(b, body...), nil
}

// Open reads a plaintext. A type or version of the future is not an error.
func Open(plaintext []byte) (Content, error) {
	b, err := unpad(plaintext)
	if err != nil {
		return Content{}, err
	}
	return Decode(b)
}

// Decode reads what Encode makes.
func Decode(b []byte) (Content, error) {
	if len(b) < headerSize {
		return Content{}, bad("%d bytes are too few", len(b))
	}
	c := Content{Header: Header{
		Version: b[0], Type: Type(b[1]), ID: ID(b[2:18]), Sent: int64(binary.BigEndian.Uint64(b[18:26])),
	}}
	if c.ID == (ID{}) || c.Version == 0 || c.Sent < 0 {
		return Content{}, bad("empty header")
	}
	body, err := c.place(b[headerSize-1:])
	if err != nil {
		return Content{}, err
	}
	if c.Version != Version {
		return c, nil
	}
	if c.Body = empty(c.Type); c.Body == nil {
		return c, nil
	}
	if err := exactly(body, c.Body); err != nil {
		return Content{}, err
	}
	if err := c.check(); err != nil {
		return Content{}, err
	}
	return c, nil
}

// place reads the end of the header and returns the body.
func (c *Content) place(b []byte) ([]byte, error) {
	switch {
	case b[0] == 0:
		return b[1:], nil
	case b[0] == 1 && len(b) >= 17:
		c.Group = [16]byte(b[1:17])
	}
	if c.Group == [16]byte{} {
		return nil, bad("neither with a group nor without one")
	}
	return b[17:], nil
}

// exactly reads the one encoding of v: what would be written otherwise is
// refused, so that equal contents have equal bytes.
func exactly(b []byte, v any) error {
	if err := wire.Unmarshal(b, v); err != nil {
		return bad("body does not decode")
	}
	again, err := wire.Marshal(v)
	if err != nil || !bytes.Equal(again, b) {
		return bad("body is not in its one encoding")
	}
	return nil
}

func (c Content) check() error {
	if c.ID == (ID{}) || c.Version != Version || c.Sent < 0 {
		return bad("header")
	}
	if c.Body == nil || c.Type != c.Body.kind() {
		return bad("type and body differ")
	}
	return c.Body.check()
}
