package pdf

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/shaping"
)

// drawn is a glyph together with the text it stands for. One shape that stands
// for different texts is a different code each time, so that the text can be
// got back from the page.
type drawn struct {
	glyph font.GID
	text  string
}

// embedded is a font as a document uses it.
type embedded struct {
	face  *font.Face
	src   *typeface
	table *sfnt
	name  string // resource name, "F1"
	codes map[drawn]int
	used  []drawn // by code
}

func (e *embedded) code(d drawn) int {
	c, ok := e.codes[d]
	if !ok {
		c = len(e.used)
		e.codes[d] = c
		e.used = append(e.used, d)
	}
	return c
}

// show writes the operators that draw a shaped run with its origin at x, y.
func (e *embedded) show(out *strings.Builder, run shaping.Output, b *block, x, y float64) {
	size := b.style.Size
	fmt.Fprintf(out, "BT /%s %s Tf 1 0 0 1 %s %s Tm\n", e.name, num(size), num(x), num(y))
	pen := tjPen{out: out, size: size}
	at := 0.0
	for i := 0; i < len(run.Glyphs); {
		n := max(1, run.Glyphs[i].GlyphsCount())
		cluster := run.Glyphs[i:min(i+n, len(run.Glyphs))]
		texts, whole := e.textOf(cluster, b.text)
		if whole != "" {
			pen.close()
			fmt.Fprintf(out, "/Span <</ActualText <FEFF%s>>> BDC\n", hex16(whole))
		}
		for j, g := range cluster {
			pen.rise(b.points(g.YOffset))
			now, later := visual(texts[j], run.Direction == di.DirectionRTL)
			pen.glyph(e, drawn{g.GlyphID, now}, at+b.points(g.XOffset))
			at += b.points(g.Advance)
			for _, letter := range later {
				pen.glyph(e, drawn{nothing, letter}, at)
			}
		}
		if whole != "" {
			pen.close()
			out.WriteString("EMC\n")
		}
		i += len(cluster)
	}
	pen.rise(0)
	pen.close()
	out.WriteString("ET\n")
}

// visual splits the letters behind one shape of a right-to-left text, such as
// lam-alef, into the leftmost and those that follow it on the page. Readers
// turn such a text around letter by letter, and so come back to its order.
func visual(text string, rtl bool) (now string, later []string) {
	letters := []rune(text)
	if !rtl || len(letters) < 2 {
		return text, nil
	}
	slices.Reverse(letters)
	for _, r := range letters[1:] {
		later = append(later, string(r))
	}
	return string(letters[0]), later
}

// textOf shares a cluster's letters out among its glyphs. Where that is not
// possible one by one, the whole is returned to be written beside the glyphs.
func (e *embedded) textOf(cluster []shaping.Glyph, text []rune) (each []string, whole string) {
	from := cluster[0].TextIndex()
	letters := text[from : from+cluster[0].RunesCount()]
	each = make([]string, len(cluster))
	if len(cluster) == 1 {
		each[0] = string(letters)
		return each, ""
	}
	left := slices.Clone(letters)
	open := -1
	for i, g := range cluster {
		at := slices.IndexFunc(left, func(r rune) bool {
			n, ok := e.face.NominalGlyph(r)
			return ok && n == g.GlyphID
		})
		switch {
		case at >= 0:
			each[i] = string(left[at])
			left = slices.Delete(left, at, at+1)
		case open < 0:
			open = i
		default:
			return make([]string, len(cluster)), string(letters)
		}
	}
	if open >= 0 && len(left) > 0 {
		each[open], left = string(left), nil
	}
	if len(left) > 0 || open >= 0 && each[open] == "" {
		return make([]string, len(cluster)), string(letters)
	}
	return each, ""
}

// tjPen writes text-showing arrays and keeps glyphs where the shaper put them.
type tjPen struct {
	out  *strings.Builder
	size float64
	open bool
	at   float64 // where the viewer's pen stands
	up   float64
}

func (p *tjPen) close() {
	if p.open {
		p.out.WriteString("] TJ\n")
		p.open = false
	}
}

func (p *tjPen) rise(up float64) {
	if up != p.up {
		p.close()
		fmt.Fprintf(p.out, "%s Ts\n", num(up))
		p.up = up
	}
}

func (p *tjPen) glyph(e *embedded, d drawn, x float64) {
	if !p.open {
		p.out.WriteByte('[')
		p.open = true
	}
	if off := x - p.at; off > 0.01 || off < -0.01 {
		back := -off / p.size * 1000
		fmt.Fprintf(p.out, "%s", num(back))
		p.at = x
	}
	fmt.Fprintf(p.out, "<%04X>", e.code(d))
	p.at += float64(e.table.width(int(d.glyph))) / 1000 * p.size
}

// num writes a number as PDF likes it, to a thousandth.
func num(f float64) string {
	s := fmt.Sprintf("%.3f", f)
	s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	if s == "-0" || s == "" {
		return "0"
	}
	return s
}

// hex16 is a text in UTF-16, big end first, in hexadecimal.
func hex16(s string) string {
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&b, "%04X", u)
	}
	return b.String()
}

// toUnicode is the map from codes back to text.
// spec: ISO 32000-1 9.10.3
func (e *embedded) toUnicode() string {
	var b strings.Builder
	b.WriteString("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n" +
		"/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n" +
		"/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n" +
		"1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n")
	var lines []string
	for code, d := range e.used {
		if d.text != "" {
			lines = append(lines, fmt.Sprintf("<%04X> <%s>\n", code, hex16(d.text)))
		}
	}
	for part := range slices.Chunk(lines, 100) {
		fmt.Fprintf(&b, "%d beginbfchar\n%sendbfchar\n", len(part), strings.Join(part, ""))
	}
	b.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n")
	return b.String()
}
