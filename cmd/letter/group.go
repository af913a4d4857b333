//go:build !js

package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"strings"

	"letterlock/client"
	"letterlock/internal/fault"
	"letterlock/wire"
)

// groupCmd is the commands about groups. A group is named by its name, or, if
// two have the same, by the beginning of its id.
type groupCmd struct {
	New      groupNew      `cmd:"" help:"Begin a group."`
	List     groupList     `cmd:"" default:"withargs" help:"Show the groups, or one with its members."`
	Add      groupAdd      `cmd:"" help:"Add people (admins)."`
	Remove   groupRemove   `cmd:"" help:"Remove people (admins)."`
	Leave    groupLeave    `cmd:"" help:"Leave a group; what was said stays here."`
	Rename   groupRename   `cmd:"" help:"Give a group another name (admins)."`
	Admin    groupAdmin    `cmd:"" help:"Make a member an admin, or with --no a plain member again (the owner)."`
	Handover groupHandover `cmd:"" help:"Make another member the owner."`
	Link     groupLink     `cmd:"" help:"Open, show or close the link by which people can ask to come in (admins)."`
	Join     groupJoin     `cmd:"" help:"Ask to be let in by a link."`
	Answer   groupAnswer   `cmd:"" help:"Let somebody in who waits, or with --no turn them away (admins)."`
	Timer    groupTimer    `cmd:"" help:"Let new messages of a group disappear (admins)."`
}

// which finds a group by what a person typed.
func (d *device) which(ctx context.Context, name string) (client.Group, error) {
	all, err := d.Groups(ctx)
	if err != nil {
		return client.Group{}, err
	}
	var found []client.Group
	for _, g := range all {
		if strings.EqualFold(g.Name, name) || (len(name) >= 4 && strings.HasPrefix(hex.EncodeToString(g.ID[:]), name)) {
			found = append(found, g)
		}
	}
	switch len(found) {
	case 0:
		return client.Group{}, fault.New(fault.NotFound, "find a group", "there is no group %q here: 'letter group' lists them", name)
	case 1:
		return found[0], nil
	}
	return client.Group{}, fault.New(fault.Conflict, "find a group", "several groups are called %q: give the beginning of the id, as 'letter group' shows it", name)
}

// grouping does something with a group, sends what follows and says so.
func (t *terminal) grouping(ctx context.Context, name, done string, f func(*device, client.Group) error) error {
	return t.with(ctx, func(d *device) error {
		g, err := d.which(ctx, name)
		if err != nil {
			return err
		}
		if err := f(d, g); err != nil {
			return err
		}
		if err := d.sendHeld(ctx); err != nil {
			return err
		}
		fmt.Fprintln(t.out, done)
		return nil
	})
}

// accounts finds people by their numbers.
func (d *device) accounts(ctx context.Context, phones []string) (out []wire.AccountID, err error) {
	for _, p := range phones {
		who, err := d.Find(ctx, p)
		if err != nil {
			return nil, err
		}
		out = append(out, who.Account)
	}
	return out, nil
}

type groupNew struct {
	Name string   `arg:"" help:"The group's name."`
	With []string `required:"" placeholder:"+E164" help:"Who is in it; may be repeated."`
}

// Run is the command.
func (c *groupNew) Run(ctx context.Context, t *terminal) error {
	return t.with(ctx, func(d *device) error {
		g, err := d.CreateGroup(ctx, c.Name, c.With...)
		if err != nil {
			return err
		}
		if err := d.sendHeld(ctx); err != nil {
			return err
		}
		fmt.Fprintf(t.out, "Begun: %s, %d members. Write with: letter send --group %q TEXT\n", plain(g.Name), len(g.Members), g.Name)
		return nil
	})
}

type groupList struct {
	Name string `arg:"" optional:"" help:"One group."`
	JSON bool   `name:"json" help:"One JSON object on each line."`
}

// groupJSON is a group as --json prints it.
type groupJSON struct {
	ID       string       `json:"id"`
	Name     string       `json:"name"`
	Left     bool         `json:"left"`
	Timer    uint32       `json:"timer"`
	Link     string       `json:"link,omitempty"`
	Approval bool         `json:"approval,omitempty"`
	Members  []memberJSON `json:"members"`
	Waiting  []memberJSON `json:"waiting,omitempty"`
}

