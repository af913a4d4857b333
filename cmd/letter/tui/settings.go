package tui

import (
	tea "charm.land/bubbletea/v2"

	"letterlock/client"
	"letterlock/internal/fault"
)

// newSettings is about this person's own account and this screen.
func newSettings(m *Model) page {
	return &sheet{name: m.t.T("Settings"), fill: func(x *scope) ([]item, error) {
		c, err := x.c.Choices(x)
		if err != nil {
			return nil, err
		}
		t := x.t
		items := []item{heading(t.T("What others see of you"))}
		card, err := x.c.Card(x)
		if err != nil {
			return nil, err
		}
		items = append(items, cardItem(t.T("Name"), card.Name, func(n *client.CardChange, s string) { n.Name = &s }),
			cardItem(t.T("About you"), card.About, func(n *client.CardChange, s string) { n.About = &s }))
		items = append(items, x.choiceItems(c)...)
		items = append(items, gap(), heading(t.T("Your account")), fact(t.T("Number"), x.me.Phone), fact(t.T("Server"), x.me.Server),
			choice(t.T("Your devices"), "", func(m *Model) tea.Cmd { return m.open(newDevices(m)) }),
			choice(t.T("Registration lock"), t.T("a PIN that is asked of whoever registers your number anew"), askLock),
			choice(t.T("Take the registration lock away"), "", func(m *Model) tea.Cmd {
				return m.do(m.t.T("The lock is off: whoever gets a code sent to your number can register it."), func(x *scope) error { return x.c.SetLock(x, "") })
			}),
			choice(t.T("Another number"), t.T("your contacts are told, sealed"), changeNumber),
			gap(), heading(t.T("The service and the law")),
			choice(t.T("Notices of the service"), t.T("who asked for data about you"), func(m *Model) tea.Cmd { return m.open(newNotices(m)) }),
			choice(t.T("What the service keeps about you"), "", func(m *Model) tea.Cmd { return m.open(newExport(m)) }),
			choice(t.T("What could be handed over about you today"), "", func(m *Model) tea.Cmd { return m.open(newReach(m)) }),
			gap(), heading(t.T("Language")))
		for _, l := range book.Tongues() {
			mark := ""
			if l.Code() == t.Code() {
				mark = "✔"
			}
			items = append(items, choice(l.Name(), mark, func(m *Model) tea.Cmd {
				if err := m.Memory.Speak(l.Code()); err != nil {
					m.fail(err)
				}
				m.t = l
				m.stack = m.stack[:len(m.stack)-1]
				return m.open(newSettings(m))
			}))
		}
		return items, nil
	}}
}

func cardItem(name, now string, set func(*client.CardChange, string)) item {
	return choice(name, now, func(m *Model) tea.Cmd {
		return m.question(name+":", now, func(m *Model, s string) tea.Cmd {
			var n client.CardChange
			set(&n, s)
			return m.do(m.t.T("Changed."), func(x *scope) error { return x.c.ChangeCard(x, n) })
		})
	})
}

func (x *scope) choiceItems(c client.Choices) (items []item) {
	t := x.t
	for _, k := range []struct {
		say   string
		shown bool
		turn  func(*client.Choices)
	}{
		{t.T("That a message reached you"), !c.HideDelivered, func(c *client.Choices) { c.HideDelivered = !c.HideDelivered }},
		{t.T("That you have read it"), !c.HideRead, func(c *client.Choices) { c.HideRead = !c.HideRead }},
		{t.T("Both of these in groups, too"), !c.HideInGroups, func(c *client.Choices) { c.HideInGroups = !c.HideInGroups }},
		{t.T("That you are writing"), !c.HideWriting, func(c *client.Choices) { c.HideWriting = !c.HideWriting }},
		{t.T("That you are here"), c.ShowOnline, func(c *client.Choices) { c.ShowOnline = !c.ShowOnline }},
	} {
		now := t.T("hidden")
		if k.shown {
			now = t.T("shown to people to whom you wrote")
		}
		items = append(items, choice(k.say, now, func(m *Model) tea.Cmd {
			return m.do(m.t.T("Changed."), func(x *scope) error {
				c, err := x.c.Choices(x)
				if err != nil {
					return err
				}
				k.turn(&c)
				return x.c.Choose(x, c)
			})
		}))
	}
	return append(items, reading(t.T("Who hides something does not see it of others.")))
}

func askLock(m *Model) tea.Cmd {
	m.question(m.t.T("A PIN of 4 to 20 digits. Remember it: nobody can tell you."), "", func(m *Model, pin string) tea.Cmd {
		if pin == "" {
			m.fail(fault.New(fault.Invalid, "set a registration lock", "no PIN was given: nothing changed"))
			return nil
		}
		return m.do(m.t.T("Locked: without the PIN your number cannot be registered anew, unless the account was not used for 7 days."), func(x *scope) error { return x.c.SetLock(x, pin) })
	})
	m.ask.secret = true
	return nil
}

func changeNumber(m *Model) tea.Cmd {
	return m.question(m.t.T("The new number, in international form:"), "+", func(m *Model, phone string) tea.Cmd {
		return m.call(func(x *scope) (step, error) {
			phone, err := client.Phone(phone)
			if err == nil {
				err = x.c.RequestCode(x, phone)
			}
			return func(m *Model) tea.Cmd {
				return m.question(m.t.T("The code that was sent to %s:", phone), "", func(m *Model, code string) tea.Cmd {
					return m.call(func(x *scope) (step, error) {
						if err := x.c.ChangeNumber(x, phone, code, ""); err != nil {
							return nil, err
						}
						return func(m *Model) tea.Cmd {
							m.me.Phone = phone
							m.tell(m.t.T("Your number is %s now. Your contacts are told, sealed.", phone))
							return m.reload()
						}, nil
					})
				})
			}, err
		})
	})
}

func newExport(m *Model) page {
	return &sheet{name: m.t.T("What the service keeps about you"), fill: func(x *scope) ([]item, error) {
		e, err := x.c.Export(x)
		if err != nil {
			return nil, err
		}
		items := []item{reading(x.moment(e.Time))}
		for _, f := range e.Facts {
			items = append(items, fact(f.Title, f.Value))
		}
		return append(items, gap(), reading(x.t.T("What you write is not among it: it cannot read that."))), nil
	}}
}

// newReach is what each kind of legal process would yield today.
func newReach(m *Model) page {
	return &sheet{name: m.t.T("What could be handed over about you today"), fill: func(x *scope) ([]item, error) {
		r, err := x.c.Reach(x)
		if err != nil {
			return nil, err
		}
		t := x.t
		items := []item{reading(t.T("After a trained person has reviewed a request and two others have signed what is released:"))}
		for _, p := range r.Processes {
			name := p.Place + ", " + p.Name
			if p.Locked != "" {
				name += " (" + t.T("nothing as things stand: %s", p.Locked) + ")"
			}
			items = append(items, gap(), item{say: name, pen: pen{bold: true}})
			for _, f := range p.Facts {
				items = append(items, fact(f.Title, f.Value))
			}
			if len(p.Facts) == 0 {
				items = append(items, reading(t.T("nothing")))
			}
		}
		return append(items, gap(), reading(t.T("What you write, and to whom, is in none of them: the service does not have it."))), nil
	}}
}
