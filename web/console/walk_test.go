package console_test

import (
	"bytes"
	"net/url"
	"strings"
	"testing"
	"time"

	"letterlock/desk/casefile"
	"letterlock/desk/emergency"
	"letterlock/desk/staff"
	"letterlock/disclosable"
	"letterlock/internal/testkit/walk"
)

// floor is the console as its pages are walked: everything there is, once.
type floor struct {
	ordinary, urgent, preserve, weaken, asked, held, sealed casefile.Number
	typed, open, signing, answered                          casefile.Number // entered from paper; before its verdicts; before the key holders; an emergency that is over
	second                                                  string          // the second review of the case that is being signed
	draft, email, paper, letter                             string
	cut                                                     casefile.CutID
	certificate                                             casefile.Number
	system, enrol                                           string
	shown                                                   casefile.Number // its papers wait for counsel
	outside                                                 *member
}

func (w *world) floor() (f floor) {
	w.Helper()
	ctx := w.Context()
	f.ordinary = w.night()
	f.urgent, f.preserve, f.weaken, f.asked = "LL-2026-000002", "LL-2026-000003", "LL-2026-000004", "LL-2026-000005"
	p := w.analyst.press(w.analyst.get("/papers"), "Go on", "agency", string(w.harbor.ID), "channel", "other_mail", "process", "us.order.2703d")
	says(w.T, p, 200, "Harbor County Sheriff, by post")
	f.draft = strings.TrimSuffix(p.URL.Path, "/papers")
	f.email = w.analyst.reads(eml("reyes@sheriff.harb0r.example", "198.51.100.9", "s1@x", pdf("forged"))).URL.Path
	says(w.T, w.lead.press(w.lead.get("/systems"), "Enrol it and make its key", "name", "Records system", "officer", string(w.reyes.ID), "days", "90", "why", "the agency asked for it"), 200, "Copy it now")
	f.system = string(must(w.desk.Agencies.Systems(ctx))(w)[0].ID)
	f.paper = string(w.load(f.ordinary).Demand.Papers[0].ID)
	must(w.desk.Staff.Invite(ctx, w.lead.id, staff.Invitation{Why: "the team needs them", Name: "Rosa Keller", Mailbox: "rosa@letterlock.example", Roles: []staff.Role{staff.Analyst}}))(w)
	f.enrol = "/enrol/" + w.token()
	f.sealed = w.file(w.nsl("NSL-7"))
	w.ok(w.desk.Tick(ctx))
	f.letter = string(w.load(f.sealed).Secrecy.Letters[0].ID)
	w.custodianJoins()
	w.decided(&f)
	w.drills()
	f.shown = w.told(f.answered)
	f.certificate = w.waits()
	w.counsel.post(path(f.shown) + "/room/papers/" + f.paperOf(w) + "/read")
	return f
}

// decided adds the states that cases reach by decisions.
func (w *world) decided(f *floor) {
	w.Helper()
	ctx := w.Context()
	f.typed = w.typed("P-2026-1")
	w.approve("us.order.2703d")
	f.open, f.signing = w.file(w.referred("HC-26-120")), w.file(w.referred("HC-26-121"))
	w.analyst.study(f.open)
	w.analyst.study(f.signing)
	w.analyst.decideAll(f.signing)
	w.ok(w.desk.Review.AskSecond(ctx, w.analyst.id, f.signing, "The first order of this court."))
	w.analyst.press(w.analyst.get(path(f.signing)), "Propose the grants")
	id := w.load(f.signing).Seconds[0].ID
	f.second = "/second/" + string(f.signing) + "/" + id
	w.ok(w.desk.Review.TakeAgain(ctx, w.counsel.id, f.signing, id, "it waits, and I know none of them"))
	w.ok(w.desk.Review.AskSecond(ctx, w.analyst.id, f.signing, "And by one more, for the figures."))
	f.outside = w.join("Owen Ward", true, false, staff.Outside)
	w.ok(w.desk.Review.Lend(ctx, w.counsel.id, f.signing, f.outside.id, w.clock.Now().AddDate(0, 0, 7), "Is the order final?"))
	f.answered = w.released(w.signedEmergency())
}

