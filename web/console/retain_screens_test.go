package console_test

import (
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"letterlock/desk/staff"
)

// TestARealBrowserShowsWhenPersonsDataLeave looks at the page of a case before
// and after its persons' data have left.
func TestARealBrowserShowsWhenPersonsDataLeave(t *testing.T) {
	w := newWorld(t)
	w.desk.Retain.Days = 30
	gone := w.file(w.order())
	w.ok(w.desk.Intake.Withdraw(t.Context(), w.reyes.Actor(), gone, "filed twice"))
	w.pass(33 * 24 * time.Hour)
	n := w.file(w.order())
	w.ok(w.desk.Intake.Withdraw(t.Context(), w.reyes.Actor(), n, "filed twice"))
	must(w.desk.Staff.Invite(t.Context(), w.lead.id, staff.Invitation{Why: "the team needs them", Name: "Rosa Keller", Mailbox: "rosa@letterlock.example", Roles: []staff.Role{staff.Counsel}}))(w)
	c := w.chrome()
	c.open("/enrol/"+w.token(), "Join the response team")
	c.do(chromedp.Click(passkeyButton))
	rosa := w.stranger("Rosa Keller")
	c.at("Queue")
	rosa.found()
	w.ok(w.desk.Staff.Train(t.Context(), w.lead.id, rosa.id, policy, 92, "taught in the house"))
	w.ok(w.desk.Staff.DeclareAll(t.Context(), rosa.id, "went through family and earlier employers"))
	c.open(path(n), string(n))
	c.do(chromedp.Click(`//summary[contains(., "Put a litigation hold")]`), typed("hold-why", "Ruiz v. Harbor County"), typed("hold-day", "2027-06-01"), button("Hold them"))
	c.did("stay while the hold lasts")
	c.picture("stay")
	c.open(path(gone), string(gone))
	c.says("Persons’ data left on")
	c.picture("left")
}
