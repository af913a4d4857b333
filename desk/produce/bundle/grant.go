package bundle

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"letterlock/disclosable"
	"letterlock/internal/fault"
	"letterlock/internal/passkey"
)

// Holder is a person whose passkey signs grants, as the carrier enrolled them.
type Holder struct {
	Holder string `cbor:"holder" json:"holder"` // the person's name
	ID     []byte `cbor:"id" json:"key_id"`
	Public []byte `cbor:"public" json:"public_key"` // COSE
	RPID   string `cbor:"rpid" json:"rp_id"`
	Origin string `cbor:"origin" json:"origin"`
	Demo   bool   `cbor:"demo,omitempty" json:"demo,omitempty"` // a software key of the demo
	// Counsel: two people signed that this one signs as counsel.
	Counsel bool `cbor:"counsel,omitempty" json:"counsel,omitempty"`
}

func (h Holder) same(o Holder) bool {
	return h.Holder == o.Holder && bytes.Equal(h.ID, o.ID) && bytes.Equal(h.Public, o.Public) &&
		h.RPID == o.RPID && h.Origin == o.Origin && h.Demo == o.Demo && h.Counsel == o.Counsel
}

// signatures is the file that lies beside a grant.
type signatures struct {
	Signatures []disclosable.Signature `cbor:"sigs"`
	Holders    []Holder                `cbor:"holders"`
}

// EncodeSignatures writes the file that lies beside a grant: the assertions as
// the carrier verified them, and the public keys they verify with.
func EncodeSignatures(sigs []disclosable.Signature, holders []Holder) ([]byte, error) {
	return disclosable.Marshal(signatures{sigs, holders})
}

// twoSigned checks that two different people signed the grant with two
// different passkeys. It returns them.
func twoSigned(grant, file []byte) ([]Holder, error) {
	var s signatures
	if err := disclosable.Unmarshal(file, &s); err != nil {
		return nil, errors.New("the file of its signatures cannot be read")
	}
	var who []Holder
	for _, sig := range s.Signatures {
		h, ok := find(s.Holders, sig.KeyID)
		if !ok {
			return nil, fmt.Errorf("the key %x of a signature is not given", sig.KeyID)
		}
		if err := h.signed(grant, sig); err != nil {
			return nil, fmt.Errorf("the signature of %s does not hold: %w", h.Holder, err)
		}
		for _, o := range who {
			if o.Holder == h.Holder || bytes.Equal(o.ID, h.ID) || bytes.Equal(o.Public, h.Public) {
				return nil, fmt.Errorf("%s signed twice", h.Holder)
			}
		}
		who = append(who, h)
	}
	if len(who) < 2 {
		return nil, fmt.Errorf("it bears %d signatures, and two are needed", len(who))
	}
	return who, nil
}

// listSigned checks that a long list bears a third signature, and counsel's.
func listSigned(g disclosable.Grant, who []Holder) error {
	if g.Accounts() <= disclosable.MaxOfTwo {
		return nil
	}
	if len(who) < 3 || !slices.ContainsFunc(who, func(h Holder) bool { return h.Counsel }) {
		return fmt.Errorf("it lists %d accounts, and not three people signed it with counsel among them", g.Accounts())
	}
	return nil
}

func find(holders []Holder, id []byte) (Holder, bool) {
	for _, h := range holders {
		if bytes.Equal(h.ID, id) {
			return h, true
		}
	}
	return Holder{}, false
}

// signed verifies one WebAuthn assertion over the grant.
func (h Holder) signed(grant []byte, s disclosable.Signature) error {
	hash := disclosable.GrantHash(grant)
	_, err := passkey.VerifyAssertion(h.Public, h.RPID, h.Origin, hash[:], passkey.Assertion{
		KeyID: s.KeyID, ClientData: s.ClientData, AuthenticatorData: s.AuthenticatorData, Signature: s.Signature,
	})
	if err != nil {
		return errors.New(strings.TrimSuffix(fault.Say(err), "."))
	}
	return nil
}
