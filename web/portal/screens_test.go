package portal_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"letterlock/desk/casefile"
	"letterlock/internal/testkit"
	"letterlock/internal/testkit/walk"
)

// chrome is a real browser with a virtual authenticator.
type chrome struct {
	t   *testing.T
	w   *world
	ctx context.Context
	dir string
}

// screenshots is where the pictures go: the folder that LETTERLOCK_SCREENSHOTS
// names, else build/screenshots, which git ignores.
func screenshots(t *testing.T) string {
	t.Helper()
	dir := os.Getenv("LETTERLOCK_SCREENSHOTS")
	if dir == "" {
		dir = filepath.Join("..", "..", "build", "screenshots")
	}
	must(t, os.MkdirAll(dir, 0o755))
	return dir
}

func (w *world) chrome() *chrome {
	w.t.Helper()
	path := testkit.Chromium(w.t)
	actx, stop := chromedp.NewExecAllocator(w.t.Context(), chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.Flag("headless", true), chromedp.Flag("disable-gpu", true),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("no-first-run", true), chromedp.WindowSize(1200, 1000))
	w.t.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(actx)
	w.t.Cleanup(cancel)
	ctx, end := context.WithTimeout(ctx, 3*time.Minute)
	w.t.Cleanup(end)
	c := &chrome{w.t, w, ctx, screenshots(w.t)}
	must(w.t, chromedp.Do(ctx, chromedp.Navigate(w.url))) // the first act starts the browser, for as long as its context lives
	_, err := chromedp.Call(ctx, webauthn.Enable, webauthn.EnableParams{})
	must(w.t, err)
	_, err = chromedp.Call(ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
		Protocol: "ctap2", Transport: "internal", HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true}})
	must(w.t, err)
	return c
}

func (c *chrome) do(steps ...chromedp.Action[chromedp.Void]) {
	c.t.Helper()
	for i, s := range steps {
		if err := c.step(s); err != nil {
			c.t.Fatalf("step %d: %v\n%s", i+1, err, c.body())
		}
	}
}

// step does one thing and does not wait for ever.
func (c *chrome) step(s chromedp.Action[chromedp.Void]) error {
	ctx, cancel := context.WithTimeout(c.ctx, 15*time.Second)
	defer cancel()
	return chromedp.Do(ctx, s)
}

func (c *chrome) body() string {
	ctx, cancel := context.WithTimeout(c.ctx, 5*time.Second)
	defer cancel()
	s, _ := chromedp.Run(ctx, chromedp.Text("body"))
	return s
}

// at waits for a page by the words of its heading.
func (c *chrome) at(heading string) {
	c.t.Helper()
	if err := c.step(chromedp.WaitVisible(`//h1[contains(., "` + heading + `")]`)); err != nil {
		c.t.Fatalf("not at %q: %v\n%s", heading, err, c.body())
	}
}

func (c *chrome) says(want string) {
	c.t.Helper()
	if got := c.body(); !strings.Contains(got, want) {
		c.t.Fatalf("the page does not say %q:\n%s", want, got)
	}
}

// picture shows a page light, dark and on a telephone, and refuses one that
// must be pushed sideways.
func (c *chrome) picture(name string) {
	c.t.Helper()
	for _, x := range []struct {
		suffix, scheme string
		width          int64
	}{{"", "light", 1200}, {"-dark", "dark", 1200}, {"-narrow", "light", 400}} {
		_, err := chromedp.Call(c.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: x.scheme}}})
		must(c.t, err)
		_, err = chromedp.Call(c.ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: x.width, Height: 1000, DeviceScaleFactor: 1})
		must(c.t, err)
		over, err := chromedp.Run(c.ctx, chromedp.Evaluate[int]("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
		must(c.t, err)
		if over > 0 {
			c.t.Errorf("%s is %d px wider than a screen of %d px", name, over, x.width)
		}
		png, err := walk.Picture(c.ctx)
		must(c.t, err)
		must(c.t, os.WriteFile(filepath.Join(c.dir, "portal-"+name+x.suffix+".png"), png, 0o644))
	}
	_, err := chromedp.Call(c.ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: 1200, Height: 1000, DeviceScaleFactor: 1})
	must(c.t, err)
}

