package console_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"letterlock/desk/casefile"
	"letterlock/internal/testkit/browser"
)

// The visitors of the table.
const (
	nobody    = "nobody"
	officer   = "an officer's session"
	untrained = "an untrained analyst"
	tied      = "an analyst with a conflict"
	trained   = "a trained analyst"
	counsel   = "counsel"
	lead      = "the lead"
	left      = "a member who left"
)

// order is who tries first: whoever may do least.
var order = []string{nobody, officer, left, untrained, tied, trained, lead, counsel}

// route is one address, what is sent to it, what each visitor gets, and what a
// page must show to those it lets in.
type route struct {
	method, path string
	form         []string
	status       map[string]int
	shows        string
}

// team answers every member alike, and nobody else.
func team(method string, status int) map[string]int {
	m := map[string]int{}
	for _, v := range order {
		m[v] = status
	}
	outside := http.StatusUnauthorized
	if method == "GET" {
		outside = http.StatusSeeOther
	}
	m[nobody], m[left] = outside, outside
	m[officer] = http.StatusUnauthorized // a planted session of somebody who is no member
	return m
}

// only lets some members through.
func only(method string, status int, who ...string) map[string]int {
	m := team(method, http.StatusForbidden)
	for _, v := range who {
		m[v] = status
	}
	return m
}

var deciders = []string{trained, counsel, lead}

