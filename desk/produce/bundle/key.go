package bundle

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
)

// PublicKey is a provider's production key: the Ed25519 key that signs
// manifests and nothing else.
type PublicKey [ed25519.PublicKeySize]byte

// ID is a short name of the key for people to compare: the first 16
// hexadecimal digits of its SHA-256.
func (k PublicKey) ID() string {
	h := sha256.Sum256(k[:])
	return hex.EncodeToString(h[:8])
}

// MarshalText writes the key in standard base64.
func (k PublicKey) MarshalText() ([]byte, error) {
	return base64.StdEncoding.AppendEncode(nil, k[:]), nil
}

// UnmarshalText reads the key; there is one way to write each.
func (k *PublicKey) UnmarshalText(b []byte) error {
	raw, err := base64.StdEncoding.Strict().AppendDecode(nil, b)
	if err != nil || len(raw) != len(k) {
		return fmt.Errorf("%q is not an Ed25519 key in base64", b)
	}
	*k = PublicKey(raw)
	return nil
}

// Verify says whether sig signs the bytes as they are.
func (k PublicKey) Verify(signed, sig []byte) bool {
	return len(sig) == ed25519.SignatureSize && ed25519.Verify(k[:], signed, sig)
}

// PEM is the key as openssl reads it.
func (k PublicKey) PEM() ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(ed25519.PublicKey(k[:]))
	if err != nil {
		return nil, fmt.Errorf("encode production key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), nil
}

// Trust is what a reader believes from elsewhere: the provider's key file, got
// once from its public page or from a court's own copy. Nothing inside a
// package can add to it.
type Trust struct {
	Provider   string      `json:"provider"`
	Keys       []PublicKey `json:"production_keys"`
	Ledgers    []string    `json:"ledger_keys"`              // verifier keys of ledgers and of whoever co-signs them
	Holders    []Holder    `json:"release_keys"`             // people whose passkeys may sign grants
	Custodians []Holder    `json:"custodian_keys,omitempty"` // people whose passkeys may sign certificates of records
	Reports    []string    `json:"report_keys,omitempty"`    // verifier keys of transparency reports
}

// ParseTrust reads a provider's key file, or several one after another: where
// carrier and desk run apart, each publishes the keys of its own half.
func ParseTrust(b []byte) (Trust, error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	var all Trust
	for {
		var t Trust
		switch err := d.Decode(&t); {
		case errors.Is(err, io.EOF) && len(all.Keys) > 0:
			return all, nil
		case errors.Is(err, io.EOF):
			return Trust{}, errors.New("read the provider's key file: it names no production key")
		case err != nil:
			return Trust{}, fmt.Errorf("read the provider's key file: %w", err)
		case t.Provider == "" || all.Provider != "" && all.Provider != t.Provider:
			return Trust{}, errors.New("read the provider's key file: it names no provider, or two")
		}
		all.Provider = t.Provider
		all.Keys, all.Ledgers, all.Holders = append(all.Keys, t.Keys...), append(all.Ledgers, t.Ledgers...), append(all.Holders, t.Holders...)
		all.Custodians = append(all.Custodians, t.Custodians...)
		all.Reports = append(all.Reports, t.Reports...)
	}
}

// Trusts says whether the key is one of the provider's.
func (t Trust) Trusts(k PublicKey) bool {
	for _, have := range t.Keys {
		if have == k {
			return true
		}
	}
	return false
}
