package portal_test

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"letterlock/desk/casefile"
	"letterlock/internal/testkit/browser"
	"letterlock/web/kit"
)

// route is one address and what each kind of visitor gets there.
type route struct {
	method, path string
	status       map[string]int // by visitor
	owner        string         // what the owner must see
}

// The visitors, and what a page for officers answers them.
const (
	nobodyHere  = "nobody"
	ownerHere   = "officer A"
	otherHere   = "officer B"
	waitingHere = "waiting officer"
	endedHere   = "disabled officer"
	memberHere  = "member's session"
)

var everyone = []string{nobodyHere, ownerHere, otherHere, waitingHere, endedHere, memberHere}

// all answers everyone alike.
func all(status int) map[string]int {
	m := map[string]int{}
	for _, v := range everyone {
		m[v] = status
	}
	return m
}

// officers answers active officers with one status, waiting ones with the page
// that says so, and sends anyone else to sign in or away.
func officers(method string, owner, other int) map[string]int {
	m := all(http.StatusUnauthorized)
	if method == "GET" {
		m[nobodyHere] = http.StatusSeeOther
		m[endedHere] = http.StatusSeeOther // their sessions are gone
	}
	m[waitingHere] = http.StatusForbidden
	m[ownerHere], m[otherHere] = owner, other
	return m
}

// waitingToo answers an officer who waits for confirmation as well.
func waitingToo(m map[string]int, status int) map[string]int {
	m[waitingHere] = status
	return m
}

const secretReference = "SHERIFF 2026/17"

