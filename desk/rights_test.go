package desk_test

import (
	"testing"

	"letterlock/desk/casefile"
	"letterlock/desk/review"
	"letterlock/desk/staff"
	"letterlock/internal/fault"
	"letterlock/law"
)

// forCounsel are the findings on rights that counsel alone answers.
func forCounsel(t testing.TB) (ids []law.FindingID) {
	t.Helper()
	for _, f := range law.Default().Findings() {
		if f.ForCounsel() {
			ids = append(ids, f.ID)
		}
	}
	if len(ids) < 6 {
		t.Fatalf("only %v are for counsel", ids)
	}
	return ids
}

// TestFindingsOnRightsAreSetAsideByCounselOnly tries it as everybody else, and
// with the request released around it.
func TestFindingsOnRightsAreSetAsideByCounselOnly(t *testing.T) {
	for _, id := range forCounsel(t) {
		t.Run(string(id), func(t *testing.T) {
			w := newWorld(t)
			w.approve("us.order.2703d")
			n := w.file(w.order())
			w.study(n, w.analyst)
			w.free(n, w.second, w.counsel, w.lead)
			w.ok(w.desk.Review.AddFinding(w.ctx, w.analyst.ID, n, id, "the paper names a pamphlet"))
			c := w.load(n)
			stops := c.Findings[len(c.Findings)-1].Stops()
			if stops {
				w.refused(w.desk.Review.Decide(w.ctx, w.analyst.ID, n, yield("name")), fault.Conflict, "producing over it")
			} else { // it warns: it stops nobody else, and is counsel's to decide over
				w.refused(w.desk.Review.Decide(w.ctx, w.analyst.ID, n, yield("name")), fault.Forbidden, "an analyst producing over it")
			}
			if c.Head().Counsel != stops {
				t.Errorf("waits for counsel: %v, stops: %v", c.Head().Counsel, stops)
			}
			for _, m := range []staff.Member{w.analyst, w.second, w.lead} {
				w.refused(w.desk.Review.AnswerFinding(w.ctx, m.ID, n, id, false, "looks fine"), fault.Forbidden, m.Name+" setting it aside")
			}
			if c := w.load(n); stops && !c.Findings[len(c.Findings)-1].Blocks() {
				t.Fatal("it blocks no more")
			}
			w.ok(w.desk.Review.AnswerFinding(w.ctx, w.analyst.ID, n, id, true, "it holds")) // whoever has the case may take it for so
			w.refused(w.desk.Review.AnswerFinding(w.ctx, w.analyst.ID, n, id, false, "it does not, after all"), fault.Forbidden, "the analyst taking it back")
			w.ok(w.desk.Review.AnswerFinding(w.ctx, w.counsel.ID, n, id, false, "a flyer of a shop"))
			w.produceAll(n, w.analyst)
			w.ok(w.desk.Review.Propose(w.ctx, w.analyst.ID, n, "what was decided is carried out"))
		})
	}
}

// TestAnEscalatedItemIsCounselsWithItsReason: what a finding on rights touches is
// escalated with the finding, counsel gives it back with advice, and then it is
// decided.
func TestAnEscalatedItemIsCounselsWithItsReason(t *testing.T) {
	w := newWorld(t)
	w.approve("us.order.2703d")
	n := w.file(w.order())
	w.study(n, w.analyst)
	w.free(n, w.counsel)
	w.ok(w.desk.Review.AddFinding(w.ctx, w.analyst.ID, n, "RIGHTS.REPRISAL", "a journalist"))
	w.ok(w.desk.Review.Decide(w.ctx, w.analyst.ID, n, []review.Choice{{Item: "name", Verdict: casefile.Escalate, Reason: "a journalist", Finding: "RIGHTS.REPRISAL"}}))
	c := w.load(n)
	if d := c.Decisions["name"]; d.Verdict != casefile.Escalate || d.Finding != "RIGHTS.REPRISAL" || !c.Head().Counsel {
		t.Fatalf("%+v, for counsel %v", d, c.Head().Counsel)
	}
	w.refused(w.desk.Review.Decide(w.ctx, w.analyst.ID, n, []review.Choice{{Item: "name", Verdict: casefile.Produce, Reason: "fine"}}), fault.Forbidden, "deciding what waits for counsel")
	w.refused(w.desk.Review.Advise(w.ctx, w.analyst.ID, n, "name", "fine"), fault.Forbidden, "the analyst advising")
	w.ok(w.desk.Review.Advise(w.ctx, w.counsel.ID, n, "name", "decline: the order does not name a crime"))
	w.ok(w.desk.Review.AnswerFinding(w.ctx, w.counsel.ID, n, "RIGHTS.REPRISAL", true, "she is one"))
	if c := w.load(n); len(c.Advice) != 1 || c.Head().Counsel {
		t.Fatalf("%+v", c.Advice)
	}
	w.ok(w.desk.Review.Decide(w.ctx, w.analyst.ID, n, decline("name")))
}
