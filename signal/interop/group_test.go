package interop_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"letterlock/signal"
)

var group = signal.Distribution{0xd1, 0xd1, 0xa7, 0x81, 0x60, 0x6a, 0x4e, 0x8f, 0x9b, 0x0e, 0x12, 0x34, 0x56, 0x78, 0x9a, 0xbc}

func (h *them) distribute(t testing.TB) []byte {
	t.Helper()
	var a struct{ Body []byte }
	must(t, h.call("distribute", values{"who": h.who, "group": group.String()}, &a))
	return a.Body
}

func (h *them) accept(from signal.Address, body []byte) error {
	return h.call("accept", h.to(from, values{"body": body}), nil)
}

func (h *them) sealGroup(t testing.TB, text string) signal.Message {
	t.Helper()
	var a struct{ Body []byte }
	must(t, h.call("encryptGroup", values{"who": h.who, "group": group.String(), "text": []byte(text)}, &a))
	return signal.Message{Type: signal.TypeSenderKey, Body: a.Body}
}

func (h *them) openGroup(from signal.Address, m signal.Message) (string, error) {
	var a struct{ Text []byte }
	err := h.call("decryptGroup", h.to(from, values{"body": m.Body}), &a)
	return string(a.Text), err
}

func (u *us) sealGroup(t testing.TB, text string) signal.Message {
	t.Helper()
	m, err := u.EncryptGroup(ctx, group, []byte(text))
	must(t, err)
	return m
}

func (u *us) distribute(t testing.TB) []byte {
	t.Helper()
	b, err := u.Distribute(ctx, group)
	must(t, err)
	return b
}

// introduce gives each side the other's chain.
func (p pair) introduce() {
	p.t.Helper()
	must(p.t, p.them.accept(ourAddress, p.us.distribute(p.t)))
	g, err := p.us.AcceptDistribution(ctx, theirAddress, p.them.distribute(p.t))
	must(p.t, err)
	if g != group {
		p.t.Fatalf("distribution %s", g)
	}
}

func (p pair) sealGroup(ours bool, text string) signal.Message {
	p.t.Helper()
	if ours {
		return p.us.sealGroup(p.t, text)
	}
	return p.them.sealGroup(p.t, text)
}

func (p pair) openGroup(ours bool, m signal.Message) (string, error) {
	if ours {
		return p.them.openGroup(ourAddress, m)
	}
	b, err := p.us.DecryptGroup(ctx, theirAddress, m)
	return string(b), err
}

func (p pair) readGroup(ours bool, m signal.Message, want string) {
	p.t.Helper()
	if got, err := p.openGroup(ours, m); err != nil || got != want {
		p.t.Fatalf("ours %v: %q, %v; want %q", ours, got, err, want)
	}
}

// isDuplicate tells whether the receiver said that it has read m before.
func isDuplicate(ours bool, err error) bool {
	if ours {
		return refused(err, "duplicate", "old counter", "old iteration")
	}
	return errors.Is(err, signal.ErrDuplicate)
}

func TestGroupConversation(t *testing.T) {
	eachLibrary(t, func(t *testing.T) {
		p := newPair(t)
		p.introduce()
		for i := range 60 {
			text := string(make([]byte, i))
			p.readGroup(i%3 == 0, p.sealGroup(i%3 == 0, text), text)
		}
	})
}

func TestGroupOutOfOrder(t *testing.T) {
	eachLibrary(t, func(t *testing.T) {
		for _, ours := range []bool{true, false} {
			p := newPair(t)
			p.introduce()
			random := rand.New(rand.NewPCG(5, 6))
			for range 5 {
				var way []sealed
				for i := range 20 {
					text := fmt.Sprint(i)
					way = append(way, sealed{ours, text, p.sealGroup(ours, text)})
				}
				random.Shuffle(len(way), func(i, j int) { way[i], way[j] = way[j], way[i] })
				for _, s := range way[:15] {
					p.readGroup(ours, s.m, s.text)
				}
				if _, err := p.openGroup(ours, way[7].m); !isDuplicate(ours, err) {
					t.Errorf("ours %v: read twice: %v", ours, err)
				}
			}
		}
	})
}

