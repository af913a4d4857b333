package tui

import (
	"strings"
	"unicode"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"letterlock/cmd/letter/say"
)

// editor is a text that is being written.
type editor struct {
	text string
	at   int // the byte before which the cursor stands, between characters
	one  bool
}

func (e *editor) set(s string) { e.text, e.at = s, len(s) }

// insert takes what was typed or pasted, without what could steer a terminal.
func (e *editor) insert(s string) {
	s = strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
	if s = say.Lines(s, ""); e.one {
		s = strings.ReplaceAll(s, "\n", " ")
	}
	e.text = e.text[:e.at] + s + e.text[e.at:]
	e.at += len(s)
}

func (e *editor) remove(from, to int) { e.text, e.at = e.text[:from]+e.text[to:], from }

// before is where the character before the cursor begins, after where the one
// behind it ends.
func (e *editor) before() int {
	at := 0
	for at < e.at {
		c, _ := cluster(e.text[at:])
		if at+len(c) >= e.at {
			break
		}
		at += len(c)
	}
	return at
}

func (e *editor) after() int {
	if e.at == len(e.text) {
		return e.at
	}
	c, _ := cluster(e.text[e.at:])
	return e.at + len(c)
}

func (e *editor) wordBefore() int {
	s := strings.TrimRightFunc(e.text[:e.at], unicode.IsSpace)
	i := strings.LastIndexFunc(s, unicode.IsSpace)
	if i < 0 {
		return 0
	}
	_, n := utf8.DecodeRuneInString(s[i:])
	return i + n
}

func (e *editor) wordAfter() int {
	s := e.text[e.at:]
	rest := strings.TrimLeftFunc(s, unicode.IsSpace)
	i := strings.IndexFunc(rest, unicode.IsSpace)
	if i < 0 {
		return len(e.text)
	}
	return e.at + len(s) - len(rest) + i
}

func (e *editor) lineStart() int { return strings.LastIndexByte(e.text[:e.at], '\n') + 1 }

func (e *editor) lineEnd() int {
	if i := strings.IndexByte(e.text[e.at:], '\n'); i >= 0 {
		return e.at + i
	}
	return len(e.text)
}

// key is what a key does to the text; false: nothing.
func (e *editor) key(k tea.KeyPressMsg) bool {
	switch k.Keystroke() {
	case "left", "ctrl+b":
		e.at = e.before()
	case "right":
		e.at = e.after()
	case "ctrl+left", "alt+left", "alt+b":
		e.at = e.wordBefore()
	case "ctrl+right", "alt+right":
		e.at = e.wordAfter()
	case "home", "ctrl+a":
		e.at = e.lineStart()
	case "end", "ctrl+e":
		e.at = e.lineEnd()
	case "backspace", "ctrl+h", "shift+backspace":
		e.remove(e.before(), e.at)
	case "delete", "ctrl+d":
		e.remove(e.at, e.after())
	case "ctrl+w", "alt+backspace":
		e.remove(e.wordBefore(), e.at)
	case "ctrl+u":
		e.remove(e.lineStart(), e.at)
	case "ctrl+k":
		e.remove(e.at, e.lineEnd())
	default:
		if k.Text == "" || k.Mod&^tea.ModShift != 0 {
			return false
		}
		e.insert(k.Text)
	}
	return true
}

// line is a part of the text as it is shown: bytes from to to.
type line struct{ from, to int }

// folded are the lines of the text at a width.
func (e *editor) folded(most int) (out []line) {
	from, at, wide := 0, 0, 0
	for at < len(e.text) {
		if e.text[at] == '\n' {
			out = append(out, line{from, at})
			at++
			from, wide = at, 0
			continue
		}
		c, w := cluster(e.text[at:])
		if wide+w > max(most, 4) {
			out = append(out, line{from, at})
			from, wide = at, 0
		}
		at, wide = at+len(c), wide+w
	}
	return append(out, line{from, at})
}

// cursor is the line and the column of the cursor.
func (e *editor) cursor(lines []line) (y, x int) {
	for i, l := range lines {
		if e.at >= l.from && (e.at < l.to || i == len(lines)-1 || lines[i+1].from > e.at) {
			y = i
			break
		}
	}
	return y, width(e.text[lines[y].from:e.at])
}

// vertical goes a line up or down; false: there is none.
func (e *editor) vertical(most, by int) bool {
	lines := e.folded(most)
	y, x := e.cursor(lines)
	if y+by < 0 || y+by >= len(lines) {
		return false
	}
	l := lines[y+by]
	e.at = l.from + len(head(e.text[l.from:l.to], x))
	return true
}
