package interop_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"letterlock/signal"
	"letterlock/signal/signaltest"
)

var ctx = context.Background()

// us is a person on the package under test.
type us struct {
	*signal.Device
	address signal.Address
	keys    signaltest.Keys
	store   *signaltest.Memory
	next    int
}

var (
	ourAddress   = signal.Address{Name: "9d0652a3-dcc3-4d11-975f-74d61598733f", Device: 1}
	theirAddress = signal.Address{Name: "796abedb-ca4e-4f18-8803-1fde5b921f9f", Device: 1}
)

func newUs(t testing.TB) *us {
	t.Helper()
	keys, err := signaltest.NewKeys(1000, 20)
	must(t, err)
	u := &us{address: ourAddress, keys: keys, store: signaltest.NewMemory(keys)}
	u.Device, err = signal.New(signal.Config{Local: u.address, Store: u.store, Now: time.Now, SPQROptional: using.optional})
	must(t, err)
	return u
}

func (u *us) bundle(oneTime bool) signal.Bundle {
	if !oneTime {
		return u.keys.Bundle(u.address.Device, nil)
	}
	u.next++
	return u.keys.Bundle(u.address.Device, &u.keys.OneTime[u.next-1])
}

// party is either side.
type party interface {
	Encrypt(ctx context.Context, peer signal.Address, text []byte) (signal.Message, error)
	Decrypt(ctx context.Context, peer signal.Address, m signal.Message) ([]byte, error)
}

// pair is one of us and one of them.
type pair struct {
	t    testing.TB
	us   *us
	them *them
}

func newPair(t testing.TB) pair {
	t.Helper()
	return pair{t, newUs(t), newThem(t, theirAddress)}
}

func (p pair) weBegin(oneTime bool) {
	p.t.Helper()
	must(p.t, p.us.ProcessBundle(ctx, theirAddress, p.them.bundle(p.t, oneTime)))
}

func (p pair) theyBegin(oneTime bool) {
	p.t.Helper()
	must(p.t, p.them.begin(ourAddress, asJSON(p.us.bundle(oneTime))))
}

// side returns the two parties and the address of the second as the first
// knows it.
func (p pair) side(ours bool) (from, to party, fromAddress, toAddress signal.Address) {
	if ours {
		return p.us, p.them, ourAddress, theirAddress
	}
	return p.them, p.us, theirAddress, ourAddress
}

func (p pair) seal(ours bool, text string) signal.Message {
	p.t.Helper()
	from, _, _, to := p.side(ours)
	m, err := from.Encrypt(ctx, to, []byte(text))
	must(p.t, err)
	return m
}

func (p pair) open(ours bool, m signal.Message, want string) {
	p.t.Helper()
	_, to, from, _ := p.side(ours)
	got, err := to.Decrypt(ctx, from, m)
	if err != nil {
		p.t.Fatalf("opening %q (ours: %v): %v", want, ours, err)
	}
	if string(got) != want {
		p.t.Fatalf("opened %q, want %q", got, want)
	}
}

func (p pair) say(ours bool, text string) {
	p.t.Helper()
	p.open(ours, p.seal(ours, text), text)
}

// eachBeginning runs f for each side beginning, with and without a one-time
// pre-key.
func eachBeginning(t *testing.T, f func(t *testing.T, p pair, weBegan bool)) {
	for _, weBegin := range []bool{true, false} {
		for _, oneTime := range []bool{true, false} {
			t.Run(fmt.Sprintf("we begin %v, one-time %v", weBegin, oneTime), func(t *testing.T) {
				p := newPair(t)
				if weBegin {
					p.weBegin(oneTime)
				} else {
					p.theyBegin(oneTime)
				}
				f(t, p, weBegin)
			})
		}
	}
}

func TestConversation(t *testing.T) {
	eachLibrary(t, func(t *testing.T) {
		eachBeginning(t, func(t *testing.T, p pair, weBegan bool) {
			for i := range 3 {
				m := p.seal(weBegan, fmt.Sprint("opening ", i))
				if m.Type != signal.TypePreKey || m.Body[0] != 0x44 {
					t.Fatalf("message %d: type %d, first byte %x", i, m.Type, m.Body[0])
				}
				p.open(weBegan, m, fmt.Sprint("opening ", i))
			}
			for i := range 5 {
				p.say(!weBegan, fmt.Sprint("answer ", i))
				m := p.seal(weBegan, "plain")
				if m.Type != signal.TypeSignal || m.Body[0] != 0x44 {
					t.Fatalf("after an answer: type %d, first byte %x", m.Type, m.Body[0])
				}
				p.open(weBegan, m, "plain")
			}
			for n := range 40 {
				p.say(n%2 == 0, string(make([]byte, n)))
			}
		})
	})
}

func TestFourHundredRoundTrips(t *testing.T) {
	eachLibrary(t, func(t *testing.T) {
		eachBeginning(t, func(t *testing.T, p pair, weBegan bool) {
			for i := range 400 {
				p.say(weBegan, fmt.Sprint("ping ", i))
				p.say(!weBegan, fmt.Sprint("pong ", i))
			}
		})
	})
}