// typed is an order that came by post and was entered by somebody who does not
// decide it.
func (w *world) typed(reference string) casefile.Number {
	w.Helper()
	ctx, d := w.Context(), w.referred(reference)
	dr := must(w.desk.Intake.StartPaper(ctx, w.untrained.id, w.harbor.ID, "other_mail", d.Process))(w)
	me := casefile.Member(w.untrained.id, w.untrained.name)
	d.OfficerName = "Lt. Perez"
	must(w.desk.Intake.Save(ctx, me, dr.ID, d))(w)
	must(w.desk.Intake.AddPaper(ctx, me, dr.ID, "scan.pdf", "order", bytes.NewReader(pdf("by post "+reference))))(w)
	return must(w.desk.Intake.File(ctx, me, dr.ID))(w)
}

// referred is an order with a reference of its own.
func (w *world) referred(reference string) casefile.Demand {
	d := w.order()
	d.Reference = reference
	return d
}

// released is an emergency of which the records have left.
func (w *world) released(n casefile.Number) casefile.Number {
	w.Helper()
	ctx := w.Context()
	w.ok(w.desk.Review.Assign(ctx, w.lead.id, n, w.analyst.id, "it is theirs to decide"))
	w.ok(w.desk.Review.NoTie(ctx, w.counsel.id, n, "I know none of them"))
	w.ok(w.desk.Urgent.Call(ctx, w.counsel.id, n, emergency.Called{Number: "+1 202 555 0100", Spoke: "Sgt. Moreau, watch desk", Supervisor: true, Said: "They know the officer and the incident.", Outcome: casefile.CallConfirmed}))
	w.analyst.study(n)
	w.analyst.press(w.analyst.get(path(n)), "Record the decision", "verdict-last_ip", "produce", "verdict-name", "decline", "reason", "It leads a patrol to him; the name does not.")
	w.ok(w.desk.Review.Propose(ctx, w.counsel.id, n, "what was decided is carried out"))
	for _, h := range w.door.Open(disclosable.Produce) {
		if w.load(n).GrantsOf(disclosable.Produce)[0].Hash == h {
			w.ok(w.door.Sign(h, "Sefa Yilmaz"))
			w.ok(w.door.Sign(h, "Miriam Adler"))
		}
	}
	w.pass(2 * time.Minute)
	w.pass(2 * time.Minute)
	w.pass(2 * time.Minute)
	return n
}

// drills plays one exercise to its end and leaves another in the queue.
func (w *world) drills() {
	w.Helper()
	begin := func(scenario string) casefile.Number {
		w.lead.press(w.lead.get("/drills"), "Put it into the queue", "scenario", scenario, "phone", "+12025550199")
		return must(w.desk.Drills.Results(w.Context(), w.lead.id))(w)[0].Number
	}
	n := begin("no_facts")
	w.ok(w.desk.Review.Assign(w.Context(), w.lead.id, n, w.analyst.id, "it is theirs to decide"))
	w.ok(w.desk.Review.NoTie(w.Context(), w.counsel.id, n, "I know none of them"))
	w.counsel.post(path(n)+"/call-back", "number", "+12025550199", "spoke", "the desk", "said", "Nobody knows of it.", "outcome", string(casefile.CallDenied))
	w.ok(w.desk.Tick(w.Context()))
	begin("genuine")
}

// cutOff pulls the switch, after which nothing is as it was.
func (w *world) cutOff(f *floor) {
	w.Helper()
	w.send(w.lead.b.Client, "POST", "/cuts", url.Values{"what": {"domain:sheriff.harbor.example"}, "cut": {"taken over"}})
	f.cut = must(w.desk.Agencies.Cuts(w.Context()))(w)[0].ID
	f.held = f.ordinary
}

func visit(name, path string) walk.Page { return walk.Page{Name: name, Path: path} }

// ofAnalyst, ofLead, ofCleared and afterCut are the pages, by who walks them.
func (f floor) ofAnalyst(w *world) []walk.Page {
	n := path(f.ordinary)
	return []walk.Page{visit("queue", "/"), visit("list", "/?list=1&open=yes"), visit("clock", "/clock"), visit("case", n), visit("progress", n+"/progress"), visit("accounts", n+"/accounts"), visit("case-emergency", path(f.urgent)), visit("case-preserve", path(f.preserve)), visit("case-weaken", path(f.weaken)), visit("case-open", path(f.open)), visit("case-signing", path(f.signing)),
		visit("case-answered", path(f.answered)), visit("case-typed", path(f.typed)), visit("correct", path(f.typed)+"/correct"),
		visit("case-asked", path(f.asked)), visit("reader", n+"/papers/"+f.paper), visit("papers", "/papers"), visit("email", "/papers/email"), visit("email-read", f.email), visit("draft", f.draft),
		visit("draft-papers", f.draft+"/papers"), visit("draft-review", f.draft+"/review"), visit("agencies", "/agencies"), visit("agency", "/agencies/"+string(w.harbor.ID)),
		visit("agency-edit", "/agencies/"+string(w.harbor.ID)+"/edit"), visit("officer", "/officers/"+string(w.reyes.ID)), visit("systems", "/systems"), visit("system", "/systems/"+f.system),
		visit("law", "/law"), visit("law-row", "/law/row/us.order.2703d"), visit("law-row-listed", "/law/row/de.stpo.100g"), visit("law-findings", "/law/findings"), visit("law-lists", "/law/lists"), visit("ties", "/team/conflict"),
		visit("training", "/training"), visit("training-law", "/training/law"), visit("course", "/training/course/"+course), visit("second", "/second"), visit("missing", "/cases/LL-2026-999999")}
}

