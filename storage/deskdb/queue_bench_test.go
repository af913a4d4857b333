package deskdb_test

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
	"letterlock/internal/testkit/pg"
	"letterlock/law"
	"letterlock/storage"
	"letterlock/storage/deskdb"
)

var queueCases = flag.Int("deskdb.cases", 20_000, "cases in the queue that BenchmarkQueue measures")

var queueFile = flag.String("deskdb.file", "", "SQLite file in which BenchmarkQueue keeps its cases for the next run; empty: made anew and removed")

// crowd makes cases as a desk would have them after years: one in five open,
// countries and agencies of very unequal weight, and lanes as they come.
type crowd struct {
	r   *rand.Rand
	now time.Time
}

var places = []struct {
	country   law.Jurisdiction
	weight    int
	processes []law.ProcessID
}{{"US", 50, []law.ProcessID{"us.order.2703d", "us.subpoena.gj", "us.warrant.search", "us.emergency", "us.preservation"}}, {"DE", 15, []law.ProcessID{"eu.epoc.sub", "de.stpo.100j"}},
	{"IN", 15, []law.ProcessID{"in.bnss.94"}}, {"BR", 8, []law.ProcessID{"br.mci.cad"}}, {"FR", 7, []law.ProcessID{"eu.epoc.sub", "fr.cpp.60_1"}}, {"GB", 4, []law.ProcessID{"gb.ipa.cd"}}, {"MT", 1, []law.ProcessID{"any.mlat"}}}

func (c *crowd) head(i int) casefile.Head {
	w := c.r.IntN(100)
	p := places[0]
	for _, x := range places {
		p = x
		if w -= x.weight; w < 0 {
			break
		}
	}
	h := casefile.Head{Number: casefile.Ordinary(2020+i/150_000, i%150_000+1), Version: 1, Process: p.processes[c.r.IntN(len(p.processes))], Country: p.country, Lane: casefile.LaneOrdinary,
		Agency: casefile.AgencyID(fmt.Sprintf("%s-%03d", p.country, min(c.r.IntN(400), c.r.IntN(400)))), AgencyName: "Harbor County Sheriff's Office", Officer: casefile.OfficerID(fmt.Sprintf("o%05d", c.r.IntN(20_000))),
		Filed: c.now.Add(-time.Duration(c.r.IntN(6*365*24*60)) * time.Minute), Targets: 1 + c.r.IntN(3),
		Reference: fmt.Sprintf("HC-%02d-%06d", 20+i/150_000, c.r.IntN(1_000_000)), Docket: fmt.Sprintf("1:26-mj-%07d", c.r.IntN(10_000_000)), SameAs: casefile.SumOf(fmt.Append(nil, i))}
	switch {
	case h.Process == law.Emergency:
		h.Lane = casefile.LaneEmergency
	case h.Process == law.Preservation:
		h.Lane = casefile.LanePreservation
	case h.Process == "eu.epoc.sub" || c.r.IntN(3) == 0:
		h.Lane = casefile.LaneStatutory
	}
	return c.state(h)
}

func (c *crowd) state(h casefile.Head) casefile.Head {
	h.Due = h.Filed.Add(time.Duration(1+c.r.IntN(60*24)) * time.Hour)
	if c.r.IntN(5) > 0 {
		h.Phase = []casefile.Phase{casefile.Closed, casefile.Closed, casefile.Answered, casefile.Withdrawn}[c.r.IntN(4)]
		h.Assigned = casefile.MemberID(fmt.Sprintf("m%02d", c.r.IntN(40)))
		return h
	}
	h.Phase = []casefile.Phase{casefile.Waiting, casefile.InReview, casefile.InReview, casefile.Asked, casefile.Signing, casefile.Notice}[c.r.IntN(6)]
	if h.Phase != casefile.Waiting {
		h.Assigned = casefile.MemberID(fmt.Sprintf("m%02d", c.r.IntN(40)))
	}
	h.Counsel = c.r.IntN(50) == 0
	h.Due = c.now.Add(time.Duration(c.r.IntN(60*24)-5*24) * time.Hour)
	return h
}

