package client_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"

	"letterlock/client"
	"letterlock/client/carriertest"
	"letterlock/wire"
)

// stormSize is how many messages a storm has: LETTERLOCK_STORM=10000 for the
// whole one.
func stormSize(t *testing.T) int {
	if s := os.Getenv("LETTERLOCK_STORM"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil {
			t.Fatalf("LETTERLOCK_STORM=%q is not a number", s)
		}
		return n
	}
	return 180
}

// Two people with three devices each, none of which has a session with another,
// all write at once over a network that drops, repeats and reorders: each
// message is shown exactly once on every device, in one order, and no session
// is begun anew.
func TestTwoPeopleWithThreeDevicesWriteAtOnce(t *testing.T) {
	w := newWorld(t)
	a, b := w.person(alice), w.person(bob)
	everybody := []*person{a, a.link("a2", client.HistoryNone), a.link("a3", client.HistoryNone),
		b, b.link("b2", client.HistoryNone), b.link("b3", client.HistoryNone)}
	weather := &weather{rng: rand.New(rand.NewPCG(7, 7))}
	w.carrier.Mix(11)
	w.carrier.OnSend, w.carrier.OnAck = weather.send, weather.ack
	each := (stormSize(t) + len(everybody) - 1) / len(everybody)
	var wait sync.WaitGroup
	for _, p := range everybody {
		wait.Go(func() { p.storm(each) })
	}
	wait.Wait()
	weather.clear()
	w.calm(everybody)
	want := each * len(everybody)
	var order []string
	for _, p := range everybody {
		with := a
		if p.phone == alice {
			with = b
		}
		got := p.words(with)
		if len(got) != want {
			t.Errorf("%s/%d shows %d messages, want %d", p.phone, p.number(), len(got), want)
		}
		if order == nil {
			order = got
		}
		if !slices.Equal(order, got) {
			t.Errorf("%s/%d has another order", p.phone, p.number())
		}
		if all := p.journal(client.Unopened, client.ServerDoubt, client.KeyChanged, client.Unknown); len(all) > 0 {
			t.Errorf("%s/%d: %s", p.phone, p.number(), joined(all))
		}
		for _, e := range p.journal(client.Outgoing) {
			if e.State != client.Sent || e.Copies != 0 {
				t.Errorf("%s/%d: %q is %s (%s), %d copies wait", p.phone, p.number(), e.Text, e.State, e.Why, e.Copies)
			}
		}
		if n := w.carrier.WaitingAt(p.phone, p.number()); n != 0 {
			t.Errorf("%s/%d: %d envelopes not acknowledged", p.phone, p.number(), n)
		}
	}
	t.Logf("%d messages on 6 devices; %d envelopes or answers dropped, %d repeated", want, weather.dropped, weather.repeated)
	if weather.dropped == 0 || weather.repeated == 0 {
		t.Error("the weather was fine")
	}
}

// storm writes and connects by turns.
func (p *person) storm(n int) {
	to := bob
	if p.phone == bob {
		to = alice
	}
	rng := rand.New(rand.NewPCG(uint64(p.number()), uint64(len(to))))
	for i := range n {
		if _, err := p.Send(bg, to, fmt.Sprintf("%s/%d %05d", p.phone, p.number(), i)); err != nil {
			p.t.Errorf("%s: %v", p.phone, err)
			return
		}
		if rng.IntN(4) == 0 || i == n-1 {
			if err := p.Client.Run(limit(p.t), client.Run{Until: func(g client.Progress) bool { return g.Caught }}); err != nil {
				p.t.Errorf("%s: %v", p.phone, err)
			}
		}
	}
}

// calm exchanges until nothing waits.
func (w *world) calm(people []*person) {
	w.t.Helper()
	for range 60 {
		left := 0
		for _, p := range people {
			p.flush()
			p.drain()
		}
		for _, p := range people {
			left += w.carrier.WaitingAt(p.phone, p.number())
		}
		if left == 0 {
			return
		}
	}
}

// words are the texts of a conversation, in its order.
func (p *person) words(with *person) (out []string) {
	all, err := p.Talk(bg, accountOf(with), 0)
	p.must(err)
	for _, e := range all {
		if e.Kind == client.Incoming || e.Kind == client.Outgoing {
			out = append(out, e.Text)
		}
	}
	return out
}

// weather is what the network does.
type weather struct {
	mu                sync.Mutex
	rng               *rand.Rand
	over              bool
	dropped, repeated int
}

func (x *weather) send(wire.Address, wire.Send) (v carriertest.Verdict) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.over {
		return v
	}
	switch x.rng.IntN(24) {
	case 0:
		v.Cut, x.dropped = true, x.dropped+1
	case 1:
		v.Mute, x.dropped = true, x.dropped+1
	case 2, 3, 4:
		v.Twice, x.repeated = true, x.repeated+1
	case 5:
		v.Refuse, v.RetryAfter = wire.CodeTemporary, 1
	}
	return v
}

func (x *weather) ack(wire.Address) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.over || x.rng.IntN(5) != 0 {
		return true
	}
	x.repeated++
	return false
}

func (x *weather) clear() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.over = true
}
