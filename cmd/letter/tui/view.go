package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
)

const (
	listWide  = 34 // of the chats beside a conversation
	twoPanes  = 96 // from this width on
	smallWide = 20
	smallHigh = 7
)

func trueColours(p tea.ColorProfileMsg) bool { return p.Profile == colorprofile.TrueColor }

// View is part of tea.Model.
func (m *Model) View() tea.View {
	v := tea.NewView("")
	v.AltScreen, v.ReportFocus, v.WindowTitle = true, true, "letter"
	if m.wide < smallWide || m.high < smallHigh {
		v.Content = inked(m.t.T("The window is too small."), pen{}).cut(m.wide).String()
		return v
	}
	foot := m.foot()
	body, cursor := m.panes(m.high - 1 - len(foot))
	all := append([]row{m.header()}, body...)
	if m.ask != nil {
		cursor = m.ask.cursor(m, len(all))
	} else if cursor != nil {
		cursor.Y++
	}
	lines := make([]string, 0, m.high)
	for _, r := range append(all, foot...) {
		lines = append(lines, r.String())
	}
	v.Content, v.Cursor = strings.Join(lines, "\n"), cursor
	return v
}

// panes is what stands between header and foot: the page, and on a wide
// terminal the chats beside a conversation.
func (m *Model) panes(high int) ([]row, *tea.Cursor) {
	p := m.top()
	t, isTalk := p.(*talk)
	if !isTalk || m.wide < twoPanes {
		body, cursor := p.body(m, m.wide, high)
		return tall(body, high), cursor
	}
	left := m.chats.list(m, listWide, high, t.with)
	right, cursor := p.body(m, m.wide-listWide-2, high)
	left, right = tall(left, high), tall(right, high)
	for i := range left {
		left[i] = append(left[i].fill(listWide).add("│ ", pen{dim: true}), right[i]...)
	}
	if cursor != nil {
		cursor.X += listWide + 2
	}
	return left, cursor
}

// tall makes a page exactly so high.
func tall(rows []row, high int) []row {
	if len(rows) > high {
		return rows[:high]
	}
	for len(rows) < high {
		rows = append(rows, row{})
	}
	return rows
}

// header says where one is and how the line stands.
func (m *Model) header() row {
	state := m.lineSays()
	right := state.width()
	title := append(row{{text: " "}}, m.top().title(m)...).fill(max(0, m.wide-right-1))
	return append(title, state...).fill(m.wide).with(pen{turned: true})
}

func (m *Model) lineSays() row {
	switch m.line {
	case Online:
		return plainRow(" " + m.t.T("connected"))
	case Catching:
		return plainRow(" " + m.t.T("catching up…"))
	}
	return inked(" "+m.t.T("no connection"), pen{bold: true})
}

// foot is what is asked, or what was done, or the main keys.
func (m *Model) foot() []row {
	switch {
	case m.ask != nil:
		return m.ask.rows(m)
	case m.note != "":
		p := pen{ink: green}
		if m.bad {
			p = pen{ink: red, bold: true}
		}
		rows := inked(m.note, p).fold(m.wide)
		return rows[:min(len(rows), 4)]
	}
	return []row{m.mainKeys()}
}

// mainKeys are as many of the page's main keys as fit, and always the one that
// shows all of them.
func (m *Model) mainKeys() row {
	hint := func(b binding) row { return row{{b.key, pen{bold: true}}, {" " + b.does, pen{dim: true}}} }
	help := hint(binding{"F1", m.t.T("help"), true})
	r := row{}
	for _, b := range m.top().keys(m) {
		next := append(hint(b), run{text: "  "})
		if b.main && r.width()+next.width()+help.width() <= m.wide {
			r = append(r, next...)
		}
	}
	return append(r, help...)
}
