package signal_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"letterlock/signal"
	"letterlock/signal/signaltest"
)

var errDisk = errors.New("the disk is full")

// failing is a store whose n-th write fails.
type failing struct {
	*signaltest.Memory
	left int
}

func (s *failing) Update(ctx context.Context, peer signal.Address, f func(signal.Tx) error) error {
	return s.Memory.Update(ctx, peer, func(tx signal.Tx) error { return f(&failingTx{tx, s}) })
}

type failingTx struct {
	signal.Tx
	s *failing
}

func (t *failingTx) write() error {
	if t.s.left--; t.s.left == 0 {
		return errDisk
	}
	return nil
}

func (t *failingTx) StoreSession(peer signal.Address, b []byte) error {
	if err := t.write(); err != nil {
		return err
	}
	return t.Tx.StoreSession(peer, b)
}

func (t *failingTx) SaveIdentity(peer signal.Address, k signal.PublicKey) error {
	if err := t.write(); err != nil {
		return err
	}
	return t.Tx.SaveIdentity(peer, k)
}

func (t *failingTx) DeletePreKey(id uint32) error {
	if err := t.write(); err != nil {
		return err
	}
	return t.Tx.DeletePreKey(id)
}

func (t *failingTx) MarkKyberUsed(kyber, signed uint32, base signal.PublicKey) error {
	if err := t.write(); err != nil {
		return err
	}
	return t.Tx.MarkKyberUsed(kyber, signed, base)
}

// Whichever write fails, nothing is stored, no message leaves, and the same
// message opens once the disk has room again.
func TestEveryWriteMayFail(t *testing.T) {
	for n := 1; n <= 5; n++ {
		a, b := alice(t), bob(t)
		fails := &failing{Memory: b.store}
		var err error
		b.Device, err = signal.New(signal.Config{Local: b.address, Store: fails, Now: func() time.Time { return noon }})
		must(t, err)
		a.begin(t, b)
		m := a.seals(t, b, "set-up")

		fails.left = n
		before := b.store.Fingerprint()
		text, err := b.Decrypt(ctx, a.address, m)
		if n == 5 { // a set-up makes four writes
			must(t, err)
			continue
		}
		if !errors.Is(err, errDisk) || text != nil {
			t.Fatalf("write %d: %v", n, err)
		}
		if b.store.Fingerprint() != before {
			t.Fatalf("write %d failed and something was stored", n)
		}
		fails.left = 0
		b.opens(t, a, m, "set-up")
		fails.left = 2
		if out, err := b.Encrypt(ctx, a.address, []byte("x")); !errors.Is(err, errDisk) || out.Body != nil {
			t.Fatalf("encrypting on a full disk: %v", err)
		}
		b.says(t, a, "room again")
	}
}

var errOurs = errors.New("our own write failed")

// What a caller does in the same transaction stands and falls with it.
func TestCallersTransaction(t *testing.T) {
	a, b := met(t)
	m := a.seals(t, b, "kept")
	before := b.store.Fingerprint()
	err := b.Update(ctx, a.address, func(tx signal.Tx) error {
		text, err := b.DecryptTx(tx, a.address, m)
		if err != nil || string(text) != "kept" {
			t.Fatalf("%q %v", text, err)
		}
		return errOurs
	})
	if !errors.Is(err, errOurs) || b.store.Fingerprint() != before {
		t.Fatalf("the transaction did not fall with the caller's write: %v", err)
	}
	b.opens(t, a, m, "kept")

	// A refused message writes nothing: the caller may commit what it noted.
	before = b.store.Fingerprint()
	must(t, b.Update(ctx, a.address, func(tx signal.Tx) error {
		if _, err := b.DecryptTx(tx, a.address, m); !errors.Is(err, signal.ErrDuplicate) {
			t.Fatal(err)
		}
		return nil
	}))
	if b.store.Fingerprint() != before {
		t.Fatal("a refused message was committed")
	}

	var out signal.Message
	err = a.Update(ctx, b.address, func(tx signal.Tx) (err error) {
		if out, err = a.EncryptTx(tx, b.address, []byte("never sent")); err != nil {
			return err
		}
		return errOurs
	})
	if !errors.Is(err, errOurs) {
		t.Fatal(err)
	}
	if again := header(t, a.seals(t, b, "sent")); again.Counter != header(t, out).Counter {
		t.Fatal("an undone encryption used up a counter")
	}
}

