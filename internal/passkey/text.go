package passkey

import (
	"bytes"
	"crypto/sha256"
	"slices"

	"letterlock/internal/fault"
)

// OfText is the challenge by which a passkey signs a text for a purpose: a
// signature over the same words for another purpose is another one.
func OfText(purpose, text string) [32]byte {
	h := sha256.New()
	h.Write([]byte(purpose + "\x00"))
	h.Write([]byte(text))
	return [32]byte(h.Sum(nil))
}

// Signature is a passkey's signature over a text's challenge with everything
// that it takes to check it years later, without the site it was given at.
type Signature struct {
	Public    []byte    `cbor:"public"` // COSE_Key
	RPID      string    `cbor:"rpid"`
	Origin    string    `cbor:"origin"`
	Demo      bool      `cbor:"demo,omitempty"`
	Assertion Assertion `cbor:"assertion"`
}

// Over checks the signature over a challenge.
func (s Signature) Over(challenge [32]byte) error {
	_, err := VerifyAssertion(s.Public, s.RPID, s.Origin, challenge[:], s.Assertion)
	return err
}

// Signed takes the answer of a page on which somebody signed a text: with a key
// that is theirs now, over what the text says now. The caller keeps the
// returned key.
func (s Site) Signed(keys []Key, challenge [32]byte, answer []byte) (Signature, Key, error) {
	a, err := ParseAssertion(answer)
	if err != nil {
		return Signature{}, Key{}, err
	}
	i := slices.IndexFunc(keys, func(k Key) bool { return bytes.Equal(k.ID, a.KeyID) })
	if i < 0 {
		return Signature{}, Key{}, fault.New(fault.Unauthenticated, "sign text", "this passkey is not yours here; sign with one of your own")
	}
	if ch, err := Challenge(answer); err == nil && !bytes.Equal(ch, challenge[:]) {
		return Signature{}, Key{}, fault.New(fault.Conflict, "sign text", "what is to be signed has changed since you opened the page: read it again and sign what it says now")
	}
	k, err := s.Verify(keys[i], challenge[:], a)
	if err != nil {
		return Signature{}, Key{}, err
	}
	return Signature{Public: k.Public, RPID: s.ID, Origin: s.Origin, Demo: k.Demo, Assertion: a}, k, nil
}