// sealed is a message on its way.
type sealed struct {
	ours bool
	text string
	m    signal.Message
}

func TestOutOfOrderLostAndReplayed(t *testing.T) {
	eachLibrary(t, func(t *testing.T) {
		eachBeginning(t, func(t *testing.T, p pair, weBegan bool) {
			random := rand.New(rand.NewPCG(1, 2))
			for round := range 10 {
				for _, ours := range []bool{weBegan, !weBegan} {
					var way []sealed
					for i := range 12 {
						text := fmt.Sprintf("round %d, %d", round, i)
						way = append(way, sealed{ours, text, p.seal(ours, text)})
					}
					random.Shuffle(len(way), func(i, j int) { way[i], way[j] = way[j], way[i] })
					for _, s := range way[:9] { // three are lost
						p.open(s.ours, s.m, s.text)
					}
					p.replayed(way[3])
					p.replayed(way[8])
				}
			}
		})
	})
}

// replayed checks that the receiver knows the message already.
func (p pair) replayed(s sealed) {
	p.t.Helper()
	_, to, from, _ := p.side(s.ours)
	_, err := to.Decrypt(ctx, from, s.m)
	if s.ours && !refused(err, "duplicate", "old counter") {
		p.t.Fatalf("they took a replayed message: %v", err)
	}
	if !s.ours && !errors.Is(err, signal.ErrDuplicate) {
		p.t.Fatalf("we took a replayed message: %v", err)
	}
}

func TestLateMessagesOfOldChains(t *testing.T) {
	eachLibrary(t, func(t *testing.T) {
		eachBeginning(t, func(t *testing.T, p pair, weBegan bool) {
			p.say(weBegan, "opening")
			var late []sealed
			for i := range 4 {
				for _, ours := range []bool{!weBegan, weBegan} {
					text := fmt.Sprint("late ", i)
					late = append(late, sealed{ours, text, p.seal(ours, text)})
					p.say(ours, "at once")
				}
			}
			for _, s := range late {
				p.open(s.ours, s.m, s.text)
			}
		})
	})
}

func TestForwardLimit(t *testing.T) {
	eachLibrary(t, func(t *testing.T) {
		for _, ours := range []bool{true, false} {
			for _, skip := range []int{24_999, 25_000} {
				t.Run(fmt.Sprintf("ours %v, %d skipped", ours, skip), func(t *testing.T) {
					p := newPair(t)
					p.weBegin(true)
					p.say(true, "opening")
					p.say(false, "answer")
					for range skip {
						p.seal(ours, "lost")
					}
					m := p.seal(ours, "far")
					if skip == 24_999 {
						p.open(ours, m, "far")
						return
					}
					_, to, from, _ := p.side(ours)
					if _, err := to.Decrypt(ctx, from, m); err == nil {
						t.Fatal("a message 25,001 ahead of the last was opened")
					}
				})
			}
		}
	})
}

func TestBothBeginAtOnce(t *testing.T) {
	eachLibrary(t, func(t *testing.T) {
		for _, oneTime := range []bool{true, false} {
			p := newPair(t)
			p.weBegin(oneTime)
			p.theyBegin(oneTime)
			ours, theirs := p.seal(true, "ours"), p.seal(false, "theirs")
			p.open(true, ours, "ours")
			p.open(false, theirs, "theirs")
			for i := range 20 { // they go on crossing
				a, b := p.seal(true, fmt.Sprint("a", i)), p.seal(false, fmt.Sprint("b", i))
				p.open(true, a, fmt.Sprint("a", i))
				p.open(false, b, fmt.Sprint("b", i))
			}
			for i := range 20 { // and then take turns
				p.say(i%2 == 0, fmt.Sprint("turn ", i))
			}
		}
	})
}

// TestCrossingSchedules lets both sides begin, send and deliver at random,
// reordering within a window: every message must arrive.
func TestCrossingSchedules(t *testing.T) {
	eachLibrary(t, func(t *testing.T) {
		schedules := 12
		if testing.Short() {
			schedules = 3
		}
		total := 0
		for seed := range schedules {
			random := rand.New(rand.NewPCG(uint64(seed), 77))
			p := newPair(t)
			p.weBegin(seed%2 == 0)
			p.theyBegin(seed%3 == 0)
			total += p.cross(random, 160)
		}
		t.Logf("%d messages crossed in %d schedules, 0 lost", total, schedules)
	})
}

// cross sends n messages in random directions and delivers each, later and not
// always in order. It returns how many were opened.
func (p pair) cross(random *rand.Rand, n int) int {
	p.t.Helper()
	var way []sealed
	sent, opened := 0, 0
	for sent < n || len(way) > 0 {
		if sent < n && (len(way) == 0 || random.IntN(2) == 0) {
			ours := random.IntN(2) == 0
			text := fmt.Sprint("message ", sent)
			way = append(way, sealed{ours, text, p.seal(ours, text)})
			sent++
			continue
		}
		i := random.IntN(min(len(way), 3))
		p.open(way[i].ours, way[i].m, way[i].text)
		way = append(way[:i], way[i+1:]...)
		opened++
	}
	if opened != n {
		p.t.Fatalf("%d of %d opened", opened, n)
	}
	return opened
}