// routes is the whole table, in an order in which nothing ends what a later
// line needs.
func (w *world) routes(n casefile.Number) []route {
	at, paper, id := path(n), string(w.load(n).Demand.Papers[0].ID), string(w.analyst.id)
	return []route{
		{"GET", "/", nil, team("GET", 200), string(n)},
		{"GET", "/?list=1", nil, team("GET", 200), string(n)},
		{"GET", "/certificates", nil, only("GET", 200), ""}, // for custodians alone: TestACustodianReadsAndSigns
		{"GET", "/certificates/" + string(n), nil, only("GET", 200), ""},
		{"POST", "/certificates/" + string(n), nil, only("POST", 303), ""},
		{"GET", "/room", nil, only("GET", 200, counsel, lead), "Papers that wait"},
		{"GET", at + "/room", nil, only("GET", 200, counsel, lead), "Not now"}, // the person has not been told
		{"GET", at + "/room/preview", nil, only("GET", 200, counsel, lead), "Nothing is to be published"},
		{"GET", at + "/room/papers/demand", nil, only("GET", 200, counsel, lead), "The demand"},
		{"GET", at + "/room/papers/none", nil, only("GET", 404, counsel, lead), "Not found"},
		{"GET", at + "/room/papers/" + paper, nil, only("GET", 200, counsel, lead), "That you read it is recorded"},
		{"GET", at + "/room/papers/" + paper + "/1.png", nil, only("GET", 409, counsel, lead), "look at the pages first"},
		{"POST", at + "/room/names", []string{"agency", "yes"}, only("POST", 409, counsel), ""},
		{"POST", at + "/room/papers/demand", []string{"word", "publish"}, only("POST", 409, counsel), ""},
		{"POST", at + "/room/papers/" + paper + "/pages/1", []string{"do", "keep"}, only("POST", 409, counsel), ""},
		{"POST", at + "/room/put", []string{"why", "x"}, only("POST", 409, counsel), ""},
		{"POST", at + "/room/agree", []string{"sum", "x", "why", "x"}, only("POST", 409, counsel, lead), ""},
		{"POST", at + "/room/return", []string{"return", "x"}, only("POST", 409, counsel, lead), ""},
		{"POST", at + "/room/withdraw", []string{"reason", "court", "words", "x"}, only("POST", 409, counsel), ""},
		{"GET", "/openings", nil, only("GET", 200, counsel, lead), "Give an auditor openings"},
		{"POST", "/openings", []string{"why", ""}, only("POST", 400, counsel, lead), "Say why"},
		{"POST", "/openings/none", nil, only("POST", 404, counsel, lead), ""},
		{"GET", "/cases/LL-2026-123456789012/room", nil, only("GET", 404, counsel, lead), "Not found"},
		{"GET", "/clock", nil, team("GET", 200), "in order"},
		{"GET", at, nil, team("GET", 200), reference},
		{"GET", at + "/accounts", nil, team("GET", 200), "1 account fits"},
		{"GET", at + "/accounts.csv", nil, team("GET", 200), "number,account,state"},
		{"GET", "/cases/LL-2026-999999/accounts", nil, team("GET", 404), "Not found"},
		{"GET", at + "/progress", nil, team("GET", 200), "How far "},
		{"GET", "/cases/LL-2026-999999", nil, team("GET", 404), "Not found"},
		{"GET", "/cases/LL-2026-123456789012", nil, team("GET", 404), "Not found"},
		{"GET", "/cases/nonsense", nil, team("GET", 404), "Not found"},
		{"GET", "/papers", nil, team("GET", 200), "From which agency"},
		{"GET", "/agencies", nil, team("GET", 200), "sheriff.harbor.example"},
		{"GET", "/officers/" + string(w.reyes.ID), nil, team("GET", 200), "reyes@sheriff.harbor.example"},
		{"GET", "/team", nil, team("GET", 200), "Members"},
		{"GET", "/team/" + id, nil, team("GET", 200), "Ines Okafor"},
		{"GET", "/law", nil, team("GET", 200), "18 USC 2703(d)"},
		{"GET", "/law/findings", nil, team("GET", 200), "FORM.UNSIGNED"},
		{"GET", "/law/lists", nil, team("GET", 200), "Lists behind the findings on rights"},
		{"GET", "/law/row/us.order.2703d", nil, team("GET", 200), "Hash of this row"},
		{"GET", "/law/row/no.such", nil, team("GET", 404), "Not found"},
		{"GET", "/drafts/unknown", nil, team("GET", 404), "Not found"},
		{"GET", "/drafts/unknown/email", nil, team("GET", 404), "Not found"},
		{"GET", "/papers/email", nil, team("GET", 200), "E-mail file"},
		{"GET", "/systems", nil, team("GET", 200), "No system is enrolled"},
		{"GET", "/systems/unknown", nil, team("GET", 404), "Not found"},
		{"POST", "/systems", nil, team("POST", 400), "Give the system"},
		{"POST", "/systems/unknown/rotate", []string{"days", "9", "overlap", "0", "why", "x"}, team("POST", 404), ""},
		{"POST", "/systems/unknown/revoke/x", nil, team("POST", 404), ""},
		{"POST", "/systems/unknown/end", []string{"reason", "x"}, team("POST", 404), ""},
		{"POST", "/papers/email", nil, team("POST", 400), ""},
		{"POST", "/drafts/unknown/email", nil, team("POST", 404), ""},
		{"POST", "/clock", nil, withStatus(only("POST", 409, deciders...), tied, 409), ""}, // nothing is held: no conflict is touched either
		{"GET", at + "/papers/" + paper, nil, team("GET", 200), "That you read it is recorded"},
		{"GET", at + "/papers/" + paper + "/1.png", nil, team("GET", 409), "with its “Read” button first"},
		{"POST", at + "/papers/" + paper + "/read", nil, team("POST", 303), ""},
		{"GET", at + "/papers/" + paper + "?page=1&zoom=close", nil, team("GET", 200), "Page 1 of 1"},
		{"GET", at + "/papers/" + paper + "/1.png", nil, team("GET", 200), "PNG"},
		{"GET", at + "/papers/" + paper + "/2.png", nil, team("GET", 404), "Not found"},
		{"GET", at + "/papers/" + paper + "/1.pdf", nil, team("GET", 404), "Not found"},
		{"GET", at + "/papers/" + paper + "?page=2", nil, team("GET", 404), "Not found"},
		{"POST", at + "/finding", []string{"add", "SCOPE.NO_NEXUS", "note", "x"}, withStatus(only("POST", 409, deciders...), trained, 303), ""},
		{"POST", at + "/finding/SCOPE.CATEGORY_UNREACHABLE", []string{"finding-SCOPE.CATEGORY_UNREACHABLE", "x", "holds", "no"}, only("POST", 303, deciders...), ""},
		{"POST", at + "/lookup/0", []string{"why-lookup", "x"}, only("POST", 303, deciders...), ""},
		{"POST", at + "/lookup-all", []string{"why-lookup", "x"}, only("POST", 303, deciders...), ""},
		{"POST", at + "/snapshot/0", []string{"from", "today", "why-snapshot-0", "x"}, only("POST", 303, deciders...), ""},
		{"POST", at + "/lookup/7", []string{"why-lookup", "x"}, only("POST", 400, deciders...), ""},
		{"POST", at + "/ask", []string{"question", "Which county?"}, only("POST", 303, deciders...), ""},
		{"POST", at + "/except", []string{"exception", "threat_to_life", "except", "x", "review", "2026-12-20"}, only("POST", 303, deciders...), ""},
		{"POST", at + "/later", []string{"until", "2027-01-01", "later", "x"}, only("POST", 409, deciders...), ""},
		{"POST", at + "/tell", []string{"tell", "x"}, only("POST", 409, deciders...), ""},
		{"POST", at + "/ask-second", nil, team("POST", 400), "Say why"},
		{"POST", at + "/propose", []string{"why-propose", "x"}, only("POST", 403, deciders...), ""}, // nobody has said that they have no tie
		{"POST", at + "/no-tie", []string{"why-no-tie", "x"}, only("POST", 303, deciders...), ""},
		{"POST", at + "/decide", []string{"verdict-name", "decline", "reason-name", "x"}, only("POST", 303, counsel), ""}, // it is assigned to nobody
		{"POST", at + "/propose", []string{"why-propose", "x"}, only("POST", 409, deciders...), ""},
		{"POST", at + "/answer", []string{"why-answer", "x"}, only("POST", 409, deciders...), ""},
		{"POST", at + "/take-back", []string{"withdraw", "x"}, only("POST", 303, deciders...), ""},
		{"POST", at + "/hold/unknown", []string{"hold-whyunknown", "x", "end", "yes"}, only("POST", 409, counsel), ""},
		{"POST", at + "/hold", []string{"hold-why", "x", "hold-day", "2027-03-01"}, only("POST", 303, counsel), ""},
		{"POST", at + "/objection/1", []string{"objection-1", "x", "uphold", "no"}, withStatus(only("POST", 404, counsel), counsel, 409), ""},
		{"POST", at + "/alarm/0", []string{"alarm-0", "x"}, team("POST", 404), ""},
		{"POST", at + "/withdrawn", []string{"withdrawn", "x"}, team("POST", 403), ""}, // an officer filed it
		{"POST", at + "/download/x", nil, team("POST", 403), ""},
		{"POST", at + "/passphrase/x", nil, team("POST", 403), ""},
		{"POST", at + "/assign", []string{"to", string(w.tied.id), "why-assign", "x"}, team("POST", 403), ""},
		{"POST", at + "/papers", nil, team("POST", 400), ""},
		{"POST", "/papers", nil, team("POST", 400), "Choose the agency"},
		{"POST", "/drafts/unknown", nil, team("POST", 404), ""},
		{"POST", "/agencies", nil, team("POST", 400), "Give the agency"},
		{"POST", "/officers/" + string(w.reyes.ID) + "/confirm", []string{"how", "x"}, team("POST", 409), ""},
		{"POST", "/team", []string{"name", "N", "mailbox", "n@l.example", "roles", "analyst", "why", "x"}, only("POST", 303, lead), ""},
		{"POST", "/team/" + id + "/train", []string{"policy", policy, "score", "90", "why", "x"}, only("POST", 303, lead), ""},
		{"POST", "/team/conflict", nil, team("POST", 400), "Say why"},
		{"POST", "/law/lists/expression/approve", []string{"hash", listHash(w), "why-expression", "x"}, only("POST", 303, counsel), ""},
		{"POST", "/law/row/us.order.2703d/approve", []string{"hash", rowHash(w), "why", "x"}, only("POST", 303, counsel), ""},
		{"POST", "/team/" + string(w.gone.id) + "/leave", []string{"leaving", "x"}, only("POST", 303, lead), ""},
		{"GET", "/agencies/" + string(w.harbor.ID), nil, team("GET", 200), "county directory"},
		{"GET", "/agencies/" + string(w.harbor.ID) + "/edit", nil, team("GET", 200), "Why you change it"},
		{"GET", "/agencies/unknown", nil, team("GET", 404), "Not found"},
		{"POST", "/agencies/" + string(w.harbor.ID) + "/edit", nil, team("POST", 400), "Give the agency"},
		{"POST", "/agencies/" + string(w.harbor.ID) + "/check", []string{"where", "the county's site"}, team("POST", 303), ""},
		{"POST", "/agencies/" + string(w.harbor.ID) + "/close", nil, team("POST", 400), "Give the reason"},
		{"POST", "/agencies/" + string(w.harbor.ID) + "/reopen", []string{"why", "x"}, team("POST", 409), ""},
		{"POST", "/officers/" + string(w.reyes.ID) + "/role", []string{"role", "supervisor", "role-why", "x"}, team("POST", 303), ""},
		{"POST", "/officers/" + string(w.reyes.ID) + "/hand-over", []string{"to", string(w.reyes.ID)}, team("POST", 400), "Give the reason"},
		{"POST", "/officers/" + string(w.reyes.ID) + "/lost", nil, team("POST", 400), "Say what they told you"},
		{"GET", "/rules", nil, team("GET", 200), "New network"},
		{"POST", "/rules", []string{"limit", "burst.requests", "to", "3", "why", "x"}, only("POST", 303, lead), ""},
		{"POST", "/rules", []string{"limit", "burst.requests", "to", "many", "why", "x"}, only("POST", 400, lead), ""},
		{"POST", "/rules/unknown", []string{"agree", "yes", "why-unknown", "x"}, withStatus(only("POST", 404, lead), counsel, 404), ""},
		{"GET", "/cuts", nil, team("GET", 200), "never used"},
		{"GET", at + "/compromise", nil, team("GET", 404), "Not found"},
		{"POST", "/cuts", nil, team("POST", 400), "choose what is compromised"},
		{"POST", "/cuts", []string{"what", "domain:sheriff.harbor.example", "cut", "taken over"}, team("POST", 303), ""},
		{"GET", "/cuts", nil, team("GET", 200), "sheriff.harbor.example"},
		{"GET", "/cuts/unknown", nil, team("GET", 404), "Not found"},
		{"GET", at + "/compromise", nil, team("GET", 200), "Second review"},
		{"POST", at + "/second-review", []string{"outcome", "genuine", "why", "x"}, withStatus(withStatus(only("POST", 409, deciders...), trained, 303), counsel, 403), ""},
		{"POST", at + "/breach-notice", []string{"draft", "x"}, only("POST", 409, counsel), ""},
		{"POST", "/officers/" + string(w.reyes.ID) + "/disable", []string{"reason", "x"}, team("POST", 303), ""},
	}
}

