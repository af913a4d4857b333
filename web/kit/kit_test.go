package kit_test

import (
	"embed"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"letterlock/internal/clock"
	"letterlock/internal/fault"
	"letterlock/internal/lang"
	"letterlock/internal/passkey"
	"letterlock/web/kit"
)

//go:embed testdata/pages
var pages embed.FS

var now = time.Date(2026, 11, 23, 7, 30, 0, 0, time.UTC)

type gallery struct {
	Steps    kit.Steps
	Left     kit.TimeLeft
	Callout  kit.Callout
	Facts    kit.Facts
	Table    kit.Table
	Board    kit.Board
	Progress kit.Progress
	Timeline kit.Timeline
	Options  []kit.Option
	Ceremony kit.Ceremony
}

func site(t *testing.T, change func(*kit.Config)) (*kit.Kit, *clock.Manual) {
	t.Helper()
	c := clock.NewManual(now)
	cfg := kit.Config{Name: "Signatures", Owner: "Example Messenger", Mark: "release", Note: "Served by the carrier.", Pages: pages, Book: lang.Default(), Clock: c, Demo: true,
		Foot: []kit.Link{{Text: "What is stored", URL: "/stored"}}}
	if change != nil {
		change(&cfg)
	}
	k, err := kit.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return k, c
}

func data() gallery {
	left := kit.TimeLeft{Now: now, Start: now.Add(-5 * 24 * time.Hour), Due: now.Add(20 * time.Hour), What: "to answer"}
	return gallery{
		Steps:    kit.Steps{{Text: "Received", Done: true, At: now.Add(-time.Hour)}, {Text: "In review", Current: true}, {Text: "Signed"}, {Text: "Collected"}},
		Left:     left,
		Callout:  kit.Callout{Tone: kit.Warn, Title: "Two findings", Text: "The order can be sent, but expect questions.", Items: []string{"The period has no end.", "The signature page is missing."}},
		Facts:    kit.Facts{{"Agency", "Harbor County Sheriff <script>alert(1)</script>"}, {"Hash", kit.Code(strings.Repeat("9f3a", 16))}, {"Received", kit.Stamp(now)}, {"State", kit.Group{kit.Badge{Tone: kit.Good, Text: "in force"}, kit.Badge{Tone: kit.Info, Text: "sealed"}}}},
		Table:    kit.Table{Caption: "Requests", Columns: []kit.Column{{Title: "Number"}, {Title: "Under"}, {Title: "Fields", Right: true}, {Title: "Due"}}, Rows: [][]any{{kit.Link{Text: "LL-2026-000017", URL: "/c/17"}, "Court order, 18 USC 2703(d)", 3, left}, {kit.Link{Text: "LL-2026-000018", URL: "/c/18"}, "Subpoena", 1, kit.TimeLeft{Now: now, Due: now.Add(-time.Hour)}}}},
		Board:    kit.Board{{Title: "New", Cards: []kit.Card{{Title: "LL-2026-000017", URL: "/c/17", Facts: []string{"Harbor County Sheriff"}, Badges: []kit.Badge{{Tone: kit.Bad, Text: "emergency"}}, Left: &left}}}, {Title: "In review", Empty: "Nobody waits."}, {Title: "To sign", Cards: []kit.Card{{Title: "LL-2026-000011"}}}},
		Progress: kit.Progress{Done: 1, Of: 2, Text: "1 of 2 signatures"},
		Timeline: kit.Timeline{{At: now.Add(-2 * time.Hour), Who: "R. Okafor", What: "Decided: produce two fields", Why: "The order reaches them.", Tone: kit.Good}, {At: now, Who: "The clock", What: "Notice is due"}},
		Options:  []kit.Option{{Value: "a", Text: "Name", Hint: "What the person typed as their name"}, {Value: "b", Text: "Last seen date", Chosen: true}, {Value: "c", Text: "Content of messages", Hint: "It does not exist here.", Disabled: true}},
		Ceremony: kit.Ceremony{Action: "/sign", Button: "Sign this grant", Explain: "Your passkey signs exactly what this page says.", Demo: true, Options: passkey.Site{ID: "release.localhost"}.Get([]byte("challenge")), Hidden: map[string]string{"grant": "77"}},
	}
}

