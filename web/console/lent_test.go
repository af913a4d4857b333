package console_test

import (
	"regexp"
	"strings"
	"testing"

	"letterlock/desk/casefile"
	"letterlock/desk/staff"
)

var anyNumber = regexp.MustCompile(`LL-\d{4}-\d{6,}`)

// TestOutsideCounselSeesTheOneCaseAndNoWayToAnother: the page of a case that
// was lent names no other case, offers nothing that their role may not do, and
// does not tell them who else is of the team.
func TestOutsideCounselSeesTheOneCaseAndNoWayToAnother(t *testing.T) {
	w := newWorld(t)
	first := w.file(w.order())
	n := w.file(w.order()) // the same demand once more: the desk calls the first its twin
	says(t, w.analyst.get(path(n)), 200, string(first), "The same demand is here already", "Assign")
	owen := w.join("Owen Ward", true, false, staff.Outside)
	says(t, owen.get("/lent"), 200, "No case is lent to you now")
	w.ok(w.desk.Review.Lend(t.Context(), w.counsel.id, n, owen.id, w.clock.Now().AddDate(0, 0, 7), "Is the order final?"))
	says(t, owen.get("/lent"), 200, string(n), "Court order for records", "Harbor County Sheriff", "Is the order final?")
	p := owen.get(path(n))
	says(t, p, 200, "For Owen Ward alone", "Lent to you", "Write an opinion")
	silent(t, p, "Assign to", "Jonas Brandt", "Queue")
	for _, x := range anyNumber.FindAllString(string(p.Body), -1) {
		if casefile.Number(x) != n {
			t.Errorf("the page of %s names %s", n, x)
		}
	}
	if got := owen.get(path(first)); got.Status != 404 || strings.Contains(got.Text(), "Harbor") {
		t.Errorf("opens another: %d", got.Status)
	}
}
