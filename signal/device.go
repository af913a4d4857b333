package signal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"
)

// Address names one device of one person. If Name is a hyphenated UUID, with
// or without the prefix "PNI:", messages that begin a session are bound to both
// addresses.
type Address struct {
	Name   string
	Device uint32 // 1..127
}

func (a Address) valid() bool { return a.Name != "" && a.Device >= 1 && a.Device <= 127 }

// MessageType is the transport's number for what a message's body is.
type MessageType uint8

const (
	// TypeSignal is a message of a session that both sides know.
	TypeSignal MessageType = 2
	// TypePreKey is a message that carries what the receiver needs to set the
	// session up.
	TypePreKey MessageType = 3
)

// Message is what travels from device to device. It does not print its body.
type Message struct {
	Type MessageType
	Body []byte
}

func (m Message) mark() string {
	return fmt.Sprintf("signal: message of type %d, %d bytes", uint8(m.Type), len(m.Body))
}
func (m Message) String() string             { return m.mark() }
func (m Message) GoString() string           { return m.mark() }
func (m Message) Format(f fmt.State, _ rune) { io.WriteString(f, m.mark()) }

// Config is what a Device needs to know.
type Config struct {
	Local Address
	Store Store
	Now   func() time.Time // the caller's clock
	Rand  io.Reader        // nil means crypto/rand
	// SPQROptional allows sessions with peers that do not have the sparse
	// post-quantum ratchet. By default it is mandatory. A session that has begun
	// with it never goes on without.
	SPQROptional bool
}

// Device seals and opens messages for one local address. It may be used by
// many goroutines; it holds no keys between calls.
type Device struct {
	veil  // the store within may print what it holds
	local Address
	store Store
	now   func() time.Time
	rand  io.Reader
	locks peerLocks

	required bool // the post-quantum ratchet
}

// New checks the configuration and makes a Device.
func New(c Config) (*Device, error) {
	if !c.Local.valid() {
		return nil, ErrInvalidAddress
	}
	if c.Store == nil || c.Now == nil {
		return nil, errors.New("signal: a device needs a store and a clock")
	}
	return &Device{local: c.Local, store: c.Store, now: c.Now, rand: randomness(c.Rand), required: !c.SPQROptional}, nil
}

// Local is the address the Device was made for.
func (d *Device) Local() Address { return d.local }

// Update takes the lock of peer and runs f in one transaction of the store. It
// is how a program makes writes of its own in the transaction of EncryptTx,
// DecryptTx or ProcessBundleTx. It must not be called from within itself for
// the same peer.
func (d *Device) Update(ctx context.Context, peer Address, f func(tx Tx) error) error {
	if !peer.valid() {
		return ErrInvalidAddress
	}
	unlock, err := d.locks.lock(ctx, peer)
	if err != nil {
		return err
	}
	defer unlock()
	return d.store.Update(ctx, peer, f)
}

// ProcessBundle begins a session with peer from its bundle. A session that
// existed is archived and can still receive.
func (d *Device) ProcessBundle(ctx context.Context, peer Address, b Bundle) error {
	return d.Update(ctx, peer, func(tx Tx) error { return d.ProcessBundleTx(tx, peer, b) })
}

// Encrypt seals plaintext for peer with the current session.
func (d *Device) Encrypt(ctx context.Context, peer Address, plaintext []byte) (Message, error) {
	var m Message
	err := d.Update(ctx, peer, func(tx Tx) (err error) {
		m, err = d.EncryptTx(tx, peer, plaintext)
		return err
	})
	if err != nil {
		return Message{}, err
	}
	return m, nil
}

// Decrypt opens a message from peer. Who sent it is the transport's word; the
// message itself proves only the identity key.
func (d *Device) Decrypt(ctx context.Context, peer Address, m Message) ([]byte, error) {
	var plaintext []byte
	err := d.Update(ctx, peer, func(tx Tx) (err error) {
		plaintext, err = d.DecryptTx(tx, peer, m)
		return err
	})
	if err != nil {
		return nil, err
	}
	return plaintext, nil
}

// HasSession tells whether Encrypt would find a session to use.
func (d *Device) HasSession(ctx context.Context, peer Address) (bool, error) {
	var has bool
	err := d.Update(ctx, peer, func(tx Tx) (err error) {
		has, err = d.HasSessionTx(tx, peer)
		return err
	})
	return has, err
}
