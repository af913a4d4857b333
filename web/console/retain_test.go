package console_test

import (
	"testing"
	"time"

	"letterlock/desk/casefile"
)

// TestAPersonSeesWhenDataLeaveAndCounselHoldsThem: the page of a case says what
// keeps the persons' data, or the day on which they leave; counsel alone holds
// them; and when they have left the page shows what stays and nothing else.
func TestAPersonSeesWhenDataLeaveAndCounselHoldsThem(t *testing.T) {
	w := newWorld(t)
	n := w.file(w.order())
	says(t, w.analyst.get(path(n)), 200, "Persons’ data stay here for now", "the case is not closed", "1095 days")
	silent(t, w.analyst.get(path(n)), "Put a litigation hold on them")
	w.ok(w.desk.Intake.Withdraw(t.Context(), w.reyes.Actor(), n, "filed twice"))
	w.desk.Retain.Days = 30
	says(t, w.analyst.get(path(n)), 200, "Persons’ data leave on 24 December 2026", "30 days after the case and all its duties ended")

	c := w.counsel
	says(t, c.get(path(n)), 200, "Put a litigation hold on them")
	says(t, c.press(c.get(path(n)), "Hold them", "hold-why", "", "hold-day", "2027-03-01"), 400, "Give the reason")
	says(t, c.press(c.get(path(n)), "Hold them", "hold-why", "Ruiz v. Harbor County", "hold-day", "2027-03-01"), 200, "stay while the hold lasts", "Ruiz v. Harbor County", "Counsel looks at it again on 1 March 2027", "a litigation hold by Miriam Adler")
	says(t, w.analyst.get(path(n)), 200, "Litigation hold", "Ruiz v. Harbor County")
	w.pass(40 * 24 * time.Hour)
	if w.load(n).Left != nil {
		t.Fatal("left under a hold")
	}
	c.signIn()
	w.ok(w.desk.Staff.DeclareAll(t.Context(), c.id, "went through family and earlier employers"))
	w.analyst.signIn()
	id := w.load(n).LegalHolds[0].ID
	says(t, c.press(c.get(path(n)), "End the hold", "hold-why"+id, "settled"), 200, "The hold is ended")
	w.pass(time.Minute)
	if w.load(n).Left == nil {
		t.Fatal("the hold is over and the data are still there")
	}
	p := w.analyst.get(path(n))
	says(t, p, 200, "Persons’ data left on", "What stays", "withdrawn", "hash", "United States")
	silent(t, p, "Olivia Reyes", "+12025550142", "Harbor County", "HC-26-118", "Ruiz", "Papers", "Assign")
	if got := w.load(n); got.Phase() != casefile.Withdrawn {
		t.Errorf("phase %s", got.Phase())
	}
}
