//go:build !js

package hpke

import (
	"crypto/ecdh"
	"crypto/hpke"
)

// Sender seals to one recipient, in order.
type Sender = hpke.Sender

// Recipient opens what was sealed to it, in order.
type Recipient = hpke.Recipient

// NewSender begins an exchange with the owner of an X25519 key; enc goes to them.
func NewSender(to *ecdh.PublicKey, info []byte) (enc []byte, s *Sender, err error) {
	k, err := hpke.NewDHKEMPublicKey(to)
	if err != nil {
		return nil, nil, err
	}
	return hpke.NewSender(k, hpke.HKDFSHA256(), hpke.AES256GCM(), info)
}

// NewRecipient is the other side of an exchange that enc began.
func NewRecipient(enc []byte, key *ecdh.PrivateKey, info []byte) (*Recipient, error) {
	k, err := hpke.NewDHKEMPrivateKey(key)
	if err != nil {
		return nil, err
	}
	return hpke.NewRecipient(enc, k, hpke.HKDFSHA256(), hpke.AES256GCM(), info)
}
