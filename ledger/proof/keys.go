package proof

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"letterlock/internal/fault"
)

// The signature types of a verifier key.
// spec: c2sp signed-note
const (
	typeEd25519     = 1
	typeCosignature = 4
)

// Keys are the public keys somebody trusts: of ledgers and of the halves that
// co-sign them. The zero value trusts nobody.
type Keys struct{ list []note.Verifier }

// ParseKeys reads verifier keys as ledgers print them (name+hash+base64). A
// ledger key verifies checkpoints, a witness key verifies co-signatures.
func ParseKeys(vkeys ...string) (Keys, error) {
	var ks Keys
	seen := map[string]bool{}
	for _, s := range vkeys {
		v, err := parseKey(s)
		if err != nil {
			return Keys{}, fault.Wrap(fault.Invalid, "read verifier key", err, "%q is not a verifier key (name+hash+key).", s)
		}
		if id := fmt.Sprintf("%s+%08x", v.Name(), v.KeyHash()); !seen[id] {
			seen[id] = true
			ks.list = append(ks.list, v)
		}
	}
	return ks, nil
}

// Names are the names of the trusted keys.
func (ks Keys) Names() []string {
	var out []string
	for _, v := range ks.list {
		out = append(out, v.Name())
	}
	return out
}

func (ks Keys) verifiers() note.Verifiers { return note.VerifierList(ks.list...) }

func (ks Keys) witness(name string, hash uint32) (witness, bool) {
	for _, v := range ks.list {
		if w, ok := v.(witness); ok && w.name == name && w.hash == hash {
			return w, true
		}
	}
	return witness{}, false
}

func parseKey(s string) (note.Verifier, error) {
	name, rest, _ := strings.Cut(s, "+")
	hash16, key64, _ := strings.Cut(rest, "+")
	hash, err := strconv.ParseUint(hash16, 16, 32)
	if err != nil || len(hash16) != 8 {
		return nil, fmt.Errorf("no key hash of eight hex digits")
	}
	key, err := base64.StdEncoding.Strict().DecodeString(key64)
	if err != nil || len(key) != 1+ed25519.PublicKeySize || !validName(name) {
		return nil, fmt.Errorf("malformed key or name")
	}
	if uint32(hash) != keyHash(name, key) {
		return nil, fmt.Errorf("key hash does not fit the key")
	}
	switch key[0] {
	case typeEd25519:
		return note.NewVerifier(s)
	case typeCosignature:
		return witness{name: name, hash: uint32(hash), key: key[1:]}, nil
	}
	return nil, fmt.Errorf("unknown key type %d", key[0])
}

func validName(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r == '+' || r > '~' })
}

func keyHash(name string, key []byte) uint32 {
	h := sha256.New()
	h.Write([]byte(name + "\n"))
	h.Write(key)
	return binary.BigEndian.Uint32(h.Sum(nil))
}

// LogKey is the verifier key of a ledger with this name.
func LogKey(name string, pub ed25519.PublicKey) string { return vkey(name, typeEd25519, pub) }

// WitnessKey is the verifier key of a co-signing half with this name.
func WitnessKey(name string, pub ed25519.PublicKey) string { return vkey(name, typeCosignature, pub) }

func vkey(name string, typ byte, pub ed25519.PublicKey) string {
	key := append([]byte{typ}, pub...)
	return fmt.Sprintf("%s+%08x+%s", name, keyHash(name, key), base64.StdEncoding.EncodeToString(key))
}

// witness verifies co-signatures: an Ed25519 signature over a time and the
// checkpoint's text.
// spec: c2sp tlog-cosignature
type witness struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (w witness) Name() string    { return w.name }
func (w witness) KeyHash() uint32 { return w.hash }

func (w witness) Verify(msg, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	at := int64(binary.BigEndian.Uint64(sig))
	return at >= 0 && ed25519.Verify(w.key, cosignMessage(at, msg), sig[8:])
}

func cosignMessage(unix int64, text []byte) []byte {
	return append(fmt.Appendf(nil, "cosignature/v1\ntime %d\n", unix), text...)
}

// CosignLine signs a checkpoint's text as a witness: one signature line of a
// note. Only the holder of the witness key can make one.
func CosignLine(name string, key ed25519.PrivateKey, text string, at time.Time) string {
	unix := at.Unix()
	sig := binary.BigEndian.AppendUint64(nil, uint64(unix))
	sig = append(sig, ed25519.Sign(key, cosignMessage(unix, []byte(text)))...)
	pub := append([]byte{typeCosignature}, key.Public().(ed25519.PublicKey)...)
	return SignatureLine(name, keyHash(name, pub), sig)
}

// SignatureLine is a signature as a note carries it.
// spec: c2sp signed-note
func SignatureLine(name string, hash uint32, sig []byte) string {
	b := append(binary.BigEndian.AppendUint32(nil, hash), sig...)
	return "— " + name + " " + base64.StdEncoding.EncodeToString(b) + "\n"
}

// LogLine signs a note's text as the ledger of this name.
func LogLine(name string, key ed25519.PrivateKey, text string) string {
	pub := append([]byte{typeEd25519}, key.Public().(ed25519.PublicKey)...)
	return SignatureLine(name, keyHash(name, pub), ed25519.Sign(key, []byte(text)))
}
