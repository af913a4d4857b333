package console_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"letterlock/desk/casefile"
	"letterlock/desk/staff"
)

// TestCounselDrawsBoxesByMouseAndKeyboard: a box drawn on the page goes into the
// numbers and is blacked out; so does one that is moved by keys alone. Both work
// under the site's policy, with no script or style in the page.
func TestCounselDrawsBoxesByMouseAndKeyboard(t *testing.T) {
	w := newWorld(t)
	n := w.forCounsel("HC-26-140")
	vera := w.trained("Vera Holm", staff.Counsel)
	vera.Open("/room")
	vera.Enters(string(n), "")
	vera.Enters("Paper 1 of the demand", "")
	vera.Presses("Look at its pages", "Page 1 of 1")

	vera.Tabs("Place a box with the keyboard")
	vera.keys("Enter", 0)
	vera.Says("The box is at 30–70 % ↔, 45–50 % ↕")
	if got := vera.asks(`document.activeElement.getAttribute("role")`); got != "application" {
		t.Errorf("the focus is on %s, not on the box", got)
	}
	vera.keys("ArrowRight", 0)
	vera.keys("ArrowRight", 0)
	vera.keys("ArrowUp", 0)
	vera.keys("ArrowDown", 8) // with Shift
	if got := vera.sides(); got != "32 44 72 50" {
		t.Errorf("by keys the box is at %s", got)
	}
	vera.Picture("room-draw-keys")
	vera.keys("Enter", 0)
	vera.waits("from 32 % to 72 % across, from 44 % to 50 % down")

	vera.drag(0.10, 0.05, 0.90, 0.12)
	var l, top, r, b float64
	if _, err := fmt.Sscan(vera.sides(), &l, &top, &r, &b); err != nil || l < 9 || l > 11 || top < 4 || top > 6 || r < 89 || r > 91 || b < 11 || b > 13 {
		t.Errorf("by mouse the box is at %s", vera.sides())
	}
	vera.Picture("room-draw-mouse")
	vera.Presses("Black it out", "Blacked out.")
	boxes := w.drafted(n)
	if len(boxes) != 2 || boxes[0] != (casefile.Box{Left: 320, Top: 440, Right: 720, Bottom: 500}) || boxes[1].Left < 90 || boxes[1].Right > 910 {
		t.Errorf("%+v", boxes)
	}
}

func (h *hands) asks(js string) string {
	h.Helper()
	s, err := chromedp.Run(h.Context(), chromedp.Evaluate[string](js))
	h.w.ok(err)
	return s
}

// sides are the numbers in the form.
func (h *hands) sides() string {
	h.Helper()
	return h.asks(`["left", "top", "right", "bottom"].map((s) => document.getElementById(s).value).join(" ")`)
}

var keyNumbers = map[string]int64{"Enter": 13, "ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40}

func (h *hands) keys(name string, with int64) {
	h.Helper()
	text := map[string]string{"Enter": "\r"}[name]
	for _, kind := range []input.DispatchKeyEventType{input.DispatchKeyEventTypeKeyDown, input.DispatchKeyEventTypeKeyUp} {
		_, err := chromedp.Call(h.Context(), input.DispatchKeyEvent, input.DispatchKeyEventParams{Type: kind, Key: name, Code: name, Text: text, Modifiers: with, WindowsVirtualKeyCode: keyNumbers[name]})
		h.w.ok(err)
		text = ""
	}
}

func (h *hands) waits(says string) {
	h.Helper()
	for end := time.Now().Add(15 * time.Second); time.Now().Before(end); {
		if strings.Contains(h.Text(), says) {
			return
		}
	}
	h.Fatalf("the page does not come to say %q:\n%s", says, h.Text())
}

// drag draws over the picture with the mouse, in parts of its sides.
func (h *hands) drag(left, top, right, bottom float64) {
	h.Helper()
	for end := time.Now().Add(15 * time.Second); time.Now().Before(end) && h.asks(`String(!!document.querySelector(".drawing img")?.complete)`) != "true"; {
	}
	h.asks(`document.querySelector(".drawing img").scrollIntoView({block: "start", behavior: "instant"}), "there"`)
	var x, y, wide, high float64
	_, err := fmt.Sscan(h.asks(`(() => { const r = document.querySelector(".drawing img").getBoundingClientRect(); return [r.left, r.top, r.width, r.height].join(" ") })()`), &x, &y, &wide, &high)
	h.w.ok(err)
	for _, e := range []struct {
		kind   input.DispatchMouseEventType
		across float64
		down   float64
		held   int64
	}{{input.DispatchMouseEventTypeMousePressed, left, top, 1}, {input.DispatchMouseEventTypeMouseMoved, (left + right) / 2, bottom, 1}, {input.DispatchMouseEventTypeMouseMoved, right, bottom, 1}, {input.DispatchMouseEventTypeMouseReleased, right, bottom, 0}} {
		_, err := chromedp.Call(h.Context(), input.DispatchMouseEvent, input.DispatchMouseEventParams{Type: e.kind, X: x + e.across*wide, Y: y + e.down*high, Button: input.MouseButtonLeft, Buttons: e.held, ClickCount: 1})
		h.w.ok(err)
	}
}

// drafted are the boxes on the first page of the case's paper, so far.
func (w *world) drafted(n casefile.Number) []casefile.Box {
	w.Helper()
	x := must(w.desk.Room.See(w.Context(), w.counsel.id, n))(w)
	c, _ := x.Plan.Choice(string(x.Case.Demand.Papers[0].ID))
	p, _ := c.Page(1)
	return p.Boxes
}
