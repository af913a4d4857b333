package bundle

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"

	"letterlock/disclosable"
)

// Holder is a person whose passkey signs grants, as the carrier enrolled them.
type Holder struct {
	Name   string `cbor:"holder" json:"holder"`
	KeyID  []byte `cbor:"id" json:"key_id"`
	Public []byte `cbor:"public" json:"public_key"` // COSE
	RPID   string `cbor:"rpid" json:"rp_id"`
	Origin string `cbor:"origin" json:"origin"`
	Demo   bool   `cbor:"demo,omitempty" json:"demo,omitempty"` // a software key of the demo
}

func (h Holder) same(o Holder) bool {
	return h.Name == o.Name && bytes.Equal(h.KeyID, o.KeyID) && bytes.Equal(h.Public, o.Public) &&
		h.RPID == o.RPID && h.Origin == o.Origin && h.Demo == o.Demo
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
			return nil, fmt.Errorf("the signature of %s does not hold: %w", h.Name, err)
		}
		for _, o := range who {
			if o.Name == h.Name || bytes.Equal(o.KeyID, h.KeyID) || bytes.Equal(o.Public, h.Public) {
				return nil, fmt.Errorf("%s signed twice", h.Name)
			}
		}
		who = append(who, h)
	}
	if len(who) < 2 {
		return nil, fmt.Errorf("it bears %d signatures, and two are needed", len(who))
	}
	return who, nil
}

func find(holders []Holder, id []byte) (Holder, bool) {
	for _, h := range holders {
		if bytes.Equal(h.KeyID, id) {
			return h, true
		}
	}
	return Holder{}, false
}

// clientData is what a browser reports about an assertion.
type clientData struct {
	Type        string `json:"type"`
	Challenge   string `json:"challenge"`
	Origin      string `json:"origin"`
	CrossOrigin bool   `json:"crossOrigin"`
}

// The flags in authenticator data.
// spec: webauthn-2 6.1
const (
	userPresent  = 1 << 0
	userVerified = 1 << 2
)

// signed verifies one WebAuthn assertion over the grant.
// spec: webauthn-2 7.2
func (h Holder) signed(grant []byte, s disclosable.Signature) error {
	var c clientData
	if err := json.Unmarshal(s.ClientData, &c); err != nil {
		return errors.New("its client data cannot be read")
	}
	hash := disclosable.GrantHash(grant)
	rp := sha256.Sum256([]byte(h.RPID))
	switch {
	case c.Type != "webauthn.get" || c.CrossOrigin:
		return errors.New("it was not made for signing on the release page")
	case c.Challenge != base64.RawURLEncoding.EncodeToString(hash[:]):
		return errors.New("it signs another grant")
	case c.Origin != h.Origin:
		return fmt.Errorf("it was given on %q and not on the release page", c.Origin)
	case len(s.AuthenticatorData) < 37 || !bytes.Equal(s.AuthenticatorData[:32], rp[:]):
		return errors.New("it is for another site")
	case s.AuthenticatorData[32]&userPresent == 0 || s.AuthenticatorData[32]&userVerified == 0:
		return errors.New("the authenticator did not verify the person")
	}
	key, err := parseCOSE(h.Public)
	if err != nil {
		return err
	}
	client := sha256.Sum256(s.ClientData)
	if !key.verify(append(bytes.Clone(s.AuthenticatorData), client[:]...), s.Signature) {
		return errors.New("it is not by that key")
	}
	return nil
}
