package desk_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strconv"
	"time"

	"letterlock/desk/casefile"
	"letterlock/desk/retain"
	"letterlock/internal/fault"
	"letterlock/law"
	"letterlock/ledger/proof"
	"letterlock/transparency"
)

// reckoned are the acts of the clock that are held against what was due.
var reckoned = []casefile.Kind{casefile.KTold, casefile.KReleased, casefile.KPacked, casefile.KDestroyed, casefile.KKept, casefile.KKeepSoon, casefile.KKeepEnded, casefile.KProlonged,
	casefile.KTraced, casefile.KTraceEnded, casefile.KChased, casefile.KAlarm, casefile.KLost, casefile.KUncertified, casefile.KLapsed}

// reckons holds each case against what had to come of it: everything once,
// nothing early, late or besides.
func (x *year) reckons() {
	x.Helper()
	gone := 0
	for _, l := range x.lives {
		c := x.load(l.n)
		gone += x.left(l, c)
		owed := slices.Clone(l.due)
		for _, e := range c.Events {
			if !slices.Contains(reckoned, e.Kind) || !l.tapped.IsZero() && e.Kind == casefile.KPacked {
				continue
			}
			i := slices.IndexFunc(owed, func(m due) bool {
				return m.kind == e.Kind && (m.kind != casefile.KAlarm || m.alarm == e.Alarm || e.Rest != nil) && !e.At.Before(m.from) && !e.At.After(m.until)
			})
			if i < 0 {
				x.Errorf("%s, %s: %s %s at %s was not due then, or happened before; filed %s", l.n, l.story, e.Kind, e.Alarm, e.At.Format(time.DateTime), l.filed.Format(time.DateTime))
				continue
			}
			owed = slices.Delete(owed, i, i+1)
		}
		for _, m := range owed {
			x.Errorf("%s, %s: %s %s was due at %s and did not happen then; filed %s", l.n, l.story, m.kind, m.alarm, m.from.Format(time.DateTime), l.filed.Format(time.DateTime))
		}
		for _, d := range must(x.desk.Files.Shelf(l.n.Sealed()).Store.DutiesOf(x.ctx, l.n))(x) {
			if d.Done.IsZero() && d.Due.Before(x.clock.Now()) {
				x.Errorf("%s, %s: the duty %s of %s is not done", l.n, l.story, d.Kind, d.Due.Format(time.DateTime))
			}
		}
	}
	x.leftovers()
	if gone == 0 && x.clock.Now().Sub(x.lives[0].filed) > (retain.DefaultDays+60)*day {
		x.Error("of no case have the persons' data left")
	}
}

// left checks that the persons' data of a case left after their term and not
// before, once; 1 if they have.
func (x *year) left(l *life, c casefile.Case) int {
	x.Helper()
	var last, at time.Time
	for i, e := range c.Events {
		if e.Kind == casefile.KLeft && (i != len(c.Events)-1 || c.Left == nil) {
			x.Errorf("%s, %s: something happened after the persons' data left", l.n, l.story)
		}
		if e.Kind == casefile.KLeft {
			at = e.At
		} else if e.Kind != casefile.KPaperRead && e.Kind != casefile.KAlarmSeen && e.Kind != casefile.KAlarm {
			last = e.At
		}
	}
	if c.Left == nil {
		if st := x.desk.Retain.Of(c, must(x.desk.Files.Shelf(l.n.Sealed()).Store.DutiesOf(x.ctx, l.n))(x)); !st.Day.IsZero() && st.Day.Before(x.clock.Now().Add(-day)) {
			x.Errorf("%s, %s: the persons' data had to leave on %s", l.n, l.story, st.Day.Format(time.DateOnly))
		}
		return 0
	}
	if at.Sub(last) < retain.DefaultDays*day {
		x.Errorf("%s, %s: the persons' data left on %s, and the last thing happened on %s", l.n, l.story, at.Format(time.DateOnly), last.Format(time.DateOnly))
	}
	return 1
}

// searchDisk looks for what is past its term, and for what went too early.
func (x *year) searchDisk() {
	x.Helper()
	now, alive, papers := x.clock.Now(), 0, map[bool]int{}
	for _, l := range x.lives {
		papers[l.n.Sealed()] += l.papers
		for _, p := range l.packages {
			if there := x.onDisk(l.n.Sealed(), p.sum); there != now.Before(p.until) {
				x.Errorf("%s, %s: a package until %s is there: %v, on %s", l.n, l.story, p.until.Format(time.DateTime), there, now.Format(time.DateTime))
			}
			if now.Before(p.until) {
				papers[l.n.Sealed()]++
			}
		}
		for _, k := range l.kept {
			_, err := x.conf.Public.Store.Stash(x.ctx, l.n, casefile.HalfKey(k.taken))
			if gone := fault.Is(err, fault.NotFound); gone == now.Before(k.until) {
				x.Errorf("%s: the half key of a snapshot until %s is gone: %v, on %s", l.n, k.until.Format(time.DateTime), gone, now.Format(time.DateTime))
			}
			if now.Before(k.until) {
				alive++
			}
		}
	}
	if n := x.door.Snapshots(); n != alive {
		x.Errorf("the carrier keeps %d snapshots on %s, and %d should be kept", n, now.Format(time.DateTime), alive)
	}
	for sealed, want := range papers {
		if n := x.files(sealed); n < want || n > want+x.tracing(now) {
			x.Errorf("%d files on the shelf (sealed: %v) on %s, %d papers and packages should be there", n, sealed, now.Format(time.DateTime), want)
		}
	}
}

