package signal_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	"letterlock/signal"
)

var team = signal.Distribution{1, 2, 3}

// member gives b the chain of a.
func member(t *testing.T, a, b *person) {
	t.Helper()
	d, err := a.Distribute(ctx, team)
	must(t, err)
	g, err := b.AcceptDistribution(ctx, a.address, d)
	must(t, err)
	if g != team {
		t.Fatalf("distribution %s", g)
	}
}

func (p *person) toTeam(t *testing.T, text string) signal.Message {
	t.Helper()
	m, err := p.EncryptGroup(ctx, team, []byte(text))
	must(t, err)
	return m
}

func (p *person) reads(t *testing.T, from *person, m signal.Message, want string) {
	t.Helper()
	got, err := p.DecryptGroup(ctx, from.address, m)
	if err != nil || string(got) != want {
		t.Fatalf("%q, %v; want %q", got, err, want)
	}
}

func (p *person) refusesGroup(t *testing.T, from *person, m signal.Message, want error) {
	t.Helper()
	before := p.store.Fingerprint()
	if got, err := p.DecryptGroup(ctx, from.address, m); !errors.Is(err, want) {
		t.Errorf("%q, %v; want %v", got, err, want)
	}
	if p.store.Fingerprint() != before {
		t.Error("what was refused changed the store")
	}
}

func TestKnownGroupKeys(t *testing.T) {
	iv, cipher := signal.GroupKeyParts(k())
	starts(t, "IV", iv, "ed1f5e26325b1399f6a34c76e47ff047")
	starts(t, "cipher key", cipher, "d89f10a08215e845ceb4df3f")
}

func TestGroupOfThree(t *testing.T) {
	a, b := alice(t), bob(t)
	c := newPerson(t, "c0ffee00-1111-4222-8333-444455556666", 1)
	member(t, a, b)
	member(t, a, c)
	m := a.toTeam(t, "to both")
	b.reads(t, a, m, "to both")
	c.reads(t, a, m, "to both")
	b.refusesGroup(t, a, m, signal.ErrDuplicate)
	b.refusesGroup(t, c, m, signal.ErrNoSenderKey) // c never gave b a chain, and m is not c's
	if _, err := c.EncryptGroup(ctx, team, nil); !errors.Is(err, signal.ErrNoSenderKey) {
		t.Errorf("c has no chain: %v", err)
	}
	if g, err := signal.DistributionOf(m); err != nil || g != team {
		t.Errorf("%s %v", g, err)
	}
}

// A chain does not belong to whoever passes it on: what is accepted from one
// device opens only messages under that device's address, and its signing key
// is needed to write them.
func TestGroupCannotSpeakForAnother(t *testing.T) {
	a, b := alice(t), bob(t)
	c := newPerson(t, "c0ffee00-1111-4222-8333-444455556666", 1)
	member(t, a, b)
	member(t, a, c)
	member(t, c, b)
	forged := signal.ForgeGroup(c.store.SenderKey(a.address, team), team, []byte("I am alice"))
	b.refusesGroup(t, a, forged, signal.ErrInvalidMessage)
	b.refusesGroup(t, c, a.toTeam(t, "mine"), signal.ErrNoSenderKey)
	if _, err := a.AcceptDistribution(ctx, a.address, []byte{0x33}); err == nil {
		t.Error("a device took a chain for its own address")
	}
}

func TestGroupLimits(t *testing.T) {
	a, b := alice(t), bob(t)
	member(t, a, b)
	var late []signal.Message
	for i := range 2002 {
		late = append(late, a.toTeam(t, fmt.Sprint(i)))
	}
	b.reads(t, a, a.toTeam(t, "first to arrive"), "first to arrive")
	b.refusesGroup(t, a, late[1], signal.ErrDuplicate)
	b.reads(t, a, late[2], "2")
	b.reads(t, a, late[2001], "2001")

	for newer, want := range map[int]error{4: nil, 5: signal.ErrNoSenderKey} {
		a, b := alice(t), bob(t)
		member(t, a, b)
		old := a.toTeam(t, "old")
		for range newer {
			d, err := a.Renew(ctx, team)
			must(t, err)
			_, err = b.AcceptDistribution(ctx, a.address, d)
			must(t, err)
		}
		if want == nil {
			b.reads(t, a, old, "old")
		} else {
			b.refusesGroup(t, a, old, want)
		}
	}
}