func show(t *testing.T, k *kit.Kit, f *kit.Form) http.Handler {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("/", k.Handle(func(w http.ResponseWriter, r *http.Request) error {
		return k.Page(w, r, 200, "gallery.html", kit.Page{Title: "Grant LL-2026-000017", Lead: "Read it slowly: the passkey signs what stands here.", User: "R. Okafor", SignOut: "/out", Here: "/grants",
			Nav: []kit.Link{{Text: "Waiting", URL: "/grants", Count: 3}, {Text: "History", URL: "/history"}}, Trail: []kit.Link{{Text: "Grants", URL: "/grants"}}, Form: f, Data: data()})
	}))
	mux.HandleFunc("/fail/{kind}", k.Handle(func(w http.ResponseWriter, r *http.Request) error {
		if r.PathValue("kind") == "panic" {
			panic("secret detail")
		}
		if r.PathValue("kind") == "withheld" {
			return fault.New(fault.Withheld, "find", "case 17 is sealed")
		}
		return fault.Wrap(fault.Internal, "query", http.ErrBodyNotAllowed, "secret detail")
	}))
	mux.HandleFunc("POST /form", k.Handle(func(w http.ResponseWriter, r *http.Request) error {
		f, err := kit.ReadForm(r)
		if err != nil {
			return err
		}
		return k.Done(w, r, "/", kit.Good, "Received "+f.Get("ref"))
	}))
	return k.Protect(mux)
}

func call(h http.Handler, method, target string, body url.Values, change func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body.Encode()))
	if body != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if change != nil {
		change(r)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestEveryComponentRendersEscapedAndWithoutInlineCode(t *testing.T) {
	k, _ := site(t, nil)
	f := kit.NewForm(url.Values{"ref": {`<b onload="x">`}, "fields": {"a"}})
	f.Bad("ref", "Give the reference as it stands on the order")
	body := call(show(t, k, f), "GET", "/", nil, nil).Body.String()
	for _, want := range []string{`<html lang="en">`, `href="#main"`, `role="alert"`, `aria-current="page"`, `aria-current="step"`, `aria-invalid="true"`, `aria-describedby="ref-hint ref-error"`,
		`&lt;script&gt;`, `value="&lt;b onload=&#34;x&#34;&gt;"`, `name="fields" value="a" checked`, `1 of 2 signatures`, `20 hours left to answer`, `1 hour over`, `data-passkey="get"`, `data-softkey`, `UTC</time>`, `No production yet.`, `DEMO`} {
		if !strings.Contains(body, want) {
			t.Errorf("missing: %s", want)
		}
	}
	for _, not := range []string{"<script>", " style=", " onload=\"", "ZgotmplZ", "<no value>", `name="fields" value="b" checked`} {
		if strings.Contains(body, not) {
			t.Errorf("must not contain: %s", not)
		}
	}
	if t.Failed() {
		t.Log(body)
	}
}

func TestOutsideTheDemoNothingSaysDemo(t *testing.T) {
	k, _ := site(t, func(c *kit.Config) { c.Demo = false })
	d := data()
	d.Ceremony.Demo = false
	w := httptest.NewRecorder()
	if err := k.Page(w, httptest.NewRequest("GET", "/", nil), 200, "gallery.html", kit.Page{Title: "x", Form: kit.NewForm(nil), Data: d}); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(w.Body.String(), "DEMO") || strings.Contains(w.Body.String(), "data-softkey") {
		t.Fatal("the software key is offered outside the demo")
	}
}

func TestEveryAnswerCarriesTheHeaders(t *testing.T) {
	k, _ := site(t, func(c *kit.Config) { c.Secure = true })
	h := show(t, k, kit.NewForm(nil))
	for _, target := range []string{"/", "/nowhere/at/all", "/fail/panic", kit.Asset("kit.css"), kit.Asset("nothing.css")} {
		head := call(h, "GET", target, nil, nil).Header()
		csp := head.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"} {
			if !strings.Contains(csp, want) {
				t.Errorf("%s: CSP without %s", target, want)
			}
		}
		if strings.Contains(csp, "unsafe") || head.Get("X-Content-Type-Options") != "nosniff" || head.Get("Strict-Transport-Security") == "" || head.Get("Cross-Origin-Opener-Policy") != "same-origin" {
			t.Errorf("%s: %v", target, head)
		}
	}
}

