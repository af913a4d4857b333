package client

import (
	"context"
	"encoding/binary"
	"fmt"

	"letterlock/signal"
	"letterlock/wire"
)

// state is one transaction of the key store as the Signal protocol and this
// package see it.
type state struct {
	Tx
	c       *Client
	changed []Entry          // of the journal; told once the transaction is durable
	refused signal.PublicKey // the identity key that TrustsIdentity refused last
	device  *signal.Device   // nil: the transaction holds no lock of an address
	renamed bool             // what is kept in memory of this device's owner is no longer true
}

// stateStore is the client's key store as signal.Store.
type stateStore struct{ c *Client }

func (s stateStore) Update(ctx context.Context, _ signal.Address, f func(signal.Tx) error) error {
	return s.c.store.Update(ctx, func(tx Tx) error { return f(&state{Tx: tx, c: s.c}) })
}

func signalAddress(a wire.Address) signal.Address {
	return signal.Address{Name: a.Account.String(), Device: uint32(a.Device)}
}

func wireAddress(a signal.Address) (wire.Address, error) {
	id, err := wire.ParseAccountID(a.Name)
	if err != nil || a.Device > 127 {
		return wire.Address{}, fmt.Errorf("address of a peer: %w", signal.ErrInvalidAddress)
	}
	return wire.At(id, wire.DeviceID(a.Device)), nil
}

// peer is what is remembered of another person's device.
type peer struct {
	Identity []byte `cbor:"identity"`           // the key seen first, or accepted since
	Offered  []byte `cbor:"offered,omitempty"`  // another key that was seen and waits for the person's word
	Shown    []byte `cbor:"shown,omitempty"`    // the key whose safety number the person saw last
	Verified bool   `cbor:"verified,omitempty"` // the person compared the safety number
}

func (s *state) peer(a wire.Address) (peer, bool, error) {
	return load[peer](s, BucketPeer, addressKey(a))
}

// Identity is part of signal.Tx, as is every method below.
func (s *state) Identity() (signal.IdentityKeyPair, error) {
	me, err := s.me()
	if err != nil {
		return signal.IdentityKeyPair{}, err
	}
	return me.identity()
}

func (s *state) me() (*self, error) {
	me, found, err := load[self](s, BucketSelf, selfKey)
	if err == nil && !found {
		err = fmt.Errorf("the key store has lost its owner")
	}
	return &me, err
}

// RegistrationID is this device's own.
func (s *state) RegistrationID() (uint32, error) {
	me, err := s.me()
	return me.RegistrationID, err
}

// LoadSession returns nil if there is none.
func (s *state) LoadSession(p signal.Address) ([]byte, error) {
	a, err := wireAddress(p)
	if err != nil {
		return nil, err
	}
	return s.Get(BucketSession, addressKey(a))
}

// StoreSession replaces the record.
func (s *state) StoreSession(p signal.Address, record []byte) error {
	a, err := wireAddress(p)
	if err != nil {
		return err
	}
	return s.Put(BucketSession, addressKey(a), record)
}

// LoadSenderKey returns nil if there is none.
func (s *state) LoadSenderKey(sender signal.Address, g signal.Distribution) ([]byte, error) {
	a, err := wireAddress(sender)
	if err != nil {
		return nil, err
	}
	return s.Get(BucketSender, append(addressKey(a), g[:]...))
}

// StoreSenderKey replaces the record.
func (s *state) StoreSenderKey(sender signal.Address, g signal.Distribution, record []byte) error {
	a, err := wireAddress(sender)
	if err != nil {
		return err
	}
	return s.Put(BucketSender, append(addressKey(a), g[:]...), record)
}

// TrustsIdentity is trust on first use, and never silently after it: the
// carrier gives a person who registers anew a new account, so that another key
// under the same address is a change that a person must accept, in either
// direction. All this is about the primary device, whose key is the account's;
// a linked device is trusted with the key that the account's own list has.
func (s *state) TrustsIdentity(p signal.Address, key signal.PublicKey, _ signal.Direction) (bool, error) {
	a, err := wireAddress(p)
	if err != nil {
		return false, err
	}
	var trusted bool
	if a.Device != wire.Primary {
		trusted, err = s.listed(a, key.Bytes())
	} else {
		var account []byte
		account, err = s.accountKey(a.Account)
		trusted = account == nil || string(account) == string(key.Bytes())
	}
	if err != nil {
		return false, err
	}
	if !trusted {
		s.refused = key
	}
	return trusted, nil
}

// SaveIdentity records a trusted key. One that would replace another never
// comes here: TrustsIdentity refused it.
func (s *state) SaveIdentity(p signal.Address, key signal.PublicKey) error {
	a, err := wireAddress(p)
	if err != nil {
		return err
	}
	known, found, err := s.peer(a)
	if err != nil {
		return err
	}
	if !found {
		return save(s, BucketPeer, addressKey(a), peer{Identity: key.Bytes()})
	}
	if string(known.Identity) != string(key.Bytes()) {
		return fmt.Errorf("refusing to replace an identity key: %w", signal.ErrUntrustedIdentity)
	}
	return nil
}

// LoadPreKey finds a one-time pre-key.
func (s *state) LoadPreKey(id uint32) (signal.PreKey, error) {
	return loadKey(s, classOneTime, id, signal.ParsePreKey)
}

// DeletePreKey forgets it.
func (s *state) DeletePreKey(id uint32) error {
	return s.Delete(BucketPreKey, preKeyKey(classOneTime, id))
}

// LoadSignedPreKey finds a signed pre-key.
func (s *state) LoadSignedPreKey(id uint32) (signal.SignedPreKey, error) {
	return loadKey(s, classSigned, id, signal.ParseSignedPreKey)
}

// LoadKyberPreKey finds a Kyber pre-key, one-time or of last resort: they
// share one number space.
func (s *state) LoadKyberPreKey(id uint32) (signal.KyberPreKey, error) {
	k, err := loadKey(s, classKyber, id, signal.ParseKyberPreKey)
	if err == nil {
		return k, nil
	}
	return loadKey(s, classLastResort, id, signal.ParseKyberPreKey)
}

// MarkKyberUsed remembers a set-up and deletes a Kyber key meant for one use.
// The record goes with the signed pre-key.
//
// spec: pqxdh 4
func (s *state) MarkKyberUsed(kyberID, signedID uint32, base signal.PublicKey) error {
	key := binary.BigEndian.AppendUint32(nil, signedID)
	key = binary.BigEndian.AppendUint32(key, kyberID)
	key = append(key, base.Bytes()...)
	seen, err := s.Get(BucketUsed, key)
	if err != nil {
		return err
	}
	if seen != nil {
		return signal.ErrReplay
	}
	if err := s.Put(BucketUsed, key, nil); err != nil {
		return err
	}
	return s.Delete(BucketPreKey, preKeyKey(classKyber, kyberID))
}

func loadKey[K any](s *state, c class, id uint32, parse func([]byte) (K, error)) (k K, err error) {
	stored, found, err := load[storedKey](s, BucketPreKey, preKeyKey(c, id))
	if err != nil {
		return k, err
	}
	if !found {
		return k, signal.ErrUnknownPreKey
	}
	return parse(stored.Key)
}
