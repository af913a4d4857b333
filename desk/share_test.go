package desk_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"letterlock/desk/agency"
	"letterlock/desk/casefile"
	"letterlock/desk/review"
	"letterlock/internal/fault"
	"letterlock/law"
)

// mayShare is who may do what with a colleague's case, as the agencies are told
// it in docs/operating.md: stated here once more, so that a change of the table
// is a change of this test.
var mayShare = map[casefile.AgencyRole]string{
	casefile.Requester:  "",
	casefile.Supervisor: "see answer correct withdraw hand-over",
	casefile.Custodian:  "see download",
	casefile.Contact:    "see answer withdraw hand-over end",
}

// declined is a case answered without records: its package waits.
func (w *world) declined() casefile.Number {
	w.Helper()
	n := w.file(w.order())
	w.decline(n)
	return n
}

// decline answers a case with a letter that gives nothing.
func (w *world) decline(n casefile.Number) {
	w.Helper()
	w.assign(n, w.analyst.ID)
	var all []review.Choice
	for _, i := range w.load(n).Demand.Wanted {
		all = append(all, review.Choice{Item: i, Verdict: casefile.Decline, Reason: "not shown to be needed"})
	}
	w.ok(w.desk.Review.Decide(w.ctx, w.analyst.ID, n, all))
	w.ok(w.desk.Review.Answer(w.ctx, w.analyst.ID, n, "nothing is produced"))
	w.pass(5 * time.Minute)
	if p := w.load(n).Phase(); p != casefile.Answered {
		w.Fatalf("phase %s", p)
	}
}

// try does one shared act as an officer, on a case that it can be done with.
func (w *world) try(o agency.Officer, what casefile.Share) error {
	w.Helper()
	in, by := w.desk.Intake, o.Actor()
	switch what {
	case casefile.ShareEnd:
		leaver := w.colleague("Lea Leaver", strings.ToLower(casefile.NewID()[:8])+"@sheriff.harbor.example", casefile.Requester)
		return w.desk.Agencies.Disable(w.ctx, by, leaver.ID, "left the office")
	case casefile.ShareDownload:
		n := w.declined()
		r, _, err := in.Collect(w.ctx, by, n, w.load(n).Packages[0].ID)
		if err == nil {
			r.Close()
		}
		return err
	}
	n := w.file(w.order())
	switch what {
	case casefile.ShareSee:
		_, err := in.Case(w.ctx, by, n)
		return err
	case casefile.ShareAnswer:
		w.ok(w.desk.Review.Ask(w.ctx, w.analyst.ID, n, "Which county?"))
		return in.Answer(w.ctx, by, n, w.load(n).Questions[0].ID, "Harbor")
	case casefile.ShareCorrect:
		d := w.load(n).Demand
		d.Reference = "corrected"
		return in.Correct(w.ctx, by, n, d, "a typing error")
	case casefile.ShareWithdraw:
		return in.Withdraw(w.ctx, by, n, "found")
	}
	return in.HandOver(w.ctx, by, n, o.ID, "on leave")
}

func TestColleaguesShareByRoleAndNoFurther(t *testing.T) {
	w := newWorld(t)
	w.desk.Intake.PerHour = 1000
	for i, role := range casefile.AgencyRoles {
		o := w.colleague("Colleague "+string(role), "c"+string(rune('a'+i))+"@sheriff.harbor.example", role)
		for _, what := range casefile.Shares {
			want := slices.Contains(strings.Fields(mayShare[role]), strings.ReplaceAll(string(what), " ", "-"))
			switch err := w.try(o, what); {
			case want && err != nil:
				t.Errorf("a %s may %s: %v", role, what, err)
			case !want && !fault.Is(err, fault.Withheld) && !fault.Is(err, fault.Forbidden):
				t.Errorf("a %s must not %s: %v", role, what, err)
			case !want && !role.May(casefile.ShareSee) && what != casefile.ShareEnd && !fault.Is(err, fault.Withheld):
				t.Errorf("a %s is told that a colleague's case exists: %v", role, err)
			}
		}
	}
}

func TestAnotherAgencySeesNothingWhateverTheRole(t *testing.T) {
	w := newWorld(t)
	must(w.desk.Agencies.AddAgency(w.ctx, w.lead.Actor(), agency.Agency{Name: "Port Police", Country: "US", Domains: []string{"port.example"}, Switchboard: "+12025550111", Source: "state register", Sponsor: agency.Word{Why: "it is in the state register"}}))(t)
	o := w.colleague("Vera Port", "vera@port.example", casefile.Contact)
	n := w.file(w.order())
	_, err := w.desk.Intake.Case(w.ctx, o.Actor(), n)
	w.refused(err, fault.Withheld, "another agency's case")
	w.refused(w.desk.Intake.HandOver(w.ctx, w.reyes.Actor(), n, o.ID, "x"), fault.Invalid, "handing a case to another agency")
	w.refused(w.desk.Agencies.Disable(w.ctx, o.Actor(), w.reyes.ID, "x"), fault.Forbidden, "ending another agency's officer")
	heads := must(w.desk.Intake.AgencyCases(w.ctx, o.ID))(t)
	if len(heads) != 0 {
		t.Fatalf("%+v", heads)
	}
}

