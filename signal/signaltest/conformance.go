package signaltest

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"letterlock/signal"
)

// Conformance checks that a store keeps what signal.Store and signal.Tx
// promise. open makes an empty store that holds keys.
func Conformance(t *testing.T, open func(t *testing.T, keys Keys) signal.Store) {
	for name, check := range map[string]func(suite, *testing.T){
		"own keys":     suite.ownKeys,
		"sessions":     suite.sessions,
		"sender keys":  suite.senderKeys,
		"all or none":  suite.allOrNone,
		"identities":   suite.identities,
		"pre-keys":     suite.preKeys,
		"Kyber uses":   suite.kyberUses,
		"exclusion":    suite.exclusion,
		"cancelled":    suite.cancelled,
		"conversation": suite.conversation,
	} {
		t.Run(name, func(t *testing.T) {
			keys, err := NewKeys(4711, 3)
			ok(t, err)
			check(suite{keys, open(t, keys), open}, t)
		})
	}
}

type suite struct {
	keys  Keys
	store signal.Store
	open  func(t *testing.T, keys Keys) signal.Store
}

var (
	peer  = signal.Address{Name: "9d0652a3-dcc3-4d11-975f-74d61598733f", Device: 1}
	other = signal.Address{Name: "9d0652a3-dcc3-4d11-975f-74d61598733f", Device: 2}
)

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (s suite) update(t *testing.T, f func(tx signal.Tx) error) {
	t.Helper()
	ok(t, s.store.Update(context.Background(), peer, f))
}

func (s suite) ownKeys(t *testing.T) {
	s.update(t, func(tx signal.Tx) error {
		identity, err := tx.Identity()
		ok(t, err)
		if identity.Public() != s.keys.Identity.Public() || !bytes.Equal(identity.Serialize(), s.keys.Identity.Serialize()) {
			t.Error("another identity")
		}
		number, err := tx.RegistrationID()
		ok(t, err)
		if number != s.keys.RegistrationID {
			t.Errorf("registration id %d", number)
		}
		return nil
	})
}

func (s suite) loads(t *testing.T, tx signal.Tx, a signal.Address, want []byte) {
	t.Helper()
	got, err := tx.LoadSession(a)
	ok(t, err)
	if !bytes.Equal(got, want) {
		t.Errorf("session of device %d is %q, want %q", a.Device, got, want)
	}
}

func (s suite) sessions(t *testing.T) {
	record := []byte("one")
	s.update(t, func(tx signal.Tx) error {
		s.loads(t, tx, peer, nil)
		ok(t, tx.StoreSession(peer, record))
		clear(record) // the store must have copied it
		s.loads(t, tx, peer, []byte("one"))
		s.loads(t, tx, other, nil)
		return nil
	})
	s.update(t, func(tx signal.Tx) error {
		got, err := tx.LoadSession(peer)
		ok(t, err)
		clear(got) // the package may overwrite what it was given
		s.loads(t, tx, peer, []byte("one"))
		ok(t, tx.StoreSession(peer, []byte("two")))
		return nil
	})
	s.update(t, func(tx signal.Tx) error { s.loads(t, tx, peer, []byte("two")); return nil })
}

var errUndo = errors.New("undo this")

func (s suite) senderKeys(t *testing.T) {
	group, another := signal.Distribution{1}, signal.Distribution{2}
	loads := func(tx signal.Tx, a signal.Address, g signal.Distribution, want []byte) {
		t.Helper()
		got, err := tx.LoadSenderKey(a, g)
		ok(t, err)
		if !bytes.Equal(got, want) {
			t.Errorf("loaded %x, want %x", got, want)
		}
	}
	s.update(t, func(tx signal.Tx) error {
		loads(tx, peer, group, nil)
		record := []byte{1, 2, 3}
		ok(t, tx.StoreSenderKey(peer, group, record))
		clear(record)
		loads(tx, peer, group, []byte{1, 2, 3})
		return nil
	})
	s.update(t, func(tx signal.Tx) error {
		loads(tx, peer, group, []byte{1, 2, 3})
		loads(tx, other, group, nil)
		loads(tx, peer, another, nil)
		ok(t, tx.StoreSenderKey(peer, group, []byte{4}))
		loads(tx, peer, group, []byte{4})
		return nil
	})
	failed := errors.New("undo")
	if err := s.store.Update(context.Background(), peer, func(tx signal.Tx) error {
		ok(t, tx.StoreSenderKey(peer, group, []byte{5}))
		return failed
	}); !errors.Is(err, failed) {
		t.Errorf("an Update that failed: %v", err)
	}
	s.update(t, func(tx signal.Tx) error { loads(tx, peer, group, []byte{4}); return nil })
}

func (s suite) allOrNone(t *testing.T) {
	key := s.keys.Identity.Public()
	err := s.store.Update(context.Background(), peer, func(tx signal.Tx) error {
		ok(t, tx.StoreSession(peer, []byte("never")))
		ok(t, tx.SaveIdentity(peer, key))
		ok(t, tx.DeletePreKey(1))
		ok(t, tx.MarkKyberUsed(1, 1, key))
		return errUndo
	})
	if !errors.Is(err, errUndo) {
		t.Fatalf("Update gave %v", err)
	}
	stranger, err := signal.GenerateIdentity(nil)
	ok(t, err)
	s.update(t, func(tx signal.Tx) error {
		s.loads(t, tx, peer, nil)
		s.trusts(t, tx, stranger.Public(), true)
		if _, err := tx.LoadPreKey(1); err != nil {
			t.Errorf("the one-time pre-key is gone: %v", err)
		}
		if err := tx.MarkKyberUsed(1, 1, key); err != nil {
			t.Errorf("the use of the Kyber key was kept: %v", err)
		}
		return nil
	})
}

