package tui

import (
	tea "charm.land/bubbletea/v2"

	"letterlock/client"
)

// newNotices is what the service told: who asked for data about this person.
func newNotices(m *Model) page {
	return &sheet{name: m.t.T("Notices of the service"), fill: func(x *scope) ([]item, error) {
		all, err := x.c.Journal(x, client.ServiceNotice, client.NoticeRejected)
		if err != nil {
			return nil, err
		}
		if len(all) == 0 {
			return []item{reading(x.t.T("The service has told you nothing so far."))}, nil
		}
		var items []item
		for i := len(all) - 1; i >= 0; i-- {
			items = append(items, x.notice(all[i])...)
			items = append(items, gap())
		}
		return items, x.c.Shown(x, all...)
	}}
}

// notice is one in plain words.
func (x *scope) notice(e client.Entry) []item {
	t := x.t
	if e.Notice == nil {
		return []item{{say: x.moment(e.At), pen: pen{bold: true}}, warning(t.T("Warning: %s.", e.Why))}
	}
	n := e.Notice
	asker := n.Asker
	if asker == "" {
		asker = t.T("may not be told by law")
	}
	items := []item{{say: x.moment(e.At), pen: pen{bold: true, ink: yellow}}, fact(t.T("Signed by the service, number"), client.MessageIDText(e.ID)),
		fact(t.T("Case"), n.Case), fact(t.T("Asked by"), asker), fact(t.T("Process"), n.Process+" ("+n.Citation+")")}
	for _, f := range n.Fields {
		items = append(items, fact(t.T("Data"), f))
	}
	if n.Discloses != 0 {
		items = append(items, fact(t.T("On"), x.moment(n.Discloses*1000)))
	}
	items = append(items, drawn(indent(block(n.Text, pen{}, 70), run{text: "  "})))
	if n.Before {
		id := client.MessageIDText(e.ID)
		items = append(items, reading(t.T("Nothing has been disclosed yet.")), choice(t.T("Object to it"), t.T("the disclosure is held until counsel has decided"), func(m *Model) tea.Cmd {
			return m.question(m.t.T("Why should it not happen? The service's counsel reads it."), "", func(m *Model, s string) tea.Cmd {
				return m.do(m.t.T("Your objection is with the service's counsel. The disclosure is held until they decide."), func(x *scope) error { return x.c.Object(x, id, s) })
			})
		}))
	}
	return append(items, x.receiptItem(e)...)
}

// receiptItem saves the ledger's proof that the published report counts the case.
func (x *scope) receiptItem(e client.Entry) []item {
	if len(e.Notice.Receipt) == 0 {
		return nil
	}
	return []item{choice(x.t.T("Save the receipt"), x.t.T("with it you see that the published report counts this case"), func(m *Model) tea.Cmd {
		m.question(m.t.T("Save in which folder? Nothing is overwritten."), m.Home, func(m *Model, dir string) tea.Cmd {
			return m.call(func(x *scope) (step, error) {
				path, err := saveReceipt(untilde(dir), e)
				return func(m *Model) tea.Cmd {
					m.tell(m.t.T("Saved as %s", path))
					return nil
				}, err
			})
		})
		m.ask.complete = complete
		return nil
	})}
}
