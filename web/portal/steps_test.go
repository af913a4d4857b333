package portal_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"letterlock/desk/casefile"
	"letterlock/internal/lang"
)

// TestBackAndForthNothingIsLost goes through the steps, back, away, and on, and
// to another kind of paper: what was typed is there each time.
func TestBackAndForthNothingIsLost(t *testing.T) {
	w := newWorld(t, false)
	v, o := w.officer("Olga Reyes", "o.reyes@sheriff.harbor.example")
	p := v.begin("us.order.2703d")
	at := draftOf(p)
	says(t, p, http.StatusOK, "Step 2 of 7: What the paper says")
	if !strings.Contains(string(p.Body), `aria-current="step"><span>What the paper says`) {
		t.Error("the list of steps does not say which one this is")
	}
	p = v.press(v.form(p, next).Set("case_ref", "26-MJ-0417").Set("issued", "2026-11-20").Check("signed", "yes"), next)
	says(t, p, http.StatusOK, "Step 3 of 7: Whose accounts", "What the paper says (done)")
	p = v.press(v.form(p, "Save and go back").Set("targets", "+1 202 555 0199"), "Save and go back")
	says(t, p, http.StatusOK, "Step 2 of 7")
	if f := v.form(p, next); f.Value("case_ref") != "26-MJ-0417" || f.Value("signed") != "yes" {
		t.Errorf("lost on the way back: %q", f.Value("case_ref"))
	}
	p = v.press(v.form(p, "Keep as a draft").Set("reference", "SHERIFF 2026/17"), "Keep as a draft")
	says(t, p, http.StatusOK, "Kept as a draft", "Step 4 of 7")
	if p = v.get(at); !p.Has("Step 4 of 7: Which records") {
		t.Errorf("whoever comes back is at %s", p.URL)
	}
	// From the check a step leads back to the check.
	p = v.press(v.form(v.get(at+"/step/paper?then=review"), "Save and go back to the check").Set("case_ref", "26-MJ-0418"), "Save and go back to the check")
	says(t, p, http.StatusOK, "Step 7 of 7: Check and send", "26-MJ-0418", "+12025550199", "Finding of specific and articulable facts", "not answered")
	// Another kind of paper keeps what both ask for, and asks its own.
	says(t, v.get(at+"/kind"), http.StatusOK, "Step 1 of 7: Kind of paper")
	p = v.press(v.form(v.get(at+"/kind"), "Go on").Set("process", "us.subpoena.gj"), "Go on")
	says(t, p, http.StatusOK, "The kind of paper is changed", "Step 2 of 7", "Offence or grand-jury number")
	d, err := w.intake.Drafts(t.Context(), o.ID)
	must(t, err)
	if x := d[0].Demand; len(d) != 1 || x.Process != "us.subpoena.gj" || x.CaseRef != "26-MJ-0418" || !x.Signed || len(x.Targets) != 1 || len(x.Answers) != 0 {
		t.Errorf("after the change: %+v", x)
	}
	// A step that this kind has not is none of its addresses.
	says(t, v.get(at+"/step/emergency"), http.StatusNotFound, "no such step")
}

// TestStepsOfAProcessThatAsksForNoData: nobody is asked for accounts where the
// paper is answered as a whole.
func TestStepsOfAProcessThatAsksForNoData(t *testing.T) {
	w := newWorld(t, false)
	v, _ := w.officer("Olga Reyes", "o.reyes@sheriff.harbor.example")
	p := v.begin("any.weaken")
	says(t, p, http.StatusOK, "Step 2 of 4: What the paper says", "What the paper asks for, in its own words")
	for _, no := range []string{"Accounts", "Issuing court", "Date of issue For", "First and last day"} {
		if head, _, _ := strings.Cut(p.Text(), "If your paper says more"); strings.Contains(head, no) {
			t.Errorf("it is asked for %q", no)
		}
	}
	p = v.press(v.form(p, next).Set("text", "Ship a build with a key for us."), next)
	says(t, p, http.StatusOK, "Step 3 of 4: Papers")
	says(t, v.get(draftOf(p)), http.StatusOK, "Step 4 of 4: Check and send", "Ship a build with a key for us.")
}