func TestEveryRouteAndEveryVisitor(t *testing.T) {
	w := newWorld(t)
	n := w.file(w.order())
	people := map[string]*member{nobody: w.stranger(""), officer: w.planted(string(w.reyes.ID)), untrained: w.untrained, tied: w.tied, trained: w.analyst, counsel: w.counsel, lead: w.lead, left: w.gone}
	for _, x := range w.routes(n) {
		for _, who := range order {
			before := w.load(n).Version()
			p := w.send(people[who].b.Client, x.method, x.path, values(x.form))
			if p.Status != x.status[who] {
				t.Errorf("%s %s for %s: %d, want %d: %s", x.method, x.path, who, p.Status, x.status[who], first(p))
			}
			inside := !slices.Contains([]string{nobody, officer, left}, who)
			if inside && p.Status == x.status[who] && p.Status != http.StatusForbidden && !strings.Contains(string(p.Body), x.shows) {
				t.Errorf("%s %s does not show %s %q: %s", x.method, x.path, who, x.shows, first(p))
			}
			if p.Status >= 400 && w.load(n).Version() != before {
				t.Errorf("%s %s refused %s and changed the case", x.method, x.path, who)
			}
			if !inside {
				for _, secret := range []string{reference, string(n), "Reyes", "2025550142", "Okafor", "%PDF"} {
					if strings.Contains(string(p.Body), secret) && !strings.Contains(x.path, secret) {
						t.Errorf("%s %s shows %q to %s", x.method, x.path, secret, who)
					}
				}
			}
		}
	}
}