func (s suite) trusts(t *testing.T, tx signal.Tx, key signal.PublicKey, want bool) {
	t.Helper()
	for _, d := range []signal.Direction{signal.Sending, signal.Receiving} {
		got, err := tx.TrustsIdentity(peer, key, d)
		ok(t, err)
		if got != want {
			t.Errorf("trusted %v, want %v (direction %d)", got, want, d)
		}
	}
}

func (s suite) identities(t *testing.T) {
	first, err := signal.GenerateIdentity(nil)
	ok(t, err)
	second, err := signal.GenerateIdentity(nil)
	ok(t, err)
	s.update(t, func(tx signal.Tx) error {
		s.trusts(t, tx, first.Public(), true)
		ok(t, tx.SaveIdentity(peer, first.Public()))
		s.trusts(t, tx, first.Public(), true)
		s.trusts(t, tx, second.Public(), false)
		return nil
	})
	s.update(t, func(tx signal.Tx) error {
		ok(t, tx.SaveIdentity(peer, first.Public()))
		s.trusts(t, tx, first.Public(), true)
		s.trusts(t, tx, second.Public(), false)
		return nil
	})
}

func (s suite) preKeys(t *testing.T) {
	s.update(t, func(tx signal.Tx) error {
		one, err := tx.LoadPreKey(2)
		ok(t, err)
		if !bytes.Equal(one.Serialize(), s.keys.OneTime[1].Serialize()) {
			t.Error("another one-time pre-key")
		}
		signed, err := tx.LoadSignedPreKey(1)
		ok(t, err)
		if !bytes.Equal(signed.Serialize(), s.keys.Signed[0].Serialize()) {
			t.Error("another signed pre-key")
		}
		kyber, err := tx.LoadKyberPreKey(1)
		ok(t, err)
		if !bytes.Equal(kyber.Serialize(), s.keys.Kyber[0].Serialize()) {
			t.Error("another Kyber pre-key")
		}
		return tx.DeletePreKey(2)
	})
	s.update(t, func(tx signal.Tx) error {
		_, one := tx.LoadPreKey(2)
		_, signed := tx.LoadSignedPreKey(77)
		_, kyber := tx.LoadKyberPreKey(77)
		for what, err := range map[string]error{"one-time": one, "signed": signed, "Kyber": kyber} {
			if !errors.Is(err, signal.ErrUnknownPreKey) {
				t.Errorf("unknown %s pre-key: %v", what, err)
			}
		}
		_, err := tx.LoadPreKey(3)
		return err
	})
}

func (s suite) kyberUses(t *testing.T) {
	a, err := signal.GenerateIdentity(nil)
	ok(t, err)
	b, err := signal.GenerateIdentity(nil)
	ok(t, err)
	s.update(t, func(tx signal.Tx) error { return tx.MarkKyberUsed(1, 1, a.Public()) })
	s.update(t, func(tx signal.Tx) error { return tx.MarkKyberUsed(1, 1, b.Public()) })
	s.update(t, func(tx signal.Tx) error { return tx.MarkKyberUsed(1, 2, a.Public()) })
	err = s.store.Update(context.Background(), other, func(tx signal.Tx) error {
		return tx.MarkKyberUsed(1, 1, a.Public()) // under another peer too
	})
	if !errors.Is(err, signal.ErrReplay) {
		t.Errorf("a second use: %v", err)
	}
	s.update(t, func(tx signal.Tx) error {
		if err := tx.MarkKyberUsed(1, 1, b.Public()); !errors.Is(err, signal.ErrReplay) {
			t.Errorf("a second use: %v", err)
		}
		return tx.StoreSession(peer, []byte("a refused use spoils nothing"))
	})
	s.update(t, func(tx signal.Tx) error { s.loads(t, tx, peer, []byte("a refused use spoils nothing")); return nil })
}

// exclusion counts in a session record: no addition may be lost.
func (s suite) exclusion(t *testing.T) {
	const workers, each = 4, 25
	done := make(chan error, workers)
	for range workers {
		go func() {
			var err error
			for range each {
				err = errors.Join(err, s.store.Update(context.Background(), peer, func(tx signal.Tx) error {
					b, err := tx.LoadSession(peer)
					if err != nil {
						return err
					}
					return tx.StoreSession(peer, append(bytes.Clone(b), '.'))
				}))
			}
			done <- err
		}()
	}
	for range workers {
		ok(t, <-done)
	}
	s.update(t, func(tx signal.Tx) error {
		s.loads(t, tx, peer, bytes.Repeat([]byte{'.'}, workers*each))
		return nil
	})
}

func (s suite) cancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err := s.store.Update(ctx, peer, func(tx signal.Tx) error { return tx.StoreSession(peer, []byte("never")) })
	if err == nil {
		t.Error("a cancelled transaction succeeded")
	}
	s.update(t, func(tx signal.Tx) error { s.loads(t, tx, peer, nil); return nil })
}
