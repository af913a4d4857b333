// Package roster is which devices a person has, by their own word: the list that
// the account's identity key signs, and the certificate with which one of those
// devices acts for the person. It knows keys and bytes; it must not know where
// lists come from, nor what was said with the devices.
package roster

import (
	"bytes"
	"fmt"

	"letterlock/signal"
	"letterlock/wire"
)

// Sign makes a list that contacts believe.
func Sign(l wire.DeviceList, key signal.IdentityKeyPair) (wire.SignedDevices, error) {
	if err := l.Check(); err != nil {
		return wire.SignedDevices{}, err
	}
	raw, err := wire.Marshal(l)
	if err != nil {
		return wire.SignedDevices{}, err
	}
	out := wire.SignedDevices{List: raw}
	out.Signature, err = key.Sign(nil, out.SignedBytes())
	return out, err
}

// Open reads a list and checks that the identity key of its own first device,
// which is the account's, signed it. Whether that key is the person's is for
// the caller to judge.
func Open(s wire.SignedDevices) (wire.DeviceList, error) {
	l, err := s.Read()
	if err != nil {
		return l, err
	}
	key, err := signal.ParsePublicKey(l.Devices[0].Key)
	if err != nil || !key.Verify(s.SignedBytes(), s.Signature) {
		return wire.DeviceList{}, fmt.Errorf("%w: it is not signed by the account's identity key", wire.ErrDevices)
	}
	return l, nil
}

// Certificate says that a device's key speaks for an account.
type Certificate struct {
	_         struct{} `cbor:",toarray"`
	Account   wire.AccountID
	Device    wire.DeviceID
	Key       []byte // 33 bytes
	Signature []byte // XEdDSA with the account's identity key
}

func (c Certificate) signed() []byte {
	b := append([]byte("letterlock device certificate v1\x00"), c.Account[:]...)
	return append(append(b, byte(c.Device)), c.Key...)
}

// Certify makes a device's certificate, encoded.
func Certify(a wire.AccountID, d wire.ListedDevice, key signal.IdentityKeyPair) ([]byte, error) {
	c := Certificate{Account: a, Device: d.Device, Key: d.Key}
	var err error
	if c.Signature, err = key.Sign(nil, c.signed()); err != nil {
		return nil, err
	}
	return wire.Marshal(c)
}

// Speaker reads a certificate of an account's device and returns the device's
// key, if the account's identity key signed it.
func Speaker(raw []byte, a wire.AccountID, account signal.PublicKey) (signal.PublicKey, error) {
	bad := fmt.Errorf("%w: a certificate that the account did not sign", wire.ErrDevices)
	var c Certificate
	if err := wire.Unmarshal(raw, &c); err != nil || c.Account != a || !account.Verify(c.signed(), c.Signature) {
		return signal.PublicKey{}, bad
	}
	if again, err := wire.Marshal(c); err != nil || !bytes.Equal(again, raw) {
		return signal.PublicKey{}, bad
	}
	return signal.ParsePublicKey(c.Key)
}
