package console_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"letterlock/desk/casefile"
	"letterlock/internal/testkit/browser"
	"letterlock/law"
)

// many is a demand for n accounts, none of which exists.
func (w *world) many(n int) casefile.Demand {
	d := w.order()
	d.Targets, d.Wanted = nil, []casefile.Item{"name", "last_ip"}
	for i := range n {
		d.Targets = append(d.Targets, casefile.Target{Kind: law.TargetPhone, Identifier: fmt.Sprintf("+1202555%04d", 2000+i)})
	}
	return d
}

// TestManyLookUpsShowHowFarTheyAre: the press answers at once, a page of its own
// loads itself again while the clock works, and then no more.
func TestManyLookUpsShowHowFarTheyAre(t *testing.T) {
	w := newWorld(t)
	w.approve("us.order.2703d")
	n := w.file(w.many(600))
	a := w.analyst
	says(t, a.press(a.get(path(n)), "Assign", "to", string(a.id)), 200, "Assigned.")
	says(t, a.press(a.get(path(n)), "I have no tie"), 200, "Recorded: you have no tie")
	says(t, a.get(path(n)+"/progress"), 200, "Nothing is looked up, handed out or told at the moment")
	p := a.get(path(n))
	if got := strings.Count(string(p.Body), `name="why-lookup"`); got != 1 {
		t.Errorf("%d fields ask for the reason of one list", got)
	}
	p = a.press(p, "Look up +12025552001", "why-lookup", "the second of the list first")
	says(t, p, 200, "That is all the carrier says", "the second of the list first")
	if c := w.load(n); len(c.Resolutions) != 1 || c.Resolutions[1].At.IsZero() {
		t.Errorf("looked up: %v", c.Resolutions)
	}
	says(t, a.post(path(n)+"/lookup/2"), 400, "Say why: it stands in the history.")
	p = a.press(a.get(path(n)), "Find out which have an account")
	says(t, p, 200, "They are being looked up", "of 600 accounts looked up", "Watch how far it is")
	silent(t, p, "Find out which have an account")
	away := errors.New("the carrier is away")
	calls := 0
	w.door.Fail = func(point string) error {
		if point == "before:resolve-all" {
			if calls++; calls == 2 {
				return away
			}
		}
		return nil
	}
	_ = w.desk.Tick(t.Context()) // 500 of them
	p = a.get(path(n) + "/progress")
	says(t, p, 200, "of 600 accounts looked up", "loads itself again")
	if p.Header.Get("Refresh") != "5" {
		t.Errorf("the page does not load itself again: %q", p.Header.Get("Refresh"))
	}
	w.pass(2 * time.Minute)
	p = a.get(path(n) + "/progress")
	says(t, p, 200, "Nothing is looked up, handed out or told at the moment", "Back to the case")
	if p.Header.Get("Refresh") != "" || len(w.load(n).Resolutions) != 600 {
		t.Errorf("it goes on: %q, %d looked up", p.Header.Get("Refresh"), len(w.load(n).Resolutions))
	}
	says(t, a.get(path(n)), 200, "has no account")
}

// TestALongListIsNarrowedToSingleAccounts: accounts beyond the first fifty are
// on pages of their own, and an item is narrowed to any of them by pasting.
func TestALongListIsNarrowedToSingleAccounts(t *testing.T) {
	w := newWorld(t)
	w.approve("us.order.2703d")
	n := w.file(w.many(120))
	a := w.analyst
	says(t, a.press(a.get(path(n)), "Assign", "to", string(a.id)), 200, "Assigned.")
	says(t, a.press(a.get(path(n)), "I have no tie"), 200, "Recorded: you have no tie")
	first := a.get(path(n))
	says(t, first, 200, "Accounts 1 to 50 of 120 are shown", "Those after", "50. +12025552049")
	silent(t, first, "51. +12025552050", "Those before")
	last := a.get(path(n) + "?accounts=101")
	says(t, last, 200, "Accounts 101 to 120 of 120 are shown", "Those before", "120. +12025552119")
	silent(t, last, "Those after", "100. +12025552099")
	says(t, a.get(path(n)+"?accounts=x"), 200, "Accounts 1 to 50 of 120")
	says(t, a.get(path(n)+"?accounts=100000"), 200, "Accounts 101 to 120 of 120")
	for _, p := range w.load(n).Unread() {
		must(w.desk.Review.ReadPaper(t.Context(), a.id, n, p.ID))(w)
	}
	for _, f := range w.load(n).Findings {
		if f.Blocks() {
			w.ok(w.desk.Review.AnswerFinding(t.Context(), a.id, n, f.ID, false, "checked against the paper: met"))
		}
	}
	narrow := func(accounts string) *browser.Page {
		return a.press(a.get(path(n)), "Record the decision", "verdict-name", "narrow", "reason-name", "the paper shows a reason for these", "only-name", accounts,
			"verdict-last_ip", "decline", "reason-last_ip", "too wide")
	}
	for _, x := range [][2]string{{"+12025559999", "+12025559999 is not asked about in this request"}, {"+12025552000\nnobody", "nobody is not asked about in this request"}, {"+12025552000\n+12", "Line 2 of the accounts for “Name”"}} {
		says(t, narrow(x[0]), 400, x[1])
		if len(w.load(n).Decisions) != 0 {
			t.Fatal("decided all the same")
		}
	}
	says(t, narrow("+1 202 555 2119\n+12025552000\n+12025552077"), 200, "Decided: 2 items")
	says(t, w.lead.get(path(n)), 200, "only for +12025552000, +12025552077, +12025552119")
	if d := w.load(n).Decisions["name"]; d.Verdict != casefile.Narrow || !slices.Equal(d.Targets, []int{0, 77, 119}) {
		t.Errorf("%+v", d)
	}
	if !strings.Contains(string(a.get(path(n)).Body), "&#43;12025552077\n&#43;12025552119") {
		t.Error("what was pasted is not there to be changed")
	}
}
