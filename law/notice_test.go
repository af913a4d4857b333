package law_test

import (
	"testing"
	"time"

	"letterlock/law"
)

func TestNotice(t *testing.T) {
	day := 24 * time.Hour
	end := on(12, 1)
	for _, c := range []struct {
		name    string
		process law.ProcessID
		facts   law.NoticeFacts
		want    law.NoticePlan
	}{
		{"a subpoena: seven days before", subpoena, law.NoticeFacts{}, law.NoticePlan{When: law.TimingBefore, Lead: 7 * day, Lift: law.LiftOrderEnd}},
		{"under an order: when it ends", subpoena, law.NoticeFacts{GagOrder: true, GagEnd: end},
			law.NoticePlan{When: law.TimingWithheld, Until: end, Lift: law.LiftOrderEnd}},
		{"under an order without end: looked at again", subpoena, law.NoticeFacts{GagOrder: true},
			law.NoticePlan{When: law.TimingWithheld, Review: received.AddDate(0, 0, 90), Lift: law.LiftOrderEnd}},
		{"child exploitation: later, with a day of review", subpoena, law.NoticeFacts{Exception: law.ChildExploitation, Review: on(11, 1)},
			law.NoticePlan{When: law.TimingWithheld, Review: on(11, 1), Lift: law.LiftDanger}},
		{"threat to life: the row's own day of review", "us.order.2703d", law.NoticeFacts{Exception: law.ThreatToLife},
			law.NoticePlan{When: law.TimingWithheld, Review: received.AddDate(0, 0, 90), Lift: law.LiftDanger}},
		{"an order and an exception: both days", subpoena, law.NoticeFacts{GagOrder: true, GagEnd: end, Exception: law.ThreatToLife, Review: on(11, 1)},
			law.NoticePlan{When: law.TimingWithheld, Until: end, Review: on(11, 1), Lift: law.LiftOrderEnd}},
		{"an emergency: after", law.Emergency, law.NoticeFacts{}, law.NoticePlan{When: law.TimingAfter, Review: received.AddDate(0, 0, 30), Lift: law.LiftDanger}},
		{"a tap: withheld by law", "us.order.pentrap", law.NoticeFacts{}, law.NoticePlan{When: law.TimingWithheld, Review: received.AddDate(0, 0, 180), Lift: law.LiftCourt}},
		{"a national security letter: until it is lifted", law.NSL, law.NoticeFacts{},
			law.NoticePlan{When: law.TimingWithheld, Review: received.AddDate(0, 0, 1095), Lift: law.LiftReview}},
		{"a production order: the authority tells", "eu.epoc.sub", law.NoticeFacts{}, law.NoticePlan{When: law.TimingAuthority, Review: received.AddDate(0, 0, 180), Lift: law.LiftAuthority}},
		{"a snapshot: nothing to tell", law.Preservation, law.NoticeFacts{GagOrder: true, GagEnd: end}, law.NoticePlan{When: law.TimingNothing, Lift: law.LiftNever}},
	} {
		c.facts.Decided = received
		got := mustRow(t, c.process).Notice(c.facts)
		if got.Reason == "" {
			t.Errorf("%s: no reason", c.name)
		}
		got.Reason, got.Basis = "", ""
		if got != c.want {
			t.Errorf("%s:\n got %+v\nwant %+v", c.name, got, c.want)
		}
	}
}

func TestNoSilenceIsWithoutADayOnWhichSomebodyLooksAgain(t *testing.T) {
	for _, r := range law.Default().Rows() {
		for _, gag := range []bool{false, true} {
			for _, ex := range []law.Exception{law.NoException, law.ChildExploitation, law.ThreatToLife} {
				p := r.Notice(law.NoticeFacts{Decided: received, GagOrder: gag, Exception: ex})
				if p.When == law.TimingBefore && p.Lead <= 0 {
					t.Errorf("%s: notice before, without a lead", r.ID)
				}
				silent := p.When == law.TimingWithheld || p.When == law.TimingAfter || p.When == law.TimingAuthority
				if silent && p.Until.IsZero() && !p.Review.After(received) {
					t.Errorf("%s: silent (%s) without end or review", r.ID, p.When)
				}
			}
		}
	}
}

func TestWhereTheLawOrdersNoticeAnExceptionDoesNotDelayIt(t *testing.T) {
	r := mustRow(t, subpoena)
	r.NoticeRule.Provider = law.DutyMust
	if p := r.Notice(law.NoticeFacts{Decided: received, Exception: law.ThreatToLife}); p.When != law.TimingBefore {
		t.Errorf("%s", p.When)
	}
	if p := r.Notice(law.NoticeFacts{Decided: received, GagOrder: true, GagEnd: on(12, 1)}); p.When != law.TimingWithheld {
		t.Errorf("a court's order: %s", p.When)
	}
}
