package deskdb_test

import (
	"context"
	"math/bits"
	"path/filepath"
	"strings"
	"testing"

	"letterlock/desk/casefile"
	"letterlock/storage"
	"letterlock/storage/deskdb"
)

// combinations is every set of up to four filters, in every order.
func combinations() (out []casefile.Filter) {
	set := []func(*casefile.Filter){func(f *casefile.Filter) { f.Officer = "o1" }, func(f *casefile.Filter) { f.Assigned = "m1" }, func(f *casefile.Filter) { f.Agency = "a1" },
		func(f *casefile.Filter) { f.Counsel = true }, func(f *casefile.Filter) { f.Process = "eu.epoc.sub" }, func(f *casefile.Filter) { f.Country = "DE" },
		func(f *casefile.Filter) { f.Phase = casefile.Waiting }, func(f *casefile.Filter) { f.Phase = casefile.Closed }, func(f *casefile.Filter) { f.Lane = casefile.LaneOrdinary },
		func(f *casefile.Filter) { f.Unassigned = true }, func(f *casefile.Filter) { f.Overdue = start }, func(f *casefile.Filter) { f.Open = true }}
	for chosen := range 1 << len(set) {
		if bits.OnesCount(uint(chosen)) > 4 {
			continue
		}
		var f casefile.Filter
		for i, s := range set {
			if chosen>>i&1 == 1 {
				s(&f)
			}
		}
		for _, f.Sort = range casefile.Sorts {
			out = append(out, f)
		}
	}
	return out
}

// TestAListReadsItsIndexAlone: whatever is asked, in whatever order, SQLite
// walks one index that holds all of it, in its order, and reads rows only of
// the cases that are shown. With statistics of the tables it does the same.
func TestAListReadsItsIndexAlone(t *testing.T) {
	ctx := context.Background()
	db, err := deskdb.Open(ctx, storage.Config{Database: filepath.Join(t.TempDir(), "desk.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	many(t, db, 300)
	all := combinations()
	for round := range 2 {
		for i, f := range all {
			if i%2 == 1 {
				f.After = casefile.Head{Number: casefile.Ordinary(2026, 7), Filed: start, Due: start}
			}
			plans, err := db.Plans(ctx, f)
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range plans {
				narrow(t, f, p)
			}
		}
		if round == 0 {
			if _, err := db.Exec(ctx, "ANALYZE"); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func narrow(t *testing.T, f casefile.Filter, plan []string) {
	t.Helper()
	walks, sorts := 0, 0
	for _, step := range plan {
		switch {
		case strings.HasSuffix(step, "c USING INTEGER PRIMARY KEY (rowid=?)"):
		case strings.Contains(step, " cases "):
			walks++
			if !strings.Contains(step, "USING COVERING INDEX") {
				t.Fatalf("%+v reads rows: %q", f, plan)
			}
		case strings.Contains(step, "TEMP B-TREE"):
			sorts++
		}
	}
	if walks != 1 || sorts > 1 {
		t.Fatalf("%+v: %q", f, plan)
	}
}
