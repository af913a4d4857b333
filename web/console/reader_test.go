package console_test

import (
	"bytes"
	"image/png"
	"strings"
	"testing"

	"letterlock/desk/casefile"
)

func TestAPaperIsShownAsPicturesAndNeverAsAFile(t *testing.T) {
	w := newWorld(t)
	n := w.file(w.order())
	a := w.analyst
	at := path(n) + "/papers/" + string(w.load(n).Demand.Papers[0].ID)
	if got := a.get(at + "/1.png"); got.Status != 409 || len(w.load(n).Unread()) != 1 {
		t.Errorf("a page is shown before its reading is recorded: %d", got.Status)
	}
	says(t, a.get(at), 200, "That you read it is recorded")
	p := a.press(a.get(path(n)), "Read order.pdf")
	says(t, p, 200, "order.pdf", "Page 1 of 1", "no electronic signature", "A picture has no text for a screen reader")
	for _, want := range []string{`src="` + at + `/1.png?zoom=page"`, `alt="Page 1 of 1 of order.pdf"`} {
		if !strings.Contains(string(p.Body), want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	var wide []int
	for _, zoom := range []string{"page", "close", "nonsense"} {
		got := a.get(at + "/1.png?zoom=" + zoom)
		for name, want := range map[string]string{"Content-Type": "image/png", "Content-Disposition": "filename=page-1.png", "Content-Security-Policy": "default-src 'none'", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"} {
			if have := got.Header.Get(name); !strings.Contains(have, want) {
				t.Errorf("%s is %q, want %q in it", name, have, want)
			}
		}
		m, err := png.Decode(bytes.NewReader(got.Body))
		if err != nil {
			t.Fatalf("zoom %s: %d %v", zoom, got.Status, err)
		}
		wide = append(wide, m.Bounds().Dx())
	}
	if wide[0] != wide[2] || wide[1] <= wide[0] {
		t.Errorf("widths of the sizes: %v", wide)
	}
	for _, other := range []string{"", "/file", "/order.pdf", "/0", "/1.pdf"} {
		if got := a.get(at + other); bytes.Contains(got.Body, []byte("%PDF-")) {
			t.Errorf("%s gives the file itself", other)
		}
	}
}

func TestAReadingIsRecordedOnceForEachReader(t *testing.T) {
	w := newWorld(t)
	n := w.file(w.order())
	readings := func() (k int) {
		for _, e := range w.load(n).Events {
			if e.Kind == casefile.KPaperRead {
				k++
			}
		}
		return k
	}
	id := w.load(n).Demand.Papers[0].ID
	for range 2 {
		w.analyst.press(w.analyst.get(path(n)), "Read order.pdf")
		for _, zoom := range []string{"page", "close"} {
			w.analyst.get(path(n) + "/papers/" + string(id) + "/1.png?zoom=" + zoom)
		}
	}
	if got := readings(); got != 1 {
		t.Errorf("one reader of several pictures is recorded %d times", got)
	}
	w.lead.press(w.lead.get(path(n)), "Read order.pdf")
	if got := readings(); got != 2 {
		t.Errorf("two readers are recorded %d times", got)
	}
	if c := w.load(n); len(c.Unread()) != 0 || c.ReadPapers[id].Name != w.analyst.name {
		t.Error("it is not recorded who read the paper first")
	}
}
