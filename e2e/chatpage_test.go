package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	cdpnet "github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"letterlock/e2e/story"
	"letterlock/internal/testkit"
	"letterlock/internal/testkit/walk"
)

// The browser client's page, in real browsers.

var chatFolder struct {
	once sync.Once
	dir  string
	err  error
}

// chatDir builds the folder of the browser client, once for all tests.
func chatDir(t testing.TB) string {
	t.Helper()
	root, err := story.Root()
	must(t, err)
	if _, err := os.Stat(filepath.Join(root, "web/chat/face/node_modules/esbuild")); err != nil {
		testkit.Missing(t, "esbuild is missing (.ci/setup installs it): the browser client was not built")
	}
	chatFolder.once.Do(func() {
		if chatFolder.dir = os.Getenv("LETTERLOCK_CHAT"); chatFolder.dir != "" {
			return
		}
		chatFolder.dir = filepath.Join(binaries(t), "chat")
		out, err := exec.Command("node", filepath.Join(root, "web/chat/face/build.mjs"), "--fast", "--out", chatFolder.dir).CombinedOutput()
		if err != nil {
			chatFolder.err = fmt.Errorf("%w\n%s", err, out)
		}
	})
	must(t, chatFolder.err)
	return chatFolder.dir
}

// tab is one person's browser with the page in it.
type tab struct {
	testing.TB
	ctx     context.Context
	profile string
	person  story.Person
	base    string
	flags   []chromedp.ExecAllocatorOption
}

const passphrase = "a passphrase of some words"

// browse starts a browser with a profile of its own. A person who is no
// account yet gets one by register.
func browse(t testing.TB, w *story.World, p story.Person, flags ...chromedp.ExecAllocatorOption) *tab {
	t.Helper()
	b := &tab{TB: t, profile: t.TempDir(), person: p, base: w.Site("chat"), flags: flags}
	b.start()
	b.open()
	return b
}

func (b *tab) start() {
	b.Helper()
	actx, stop := chromedp.NewExecAllocator(b.TB.Context(), append(slices.Clone(b.flags), chromedp.ExecPath(testkit.Chromium(b.TB)), chromedp.NoSandbox, chromedp.Flag("headless", true), chromedp.Flag("disable-gpu", true), chromedp.UserDataDir(b.profile),
		chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("no-first-run", true), chromedp.Flag("lang", "en-US"), chromedp.WindowSize(1280, 900),
		chromedp.Flag("use-fake-device-for-media-stream", true), chromedp.Flag("use-fake-ui-for-media-stream", true))...) // a microphone that beeps
	b.Cleanup(stop)
	ctx, cancel := chromedp.NewContext(actx)
	b.Cleanup(cancel)
	b.ctx = ctx
	must(b.TB, chromedp.Do(ctx, chromedp.Navigate("about:blank")))
	_, err := chromedp.Call(ctx, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	must(b.TB, err)
	_, err = chromedp.Call(ctx, cdpnet.Enable, cdpnet.EnableParams{})
	must(b.TB, err)
}

// quit ends the browser, so that its files are at rest.
func (b *tab) quit() { b.Helper(); must(b.TB, chromedp.Cancel(b.ctx)) }

func (b *tab) open() { b.Helper(); must(b.TB, chromedp.Do(b.ctx, chromedp.Navigate(b.base+"/"))) }

// eval evaluates on the page and waits for a promise.
func eval[T any](b *tab, js string) T {
	b.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 30*time.Second)
	defer cancel()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](js, chromedp.EvalAwaitPromise))
	if err != nil {
		b.Fatalf("%s: %s: %v\n%s", b.person.Name, js, err, b.text())
	}
	return v
}

func (b *tab) text() string {
	ctx, cancel := context.WithTimeout(b.ctx, 5*time.Second)
	defer cancel()
	s, err := chromedp.Run(ctx, chromedp.Evaluate[string]("document.body.innerText"))
	if err != nil {
		return err.Error()
	}
	return s
}

// until waits until something holds on the page.
func (b *tab) until(js string) {
	b.Helper()
	for end := time.Now().Add(40 * time.Second); time.Now().Before(end); time.Sleep(25 * time.Millisecond) {
		ctx, cancel := context.WithTimeout(b.ctx, 10*time.Second)
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("!!("+js+")"))
		cancel()
		if err == nil && ok {
			return
		}
	}
	b.picture("failed")
	b.Fatalf("%s: never: %s\nthe page says:\n%s", b.person.Name, js, b.text())
}

