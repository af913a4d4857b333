package holdings_test

import (
	"bytes"
	"slices"
	"testing"
	"time"

	d "letterlock/disclosable"
	"letterlock/disclosable/door"
	"letterlock/internal/fault"
	"letterlock/law"
	"letterlock/storage/storagetest"
	"letterlock/wire"
)

var half = [32]byte{0xde, 0x5c}

// preserve and opens are what a desk calls, directly or through the socket.
func (w *world) preserve(h d.Hash) (door.Kept, error) {
	if w.through != nil {
		return w.through.Preserve(ctx(w), door.Keep{Grant: h, Half: half})
	}
	return w.Holdings.Preserve(ctx(w), door.Keep{Grant: h, Half: half})
}

func (w *world) opens(h d.Hash, half [32]byte) (door.Release, error) {
	if w.through != nil {
		return w.through.OpenSnapshot(ctx(w), door.Keep{Grant: h, Half: half})
	}
	return w.Holdings.OpenSnapshot(ctx(w), door.Keep{Grant: h, Half: half})
}

// preserving is an honest grant to preserve what 18 USC 2703(f) lets be kept.
func (w *world) preserving(g *d.Grant) {
	row, _ := w.config.Law.Row("us.preservation", w.clock.Now())
	until, _ := law.Longest(row, w.clock.Now())
	g.Kind, g.Process, g.Case, g.Fields = d.Preserve, "us.preservation", "LL-2026-000009", []d.FieldID{"about", "last_ip", "name"}
	g.Notice = d.NoticePlan{Timing: d.ToldWithheld, Day: until.Unix(), Basis: "nothing is disclosed"}
	g.Keep = &d.Keeping{Received: w.clock.Now().Unix(), Until: until.Unix()}
}

// kept is the grant of a snapshot of Alice that is kept.
func (w *world) kept() d.Hash {
	w.t.Helper()
	h := w.ready(w.preserving)
	if _, err := w.preserve(h); err != nil {
		w.t.Fatal(err)
	}
	return h
}

// later is a grant under a warrant that opens the snapshot.
func later(h d.Hash, change ...func(*d.Grant)) func(*d.Grant) {
	return func(g *d.Grant) {
		g.Process, g.Fields, g.Snapshot = "us.warrant.search", []d.FieldID{"about", "name"}, &h
		for _, f := range change {
			f(g)
		}
	}
}

