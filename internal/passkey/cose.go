package passkey

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"fmt"
	"math/big"

	"github.com/fxamacker/cbor/v2"
)

// spec: rfc9052 7
// spec: rfc9053 2
// spec: rfc8812 2
const (
	algES256 = -7
	algEdDSA = -8
	algRS256 = -257

	typeOKP, typeEC2, typeRSA = 1, 2, 3
	curveP256, curveEd25519   = 1, 6
)

type coseKey struct {
	Type int             `cbor:"1,keyasint"`
	Alg  int             `cbor:"3,keyasint"`
	P1   cbor.RawMessage `cbor:"-1,keyasint,omitempty"` // curve, or RSA's n
	P2   cbor.RawMessage `cbor:"-2,keyasint,omitempty"` // x, or RSA's e
	P3   cbor.RawMessage `cbor:"-3,keyasint,omitempty"` // y
}

// publicKey is one of *ecdsa.PublicKey, ed25519.PublicKey and *rsa.PublicKey.
type publicKey struct{ key any }

var cborMode = func() cbor.DecMode {
	m, err := cbor.DecOptions{DupMapKey: cbor.DupMapKeyEnforcedAPF, MaxNestedLevels: 8, MaxArrayElements: 64, MaxMapPairs: 64,
		IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsForbidden}.DecMode()
	if err != nil {
		panic(err) // constants: only a programming error comes here
	}
	return m
}()

func parseCOSE(b []byte) (publicKey, error) {
	var k coseKey
	if err := cborMode.Unmarshal(b, &k); err != nil {
		return publicKey{}, fmt.Errorf("public key: %w", err)
	}
	switch {
	case k.Type == typeEC2 && k.Alg == algES256:
		return k.es256()
	case k.Type == typeOKP && k.Alg == algEdDSA:
		return k.eddsa()
	case k.Type == typeRSA && k.Alg == algRS256:
		return k.rs256()
	}
	return publicKey{}, fmt.Errorf("public key of type %d for algorithm %d is not accepted", k.Type, k.Alg)
}

func (k coseKey) es256() (publicKey, error) {
	var curve int
	var x, y []byte
	if err := k.read(&curve, &x, &y); err != nil {
		return publicKey{}, err
	}
	if curve != curveP256 || len(x) != 32 || len(y) != 32 {
		return publicKey{}, fmt.Errorf("not a P-256 key")
	}
	p, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), append(append([]byte{4}, x...), y...))
	return publicKey{p}, err
}

func (k coseKey) eddsa() (publicKey, error) {
	var curve int
	var x []byte
	if err := k.read(&curve, &x, nil); err != nil {
		return publicKey{}, err
	}
	if curve != curveEd25519 || len(x) != ed25519.PublicKeySize {
		return publicKey{}, fmt.Errorf("not an Ed25519 key")
	}
	return publicKey{ed25519.PublicKey(x)}, nil
}

func (k coseKey) rs256() (publicKey, error) {
	var n, e []byte
	if err := k.read(&n, &e, nil); err != nil {
		return publicKey{}, err
	}
	exp := new(big.Int).SetBytes(e)
	if len(n) < 256 || len(n) > 1024 || !exp.IsInt64() || exp.Int64() < 3 || exp.Int64() > 1<<31-1 || exp.Bit(0) == 0 {
		return publicKey{}, fmt.Errorf("an RSA key needs 2048 bits and a usual exponent")
	}
	return publicKey{&rsa.PublicKey{N: new(big.Int).SetBytes(n), E: int(exp.Int64())}}, nil
}

func (k coseKey) read(p1, p2, p3 any) error {
	raw := []cbor.RawMessage{k.P1, k.P2, k.P3}
	for i, to := range []any{p1, p2, p3} {
		if to == nil {
			continue
		}
		if err := cborMode.Unmarshal(raw[i], to); err != nil {
			return fmt.Errorf("public key parameter %d: %w", -1-i, err)
		}
	}
	return nil
}

func (p publicKey) verify(message, signature []byte) bool {
	h := sha256.Sum256(message)
	switch k := p.key.(type) {
	case *ecdsa.PublicKey:
		return ecdsa.VerifyASN1(k, h[:], signature)
	case ed25519.PublicKey:
		return ed25519.Verify(k, message, signature)
	case *rsa.PublicKey:
		return rsa.VerifyPKCS1v15(k, crypto.SHA256, h[:], signature) == nil
	}
	return false
}
