package signal_test

import (
	"bytes"
	"errors"
	"testing"

	"letterlock/signal"
)

// seeds are genuine messages of each kind, and near misses.
func seeds(f *testing.F) (first, plain signal.Message) {
	f.Helper()
	a, b := alice(f), bob(f)
	a.begin(f, b)
	first = a.seals(f, b, "set-up")
	b.opens(f, a, first, "set-up")
	b.says(f, a, "answer")
	return first, a.seals(f, b, "plain")
}

func FuzzSignalMessage(f *testing.F) {
	_, plain := seeds(f)
	f.Add(plain.Body)
	f.Add(plain.Body[:20])
	f.Add([]byte{0x44, 0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f, 0, 0, 0, 0, 0, 0, 0, 0})
	f.Fuzz(func(t *testing.T, b []byte) {
		if ok, gave := signal.ReadSignalMessage(b); !ok && gave {
			t.Error("something was given with an error")
		}
	})
}

func FuzzPreKeyMessage(f *testing.F) {
	first, _ := seeds(f)
	f.Add(first.Body)
	f.Add(first.Body[:200])
	f.Fuzz(func(t *testing.T, b []byte) {
		if ok, gave := signal.ReadPreKeyMessage(b); !ok && gave {
			t.Error("something was given with an error")
		}
	})
}

// FuzzDecrypt gives any bytes to a device in the middle of a conversation.
func FuzzDecrypt(f *testing.F) {
	a, b := alice(f), bob(f)
	a.begin(f, b)
	first := a.seals(f, b, "set-up")
	b.opens(f, a, first, "set-up")
	b.says(f, a, "answer")
	plain := a.seals(f, b, "plain")
	f.Add(uint8(first.Type), first.Body)
	f.Add(uint8(plain.Type), plain.Body)
	f.Add(uint8(7), []byte("?"))
	f.Fuzz(func(t *testing.T, kind uint8, body []byte) {
		before := b.store.Fingerprint()
		text, err := b.Decrypt(ctx, a.address, signal.Message{Type: signal.MessageType(kind), Body: body})
		if err == nil {
			if string(text) != "plain" {
				t.Fatalf("opened as %q", text)
			}
			return
		}
		if text != nil || b.store.Fingerprint() != before {
			t.Fatal("a refused message left something behind")
		}
	})
}

func FuzzPublicKey(f *testing.F) {
	f.Add(bob(f).keys.Identity.Public().Bytes())
	f.Add(make([]byte, 33))
	f.Fuzz(func(t *testing.T, b []byte) {
		k, err := signal.ParsePublicKey(b)
		if err != nil {
			if !k.IsZero() || !errors.Is(err, signal.ErrInvalidKey) {
				t.Error("something was given with an error")
			}
			return
		}
		if !bytes.Equal(k.Bytes(), b) {
			t.Error("parsed and printed: other bytes")
		}
		signal.TorsionFree(k)
		if k.Verify([]byte("message"), make([]byte, 64)) {
			t.Error("zeros are a signature")
		}
	})
}

func FuzzKEMPublicKey(f *testing.F) {
	f.Add(bob(f).keys.Kyber[0].Public().Key.Bytes())
	f.Add(make([]byte, signal.KEMPublicKeySize))
	f.Fuzz(func(t *testing.T, b []byte) {
		k, err := signal.ParseKEMPublicKey(b)
		if err == nil && !bytes.Equal(k.Bytes(), b) {
			t.Error("parsed and printed: other bytes")
		}
		if err != nil && !k.IsZero() {
			t.Error("something was given with an error")
		}
	})
}

func FuzzStoredKeys(f *testing.F) {
	keys := bob(f).keys
	f.Add(keys.OneTime[0].Serialize())
	f.Add(keys.Signed[0].Serialize())
	f.Add(keys.Kyber[0].Serialize())
	f.Add(keys.Identity.Serialize())
	f.Fuzz(func(t *testing.T, b []byte) {
		if k, err := signal.ParsePreKey(b); err == nil && !bytes.Equal(k.Serialize(), b) {
			t.Error("one-time: other bytes")
		}
		if k, err := signal.ParseSignedPreKey(b); err == nil && !bytes.Equal(k.Serialize(), b) {
			t.Error("signed: other bytes")
		}
		if k, err := signal.ParseKyberPreKey(b); err == nil && !bytes.Equal(k.Serialize(), b) {
			t.Error("Kyber: other bytes")
		}
		if k, err := signal.ParseIdentityKeyPair(b); err == nil && !bytes.Equal(k.Serialize(), b) {
			t.Error("identity: other bytes")
		}
	})
}

func FuzzRecord(f *testing.F) {
	a, b := alice(f), bob(f)
	a.begin(f, b)
	f.Add(a.store.Session(b.address))
	a.says(f, b, "hello")
	b.says(f, a, "hello")
	a.begin(f, b)
	lost := a.seals(f, b, "late")
	a.says(f, b, "second")
	f.Add(a.store.Session(b.address))
	f.Add(b.store.Session(a.address))
	b.opens(f, a, lost, "late")
	f.Add(b.store.Session(a.address))
	f.Fuzz(func(t *testing.T, stored []byte) {
		again, err := signal.RewriteRecord(stored)
		if err != nil {
			if again != nil || !errors.Is(err, signal.ErrInvalidRecord) {
				t.Errorf("something was given with an error, or another error: %v", err)
			}
			return
		}
		if len(stored) > 0 && !bytes.Equal(again, stored) {
			t.Error("parsed and printed: other bytes")
		}
	})
}

func FuzzSafetyCode(f *testing.F) {
	a, b := alice(f), bob(f)
	s, err := signal.NewSafety(signal.SafetyParty{Key: a.keys.Identity.Public()}, signal.SafetyParty{Key: b.keys.Identity.Public()})
	must(f, err)
	f.Add(s.Code())
	f.Add([]byte{8, 2})
	f.Fuzz(func(t *testing.T, b []byte) {
		if ok, gave := signal.ReadCode(b); !ok && gave {
			t.Error("something was given with an error")
		}
		if ok, _ := s.Matches(b); ok {
			t.Error("it matches")
		}
	})
}
