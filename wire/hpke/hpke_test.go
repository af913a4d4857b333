package hpke

import (
	"bytes"
	"crypto/ecdh"
	"crypto/rand"
	"fmt"
	"testing"
)

// side is either end, of either making.
type side interface {
	Export(label string, n int) ([]byte, error)
}

type sealing interface {
	side
	Seal(aad, plain []byte) ([]byte, error)
}

type opening interface {
	side
	Open(aad, sealed []byte) ([]byte, error)
}

func key(t *testing.T) *ecdh.PrivateKey {
	t.Helper()
	k, err := ecdh.X25519().GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// pairs are an exchange sealed by the one and opened by the other.
func pairs(t *testing.T, k *ecdh.PrivateKey, info []byte) map[string][2]any {
	t.Helper()
	enc, own, err := newSender(k.PublicKey(), info)
	if err != nil {
		t.Fatal(err)
	}
	other, err := NewRecipient(enc, k, info)
	if err != nil {
		t.Fatal(err)
	}
	enc, theirs, err := NewSender(k.PublicKey(), info)
	if err != nil {
		t.Fatal(err)
	}
	mine, err := newRecipient(enc, k, info)
	if err != nil {
		t.Fatal(err)
	}
	return map[string][2]any{"sealed here, opened by the library": {own, other}, "sealed by the library, opened here": {theirs, mine}}
}

// What the browser's HPKE seals the library opens, and the other way round,
// message by message, with the same exports.
func TestTheBrowsersHPKEIsTheLibrarys(t *testing.T) {
	for _, info := range []string{"", "letterlock", string(bytes.Repeat([]byte("long"), 300))} {
		for name, p := range pairs(t, key(t), []byte(info)) {
			from, to := p[0].(sealing), p[1].(opening)
			for i := range 300 {
				aad, plain := []byte(fmt.Sprint("aad", i)), bytes.Repeat([]byte{byte(i)}, i)
				sealed, err := from.Seal(aad, plain)
				if err != nil {
					t.Fatal(err)
				}
				if got, err := to.Open(append(aad, 1), sealed); err == nil {
					t.Fatalf("%s: opened with other data: %q", name, got)
				}
				if got, err := to.Open(aad, sealed); err != nil || !bytes.Equal(got, plain) {
					t.Fatalf("%s, message %d: %v", name, i, err)
				}
			}
			for _, n := range []int{1, 8, 32, 100} {
				a, errA := from.Export("label", n)
				b, errB := to.Export("label", n)
				if errA != nil || errB != nil || !bytes.Equal(a, b) || len(a) != n {
					t.Fatalf("%s: exports of %d differ: %v %v", name, n, errA, errB)
				}
			}
		}
	}
}

// The wrong key, another info, a key that is a point of small order: no.
func TestWhatIsNotMeantForOneDoesNotOpen(t *testing.T) {
	k := key(t)
	enc, s, err := newSender(k.PublicKey(), []byte("info"))
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := s.Seal(nil, []byte("text"))
	if err != nil {
		t.Fatal(err)
	}
	for name, open := range map[string]func() (*recipient, error){
		"another key":  func() (*recipient, error) { return newRecipient(enc, key(t), []byte("info")) },
		"another info": func() (*recipient, error) { return newRecipient(enc, k, []byte("Info")) },
	} {
		r, err := open()
		if err != nil {
			t.Fatal(err)
		}
		if got, err := r.Open(nil, sealed); err == nil {
			t.Errorf("%s opens %q", name, got)
		}
	}
	for name, bad := range map[string][]byte{"short": enc[:31], "nothing": nil, "small order": make([]byte, 32)} {
		if _, err := newRecipient(bad, k, nil); err == nil {
			t.Errorf("%s begins an exchange", name)
		}
	}
	if _, err := s.Export("x", 255*32+1); err == nil {
		t.Error("more is exported than there is")
	}
}
