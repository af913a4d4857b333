package kit_test

import (
	"letterlock/internal/passkey"
	soft "letterlock/internal/testkit/passkey"
)

// authenticator answers a challenge with a key made for the purpose.
func authenticator(challenge []byte) ([]byte, error) {
	s := passkey.Site{ID: "release.localhost", Origin: "http://release.localhost"}
	a := soft.New()
	if _, err := a.Enrol(s, "okafor"); err != nil {
		return nil, err
	}
	return a.Get(s.Origin, s.Get(challenge))
}
