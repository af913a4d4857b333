package passkey

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"encoding/json"
	"fmt"
)

// Use is what an assertion that holds says beside that it holds.
type Use struct {
	Counter uint32
	Synced  bool
}

// VerifyAssertion checks one use of a passkey against everything that was
// fixed beforehand: the public key, the host, the origin and the challenge.
// It is pure: no state, no clock, no network.
func VerifyAssertion(public []byte, rpID, origin string, challenge []byte, a Assertion) (Use, error) {
	key, err := parseCOSE(public)
	if err != nil {
		return Use{}, malformed(err)
	}
	if err := checkClient(a.ClientData, "webauthn.get", origin, challenge); err != nil {
		return Use{}, err
	}
	d, err := parseAuthenticator(a.AuthenticatorData)
	if err != nil {
		return Use{}, malformed(err)
	}
	if err := d.check(rpID); err != nil {
		return Use{}, err
	}
	h := sha256.Sum256(a.ClientData)
	if !key.verify(append(bytes.Clone(a.AuthenticatorData), h[:]...), a.Signature) {
		return Use{}, refuse("the signature is not of this passkey")
	}
	return Use{Counter: d.counter, Synced: d.flags&flagBackedUp != 0}, nil
}

// Verify checks a use of a key at this site, with the rules that need state:
// no demo key outside the demo, no counter that stands still. The caller keeps
// the returned key.
func (s Site) Verify(k Key, challenge []byte, a Assertion) (Key, error) {
	if k.Demo && !s.Demo {
		return Key{}, refuse("a DEMO software key is not accepted here")
	}
	if !bytes.Equal(k.ID, a.KeyID) {
		return Key{}, refuse("another passkey answered")
	}
	use, err := VerifyAssertion(k.Public, s.ID, s.Origin, challenge, a)
	if err != nil {
		return Key{}, err
	}
	// spec: webauthn 7.2
	// Step 22: a counter that does not grow means a copy.
	if (use.Counter != 0 || k.Counter != 0) && use.Counter <= k.Counter {
		return Key{}, refuse("this passkey seems to have been copied: its counter did not grow")
	}
	k.Counter, k.Synced = use.Counter, use.Synced
	return k, nil
}

// checkClient reads what the browser says about the page that asked.
func checkClient(raw []byte, kind, origin string, challenge []byte) error {
	var c map[string]json.RawMessage // a map: keys count exactly as written
	if len(raw) > maxClientData {
		return malformed(fmt.Errorf("client data of %d bytes", len(raw)))
	}
	if err := json.Unmarshal(raw, &c); err != nil {
		return malformed(err)
	}
	var got struct {
		kind, challenge, origin string
		cross                   bool
	}
	for name, to := range map[string]any{"type": &got.kind, "challenge": &got.challenge, "origin": &got.origin, "crossOrigin": &got.cross} {
		v, ok := c[name]
		if !ok && name == "crossOrigin" {
			continue // older browsers leave it out on top-level pages
		}
		if err := json.Unmarshal(v, to); err != nil {
			return malformed(fmt.Errorf("client data %s: %w", name, err))
		}
	}
	_, framed := c["topOrigin"]
	switch {
	case got.kind != kind:
		return refuse("the passkey was used for something else")
	case subtle.ConstantTimeCompare([]byte(got.challenge), []byte(encode(challenge))) != 1:
		return refuse("the passkey signed something else, or the page was too old; reload it and try again")
	case got.origin != origin:
		return refuse("the passkey was used on another site")
	case got.cross || framed:
		return refuse("the passkey was used inside another site's page")
	}
	return nil
}

const maxClientData = 4096

// The flags of authenticator data.
// spec: webauthn 6.1
const (
	flagPresent  = 1 << 0
	flagVerified = 1 << 2
	flagEligible = 1 << 3
	flagBackedUp = 1 << 4
	flagAttested = 1 << 6
	flagExtended = 1 << 7
)

type authenticator struct {
	rpHash  [32]byte
	flags   byte
	counter uint32
	rest    []byte
}

const authHeader = 32 + 1 + 4

func parseAuthenticator(b []byte) (authenticator, error) {
	if len(b) < authHeader || len(b) > 64<<10 {
		return authenticator{}, fmt.Errorf("authenticator data of %d bytes", len(b))
	}
	d := authenticator{rpHash: [32]byte(b), flags: b[32], counter: binary.BigEndian.Uint32(b[33:]), rest: b[authHeader:]}
	if d.flags&(flagAttested|flagExtended) == 0 && len(d.rest) != 0 {
		return authenticator{}, fmt.Errorf("%d bytes after the authenticator data", len(d.rest))
	}
	return d, nil
}

func (d authenticator) check(rpID string) error {
	switch {
	case d.rpHash != sha256.Sum256([]byte(rpID)):
		return refuse("the passkey belongs to another site")
	case d.flags&flagPresent == 0:
		return refuse("nobody touched the passkey")
	case d.flags&flagVerified == 0:
		return refuse("the passkey did not check who you are; use its PIN, fingerprint or face")
	case d.flags&flagBackedUp != 0 && d.flags&flagEligible == 0:
		return refuse("the passkey contradicts itself about copies") // spec: webauthn 7.2
	}
	return nil
}