// tracing are the packages of traces that run, which nobody has collected yet:
// one a day at most.
func (x *year) tracing(now time.Time) (n int) {
	for _, l := range x.lives {
		if !l.tapped.IsZero() && len(l.packages) == 0 && now.Before(l.tapped.Add(2*day)) {
			n += int(l.tapped.Sub(l.filed)/day) + 1
		}
	}
	return n
}

func (x *year) shelf(sealed bool) string {
	if sealed {
		return filepath.Join(x.dir, "sealed-blobs")
	}
	return filepath.Join(x.dir, "blobs")
}

func (x *year) onDisk(sealed bool, s casefile.Sum) bool {
	_, err := os.Stat(filepath.Join(x.shelf(sealed), string(s[:2]), string(s[2:])))
	return err == nil
}

func (x *year) files(sealed bool) (n int) {
	x.ok(filepath.WalkDir(x.shelf(sealed), func(_ string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			n++
		}
		return err
	}))
	return n
}

// leftovers: at the end the databases keep no key, no release and no passphrase.
func (x *year) leftovers() {
	x.Helper()
	for _, name := range []string{"desk", "sealed"} {
		db := x.database(name)
		rows := must(db.SQL.Query("SELECT number, key FROM stash WHERE key <> $1", casefile.FiledKey))(x)
		for rows.Next() {
			var number, key string
			x.ok(rows.Scan(&number, &key))
			x.Errorf("%s: %s is left over in the database %s", number, key, name)
		}
		x.ok(rows.Err())
		x.ok(rows.Close())
		x.ok(db.Close())
	}
}

// apart says which requests are in no total; all others are.
var apart = map[law.ProcessID]transparency.Group{law.Emergency: transparency.Emergency,
	"us.preservation": transparency.Preservation, "eu.epocpr": transparency.Preservation, "br.mci.pres": transparency.Preservation,
	"us.subpoena.civil": transparency.Civil, "any.informal": transparency.Informal, "au.tola.tar": transparency.Informal, "us.eo12333": transparency.Informal,
	"any.weaken": transparency.Weaken, "any.gag_weaken": transparency.Weaken, "au.tola.tan": transparency.Weaken, "au.tola.tcn": transparency.Weaken,
	"fr.csi.871_1": transparency.Weaken, "gb.ipa.258a": transparency.Weaken, "gb.ipa.drn": transparency.Weaken, "gb.ipa.nsn": transparency.Weaken,
	"gb.ipa.tcn": transparency.Weaken, "in.it.4_2": transparency.Weaken, "in.it.69": transparency.Weaken, "us.allwrits": transparency.Weaken}

func groupOf(p law.ProcessID) transparency.Group {
	if g, ok := apart[p]; ok {
		return g
	}
	return transparency.Legal
}

// report is what would be published of a half-year, out of the desk's ledger.
func (x *world) report(period string) *transparency.Report {
	x.Helper()
	return x.reportAt(period, x.clock.Now())
}

func (x *world) reportAt(period string, at time.Time) *transparency.Report {
	x.Helper()
	in := transparency.Input{Provider: "Letterlock", Period: must(transparency.ParsePeriod(period))(x), Head: transparency.Head{Origin: "example.org/desk", Time: at},
		Members: law.Default().Members("EU"), Country: func(id string) string { return id },
		Process: func(id string, on time.Time) (transparency.Process, bool) {
			row, ok := law.Default().Row(law.ProcessID(id), on)
			return transparency.Process{Title: row.Name, Group: groupOf(row.ID), Bucket: row.Publication.Bucket, Jurisdiction: string(row.Jurisdiction)}, ok
		}}
	for o, err := range x.ledger.Openings(1, 0) {
		x.ok(err)
		e := must(proof.ParseEntry(o.Opening.Entry))(x)
		if casefile.Number(e.Case).Sealed() {
			x.Errorf("the public ledger names the sealed case %s", e.Case)
		}
		in.Entries = append(in.Entries, transparency.Entry{Kind: e.Kind, Case: e.Case, Time: e.Happened, Body: e.Body})
	}
	return must(transparency.Build(in))(x)
}