func (w *world) pass(by time.Duration) {
	w.t.Helper()
	for end := w.clock.Now().Add(by); w.clock.Now().Before(end); {
		w.clock.Advance(min(9*time.Minute, end.Sub(w.clock.Now())))
		w.public.CheckClock(w.clock.Now())
	}
	if err := w.Destroy(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

func TestASnapshotOutlivesTheAccountAndOpensUnderAWarrant(t *testing.T) {
	for _, where := range []string{"together", "apart"} {
		t.Run(where, func(t *testing.T) {
			storagetest.Each(t, func(t *testing.T, c storagetest.Carrier) {
				w := worldWith(t, c.Holdings())
				if where == "apart" {
					w.apart()
				}
				h := w.kept()
				taken := w.clock.Now()
				// The account is deleted and the number goes to somebody else.
				delete(w.accounts.facts, w.alice)
				w.accounts.add(alicePhone, wire.NewAccountID())
				w.pass(30 * 24 * time.Hour)
				r, err := w.opens(w.ready(later(h)), half)
				if err != nil {
					t.Fatal(err)
				}
				if got := fieldsOf(r.Records); !slices.Equal(got, []d.FieldID{"about", "name"}) {
					t.Errorf("fields %v", got)
				}
				for _, x := range r.Records {
					if x.Account != d.Account(w.alice) || x.AsOf != taken.Format(time.RFC3339) {
						t.Errorf("%+v, taken %v", x, taken)
					}
				}
				// A second process reaches it too, and each grant works once.
				again := w.ready(later(h, func(g *d.Grant) { g.Nonce = d.NewNonce() }))
				if _, err := w.opens(again, half); err != nil {
					t.Error(err)
				}
				if r, err := w.opens(again, half); !fault.Is(err, fault.Conflict) || len(r.Records) > 0 {
					t.Errorf("a grant opened twice: %v", err)
				}
			})
		})
	}
}

func TestPreservingTwiceIsOneSnapshotAndTheFirstAnswer(t *testing.T) {
	w := newWorld(t)
	h := w.ready(w.preserving)
	first, err := w.preserve(h)
	if err != nil {
		t.Fatal(err)
	}
	w.accounts.facts[w.alice][1].Value = "Changed since"
	w.clock.Advance(time.Minute)
	if again, err := w.preserve(h); err != nil || again != first {
		t.Errorf("%+v %v, want %+v", again, err, first)
	}
	r, err := w.opens(w.ready(later(h)), half)
	if err != nil || !slices.ContainsFunc(r.Records, func(x d.Record) bool { return x.Value == "Name of "+alicePhone }) {
		t.Errorf("%+v %v", r.Records, err)
	}
	if n := kinds(t, w.public)["snapshot.done"]; n != 1 {
		t.Errorf("%d snapshots recorded", n)
	}
}

func TestASnapshotIsDestroyedByTheClockOnceAndNeverEarly(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, c storagetest.Carrier) {
		w := worldWith(t, c.Holdings())
		h := w.kept()
		w.pass(90*24*time.Hour - time.Hour - time.Minute) // an hour: Washington left summer time before
		if n := kinds(t, w.public)["snapshot.destroyed"]; n != 0 {
			t.Fatal("destroyed early")
		}
		waiting := w.ready(later(h))
		w.clock.Advance(2 * time.Hour) // a leap while it runs: in doubt, nothing is destroyed
		if err := w.Destroy(t.Context()); err != nil || kinds(t, w.public)["snapshot.destroyed"] != 0 {
			t.Fatalf("destroyed by a clock that leapt: %v", err)
		}
		if r, err := w.opens(waiting, half); err == nil || len(r.Records) > 0 {
			t.Error("opened after its time, because its removal waits")
		}
		w.clock.Set(w.clock.Now().Add(-2 * time.Hour))
		w.pass(2 * time.Hour)
		w.pass(24 * time.Hour)
		w.open() // a restart
		if err := w.Reconcile(t.Context()); err != nil {
			t.Fatal(err)
		}
		w.pass(time.Hour)
		if n := kinds(t, w.public)["snapshot.destroyed"]; n != 1 {
			t.Errorf("destroyed %d times", n)
		}
		if _, err := w.Propose(t.Context(), w.bytes(w.grant(later(h)))); !fault.Is(err, fault.Forbidden) {
			t.Errorf("a grant for what is gone: %v", err)
		}
	})
}

