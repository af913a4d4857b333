package signal_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
	"time"

	"letterlock/internal/testkit"
	"letterlock/signal"
	"letterlock/signal/signaltest"
)

func header(t *testing.T, m signal.Message) signal.Header {
	t.Helper()
	h, err := signal.HeaderOf(m)
	must(t, err)
	return h
}

func TestPreviousCounter(t *testing.T) {
	a, b := alice(t), bob(t)
	a.begin(t, b)
	for range 3 {
		a.says(t, b, "hello")
	}
	m := b.seals(t, a, "first answer")
	if h := header(t, m); h.Previous != 0 || h.Counter != 0 {
		t.Errorf("the first answer has counter %d, previous %d", h.Counter, h.Previous)
	}
	a.opens(t, b, m, "first answer")
	if h := header(t, a.seals(t, b, "after")); h.Previous != 2 || h.Counter != 0 {
		t.Errorf("after three sent: counter %d, previous %d", h.Counter, h.Previous)
	}
}

// The post-quantum ratchet allows one fewer than the Double Ratchet.
func TestForwardLimit(t *testing.T) {
	if testing.Short() {
		testkit.Elsewhere(t, "25,000 messages")
	}
	a, b := met(t)
	for range 25_000 {
		a.seals(t, b, "lost")
	}
	m := a.seals(t, b, "too far")
	b.refuses(t, a, m, signal.ErrInvalidMessage)

	a, b = met(t)
	a.says(t, b, "in this chain")
	for range 24_999 {
		a.seals(t, b, "lost")
	}
	a.says(t, b, "just near enough")
}

// With a device of one's own the limit is wide, but there is one.
func TestForwardLimitWithOneself(t *testing.T) {
	if testing.Short() {
		testkit.Elsewhere(t, "25,000 messages")
	}
	keys, err := signaltest.NewKeys(1, 2)
	must(t, err)
	a, b := newPersonWith(t, aliceName, keys), newPersonWith(t, aliceName, keys)
	b.address.Device = 2
	b.Device, err = signal.New(signal.Config{Local: b.address, Store: b.store, Now: func() time.Time { return noon }})
	must(t, err)
	a.begin(t, b)
	for range 25_010 {
		a.seals(t, b, "lost")
	}
	a.says(t, b, "far ahead")
	b.says(t, a, "found")
}

func TestSkippedSeedLimit(t *testing.T) {
	a, b := met(t)
	var late []signal.Message
	for i := range 2002 {
		late = append(late, a.seals(t, b, fmt.Sprint(i)))
	}
	a.says(t, b, "first to arrive")
	for _, i := range []int{0, 1} {
		b.refuses(t, a, late[i], signal.ErrDuplicate)
	}
	for _, i := range []int{2, 3, 1000, 2001} {
		b.opens(t, a, late[i], fmt.Sprint(i))
	}
	b.refuses(t, a, late[2], signal.ErrDuplicate)
	if _, _, skipped := signal.Counts(b.store.Session(a.address)); skipped != 1996 {
		t.Errorf("%d seeds kept", skipped)
	}
}

func TestReceivingChainLimit(t *testing.T) {
	for newer, want := range map[int]error{4: nil, 5: signal.ErrInvalidMessage} {
		a, b := met(t)
		a.says(t, b, "begins a chain")
		late := a.seals(t, b, "late")
		for range newer {
			b.says(t, a, "turn")
			a.says(t, b, "turn")
		}
		if want == nil {
			b.opens(t, a, late, "late")
		} else {
			b.refuses(t, a, late, want)
		}
		if _, chains, _ := signal.Counts(b.store.Session(a.address)); chains > 5 {
			t.Errorf("%d receiving chains", chains)
		}
	}
}

func TestArchiveLimit(t *testing.T) {
	for newer, want := range map[int]error{40: nil, 41: signal.ErrInvalidMessage} {
		a, b := met(t)
		late := a.seals(t, b, "late")
		for range newer {
			b.begin(t, a)
		}
		if want == nil {
			b.opens(t, a, late, "late")
		} else {
			b.refuses(t, a, late, want)
		}
		if archived, _, _ := signal.Counts(b.store.Session(a.address)); archived > 40 {
			t.Errorf("%d sessions archived", archived)
		}
	}
}