// A message that is signed and cannot be opened uses up no key.
func TestGroupSignedButBroken(t *testing.T) {
	a, b := alice(t), bob(t)
	member(t, a, b)
	own := a.store.SenderKey(a.address, team)
	b.refusesGroup(t, a, signal.ForgeGroup(own, team, nil), signal.ErrInvalidMessage)
	b.refusesGroup(t, a, signal.ForgeGroup(own, team, make([]byte, 17)), signal.ErrInvalidMessage)
	b.refusesGroup(t, a, signal.ForgeGroup(own, team, make([]byte, 32)), signal.ErrInvalidMessage)
	b.reads(t, a, a.toTeam(t, "genuine"), "genuine")
}

// Another signing key under a known chain id replaces the chain.
func TestGroupChainIDReused(t *testing.T) {
	a, b := alice(t), bob(t)
	member(t, a, b)
	d, err := a.Renew(ctx, team)
	must(t, err)
	first := signal.GroupChainID(b.store.SenderKey(a.address, team))
	_, err = b.AcceptDistribution(ctx, a.address, signal.WithChainID(d, first))
	must(t, err)
	if n := signal.GroupChains(b.store.SenderKey(a.address, team)); n != 1 {
		t.Errorf("%d chains of one id", n)
	}
}

func TestMalformedDistributions(t *testing.T) {
	a, b := alice(t), bob(t)
	d, err := a.Distribute(ctx, team)
	must(t, err)
	before := b.store.Fingerprint()
	for n := range len(d) {
		if _, err := b.AcceptDistribution(ctx, a.address, d[:n]); !errors.Is(err, signal.ErrInvalidMessage) {
			t.Errorf("%d bytes of %d: %v", n, len(d), err)
		}
	}
	for what, bad := range map[string][]byte{
		"version 4":    append([]byte{0x44}, d[1:]...),
		"a short key":  signal.AppendOctets(bytes.Clone(d), 4, make([]byte, 31)),
		"a long id":    signal.AppendOctets(bytes.Clone(d), 1, make([]byte, 17)),
		"no curve key": signal.AppendOctets(bytes.Clone(d), 5, make([]byte, 33)),
	} {
		if _, err := b.AcceptDistribution(ctx, a.address, bad); !errors.Is(err, signal.ErrInvalidMessage) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if b.store.Fingerprint() != before {
		t.Error("malformed distributions changed the store")
	}
}

func TestSenderKeySecrets(t *testing.T) {
	a, b := alice(t), bob(t)
	member(t, a, b)
	a.toTeam(t, "skipped")
	b.reads(t, a, a.toTeam(t, "read"), "read")
	for _, stored := range [][]byte{a.store.SenderKey(a.address, team), b.store.SenderKey(a.address, team)} {
		found, err := signal.SenderKeySecrets(stored)
		must(t, err)
		if len(found) < 3 {
			t.Errorf("%d secrets", len(found))
		}
		for _, f := range found {
			if len(f) < 32 || bytes.Equal(f, make([]byte, len(f))) {
				t.Errorf("an empty secret of %d bytes", len(f))
			}
		}
	}
	if _, err := signal.SenderKeySecrets([]byte{9}); err == nil {
		t.Error("secrets of a broken record")
	}
}

func FuzzGroup(f *testing.F) {
	a, b := alice(f), bob(f)
	d, err := a.Distribute(ctx, team)
	if err != nil {
		f.Fatal(err)
	}
	m, err := a.EncryptGroup(ctx, team, []byte("hello"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(d, m.Body, a.store.SenderKey(a.address, team))
	f.Fuzz(func(t *testing.T, distribution, body, record []byte) {
		b.AcceptDistribution(ctx, a.address, distribution)
		if _, err := b.DecryptGroup(ctx, a.address, signal.Message{Type: signal.TypeSenderKey, Body: body}); err == nil && !bytes.Equal(body, m.Body) {
			t.Log("a message of one's own making was read") // whoever makes the distribution can
		}
		signal.RewriteGroup(t.Errorf, record)
	})
}
