package pdf

import (
	"slices"
	"strings"
	"unicode"

	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/math/fixed"
	"golang.org/x/text/unicode/bidi"
)

// Style is how a piece of text looks.
type Style struct {
	Cut   Cut
	Size  float64 // points
	Gray  float64 // 0 is black
	Lead  float64 // distance of lines, in sizes; 0 means the usual
	After float64 // space after a paragraph, in points

	// Language is that of a text in another language than the document's (BCP
	// 47): a screen reader changes its voice, and what is written from the left
	// begins at the left. Empty: the document's.
	Language string
}

func (s Style) lead() float64 {
	if s.Lead == 0 {
		return s.Size * 1.36
	}
	return s.Size * s.Lead
}

// em is the size that text is shaped at; what comes out is scaled to the size
// it is set in. The shaper rounds sizes up to whole points.
const em = 1000

// block is a text broken into lines of a given width.
type block struct {
	style Style
	text  []rune
	lines []shaping.Line
	right bool // the text begins at the right
}

// setter shapes and breaks text with the fonts of one document.
type setter struct {
	library *Library
	faces   map[*typeface]*font.Face
	shaper  shaping.HarfbuzzShaper
	split   shaping.Segmenter
	rtl     bool // the document is written from the right
}

func newSetter(l *Library) *setter {
	s := &setter{library: l, faces: map[*typeface]*font.Face{}}
	s.shaper.SetFontCacheSize(16)
	return s
}

func (s *setter) face(t *typeface) *font.Face {
	f, ok := s.faces[t]
	if !ok {
		f = font.NewFace(t.font)
		s.faces[t] = f
	}
	return f
}

// choice picks for each letter the first font that has it.
type choice struct {
	setter *setter
	order  []*typeface
	last   *font.Face
}

// ResolveFace implements shaping.Fontmap.
func (c *choice) ResolveFace(r rune) *font.Face {
	if invisible(r) && c.last != nil {
		if _, ok := c.last.NominalGlyph(r); ok || !unicode.IsSpace(r) {
			return c.last
		}
	}
	for _, t := range c.order {
		f := c.setter.face(t)
		if _, ok := f.NominalGlyph(r); ok {
			c.last = f
			return f
		}
	}
	return c.setter.face(c.order[0])
}

// set breaks a text into lines no wider than width points. The text may hold
// line ends of its own.
func (s *setter) set(text string, style Style, width float64) []*block {
	var out []*block
	for part := range strings.SplitSeq(text, "\n") {
		out = append(out, s.line(part, style, width))
	}
	return out
}

func (s *setter) line(text string, style Style, width float64) *block {
	b := &block{style: style, text: []rune(text), right: s.rightToLeft(text)}
	if text == "" {
		return b
	}
	direction := di.DirectionLTR
	if b.right {
		direction = di.DirectionRTL
	}
	runs := s.split.Split(shaping.Input{
		Text: b.text, RunEnd: len(b.text), Direction: direction, Size: fixed.I(em), Language: language.NewLanguage("en"),
	}, &choice{setter: s, order: s.library.order(style.Cut)})
	var shaped []shaping.Output
	for _, run := range runs {
		shaped = append(shaped, s.shaper.Shape(run))
	}
	var wrap shaping.LineWrapper
	lines, _ := wrap.WrapParagraphF(shaping.WrapConfig{Direction: direction}, fixed.Int26_6(width/style.Size*em*64), b.text, shaping.NewSliceIterator(shaped))
	for _, l := range lines {
		l = slices.Clone(l)
		slices.SortStableFunc(l, func(a, b shaping.Output) int { return int(a.VisualIndex) - int(b.VisualIndex) })
		b.lines = append(b.lines, l)
	}
	return b
}

// points scales a length of shaped text to the size it is set in.
func (b *block) points(shaped fixed.Int26_6) float64 { return float64(shaped) / 64 / em * b.style.Size }

// advance is how wide a line is.
func (b *block) advance(line int) float64 {
	w := fixed.Int26_6(0)
	if line >= len(b.lines) {
		return 0
	}
	for _, r := range b.lines[line] {
		w += r.Advance
	}
	return b.points(w)
}

// rightToLeft says whether the first letter that has a direction goes right to
// left. Where all letters stand in isolates, the text is of the document's own
// words put together, and goes as the document goes.
// spec: UAX 9 P2, P3
func (s *setter) rightToLeft(text string) bool {
	within, isolates := 0, false // what isolates set apart does not decide
	for _, r := range text {
		p, _ := bidi.LookupRune(r)
		switch p.Class() {
		case bidi.LRI, bidi.RLI, bidi.FSI:
			within++
			isolates = true
		case bidi.PDI:
			within = max(0, within-1)
		}
		if within > 0 {
			continue
		}
		switch p.Class() {
		case bidi.L:
			return false
		case bidi.R, bidi.AL:
			return true
		}
	}
	return isolates && s.rtl
}

// Plain makes text from outside harmless for a document: characters that would
// turn, hide or break what stands around them are written out by number.
func Plain(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '\n' || r == '\t':
			b.WriteByte(' ')
		case r >= 0x202A && r <= 0x202E, r >= 0x2066 && r <= 0x2069, unicode.Is(unicode.Cc, r), r == 0x2028, r == 0x2029,
			r == unicode.ReplacementChar, r == 0xFEFF, r == 0x00AD, unicode.Is(unicode.Co, r), unicode.Is(unicode.Cs, r), unassigned(r):
			b.WriteString("[U+")
			b.WriteString(strings.ToUpper(hexRune(r)))
			b.WriteByte(']')
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

func unassigned(r rune) bool { return r > unicode.MaxRune || r&0xFFFE == 0xFFFE }

func hexRune(r rune) string {
	const digits = "0123456789abcdef"
	var out []byte
	for shift := 20; shift >= 0; shift -= 4 {
		d := r >> shift & 15
		if d != 0 || len(out) > 0 || shift < 16 {
			out = append(out, digits[d])
		}
	}
	return string(out)
}
