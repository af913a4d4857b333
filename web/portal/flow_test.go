package portal_test

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"letterlock/desk/agency"
	"letterlock/desk/casefile"
	"letterlock/law"
)

var summaryForm = regexp.MustCompile(`<summary>([^<]*) <span`)

func TestFromEnrolmentToThePackage(t *testing.T) {
	w := newWorld(t, false)
	v, o := w.officer("Olga Reyes", "o.reyes@sheriff.harbor.example")
	says(t, v.get("/requests"), http.StatusOK, "You have not sent a request yet", "Olga Reyes")
	n := v.file()
	p := v.get("/requests/" + string(n))
	says(t, p, http.StatusOK, "received, waiting for review", "26-MJ-0417", "+12025550199", "order.pdf", "Last IP address", "filed the request")
	says(t, v.get("/requests"), http.StatusOK, string(n), "left")

	w.act(n, casefile.Event{Kind: casefile.KAsked, Question: &casefile.Question{ID: "q1", Text: "Which of the two counties is it?", By: lead, At: w.clock.Now()}})
	says(t, v.get("/requests"), http.StatusOK, "A question waits for you")
	p = v.get("/requests/" + string(n))
	says(t, p, http.StatusOK, "Which of the two counties is it?", "waiting for your answer")
	p = v.press(v.form(p, "Answer").Set("answer-q1", "  "), "Answer")
	says(t, p, http.StatusBadRequest, "Write your answer first")
	p = v.press(v.form(p, "Answer").Set("answer-q1", "Harbor County."), "Answer")
	says(t, p, http.StatusOK, "Your answer is with the reviewers", "Harbor County.")
	if p.Has("Ines Duarte") {
		t.Error("the page names a member of the team")
	}

	p, err := p.Follow("Correct the request")
	must(t, err)
	f := v.form(p, "Send the correction")
	if f.Value("targets") != "+12025550199" || f.Value("p_judge") != "Hon. Ruth Alvarez" || f.Value("until") != "2026-11-20" {
		t.Errorf("the correction does not begin with what was sent: %q %q %q", f.Value("targets"), f.Value("p_judge"), f.Value("until"))
	}
	p = v.press(f.Set("targets", "+1 202 555 0198").Set("why", "a digit was wrong"), "Send the correction")
	says(t, p, http.StatusOK, "+12025550198", "a digit was wrong", "corrected the request")

	p = v.press(v.form(p, "Upload").Set("what", "secrecy").File("file", "gag.pdf", "application/pdf", pdf("gag")), "Upload")
	says(t, p, http.StatusOK, "gag.pdf", "1 paper is with your request")

	id := w.answerWith(n, []byte("sealed bytes"), "CORRECT-HORSE")
	p = v.get("/requests/" + string(n))
	says(t, p, http.StatusOK, "answered", "declined", "the order does not reach the account", string(casefile.SumOf([]byte("sealed bytes"))), "0 recorded")
	v.heldMeanwhile(n)
	got := v.press(v.form(p, "Download the package"), "Download the package")
	if string(got.Body) != "sealed bytes" || !strings.Contains(got.Header.Get("Content-Disposition"), string(n)+".tar.age") {
		t.Fatalf("the package is %q, %q", got.Body, got.Header)
	}
	if rest := v.piece("/requests/"+string(n)+"/download/"+string(id), "bytes=7-"); rest != "bytes" {
		t.Fatalf("the download does not go on where it broke off: %q", rest)
	}
	p = v.get("/requests/" + string(n))
	says(t, p, http.StatusOK, "Begun by Olga Reyes", "Downloaded by Olga Reyes", "1 recorded", "downloaded the package")
	once := v.press(v.form(p, "Show the passphrase"), "Show the passphrase")
	says(t, once, http.StatusOK, "CORRECT-HORSE", "Write it down now")
	if once.Header.Get("Cache-Control") != "no-store" {
		t.Error("the page with the passphrase may be cached")
	}
	twice := v.press(v.form(p, "Show the passphrase"), "Show the passphrase")
	says(t, twice, http.StatusGone, "shown already")
	if twice.Has("CORRECT-HORSE") {
		t.Error("the passphrase is shown twice")
	}
	w.clock.Advance(15 * 24 * time.Hour)
	v.signIn()
	p = v.get("/requests/" + string(n))
	says(t, p, http.StatusOK, "The time to download it is over")
	if _, err := p.Form("Download the package"); err == nil {
		t.Error("an expired package is still offered")
	}
	if _, _, err := w.intake.Collect(t.Context(), o.Actor(), n, id); err == nil {
		t.Error("an expired package is handed out")
	}
}