// TestEveryLineSaysWhatIsWrongWithIt types several accounts of which some are
// none, in each language.
func TestEveryLineSaysWhatIsWrongWithIt(t *testing.T) {
	w := newWorld(t, false)
	v, o := w.officer("Olga Reyes", "o.reyes@sheriff.harbor.example")
	at := draftOf(v.begin("us.order.2703d")) + "/step/accounts"
	typed := "+1 202 555 0199\n202 555\n\n192.0.2.7 yesterday\n@somebody"
	for _, code := range []string{"en", "es", "ar"} {
		must(t, w.agency.SetLanguage(t.Context(), o.ID, code))
		l := lang.Default().Tongue(code)
		f, err := v.get(at).FormByAttr("novalidate", "*")
		must(t, err)
		p, err := f.Set("targets", typed).Press(l.T("Save and go on"))
		must(t, err)
		phone := l.T("%q is not a phone number with its country code, such as +1 202 555 0142", "202 555")
		moment := l.T("“%s” is not a moment. After an IP address write it as 2026-11-23 03:15 UTC.", "yesterday")
		second, fourth := l.T("Line %d: %s", 2, phone), l.T("Line %d: %s", 4, moment)
		says(t, p, http.StatusBadRequest, second, fourth)
		body := string(p.Body)
		for what, want := range map[string]string{"the summary has the focus": `id="errors" tabindex="-1" autofocus`, "a link to the field": `<a href="#targets">`, "the field is marked": `aria-invalid="true"`,
			"and described": `aria-describedby="targets-hint targets-like targets-error"`, "the title": "<title>" + l.T("Error:")} {
			if !strings.Contains(body, want) {
				t.Errorf("%s: %s: no %s", code, what, want)
			}
		}
		if strings.Count(p.Text(), second) != 2 || strings.Contains(body, l.T("Line %d: %s", 1, "")) {
			t.Errorf("%s: not once above and once at the field, or a line that is right is said to be wrong", code)
		}
		if code != "en" && strings.Contains(p.Text(), "Line 2") {
			t.Errorf("%s: the error is in English", code)
		}
		back, err := p.FormByAttr("novalidate", "*")
		must(t, err)
		if strings.ReplaceAll(back.Value("targets"), "\r", "") != typed {
			t.Errorf("%s: what was typed is lost: %q", code, back.Value("targets"))
		}
	}
}

// TestAWrongFieldIsNamed: each field by itself says what is wrong with it.
func TestAWrongFieldIsNamed(t *testing.T) {
	w := newWorld(t, false)
	v, _ := w.officer("Olga Reyes", "o.reyes@sheriff.harbor.example")
	p := v.begin("us.order.2703d")
	p = v.press(v.form(p, next).Set("case_ref", strings.Repeat("x", 201)).Set("court", "a\u202eb").Set("issued", "20 November"), next)
	says(t, p, http.StatusBadRequest, "“Case, docket or warrant number” is longer than 200 bytes", "“Court or district” is longer than 200 bytes", "“20 November” is not a day")
	for _, name := range []string{"case_ref", "court", "issued"} {
		if !strings.Contains(string(p.Body), `<a href="#`+name+`">`) || !strings.Contains(string(p.Body), `id="`+name+`-error"`) {
			t.Errorf("%s is not named above and at the field", name)
		}
	}
	if f := v.form(p, next); f.Value("issued") != "20 November" || f.Value("court") != "a\u202eb" {
		t.Error("what was typed is lost")
	}
}

// TestARefusalToSendLeadsToItsPart: what a request cannot do without is a link
// to the part of the check from which it is changed.
func TestARefusalToSendLeadsToItsPart(t *testing.T) {
	w := newWorld(t, false)
	v, _ := w.officer("Olga Reyes", "o.reyes@sheriff.harbor.example")
	at := draftOf(v.begin("us.order.2703d"))
	send := func() string {
		p := v.press(v.form(v.get(at+"/review"), "Send the request").Check("attest", "yes"), "Send the request")
		says(t, p, http.StatusBadRequest, "Please look at this")
		return string(p.Body)
	}
	for _, x := range []struct{ part, step, field, value string }{{"at-data", "data", "want_BSI", "name"}, {"at-accounts", "accounts", "targets", "+1 202 555 0199"}, {"at-papers", "", "", ""}} {
		body := send()
		if !strings.Contains(body, `<a href="#`+x.part+`">`) || !strings.Contains(body, `id="`+x.part+`"`) {
			t.Errorf("the refusal does not lead to %s", x.part)
		}
		if x.step != "" {
			v.press(v.form(v.get(at+"/step/"+x.step), next).Set(x.field, x.value), next)
		}
	}
}

