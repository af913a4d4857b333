package client

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The marks that people type around words: *bold*, _italic_, ~struck~, `mono`
// and ||spoiler||.
var marks = []struct {
	mark string
	look Span
}{
	{"||", Span{Look: Spoiler}}, {"*", Span{Look: Bold}}, {"_", Span{Look: Italic}}, {"~", Span{Look: Strike}}, {"`", Span{Look: Mono}},
}

// Markup takes the marks out of what somebody typed. A mark counts if it stands
// before a word and has its twin behind one, on the same line; anything else
// is text. Within `mono` nothing else counts.
func Markup(typed string) Words {
	if !utf8.ValidString(typed) {
		return Words{Text: typed} // it is refused when it is sent
	}
	m := &markup{}
	m.read(typed)
	slices.SortFunc(m.style, compareSpans)
	return Words{Text: m.out.String(), Style: m.style}
}

func compareSpans(a, b Span) int {
	if a.Start != b.Start {
		return int(a.Start) - int(b.Start)
	}
	if a.Length != b.Length {
		return int(a.Length) - int(b.Length)
	}
	return int(a.Look) - int(b.Look)
}

type markup struct {
	out   strings.Builder
	style []Span
	last  rune // before the next character, of what was typed
}

func (m *markup) read(s string) {
	for s != "" {
		mark, end := m.opening(s)
		if mark < 0 {
			r, n := utf8.DecodeRuneInString(s)
			m.out.WriteString(s[:n])
			m.last, s = r, s[n:]
			continue
		}
		span, size := marks[mark].look, len(marks[mark].mark)
		inner, start := s[size:end], m.out.Len()
		m.last = ' '
		if span.Look == Mono {
			m.out.WriteString(inner)
		} else {
			m.read(inner)
		}
		span.Start, span.Length = uint32(start), uint32(m.out.Len()-start)
		if !slices.ContainsFunc(m.style, func(have Span) bool { // **twice** is once
			return have.Start == span.Start && have.Length == span.Length && have.Look == span.Look
		}) {
			m.style = append(m.style, span)
		}
		m.last, s = rune(marks[mark].mark[0]), s[end+size:]
	}
}

// opening finds the mark that s begins with, and where its twin is.
func (m *markup) opening(s string) (mark, end int) {
	if unicode.IsLetter(m.last) || unicode.IsDigit(m.last) {
		return -1, 0
	}
	for i, k := range marks {
		if !strings.HasPrefix(s, k.mark) {
			continue
		}
		if end := closing(s, k.mark); end > 0 {
			return i, end
		}
	}
	return -1, 0
}

// closing is where the twin of the mark at the start of s stands; 0: nowhere.
func closing(s, mark string) int {
	first, _ := utf8.DecodeRuneInString(s[len(mark):])
	if first == utf8.RuneError || unicode.IsSpace(first) || strings.HasPrefix(s[len(mark):], mark) {
		return 0
	}
	for at := len(mark) + 1; at < len(s); at++ {
		if s[at] == '\n' {
			return 0
		}
		if !strings.HasPrefix(s[at:], mark) {
			continue
		}
		before, _ := utf8.DecodeLastRuneInString(s[:at])
		after, _ := utf8.DecodeRuneInString(s[at+len(mark):])
		if !unicode.IsSpace(before) && !unicode.IsLetter(after) && !unicode.IsDigit(after) {
			return at
		}
	}
	return 0
}

// Marked puts the marks back: a text with its style for where there are no
// letters of another look.
func Marked(text string, style []Span) string {
	type cut struct {
		at   int
		open bool
		mark string
		long uint32
	}
	var cuts []cut
	for _, s := range style {
		for _, k := range marks {
			if k.look.Look == s.Look {
				cuts = append(cuts, cut{int(s.Start), true, k.mark, s.Length}, cut{int(s.Start + s.Length), false, k.mark, s.Length})
			}
		}
	}
	slices.SortStableFunc(cuts, func(a, b cut) int {
		switch {
		case a.at != b.at:
			return a.at - b.at
		case a.open != b.open: // close before opening
			if a.open {
				return 1
			}
			return -1
		case a.open: // the longer opens first
			return int(b.long) - int(a.long)
		}
		return int(a.long) - int(b.long)
	})
	var out strings.Builder
	at := 0
	for _, c := range cuts {
		if c.at > len(text) || c.at < at {
			continue // the content was checked when it came
		}
		out.WriteString(text[at:c.at])
		out.WriteString(c.mark)
		at = c.at
	}
	out.WriteString(text[at:])
	return out.String()
}
