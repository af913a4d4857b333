package portal_test

import (
	"net/http"
	"testing"

	"letterlock/desk/casefile"
	"letterlock/internal/testkit/walk"
)

// rooms are the states of the portal that its pages are walked in.
type rooms struct {
	link, draft string // of details filled in and one paper
	asked, open casefile.Number
	urgent      casefile.Number
}

func (w *world) rooms(a *visitor) rooms {
	w.t.Helper()
	n := a.file()
	w.act(n, casefile.Event{Kind: casefile.KAsked, Question: &casefile.Question{ID: "q1", Text: "Your order names Harbor County twice. Which court issued it?", By: lead, At: w.clock.Now()}})
	r := rooms{asked: n, open: a.file2()}
	r.urgent, _ = a.sendEmergency()
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
		{Name: "start", Path: "/"}, {Name: "process", Path: "/process/us.order.2703d"}, {Name: "enrol", Path: "/enrol"}, {Name: "sent", Path: "/enrol/sent"},
		{Name: "link", Path: r.link}, {Name: "signin", Path: "/signin"}, {Name: "open", Path: "/open"}, {Name: "find", Path: "/find"},
	}
}

func (r rooms) in() []walk.Page {
	return []walk.Page{
		{Name: "account", Path: "/account"}, {Name: "agency", Path: "/agency"}, {Name: "new", Path: "/new"}, {Name: "details", Path: r.draft}, {Name: "papers", Path: r.draft + "/papers"},
		{Name: "review", Path: r.draft + "/review"}, {Name: "delete", Path: r.draft + "/delete"}, {Name: "requests", Path: "/requests"}, {Name: "request", Path: "/requests/" + string(r.open)},
		{Name: "request-asked", Path: "/requests/" + string(r.asked)}, {Name: "correct", Path: "/requests/" + string(r.open) + "/correct"}, {Name: "withdraw", Path: "/requests/" + string(r.open) + "/withdraw"},
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
	walk.Complete(t, append(r.out(), r.in()...), "/open/{file}", "/requests/{n}/download/{p}")
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

// TestARequestByKeyboardAlone goes from choosing to sending, with a mistake on
// the way.
func TestARequestByKeyboardAlone(t *testing.T) {
	w := newWorld(t, false)
	a, _ := w.officer("Olga Reyes", "o.reyes@sheriff.harbor.example")
	b := walk.Start(t, w.url, "portal")
	b.As(a.b.Client.Jar)
	b.Open("/new")
	b.Chooses("process", "us.order.2703d")
	b.Enters("Go on", "New request: details")
	b.Types("reference", "SHERIFF 2026/17")
	b.Types("case_ref", "26-MJ-0417")
	b.Types("issuing_body", "Superior Court of Harbor County")
	b.Chooses("issuer_role", "judge")
	b.Types("court", "Superior Court of Harbor County")
	b.Types("legal_basis", "18 USC 2703(d)")
	b.Types("addressee", "Example Messenger Inc.")
	b.Types("issued", "2026-11-20")
	b.Types("targets", "202 555 0199")
	b.Enters("Go on to the papers", "New request: details")
	b.Says("is not a phone number with its country code")
	b.Here(walk.Page{Name: "details-refused", Heading: "New request: details", Status: 400})
	b.Report()
}
