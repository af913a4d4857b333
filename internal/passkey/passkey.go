// Package passkey is the server's half of WebAuthn, cut to what the house
// needs: ceremonies with a challenge, a host and an origin that the caller
// names exactly; user verification always; nothing framed; no attestation. It
// knows no domain word and no network: the same VerifyAssertion decides at the
// door and, years later, in the offline verifier.
//
// spec: webauthn 7.1
// spec: webauthn 7.2
package passkey

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"

	"letterlock/internal/fault"
)

// DemoAAGUID marks the software key of the demo. Only a server in demo mode
// accepts it. Without attestation an authenticator can call itself what it
// likes: the mark keeps the honest demo key out, not a forger, who would need
// to be enrolled in the first place.
var DemoAAGUID = [16]byte([]byte("LETTERLOCK-DEMO!"))

// Site is where ceremonies happen. ID is the exact host, Origin the exact
// scheme, host and port a browser shows.
type Site struct {
	ID     string // such as "release.example.org"
	Origin string // such as "https://release.example.org"
	Name   string // shown by authenticators
	Demo   bool   // the DEMO software key is accepted
}

// Key is a registered passkey as the server keeps it.
type Key struct {
	ID      []byte
	Public  []byte // COSE_Key, as the authenticator gave it
	Counter uint32 // of the last use
	Demo    bool   // the demo's software key
	Synced  bool   // backed up: the person may have it on several devices
}

// Assertion is one use of a passkey: what is kept, and verified again offline.
type Assertion struct {
	KeyID             []byte
	AuthenticatorData []byte
	ClientData        []byte
	Signature         []byte
}

// User is who registers. Handle is random and says nothing; 1 to 64 bytes.
type User struct {
	Handle  []byte
	Name    string // how the person tells their passkeys apart
	Display string
}

// NewChallenge draws 32 random bytes.
func NewChallenge() []byte {
	b := make([]byte, 32)
	rand.Read(b)
	return b
}

// Options are what a page hands to the browser: JSON for
// PublicKeyCredential.parseCreationOptionsFromJSON or parseRequestOptionsFromJSON.
type Options string

type descriptor struct {
	Type string `json:"type"`
	ID   string `json:"id"`
}

// Create makes the options of a registration. The keys the person already has
// are not enrolled twice.
func (s Site) Create(u User, challenge []byte, have []Key) Options {
	type entity struct {
		ID          string `json:"id"`
		Name        string `json:"name"`
		DisplayName string `json:"displayName,omitempty"`
	}
	type param struct {
		Type string `json:"type"`
		Alg  int    `json:"alg"`
	}
	return options(map[string]any{
		"rp": entity{ID: s.ID, Name: s.Name}, "user": entity{ID: encode(u.Handle), Name: u.Name, DisplayName: u.Display},
		"challenge":          encode(challenge),
		"pubKeyCredParams":   []param{{"public-key", algES256}, {"public-key", algEdDSA}, {"public-key", algRS256}},
		"excludeCredentials": descriptors(ids(have)), "timeout": timeoutMillis, "attestation": "none",
		"authenticatorSelection": map[string]any{"residentKey": "required", "requireResidentKey": true, "userVerification": "required"},
	})
}

// Get makes the options of a use. With no key ids the person chooses among the
// passkeys they hold for the site.
func (s Site) Get(challenge []byte, keys ...[]byte) Options {
	return options(map[string]any{
		"rpId": s.ID, "challenge": encode(challenge), "allowCredentials": descriptors(keys),
		"userVerification": "required", "timeout": timeoutMillis,
	})
}

const timeoutMillis = 5 * 60 * 1000

func options(v any) Options {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // strings and numbers always encode
	}
	return Options(b)
}

func ids(keys []Key) [][]byte {
	var out [][]byte
	for _, k := range keys {
		out = append(out, k.ID)
	}
	return out
}

func descriptors(keys [][]byte) []descriptor {
	out := []descriptor{}
	for _, id := range keys {
		out = append(out, descriptor{"public-key", encode(id)})
	}
	return out
}

func encode(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func decode(s string) ([]byte, error) { return base64.RawURLEncoding.Strict().DecodeString(s) }

func refuse(format string, args ...any) error {
	return fault.New(fault.Unauthenticated, "check passkey", format, args...)
}

func malformed(err error) error {
	return fault.Wrap(fault.Invalid, "read passkey", err, "the answer of the passkey cannot be read; start again")
}