type memberJSON struct {
	Account string `json:"account"`
	Phone   string `json:"phone,omitempty"`
	Role    string `json:"role,omitempty"`
}

var roleNames = map[int]string{int(client.RoleMember): "member", int(client.RoleAdmin): "admin", int(client.RoleOwner): "owner"}

// Run is the command.
func (c *groupList) Run(ctx context.Context, t *terminal) error {
	return t.with(ctx, func(d *device) error {
		all, err := d.Groups(ctx)
		if c.Name != "" && err == nil {
			var g client.Group
			g, err = d.which(ctx, c.Name)
			all = []client.Group{g}
		}
		if err != nil {
			return err
		}
		for _, g := range all {
			if err := d.showGroup(ctx, g, c.JSON, c.Name != ""); err != nil {
				return err
			}
		}
		if len(all) == 0 && !c.JSON {
			fmt.Fprintln(t.out, "No groups yet: letter group new NAME --with +E164")
		}
		return nil
	})
}

func (d *device) showGroup(ctx context.Context, g client.Group, asJSON, whole bool) error {
	if asJSON {
		out := groupJSON{ID: hex.EncodeToString(g.ID[:]), Name: g.Name, Left: g.Left, Timer: g.Timer, Link: g.Link, Approval: g.Approval}
		for _, m := range g.Members {
			p, err := d.Person(ctx, m.Account)
			if err != nil {
				return err
			}
			out.Members = append(out.Members, memberJSON{m.Account.String(), p.Phone, roleNames[int(m.Role)]})
		}
		for _, w := range g.Waiting {
			p, err := d.Person(ctx, w)
			if err != nil {
				return err
			}
			out.Waiting = append(out.Waiting, memberJSON{Account: w.String(), Phone: p.Phone})
		}
		return d.t.json(out)
	}
	fmt.Fprintf(d.t.out, "%s  %s  %d %s%s\n", hex.EncodeToString(g.ID[:4]), plain(g.Name), len(g.Members), plural("member", uint64(len(g.Members))), map[bool]string{true: "  (left)"}[g.Left])
	if !whole {
		return nil
	}
	for _, m := range g.Members {
		fmt.Fprintf(d.t.out, "  %-7s %s\n", roleNames[int(m.Role)], d.name(ctx, m.Account))
	}
	for _, w := range g.Waiting {
		fmt.Fprintf(d.t.out, "  waits   %s\n", d.name(ctx, w))
	}
	if g.Link != "" {
		fmt.Fprintf(d.t.out, "  link    %s\n", g.Link)
	}
	fmt.Fprintf(d.t.out, "  New messages %s.\n", timer(g.Timer))
	return nil
}

type groupAdd struct {
	Group  string   `arg:"" help:"The group."`
	Phones []string `arg:"" help:"Whom to add."`
}

// Run is the command.
func (c *groupAdd) Run(ctx context.Context, t *terminal) error {
	return t.grouping(ctx, c.Group, "Added.", func(d *device, g client.Group) error { return d.AddMembers(ctx, g.ID, c.Phones...) })
}

type groupRemove struct {
	Group  string   `arg:"" help:"The group."`
	Phones []string `arg:"" help:"Whom to remove."`
}

// Run is the command.
func (c *groupRemove) Run(ctx context.Context, t *terminal) error {
	return t.grouping(ctx, c.Group, "Removed. They cannot read what is said from now on.", func(d *device, g client.Group) error {
		who, err := d.accounts(ctx, c.Phones)
		if err != nil {
			return err
		}
		return d.RemoveMembers(ctx, g.ID, who...)
	})
}

type groupLeave struct {
	Group string `arg:"" help:"The group."`
}

// Run is the command.
func (c *groupLeave) Run(ctx context.Context, t *terminal) error {
	return t.grouping(ctx, c.Group, "Left.", func(d *device, g client.Group) error { return d.LeaveGroup(ctx, g.ID) })
}

type groupRename struct {
	Group string `arg:"" help:"The group."`
	Name  string `arg:"" help:"Its new name."`
}