func withStatus(m map[string]int, who string, status int) map[string]int { m[who] = status; return m }

func first(p *browser.Page) string {
	s := string(p.Body)
	if i := strings.Index(s, "<main"); i >= 0 {
		s = s[i:]
	}
	return s[:min(len(s), 900)]
}

func values(form []string) url.Values {
	v := url.Values{}
	for i := 0; i+1 < len(form); i += 2 {
		v.Add(form[i], form[i+1])
	}
	return v
}

func listHash(w *world) string {
	w.Helper()
	l, ok := w.desk.Law.RightsList("expression")
	if !ok {
		w.Fatal("no list")
	}
	return l.Hash().String()
}

func rowHash(w *world) string {
	w.Helper()
	row, ok := w.desk.Law.Row("us.order.2703d", w.clock.Now())
	if !ok {
		w.Fatal("no row")
	}
	return row.Hash().String()
}

func TestAPageHidesWhatAMemberMayNotDo(t *testing.T) {
	w := newWorld(t)
	n := w.file(w.order())
	for who, m := range map[string]*member{"untrained": w.untrained, "tied": w.tied} {
		p := m.get(path(n))
		says(t, p, 200, "You do not decide this case", reference)
		for _, b := range []string{"Record the decision", "Propose the grants", "Look up", "It holds", "Ask the agency", "Record it", "Add the finding"} {
			if _, err := p.Form(b); err == nil {
				t.Errorf("%s is offered %q", who, b)
			}
		}
	}
	says(t, w.untrained.get(path(n)), 200, "no current training")
	says(t, w.tied.get(path(n)), 200, "worked there until 2025")
	silent(t, w.analyst.get("/team"), "Send the invitation", "worked there until 2025")
	silent(t, w.analyst.get("/team/"+string(w.tied.id)), "worked there until 2025", "Record training", "End the membership")
	says(t, w.lead.get("/team/"+string(w.tied.id)), 200, "worked there until 2025", "Record training")
	silent(t, w.analyst.get("/law/row/us.order.2703d"), "Approve this row")
}

