package center_test

import (
	"context"
	"encoding/xml"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"letterlock/internal/clock"
	"letterlock/internal/fault"
	"letterlock/law"
	"letterlock/ledger"
	"letterlock/ledger/proof"
	"letterlock/transparency"
	"letterlock/web/center"
)

// public is the site with one report, a witness and keys.
func public(t *testing.T) http.Handler {
	t.Helper()
	c := clock.NewManual(time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC))
	dir := filepath.Join(t.TempDir(), "l")
	check(t, ledger.Create(dir, ledger.Default("example.org/desk"), c, nil))
	l, err := ledger.Open(dir, ledger.Options{Clock: c})
	check(t, err)
	t.Cleanup(func() { l.Close() })
	h, err := center.New(center.Config{Owner: "Example Messenger", Contact: "desk@example.org", Origin: "https://example.org", ContactKeys: "age1example", Law: law.Default(),
		Reports: reports(t), Documents: documents(t, l, c), Logs: map[string]center.Log{"desk": l}, Trust: func(context.Context) (any, error) { return map[string]any{"keys": []string{}}, nil }, Clock: c, Build: "00ff"})
	check(t, err)
	return h
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func reports(t *testing.T) fs.FS {
	t.Helper()
	p, err := transparency.ParsePeriod("2026H1")
	check(t, err)
	r, err := transparency.Build(transparency.Input{Provider: "Example Messenger", Period: p, Head: transparency.Head{Origin: "example.org/desk", Time: p.Until(), Note: "x"}})
	check(t, err)
	files, err := r.Files()
	check(t, err)
	out := fstest.MapFS{"2026H1/secret.txt": {Data: []byte("not for the public")}, "2025H1/report.json": {Data: []byte("{}")}, "secret": {Data: []byte("x")}}
	for name, b := range files {
		out["2026H1/"+name] = &fstest.MapFile{Data: b}
	}
	return out
}

func TestWhatIsPublished(t *testing.T) {
	h := public(t)
	for path, must := range map[string][]string{
		"/reports":                               {"January to June 2026", "/reports/2026H1/"},
		"/reports/2026H1/":                       {"Transparency report", "0</strong> requests"},
		"/reports/2026H1/report.json":            {`"letterlock.report.v1"`},
		"/reports/2026H1/report.csv":             {"period,table"},
		"/reports/2026H1/report.schema.json":     {"json-schema.org"},
		"/changes":                               {"text read on this day", "Hash of the table"},
		"/logs":                                  {"Marco Civil", "no switch"},
		"/privacy":                               {"Last seen date", "letter export"},
		"/security":                              {"two people have signed", "verify history"},
		"/contact":                               {"desk@example.org", "age1example"},
		"/.well-known/security.txt":              {"Contact: mailto:desk@example.org", "Expires: 2027-11-23", "Canonical: https://example.org/"},
		"/feed.xml":                              {"2026H1", "http://www.w3.org/2005/Atom", "Document: Court order, United States", "A document was taken out"},
		"/documents":                             {"Court order", "2 papers, 2 pages shown, 1 withheld", "taken out on 21 November 2026", "in writing: 3.", "verify document"},
		"/documents/counts.json":                 {`"objected": 3`},
		"/documents/00000000000000aa/":           {"Harbor County", "What was asked", "2 of 3 pages shown; 1 withheld", "Page 3 of 3, as a picture, with 2 parts blacked out"},
		"/documents/00000000000000aa/demand.txt": {"What was asked"},
		"/documents/00000000000000aa/manifest.json":          {`"letterlock.document.v1"`},
		"/documents/00000000000000aa/paper-01-page-0003.png": {"PNG"},
		"/documents/00000000000000bb/":                       {"a court ordered it", "The file is sealed.", "ledger.proof"},
		"/documents/00000000000000bb/tombstone.json":         {"The file is sealed."},
		"/ledger": {"No witness outside this house", "verify history"},
	} {
		w := get(h, path)
		if w.Code != http.StatusOK {
			t.Errorf("%s: %d", path, w.Code)
		}
		for _, s := range must {
			if !strings.Contains(w.Body.String(), s) {
				t.Errorf("%s lacks %q", path, s)
			}
		}
	}
	for _, path := range []string{"/reports/2026H1/secret.txt", "/reports/2025H2/", "/reports/..%2fsecret/report.json", "/reports/2026H1/../../secret", "/reports/2026h1/report.json",
		"/documents/00000000000000bb/demand.txt", "/documents/00000000000000bb/manifest.json", "/documents/00000000000000aa/secret.txt", "/documents/.setting/", "/documents/.setting/00000000000000cc", "/documents/00000000000000cc/", "/documents/..%2f/manifest.json", "/documents/00000000000000aa/paper-01-page-0002.png"} {
		if w := get(h, path); w.Code == http.StatusOK {
			t.Errorf("%s is public: %s", path, w.Body.String())
		}
	}
	var feed struct {
		Entry []struct {
			Title string `xml:"title"`
		} `xml:"entry"`
	}
	check(t, xml.Unmarshal(get(h, "/feed.xml").Body.Bytes(), &feed))
	if len(feed.Entry) < 10 {
		t.Errorf("%d entries in the feed", len(feed.Entry))
	}
	if csp := get(h, "/reports/2026H1/").Header().Get("Content-Security-Policy"); !strings.Contains(csp, transparency.StyleHash()) || strings.Contains(csp, "unsafe") {
		t.Errorf("policy of the report's page: %s", csp)
	}
}

