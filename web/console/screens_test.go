package console_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"letterlock/desk/casefile"
	"letterlock/desk/staff"
	"letterlock/internal/testkit"
	"letterlock/law"
)

// chrome is a real browser with a virtual authenticator.
type chrome struct {
	*world
	ctx context.Context
	dir string
}

func (w *world) chrome() *chrome {
	w.Helper()
	path := testkit.Chromium(w)
	actx, stop := chromedp.NewExecAllocator(w.Context(), chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.Flag("headless", true), chromedp.Flag("disable-gpu", true),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("no-first-run", true), chromedp.WindowSize(1280, 1000))
	w.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(actx)
	w.Cleanup(cancel)
	ctx, end := context.WithTimeout(ctx, 3*time.Minute)
	w.Cleanup(end)
	c := &chrome{w, ctx, os.Getenv("LETTERLOCK_SCREENSHOTS")}
	if c.dir == "" {
		c.dir = filepath.Join("..", "..", "build", "screenshots")
	}
	w.ok(os.MkdirAll(c.dir, 0o755))
	w.ok(chromedp.Do(ctx, chromedp.Navigate(w.url))) // the first call starts the browser and must not end it
	_, err := chromedp.Call(ctx, webauthn.Enable, webauthn.EnableParams{})
	w.ok(err)
	_, err = chromedp.Call(ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
		Protocol: "ctap2", Transport: "internal", HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true}})
	w.ok(err)
	return c
}

func (c *chrome) do(steps ...chromedp.Action[chromedp.Void]) {
	c.Helper()
	ctx, cancel := context.WithTimeout(c.ctx, 20*time.Second)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		late, end := context.WithTimeout(c.ctx, 5*time.Second)
		defer end()
		body, _ := chromedp.Run(late, chromedp.Text("body"))
		c.Fatalf("%v\n%s", err, body)
	}
}

// at waits for a page by the words of its heading.
func (c *chrome) at(heading string) {
	c.Helper()
	c.do(chromedp.WaitVisible(`//h1[contains(., "` + heading + `")]`))
}

func (c *chrome) says(want string) {
	c.Helper()
	got, err := chromedp.Run(c.ctx, chromedp.Text("body"))
	if err != nil || !strings.Contains(got, want) {
		c.Fatalf("the page does not say %q (%v):\n%s", want, err, got)
	}
}

// did waits for the line that says what was done.
func (c *chrome) did(want string) {
	c.Helper()
	c.do(chromedp.WaitVisible(`//*[@role="status"][contains(., "` + want + `")]`))
}

func (c *chrome) open(path, heading string) {
	c.Helper()
	c.do(chromedp.Navigate(c.url + path))
	c.at(heading)
}

// picture shows a page light, dark and on a telephone, and refuses one that
// must be pushed sideways.
func (c *chrome) picture(name string) {
	c.Helper()
	for _, x := range []struct {
		suffix, scheme string
		width          int64
	}{{"", "light", 1280}, {"-dark", "dark", 1280}, {"-narrow", "light", 400}} {
		_, err := chromedp.Call(c.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: x.scheme}}})
		c.ok(err)
		_, err = chromedp.Call(c.ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: x.width, Height: 1000, DeviceScaleFactor: 1})
		c.ok(err)
		over, err := chromedp.Run(c.ctx, chromedp.Evaluate[int]("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
		c.ok(err)
		if over > 0 {
			c.Errorf("%s is %d px wider than a screen of %d px", name, over, x.width)
		}
		png, err := chromedp.Run(c.ctx, chromedp.FullScreenshot(100))
		c.ok(err)
		c.ok(os.WriteFile(filepath.Join(c.dir, "console-"+name+x.suffix+".png"), png, 0o644))
	}
	_, err := chromedp.Call(c.ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: 1280, Height: 1000, DeviceScaleFactor: 1})
	c.ok(err)
}

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

// siren is an emergency in which nothing is missing.
func siren() casefile.Emergency {
	return casefile.Emergency{Address: "1 Court Street, Harbor", AgencyNumber: "MD0012300", Rank: "Det.", Badge: "4711", Extension: "12",
		Supervisor: casefile.Person{Name: "D. Kim", Rank: "Lt.", Phone: "+12025550177"}, Incident: "26-00118", Nature: "A child of nine was taken by a man who met her online", InDanger: "the child", Harm: casefile.Death,
		When: "tonight", WhyNow: "he wrote that it ends before daylight", Deadline: begin.Add(3 * time.Hour), TooSlow: "no judge before morning", Needed: "the last address", Averts: "It leads a patrol to him", Follows: true}
}

// night fills the queue as a night shift finds it.
func (w *world) night() casefile.Number {
	w.Helper()
	n := w.file(w.order())
	e := w.order()
	e.Process, e.Reference, e.Wanted = law.Emergency, "HC-26-E4", []casefile.Item{"last_ip", "last_seen"}
	e.Emergency = siren()
	w.file(e)
	k := w.order()
	k.Process, k.Reference, k.Wanted = "us.preservation", "HC-26-P1", []casefile.Item{"PRESERVE_ONLY"}
	w.file(k)
	x := w.order()
	x.Process, x.Reference, x.Targets, x.Wanted, x.Text = "any.weaken", "HC-26-W", nil, nil, "Ship one user a build of your program with a second recipient."
	w.file(x)
	s := w.order()
	s.Process, s.Reference, s.Signed, s.Return = "us.subpoena.gj", "GJ-77", false, w.clock.Now().Add(40*time.Hour)
	two := w.file(s)
	w.ok(w.desk.Review.Assign(w.Context(), w.lead.id, two, w.counsel.id, "it is theirs to decide"))
	w.ok(w.desk.Review.Ask(w.Context(), w.counsel.id, two, "The copy is not signed. Please send the signed one."))
	return n
}