// signIn signs in again with the passkey.
func (v *visitor) signIn() {
	v.w.t.Helper()
	says(v.w.t, v.ceremony(v.get("/signin")), http.StatusOK, "My requests")
}

// heldMeanwhile: while an answer is held its page says so and offers no
// download, and offers it again afterwards.
func (v *visitor) heldMeanwhile(n casefile.Number) {
	v.w.t.Helper()
	suspect := casefile.Suspicion{Cut: "c1"}
	held := suspect
	v.w.act(n, casefile.Event{Kind: casefile.KHeld, Why: "mailboxes were taken over", Suspect: &held})
	p := v.get("/requests/" + string(n))
	says(v.w.t, p, http.StatusOK, "this package is held while the request is looked at again")
	if _, err := p.Form("Download the package"); err == nil {
		v.w.t.Error("a package that is held is offered")
	}
	suspect.Outcome = casefile.Genuine
	_, err := v.w.files.Act(v.w.t.Context(), n, casefile.Actor{Kind: casefile.ByMember, ID: "m9", Name: "Noor Haddad"}, func(casefile.Case) (casefile.Plan, error) {
		return casefile.One(casefile.Event{Kind: casefile.KReviewedAgain, Why: "the officer confirmed it", Suspect: &suspect}), nil
	})
	must(v.w.t, err)
}

func TestFindingsAreShownBeforeSending(t *testing.T) {
	w := newWorld(t, false)
	v, _ := w.officer("Olga Reyes", "o.reyes@sheriff.harbor.example")
	f := v.begin("us.order.2703d").Steps()
	p := v.through(f.Set("targets", "+1 202 555 0199").Check("want_BSI", "name").Check("want_ACC_W", "about").Check("want_none", "CONTENT"))
	review, err := p.Follow("Go on: check and send")
	must(t, err)
	says(t, review, http.StatusOK, "Nothing has been sent yet", "Findings before sending", "The paper does not show the signature", "Please upload the signed copy",
		"There is no case, docket or warrant number", "Finding of specific and articulable facts", "Stands in the way", "Content of messages", "What was seen: Account information that takes a warrant")
	if got := w.ledger.kinds; slices.Contains(got, "case.filed") {
		t.Fatal("something was filed already")
	}
	for _, u := range review.Links("Change the details") { // each leads to a field that is there
		path, id, _ := strings.Cut(u, "#")
		if id != "" && !strings.Contains(string(v.get(strings.TrimPrefix(path, w.url)).Body), `id="`+id+`"`) {
			t.Errorf("%s leads nowhere", u)
		}
	}
	p = v.press(v.form(review, "Send the request"), "Send the request")
	says(t, p, http.StatusBadRequest, "Please confirm that you may send this", "Findings before sending")
	p = v.press(v.form(p, "Send the request").Check("attest", "yes"), "Send the request")
	says(t, p, http.StatusBadRequest, "attach the paper as a PDF", "Findings before sending")
	if slices.Contains(w.ledger.kinds, "case.filed") {
		t.Error("a refused request was filed")
	}
	// A request with findings may be sent all the same.
	p, err = p.Follow("Change the papers")
	must(t, err)
	p = v.press(v.form(p, "Upload").File("file", "order.pdf", "application/pdf", pdf("x")), "Upload")
	p, err = p.Follow("Go on: check and send")
	must(t, err)
	p = v.press(v.form(p, "Send the request").Check("attest", "yes"), "Send the request")
	says(t, p, http.StatusOK, "Your request is with us", "The paper does not show the signature")
	if !slices.Contains(w.ledger.kinds, "case.filed") {
		t.Error("filed without a record")
	}
}

