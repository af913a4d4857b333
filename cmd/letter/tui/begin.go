package tui

import (
	tea "charm.land/bubbletea/v2"

	"letterlock/internal/fault"
)

// newBegin begins a chat, a group, or asks to come into one.
func newBegin(m *Model) page {
	return &sheet{name: m.t.T("New chat or group"), still: true, fill: func(x *scope) ([]item, error) {
		t := x.t
		return []item{
			choice(t.T("Write to a number"), "+441632960011", func(m *Model) tea.Cmd {
				return m.question(m.t.T("The number, in international form:"), "+", beginChat)
			}),
			choice(t.T("Begin a group"), "", beginGroup),
			choice(t.T("Come into a group by a link"), "", func(m *Model) tea.Cmd {
				return m.question(m.t.T("The link:"), "", func(m *Model, s string) tea.Cmd {
					return m.call(func(x *scope) (step, error) {
						admin, err := x.c.JoinGroup(x, s)
						return func(m *Model) tea.Cmd {
							m.tell(m.t.T("Asked %s. The group comes when their program has answered.", admin))
							return m.reload()
						}, err
					})
				})
			}),
		}, nil
	}}
}

func beginChat(m *Model, phone string) tea.Cmd {
	return m.call(func(x *scope) (step, error) {
		p, err := x.c.Find(x, phone)
		if err == nil && p.Account == x.me.Account {
			err = fault.New(fault.Invalid, "find", "this is your own number")
		}
		if err != nil {
			return nil, err
		}
		return func(m *Model) tea.Cmd { return m.goTo(p.Account, false) }, nil
	})
}

func beginGroup(m *Model) tea.Cmd {
	return m.question(m.t.T("The group's name:"), "", func(m *Model, name string) tea.Cmd {
		return m.question(m.t.T("Phone numbers, with commas between:"), "", func(m *Model, s string) tea.Cmd {
			return m.call(func(x *scope) (step, error) {
				g, err := x.c.CreateGroup(x, name, numbers(s)...)
				if err != nil {
					return nil, err
				}
				return func(m *Model) tea.Cmd { return m.goTo(g.ID, true) }, nil
			})
		})
	})
}
