// Package plot draws small plots as SVG: bars, and columns by month. It knows
// names and numbers. Every number stands at its bar in figures, and two series
// differ by outline and not by colour, so that nothing is said by colour alone.
// It uses no style: a plot has the colour of the text around it.
package plot

import (
	"fmt"
	"html/template"
	"strings"
)

// Bar is a line of a plot.
type Bar struct {
	Name string
	N    int
}

const (
	step, left, room = 28, 250, 380
	head             = 32 // for the title
)

// Bars are horizontal bars whose lengths are the figures of a table beside them.
func Bars(title string, bars []Bar) template.HTML {
	most := 1
	for _, b := range bars {
		most = max(most, b.N)
	}
	var s strings.Builder
	open(&s, 720, step*len(bars)+head, title, "as bars")
	said(&s, 0, 16, title)
	for i, b := range bars {
		w := 0
		if b.N > 0 {
			w = max(1, b.N*room/most)
		}
		y := i*step + head - 4
		fmt.Fprintf(&s, `<text x="%d" y="%d" text-anchor="end" fill="currentColor">%s</text><rect x="%d" y="%d" width="%d" height="20" fill="currentColor"></rect><text x="%d" y="%d" fill="currentColor">%d</text>`,
			left-10, y+15, template.HTMLEscapeString(short(b.Name)), left, y, w, left+w+8, y+15, b.N)
	}
	return done(&s)
}

// Month is a month's two numbers.
type Month struct {
	Name string // such as 2026-11
	A, B int
}

const (
	high  = 160 // of the highest column
	below = 24  // for the months
	axis  = 44  // for the numbers of the axis
)

// Months are columns by month: the first series full, the second in outline,
// over an axis that begins at nothing.
func Months(title, a, b string, months []Month) template.HTML {
	most := 1
	for _, m := range months {
		most = max(most, m.A, m.B)
	}
	most = round(most)
	const width, top = 720, head + 28
	each := (width - axis - 10) / max(1, len(months))
	col := max(1, min(22, each*2/5))
	var s strings.Builder
	open(&s, width, top+high+below, title, "as columns: "+a+" full, "+b+" in outline")
	said(&s, 0, 16, title)
	fmt.Fprintf(&s, `<rect x="%d" y="%d" width="12" height="12" fill="currentColor"></rect><rect x="%d" y="%d" width="11" height="11" fill="none" stroke="currentColor"></rect>`, axis, head-2, axis+140, head-1)
	text(&s, axis+18, head+9, a)
	text(&s, axis+158, head+9, b)
	for _, n := range []int{0, most / 2, most} {
		y := top + high - n*high/most
		fmt.Fprintf(&s, `<line x1="%d" y1="%d" x2="%d" y2="%d" stroke="currentColor" stroke-opacity="%s"></line><text x="%d" y="%d" text-anchor="end" fill="currentColor">%d</text>`, axis, y, width, y, map[bool]string{true: "1", false: "0.25"}[n == 0], axis-8, y+4, n)
	}
	every := max(1, (len(months)+11)/12) // names that have room
	for i, m := range months {
		x := axis + 6 + i*each
		column(&s, x, top+high, m.A*high/most, m.A, col, `fill="currentColor"`)
		column(&s, x+col+2, top+high, m.B*high/most, m.B, col, `fill="none" stroke="currentColor"`)
		if i%every == 0 {
			text(&s, x, top+high+17, m.Name[2:])
		}
	}
	return done(&s)
}

func column(s *strings.Builder, x, floor, h, n, wide int, look string) {
	if n > 0 {
		fmt.Fprintf(s, `<rect x="%d" y="%d" width="%d" height="%d" %s></rect>`, x, floor-max(1, h), wide, max(1, h), look)
	}
}

// round is the next number at which an axis ends well: even, and of one digit
// that is not nothing, or of one and a half.
func round(n int) int {
	for unit := 1; ; unit *= 10 {
		for _, x := range []int{2, 4, 6, 8, 10, 14} {
			if x*unit >= n {
				return x * unit
			}
		}
	}
}

func text(s *strings.Builder, x, y int, words string) {
	fmt.Fprintf(s, `<text x="%d" y="%d" fill="currentColor">%s</text>`, x, y, template.HTMLEscapeString(words))
}

// said is the title over a plot.
func said(s *strings.Builder, x, y int, title string) {
	fmt.Fprintf(s, `<text x="%d" y="%d" font-weight="600" font-size="13" fill="currentColor">%s</text>`, x, y, template.HTMLEscapeString(title))
}

func open(s *strings.Builder, width, height int, title, how string) {
	fmt.Fprintf(s, `<svg class="plot" font-size="12" viewBox="0 0 %d %d" role="img" aria-label="%s: the figures of its table %s">`, width, height, template.HTMLEscapeString(title), template.HTMLEscapeString(how))
}

func done(s *strings.Builder) template.HTML {
	s.WriteString("</svg>")
	return template.HTML(s.String())
}

func short(s string) string {
	if r := []rune(s); len(r) > 34 {
		return string(r[:33]) + "…"
	}
	return s
}
