package tui

import (
	tea "charm.land/bubbletea/v2"

	"letterlock/client"
)

// newStatuses is what people show for a day.
func newStatuses(m *Model) page {
	return &sheet{name: m.t.T("Status updates"), fill: func(x *scope) ([]item, error) {
		all, err := x.c.Statuses(x)
		if err != nil {
			return nil, err
		}
		items := []item{choice(x.t.T("Show a text for a day"), x.t.T("to people whom you choose"), postStatus), gap()}
		if len(all) == 0 {
			items = append(items, reading(x.t.T("Nobody shows a status today.")))
		}
		for i := len(all) - 1; i >= 0; i-- {
			items = append(items, x.status(all[i])...)
		}
		return items, x.c.Shown(x, all...)
	}}
}

func (x *scope) status(e client.Entry) []item {
	name := x.name(e.Author(x.me.Account))
	head := name + "  " + x.moment(e.At)
	if e.Ends != 0 {
		head += "  " + x.t.T("until %s", x.moment(e.Ends))
	}
	items := []item{{say: head, pen: pen{bold: true, ink: cyan}}, drawn(indent(paragraphs(styled(e.Text, e.Style, pen{}, false), 70), run{text: "  "}))}
	if e.Own || e.Author(x.me.Account) == x.me.Account {
		items = append(items, reading(x.t.N(len(e.To), "Shown to %d person.", "Shown to %d people.")),
			choice(x.t.T("Take it back"), "", func(m *Model) tea.Cmd {
				return m.do(m.t.T("Taken back. Who has read it has read it."), func(x *scope) error { return x.c.TakeBackStatus(x, e.Seq) })
			}))
	}
	return append(items, gap())
}

func postStatus(m *Model) tea.Cmd {
	return m.question(m.t.T("What do you want to show?"), "", func(m *Model, text string) tea.Cmd {
		return m.question(m.t.T("To which numbers? With commas between; nothing: to those who were shown the last one."), "", func(m *Model, to string) tea.Cmd {
			return m.do(m.t.T("Shown for a day."), func(x *scope) error {
				_, err := x.c.PostStatus(x, numbers(to), client.Markup(text))
				return err
			})
		})
	})
}
