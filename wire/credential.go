package wire

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

// Credential is what a device shows at every call: who it is and its token.
// It never prints.
type Credential struct {
	Address Address
	token   [32]byte
}

// NewCredential joins an address and the 32-byte token of Registered.
func NewCredential(a Address, token []byte) (Credential, error) {
	c := Credential{Address: a}
	if len(token) != len(c.token) || !a.Device.Valid() {
		return Credential{}, errors.New("not a credential")
	}
	copy(c.token[:], token)
	return c, nil
}

// Token is the secret, for hashing or for the key store.
func (c Credential) Token() []byte { return append([]byte(nil), c.token[:]...) }

// Header is the value of the Authorization header.
func (c Credential) Header() string {
	b := append(c.Address.Account[:], byte(c.Address.Device))
	return "Bearer " + base64.RawURLEncoding.EncodeToString(append(b, c.token[:]...))
}

// ParseCredential reads an Authorization header.
func ParseCredential(header string) (Credential, error) {
	const scheme = "Bearer "
	bad := errors.New("not a credential")
	if len(header) != len(scheme)+66 || header[:len(scheme)] != scheme {
		return Credential{}, bad
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(header[len(scheme):])
	if err != nil || len(b) != 49 {
		return Credential{}, bad
	}
	var id AccountID
	copy(id[:], b)
	return NewCredential(At(id, DeviceID(b[16])), b[17:])
}

// SocketProtocol is the subprotocol that a browser names when it opens the
// socket: it can set no header there, and shows its credential as a second
// subprotocol (Offer), which the server reads and never answers.
const SocketProtocol = "letterlock"

const offer = "bearer."

// Offer is the credential in the form of a WebSocket subprotocol.
func (c Credential) Offer() string { return offer + strings.TrimPrefix(c.Header(), "Bearer ") }

// ParseOffer finds the credential among the subprotocols that a browser offers.
func ParseOffer(protocols string) (Credential, error) {
	for p := range strings.SplitSeq(protocols, ",") {
		if token, found := strings.CutPrefix(strings.TrimSpace(p), offer); found {
			return ParseCredential("Bearer " + token)
		}
	}
	return Credential{}, errors.New("not a credential")
}

const redacted = "[credential]"

// String hides the token.
func (Credential) String() string { return redacted }

// GoString hides the token.
func (Credential) GoString() string { return redacted }

// Format hides the token whatever the verb.
func (Credential) Format(f fmt.State, _ rune) { fmt.Fprint(f, redacted) }

// MarshalText hides the token.
func (Credential) MarshalText() ([]byte, error) { return []byte(redacted), nil }
