package signal

import (
	"bytes"
	"fmt"
	"io"

	"github.com/cloudflare/circl/kem/kyber/kyber1024"
)

// Sizes of the encoded Kyber-1024 values, type byte included.
const (
	KEMPublicKeySize  = 1 + kyber1024.PublicKeySize
	KEMCiphertextSize = 1 + kyber1024.CiphertextSize
)

// kemType is CRYSTALS-Kyber-1024 as submitted to round 3. It is not ML-KEM-1024
// (type 0x0A): the keys look alike and the secrets differ.
//
// spec: deployed 1.1
const kemType = 0x08

// KEMPublicKey is a Kyber-1024 public key. The zero value is no key.
type KEMPublicKey struct{ encoded *[KEMPublicKeySize]byte }

// ParseKEMPublicKey reads exactly 1,569 bytes: 0x08 and a canonical key.
func ParseKEMPublicKey(b []byte) (KEMPublicKey, error) {
	if len(b) != KEMPublicKeySize || b[0] != kemType {
		return KEMPublicKey{}, ErrInvalidKey
	}
	var key kyber1024.PublicKey
	key.Unpack(b[1:])
	packed := make([]byte, kyber1024.PublicKeySize)
	key.Pack(packed)
	if !bytes.Equal(packed, b[1:]) {
		return KEMPublicKey{}, ErrInvalidKey
	}
	encoded := [KEMPublicKeySize]byte(b)
	return KEMPublicKey{&encoded}, nil
}

// Bytes returns a copy of the 1,569 encoded bytes, or nil for no key.
func (k KEMPublicKey) Bytes() []byte {
	if k.encoded == nil {
		return nil
	}
	b := *k.encoded
	return b[:]
}

// IsZero tells whether k is no key at all.
func (k KEMPublicKey) IsZero() bool { return k.encoded == nil }

const kemMark = "signal: Kyber-1024 public key"

func (k KEMPublicKey) String() string               { return kemMark }
func (k KEMPublicKey) GoString() string             { return kemMark }
func (k KEMPublicKey) Format(f fmt.State, _ rune)   { io.WriteString(f, kemMark) }
func (k KEMPublicKey) MarshalJSON() ([]byte, error) { return []byte(`"` + kemMark + `"`), nil }

// encapsulate makes a shared secret and the ciphertext that carries it.
func (k KEMPublicKey) encapsulate(rand io.Reader) (ciphertext, shared []byte, err error) {
	if k.IsZero() {
		return nil, nil, ErrInvalidKey
	}
	seed := make([]byte, kyber1024.EncapsulationSeedSize)
	if _, err := io.ReadFull(randomness(rand), seed); err != nil {
		return nil, nil, fmt.Errorf("signal: reading randomness: %w", err)
	}
	defer wipe(seed)
	var key kyber1024.PublicKey
	key.Unpack(k.encoded[1:])
	ciphertext = make([]byte, KEMCiphertextSize)
	ciphertext[0] = kemType
	shared = make([]byte, kyber1024.SharedKeySize)
	key.EncapsulateTo(ciphertext[1:], shared, seed)
	return ciphertext, shared, nil
}

// kemKeyPair is kept as the seed that it grows from: 64 bytes instead of
// 3,169, and nothing to check for consistency when it is read back.
type kemKeyPair struct {
	veil
	seed   hidden[[kyber1024.KeySeedSize]byte]
	public KEMPublicKey
}

func newKEMKeyPair(rand io.Reader) (kemKeyPair, error) {
	seed := make([]byte, kyber1024.KeySeedSize)
	if _, err := io.ReadFull(randomness(rand), seed); err != nil {
		return kemKeyPair{}, fmt.Errorf("signal: reading randomness: %w", err)
	}
	defer wipe(seed)
	return growKEMKeyPair(seed), nil
}

func growKEMKeyPair(seed []byte) kemKeyPair {
	kept := [kyber1024.KeySeedSize]byte(seed)
	public, _ := kyber1024.NewKeyFromSeed(kept[:])
	var encoded [KEMPublicKeySize]byte
	encoded[0] = kemType
	public.Pack(encoded[1:])
	return kemKeyPair{seed: hide(&kept), public: KEMPublicKey{&encoded}}
}

// decapsulate opens a ciphertext. One that was altered yields another secret,
// not an error; the message's MAC tells.
func (p kemKeyPair) decapsulate(ciphertext []byte) ([]byte, error) {
	if p.seed.get() == nil || checkKEMCiphertext(ciphertext) != nil {
		return nil, ErrInvalidKey
	}
	_, private := kyber1024.NewKeyFromSeed(p.seed.get()[:])
	shared := make([]byte, kyber1024.SharedKeySize)
	private.DecapsulateTo(shared, ciphertext[1:])
	return shared, nil
}

func checkKEMCiphertext(b []byte) error {
	if len(b) != KEMCiphertextSize || b[0] != kemType {
		return ErrInvalidMessage
	}
	return nil
}
