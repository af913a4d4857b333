package messengerdb_test

import (
	"bytes"
	"reflect"
	"testing"
	"time"

	d "letterlock/disclosable"
	"letterlock/internal/fault"
	"letterlock/internal/passkey"
	"letterlock/messenger/holdings"
	"letterlock/storage/storagetest"
)

var day = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)

func sheet(n byte, state holdings.State) holdings.Sheet {
	return holdings.Sheet{Hash: d.Hash{n}, Grant: []byte{n, 1}, Proposed: day.Add(time.Duration(n) * time.Second), Expires: day.Add(time.Hour), State: state}
}

func key(n byte) holdings.Key {
	return holdings.Key{Holder: "Holder", Pass: passkey.Key{ID: []byte{n}, Public: []byte{n, 2}, Counter: 7, Demo: true, Synced: true}, Active: day}
}

func want(t *testing.T, what string, err error, k fault.Kind) {
	t.Helper()
	if !fault.Is(err, k) {
		t.Errorf("%s: %v, want %v", what, err, k)
	}
}

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// enrolled is a store with one key.
func enrolled(t *testing.T, c storagetest.Carrier) holdings.Store {
	t.Helper()
	s := c.Holdings()
	ok(t, s.PutLinks(t.Context(), []holdings.Link{{Token: [32]byte{1}, Holder: "Holder", Expires: day, First: true}}))
	ok(t, s.Enrol(t.Context(), [32]byte{1}, key(1), nil))
	return s
}

func TestLinksWorkOnceAndAreReplaced(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, c storagetest.Carrier) {
		s, ctx := c.Holdings(), t.Context()
		ok(t, s.PutLinks(ctx, []holdings.Link{{Token: [32]byte{1}, Holder: "A", Expires: day, First: true}, {Token: [32]byte{2}, Holder: "B", Expires: day}}))
		ok(t, s.PutLinks(ctx, []holdings.Link{{Token: [32]byte{3}, Holder: "A", Expires: day, First: true}}))
		_, err := s.Link(ctx, [32]byte{1})
		want(t, "replaced", err, fault.NotFound)
		l, err := s.Link(ctx, [32]byte{3})
		if err != nil || l.Holder != "A" || !l.First || !l.Expires.Equal(day) {
			t.Errorf("%+v %v", l, err)
		}
		ok(t, s.Enrol(ctx, [32]byte{3}, key(1), nil))
		want(t, "used twice", s.Enrol(ctx, [32]byte{3}, key(2), nil), fault.Conflict)
		want(t, "the same key twice", s.Enrol(ctx, [32]byte{2}, key(1), nil), fault.Conflict)
		if _, err := s.Link(ctx, [32]byte{2}); err != nil {
			t.Error("a failed enrolment used the link up")
		}
		keys, err := s.Keys(ctx)
		if err != nil || len(keys) != 1 || !reflect.DeepEqual(keys[0], key(1)) {
			t.Errorf("%+v %v", keys, err)
		}
	})
}

func TestASheetMovesOnOnlyOnce(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, c storagetest.Carrier) {
		s, ctx := enrolled(t, c), t.Context()
		kept, err := s.Keep(ctx, sheet(1, holdings.Open), 2)
		if err != nil || !reflect.DeepEqual(kept, sheet(1, holdings.Open)) {
			t.Fatalf("%+v %v", kept, err)
		}
		mark := holdings.Mark{Holder: "A", At: day, Signature: d.Signature{KeyID: []byte{1}, AuthenticatorData: []byte{2}, ClientData: []byte{3}, Signature: []byte{4}}}
		step := holdings.Counter{KeyID: []byte{1}, From: 7, To: 8}
		ok(t, s.Sign(ctx, d.Hash{1}, mark, step))
		want(t, "one holder twice", s.Sign(ctx, d.Hash{1}, mark, holdings.Counter{KeyID: []byte{1}, From: 8, To: 9}), fault.Conflict)
		mark.Holder = "B"
		want(t, "a counter that moved", s.Sign(ctx, d.Hash{1}, mark, step), fault.Conflict)
		if x, _ := s.Sheet(ctx, d.Hash{1}); len(x.Marks) != 1 || x.Marks[0].Holder != "A" || !bytes.Equal(x.Marks[0].Signature.Signature, []byte{4}) {
			t.Errorf("%+v", x.Marks)
		}
		again, err := s.Keep(ctx, sheet(1, holdings.Open), 2)
		if err != nil || len(again.Marks) != 1 {
			t.Errorf("proposing again changed it: %v", err)
		}
		ok(t, s.Use(ctx, d.Hash{1}, day))
		for what, err := range map[string]error{
			"use": s.Use(ctx, d.Hash{1}, day), "end": s.End(ctx, d.Hash{1}, holdings.Withdrawn, "", "", day),
			"sign": s.Sign(ctx, d.Hash{1}, mark, holdings.Counter{KeyID: []byte{1}, From: 8, To: 9}), "unknown": s.Use(ctx, d.Hash{99}, day),
		} {
			want(t, what+" after use", err, fault.Conflict)
		}
		if x, _ := s.Sheet(ctx, d.Hash{1}); x.State != holdings.Used || !x.Ended.Equal(day) {
			t.Errorf("%+v", x)
		}
		_, err = s.Sheet(ctx, d.Hash{98})
		want(t, "missing", err, fault.NotFound)
	})
}

