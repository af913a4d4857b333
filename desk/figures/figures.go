// Package figures is what a lead sees of the desk as a whole: volumes, times,
// outcomes, findings, second reviews, exercises and who has how much. It adds
// up tallies that are kept with each change of a case and reads no case. It
// must not know what a request asked for or of whom.
package figures

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strconv"
	"time"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
)

// Team answers who may see what; desk/staff implements it.
type Team interface {
	May(ctx context.Context, id casefile.MemberID, p casefile.Permission, n casefile.Number) (casefile.Actor, error)
	MaySeal(ctx context.Context, id casefile.MemberID) (bool, error)
}

// Service adds up.
type Service struct {
	Files *casefile.Files
	Team  Team
}

// Count is a name and its number.
type Count struct {
	Key string
	N   int
}

// Times are how long something took.
type Times struct {
	N           int
	Median, P90 time.Duration
}

// Agency is how many findings the requests of an agency raised.
type Agency struct {
	ID  casefile.AgencyID
	N   int
	Top []Count // the findings raised most often
}

// Month is what came and was answered in a month.
type Month struct {
	Name            string
	Filed, Answered int
}

// Drills are exercises that are over.
type Drills struct{ Frauds, Caught, Stopped, Missed, TimedOut, Genuine, Answered int }

// Work is what a member has.
type Work struct {
	Member     casefile.MemberID // empty: nobody yet
	Open, Done int
}

// Page is the lead's page.
type Page struct {
	Span               casefile.Span
	Months             []Month
	Filed, Answered    int
	Narrowed           int
	Taken, Answer      Times
	Outcomes, Findings []Count
	Agencies           []Agency
	Late               []Count // by lane
	Given, Differs     int     // second reviews
	Less               int
	Drills             Drills
	Work               []Work
}

// Most is how many agencies and findings are named.
const Most = 12

// Page adds up a span. With sealed it is the page of the sealed matters alone,
// which is there for those on their list; they are in no other sum.
func (s *Service) Page(ctx context.Context, by casefile.MemberID, q casefile.Span, sealed bool) (Page, error) {
	if _, err := s.Team.May(ctx, by, casefile.SeeFigures, ""); err != nil {
		return Page{}, err
	}
	if sealed {
		if may, err := s.Team.MaySeal(ctx, by); err != nil || !may {
			return Page{}, casefile.NoCase()
		}
	}
	if _, err := time.Parse("2006-01", q.From); err != nil {
		return Page{}, fault.New(fault.Invalid, "add up", "write the first month as year-month, such as 2026-11")
	}
	if until, err := time.Parse("2006-01", q.Until); err != nil || q.Until < q.From || until.Year() > 9000 {
		return Page{}, fault.New(fault.Invalid, "add up", "write the last month as year-month, such as 2026-11, and not before the first")
	}
	a := adder{ctx: ctx, store: s.Files.Shelf(sealed).Store, q: q}
	p := a.page(s.Files.Clock.Now())
	if !sealed {
		p.Drills = a.drills()
	}
	return p, a.err
}

// adder asks for one sum after the other until one fails.
type adder struct {
	ctx   context.Context
	store casefile.Store
	q     casefile.Span
	err   error
}

func (a *adder) page(now time.Time) Page {
	p := Page{Span: a.q, Taken: times(a.sums(casefile.MTaken)), Answer: times(a.sums(casefile.MAnswered)), Outcomes: sorted(a.sums(casefile.MOutcome)), Findings: top(a.sums(casefile.MFinding), Most)}
	p.Filed, p.Narrowed, p.Answered = a.sums(casefile.MFiled)[""], a.sums(casefile.MNarrowed)[""], p.Answer.N
	second := a.sums(casefile.MSecond)
	p.Given, p.Differs, p.Less = second["given"], second["differs"], second["less"]
	p.Months, p.Work = a.months(), a.work()
	for _, c := range top(a.sums(casefile.MAgency), Most) {
		id := casefile.AgencyID(c.Key)
		p.Agencies = append(p.Agencies, Agency{id, c.N, top(a.sums(casefile.MOf(id)), 3)})
	}
	late, err := a.store.Late(a.ctx, a.q, now)
	a.err = cmp.Or(a.err, err)
	for _, l := range casefile.Lanes {
		if n := late[l]; n > 0 {
			p.Late = append(p.Late, Count{string(l), n})
		}
	}
	return p
}