// The exported files have every page that the site's links lead to, and lead
// nowhere else.
func TestTheSiteAsFiles(t *testing.T) {
	s := httptest.NewServer(public(t))
	defer s.Close()
	dir := t.TempDir()
	files, err := center.Export(context.Background(), s.Client(), s.URL, dir)
	check(t, err)
	has := map[string]bool{}
	for _, f := range files {
		has[f] = true
	}
	for _, f := range []string{"index.html", "stored/index.html", "guidelines/index.html", "guidelines/us.warrant.search/index.html", "reports/index.html", "reports/2026H1/index.html",
		"documents/index.html", "documents/counts.json", "documents/00000000000000aa/index.html", "documents/00000000000000aa/manifest.json", "documents/00000000000000aa/ledger.proof", "documents/00000000000000aa/demand.txt",
		"documents/00000000000000aa/paper-01-page-0001.png", "documents/00000000000000bb/index.html", "documents/00000000000000bb/tombstone.json", "reports/2026H1/report.json", "reports/2026H1/report.csv", "reports/2026H1/report.sig", "feed.xml", "trust.json", "privacy/index.html", ".well-known/security.txt", "ledger/desk/checkpoint"} {
		if !has[f] && f != "reports/2026H1/report.sig" {
			t.Errorf("%s is missing among %d files", f, len(files))
		}
	}
	static := httptest.NewServer(http.FileServer(http.Dir(dir)))
	defer static.Close()
	for _, f := range files {
		b, err := os.ReadFile(filepath.Join(dir, f))
		check(t, err)
		if strings.Contains(string(b), s.URL) {
			t.Errorf("%s names the address it was exported from", f)
		}
	}
	res, err := static.Client().Get(static.URL + "/guidelines/")
	check(t, err)
	res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Errorf("guidelines as a file: %s", res.Status)
	}
}

// TestACopyProvesThatItContinuesTheOneBefore: what a visitor kept from one copy
// is enough to check the next, and a ledger with another past is not published.
func TestACopyProvesThatItContinuesTheOneBefore(t *testing.T) {
	ctx, c := context.Background(), clock.NewManual(time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC))
	l, s := running(t, c)
	var copies []string
	for range 3 {
		dir := t.TempDir()
		_, err := center.Export(ctx, s.Client(), s.URL, dir)
		check(t, err)
		if len(copies) > 0 {
			files, err := center.Since(ctx, s.Client(), s.URL, copies[len(copies)-1], dir)
			check(t, err)
			if len(files) != len(copies) {
				t.Fatalf("%d proofs in the copy after %d others", len(files), len(copies))
			}
		}
		copies = append(copies, dir)
		c.Advance(time.Hour)
		check(t, l.Tick(ctx))
	}
	for _, earlier := range copies[:2] {
		older := checkpoint(t, earlier, l)
		b, err := os.ReadFile(filepath.Join(copies[2], "ledger", "desk", "since", strconv.FormatInt(older.Size, 10)+".json"))
		check(t, err)
		given, err := proof.ParseContinuation(b)
		check(t, err)
		path, err := given.Path()
		check(t, err)
		keys, err := proof.ParseKeys(l.Keys()...)
		check(t, err)
		newer, err := proof.OpenCheckpoint([]byte(given.Checkpoint), keys)
		check(t, err)
		check(t, proof.Consistent(older.Checkpoint, newer.Checkpoint, path))
		if newer.Size <= older.Size {
			t.Errorf("%d leaves after %d", newer.Size, older.Size)
		}
	}
	foreign, other := running(t, c) // the same name, another past
	for range 4 {
		c.Advance(time.Hour)
		check(t, foreign.Tick(ctx))
	}
	if _, err := center.Since(ctx, other.Client(), other.URL, copies[1], t.TempDir()); fault.KindOf(err) != fault.Conflict {
		t.Errorf("another past: %v", err)
	}
	if _, err := center.Since(ctx, s.Client(), s.URL, t.TempDir(), t.TempDir()); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a folder that is no export: %v", err)
	}
}

// running is a public site with a ledger of its own.
func running(t *testing.T, c *clock.Manual) (*ledger.Ledger, *httptest.Server) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "l")
	check(t, ledger.Create(dir, ledger.Default("example.org/desk"), c, nil))
	l, err := ledger.Open(dir, ledger.Options{Clock: c})
	check(t, err)
	t.Cleanup(func() { l.Close() })
	h, err := center.New(center.Config{Owner: "Example Messenger", Contact: "desk@example.org", Origin: "https://example.org", Law: law.Default(),
		Logs: map[string]center.Log{"desk": l}, Trust: func(context.Context) (any, error) { return map[string]any{"keys": []string{}}, nil }, Clock: c})
	check(t, err)
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return l, s
}

// checkpoint is the one that a copy shows.
func checkpoint(t *testing.T, dir string, l *ledger.Ledger) proof.Signed {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "ledger", "desk", "checkpoint"))
	check(t, err)
	keys, err := proof.ParseKeys(l.Keys()...)
	check(t, err)
	out, err := proof.OpenCheckpoint(b, keys)
	check(t, err)
	return out
}