func TestASealedCaseDoesNotExistForTheUncleared(t *testing.T) {
	w := newWorld(t)
	plain := w.file(w.order())
	before := map[string]string{}
	pages := []string{"/", "/?list=1", "/?list=1&lane=sealed", "/?list=1&open=yes", "/?list=1&phase=waiting", "/?list=1&agency=" + string(w.harbor.ID), "/papers", "/team", "/agencies"}
	for _, p := range pages {
		before[p] = main(w.analyst.get(p))
	}
	d := w.order()
	d.Process, d.Reference, d.Wanted = "us.nsl", "NSL-SECRET", []casefile.Item{"name"}
	n := w.file(d)
	if !n.Sealed() {
		t.Fatalf("%s is not sealed", n)
	}
	for _, p := range pages {
		if got := main(w.analyst.get(p)); got != before[p] {
			t.Errorf("%s differs since a sealed case came:\n%s\n%s", p, before[p], got)
		}
	}
	silent(t, w.analyst.get("/"), "Sealed", string(n))
	silent(t, w.analyst.get("/papers"), "National security letter", "us.nsl")
	says(t, w.cleared.get("/"), 200, "Sealed", string(n), string(plain))
	says(t, w.cleared.get(path(n)), 200, "NSL-SECRET", "for those on its list only")
	missing := "/cases/LL-2026-555555555555"
	for _, who := range []*member{w.analyst, w.counsel, w.untrained} {
		got, gone := who.get(path(n)), who.get(missing)
		if got.Status != 404 || main(got) != main(gone) {
			t.Errorf("%s can tell a sealed case from none: %d %s", who.name, got.Status, main(got))
		}
		for _, act := range []string{"assign", "decide", "ask", "lookup/0", "propose", "answer", "tell", "finding", "alarm/0", "withdrawn", "papers/x/read", "download/x", "passphrase/x"} {
			form := []string{"to", string(who.id), "question", "x", "tell", "x", "add", "x", "note", "x", "withdrawn", "x", "alarm-0", "x"}
			a, b := who.post(path(n)+"/"+act, form...), who.post(missing+"/"+act, form...)
			if a.Status != 404 || a.Status != b.Status || string(a.Body) != string(b.Body) {
				t.Errorf("%s can tell by %s: %d, %d", who.name, act, a.Status, b.Status)
			}
		}
	}
	if c := w.load(n); c.Version() != 1 {
		t.Errorf("something was done: %d events", c.Version())
	}
	says(t, w.cleared.press(w.cleared.get(path(n)), "Assign", "to", string(w.cleared.id)), 200, "Assigned.")
	p := w.cleared.get(path(n))
	silent(t, p, "Ines Okafor (analyst)") // nobody is offered it who may not know of it
}

