package signal_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha512"
	"errors"
	"math/big"
	"slices"
	"testing"

	"filippo.io/edwards25519"

	"letterlock/signal"
)

func le(n *big.Int) []byte {
	b := n.FillBytes(make([]byte, 32))
	slices.Reverse(b)
	return b
}

var p25519 = new(big.Int).Sub(new(big.Int).Lsh(big.NewInt(1), 255), big.NewInt(19))

func TestPublicKeysAreParsedStrictly(t *testing.T) {
	good := alice(t).keys.Identity.Public().Bytes()
	key, err := signal.ParsePublicKey(good)
	must(t, err)
	if !bytes.Equal(key.Bytes(), good) {
		t.Fatal("parsed and printed: other bytes")
	}
	curve := func(u []byte) []byte { return append([]byte{5}, u...) }
	offset := func(d int64) []byte { return curve(le(new(big.Int).Add(p25519, big.NewInt(d)))) }
	top := bytes.Clone(good)
	top[32] |= 0x80
	bad := map[string][]byte{
		"nothing": nil, "type only": {5}, "short": good[:32], "long": append(bytes.Clone(good), 0),
		"other type": append([]byte{6}, good[1:]...), "no type": good[1:], "top bit": top,
		"zero": curve(make([]byte, 32)), "p": offset(0), "p+1": offset(1), "p+18": offset(18),
	}
	for name, b := range bad {
		if k, err := signal.ParsePublicKey(b); !errors.Is(err, signal.ErrInvalidKey) || !k.IsZero() {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := signal.ParsePublicKey(offset(-1)); err != nil {
		t.Errorf("p-1 is canonical: %v", err)
	}
}

func TestKEMKeysAreParsedStrictly(t *testing.T) {
	good := alice(t).keys.Kyber[0].Public().Key.Bytes()
	key, err := signal.ParseKEMPublicKey(good)
	must(t, err)
	if !bytes.Equal(key.Bytes(), good) {
		t.Fatal("parsed and printed: other bytes")
	}
	change := func(i int, v byte) []byte { b := bytes.Clone(good); b[i] = v; return b }
	bad := map[string][]byte{
		"nothing": nil, "short": good[:1568], "long": append(bytes.Clone(good), 0), "bare": good[1:],
		"type 0x07": change(0, 7), "ML-KEM-1024": change(0, 0x0a),
		"coefficient beyond q": append([]byte{8, 0xff, 0xff}, good[3:]...),
	}
	for name, b := range bad {
		if k, err := signal.ParseKEMPublicKey(b); !errors.Is(err, signal.ErrInvalidKey) || !k.IsZero() {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestStoredKeysReadBack(t *testing.T) {
	a := alice(t)
	one, signed, kyber := a.keys.OneTime[0], a.keys.Signed[0], a.keys.Kyber[0]
	one2, err := signal.ParsePreKey(one.Serialize())
	must(t, err)
	signed2, err := signal.ParseSignedPreKey(signed.Serialize())
	must(t, err)
	kyber2, err := signal.ParseKyberPreKey(kyber.Serialize())
	must(t, err)
	id2, err := signal.ParseIdentityKeyPair(a.keys.Identity.Serialize())
	must(t, err)
	if one2.Public() != one.Public() || signed2.Public().Key != signed.Public().Key || id2.Public() != a.keys.Identity.Public() {
		t.Error("a curve key read back is another")
	}
	if !bytes.Equal(kyber2.Public().Key.Bytes(), kyber.Public().Key.Bytes()) || !bytes.Equal(kyber2.Public().Signature, kyber.Public().Signature) {
		t.Error("a Kyber key read back is another")
	}
	for n := range kyber.Serialize() {
		if _, err := signal.ParseKyberPreKey(kyber.Serialize()[:n]); err == nil {
			t.Fatalf("a Kyber key cut to %d bytes was read", n)
		}
	}
	for n := range signed.Serialize() {
		if _, err := signal.ParseSignedPreKey(signed.Serialize()[:n]); err == nil {
			t.Fatalf("a signed key cut to %d bytes was read", n)
		}
	}
	for n := range one.Serialize() {
		if _, err := signal.ParsePreKey(one.Serialize()[:n]); err == nil {
			t.Fatalf("a one-time key cut to %d bytes was read", n)
		}
	}
}

func TestSignatures(t *testing.T) {
	bits := map[byte]bool{}
	for range 16 {
		id, err := signal.GenerateIdentity(nil)
		must(t, err)
		message := []byte("a message")
		s, err := id.Sign(nil, message)
		must(t, err)
		key := id.Public()
		if !key.Verify(message, s) {
			t.Fatal("a good signature is refused")
		}
		again, err := id.Sign(nil, message)
		must(t, err)
		if bytes.Equal(s, again) {
			t.Fatal("two signatures share their nonce")
		}
		bits[s[63]&0x80] = true
		for i := range s {
			bad := bytes.Clone(s)
			bad[i] ^= 0x20
			if key.Verify(message, bad) {
				t.Fatalf("a signature altered at byte %d is taken", i)
			}
		}
		for name, bad := range map[string][]byte{"empty": nil, "short": s[:63], "long": append(bytes.Clone(s), 0), "s+L": plusL(s), "sign": flipped(s, 63, 0x80), "bit 6": flipped(s, 63, 0x40)} {
			if key.Verify(message, bad) {
				t.Errorf("%s is taken", name)
			}
		}
		if !key.Verify(message, paperSignature(t, id, message)) {
			t.Error("a signature made as the paper says is refused")
		}
	}
	if len(bits) != 2 {
		t.Error("sixteen keys with one sign bit")
	}
	if (signal.PublicKey{}).Verify(nil, make([]byte, 64)) {
		t.Error("no key verifies something")
	}
}

func flipped(b []byte, i int, bits byte) []byte {
	b = bytes.Clone(b)
	b[i] ^= bits
	return b
}

// plusL returns the signature with the group's order added to s.
func plusL(signature []byte) []byte {
	order, _ := new(big.Int).SetString("27742317777372353535851937790883648493", 10)
	order.Add(order, new(big.Int).Lsh(big.NewInt(1), 252))
	s := bytes.Clone(signature[32:])
	sign := s[31] & 0x80
	s[31] &= 0x7f
	slices.Reverse(s)
	sum := le(new(big.Int).Add(new(big.Int).SetBytes(s), order))
	sum[31] |= sign
	return append(bytes.Clone(signature[:32]), sum...)
}

// paperSignature negates the scalar where the sign bit is one, as the XEdDSA
// paper does, and signs as plain Ed25519 with that scalar.
func paperSignature(t *testing.T, id signal.IdentityKeyPair, message []byte) []byte {
	t.Helper()
	a, err := edwards25519.NewScalar().SetBytesWithClamping(id.Serialize())
	must(t, err)
	A := new(edwards25519.Point).ScalarBaseMult(a)
	if A.Bytes()[31]&0x80 != 0 {
		a.Negate(a)
		A.Negate(A)
	}
	hash := func(parts ...[]byte) *edwards25519.Scalar {
		sum := sha512.Sum512(bytes.Join(parts, nil))
		s, err := edwards25519.NewScalar().SetUniformBytes(sum[:])
		must(t, err)
		return s
	}
	r := hash([]byte("nonce"), a.Bytes(), message)
	R := new(edwards25519.Point).ScalarBaseMult(r)
	s := edwards25519.NewScalar().MultiplyAdd(hash(R.Bytes(), A.Bytes(), message), a, r)
	signature := append(R.Bytes(), s.Bytes()...)
	if !ed25519.Verify(A.Bytes(), message, signature) {
		t.Fatal("the test's own signature is wrong")
	}
	return signature
}

// Keys of low order have no honest owner; nothing may be signed by one.
func TestLowOrderKeysVerifyNothing(t *testing.T) {
	minusOne := append([]byte{5}, le(new(big.Int).Sub(p25519, big.NewInt(1)))...)
	one := append([]byte{5, 1}, make([]byte, 31)...)
	for _, b := range [][]byte{minusOne, one} {
		k, err := signal.ParsePublicKey(b)
		must(t, err)
		if signal.TorsionFree(k) {
			t.Errorf("a key of low order counts as honest")
		}
		s := make([]byte, 64)
		s[0] = 1 // R is the identity, s is zero: right for one challenge in four
		for i := range 64 {
			s[63] = byte(i%2) << 7
			if k.Verify([]byte{byte(i)}, s) {
				t.Error("a key of low order signed something")
			}
		}
	}
}

func TestTorsion(t *testing.T) {
	for range 20 {
		id, err := signal.GenerateIdentity(nil)
		must(t, err)
		if !signal.TorsionFree(id.Public()) {
			t.Fatal("an honest key is refused")
		}
		bad, ok := signal.Torsioned(id.Public())
		if ok && signal.TorsionFree(bad) {
			t.Fatal("a key with torsion is taken")
		}
	}
}