func TestWaitingSheetsAreBoundedAndListed(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, c storagetest.Carrier) {
		s, ctx := enrolled(t, c), t.Context()
		for n := byte(1); n <= 2; n++ {
			_, err := s.Keep(ctx, sheet(n, holdings.Open), 2)
			ok(t, err)
		}
		_, err := s.Keep(ctx, sheet(3, holdings.Open), 2)
		want(t, "a third", err, fault.Exhausted)
		ok(t, s.End(ctx, d.Hash{2}, holdings.Refused, "A", "why", day))
		_, err = s.Keep(ctx, sheet(3, holdings.Open), 2)
		ok(t, err)
		open, err := s.Sheets(ctx, true, day, 10)
		if err != nil || len(open) != 2 || open[0].Hash != (d.Hash{1}) {
			t.Errorf("%+v %v", open, err)
		}
		ended, err := s.Sheets(ctx, false, day, 10)
		if err != nil || len(ended) != 1 || ended[0].Reason != "why" || ended[0].By != "A" {
			t.Errorf("%+v %v", ended, err)
		}
		if late, _ := s.Sheets(ctx, false, day.Add(2*time.Hour), 10); len(late) != 3 {
			t.Errorf("expired sheets are not with the ended: %d", len(late))
		}
	})
}

func TestKeysChangeOnce(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, c storagetest.Carrier) {
		s, ctx := enrolled(t, c), t.Context()
		ok(t, s.PutLinks(ctx, []holdings.Link{{Token: [32]byte{5}, Holder: "New", Expires: day}}))
		k, sh := key(5), sheet(5, holdings.Open)
		k.Active = time.Time{}
		ok(t, s.Enrol(ctx, [32]byte{5}, k, &sh))
		ok(t, s.Change(ctx, d.Hash{5}, day, []byte{5}, false, day.Add(time.Hour)))
		want(t, "again", s.Change(ctx, d.Hash{5}, day, []byte{5}, false, day), fault.Conflict)
		_, err := s.Keep(ctx, sheet(6, holdings.Open), 9)
		ok(t, err)
		want(t, "a key that is active", s.Change(ctx, d.Hash{6}, day, []byte{5}, false, day), fault.Conflict)
		if x, _ := s.Sheet(ctx, d.Hash{6}); x.State != holdings.Open {
			t.Error("a change that failed used its grant")
		}
		ok(t, s.Change(ctx, d.Hash{6}, day, []byte{5}, true, day.Add(2*time.Hour)))
		keys, _ := s.Keys(ctx)
		if len(keys) != 2 || !keys[1].Active.Equal(day.Add(time.Hour)) || !keys[1].Retired.Equal(day.Add(2*time.Hour)) {
			t.Errorf("%+v", keys)
		}
	})
}

func TestUsedMarksOutliveEverythingButTime(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, c storagetest.Carrier) {
		s, ctx := enrolled(t, c), t.Context()
		_, err := s.Keep(ctx, sheet(1, holdings.Open), 9)
		ok(t, err)
		ok(t, s.MarkUsed(ctx, []d.Hash{{1}, {2}}, day))
		ok(t, s.MarkUsed(ctx, []d.Hash{{1}}, day))
		want(t, "marked", s.Use(ctx, d.Hash{1}, day), fault.Conflict)
		_, err = s.Keep(ctx, sheet(2, holdings.Open), 9)
		want(t, "marked, unknown", err, fault.Conflict)
		ok(t, s.Forget(ctx, day))
		_, err = s.Keep(ctx, sheet(2, holdings.Open), 9)
		want(t, "not yet forgotten", err, fault.Conflict)
		ok(t, s.Forget(ctx, day.Add(400*24*time.Hour)))
		_, err = s.Sheet(ctx, d.Hash{1})
		want(t, "forgotten", err, fault.NotFound)
	})
}

func TestTheBudgetIsTheDays(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, c storagetest.Carrier) {
		s, ctx := c.Holdings(), t.Context()
		for i, expect := range []bool{true, true, false, false} {
			if got, err := s.Spend(ctx, "2026-11-23", 1, 2); err != nil || got != expect {
				t.Errorf("%d: %v %v", i, got, err)
			}
		}
		if got, err := s.Spend(ctx, "2026-11-23 sealed", 1, 2); err != nil || !got {
			t.Errorf("another budget of the day: %v %v", got, err)
		}
		if got, _ := s.Spend(ctx, "2026-11-23", 1, 2); got {
			t.Error("the other budget gave this one back")
		}
		if got, err := s.Spend(ctx, "2026-11-24", 1, 2); err != nil || !got {
			t.Errorf("the next day: %v %v", got, err)
		}
	})
}

// TestEveryColumnOfTheCarrierIsDeclared walks the live schema (duty B2).
func TestEveryColumnOfTheCarrierIsDeclared(t *testing.T) {
	storagetest.Each(t, func(t *testing.T, c storagetest.Carrier) {
		columns, err := c.Columns(t.Context())
		if err != nil || len(columns) < 30 {
			t.Fatalf("%d columns, %v", len(columns), err)
		}
		for _, x := range columns {
			if x.Table != "sqlite_sequence" && !d.Declared(d.Carrier, x.Table, x.Name) {
				t.Errorf("%s.%s is in the schema and in no list", x.Table, x.Name)
			}
		}
	})
}
