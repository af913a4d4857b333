package deskdb_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"letterlock/desk/casefile"
	"letterlock/disclosable"
	"letterlock/internal/fault"
	"letterlock/internal/testkit/pg"
	"letterlock/storage"
	"letterlock/storage/deskdb"
)

func TestMain(m *testing.M) { pg.Main(m) }

// each runs a test on both engines.
func each(t *testing.T, f func(t *testing.T, db *deskdb.DB)) {
	t.Helper()
	run := func(t *testing.T, url string) {
		db, err := deskdb.Open(context.Background(), storage.Config{Database: url})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { db.Close() })
		f(t, db)
	}
	t.Run("sqlite", func(t *testing.T) { run(t, filepath.Join(t.TempDir(), "desk.db")) })
	t.Run("postgres", func(t *testing.T) {
		dsn, _ := pg.New(t)
		run(t, dsn)
	})
}

func TestEveryColumnIsDeclared(t *testing.T) {
	each(t, func(t *testing.T, db *deskdb.DB) {
		cols, err := db.Columns(context.Background())
		if err != nil || len(cols) < 20 {
			t.Fatal(len(cols), err)
		}
		for _, c := range cols {
			if !disclosable.Declared(disclosable.Desk, c.Table, c.Name) {
				t.Errorf("%s.%s is stored and not in the inventory: say in disclosable/technical_desk.go what it tells a seized disk", c.Table, c.Name)
			}
		}
	})
}

var start = time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)

func change(n casefile.Number, from int, due time.Time) casefile.Change {
	h := casefile.Head{Number: n, Version: from + 1, Lane: casefile.LaneOrdinary, Phase: casefile.Waiting, Due: due, Filed: start, Officer: "o1", SameAs: casefile.SumOf([]byte(n))}
	return casefile.Change{Number: n, From: from, Head: h, Events: []casefile.Event{{Seq: from + 1, At: start, By: casefile.TheClock, Kind: casefile.KNote, Why: "x"}}}
}

func TestCommitIsWholeOrNothing(t *testing.T) {
	each(t, func(t *testing.T, db *deskdb.DB) {
		ctx := context.Background()
		n, err := db.NextNumber(ctx, 2026)
		if err != nil || n != casefile.Ordinary(2026, 1) {
			t.Fatal(n, err)
		}
		c := change(n, 0, start.Add(time.Hour))
		c.Duties = []casefile.Duty{{Case: n, Kind: casefile.DutyTell, Key: "g", Due: start.Add(time.Minute)}}
		c.Papers = []casefile.Paper{{ID: "p", Sum: casefile.SumOf([]byte("paper"))}}
		c.Stash = []casefile.Stash{{Key: "s", Body: []byte("b")}}
		if err := db.Commit(ctx, c); err != nil {
			t.Fatal(err)
		}
		if err := db.Commit(ctx, c); !fault.Is(err, fault.Conflict) {
			t.Fatalf("the same number twice: %v", err)
		}
		late := change(n, 5, start)
		late.Duties = []casefile.Duty{{Case: n, Kind: casefile.DutyTell, Key: "g", Due: start, Done: start}}
		if err := db.Commit(ctx, late); !fault.Is(err, fault.Conflict) {
			t.Fatalf("an old version: %v", err)
		}
		if due, err := db.Duties(ctx, start.Add(time.Hour), 10); err != nil || len(due) != 1 || due[0].Due != start.Add(time.Minute) {
			t.Fatalf("a refused change left a mark: %v %v", due, err)
		}
		if due, _ := db.Duties(ctx, start, 10); len(due) != 0 {
			t.Fatal("not due yet")
		}
		if b, err := db.Stash(ctx, n, "s"); err != nil || string(b) != "b" {
			t.Fatal(b, err)
		}
		if next, err := db.NextNumber(ctx, 2026); err != nil || next != casefile.Ordinary(2026, 2) {
			t.Fatal(next, err)
		}
		next := change(n, 1, start)
		next.Stash = []casefile.Stash{{Key: "s"}}
		if err := db.Commit(ctx, next); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Stash(ctx, n, "s"); !fault.Is(err, fault.NotFound) {
			t.Fatal(err)
		}
		if ev, err := db.Events(ctx, n); err != nil || len(ev) != 2 || ev[1].Why != "x" {
			t.Fatal(ev, err)
		}
		if _, err := db.Events(ctx, casefile.Ordinary(2026, 9)); !fault.Is(err, fault.NotFound) {
			t.Fatal(err)
		}
		if used, err := db.BlobUsed(ctx, casefile.SumOf([]byte("paper"))); err != nil || !used {
			t.Fatal(used, err)
		}
		if got, ok, err := db.Same(ctx, casefile.SumOf([]byte(n))); err != nil || !ok || got != n {
			t.Fatal(got, ok, err)
		}
		if _, ok, err := db.PaperUsed(ctx, casefile.SumOf([]byte("none"))); err != nil || ok {
			t.Fatal(ok, err)
		}
	})
}

