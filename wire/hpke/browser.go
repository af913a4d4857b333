//go:build js

package hpke

import "crypto/ecdh"

// Sender seals to one recipient, in order.
type Sender = sender

// Recipient opens what was sealed to it, in order.
type Recipient = recipient

// NewSender begins an exchange with the owner of an X25519 key; enc goes to them.
func NewSender(to *ecdh.PublicKey, info []byte) (enc []byte, s *Sender, err error) {
	return newSender(to, info)
}

// NewRecipient is the other side of an exchange that enc began.
func NewRecipient(enc []byte, key *ecdh.PrivateKey, info []byte) (*Recipient, error) {
	return newRecipient(enc, key, info)
}
