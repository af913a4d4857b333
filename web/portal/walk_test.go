package portal_test

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"letterlock/desk/casefile"
	"letterlock/internal/lang"
	"letterlock/internal/testkit/walk"
)

// rooms are the states of the portal that its pages are walked in.
type rooms struct {
	link, draft string // of steps filled in and one paper
	siren       string // a draft of an emergency
	asked, open casefile.Number
	urgent      casefile.Number
}

func (w *world) rooms(a *visitor) rooms {
	w.t.Helper()
	n := a.file()
	w.act(n, casefile.Event{Kind: casefile.KAsked, Question: &casefile.Question{ID: "q1", Text: "Your order names Harbor County twice. Which court issued it?", By: lead, At: w.clock.Now()}})
	r := rooms{asked: n, open: a.file2()}
	r.urgent, _ = a.sendEmergency()
	r.siren = draftOf(a.begin("us.emergency"))
	p := a.through(fill(a.begin("us.order.2703d").Steps()).Set("legal_basis", ""))
	r.draft = draftOf(p)
	a.press(a.form(p, "Upload").File("file", "order.pdf", "application/pdf", pdf("walk")), "Upload")
	f := a.form(w.visitor().get("/enrol"), "Send me the link")
	a.press(f.Set("name", "Will Waiting").Set("rank", "Detective").Set("mailbox", "w.waiting@sheriff.harbor.example").Set("phone", "+1 202 555 0148"), "Send me the link")
	r.link = w.lastLink()
	return r
}

// out and in are the pages of whoever is signed out and of an officer.
func (r rooms) out() []walk.Page {
	return []walk.Page{
		{Name: "start", Path: "/"}, {Name: "process", Path: "/process/us.order.2703d"}, {Name: "process-listed", Path: "/process/de.stpo.100g"}, {Name: "enrol", Path: "/enrol"}, {Name: "sent", Path: "/enrol/sent"},
		{Name: "link", Path: r.link}, {Name: "signin", Path: "/signin"}, {Name: "open", Path: "/open"}, {Name: "find", Path: "/find"},
	}
}

func (r rooms) in() []walk.Page {
	return []walk.Page{
		{Name: "account", Path: "/account"}, {Name: "agency", Path: "/agency"}, {Name: "new", Path: "/new"}, {Name: "kind", Path: r.draft + "/kind"}, {Name: "step-paper", Path: r.draft + "/step/paper"}, {Name: "step-accounts", Path: r.draft + "/step/accounts"},
		{Name: "step-data", Path: r.draft + "/step/data"}, {Name: "step-secrecy", Path: r.draft + "/step/secrecy"}, {Name: "step-emergency", Path: r.siren + "/step/emergency"}, {Name: "step-you", Path: r.siren + "/step/you"}, {Name: "papers", Path: r.draft + "/papers"},
		{Name: "review", Path: r.draft + "/review"}, {Name: "delete", Path: r.draft + "/delete"}, {Name: "requests", Path: "/requests"}, {Name: "request", Path: "/requests/" + string(r.open)},
		{Name: "request-asked", Path: "/requests/" + string(r.asked)}, {Name: "accounts", Path: "/requests/" + string(r.open) + "/accounts"}, {Name: "correct", Path: "/requests/" + string(r.open) + "/correct"}, {Name: "withdraw", Path: "/requests/" + string(r.open) + "/withdraw"},
		{Name: "hand-over", Path: "/requests/" + string(r.open) + "/hand-over"}, {Name: "sign", Path: "/requests/" + string(r.urgent) + "/sign"}, {Name: "cosign", Path: "/cosign"},
		{Name: "missing", Path: "/requests/LL-2026-999999"},
	}
}

// in another language a page is looked at once wide and once narrow; its
// structure, and with it the way by keyboard, is the same.
func in(lang string, pages []walk.Page) []walk.Page {
	out := make([]walk.Page, len(pages))
	for i, p := range pages {
		p.Name, p.Lang, p.Brief = p.Name+"-"+lang, lang, true
		out[i] = p
	}
	return out
}

// TestEveryPageOfThePortalInARealBrowser walks the portal with the
// accessibility checker and by keyboard, in three languages.
func TestEveryPageOfThePortalInARealBrowser(t *testing.T) {
	w := newWorld(t, false)
	a, olga := w.officer("Olga Reyes", "o.reyes@sheriff.harbor.example")
	r := w.rooms(a)
	walk.Complete(t, append(r.out(), r.in()...), "/open/{file}", "/requests/{n}/download/{p}", "/requests/{n}/accounts.csv", "/drafts/{id}") // the last leads on to a step
	b := walk.Start(t, w.url, "portal")
	for _, lang := range []string{"en", "es", "ar"} {
		spoken := &http.Cookie{Name: "portal-lang", Value: lang}
		must(t, w.agency.SetLanguage(t.Context(), olga.ID, lang))
		out, inside := r.out(), r.in()
		if lang != "en" {
			out, inside = in(lang, out), in(lang, inside)
		}
		b.Cookies(spoken)
		b.Pages(out...)
		b.As(a.b.Client.Jar)
		b.Also(spoken)
		b.Pages(inside...)
	}
	b.Report()
}

// keys is an officer at the keyboard, in a language.
type keys struct {
	*walk.Walker
	l *lang.Tongue
}

func (k keys) say(text string, args ...any) string { return k.l.T(text, args...) }

