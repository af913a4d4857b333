package deskdb_test

import (
	"context"
	"maps"
	"testing"
	"time"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
	"letterlock/storage/deskdb"
)

func TestFiguresAddUpWithTheCaseOrNotAtAll(t *testing.T) {
	each(t, func(t *testing.T, db *deskdb.DB) {
		ctx := context.Background()
		filed := func(period string, n int) casefile.Tally {
			return casefile.Tally{Measure: casefile.MFiled, Period: period, Country: "US", Process: "us.order.2703d", N: n}
		}
		one, two := change("LL-2026-000001", 0, start), change("LL-2026-000002", 0, start.Add(time.Hour))
		one.Tallies = []casefile.Tally{filed("2025-12", 2), filed("2025", 2), {Measure: casefile.MOpen, Key: "m1", N: 1}}
		two.Tallies = []casefile.Tally{filed("2026-11", 3), filed("2026", 3), {Measure: casefile.MOpen, Key: "m1", N: 1}}
		for _, c := range []casefile.Change{one, two} {
			if err := db.Commit(ctx, c); err != nil {
				t.Fatal(err)
			}
		}
		if err := db.Commit(ctx, two); !fault.Is(err, fault.Conflict) {
			t.Fatalf("a case filed twice: %v", err)
		}
		sum := func(m casefile.Measure, from, until string) map[string]int {
			t.Helper()
			got, err := db.Sums(ctx, casefile.Span{From: from, Until: until}, m)
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		for _, x := range []struct {
			from, until string
			want        int
		}{{"2000-01", "2026-12", 5}, {"2025-12", "2026-11", 5}, {"2026-01", "2026-11", 3}, {"2025-01", "2025-12", 2}, {"2026-01", "2026-10", 0}, {"2026-12", "2027-03", 0}} {
			if got := sum(casefile.MFiled, x.from, x.until)[""]; got != x.want {
				t.Errorf("%s to %s: %d, want %d", x.from, x.until, got, x.want)
			}
		}
		if got := sum(casefile.MOpen, "2026-01", "2026-11"); !maps.Equal(got, map[string]int{"m1": 2}) {
			t.Errorf("open: %v", got)
		}
		months, err := db.Months(ctx, casefile.Span{From: "2025-12", Until: "2026-11"}, casefile.MFiled)
		if err != nil || !maps.Equal(months, map[string]int{"2025-12": 2, "2026-11": 3}) {
			t.Errorf("%v %v", months, err)
		}
		if got, err := db.Sums(ctx, casefile.Span{From: "2000-01", Until: "2026-12", Country: "DE"}, casefile.MFiled); err != nil || len(got) != 0 {
			t.Errorf("of another country: %v %v", got, err)
		}
		late, err := db.Late(ctx, casefile.Span{}, start.Add(time.Minute))
		if err != nil || !maps.Equal(late, map[casefile.Lane]int{casefile.LaneOrdinary: 1}) {
			t.Errorf("late: %v %v", late, err)
		}
	})
}

// TestWaitingDutiesOnBothEngines: by kind, and by key or any.
func TestWaitingDutiesOnBothEngines(t *testing.T) {
	each(t, func(t *testing.T, db *deskdb.DB) {
		ctx := context.Background()
		c := change("LL-2026-000001", 0, start)
		c.Duties = []casefile.Duty{{Kind: casefile.DutyLent, Key: "b", Due: start.Add(time.Hour)}, {Kind: casefile.DutyLent, Key: "a", Due: start}, {Kind: casefile.DutySecond, Key: "a", Due: start}, {Kind: casefile.DutyLent, Key: "c", Due: start, Done: start}}
		if err := db.Commit(ctx, c); err != nil {
			t.Fatal(err)
		}
		for key, want := range map[string]string{"": "ab", "a": "a", "b": "b", "c": "", "x": ""} {
			all, err := db.Waiting(ctx, casefile.DutyLent, key, 10)
			got := ""
			for _, d := range all {
				got += d.Key
			}
			if err != nil || got != want {
				t.Errorf("key %q: %q, %v", key, got, err)
			}
		}
		if all, err := db.Waiting(ctx, casefile.DutyLent, "", 1); err != nil || len(all) != 1 || all[0].Key != "a" {
			t.Errorf("%+v %v", all, err)
		}
	})
}