// TestReplayedSetUp: without a one-time pre-key the set-up could be replayed to
// a device that lost its session; the record of used keys must stop it.
func TestReplayedSetUp(t *testing.T) {
	eachLibrary(t, func(t *testing.T) {
		p := newPair(t)
		p.theyBegin(false)
		m := p.seal(false, "opening")
		p.open(false, m, "opening")
		p.us.store.DropSession(theirAddress)
		before := p.us.store.Fingerprint()
		if _, err := p.us.Decrypt(ctx, theirAddress, m); !errors.Is(err, signal.ErrReplay) {
			t.Fatalf("a replayed set-up: %v", err)
		}
		other := signal.Address{Name: "0a0a0a0a-0b0b-0c0c-0d0d-0e0e0e0e0e0e", Device: 1}
		if _, err := p.us.Decrypt(ctx, other, m); !errors.Is(err, signal.ErrReplay) && !errors.Is(err, signal.ErrInvalidMessage) {
			t.Fatalf("a set-up replayed under another address: %v", err)
		}
		if p.us.store.Fingerprint() != before {
			t.Fatal("a replayed set-up changed the store")
		}
	})
}

func TestChangedIdentity(t *testing.T) {
	eachLibrary(t, func(t *testing.T) {
		p := newPair(t)
		p.theyBegin(true)
		p.say(false, "opening")
		p.them = newThem(t, theirAddress)
		p.theyBegin(true)
		m := p.seal(false, "I am new")
		if _, err := p.us.Decrypt(ctx, theirAddress, m); !errors.Is(err, signal.ErrUntrustedIdentity) {
			t.Fatalf("a changed identity: %v", err)
		}
		if err := p.us.ProcessBundle(ctx, theirAddress, p.them.bundle(t, true)); !errors.Is(err, signal.ErrUntrustedIdentity) {
			t.Fatalf("a bundle of a changed identity: %v", err)
		}
		p.us.store.ForgetIdentity(theirAddress)
		p.open(false, m, "I am new")
	})
}

// TestLostSessions: one side loses its sessions and begins again; the other
// follows, and what was on its way in the old session still arrives. That makes
// the old session current once more, until the one who lost it speaks again.
func TestLostSessions(t *testing.T) {
	eachLibrary(t, func(t *testing.T) {
		for _, weLose := range []bool{true, false} {
			p := newPair(t)
			p.weBegin(true)
			p.say(true, "opening")
			p.say(false, "answer")
			late := p.seal(weLose, "sent before the loss")
			if weLose {
				p.us.store.DropSession(theirAddress)
				p.weBegin(true)
			} else {
				must(t, p.them.call("forget", p.them.to(ourAddress, nil), nil))
				p.theyBegin(true)
			}
			p.say(weLose, "I lost everything")
			p.open(weLose, late, "sent before the loss")
			for i := range 6 {
				p.say((i%2 == 0) == weLose, fmt.Sprint("and on ", i))
			}
		}
	})
}

// TestOtherNames: names that are no service ids, and devices at both ends.
func TestOtherNames(t *testing.T) {
	eachLibrary(t, func(t *testing.T) {
		for _, device := range []uint32{1, 127} {
			here, there := signal.Address{Name: "+14155550100", Device: device}, signal.Address{Name: "bob", Device: 128 - device}
			u := newUs(t)
			var err error
			u.Device, err = signal.New(signal.Config{Local: here, Store: u.store, Now: time.Now, SPQROptional: using.optional})
			must(t, err)
			h := newThem(t, there)
			must(t, u.ProcessBundle(ctx, there, h.bundle(t, true)))
			m, err := u.Encrypt(ctx, there, []byte("hello"))
			must(t, err)
			text, err := h.Decrypt(ctx, here, m)
			must(t, err)
			m, err = h.Encrypt(ctx, here, text)
			must(t, err)
			if text, err = u.Decrypt(ctx, there, m); err != nil || string(text) != "hello" {
				t.Fatalf("%q %v", text, err)
			}
		}
	})
}

// TestExpiry: they, too, stop using a session that nobody answers.
func TestExpiry(t *testing.T) {
	eachLibrary(t, func(t *testing.T) {
		p := newPair(t)
		p.theyBegin(true)
		late := time.Now().Add(30*24*time.Hour + time.Minute).UnixMilli()
		err := p.them.call("encrypt", p.them.to(ourAddress, values{"text": []byte("x"), "at": late}), nil)
		if !refused(err, "session") {
			t.Fatalf("they: %v", err)
		}
		now := time.Now()
		u := newUs(t)
		u.Device, err = signal.New(signal.Config{Local: ourAddress, Store: u.store, Now: func() time.Time { return now }, SPQROptional: using.optional})
		must(t, err)
		must(t, u.ProcessBundle(ctx, theirAddress, p.them.bundle(t, true)))
		now = now.Add(30*24*time.Hour + time.Minute)
		if _, err := u.Encrypt(ctx, theirAddress, nil); !errors.Is(err, signal.ErrNoSession) {
			t.Fatalf("we: %v", err)
		}
	})
}
