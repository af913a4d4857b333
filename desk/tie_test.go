package desk_test

import (
	"testing"

	"letterlock/desk/staff"
	"letterlock/internal/fault"
	"letterlock/law"
)

// A tie holds however the member writes it, and however the request names it.
func TestATieHoldsHoweverItIsWritten(t *testing.T) {
	for what, c := range map[string]staff.Conflict{
		"a number as people write it": {Target: " +1 (202) 555-0142 "},
		"the country of a state":      {Country: "US"},
		"the state":                   {Country: "US-MD"},
	} {
		w := newWorld(t)
		a := w.agency
		a.Country = "US-MD"
		w.ok(w.conf.Agencies.PutAgency(w.ctx, a))
		n := w.file(w.order())
		if got := w.load(n).Demand.Jurisdiction; got != "US-MD" {
			t.Fatalf("the request is from %s", got)
		}
		c.Reason = "my brother"
		w.ok(w.desk.Staff.Declare(w.ctx, w.analyst.ID, c))
		w.refused(w.desk.Review.Assign(w.ctx, w.lead.ID, n, w.analyst.ID, "it is theirs to decide"), fault.Forbidden, what)
	}
}

// A tie with an account is found as soon as a look-up says whose number it is.
func TestATieWithAnAccountHoldsFromTheLookUp(t *testing.T) {
	w := newWorld(t)
	n := w.file(w.order())
	w.study(n, w.analyst)
	w.ok(w.desk.Staff.Declare(w.ctx, w.analyst.ID, staff.Conflict{Target: w.load(n).Resolutions[0].Account.String(), Reason: "a neighbour"}))
	w.refused(w.desk.Review.Decide(w.ctx, w.analyst.ID, n, yield("name")), fault.Forbidden, "deciding about a neighbour's account")
}

func TestATieWithNoCountryIsRefused(t *testing.T) {
	w := newWorld(t)
	for _, j := range []law.Jurisdiction{"USA", "XX", "-CA", "us"} {
		w.refused(w.desk.Staff.Declare(w.ctx, w.analyst.ID, staff.Conflict{Country: j, Reason: "lived there"}), fault.Invalid, string(j))
	}
}
