package signal_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"letterlock/signal"
	"letterlock/signal/signaltest"
)

var ctx = context.Background()

// noon is when every test begins.
var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// person is one device with its store, at an address.
type person struct {
	*signal.Device
	address signal.Address
	keys    signaltest.Keys
	store   *signaltest.Memory
	now     time.Time
	next    int // one-time pre-keys handed out
}

const (
	aliceName = "9d0652a3-dcc3-4d11-975f-74d61598733f"
	bobName   = "796abedb-ca4e-4f18-8803-1fde5b921f9f"
)

func newPerson(t testing.TB, name string, oneTime int) *person {
	t.Helper()
	keys, err := signaltest.NewKeys(1000, oneTime)
	must(t, err)
	return newPersonWith(t, name, keys)
}

func newPersonWith(t testing.TB, name string, keys signaltest.Keys) *person {
	t.Helper()
	p := &person{address: signal.Address{Name: name, Device: 1}, keys: keys, store: signaltest.NewMemory(keys), now: noon}
	d, err := signal.New(signal.Config{Local: p.address, Store: p.store, Now: func() time.Time { return p.now }})
	must(t, err)
	p.Device = d
	return p
}

func alice(t testing.TB) *person { return newPerson(t, aliceName, 100) }
func bob(t testing.TB) *person   { return newPerson(t, bobName, 100) }

// bundle hands out the next one-time pre-key, or none when they are used up.
func (p *person) bundle() signal.Bundle {
	if p.next == len(p.keys.OneTime) {
		return p.keys.Bundle(p.address.Device, nil)
	}
	p.next++
	return p.keys.Bundle(p.address.Device, &p.keys.OneTime[p.next-1])
}

func (p *person) begin(t testing.TB, peer *person) {
	t.Helper()
	must(t, p.ProcessBundle(ctx, peer.address, peer.bundle()))
}

func (p *person) seals(t testing.TB, peer *person, text string) signal.Message {
	t.Helper()
	m, err := p.Encrypt(ctx, peer.address, []byte(text))
	must(t, err)
	return m
}

func (p *person) opens(t testing.TB, peer *person, m signal.Message, want string) {
	t.Helper()
	got, err := p.Decrypt(ctx, peer.address, m)
	if err != nil {
		t.Fatalf("opening %q: %v", want, err)
	}
	if string(got) != want {
		t.Fatalf("opened %q, want %q", got, want)
	}
}

// refuses checks the error and that nothing was stored.
func (p *person) refuses(t testing.TB, peer *person, m signal.Message, want error) {
	t.Helper()
	before := p.store.Fingerprint()
	got, err := p.Decrypt(ctx, peer.address, m)
	if !errors.Is(err, want) {
		t.Fatalf("got error %v, want %v", err, want)
	}
	if got != nil {
		t.Fatal("plaintext came with an error")
	}
	if p.store.Fingerprint() != before {
		t.Fatal("a refused message changed the store")
	}
}

func (p *person) says(t testing.TB, peer *person, text string) {
	t.Helper()
	peer.opens(t, p, p.seals(t, peer, text), text)
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// met are two people who have exchanged a message each way.
func met(t testing.TB) (a, b *person) {
	t.Helper()
	a, b = alice(t), bob(t)
	a.begin(t, b)
	a.says(t, b, "hello")
	b.says(t, a, "hello yourself")
	return a, b
}

func TestFirstMessages(t *testing.T) {
	for _, oneTime := range []int{0, 1} {
		a, b := newPerson(t, aliceName, oneTime), newPerson(t, bobName, oneTime)
		a.begin(t, b)
		for i := range 3 {
			m := a.seals(t, b, fmt.Sprint("unanswered ", i))
			if m.Type != signal.TypePreKey {
				t.Fatalf("message %d before an answer has type %d", i, m.Type)
			}
			b.opens(t, a, m, fmt.Sprint("unanswered ", i))
		}
		if m := b.seals(t, a, "answer"); m.Type != signal.TypeSignal {
			t.Fatalf("the answer has type %d", m.Type)
		} else {
			a.opens(t, b, m, "answer")
		}
		if m := a.seals(t, b, "after"); m.Type != signal.TypeSignal {
			t.Fatalf("after the answer: type %d", m.Type)
		} else {
			b.opens(t, a, m, "after")
		}
	}
}

func TestFourHundredRoundTrips(t *testing.T) {
	a, b := met(t)
	for i := range 400 {
		a.says(t, b, fmt.Sprint("ping ", i))
		b.says(t, a, fmt.Sprint("pong ", i))
	}
}

func TestTextsOfEveryLength(t *testing.T) {
	a, b := met(t)
	for n := range 70 {
		a.says(t, b, string(make([]byte, n)))
	}
}
