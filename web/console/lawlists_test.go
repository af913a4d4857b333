package console_test

import (
	"testing"

	"letterlock/desk/staff"
	"letterlock/law"
)

// TestCounselApprovesAListOnThePage: the button is counsel's alone; afterwards
// the page says who approved, to those who may see persons, and what a hit does.
func TestCounselApprovesAListOnThePage(t *testing.T) {
	w := newWorld(t)
	const button = "Approve the list “Offences that punish expression”"
	silent(t, w.analyst.get("/law/lists"), button)
	p := w.counsel.get("/law/lists")
	says(t, p, 200, button, "Counsel must name", "Bundesamt für Justiz")
	silent(t, p, "Approve the list “Words that point at who a person is") // uncertain
	says(t, w.counsel.post("/law/lists/expression/approve", "hash", (law.RowHash{}).String(), "why-expression", "x"), 409, "read it again")
	says(t, w.counsel.press(p, button, "why-expression", "read against our own policy"), 200, "Approved as it reads now")
	p = w.lead.get("/law/lists")
	says(t, p, 200, "waits for counsel", string(w.counsel.id), "read against our own policy")
	silent(t, w.counsel.get("/law/lists"), button)
	silent(t, w.join("Ada Auditor", true, false, staff.Auditor).get("/law/lists"), string(w.counsel.id), "read against our own policy")
}

// TestTheLawPageShowsWhenALawFileWasTakenOver, by whom as it says itself, and
// what it changed; an auditor sees no person.
func TestTheLawPageShowsWhenALawFileWasTakenOver(t *testing.T) {
	w := newWorld(t)
	says(t, w.lead.get("/law"), 200, "There is none, and there was none.")
	row, _ := law.Default().Row("us.order.2703d", w.clock.Now())
	row.Note = "Read with the clerk."
	w.desk.Law = must(law.Default().With(&law.Overrides{ApprovedBy: "M. Adler", ApprovedOn: "2026-11-20", Rows: []law.Row{row},
		Approvals: []law.Approval{{Row: row.ID, Hash: row.Hash(), By: "Q. Counsel", On: "2026-11-20"}}}))(w)
	if err := w.desk.Tick(t.Context()); err != nil {
		t.Fatal(err)
	}
	says(t, w.lead.get("/law"), 200, "M. Adler, 2026-11-20", "row us.order.2703d: new", "approval of row us.order.2703d by Q. Counsel: new")
	p := w.join("Ada Auditor", true, false, staff.Auditor).get("/law")
	says(t, p, 200, "approval of row us.order.2703d: new")
	silent(t, p, "M. Adler", "Q. Counsel")
}
