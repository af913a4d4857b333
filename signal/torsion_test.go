package signal

import (
	"filippo.io/edwards25519"
	"filippo.io/edwards25519/field"
)

// torsioned adds the Edwards point (0, -1) of order two to k.
func torsioned(k PublicKey) (PublicKey, bool) {
	point, ok := k.edwards(0)
	if !ok {
		return PublicKey{}, false
	}
	minusOne := new(field.Element).Negate(new(field.Element).One())
	two, err := new(edwards25519.Point).SetBytes(minusOne.Bytes())
	if err != nil {
		return PublicKey{}, false
	}
	return encodePublic(new(edwards25519.Point).Add(point, two).BytesMontgomery()), true
}