// Run is the command.
func (c *groupRename) Run(ctx context.Context, t *terminal) error {
	return t.grouping(ctx, c.Group, "Renamed.", func(d *device, g client.Group) error { return d.RenameGroup(ctx, g.ID, c.Name) })
}

type groupAdmin struct {
	Group string `arg:"" help:"The group."`
	Phone string `arg:"" help:"The member."`
	No    bool   `help:"A plain member again."`
}

// Run is the command.
func (c *groupAdmin) Run(ctx context.Context, t *terminal) error {
	return t.grouping(ctx, c.Group, "Done.", func(d *device, g client.Group) error {
		who, err := d.accounts(ctx, []string{c.Phone})
		if err != nil {
			return err
		}
		return d.SetRole(ctx, g.ID, who[0], !c.No)
	})
}

type groupHandover struct {
	Group string `arg:"" help:"The group."`
	Phone string `arg:"" help:"The new owner."`
}

// Run is the command.
func (c *groupHandover) Run(ctx context.Context, t *terminal) error {
	return t.grouping(ctx, c.Group, "Handed over; you are an admin now.", func(d *device, g client.Group) error {
		who, err := d.accounts(ctx, []string{c.Phone})
		if err != nil {
			return err
		}
		return d.HandOver(ctx, g.ID, who[0])
	})
}

type groupLink struct {
	Group    string `arg:"" help:"The group."`
	Open     bool   `xor:"what" help:"Open the link, or replace it: the former one opens nothing any more."`
	Close    bool   `xor:"what" help:"Close it."`
	Approval bool   `help:"With --open: an admin says yes to each."`
}

// Run is the command.
func (c *groupLink) Run(ctx context.Context, t *terminal) error {
	return t.with(ctx, func(d *device) error {
		g, err := d.which(ctx, c.Group)
		if err != nil {
			return err
		}
		if c.Open || c.Close {
			if err := d.SetLink(ctx, g.ID, c.Open, c.Approval); err != nil {
				return err
			}
			if err := d.sendHeld(ctx); err != nil {
				return err
			}
			if g, err = d.GroupOf(ctx, g.ID); err != nil {
				return err
			}
		}
		if g.Link == "" {
			fmt.Fprintln(t.out, "There is no link, or it is not for you to see.")
			return nil
		}
		fmt.Fprintf(t.out, "%s\nWhoever has it can ask your program to be let in: 'letter group join LINK'.\n", g.Link)
		return nil
	})
}

type groupJoin struct {
	Link string `arg:"" help:"The link."`
}

// Run is the command.
func (c *groupJoin) Run(ctx context.Context, t *terminal) error {
	return t.with(ctx, func(d *device) error {
		admin, err := d.JoinGroup(ctx, c.Link)
		if err != nil {
			return err
		}
		if err := d.sendHeld(ctx); err != nil {
			return err
		}
		fmt.Fprintf(t.out, "Asked %s. The group comes when their program has answered: 'letter receive'.\n", admin)
		return nil
	})
}

type groupAnswer struct {
	Group string `arg:"" help:"The group."`
	Phone string `arg:"" help:"Who waits."`
	No    bool   `help:"Turn them away."`
}

// Run is the command.
func (c *groupAnswer) Run(ctx context.Context, t *terminal) error {
	return t.grouping(ctx, c.Group, "Answered.", func(d *device, g client.Group) error {
		who, err := d.accounts(ctx, []string{c.Phone})
		if err != nil {
			return err
		}
		return d.Answer(ctx, g.ID, who[0], !c.No)
	})
}

type groupTimer struct {
	Group string `arg:"" help:"The group."`
	After string `arg:"" help:"30s, 5m, 8h, 7d, 4w, or 'never'."`
}

// Run is the command.
func (c *groupTimer) Run(ctx context.Context, t *terminal) error {
	seconds, err := lasting(c.After)
	if err != nil {
		return err
	}
	return t.grouping(ctx, c.Group, "New messages "+timer(seconds)+".", func(d *device, g client.Group) error { return d.SetGroupTimer(ctx, g.ID, seconds) })
}
