package console_test

import (
	"strings"
	"testing"

	"letterlock/law"
)

// group is what the page Law lists under a heading.
func group(t *testing.T, page, title string) string {
	t.Helper()
	_, after, found := strings.Cut(page, "<h2>"+title)
	if !found {
		t.Fatalf("the page has no group %q", title)
	}
	in, _, _ := strings.Cut(after, "</section>")
	return in
}

// TestARowThatNeverUnlocksIsListedAsWhatItIs: a row that the operator made
// wider, and one that is not in force, are in groups of their own; each says
// why, in what the one is wider, and nobody is offered to approve either.
func TestARowThatNeverUnlocksIsListedAsWhatItIs(t *testing.T) {
	w := newWorld(t)
	var wide, over, known law.Row
	for _, r := range law.Default().Rows() {
		switch r.ID {
		case "us.subpoena.gj":
			wide = r
		case "us.order.2703d":
			known = r
		case "us.order.pentrap":
			over = r
		}
	}
	wide.Required = wide.Required[1:]
	over.ValidTo = "2026-10-31"
	w.desk.Law = must(law.Default().With(&law.Overrides{ApprovedBy: "L. Lead", ApprovedOn: "2026-10-01", Rows: []law.Row{wide, over}}))(w)
	p := w.counsel.get("/law")
	says(t, p, 200)
	for title, r := range map[string]law.Row{"Wider than the program’s own": wide, "Not in force today": over, "Waits for counsel": known} {
		for _, other := range []string{"Wider than the program’s own", "Not in force today", "Waits for counsel", "Uncertain"} {
			in, at := group(t, string(p.Body), other), "/law/row/"+string(r.ID)
			if got := strings.Contains(in, at+`"`) || strings.Contains(in, at+"?"); got != (other == title) {
				t.Errorf("%s under %q: %v", r.ID, other, got)
			}
		}
	}
	p = w.counsel.get("/law/row/" + string(wide.ID))
	says(t, p, 200, "the operator's own, approved by L. Lead on 2026-10-01", "wider than the program's own: it informs, it does not unlock", "no approval opens it")
	row, _ := w.desk.Law.Row(wide.ID, w.clock.Now())
	for _, line := range row.Origin().Wider {
		says(t, p, 200, line)
	}
	silent(t, p, "Approve this row", "[[approval]]")
	silent(t, w.counsel.get("/law/row/"+string(over.ID)+"?from="+string(over.ValidFrom)), "Approve this row")
	says(t, w.counsel.get("/law/row/"+string(known.ID)), 200, "Approve this row", "[[approval]]")
}

// TestTheFindingsPageShowsWhatTheOfficerReads, sentence by sentence.
func TestTheFindingsPageShowsWhatTheOfficerReads(t *testing.T) {
	w := newWorld(t)
	p := w.analyst.get("/law/findings")
	for _, x := range law.Default().Findings() {
		says(t, p, 200, strings.Join(strings.Fields(x.Sentence), " "))
	}
}