func TestSendingTwiceMakesOneRequest(t *testing.T) {
	w := newWorld(t, false)
	v, o := w.officer("Olga Reyes", "o.reyes@sheriff.harbor.example")
	p := v.through(fill(v.begin("us.order.2703d").Steps()))
	p = v.press(v.form(p, "Upload").File("file", "order.pdf", "application/pdf", pdf("x")), "Upload")
	p, err := p.Follow("Go on: check and send")
	must(t, err)
	f := v.form(p, "Send the request").Check("attest", "yes")
	says(t, v.press(f, "Send the request"), http.StatusOK, "Your request is with us")
	says(t, v.press(f, "Send the request"), http.StatusOK, "This draft is no longer there", "My requests")
	heads, err := w.intake.Cases(t.Context(), o.ID)
	if err != nil || len(heads) != 1 {
		t.Fatalf("%d requests, %v", len(heads), err)
	}
}

func TestADraftIsKeptResumedAndDeleted(t *testing.T) {
	w := newWorld(t, false)
	v, _ := w.officer("Olga Reyes", "o.reyes@sheriff.harbor.example")
	p := v.through(fill(v.begin("us.order.2703d").Steps()).Set("gag", "order").Set("gag_end", "2027-02-01").Check("gag_grounds", "2705(b)(3)"))
	at := draftOf(p)
	p = v.press(v.form(v.get(at+"/step/paper"), "Keep as a draft"), "Keep as a draft")
	says(t, p, http.StatusOK, "Kept as a draft", "SHERIFF 2026/17")
	p, err := p.Follow("Court order for records")
	must(t, err)
	says(t, p, http.StatusOK, "Step 6 of 7: Papers") // where it was left
	kept := map[string]string{"reference": "SHERIFF 2026/17", "targets": "+12025550199", "issued": "2026-11-20", "issuer_role": "judge", "gag": "order",
		"gag_end": "2027-02-01", "gag_grounds": "2705(b)(3)", "signed": "yes", "p_specific_and_articulable_facts_finding": "yes", "want_BSI": "name"}
	for _, step := range []string{"paper", "accounts", "data", "secrecy"} {
		f := v.form(v.get(at+"/step/"+step), next)
		for name, want := range kept {
			if f.Has(name) {
				if delete(kept, name); f.Value(name) != want {
					t.Errorf("%s came back as %q, not %q", name, f.Value(name), want)
				}
			}
		}
	}
	if len(kept) > 0 {
		t.Errorf("no step shows %v", kept)
	}
	p, err = v.get("/requests").Follow("Delete")
	must(t, err)
	says(t, v.press(v.form(p, "Delete the draft"), "Delete the draft"), http.StatusOK, "deleted")
	if v.get("/requests").Has("SHERIFF 2026/17") {
		t.Error("the draft is still there")
	}
}

func TestWithdrawingNeedsAReasonInEachLanguage(t *testing.T) {
	w := newWorld(t, false)
	v, olga := w.officer("Olga Reyes", "o.reyes@sheriff.harbor.example")
	n := v.file()
	at := "/requests/" + string(n) + "/withdraw"
	for _, x := range []struct{ lang, says string }{{"es", "Indique el motivo."}, {"ar", "اذكر السبب."}, {"en", "Give the reason."}} {
		must(t, w.agency.SetLanguage(t.Context(), olga.ID, x.lang))
		f, err := v.get(at).FormByAttr("action", at)
		must(t, err)
		says(t, v.press(f.Set("why", " "), ""), http.StatusBadRequest, x.says)
	}
	c, err := w.files.Load(t.Context(), n)
	must(t, err)
	if c.Withdrawn {
		t.Error("taken back without a reason")
	}
}

