package tui

import (
	"strings"

	"github.com/charmbracelet/x/ansi"
	"golang.org/x/text/unicode/bidi"

	"letterlock/cmd/letter/say"
)

// ink is one of the terminal's own colours, so that a person's theme holds; 0
// is what it writes in.
type ink uint8

const (
	red ink = iota + 1
	green
	yellow
	blue
	magenta
	cyan
)

// pen is how letters look.
type pen struct {
	bold, dim, italic, under, struck, turned bool
	ink                                      ink
	paint                                    string // a whole sequence of a picture; "": the fields
}

func (p pen) String() string {
	if p.paint != "" {
		return p.paint
	}
	var codes []string
	for i, on := range []bool{p.bold, p.dim, p.italic, p.under} {
		if on {
			codes = append(codes, string(rune('1'+i)))
		}
	}
	if p.turned {
		codes = append(codes, "7")
	}
	if p.struck {
		codes = append(codes, "9")
	}
	if p.ink != 0 {
		codes = append(codes, "3"+string(rune('0'+p.ink)))
	}
	if len(codes) == 0 {
		return ""
	}
	return "\x1b[" + strings.Join(codes, ";") + "m"
}

// run is text of one look, row a line of the terminal.
type (
	run struct {
		text string
		pen  pen
	}
	row []run
)

func plainRow(s string) row     { return row{{text: s}} }
func inked(s string, p pen) row { return row{{s, p}} }
func (r row) add(s string, p pen) row {
	return append(r, run{s, p})
}

func (r row) width() (n int) {
	for _, x := range r {
		n += width(x.text)
	}
	return n
}

// text is what a row says.
func (r row) text() string {
	var b strings.Builder
	for _, x := range r {
		b.WriteString(x.text)
	}
	return b.String()
}

// with lays a pen under every run.
func (r row) with(p pen) row {
	out := make(row, len(r))
	for i, x := range r {
		x.pen.bold, x.pen.dim, x.pen.turned = x.pen.bold || p.bold, x.pen.dim || p.dim, x.pen.turned || p.turned
		if x.pen.ink == 0 {
			x.pen.ink = p.ink
		}
		out[i] = x
	}
	return out
}

const (
	isolate = "\u2068" // what follows goes its own way
	isolEnd = "\u2069"
)

// String is the row as the terminal gets it. Whatever a run says, no control
// character passes; a text that goes from right to left is kept from turning
// what stands around it.
func (r row) String() string {
	var b strings.Builder
	for _, x := range r {
		p, text := x.pen.String(), say.Plain(x.text)
		if rightToLeft(text) {
			text = isolate + text + isolEnd
		}
		b.WriteString(p + text)
		if p != "" {
			b.WriteString("\x1b[m")
		}
	}
	return b.String()
}

func rightToLeft(s string) bool {
	for _, r := range s {
		if r < 0x590 {
			continue
		}
		p, _ := bidi.LookupRune(r)
		if c := p.Class(); c == bidi.R || c == bidi.AL {
			return true
		}
	}
	return false
}

// width is how many columns a text takes, at most: terminals do not agree about
// emoji.
func width(s string) (n int) {
	for s != "" {
		c, w := cluster(s)
		n, s = n+w, s[len(c):]
	}
	return n
}

// cluster is the first character that a person sees as one.
func cluster(s string) (string, int) {
	if s[0] >= ' ' && s[0] < 0x7f && (len(s) == 1 || s[1] < 0x80) {
		return s[:1], 1
	}
	c, w := ansi.FirstGraphemeCluster(s, ansi.GraphemeWidth)
	if c == "" {
		return s[:1], 1
	}
	return c, max(w, ansi.StringWidthWc(c))
}

// cut shortens a row to so many columns.
func (r row) cut(most int) row {
	if r.width() <= most {
		return r
	}
	var out row
	left := max(0, most-1)
	for _, x := range r {
		kept := head(x.text, left)
		left -= width(kept)
		out = append(out, run{kept, x.pen})
		if len(kept) < len(x.text) {
			break
		}
	}
	if most > 0 {
		out[len(out)-1].text += "…"
	}
	return out
}

// head is the beginning of a text that fits.
func head(s string, most int) string {
	at := 0
	for at < len(s) {
		c, w := cluster(s[at:])
		if most -= w; most < 0 {
			break
		}
		at += len(c)
	}
	return s[:at]
}

// fill makes a row exactly so wide.
func (r row) fill(wide int) row {
	r = r.cut(wide)
	if n := wide - r.width(); n > 0 {
		r = append(r[:len(r):len(r)], run{text: strings.Repeat(" ", n)})
	}
	return r
}

// fold breaks a row into lines of at most so many columns, between words where
// it can.
func (r row) fold(most int) []row {
	most = max(most, 4)
	f := folding{most: most}
	for _, x := range r {
		for text := x.text; text != ""; {
			c, w := cluster(text)
			f.add(c, w, x.pen)
			text = text[len(c):]
		}
	}
	return f.end()
}

type folding struct {
	most, at int
	out      []row
	line     row
	word     row // since the last space
	wordAt   int
}

func (f *folding) add(c string, w int, p pen) {
	if c == " " {
		f.settle()
		if f.at+1 <= f.most {
			f.line, f.at = push(f.line, c, p), f.at+1
		}
		return
	}
	if f.at+f.wordAt+w > f.most {
		if f.at > 0 {
			f.wrap()
		}
		if f.wordAt+w > f.most { // a word longer than a line
			f.settle()
			f.wrap()
		}
	}
	f.word, f.wordAt = push(f.word, c, p), f.wordAt+w
}

func (f *folding) settle() {
	for _, x := range f.word {
		f.line = push(f.line, x.text, x.pen)
	}
	f.at, f.word, f.wordAt = f.at+f.wordAt, nil, 0
}

func (f *folding) wrap() { f.out, f.line, f.at = append(f.out, f.line), nil, 0 }

func (f *folding) end() []row {
	f.settle()
	if len(f.line) > 0 || len(f.out) == 0 {
		f.wrap()
	}
	return f.out
}

func push(r row, text string, p pen) row {
	if n := len(r); n > 0 && r[n-1].pen == p {
		r[n-1].text += text
		return r
	}
	return append(r, run{text, p})
}

// block folds a text of several lines.
func block(text string, p pen, most int) (out []row) {
	for line := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		out = append(out, inked(say.Plain(line), p).fold(most)...)
	}
	return out
}

// indent puts something before each line.
func indent(rows []row, by run) []row {
	out := make([]row, len(rows))
	for i, r := range rows {
		out[i] = append(row{by}, r...)
	}
	return out
}
