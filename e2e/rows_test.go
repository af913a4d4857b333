package e2e_test

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/hmac"
	"crypto/hpke"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"testing"

	"letterlock/wire"
)

// sealedRow is a row of the mailbox as an attacker recovers it. The layout is
// that of wire/sealed.go, tried here with code of its own.
type sealedRow struct {
	to  wire.Address
	pub []byte // the device's public mailbox key
	row []byte
}

const rowHead = 1 + 32 + 2

func (r sealedRow) index() int { return int(binary.BigEndian.Uint16(r.row[33:rowHead])) }
func (r sealedRow) enc() []byte {
	return r.row[1:33]
}

// attacker tries keys on rows.
type attacker struct {
	chains map[string][]sealedRow // rows by encapsulation
	pubs   map[string]sealedRow   // a row by what would open it: mailbox key, or encapsulated key
	last   int                    // highest index of a row
}

func newAttacker(rows []sealedRow) *attacker {
	a := &attacker{chains: map[string][]sealedRow{}, pubs: map[string]sealedRow{}}
	for _, r := range rows {
		a.chains[string(r.enc())] = append(a.chains[string(r.enc())], r)
		a.pubs[string(r.pub)], a.pubs[string(r.enc())] = r, r
		a.last = max(a.last, r.index())
	}
	return a
}

// asChain tries a key as the key of a row and as every chain key from which
// one follows. It says what opened.
func (a *attacker) asChain(key []byte) string {
	for _, rows := range a.chains {
		for _, r := range rows {
			if r.opens(key) {
				return fmt.Sprintf("as the key of row %d", r.index())
			}
		}
	}
	chain := [32]byte(key)
	for step := range a.last + 1 {
		rowKey := forward(chain[:], 1)
		for _, rows := range a.chains {
			for _, r := range rows {
				if r.index() >= step && r.opens(rowKey[:]) {
					return fmt.Sprintf("as chain key %d of row %d", r.index()-step, r.index())
				}
			}
		}
		chain = forward(chain[:], 2)
	}
	return ""
}

// asPrivate tries a key as the private half of a mailbox key, or of the
// encapsulation: there is no other way into HPKE.
func (a *attacker) asPrivate(key []byte) string {
	k, err := ecdh.X25519().NewPrivateKey(key)
	if err != nil {
		return ""
	}
	if _, yes := a.pubs[string(k.PublicKey().Bytes())]; yes {
		return "as the private half of a mailbox key or of an encapsulation"
	}
	return ""
}

// asDevice does what the device would do, with the product's own code.
func (a *attacker) asDevice(key []byte) string {
	k, err := ecdh.X25519().NewPrivateKey(key)
	if err != nil {
		return ""
	}
	for _, rows := range a.chains {
		for _, r := range rows {
			o, err := wire.NewOpener(r.to, k)
			if err != nil {
				continue
			}
			if _, err := o.OpenRow(r.row); err == nil {
				return "as a device's mailbox key"
			}
		}
	}
	return ""
}

func forward(key []byte, label byte) (out [32]byte) {
	m := hmac.New(sha256.New, key)
	m.Write([]byte{label})
	m.Sum(out[:0])
	return out
}

func (r sealedRow) opens(key []byte) bool {
	b, err := aes.NewCipher(key)
	if err != nil {
		return false
	}
	g, err := cipher.NewGCM(b)
	if err != nil {
		return false
	}
	aad := append(append(append([]byte{}, r.row[:rowHead]...), byte(r.to.Device)), r.to.Account[:]...)
	_, err = g.Open(nil, make([]byte, 12), r.row[rowHead:], aad)
	return err == nil
}

// chainKey is the true chain key of a row, from the device's private key.
func chainKey(t testing.TB, r sealedRow, private *ecdh.PrivateKey) []byte {
	t.Helper()
	k, err := hpke.NewDHKEMPrivateKey(private)
	must(t, err)
	ctx, err := hpke.NewRecipient(r.enc(), k, hpke.HKDFSHA256(), hpke.AES256GCM(), []byte("letterlock mailbox v1"))
	must(t, err)
	chain, err := ctx.Export("letterlock mailbox chain v1", 32)
	must(t, err)
	for range r.index() {
		next := forward(chain, 2)
		chain = next[:]
	}
	return chain
}

// candidates calls f with every 32 bytes that look like a key: at every
// distance of step bytes, without those that are text, tables or counters.
// Each is given once.
func candidates(h haystack, step int, f func(key []byte, where string)) (n int) {
	seen := map[[32]byte]bool{}
	for _, p := range h {
		for i := 0; i+32 <= len(p.b); i += step {
			w := p.b[i : i+32]
			if distinct(w) < 25 { // 32 random bytes hardly ever have fewer
				continue
			}
			k := [32]byte(w)
			if seen[k] {
				continue
			}
			seen[k] = true
			n++
			f(w, p.name)
		}
	}
	return n
}
