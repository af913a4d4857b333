package console_test

import (
	"net/url"
	"strings"
	"testing"

	"letterlock/desk/casefile"
	"letterlock/desk/staff"
	"letterlock/internal/testkit/walk"
)

// floor is the console as its pages are walked: everything there is, once.
type floor struct {
	ordinary, urgent, weaken, asked, held, sealed casefile.Number
	draft, email, paper, letter                   string
	cut                                           casefile.CutID
	system, enrol                                 string
}

func (w *world) floor() (f floor) {
	w.Helper()
	ctx := w.Context()
	f.ordinary = w.night()
	f.urgent, f.weaken, f.asked = "LL-2026-000002", "LL-2026-000004", "LL-2026-000005"
	p := w.analyst.press(w.analyst.get("/papers"), "Go on", "agency", string(w.harbor.ID), "channel", "other_mail", "process", "us.order.2703d")
	says(w.T, p, 200, "Harbor County Sheriff, by post")
	f.draft = strings.TrimSuffix(p.URL.Path, "/papers")
	f.email = w.analyst.reads(eml("reyes@sheriff.harb0r.example", "198.51.100.9", "s1@x", pdf("forged"))).URL.Path
	says(w.T, w.lead.press(w.lead.get("/systems"), "Enrol it and make its key", "name", "Records system", "officer", string(w.reyes.ID), "days", "90"), 200, "Copy it now")
	f.system = string(must(w.desk.Agencies.Systems(ctx))(w)[0].ID)
	f.paper = string(w.load(f.ordinary).Demand.Papers[0].ID)
	must(w.desk.Staff.Invite(ctx, w.lead.id, staff.Invitation{Name: "Rosa Keller", Mailbox: "rosa@letterlock.example", Roles: []staff.Role{staff.Analyst}}))(w)
	f.enrol = "/enrol/" + w.token()
	f.sealed = w.file(w.nsl("NSL-7"))
	w.ok(w.desk.Tick(ctx))
	f.letter = string(w.load(f.sealed).Secrecy.Letters[0].ID)
	return f
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
	return []walk.Page{visit("queue", "/"), visit("list", "/?list=1&open=yes"), visit("clock", "/clock"), visit("case", n), visit("case-emergency", path(f.urgent)), visit("case-weaken", path(f.weaken)),
		visit("case-asked", path(f.asked)), visit("reader", n+"/papers/"+f.paper), visit("papers", "/papers"), visit("email", "/papers/email"), visit("email-read", f.email), visit("draft", f.draft),
		visit("draft-papers", f.draft+"/papers"), visit("draft-review", f.draft+"/review"), visit("agencies", "/agencies"), visit("agency", "/agencies/"+string(w.harbor.ID)),
		visit("agency-edit", "/agencies/"+string(w.harbor.ID)+"/edit"), visit("officer", "/officers/"+string(w.reyes.ID)), visit("systems", "/systems"), visit("system", "/systems/"+f.system),
		visit("law", "/law"), visit("law-row", "/law/row/us.order.2703d"), visit("law-findings", "/law/findings"), visit("law-lists", "/law/lists"), visit("ties", "/team/conflict"),
		visit("training", "/training"), visit("training-law", "/training/law"), visit("course", "/training/course/"+course), visit("second", "/second"), visit("missing", "/cases/LL-2026-999999")}
}

const course = "deciding"

func (f floor) ofLead(w *world) []walk.Page {
	return []walk.Page{visit("lead-queue", "/"), visit("team", "/team"), visit("member", "/team/"+string(w.analyst.id)), visit("drills", "/drills"), visit("rules", "/rules"), visit("figures", "/figures"), visit("lend", path(f.ordinary)+"/lend")}
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
	}{{w.analyst, f.ofAnalyst(w)}, {w.lead, f.ofLead(w)}, {w.cleared, f.ofCleared()}, {w.join("Ada Auditor", false, false, staff.Auditor), []walk.Page{visit("acts", "/acts")}}} {
		b.As(x.who.b.Client.Jar)
		b.Pages(x.pages...)
		all = append(all, x.pages...)
	}
	w.cutOff(&f)
	b.As(w.lead.b.Client.Jar)
	b.Pages(f.afterCut()...)
	walk.Complete(t, append(all, f.afterCut()...), "/cases/{n}/papers/{p}/{picture}", "/sealed/matters/{n}/letters/{id}", "/second/{n}/{id}", "/lent", "/acts/{seq}/proof.json", "/figures.csv", "/cases/{n}/correct")
	b.Report()
}
