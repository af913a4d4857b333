package drill

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"

	"github.com/fxamacker/cbor/v2"

	"letterlock/desk/casefile"
	"letterlock/internal/passkey"
)

// where the invented officers sign: an address that can be nobody's, so that
// no signature of an exercise can ever pass for one made on the portal.
const (
	drillHost   = "exercise.invalid"
	drillOrigin = "https://exercise.invalid"
)

// forge signs an attestation with a key that is thrown away.
// spec: webauthn 6.1
func forge(a *casefile.Attestation) error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	point, err := key.PublicKey.Bytes()
	if err != nil {
		return err
	}
	const es256, ec2, p256 = -7, 2, 1
	if a.Public, err = cbor.Marshal(map[int]any{1: ec2, 3: es256, -1: p256, -2: point[1:33], -3: point[33:]}); err != nil {
		return err
	}
	challenge := casefile.AttestationHash(a.Text)
	client, err := json.Marshal(map[string]any{"type": "webauthn.get", "challenge": base64.RawURLEncoding.EncodeToString(challenge[:]), "origin": drillOrigin, "crossOrigin": false})
	if err != nil {
		return err
	}
	host := sha256.Sum256([]byte(drillHost))
	const present, verified = 1, 4
	auth := append(host[:], present|verified, 0, 0, 0, 1)
	h := sha256.Sum256(client)
	digest := sha256.Sum256(append(append([]byte{}, auth...), h[:]...))
	sig, err := ecdsa.SignASN1(rand.Reader, key, digest[:])
	if err != nil {
		return err
	}
	a.RPID, a.Origin = drillHost, drillOrigin
	a.Assertion = passkey.Assertion{KeyID: []byte(casefile.NewID()), AuthenticatorData: auth, ClientData: client, Signature: sig}
	return nil
}
