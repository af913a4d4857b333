// Package kit is the shared look and plumbing of the server-rendered sites:
// layout, components, style sheet, headers, sessions, limits and error pages.
// It knows no domain: what a page is about comes from the site.
//
// A site gives its templates, one file per page, each defining "main"; files
// whose names begin with "_" are shared by all pages:
//
//	//go:embed pages
//	var pages embed.FS
//
//	k, err := kit.New(kit.Config{Name: "Portal for agencies", Owner: "Example Messenger", Mark: "portal", Pages: pages, Clock: c, Log: log})
//	mux := http.NewServeMux()
//	mux.HandleFunc("GET /requests", k.Handle(func(w http.ResponseWriter, r *http.Request) error {
//		rows, err := list(r)
//		if err != nil {
//			return err // an error page, with fault.Say and what to do next
//		}
//		return k.Page(w, r, http.StatusOK, "requests.html", kit.Page{Title: "Your requests", User: "Det. O. Reyes", Here: "/requests", Data: rows})
//	}))
//	handler := k.Protect(mux) // headers, cross-origin defence, size limits, assets, panics
//
// and in pages/requests.html:
//
//	{{define "main"}}
//	{{show (table "Your requests" .Data.Columns .Data.Rows "No request yet.")}}
//	{{show (.Form.Text "ref" "Your reference" "As it stands on the order")}}
//	{{end}}
//
// In a page, `.` is Page, `.Data` the site's own, and `show` renders any
// component of this package (Form fields, Table, Facts, Timeline, Board, Badge,
// TimeLeft, Progress, Callout, Ceremony, Link) or escapes whatever else it gets.
package kit

import (
	"bytes"
	"fmt"
	"html/template"
	"io/fs"
	"log/slog"
	"net/http"
	"path"
	"strings"

	"letterlock/internal/clock"
	"letterlock/internal/lang"
	"letterlock/internal/note"
)

// Config describes one site.
type Config struct {
	Name   string // which site this is, as the header says it
	Owner  string // whose service it is
	Mark   string // portal, console, release, center: the site's colour
	Note   string // one line in the header: who serves this page
	Home   string // where the header's name leads; "/" if empty
	Foot   []Link // links of the footer
	Pages  fs.FS  // templates, *.html anywhere in it
	Funcs  template.FuncMap
	Spoken func(*lang.Tongue) template.FuncMap // functions that speak a language; nil: none
	Book   *lang.Book                          // the languages that a reader can choose; nil: English alone
	Secure bool                                // served over https: HSTS, __Host- cookies
	Demo   bool                                // says so on every page, and offers the software key
	Clock  clock.Clock
	Log    *slog.Logger
	// Aside takes what must not be in the log and reports that it did: failures
	// on pages of sealed matters. Nil: there is none.
	Aside func(r *http.Request, what error) bool
	// Limit is the largest body of a request in bytes; 0 is DefaultBody. Nil:
	// DefaultBody for all.
	Limit func(r *http.Request) int64
}

// DefaultBody is the largest form without a file.
const DefaultBody = 64 << 10

// Kit renders one site.
type Kit struct {
	c    Config
	sets map[string]*set // by language
}

// set is the site in one language.
type set struct {
	tongue *lang.Tongue
	pages  map[string]*template.Template
	fail   *template.Template
	kept   *template.Template
}

// Page is what one page adds to the layout.
type Page struct {
	Title   string
	Lead    string   // one sentence under the title
	User    string   // who is signed in; empty: nobody
	SignOut string   // address the sign-out button posts to; empty: none
	Here    string   // URL of the Nav entry that is current
	Nav     []Link   // the site's own navigation
	Trail   []Link   // the way here, above the title
	Flash   *Flash   // what just happened
	Err     error    // what is wrong: announced, in words fit for people
	Form    *Form    // errors of its fields are listed at the top
	Scripts []string // "passkey.js" is added by itself when a Ceremony is shown
	Wide    bool     // tables and boards
	Tongues string   // address that takes a choice of language; empty: it is kept in the browser
	Data    any
}

