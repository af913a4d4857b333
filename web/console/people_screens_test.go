package console_test

import (
	"testing"

	"github.com/chromedp/chromedp"

	"letterlock/desk/agency"
	"letterlock/desk/casefile"
	"letterlock/desk/staff"
)

// TestARealBrowserKeepsTheDirectoryAndPullsTheSwitch walks the directory, the
// compromise switch and the rules, and looks at each page.
func TestARealBrowserKeepsTheDirectoryAndPullsTheSwitch(t *testing.T) {
	w := newWorld(t)
	w.approve("us.order.2703d")
	n := w.file(w.order())
	w.ok(w.desk.Agencies.Enrol(t.Context(), agency.Enrolment{Name: "Paul Stone", Rank: "Sgt.", Mailbox: "stone@sheriff.harbor.example", Phone: "+12025550102"}))
	stone := must(w.desk.Agencies.RegisterKey(t.Context(), w.token(), w.passkey("stone")))(w)
	must(w.desk.Staff.Invite(t.Context(), w.lead.id, staff.Invitation{Why: "the team needs them", Name: "Rosa Keller", Mailbox: "rosa@letterlock.example", Roles: []staff.Role{staff.Lead}}))(w)
	c := w.chrome()
	c.open("/enrol/"+w.token(), "Join the response team")
	c.do(chromedp.Click(passkeyButton))
	rosa := w.stranger("Rosa Keller")
	c.at("Queue")
	rosa.found()
	w.ok(w.desk.Staff.Train(t.Context(), w.lead.id, rosa.id, policy, 92, "taught in the house"))
	c.confirmsAndEdits(stone)
	c.open("/rules", "What holds a request")
	c.do(chromedp.Click(`//summary[contains(., "Propose another limit")]`), typed("limit", "burst.requests"), typed("to", "3"), typed("why", "a wave of forged orders"), button("Propose"))
	c.did("Proposed")
	c.picture("rules")
	c.pulls(n)
}

// confirmsAndEdits confirms an officer and changes the agency's number.
func (c *chrome) confirmsAndEdits(stone agency.Officer) {
	c.Helper()
	c.open("/officers/"+string(stone.ID), "Paul Stone")
	c.picture("officer-waiting")
	c.do(typed("how", "called the switchboard, was put through"), button("Confirm"))
	c.did("Two different people")
	c.says("The second word is somebody else")
	c.open("/agencies", "Agencies and officers")
	c.picture("directory")
	c.open("/agencies/"+string(c.harbor.ID)+"/edit", "Change Harbor County Sheriff")
	c.picture("agency-edit")
	c.do(typed("switchboard", "+1 202 555 0199"), typed("zone", "America/New_York"), typed("why", "they moved"), button("Save"))
	c.did("The history says")
	c.says("switchboard: +1 202 555 0100, now +1 202 555 0199")
	c.do(typed("where", "the same page"), button("The number is right"), chromedp.WaitVisible(`#errors`))
	c.says("somebody else looks it up")
	c.picture("agency")
}

// pulls cuts the domain and looks a case over again.
func (c *chrome) pulls(n casefile.Number) {
	c.Helper()
	c.open("/agencies/"+string(c.harbor.ID), "Harbor County Sheriff")
	c.do(chromedp.Click(`//summary[contains(., "Cut it")]`), chromedp.Click(`input[name="what"]`), typed("cut", "the county says that mailboxes were taken over"), button("Cut access now"))
	c.did("Access is cut")
	c.picture("cut")
	c.do(link("Report of the breach"))
	c.at("Report of a breach")
	c.says("GDPR art. 33(1) [K]")
	c.picture("cut-letter")
	c.open(path(n), string(n))
	c.says("Held: the sender may have been somebody else")
	c.open(path(n)+"/compromise", "Second review")
	c.do(chromedp.Click(`input[value="genuine"]`), typed("why", "Called the sheriff through the state's register; the order is hers."))
	c.picture("held")
	c.do(button("Record what I found"))
	c.did("Recorded")
	c.open("/cuts", "Compromises")
	c.do(link("sheriff.harbor.example"))
	c.at("Compromise: sheriff.harbor.example")
	c.do(typed("restore", "passwords changed, mailboxes checked"), button("Agree to give it back"))
	c.did("Two different people give access back")
	c.says("The second word is somebody else")
	c.picture("cut-restoring")
}