// fill puts n cases into the store and keeps some of them to ask about.
func fill(b *testing.B, db *deskdb.DB, n int) (some []casefile.Head) {
	b.Helper()
	c := &crowd{rand.New(rand.NewPCG(9, 9)), start}
	words := make([]byte, 900)
	for i := range words {
		words[i] = byte('a' + i%26)
	}
	var there int
	if err := db.SQL.QueryRow("SELECT COUNT(*) FROM cases").Scan(&there); err != nil {
		b.Fatal(err)
	}
	have := there == n // a file that was kept
	if !have {
		indexes := setAside(b, db)
		defer func() { mustExec(b, db, indexes...) }()
	}
	for from := 0; from < n; from += 10_000 {
		var all []casefile.Change
		for i := from; i < min(n, from+10_000); i++ {
			h := c.head(i)
			if i%(n/500+1) == 0 {
				some = append(some, h)
			}
			d := &casefile.Demand{Process: h.Process, Jurisdiction: h.Country, AgencyName: h.AgencyName, Reference: h.Reference, Wanted: []casefile.Item{"name", "last_ip"}, Text: string(words)}
			all = append(all, casefile.Change{Number: h.Number, Head: h, Events: []casefile.Event{{Seq: 1, At: h.Filed, Kind: casefile.KFiled, Demand: d, Due: h.Due, Lane: h.Lane}}, Tallies: c.added(h)})
		}
		if have {
			continue
		}
		if err := db.Load(context.Background(), all); err != nil {
			b.Fatal(err)
		}
	}
	return some
}

// setAside drops the queue's indexes and returns the texts that make them
// again: a million rows are sorted once instead of placed one by one.
func setAside(b *testing.B, db *deskdb.DB) (texts []string) {
	b.Helper()
	q := `SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ('cases', 'case_keys')`
	if db.Engine == storage.Postgres {
		q = `SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema() AND tablename IN ('cases', 'case_keys') AND indexname NOT LIKE '%_pkey'`
	}
	type index struct{ name, text string }
	all, err := storage.Query(context.Background(), db.SQL, func(r *sql.Rows) (x index, err error) { return x, r.Scan(&x.name, &x.text) }, q)
	if err != nil || len(all) == 0 {
		b.Fatalf("%d indexes, %v", len(all), err)
	}
	for _, x := range all {
		mustExec(b, db, "DROP INDEX "+x.name)
		texts = append(texts, x.text)
	}
	return texts
}

func mustExec(b *testing.B, db *deskdb.DB, texts ...string) {
	b.Helper()
	for _, x := range texts {
		if _, err := db.Exec(context.Background(), x); err != nil {
			b.Fatalf("%s: %v", x, err)
		}
	}
}

// lists is every filter the console offers, alone and as people join them.
func lists(h casefile.Head) []casefile.Filter {
	one := []casefile.Filter{{}, {Lane: h.Lane}, {Phase: h.Phase}, {Process: h.Process}, {Country: h.Country}, {Agency: h.Agency}, {Assigned: "m07"}, {Unassigned: true},
		{Lane: h.Lane, Country: h.Country}, {Process: h.Process, Phase: h.Phase}, {Agency: h.Agency, Lane: h.Lane, Phase: h.Phase}, {Country: "MT", Process: "us.order.2703d"},
		{Assigned: "m07", Country: h.Country, Lane: h.Lane}, {Country: "MT", Lane: casefile.LaneEmergency}}
	var out []casefile.Filter
	for _, f := range one {
		all := f
		f.Open = true
		over, counsel := f, f
		over.Overdue, counsel.Counsel = start, true
		out = append(out, all, f, over, counsel)
	}
	return out
}