// TestTheOfficerNamesWhoSignsToo: the form of an emergency offers the agency's
// enrolled supervisors and nobody else, keeps the choice, and does not send to
// one who is none any more.
func TestTheOfficerNamesWhoSignsToo(t *testing.T) {
	w := newWorld(t, false)
	v, olga := w.officer("Olga Reyes", "o.reyes@sheriff.harbor.example")
	p := v.begin("us.emergency")
	says(t, p, http.StatusOK, "No colleague of yours is enrolled as a supervisor yet")
	if v.form(p, next).Has("e_cosigner") {
		t.Error("a choice among nobody")
	}
	_, dana := w.officer("Dana Moss", "d.moss@sheriff.harbor.example")
	_, other := w.officer("Paul Stone", "p.stone@sheriff.harbor.example")
	w.officer("Ada Boyd", "a.boyd@sheriff.harbor.example") // no supervisor
	for _, o := range []casefile.OfficerID{dana.ID, other.ID, olga.ID} {
		must(t, w.agency.SetRole(t.Context(), lead, o, casefile.Supervisor, "their office"))
	}
	at := draftOf(p)
	f := v.form(v.get(at+"/step/you"), next)
	if got, want := f.Options("e_cosigner"), []string{"", string(dana.ID), string(other.ID)}; len(got) != 3 || !slices.Contains(got, want[1]) || !slices.Contains(got, want[2]) || got[0] != "" {
		t.Fatalf("offered: %v, want whoever is reached first, Dana and Paul: %v", got, want)
	}
	if s := f.OptionText("e_cosigner", string(dana.ID)); !strings.Contains(s, "Dana Moss") {
		t.Errorf("she is shown as %q", s)
	}
	p = v.through(v.siren(v.get(at+"/step/you")).Set("e_cosigner", string(dana.ID)))
	if got := v.form(v.get(at+"/step/you"), next).Value("e_cosigner"); got != string(dana.ID) {
		t.Fatalf("the choice came back as %q", got)
	}
	review, err := p.Follow("Go on: check and send")
	must(t, err)
	says(t, review, http.StatusOK, "Who signs too", "Dana Moss")
	// She is no supervisor any more: said, and nothing is sent.
	must(t, w.agency.SetRole(t.Context(), lead, dana.ID, casefile.Requester, "their office"))
	p = v.press(v.form(review, "Send the request").Check("attest", "yes"), "Send the request")
	says(t, p, http.StatusBadRequest, "who signs too is no supervisor of your agency now")
	// A name that is not on the list is refused the same way.
	form := url.Values{"do": {"next"}, "e_cosigner": {"somebody-else"}}
	res, err := v.b.Client.PostForm(w.url+at+"/step/you", form)
	must(t, err)
	res.Body.Close()
	says(t, v.press(v.form(v.get(at+"/review"), "Send the request").Check("attest", "yes"), "Send the request"), http.StatusBadRequest, "who signs too is no supervisor")
	p = v.press(v.form(v.get(at+"/step/you?then=review"), "Save and go back to the check").Set("e_cosigner", string(other.ID)), "Save and go back to the check")
	p = v.press(v.form(p, "Send the request").Check("attest", "yes"), "Send the request")
	says(t, p, http.StatusOK, "Sign with my passkey")
	n := casefile.Number(strings.Split(p.URL.Path, "/")[2])
	mails := len(w.mail.all)
	says(t, v.ceremony(p), http.StatusOK, "Signed.")
	var told []string
	for _, m := range w.mail.all[mails:] {
		told = append(told, m.To)
	}
	if c, err := w.files.Load(t.Context(), n); err != nil || c.Demand.Emergency.CoSigner != other.ID || !slices.Equal(told, []string{other.Mailbox}) {
		t.Errorf("told: %v (%v)", told, err)
	}
}
