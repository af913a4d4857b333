package signal

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
)

// Labels of the key derivations.
//
// spec: deployed 2.1
// spec: deployed 3.1
const (
	labelAgreement   = "WhisperText_X25519_SHA-256_CRYSTALS-KYBER-1024"
	labelRatchet     = "WhisperRatchet"
	labelMessageKeys = "WhisperMessageKeys"
)

// derive is HKDF-SHA256; a nil salt is 32 zero bytes.
func derive(salt, secret []byte, label string, size int) []byte {
	out, err := hkdf.Key(sha256.New, secret, salt, label, size)
	if err != nil {
		panic("signal: HKDF of " + label + " refused its sizes") // they are constants
	}
	return out
}

func keyedHash(key []byte, parts ...[]byte) []byte {
	h := hmac.New(sha256.New, key)
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}

// chain is a sending or receiving chain: its key and the index of the message
// that the key is for.
//
// spec: doubleratchet 2.2
type chain struct {
	veil
	key   [32]byte
	index uint32
}

var seedInput, nextInput = []byte{1}, []byte{2}

// step returns the seed of the current message and moves the chain on.
func (c *chain) step() (seed [32]byte) {
	copy(seed[:], keyedHash(c.key[:], seedInput))
	copy(c.key[:], keyedHash(c.key[:], nextInput))
	c.index++
	return seed
}

// rootStep mixes a fresh agreement into the root and begins a chain.
//
// spec: doubleratchet 2.3
func rootStep(root [32]byte, shared []byte) (next [32]byte, begun chain) {
	out := derive(root[:], shared, labelRatchet, 64)
	defer wipe(out, shared)
	copy(next[:], out[:32])
	copy(begun.key[:], out[32:])
	return next, begun
}

// messageKeys are for one message only.
type messageKeys struct {
	veil
	all []byte
}

// newMessageKeys grows the keys of one message from its seed; mixed is the key
// of the post-quantum ratchet, nil for none.
func newMessageKeys(seed [32]byte, mixed []byte) messageKeys {
	return messageKeys{all: derive(mixed, seed[:], labelMessageKeys, 80)}
}

func (k messageKeys) cipher() []byte { return k.all[:32] }
func (k messageKeys) mac() []byte    { return k.all[32:64] }
func (k messageKeys) iv() []byte     { return k.all[64:] }
func (k messageKeys) wipe()          { wipe(k.all) }
