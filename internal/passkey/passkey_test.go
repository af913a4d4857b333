package passkey_test

import (
	"bytes"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/json"
	"testing"

	"github.com/fxamacker/cbor/v2"

	"letterlock/internal/fault"
	"letterlock/internal/passkey"
	soft "letterlock/internal/testkit/passkey"
)

var site = passkey.Site{ID: "release.localhost", Origin: "http://release.localhost:8443", Name: "Release"}

func demo() passkey.Site { s := site; s.Demo = true; return s }

func enrol(t *testing.T, s passkey.Site, a *soft.Authenticator) passkey.Key {
	t.Helper()
	k, err := a.Enrol(s, "somebody")
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestAKeyEnrolsAndSigns(t *testing.T) {
	a := soft.New()
	k := enrol(t, site, a)
	for range 3 {
		c := passkey.NewChallenge()
		answer, err := a.Get(site.Origin, site.Get(c, k.ID))
		if err != nil {
			t.Fatal(err)
		}
		s, err := passkey.ParseAssertion(answer)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := passkey.Challenge(answer); err != nil || !bytes.Equal(got, c) {
			t.Fatalf("challenge %x, %v", got, err)
		}
		was := k.Counter
		if k, err = site.Verify(k, c, s); err != nil || k.Counter != was+1 {
			t.Fatalf("counter %d, %v", k.Counter, err)
		}
	}
}

func TestWhatAnAssertionMayNotBe(t *testing.T) {
	for name, attack := range map[string]func(*soft.Authenticator){
		"another site's origin":   func(a *soft.Authenticator) { a.Origin = "http://desk.localhost:8443" },
		"a suffix of the origin":  func(a *soft.Authenticator) { a.Origin = "http://evil.release.localhost:8443" },
		"another port":            func(a *soft.Authenticator) { a.Origin = "http://release.localhost:1" },
		"another host":            func(a *soft.Authenticator) { a.RPID = "localhost" },
		"framed":                  func(a *soft.Authenticator) { a.Framed = true },
		"framed, top origin only": func(a *soft.Authenticator) { a.TopOrigin = "http://desk.localhost" },
		"not verified":            func(a *soft.Authenticator) { a.Unverified = true },
		"nobody there":            func(a *soft.Authenticator) { a.Absent = true },
		"a registration":          func(a *soft.Authenticator) { a.Kind = "webauthn.create" },
		"another challenge":       func(a *soft.Authenticator) { a.Challenge = passkey.NewChallenge() },
		"a copied key":            func(a *soft.Authenticator) { a.Frozen = true },
	} {
		a := soft.New()
		k := enrol(t, site, a)
		c := passkey.NewChallenge()
		first, err := a.Sign(site, c)
		if err != nil {
			t.Fatal(err)
		}
		if k, err = site.Verify(k, c, first); err != nil {
			t.Fatal(err)
		}
		attack(a)
		c = passkey.NewChallenge()
		s, err := a.Sign(site, c)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := site.Verify(k, c, s); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("%s: accepted (%v)", name, err)
		}
	}
}

func TestWhatARegistrationMayNotBe(t *testing.T) {
	for name, attack := range map[string]func(*soft.Authenticator){
		"origin": func(a *soft.Authenticator) { a.Origin = "http://desk.localhost:8443" },
		"host":   func(a *soft.Authenticator) { a.RPID = "desk.localhost" },
		"framed": func(a *soft.Authenticator) { a.Framed = true },
		"no UV":  func(a *soft.Authenticator) { a.Unverified = true },
		"demo":   func(a *soft.Authenticator) { a.AAGUID = passkey.DemoAAGUID },
		"a use":  func(a *soft.Authenticator) { a.Kind = "webauthn.get" },
	} {
		a := soft.New()
		attack(a)
		if _, err := a.Enrol(site, "x"); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("%s: accepted (%v)", name, err)
		}
	}
}

