package portal_test

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"letterlock/desk/casefile"
	"letterlock/disclosable"
	"letterlock/internal/lang"
	"letterlock/law"
)

// said collects every text that an officer can read, from where it is written:
// pages, Go source, the law table, the inventory. The value tells whether it
// counts something.
type said map[string]bool

func (s said) add(text string, counts bool) {
	if strings.IndexFunc(lang.Written(text), func(r rune) bool { return r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' }) < 0 && !strings.Contains(text, "¦") {
		return // signs and figures alone
	}
	s[text] = s[text] || counts
}

const root = "../../"

func everythingSaid(t *testing.T) said {
	s := said{}
	for _, dir := range []string{"web/portal/pages", "web/kit/html"} {
		must(t, fs.WalkDir(os.DirFS(root), dir, func(p string, d fs.DirEntry, err error) error {
			if err == nil && filepath.Ext(p) == ".html" {
				s.page(read(t, root+p))
			}
			return err
		}))
	}
	for _, dir := range []string{"web/portal", "web/demand", "web/kit", "web/words", "desk/intake", "desk/agency", "desk/casefile", "desk", "desk/produce", "desk/emergency", "desk/paper", "internal/passkey", "internal/lang", "disclosable"} {
		s.source(t, dir)
	}
	s.add(casefile.ResponseTeam, false)
	for _, x := range law.Default().Texts() {
		s.add(x, false)
	}
	for _, r := range law.Default().Rows() {
		s.add(law.Default().PlaceName(r.Jurisdiction), false)
	}
	for _, c := range law.Countries() {
		s.add(law.Default().PlaceName(c), false)
	}
	for _, f := range disclosable.Fields() {
		s.add(f.Title, false)
		s.add(f.Meaning, false)
		s.add(f.Form, false)
		s.add(f.Purpose, false)
		s.add(f.Retention, false)
	}
	for _, a := range disclosable.Absents() {
		s.add(a.What, false)
		s.add(a.Why, false)
	}
	return s
}

func read(t *testing.T, p string) string {
	t.Helper()
	b, err := os.ReadFile(p)
	must(t, err)
	return string(b)
}

var (
	action  = regexp.MustCompile(`(?s)\{\{.*?\}\}`)
	quotes  = regexp.MustCompile(`"((?:[^"\\]|\\.)*)"`)
	oneText = regexp.MustCompile(`\bt "((?:[^"\\]|\\.)*)"`)
	counts  = regexp.MustCompile(`\bn \S+ "((?:[^"\\]|\\.)*)" "((?:[^"\\]|\\.)*)"`)
	parts   = regexp.MustCompile(`(?:callout|badge|link|table|columns|fact|\.Form\.[A-Z]\w+)(?: "(?:[^"\\]|\\.)*")+`)
)

// page takes the texts of a template: what t and n say, and what components
// are given.
func (s said) page(text string) {
	for _, a := range action.FindAllString(text, -1) {
		for _, m := range oneText.FindAllStringSubmatch(a, -1) {
			s.add(m[1], false)
		}
		for _, m := range counts.FindAllStringSubmatch(a, -1) {
			s.add(m[2], true)
		}
		for _, m := range parts.FindAllString(a, -1) {
			for _, q := range quotes.FindAllStringSubmatch(m, -1)[1:] {
				s.add(q[1], false)
			}
		}
	}
}

// fields are what the kit translates when it shows a component.
var shown = []string{"Title", "Lead", "Label", "Text", "Hint", "Caption", "Empty", "Button", "Explain", "Intro", "FixWords", "Then", "Level", "What", "Items", "Why"}

// take says which arguments of a call are texts.
var take = map[string][]int{"T": {0}, "Say": {0}, "bare": {1}, "Words": {0}, "Text": {1, 2}, "Email": {1, 2}, "Tel": {1, 2}, "Date": {1, 2}, "Number": {1, 2}, "Search": {1, 2}, "Moment": {1, 2},
	"Long": {1, 2}, "Select": {1, 2}, "Radio": {1, 2}, "Checks": {1, 2}, "Check": {1, 2}, "File": {1, 2}, "Like": {0}, "add": {0}, "Need": {1}, "Bad": {1}, "Done": {4}, "Columns": {0, 1, 2, 3, 4, 5, 6},
	"New": {2}, "Wrap": {3}, "sendLink": {2, 3}, "NewMail": {1, 2}}

// officersOnly are the packages whose every fault can reach an officer.
func faults(dir string) bool {
	return slices.Contains([]string{"web/portal", "web/demand", "web/kit", "desk/intake", "desk/agency", "desk/paper", "internal/passkey"}, dir)
}

// teams are files whose texts reach the team alone.
var teams = []string{"web/demand/team.go", "desk/agency/confirm.go", "desk/agency/cut.go", "desk/agency/edit.go", "desk/agency/network.go", "desk/agency/system.go"}

func pages(dir string) bool {
	return slices.Contains([]string{"web/portal", "web/demand", "web/kit", "web/words"}, dir)
}

func (s said) source(t *testing.T, dir string) {
	fset := token.NewFileSet()
	files, err := filepath.Glob(root + dir + "/*.go")
	must(t, err)
	var parsed []*ast.File
	wrappers := map[string]int{} // functions that make a fault of their argument "format"
	for _, p := range files {
		if strings.HasSuffix(p, "_test.go") || slices.Contains(teams, strings.TrimPrefix(p, root)) {
			continue
		}
		f, err := parser.ParseFile(fset, p, nil, 0)
		must(t, err)
		parsed = append(parsed, f)
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && faults(dir) {
				i := 0
				for _, p := range fn.Type.Params.List {
					for _, n := range p.Names {
						if n.Name == "format" || n.Name == "say" {
							wrappers[fn.Name.Name] = i
						}
						i++
					}
				}
			}
		}
	}
	for _, f := range parsed {
		ast.Inspect(f, func(n ast.Node) bool {
			switch x := n.(type) {
			case *ast.CallExpr:
				s.call(dir, x, wrappers)
			case *ast.BasicLit:
				if v, ok := text(x); ok && (dir == "web/portal" || dir == "web/demand") && sentence.MatchString(v) && !strings.Contains(v, "%d") { // what counts is taken from its call
					s.literal(x)
				}
			case *ast.KeyValueExpr:
				if k, ok := x.Key.(*ast.Ident); ok && pages(dir) && slices.Contains(shown, k.Name) {
					s.literal(x.Value)
				}
			case *ast.ValueSpec:
				if dir == "web/demand" && x.Names[0].Name == "examples" {
					s.values(x)
				}
			case *ast.FuncDecl:
				if wordy(dir, fset.Position(x.Pos()).Filename, x) {
					ast.Inspect(x.Body, func(n ast.Node) bool {
						if l, ok := n.(*ast.BasicLit); ok {
							s.literal(l)
						}
						return true
					})
				}
			}
			return true
		})
	}
}