func TestEveryRouteAndEveryVisitor(t *testing.T) {
	w := newWorld(t, false)
	a, _ := w.officer("Olga Reyes", "o.reyes@sheriff.harbor.example")
	n := a.file()
	w.act(n, casefile.Event{Kind: casefile.KAsked, Question: &casefile.Question{ID: "q1", Text: "Which county?", By: lead, At: w.clock.Now()}})
	w.answerWith(n, []byte("sealed bytes"), "CORRECT-HORSE")
	open := a.file2()
	p := a.through(fill(a.begin("us.order.2703d").Steps()))
	draft := draftOf(p)
	c, err := w.files.Load(t.Context(), n)
	must(t, err)
	pkg, at := string(c.Packages[0].ID), "/requests/"+string(n)
	openAt := "/requests/" + string(open)
	b, _ := w.officer("Paul Stone", "p.stone@sheriff.harbor.example")
	waiting := w.visitor()
	waiting.enrol("Wanda Late", "w.late@sheriff.harbor.example")
	ended, gone := w.officer("Eve Past", "e.past@sheriff.harbor.example")
	must(t, w.agency.Disable(t.Context(), lead, gone.ID, "left the agency"))
	people := map[string]*visitor{nobodyHere: w.visitor(), ownerHere: a, otherHere: b, waitingHere: waiting, endedHere: ended}
	// A member's token would have to be in the portal's own store to be found
	// at all. Even then it opens nothing.
	raw := sha256.Sum256([]byte("a member's token"))
	must(t, w.store.PutSession(t.Context(), kit.Session{Token: sha256.Sum256(raw[:]), Who: string(lead.ID), Begun: w.clock.Now(), Seen: w.clock.Now()}))
	token := base64.RawURLEncoding.EncodeToString(raw[:])

	routes := []route{
		{"GET", "/", all(200), "What do you hold?"},
		{"GET", "/find", all(200), "What can I get with what?"},
		{"GET", "/process/us.order.2703d", all(200), "Court order for records"},
		{"GET", "/process/us.none", all(404), "Not found"},
		{"GET", "/enrol", all(200), "Official mailbox"},
		{"POST", "/enrol", all(400), "Give your name"},
		{"GET", "/enrol/sent", all(200), "a link is on its way"},
		{"GET", "/link/unknown", all(410), "used up or too old"},
		{"POST", "/link/unknown", all(410), "used up or too old"},
		{"GET", "/signin", all(200), "Sign in"},
		{"POST", "/signin", all(400), ""},
		{"POST", "/language", all(400), "choose one of the languages"},
		{"GET", "/open", all(200), "verify open"},
		{"GET", "/open/verify.html", all(200), "Check"},
		{"GET", "/open/%2e%2e%2fsecret", all(404), "Not found"},
		{"GET", "/account", officers("GET", 200, 200), "o.reyes@sheriff.harbor.example"},
		{"POST", "/account/key", waitingToo(officers("POST", 400, 400), 400), ""},
		{"POST", "/account/key/drop", officers("POST", 404, 404), ""},
		{"GET", "/agency", officers("GET", 200, 200), "Your role"},
		{"POST", "/agency/end/unknown", officers("POST", 400, 400), ""},
		{"GET", openAt + "/hand-over", officers("GET", 200, 404), "to a colleague"},
		{"POST", openAt + "/hand-over", officers("POST", 400, 404), ""},
		{"POST", "/account/recipient", officers("POST", 400, 400), "begins with age1"},
		{"GET", "/new", officers("GET", 200, 200), "which paper do you hold"},
		{"POST", "/new", officers("POST", 400, 400), "Choose the kind of paper"},
		{"GET", draft, officers("GET", 303, 404), ""},
		{"GET", draft + "/kind", officers("GET", 200, 404), "Step 1 of 7: Kind of paper"},
		{"POST", draft + "/kind", officers("POST", 400, 404), "Choose the kind of paper"},
		{"GET", draft + "/step/paper", officers("GET", 200, 404), secretReference},
		{"GET", draft + "/step/emergency", officers("GET", 404, 404), "no such step"},
		{"POST", draft + "/step/accounts", officers("POST", 303, 404), ""},
		{"GET", draft + "/papers", officers("GET", 200, 404), "Add a paper"},
		{"POST", draft + "/papers", officers("POST", 400, 400), "could not be read"},
		{"POST", draft + "/drop-paper/x", officers("POST", 404, 404), ""},
		{"GET", draft + "/review", officers("GET", 200, 404), "Findings before sending"},
		{"POST", draft + "/send", officers("POST", 400, 404), "Please confirm"},
		{"GET", draft + "/delete", officers("GET", 200, 404), "Delete this draft?"},
		{"GET", "/requests", officers("GET", 200, 200), string(n)},
		{"GET", at, officers("GET", 200, 404), secretReference},
		{"POST", at + "/answer/q1", officers("POST", 400, 404), "Write your answer first"},
		{"GET", openAt + "/accounts", officers("GET", 200, 404), "Accounts of request"},
		{"GET", openAt + "/accounts.csv", officers("GET", 200, 404), "number,account,state"},
		{"GET", openAt + "/correct", officers("GET", 200, 404), "Correct request"},
		{"POST", openAt + "/correct", officers("POST", 400, 404), "Say in a few words"},
		{"GET", openAt + "/withdraw", officers("GET", 200, 404), "Withdraw request"},
		{"POST", openAt + "/papers", officers("POST", 400, 404), "could not be read"},
		{"POST", at + "/passphrase/nothing", officers("POST", 404, 404), ""},
		{"GET", at + "/download/nothing", officers("GET", 404, 404), ""},
		{"GET", at + "/download/" + pkg, officers("GET", 200, 404), "sealed bytes"},
		{"POST", at + "/passphrase/" + pkg, officers("POST", 200, 404), "CORRECT-HORSE"},
		{"GET", "/requests/LL-2026-999999", officers("GET", 404, 404), "Not found"},
		{"GET", "/requests/LL-2026-123456789012", officers("GET", 404, 404), "Not found"},
		{"POST", at + "/renew", officers("POST", 404, 404), "no such preservation"},
		{"POST", openAt + "/withdraw", officers("POST", 400, 404), "Give the reason."},
		{"POST", draft + "/delete", officers("POST", 303, 404), ""},
		{"POST", "/signout", all(303), ""},
	}
	private := []string{secretReference, string(n), string(open), "26-MJ-0417", "2025550199", "sealed bytes", "CORRECT-HORSE", "Which county"}
	for _, x := range routes {
		// The owner comes last: what they do may end what the address names.
		for _, who := range []string{nobodyHere, otherHere, waitingHere, endedHere, memberHere, ownerHere} {
			got := request(t, w, x, people[who], token)
			if got.Status != x.status[who] {
				t.Errorf("%s %s for %s: %d, want %d: %s", x.method, x.path, who, got.Status, x.status[who], got.Text())
			}
			text := string(got.Body)
			if who == ownerHere {
				if !got.Has(x.owner) {
					t.Errorf("%s %s does not show the owner %q: %s", x.method, x.path, x.owner, got.Text())
				}
				continue
			}
			for _, s := range private {
				if strings.Contains(text, s) && !strings.Contains(x.path, s) {
					t.Errorf("%s %s shows %q to %s", x.method, x.path, s, who)
				}
			}
		}
	}
	complete(t, routes, draft, at, openAt, pkg)
	after, err := w.files.Load(t.Context(), n)
	must(t, err)
	if d := after.Packages[0].Downloads; len(d) != 1 || d[0].By.Name != "Olga Reyes" {
		t.Errorf("downloads recorded: %+v", d)
	}
}

