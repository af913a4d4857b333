// Package passkey is an authenticator in software, for the demo and for tests:
// it answers the options of a page as a browser would, and on request as a
// browser never should. It knows no domain word; no operator's program may
// contain it.
package passkey

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"fmt"

	"github.com/fxamacker/cbor/v2"

	"letterlock/internal/passkey"
)

// Authenticator holds one key per site. The fields below are those of an
// honest one; attacks change them. It is not safe for concurrent use.
type Authenticator struct {
	AAGUID     [16]byte
	Unverified bool   // does not check who touches it
	Absent     bool   // nobody touches it
	Origin     string // what the "browser" says instead of the page's origin
	RPID       string // what is hashed instead of the site's host
	Framed     bool   // the page is inside another site's
	TopOrigin  string // which one
	Kind       string // what the client data says instead of webauthn.create or .get
	Frozen     bool   // the counter stands still
	Challenge  []byte // signed instead of the page's challenge

	keys map[string]*credential // by host
}

type credential struct {
	id      []byte
	private *ecdsa.PrivateKey
	counter uint32
	user    []byte
}

// New is an honest authenticator that is no demo key.
func New() *Authenticator { return &Authenticator{AAGUID: [16]byte{0xa7, 1}} }

// NewDemo is the demo's software key.
func NewDemo() *Authenticator { return &Authenticator{AAGUID: passkey.DemoAAGUID} }

type options struct {
	RPID string `json:"rpId"`
	RP   struct {
		ID string `json:"id"`
	} `json:"rp"`
	User struct {
		ID string `json:"id"`
	} `json:"user"`
	Challenge string `json:"challenge"`
	Exclude   []struct {
		ID string `json:"id"`
	} `json:"excludeCredentials"`
	Allow []struct {
		ID string `json:"id"`
	} `json:"allowCredentials"`
}

// Create answers creation options as a page at origin would get it.
func (a *Authenticator) Create(origin string, o passkey.Options) ([]byte, error) {
	var in options
	if err := json.Unmarshal([]byte(o), &in); err != nil {
		return nil, err
	}
	if c := a.keys[in.RP.ID]; c != nil {
		for _, x := range in.Exclude {
			if x.ID == b64(c.id) {
				return nil, fmt.Errorf("this authenticator is enrolled already")
			}
		}
	}
	user, err := unb64(in.User.ID)
	if err != nil {
		return nil, err
	}
	c, err := a.fresh(in.RP.ID, user)
	if err != nil {
		return nil, err
	}
	auth, err := a.attested(in.RP.ID, c)
	if err != nil {
		return nil, err
	}
	object, err := cbor.Marshal(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": auth})
	if err != nil {
		return nil, err
	}
	return json.Marshal(map[string]any{"id": b64(c.id), "rawId": b64(c.id), "type": "public-key", "clientExtensionResults": map[string]any{},
		"response": map[string]any{"clientDataJSON": b64(a.client("webauthn.create", in.Challenge, origin)), "attestationObject": b64(object), "transports": []string{"internal"}}})
}

func (a *Authenticator) fresh(host string, user []byte) (*credential, error) {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	c := &credential{id: make([]byte, 16), private: k, user: user}
	rand.Read(c.id)
	if a.keys == nil {
		a.keys = map[string]*credential{}
	}
	a.keys[host] = c
	return c, nil
}

// Get answers request options as a page at origin would get it.
func (a *Authenticator) Get(origin string, o passkey.Options) ([]byte, error) {
	var in options
	if err := json.Unmarshal([]byte(o), &in); err != nil {
		return nil, err
	}
	c := a.keys[in.RPID]
	if c == nil {
		return nil, fmt.Errorf("this authenticator has no key for %s", in.RPID)
	}
	if allowed := len(in.Allow) == 0; !allowed {
		for _, x := range in.Allow {
			allowed = allowed || x.ID == b64(c.id)
		}
		if !allowed {
			return nil, fmt.Errorf("the page asks for other keys")
		}
	}
	challenge, err := unb64(in.Challenge)
	if err != nil {
		return nil, err
	}
	s, err := a.assert(c, in.RPID, origin, challenge)
	if err != nil {
		return nil, err
	}
	return json.Marshal(map[string]any{"id": b64(s.KeyID), "rawId": b64(s.KeyID), "type": "public-key", "clientExtensionResults": map[string]any{},
		"response": map[string]any{"clientDataJSON": b64(s.ClientData), "authenticatorData": b64(s.AuthenticatorData), "signature": b64(s.Signature), "userHandle": b64(c.user)}})
}

// Sign asserts a challenge without a page: the short way for tests of what is
// below the pages.
func (a *Authenticator) Sign(s passkey.Site, challenge []byte) (passkey.Assertion, error) {
	c := a.keys[s.ID]
	if c == nil {
		return passkey.Assertion{}, fmt.Errorf("this authenticator has no key for %s", s.ID)
	}
	return a.assert(c, s.ID, s.Origin, challenge)
}

// Enrol registers without a page.
func (a *Authenticator) Enrol(s passkey.Site, user string) (passkey.Key, error) {
	challenge := passkey.NewChallenge()
	answer, err := a.Create(s.Origin, s.Create(passkey.User{Handle: []byte(user), Name: user, Display: user}, challenge, nil))
	if err != nil {
		return passkey.Key{}, err
	}
	return s.Register(challenge, answer)
}

func (a *Authenticator) assert(c *credential, host, origin string, challenge []byte) (passkey.Assertion, error) {
	if a.Challenge != nil {
		challenge = a.Challenge
	}
	if !a.Frozen {
		c.counter++
	}
	auth := a.header(host, c.counter, 0)
	client := a.client("webauthn.get", b64(challenge), origin)
	h := sha256.Sum256(client)
	digest := sha256.Sum256(append(append([]byte{}, auth...), h[:]...))
	sig, err := ecdsa.SignASN1(rand.Reader, c.private, digest[:])
	return passkey.Assertion{KeyID: c.id, AuthenticatorData: auth, ClientData: client, Signature: sig}, err
}

func (a *Authenticator) client(kind, challenge, origin string) []byte {
	if a.Kind != "" {
		kind = a.Kind
	}
	if a.Origin != "" {
		origin = a.Origin
	}
	m := map[string]any{"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": a.Framed}
	if a.TopOrigin != "" {
		m["topOrigin"] = a.TopOrigin
	}
	b, err := json.Marshal(m)
	if err != nil {
		panic(err) // strings always encode
	}
	return b
}

func (a *Authenticator) header(host string, counter uint32, flags byte) []byte {
	if a.RPID != "" {
		host = a.RPID
	}
	if !a.Absent {
		flags |= 1
	}
	if !a.Unverified {
		flags |= 4
	}
	h := sha256.Sum256([]byte(host))
	return binary.BigEndian.AppendUint32(append(h[:], flags), counter)
}

func (a *Authenticator) attested(host string, c *credential) ([]byte, error) {
	raw, err := c.private.PublicKey.Bytes()
	if err != nil {
		return nil, err
	}
	mode, err := cbor.CTAP2EncOptions().EncMode()
	if err != nil {
		return nil, err
	}
	public, err := mode.Marshal(map[int]any{1: 2, 3: -7, -1: 1, -2: raw[1:33], -3: raw[33:]})
	if err != nil {
		return nil, err
	}
	b := append(a.header(host, 0, 1<<6), a.AAGUID[:]...)
	b = binary.BigEndian.AppendUint16(b, uint16(len(c.id)))
	return append(append(b, c.id...), public...), nil
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func unb64(s string) ([]byte, error) { return base64.RawURLEncoding.DecodeString(s) }
