package bundle

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"errors"
	"math/big"

	"github.com/fxamacker/cbor/v2"
)

// The algorithms of a passkey.
// spec: RFC 9053 2, RFC 8812 2
const (
	algES256 = -7
	algEdDSA = -8
	algRS256 = -257
)

// coseKey is a public key as an authenticator reports it.
// spec: RFC 9052 7, RFC 8230 4
type coseKey struct {
	Type  int             `cbor:"1,keyasint"`
	Alg   int             `cbor:"3,keyasint"`
	Curve cbor.RawMessage `cbor:"-1,keyasint,omitempty"` // a curve's number, or an RSA modulus
	X     []byte          `cbor:"-2,keyasint,omitempty"` // a coordinate, or an RSA exponent
	Y     []byte          `cbor:"-3,keyasint,omitempty"`
}

// passkey verifies assertions.
type passkey struct {
	alg int
	pub crypto.PublicKey
}

func parseCOSE(b []byte) (passkey, error) {
	var k coseKey
	if err := cbor.Unmarshal(b, &k); err != nil {
		return passkey{}, errors.New("its public key cannot be read")
	}
	switch {
	case k.Type == 2 && k.Alg == algES256 && isNumber(k.Curve, 1) && len(k.X) == 32 && len(k.Y) == 32:
		point := append(append([]byte{4}, k.X...), k.Y...)
		pub, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), point)
		if err != nil {
			return passkey{}, errors.New("its public key is not a point of the curve")
		}
		return passkey{k.Alg, pub}, nil
	case k.Type == 1 && k.Alg == algEdDSA && isNumber(k.Curve, 6) && len(k.X) == ed25519.PublicKeySize:
		return passkey{k.Alg, ed25519.PublicKey(k.X)}, nil
	case k.Type == 3 && k.Alg == algRS256 && len(k.X) > 0 && len(k.X) <= 4:
		var n []byte
		if err := cbor.Unmarshal(k.Curve, &n); err != nil || len(n) < 256 {
			return passkey{}, errors.New("its public key is too short")
		}
		e := int(new(big.Int).SetBytes(k.X).Int64())
		return passkey{k.Alg, &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: e}}, nil
	}
	return passkey{}, errors.New("its public key is of a kind that is not accepted")
}

func isNumber(raw []byte, want int) bool {
	var n int
	return cbor.Unmarshal(raw, &n) == nil && n == want
}

func (k passkey) verify(signed, sig []byte) bool {
	sum := sha256.Sum256(signed)
	switch pub := k.pub.(type) {
	case *ecdsa.PublicKey:
		return ecdsa.VerifyASN1(pub, sum[:], sig)
	case ed25519.PublicKey:
		return ed25519.Verify(pub, signed, sig)
	case *rsa.PublicKey:
		return rsa.VerifyPKCS1v15(pub, crypto.SHA256, sum[:], sig) == nil
	}
	return false
}
