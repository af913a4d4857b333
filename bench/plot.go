package bench

import (
	"fmt"
	"html"
	"strings"
)

// bar is one line of the plot.
type bar struct {
	label string
	value float64
	mark  float64
	floor float64
}

// Plot draws rates beside their marks. It needs no colour to be read: the
// house's bar is solid, the floor's is an outline, the mark is a line with its
// number, and every bar says its value.
func (r *Results) Plot() string {
	var bars []bar
	for _, w := range r.rows() {
		if w.unit == "msg/s" {
			bars = append(bars, bar{label: w.work + ", " + w.on, value: w.figure, mark: w.mark, floor: w.floor})
		}
	}
	return drawBars("Envelopes a second, and the marks", bars)
}

const (
	plotWidth  = 860
	plotLeft   = 300
	plotRow    = 44
	plotTop    = 64
	plotMargin = 90
)

func drawBars(title string, bars []bar) string {
	most := 1.0
	for _, b := range bars {
		most = max(most, b.value, b.mark, b.floor)
	}
	x := func(v float64) float64 { return v / most * (plotWidth - plotLeft - plotMargin) }
	height := plotTop + plotRow*len(bars) + 24
	var s strings.Builder
	fmt.Fprintf(&s, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" role="img" aria-labelledby="t d" font-family="sans-serif" font-size="13">`+"\n", plotWidth, height)
	fmt.Fprintf(&s, `<title id="t">%s</title><desc id="d">%s</desc>`+"\n", html.EscapeString(title), html.EscapeString(describe(bars)))
	fmt.Fprintf(&s, `<rect width="%d" height="%d" fill="#fff"/><text x="16" y="24" font-size="16" font-weight="bold">%s</text>`+"\n", plotWidth, height, html.EscapeString(title))
	fmt.Fprintf(&s, `<text x="16" y="46">solid: Letterlock · outline: the floor in the same run · upright line: the mark</text>`+"\n")
	for i, b := range bars {
		y := plotTop + plotRow*i
		fmt.Fprintf(&s, `<text x="%d" y="%d" text-anchor="end">%s</text>`, plotLeft-10, y+19, html.EscapeString(strings.TrimSuffix(strings.ReplaceAll(b.label, ": rate", ""), ", ")))
		fmt.Fprintf(&s, `<rect x="%d" y="%d" width="%.1f" height="16" fill="#1f3a5f"/>`, plotLeft, y+4, x(b.value))
		fmt.Fprintf(&s, `<text x="%.1f" y="%d">%s</text>`, plotLeft+x(max(b.value, b.mark))+8, y+17, thousands(b.value))
		if b.floor > 0 {
			fmt.Fprintf(&s, `<rect x="%d" y="%d" width="%.1f" height="8" fill="none" stroke="#333"/>`, plotLeft, y+24, x(b.floor))
			fmt.Fprintf(&s, `<text x="%.1f" y="%d" font-size="10">%s</text>`, plotLeft+x(b.floor)+6, y+32, thousands(b.floor))
		}
		if b.mark > 0 {
			fmt.Fprintf(&s, `<path d="M%.1f %d v26" stroke="#b00" stroke-width="3"/>`, plotLeft+x(b.mark), y)
			fmt.Fprintf(&s, `<text x="%.1f" y="%d" font-size="10" text-anchor="end">mark %s</text>`, plotLeft+x(b.mark)-4, y+1, thousands(b.mark))
		}
		s.WriteByte('\n')
	}
	s.WriteString("</svg>\n")
	return s.String()
}

func describe(bars []bar) string {
	var s []string
	for _, b := range bars {
		t := fmt.Sprintf("%s: %s", b.label, thousands(b.value))
		if b.mark > 0 {
			t += ", mark " + thousands(b.mark)
		}
		if b.floor > 0 {
			t += ", floor " + thousands(b.floor)
		}
		s = append(s, t)
	}
	return strings.Join(s, "; ")
}
