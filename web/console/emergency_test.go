package console_test

import (
	"net/http"
	"testing"

	"letterlock/desk/casefile"
	"letterlock/law"
)

// emergency files one.
func (w *world) emergency() casefile.Number {
	w.Helper()
	d := w.order()
	d.Process, d.Reference, d.Wanted, d.Emergency = law.Emergency, "HC-26-E4", []casefile.Item{"last_ip", "last_seen"}, siren()
	return w.file(d)
}

// The routes of an emergency: who may use them, and what they refuse.
func TestEmergencyRoutes(t *testing.T) {
	w := newWorld(t)
	n := w.emergency()
	at := path(n)
	for _, x := range []struct {
		path string
		form []string
		who  *member
		want int
	}{
		{at + "/call-back", nil, w.analyst, http.StatusBadRequest},
		{at + "/call-back", []string{"number", "+12025550177", "spoke", "D. Kim", "said", "all true", "outcome", "confirmed"}, w.analyst, http.StatusConflict}, // the request's own number
		{at + "/call-back", []string{"outcome", "confirmed", "said", "x"}, w.stranger(""), http.StatusUnauthorized},
		{at + "/call-back", []string{"number", "+12025550100", "spoke", "x", "outcome", "confirmed", "said", "x"}, w.untrained, http.StatusForbidden},
		{at + "/stand-in", nil, w.analyst, http.StatusBadRequest},
		{at + "/stand-in", []string{"stand-in", "x"}, w.untrained, http.StatusForbidden},
		{at + "/process-came", []string{"came-why", "x"}, w.analyst, http.StatusBadRequest},
		{at + "/process-came", []string{"came-why", "x", "came-case", "LL-2026-000001"}, w.untrained, http.StatusForbidden},
		{at + "/process-closed", nil, w.lead, http.StatusBadRequest},
		{at + "/process-closed", []string{"process-closed", "x"}, w.lead, http.StatusConflict}, // nothing is awaited
		{at + "/process-closed", []string{"process-closed", "x"}, w.analyst, http.StatusForbidden},
		{"/drills", []string{"scenario", "genuine", "phone", "+12025550199"}, w.analyst, http.StatusForbidden},
		{"/drills", nil, w.lead, http.StatusBadRequest},
		{"/drills", []string{"scenario", "nonsense", "phone", "+12025550199"}, w.lead, http.StatusBadRequest},
	} {
		before := w.load(n).Version()
		if p := x.who.post(x.path, x.form...); p.Status != x.want {
			t.Errorf("%s %v by %s: %d, want %d: %s", x.path, x.form, x.who.name, p.Status, x.want, first(p))
		}
		if w.load(n).Version() != before {
			t.Errorf("%s %v by %s was refused and changed the case", x.path, x.form, x.who.name)
		}
	}
	says(t, w.analyst.get(at), http.StatusOK, "barriers stand", "Call", "not one of the request")
	if p := w.analyst.get("/drills"); p.Status != http.StatusForbidden {
		t.Errorf("an analyst reads the exercises: %d", p.Status)
	}
}

// An exercise from its beginning to the training page of whose it was.
func TestAnExerciseEndsOnTheTrainingPage(t *testing.T) {
	w := newWorld(t)
	p := w.lead.press(w.lead.get("/drills"), "Put it into the queue", "scenario", "no_facts", "phone", "+12025550199")
	says(t, p, http.StatusOK, "The exercise is in the queue as ", "runs")
	all := must(w.desk.Drills.Results(t.Context(), w.lead.id))(w)
	n := all[0].Number
	says(t, w.analyst.get(path(n)), http.StatusOK, "Emergency:")
	silent(t, w.analyst.get(path(n)), "exercise", "Exercise")
	w.ok(w.desk.Review.Assign(t.Context(), w.lead.id, n, w.analyst.id, "it is theirs to decide"))
	says(t, w.counsel.press(w.counsel.get(path(n)), "I have no tie"), http.StatusOK)
	says(t, w.analyst.post(path(n)+"/call-back", "number", "+12025550199", "spoke", "the desk", "said", "x", "outcome", string(casefile.CallDenied)), http.StatusForbidden, "somebody else of the team makes the call")
	says(t, w.counsel.post(path(n)+"/call-back", "number", "+12025550199", "spoke", "the desk", "said", "nobody knows of it", "outcome", string(casefile.CallDenied)), http.StatusSeeOther)
	w.ok(w.desk.Tick(t.Context()))
	says(t, w.counsel.get("/training"), http.StatusOK, "Exercise: Urgency without facts, caught")
	says(t, w.lead.get("/team/"+string(w.counsel.id)), http.StatusOK, "Exercise: Urgency without facts, caught")
	says(t, w.lead.get("/drills"), http.StatusOK, "Caught at the call-back")
}
