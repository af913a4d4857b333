package portal_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"letterlock/desk/casefile"
	"letterlock/law"
)

// TestAnOfficerSeesTheirLongListAsFarAsItIsAnswered: the accounts of a request
// stand on pages of 200; before the answer nothing says whether one exists, and
// after it only what the answer says.
func TestAnOfficerSeesTheirLongListAsFarAsItIsAnswered(t *testing.T) {
	w := newWorld(t, false)
	v, _ := w.officer("Olga Reyes", "o.reyes@sheriff.harbor.example")
	n := v.file()
	c, err := w.files.Load(t.Context(), n)
	must(t, err)
	d := c.Demand
	d.Targets = nil
	for i := range 450 {
		d.Targets = append(d.Targets, casefile.Target{Kind: law.TargetPhone, Identifier: fmt.Sprintf("+1303%07d", 4_000_000+i)})
	}
	w.act(n, casefile.Event{Kind: casefile.KCorrected, Demand: &d, Due: c.Due, Lane: c.Lane})
	at := "/requests/" + string(n)
	says(t, v.get(at), http.StatusOK, "All accounts, and where each stands", "+13034000000, +13034000001 and 448 more")
	w.act(n, casefile.Event{Kind: casefile.KLookup, Target: 7, Why: "the request asks about it"}, casefile.Event{Kind: casefile.KResolved, Target: 7, By: casefile.TheClock, Resolved: &casefile.Resolution{Target: 7, At: w.clock.Now()}},
		casefile.Event{Kind: casefile.KLookup, Target: 8, Why: "the request asks about it"}, casefile.Event{Kind: casefile.KResolved, Target: 8, By: casefile.TheClock, Resolved: &casefile.Resolution{Target: 8, Exists: true, At: w.clock.Now()}})
	p := v.get(at + "/accounts")
	says(t, p, http.StatusOK, "Page 1 of 3.", "+13034000199", "not answered yet", "Those after")
	if p.Has("no account") || p.Has("+13034000200") {
		t.Error("the page says before the answer whether an account exists, or shows more than its part")
	}
	file := v.get(at + "/accounts.csv")
	if strings.Count(string(file.Body), "\n") != 451 || strings.Contains(string(file.Body), "no account") {
		t.Errorf("the file: %.200s", file.Body)
	}
	says(t, v.get(at+"/accounts?find=400+0449"), http.StatusOK, "450", "+13034000449")
	says(t, v.get(at+"/accounts?find=nobody"), http.StatusOK, "No account fits.")
	says(t, v.get(at+"/accounts?page=3&lang=es"), http.StatusOK, "Página 3 de 3", "sin respuesta todavía")
	v.get(at + "?lang=en")
	w.answerWith(n, []byte("sealed"), "word")
	says(t, v.get(at+"/accounts?find=%238"), http.StatusOK, "+13034000007", "no account")
	if p := v.get(at + "/accounts?find=%239"); p.Has("no account") || !p.Has("not answered yet") {
		t.Error("an account of which nothing was produced is told apart")
	}
}
