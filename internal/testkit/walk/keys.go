package walk

import (
	"fmt"
	"strings"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

// key is a key of the keyboard.
type key struct {
	name, code, text string
	number           int64
}

var (
	tab    = key{"Tab", "Tab", "", 9}
	enter  = key{"Enter", "Enter", "\r", 13}
	space  = key{" ", "Space", " ", 32}
	down   = key{"ArrowDown", "ArrowDown", "", 40}
	home   = key{"Home", "Home", "", 36}
	letter = func(r rune) key { return key{string(r), "", string(r), 0} }
)

// press presses keys, one after the other.
func (w *Walker) press(keys ...key) {
	w.Helper()
	for _, k := range keys {
		kind := input.DispatchKeyEventTypeRawKeyDown
		if k.text != "" {
			kind = input.DispatchKeyEventTypeKeyDown
		}
		_, err := chromedp.Call(w.ctx, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: kind, Key: k.name, Code: k.code, Text: k.text, UnmodifiedText: k.text, WindowsVirtualKeyCode: k.number})
		w.ok(err)
		_, err = chromedp.Call(w.ctx, input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: input.DispatchKeyEventTypeKeyUp, Key: k.name, Code: k.code, WindowsVirtualKeyCode: k.number})
		w.ok(err)
	}
}

// tour is what the page recorded of a tour by Tab.
type tour struct {
	Done  bool
	Count int
	Wrong []string
}

// keyboard walks the page that is open by keyboard: details open, Tab comes by
// everything that can be used, once, in the order of the page, with a focus
// that shows; the first link leads past the header; forms are sent by Enter.
func (w *Walker) keyboard(where string) {
	w.Helper()
	n, err := run[int](w, "walk.summaries()")
	w.ok(err)
	for i := range n {
		w.within(chromedp.Evaluate[chromedp.Void](fmt.Sprintf("void walk.focusSummary(%d)", i)))
		w.press(enter)
		if open, err := run[bool](w, fmt.Sprintf("walk.isOpen(%d)", i)); err != nil || !open {
			w.Errorf("%s: the %d. details do not open by keyboard (%v)", where, i+1, err)
		}
		w.Found.Details++
	}
	got := w.tours()
	if len(got.Wrong) > 0 { // a window that lost the focus and got it back is no fault of the page: what is one is there again
		w.Logf("%s: by keyboard, once more: %s", where, got.Wrong[0])
		got = w.tours()
	}
	w.Found.Focused += got.Count
	for _, s := range got.Wrong {
		w.Errorf("%s: by keyboard: %s", where, s)
	}
	w.skips(where)
	w.sends(where)
}

// tours goes round the page by Tab.
func (w *Walker) tours() tour {
	w.Helper()
	most, err := run[int](w, "walk.begin()")
	w.ok(err)
	var got tour
	for range most/4 + 3 {
		w.press(tab, tab, tab, tab)
		if got, err = run[tour](w, "walk.so()"); err != nil || got.Done {
			break
		}
	}
	w.ok(err)
	round := got.Done
	got, err = run[tour](w, "walk.end()")
	w.ok(err)
	if !round {
		got.Wrong = append(got.Wrong, "Tab does not come round: a trap?")
	}
	return got
}

// skips goes by the first link past the header.
func (w *Walker) skips(where string) {
	w.Helper()
	if there, err := run[bool](w, "walk.toSkip()"); err != nil || !there {
		w.Errorf("%s: there is no link past the header (%v)", where, err)
		return
	}
	w.press(enter)
	for range 20 {
		if ok, err := run[bool](w, "document.activeElement === document.querySelector('main')"); err == nil && ok {
			return
		}
	}
	w.Errorf("%s: the link past the header does not lead to the content", where)
}

// sends presses Enter in every form; the page keeps back what would be sent.
func (w *Walker) sends(where string) {
	w.Helper()
	n, err := run[int](w, "walk.forms()")
	w.ok(err)
	for i := range n {
		what, err := run[string](w, fmt.Sprintf("walk.inForm(%d)", i))
		w.ok(err)
		if what == "" {
			continue
		}
		w.press(enter)
		if sent, err := run[bool](w, fmt.Sprintf("walk.sent(%d)", i)); err != nil || !sent {
			w.Errorf("%s: Enter in %s does not send its form (%v)", where, what, err)
		}
		w.Found.Forms++
	}
}

// Tabs goes by Tab to the element whose name or words fit, and fails if Tab
// never comes there.
func (w *Walker) Tabs(words string) { w.Helper(); w.tabs("at", words) }

func (w *Walker) tabs(to, words string) {
	w.Helper()
	w.within(chromedp.Evaluate[chromedp.Void](script))
	for range 400 {
		w.press(tab)
		if at, err := run[bool](w, fmt.Sprintf("walk.%s(%q)", to, words)); err == nil && at {
			return
		}
	}
	w.Fatalf("Tab never comes to %q:\n%s", words, w.Text())
}

// Types goes to a field by Tab and types into it.
func (w *Walker) Types(field, words string) {
	w.Helper()
	w.tabs("field", field)
	kind, err := run[string](w, "document.activeElement.type || ''")
	w.ok(err)
	if kind == "date" { // as its parts want it: month, day, year
		d := strings.Split(words, "-")
		words = d[1] + d[2] + d[0]
	}
	for _, r := range words {
		w.press(letter(r))
	}
}

// Chooses goes to a field by Tab and chooses by the arrows: the option of a
// list or the button of a group.
func (w *Walker) Chooses(field, value string) {
	w.Helper()
	w.tabs("field", field)
	if list, err := run[bool](w, "document.activeElement.tagName === 'SELECT'"); err == nil && list {
		w.press(home)
	}
	for range 80 {
		if got, err := run[string](w, "document.activeElement.type === 'radio' && !document.activeElement.checked ? '' : document.activeElement.value"); err == nil && got == value {
			return
		}
		w.press(down)
	}
	w.Fatalf("the arrows never come to %q of %q", value, field)
}

// Ticks goes to a box by Tab and ticks it.
func (w *Walker) Ticks(field string) { w.Helper(); w.tabs("field", field); w.press(space) }

// Enters goes to a link or a button by Tab, presses Enter and waits for the
// page whose heading has the words.
func (w *Walker) Enters(words, heading string) {
	w.Helper()
	w.Tabs(words)
	w.Enter(heading)
}

// Enter presses Enter and waits for another page with the heading.
func (w *Walker) Enter(heading string) {
	w.Helper()
	w.within(chromedp.Evaluate[chromedp.Void]("window.before = true"))
	w.press(enter)
	w.At(heading)
}

// At waits for a page by the words of its heading.
func (w *Walker) At(heading string) {
	w.Helper()
	js := fmt.Sprintf("!window.before && document.readyState === 'complete' && !!document.querySelector('h1') && document.querySelector('h1').innerText.includes(%q)", heading)
	for end := time.Now().Add(15 * time.Second); time.Now().Before(end); {
		if at, err := run[bool](w, js); err == nil && at {
			return
		}
	}
	w.Fatalf("not at %q:\n%s", heading, w.Text())
}