func TestARealBrowserFromTheQueueToTheSignatures(t *testing.T) {
	w := newWorld(t)
	n := w.night()
	must(w.desk.Staff.Invite(t.Context(), w.lead.id, staff.Invitation{Why: "the team needs them", Name: "Rosa Keller", Mailbox: "rosa@letterlock.example", Roles: []staff.Role{staff.Analyst}}))(w)
	c := w.chrome()
	c.open("/enrol/"+w.token(), "Join the response team")
	c.picture("enrol")
	c.do(chromedp.Click(passkeyButton))
	c.at("Queue")
	c.says("no current training")
	c.picture("queue-untrained")
	rosa := w.stranger("Rosa Keller")
	rosa.found()
	w.ok(w.desk.Staff.Train(t.Context(), w.lead.id, rosa.id, policy, 92, "taught in the house"))
	c.do(button("Sign out"))
	c.at("Sign in")
	c.picture("signin")
	c.do(chromedp.Click(passkeyButton))
	c.at("Queue")
	c.says("trained until")
	w.approve("us.order.2703d")
	w.clock.Advance(9 * time.Minute)
	c.open("/", "Queue")
	c.picture("queue")
	c.open("/?list=1&open=yes", "Queue")
	c.picture("list")
	c.decides(n, rosa.id)
	c.looksAround()
}

// decides walks one case from the queue to the proposed grants.
func (c *chrome) decides(n casefile.Number, me casefile.MemberID) {
	c.Helper()
	c.open("/", "Queue")
	c.do(link(string(n)))
	c.at(string(n))
	c.picture("case")
	c.do(typed("to", string(me)), button("Assign"))
	c.did("Assigned")
	c.picture("case-tie")
	c.do(button("I have no tie"))
	c.did("you have no tie")
	c.read(n)
	for _, f := range c.load(n).Findings {
		if f.Blocks() {
			c.do(typed("finding-"+string(f.ID), "Content is declined item by item; the rest is within the order."), chromedp.Click(`form[action$="/finding/`+string(f.ID)+`"] button[value="no"]`))
			c.did("The finding is answered")
		}
	}
	c.do(button("Look up"))
	c.did("It has an account")
	c.picture("case-deciding")
	c.do(typed("verdict-name", "produce"), button("Record the decision"), chromedp.WaitVisible(`#errors`))
	c.says("needs a reason")
	c.do(typed("verdict-name", "produce"), typed("verdict-last_ip", "produce"), typed("verdict-service_start", "produce"), typed("verdict-CONTENT", "decline"),
		typed("reason-CONTENT", "It does not exist here in a form that anybody could open."), typed("reason", "Within the order of 20 November, paragraph 2."), button("Record the decision"))
	c.did("Decided: 4 items")
	c.do(button("Propose the grants"))
	c.did("before the key holders")
	c.says("nobody has signed; two people must")
	c.picture("case-proposed")
}

// read opens the paper in a tab of its own, as the button does.
func (c *chrome) read(n casefile.Number) {
	c.do(button("Read"))
	for end := time.Now().Add(10 * time.Second); len(c.load(n).Unread()) > 0; {
		if time.Now().After(end) {
			c.Fatal("the paper was not opened")
		}
		c.do(chromedp.Evaluate[chromedp.Void]("void 0"))
	}
	_, err := chromedp.Call(c.ctx, page.BringToFront, cdp.Empty{}) // a tab behind another is not drawn
	c.ok(err)
	p := c.load(n).Demand.Papers[0]
	c.open(path(n)+"/papers/"+string(p.ID), p.Name)
	c.says("Page 1 of")
	c.picture("reader")
	c.open(path(n), string(n))
}

// looksAround takes a picture of every other page.
func (c *chrome) looksAround() {
	c.Helper()
	for _, x := range []struct{ path, heading, name string }{{"/agencies", "Agencies and officers", "agencies"}, {"/officers/" + string(c.reyes.ID), "Olivia Reyes", "officer"}, {"/team", "Team", "team"},
		{"/team/" + string(c.analyst.id), "Ines Okafor", "member"}, {"/law", "Law", "law"}, {"/law/row/us.order.2703d", "Court order for records", "lawrow"}, {"/law/findings", "Findings", "findings"},
		{"/papers", "Enter a paper", "papers"}, {"/cases/LL-2026-000004", "LL-2026-000004", "case-weaken"}, {"/cases/LL-2026-000005", "LL-2026-000005", "case-asked"}} {
		c.open(x.path, x.heading)
		c.picture(x.name)
	}
	c.clock.Advance(50 * time.Minute)
	c.open("/", "Queue")
	c.says("The clock is held")
	c.open("/clock", "Clock")
	c.picture("clock")
}

// as gives the browser a member's session.
func (c *chrome) as(m *member) {
	c.Helper()
	k := c.plant(string(m.id))
	_, err := chromedp.Call(c.ctx, network.SetCookie, network.SetCookieParams{Name: k.Name, Value: k.Value, URL: c.url, Path: "/"})
	c.ok(err)
}