func TestUnansweredSessionExpires(t *testing.T) {
	a, b := alice(t), bob(t)
	a.begin(t, b)
	a.now = noon.Add(30*24*time.Hour - time.Minute)
	m := a.seals(t, b, "just in time")
	a.now = noon.Add(30*24*time.Hour + time.Minute)
	if _, err := a.Encrypt(ctx, b.address, []byte("too late")); !errors.Is(err, signal.ErrNoSession) {
		t.Fatalf("after thirty days: %v", err)
	}
	if has, err := a.HasSession(ctx, b.address); err != nil || has {
		t.Fatalf("after thirty days there is a session: %v", err)
	}
	b.opens(t, a, m, "just in time")
	b.says(t, a, "answered after all")
	a.now = noon.Add(3000 * 24 * time.Hour)
	a.says(t, b, "an answered session stays")
}

func TestNoSession(t *testing.T) {
	a, b := alice(t), bob(t)
	if _, err := a.Encrypt(ctx, b.address, nil); !errors.Is(err, signal.ErrNoSession) {
		t.Errorf("encrypting without a session: %v", err)
	}
	if has, err := a.HasSession(ctx, b.address); has || err != nil {
		t.Errorf("there is a session: %v", err)
	}
	c, d := met(t)
	m := c.seals(t, d, "for another")
	a.refuses(t, b, m, signal.ErrNoSession)
	for _, bad := range []signal.Address{{}, {Name: "x"}, {Name: "x", Device: 128}, {Device: 1}} {
		if _, err := a.Encrypt(ctx, bad, nil); !errors.Is(err, signal.ErrInvalidAddress) {
			t.Errorf("address %v: %v", bad, err)
		}
		if _, err := signal.New(signal.Config{Local: bad, Store: a.store, Now: time.Now}); err == nil {
			t.Errorf("a device at %v", bad)
		}
	}
}

func TestArchivedSessionStillReceives(t *testing.T) {
	a, b := met(t)
	late := b.seals(t, a, "late")
	must(t, a.Update(ctx, b.address, func(tx signal.Tx) error { return a.ArchiveSessionTx(tx, b.address) }))
	if has, err := a.HasSession(ctx, b.address); has || err != nil {
		t.Fatalf("archived, there is still a session: %v", err)
	}
	a.opens(t, b, late, "late")
	m := a.seals(t, b, "promoted again")
	if m.Type != signal.TypeSignal {
		t.Errorf("a promoted session sends type %d", m.Type)
	}
	b.opens(t, a, m, "promoted again")
}

// An archived session keeps nothing of its pending set-up.
func TestArchivedSetUpIsForgotten(t *testing.T) {
	a, b := alice(t), bob(t)
	a.begin(t, b)
	a.seals(t, b, "never arrives")
	a.begin(t, b)
	stored := a.store.Session(b.address)
	if archived, _, _ := signal.Counts(stored); archived != 1 {
		t.Fatalf("%d sessions archived", archived)
	}
	if n := signal.PendingArchived(stored); n != 0 {
		t.Errorf("%d archived sessions keep their set-up", n)
	}
}

// A late message of a set-up whose session was archived since is found by its
// base key, without its one-time pre-key.
func TestLateSetUpOfArchivedSession(t *testing.T) {
	a, b := alice(t), bob(t)
	a.begin(t, b)
	a.says(t, b, "first")
	late := a.seals(t, b, "late")
	a.begin(t, b)
	a.says(t, b, "second session")
	left := b.store.OneTime()
	b.opens(t, a, late, "late")
	b.refuses(t, a, late, signal.ErrDuplicate)
	if b.store.OneTime() != left {
		t.Error("a repeated set-up used up a one-time pre-key")
	}
	a.says(t, b, "and the second goes on")
	b.says(t, a, "answer")
}

func TestReplays(t *testing.T) {
	for _, oneTime := range []int{0, 1} {
		a, b := newPerson(t, aliceName, oneTime), newPerson(t, bobName, oneTime)
		a.begin(t, b)
		m := a.seals(t, b, "set-up")
		b.opens(t, a, m, "set-up")
		b.refuses(t, a, m, signal.ErrDuplicate)
		b.store.DropSession(a.address)
		want := signal.ErrReplay
		if oneTime == 1 {
			want = signal.ErrUnknownPreKey
		}
		b.refuses(t, a, m, want)
	}
}

func TestUntrustedIdentity(t *testing.T) {
	a, b := met(t)
	again := newPerson(t, bobName, 1)
	if err := a.ProcessBundle(ctx, b.address, again.bundle()); !errors.Is(err, signal.ErrUntrustedIdentity) {
		t.Fatalf("the bundle of another identity: %v", err)
	}
	must(t, again.ProcessBundle(ctx, a.address, a.bundle()))
	m := again.seals(t, a, "I have a new phone")
	a.refuses(t, b, m, signal.ErrUntrustedIdentity)
	a.says(t, b, "the old one still works")
	a.store.ForgetIdentity(b.address)
	a.opens(t, again, m, "I have a new phone")
	a.says(t, again, "good")
	if _, err := a.Decrypt(ctx, b.address, b.seals(t, a, "the old one")); !errors.Is(err, signal.ErrUntrustedIdentity) {
		t.Fatalf("a message under the former identity: %v", err)
	}
}