// main is what a page shows between header and footer.
func main(p *browser.Page) string {
	s := string(p.Body)
	i, j := strings.Index(s, "<main"), strings.Index(s, "</main>")
	if i < 0 || j < 0 {
		return s
	}
	return s[i:j]
}

func TestTheQueueGoesOnToTheNextPage(t *testing.T) {
	w := newWorld(t)
	for range 12 {
		w.file(w.order())
		w.clock.Advance(time.Minute)
	}
	seen := map[string]bool{}
	p := w.analyst.get("/?list=1&open=yes&rows=5")
	for i := 0; ; i++ {
		for _, l := range p.Links("LL-2026-") {
			if seen[l] {
				t.Errorf("%s is on two pages", l)
			}
			seen[l] = true
		}
		next := p.Links("Next page")
		if len(next) == 0 {
			break
		}
		u, err := url.Parse(next[0])
		w.ok(err)
		p = w.analyst.get(u.RequestURI())
		if i > 5 {
			t.Fatal("the queue has no end")
		}
	}
	if len(seen) != 12 {
		t.Errorf("%d cases on all pages, want 12", len(seen))
	}
	says(t, w.analyst.get("/?list=1&mine=yes"), 200, "No case fits")
}

func TestALostPasskeyAndAStrangersComeNoFurther(t *testing.T) {
	w := newWorld(t)
	s := w.stranger("Mallory")
	must(s.pk.Enrol(w.site, "mallory"))(w)
	p := s.ceremony(s.get("/signin"))
	says(t, p, 401, "not enrolled here")
	p = s.get("/enrol/no-such-link")
	says(t, p, 410, "used up or too old")
	if got := s.post("/enrol/no-such-link", "answer", "{}"); got.Status != 410 {
		t.Errorf("a forged link: %d", got.Status)
	}
	for _, to := range []string{"//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"} {
		if strings.Contains(string(s.get("/signin?back="+url.QueryEscape(to)).Body), "evil") {
			t.Errorf("signing in leads to %s", to)
		}
	}
	req := must(http.NewRequest("POST", w.url+"/team", strings.NewReader("name=x")))(w)
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	res := must(w.lead.b.Client.Do(req))(w)
	res.Body.Close()
	if res.StatusCode != 403 {
		t.Errorf("another site's form: %d", res.StatusCode)
	}
}