func quote(s string) string { q, _ := json.Marshal(s); return string(q) }

func (b *tab) says(words string) {
	b.Helper()
	b.until("document.body.innerText.includes(" + quote(words) + ")")
}

// helpers are what a person does, by what they read.
const helpers = `window.hand ??= {
  seen: (e) => e.checkVisibility({ visibilityProperty: true }) && !(document.querySelector("dialog[open]") && !e.closest("dialog[open]")),
  named: (e) => (e.getAttribute("aria-label") || e.innerText || "").replace(/\s+/g, " ").trim(),
  button: (words) => [...document.querySelectorAll("button, summary, a")].filter(hand.seen).find((e) => hand.named(e).startsWith(words)),
  field: (label) => [...document.querySelectorAll("input, textarea, select")].filter(hand.seen).find((e) => (e.getAttribute("aria-label") || e.labels?.[0]?.innerText || "").trim().startsWith(label)),
  press: (words) => hand.button(words).click(),
  fill: (label, v) => { const e = hand.field(label); e.focus(); if (e.type === "checkbox") { if (e.checked !== !!v) e.click(); return; } e.value = v; e.dispatchEvent(new Event("input", { bubbles: true })); e.dispatchEvent(new Event("change", { bubbles: true })); },
  bubble: (words) => [...document.querySelectorAll(".scroller li.message")].find((e) => e.querySelector(".said").innerText.includes(words)),
  times: (words) => [...document.querySelectorAll(".scroller .said")].filter((e) => e.innerText === words).length,
};`

func (b *tab) press(words string) {
	b.Helper()
	eval[any](b, helpers+"0")
	b.until("hand.button(" + quote(words) + ")")
	eval[any](b, "hand.press("+quote(words)+"), 0")
}

func (b *tab) fill(label, value string) {
	b.Helper()
	eval[any](b, helpers+"0")
	b.until("hand.field(" + quote(label) + ")")
	eval[any](b, "hand.fill("+quote(label)+", "+quote(value)+"), 0")
}

// menu does something with a message by its words.
func (b *tab) menu(message, what string) {
	b.Helper()
	eval[any](b, helpers+"0")
	b.until("hand.bubble(" + quote(message) + ")")
	eval[any](b, "hand.bubble("+quote(message)+").querySelector('.more').click(), 0")
	b.press(what)
}

// register is a first visit: a passphrase, a number, a code, a name.
func (b *tab) register() {
	b.Helper()
	b.fill("Passphrase", passphrase)
	b.fill("The same again", passphrase)
	b.press("Go on")
	b.fill("Your phone number", b.person.Phone)
	had := b.person.Texts()
	b.press("Send me the code")
	code, err := b.person.Code(b.TB.Context(), had)
	must(b.TB, err)
	b.fill("Code", code)
	b.fill("Your name", b.person.Name)
	b.press("Register")
	b.online()
}

func (b *tab) unlock() {
	b.Helper()
	b.fill("Passphrase", passphrase)
	b.press("Unlock")
	b.online()
}

func (b *tab) online() { b.Helper(); b.until("document.querySelector('.app .line')?.hidden") }

// chat begins a chat with a number.
func (b *tab) chat(phone string) {
	b.Helper()
	b.press("New chat or group")
	b.fill("Phone number", phone)
	b.press("Begin the chat")
	b.until("document.querySelector('.talk textarea')")
}

// into opens a chat of the list.
func (b *tab) into(title string) {
	b.Helper()
	b.until("[...document.querySelectorAll('.side .chats .name')].some((e) => e.innerText.includes(" + quote(title) + "))")
	eval[any](b, "[...document.querySelectorAll('.side .chats .chat')].find((e) => e.querySelector('.name').innerText.includes("+quote(title)+")).click(), 0")
	b.until("document.querySelector('.talk h2')?.innerText.includes(" + quote(title) + ")")
}

// details opens what there is about the conversation.
func (b *tab) details() {
	b.Helper()
	eval[any](b, "document.querySelector('.talk .title').click(), 0")
	b.until("document.querySelector('dialog[open]')")
}

func (b *tab) write(text string) { b.Helper(); b.writes(text, text) }

// writes sends what is typed and waits for how it shows.
func (b *tab) writes(typed, shown string) {
	b.Helper()
	b.fill("Message", typed)
	eval[any](b, "document.querySelector('.write').requestSubmit(), 0")
	b.has(shown)
}