func (a *adder) sums(m casefile.Measure) map[string]int {
	if a.err != nil {
		return nil
	}
	got, err := a.store.Sums(a.ctx, a.q, m)
	a.err = err
	return got
}

func (a *adder) months() []Month {
	if a.err != nil {
		return nil
	}
	filed, err := a.store.Months(a.ctx, a.q, casefile.MFiled)
	if err != nil {
		a.err = err
		return nil
	}
	answered, err := a.store.Months(a.ctx, a.q, casefile.MAnswered)
	a.err = err
	names := slices.Sorted(maps.Keys(filed))
	for m := range answered {
		if _, ok := filed[m]; !ok {
			names = append(names, m)
		}
	}
	slices.Sort(names)
	var out []Month
	for _, m := range names {
		out = append(out, Month{m, filed[m], answered[m]})
	}
	return out
}

func (a *adder) work() []Work {
	open, done := a.sums(casefile.MOpen), a.sums(casefile.MDone)
	all := map[string]Work{}
	for m, n := range open {
		all[m] = Work{Member: casefile.MemberID(m), Open: n}
	}
	for m, n := range done {
		w := all[m]
		w.Member, w.Done = casefile.MemberID(m), n
		all[m] = w
	}
	out := slices.Collect(maps.Values(all))
	slices.SortFunc(out, func(x, y Work) int { return cmp.Or(y.Open-x.Open, y.Done-x.Done, cmp.Compare(x.Member, y.Member)) })
	return out
}

// drills are counted apart from requests, whatever process they play.
func (a *adder) drills() (d Drills) {
	all, err := a.store.Exercises(a.ctx)
	a.err = cmp.Or(a.err, err)
	for _, h := range all {
		if h.Drill == nil || h.Drill.End == nil || casefile.Month(h.Drill.At) < a.q.From || casefile.Month(h.Drill.At) > a.q.Until {
			continue
		}
		if h.Drill.Genuine {
			d.Genuine++
			if h.Drill.End.Outcome == casefile.DrillAnswered {
				d.Answered++
			}
			continue
		}
		d.Frauds++
		switch h.Drill.End.Outcome {
		case casefile.DrillCaught:
			d.Caught++
		case casefile.DrillStopped:
			d.Stopped++
		case casefile.DrillMissed:
			d.Missed++
		default:
			d.TimedOut++
		}
	}
	return d
}

// times are the median and the 90th percentile of minutes and how often each is.
func times(minutes map[string]int) (t Times) {
	var keys []int
	for k, n := range minutes {
		if m, err := strconv.Atoi(k); err == nil && n > 0 {
			keys, t.N = append(keys, m), t.N+n
		}
	}
	slices.Sort(keys)
	at := func(p int) time.Duration {
		seen, want := 0, (t.N*p+99)/100
		for _, m := range keys {
			if seen += minutes[minuteKey(m)]; seen >= want {
				return time.Duration(m) * time.Minute
			}
		}
		return 0
	}
	t.Median, t.P90 = at(50), at(90)
	return t
}

func minuteKey(m int) string { return casefile.MinutesKey(time.Duration(m) * time.Minute) }

func sorted(m map[string]int) []Count { return top(m, len(m)) }

// top are the greatest, the greatest first.
func top(m map[string]int, most int) []Count {
	var out []Count
	for k, n := range m {
		out = append(out, Count{k, n})
	}
	slices.SortFunc(out, func(x, y Count) int { return cmp.Or(y.N-x.N, cmp.Compare(x.Key, y.Key)) })
	return out[:min(most, len(out))]
}

// Share is n of a hundred, rounded.
func Share(n, of int) int {
	if of == 0 {
		return 0
	}
	return (n*200 + of) / (2 * of)
}
