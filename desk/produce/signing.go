package produce

import (
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"letterlock/desk/produce/bundle"
)

// SigningKey is the provider's production key. It cannot be printed, logged or
// marshalled; only PEM gives it away, for the key's own file.
type SigningKey struct{ key ed25519.PrivateKey }

// NewSigningKey makes a key from the given randomness.
func NewSigningKey(random io.Reader) (SigningKey, error) {
	seed := make([]byte, ed25519.SeedSize)
	if _, err := io.ReadFull(random, seed); err != nil {
		return SigningKey{}, fmt.Errorf("make production key: %w", err)
	}
	return SigningKey{ed25519.NewKeyFromSeed(seed)}, nil
}

// ParseSigningKey reads the key's file (PKCS #8 in PEM).
func ParseSigningKey(file []byte) (SigningKey, error) {
	block, rest := pem.Decode(file)
	if block == nil || block.Type != "PRIVATE KEY" || len(rest) != 0 {
		return SigningKey{}, errors.New("the production key file is not one PEM private key")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return SigningKey{}, errors.New("the production key file cannot be read")
	}
	key, ok := parsed.(ed25519.PrivateKey)
	if !ok {
		return SigningKey{}, errors.New("the production key is not an Ed25519 key")
	}
	return SigningKey{key}, nil
}

// PEM is the content of the key's file.
func (k SigningKey) PEM() ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(k.key)
	if err != nil {
		return nil, fmt.Errorf("encode production key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), nil
}

// Public is the half that everyone may have.
func (k SigningKey) Public() bundle.PublicKey {
	return bundle.PublicKey(k.key.Public().(ed25519.PublicKey))
}

func (k SigningKey) sign(b []byte) []byte { return ed25519.Sign(k.key, b) }

// The key says nothing about itself.
func (SigningKey) String() string               { return "production key (secret)" }
func (SigningKey) GoString() string             { return "production key (secret)" }
func (SigningKey) Format(s fmt.State, _ rune)   { io.WriteString(s, "production key (secret)") }
func (SigningKey) LogValue() slog.Value         { return slog.StringValue("production key (secret)") }
func (SigningKey) MarshalJSON() ([]byte, error) { return nil, errors.New("a secret is not marshalled") }
func (SigningKey) MarshalText() ([]byte, error) { return nil, errors.New("a secret is not marshalled") }
