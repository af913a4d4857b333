package spqr

import (
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
)

// Labels of the derivations. The chain's start has two spaces.
//
// spec: deployed 5.5
const (
	protocol        = "Signal_PQCKA_V1_MLKEM768:"
	labelSecret     = protocol + "SCKA Key"
	labelUpdate     = protocol + "Authenticator Update"
	labelHeader     = protocol + "ekheader"
	labelCiphertext = protocol + "ciphertext"
	labelStart      = "Signal PQ Ratchet V1 Chain  Start"
	labelAdd        = "Signal PQ Ratchet V1 Chain Add Epoch"
	labelNext       = "Signal PQ Ratchet V1 Chain Next"
)

type key = [32]byte

func derive(salt, secret []byte, info string, size int) []byte {
	if salt == nil {
		salt = make([]byte, sha256.Size)
	}
	out, err := hkdf.Key(sha256.New, secret, salt, info, size)
	if err != nil {
		panic("spqr: HKDF refused its sizes") // they are constants
	}
	return out
}

func number(epoch uint64) string {
	return string(binary.BigEndian.AppendUint64(nil, epoch))
}

// epochSecret is what an epoch's exchange adds to the chains.
func epochSecret(shared []byte, epoch uint64) []byte {
	return derive(nil, shared, labelSecret+number(epoch), 32)
}

// authenticator proves that who makes the next exchange knows all before it.
type authenticator struct{ root, mac key }

// authenticate begins an authenticator with the key of the session's set-up.
func authenticate(set []byte) (a authenticator) {
	a.update(1, set)
	return a
}

func (a *authenticator) update(epoch uint64, secret []byte) {
	out := derive(nil, append(a.root[:], secret...), labelUpdate+number(epoch), 64)
	copy(a.root[:], out)
	copy(a.mac[:], out[32:])
	clear(out)
}

func (a *authenticator) code(label string, epoch uint64, parts ...[]byte) []byte {
	h := hmac.New(sha256.New, a.mac[:])
	h.Write([]byte(label + number(epoch)))
	for _, p := range parts {
		h.Write(p)
	}
	return h.Sum(nil)
}

func (a *authenticator) header(epoch uint64, header []byte) []byte {
	return a.code(labelHeader, epoch, header)
}

func (a *authenticator) ciphertext(epoch uint64, ct1, ct2 []byte) []byte {
	return a.code(labelCiphertext, epoch, ct1, ct2)
}
