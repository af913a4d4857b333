package portal_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"letterlock/desk/agency"
	"letterlock/desk/casefile"
	"letterlock/internal/testkit/browser"
	"letterlock/web/demand"
)

// siren fills the form of an emergency.
func (v *visitor) siren(p *browser.Page) *browser.Steps {
	f := p.Steps().Set("e_address", "1 Court Street, Harbor").Set("e_agency", "MD0012300").Set("e_rank", "Det.").Set("e_badge", "4711").Set("phone", "+12025550101").Set("e_extension", "12").
		Set("supervisor", "D. Moss").Set("e_sup_rank", "Lt.").Set("e_sup_phone", "+12025550144").Set("e_incident", "26-00118").Set("e_nature", "kidnapping").Set("e_danger", "a child of nine").
		Set("e_when", "tonight").Set("e_why_now", "he said so").Set("e_deadline", "2026-11-23T06:00").Set("e_slow", "no judge before morning").Set("targets", "+12025550199").
		Set("e_needed", "the last address").Set("e_averts", "it leads a patrol there")
	return f.Check("want_BSI", "last_ip").Check("e_harm", "death").Check("e_follows", "yes")
}

// sendEmergency goes from the form to the page on which it is signed.
func (v *visitor) sendEmergency() (casefile.Number, *browser.Page) {
	v.w.t.Helper()
	p := v.through(v.siren(v.begin("us.emergency")))
	p, err := p.Follow("Go on: check and send")
	must(v.w.t, err)
	if strings.Contains(string(p.Body), "No signed attestation") {
		v.w.t.Error("before sending it is held against the officer that they have not signed what is not sent")
	}
	p = v.press(v.form(p, "Send the request").Check("attest", "yes"), "Send the request")
	return casefile.Number(strings.Split(p.URL.Path, "/")[2]), p
}

func TestAnEmergencyAsksItsOwnQuestions(t *testing.T) {
	w := newWorld(t, false)
	v, _ := w.officer("Olga Reyes", "o.reyes@sheriff.harbor.example")
	p := v.begin("us.emergency")
	var all string
	for _, step := range []string{"you", "emergency", "data", "secrecy"} {
		all += string(v.get(draftOf(p) + "/step/" + step).Body)
	}
	for _, want := range []string{"danger of death or serious physical injury", "Name of your supervisor", "only what locates or identifies"} {
		if !strings.Contains(all, want) {
			t.Errorf("an emergency is not told %q", want)
		}
	}
	for _, no := range []string{"Issuing court or authority", "Legal provision", "Block list", "About text", "Language of the paper", "Content of messages"} {
		if strings.Contains(all, no) {
			t.Errorf("an emergency is asked for %q", no)
		}
	}
	n, _ := v.sendEmergency()
	c, err := w.files.Load(t.Context(), n)
	must(t, err)
	e := c.Demand.Emergency
	if c.Lane != casefile.LaneEmergency || e.InDanger != "a child of nine" || e.Harm != casefile.Death || e.Supervisor.Name != "D. Moss" || e.Badge != "4711" || e.Deadline.Hour() != 6 || !e.Follows || e.Quiet {
		t.Fatalf("%+v", c.Demand)
	}
	for _, f := range c.Findings {
		if f.ID == "FORM.CERT_MISSING" || f.ID == "SND.SUPERVISOR" {
			t.Errorf("all was stated, and yet: %+v", f)
		}
	}
	row, _ := w.intake.Law.Row("us.emergency", w.clock.Now())
	if got := demand.Values(c.Demand, row); got.Get("e_danger") != "a child of nine" || got.Get("e_harm") != "death" || got.Get("e_deadline") != "2026-11-23T06:00" {
		t.Fatalf("what was typed is not shown again: %v", got)
	}
}

