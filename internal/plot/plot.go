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
)

// Bars are horizontal bars whose lengths are the figures of a table beside them.
func Bars(title string, bars []Bar) template.HTML {
	most := 1
	for _, b := range bars {
		most = max(most, b.N)
	}
	var s strings.Builder
	open(&s, 720, step*len(bars)+8, title, "as bars")
	for i, b := range bars {
		w := 0
		if b.N > 0 {
			w = max(1, b.N*room/most)
		}
		y := i*step + 4
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
	high  = 160
	below = 40
)

// Months are columns by month: the first series full, the second in outline.
func Months(title, a, b string, months []Month) template.HTML {
	most := 1
	for _, m := range months {
		most = max(most, m.A, m.B)
	}
	width := 720
	each := (width - 20) / max(1, len(months))
	col := max(1, min(22, each*2/5))
	var s strings.Builder
	open(&s, width, high+below+24, title, "as columns: "+a+" full, "+b+" in outline")
	fmt.Fprintf(&s, `<rect x="0" y="2" width="12" height="12" fill="currentColor"></rect><text x="18" y="13" fill="currentColor">%s</text><rect x="160" y="3" width="11" height="11" fill="none" stroke="currentColor"></rect><text x="178" y="13" fill="currentColor">%s</text>`,
		template.HTMLEscapeString(a), template.HTMLEscapeString(b))
	every := max(1, (len(months)+11)/12) // names that have room
	for i, m := range months {
		x := 10 + i*each
		for j, n := range []int{m.A, m.B} {
			h := n * (high - 24) / most
			at := x + j*(col+2)
			look := `fill="currentColor"`
			if j == 1 {
				look = `fill="none" stroke="currentColor"`
			}
			if n > 0 {
				fmt.Fprintf(&s, `<rect x="%d" y="%d" width="%d" height="%d" %s></rect>`, at, high+24-max(1, h), col, max(1, h), look)
			}
		}
		if i%every == 0 {
			fmt.Fprintf(&s, `<text x="%d" y="%d" fill="currentColor">%s</text>`, x, high+42, template.HTMLEscapeString(m.Name[2:]))
		}
	}
	fmt.Fprintf(&s, `<line x1="0" y1="%d" x2="%d" y2="%d" stroke="currentColor"></line>`, high+24, width, high+24)
	return done(&s)
}

func open(s *strings.Builder, width, height int, title, how string) {
	fmt.Fprintf(s, `<svg class="plot" font-size="12" viewBox="0 0 %d %d" role="img" aria-label="%s: the figures of the table below %s">`, width, height, template.HTMLEscapeString(title), template.HTMLEscapeString(how))
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