func TestWithdrawing(t *testing.T) {
	w := newWorld(t, false)
	v, _ := w.officer("Olga Reyes", "o.reyes@sheriff.harbor.example")
	n := v.file()
	w.ledger.full = true // what stops does not wait for the ledger
	p, err := v.get("/requests/" + string(n)).Follow("Withdraw it")
	must(t, err)
	says(t, p, http.StatusOK, "Withdraw request "+string(n)+"?", "stops at once")
	p = v.press(v.form(p, "Withdraw the request").Set("why", "the person was found"), "Withdraw the request")
	says(t, p, http.StatusOK, "The request is withdrawn", "the person was found")
	if p.Has("Correct the request") {
		t.Error("a withdrawn request can be corrected")
	}
	says(t, v.get("/requests/"+string(n)+"/withdraw"), http.StatusConflict, "answered or withdrawn already")
	says(t, v.get("/requests/"+string(n)+"/correct"), http.StatusConflict, "cannot be corrected any more")
}

func TestWithoutALedgerNothingIsFiled(t *testing.T) {
	w := newWorld(t, false)
	v, o := w.officer("Olga Reyes", "o.reyes@sheriff.harbor.example")
	p := v.through(fill(v.begin("us.order.2703d").Steps()))
	p = v.press(v.form(p, "Upload").File("file", "order.pdf", "application/pdf", pdf("x")), "Upload")
	p, err := p.Follow("Go on: check and send")
	must(t, err)
	w.ledger.full = true
	p = v.press(v.form(p, "Send the request").Check("attest", "yes"), "Send the request")
	says(t, p, http.StatusServiceUnavailable, "without a record nothing is done", "Findings before sending")
	heads, err := w.intake.Cases(t.Context(), o.ID)
	if err != nil || len(heads) != 0 {
		t.Fatal("filed without a record")
	}
	w.ledger.full = false
	says(t, v.press(v.form(p, "Send the request").Check("attest", "yes"), "Send the request"), http.StatusOK, "Your request is with us")
}

func TestKeysOfAnOfficer(t *testing.T) {
	w := newWorld(t, false)
	v, o := w.officer("Olga Reyes", "o.reyes@sheriff.harbor.example")
	p := v.get("/account")
	says(t, p, http.StatusOK, "Passkey 2", "a passphrase, shown once", "verify keygen")
	p = v.press(v.form(p, "Use this key").Set("recipient", "ssh-rsa AAAA"), "Use this key")
	says(t, p, http.StatusBadRequest, "this is not an age key", "ssh-rsa AAAA"[:0])
	if v.form(p, "Use this key").Value("recipient") != "ssh-rsa AAAA" {
		t.Error("what was typed is lost")
	}
	const key = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p"
	says(t, v.press(v.form(p, "Use this key").Set("recipient", key), "Use this key"), http.StatusOK, "sealed to "+key)
	first := v.pk
	second := w.visitor()
	second.b = v.b // the same browser, another authenticator
	mails := len(w.mail.all)
	p = second.ceremony(v.get("/account"))
	says(t, p, http.StatusOK, "The passkey is registered", "Passkey 3")
	if len(w.mail.all) != mails+1 || w.mail.all[mails].To != o.Mailbox || !strings.Contains(w.mail.all[mails].Text, "If it was not you") {
		t.Error("the mailbox was not told")
	}
	says(t, v.press(v.form(p, "Remove"), "Remove"), http.StatusOK, "The passkey is removed")
	p = v.get("/account")
	says(t, v.press(v.form(p, "Remove"), "Remove"), http.StatusOK, "Your only passkey", "Register a second passkey")
	other := w.visitor()
	other.pk = first
	says(t, other.ceremony(other.get("/signin")), http.StatusUnauthorized, "not enrolled here")
	third := w.visitor()
	third.pk = second.pk
	says(t, third.ceremony(third.get("/signin")), http.StatusOK, "My requests")
}