// Flash is the outcome of the last act, shown once.
type Flash struct {
	Tone Tone
	Text string
}

// Link is a way on.
type Link struct {
	Text, URL string
	Count     int  // shown when not zero
	Strong    bool // drawn as a button
}

// New parses the site's templates and refuses any that does not parse.
func New(c Config) (*Kit, error) {
	if c.Clock == nil {
		return nil, fmt.Errorf("kit: a site needs a clock")
	}
	if c.Log == nil {
		c.Log = note.Discard()
	}
	if c.Home == "" {
		c.Home = "/"
	}
	k := &Kit{c: c, sets: map[string]*set{}}
	tongues := c.Book.Tongues()
	if len(tongues) == 0 {
		tongues = []*lang.Tongue{nil}
	}
	for _, t := range tongues {
		if err := k.parse(t); err != nil {
			return nil, err
		}
	}
	return k, nil
}

// parse makes the site in one language.
func (k *Kit) parse(t *lang.Tongue) error {
	s := &set{tongue: t, pages: map[string]*template.Template{}}
	k.sets[t.Code()] = s
	base := template.New("layout.html").Funcs(k.funcs(s)).Funcs(k.c.Funcs)
	if k.c.Spoken != nil {
		base = base.Funcs(k.c.Spoken(t))
	}
	base, err := base.ParseFS(own, "html/*.html")
	if err != nil {
		return fmt.Errorf("kit: %w", err)
	}
	if s.fail, err = base.Clone(); err != nil {
		return err
	}
	if _, err = s.fail.Parse(`{{define "main"}}{{template "failure" .Data}}{{end}}`); err != nil {
		return err
	}
	if s.kept, err = base.Clone(); err != nil {
		return err
	}
	if _, err = s.kept.Parse(`{{define "main"}}{{template "kept" .Data}}{{end}}`); err != nil {
		return err
	}
	return k.parsePages(s, base)
}

func (k *Kit) parsePages(s *set, base *template.Template) error {
	if k.c.Pages == nil {
		return nil
	}
	var shared, pages []string
	err := fs.WalkDir(k.c.Pages, ".", func(p string, d fs.DirEntry, err error) error {
		switch {
		case err != nil || d.IsDir() || path.Ext(p) != ".html":
		case strings.HasPrefix(path.Base(p), "_"):
			shared = append(shared, p)
		default:
			pages = append(pages, p)
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, p := range pages {
		t, err := base.Clone()
		if err != nil {
			return err
		}
		if t, err = t.ParseFS(k.c.Pages, append([]string{p}, shared...)...); err != nil {
			return fmt.Errorf("kit: %w", err)
		}
		if _, dup := s.pages[path.Base(p)]; dup || t.Lookup("main") == nil {
			return fmt.Errorf("kit: page %s defines no main, or is there twice", p)
		}
		s.pages[path.Base(p)] = t
	}
	return nil
}

// view is what the layout sees.
type view struct {
	Page
	Site   Config
	Assets string
	Now    string
	Lang   string
	Dir    string
	Others []Choice // the languages to choose from; empty: only one
	Back   string   // this page's address, for the choice of language
}

// Wrong reports a page that says what is wrong with something.
func (v view) Wrong() bool { return v.Err != nil || v.Form != nil && !v.Form.OK() }

// Page renders a page by the base name of its file. Nothing is written when
// rendering fails.
func (k *Kit) Page(w http.ResponseWriter, r *http.Request, status int, name string, p Page) error {
	s := k.set(r)
	t := s.pages[name]
	if t == nil {
		return fmt.Errorf("kit: no page %q", name)
	}
	return k.render(w, r, status, s, t, p)
}

func (k *Kit) render(w http.ResponseWriter, r *http.Request, status int, s *set, t *template.Template, p Page) error {
	if p.Flash == nil {
		p.Flash = k.takeFlash(w, r)
	}
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, "layout.html", k.view(r, s, p)); err != nil {
		return fmt.Errorf("kit: render: %w", err)
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	if h.Get("Cache-Control") == "" {
		h.Set("Cache-Control", "no-store")
	}
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		w.Write(b.Bytes())
	}
	return nil
}
