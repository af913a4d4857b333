package produce

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"filippo.io/age"
)

// Seal is to whom a package is closed: an officer's key, or a passphrase.
type Seal struct {
	recipient age.Recipient
	name      string // the public key, or "passphrase"
}

// SealTo closes packages to an officer's age key: "age1..." (X25519) or
// "age1pq1..." (hybrid, post-quantum).
func SealTo(public string) (Seal, error) {
	public = strings.TrimSpace(public)
	var r age.Recipient
	var err error
	if strings.HasPrefix(public, "age1pq1") {
		r, err = age.ParseHybridRecipient(public)
	} else {
		r, err = age.ParseX25519Recipient(public)
	}
	if err != nil {
		return Seal{}, errors.New("this is not an age key; it begins with age1 and is printed by \"verify keygen\"")
	}
	return Seal{r, public}, nil
}

// SealWithPassphrase makes a new passphrase and closes packages to it. The
// passphrase is shown once, by another way than the package travels, and kept
// nowhere.
func SealWithPassphrase() (Seal, Passphrase, error) {
	p := Passphrase{rand.Text()} // 26 letters and digits, 130 bits
	s, err := sealWith(p.text)
	return s, p, err
}

func sealWith(text string) (Seal, error) {
	r, err := age.NewScryptRecipient(text)
	if err != nil {
		return Seal{}, fmt.Errorf("seal with a passphrase: %w", err)
	}
	// 130 random bits need no slow key derivation against guessing: it would
	// only keep the desk and the officer's browser waiting, twice for a package
	// with a certificate around it.
	r.SetWorkFactor(10)
	return Seal{r, byPassphrase}, nil
}

// byPassphrase is the name of a seal that no key opens.
const byPassphrase = "passphrase"

// SealAgain closes to what an earlier package was sealed to, by the seal's
// name; the passphrase is that of a package which was sealed with one.
func SealAgain(name, passphrase string) (Seal, error) {
	if name != byPassphrase {
		return SealTo(name)
	}
	if passphrase == "" {
		return Seal{}, errors.New("the passphrase of the package is gone")
	}
	return sealWith(passphrase)
}

// Name is what the manifest says about the seal.
func (s Seal) Name() string { return s.name }

// Passphrase opens a package. It cannot be printed or logged; Reveal gives it
// away, once, to the page that shows it.
type Passphrase struct{ text string }

// Reveal is the passphrase itself.
func (p Passphrase) Reveal() string { return p.text }

// The passphrase says nothing about itself.
func (Passphrase) String() string               { return "passphrase (secret)" }
func (Passphrase) GoString() string             { return "passphrase (secret)" }
func (Passphrase) Format(s fmt.State, _ rune)   { io.WriteString(s, "passphrase (secret)") }
func (Passphrase) LogValue() slog.Value         { return slog.StringValue("passphrase (secret)") }
func (Passphrase) MarshalJSON() ([]byte, error) { return nil, errors.New("a secret is not marshalled") }
func (Passphrase) MarshalText() ([]byte, error) { return nil, errors.New("a secret is not marshalled") }
