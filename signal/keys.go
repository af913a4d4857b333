package signal

import (
	"crypto/ecdh"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
)

// PublicKeySize is the encoded length of a Curve25519 public key: a type byte
// and the 32 bytes of u.
const PublicKeySize = 33

const curveType = 0x05

// PublicKey is a Curve25519 public key; two are the same key if == says so.
// The zero value is no key. It prints a short mark of itself, never its bytes.
type PublicKey struct{ encoded [PublicKeySize]byte }

// ParsePublicKey reads exactly 33 bytes: 0x05 and a canonical u, neither zero.
//
// spec: pqxdh 2.1
func ParsePublicKey(b []byte) (PublicKey, error) {
	if len(b) != PublicKeySize || b[0] != curveType || !canonicalU(b[1:]) {
		return PublicKey{}, ErrInvalidKey
	}
	return PublicKey{[PublicKeySize]byte(b)}, nil
}

// Bytes returns the 33 encoded bytes.
func (k PublicKey) Bytes() []byte { return k.encoded[:] }

// IsZero tells whether k is no key at all.
func (k PublicKey) IsZero() bool { return k == PublicKey{} }

func (k PublicKey) u() []byte { return k.encoded[1:] }

// mark is enough to tell two keys apart in a log and too little to find one.
func (k PublicKey) mark() string {
	if k.IsZero() {
		return "signal: no public key"
	}
	sum := sha256.Sum256(k.encoded[:])
	return "signal: public key " + hex.EncodeToString(sum[:4])
}

func (k PublicKey) String() string               { return k.mark() }
func (k PublicKey) GoString() string             { return k.mark() }
func (k PublicKey) Format(f fmt.State, _ rune)   { io.WriteString(f, k.mark()) }
func (k PublicKey) MarshalJSON() ([]byte, error) { return []byte(`"` + k.mark() + `"`), nil }

// canonicalU tells whether 32 little-endian bytes are a number below 2^255-19
// and not zero.
func canonicalU(u []byte) bool {
	var any byte
	for _, b := range u {
		any |= b
	}
	if any == 0 || u[31] > 0x7f {
		return false
	}
	if u[31] < 0x7f {
		return true
	}
	for _, b := range u[1:31] {
		if b != 0xff {
			return true
		}
	}
	return u[0] < 0xed
}

// PrivateKey is a Curve25519 private key. It does not print or compare.
type PrivateKey struct {
	veil
	k hidden[[32]byte]
}

// ParsePrivateKey takes 32 bytes as they are; they are clamped when used.
func ParsePrivateKey(b []byte) (PrivateKey, error) {
	if len(b) != 32 {
		return PrivateKey{}, ErrInvalidKey
	}
	k := [32]byte(b)
	return PrivateKey{k: hide(&k)}, nil
}

func (p PrivateKey) none() bool { return p.k.get() == nil }

func generatePrivateKey(rand io.Reader) (PrivateKey, error) {
	var k [32]byte
	if _, err := io.ReadFull(randomness(rand), k[:]); err != nil {
		return PrivateKey{}, fmt.Errorf("signal: reading randomness: %w", err)
	}
	k[0] &= 0xf8
	k[31] = k[31]&0x7f | 0x40
	return PrivateKey{k: hide(&k)}, nil
}

// Serialize returns a copy of the 32 secret bytes, for the caller's key store
// and nothing else.
func (p PrivateKey) Serialize() []byte {
	if p.none() {
		return nil
	}
	b := *p.k.get()
	return b[:]
}

// Public computes the public key. The zero PrivateKey has none.
func (p PrivateKey) Public() PublicKey {
	k, err := p.ecdh()
	if err != nil {
		return PublicKey{}
	}
	return encodePublic(k.PublicKey().Bytes())
}

func encodePublic(u []byte) PublicKey {
	var k PublicKey
	k.encoded[0] = curveType
	copy(k.encoded[1:], u)
	return k
}

func (p PrivateKey) ecdh() (*ecdh.PrivateKey, error) {
	if p.none() {
		return nil, ErrInvalidKey
	}
	k, err := ecdh.X25519().NewPrivateKey(p.k.get()[:])
	if err != nil {
		return nil, ErrInvalidKey
	}
	return k, nil
}

// agree is X25519. A peer key of low order, whose result would be all zeros,
// is an error.
func (p PrivateKey) agree(peer PublicKey) ([]byte, error) {
	own, err := p.ecdh()
	if err != nil {
		return nil, err
	}
	theirs, err := ecdh.X25519().NewPublicKey(peer.u())
	if err != nil {
		return nil, ErrInvalidKey
	}
	shared, err := own.ECDH(theirs)
	if err != nil {
		return nil, ErrInvalidKey
	}
	return shared, nil
}

func (p PrivateKey) wipe() {
	if !p.none() {
		clear(p.k.get()[:])
	}
}

// keyPair is a private key with its public half kept beside it.
type keyPair struct {
	veil
	private PrivateKey
	public  PublicKey
}

func newKeyPair(rand io.Reader) (keyPair, error) {
	private, err := generatePrivateKey(rand)
	if err != nil {
		return keyPair{}, err
	}
	return keyPair{private: private, public: private.Public()}, nil
}

func parseKeyPair(b []byte) (keyPair, error) {
	private, err := ParsePrivateKey(b)
	if err != nil {
		return keyPair{}, err
	}
	return keyPair{private: private, public: private.Public()}, nil
}

// IdentityKeyPair is the long-lived key pair by which a device is known.
type IdentityKeyPair struct {
	veil
	pair keyPair
}

// GenerateIdentity makes an identity; a nil rand means crypto/rand.
func GenerateIdentity(rand io.Reader) (IdentityKeyPair, error) {
	pair, err := newKeyPair(rand)
	return IdentityKeyPair{pair: pair}, err
}

// ParseIdentityKeyPair reads what Serialize wrote.
func ParseIdentityKeyPair(b []byte) (IdentityKeyPair, error) {
	pair, err := parseKeyPair(b)
	return IdentityKeyPair{pair: pair}, err
}

// Serialize returns the 32 secret bytes, for the caller's key store only.
func (i IdentityKeyPair) Serialize() []byte { return i.pair.private.Serialize() }

// Public returns the public half.
func (i IdentityKeyPair) Public() PublicKey { return i.pair.public }

// Sign signs a message with XEdDSA; a nil rand means crypto/rand.
func (i IdentityKeyPair) Sign(rand io.Reader, message []byte) ([]byte, error) {
	return i.pair.private.Sign(rand, message)
}
