package tui

import (
	tea "charm.land/bubbletea/v2"
)

// searchMost bounds what a search shows.
const searchMost = 100

// search finds messages on this device.
type search struct {
	ed    editor
	found []hit
	asked string
	at    int
}

type hit struct {
	with  [16]byte
	group bool
	seq   uint64
	head  string
	text  string
}

func (s *search) title(m *Model) row { return inked(m.t.T("Search messages"), pen{bold: true}) }

func (s *search) keys(m *Model) []binding {
	return []binding{{"↑↓", m.t.T("move"), true}, {"Enter", m.t.T("open"), true}, {"Esc", m.t.T("back"), true}}
}

func (s *search) paste(m *Model, text string) { s.ed.insert(text) }

func (s *search) load(m *Model) tea.Cmd {
	query := s.ed.text
	return m.call(func(x *scope) (step, error) {
		entries, err := x.c.Search(x, query, searchMost)
		if err != nil {
			return nil, err
		}
		var found []hit
		for _, e := range entries {
			h := hit{with: e.Peer, group: !e.Group.IsZero(), seq: e.Seq}
			where := ""
			if h.group {
				h.with = e.Group
				if g, err := x.c.GroupOf(x, e.Group); err == nil {
					where = g.Name + " · "
				}
			}
			h.head = where + x.name(e.Author(x.me.Account)) + "  " + x.moment(e.At)
			if h.text, err = x.said(e); err != nil {
				return nil, err
			}
			found = append(found, h)
		}
		return func(*Model) tea.Cmd {
			if s.ed.text == query {
				s.found, s.asked, s.at = found, query, max(0, min(s.at, len(found)-1))
			}
			return nil
		}, nil
	})
}

func (s *search) body(m *Model, wide, high int) ([]row, *tea.Cursor) {
	s.ed.one = true
	out := []row{{{"/ ", pen{bold: true}}, {s.ed.text, pen{}}}, ruledLeft("", wide)}
	if len(s.found) == 0 && s.asked != "" {
		out = append(out, plainRow(" "+m.t.T("Nothing found on this device.")))
	}
	room := max(1, (high-2)/2)
	first := max(0, s.at-room+1)
	for i := first; i < min(len(s.found), first+room); i++ {
		mark, p := run{text: "  "}, pen{bold: true}
		if i == s.at {
			mark, p.turned = run{"▶ ", pen{bold: true}}, true
		}
		out = append(out, row{mark, {s.found[i].head, p}}.cut(wide), row{{"    ", pen{}}, {s.found[i].text, pen{dim: true}}}.cut(wide))
	}
	return out, tea.NewCursor(min(wide-1, 2+width(s.ed.text[:s.ed.at])), 0)
}

func (s *search) key(m *Model, k tea.KeyPressMsg) tea.Cmd {
	switch k.Keystroke() {
	case "esc":
		return m.back()
	case "up":
		s.at = max(0, s.at-1)
	case "down":
		s.at = max(0, min(len(s.found)-1, s.at+1))
	case "enter":
		if s.at < len(s.found) {
			h := s.found[s.at]
			t := newTalk(h.with, h.group)
			t.goal = h.seq
			return m.open(t)
		}
	default:
		if s.ed.key(k) {
			return s.load(m)
		}
	}
	return nil
}
