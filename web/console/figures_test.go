package console_test

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"
	"time"

	"letterlock/desk/staff"
)

func TestTheLeadsPageAndItsFileSayTheSame(t *testing.T) {
	w := newWorld(t)
	n := w.file(w.order())
	w.approve("us.order.2703d")
	w.analyst.study(n)
	p := w.lead.get("/figures")
	says(t, p, 200, "Requests by month", "How long it took", "Findings by agency", "Harbor County Sheriff", "Who has how much", "Ines Okafor", "Second reviews", "Exercises", "Jonas Brandt", "lacks “", "unchecked for over 90 days")
	if !strings.Contains(string(p.Body), `<svg class="plot"`) || !strings.Contains(string(p.Body), "the figures of its table") {
		t.Error("no plot")
	}
	for _, title := range []string{"Requests by month", "Time until a request was acknowledged and answered, in minutes", "Findings raised most often", "Findings by agency", "Second reviews", "Open requests by member", "Exercises"} {
		if !strings.Contains(string(p.Body), `aria-label="`+title+`: the figures of its table`) {
			t.Errorf("no plot of %q", title)
		}
	}
	f := w.lead.get("/figures.csv?from=2026-01")
	if f.Status != 200 || !strings.HasPrefix(f.Header.Get("Content-Type"), "text/csv") {
		t.Fatal(f.Status, f.Header)
	}
	rows, err := csv.NewReader(bytes.NewReader(f.Body)).ReadAll()
	if err != nil || len(rows) < 20 {
		t.Fatal(len(rows), err)
	}
	for _, want := range []string{"2026-01,2026-11,,,Requests by month,2026-11,Came,1", "Who has how much,Ines Okafor,Open now,1"} {
		if !strings.Contains(string(f.Body), want) {
			t.Errorf("%q is missing:\n%s", want, f.Body)
		}
	}
	says(t, w.lead.get("/figures?process=us.emergency"), 200, "Nothing came in this time")
	says(t, w.lead.get("/figures?from=never"), 400, "write the first month")
	says(t, w.lead.get("/figures?from=2026-11&until=2026-01"), 400, "not before the first")
	says(t, w.analyst.get("/figures"), 403, "your role may not")
}

// TestTheLeadsPageTellsNoSealedMatter holds every byte of the page and the file
// of a lead who is not on the list, before and after sealed matters were worked on.
func TestTheLeadsPageTellsNoSealedMatter(t *testing.T) {
	w := newWorld(t)
	other := w.join("Lena Vogt", true, false, staff.Lead)
	w.file(w.order())
	paths := []string{"/figures", "/figures.csv", "/figures?from=2020-01", "/figures.csv?from=2020-01", "/figures?lane=sealed", "/figures.csv?lane=sealed", "/figures?process=us.nsl", "/figures.csv?process=us.nsl"}
	read := func() (out []string) {
		for _, at := range paths {
			p := other.get(at)
			if strings.Contains(at, "lane=sealed") && p.Status != 404 {
				t.Errorf("%s answers %d", at, p.Status)
			}
			out = append(out, string(p.Body))
		}
		return out
	}
	at := w.clock.Now()
	before := read()
	w.workSealed(t, "NSL-1")
	w.workSealed(t, "NSL-2")
	if d := w.clock.Now().Sub(at); d > time.Hour {
		t.Fatal(d)
	}
	after := read()
	for i := range before {
		if before[i] != after[i] {
			t.Errorf("%s differs", paths[i])
		}
	}
	says(t, w.lead.get("/figures?lane=sealed"), 200, "Figures of sealed matters")
	if f := w.lead.get("/figures.csv?lane=sealed"); !strings.Contains(string(f.Body), "Requests by month,2026-11,Came,2") {
		t.Errorf("the cleared lead's file: %s", f.Body)
	}
	if f := w.lead.get("/figures.csv"); !strings.Contains(string(f.Body), "Requests by month,2026-11,Came,1") {
		t.Errorf("a sealed matter is in a sum with others: %s", f.Body)
	}
}

func TestTheTeamsPagesInABrowser(t *testing.T) {
	w := newWorld(t)
	n := w.night()
	w.approve("us.order.2703d")
	w.analyst.study(n)
	c := w.chrome()
	c.as(w.lead)
	c.open("/figures", "Figures")
	c.picture("figures")
	c.open("/training", "Training")
	c.picture("training")
	c.open("/second", "Second reviews")
	c.picture("second")
}
