package console_test

import (
	"cmp"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"letterlock/desk/casefile"
	"letterlock/desk/staff"
	"letterlock/internal/testkit/browser"
)

var gated = regexp.MustCompile(`\b(in|do)\("(?:(GET|POST) )?([^"]*)", casefile\.(\w+),`)

// address is one address of the site and the permission that its line names.
type address struct {
	method, path string
	need         casefile.Permission
}

// addresses reads every line that gives an address to a page.
func addresses(t *testing.T) (out []address) {
	t.Helper()
	byName := map[string]casefile.Permission{}
	src, err := os.ReadFile(filepath.Join("..", "..", "desk", "casefile", "permission.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(\w+)\s+Permission = "([^"]+)"`).FindAllStringSubmatch(string(src), -1) {
		byName[m[1]] = casefile.Permission(m[2])
	}
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		for _, m := range gated.FindAllStringSubmatch(string(b), -1) {
			a := address{m[2], m[3], byName[m[4]]}
			if m[1] == "do" {
				a.method, a.path = "POST", "/cases/{n}/"+m[3]
			}
			if a.need == "" {
				t.Fatalf("%s: %s names no permission", f, m[0])
			}
			out = append(out, a)
		}
	}
	return out
}

var inPath = regexp.MustCompile(`\{[^}]*\}`)

// TestEveryRouteAsksTheTable walks every address of the console with a member
// of every role, and compares what it answers with the table of desk/staff.
func TestEveryRouteAsksTheTable(t *testing.T) {
	w := newWorld(t)
	all := addresses(t)
	if len(all) < 50 {
		t.Fatalf("only %d addresses were found", len(all))
	}
	people := map[staff.Role]*member{}
	for _, r := range staff.Roles {
		people[r] = w.join(strings.ToUpper(string(r[:1]))+string(r[1:])+" Person", true, false, r)
	}
	for _, a := range all {
		path := strings.ReplaceAll(a.path, "{n}", "LL-2026-999999")
		path = strings.TrimSuffix(inPath.ReplaceAllString(path, "0"), "0")
		if strings.HasSuffix(a.path, "}") && !strings.HasSuffix(a.path, "{$}") && !strings.HasSuffix(a.path, "{n}") {
			path += "0"
		}
		for r, m := range people {
			p := w.send(m.b.Client, a.method, path, nil)
			refused := p.Status == 403 && p.Has("your role may not")
			if a.path == "/{$}" && !r.May(a.need) {
				refused = p.Status == 303 // led to a page that is theirs
			}
			if refused == r.May(a.need) {
				t.Errorf("%s %s (%s) answers %s with %d; the table says %v", a.method, path, a.need, r, p.Status, r.May(a.need))
			}
		}
	}
}

// table answers which permission an address needs.
type table struct {
	mux  *http.ServeMux
	need map[string]casefile.Permission
}

func tableOf(t *testing.T) table {
	x := table{http.NewServeMux(), map[string]casefile.Permission{}}
	for _, a := range addresses(t) {
		pattern := a.method + " " + a.path
		x.mux.Handle(pattern, http.NotFoundHandler())
		x.need[pattern] = a.need
	}
	return x
}

// of is the pattern that an address has; empty: none that asks the table.
func (x table) of(method, address string) (string, casefile.Permission) {
	r, err := http.NewRequest(method, address, nil)
	if err != nil {
		return "", ""
	}
	_, pattern := x.mux.Handler(r)
	return pattern, x.need[pattern]
}

// mostOfAKind is how many pages of one pattern are looked at; of cases, all.
const mostOfAKind = 4

// offers walks from some pages by their links, as far as they lead, and returns
// the patterns of the forms that a role is offered, each with a page that has it.
func (x table) offers(w *world, m *member, r staff.Role, from ...string) map[string]string {
	w.Helper()
	out, seen, kinds := map[string]string{}, map[string]bool{}, map[string]int{}
	for len(from) > 0 {
		at := from[0]
		from = from[1:]
		pattern, _ := x.of("GET", at)
		if seen[at] || pattern == "" || kinds[pattern] >= mostOfAKind && pattern != "GET /cases/{n}" {
			continue
		}
		seen[at], kinds[pattern] = true, kinds[pattern]+1
		p := must(m.b.Get(at))(w)
		if p.Status == 403 && p.Has("your role may not") {
			w.Errorf("%s is led to %s, which refuses: %s", r, at, first(p))
		}
		if !strings.Contains(p.Header.Get("Content-Type"), "html") {
			continue
		}
		for _, f := range p.Forms("") {
			w.offered(x, r, f, p, out)
		}
		for _, l := range p.Links("") {
			if l, _, _ = strings.Cut(l, "#"); strings.HasPrefix(l, w.url+"/") {
				from = append(from, l)
			}
		}
	}
	return out
}

// offered holds one form against the table.
func (w *world) offered(x table, r staff.Role, f *browser.Form, p *browser.Page, out map[string]string) {
	w.Helper()
	method := strings.ToUpper(cmp.Or(f.Attr("method"), "get"))
	to := must(p.URL.Parse(f.Attr("action")))(w)
	pattern, need := x.of(method, to.String())
	switch {
	case to.Path == "/signout" || strings.HasPrefix(to.Path, "/signin"):
	case need == "":
		w.Errorf("%s has a form to %s %s, which is no address of the table", p.URL.Path, method, to.Path)
	case !r.May(need):
		w.Errorf("%s is offered %s on %s, and the table refuses it (%s)", r, pattern, p.URL.Path, need)
	default:
		out[pattern] = p.URL.Path
	}
}

// everyState is a house with cases in every state that a page has forms for.
func (w *world) everyState() []casefile.Number {
	w.Helper()
	f := floor{ordinary: w.night(), urgent: "LL-2026-000002", preserve: "LL-2026-000003", weaken: "LL-2026-000004", asked: "LL-2026-000005"}
	w.custodianJoins()
	w.decided(&f)
	w.analyst.study(f.typed)
	w.analyst.press(w.analyst.get(path(f.typed)), "Ask", "question", "Which form?")
	handed := w.typed("P-2026-2")
	w.analyst.study(handed)
	for _, i := range w.load(handed).Demand.Wanted {
		w.analyst.press(w.analyst.get(path(handed)), "Record the decision", "verdict-"+string(i), "decline", "reason", "no")
	}
	says(w.T, w.analyst.press(w.analyst.get(path(handed)), "Answer without records"), 200)
	w.pass(10 * time.Minute)
	w.door.Object(string(f.signing), "This is not my number.")
	w.pass(10 * time.Minute)
	w.drills()
	f.certificate = w.waits()
	return []casefile.Number{f.ordinary, f.urgent, f.preserve, f.weaken, f.asked, f.typed, handed, f.open, f.signing, f.answered, f.certificate}
}

// TestThePagesOfferOnlyWhatTheRoleMay walks, with a member of every role, from
// their first page and the cases that they may open wherever links lead, and
// holds every form against the table. So that it cannot pass for want of forms,
// it names some that must be there, and for whom.
func TestThePagesOfferOnlyWhatTheRoleMay(t *testing.T) {
	w := newWorld(t)
	cases, x := w.everyState(), tableOf(t)
	wanted := []string{"POST /next", "POST /cases/{n}/papers", "POST /cases/{n}/reply/{q}", "POST /cases/{n}/alarm/{a}", "POST /cases/{n}/download/{p}", "POST /cases/{n}/passphrase/{p}", "POST /cases/{n}/assign", "POST /cases/{n}/opinion"}
	for _, r := range staff.Roles {
		m := w.join(strings.ToUpper(string(r[:1]))+string(r[1:])+" Person", true, false, r)
		from := []string{w.url + "/"}
		for _, n := range cases {
			if r == staff.Outside {
				w.ok(w.desk.Review.Lend(t.Context(), w.counsel.id, n, m.id, w.clock.Now().AddDate(0, 0, 7), "Is the order final?"))
			}
			if r.May(casefile.OpenCases) {
				from = append(from, w.url+path(n))
			}
		}
		got := x.offers(w, m, r, from...)
		for _, pattern := range wanted {
			if need := x.need[pattern]; got[pattern] == "" && need != "" && r.May(need) && r.May(casefile.OpenCases) {
				t.Errorf("%s may %s (%s) and is offered it nowhere", r, pattern, need)
			}
		}
	}
	for _, pattern := range wanted {
		if x.need[pattern] == "" {
			t.Errorf("%s is no address", pattern)
		}
	}
}
