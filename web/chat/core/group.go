//go:build js

package main

import (
	"context"

	"letterlock/client"
	"letterlock/wire"
)

// grouping are the calls about groups.
func (c *core) grouping() map[string]call {
	return map[string]call{"group": c.group, "groupNew": c.groupNew, "groupJoin": c.groupJoin,
		"groupAdd": c.changing(func(ctx context.Context, cl *client.Client, g client.GroupID, in arguments) error {
			return cl.AddMembers(ctx, g, in.texts("phones")...)
		}),
		"groupRemove": c.member(func(ctx context.Context, cl *client.Client, g client.GroupID, who wire.AccountID, _ arguments) error {
			return cl.RemoveMembers(ctx, g, who)
		}),
		"groupRole": c.member(func(ctx context.Context, cl *client.Client, g client.GroupID, who wire.AccountID, in arguments) error {
			return cl.SetRole(ctx, g, who, in.yes("admin"))
		}),
		"groupHandOver": c.member(func(ctx context.Context, cl *client.Client, g client.GroupID, who wire.AccountID, _ arguments) error {
			return cl.HandOver(ctx, g, who)
		}),
		"groupAnswer": c.member(func(ctx context.Context, cl *client.Client, g client.GroupID, who wire.AccountID, in arguments) error {
			return cl.Answer(ctx, g, who, in.yes("yes"))
		}),
		"groupRename": c.changing(func(ctx context.Context, cl *client.Client, g client.GroupID, in arguments) error {
			return cl.RenameGroup(ctx, g, in.text("name"))
		}),
		"groupLink": c.changing(func(ctx context.Context, cl *client.Client, g client.GroupID, in arguments) error {
			return cl.SetLink(ctx, g, in.yes("open"), in.yes("approval"))
		}),
		"groupLeave": c.changing(func(ctx context.Context, cl *client.Client, g client.GroupID, _ arguments) error {
			return cl.LeaveGroup(ctx, g)
		}),
	}
}

// changing is a change of a group; it answers the group as it is then.
func (c *core) changing(f func(context.Context, *client.Client, client.GroupID, arguments) error) call {
	return func(ctx context.Context, in arguments) (any, error) {
		cl, id, err := c.of(in)
		if err == nil {
			err = f(ctx, cl, client.GroupID(id), in)
		}
		if err != nil {
			return nil, err
		}
		return c.group(ctx, in)
	}
}

// member is a change about one member.
func (c *core) member(f func(context.Context, *client.Client, client.GroupID, wire.AccountID, arguments) error) call {
	return c.changing(func(ctx context.Context, cl *client.Client, g client.GroupID, in arguments) error {
		who, err := in.id("who")
		if err != nil {
			return err
		}
		return f(ctx, cl, g, who, in)
	})
}

func (c *core) group(ctx context.Context, in arguments) (any, error) {
	cl, id, err := c.of(in)
	if err != nil {
		return nil, err
	}
	g, err := cl.GroupOf(ctx, client.GroupID(id))
	if err != nil {
		return nil, err
	}
	return c.showGroup(ctx, cl, g), nil
}

func (c *core) showGroup(ctx context.Context, cl *client.Client, g client.Group) map[string]any {
	members, waiting := []any{}, []any{}
	for _, m := range g.Members {
		members = append(members, map[string]any{"who": c.who(ctx, cl, m.Account), "role": roles[int(m.Role)]})
	}
	for _, w := range g.Waiting {
		waiting = append(waiting, c.who(ctx, cl, w))
	}
	return map[string]any{"id": identifier(g.ID), "name": g.Name, "members": members, "waiting": waiting, "link": g.Link, "approval": g.Approval,
		"timer": g.Timer, "left": g.Left, "own": roles[int(g.Own)]}
}

var roles = map[int]string{0: "", int(client.RoleMember): "member", int(client.RoleAdmin): "admin", int(client.RoleOwner): "owner"}

func (c *core) groupNew(ctx context.Context, in arguments) (any, error) {
	cl, err := c.person()
	if err != nil {
		return nil, err
	}
	g, err := cl.CreateGroup(ctx, in.text("name"), in.texts("phones")...)
	if err != nil {
		return nil, err
	}
	return c.showGroup(ctx, cl, g), nil
}

// groupJoin asks to be let in; the answer is whom it asked.
func (c *core) groupJoin(ctx context.Context, in arguments) (any, error) {
	cl, err := c.person()
	if err != nil {
		return nil, err
	}
	return cl.JoinGroup(ctx, in.text("link"))
}
