package console_test

import (
	"strings"
	"testing"
	"time"

	"letterlock/desk/casefile"
	"letterlock/law"
)

// TestThePageLetsCounselAloneSetAFindingOnRightsAside: the analyst's page has no
// button for it, a form sent past the page is refused with the reason, and
// counsel's page has it.
func TestThePageLetsCounselAloneSetAFindingOnRightsAside(t *testing.T) {
	w := newWorld(t)
	n := w.file(w.order())
	w.approve("us.order.2703d")
	w.analyst.study(n)
	for _, row := range law.Default().Findings() {
		if !row.ForCounsel() {
			continue
		}
		id := string(row.ID)
		says(t, w.analyst.press(w.analyst.get(path(n)), "Add the finding", "add", id, "note", "the paper names a pamphlet"), 200, "The finding is on the case", "Only counsel sets a finding on rights aside")
		p := w.analyst.get(path(n))
		if strings.Contains(section(p.Body, "/finding/"+id+`"`), `value="no"`) {
			t.Errorf("%s: the analyst is offered to set it aside", id)
		}
		p = w.analyst.post(path(n)+"/finding/"+id, "finding-"+id, "looks fine", "holds", "no")
		says(t, p, 403, "for counsel to set aside")
		if c := w.load(n); c.Findings[len(c.Findings)-1].Answer != nil {
			t.Fatalf("%s: the page refused and the case has it", id)
		}
		if !strings.Contains(section(w.counsel.get(path(n)).Body, "/finding/"+id+`"`), `value="no"`) {
			t.Errorf("%s: counsel is not offered to set it aside", id)
		}
		says(t, w.counsel.post(path(n)+"/finding/"+id, "finding-"+id, "a flyer of a shop", "holds", "no"), 303)
	}
}

// section is the form that begins with an address.
func section(body []byte, at string) string {
	_, after, _ := strings.Cut(string(body), at)
	form, _, _ := strings.Cut(after, "</form>")
	return form
}

// TestTakenFromTheQueueShortenedEscalatedAdvisedAndChallenged walks a case by its
// page: taken as the most urgent, its period shortened, several items decided in
// one way, one item given to counsel and given back with advice, one challenged,
// with the trail of the challenge.
func TestTakenFromTheQueueShortenedEscalatedAdvisedAndChallenged(t *testing.T) {
	w := newWorld(t)
	w.approve("us.order.2703d")
	soon, later := w.order(), w.order()
	soon.Return, soon.CaseRef, later.CaseRef = w.clock.Now().AddDate(0, 0, 3), "1:26-mj-1", "1:26-mj-2"
	w.file(later)
	n := w.file(soon)
	a := w.analyst
	p := a.press(a.get("/"), "Take the most urgent case")
	says(t, p, 200, "This is the most urgent case that you may take", string(n), "with "+a.name)
	if got := w.load(n).Assigned.ID; got != string(a.id) {
		t.Fatalf("assigned to %q", got)
	}
	a.study(n)

	from, to := soon.From.AddDate(0, 0, 10), soon.Until.AddDate(0, 0, -5)
	refused := a.press(a.get(path(n)), "Shorten it", "period-from", day(soon.From.AddDate(0, 0, -1)), "period-to", day(to), "period", "wider")
	if refused.Status < 400 || w.load(n).Narrowed != nil {
		t.Fatalf("a period was made longer: %d %s", refused.Status, refused.Text())
	}
	says(t, a.press(a.get(path(n)), "Shorten it", "period-from", day(from), "period-to", day(to), "period", "the crime was in that week"), 200, "Period narrowed", "the crime was in that week", a.name)

	p = a.post(path(n)+"/decide-many", "items", "name", "items", "service_start", "many-verdict", "produce", "many-reason", "the order reaches both")
	says(t, p, 303)
	p = a.press(a.get(path(n)), "Record the decision", "verdict-last_ip", "escalate", "reason-last_ip", "is this address traffic here?", "verdict-CONTENT", "challenge", "reason-CONTENT", "nobody can open it, and no order may ask for a way")
	says(t, p, 200, "Decided: 2 items", "for counsel")
	if c := w.load(n); c.Decisions["name"].Verdict != casefile.Produce || c.Decisions["service_start"].Reason != "the order reaches both" || c.Decisions["last_ip"].Verdict != casefile.Escalate {
		t.Fatalf("%+v", c.Decisions)
	}
	says(t, w.counsel.get("/?list=1&counsel=yes&open=yes"), 200, string(n))
	if _, err := a.get(path(n)).Form("Give back with advice"); err == nil {
		t.Error("the analyst is offered to advise")
	}
	says(t, w.counsel.press(w.counsel.get(path(n)), "I have no tie"), 200, string(n))
	p = w.counsel.press(w.counsel.get(path(n)), "Give back with advice", "advised", "last_ip", "advice", "It is, in this court: decline.")
	says(t, p, 200, "Advice of "+w.counsel.name, "It is, in this court: decline.")
	says(t, a.press(a.get(path(n)), "Record the decision", "verdict-last_ip", "decline", "reason-last_ip", "as counsel advises", "because-last_ip", "SCOPE.CATEGORY_UNREACHABLE"), 200, "Decided: 1 item")

	if _, err := a.get(path(n)).Form("Record it"); err == nil && strings.Contains(a.get(path(n)).Text(), "Record a challenge that was filed") {
		t.Error("the analyst is offered to file a challenge")
	}
	p = w.counsel.post(path(n)+"/challenge", "where", "US District Court, D. Md.", "filed", day(w.clock.Now()), "court-reference", "1:26-cv-9", "deadline", day(w.clock.Now().AddDate(0, 0, 9)), "grounds", "no order may ask for a way into what nobody can open")
	says(t, p, 303)
	p = w.counsel.get(path(n))
	says(t, p, 200, "Challenge", "1:26-cv-9", "Next day not to be missed", "filed a challenge")
	id := w.load(n).Filings[0].ID
	says(t, w.counsel.press(p, "Record the outcome", "outcome-"+id, string(casefile.OutcomeWon), "result-"+id, "set aside in chambers"), 200, "Outcome", "set aside in chambers")
	says(t, w.counsel.get(path(n)), 200, "the challenge ended")
}

func day(t time.Time) string { return t.UTC().Format("2006-01-02") }