// values takes the texts of a table.
func (s said) values(x *ast.ValueSpec) {
	for _, v := range x.Values {
		if table, ok := v.(*ast.CompositeLit); ok {
			for _, e := range table.Elts {
				if kv, ok := e.(*ast.KeyValueExpr); ok {
					s.literal(kv.Value)
				}
			}
		}
	}
}

// sentence is what a page of ours can only mean for people, wherever it stands.
var sentence = regexp.MustCompile(`^[A-Z][a-z]+(?:$|[ ,.:’])`)

// wordy functions give nothing back but texts for people.
func wordy(dir, file string, f *ast.FuncDecl) bool {
	if f.Type.Results == nil || len(f.Type.Results.List) == 0 {
		return false
	}
	r, ok := f.Type.Results.List[0].Type.(*ast.Ident)
	if !ok || r.Name != "string" || f.Body == nil {
		return false
	}
	switch {
	case dir == "web/words", dir == "web/portal" && filepath.Base(file) == "words.go":
		return f.Name.Name != "Lower"
	case dir == "web/demand":
		return f.Name.Name == "Title" || f.Name.Name == "groupHint"
	case dir == "web/kit":
		return f.Name.Name == "advice"
	case dir == "desk/casefile":
		recv := ""
		if f.Recv != nil {
			if id, ok := f.Recv.List[0].Type.(*ast.Ident); ok {
				recv = id.Name
			}
		}
		return f.Name.Name == "InWords" && (recv == "Phase" || recv == "AgencyRole") || f.Name.Name == "Title" && recv == "Item" || f.Name.Name == "toldAs"
	}
	return false
}

func (s said) call(dir string, x *ast.CallExpr, wrappers map[string]int) {
	name := ""
	switch f := x.Fun.(type) {
	case *ast.Ident:
		name = f.Name
	case *ast.SelectorExpr:
		name = f.Sel.Name
		if id, ok := f.X.(*ast.Ident); (name == "New" || name == "Wrap") && (!ok || id.Name != "fault" || !faults(dir)) {
			return
		}
	}
	if name == "N" && len(x.Args) >= 3 {
		if v, ok := text(x.Args[2]); ok {
			s.add(v, true)
		}
		return
	}
	if i, ok := wrappers[name]; ok && i < len(x.Args) {
		s.literal(x.Args[i])
		return
	}
	if strings.HasPrefix(dir, "desk/") && (name == "Text" || name == "Check" || name == "Done") || name == "Columns" && !pages(dir) {
		return
	}
	for _, i := range take[name] {
		if i < len(x.Args) {
			s.literal(x.Args[i])
		}
	}
}

