package walk

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// Pages walks pages, each in every way.
func (w *Walker) Pages(pages ...Page) {
	w.Helper()
	for _, p := range pages {
		if p.Lang == "" {
			p.Lang = "en"
		}
		w.page(p)
		w.Found.Pages++
	}
}

func (w *Walker) page(p Page) {
	w.Helper()
	w.look(wide)
	w.Open(p.Path)
	w.Here(p)
}

// Here walks the page that is open.
func (w *Walker) Here(p Page) {
	w.Helper()
	if p.Lang == "" {
		p.Lang = "en"
	}
	where := p.Name + " " + p.Path
	w.tell()
	if h, err := run[string](w, "(document.querySelector('h1')||document.body).innerText"); err != nil || !strings.Contains(h, p.Heading) {
		w.Errorf("%s: the heading is %q, not %q (%v)\n%s", where, h, p.Heading, err, w.Text())
		return
	}
	if got, err := run[int](w, "performance.getEntriesByType('navigation')[0].responseStatus"); err != nil || got >= 400 && got != p.Status && !strings.HasPrefix(p.Name, "missing") {
		w.Errorf("%s: answered with %d (%v)", where, got, err)
	}
	bad, err := run[[]string](w, "walk.shape('"+p.Lang+"')")
	w.ok(err)
	for _, b := range bad {
		w.Errorf("%s: %s", where, b)
	}
	begun := time.Now()
	w.looks(where, p)
	looked := time.Now()
	if !p.Brief {
		w.keyboard(where)
	}
	if d := time.Since(begun); d > 3*time.Second {
		w.Logf("%s: looked at for %s, then by keyboard for %s", where, looked.Sub(begun).Round(time.Millisecond), time.Since(looked).Round(time.Millisecond))
	}
}

func (w *Walker) looks(where string, p Page) {
	w.Helper()
	for _, l := range []look{wide, narrow, narrowDark, wideDark} {
		if p.Brief && (l == wideDark || l == narrowDark && p.Lang != "en") { // nothing but the words changes with the language
			continue
		}
		w.look(l)
		if p.Name != "" && l != narrowDark && (!p.Brief || l == wide) {
			w.picture(p.Name + l.suffix)
		}
		w.within(chromedp.Evaluate[chromedp.Void]("walk.open()"))
		if over, err := run[string](w, "walk.over()"); err != nil || over != "" {
			w.Errorf("%s at %d px: %s (%v)", where, l.width, over, err)
		}
		only := ""
		if l.scheme == "dark" {
			only = "color-contrast" // nothing else of a page changes with its colours
		}
		w.check(where+l.suffix, p, only)
	}
	w.look(wide)
}

// Report says what the walk counted.
func (w *Walker) Report() {
	w.Helper()
	f := w.Found
	w.Logf("%d pages walked in %d looks: %d elements focused, %d details opened, %d forms sent by Enter, %d violations", f.Pages, f.Looks, f.Focused, f.Details, f.Forms, f.Violations)
}

var address = regexp.MustCompile(`"GET (/[^" ]*)"`)

// Complete fails for every address to read that the Go files of this package
// register and the pages do not walk, except those named: files and ways onward,
// not pages.
func Complete(t *testing.T, pages []Page, files ...string) {
	t.Helper()
	sources, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, f := range files {
		known[f] = false
	}
	found := 0
	for _, f := range sources {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(f, "_test.go") {
			continue
		}
		for _, m := range address.FindAllStringSubmatch(string(b), -1) {
			found++
			if _, file := known[m[1]]; file {
				known[m[1]] = true
			} else if !walked(pages, m[1]) {
				t.Errorf("nobody walks GET %s", m[1])
			}
		}
	}
	for f, there := range known {
		if !there {
			t.Errorf("GET %s is no address of this site", f)
		}
	}
	if found < 5 {
		t.Fatalf("only %d addresses found", found)
	}
}

var part = regexp.MustCompile(`\\\{[^}]*\\\}`)

func walked(pages []Page, pattern string) bool {
	// A literal address is never walked by one with a name in its place.
	re := regexp.MustCompile("^" + part.ReplaceAllString(regexp.QuoteMeta(strings.TrimSuffix(pattern, "{$}")), "[^/]+") + "$")
	for _, p := range pages {
		path, _, _ := strings.Cut(p.Path, "?")
		if p.Lang == "" || p.Lang == "en" {
			if re.MatchString(path) {
				return true
			}
		}
	}
	return false
}
