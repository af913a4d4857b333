// Package walk walks the pages of a site in a real browser, as its readers do:
// light and dark, on a screen and on a telephone, in each language, with an
// accessibility checker and by keyboard alone. It knows pages and no domain. It
// writes what it sees as PNG: walk-SITE-PAGE.png light, -dark, and -narrow at
// 400 pixels.
package walk

import (
	"context"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"letterlock/internal/testkit"
)

// Walker is one real browser with a virtual authenticator, on one site.
type Walker struct {
	*testing.T
	ctx   context.Context
	base  string
	dir   string // where the pictures go
	site  string // first word of their names
	Found Found
}

// Found is what a walk counts.
type Found struct{ Pages, Looks, Focused, Details, Forms, Violations int }

// Page is one page to walk.
type Page struct {
	Name     string // of its pictures; empty: no pictures
	Path     string
	Heading  string   // words of its h1
	Lang     string   // that it must be in; empty: en
	Rules    []string // rules of the checker that do not fit this page, each with a reason where it is named
	Brief    bool     // the checker only on a wide light and a narrow dark screen, no keyboard
	Status   int      // that it answers with; 0: below 400
	Fragment string   // what must be on the page, as a selector
}

// Start starts the browser on a site; without one, or without the checker, the
// test is skipped by name, and fails in CI.
func Start(t *testing.T, base, site string) *Walker {
	t.Helper()
	path := testkit.Chromium(t)
	checker(t)
	actx, stop := chromedp.NewExecAllocator(t.Context(), chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.Flag("headless", true), chromedp.Flag("disable-gpu", true),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("no-first-run", true), chromedp.Flag("lang", "en-US"), chromedp.WindowSize(1280, 1000))
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(actx)
	t.Cleanup(cancel)
	ctx, end := context.WithTimeout(ctx, 10*time.Minute) // a busy machine is slow, and no page is wrong for it
	t.Cleanup(end)
	w := &Walker{T: t, ctx: ctx, base: base, dir: os.Getenv("LETTERLOCK_SCREENSHOTS"), site: site}
	if w.dir == "" {
		w.dir = filepath.Join(root(t), "build", "screenshots")
	}
	w.ok(os.MkdirAll(w.dir, 0o755))
	w.ok(chromedp.Do(ctx, chromedp.Navigate("about:blank"))) // the first act starts the browser, for as long as its context lives
	w.authenticator()
	_, err := chromedp.Call(ctx, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	w.ok(err)
	return w
}

// root is the folder of the project.
func root(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	for err == nil {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		up := filepath.Dir(dir)
		if up == dir {
			break
		}
		dir = up
	}
	t.Fatal("no go.mod above this test")
	return ""
}

func (w *Walker) authenticator() {
	w.Helper()
	_, err := chromedp.Call(w.ctx, webauthn.Enable, webauthn.EnableParams{})
	w.ok(err)
	_, err = chromedp.Call(w.ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
		Protocol: "ctap2", Transport: "internal", HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true}})
	w.ok(err)
}

func (w *Walker) ok(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// Context is the browser's, for what this package does not do.
func (w *Walker) Context() context.Context { return w.ctx }

// As gives the browser the cookies of somebody, and takes away all others.
func (w *Walker) As(jar http.CookieJar) {
	w.Helper()
	u, err := url.Parse(w.base)
	w.ok(err)
	w.Cookies(jar.Cookies(u)...)
}

// Cookies sets cookies in place of all that were there.
func (w *Walker) Cookies(all ...*http.Cookie) {
	w.Helper()
	_, err := chromedp.Call(w.ctx, network.ClearBrowserCookies, struct{}{})
	w.ok(err)
	for _, c := range all {
		_, err := chromedp.Call(w.ctx, network.SetCookie, network.SetCookieParams{Name: c.Name, Value: c.Value, URL: w.base})
		w.ok(err)
	}
}

// within does something and does not wait for ever.
func (w *Walker) within(steps ...chromedp.Action[chromedp.Void]) {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, 20*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		w.Fatalf("%v\n%s", err, w.Text())
	}
}

// Text is what the page says.
func (w *Walker) Text() string {
	ctx, cancel := context.WithTimeout(w.ctx, 5*time.Second)
	defer cancel()
	s, _ := chromedp.Run(ctx, chromedp.Evaluate[string]("location.pathname + '\\n' + document.body.innerText"))
	return s
}

// Says fails unless the page says something.
func (w *Walker) Says(want string) {
	w.Helper()
	if got := w.Text(); !strings.Contains(got, want) {
		w.Fatalf("the page does not say %q:\n%s", want, got)
	}
}

// Open opens an address of the site.
func (w *Walker) Open(path string) {
	w.Helper()
	if !strings.Contains(path, "://") {
		path = w.base + path
	}
	w.within(chromedp.Navigate(path))
}

// look is one way to look at a page.
type look struct {
	suffix, scheme string
	width          int64
}

var (
	wide       = look{"", "light", 1280}
	wideDark   = look{"-dark", "dark", 1280}
	narrow     = look{"-narrow", "light", 400}
	narrowDark = look{"-narrow-dark", "dark", 400}
)

func (w *Walker) look(l look) {
	w.Helper()
	_, err := chromedp.Call(w.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: l.scheme}}})
	w.ok(err)
	_, err = chromedp.Call(w.ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: l.width, Height: 1000, DeviceScaleFactor: 1})
	w.ok(err)
}

func (w *Walker) picture(name string) {
	w.Helper()
	png, err := Picture(w.ctx)
	w.ok(err)
	w.ok(os.WriteFile(filepath.Join(w.dir, "walk-"+w.site+"-"+name+".png"), png, 0o644))
}

// Picture is the page as it stands, no longer than a person would look. What
// fits on the screen is taken from the screen: beyond it Chromium shows a page
// that reads from the right, and needs no scrolling, moved aside. Beyond the
// screen there is no scroll bar, so the page is as wide as its window.
func Picture(ctx context.Context) ([]byte, error) {
	size, err := chromedp.Run(ctx, chromedp.Evaluate[[]float64]("[innerWidth, Math.min(document.documentElement.scrollHeight, 6000), innerHeight]"))
	if err != nil {
		return nil, err
	}
	yes, beyond := true, size[1] > size[2]
	r, err := chromedp.Call(ctx, page.CaptureScreenshot, page.CaptureScreenshotParams{Format: page.CaptureScreenshotFormatPng, CaptureBeyondViewport: &beyond, OptimizeForSpeed: &yes,
		Clip: &page.Viewport{Width: size[0], Height: size[1], Scale: 1}})
	if err != nil {
		return nil, err
	}
	return r.Data, nil
}

// Also sets one more cookie.
func (w *Walker) Also(c *http.Cookie) {
	w.Helper()
	_, err := chromedp.Call(w.ctx, network.SetCookie, network.SetCookieParams{Name: c.Name, Value: c.Value, URL: w.base})
	w.ok(err)
}
