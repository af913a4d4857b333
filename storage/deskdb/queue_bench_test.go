package deskdb_test

import (
	"cmp"
	"context"
	"database/sql"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
	"letterlock/internal/testkit"
	"letterlock/internal/testkit/measure"
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

// longID is an id as long as those that the desk draws.
func longID(kind string, n int) string {
	return string(casefile.SumOf(fmt.Appendf(nil, "%s %d", kind, n)))[:32]
}

func agencyOf(country law.Jurisdiction, n int) casefile.AgencyID {
	return casefile.AgencyID(longID("agency of "+string(country), n))
}

func memberOf(n int) casefile.MemberID { return casefile.MemberID(longID("member", n)) }

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
		Agency: agencyOf(p.country, min(c.r.IntN(400), c.r.IntN(400))), AgencyName: "Harbor County Sheriff's Office", Officer: casefile.OfficerID(longID("officer", c.r.IntN(20_000))),
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
		h.Assigned = memberOf(c.r.IntN(40))
		return h
	}
	h.Phase = []casefile.Phase{casefile.Waiting, casefile.InReview, casefile.InReview, casefile.Asked, casefile.Signing, casefile.Notice}[c.r.IntN(6)]
	if h.Phase != casefile.Waiting {
		h.Assigned = memberOf(c.r.IntN(40))
	}
	h.Counsel = c.r.IntN(50) == 0
	h.Due = c.now.Add(time.Duration(c.r.IntN(60*24)-5*24) * time.Hour)
	return h
}

// fill puts n cases into the store and keeps some of them to ask about. The
// last of them come one by one as in life, so that the indexes are as scattered
// as years leave them, and not as neat as when they were made.
func fill(b *testing.B, db *deskdb.DB, n int) (some []casefile.Head) {
	b.Helper()
	c := &crowd{rand.New(rand.NewPCG(9, 9)), start}
	var there int
	if err := db.SQL.QueryRow("SELECT COUNT(*) FROM cases").Scan(&there); err != nil {
		b.Fatal(err)
	}
	have := there == n // a file that was kept
	var indexes []string
	if !have {
		indexes = setAside(b, db)
	}
	const step = 5_000
	sums := map[casefile.Tally]int{} // written once, at the end
	for from := 0; from < n; from += step {
		if last := n - n/25; !have && indexes != nil && from >= last {
			mustExec(b, db, indexes...)
			indexes = nil
		}
		var all []casefile.Change
		for i := from; i < min(n, from+step); i++ {
			x := c.change(i)
			if i%(n/500+1) == 0 {
				some = append(some, x.Head)
			}
			if have {
				continue
			}
			for _, t := range x.Tallies {
				n := t.N
				t.N = 0
				sums[t] += n
			}
			x.Tallies = nil
			if i == n-1 {
				x.Tallies = tallies(sums)
			}
			all = append(all, x)
		}
		if have {
			continue
		}
		if err := db.Load(context.Background(), all); err != nil {
			b.Fatal(err)
		}
	}
	mustExec(b, db, indexes...)
	return some
}

func tallies(sums map[casefile.Tally]int) (out []casefile.Tally) {
	for t, n := range sums {
		t.N = n
		out = append(out, t)
	}
	return out
}