// Numbers of pre-keys and devices at their ends.
func TestExtremeNumbers(t *testing.T) {
	for _, id := range []uint32{0, 1<<32 - 1} {
		identity, err := signal.GenerateIdentity(nil)
		must(t, err)
		one, err := signal.GeneratePreKey(nil, id)
		must(t, err)
		signed, err := signal.GenerateSignedPreKey(nil, id, identity)
		must(t, err)
		kyber, err := signal.GenerateKyberPreKey(nil, id, identity)
		must(t, err)
		a := alice(t)
		b := newPersonWith(t, bobName, signaltest.Keys{Identity: identity, RegistrationID: id,
			OneTime: []signal.PreKey{one}, Signed: []signal.SignedPreKey{signed}, Kyber: []signal.KyberPreKey{kyber}})
		a.begin(t, b)
		m := a.seals(t, b, "hello")
		if h := header(t, m); h.PreKey == nil || *h.PreKey != id {
			t.Errorf("the one-time pre-key %d is not named", id)
		}
		b.opens(t, a, m, "hello")
		if b.store.OneTime() != 0 {
			t.Error("the one-time pre-key is still there")
		}
		b.says(t, a, "answer")
	}
}

func TestAddressBinding(t *testing.T) {
	a, b := alice(t), bob(t)
	a.begin(t, b)
	m := a.seals(t, b, "set-up")
	if h := header(t, m); !h.Bound || !bytes.Equal(h.Addresses, addresses) {
		t.Errorf("bound to %x, want %x", h.Addresses, addresses)
	}
	// The carrier says that it came from somebody else.
	mallory := &person{address: signal.Address{Name: "c0c0c0c0-dada-4d11-975f-74d61598733f", Device: 1}}
	b.refuses(t, mallory, m, signal.ErrInvalidMessage)
	mallory.address = signal.Address{Name: aliceName, Device: 3}
	b.refuses(t, mallory, m, signal.ErrInvalidMessage)
	mallory.address = signal.Address{Name: "PNI:" + aliceName, Device: 1}
	b.refuses(t, mallory, m, signal.ErrInvalidMessage)
	upper := &person{address: signal.Address{Name: "9D0652A3-DCC3-4D11-975F-74D61598733F", Device: 1}}
	b.opens(t, upper, m, "set-up")

	a, b = met(t)
	if h := header(t, a.seals(t, b, "plain")); h.Bound {
		t.Error("a plain message names addresses")
	}
	for _, name := range []string{"+14155550100", "alice", "9d0652a3dcc34d11975f74d61598733f", "9d0652a3-dcc3-4d11-975f-74d6159873zz", "PNI:"} {
		c := newPerson(t, name, 1)
		c.begin(t, b)
		m := c.seals(t, b, "hello")
		if h := header(t, m); h.Bound {
			t.Errorf("a message from %q is bound", name)
		}
		b.opens(t, c, m, "hello")
	}
}

func TestRecordsAreParsedStrictly(t *testing.T) {
	a, b := met(t)
	answered := a.store.Session(b.address)
	a.begin(t, b)
	stored := a.store.Session(b.address)
	again, err := signal.RewriteRecord(stored)
	must(t, err)
	if !bytes.Equal(again, stored) {
		t.Fatal("a record reads back as another")
	}
	refuses := func(what string, record []byte) {
		t.Helper()
		if got, err := signal.RewriteRecord(record); !errors.Is(err, signal.ErrInvalidRecord) || got != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	for n := 1; n < len(stored); n++ {
		refuses(fmt.Sprintf("cut to %d bytes", n), stored[:n])
	}
	refuses("one byte more", append(bytes.Clone(stored), 0))
	refuses("another format", flipped(stored, 0, 2))
	refuses("another format of a state", flipped(stored, 5, 2))
	refuses("an unknown flag", flipped(stored, 6, 8))
	refuses("a pre-key without a set-up", flipped(answered, 6, 4))
	must(t, a.Update(ctx, b.address, func(tx signal.Tx) error { return tx.StoreSession(b.address, stored[:50]) }))
	if _, err := a.Encrypt(ctx, b.address, nil); !errors.Is(err, signal.ErrInvalidRecord) {
		t.Errorf("encrypting from a damaged record: %v", err)
	}
	a.refuses(t, b, b.seals(t, a, "x"), signal.ErrInvalidRecord)
}