// goesOn sends the step that is open and comes to the next one.
func (k keys) goesOn(to int) { k.Helper(); k.Enters(k.say(next), k.step(to)) }

func (k keys) step(n int) string {
	return strings.TrimSuffix(k.say("Step %d of %d: %s", n, 7, ""), " ")
}

// focused fails unless a page came with the focus on its errors.
func (k keys) focused(on string) {
	k.Helper()
	got, err := chromedp.Run(k.Context(), chromedp.Evaluate[string]("document.activeElement.id"))
	if err != nil || got != on {
		k.Errorf("the focus is on %q, not on %q (%v)", got, on, err)
	}
}

// TestARequestByKeyboardAlone is an officer without a mouse: from signing in
// through the finder and every step, with a mistake on the way, the paper, the
// check and sending, to the page of the request. In English, and in Arabic from
// right to left.
func TestARequestByKeyboardAlone(t *testing.T) {
	for i, code := range []string{"en", "ar"} {
		t.Run(code, func(t *testing.T) {
			w := newWorld(t, false)
			k := keys{walk.Start(t, w.url, "portal"), lang.Default().Tongue(code)}
			w.enrolsByKeyboard(k, code)
			k.Open("/requests")
			k.Tabs(k.say("Sign in")) // the link above, to this very page
			k.Enters(k.say("Sign in"), k.say("My requests"))
			k.finds()
			k.states()
			k.encloses(filepath.Join(t.TempDir(), "order.pdf"))
			k.Ticks("attest")
			n := casefile.Ordinary(2026, 1)
			k.Enters(k.say("Send the request"), k.say("Request %s", n))
			k.Says("+12025550199")
			k.Says("order.pdf")
			k.Here(walk.Page{Name: "sent-by-keyboard-" + code, Heading: k.say("Request %s", n), Lang: code, Brief: i > 0})
			k.Report()
		})
	}
}

// enrolsByKeyboard registers the browser's own passkey and leaves the officer
// signed out, in their language.
func (w *world) enrolsByKeyboard(k keys, code string) {
	k.Helper()
	k.Open("/enrol?lang=" + code)
	k.Types("name", "Olga Reyes")
	k.Types("mailbox", "o.reyes@sheriff.harbor.example")
	k.Types("phone", "+12025550142")
	k.Enters(k.say("Send me the link"), k.say("Look into your mailbox"))
	k.Open(w.lastLink())
	k.Enters(k.say("Register a passkey"), k.say("One step is left: we confirm you"))
	o, err := w.agency.Store.OfficerByMailbox(w.t.Context(), "o.reyes@sheriff.harbor.example")
	must(w.t, err)
	w.confirm(o.ID)
	w.spare(o.ID)
	must(w.t, w.agency.SetLanguage(w.t.Context(), o.ID, code))
	k.Enters(k.say("Sign out"), k.say("Ask for account data"))
}

// finds asks what can be had with which paper, and begins with it.
func (k keys) finds() {
	k.Helper()
	k.Enters(k.say("What can I get?"), k.say("What can I get with what?"))
	k.Chooses("country", "US")
	k.Chooses("hold", "us.order.2703d")
	k.Ticks("want")
	k.Enters(k.say("Show the answer"), k.say("What can I get with what?"))
	k.Enters(k.say("Begin a request with this paper"), k.say("New request: which paper do you hold?"))
	k.Enters(k.say("Go on"), k.step(2))
}

// states goes through the steps of the form.
func (k keys) states() {
	k.Helper()
	k.Types("reference", "SHERIFF 2026/17")
	k.Types("case_ref", "26-MJ-0417")
	k.Types("issuing_body", " of Harbor") // after the name of the agency
	k.Chooses("issuer_role", "judge")
	k.Types("court", "Superior Court of Harbor County")
	k.Types("legal_basis", "18 USC 2703(d)")
	k.Types("addressee", "Example Messenger Inc.")
	k.Types("issued", "2026-11-20")
	k.Ticks("signed")
	k.Types("p_judge", "Hon. Ruth Alvarez")
	k.Ticks("p_specific_and_articulable_facts_finding")
	k.goesOn(3)
	k.Types("targets", "12025550199\r+12025550198") // the first one without its plus
	k.goesOn(3)
	k.focused("errors")
	k.Says(k.say("Line %d: %s", 1, ""))
	k.Here(walk.Page{Name: "step-refused-" + k.l.Code(), Heading: k.step(3), Lang: k.l.Code(), Status: 400, Brief: true})
	k.Types("targets", "+")
	k.goesOn(4)
	k.Ticks("want_BSI")
	k.Types("from", "2026-11-01")
	k.Types("until", "2026-11-20")
	k.goesOn(5)
	k.goesOn(6)
}

// encloses puts a paper into the field that has the focus; the window in which
// a person chooses it is the system's own.
func (k keys) encloses(file string) {
	k.Helper()
	if err := os.WriteFile(file, pdf("Court order 26-MJ-0417"), 0o644); err != nil {
		k.Fatal(err)
	}
	k.Chooses("what", "order")
	k.Tabs("file")
	if err := chromedp.Do(k.Context(), chromedp.SetUploadFiles(`input[type=file]`, []string{file})); err != nil {
		k.Fatal(err)
	}
	k.Enters(k.say("Upload"), k.step(6))
	k.Says("order.pdf")
	k.Enters(k.say("Go on: check and send"), k.step(7))
}