// tally is a row of a table, counted by hand.
type tally struct{ requests, accounts, answered, some int }

func (t *tally) add(l *life) {
	t.requests++
	t.accounts += l.accounts
	if l.outcome != "" {
		t.answered++
	}
	if l.outcome == "all" || l.outcome == "part" {
		t.some++
	}
}

// counts holds the reports of both half-years against what was done.
func (x *year) counts() {
	x.Helper()
	for _, half := range []string{"2027H2", "2028H1"} {
		r := x.report(half)
		var total tally
		var o transparency.Outcomes
		var s transparency.Secrecy
		var notices transparency.Notices
		var days []int
		followed := 0
		countries, processes, others := map[string]*tally{}, map[string]*tally{}, map[transparency.Group]int{}
		for _, l := range x.lives {
			if l.n.Sealed() || l.filed.Before(r.From) || !l.filed.Before(r.Until) {
				continue
			}
			if g := groupOf(l.row.ID); g != transparency.Legal && g != transparency.Emergency {
				others[g]++
				continue
			}
			total.add(l)
			into(countries, string(l.country)).add(l)
			into(processes, l.row.Publication.Bucket).add(l)
			switch {
			case l.withdrawn:
				o.Withdrawn++
			case l.outcome == "all":
				o.All++
			case l.outcome == "part":
				o.Part++
			case l.outcome == "refused":
				o.Refused++
			case l.outcome == "no data":
				o.NoData++
			default:
				o.Pending++
			}
			if l.gag != nil {
				s.Asked++
				if *l.gag == 0 {
					s.OpenEnded++
				} else {
					days = append(days, *l.gag)
				}
			}
			switch l.told {
			case "before":
				notices.Before += l.accounts
			case "after":
				notices.After += l.accounts
			}
			if l.followed {
				followed++
			}
		}
		x.same(half, "total", r.Total, total)
		x.table(half, r.Countries, countries)
		x.table(half, r.Processes, processes)
		if r.Outcomes != o {
			x.Errorf("%s: outcomes %+v, by hand %+v", half, r.Outcomes, o)
		}
		if r.Notices != notices {
			x.Errorf("%s: notices %+v, by hand %+v", half, r.Notices, notices)
		}
		if r.Secrecy.Asked != s.Asked || r.Secrecy.OpenEnded != s.OpenEnded || !isMedian(r.Secrecy.MedianDays, days) {
			x.Errorf("%s: secrecy %+v, by hand %+v of %v", half, r.Secrecy, s, days)
		}
		if r.Split != nil && r.Split.Followed != followed {
			x.Errorf("%s: after %d emergencies legal process came, by hand after %d", half, r.Split.Followed, followed)
		}
		for _, a := range r.Apart {
			want := transparency.Figure{}
			if n := others[a.Group]; n >= transparency.Small {
				x.ok(want.UnmarshalJSON([]byte(strconv.Itoa(n))))
			}
			if a.Requests.String() != want.String() {
				x.Errorf("%s: %s %s, by hand %d", half, a.Name, a.Requests, others[a.Group])
			}
		}
		x.Logf("%s: %d requests, %+v, %+v, others %v", half, total.requests, o, notices, others)
	}
}

func into(m map[string]*tally, id string) *tally {
	if m[id] == nil {
		m[id] = &tally{}
	}
	return m[id]
}

func (x *year) same(half, what string, r transparency.Row, t tally) {
	x.Helper()
	if got := (tally{r.Requests, r.Accounts, r.Answered, r.SomeData}); got != t {
		x.Errorf("%s, %s: %+v, by hand %+v", half, what, got, t)
	}
}

// table: each row that is shown is what was counted, and all others together
// are the rest.
func (x *year) table(half string, rows []transparency.Row, by map[string]*tally) {
	x.Helper()
	var rest tally
	for id, t := range by {
		i := slices.IndexFunc(rows, func(r transparency.Row) bool { return r.ID == id })
		if i >= 0 && id != "other" { // what the law table counts as other is put together with the small rows
			x.same(half, id, rows[i], *t)
			continue
		}
		rest = tally{rest.requests + t.requests, rest.accounts + t.accounts, rest.answered + t.answered, rest.some + t.some}
	}
	for _, r := range rows {
		if r.ID == "other" {
			x.same(half, "other", r, rest)
		} else if by[r.ID] == nil {
			x.Errorf("%s: there is a row %s, and there was no such request", half, r.ID)
		}
	}
}

func isMedian(got *int, days []int) bool {
	if got == nil || len(days) < transparency.Small {
		return got == nil
	}
	sort.Ints(days)
	return *got >= days[(len(days)-1)/2] && *got <= days[len(days)/2]
}