// request sends without following redirects.
func request(t *testing.T, w *world, x route, v *visitor, token string) *browser.Page {
	t.Helper()
	b := browser.New()
	if v != nil {
		b.Client.Jar = v.b.Client.Jar
	}
	b.Client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	req, err := http.NewRequest(x.method, w.url+x.path, strings.NewReader(""))
	must(t, err)
	if v == nil {
		req.AddCookie(&http.Cookie{Name: "portal-session", Value: token})
	}
	if x.method == "POST" {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	if x.path == "/signout" {
		b.Client.Jar = nil // whoever signs out here is nobody: the sessions go on
	}
	p, err := b.Do(req)
	must(t, err)
	return p
}

// complete fails if the site has a route that the table leaves out.
func complete(t *testing.T, table []route, draft, at, openAt, pkg string) {
	t.Helper()
	src, err := os.ReadFile("portal.go")
	must(t, err)
	found := regexp.MustCompile(`(?:open|mine)\("(GET|POST) ([^"]+)"`).FindAllStringSubmatch(string(src), -1)
	if len(found) < 30 {
		t.Fatalf("only %d routes found", len(found))
	}
	for _, f := range found {
		pattern := regexp.MustCompile("^" + regexp.MustCompile(`\\\{[^}]*\\\}`).ReplaceAllString(regexp.QuoteMeta(strings.TrimSuffix(f[2], "{$}")), "[^/]+") + "$")
		if !slices.ContainsFunc(table, func(r route) bool { return r.method == f[1] && pattern.MatchString(r.path) }) {
			t.Errorf("no row for %s %s", f[1], f[2])
		}
	}
}

// file2 files a second request, so that one is still open.
func (v *visitor) file2() casefile.Number {
	v.w.t.Helper()
	p := v.through(fill(v.begin("us.order.2703d").Steps()).Set("case_ref", "26-MJ-0418"))
	p = v.press(v.form(p, "Upload").File("file", "second.pdf", "application/pdf", pdf("second")), "Upload")
	p, err := p.Follow("Go on: check and send")
	must(v.w.t, err)
	p = v.press(v.form(p, "Send the request").Check("attest", "yes"), "Send the request")
	says(v.w.t, p, http.StatusOK, "Your request is with us")
	return casefile.Number(strings.TrimPrefix(p.URL.Path, "/requests/"))
}

func TestAFormFromAnotherSiteIsRefused(t *testing.T) {
	w := newWorld(t, false)
	v, _ := w.officer("Olga Reyes", "o.reyes@sheriff.harbor.example")
	n := v.file()
	req, err := http.NewRequest("POST", w.url+"/requests/"+string(n)+"/withdraw", strings.NewReader("why=x"))
	must(t, err)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", "https://evil.example")
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	p, err := v.b.Do(req)
	must(t, err)
	says(t, p, http.StatusForbidden, "another site")
	if c, err := w.files.Load(t.Context(), n); err != nil || c.Withdrawn {
		t.Error("withdrawn by another site's page")
	}
}

func TestADisabledOfficerIsCutOffAtOnce(t *testing.T) {
	w := newWorld(t, false)
	v, o := w.officer("Olga Reyes", "o.reyes@sheriff.harbor.example")
	n := v.file()
	must(t, w.agency.Disable(t.Context(), lead, o.ID, "phone stolen"))
	p := v.get("/requests/" + string(n))
	says(t, p, http.StatusOK, "Sign in")
	if p.Has(secretReference) {
		t.Error("a disabled officer sees a request")
	}
	says(t, v.ceremony(p), http.StatusUnauthorized, "not enrolled here")
}

func TestASessionEnds(t *testing.T) {
	w := newWorld(t, false)
	v, _ := w.officer("Olga Reyes", "o.reyes@sheriff.harbor.example")
	w.clock.Advance(119 * time.Minute)
	says(t, v.get("/account"), http.StatusOK, "My keys")
	w.clock.Advance(121 * time.Minute)
	says(t, v.get("/account"), http.StatusOK, "With the passkey that you registered")
}