// change is the filing of a case, with about as long a demand as people write.
func (c *crowd) change(i int) casefile.Change {
	h := c.head(i)
	d := &casefile.Demand{Process: h.Process, Jurisdiction: h.Country, AgencyName: h.AgencyName, Reference: h.Reference, Wanted: []casefile.Item{"name", "last_ip"}, Text: strings.Repeat("abcdefghijklmnopqrst uvwxyz ", 32)}
	return casefile.Change{Number: h.Number, Head: h, Events: []casefile.Event{{Seq: 1, At: h.Filed, Kind: casefile.KFiled, Demand: d, Due: h.Due, Lane: h.Lane}}, Tallies: c.added(h)}
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
	one := []casefile.Filter{{}, {Lane: h.Lane}, {Phase: h.Phase}, {Process: h.Process}, {Country: h.Country}, {Agency: h.Agency}, {Assigned: memberOf(7)}, {Unassigned: true},
		{Lane: h.Lane, Country: h.Country}, {Process: h.Process, Phase: h.Phase}, {Agency: h.Agency, Lane: h.Lane, Phase: h.Phase}, {Country: "MT", Process: "us.order.2703d"},
		{Assigned: memberOf(7), Country: h.Country, Lane: h.Lane}, {Country: "MT", Lane: casefile.LaneEmergency}}
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
// filter, sort and a random page; beside it the same lists by a full scan. On
// SQLite it is measured again with the file opened anew every so often, and
// nothing of it in the system's memory.
func BenchmarkQueue(b *testing.B) {
	b.Run("sqlite", func(b *testing.B) {
		file := *queueFile
		if file == "" {
			file = filepath.Join(b.TempDir(), "queue.db")
		}
		queueOn(b, file)
	})
	b.Run("postgres", func(b *testing.B) {
		dsn, _ := pg.New(b)
		queueOn(b, dsn)
	})
}

// queueOn fills one engine and measures every kind of look at it.
func queueOn(b *testing.B, url string) {
	w := &viewer{url: url, r: rand.New(rand.NewPCG(3, 4))}
	w.open(b)
	defer func() { w.db.Close() }()
	begun := time.Now()
	w.some = fill(b, w.db, *queueCases)
	b.Logf("filled with %d cases in %.0f s", *queueCases, time.Since(begun).Seconds())
	if w.db.Engine == storage.Postgres { // what its own housekeeping does within a minute
		if _, err := w.db.SQL.Exec("ANALYZE"); err != nil {
			b.Fatal(err)
		}
	}
	w.everything(b, "")
	b.Run("scan", func(b *testing.B) {
		w.percentiles(b, 20, func(int) error { return scan(ctx, w.db, w.pick()) })
		if i, err := os.Stat(url); err == nil {
			b.ReportMetric(float64(i.Size()>>20), "file-MiB")
		}
	})
	if w.db.Engine == storage.SQLite {
		w.cold = true
		w.everything(b, "cold/")
	}
}

var ctx = context.Background()

// viewer looks at a queue that was filled.
type viewer struct {
	url  string
	db   *deskdb.DB
	some []casefile.Head
	r    *rand.Rand
	cold bool // opens the file anew every so often
}

func (w *viewer) open(b *testing.B) {
	var err error
	if w.db, err = deskdb.Open(ctx, storage.Config{Database: w.url}); err != nil {
		b.Fatal(err)
	}
}

func (w *viewer) pick() casefile.Head { return w.some[w.r.IntN(len(w.some))] }

// everything is every kind of look, under names that begin so.
func (w *viewer) everything(b *testing.B, kind string) {
	for _, sort := range casefile.Sorts {
		b.Run(kind+"list="+cmp.Or(string(sort), "due"), func(b *testing.B) {
			w.percentiles(b, 0, func(i int) error {
				h := w.pick()
				all := lists(h)
				f := all[i%len(all)]
				f.Sort, f.Limit = sort, 50
				if w.r.IntN(2) == 0 {
					f.After = h
				}
				_, err := w.db.Page(ctx, f)
				return err
			})
		})
	}
	for _, x := range []struct {
		name string
		most int
		one  func(int) error
	}{{"search", 0, w.search}, {"count", 0, w.count}, {"open", 0, w.openCase}, {"figures", 101, w.figures}} {
		b.Run(kind+x.name, func(b *testing.B) { w.percentiles(b, x.most, x.one) })
	}
}

func (w *viewer) search(i int) error {
	h := w.pick()
	text := []string{string(h.Number), string(h.Number)[:12], h.Reference, h.Reference[:9], h.Reference[:7], h.Docket}[i%6]
	_, err := w.db.Page(ctx, casefile.Filter{Text: text, Sort: casefile.Sorts[i%3]})
	if fault.Is(err, fault.Invalid) { // "more begin with this": an answer too
		return nil
	}
	return err
}

func (w *viewer) count(i int) error {
	all := []casefile.Filter{{Open: true, Lane: casefile.LaneEmergency}, {Open: true, Lane: casefile.LaneStatutory}, {Open: true, Lane: casefile.LaneOrdinary},
		{Overdue: start}, {Counsel: true}, {Open: true, Unassigned: true}, {Open: true, Assigned: memberOf(7)}}
	_, err := w.db.Count(ctx, all[i%len(all)])
	return err
}

func (w *viewer) openCase(int) error {
	n := w.pick().Number
	events, err := w.db.Events(ctx, n)
	if err == nil {
		_, err = casefile.Fold(n, events)
	}
	return err
}

// scan is the same list with no index: what it would cost without any.
func scan(ctx context.Context, db *deskdb.DB, h casefile.Head) error {
	rows, err := db.SQL.QueryContext(ctx, `SELECT head FROM cases WHERE lane + 0 = (SELECT code FROM words WHERE word = $1) AND country + 0 = (SELECT code FROM words WHERE word = $2)
		AND is_open + 0 = 1 ORDER BY due + 0, number || '' LIMIT 51`, string(h.Lane), string(h.Country))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
	}
	return rows.Err()
}

// anew is after how many looks a cold viewer opens the file again.
const anew = 50

func (w *viewer) percentiles(b *testing.B, most int, one func(i int) error) {
	l := measure.Looks{Most: most}
	if w.cold {
		l.Before = func(i int) {
			if i%anew == 0 {
				w.reopen(b)
			}
		}
	}
	l.Run(b, one)
	b.ReportMetric(float64(*queueCases), "cases")
}

// reopen is what a restart of the machine does to the file.
func (w *viewer) reopen(b *testing.B) {
	if err := w.db.Close(); err != nil {
		b.Fatal(err)
	}
	if err := measure.Forget(w.url, w.url+"-wal"); err != nil {
		testkit.Missing(b, "the system's memory of the file cannot be emptied here: %v", err)
	}
	w.open(b)
}