func TestASealedMatterIsItsOfficersAlone(t *testing.T) {
	w := newWorld(t)
	o := w.colleague("Sam Super", "sam@sheriff.harbor.example", casefile.Contact)
	d := w.order()
	d.Process, d.Wanted = law.NSL, []casefile.Item{"name"}
	n := w.file(d)
	if !n.Sealed() {
		t.Fatal("the control: this is no sealed matter")
	}
	_, err := w.desk.Intake.Case(w.ctx, o.Actor(), n)
	w.refused(err, fault.Withheld, "a colleague opening a sealed matter")
	w.refused(w.desk.Intake.HandOver(w.ctx, o.Actor(), n, o.ID, "x"), fault.Withheld, "taking it")
	if heads := must(w.desk.Intake.AgencyCases(w.ctx, o.ID))(t); len(heads) != 0 {
		t.Fatalf("it is in the agency's list: %+v", heads)
	}
	w.ok(w.desk.Intake.HandOver(w.ctx, w.reyes.Actor(), n, o.ID, "named by its officer"))
	if v := must(w.desk.Intake.Case(w.ctx, o.Actor(), n))(t); !v.Own {
		t.Fatal("whom its officer named does not have it")
	}
	_, err = w.desk.Intake.Case(w.ctx, w.reyes.Actor(), n)
	w.refused(err, fault.Withheld, "who handed it over")
}

func TestEachColleaguesAccessIsRecorded(t *testing.T) {
	w := newWorld(t)
	o := w.colleague("Cara Custodian", "cara@sheriff.harbor.example", casefile.Custodian)
	n := w.file(w.order())
	views := func() (k int) {
		for _, e := range w.load(n).Events {
			if e.Kind == casefile.KViewed && e.By.ID == string(o.ID) {
				k++
			}
		}
		return k
	}
	must(w.desk.Intake.Case(w.ctx, o.Actor(), n))(t)
	must(w.desk.Intake.Case(w.ctx, o.Actor(), n))(t)
	if views() != 1 {
		t.Fatalf("%d looks recorded", views())
	}
	w.pass(2 * time.Hour)
	must(w.desk.Intake.Case(w.ctx, o.Actor(), n))(t)
	must(w.desk.Intake.Case(w.ctx, w.reyes.Actor(), n))(t)
	if views() != 2 {
		t.Fatalf("%d looks recorded", views())
	}
	w.pass(2 * time.Hour)
	w.ledger.broken = true
	if _, err := w.desk.Intake.Case(w.ctx, o.Actor(), n); !fault.Is(err, fault.Unavailable) {
		t.Fatalf("a colleague looked without a record: %v", err)
	}
	must(w.desk.Intake.Case(w.ctx, w.reyes.Actor(), n))(t)
}

func TestACaseOutlivesItsOfficer(t *testing.T) {
	w := newWorld(t)
	o := w.colleague("Nora Next", "nora@sheriff.harbor.example", casefile.Requester)
	open, answered := w.file(w.order()), w.declined()
	over := w.file(w.order())
	w.ok(w.desk.Intake.Withdraw(w.ctx, w.reyes.Actor(), over, "found"))
	w.ok(w.desk.Agencies.Disable(w.ctx, w.lead.Actor(), w.reyes.ID, "left the office"))
	w.refused(w.desk.Intake.HandOver(w.ctx, w.lead.Actor(), open, w.reyes.ID, "x"), fault.Invalid, "handing it to who left")
	n, err := w.desk.Intake.HandOverAll(w.ctx, w.lead.Actor(), w.reyes.ID, o.ID, "she left")
	if err != nil || n != 2 {
		t.Fatalf("%d handed over: %v", n, err)
	}
	if _, err := w.desk.Intake.Case(w.ctx, o.Actor(), open); err != nil {
		t.Fatal(err)
	}
	r, _, err := w.desk.Intake.Collect(w.ctx, o.Actor(), answered, w.load(answered).Packages[0].ID)
	w.ok(err)
	r.Close()
	if heads := must(w.desk.Intake.Cases(w.ctx, o.ID))(t); len(heads) != 2 {
		t.Fatalf("%d cases in the new officer's list", len(heads))
	}
	if again, err := w.desk.Intake.HandOverAll(w.ctx, w.lead.Actor(), w.reyes.ID, o.ID, "again"); err != nil || again != 0 {
		t.Fatal(again, err)
	}
}
