package console_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"letterlock/desk/casefile"
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
	p := a.press(a.get(path(n)), "Find out which have an account")
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
