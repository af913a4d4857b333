package desk_test

import (
	"slices"
	"strings"
	"testing"

	"letterlock/desk/agency"
	"letterlock/desk/casefile"
	"letterlock/desk/risk"
	"letterlock/desk/staff"
	"letterlock/internal/fault"
	soft "letterlock/internal/testkit/passkey"
	"letterlock/law"
)

// reasoned is an act outside a case: how it is done with a reason, and how the
// reason reads afterwards where people see it.
type reasoned struct {
	kind string
	do   func(why string) error
	said func() string
}

// actsWithReasons are those acts outside a case that had none of their own: on
// law, lists, limits, the clock, training, ties and agencies.
func (w *world) actsWithReasons() []reasoned {
	d, ctx := w.desk, w.ctx
	row, _ := law.Default().Row("us.order.2703d", w.clock.Now())
	fresh := w.joinsWith(soft.New(), "Rosa Keller", "rosa@letterlock.example", staff.Analyst)
	me := func() staff.Member { return must(d.Staff.Active(ctx, fresh.ID))(w) }
	last := func() staff.Training { all := me().Trainings; return all[len(all)-1] }
	course := d.Staff.Courses[0]
	var right []int
	for _, q := range course.Questions {
		right = append(right, q.Answer)
	}
	w.ok(d.Risk.Propose(ctx, w.lead.ID, risk.Burst, "requests", 2, "a wave of forged orders"))
	w.ok(d.Risk.Propose(ctx, w.lead.ID, risk.TwoAgencies, "days", 45, "the same wave"))
	proposals := must(d.Risk.Proposals(ctx))(w)
	proposal := func(id string) risk.Proposal {
		all := must(d.Risk.Proposals(ctx))(w)
		return all[slices.IndexFunc(all, func(p risk.Proposal) bool { return p.ID == id })]
	}
	agencies := func() []agency.Agency { return must(d.Agencies.Agencies(ctx))(w) }
	return []reasoned{
		{"law.approved", func(why string) error { return d.ApproveRow(ctx, w.counsel.ID, row.ID, row.Hash(), why) }, func() string {
			return must(d.LawApprovals(ctx, w.counsel.ID))(w).Counsel[0].Why
		}},
		{"list.approved", func(why string) error {
			return d.ApproveList(ctx, w.counsel.ID, "expression", w.list("expression").Hash(), why)
		}, func() string { return w.list("expression").Approved()[0].Why }},
		{"rule.changed", func(why string) error { return d.Risk.Agree(ctx, w.counsel.ID, proposals[0].ID, true, why) }, func() string { return proposal(proposals[0].ID).Said }},
		{"rule.refused", func(why string) error { return d.Risk.Agree(ctx, w.counsel.ID, proposals[1].ID, false, why) }, func() string { return proposal(proposals[1].ID).Said }},
		{"member.trained", func(why string) error { return d.Staff.Train(ctx, w.lead.ID, fresh.ID, "2026-1", 90, why) }, func() string { return last().Why }},
		{"member.trained", func(why string) error {
			_, err := d.Staff.Take(ctx, fresh.ID, course.ID, course.Version, right, why)
			return err
		}, func() string { return last().Why }},
		{"member.conflict", func(why string) error {
			return d.Staff.Declare(ctx, fresh.ID, staff.Conflict{Target: "+12025550177", Reason: why})
		}, func() string { return me().Conflicts[0].Reason }},
		{"member.conflict", func(why string) error {
			return d.Staff.DeclareAll(ctx, fresh.ID, why)
		}, func() string { x := me().Words; return x[len(x)-1].Why }},
		{"agency.added", func(why string) error {
			_, err := d.Agencies.AddAgency(ctx, w.lead.Actor(), agency.Agency{Name: "Port Police", Country: "US", Domains: []string{"port.example"}, Switchboard: "+12025550111", Source: "state register", Sponsor: agency.Word{Why: why}})
			return err
		}, func() string {
			all := agencies()
			return all[slices.IndexFunc(all, func(a agency.Agency) bool { return a.Name == "Port Police" })].Changes[0].Why
		}},
		{"clock.confirmed", func(why string) error { return d.Watch.Confirm(ctx, w.analyst.ID, why) }, func() string { return must(d.Watch.Confirmed(ctx))(w)[0].Why }},
	}
}

func (w *world) acts(kind string) (n int) {
	for _, r := range w.ledger.told {
		if r.Kind == kind {
			n++
		}
	}
	return n
}

// TestNothingIsApprovedConfirmedTrainedOrDeclaredWithoutAReason: each is refused
// without one, and with one it is recorded and read where people look.
func TestNothingIsApprovedConfirmedTrainedOrDeclaredWithoutAReason(t *testing.T) {
	w := newWorld(t)
	all := w.actsWithReasons()
	for i, x := range all {
		if x.kind == "clock.confirmed" {
			w.clock.Advance(40 * 60e9) // a jump
		}
		why := "reason number " + string(rune('A'+i))
		before := w.acts(x.kind)
		for _, none := range []string{"", " \t ", strings.Repeat("x", casefile.MaxReason+1)} {
			w.refused(x.do(none), fault.Invalid, x.kind+" without a reason")
		}
		if w.acts(x.kind) != before {
			t.Errorf("%s was recorded without a reason", x.kind)
		}
		w.ok(x.do(" " + why + " "))
		if got := x.said(); strings.TrimSpace(got) != why {
			t.Errorf("%s: the reason reads %q", x.kind, got)
		}
		if w.acts(x.kind) != before+1 {
			t.Errorf("%s stands %d times in the ledger", x.kind, w.acts(x.kind)-before)
		}
	}
}
