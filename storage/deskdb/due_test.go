package deskdb_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
	"letterlock/storage/deskdb"
)

// What waits for people, however much it is, hides nothing that is due after it.
func TestDutiesThatWaitHideNoneThatAreReady(t *testing.T) {
	each(t, func(t *testing.T, db *deskdb.DB) {
		ctx := context.Background()
		c := change(casefile.Ordinary(2026, 1), 0, start)
		for i := range 700 {
			c.Duties = append(c.Duties, casefile.Duty{Kind: casefile.DutyTell, Key: fmt.Sprint(i), Due: start})
		}
		c.Duties = append(c.Duties, casefile.Duty{Kind: casefile.DutyPack, Due: start.Add(time.Minute)})
		if err := db.Commit(ctx, c); err != nil {
			t.Fatal(err)
		}
		due, err := db.Duties(ctx, start.Add(time.Hour), 20_000)
		if err != nil || len(due) != 701 || due[700].Kind != casefile.DutyPack {
			t.Fatalf("%d due, %v", len(due), err)
		}
	})
}

// A cut is found by whom it is about, before and after its cases are held.
func TestCutsAreFoundByWhomTheyAreAbout(t *testing.T) {
	each(t, func(t *testing.T, db *deskdb.DB) {
		ctx := context.Background()
		domain := casefile.Cut{ID: "c1", Kind: casefile.CutDomain, What: "a.example", At: start}
		officer := casefile.Cut{ID: "c2", Kind: casefile.CutOfficer, What: "o1", At: start.Add(time.Hour)}
		for _, c := range []casefile.Cut{domain, officer} {
			if err := db.PutCut(ctx, c); err != nil {
				t.Fatal(err)
			}
		}
		domain.Worked = start.Add(2 * time.Hour)
		if err := db.PutCut(ctx, domain); err != nil {
			t.Fatal(err)
		}
		for _, x := range []struct {
			of   []string
			want int
		}{{[]string{"o1", "a1", "a.example"}, 2}, {[]string{"a.example"}, 1}, {[]string{"o2", "a2", "b.example"}, 0}} {
			if got, err := db.CutsOf(ctx, x.of...); err != nil || len(got) != x.want {
				t.Errorf("%v: %+v, %v", x.of, got, err)
			}
		}
		if got, err := db.Unworked(ctx); err != nil || len(got) != 1 || got[0].ID != "c2" {
			t.Errorf("unworked: %+v, %v", got, err)
		}
		// A row from before has nothing beside it, and still cuts.
		if _, err := db.Exec(ctx, `UPDATE cuts SET what = '', worked = 0`); err != nil {
			t.Fatal(err)
		}
		if got, err := db.CutsOf(ctx, "o1"); err != nil || len(got) != 2 {
			t.Errorf("rows from before: %+v, %v", got, err)
		}
	})
}

// An act that changes nothing a list goes by is stored like any other, and one
// that was overtaken is refused like any other.
func TestAnActThatMovesNoListIsStoredOnce(t *testing.T) {
	each(t, func(t *testing.T, db *deskdb.DB) {
		ctx := context.Background()
		n := casefile.Ordinary(2026, 1)
		first := change(n, 0, start)
		first.Head.Docket = "1:26-1"
		second, third := change(n, 1, start), change(n, 2, start.Add(time.Hour)) // the same day to answer; another
		second.Head.Docket, third.Head.Docket = "1:26-1", "1:26-2"
		for _, c := range []casefile.Change{first, second, third} {
			if err := db.Commit(ctx, c); err != nil {
				t.Fatal(err)
			}
		}
		for _, late := range []casefile.Change{second, third} {
			if err := db.Commit(ctx, late); !fault.Is(err, fault.Conflict) {
				t.Errorf("stored twice: %v", err)
			}
		}
		heads, err := db.Queue(ctx, casefile.Filter{})
		if err != nil || len(heads) != 1 || heads[0].Version != 3 || !heads[0].Due.Equal(start.Add(time.Hour)) {
			t.Fatalf("%+v, %v", heads, err)
		}
		for words, want := range map[string]int{"1:26-1": 0, "1:26-2": 1} {
			if got, err := db.Queue(ctx, casefile.Filter{Text: words}); err != nil || len(got) != want {
				t.Errorf("%s finds %d, %v", words, len(got), err)
			}
		}
	})
}
