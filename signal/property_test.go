package signal_test

import (
	"errors"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"letterlock/signal"
	"letterlock/signal/signaltest"
)

// envelope is a message on its way and what it says.
type envelope struct {
	from, to *person
	text     string
	m        signal.Message
	opened   bool
}

// world is two people and everything ever sent between them.
type world struct {
	a, b *person
	sent []*envelope
}

// TestAnySchedule: whatever the order of beginning, sending, delivering, losing,
// forging and repeating, each message opens once and only once, as what it was.
func TestAnySchedule(t *testing.T) {
	keys := [2]signaltest.Keys{}
	for i := range keys {
		var err error
		keys[i], err = signaltest.NewKeys(1, 30)
		must(t, err)
	}
	rapid.Check(t, func(r *rapid.T) {
		w := &world{a: newPersonWith(t, aliceName, keys[0]), b: newPersonWith(t, bobName, keys[1])}
		r.Repeat(map[string]func(*rapid.T){
			"begin":   w.begin,
			"send":    w.send,
			"deliver": w.deliver,
			"forge":   w.forge,
			"repeat":  w.repeat,
			"":        w.check,
		})
	})
}

func (w *world) pick(r *rapid.T) (from, to *person) {
	if rapid.Bool().Draw(r, "alice") {
		return w.a, w.b
	}
	return w.b, w.a
}

func (w *world) begin(r *rapid.T) {
	from, to := w.pick(r)
	if err := from.ProcessBundle(ctx, to.address, to.bundle()); err != nil {
		r.Fatal(err)
	}
}

func (w *world) send(r *rapid.T) {
	from, to := w.pick(r)
	has, err := from.HasSession(ctx, to.address)
	if err != nil {
		r.Fatal(err)
	}
	text := fmt.Sprint("message ", len(w.sent))
	m, err := from.Encrypt(ctx, to.address, []byte(text))
	if !has {
		if !errors.Is(err, signal.ErrNoSession) {
			r.Fatalf("without a session: %v", err)
		}
		return
	}
	if err != nil {
		r.Fatal(err)
	}
	w.sent = append(w.sent, &envelope{from: from, to: to, text: text, m: m})
}

// waiting picks a message that was not opened yet, among the oldest few, so
// that no chain falls out of the five that a state keeps.
func (w *world) waiting(r *rapid.T) *envelope {
	var some []*envelope
	for _, e := range w.sent {
		if !e.opened && len(some) < 3 {
			some = append(some, e)
		}
	}
	if len(some) == 0 {
		r.Skip("nothing is on its way")
	}
	return rapid.SampledFrom(some).Draw(r, "message")
}

func (w *world) deliver(r *rapid.T) {
	e := w.waiting(r)
	got, err := e.to.Decrypt(ctx, e.from.address, e.m)
	if err != nil || string(got) != e.text {
		r.Fatalf("%q: got %q, %v", e.text, got, err)
	}
	e.opened = true
}

func (w *world) forge(r *rapid.T) {
	e := w.waiting(r)
	// The last bytes of either kind are bound: the MAC or the Kyber ciphertext.
	i := len(e.m.Body) - 1 - rapid.IntRange(0, 7).Draw(r, "byte")
	before := e.to.store.Fingerprint()
	bad := signal.Message{Type: e.m.Type, Body: flipped(e.m.Body, i, 1<<rapid.IntRange(0, 7).Draw(r, "bit"))}
	repeated := e.m.Type == signal.TypePreKey // a known set-up does not look at the Kyber ciphertext again
	got, err := e.to.Decrypt(ctx, e.from.address, bad)
	if err == nil && repeated && string(got) == e.text {
		e.opened = true
		return
	}
	if err == nil {
		r.Fatalf("a forgery opened as %q", got)
	}
	if e.to.store.Fingerprint() != before {
		r.Fatal("a forgery changed the store")
	}
}

func (w *world) repeat(r *rapid.T) {
	var some []*envelope
	for _, e := range w.sent {
		if e.opened {
			some = append(some, e)
		}
	}
	if len(some) == 0 {
		r.Skip("nothing was opened yet")
	}
	e := rapid.SampledFrom(some).Draw(r, "message")
	before := e.to.store.Fingerprint()
	if got, err := e.to.Decrypt(ctx, e.from.address, e.m); err == nil {
		r.Fatalf("%q opened twice, as %q", e.text, got)
	}
	if e.to.store.Fingerprint() != before {
		r.Fatal("a repeated message changed the store")
	}
}

func (w *world) check(r *rapid.T) {
	for _, p := range []*person{w.a, w.b} {
		peer := map[*person]*person{w.a: w.b, w.b: w.a}[p]
		stored := p.store.Session(peer.address)
		if again, err := signal.RewriteRecord(stored); stored != nil && (err != nil || string(again) != string(stored)) {
			r.Fatalf("a stored record reads back as another: %v", err)
		}
	}
}

// TestAnyPlaintext: every length and content comes back as it was.
func TestAnyPlaintext(t *testing.T) {
	a, b := met(t)
	rapid.Check(t, func(r *rapid.T) {
		text := rapid.SliceOfN(rapid.Byte(), 0, 600).Draw(r, "text")
		from, to := a, b
		if rapid.Bool().Draw(r, "back") {
			from, to = b, a
		}
		m, err := from.Encrypt(ctx, to.address, text)
		if err != nil {
			r.Fatal(err)
		}
		got, err := to.Decrypt(ctx, from.address, m)
		if err != nil || string(got) != string(text) {
			r.Fatalf("%x became %x: %v", text, got, err)
		}
	})
}

// TestCrossingSchedules: both begin at once and messages cross at random;
// nothing is lost.
func TestCrossingSchedules(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		a, b := newPerson(t, aliceName, 2), newPerson(t, bobName, 2)
		a.begin(t, b)
		b.begin(t, a)
		w := &world{a: a, b: b}
		steps := rapid.SliceOfN(rapid.IntRange(0, 1), 30, 120).Draw(r, "steps")
		for _, s := range steps {
			if s == 0 || len(w.sent) == 0 {
				w.send(r)
			} else if w.left() > 0 {
				w.deliver(r)
			}
		}
		for w.left() > 0 {
			w.deliver(r)
		}
	})
}

func (w *world) left() (n int) {
	for _, e := range w.sent {
		if !e.opened {
			n++
		}
	}
	return n
}
