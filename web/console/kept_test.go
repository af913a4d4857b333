package console_test

import (
	"testing"
	"time"

	"letterlock/internal/fault"
)

// What was typed survives a session that ended meanwhile: the page shows it
// again, and one press after signing in again sends it.
func TestAFormSurvivesASessionThatEnded(t *testing.T) {
	w := newWorld(t)
	n := w.file(w.order())
	a := w.analyst
	a.study(n)
	p := a.get(path(n))
	w.clock.Advance(20 * time.Hour)
	const long = "Which of the two counties, and \"which\" <court> exactly?"
	p = a.press(p, "Ask", "question", long)
	says(t, p, 401, "What you wrote is on this page and nowhere else", "Which of the two counties", "Send it again")
	if len(w.load(n).Questions) != 0 {
		t.Fatal("asked without a session")
	}
	a.signIn()
	p = a.press(p, "Send it again")
	says(t, p, 200, "Which of the two counties")
	if q := w.load(n).Questions; len(q) != 1 || q[0].Text != long {
		t.Errorf("%+v", q)
	}
}

func TestTheLawPageSaysWhatTheCarrierHas(t *testing.T) {
	w := newWorld(t)
	says(t, w.lead.get("/law"), 200, "carrier: has not this text")
	says(t, w.lead.get("/law/row/us.order.2703d"), 200, "At the carrier", "carrier: has not this text", "Counted in reports", "In force", "Approved by")
	w.door.Fail = func(point string) error {
		if point == "before:law" {
			return fault.New(fault.Unavailable, "ask", "the carrier is away")
		}
		return nil
	}
	says(t, w.lead.get("/law"), 200, "carrier: cannot be asked now")
	says(t, w.lead.get("/law/row/us.order.2703d"), 200, "carrier: cannot be asked now")
}
