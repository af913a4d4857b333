package spqr

import (
	"bytes"
	"crypto/mlkem"
	"crypto/sha3"
	"fmt"
	"io"

	"github.com/cloudflare/circl/pke/kyber/kyber768"
)

// ML-KEM-768 in pieces: the encapsulation key travels as a header, which is
// enough to make the shared secret and the larger part of the ciphertext, and a
// vector, which the smaller part needs.
//
// spec: deployed 5.4
const (
	rhoSize    = 32
	headerSize = rhoSize + 32 // rho and the hash of the whole encapsulation key
	vectorSize = mlkem.EncapsulationKeySize768 - rhoSize
	ct1Size    = 960
	ct2Size    = 128
	seedSize   = mlkem.SeedSize
)

// keyOf grows a key pair from its seed.
func keyOf(seed []byte) (private *mlkem.DecapsulationKey768, header, vector []byte, err error) {
	private, err = mlkem.NewDecapsulationKey768(seed)
	if err != nil {
		return nil, nil, nil, errBroken
	}
	encoded := private.EncapsulationKey().Bytes()
	return private, headerOf(encoded), encoded[:vectorSize], nil
}

func headerOf(encoded []byte) []byte {
	hash := sha3.Sum256(encoded)
	return append(bytes.Clone(encoded[vectorSize:]), hash[:]...)
}

// An encapsulation is what the ciphertext side keeps between the two parts.
type encapsulation struct {
	header []byte // of the other side's key
	m, r   []byte // the message that is encrypted, and the randomness
	ct1    []byte
}

// encapsulate makes the shared secret and the first part of the ciphertext from
// the header alone: the first part does not depend on the vector, so that an
// all-zero one stands in for it.
func encapsulate(random io.Reader, header []byte) (e encapsulation, secret []byte, err error) {
	m := make([]byte, 32)
	if _, err := io.ReadFull(random, m); err != nil {
		return e, nil, fmt.Errorf("reading randomness: %w", err)
	}
	both := sha3.Sum512(append(bytes.Clone(m), header[rhoSize:]...))
	e = encapsulation{header: bytes.Clone(header), m: m, r: both[32:]}
	ct, err := e.encrypt(make([]byte, vectorSize))
	if err != nil {
		return e, nil, err
	}
	e.ct1 = ct[:ct1Size]
	return e, both[:32], nil
}

// complete is the second part, once the vector is there. A vector that does not
// belong to the header, or is not reduced, is refused.
func (e encapsulation) complete(vector []byte) ([]byte, error) {
	whole := append(bytes.Clone(vector), e.header[:rhoSize]...)
	if !bytes.Equal(headerOf(whole), e.header) {
		return nil, errRefused
	}
	ct, err := e.encrypt(vector)
	if err != nil {
		return nil, err
	}
	return ct[ct1Size:], nil
}

func (e encapsulation) encrypt(vector []byte) ([]byte, error) {
	var key kyber768.PublicKey
	if err := key.UnpackMLKEM(append(bytes.Clone(vector), e.header[:rhoSize]...)); err != nil {
		return nil, errRefused
	}
	ct := make([]byte, ct1Size+ct2Size)
	key.EncryptTo(ct, e.m, e.r)
	return ct, nil
}
