package signal_test

import (
	"bytes"
	"encoding/hex"
	"testing"

	"letterlock/signal"
)

// k is the input of the known answers: 00 to 1f.
func k() (k [32]byte) {
	for i := range k {
		k[i] = byte(i)
	}
	return k
}

func starts(t *testing.T, what string, got []byte, want string) {
	t.Helper()
	b, err := hex.DecodeString(want)
	must(t, err)
	if !bytes.HasPrefix(got, b) {
		t.Errorf("%s is %x, should start %s", what, got, want)
	}
}

// The answers were computed by another implementation that talks to the
// official one.
func TestKnownDerivations(t *testing.T) {
	key := k()
	seed, next := signal.ChainStep(key)
	starts(t, "seed", seed[:], "9b4c8120a4823a95f47cde17")
	starts(t, "next chain key", next[:], "4304c22c84a53755ab08ead8")

	cipher, mac, iv := signal.MessageKeyParts(seed, nil)
	starts(t, "cipher key", cipher, "86268814b41f5fd154659f26")
	starts(t, "MAC key", mac, "dea51fa5beca2618971c4292")
	starts(t, "IV", iv, "21cfd5b9956a1631f6b7b5b5bdf7b791")

	cipher, mac, iv = signal.MessageKeyParts(seed, key[:])
	starts(t, "cipher key, mixed", cipher, "c5a177de492a29497f26592b")
	starts(t, "MAC key, mixed", mac, "a535cadd06f4825e86d561bc")
	starts(t, "IV, mixed", iv, "23ea5f7e84ae3a42ab2f6f1ab279e1f0")

	root, chain, ratchet := signal.AgreementOf(key[:])
	starts(t, "agreed key of the post-quantum ratchet", ratchet, "c880e4e2e77b9a52885ff1c7")
	starts(t, "agreed root", root, "c104ec0ecc84711eae0de2c5")
	starts(t, "agreed chain", chain, "c811bad3b698d39c063252d5")

	nextRoot, begun := signal.RootStep(key, bytes.Clone(key[:]))
	starts(t, "next root", nextRoot[:], "43b237e86d82dca12e91dc27")
	starts(t, "begun chain", begun[:], "2bee23712ea65c0cc721cb6e")
}

func TestKnownSafetyNumber(t *testing.T) {
	a, err := signal.ParseIdentityKeyPair(bytes.Repeat([]byte{0x11}, 32))
	must(t, err)
	b, err := signal.ParseIdentityKeyPair(bytes.Repeat([]byte{0x22}, 32))
	must(t, err)
	left := signal.SafetyParty{Key: a.Public(), Identifier: []byte("alice")}
	right := signal.SafetyParty{Key: b.Public(), Identifier: []byte("bob")}
	const want = "010863110140374666048734561592102485054693111813422108341091"
	mine, err := signal.NewSafety(left, right)
	must(t, err)
	theirs, err := signal.NewSafety(right, left)
	must(t, err)
	if mine.Digits() != want || theirs.Digits() != want {
		t.Errorf("digits %s and %s, want %s", mine.Digits(), theirs.Digits(), want)
	}
	if c := mine.Code(); len(c) != 74 || !bytes.HasPrefix(c, []byte{8, 2, 0x12, 0x22, 0x0a, 0x20}) {
		t.Errorf("code of %d bytes starts %x", len(c), c[:6])
	}
}

func TestSafetyCodes(t *testing.T) {
	a, b := alice(t), bob(t)
	left := signal.SafetyParty{Key: a.keys.Identity.Public(), Identifier: []byte("a")}
	right := signal.SafetyParty{Key: b.keys.Identity.Public(), Identifier: []byte("b")}
	mine, err := signal.NewSafety(left, right)
	must(t, err)
	theirs, err := signal.NewSafety(right, left)
	must(t, err)
	if ok, err := mine.Matches(theirs.Code()); !ok || err != nil {
		t.Errorf("their code: %v %v", ok, err)
	}
	if ok, err := mine.Matches(mine.Code()); ok || err != nil {
		t.Errorf("our own code: %v %v", ok, err)
	}
	for i, c := range theirs.Code() {
		bad := theirs.Code()
		bad[i] = c ^ 1
		if ok, _ := mine.Matches(bad); ok {
			t.Errorf("a code altered at byte %d matches", i)
		}
	}
	if ok, err := mine.Matches(nil); ok || err != signal.ErrCodeVersion {
		t.Errorf("an empty code: %v %v", ok, err)
	}
	if ok, err := mine.Matches([]byte("hello")); ok || err != signal.ErrInvalidCode {
		t.Errorf("a line of text: %v %v", ok, err)
	}
	if _, err := signal.NewSafety(left, signal.SafetyParty{}); err == nil {
		t.Error("a safety number without a key")
	}
}