func TestADemoKeyWorksOnlyInTheDemo(t *testing.T) {
	a := soft.NewDemo()
	k := enrol(t, demo(), a)
	if !k.Demo {
		t.Fatal("not marked")
	}
	c := passkey.NewChallenge()
	s, _ := a.Sign(site, c)
	if _, err := demo().Verify(k, c, s); err != nil {
		t.Fatal(err)
	}
	if _, err := site.Verify(k, c, s); !fault.Is(err, fault.Unauthenticated) {
		t.Fatalf("a demo key signed outside the demo: %v", err)
	}
}

func TestEveryFlippedByteOfAnAssertionShows(t *testing.T) {
	a := soft.New()
	k := enrol(t, site, a)
	c := passkey.NewChallenge()
	s, _ := a.Sign(site, c)
	for name, part := range map[string]*[]byte{"authenticator": &s.AuthenticatorData, "client": &s.ClientData} {
		for i := range *part {
			(*part)[i] ^= 1
			if _, err := passkey.VerifyAssertion(k.Public, site.ID, site.Origin, c, s); err == nil {
				t.Fatalf("%s byte %d does not count", name, i)
			}
			(*part)[i] ^= 1
		}
	}
	if _, err := passkey.VerifyAssertion(k.Public, site.ID, site.Origin, c, s); err != nil {
		t.Fatal(err)
	}
}

// TestOtherAlgorithms signs by hand with the two algorithms that the software
// authenticator does not have.
func TestOtherAlgorithms(t *testing.T) {
	edPub, edKey, _ := ed25519.GenerateKey(rand.Reader)
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	small, _ := cbor.Marshal(map[int]any{1: 3, 3: -257, -1: rsaKey.N.Bytes()[:128], -2: []byte{1, 0, 1}})
	edCOSE, _ := cbor.Marshal(map[int]any{1: 1, 3: -8, -1: 6, -2: []byte(edPub)})
	rsaCOSE, _ := cbor.Marshal(map[int]any{1: 3, 3: -257, -1: rsaKey.N.Bytes(), -2: []byte{1, 0, 1}})
	c := passkey.NewChallenge()
	a := soft.New()
	enrol(t, site, a)
	s, _ := a.Sign(site, c)
	h := sha256.Sum256(s.ClientData)
	m := append(bytes.Clone(s.AuthenticatorData), h[:]...)
	d := sha256.Sum256(m)
	rsaSig, _ := rsa.SignPKCS1v15(rand.Reader, rsaKey, crypto.SHA256, d[:])
	for name, x := range map[string]struct {
		public, sig []byte
		ok          bool
	}{"EdDSA": {edCOSE, ed25519.Sign(edKey, m), true}, "RS256": {rsaCOSE, rsaSig, true}, "swapped": {edCOSE, rsaSig, false}, "short RSA": {small, rsaSig, false}} {
		s.Signature = x.sig
		if _, err := passkey.VerifyAssertion(x.public, site.ID, site.Origin, c, s); (err == nil) != x.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestOptionsAskForVerification(t *testing.T) {
	for _, o := range []passkey.Options{site.Create(passkey.User{Handle: []byte{1}, Name: "n"}, []byte{2}, nil), site.Get([]byte{2})} {
		var m map[string]any
		if err := json.Unmarshal([]byte(o), &m); err != nil {
			t.Fatal(err)
		}
		if sel, ok := m["authenticatorSelection"].(map[string]any); ok {
			m = sel
		}
		if m["userVerification"] != "required" {
			t.Errorf("%s", o)
		}
	}
}

func FuzzAnswer(f *testing.F) {
	a := soft.New()
	c := bytes.Repeat([]byte{7}, 32)
	create, _ := a.Create(site.Origin, site.Create(passkey.User{Handle: []byte{1}, Name: "n"}, c, nil))
	get, _ := a.Get(site.Origin, site.Get(c))
	f.Add(create)
	f.Add(get)
	f.Fuzz(func(t *testing.T, b []byte) {
		if s, err := passkey.ParseAssertion(b); err == nil && len(s.KeyID) == 0 {
			t.Fatal("an assertion of no key")
		}
		if k, err := site.Register(c, b); err != nil && k.ID != nil {
			t.Fatal("a key came with an error")
		}
		passkey.Challenge(b)
	})
}
