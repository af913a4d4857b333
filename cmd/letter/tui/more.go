package tui

import (
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"letterlock/client"
	"letterlock/cmd/letter/say"
	"letterlock/internal/fault"
)

// newMore is what else can be done in a conversation.
func newMore(m *Model, t *talk) page {
	leave := func(f func(*Model) tea.Cmd) func(*Model) tea.Cmd {
		return func(m *Model) tea.Cmd {
			back := m.back()
			return tea.Batch(back, f(m))
		}
	}
	return &sheet{name: m.t.T("More"), still: true, fill: func(x *scope) ([]item, error) {
		tr := x.t
		details := tr.T("The person: safety number, timer, block")
		if t.group {
			details = tr.T("The group: members, link, timer, changes")
		}
		return []item{
			choice(details, "Ctrl-G", leave(t.details)),
			choice(tr.T("Send a file"), "Ctrl-F", leave(func(m *Model) tea.Cmd { return t.askFile(m, false) })),
			choice(tr.T("Send a voice message"), tr.T("a sound file"), leave(func(m *Model) tea.Cmd { return t.askFile(m, true) })),
			choice(tr.T("Say where you are"), tr.T("once"), leave(func(m *Model) tea.Cmd { return t.askPlace(m, 0) })),
			choice(tr.T("Let them follow where you are"), tr.T("for 15m, 1h, 8h"), leave(t.askLive)),
			choice(tr.T("Messages disappear after…"), say.Short(t.timer), leave(t.askTimer)),
			choice(tr.T("Clear the conversation here"), "", leave(t.clear)),
		}, nil
	}}
}

func (t *talk) askPlace(m *Model, live time.Duration) tea.Cmd {
	return m.question(m.t.T("Latitude and longitude, such as 38.7223,-9.1393:"), "", func(m *Model, s string) tea.Cmd {
		at, err := say.Spot(s, 0)
		if err != nil {
			m.fail(err)
			return nil
		}
		w := client.Markup(strings.TrimSpace(t.ed.text))
		t.ed.set("")
		with, group := t.with, t.group
		return m.do(m.t.T("Sent."), func(x *scope) error {
			if group {
				_, err := x.c.SendPlaceGroup(x, with, at, live, w)
				return err
			}
			phone, err := x.number(with)
			if err == nil {
				_, err = x.c.SendPlace(x, phone, at, live, w)
			}
			return err
		})
	})
}

func (t *talk) askLive(m *Model) tea.Cmd {
	return m.question(m.t.T("For how long? 15m, 1h, at most 8h:"), "15m", func(m *Model, s string) tea.Cmd {
		d, err := time.ParseDuration(s)
		if err != nil || d <= 0 {
			m.fail(fault.New(fault.Invalid, "read a time", "give a time such as 15m or 1h"))
			return nil
		}
		return t.askPlace(m, d)
	})
}

// movePlace says where this person has come to, or ends a live place.
func (t *talk) movePlace(m *Model, s shown, end bool) tea.Cmd {
	if s.e.Place == nil || s.e.Kind != client.Outgoing || !s.e.Place.Live(m.Clock.Now().UnixMilli()) {
		m.fail(fault.New(fault.Invalid, "move a place", "this is no live place of yours"))
		return nil
	}
	if end {
		return m.do(m.t.T("They no longer see where you are."), func(x *scope) error { return x.c.EndPlace(x, s.e.Seq) })
	}
	return m.question(m.t.T("Where have you come to?"), "", func(m *Model, text string) tea.Cmd {
		to, err := say.Spot(text, 0)
		if err != nil {
			m.fail(err)
			return nil
		}
		return m.do(m.t.T("Moved."), func(x *scope) error { return x.c.MovePlace(x, s.e.Seq, to) })
	})
}

func (t *talk) askTimer(m *Model) tea.Cmd {
	before := say.Short(t.timer)
	if before == "" {
		before = "never"
	}
	return m.question(m.t.T("New messages disappear how long after they were shown? 30s, 5m, 8h, 7d, 4w, or never:"), before, func(m *Model, s string) tea.Cmd {
		seconds, err := say.Lasting(s)
		if err != nil {
			m.fail(err)
			return nil
		}
		with, group := t.with, t.group
		return m.do(m.t.T("Done."), func(x *scope) error {
			if group {
				return x.c.SetGroupTimer(x, with, seconds)
			}
			phone, err := x.number(with)
			if err == nil {
				err = x.c.SetTimer(x, phone, seconds)
			}
			return err
		})
	})
}

func (t *talk) clear(m *Model) tea.Cmd {
	return m.sure(m.t.T("Take the whole conversation away from this device? It cannot be undone."), func(m *Model) tea.Cmd {
		return m.do(m.t.T("Cleared here."), func(x *scope) error { return x.c.Clear(x, t.with) })
	})
}