func TestSigningInComesBackToWhereOneWas(t *testing.T) {
	w := newWorld(t, false)
	v, _ := w.officer("Olga Reyes", "o.reyes@sheriff.harbor.example")
	n := v.file()
	says(t, v.press(v.form(v.get("/requests"), "Sign out"), "Sign out"), http.StatusOK, "You are signed out")
	p := v.get("/requests/" + string(n))
	says(t, p, http.StatusOK, "Sign in")
	if p = v.ceremony(p); p.URL.Path != "/requests/"+string(n) {
		t.Errorf("after signing in one is at %s", p.URL)
	}
	for _, evil := range []string{"//evil.example", "https://evil.example", "/\\evil.example", "/%09/evil.example"} {
		p := v.get("/signin?back=" + strings.ReplaceAll(evil, "\\", "%5C"))
		if p = v.ceremony(p); p.URL.Host != strings.TrimPrefix(w.url, "http://") || p.URL.Path != "/requests" && !strings.HasPrefix(p.URL.Path, "/requests") {
			t.Errorf("%s leads to %s", evil, p.URL)
		}
	}
}

func TestSealedMattersLieApart(t *testing.T) {
	w := newWorld(t, false)
	v, o := w.officer("Olga Reyes", "o.reyes@sheriff.harbor.example")
	p := v.through(v.begin("us.nsl").Steps().Set("targets", "+12025550199").Check("want_BSI", "name"))
	p = v.press(v.form(p, "Upload").File("file", "letter.pdf", "application/pdf", pdf("nsl")), "Upload")
	if d, err := w.files.Public.Store.Drafts(t.Context(), o.ID); err != nil || len(d) != 0 {
		t.Fatalf("the draft lies on the open shelf: %v %v", d, err)
	}
	p, err := p.Follow("Go on: check and send")
	must(t, err)
	p = v.press(v.form(p, "Send the request").Check("attest", "yes"), "Send the request")
	says(t, p, http.StatusOK, "Your request is with us")
	if n := casefile.Number(strings.TrimPrefix(p.URL.Path, "/requests/")); !n.Sealed() {
		t.Errorf("%s is no sealed number", n)
	}
	says(t, v.get("/requests"), http.StatusOK, "National Security Letter")
}

// TestWhatOnlyTheTeamMaySee files so often that the machine finds it unusual:
// the team sees that, the officer does not.
func TestWhatOnlyTheTeamMaySee(t *testing.T) {
	w := newWorld(t, false)
	w.intake.PerHour = 100
	v, _ := w.officer("Olga Reyes", "o.reyes@sheriff.harbor.example")
	for range 21 {
		v.file2()
	}
	n := v.file2()
	c, err := w.files.Load(t.Context(), n)
	must(t, err)
	var title string
	for _, f := range c.Findings {
		if f.Row().TeamOnly {
			title = f.Row().Title
		}
	}
	if title == "" {
		t.Fatal("the machine found nothing for the team alone: the test proves nothing")
	}
	says(t, v.get("/requests/"+string(n)), http.StatusOK, "Findings")
	for _, page := range []string{"/requests/" + string(n), "/drafts/" + v.draft() + "/review"} {
		p := v.get(page)
		if p.Status != http.StatusOK || p.Has(title) || p.Has("Unusually many") {
			t.Errorf("%s shows what only the team may see (%d)", page, p.Status)
		}
	}
}

// draft makes a complete draft and returns its id.
func (v *visitor) draft() string {
	v.w.t.Helper()
	p := v.through(fill(v.begin("us.order.2703d").Steps()))
	return strings.Split(p.URL.Path, "/")[2]
}

