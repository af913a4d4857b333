package tui

import (
	"cmp"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"letterlock/client"
	"letterlock/cmd/letter/say"
	"letterlock/wire"
)

// newGroup is all about a group: who is in it, who waits, and what the person
// may change.
func newGroup(m *Model, id client.GroupID) page {
	return &sheet{name: m.t.T("A group"), fill: func(x *scope) ([]item, error) {
		g, err := x.c.GroupOf(x, id)
		if err != nil {
			return nil, err
		}
		items := []item{{say: g.Name, pen: pen{bold: true}}}
		if g.Left {
			items = append(items, warning(x.t.T("You left this group.")))
		}
		admin := g.Own != client.RoleMember && !g.Left
		items = append(items, x.waiting(g, admin)...)
		items = append(items, gap(), heading(x.t.N(len(g.Members), "%d member", "%d members")))
		for _, p := range x.ranked(g.Members) {
			items = append(items, x.member(g, p))
		}
		items = append(items, gap())
		return append(items, x.groupActs(g, admin)...), nil
	}}
}

func (x *scope) waiting(g client.Group, admin bool) (items []item) {
	for _, id := range g.Waiting {
		name := x.name(id)
		items = append(items, warning(x.t.T("%s asks to come in.", name)))
		if !admin {
			continue
		}
		answer := func(yes bool) func(*Model) tea.Cmd {
			return func(m *Model) tea.Cmd {
				return m.do(m.t.T("Answered."), func(x *scope) error { return x.c.Answer(x, g.ID, id, yes) })
			}
		}
		items = append(items, choice(x.t.T("Let %s in", name), "", answer(true)), choice(x.t.T("Turn %s away", name), "", answer(false)))
	}
	return items
}

// ranked are members by role and then by name.
func (x *scope) ranked(all []client.Member) []client.Member {
	all = slices.Clone(all)
	slices.SortFunc(all, func(a, b client.Member) int {
		return cmp.Or(cmp.Compare(b.Role, a.Role), strings.Compare(x.name(a.Account), x.name(b.Account)))
	})
	return all
}

func (x *scope) member(g client.Group, p client.Member) item {
	role := ""
	switch p.Role {
	case client.RoleOwner:
		role = x.t.T("owner")
	case client.RoleAdmin:
		role = x.t.T("admin")
	}
	i := item{say: x.name(p.Account), more: role}
	if p.Account == x.me.Account {
		return i.does(nil)
	}
	return i.does(func(m *Model) tea.Cmd { return m.open(newMember(m, g.ID, p.Account)) })
}

// newMember is what can be done about one member.
func newMember(m *Model, group client.GroupID, id wire.AccountID) page {
	return &sheet{name: m.t.T("A member"), fill: func(x *scope) ([]item, error) {
		g, err := x.c.GroupOf(x, group)
		if err != nil {
			return nil, err
		}
		at := slices.IndexFunc(g.Members, func(p client.Member) bool { return p.Account == id })
		name := x.name(id)
		items := []item{{say: name, pen: pen{bold: true}}, choice(x.t.T("The person: safety number, timer, block"), "", func(m *Model) tea.Cmd { return m.open(newPerson(m, id)) })}
		if at < 0 {
			return append(items, reading(x.t.T("No longer in the group."))), nil
		}
		act := func(say, done string, f func(*scope) error) item {
			return choice(say, "", func(m *Model) tea.Cmd {
				return m.sure(say+"?", func(m *Model) tea.Cmd { return m.do(done, f) })
			})
		}
		t := x.t
		if g.Own == client.RoleOwner {
			if g.Members[at].Role == client.RoleMember {
				items = append(items, act(t.T("Make %s an admin", name), t.T("Done."), func(x *scope) error { return x.c.SetRole(x, group, id, true) }))
			} else {
				items = append(items, act(t.T("Make %s a plain member", name), t.T("Done."), func(x *scope) error { return x.c.SetRole(x, group, id, false) }))
			}
			items = append(items, act(t.T("Make %s the owner", name), t.T("Handed over; you are an admin now."), func(x *scope) error { return x.c.HandOver(x, group, id) }))
		}
		if g.Own != client.RoleMember {
			items = append(items, act(t.T("Remove %s from the group", name), t.T("Removed. They cannot read what is said from now on."), func(x *scope) error { return x.c.RemoveMembers(x, group, id) }))
		}
		return items, nil
	}}
}

func (x *scope) groupActs(g client.Group, admin bool) []item {
	t := x.t
	items := []item{choice(t.T("Write to the group"), "", func(m *Model) tea.Cmd { return m.goTo(g.ID, true) })}
	if admin {
		items = append(items,
			choice(t.T("Add people"), "", func(m *Model) tea.Cmd { return addPeople(m, g.ID) }),
			choice(t.T("Another name"), "", func(m *Model) tea.Cmd {
				return m.question(m.t.T("The group's name:"), g.Name, func(m *Model, s string) tea.Cmd {
					return m.do(m.t.T("Renamed."), func(x *scope) error { return x.c.RenameGroup(x, g.ID, s) })
				})
			}),
			choice(t.T("Messages disappear after…"), say.Short(g.Timer), func(m *Model) tea.Cmd {
				k := newTalk(g.ID, true)
				k.timer = g.Timer
				return k.askTimer(m)
			}))
		items = append(items, x.linkItems(g)...)
	}
	if !g.Left {
		items = append(items, choice(t.T("Leave the group"), t.T("what was said stays here"), func(m *Model) tea.Cmd {
			return m.sure(m.t.T("Leave the group?"), func(m *Model) tea.Cmd {
				return m.do(m.t.T("You left the group."), func(x *scope) error { return x.c.LeaveGroup(x, g.ID) })
			})
		}))
	}
	return items
}

func (x *scope) linkItems(g client.Group) []item {
	t := x.t
	set := func(say string, open, approval bool) item {
		return choice(say, "", func(m *Model) tea.Cmd {
			return m.do(m.t.T("Done."), func(x *scope) error { return x.c.SetLink(x, g.ID, open, approval) })
		})
	}
	items := []item{gap(), heading(t.T("Link"))}
	if g.Link == "" {
		return append(items, set(t.T("Open a link: whoever has it comes in"), true, false), set(t.T("Open a link: an admin says yes to each"), true, true))
	}
	say := t.T("Whoever has this link comes in:")
	if g.Approval {
		say = t.T("Whoever has this link can ask to come in:")
	}
	items = append(items, reading(say), reading(g.Link))
	if rows, err := code(g.Link); err == nil {
		items = append(items, drawn(rows))
	}
	return append(items, set(t.T("Replace the link: the former opens nothing any more"), true, g.Approval), set(t.T("Close the link"), false, false))
}

func addPeople(m *Model, id client.GroupID) tea.Cmd {
	return m.question(m.t.T("Phone numbers, with commas between:"), "", func(m *Model, s string) tea.Cmd {
		return m.do(m.t.T("Added."), func(x *scope) error { return x.c.AddMembers(x, id, numbers(s)...) })
	})
}

// numbers are phone numbers with commas between.
func numbers(s string) (out []string) {
	for p := range strings.SplitSeq(s, ",") {
		if p = strings.TrimSpace(p); p != "" {
			out = append(out, p)
		}
	}
	return out
}
