package client_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"letterlock/client"
	"letterlock/client/carriertest"
	"letterlock/client/keystoretest"
	"letterlock/internal/fault"
	"letterlock/wire"
)

func TestTwoPeopleTalk(t *testing.T) {
	w := newWorld(t)
	a, b := w.person(alice), w.person(bob)
	sent := a.send(b, "hello, Bob")
	a.flush()
	b.drain()
	b.got("hello, Bob")
	in := b.journal(client.Incoming)[0]
	if in.ID != sent.ID || in.Peer != accountOf(a) || in.Sent != sent.At || in.At == 0 {
		t.Fatalf("sent %+v, got %+v", sent, in)
	}
	who, err := b.Person(bg, in.Peer)
	b.must(err)
	if who.Phone != alice || !who.Confirmed {
		t.Fatalf("Bob knows the sender as %+v", who)
	}
	b.send(a, "hello, Alice")
	b.flush()
	settle(a, b)
	a.got("hello, Alice")
	a.whole()
	b.whole()
	talk, err := a.Talk(bg, accountOf(b), 1)
	a.must(err)
	if len(talk) != 1 || talk[0].Text != "hello, Alice" {
		t.Fatalf("the last of the conversation is %s", joined(talk))
	}
	if n := w.carrier.Lookups(); n != 2 { // Alice for Bob's number, Bob for the number that Alice claims
		t.Fatalf("%d numbers were looked up", n)
	}
}

func TestBothBeginAtOnce(t *testing.T) {
	w := newWorld(t)
	a, b := w.person(alice), w.person(bob)
	var fromA, fromB []string
	for i := range 6 {
		fromA, fromB = append(fromA, fmt.Sprint("A", i)), append(fromB, fmt.Sprint("B", i))
		a.send(b, fromA[i])
		b.send(a, fromB[i])
		a.flush() // takes in what came before as well
		b.flush()
	}
	settle(a, b)
	a.got(fromB...)
	b.got(fromA...)
	a.whole()
	b.whole()
}

func TestOutOfOrderAndRepeatedAndUnacknowledged(t *testing.T) {
	w := newWorld(t)
	lost := 3
	w.carrier.OnAck = func(from wire.Address) bool { lost--; return lost < 0 }
	a, b := w.person(alice), w.person(bob)
	want := numbered("message %d", 40)
	for _, text := range want {
		a.send(b, text)
	}
	a.flush()
	w.carrier.Repeat(bob)
	w.carrier.Shuffle(bob)
	for range 5 {
		b.drain()
	}
	b.got(want...)
	settle(a, b)
	b.whole()
	a.whole()
	if n := len(b.told); n != len(want) {
		t.Fatalf("the page was told %d times of %d messages", n, len(want))
	}
}

// A message is shown in the order in which it was written when the carrier
// keeps the order.
func TestOrderIsKept(t *testing.T) {
	w := newWorld(t)
	a, b := w.person(alice), w.person(bob)
	want := numbered("%d", 100) // more than three windows
	for _, text := range want {
		a.send(b, text)
	}
	a.flush()
	b.drain()
	if got := b.texts(); !reflect.DeepEqual(got, want) {
		t.Fatalf("order: %q", got)
	}
	a.whole()
	b.whole()
}

func TestRetriesRepeatTheBytes(t *testing.T) {
	w := newWorld(t)
	a, b := w.person(alice), w.person(bob)
	n := 0
	seen := map[string]int{}
	w.carrier.OnSend = func(_ wire.Address, s wire.Send) carriertest.Verdict {
		n++
		seen[string(s.Body)]++
		return []carriertest.Verdict{{Cut: true}, {Mute: true}, {Mute: true}, {Refuse: wire.CodeFull, RetryAfter: 3},
			{Refuse: wire.CodeTemporary}, {Refuse: wire.CodeSlowDown, RetryAfter: 90}, {Twice: true}}[min(n-1, 6)]
	}
	a.send(b, "once")
	a.flush()
	settle(b, a)
	b.got("once")
	b.whole()
	a.whole()
	if n != 7 || len(seen) != 1 {
		t.Fatalf("%d attempts with %d different envelopes", n, len(seen))
	}
	if got := len(w.carrier.Taken()); got != 3 {
		t.Fatalf("the carrier took it %d times: the test does not test", got)
	}
}

func TestARefusalForGoodIsSaid(t *testing.T) {
	w := newWorld(t)
	a, b := w.person(alice), w.person(bob)
	w.carrier.OnSend = func(wire.Address, wire.Send) carriertest.Verdict {
		return carriertest.Verdict{Refuse: wire.CodeTooLarge}
	}
	e := a.send(b, "too big for it")
	a.flush()
	e, _, err := a.Entry(bg, e.Seq)
	a.must(err)
	if e.State != client.Failed || e.Why != "refused by the test" {
		t.Fatalf("%+v", e)
	}
}