// TestAnOfficerFindsTheProcessesOfTheirCountryFirst: sixty rows are of no use
// to somebody who has to search them.
func TestAnOfficerFindsTheProcessesOfTheirCountryFirst(t *testing.T) {
	w := newWorld(t, false)
	var places []string
	for i, c := range []struct {
		country law.Jurisdiction
		want    []string
	}{
		{"GB-SCT", []string{"United Kingdom", "United States", "Australia", "Brazil"}},
		{"DE", []string{"European Union", "Germany", "United States", "Australia"}},
		{"DK", []string{"European Union", "United States", "Australia"}},
		{"AU", []string{"Australia", "United States", "Brazil"}},
		{"JP", []string{"United States", "Australia"}},
	} {
		domain := fmt.Sprintf("police%d.example", i)
		_, err := w.agency.AddAgency(t.Context(), lead, agency.Agency{Name: "Police " + string(c.country), Country: c.country, Domains: []string{domain},
			Switchboard: "+44 20 7946 0111", Source: "the force's site", Sponsor: agency.Word{Why: "it is in the state register"}})
		must(t, err)
		v, _ := w.officer("Robin Dale", "r.dale@"+domain)
		places = nil
		for _, m := range summaryForm.FindAllStringSubmatch(string(v.get("/new").Body), -1) {
			places = append(places, m[1])
		}
		if len(places) != 10 || !slices.Equal(places[:len(c.want)], c.want) || places[9] != "Any country" {
			t.Errorf("from %s: %v, want %v first", c.country, places, c.want)
		}
	}
	p := w.visitor().get("/")
	says(t, p, http.StatusOK, "United Kingdom", "Overseas production order", "Germany", "India", "Brazil")
}

// TestAnOrderIsOfItsOwnCountry: one from the United Kingdom raises no finding about its
// country from an officer there, and does from one elsewhere.
func TestAnOrderIsOfItsOwnCountry(t *testing.T) {
	w := newWorld(t, false)
	_, err := w.agency.AddAgency(t.Context(), lead, agency.Agency{Name: "Midshire Police", Country: "GB", Domains: []string{"midshire.example"}, Switchboard: "+44 20 7946 0111", Source: "the force's site", Sponsor: agency.Word{Why: "it is in the state register"}})
	must(t, err)
	const wrong = "This authority cannot compel us directly"
	for box, far := range map[string]bool{"r.dale@midshire.example": false, "o.reyes@sheriff.harbor.example": true} {
		v, _ := w.officer("Robin Dale", box)
		f := v.begin("gb.copo").Steps().Set("issuing_body", "Crown Court at Midshire").Set("issuer_role", "judge").Set("legal_basis", "Crime (Overseas Production Orders) Act 2019").
			Set("targets", "+44 20 7946 0199").Check("want_BSI", "name")
		review := v.get(strings.Replace(v.through(f).URL.Path, "/papers", "/review", 1))
		says(t, review, http.StatusOK, "Findings before sending", "Certificate of the Designated Authority")
		if review.Has(wrong) != far {
			t.Errorf("%s: told that the authority has no power: %v", box, !far)
		}
	}
}

// TestEveryParticularHasAField: whatever a process must show, its form asks
// for, or a paper or the team shows it.
func TestEveryParticularHasAField(t *testing.T) {
	w := newWorld(t, false)
	w.intake.PerHour = 1000
	v, _ := w.officer("Olga Reyes", "o.reyes@sheriff.harbor.example")
	for _, row := range law.Default().Rows() {
		p := v.begin(string(row.ID))
		review := v.get(draftOf(p) + "/review")
		says(t, review, http.StatusOK, "Findings before sending")
		for _, u := range append(review.Links("Change the details"), review.Links("Go to the papers")...) {
			path, id, _ := strings.Cut(u, "#")
			if id == "main" || id != "" && !strings.Contains(string(v.get(strings.TrimPrefix(path, w.url)).Body), `id="`+id+`"`) {
				t.Errorf("%s: %s leads nowhere", row.ID, u)
			}
		}
	}
}

// piece asks for a piece of a file, as a browser does that resumes.
func (v *visitor) piece(path, asks string) string {
	v.w.t.Helper()
	req, err := http.NewRequest(http.MethodGet, v.w.url+path, nil)
	must(v.w.t, err)
	req.Header.Set("Range", asks)
	p, err := v.b.Do(req)
	must(v.w.t, err)
	if p.Status != http.StatusPartialContent {
		v.w.t.Fatalf("a piece: status %d", p.Status)
	}
	return string(p.Body)
}