// button is a submit button by its words.
func button(words string) chromedp.Action[chromedp.Void] {
	return chromedp.Click(`//button[contains(., "` + words + `")]`)
}

func link(words string) chromedp.Action[chromedp.Void] {
	return chromedp.Click(`//a[contains(., "` + words + `")]`)
}

func typed(name, value string) chromedp.Action[chromedp.Void] {
	return chromedp.SetValue(`[name="`+name+`"]`, value)
}

const passkeyButton = `form[data-passkey] button.key`

func TestARealBrowserFromEnrolmentToThePackage(t *testing.T) {
	w := newWorld(t, false)
	c := w.chrome()
	c.do(chromedp.Navigate(w.url))
	c.at("Ask for account data")
	c.picture("start")
	c.do(chromedp.Navigate(w.url + "/process/us.order.2703d"))
	c.at("Court order for records")
	c.picture("process")
	c.enrolAndSignIn()
	c.write()
	n := c.send()
	c.follow(n)
	c.do(chromedp.Navigate(w.url + "/account"))
	c.at("My keys")
	c.picture("account")
	c.do(chromedp.Navigate(w.url + "/open"))
	c.at("How to open and check a package")
	c.picture("open")
	c.colleagues()
}

func (c *chrome) enrolAndSignIn() {
	c.t.Helper()
	c.do(chromedp.Navigate(c.w.url), link("Enrol, the first time"))
	c.at("Enrol")
	c.picture("enrol")
	c.do(typed("name", "Olga Reyes"), typed("rank", "Detective"), typed("mailbox", "o.reyes@gmail.com"), typed("phone", "+1 202 555 0142"), button("Send me the link"), chromedp.WaitVisible(`#errors`))
	c.says("gmail.com is a free-mail provider")
	c.picture("enrol-refused")
	c.do(typed("mailbox", "o.reyes@sheriff.harbor.example"), button("Send me the link"))
	c.at("Look into your mailbox")
	c.picture("sent")
	c.do(chromedp.Navigate(c.w.url + c.w.lastLink()))
	c.at("Register your passkey")
	c.picture("link")
	c.do(chromedp.Click(passkeyButton))
	c.at("One step is left")
	c.picture("waiting")
	o, err := c.w.agency.Store.OfficerByMailbox(c.t.Context(), "o.reyes@sheriff.harbor.example")
	must(c.t, err)
	c.w.confirm(o.ID)
	c.w.spare(o.ID)
	c.do(button("Sign out"))
	c.at("Ask for account data")
	c.do(chromedp.Navigate(c.w.url + "/requests"))
	c.at("Sign in")
	c.picture("signin")
	c.do(chromedp.Click(passkeyButton))
	c.at("My requests")
}

func (c *chrome) write() {
	c.t.Helper()
	c.do(chromedp.Navigate(c.w.url + "/new"))
	c.at("which paper do you hold")
	c.picture("choose")
	c.do(chromedp.Click(`label[for="row-us.order.2703d"]`), button("Go on"))
	c.at("Step 2 of 7")
	c.picture("step-paper")
	c.do(typed("reference", "SHERIFF 2026/17"), typed("issuing_body", "Superior Court of Harbor County"), typed("court", "Superior Court of Harbor County"), typed("issuer_role", "judge"),
		typed("legal_basis", "18 USC 2703(d)"), typed("addressee", "Example Messenger Inc."), typed("issued", "2026-11-20"), button(next))
	c.at("Step 3 of 7")
	c.picture("step-accounts")
	c.do(typed("targets", "(202) 555-0199"), button(next), chromedp.WaitVisible(`#errors`))
	c.says("is not a phone number with its country code")
	c.picture("step-refused")
	c.do(typed("targets", "+1 202 555 0199"), button(next))
	c.at("Step 4 of 7")
	c.picture("step-data")
	c.do(chromedp.Click(`details.more summary`), typed("from", "2026-11-01"), typed("until", "2026-11-20"), chromedp.Click(`input[value="name"]`), chromedp.Click(`input[value="last_ip"]`),
		chromedp.Click(`input[value="about"]`), chromedp.Click(`input[value="CONTENT"]`), button(next))
	c.at("Step 5 of 7")
	c.picture("step-secrecy")
	c.do(button(next))
	c.at("Step 6 of 7")
	c.picture("papers")
	order := filepath.Join(c.t.TempDir(), "order.pdf")
	must(c.t, os.WriteFile(order, pdf("Court order 26-MJ-0417"), 0o644))
	c.do(chromedp.SetUploadFiles(`input[type=file]`, []string{order}), button("Upload"), chromedp.WaitVisible(`[role=status]`))
	c.says("order.pdf")
	c.picture("papers-there")
}

