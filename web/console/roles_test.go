package console_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"letterlock/desk/casefile"
	"letterlock/desk/staff"
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

// TestThePagesOfferOnlyWhatTheRoleMay opens every page of the navigation.
func TestThePagesOfferOnlyWhatTheRoleMay(t *testing.T) {
	w := newWorld(t)
	for _, r := range staff.Roles {
		m := w.join(strings.ToUpper(string(r[:1]))+string(r[1:])+" Person", true, false, r)
		at := must(m.b.Get(w.url + "/"))(w)
		says(t, at, 200)
		for _, l := range at.Links("") {
			if strings.Contains(l, "/signout") || !strings.HasPrefix(l, w.url+"/") || strings.Contains(l, "#") {
				continue
			}
			if p := must(m.b.Get(l))(w); p.Status != 200 {
				t.Errorf("%s is led to %s, which answers %d", r, l, p.Status)
			}
		}
	}
}
