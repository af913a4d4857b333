package holdings

import (
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"fmt"

	"golang.org/x/crypto/chacha20poly1305"

	d "letterlock/disclosable"
)

// What the carrier keeps of records it has read, a snapshot or a batch that the
// desk has not acknowledged, lies under a key of its own. The key needs the
// desk's half, which the carrier forgets, and the carrier's, which the desk
// never sees. The length is rounded up, so that it tells little.

func (h *Set) box(info string, half [32]byte) (cipher.AEAD, error) {
	key, err := hkdf.Key(sha256.New, h.SnapshotKey, half[:], info, chacha20poly1305.KeySize)
	if err != nil {
		return nil, fmt.Errorf("derive key: %w", err)
	}
	return chacha20poly1305.NewX(key)
}

func (h *Set) lock(info string, half [32]byte, about []byte, v any) ([]byte, error) {
	box, err := h.box(info, half)
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	plain, err := d.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encode what is sealed: %w", err)
	}
	plain = append(plain, 0x80)
	plain = append(plain, make([]byte, (block-len(plain)%block)%block)...)
	nonce := make([]byte, box.NonceSize(), box.NonceSize()+len(plain)+box.Overhead())
	rand.Read(nonce)
	return box.Seal(nonce, nonce, plain, about), nil
}

func (h *Set) unlock(info string, half [32]byte, about, sealed []byte, v any) error {
	box, err := h.box(info, half)
	if err != nil {
		return fmt.Errorf("unseal: %w", err)
	}
	shut := forbid("it does not open with this half of its key")
	if len(sealed) < box.NonceSize() {
		return shut
	}
	plain, err := box.Open(nil, sealed[:box.NonceSize()], sealed[box.NonceSize():], about)
	if err != nil {
		return shut
	}
	for len(plain) > 0 && plain[len(plain)-1] == 0 {
		plain = plain[:len(plain)-1]
	}
	if len(plain) == 0 {
		return shut
	}
	return d.Unmarshal(plain[:len(plain)-1], v)
}
