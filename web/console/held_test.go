package console_test

import (
	"strings"
	"testing"
)

// A finding after the grants holds them, and the page says so and why.
func TestTheCasePageSaysWhatHoldsARelease(t *testing.T) {
	w := newWorld(t)
	w.approve("us.order.2703d")
	n := w.file(w.order())
	w.analyst.study(n)
	w.analyst.decideAll(n)
	w.analyst.press(w.analyst.get(path(n)), "Propose the grants")
	if p := w.analyst.get(path(n)); strings.Contains(string(p.Body), "The release is held") {
		t.Fatal("held by nothing")
	}
	w.ok(w.desk.Review.AddFinding(w.Context(), w.analyst.id, n, "SYS.KEYS", "page 3 asks for the keys"))
	if p := w.analyst.get(path(n)); !strings.Contains(string(p.Body), "The release is held") || !strings.Contains(string(p.Body), "a demand on the system stands in this case") {
		t.Error("the page does not say what holds the release")
	}
}