// has waits until a message is on the screen, exactly once.
func (b *tab) has(text string) {
	b.Helper()
	eval[any](b, helpers+"0")
	b.until("hand.times(" + quote(text) + ") === 1")
}

// network takes the browser's network away, or gives it back.
func (b *tab) network(there bool) {
	b.Helper()
	_, err := chromedp.Call(b.ctx, cdpnet.OverrideNetworkState, cdpnet.OverrideNetworkStateParams{Offline: !there, DownloadThroughput: -1, UploadThroughput: -1})
	must(b.TB, err)
	eval[any](b, "dispatchEvent(new Event("+quote(map[bool]string{true: "online", false: "offline"}[there])+")), 0")
}

func (b *tab) key(name, text string) {
	b.Helper()
	kind := input.DispatchKeyEventTypeRawKeyDown
	if text != "" {
		kind = input.DispatchKeyEventTypeKeyDown
	}
	number := map[string]int64{"Tab": 9, "Enter": 13, "Escape": 27, "ArrowUp": 38, "ArrowDown": 40, "ArrowLeft": 37, "ArrowRight": 39, " ": 32, "Home": 36, "End": 35}[name]
	for _, k := range []input.DispatchKeyEventType{kind, input.DispatchKeyEventTypeKeyUp} {
		p := input.DispatchKeyEventParams{Type: k, Key: name, Code: name, WindowsVirtualKeyCode: number}
		if k != input.DispatchKeyEventTypeKeyUp {
			p.Text = text
		}
		_, err := chromedp.Call(b.ctx, input.DispatchKeyEvent, p)
		must(b.TB, err)
	}
}

// look sets the width and the scheme of the screen.
func (b *tab) look(width, height int64, scheme string) {
	b.Helper()
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
	must(b.TB, err)
	_, err = chromedp.Call(b.ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: height, DeviceScaleFactor: 1})
	must(b.TB, err)
}

// picture writes what is on the screen to build/screenshots.
func (b *tab) picture(name string) {
	b.Helper()
	root, err := story.Root()
	must(b.TB, err)
	dir := filepath.Join(root, "build", "screenshots")
	must(b.TB, os.MkdirAll(dir, 0o755))
	png, err := walk.Picture(b.ctx)
	must(b.TB, err)
	must(b.TB, os.WriteFile(filepath.Join(dir, "chat-"+strings.ReplaceAll(strings.ToLower(b.person.Name), " ", "-")+"-"+name+".png"), png, 0o644))
}

// checked has the accessibility checker look at what is on the screen.
func (b *tab) checked(where string) {
	b.Helper()
	root, err := story.Root()
	must(b.TB, err)
	axe, err := os.ReadFile(filepath.Join(root, "internal/testkit/walk/axe/node_modules/axe-core/axe.min.js"))
	if err != nil {
		testkit.Missing(b.TB, "the accessibility checker axe-core is missing (.ci/setup installs it)")
	}
	must(b.TB, chromedp.Do(b.ctx, chromedp.Evaluate[chromedp.Void](string(axe))))
	type violation struct{ ID, Impact, Help, Nodes string }
	for _, v := range eval[[]violation](b, `axe.run(document, { runOnly: { type: "tag", values: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }, resultTypes: ["violations"] })
		.then((r) => r.violations.map((v) => ({ ID: v.id, Impact: v.impact || "", Help: v.help, Nodes: v.nodes.slice(0, 3).map((n) => n.html.slice(0, 200) + " " + n.failureSummary).join("\n") })))`) {
		if v.Impact == "serious" || v.Impact == "critical" {
			b.Errorf("%s: %s (%s): %s\n%s", where, v.ID, v.Impact, v.Help, v.Nodes)
		} else {
			b.Logf("%s: %s (%s): %s\n%s", where, v.ID, v.Impact, v.Help, v.Nodes)
		}
	}
}

// screens shows what is open on a phone and in the dark: each is looked at by the
// checker and kept as a picture. Before each, again brings it back if a width
// took it away.
func (b *tab) screens(name string, again func()) {
	b.Helper()
	for _, l := range []struct {
		name          string
		width, height int64
		scheme        string
	}{{"phone", 390, 844, "light"}, {"dark", 1280, 800, "dark"}} {
		b.look(l.width, l.height, l.scheme)
		if again != nil {
			again()
		}
		time.Sleep(100 * time.Millisecond)
		b.picture(name + "-" + l.name)
		b.checked(name + ", " + l.name)
	}
	b.look(1280, 900, "light")
}