func TestARestoreRevivesNoDestroyedSnapshot(t *testing.T) {
	w := newWorld(t)
	h := w.kept()
	id := w.stored()
	w.pass(91 * 24 * time.Hour)
	old := w.store // the backup of before holds it
	if err := old.PutSnapshot(t.Context(), d.Hash{1}, w.clock.Now(), id, false); err == nil {
		t.Fatal("a grant nobody proposed was used")
	}
	w.restore(id)
	w.open()
	if err := w.Reconcile(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := w.store.Snapshot(t.Context(), id.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("it came back: %v", err)
	}
	if _, err := w.Propose(t.Context(), w.bytes(w.grant(later(h)))); !fault.Is(err, fault.Forbidden) {
		t.Errorf("%v", err)
	}
}

// stored is the one snapshot as the disk has it.
func (w *world) stored() (s snapshotRow) {
	w.t.Helper()
	all, err := w.store.SnapshotsDue(w.t.Context(), w.clock.Now().AddDate(2, 0, 0), 9)
	if err != nil || len(all) != 1 {
		w.t.Fatalf("%d snapshots are kept (%v), want 1", len(all), err)
	}
	return all[0]
}

// restore puts a row back, as a backup would.
func (w *world) restore(s snapshotRow) {
	w.t.Helper()
	if err := w.store.PutSnapshot(w.t.Context(), w.propose(w.grant(func(g *d.Grant) { g.Nonce = d.NewNonce() })), w.clock.Now(), s, false); err != nil {
		w.t.Fatal(err)
	}
}

func TestARenewalRunsOnceFromTheEnd(t *testing.T) {
	w := newWorld(t)
	h := w.kept()
	end := w.stored().Until
	w.pass(60 * 24 * time.Hour)
	renewal := func(g *d.Grant) {
		w.preserving(g)
		row, _ := w.config.Law.Row("us.preservation", w.clock.Now())
		until, _ := law.Renewed(row, w.stored().Until)
		g.Keep = &d.Keeping{Received: w.clock.Now().Unix(), Until: until.Unix(), Renews: &h}
	}
	tooLong := w.grant(renewal, func(g *d.Grant) { g.Keep.Until += 60 })
	if _, err := w.Propose(ctx(w), w.bytes(tooLong)); !fault.Is(err, fault.Forbidden) {
		t.Errorf("longer than the row gives: %v", err)
	}
	w.accounts.facts[w.alice][1].Value = "Changed since" // nothing new is read
	r := w.ready(renewal)
	got, err := w.preserve(r)
	if err != nil || !got.At.Equal(start) || got.Until.Sub(end) > 90*24*time.Hour || got.Until.Sub(end) < 89*24*time.Hour {
		t.Fatalf("%+v %v, first until %v", got, err, end)
	}
	if again, err := w.Holdings.Preserve(ctx(w), door.Keep{Grant: r, Half: half, Taken: h}); err != nil || again != got {
		t.Errorf("again: %+v %v", again, err)
	}
	if _, err := w.Propose(ctx(w), w.bytes(w.grant(renewal))); !fault.Is(err, fault.Forbidden) {
		t.Errorf("a second renewal: %v", err)
	}
	w.pass(60 * 24 * time.Hour)
	rel, err := w.opens(w.ready(later(h)), half)
	if err != nil || !slices.ContainsFunc(rel.Records, func(x d.Record) bool { return x.Value == "Name of "+alicePhone }) {
		t.Errorf("%+v %v", rel.Records, err)
	}
	w.pass(60 * 24 * time.Hour)
	if n := kinds(t, w.public)["snapshot.destroyed"]; n != 1 {
		t.Errorf("destroyed %d times", n)
	}
}

// TestTheDiskDoesNotSayWhoIsPreserved looks into the engine's files for the
// account, the number, the values and the grant, and after the end for the row.
func TestTheDiskDoesNotSayWhoIsPreserved(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, c storagetest.Carrier) {
		w := worldWith(t, c.Holdings())
		h := w.ready(w.preserving)
		if c.Find(t, []byte(alicePhone)) == 0 {
			t.Fatal("the grant waits and the search does not find it: it cannot fail")
		}
		if _, err := w.preserve(h); err != nil {
			t.Fatal(err)
		}
		if err := c.Erase(t.Context()); err != nil {
			t.Fatal(err)
		}
		for what, b := range map[string][]byte{"number": []byte(alicePhone), "account": w.alice[:], "name": []byte("Name of"), "case": []byte("LL-2026-000009"), "agency": []byte("Harbor County")} {
			if n := c.Find(t, b); n > 0 {
				t.Errorf("the %s is %d times on the disk", what, n)
			}
		}
		row := w.stored()
		if len(row.Sealed)%4096 != 40 {
			t.Errorf("a snapshot of %d bytes tells its length", len(row.Sealed))
		}
		if c.Find(t, row.Sealed[64:96]) == 0 {
			t.Fatal("the sealed bytes are not found while they are there")
		}
		w.pass(91 * 24 * time.Hour)
		if err := c.Erase(t.Context()); err != nil {
			t.Fatal(err)
		}
		for what, b := range map[string][]byte{"id": row.ID[:], "sealed bytes": row.Sealed[64:96]} {
			if n := c.Find(t, b); n > 0 {
				t.Errorf("the %s of a destroyed snapshot are %d times on the disk", what, n)
			}
		}
	})
}

// TestNeitherHalfOpensASnapshotAlone: the carrier's key and the grant are not
// enough, and neither is the desk's half with another carrier's key.
func TestNeitherHalfOpensASnapshotAlone(t *testing.T) {
	w := newWorld(t)
	h := w.kept()
	if _, err := w.opens(w.ready(later(h)), [32]byte{}); !fault.Is(err, fault.Forbidden) {
		t.Errorf("without the desk's half: %v", err)
	}
	row := w.stored()
	for n := range len(row.Sealed) {
		if n%1024 == 0 && bytes.Contains(row.Sealed[n:], []byte(alicePhone)) {
			t.Fatal("the number is in the clear")
		}
	}
	w.config.SnapshotKey = bytes.Repeat([]byte{9}, 32)
	w.open()
	if _, err := w.Propose(ctx(w), w.bytes(w.grant(later(h)))); !fault.Is(err, fault.Forbidden) {
		t.Errorf("another carrier's key finds it: %v", err)
	}
}