// BenchmarkQueue measures what the mark says: a queue of many cases filters,
// sorts and opens. Each figure is the 50th and the 99th percentile over every
// filter, sort and a random page; beside it the same lists by a full scan.
func BenchmarkQueue(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) {
		file := *queueFile
		if file == "" {
			file = filepath.Join(b.TempDir(), "queue.db")
		}
		queueOn(b, "sqlite", file)
	})
	b.Run("postgres", func(b *testing.B) {
		dsn, _ := pg.New(b)
		queueOn(b, "postgres", dsn)
	})
}

// queueOn fills one engine and measures every kind of look at it.
func queueOn(b *testing.B, engine, url string) {
	ctx := context.Background()
	db, err := deskdb.Open(ctx, storage.Config{Database: url})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	begun := time.Now()
	some := fill(b, db, *queueCases)
	b.Logf("filled with %d cases in %.0f s", *queueCases, time.Since(begun).Seconds())
	if engine == "postgres" { // what its own housekeeping does within a minute
		if _, err := db.SQL.Exec("ANALYZE"); err != nil {
			b.Fatal(err)
		}
	}
	r := rand.New(rand.NewPCG(3, 4))
	pick := func() casefile.Head { return some[r.IntN(len(some))] }
	for _, sort := range casefile.Sorts {
		name := string(sort)
		if sort == casefile.ByDue {
			name = "due"
		}
		b.Run("list="+name, func(b *testing.B) {
			percentiles(b, func(i int) error {
				h := pick()
				all := lists(h)
				f := all[i%len(all)]
				f.Sort, f.Limit = sort, 50
				if r.IntN(2) == 0 {
					f.After = h
				}
				_, err := db.Page(ctx, f)
				return err
			})
		})
	}
	b.Run("search", func(b *testing.B) {
		percentiles(b, func(i int) error {
			h := pick()
			text := []string{string(h.Number), string(h.Number)[:11], h.Reference, h.Reference[:7], h.Docket}[i%5]
			_, err := db.Page(ctx, casefile.Filter{Text: text, Sort: casefile.Sorts[i%3]})
			if fault.Is(err, fault.Invalid) { // "more than 1,000 begin with this": an answer too
				return nil
			}
			return err
		})
	})
	counted := []casefile.Filter{{Open: true, Lane: casefile.LaneEmergency}, {Open: true, Lane: casefile.LaneStatutory}, {Open: true, Lane: casefile.LaneOrdinary},
		{Overdue: start}, {Counsel: true}, {Open: true, Unassigned: true}, {Open: true, Assigned: "m07"}}
	b.Run("count", func(b *testing.B) {
		percentiles(b, func(i int) error {
			_, err := db.Count(ctx, counted[i%len(counted)])
			return err
		})
	})
	b.Run("open", func(b *testing.B) {
		percentiles(b, func(int) error {
			n := pick().Number
			events, err := db.Events(ctx, n)
			if err == nil {
				_, err = casefile.Fold(n, events)
			}
			return err
		})
	})
	b.Run("scan", func(b *testing.B) { percentiles(b, func(int) error { return scan(ctx, db, pick()) }) })
}

// scan is the same list with no index: what it would cost without any.
func scan(ctx context.Context, db *deskdb.DB, h casefile.Head) error {
	rows, err := db.SQL.QueryContext(ctx, `SELECT head FROM cases WHERE lane || '' = $1 AND country || '' = $2 AND is_open + 0 = 1 ORDER BY due + 0, number || '' LIMIT 51`, string(h.Lane), string(h.Country))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
	}
	return rows.Err()
}

func percentiles(b *testing.B, one func(i int) error) {
	var took []time.Duration
	for i := 0; b.Loop(); i++ {
		begun := time.Now()
		if err := one(i); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(begun))
	}
	slices.Sort(took)
	at := func(p int) float64 { return float64(took[min(len(took)-1, len(took)*p/100)].Microseconds()) / 1000 }
	b.ReportMetric(at(50), "p50-ms")
	b.ReportMetric(at(99), "p99-ms")
	b.ReportMetric(float64(*queueCases), "cases")
}
