package client

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"letterlock/internal/fault"
	"letterlock/wire"
)

// Linking a device. The new device shows a link with a fresh public key, which
// never passes the server, and a place at the server where both leave sealed
// messages: a greeting, an answer with the device's name and key, a welcome. The
// person compares a code that both show and confirms on the primary.
// docs/protocol/devices.md.

const (
	linkScheme = "letterlock-device:"
	linkInfo   = "letterlock link v1\x00"
	linkPoll   = time.Second
)

type greeting struct {
	Phone string `cbor:"phone"`
}

type answer struct {
	Name string `cbor:"name"`
	Type string `cbor:"type"`
	Key  []byte `cbor:"key"` // the device's identity key
}

type welcome struct {
	Refused     bool               `cbor:"refused,omitempty"`
	Account     wire.AccountID     `cbor:"account"`
	Device      wire.DeviceID      `cbor:"device"`
	Phone       string             `cbor:"phone"`
	NoticeKey   []byte             `cbor:"notice_key"`
	Certificate []byte             `cbor:"certificate"`
	List        wire.SignedDevices `cbor:"list"`
	Ticket      []byte             `cbor:"ticket"`
}

func readDeviceLink(s string) (id wire.LinkID, key *ecdh.PublicKey, err error) {
	rest, ok := strings.CutPrefix(strings.TrimSpace(s), linkScheme)
	raw, e := base64.RawURLEncoding.DecodeString(rest)
	if ok && e == nil && len(raw) == 48 {
		key, e = ecdh.X25519().NewPublicKey(raw[16:])
	}
	if key == nil || e != nil {
		return id, nil, fault.New(fault.Invalid, "read a link", "this is not the link of a device: it begins with %q and is shown by the new device", linkScheme)
	}
	return wire.LinkID(raw[:16]), key, nil
}

// wait polls for the next message of a direction.
func (c *Client) linkMail(ctx context.Context, id wire.LinkID, toPrimary bool, have int) ([]byte, error) {
	for {
		var got wire.LinkGot
		if err := c.call(ctx, wire.Credential{}, wire.PathLinkGet, wire.LinkGet{ID: id, ToPrimary: toPrimary, Have: have}, &got); err != nil {
			return nil, err
		}
		if len(got.Bodies) > 0 {
			return got.Bodies[0], nil
		}
		if err := c.wait(ctx, linkPoll); err != nil {
			return nil, fault.Wrap(fault.Unavailable, "link a device", err, "nothing came from the other device: show a new link and try again")
		}
	}
}

func (c *Client) linkPut(ctx context.Context, id wire.LinkID, toPrimary bool, body []byte) error {
	return c.call(ctx, wire.Credential{}, wire.PathLinkPut, wire.LinkPut{ID: id, ToPrimary: toPrimary, Body: body}, nil)
}

func linkContext(id wire.LinkID) []byte { return append([]byte(linkInfo), id[:]...) }

func openLink(open func(aad, ct []byte) ([]byte, error), sealed []byte, v any) error {
	plain, err := open(nil, sealed)
	if err != nil {
		return errLink
	}
	if err := wire.Unmarshal(plain, v); err != nil {
		return errLink
	}
	return nil
}

// linkCode is six digits of a secret that only both ends of the exchange have: a
// server that stood between them could not make both ends show the same.
func linkCode(export func(string, int) ([]byte, error)) (string, error) {
	b, err := export("letterlock link code v1", 8)
	if err != nil {
		return "", err
	}
	n := binary.BigEndian.Uint64(b) % 1_000_000
	return fmt.Sprintf("%03d %03d", n/1000, n%1000), nil
}

func backCipher(export func(string, int) ([]byte, error)) (cipher.AEAD, error) {
	k, err := export("letterlock link reply v1", 32)
	if err != nil {
		return nil, err
	}
	defer clear(k)
	block, err := aes.NewCipher(k)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

func backNonce(n int) []byte { return binary.BigEndian.AppendUint32(make([]byte, 8, 12), uint32(n)) }

func sealBack(a cipher.AEAD, n int, v any) ([]byte, error) {
	raw, err := wire.Marshal(v)
	if err != nil {
		return nil, err
	}
	return a.Seal(nil, backNonce(n), raw, nil), nil
}