func TestLinesBreakAndComeBack(t *testing.T) {
	w := newWorld(t)
	a, b := w.person(alice), w.person(bob)
	ctx, cancel := context.WithCancel(limit(t))
	done := make(chan error)
	go func() { done <- b.Run(ctx, client.Run{}) }()
	want := numbered("%d", 12)
	for i, text := range want {
		if i%3 == 1 {
			w.carrier.Cut(bob)
		}
		a.send(b, text)
		a.flush()
	}
	for len(b.texts()) < len(want) && ctx.Err() == nil {
		time.Sleep(time.Millisecond) // another goroutine's work: there is nothing to wait on
	}
	cancel()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	b.got(want...)
	b.whole()
}

func TestPatienceEnds(t *testing.T) {
	w := newWorld(t)
	a := w.person(alice)
	dead := deadTransport{}
	c, err := client.New(client.Config{Store: a.store, Transport: dead, Clock: w.clock, Wait: func(ctx context.Context, d time.Duration) error { return ctx.Err() }})
	a.must(err)
	err = c.Run(limit(t), client.Run{Patience: 3})
	if !fault.Is(err, fault.Unavailable) || !strings.Contains(fault.Say(err), "cannot be reached") {
		t.Fatalf("%v", err)
	}
	if _, err := c.Send(bg, bob, "x"); !fault.Is(err, fault.Unavailable) {
		t.Fatalf("an unknown number without a network: %v", err)
	}
}

type deadTransport struct{}

func (deadTransport) Call(context.Context, wire.Credential, string, []byte) (int, []byte, error) {
	return 0, nil, context.DeadlineExceeded
}

func (deadTransport) Dial(context.Context, wire.Credential) (client.Socket, error) {
	return nil, context.DeadlineExceeded
}

// What was accepted for a known person is kept without a network and goes with
// a later start.
func TestTheOutboxOutlivesTheProgram(t *testing.T) {
	w := newWorld(t)
	a, b := w.person(alice), w.person(bob)
	a.send(b, "first")
	a.flush()
	offline, err := client.New(client.Config{Store: a.store, Transport: deadTransport{}, Clock: w.clock})
	a.must(err)
	if _, err := offline.Send(bg, bob, "written in a tunnel"); err != nil {
		t.Fatal(err)
	}
	a.start()
	a.flush()
	b.drain()
	b.got("first", "written in a tunnel")
	a.whole()
}

func TestWhatCannotBeSentIsRefusedAtOnce(t *testing.T) {
	w := newWorld(t)
	a, b := w.person(alice), w.person(bob)
	for _, c := range []struct {
		to, text string
		kind     fault.Kind
	}{
		{b.phone, "", fault.Invalid},
		{b.phone, strings.Repeat("x", 64<<10+1), fault.Invalid},
		{b.phone, "\xff\xfe", fault.Invalid},
		{alice, "to myself", fault.Invalid},
		{"0163296000", "no country", fault.Invalid},
		{"+44CALLBOB", "letters", fault.Invalid},
		{carol, "not there", fault.NotFound},
	} {
		if _, err := a.Send(bg, c.to, c.text); !fault.Is(err, c.kind) {
			t.Errorf("%s: %v", c.to, err)
		}
	}
	if all := a.journal(); len(all) != 0 {
		t.Errorf("refused messages left %+v", all)
	}
	nobody, err := client.New(client.Config{Store: keystoretest.NewMemory(), Transport: w.carrier.Transport(), Clock: w.clock})
	a.must(err)
	if _, err := nobody.Send(bg, bob, "x"); !fault.Is(err, fault.Unauthenticated) {
		t.Errorf("nobody registered: %v", err)
	}
}

func TestUnreadIsWhatWasNotShown(t *testing.T) {
	w := newWorld(t)
	a, b, c := w.person(alice), w.person(bob), w.person(carol)
	a.send(b, "from Alice")
	a.flush()
	c.send(b, "from Carol")
	c.flush()
	b.drain()
	from := func(id wire.AccountID) (out []string) {
		es, err := b.Unread(bg, id)
		b.must(err)
		for _, e := range es {
			out = append(out, e.Text)
		}
		b.must(b.Shown(bg, es...))
		return out
	}
	if got := from(accountOf(a)); !slices.Equal(got, []string{"from Alice"}) {
		t.Fatalf("of Alice: %q", got)
	}
	b.start()
	if got := from(wire.AccountID{}); !slices.Equal(got, []string{"from Carol"}) {
		t.Fatalf("the rest: %q", got)
	}
	if got := from(wire.AccountID{}); got != nil {
		t.Fatalf("shown twice: %q", got)
	}
}