// The whole of it: the officer signs exactly what the page shows, the
// supervisor finds it and signs too, and a correction asks both again.
func TestOfficerAndSupervisorSignWhatTheyRead(t *testing.T) {
	w := newWorld(t, false)
	v, _ := w.officer("Olga Reyes", "o.reyes@sheriff.harbor.example")
	boss, o := w.officer("Dana Moss", "d.moss@sheriff.harbor.example")
	must(t, w.agency.SetRole(t.Context(), lead, o.ID, casefile.Supervisor, "their office"))
	n, p := v.sendEmergency()
	says(t, p, http.StatusOK, string(n), "a child of nine", "I attest in writing", "Sign with my passkey")
	says(t, boss.get("/cosign"), http.StatusOK, "Nothing waits for your signature")
	says(t, boss.ceremony(boss.get("/requests/"+string(n)+"/sign")), http.StatusConflict, "after the officer has signed")
	says(t, v.ceremony(p), http.StatusOK, "Signed.", "signed", "not signed yet")
	if !slices.ContainsFunc(w.mail.all, func(m casefile.Mail) bool {
		return m.To == o.Mailbox && strings.Contains(m.Text, "/cosign") && !strings.Contains(m.Text, string(n))
	}) {
		t.Errorf("the supervisor got no mail, or one that says too much: %+v", w.mail.all)
	}
	says(t, boss.get("/cosign"), http.StatusOK, string(n), "Olga Reyes")
	says(t, boss.ceremony(boss.get("/requests/"+string(n)+"/sign")), http.StatusOK, "Nothing waits for your signature")
	c, err := w.files.Load(t.Context(), n)
	must(t, err)
	if c.Emergency.Attested == nil || c.Emergency.CoSigned == nil || c.Emergency.Attested.Verify() != nil || c.Emergency.CoSigned.Verify() != nil {
		t.Fatalf("%+v", c.Emergency)
	}
	p = v.get("/requests/" + string(n) + "/correct")
	p = v.press(v.form(p, "Send the correction").Set("e_danger", "two children").Set("why", "there are two"), "Send the correction")
	says(t, p, http.StatusOK, "Your attestation is not signed", "Read and sign")
}

func TestWhoMayNotSignIsShownNothing(t *testing.T) {
	w := newWorld(t, false)
	v, _ := w.officer("Olga Reyes", "o.reyes@sheriff.harbor.example")
	n, _ := v.sendEmergency()
	colleague, _ := w.officer("Ada Boyd", "a.boyd@sheriff.harbor.example")
	says(t, colleague.get("/requests/"+string(n)+"/sign"), http.StatusForbidden, "supervisor")
	if strings.Contains(string(colleague.get("/requests/"+string(n)+"/sign").Body), "a child of nine") {
		t.Error("a colleague who is no supervisor reads it")
	}
	_, err := w.agency.AddAgency(t.Context(), lead, agency.Agency{Name: "Elsewhere Police", Country: "US", Domains: []string{"police.elsewhere.example"}, Switchboard: "+1 202 555 0112", Source: "its site", Sponsor: agency.Word{Why: "it is in the state register"}})
	must(t, err)
	other, o := w.officer("Max Roe", "m.roe@police.elsewhere.example")
	must(t, w.agency.SetRole(t.Context(), lead, o.ID, casefile.Supervisor, "their office"))
	got, none := other.get("/requests/"+string(n)+"/sign"), other.get("/requests/LL-2026-999999/sign")
	if got.Status != http.StatusNotFound || got.Status != none.Status {
		t.Errorf("another agency's supervisor can tell that it exists: %d, %d", got.Status, none.Status)
	}
	res, err := v.b.Client.PostForm(w.url+"/requests/"+string(n)+"/sign", url.Values{"answer": {"{}"}, "shown": {"nonsense"}})
	must(t, err)
	res.Body.Close()
	if res.StatusCode != http.StatusBadRequest {
		t.Errorf("a page that is not whole: %d", res.StatusCode)
	}
	if c, err := w.files.Load(t.Context(), n); err != nil || c.Emergency.Attested != nil {
		t.Fatalf("somebody signed: %v %+v", err, c.Emergency)
	}
}
