package casefile

import (
	"context"
	"fmt"
	"math"
	"slices"
	"time"

	"letterlock/law"
)

// Measure is what is counted of the cases of a desk.
type Measure string

// The measures. Each is counted in the month in which it happened.
const (
	MFiled    Measure = "filed"    // requests that came
	MTaken    Measure = "taken"    // minutes until somebody of the team had it
	MAnswered Measure = "answered" // minutes until the answer was there
	MOutcome  Measure = "outcome"  // how it was answered, or that it was withdrawn
	MNarrowed Measure = "narrowed" // answers in which something was narrowed
	MFinding  Measure = "finding"  // findings raised
	MAgency   Measure = "agency"   // findings raised, by agency
	MSecond   Measure = "second"   // second reviews: given, differs, less
	MDone     Measure = "done"     // answers, by the member who had the case
	MKeptBack Measure = "keptback" // papers that counsel objected to showing in public
	MOpen     Measure = "open"     // open cases, by member; of no month: it is so now
)

// MOf is the findings raised on the requests of one agency.
func MOf(a AgencyID) Measure { return Measure("of:" + string(a)) }

// Tally is a number that goes up, or down, with a change of a case. It names
// no case and no person asked about.
type Tally struct {
	Measure Measure
	Period  string // a month, or a year; empty: now
	Key     string
	Process law.ProcessID
	Country law.Jurisdiction
	N       int
}

// Figures are the sums of tallies. Exercises are in none of them, and sealed
// matters have a store, and so sums, of their own.
type Figures interface {
	// Sums adds up a measure by its keys.
	Sums(ctx context.Context, q Span, m Measure) (map[string]int, error)
	// Months adds up a measure by month.
	Months(ctx context.Context, q Span, m Measure) (map[string]int, error)
	// Late counts open cases past their day, by lane.
	Late(ctx context.Context, q Span, now time.Time) (map[Lane]int, error)
}

// Span says what is added up: months, both included, and one process and
// country, or all.
type Span struct {
	From, Until string // such as 2026-11
	Process     law.ProcessID
	Country     law.Jurisdiction
}

const monthForm = "2006-01"

// Month names the month of a time.
func Month(t time.Time) string { return t.UTC().Format(monthForm) }

// About rounds minutes to two figures, so that few different ones are kept: a
// median is right to one in twenty.
func About(d time.Duration) int {
	m := max(0, d.Minutes())
	if m < 100 {
		return int(m)
	}
	step := math.Pow(10, math.Floor(math.Log10(m))-1)
	return int(math.Round(m/step) * step)
}

// MinutesKey is minutes as a key that sorts.
func MinutesKey(d time.Duration) string { return fmt.Sprintf("%09d", About(d)) }

// tallies are what a change adds to the figures.
func tallies(before, after Case, events []Event) []Tally {
	if after.Drill != nil {
		return nil
	}
	t := tallier{c: after}
	for _, e := range events {
		t.event(before, e)
	}
	t.findings(before, events)
	t.open(before, -1)
	t.open(after, 1)
	return t.compact()
}

type tallier struct {
	c   Case
	out []Tally
}

// add counts in a month and in its year, so that long spans are quick.
func (t *tallier) add(m Measure, at time.Time, key string, n int) {
	for _, period := range []string{Month(at), Month(at)[:4]} {
		t.out = append(t.out, Tally{m, period, key, t.c.Demand.Process, t.c.Demand.Jurisdiction, n})
	}
}

func (t *tallier) event(before Case, e Event) {
	switch e.Kind {
	case KFiled:
		t.add(MFiled, e.At, "", 1)
	case KCorrected:
		t.moved(before)
	case KAssigned:
		if !slices.ContainsFunc(t.c.Events[:e.Seq-1], func(o Event) bool { return o.Kind == KAssigned }) {
			t.add(MTaken, e.At, MinutesKey(e.At.Sub(t.c.Filed)), 1)
		}
	case KWithdrawn:
		t.add(MOutcome, e.At, "withdrawn", 1)
	case KPacked:
		t.packed(e)
	case KRoomAgreed, KRoomPut:
		t.add(MKeptBack, e.At, "", t.c.Room.KeptBack-before.Room.KeptBack)
	case KSecondGiven:
		x, _ := t.c.SecondOf(e.Second.ID)
		t.add(MSecond, e.At, "given", 1)
		if len(x.Differs) > 0 {
			t.add(MSecond, e.At, "differs", 1)
		}
		if len(x.Less) > 0 {
			t.add(MSecond, e.At, "less", 1)
		}
	}
}

// moved counts a request where its correction says that it belongs.
func (t *tallier) moved(before Case) {
	was := tallier{c: before}
	was.add(MFiled, before.Filed, "", -1)
	t.out = append(t.out, was.out...)
	t.add(MFiled, before.Filed, "", 1)
}

// packed counts an answer once, with its first package.
func (t *tallier) packed(e Event) {
	if len(t.c.Packages) > 0 && t.c.Packages[0].ID != e.Package.ID {
		return
	}
	t.add(MAnswered, e.At, MinutesKey(e.At.Sub(t.c.Filed)), 1)
	t.add(MOutcome, e.At, outcomeOf(t.c, e), 1)
	if t.c.Narrowed != nil || slices.ContainsFunc(t.c.Decided(), func(d Decision) bool { return d.Verdict == Narrow }) {
		t.add(MNarrowed, e.At, "", 1)
	}
	if m := t.c.Assigned.MemberID(); m != "" {
		t.add(MDone, e.At, string(m), 1)
	}
}

// findings counts those that were not on the case before.
func (t *tallier) findings(before Case, events []Event) {
	if len(events) == 0 {
		return
	}
	at := events[len(events)-1].At
	for _, f := range t.c.Findings {
		if before.finding(f.ID) >= 0 {
			continue
		}
		t.add(MFinding, at, string(f.ID), 1)
		if a := t.c.Demand.Agency; a != "" {
			t.add(MAgency, at, string(a), 1)
			t.add(MOf(a), at, string(f.ID), 1)
		}
	}
}

func (t *tallier) open(c Case, n int) {
	if len(c.Events) == 0 || c.Phase().Over() {
		return
	}
	t.out = append(t.out, Tally{Measure: MOpen, Key: string(c.Assigned.MemberID()), Process: c.Demand.Process, Country: c.Demand.Jurisdiction, N: n})
}

// compact joins what has one place, in an order that all changes keep: two of
// them never wait for each other in a ring.
func (t *tallier) compact() []Tally { return JoinTallies(t.out) }

// JoinTallies adds up those of one place and leaves out what comes to nothing.
func JoinTallies(all []Tally) []Tally {
	sum := map[Tally]int{}
	for _, x := range all {
		n := x.N
		x.N = 0
		sum[x] += n
	}
	var out []Tally
	for x, n := range sum {
		if n != 0 {
			x.N = n
			out = append(out, x)
		}
	}
	slices.SortFunc(out, Tally.compare)
	return out
}

func (t Tally) place() string {
	return string(t.Measure) + "\x00" + t.Period + "\x00" + t.Key + "\x00" + string(t.Process) + "\x00" + string(t.Country)
}

func (t Tally) compare(o Tally) int {
	switch a, b := t.place(), o.place(); {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
