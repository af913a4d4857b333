package signal

import (
	"crypto/ed25519"
	"crypto/sha512"
	"fmt"
	"io"

	"filippo.io/edwards25519"
	"filippo.io/edwards25519/field"
)

// SignatureSize is the length of an XEdDSA signature.
const SignatureSize = 64

// Sign makes an XEdDSA signature; a nil rand means crypto/rand. As deployed,
// the scalar is not negated to make the sign bit of the Edwards key zero; the
// bit travels in the top bit of the signature instead.
//
// spec: xeddsa 3
// spec: deployed 1.2
func (p PrivateKey) Sign(rand io.Reader, message []byte) ([]byte, error) {
	if p.none() {
		return nil, ErrInvalidKey
	}
	var fresh [64]byte
	if _, err := io.ReadFull(randomness(rand), fresh[:]); err != nil {
		return nil, fmt.Errorf("signal: reading randomness: %w", err)
	}
	defer wipe(fresh[:])
	a, err := edwards25519.NewScalar().SetBytesWithClamping(p.k.get()[:])
	if err != nil {
		return nil, ErrInvalidKey
	}
	A := new(edwards25519.Point).ScalarBaseMult(a).Bytes()

	r := reduce(nonceDomain[:], p.k.get()[:], message, fresh[:])
	R := new(edwards25519.Point).ScalarBaseMult(r).Bytes()
	h := reduce(R, A, message)
	s := edwards25519.NewScalar().MultiplyAdd(h, a, r).Bytes()

	signature := append(R, s...)
	signature[63] |= A[31] & 0x80
	return signature, nil
}

// nonceDomain separates the nonce hash from every other: 2^256 - 1 - 1, little
// endian.
//
// spec: xeddsa 2.5
var nonceDomain = func() (d [32]byte) {
	for i := range d {
		d[i] = 0xff
	}
	d[0] = 0xfe
	return d
}()

// reduce is SHA-512 of the parts as a scalar.
func reduce(parts ...[]byte) *edwards25519.Scalar {
	h := sha512.New()
	for _, p := range parts {
		h.Write(p)
	}
	s, err := edwards25519.NewScalar().SetUniformBytes(h.Sum(nil))
	if err != nil {
		panic("signal: SHA-512 is 64 bytes") // cannot be
	}
	return s
}

// Verify tells whether the signature over message was made with the private
// half of k.
//
// spec: xeddsa 3
func (k PublicKey) Verify(message, signature []byte) bool {
	if len(signature) != SignatureSize || k.IsZero() {
		return false
	}
	A, ok := k.edwards(signature[63] & 0x80)
	if !ok {
		return false
	}
	plain := [SignatureSize]byte(signature)
	plain[63] &= 0x7f
	return ed25519.Verify(A.Bytes(), message, plain[:])
}

// edwards maps u to the Edwards point with the given sign bit, and refuses
// points of small order and u that lie on the twist.
//
// spec: xeddsa 2.3
func (k PublicKey) edwards(sign byte) (*edwards25519.Point, bool) {
	u, err := new(field.Element).SetBytes(k.u())
	if err != nil {
		return nil, false
	}
	one := new(field.Element).One()
	below := new(field.Element).Invert(new(field.Element).Add(u, one))
	y := new(field.Element).Multiply(new(field.Element).Subtract(u, one), below).Bytes()
	y[31] |= sign
	point, err := new(edwards25519.Point).SetBytes(y)
	if err != nil {
		return nil, false
	}
	times8 := new(edwards25519.Point).MultByCofactor(point)
	if times8.Equal(edwards25519.NewIdentityPoint()) == 1 {
		return nil, false
	}
	return point, true
}

// torsionFree tells whether k lies in the prime-order group, as every honestly
// made key does. L-1 is the largest scalar, so (L-1)P + P is LP.
//
// spec: deployed 2.2
func (k PublicKey) torsionFree() bool {
	point, ok := k.edwards(0)
	if !ok {
		return false
	}
	one, _ := edwards25519.NewScalar().SetCanonicalBytes(append([]byte{1}, make([]byte, 31)...))
	last := edwards25519.NewScalar().Negate(one)
	sum := new(edwards25519.Point).ScalarMult(last, point)
	return sum.Add(sum, point).Equal(edwards25519.NewIdentityPoint()) == 1
}
