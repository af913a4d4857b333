package walk

import (
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/target"
	"github.com/chromedp/chromedp"
)

// What a person does with a page by keyboard beyond filling a form in.

// Opens goes to details by Tab and opens them.
func (w *Walker) Opens(summary string) {
	w.Helper()
	w.Tabs(summary)
	w.press(enter)
	if open, err := run[bool](w, "!!document.activeElement.closest('details') && document.activeElement.closest('details').open"); err != nil || !open {
		w.Fatalf("%q does not open by Enter (%v)", summary, err)
	}
}

// Presses goes to a button by Tab, presses Enter and waits for the page that
// says how it went.
func (w *Walker) Presses(button, says string) {
	w.Helper()
	w.Tabs(button)
	w.within(chromedp.Evaluate[chromedp.Void]("window.before = true"))
	w.press(enter)
	w.comes("!window.before", says)
}

// comes waits until the page is another one, or has changed as told, and says
// something.
func (w *Walker) comes(js, says string) {
	w.Helper()
	for end := time.Now().Add(15 * time.Second); time.Now().Before(end); {
		if there, err := run[bool](w, js+" && document.readyState === 'complete' && !!document.querySelector('h1')"); err == nil && there && strings.Contains(w.Text(), says) {
			return
		}
	}
	w.Fatalf("the page does not come to say %q:\n%s", says, w.Text())
}

// Beside presses Enter on what opens a tab of its own, reads there what it
// should say, closes it and comes back.
func (w *Walker) Beside(words, says string) {
	w.Helper()
	w.Tabs(words)
	came := chromedp.WaitNewTarget(w.ctx, func(i *target.Info) bool { return i.OpenerID != "" })
	w.press(enter)
	select {
	case id := <-came:
		ctx, shut := chromedp.NewContext(w.ctx, chromedp.WithTargetID(id))
		other := &Walker{T: w.T, ctx: ctx, base: w.base, dir: w.dir, site: w.site}
		other.comes("true", says)
		shut()
	case <-time.After(15 * time.Second):
		w.Fatalf("%q opens no tab", words)
	}
	_, err := chromedp.Call(w.ctx, page.BringToFront, cdp.Empty{}) // a tab behind another is not drawn
	w.ok(err)
}

// Again loads the page that is open anew, as a person does who waits.
func (w *Walker) Again() {
	w.Helper()
	at, err := run[string](w, "location.href")
	w.ok(err)
	w.within(chromedp.Navigate(at))
}

// Picture writes the page that is open, light.
func (w *Walker) Picture(name string) {
	w.Helper()
	w.picture(name)
}
