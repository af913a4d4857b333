package tui

import (
	tea "charm.land/bubbletea/v2"
)

// item is one thing on a sheet: something to read, or, with act, to choose.
type item struct {
	rows []row // drawn as they are; else label and detail
	say  string
	more string
	pen  pen
	act  func(*Model) tea.Cmd
}

func reading(s string) item                     { return item{say: s} }
func heading(s string) item                     { return item{say: s, pen: pen{bold: true, under: true}} }
func warning(s string) item                     { return item{say: s, pen: pen{bold: true, ink: red}} }
func gap() item                                 { return item{rows: []row{{}}} }
func fact(name, value string) item              { return item{say: name + ":", more: value} }
func drawn(rows []row) item                     { return item{rows: rows} }
func (i item) does(f func(*Model) tea.Cmd) item { i.act = f; return i }

// choice is an item that acts.
func choice(say, more string, f func(*Model) tea.Cmd) item { return item{say: say, more: more, act: f} }

// sheet is a page that is read from top to bottom, with things to choose.
type sheet struct {
	name  string
	fill  func(*scope) ([]item, error)
	items []item
	ready bool
	at    int // the item that is chosen
	first int // the first line that is seen
	lines []sheetLine
	loads loading
	also  []binding
	still bool // it reads nothing of the client: it is there at once
}

type sheetLine struct {
	row  row
	item int
}

func (s *sheet) title(*Model) row { return inked(s.name, pen{bold: true}) }

func (s *sheet) paste(*Model, string) {}

func (s *sheet) keys(m *Model) []binding {
	return append([]binding{{"↑↓", m.t.T("move"), true}, {"Enter", m.t.T("choose"), true}, {"Esc", m.t.T("back"), true}}, s.also...)
}

func (s *sheet) load(m *Model) tea.Cmd {
	if s.still {
		items, err := s.fill(m.scope())
		if err != nil {
			m.fail(err)
		}
		s.take(items)
		return nil
	}
	return s.loads.once(m, func(x *scope) (step, error) {
		items, err := s.fill(x)
		if err != nil {
			return nil, err
		}
		return func(m *Model) tea.Cmd {
			s.take(items)
			return nil
		}, nil
	})
}

func (s *sheet) take(items []item) {
	s.items, s.ready = items, true
	if s.at >= len(items) || items[s.at].act == nil {
		s.at = s.next(-1, 1)
	}
}

// next is the next item that can be chosen; itself if there is none.
func (s *sheet) next(from, by int) int {
	for i := from + by; i >= 0 && i < len(s.items); i += by {
		if s.items[i].act != nil {
			return i
		}
	}
	return max(0, from)
}

func (i item) lay(wide int, chosen bool) []row {
	if i.rows != nil {
		return i.rows
	}
	mark, p := run{text: "  "}, i.pen
	if i.act != nil {
		mark.text = "› "
	}
	if chosen {
		mark, p.turned = run{"▶ ", pen{bold: true}}, true
	}
	r := inked(i.say, p)
	if i.more != "" {
		r = r.add("  ", pen{}).add(i.more, pen{dim: i.act != nil})
	}
	var out []row
	for n, l := range r.fold(wide - 3) {
		if n > 0 {
			mark.text = "    "
		}
		out = append(out, append(row{mark}, l...))
	}
	return out
}

func (s *sheet) body(m *Model, wide, high int) ([]row, *tea.Cursor) {
	if !s.ready {
		return []row{inked(" "+m.t.T("One moment…"), pen{dim: true})}, nil
	}
	s.lines = s.lines[:0]
	for n, i := range s.items {
		for _, r := range i.lay(wide, n == s.at && i.act != nil) {
			s.lines = append(s.lines, sheetLine{r, n})
		}
	}
	s.first = max(0, min(s.first, len(s.lines)-high))
	from, to := s.where()
	if s.items != nil && s.items[s.at].act != nil && to-from <= high && from < s.first+high && to > s.first { // seen in part: whole
		s.first = max(min(s.first, from), to-high)
	}
	var out []row
	for _, l := range s.lines[s.first:min(len(s.lines), s.first+high)] {
		out = append(out, l.row)
	}
	return out, nil
}

// where are the lines of the chosen item.
func (s *sheet) where() (from, to int) {
	from = -1
	for n, l := range s.lines {
		if l.item == s.at {
			if from < 0 {
				from = n
			}
			to = n + 1
		}
	}
	return max(0, from), to
}

// move goes to the next choice, or, if that is far, on by a line.
func (s *sheet) move(by, high int) {
	was := s.at
	n := s.next(s.at, by)
	s.at = n
	from, to := s.where()
	near := from < s.first+high+3 && to > s.first-3
	if n == was || !near {
		s.at = was
		s.first += by
		return
	}
	if from < s.first {
		s.first = from
	}
	if to > s.first+high {
		s.first = to - high
	}
}

func (s *sheet) key(m *Model, k tea.KeyPressMsg) tea.Cmd {
	high := m.high - 2
	switch k.Keystroke() {
	case "esc", "q", "left":
		return m.back()
	case "up", "k", "shift+tab":
		s.move(-1, high)
	case "down", "j", "tab":
		s.move(1, high)
	case "pgup":
		s.first -= high - 1
	case "pgdown", "space":
		s.first += high - 1
	case "home":
		s.first, s.at = 0, s.next(-1, 1)
	case "end":
		s.first, s.at = len(s.lines), s.next(len(s.items), -1)
	case "enter", "right":
		if s.at < len(s.items) && s.items[s.at].act != nil {
			return s.items[s.at].act(m)
		}
	default:
		if k.Text == "?" {
			return m.open(newHelp(m))
		}
	}
	return nil
}

// loading keeps readings of one page from piling up: what changes during one
// is read after it.
type loading struct{ busy, again bool }

func (l *loading) once(m *Model, f func(*scope) (step, error)) tea.Cmd {
	if l.busy {
		l.again = true
		return nil
	}
	l.busy = true
	x := m.scope()
	return func() tea.Msg {
		s, err := f(x)
		return step(func(m *Model) tea.Cmd {
			l.busy = false
			var then, more tea.Cmd
			switch {
			case err != nil:
				m.fail(err)
			case s != nil:
				then = s(m)
			}
			if l.again {
				l.again = false
				more = l.once(m, f)
			}
			return tea.Batch(then, more)
		})
	}
}
