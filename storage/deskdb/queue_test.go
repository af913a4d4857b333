package deskdb_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sort"
	"testing"
	"time"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
	"letterlock/law"
	"letterlock/storage/deskdb"
)

// many fills a store with cases of every kind and returns their heads.
func many(t *testing.T, db *deskdb.DB, n int) []casefile.Head {
	t.Helper()
	r := rand.New(rand.NewPCG(1, 2))
	pick := func(s ...string) string { return s[r.IntN(len(s))] }
	var all []casefile.Change
	var heads []casefile.Head
	for i := range n {
		h := casefile.Head{Number: casefile.Ordinary(2026, i+1), Version: 1, Lane: casefile.Lane(pick("emergency", "statutory", "ordinary")),
			Phase: casefile.Phase(pick("waiting", "review", "asked", "answered", "closed")), Process: law.ProcessID(pick("us.order.2703d", "eu.epoc.sub")),
			Country: law.Jurisdiction(pick("US", "DE", "FR")), Agency: casefile.AgencyID(pick("a1", "a2", "a3")), Officer: "o1", Assigned: casefile.MemberID(pick("", "m1", "m2")),
			Filed: start.Add(time.Duration(r.IntN(50)) * time.Minute), Reference: fmt.Sprintf("HC-26/%d", i%40), Docket: fmt.Sprintf("1:26-mj-%05d", i), Counsel: false}
		if r.IntN(5) > 0 {
			h.Due = start.Add(time.Duration(r.IntN(50)-20) * time.Hour)
		}
		h.Counsel = !h.Phase.Over() && r.IntN(4) == 0
		heads = append(heads, h)
		all = append(all, casefile.Change{Number: h.Number, Head: h, Events: []casefile.Event{{Seq: 1, At: start, Kind: casefile.KNote}}})
	}
	if err := db.Load(context.Background(), all); err != nil {
		t.Fatal(err)
	}
	return heads
}

// fitting is the slow and plain way: every head is asked, and sorted.
func fitting(heads []casefile.Head, f casefile.Filter) (out []casefile.Number) {
	var fit []casefile.Head
	for _, h := range heads {
		if f.Fits(h) {
			fit = append(fit, h)
		}
	}
	sort.Slice(fit, func(i, j int) bool { return f.Before(fit[i], fit[j]) })
	for _, h := range fit {
		out = append(out, h.Number)
	}
	return out
}

func filters() []casefile.Filter {
	base := []casefile.Filter{{}, {Open: true}, {Lane: "emergency", Open: true}, {Phase: "closed"}, {Phase: "asked", Open: true}, {Process: "eu.epoc.sub"},
		{Country: "DE", Open: true}, {Country: "DE", Process: "us.order.2703d", Lane: "ordinary"}, {Agency: "a2"}, {Agency: "a2", Open: true, Counsel: true},
		{Assigned: "m1"}, {Assigned: "m1", Open: true}, {Unassigned: true}, {Unassigned: true, Open: true}, {Unassigned: true, Country: "FR", Open: true}, {Counsel: true},
		{Overdue: start}, {Overdue: start, Agency: "a1"}, {Officer: "o1"}, {Officer: "o1", Open: true, Lane: "ordinary"}, {Text: "hc 26-3"}, {Text: "LL-2026-0000"},
		{Text: "126mj0001", Open: true}, {Country: "XX"}, {Lane: "preservation", Open: true}}
	var out []casefile.Filter
	for _, f := range base {
		for _, s := range casefile.Sorts {
			f.Sort = s
			out = append(out, f)
		}
	}
	return out
}

func TestEveryFilterSortAndPageFindsWhatAPlainLookFinds(t *testing.T) {
	each(t, func(t *testing.T, db *deskdb.DB) {
		heads := many(t, db, 300)
		for _, f := range filters() {
			want := fitting(heads, f)
			var got []casefile.Number
			f.Limit = 7
			for pages := 0; ; pages++ {
				p, err := db.Page(context.Background(), f)
				if err != nil {
					t.Fatalf("%+v: %v", f, err)
				}
				for _, h := range p.Heads {
					got = append(got, h.Number)
				}
				if p.Next == nil || pages > 100 {
					break
				}
				f.After = *p.Next
			}
			f.After = casefile.Head{}
			if !slices.Equal(got, want) {
				t.Errorf("%+v:\n got %d %v\nwant %d %v", f, len(got), got, len(want), want)
			}
			n, err := db.Count(context.Background(), f)
			if f.Text == "" && (err != nil || n != len(want)) {
				t.Errorf("%+v: counted %d, want %d (%v)", f, n, len(want), err)
			}
		}
	})
}

func TestARareFilterGoesOnWhereTheLookEnded(t *testing.T) {
	each(t, func(t *testing.T, db *deskdb.DB) {
		var all []casefile.Change
		n := deskdb.Look + 50
		for i := range n {
			h := casefile.Head{Number: casefile.Ordinary(2026, i+1), Version: 1, Lane: "ordinary", Phase: casefile.Waiting, Filed: start.Add(time.Duration(i) * time.Second), Due: start.Add(time.Duration(i) * time.Second), Country: "US"}
			if i == n-1 {
				h.Country, h.Phase = "FR", casefile.Closed
			}
			all = append(all, casefile.Change{Number: h.Number, Head: h, Events: []casefile.Event{{Seq: 1, At: start, Kind: casefile.KNote}}})
		}
		if err := db.Load(context.Background(), all); err != nil {
			t.Fatal(err)
		}
		for _, s := range []casefile.Sort{casefile.ByDue, casefile.ByOldest} {
			f := casefile.Filter{Lane: "ordinary", Phase: casefile.Closed, Sort: s} // the lane's index is walked, and each asked for its phase
			p, err := db.Page(context.Background(), f)
			if err != nil || len(p.Heads) != 0 || p.Next == nil {
				t.Fatalf("%q: %d found, next %v, %v: the look has a bound and says where it ended", s, len(p.Heads), p.Next, err)
			}
			all, err := db.Queue(context.Background(), f)
			if err != nil || len(all) != 1 || all[0].Country != "FR" {
				t.Fatalf("%q: %v, %v", s, all, err)
			}
		}
		if _, err := db.Page(context.Background(), casefile.Filter{Text: "LL"}); !fault.Is(err, fault.Invalid) {
			t.Errorf("a text that begins every number: %v", err)
		}
		if _, err := db.Page(context.Background(), casefile.Filter{Text: "§§"}); !fault.Is(err, fault.Invalid) {
			t.Errorf("a text without letters: %v", err)
		}
		if n, err := db.Count(context.Background(), casefile.Filter{Open: true, Lane: "ordinary"}); n != casefile.MaxCount || err != nil {
			t.Errorf("counted %d, %v", n, err)
		}
	})
}
