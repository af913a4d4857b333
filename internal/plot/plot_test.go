package plot_test

import (
	"encoding/xml"
	"io"
	"strings"
	"testing"

	"letterlock/internal/plot"
)

// wellFormed reads an SVG to its end.
func wellFormed(t *testing.T, s string) {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(s))
	for {
		if _, err := d.Token(); err == io.EOF {
			return
		} else if err != nil {
			t.Fatalf("%v in %s", err, s)
		}
	}
}

func TestAPlotSaysItsFiguresInFigures(t *testing.T) {
	s := string(plot.Bars("Outcomes", []plot.Bar{{Name: `<script>"&`, N: 7}, {Name: "none", N: 0}}))
	wellFormed(t, s)
	for _, want := range []string{`aria-label="Outcomes: the figures of its table as bars"`, ">7</text>", ">0</text>", `width="0"`, "&lt;script&gt;"} {
		if !strings.Contains(s, want) {
			t.Errorf("%q is missing in %s", want, s)
		}
	}
	if strings.Contains(s, "style") || strings.Contains(s, "#") && !strings.Contains(s, "&#") {
		t.Error("a plot brings a colour or a style of its own")
	}
	var year []plot.Month
	for range 72 {
		year = append(year, plot.Month{Name: "2026-11", A: 3, B: 1})
	}
	s = string(plot.Months("By month", "came", "answered", year))
	wellFormed(t, s)
	if strings.Count(s, ">26-11<") > 12 || !strings.Contains(s, `fill="none" stroke="currentColor"`) {
		t.Error("names overlap, or the two series differ by nothing")
	}
	wellFormed(t, string(plot.Months("Nothing", "a", "b", nil)))
	s = string(plot.Months("By month", "came", "answered", []plot.Month{{Name: "2026-11", A: 5, B: 1}}))
	for _, want := range []string{">By month<", ">0<", ">3<", ">6<"} {
		if !strings.Contains(s, want) {
			t.Errorf("the axis does not say %s: %s", want, s)
		}
	}
}
