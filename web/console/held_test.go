package console_test

import (
	"strings"
	"testing"
	"time"
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

// A finding after the package holds its download, and the page says so and why.
func TestTheCasePageSaysWhatHoldsAPackage(t *testing.T) {
	w := newWorld(t)
	w.approve("us.order.2703d")
	n := w.file(w.order())
	w.custodianJoins()
	w.analyst.study(n)
	w.analyst.press(w.analyst.decideAll(n), "Propose the grants")
	w.ok(w.door.SignAll("Sefa Yilmaz", "Miriam Adler"))
	for _, d := range []time.Duration{10 * time.Minute, 8 * 24 * time.Hour, 10 * time.Minute, 10 * time.Minute} {
		w.pass(d)
	}
	w.lead.signIn()
	p := w.lead.get(path(n))
	says(t, p, 200, "can be downloaded")
	silent(t, p, "The package is held")
	w.ok(w.desk.Review.AddFinding(w.Context(), w.analyst.id, n, "FORM.UNSIGNED", "page 1"))
	p = w.lead.get(path(n))
	says(t, p, 200, "The package is held", "Nobody can download it: the finding FORM.UNSIGNED")
	silent(t, p, "can be downloaded")
}