// TestGroupLateJoiner: a chain that is given away later opens only what comes
// after; a chain that is given twice is not wound back.
func TestGroupLateJoiner(t *testing.T) {
	eachLibrary(t, func(t *testing.T) {
		for _, ours := range []bool{true, false} {
			p := newPair(t)
			first := p.distribution(ours)
			before := p.sealGroup(ours, "before")
			p.give(ours, p.distribution(ours))
			if text, err := p.openGroup(ours, before); err == nil {
				t.Errorf("ours %v: a late joiner read %q", ours, text)
			}
			after := p.sealGroup(ours, "after")
			p.readGroup(ours, after, "after")
			p.give(ours, first)
			if _, err := p.openGroup(ours, after); !isDuplicate(ours, err) {
				t.Errorf("ours %v: wound back by an old distribution: %v", ours, err)
			}
			p.readGroup(ours, p.sealGroup(ours, "and on"), "and on")
		}
	})
}

func (p pair) distribution(ours bool) []byte {
	p.t.Helper()
	if ours {
		return p.us.distribute(p.t)
	}
	return p.them.distribute(p.t)
}

func (p pair) give(ours bool, body []byte) {
	p.t.Helper()
	if ours {
		must(p.t, p.them.accept(ourAddress, body))
		return
	}
	_, err := p.us.AcceptDistribution(ctx, theirAddress, body)
	must(p.t, err)
}

// TestGroupRenewal: who leaves does not read on; who stays reads late messages
// of the former chain too.
func TestGroupRenewal(t *testing.T) {
	eachLibrary(t, func(t *testing.T) {
		p := newPair(t)
		p.introduce()
		gone := newThem(t, signal.Address{Name: "0a0a0a0a-0b0b-4c0c-8d0d-0e0e0e0e0e0e", Device: 1})
		must(t, gone.accept(ourAddress, p.us.distribute(t)))
		late := p.sealGroup(true, "late")
		fresh, err := p.us.Renew(ctx, group)
		must(t, err)
		must(t, p.them.accept(ourAddress, fresh))
		m := p.sealGroup(true, "without you")
		if text, err := gone.openGroup(ourAddress, m); err == nil {
			t.Errorf("who left reads %q", text)
		}
		p.readGroup(true, m, "without you")
		p.readGroup(true, late, "late")
	})
}

// TestGroupAltered: each byte altered is refused and changes nothing.
func TestGroupAltered(t *testing.T) {
	eachLibrary(t, func(t *testing.T) {
		p := newPair(t)
		p.introduce()
		m := p.sealGroup(false, "genuine")
		before := p.us.store.Fingerprint()
		for i := range m.Body {
			bad := signal.Message{Type: m.Type, Body: append([]byte(nil), m.Body...)}
			bad.Body[i] ^= 0x10
			if text, err := p.openGroup(false, bad); err == nil {
				t.Fatalf("byte %d altered, read %q", i, text)
			}
		}
		if p.us.store.Fingerprint() != before {
			t.Error("altered messages changed the store")
		}
		p.readGroup(false, m, "genuine")
	})
}

func TestGroupForwardLimit(t *testing.T) {
	eachLibrary(t, func(t *testing.T) {
		for _, ours := range []bool{true, false} {
			p := newPair(t)
			p.introduce()
			for range 25_000 {
				p.sealGroup(ours, "lost")
			}
			near := p.sealGroup(ours, "near")
			far := p.sealGroup(ours, "far")
			if _, err := p.openGroup(ours, far); err == nil {
				t.Errorf("ours %v: 25,001 ahead was read", ours)
			}
			p.readGroup(ours, near, "near")
		}
	})
}
