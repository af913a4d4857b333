package tui

import (
	"strings"

	tea "charm.land/bubbletea/v2"

	"letterlock/client"
	"letterlock/cmd/letter/say"
	"letterlock/wire"
)

// newPerson is all about somebody: what they show of themselves, the safety
// number, and what this person can do about them.
func newPerson(m *Model, id wire.AccountID) page {
	return &sheet{name: m.t.T("A person"), fill: func(x *scope) ([]item, error) {
		w, err := x.who(id)
		if err != nil {
			return nil, err
		}
		items := []item{{say: x.called(w), pen: pen{bold: true}}}
		if w.phone != "" {
			claim := x.t.T("the server says that it is theirs")
			if !w.confirmed {
				claim = x.t.T("they say so; the server has not confirmed it")
			}
			items = append(items, fact(x.t.T("Number"), w.phone+" ("+claim+")"))
		}
		items = append(items, x.shows(id)...)
		items = append(items, x.personActs(w)...)
		return append(items, x.safety(w)...), nil
	}}
}

// shows is what somebody shows of themselves, beside the name.
func (x *scope) shows(id wire.AccountID) (items []item) {
	about := ""
	if k, found, err := x.c.ShownBy(x, id); err == nil && found {
		about = k.About
	}
	if p, err := x.c.ProfileOf(x, id); about == "" && err == nil {
		about = p.About
	}
	if about != "" {
		items = append(items, fact(x.t.T("About them"), about))
	}
	if photo, err := x.c.Portrait(x, id); err == nil && photo != nil && x.colours {
		items = append(items, drawn(indent(picture(photo, 24, 12), run{text: "  "})))
	}
	return items
}

func (x *scope) personActs(w who) []item {
	tr, phone := x.t, w.phone
	seconds, err := x.c.Timer(x, w.id)
	timer := ""
	if err == nil && seconds != 0 {
		timer = say.Short(seconds)
	}
	return []item{
		choice(tr.T("Write to them"), "", func(m *Model) tea.Cmd { return m.goTo(w.id, false) }),
		choice(tr.T("Messages disappear after…"), timer, func(m *Model) tea.Cmd {
			t := newTalk(w.id, false)
			t.timer = seconds
			return t.askTimer(m)
		}),
		choice(tr.T("Block"), tr.T("they cannot tell"), func(m *Model) tea.Cmd {
			return m.sure(m.t.T("Get no more messages from them?"), func(m *Model) tea.Cmd {
				return m.do(m.t.T("Blocked."), func(x *scope) error { return x.c.Block(x, phone, false) })
			})
		}),
		choice(tr.T("Unblock"), "", func(m *Model) tea.Cmd {
			return m.do(m.t.T("Unblocked."), func(x *scope) error { return x.c.Block(x, phone, true) })
		}),
		choice(tr.T("Report to whoever runs the server"), tr.T("only what you add is sent"), func(m *Model) tea.Cmd { return m.report(w.id, nil) }),
		gap(),
	}
}

// safety is the safety number, as digits and as a code for a camera.
func (x *scope) safety(w who) []item {
	tr := x.t
	items := []item{heading(tr.T("Safety number"))}
	if w.phone == "" {
		return append(items, reading(tr.T("Their number is not known, so there is nothing to compare yet.")))
	}
	n, err := x.c.Safety(x, w.phone)
	if err != nil {
		return append(items, warning(tr.Say(err)))
	}
	groups := strings.Fields(n.Groups())
	for i := 0; i+4 <= len(groups); i += 4 {
		items = append(items, drawn([]row{{{"    ", pen{}}, {strings.Join(groups[i:i+4], " "), pen{bold: true}}}}))
	}
	switch {
	case n.Changed:
		items = append(items, warning(tr.T("It CHANGED and you have not accepted it. Compare it with theirs over another channel.")),
			choice(tr.T("It is the same on their side: accept and mark as verified"), "", accept(n, true)),
			choice(tr.T("Accept it without comparing"), "", accept(n, false)))
	case n.Verified:
		items = append(items, item{say: "✔ " + tr.T("You marked it as verified."), pen: pen{ink: green}})
	default:
		items = append(items, reading(tr.T("If they see the same digits, nobody is between you.")),
			choice(tr.T("It is the same: mark as verified"), "", accept(n, true)))
	}
	if rows, err := code(string(n.Code)); err == nil {
		items = append(items, gap(), drawn(rows))
	}
	return items
}

func accept(n client.Safety, verified bool) func(*Model) tea.Cmd {
	return func(m *Model) tea.Cmd {
		say := m.t.T("Accept this safety number? What waits is sent.")
		if verified {
			say = m.t.T("Did you compare all the digits, and are they the same?")
		}
		return m.sure(say, func(m *Model) tea.Cmd {
			return m.do(m.t.T("Accepted."), func(x *scope) error { return x.c.Accept(x, n.With.Phone, n.Digits, verified) })
		})
	}
}

// goTo opens a conversation over the chats.
func (m *Model) goTo(with [16]byte, group bool) tea.Cmd {
	m.stack = m.stack[:1]
	return m.open(newTalk(with, group))
}