const course = "deciding"

// paperOf is the paper that counsel has opened for the public.
func (f floor) paperOf(w *world) string { return string(w.load(f.shown).Demand.Papers[0].ID) }

// files are the addresses that answer with a file and have no page to walk: the
// picture of a leaf (PNG), a letter (PDF), a proof (JSON), a table (CSV).
var files = []string{"/cases/{n}/papers/{p}/{picture}", "/cases/{n}/room/papers/{p}/{picture}", "/sealed/matters/{n}/letters/{id}", "/acts/{seq}/proof.json", "/cases/{n}/accounts.csv", "/figures.csv"}

func (f floor) ofLead(w *world) []walk.Page {
	return []walk.Page{visit("lead-queue", "/"), visit("team", "/team"), visit("member", "/team/"+string(w.analyst.id)), visit("drills", "/drills"), visit("rules", "/rules"), visit("figures", "/figures"), visit("openings", "/openings"), visit("lend", path(f.signing)+"/lend")}
}

// ofCounsel are the pages of the second look, and of what was lent.
func (f floor) ofCounsel(w *world) []walk.Page {
	return []walk.Page{visit("again", f.second), visit("second-waiting", "/second"), visit("case-counsel", path(f.weaken)), visit("room", "/room"), visit("room-case", path(f.shown)+"/room"), visit("room-text", path(f.shown)+"/room/papers/demand"),
		visit("room-page", path(f.shown)+"/room/papers/"+f.paperOf(w)+"?ruled=yes"), visit("room-preview", path(f.shown)+"/room/preview")}
}

func (f floor) ofOutside() []walk.Page {
	return []walk.Page{visit("lent", "/lent"), visit("case-lent", path(f.signing))}
}

func (f floor) ofCleared() []walk.Page {
	at := "/sealed/matters/" + string(f.sealed)
	return []walk.Page{visit("sealed", "/sealed"), visit("sealed-matter", at)}
}

func (f floor) afterCut() []walk.Page {
	return []walk.Page{visit("cuts", "/cuts"), visit("cut", "/cuts/"+string(f.cut)), visit("cut-letter", "/cuts/"+string(f.cut)+"/letter"), visit("held", path(f.held)+"/compromise"), visit("case-held", path(f.held))}
}

// TestEveryPageOfTheConsoleInARealBrowser walks the console with the
// accessibility checker and by keyboard.
func TestEveryPageOfTheConsoleInARealBrowser(t *testing.T) {
	w := newWorld(t)
	f := w.floor()
	w.send(w.analyst.b.Client, "POST", path(f.ordinary)+"/papers/"+f.paper+"/read", nil)
	b := walk.Start(t, w.url, "console")
	out := []walk.Page{visit("signin", "/signin"), visit("enrol", f.enrol)}
	b.Pages(out...)
	all := out
	for _, x := range []struct {
		who   *member
		pages []walk.Page
	}{{w.analyst, f.ofAnalyst(w)}, {w.lead, f.ofLead(w)}, {w.counsel, f.ofCounsel(w)}, {f.outside, f.ofOutside()}, {w.cleared, f.ofCleared()}, {w.join("Ada Auditor", false, false, staff.Auditor), []walk.Page{visit("acts", "/acts")}},
		{w.custodian, []walk.Page{visit("certificates", "/certificates"), visit("certificate", "/certificates/"+string(f.certificate))}}} {
		b.As(x.who.b.Client.Jar)
		b.Pages(x.pages...)
		all = append(all, x.pages...)
	}
	w.cutOff(&f)
	b.As(w.lead.b.Client.Jar)
	b.Pages(f.afterCut()...)
	walk.Complete(t, append(all, f.afterCut()...), files...)
	b.Report()
}