func TestNoRecordNoActButStopsGoOn(t *testing.T) {
	w := newWorld(t)
	n := w.file(w.order())
	w.approve("us.order.2703d")
	a := w.analyst
	a.study(n)
	a.press(a.decideAll(n), "Propose the grants")
	before := w.load(n).Version()
	w.ledger.broken = true
	for _, x := range []struct {
		path string
		form []string
	}{{"/ask", []string{"question", "Which county?"}}, {"/lookup/0", []string{"why-lookup", "x"}}, {"/finding", []string{"add", "SCOPE.NO_NEXUS", "note", "x"}}, {"/assign", []string{"to", string(w.counsel.id), "why-assign", "x"}}} {
		p := a.post(path(n)+x.path, x.form...)
		if p.Status != 503 || !strings.Contains(string(p.Body), "without a record nothing is done") {
			t.Errorf("%s without a ledger: %d %s", x.path, p.Status, first(p))
		}
	}
	if got := w.lead.press(w.lead.get(path(n)), "Read order.pdf"); got.Status != 503 {
		t.Errorf("a paper was shown without a record: %d", got.Status)
	}
	if w.load(n).Version() != before {
		t.Error("something was done without a record")
	}
	says(t, a.press(a.get(path(n)), "Take them back", "withdraw", "the ledger is down"), 200, "The grants are taken back")
	says(t, a.press(a.get("/officers/"+string(w.reyes.ID)), "Disable", "reason", "lost the phone"), 200, "Disabled")
	says(t, w.lead.press(w.lead.get("/team/"+string(a.id)), "End it", "leaving", "another job"), 200, "has ended")
}

var (
	ids    = regexp.MustCompile(`\sid="([^"]+)"`)
	fields = regexp.MustCompile(`<(?:input|select|textarea)\s[^>]*>`)
	labels = regexp.MustCompile(`<label for="([^"]+)"`)
)

func TestEveryPageIsReadable(t *testing.T) {
	w := newWorld(t)
	n := w.night()
	w.analyst.study(n)
	for _, x := range []string{"/", "/?list=1", "/clock", path(n), "/cases/LL-2026-000002", "/cases/LL-2026-000003", "/cases/LL-2026-000004", "/cases/LL-2026-000005", "/papers", "/agencies",
		"/officers/" + string(w.reyes.ID), "/team", "/team/" + string(w.analyst.id), "/law", "/law/row/us.nsl", "/law/findings", "/law/lists"} {
		for _, m := range []*member{w.analyst, w.lead, w.counsel} {
			body := string(m.get(x).Body)
			seen := map[string]bool{}
			for _, id := range ids.FindAllStringSubmatch(body, -1) {
				if seen[id[1]] {
					t.Errorf("%s has the id %q twice", x, id[1])
				}
				seen[id[1]] = true
			}
			named := map[string]bool{}
			for _, l := range labels.FindAllStringSubmatch(body, -1) {
				named[l[1]] = true
			}
			for _, f := range fields.FindAllString(body, -1) {
				id := ids.FindStringSubmatch(f)
				if !strings.Contains(f, `type="hidden"`) && (id == nil || !named[id[1]]) {
					t.Errorf("%s has a field without a label: %s", x, f)
				}
			}
			if strings.Count(body, "<h1") != 1 || strings.Contains(body, "style=") || strings.Contains(body, "onclick") || !strings.Contains(body, `<html lang="en"`) {
				t.Errorf("%s has no one heading, or carries style or script", x)
			}
		}
	}
}
