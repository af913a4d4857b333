package ledger_test

import (
	"bytes"
	"context"
	"testing"
	"time"

	"letterlock/ledger"
	"letterlock/ledger/proof"
)

// day lives through an hour of the carrier's and desk's ledgers: the public
// cases are always the same, the sealed ones are given.
func day(t *testing.T, sealedCases int) (public []map[string][]byte, sealed *world) {
	t.Helper()
	desk, carrier := newWorld(t, small("example.org/desk"), 1), newWorld(t, small("example.org/carrier"), 2)
	set := small("example.org/sealed")
	set.Sealed = true
	sealed = newWorld(t, set, 3)
	all := []*world{desk, carrier, sealed}
	for _, w := range all {
		w.clock = desk.clock
		w.Close()
		w.open()
		for _, o := range all {
			if o != w {
				if err := w.Trust(o.Keys()...); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	for minute := range 20 {
		if minute%3 == 0 {
			desk.record("request.filed")
			carrier.record("holdings.read")
		}
		for i := range sealedCases {
			if (minute+i)%4 == 0 {
				sealed.record("nsl.intent")
			}
		}
		desk.clock.Set(start.Add(time.Duration(minute+1) * time.Minute))
		for _, w := range all {
			if err := w.Tick(bg); err != nil {
				t.Fatal(err)
			}
		}
		gather(t, desk.Ledger, carrier.Ledger)
		gather(t, carrier.Ledger, desk.Ledger)
		gather(t, sealed.Ledger, carrier.Ledger)
	}
	for _, w := range all {
		w.holds(append(desk.Keys(), append(carrier.Keys(), sealed.Keys()...)...)...)
		public = append(public, w.public())
	}
	return public, sealed
}

func gather(t testing.TB, of, by *ledger.Ledger) {
	t.Helper()
	if err := of.Gather(context.Background(), by); err != nil {
		t.Fatalf("%s co-signed by %s: %v", of.Origin(), by.Origin(), err)
	}
}

func TestTwoWorldsLookAlike(t *testing.T) {
	none, _ := day(t, 0)
	many, sealed := day(t, 5)
	for i, who := range []string{"desk", "carrier"} {
		for name, b := range none[i] {
			if !bytes.Equal(b, many[i][name]) {
				t.Errorf("%s: %s tells that there are sealed cases", who, name)
			}
		}
	}
	// The sealed ledger itself differs, and only in what nobody can read: as
	// many leaves and bytes, the same times.
	for name, b := range none[2] {
		if len(b) != len(many[2][name]) {
			t.Errorf("sealed: %s has %d bytes without cases and %d with", name, len(b), len(many[2][name]))
		}
	}
	if bytes.Equal(none[2]["hashes"], many[2]["hashes"]) {
		t.Fatal("the sealed cases are not in the sealed ledger: the test shows nothing")
	}
	times := func(b []byte) (out []string) {
		for _, part := range bytes.Split(b, []byte("\n\n")) {
			if cp, err := proof.ParseCheckpoint(string(part) + "\n"); err == nil {
				out = append(out, cp.Time.String())
			}
		}
		return out
	}
	a, b := times(none[2]["checkpoints"]), times(many[2]["checkpoints"])
	if len(a) != 21 || len(b) != len(a) {
		t.Fatalf("%d and %d checkpoints", len(a), len(b))
	}
	for i := range a {
		if a[i] != b[i] {
			t.Errorf("checkpoint %d: %s and %s", i, a[i], b[i])
		}
	}
	if sealed.State().Size != 160 {
		t.Fatal("the sealed ledger did not grow")
	}
}

// Dummies and leaves cannot be told apart without the secret. A test cannot
// show that; it shows that no bit gives them away and that none repeats.
func TestDummiesLookLikeLeaves(t *testing.T) {
	set := small("example.org/desk")
	set.Batch, set.Reserved, set.Backlog = 1024, 1, 1
	w := newWorld(t, set, 1)
	real := map[proof.Hash]bool{}
	for i := range 512 {
		r, err := w.Append(bg, ledger.Record{Kind: "load", Body: []byte(body(i % 4))})
		if err != nil {
			t.Fatal(err)
		}
		real[r.Leaf.Node()] = true
	}
	w.tick()
	p, err := w.Public()
	if err != nil {
		t.Fatal(err)
	}
	leaves, err := p.LeafHashes(0, 1024)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[proof.Hash]bool{}
	var ones [2][256]int
	for _, h := range leaves {
		kind := 0
		if real[h] {
			kind = 1
		}
		for bit := range 256 {
			ones[kind][bit] += int(h[bit/8] >> (bit % 8) & 1)
		}
		seen[h] = true
	}
	if len(seen) != 1024 || len(real) != 512 {
		t.Fatalf("%d different leaves, %d real: equal records give equal leaves", len(seen), len(real))
	}
	for kind := range ones {
		for bit, n := range ones[kind] {
			if n < 256-70 || n > 256+70 { // six standard deviations
				t.Errorf("kind %d, bit %d is set %d times of 512", kind, bit, n)
			}
		}
	}
}
