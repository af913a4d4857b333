package deskdb_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"letterlock/desk/casefile"
	"letterlock/internal/testkit/pg"
	"letterlock/law"
	"letterlock/storage"
	"letterlock/storage/deskdb"
)

// added are the tallies that a case of the crowd leaves.
func (c *crowd) added(h casefile.Head) []casefile.Tally {
	var out []casefile.Tally
	add := func(m casefile.Measure, key string) {
		for _, p := range []string{casefile.Month(h.Filed), casefile.Month(h.Filed)[:4]} {
			out = append(out, casefile.Tally{Measure: m, Period: p, Key: key, Process: h.Process, Country: h.Country, N: 1})
		}
	}
	add(casefile.MFiled, "")
	add(casefile.MTaken, casefile.MinutesKey(time.Duration(c.r.IntN(3*24*60))*time.Minute))
	found := []law.FindingID{"SCOPE.TOO_BROAD", "FORM.UNSIGNED", "TGT.NOT_FOUND", "SCOPE.CONTENT_NONE", "DUP.SAME_DEMAND"}[min(c.r.IntN(5), c.r.IntN(5))]
	add(casefile.MFinding, string(found))
	add(casefile.MAgency, string(h.Agency))
	add(casefile.MOf(h.Agency), string(found))
	if !h.Phase.Over() {
		return append(out, casefile.Tally{Measure: casefile.MOpen, Key: string(h.Assigned), Process: h.Process, Country: h.Country, N: 1})
	}
	add(casefile.MAnswered, casefile.MinutesKey(time.Duration(c.r.IntN(60*24*60))*time.Minute))
	add(casefile.MOutcome, []string{"all", "part", "refused", "no data"}[c.r.IntN(4)])
	add(casefile.MDone, string(h.Assigned))
	return out
}

// BenchmarkFigures measures every sum that the lead's page asks of the store,
// together, over all years, the last one and one process of a country.
func BenchmarkFigures(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) { figuresOn(b, "sqlite", filepath.Join(b.TempDir(), "queue.db")) })
	b.Run("postgres", func(b *testing.B) {
		dsn, _ := pg.New(b)
		figuresOn(b, "postgres", dsn)
	})
}

func figuresOn(b *testing.B, engine, url string) {
	ctx := context.Background()
	db, err := deskdb.Open(ctx, storage.Config{Database: url})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	fill(b, db, *queueCases)
	if engine == "postgres" {
		if _, err := db.SQL.Exec("ANALYZE"); err != nil {
			b.Fatal(err)
		}
	}
	until := casefile.Month(start)
	for name, q := range map[string]casefile.Span{"all": {From: "2000-01", Until: until}, "year": {From: casefile.Month(start.AddDate(0, -11, 0)), Until: until},
		"one": {From: "2000-01", Until: until, Process: "us.order.2703d", Country: "US"}} {
		b.Run("span="+name, func(b *testing.B) { percentiles(b, func(int) error { return wholePage(ctx, db, q) }) })
	}
}

// wholePage is every question of the page once.
func wholePage(ctx context.Context, db *deskdb.DB, q casefile.Span) error {
	for _, m := range []casefile.Measure{casefile.MFiled, casefile.MTaken, casefile.MAnswered, casefile.MOutcome, casefile.MNarrowed, casefile.MFinding, casefile.MAgency, casefile.MSecond, casefile.MDone, casefile.MOpen,
		casefile.MOf("US-003"), casefile.MOf("US-001"), casefile.MOf("DE-002"), casefile.MOf("US-010"), casefile.MOf("IN-000"), casefile.MOf("BR-000")} {
		if _, err := db.Sums(ctx, q, m); err != nil {
			return err
		}
	}
	for _, m := range []casefile.Measure{casefile.MFiled, casefile.MAnswered} {
		if _, err := db.Months(ctx, q, m); err != nil {
			return err
		}
	}
	_, err := db.Late(ctx, q, start)
	return err
}