func (s said) literal(e ast.Expr) {
	if v, ok := text(e); ok && v != "" {
		s.add(strings.ReplaceAll(v, "%%", "%"), false)
	}
}

// text is a string literal, or several put together.
func text(e ast.Expr) (string, bool) {
	switch x := e.(type) {
	case *ast.BasicLit:
		v, err := strconv.Unquote(x.Value)
		return v, err == nil && x.Kind == token.STRING
	case *ast.BinaryExpr:
		a, ok := text(x.X)
		b, also := text(x.Y)
		return a + b, ok && also
	}
	return "", false
}

// written are all texts of the source from which an officer may be told
// something, wherever they stand: a translation that none of them has is left
// over.
func written(t *testing.T) map[string]bool {
	out := map[string]bool{}
	for _, dir := range []string{"desk", "web", "internal"} {
		must(t, filepath.WalkDir(root+dir, func(p string, d fs.DirEntry, err error) error {
			if err != nil || filepath.Ext(p) != ".go" || strings.HasSuffix(p, "_test.go") {
				return err
			}
			f, err := parser.ParseFile(token.NewFileSet(), p, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(f, func(n ast.Node) bool {
				if e, ok := n.(ast.Expr); ok {
					if v, ok := text(e); ok {
						out[v] = true
					}
				}
				return true
			})
			return nil
		}))
	}
	return out
}

// TestNoTextStandsInAPageByItself: what is not said through t is English for
// everyone.
func TestNoTextStandsInAPageByItself(t *testing.T) {
	pages, err := filepath.Glob("pages/*.html")
	must(t, err)
	if len(pages) < 15 {
		t.Fatalf("only %d pages were found", len(pages))
	}
	plain := regexp.MustCompile(`[A-Za-z]{2,}`)
	verbatim := regexp.MustCompile(`(?s)<(pre|code)\b.*?</(pre|code)>`)
	attribute := regexp.MustCompile(`\b(alt|title|aria-label|placeholder)="([^"]*)"`)
	tag := regexp.MustCompile(`(?s)<[^>]*>`)
	for _, p := range pages {
		src := action.ReplaceAllString(verbatim.ReplaceAllString(read(t, p), ""), "")
		for _, m := range attribute.FindAllStringSubmatch(src, -1) {
			if plain.MatchString(m[2]) {
				t.Errorf("%s: the attribute %s is %q", p, m[1], m[2])
			}
		}
		for _, x := range plain.FindAllString(strings.ReplaceAll(tag.ReplaceAllString(src, " "), "/trust.json", ""), -1) {
			t.Errorf("%s: %q stands outside t", p, x)
		}
	}
}

// sameEverywhere are texts that are no words of a language.
var sameEverywhere = regexp.MustCompile(`^(\W|%[sdq]|\d|DEMO|USC|UTC|SHA|MiB|age1|ASIO|ASIS|ASD)*$|^18 USC|^LL-2026-|^URN |^https://example|^No$|^Error:$|^Secretary of State$|^Foreign Intelligence|^Selector$|^no$|^Australia$|^India$|^(Austria|Bulgaria|Estonia|Liechtenstein|Malta|Portugal)$|^Hindi$|^supervisor$|^\/trust.json$|^National Security Letter$`)

// TestNothingWasLeftInEnglish: a translation equal to its English is one only
// where there is nothing to translate.
func TestNothingWasLeftInEnglish(t *testing.T) {
	for _, code := range []string{"es", "ar"} {
		l := lang.Default().Tongue(code)
		for k, counts := range lang.Keys() {
			if !counts && l.T(k) == lang.Written(k) && !sameEverywhere.MatchString(lang.Written(k)) {
				t.Errorf("%s: %q is its own translation", code, k)
			}
		}
	}
}

func TestEveryTextOfAnOfficerIsTranslated(t *testing.T) {
	s := everythingSaid(t)
	if p := os.Getenv("TEXTS"); p != "" { // what a translator has to do
		b, err := json.Marshal(map[string]bool(s))
		must(t, err)
		must(t, os.WriteFile(p, b, 0o600))
	}
	other := written(t)
	for _, x := range lang.Default().Check(s) {
		if x.What != "unused" || !other[x.Key] {
			t.Error(x)
		}
	}
	if len(s) < 900 {
		t.Errorf("only %d texts were found: the test has lost its way", len(s))
	}
}