func TestTheQueueGoesByTimeLeft(t *testing.T) {
	each(t, func(t *testing.T, db *deskdb.DB) {
		ctx := context.Background()
		dues := []time.Duration{3 * time.Hour, time.Hour, 0, 2 * time.Hour, time.Hour}
		for i, d := range dues {
			due := start.Add(d)
			if d == 0 {
				due = time.Time{} // no clock runs
			}
			if err := db.Commit(ctx, change(casefile.Ordinary(2026, i+1), 0, due)); err != nil {
				t.Fatal(err)
			}
		}
		var got []casefile.Number
		f := casefile.Filter{Open: true, Limit: 2}
		for {
			page, err := db.Queue(ctx, f)
			if err != nil {
				t.Fatal(err)
			}
			if len(page) == 0 {
				break
			}
			for _, h := range page {
				got = append(got, h.Number)
			}
			f.After = page[len(page)-1]
		}
		for i, want := range []int{2, 5, 4, 1, 3} {
			if len(got) != 5 || got[i] != casefile.Ordinary(2026, want) {
				t.Fatal(got)
			}
		}
		if n, err := db.Filed(ctx, "o1", start); err != nil || n != 5 {
			t.Fatal(n, err)
		}
		if none, err := db.Queue(ctx, casefile.Filter{Lane: casefile.LaneEmergency}); err != nil || len(none) != 0 {
			t.Fatal(none, err)
		}
	})
}

func TestDraftsComeAndGo(t *testing.T) {
	each(t, func(t *testing.T, db *deskdb.DB) {
		ctx := context.Background()
		x := casefile.Draft{ID: "d1", Owner: casefile.Officer("o1", "Det. Olivia Reyes"), Touched: start,
			Demand: casefile.Demand{Process: "us.order.2703d", Papers: []casefile.Paper{{ID: "p", Sum: casefile.SumOf([]byte("a"))}}}}
		if err := db.SaveDraft(ctx, x); err != nil {
			t.Fatal(err)
		}
		if got, err := db.Drafts(ctx, "o1"); err != nil || len(got) != 1 || got[0].Demand.Process != x.Demand.Process {
			t.Fatal(got, err)
		}
		if got, _ := db.Drafts(ctx, "o2"); len(got) != 0 {
			t.Fatal("another officer's draft")
		}
		c := change(casefile.Ordinary(2026, 1), 0, start)
		c.Drop = "d1"
		if err := db.Commit(ctx, c); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Draft(ctx, "d1"); !fault.Is(err, fault.NotFound) {
			t.Fatal(err)
		}
		if used, _ := db.BlobUsed(ctx, casefile.SumOf([]byte("a"))); used {
			t.Fatal("a dropped draft keeps its papers")
		}
		if err := db.SaveDraft(ctx, x); err != nil {
			t.Fatal(err)
		}
		if old, err := db.DropDrafts(ctx, start.Add(time.Second)); err != nil || len(old) != 1 || old[0].ID != "d1" {
			t.Fatal(old, err)
		}
	})
}

