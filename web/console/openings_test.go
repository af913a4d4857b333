package console_test

import (
	"bytes"
	"testing"
	"time"

	"letterlock/desk/casefile/opened"
	"letterlock/desk/staff"
	"letterlock/ledger/proof"
)

// TestCounselGivesAnAuditorOpenings: counsel chooses in the console, the auditor
// sees them under Openings, takes the file, and it holds by the public keys.
func TestCounselGivesAnAuditorOpenings(t *testing.T) {
	w := newWorld(t)
	a := w.join("Ada Auditor", true, false, staff.Auditor)
	n := w.file(w.order())
	w.analyst.study(n)
	w.pass(2 * time.Minute)
	says(t, a.get("/openings"), 200, "No openings have been given yet")
	silent(t, a.get("/openings"), "Give an auditor openings")
	says(t, a.post("/openings", "cases", string(n), "why", "x"), 403, "your role may not choose what an auditor is shown of cases")
	p := w.counsel.get("/openings")
	says(t, p, 200, "Redact", "never opened")
	says(t, w.counsel.press(p, "Give", "why", "the audit"), 400, "name the cases, or give the first and the last day")
	says(t, w.counsel.press(p, "Give", "cases", "LL-2026-123456789012", "why", "the audit"), 404, "One of these is no number of a case")
	says(t, w.counsel.press(p, "Give", "from", "2026-11-23", "until", "2026-11-01", "why", "the audit"), 400, "the last day lies before the first", "the audit")
	says(t, w.counsel.press(p, "Give", "cases", string(n), "why", "the yearly audit by Vera Lund"), 200, "Recorded: 1 case")
	p = a.get("/openings")
	says(t, p, 200, "the yearly audit by Vera Lund", string(n), "Who of the team did it")
	says(t, a.press(p, "Take the file"), 503, "the proof is ready after the ledger")
	w.pass(2 * time.Minute)
	file := a.press(a.get("/openings"), "Take the file")
	if file.Status != 200 || file.Header.Get("Content-Type") != "application/octet-stream" {
		t.Fatalf("%d %s", file.Status, first(file))
	}
	keys := must(proof.ParseKeys(w.ledger.Keys()...))(w)
	r := opened.Verify(bytes.NewReader(file.Body), keys, nil)
	if !r.OK() {
		t.Errorf("%+v", r.Lines)
	}
	w.holdsNone(file, []string{"Olivia", "Reyes", "2025550142", reference, "Okafor"})
}
