package tui

import (
	tea "charm.land/bubbletea/v2"

	"letterlock/client"
	"letterlock/wire"
)

// newDevices is this person's devices.
func newDevices(m *Model) page {
	return &sheet{name: m.t.T("Your devices"), fill: func(x *scope) ([]item, error) {
		all, err := x.c.Devices(x)
		if err != nil {
			return nil, err
		}
		var items []item
		for _, d := range all {
			items = append(items, x.device(d))
		}
		items = append(items, gap())
		if x.me.Device == wire.Primary {
			return append(items, choice(x.t.T("Link another device"), x.t.T("it shows a link"), linkDevice)), nil
		}
		return append(items, reading(x.t.T("The device that you registered with links others.")), choice(x.t.T("Unlink this device"), x.t.T("keys and messages here are erased"), leaveDevice)), nil
	}}
}

func (x *scope) device(d client.Device) item {
	t, name := x.t, d.Name
	if name == "" {
		name = t.T("(no name)")
	}
	about := ""
	add := func(s string) {
		if about != "" {
			about += ", "
		}
		about += s
	}
	if d.Primary {
		add(t.T("the one you registered with"))
	}
	switch {
	case d.This:
		add(t.T("this device"))
	case d.Active == "":
		add(t.T("not heard of yet"))
	default:
		add(t.T("last active on %s (UTC)", d.Active))
	}
	if d.Added != "" {
		add(t.T("linked on %s", d.Added))
	}
	return choice(name, about, func(m *Model) tea.Cmd { return m.open(newDevice(m, d)) })
}

func newDevice(m *Model, d client.Device) page {
	return &sheet{name: m.t.T("A device"), still: true, fill: func(x *scope) ([]item, error) {
		items := []item{{say: d.Name, pen: pen{bold: true}}, choice(x.t.T("Another name"), x.t.T("only your devices learn it"), func(m *Model) tea.Cmd {
			return m.question(m.t.T("What do you call this device?"), d.Name, func(m *Model, s string) tea.Cmd {
				return tea.Batch(m.back(), m.do(m.t.T("Named."), func(x *scope) error { return x.c.NameDevice(x, d.ID, s) }))
			})
		})}
		if x.me.Device == wire.Primary && !d.This {
			items = append(items, choice(x.t.T("Unlink it"), x.t.T("it gets nothing from then on, and erases what it has"), func(m *Model) tea.Cmd {
				return m.sure(m.t.T("Unlink it?"), func(m *Model) tea.Cmd {
					return tea.Batch(m.back(), m.do(m.t.T("Unlinked. Your contacts are told, sealed."), func(x *scope) error { return x.c.RemoveDevice(x, d.ID) }))
				})
			}))
		}
		return items, nil
	}}
}

func leaveDevice(m *Model) tea.Cmd {
	return m.sure(m.t.T("Unlink this device, and erase its keys and messages here?"), func(m *Model) tea.Cmd {
		return m.call(func(x *scope) (step, error) {
			return func(*Model) tea.Cmd { return tea.Quit }, x.c.Leave(x)
		})
	})
}

// linkDevice reads what the new device shows, compares the code with the person
// and links it.
func linkDevice(m *Model) tea.Cmd {
	return m.question(m.t.T("On the new device: letter device join. Type or paste the link that it shows:"), "", func(m *Model, link string) tea.Cmd {
		m.tell(m.t.T("Greeting the new device…"))
		return m.call(func(x *scope) (step, error) {
			n, err := x.c.ReadLink(x, link)
			if err != nil {
				return nil, err
			}
			return func(m *Model) tea.Cmd { return m.open(newLinking(m, n)) }, nil
		})
	})
}

func newLinking(m *Model, n *client.Linking) page {
	return &sheet{name: m.t.T("Link a device"), still: true, fill: func(x *scope) ([]item, error) {
		t := x.t
		confirm := func(say string, h client.History) item {
			return choice(say, "", func(m *Model) tea.Cmd {
				return tea.Batch(m.back(), m.do(m.t.T("Linked. Your contacts are told, sealed."), func(x *scope) error {
					_, err := n.Confirm(x, h)
					return err
				}))
			})
		}
		return []item{
			reading(t.T("A %s that calls itself “%s” wants to be linked to you. It will get your messages, and write as you.", n.Type, n.Name)),
			reading(t.T("It must show this code:")), gap(), {rows: []row{{{"      ", pen{}}, {n.Code, pen{bold: true}}}}}, gap(),
			reading(t.T("If it shows another one, say no: somebody stands between.")),
			choice(t.T("No: it shows another code, or I did not ask for this"), "", func(m *Model) tea.Cmd {
				return tea.Batch(m.back(), m.do(m.t.T("Nothing was linked."), func(x *scope) error { return n.Refuse(x) }))
			}),
			confirm(t.T("Yes, and hand over the last 30 days"), client.HistoryMonth),
			confirm(t.T("Yes, and hand over everything"), client.HistoryAll),
			confirm(t.T("Yes, without what was said so far"), client.HistoryNone),
		}, nil
	}}
}