func TestMarksAreRemembered(t *testing.T) {
	each(t, func(t *testing.T, db *deskdb.DB) {
		ctx := context.Background()
		if _, err := db.Mark(ctx, "m"); !fault.Is(err, fault.NotFound) {
			t.Fatalf("absent mark: %v", err)
		}
		for _, v := range []string{"one", "two"} {
			if err := db.SetMark(ctx, "m", []byte(v)); err != nil {
				t.Fatal(err)
			}
			if got, err := db.Mark(ctx, "m"); err != nil || string(got) != v {
				t.Fatalf("%q, %v", got, err)
			}
		}
	})
}

func TestCutsAndWhoSoughtWhom(t *testing.T) {
	each(t, func(t *testing.T, db *deskdb.DB) {
		ctx := context.Background()
		old := casefile.Cut{ID: "c1", Kind: casefile.CutDomain, What: "a.example", At: start, Officers: []casefile.OfficerID{"o1"}}
		for _, c := range []casefile.Cut{old, {ID: "c2", At: start.Add(time.Hour)}} {
			if err := db.PutCut(ctx, c); err != nil {
				t.Fatal(err)
			}
		}
		old.Restored = start.Add(2 * time.Hour)
		if err := db.PutCut(ctx, old); err != nil {
			t.Fatal(err)
		}
		if all, err := db.Cuts(ctx); err != nil || len(all) != 2 || all[0].ID != "c2" || all[1].Open() || all[1].Officers[0] != "o1" {
			t.Fatal(all, err)
		}
		target := casefile.SumOf([]byte("+12025550142"))
		for i, a := range []casefile.AgencyID{"a1", "a2"} {
			c := change(casefile.Ordinary(2026, i+1), 0, start)
			c.Head.Agency, c.Head.Filed, c.Targets = a, start.Add(time.Duration(i)*time.Hour), []casefile.Sum{target}
			if err := db.Commit(ctx, c); err != nil {
				t.Fatal(err)
			}
		}
		if at, err := db.Sought(ctx, target, "a1"); err != nil || !at.Equal(start.Add(time.Hour)) {
			t.Fatal(at, err)
		}
		if at, err := db.Sought(ctx, casefile.SumOf([]byte("another")), "a1"); err != nil || !at.IsZero() {
			t.Fatal(at, err)
		}
		if heads, err := db.FiledBy(ctx, "a2", start.Add(time.Hour)); err != nil || len(heads) != 1 {
			t.Fatal(heads, err)
		}
		if heads, err := db.FiledBy(ctx, "a2", start.Add(time.Hour+time.Second)); err != nil || len(heads) != 0 {
			t.Fatal(heads, err)
		}
	})
}

func TestWhatAGrantUnlockedIsGoneFromTheFiles(t *testing.T) {
	dir := t.TempDir()
	db, err := deskdb.Open(context.Background(), storage.Config{Database: filepath.Join(dir, "desk.db")})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	secret := []byte("Ana Ruiz, last seen on Sunday")
	c := change(casefile.Ordinary(2026, 1), 0, start)
	c.Stash = []casefile.Stash{{Key: "s", Body: secret}}
	if err := db.Commit(context.Background(), c); err != nil {
		t.Fatal(err)
	}
	if !inFiles(t, dir, secret) {
		t.Fatal("the control: what is stashed is not in the files, so this test would find nothing")
	}
	c = change(casefile.Ordinary(2026, 1), 1, start)
	c.Stash = []casefile.Stash{{Key: "s"}}
	if err := db.Commit(context.Background(), c); err != nil {
		t.Fatal(err)
	}
	if inFiles(t, dir, secret) {
		t.Fatal("removed, and still in the files")
	}
}

func inFiles(t *testing.T, dir string, what []byte) bool {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range names {
		b, err := os.ReadFile(n)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b, what) {
			return true
		}
	}
	return false
}
