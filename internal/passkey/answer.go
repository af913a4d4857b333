package passkey

import (
	"encoding/binary"
	"encoding/json"
	"fmt"

	"github.com/fxamacker/cbor/v2"
)

// MaxAnswer bounds the JSON of a browser's answer.
const MaxAnswer = 32 << 10

type answerJSON struct {
	RawID    string `json:"rawId"`
	Type     string `json:"type"`
	Response struct {
		ClientData  string `json:"clientDataJSON"`
		Attestation string `json:"attestationObject"`
		AuthData    string `json:"authenticatorData"`
		Signature   string `json:"signature"`
	} `json:"response"`
}

func readAnswer(b []byte) (answerJSON, error) {
	var r answerJSON
	if len(b) > MaxAnswer {
		return r, fmt.Errorf("an answer of %d bytes", len(b))
	}
	if err := json.Unmarshal(b, &r); err != nil {
		return r, err
	}
	if r.Type != "public-key" {
		return r, fmt.Errorf("an answer of type %q", r.Type)
	}
	return r, nil
}

// ParseAssertion reads a browser's AuthenticationResponseJSON. It checks form
// only; the key's owner is found by KeyID and then Verify decides.
func ParseAssertion(answer []byte) (Assertion, error) {
	r, err := readAnswer(answer)
	if err != nil {
		return Assertion{}, malformed(err)
	}
	var a Assertion
	for _, part := range []struct {
		from string
		to   *[]byte
	}{{r.RawID, &a.KeyID}, {r.Response.AuthData, &a.AuthenticatorData}, {r.Response.ClientData, &a.ClientData}, {r.Response.Signature, &a.Signature}} {
		if *part.to, err = decode(part.from); err != nil || len(*part.to) == 0 {
			return Assertion{}, malformed(fmt.Errorf("a part is missing or not base64url: %v", err))
		}
	}
	return a, nil
}

// Challenge is the challenge an assertion or registration claims to answer,
// for finding the ceremony that it belongs to. Nothing is verified.
func Challenge(answer []byte) ([]byte, error) {
	r, err := readAnswer(answer)
	if err != nil {
		return nil, malformed(err)
	}
	raw, err := decode(r.Response.ClientData)
	if err != nil {
		return nil, malformed(err)
	}
	var c struct {
		Challenge string `json:"challenge"`
	}
	if err := json.Unmarshal(raw, &c); err != nil {
		return nil, malformed(err)
	}
	b, err := decode(c.Challenge)
	if err != nil {
		return nil, malformed(err)
	}
	return b, nil
}

// Register checks a browser's RegistrationResponseJSON and returns the new
// key. Attestation is not asked for and not read: which people enrol is decided
// by people, not by the maker of their key.
func (s Site) Register(challenge, answer []byte) (Key, error) {
	r, err := readAnswer(answer)
	if err != nil {
		return Key{}, malformed(err)
	}
	client, err := decode(r.Response.ClientData)
	if err != nil {
		return Key{}, malformed(err)
	}
	if err := checkClient(client, "webauthn.create", s.Origin, challenge); err != nil {
		return Key{}, err
	}
	raw, err := decode(r.Response.Attestation)
	if err != nil {
		return Key{}, malformed(err)
	}
	k, aaguid, err := s.attested(raw)
	if err != nil {
		return Key{}, err
	}
	if encode(k.ID) != r.RawID {
		return Key{}, malformed(fmt.Errorf("two key ids in one answer"))
	}
	k.Demo = aaguid == DemoAAGUID
	if k.Demo && !s.Demo {
		return Key{}, refuse("a DEMO software key is not accepted here")
	}
	return k, nil
}

// attested reads the attestation object.
// spec: webauthn 6.5
func (s Site) attested(raw []byte) (Key, [16]byte, error) {
	var none [16]byte
	var o struct {
		Format   string          `cbor:"fmt"`
		Stmt     cbor.RawMessage `cbor:"attStmt"`
		AuthData []byte          `cbor:"authData"`
	}
	if err := cborMode.Unmarshal(raw, &o); err != nil {
		return Key{}, none, malformed(err)
	}
	d, err := parseAuthenticator(o.AuthData)
	if err != nil {
		return Key{}, none, malformed(err)
	}
	if err := d.check(s.ID); err != nil {
		return Key{}, none, err
	}
	if d.flags&flagAttested == 0 || len(d.rest) < 18 {
		return Key{}, none, malformed(fmt.Errorf("no key in the answer"))
	}
	aaguid, n := [16]byte(d.rest), int(binary.BigEndian.Uint16(d.rest[16:]))
	if n == 0 || n > 1023 || len(d.rest) < 18+n {
		return Key{}, none, malformed(fmt.Errorf("key id of %d bytes", n))
	}
	var public cbor.RawMessage
	rest, err := cborMode.UnmarshalFirst(d.rest[18+n:], &public)
	if err != nil || (len(rest) > 0) != (d.flags&flagExtended != 0) {
		return Key{}, none, malformed(fmt.Errorf("public key, %d bytes after it: %v", len(rest), err))
	}
	if _, err := parseCOSE(public); err != nil {
		return Key{}, none, malformed(err)
	}
	return Key{ID: d.rest[18 : 18+n], Public: public, Counter: d.counter, Synced: d.flags&flagBackedUp != 0}, aaguid, nil
}