func TestErrorsTellWhatToDoAndNothingMore(t *testing.T) {
	k, _ := site(t, nil)
	h := show(t, k, kit.NewForm(nil))
	for _, c := range []struct {
		target string
		status int
		must   string
	}{{"/fail/internal", 500, "internal error"}, {"/fail/panic", 500, "internal error"}, {"/fail/withheld", 404, "not found"}} {
		w := call(h, "GET", c.target, nil, nil)
		b := w.Body.String()
		if w.Code != c.status || !strings.Contains(b, c.must) || strings.Contains(b, "secret") || strings.Contains(b, "sealed") || strings.Contains(b, "goroutine") {
			t.Errorf("%s: %d %s", c.target, w.Code, b)
		}
	}
}

func TestAFormFromElsewhereIsRefused(t *testing.T) {
	k, _ := site(t, nil)
	h := show(t, k, kit.NewForm(nil))
	form := url.Values{"ref": {"17"}}
	for name, c := range map[string]struct {
		change func(*http.Request)
		status int
	}{
		"own page":          {func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-origin") }, 303},
		"another site":      {func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") }, 403},
		"a neighbour":       {func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "same-site") }, 403},
		"old browser":       {func(r *http.Request) { r.Header.Set("Origin", "http://evil.test") }, 403},
		"old browser, ours": {func(r *http.Request) { r.Header.Set("Origin", "http://example.com") }, 303},
	} {
		if w := call(h, "POST", "/form", form, c.change); w.Code != c.status {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
	big := url.Values{"ref": {strings.Repeat("x", kit.DefaultBody)}}
	if w := call(h, "POST", "/form", big, nil); w.Code != 413 {
		t.Errorf("big: %d", w.Code)
	}
	if w := call(h, "POST", "/form", big, func(r *http.Request) { r.ContentLength = -1 }); w.Code != 413 {
		t.Errorf("big without a length: %d", w.Code)
	}
}

func TestAFlashIsShownOnce(t *testing.T) {
	k, _ := site(t, nil)
	h := show(t, k, kit.NewForm(nil))
	w := call(h, "POST", "/form", url.Values{"ref": {"<17>"}}, nil)
	cookie := w.Result().Cookies()[0]
	w = call(h, "GET", "/", nil, func(r *http.Request) { r.AddCookie(cookie) })
	if !strings.Contains(w.Body.String(), "Received &lt;17&gt;") || w.Result().Cookies()[0].MaxAge >= 0 {
		t.Fatal("not shown, or not taken away")
	}
}

func TestSessionsEndByTheClock(t *testing.T) {
	for _, c := range []struct {
		name  string
		steps []time.Duration
		ok    bool
	}{
		{"at once", []time.Duration{0}, true},
		{"idle", []time.Duration{31 * time.Minute}, false},
		{"busy", []time.Duration{20 * time.Minute, 20 * time.Minute, 20 * time.Minute}, true},
		{"too long", func() (s []time.Duration) {
			for range 30 {
				s = append(s, 25*time.Minute)
			}
			return s
		}(), false},
		{"clock back", []time.Duration{-time.Minute}, false},
	} {
		k, clk := site(t, func(c *kit.Config) { c.Secure = true })
		s := kit.Sessions{Kit: k, Store: &kit.MemorySessions{}}
		w := httptest.NewRecorder()
		if err := s.Begin(w, httptest.NewRequest("GET", "/", nil), "okafor"); err != nil {
			t.Fatal(err)
		}
		cookie := w.Result().Cookies()[0]
		if !strings.HasPrefix(cookie.Name, "__Host-") || !cookie.Secure || !cookie.HttpOnly || cookie.SameSite != http.SameSiteStrictMode || cookie.Path != "/" {
			t.Fatalf("cookie %+v", cookie)
		}
		r := httptest.NewRequest("GET", "/", nil)
		r.AddCookie(cookie)
		var err error
		for _, d := range c.steps {
			clk.Advance(d)
			_, err = s.Of(r)
		}
		if (err == nil) != c.ok || (err != nil && !fault.Is(err, fault.Unauthenticated)) {
			t.Errorf("%s: %v", c.name, err)
		}
		if err := s.End(httptest.NewRecorder(), r); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Of(r); !fault.Is(err, fault.Unauthenticated) {
			t.Errorf("%s: signed out and still in", c.name)
		}
	}
}

func TestAChallengeIsForOneBrowserOnePurposeOnce(t *testing.T) {
	k, clk := site(t, nil)
	c := &kit.Challenges{Kit: k}
	begin := func() ([]byte, *http.Request) {
		w := httptest.NewRecorder()
		ch, err := c.New(w, httptest.NewRequest("GET", "/", nil), "sign in")
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest("POST", "/", nil)
		r.AddCookie(w.Result().Cookies()[0])
		return answer(t, ch), r
	}
	a, r := begin()
	if _, err := c.Take(r, "sign in", a); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Take(r, "sign in", a); !fault.Is(err, fault.Expired) {
		t.Errorf("twice: %v", err)
	}
	a, r = begin()
	if _, err := c.Take(r, "enrol", a); err == nil {
		t.Error("another purpose")
	}
	a, _ = begin()
	if _, err := c.Take(httptest.NewRequest("POST", "/", nil), "sign in", a); err == nil {
		t.Error("another browser")
	}
	a, r = begin()
	restarted := &kit.Challenges{Kit: k}
	if _, err := restarted.Take(r, "sign in", a); err == nil {
		t.Error("another process's challenge")
	}
	if _, err := c.Take(r, "sign in", answer(t, make([]byte, 32))); err == nil {
		t.Error("a challenge nobody made")
	}
	if _, err := c.Take(r, "sign in", a); err != nil {
		t.Error("a wrong try used it up")
	}
	a, r = begin()
	clk.Advance(11 * time.Minute)
	if _, err := c.Take(r, "sign in", a); err == nil {
		t.Error("too late")
	}
}

func TestLimiterCountsEachKeyAlone(t *testing.T) {
	c := clock.NewManual(now)
	l := &kit.Limiter{Every: time.Minute, Burst: 2, Clock: c}
	for i, want := range []bool{true, true, false} {
		if err := l.Allow("a"); (err == nil) != want {
			t.Errorf("%d: %v", i, err)
		}
	}
	if err := l.Allow("b"); err != nil {
		t.Error(err)
	}
	c.Advance(time.Minute)
	if err := l.Allow("a"); err != nil {
		t.Error(err)
	}
}

func TestWordsForNumbersAndTimes(t *testing.T) {
	for got, want := range map[string]string{
		kit.UTC(now): "23 November 2026, 07:30 UTC", kit.Day(now): "23 November 2026 (UTC)", kit.UTC(time.Time{}): "never",
		kit.Plural(1, "field", "fields"): "1 field", kit.Plural(0, "field", "fields"): "0 fields",
		kit.Bytes(25 << 20): "25 MiB", kit.Bytes(1): "1 byte", kit.Bytes(1536): "1.5 KiB",
		kit.Span(28 * time.Hour): "1 day 4 hours", kit.Span(30 * time.Second): "1 minute", kit.Span(80 * 24 * time.Hour): "80 days", kit.Span(90 * time.Minute): "1 hour 30 minutes",
	} {
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestAssetsAreNamedByTheirContent(t *testing.T) {
	k, _ := site(t, nil)
	h := show(t, k, nil)
	for name, kind := range map[string]string{"kit.css": "text/css", "passkey.js": "text/javascript", "softkey.js": "text/javascript", "icon/key.svg": "image/svg+xml"} {
		w := call(h, "GET", kit.Asset(name), nil, nil)
		if w.Code != 200 || !strings.HasPrefix(w.Header().Get("Content-Type"), kind) || !strings.Contains(w.Header().Get("Cache-Control"), "immutable") {
			t.Errorf("%s: %d %v", name, w.Code, w.Header())
		}
	}
	if w := call(h, "GET", kit.Asset("../html/layout.html"), nil, nil); w.Code == 200 {
		t.Error("templates are served")
	}
	if _, err := fs.Stat(pages, "testdata/pages/gallery.html"); err != nil {
		t.Error(err)
	}
}

func answer(t *testing.T, challenge []byte) []byte {
	t.Helper()
	b, err := authenticator(challenge)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestNumbersAndHashesStayReadable: a number in a heading is not broken at its
// hyphens, and a hash in a table is not a column of a few letters.
func TestNumbersAndHashesStayReadable(t *testing.T) {
	k, _ := site(t, nil)
	page := call(show(t, k, kit.NewForm(nil)), "GET", "/", nil, nil).Body.String()
	for _, want := range []string{`<h1>Grant <span class="nowrap">LL-2026-000017</span></h1>`, `<code dir="ltr" class="long">9f3a`} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
}
