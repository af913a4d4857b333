// Package pdf sets text in a page and writes it as a PDF: paragraphs, headings
// and tables in any script its fonts can show, right to left as well as left to
// right, tagged, and with the text behind every glyph kept, so that the page
// can be searched, copied and read aloud. It knows letters and lines; it must
// not know what they say.
package pdf

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"unicode"

	"github.com/go-fonts/dejavu/dejavusans"
	"github.com/go-fonts/dejavu/dejavusansbold"
	"github.com/go-fonts/liberation/liberationmonoregular"
	"github.com/go-fonts/liberation/liberationsansbold"
	"github.com/go-fonts/liberation/liberationsansregular"
	"github.com/go-fonts/liberation/liberationserifbold"
	"github.com/go-fonts/liberation/liberationserifitalic"
	"github.com/go-fonts/liberation/liberationserifregular"
	"github.com/go-text/typesetting/font"

	"letterlock/internal/fault"
)

// Cut is a style of letter.
type Cut uint8

// The cuts of a document.
const (
	Serif Cut = iota
	SerifBold
	SerifItalic
	Sans
	SansBold
	Mono
	cuts
)

// bold says which fallback fits the cut.
func (c Cut) bold() bool { return c == SerifBold || c == SansBold }

// typeface is one font file.
type typeface struct {
	name string
	data []byte
	font *font.Font
	sfnt *sfnt
}

// Library is the fonts that text may be set in. For each cut it has one font
// and then others that are tried for letters the first does not have. It never
// changes once made and may be shared.
type Library struct {
	first   [cuts]*typeface
	regular []*typeface // tried in turn after the first
	bold    []*typeface
}

var builtin = sync.OnceValue(func() *Library {
	l := &Library{}
	for cut, data := range [cuts][]byte{liberationserifregular.TTF, liberationserifbold.TTF, liberationserifitalic.TTF,
		liberationsansregular.TTF, liberationsansbold.TTF, liberationmonoregular.TTF} {
		l.first[cut] = mustParse(data)
	}
	l.regular = []*typeface{mustParse(dejavusans.TTF)}
	l.bold = []*typeface{mustParse(dejavusansbold.TTF), l.regular[0]}
	return l
})

// Builtin is the fonts that every build carries: Latin, Greek, Cyrillic and
// Hebrew (Liberation), Arabic, Armenian, Georgian, Lao and others (DejaVu).
func Builtin() *Library { return builtin() }

// With adds the fonts of a folder (TrueType outlines, *.ttf), tried after the
// ones built in.
func (l *Library) With(folder string) (*Library, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.ttf"))
	if err != nil {
		return nil, fmt.Errorf("look for fonts: %w", err)
	}
	if len(files) == 0 {
		return nil, fault.New(fault.Invalid, "load fonts", "the folder of fonts %q holds no .ttf file", folder)
	}
	more := *l
	more.regular, more.bold = append([]*typeface(nil), l.regular...), append([]*typeface(nil), l.bold...)
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("load font: %w", err)
		}
		f, err := parse(data)
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, "load fonts", err, "the font %q cannot be used: %s", file, err)
		}
		more.regular, more.bold = append(more.regular, f), append(more.bold, f)
	}
	return &more, nil
}

func parse(data []byte) (*typeface, error) {
	face, err := font.ParseTTF(bytes.NewReader(data))
	if err != nil {
		return nil, errors.New("it is not a TrueType font")
	}
	t := &typeface{data: data, font: face.Font}
	if t.sfnt, err = tablesOf(data); err != nil {
		return nil, err
	}
	t.name = strings.Map(func(r rune) rune {
		if r > ' ' && r < 0x7f && !strings.ContainsRune("()<>[]{}/%#", r) {
			return r
		}
		return -1
	}, face.Describe().Family)
	return t, nil
}

func mustParse(data []byte) *typeface {
	t, err := parse(data)
	if err != nil {
		panic(err) // a font that is part of the build: tests load them all
	}
	return t
}

// for each cut, the fonts in the order they are tried.
func (l *Library) order(c Cut) []*typeface {
	rest := l.regular
	if c.bold() {
		rest = l.bold
	}
	return append([]*typeface{l.first[c]}, rest...)
}

// Check says whether every letter of the text can be shown, and if not, which
// script is missing and what to install.
func (l *Library) Check(text string) error {
	for _, r := range text {
		if invisible(r) || l.has(r) {
			continue
		}
		script := scriptOf(r)
		return fault.New(fault.Invalid, "set text",
			"no font here can show the letter %q (U+%04X, %s). Put a TrueType font for it, for example %s, into the folder that the setting \"fonts\" names, and try again",
			r, r, script, advice(script))
	}
	return nil
}

func (l *Library) has(r rune) bool {
	for _, t := range l.regular {
		if _, ok := t.font.NominalGlyph(r); ok {
			return true
		}
	}
	_, ok := l.first[Serif].font.NominalGlyph(r)
	return ok
}

// invisible are characters that steer and do not show.
func invisible(r rune) bool {
	return unicode.Is(unicode.Cf, r) || unicode.Is(unicode.Variation_Selector, r) || unicode.IsSpace(r)
}

func scriptOf(r rune) string {
	for name, table := range unicode.Scripts {
		if name != "Common" && name != "Inherited" && unicode.Is(table, r) {
			return name
		}
	}
	return "symbols"
}

func advice(script string) string {
	switch script {
	case "symbols":
		return "Noto Emoji or Noto Sans Symbols"
	case "Han", "Hiragana", "Katakana", "Bopomofo":
		return "Noto Sans SC or Noto Sans JP"
	case "Hangul":
		return "Noto Sans KR"
	}
	return "Noto Sans " + strings.ReplaceAll(script, "_", " ")
}