func (c *chrome) send() casefile.Number {
	c.t.Helper()
	c.do(link("Go on: check and send"))
	c.at("Check and send")
	c.says("There is no case, docket or warrant number")
	c.picture("review")
	c.do(chromedp.Click(`#attest`), button("Send the request"))
	c.at("Request LL-2026-000001")
	return casefile.Ordinary(2026, 1)
}

func (c *chrome) follow(n casefile.Number) {
	c.t.Helper()
	w := c.w
	w.act(n, casefile.Event{Kind: casefile.KAsked, Question: &casefile.Question{ID: "q1", Text: "Your order names Harbor County twice. Which of the two courts issued it?", By: lead, At: w.clock.Now()}})
	w.clock.Advance(50 * time.Minute)
	c.do(chromedp.Navigate(w.url + "/requests"))
	c.at("My requests")
	c.picture("requests")
	c.do(link(string(n)))
	c.at("Request " + string(n))
	c.picture("request-asked")
	c.do(typed("answer-q1", "The Superior Court."), button("Answer"), chromedp.WaitVisible(`[role=status]`))
	c.says("Your answer is with the reviewers")
	c.do(link("Withdraw it"))
	c.at("Withdraw request")
	c.picture("withdraw")
	w.answerWith(n, []byte("sealed bytes"), "K7QW2MZX4TRN5HDB3VCJ6PYAEF")
	c.do(chromedp.Navigate(w.url + "/requests/" + string(n)))
	c.at("Request " + string(n))
	c.says("declined")
	c.picture("request-answered")
	c.do(chromedp.Navigate(w.url + "/requests/" + string(n) + "?lang=ar"))
	c.picture("request-answered-ar")
	c.do(chromedp.Navigate(w.url + "/requests/" + string(n) + "?lang=en"))
	c.do(button("Show the passphrase"))
	c.at("The passphrase, shown once")
	c.says("K7QW2MZX4TRN5HDB3VCJ6PYAEF")
	c.picture("passphrase")
	if got := w.ledger.kinds; !strings.Contains(strings.Join(got, " "), "case.note") {
		c.t.Errorf("showing the passphrase was not recorded: %v", got)
	}
}

// TestARealBrowserInTheDemo uses the DEMO software key, without an
// authenticator's help.
func TestARealBrowserInTheDemo(t *testing.T) {
	w := newWorld(t, true)
	c := w.chrome()
	v := w.visitor()
	f := v.form(v.get("/enrol"), "Send me the link")
	v.press(f.Set("name", "Dee").Set("mailbox", "dee@sheriff.harbor.example").Set("phone", "+1 202 555 0145"), "Send me the link")
	c.do(chromedp.Navigate(w.url+w.lastLink()), chromedp.WaitVisible(`button[data-softkey]`), chromedp.Click(`button[data-softkey]`))
	c.at("One step is left")
	o, err := w.agency.Store.OfficerByMailbox(t.Context(), "dee@sheriff.harbor.example")
	must(t, err)
	if !o.Keys[0].Demo {
		t.Error("the DEMO key is not marked")
	}
	w.confirm(o.ID)
	c.do(button("Sign out"))
	c.at("Ask for account data")
	c.do(chromedp.Navigate(w.url+"/signin"), chromedp.WaitReady(`select[data-softkey-user] option:not([value=""])`))
	c.picture("signin-demo")
	c.do(chromedp.Click(`button[data-softkey]`))
	c.at("My requests")
}
