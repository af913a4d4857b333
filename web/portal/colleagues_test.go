package portal_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"letterlock/desk/casefile"
)

// colleagues looks at the agency's page as its single point of contact.
func (c *chrome) colleagues() {
	c.t.Helper()
	w := c.w
	paul, stone := w.officer("Paul Stone", "p.stone@sheriff.harbor.example")
	n := paul.file()
	o, err := w.agency.Store.OfficerByMailbox(c.t.Context(), "o.reyes@sheriff.harbor.example")
	must(c.t, err)
	must(c.t, w.agency.SetRole(c.t.Context(), lead, o.ID, casefile.Contact, "their office"))
	c.do(chromedp.Navigate(w.url + "/agency"))
	c.at("Harbor County Sheriff")
	c.says("single point of contact")
	c.picture("agency")
	c.do(link(string(n)))
	c.at("Request " + string(n))
	c.says("It belongs to Paul Stone")
	c.picture("request-colleague")
	c.do(link("Hand it to a colleague"))
	c.at("Hand request")
	c.picture("hand-over")
	c.do(typed("why", "He is on leave."), typed("to", string(o.ID)), button("Hand it over"), chromedp.WaitVisible(`[role=status]`))
	c.says("is your colleague’s now")
	c.do(chromedp.Navigate(w.url+"/agency"), chromedp.Click(`//summary[contains(., "Paul Stone")]`), typed("why-"+string(stone.ID), "left the office"), button("End it"), chromedp.WaitVisible(`[role=status]`))
	c.says("Their enrolment has ended")
	says(c.t, paul.get("/requests"), http.StatusOK, "Sign in")
}

func TestColleaguesOnThePages(t *testing.T) {
	w := newWorld(t, false)
	owner, _ := w.officer("Olga Reyes", "o.reyes@sheriff.harbor.example")
	n := owner.file()
	v, c := w.officer("Cara Kent", "c.kent@sheriff.harbor.example")
	says(t, v.get("/agency"), http.StatusOK, "sees its colleagues’ requests; ask us")
	if p := v.get("/agency"); p.Has(string(n)) {
		t.Error("a requester is shown a colleague's request")
	}
	says(t, v.get("/requests/"+string(n)), http.StatusNotFound, "Not found")
	must(t, w.agency.SetRole(t.Context(), lead, c.ID, casefile.Custodian, "their office"))
	says(t, v.get("/agency"), http.StatusOK, string(n))
	w.answerWith(n, []byte("sealed bytes"), "CORRECT-HORSE")
	p := v.get("/requests/" + string(n))
	says(t, p, http.StatusOK, "It belongs to Olga Reyes", "Download the package")
	for _, not := range []string{"Show the passphrase", "Withdraw it", "Hand it to a colleague", "Add a paper"} {
		if p.Has(not) {
			t.Errorf("a custodian is offered %q", not)
		}
	}
	if got := v.press(v.form(p, "Download the package"), "Download the package"); string(got.Body) != "sealed bytes" {
		t.Errorf("%d %s", got.Status, got.Body)
	}
	if !strings.Contains(strings.Join(w.ledger.kinds, " "), "case.colleague.viewed") {
		t.Error("that a colleague looked is in no record")
	}
	says(t, owner.get("/requests/"+string(n)), http.StatusOK, "opened it as a colleague", "Cara Kent")
}
