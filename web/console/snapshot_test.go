package console_test

import (
	"testing"
	"time"

	"letterlock/desk/casefile"
	"letterlock/disclosable"
	"letterlock/law"
)

// preserved carries a preservation through, on the pages.
func (w *world) preserved() casefile.Number {
	w.Helper()
	d := w.order()
	d.Process, d.IssuingBody, d.IssuerRole, d.Court, d.LegalBasis, d.Reference = "us.preservation", "Harbor County Sheriff's Office", law.RolePolice, "", "18 USC 2703(f)", "HC-26-P1"
	d.Wanted, d.Answers, d.From, d.Until, d.Issued = []casefile.Item{casefile.Item(law.PreserveOnly)}, nil, time.Time{}, time.Time{}, w.clock.Now()
	n := w.file(d)
	a := w.analyst
	a.study(n)
	says(w.T, a.press(a.get(path(n)), "Record the decision", "verdict-"+string(law.PreserveOnly), string(casefile.Keep), "reason", "The request is in form."), 200, "Decided: 1 item")
	says(w.T, a.press(a.get(path(n)), "Propose the grants"), 200, "before the key holders")
	w.ok(w.door.SignAll("Ines Okafor", "Sefa Yilmaz"))
	w.pass(2 * time.Minute)
	w.pass(5 * time.Minute)
	if c := w.load(n); len(c.Kept) != 1 {
		w.Fatalf("the case stands at %s and keeps %+v", c.Phase(), c.Kept)
	}
	return n
}

// warrant is a search warrant for what a preservation keeps.
func (w *world) warrant(preserved casefile.Number) casefile.Demand {
	d := w.order()
	d.Process, d.LegalBasis, d.Reference, d.CaseRef = "us.warrant.search", "18 USC 2703; Fed. R. Crim. P. 41", "HC-26-119", "1:26-sw-00119"
	d.Wanted, d.Preserved, d.From, d.Until, d.ExecuteBy = []casefile.Item{"about", "name"}, preserved, time.Time{}, time.Time{}, w.clock.Now().AddDate(0, 0, 10)
	d.Gag = casefile.Gag{Asked: true, Order: true, Start: d.Issued, End: w.clock.Now().AddDate(0, 0, 60), Grounds: []string{"2705(b)(1)"}, Basis: "18 USC 2705(b)"}
	return d
}

// TestWhichRecordAnswersIsChosenOnThePage: the page of a warrant shows the
// snapshot that a preservation keeps; nothing is proposed before somebody has
// chosen; each choice is said and stands in the grant.
func TestWhichRecordAnswersIsChosenOnThePage(t *testing.T) {
	w := newWorld(t)
	w.custodianJoins()
	kept := w.preserved()
	says(t, w.analyst.get(path(kept)), 200, "A snapshot of 23 November 2026", "is kept until", "A copy is kept, and disclosed only under later process")
	silent(t, w.analyst.get(path(kept)), "Not part of this program")
	w.approve("us.warrant.search")
	n := w.file(w.warrant(kept))
	a := w.analyst
	says(t, a.study(n), 200, "There is a snapshot of 23 November 2026", "preserved in case "+string(kept), "Answer from the snapshot", "From both", "From today’s record only")
	a.decideAll(n)
	if p := a.press(a.get(path(n)), "Propose the grants"); p.Status != 409 || len(w.load(n).GrantsOf(disclosable.Produce)) > 0 {
		t.Errorf("proposed while nobody chose the record: %d %s", p.Status, p.Text())
	}
	says(t, a.press(a.get(path(n)), "From both"), 200, "The snapshot and today’s record both answer.", "and today’s record")
	says(t, a.press(a.get(path(n)), "From today’s record only"), 200, "Today’s record answers.", "Answered from: today’s record")
	says(t, a.press(a.get(path(n)), "Answer from the snapshot"), 200, "The snapshot answers.", "Answered from: the snapshot of 23 November 2026", "preserved in case "+string(kept))
	taken := w.load(kept).Kept[0].Taken
	if s := w.load(n).Sources[0]; s.Case != kept || s.Taken != taken || s.Today {
		t.Errorf("chosen: %+v", s)
	}
	says(t, a.press(a.get(path(n)), "Propose the grants"), 200, "before the key holders")
	silent(t, a.get(path(n)), "Answer from the snapshot") // what is signed is not chosen again
	w.ok(w.door.SignAll("Ines Okafor", "Sefa Yilmaz"))
	w.pass(2 * time.Minute)
	w.pass(5 * time.Minute)
	w.pass(5 * time.Minute)
	if c := w.load(n); len(c.Packages) != 1 || c.Packages[0].Records != 2 {
		t.Errorf("the case stands at %s with %+v", c.Phase(), c.Packages)
	}
}

// TestASnapshotThatIsNotOnThePageIsNotChosen: a form that was made by hand.
func TestASnapshotThatIsNotOnThePageIsNotChosen(t *testing.T) {
	w := newWorld(t)
	kept := w.preserved()
	n := w.file(w.warrant(kept))
	w.analyst.study(n)
	before := w.load(n).Version()
	for _, x := range []struct {
		path   string
		form   []string
		status int
	}{
		{"/snapshot/x", []string{"from", "snapshot"}, 404},
		{"/snapshot/0", []string{"from", "snapshot", "taken", "short"}, 400},
		{"/snapshot/0", []string{"from", "elsewhere", "taken", w.load(kept).Kept[0].Taken.String()}, 400},
		{"/snapshot/0", []string{"from", "snapshot", "taken", disclosable.Hash{1}.String(), "why-snapshot-0", "x"}, 404},
		{"/snapshot/7", []string{"from", "snapshot", "taken", w.load(kept).Kept[0].Taken.String(), "why-snapshot-7", "x"}, 404},
	} {
		if p := w.analyst.post(path(n)+x.path, x.form...); p.Status != x.status {
			t.Errorf("%s %v: %d, want %d: %s", x.path, x.form, p.Status, x.status, first(p))
		}
	}
	if w.load(n).Version() != before {
		t.Error("a refused choice changed the case")
	}
}
