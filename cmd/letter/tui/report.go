package tui

import (
	tea "charm.land/bubbletea/v2"

	"letterlock/client"
	"letterlock/wire"
)

// report asks what happened and shows what would be sent, before it is.
func (m *Model) report(about wire.AccountID, seqs []uint64) tea.Cmd {
	return m.question(m.t.T("What happened, in your words:"), "", func(m *Model, note string) tea.Cmd {
		return m.call(func(x *scope) (step, error) {
			r, err := x.c.DraftReport(x, about, seqs, note)
			if err != nil {
				return nil, err
			}
			return func(m *Model) tea.Cmd { return m.open(newReport(m, r)) }, nil
		})
	})
}

func newReport(m *Model, r client.Report) page {
	return &sheet{name: m.t.T("A report"), still: true, fill: func(x *scope) ([]item, error) {
		send := func(say, done string, block bool) item {
			return choice(say, "", func(m *Model) tea.Cmd {
				return tea.Batch(m.back(), m.do(done, func(x *scope) error { return x.c.SendReport(x, r, block) }))
			})
		}
		t := x.t
		return []item{
			reading(t.T("This, and nothing else, is sealed and sent to whoever runs the server:")), gap(),
			drawn(indent(block(string(r.Text()), pen{}, 70), run{text: "  "})), gap(),
			send(t.T("Send it"), t.T("Reported."), false), send(t.T("Send it, and block them"), t.T("Reported and blocked."), true),
		}, nil
	}}
}
