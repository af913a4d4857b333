package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"
)

// ask is a question at the foot of the screen.
type ask struct {
	say      string
	ed       editor
	secret   bool                // the answer is not shown
	yes      bool                // only y or n is an answer
	complete func(string) string // what Tab makes of the answer
	done     func(m *Model, answer string) tea.Cmd
}

// question asks for a line of text.
func (m *Model) question(say, before string, done func(*Model, string) tea.Cmd) tea.Cmd {
	m.ask = &ask{say: say, done: done}
	m.ask.ed.one = true
	m.ask.ed.set(before)
	return nil
}

// sure asks before something that cannot be taken back.
func (m *Model) sure(say string, done func(*Model) tea.Cmd) tea.Cmd {
	m.ask = &ask{say: say, yes: true, done: func(m *Model, _ string) tea.Cmd { return done(m) }}
	return nil
}

func (a *ask) press(m *Model, k tea.KeyPressMsg) tea.Cmd {
	switch key := k.Keystroke(); {
	case key == "esc", a.yes && key != "y" && k.Text != "Y":
		m.ask = nil
		m.tell(m.t.T("Nothing was changed."))
	case a.yes, key == "enter":
		m.ask, m.note = nil, ""
		return a.done(m, strings.TrimSpace(a.ed.text))
	case key == "tab" && a.complete != nil:
		a.ed.set(a.complete(a.ed.text))
	default:
		a.ed.key(k)
	}
	return nil
}

func (a *ask) shown() string {
	if a.secret {
		return strings.Repeat("•", len([]rune(a.ed.text)))
	}
	return a.ed.text
}

func (a *ask) rows(m *Model) []row {
	p := pen{bold: true, ink: cyan}
	if a.yes {
		return inked(a.say+" "+m.t.T("(y: yes, anything else: no)"), p).fold(m.wide)
	}
	rows := inked(a.say, p).fold(m.wide)
	return append(rows, a.field(m))
}

// field is the answer, scrolled so that the cursor is seen.
func (a *ask) field(m *Model) row {
	r, room := row{{"> ", pen{bold: true}}}, m.wide-3
	text := a.shown()
	for width(text) > room {
		c, _ := cluster(text)
		text = text[len(c):]
	}
	return append(r, run{text: text})
}

func (a *ask) cursor(m *Model, above int) *tea.Cursor {
	if a.yes {
		return nil
	}
	behind := 0
	if !a.secret {
		behind = width(a.ed.text[a.ed.at:])
	}
	x := a.field(m).width() - behind
	return tea.NewCursor(max(2, x), above+len(a.rows(m))-1)
}
