// Package hpke is hybrid public-key encryption (RFC 9180) in the one suite that
// Letterlock uses: base mode, DHKEM(X25519, HKDF-SHA256), HKDF-SHA256,
// AES-256-GCM. Programs of a server or a terminal get the standard library's.
// That one brings every curve and suite, a fifth of a megabyte of what a
// browser has to load before it shows anything: there (GOOS=js) the suite is
// written out, and a test opens with each what the other sealed. It must know
// nothing of what is sealed.
package hpke

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
)

// Numbers of the suite (RFC 9180, section 7).
const (
	version  = "HPKE-v1"
	kemSuite = "KEM\x00\x20"
	suite    = "HPKE\x00\x20\x00\x01\x00\x02"
)

// context is one side of an exchange (RFC 9180, section 5).
type context struct {
	aead     cipher.AEAD
	nonce    []byte
	next     uint64
	exporter []byte
}

func extract(suite, salt, label string, ikm []byte) []byte {
	out, err := hkdf.Extract(sha256.New, append([]byte(version+suite+label), ikm...), []byte(salt))
	if err != nil {
		panic(err) // HMAC takes every key
	}
	return out
}

func expand(suite string, prk []byte, label, info string, n int) ([]byte, error) {
	head := binary.BigEndian.AppendUint16(nil, uint16(n))
	return hkdf.Expand(sha256.New, prk, string(head)+version+suite+label+info, n)
}

// shared is the secret of an agreement (section 4.1).
func shared(own *ecdh.PrivateKey, their *ecdh.PublicKey, enc, to []byte) ([]byte, error) {
	dh, err := own.ECDH(their)
	if err != nil {
		return nil, err
	}
	defer clear(dh)
	return expand(kemSuite, extract(kemSuite, "", "eae_prk", dh), "shared_secret", string(enc)+string(to), 32)
}

// schedule makes a context of a shared secret (section 5.1, base mode).
func schedule(secret, info []byte) (*context, error) {
	of := "\x00" + string(extract(suite, "", "psk_id_hash", nil)) + string(extract(suite, "", "info_hash", info))
	prk := extract(suite, string(secret), "secret", nil)
	key, err := expand(suite, prk, "key", of, 32)
	if err != nil {
		return nil, err
	}
	defer clear(key)
	nonce, err := expand(suite, prk, "base_nonce", of, 12)
	if err != nil {
		return nil, err
	}
	exporter, err := expand(suite, prk, "exp", of, 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	return &context{aead: aead, nonce: nonce, exporter: exporter}, err
}

// turn is the nonce of the next message.
func (c *context) turn() []byte {
	n := append([]byte{}, c.nonce...)
	binary.BigEndian.PutUint64(n[4:], binary.BigEndian.Uint64(n[4:])^c.next)
	return n
}

func (c *context) export(label string, n int) ([]byte, error) {
	if n > 255*32 {
		return nil, errors.New("hpke: too much to export")
	}
	return expand(suite, c.exporter, "sec", label, n)
}

// sender is the side that seals.
type sender struct{ *context }

func newSender(to *ecdh.PublicKey, info []byte) (enc []byte, s *sender, err error) {
	own, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		return nil, nil, err
	}
	enc = own.PublicKey().Bytes()
	secret, err := shared(own, to, enc, to.Bytes())
	if err != nil {
		return nil, nil, err
	}
	defer clear(secret)
	c, err := schedule(secret, info)
	return enc, &sender{c}, err
}

// Seal seals the next message.
func (s *sender) Seal(aad, plain []byte) ([]byte, error) {
	out := s.aead.Seal(nil, s.turn(), plain, aad)
	s.next++
	return out, nil
}

// Export derives a secret that both sides have.
func (s *sender) Export(label string, n int) ([]byte, error) { return s.export(label, n) }

// recipient is the side that opens.
type recipient struct{ *context }

func newRecipient(enc []byte, key *ecdh.PrivateKey, info []byte) (*recipient, error) {
	their, err := ecdh.X25519().NewPublicKey(enc)
	if err != nil {
		return nil, err
	}
	secret, err := shared(key, their, enc, key.PublicKey().Bytes())
	if err != nil {
		return nil, err
	}
	defer clear(secret)
	c, err := schedule(secret, info)
	return &recipient{c}, err
}

// Open opens the next message; one that does not open is not counted.
func (r *recipient) Open(aad, sealed []byte) ([]byte, error) {
	out, err := r.aead.Open(nil, r.turn(), sealed, aad)
	if err != nil {
		return nil, err
	}
	r.next++
	return out, nil
}

// Export derives a secret that both sides have.
func (r *recipient) Export(label string, n int) ([]byte, error) { return r.export(label, n) }