// loose is a store without any exclusion of its own: only the package's lock
// keeps two encryptions apart.
type loose struct{ m *signaltest.Memory }

func (s *loose) Update(ctx context.Context, peer signal.Address, f func(signal.Tx) error) error {
	tx := &looseTx{session: s.m.Session(peer)}
	if err := f(tx); err != nil || tx.stored == nil {
		return err
	}
	return s.m.Update(ctx, peer, func(inner signal.Tx) error { return inner.StoreSession(peer, tx.stored) })
}

// looseTx serves only what an encryption needs.
type looseTx struct {
	signal.Tx
	session, stored []byte
}

func (t *looseTx) LoadSession(signal.Address) ([]byte, error) { return t.session, nil }
func (t *looseTx) StoreSession(_ signal.Address, b []byte) error {
	t.stored = bytes.Clone(b)
	return nil
}
func (t *looseTx) TrustsIdentity(signal.Address, signal.PublicKey, signal.Direction) (bool, error) {
	return true, nil
}
func (t *looseTx) SaveIdentity(signal.Address, signal.PublicKey) error { return nil }

// Eight goroutines, two hundred messages each: no key is used twice, though the
// store itself excludes nobody.
func TestConcurrentEncryptions(t *testing.T) {
	a, b := met(t)
	d, err := signal.New(signal.Config{Local: a.address, Store: &loose{m: a.store}, Now: func() time.Time { return noon }})
	must(t, err)
	const workers, each = 8, 200
	var wait sync.WaitGroup
	messages := make(chan signal.Message, workers*each)
	for w := range workers {
		wait.Go(func() {
			for i := range each {
				m, err := d.Encrypt(ctx, b.address, fmt.Appendf(nil, "%d/%d", w, i))
				if err != nil {
					t.Error(err)
					return
				}
				messages <- m
			}
		})
	}
	wait.Wait()
	close(messages)
	type place struct {
		ratchet signal.PublicKey
		counter uint32
	}
	seen := map[place]bool{}
	texts := map[string]bool{}
	for m := range messages {
		h := header(t, m)
		if seen[place{h.Ratchet, h.Counter}] {
			t.Fatalf("counter %d was used twice", h.Counter)
		}
		seen[place{h.Ratchet, h.Counter}] = true
		text, err := b.Decrypt(ctx, a.address, m)
		must(t, err)
		texts[string(text)] = true
	}
	if len(seen) != workers*each || len(texts) != workers*each {
		t.Fatalf("%d places, %d texts of %d", len(seen), len(texts), workers*each)
	}
}

// The lock is for one peer, gives way to a cancelled context, and leaves
// nothing behind.
func TestLockPerPeer(t *testing.T) {
	a, b := met(t)
	store := &loose{m: a.store}
	d, err := signal.New(signal.Config{Local: a.address, Store: store, Now: func() time.Time { return noon }})
	must(t, err)
	must(t, d.Update(ctx, b.address, func(signal.Tx) error {
		short, cancel := context.WithCancel(ctx)
		cancel()
		if err := d.Update(short, b.address, func(signal.Tx) error { return nil }); !errors.Is(err, context.Canceled) {
			t.Errorf("a second holder: %v", err)
		}
		other := signal.Address{Name: "other", Device: 1}
		return d.Update(ctx, other, func(signal.Tx) error { return nil })
	}))
	must(t, d.Update(ctx, b.address, func(signal.Tx) error { return nil }))
	if n := signal.LocksHeld(d); n != 0 {
		t.Errorf("%d locks left behind", n)
	}
}

func TestMemoryStore(t *testing.T) {
	signaltest.Conformance(t, func(t *testing.T, keys signaltest.Keys) signal.Store {
		return signaltest.NewMemory(keys)
	})
}
