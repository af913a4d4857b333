package signal_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"letterlock/signal"
)

// shows tells whether text holds at least eight bytes of secret in any form in
// which Go prints bytes.
func shows(text string, secret []byte) bool {
	part := secret[:8]
	lower := strings.ToLower(text)
	decimal := strings.Trim(fmt.Sprint(part), "[]")
	commas := strings.ReplaceAll(decimal, " ", ",")
	goSyntax := strings.TrimSuffix(strings.TrimPrefix(fmt.Sprintf("%#v", part), "[]byte{"), "}")
	b64 := base64.StdEncoding.EncodeToString(secret[:6])
	return strings.Contains(text, string(part)) || strings.Contains(lower, hex.EncodeToString(part)) ||
		strings.Contains(lower, fmt.Sprintf("% x", part)) || strings.Contains(text, decimal) ||
		strings.Contains(text, commas) || strings.Contains(lower, goSyntax) || strings.Contains(text, b64)
}

// logged is v as any verb and any log handler shows it.
func logged(v any) string {
	var log bytes.Buffer
	text := slog.New(slog.NewTextHandler(&log, nil))
	text.Info("x", "v", v)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "v", v)
	out := log.String()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%X", "%q", "%d"} {
		out += fmt.Sprintf(verb, v)
		out += fmt.Sprintf(verb, []any{v})
		out += fmt.Sprintf(verb, map[string]any{"k": v})
	}
	return out
}

// printed is v in every way in which a program might let it slip.
func printed(v any) string {
	b, err := json.Marshal(v)
	return logged(v) + string(b) + fmt.Sprint(err)
}

// holder is a struct of a caller's that holds secrets in unexported fields,
// where fmt does not ask for methods.
type holder struct {
	private  signal.PrivateKey
	identity signal.IdentityKeyPair
	one      signal.PreKey
	signed   signal.SignedPreKey
	kyber    signal.KyberPreKey
}

// secretsOf are all secrets of a person: own keys and those of a session.
func (p *person) secretsOf(peer *person) [][]byte {
	found := [][]byte{p.keys.Identity.Serialize()}
	for _, k := range p.keys.OneTime[:3] {
		found = append(found, k.Serialize()[5:])
	}
	found = append(found, p.keys.Signed[0].Serialize()[5:], p.keys.Kyber[0].Serialize()[5:])
	return append(found, signal.SecretsOf(p.store.Session(peer.address))...)
}

func TestSecretsDoNotPrint(t *testing.T) {
	a, b := met(t)
	m := a.seals(t, b, "a line that nobody else may read")
	a.seals(t, b, "skipped")
	b.opens(t, a, a.seals(t, b, "after"), "after")
	private, err := signal.ParsePrivateKey(a.keys.Identity.Serialize())
	must(t, err)
	k := a.keys
	values := []any{
		private, &private, k.Identity, &k.Identity, k.OneTime[0], k.OneTime, k.Signed[0], &k.Signed[0], k.Kyber[0], &k.Kyber[0],
		holder{private, k.Identity, k.OneTime[0], k.Signed[0], k.Kyber[0]},
		&holder{private, k.Identity, k.OneTime[0], k.Signed[0], k.Kyber[0]},
		k, &k, a.Device, m, a.bundle(),
	}
	for _, p := range []*person{a, b} {
		peer := map[*person]*person{a: b, b: a}[p]
		values = append(values, signal.Insides(p.store.Session(peer.address), p.keys.OneTime[0], p.keys.Kyber[0])...)
	}
	secrets := append(a.secretsOf(b), b.secretsOf(a)...)
	if len(secrets) < 20 {
		t.Fatalf("only %d secrets to look for", len(secrets))
	}
	secrets = append(secrets, m.Body[10:], m.Body[len(m.Body)-8:])
	for _, v := range values {
		out := printed(v)
		if _, ok := v.(signal.Message); ok { // a program may marshal what it sends
			out = logged(v)
		}
		for i, s := range secrets {
			if shows(out, s) {
				t.Errorf("%T shows secret %d", v, i)
			}
		}
	}
}

// The search itself must find what is there.
func TestPlantedSecretIsFound(t *testing.T) {
	secret := []byte("\x01\x02\x83\xf4\x05\x16\x07\x08\x09")
	for _, v := range []any{secret, [9]byte(secret), fmt.Sprintf("%x", secret), string(secret), struct{ k []byte }{secret}} {
		if !shows(printed(v), secret) {
			t.Errorf("%T hides it", v)
		}
	}
}

// A day of use with its mishaps, and not a byte of a key in any error.
func TestErrorsCarryNoSecrets(t *testing.T) {
	a, b := alice(t), bob(t)
	var said []string
	keep := func(err error) {
		for ; err != nil; err = errors.Unwrap(err) {
			said = append(said, fmt.Sprintf("%v %+v %#v", err, err, err))
		}
	}
	try := func(m signal.Message) {
		_, err := b.Decrypt(ctx, a.address, m)
		keep(err)
	}
	_, err := a.Encrypt(ctx, b.address, []byte("x"))
	keep(err)
	bad := b.bundle()
	bad.SignedPreKey.Signature = make([]byte, 64)
	keep(a.ProcessBundle(ctx, b.address, bad))
	a.begin(t, b)
	m := a.seals(t, b, "hello")
	for i := range m.Body {
		try(signal.Message{Type: m.Type, Body: m.Body[:i]})
	}
	for i := 0; i < len(m.Body); i += 50 {
		try(signal.Message{Type: m.Type, Body: flipped(m.Body, i, 1)})
	}
	try(m)
	try(m)
	b.store.DropSession(a.address)
	try(m)
	_, err = signal.ParseSignedPreKey(b.keys.Signed[0].Serialize()[1:])
	keep(err)
	_, err = signal.ParsePrivateKey(append(b.keys.Identity.Serialize(), 0))
	keep(err)
	if len(said) < 100 {
		t.Fatalf("only %d errors", len(said))
	}
	all := strings.Join(said, "\n")
	for i, s := range append(a.secretsOf(b), b.secretsOf(a)...) {
		if shows(all, s) {
			t.Errorf("an error shows secret %d", i)
		}
	}
}
