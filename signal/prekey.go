package signal

import (
	"encoding/binary"
	"io"

	"github.com/cloudflare/circl/kem/kyber/kyber1024"
)

// preKeyFormat begins every stored pre-key.
const preKeyFormat = 1

// PreKey is a one-time pre-key: it serves one session set-up and is deleted.
type PreKey struct {
	veil
	id   uint32
	pair keyPair
}

// PreKeyPublic is the half of a PreKey that a bundle carries.
type PreKeyPublic struct {
	ID  uint32
	Key PublicKey
}

// GeneratePreKey makes a one-time pre-key; a nil rand means crypto/rand.
func GeneratePreKey(rand io.Reader, id uint32) (PreKey, error) {
	pair, err := newKeyPair(rand)
	if err != nil {
		return PreKey{}, err
	}
	return PreKey{id: id, pair: pair}, nil
}

// ParsePreKey reads what Serialize wrote.
func ParsePreKey(b []byte) (PreKey, error) {
	id, rest, err := preKeyHead(b, 32)
	if err != nil {
		return PreKey{}, err
	}
	pair, err := parseKeyPair(rest)
	if err != nil {
		return PreKey{}, ErrInvalidRecord
	}
	return PreKey{id: id, pair: pair}, nil
}

// ID is the number under which the store finds it.
func (k PreKey) ID() uint32 { return k.id }

// Public is what goes to the server.
func (k PreKey) Public() PreKeyPublic { return PreKeyPublic{k.id, k.pair.public} }

// Serialize returns secret bytes for the caller's key store.
func (k PreKey) Serialize() []byte {
	return append(newPreKeyHead(k.id), k.pair.private.Serialize()...)
}

// SignedPreKey is the medium-lived curve key of a device, signed by its
// identity.
type SignedPreKey struct {
	veil
	id        uint32
	pair      keyPair
	signature [SignatureSize]byte
}

// SignedPreKeyPublic is the half of a SignedPreKey that a bundle carries.
type SignedPreKeyPublic struct {
	ID        uint32
	Key       PublicKey
	Signature []byte
}

// GenerateSignedPreKey makes and signs a pre-key; a nil rand means crypto/rand.
// The signature is over the encoded key with its type byte.
//
// spec: pqxdh 3.2
func GenerateSignedPreKey(rand io.Reader, id uint32, identity IdentityKeyPair) (SignedPreKey, error) {
	pair, err := newKeyPair(rand)
	if err != nil {
		return SignedPreKey{}, err
	}
	signature, err := identity.Sign(rand, pair.public.Bytes())
	if err != nil {
		return SignedPreKey{}, err
	}
	return SignedPreKey{id: id, pair: pair, signature: [SignatureSize]byte(signature)}, nil
}

// ParseSignedPreKey reads what Serialize wrote.
func ParseSignedPreKey(b []byte) (SignedPreKey, error) {
	id, rest, err := preKeyHead(b, 32+SignatureSize)
	if err != nil {
		return SignedPreKey{}, err
	}
	pair, err := parseKeyPair(rest[:32])
	if err != nil {
		return SignedPreKey{}, ErrInvalidRecord
	}
	return SignedPreKey{id: id, pair: pair, signature: [SignatureSize]byte(rest[32:])}, nil
}

// ID is the number under which the store finds it.
func (k SignedPreKey) ID() uint32 { return k.id }

// Public is what goes to the server.
func (k SignedPreKey) Public() SignedPreKeyPublic {
	return SignedPreKeyPublic{k.id, k.pair.public, k.signature[:]}
}

// Serialize returns secret bytes for the caller's key store.
func (k SignedPreKey) Serialize() []byte {
	b := append(newPreKeyHead(k.id), k.pair.private.Serialize()...)
	return append(b, k.signature[:]...)
}

// KyberPreKey is a Kyber-1024 key of a device, signed by its identity. It may
// be used once or, as the last resort, many times; the store decides.
type KyberPreKey struct {
	veil
	id        uint32
	pair      kemKeyPair
	signature [SignatureSize]byte
}

// KyberPreKeyPublic is the half of a KyberPreKey that a bundle carries.
type KyberPreKeyPublic struct {
	ID        uint32
	Key       KEMPublicKey
	Signature []byte
}

// GenerateKyberPreKey makes and signs a Kyber key; a nil rand means crypto/rand.
//
// spec: pqxdh 3.2
func GenerateKyberPreKey(rand io.Reader, id uint32, identity IdentityKeyPair) (KyberPreKey, error) {
	pair, err := newKEMKeyPair(rand)
	if err != nil {
		return KyberPreKey{}, err
	}
	signature, err := identity.Sign(rand, pair.public.Bytes())
	if err != nil {
		return KyberPreKey{}, err
	}
	return KyberPreKey{id: id, pair: pair, signature: [SignatureSize]byte(signature)}, nil
}

// ParseKyberPreKey reads what Serialize wrote.
func ParseKyberPreKey(b []byte) (KyberPreKey, error) {
	const seed = kyber1024.KeySeedSize
	id, rest, err := preKeyHead(b, seed+SignatureSize)
	if err != nil {
		return KyberPreKey{}, err
	}
	k := KyberPreKey{id: id, pair: growKEMKeyPair(rest[:seed])}
	copy(k.signature[:], rest[seed:])
	return k, nil
}

// ID is the number under which the store finds it.
func (k KyberPreKey) ID() uint32 { return k.id }

// Public is what goes to the server.
func (k KyberPreKey) Public() KyberPreKeyPublic {
	return KyberPreKeyPublic{k.id, k.pair.public, k.signature[:]}
}

// Serialize returns secret bytes for the caller's key store.
func (k KyberPreKey) Serialize() []byte {
	if k.pair.seed.get() == nil {
		return nil
	}
	b := append(newPreKeyHead(k.id), k.pair.seed.get()[:]...)
	return append(b, k.signature[:]...)
}

func newPreKeyHead(id uint32) []byte {
	return binary.BigEndian.AppendUint32([]byte{preKeyFormat}, id)
}

// preKeyHead splits a stored pre-key into its number and exactly size bytes.
func preKeyHead(b []byte, size int) (id uint32, rest []byte, err error) {
	if len(b) != 5+size || b[0] != preKeyFormat {
		return 0, nil, ErrInvalidRecord
	}
	return binary.BigEndian.Uint32(b[1:5]), b[5:], nil
}
