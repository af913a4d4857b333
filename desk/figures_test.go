package desk_test

import (
	"fmt"
	"testing"
	"time"

	"letterlock/desk/casefile"
	"letterlock/desk/figures"
	"letterlock/desk/staff"
	"letterlock/internal/fault"
	"letterlock/law"
)

func (w *world) span() casefile.Span {
	return casefile.Span{From: "2026-01", Until: casefile.Month(w.clock.Now())}
}

func (w *world) page(m staff.Member, sealed bool) figures.Page {
	w.Helper()
	return must(w.desk.Figures.Page(w.ctx, m.ID, w.span(), sealed))(w)
}

func TestTheLeadsFiguresAreWhatHappened(t *testing.T) {
	w := newWorld(t)
	w.always()
	w.approve("us.order.2703d")
	n := w.file(w.order())
	w.clock.Advance(90 * time.Minute)
	w.study(n, w.analyst)
	w.produceAll(n, w.analyst)
	w.givesSecond(n, w.second, casefile.Decline)
	waits := w.file(w.order())
	w.declined()
	p := w.page(w.lead, false)
	if p.Filed != 3 || p.Answered != 1 || p.Taken.N != 2 || p.Given != 1 || p.Differs != 1 || p.Less != 1 {
		t.Errorf("%+v", p)
	}
	if p.Taken.P90 < 85*time.Minute || p.Taken.P90 > 95*time.Minute || p.Taken.Median > time.Minute {
		t.Errorf("taken: %+v", p.Taken)
	}
	if len(p.Outcomes) != 1 || p.Outcomes[0] != (figures.Count{Key: "refused", N: 1}) {
		t.Errorf("outcomes: %+v", p.Outcomes)
	}
	open := map[casefile.MemberID]figures.Work{}
	for _, x := range p.Work {
		open[x.Member] = x
	}
	if open[w.analyst.ID] != (figures.Work{Member: w.analyst.ID, Open: 1, Done: 1}) || open[""].Open != 1 {
		t.Errorf("work: %+v", p.Work)
	}
	found := 0
	for _, f := range p.Findings {
		found += f.N
	}
	if found == 0 || len(p.Agencies) != 1 || p.Agencies[0].ID != w.agency.ID || p.Agencies[0].N != found || len(p.Agencies[0].Top) == 0 {
		t.Errorf("findings %+v, agencies %+v", p.Findings, p.Agencies)
	}
	w.ok(w.desk.Intake.Withdraw(w.ctx, w.reyes.Actor(), waits, "found"))
	w.clock.Advance(40 * 24 * time.Hour)
	p = w.page(w.lead, false)
	if len(p.Late) != 1 || p.Late[0].N != 1 || len(p.Outcomes) != 2 || p.Filed != 3 || len(p.Months) != 1 {
		t.Errorf("%+v", p)
	}
	q := w.span()
	q.Process = law.Emergency
	if p := must(w.desk.Figures.Page(w.ctx, w.lead.ID, q, false))(t); p.Filed != 0 || len(p.Work) != 0 || len(p.Late) != 0 {
		t.Errorf("of another process: %+v", p)
	}
	_, err := w.desk.Figures.Page(w.ctx, w.analyst.ID, q, false)
	w.refused(err, fault.Forbidden, "the figures for an analyst")
}

func TestNoSumTellsOfASealedMatter(t *testing.T) {
	w := newWorld(t)
	m := w.newcomer("Lena Vogt", staff.Lead)
	w.file(w.order())
	before := fmt.Sprintf("%+v", w.page(m, false))
	d := w.order()
	d.Process, d.Wanted = law.NSL, []casefile.Item{"name"}
	if n := w.file(d); !n.Sealed() {
		t.Fatal("the control: this is no sealed matter")
	}
	if after := fmt.Sprintf("%+v", w.page(m, false)); after != before {
		t.Errorf("the figures differ:\n%s\n%s", before, after)
	}
	_, err := w.desk.Figures.Page(w.ctx, m.ID, w.span(), true)
	w.refused(err, fault.Withheld, "sealed figures for a lead who is not on the list")
	if p := w.page(w.lead, true); !w.lead.Cleared || p.Filed != 1 {
		t.Errorf("for a lead on the list: %+v", p)
	}
	if p := w.page(w.lead, false); p.Filed != 1 {
		t.Errorf("sealed matters are in a sum with others: %+v", p)
	}
}

func TestAnExerciseIsInNoCountOfRequests(t *testing.T) {
	x := newExercise(t, "cloned_domain")
	if p := x.page(x.lead, false); p.Filed != 0 || p.Taken.N != 0 || len(p.Work) != 0 || len(p.Findings) != 0 || p.Drills.Frauds != 0 {
		t.Errorf("while it runs: %+v", p)
	}
	x.clock.Advance(3 * time.Hour)
	if p := x.page(x.lead, false); len(p.Late) != 0 {
		t.Errorf("past its hour: %+v", p.Late)
	}
	x.ok(x.desk.Review.Decide(x.ctx, x.analyst.ID, x.n, decline("name", "last_seen", "last_ip")))
	p := x.page(x.lead, false)
	if p.Drills != (figures.Drills{Frauds: 1, Caught: 1}) || len(p.Outcomes) != 0 || p.Filed != 0 {
		t.Errorf("%+v", p)
	}
}
