package release_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"letterlock/internal/testkit"
	"letterlock/law"
	"letterlock/web/release"
)

// chrome starts a real browser on the world's pages, under the release host.
func (w *world) chrome(t *testing.T) (context.Context, string) {
	t.Helper()
	path := testkit.Chromium(t)
	origin := w.serve(t)
	actx, stop := chromedp.NewExecAllocator(t.Context(), chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.Flag("headless", true), chromedp.Flag("disable-gpu", true), chromedp.Flag("disable-quic", true),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true), chromedp.Flag("no-first-run", true), chromedp.WindowSize(1200, 1000))
	t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(actx)
	t.Cleanup(cancel)
	ctx, end := context.WithTimeout(ctx, 90*time.Second)
	t.Cleanup(end)
	return ctx, origin
}

// serve puts the world's pages under the release host, on a port of their own.
func (w *world) serve(t *testing.T) (origin string) {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(ln.Addr().String())
	site := here
	site.Origin = "http://release.localhost:" + port
	w.carrier.site = site
	h, err := release.New(release.Config{Holdings: w.carrier, Law: law.Default(), Site: site, Owner: "Example Messenger", Clock: w.clock})
	if err != nil {
		t.Fatal(err)
	}
	srv := &httptest.Server{Listener: ln, Config: &http.Server{Handler: h}}
	srv.Start()
	t.Cleanup(srv.Close)
	return site.Origin
}

// authenticator adds a virtual one that verifies its user, or does not.
func authenticator(t *testing.T, ctx context.Context, verified bool) {
	t.Helper()
	if _, err := chromedp.Call(ctx, webauthn.Enable, webauthn.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
		Protocol: "ctap2", Transport: "internal", HasResidentKey: true, HasUserVerification: true, IsUserVerified: verified, AutomaticPresenceSimulation: true}}); err != nil {
		t.Fatal(err)
	}
}

func do(t *testing.T, ctx context.Context, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(ctx, steps...); err != nil {
		body, _ := chromedp.Run(ctx, chromedp.Text("body"))
		t.Fatalf("%v\n%s", err, body)
	}
}

func says(t *testing.T, ctx context.Context, want string) {
	t.Helper()
	got, err := chromedp.Run(ctx, chromedp.Text("body"))
	if err != nil || !strings.Contains(got, want) {
		t.Fatalf("the page does not say %q (%v):\n%s", want, err, got)
	}
}

func picture(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err != nil {
		t.Fatal(err)
	}
	if dir := os.Getenv("SCREENSHOTS"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

const (
	press = `form[data-passkey] button.key`
	soft1 = `form[data-passkey] button[data-softkey]`
)

// walk enrols, signs in and signs a grant with whichever button.
func (w *world) walk(t *testing.T, ctx context.Context, origin, button, name string) {
	t.Helper()
	w.links["browser"] = "Eve Lund"
	do(t, ctx, chromedp.Navigate(origin+"/enrol/browser"), chromedp.WaitVisible(button))
	picture(t, ctx, name+"-enrol")
	do(t, ctx, chromedp.Click(button), chromedp.WaitVisible(`[role=status]`))
	says(t, ctx, "Your release key is enrolled")
	do(t, ctx, chromedp.WaitVisible(button))
	if button == soft1 {
		do(t, ctx, chromedp.WaitReady(`select[data-softkey-user] option:not([value=""])`))
	}
	picture(t, ctx, name+"-signin")
	do(t, ctx, chromedp.Click(button), chromedp.WaitVisible(`table`))
	says(t, ctx, "LL-2026-000017")
	picture(t, ctx, name+"-waiting")
	do(t, ctx, chromedp.Click(`td a`), chromedp.WaitVisible(button))
	picture(t, ctx, name+"-grant")
	do(t, ctx, chromedp.Click(button), chromedp.WaitVisible(`[role=status]`))
	says(t, ctx, "A second person must sign too")
	picture(t, ctx, name+"-signed")
	do(t, ctx, chromedp.Navigate(origin+"/keys"))
	picture(t, ctx, name+"-keys")
	if got := w.papers[w.grant].Signed; len(got) != 1 || got[0] != "Eve Lund" {
		t.Errorf("signed by %v", got)
	}
}

func TestARealBrowserSignsWithAPasskey(t *testing.T) {
	w := newWorld(t)
	ctx, origin := w.chrome(t)
	do(t, ctx, chromedp.Navigate(origin))
	authenticator(t, ctx, true)
	w.walk(t, ctx, origin, press, "release")
	if w.keys["Eve Lund"].Demo {
		t.Error("a browser's authenticator is taken for the DEMO key")
	}
}

func TestARealBrowserSignsWithTheSoftwareKey(t *testing.T) {
	w := newWorld(t)
	ctx, origin := w.chrome(t)
	w.walk(t, ctx, origin, soft1, "release-demo")
	if !w.keys["Eve Lund"].Demo {
		t.Error("the DEMO key is not marked")
	}
}

func TestAPasskeyWithoutVerificationIsToldWhy(t *testing.T) {
	w := newWorld(t)
	ctx, origin := w.chrome(t)
	do(t, ctx, chromedp.Navigate(origin))
	authenticator(t, ctx, false)
	w.links["browser"] = "Eve Lund"
	do(t, ctx, chromedp.Navigate(origin+"/enrol/browser"), chromedp.Click(press), chromedp.WaitVisible(`[data-says]:not(:empty)`))
	says(t, ctx, "Try again")
	if _, enrolled := w.keys["Eve Lund"]; enrolled {
		t.Error("enrolled without verification")
	}
}
