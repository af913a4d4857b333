package client

import (
	"context"
	"slices"

	"letterlock/client/internal/group"
	"letterlock/internal/fault"
	"letterlock/signal"
	"letterlock/wire"
)

// GroupID names a group.
type GroupID = group.ID

// The roles of a member.
const (
	RoleMember = group.Plain
	RoleAdmin  = group.Admin
	RoleOwner  = group.Owner
)

// ActTimer is the act of an Event whose entry has the timer.
const ActTimer = group.SetTimer

// Group is a group as this device knows it.
type Group struct {
	ID       GroupID
	Name     string
	Members  []Member
	Waiting  []wire.AccountID // asked by the link and wait for an admin
	Link     string           // for an admin: how somebody may ask to come in; "": closed
	Approval bool             // who comes by the link waits for an admin
	Timer    uint32
	Left     bool // this person is no longer in it
	Own      group.Role
}

// Member is one person of a group.
type Member struct {
	Account wire.AccountID
	Role    group.Role
}

// Event is what happened to a group.
type Event struct {
	Act  group.Act        `cbor:"act"`
	Who  []wire.AccountID `cbor:"who,omitempty"` // whom it was about
	Name string           `cbor:"name,omitempty"`
	Why  string           `cbor:"why,omitempty"` // for people: what is wrong, if something is
}

// groupRecord is what is stored of a group.
type groupRecord struct {
	State        group.State         `cbor:"state"`
	Last         group.Signed        `cbor:"last"`              // the change that led to State
	Pending      *group.Signed       `cbor:"pending,omitempty"` // an own change that waits for its turn
	After        *group.State        `cbor:"after,omitempty"`   // what it leads to
	Distribution signal.Distribution `cbor:"distribution"`      // of this device's chain; zero: to be made
	Left         bool                `cbor:"left,omitempty"`
	Asked        int64               `cbor:"asked,omitempty"` // Unix seconds: when others were last asked for what was missed
	Spoke        bool                `cbor:"spoke,omitempty"` // this person has written to it: from then on its members get receipts
}

func (s *state) group(id GroupID) (groupRecord, bool, error) {
	return load[groupRecord](s, BucketGroup, id[:])
}

func (s *state) putGroup(g groupRecord) error { return save(s, BucketGroup, g.State.ID[:], g) }

// inGroup reads a group that this person is in.
func (s *state) inGroup(id GroupID) (groupRecord, error) {
	g, found, err := s.group(id)
	switch {
	case err != nil:
		return g, err
	case !found:
		return g, fault.New(fault.NotFound, "find a group", "there is no such group here")
	case g.Left:
		return g, fault.New(fault.Forbidden, "find a group", "you are no longer in this group")
	}
	return g, nil
}

// Groups lists the groups that this person is or was in.
func (c *Client) Groups(ctx context.Context) (out []Group, err error) {
	me, err := c.self(ctx)
	if err != nil {
		return nil, err
	}
	err = c.store.View(ctx, func(tx Tx) error {
		out = nil
		all, err := tx.List(BucketGroup, Range{})
		if err != nil {
			return err
		}
		for _, p := range all {
			var g groupRecord
			if err := wire.Unmarshal(p.Value, &g); err != nil {
				return err
			}
			out = append(out, g.shown(me))
		}
		return nil
	})
	return out, err
}

// GroupOf reads one group.
func (c *Client) GroupOf(ctx context.Context, id GroupID) (Group, error) {
	all, err := c.Groups(ctx)
	if err != nil {
		return Group{}, err
	}
	if at := slices.IndexFunc(all, func(g Group) bool { return g.ID == id }); at >= 0 {
		return all[at], nil
	}
	return Group{}, fault.New(fault.NotFound, "find a group", "there is no such group here")
}

func (g groupRecord) shown(me *self) Group {
	out := Group{ID: g.State.ID, Name: g.State.Name, Timer: g.State.Timer, Left: g.Left}
	for _, m := range g.State.Members {
		out.Members = append(out.Members, Member{m.Account, m.Role})
	}
	if m, in := g.State.Member(me.Account); in && !g.Left {
		out.Own = m.Role
	}
	if out.Own < RoleAdmin {
		return out
	}
	for _, r := range g.State.Requests {
		out.Waiting = append(out.Waiting, r.Account)
	}
	if g.State.Link != nil {
		out.Link, out.Approval = linkText(g.State.ID, me.Phone, g.State.Link.Secret), g.State.Link.Approval
	}
	return out
}

// CreateGroup begins a group with people.
func (c *Client) CreateGroup(ctx context.Context, name string, phones ...string) (Group, error) {
	me, err := c.self(ctx)
	if err != nil {
		return Group{}, err
	}
	people, err := c.members(ctx, phones)
	if err != nil {
		return Group{}, err
	}
	mine, err := me.member()
	if err != nil {
		return Group{}, err
	}
	people = append(people, mine)
	slices.SortFunc(people, func(a, b group.Member) int { return slices.Compare(a.Account[:], b.Account[:]) })
	id := GroupID(randomBytes(16))
	if err := c.changeGroup(ctx, group.Change{Group: id, Act: group.Create, Name: name, Members: people}); err != nil {
		return Group{}, err
	}
	return c.GroupOf(ctx, id)
}

func (s *self) member() (group.Member, error) {
	key, err := s.accountKey()
	return group.Member{Account: s.Account, Role: RoleOwner, Key: key}, err
}

// members finds people by their numbers, with the identity keys that this
// device has seen of them.
func (c *Client) members(ctx context.Context, phones []string) (out []group.Member, err error) {
	if len(phones) > group.MaxChange-1 {
		return nil, fault.New(fault.Invalid, "name members", "name at most %d people at once: add the others afterwards", group.MaxChange-1)
	}
	for _, p := range phones {
		_, k, err := c.contact(ctx, p)
		if err != nil {
			return nil, err
		}
		m, err := c.memberAt(ctx, k.Account)
		if err != nil {
			return nil, err
		}
		if !slices.ContainsFunc(out, func(have group.Member) bool { return have.Account == m.Account }) {
			out = append(out, m)
		}
	}
	return out, nil
}

// memberAt is an account as a new member.
func (c *Client) memberAt(ctx context.Context, id wire.AccountID) (m group.Member, err error) {
	if err := c.devices(ctx, id); err != nil {
		return m, err
	}
	at := wire.At(id, wire.Primary)
	if err := c.meet(ctx, at); err != nil {
		return m, err
	}
	err = c.store.View(ctx, func(tx Tx) error {
		p, _, err := load[peer](tx, BucketPeer, addressKey(at))
		m = group.Member{Account: id, Role: RoleMember, Key: p.Identity}
		return err
	})
	return m, err
}

// devices learns which devices an account has, if the carrier was never asked.
func (c *Client) devices(ctx context.Context, id wire.AccountID) error {
	known := false
	err := c.store.View(ctx, func(tx Tx) (err error) {
		_, known, err = load[devices](tx, BucketDevice, id[:])
		return err
	})
	if err != nil || known {
		return err
	}
	return c.fetchDevices(ctx, id)
}

// AddMembers adds people to a group.
func (c *Client) AddMembers(ctx context.Context, id GroupID, phones ...string) error {
	people, err := c.members(ctx, phones)
	if err != nil {
		return err
	}
	return c.changeGroup(ctx, group.Change{Group: id, Act: group.Add, Members: people})
}

// RemoveMembers removes people from a group.
func (c *Client) RemoveMembers(ctx context.Context, id GroupID, who ...wire.AccountID) error {
	return c.about(ctx, id, group.Remove, 0, who)
}

// SetRole makes a member an admin, or a plain member again.
func (c *Client) SetRole(ctx context.Context, id GroupID, who wire.AccountID, admin bool) error {
	if admin {
		return c.about(ctx, id, group.SetRole, RoleAdmin, []wire.AccountID{who})
	}
	return c.about(ctx, id, group.SetRole, RoleMember, []wire.AccountID{who})
}

// HandOver makes another member the owner.
func (c *Client) HandOver(ctx context.Context, id GroupID, to wire.AccountID) error {
	return c.about(ctx, id, group.HandOver, RoleOwner, []wire.AccountID{to})
}

// about makes a change about members as the group has them; role 0 leaves
// theirs.
func (c *Client) about(ctx context.Context, id GroupID, act group.Act, role group.Role, who []wire.AccountID) error {
	ch := group.Change{Group: id, Act: act}
	_, err := c.update(ctx, func(s *state) error {
		g, err := s.inGroup(id)
		if err != nil {
			return err
		}
		for _, a := range who {
			m, found := g.State.Member(a)
			if !found {
				return fault.New(fault.NotFound, "find a member", "this person is not in the group")
			}
			if role != 0 {
				m.Role = role
			}
			ch.Members = append(ch.Members, m)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return c.changeGroup(ctx, ch)
}

// RenameGroup gives a group another name.
func (c *Client) RenameGroup(ctx context.Context, id GroupID, name string) error {
	return c.changeGroup(ctx, group.Change{Group: id, Act: group.Rename, Name: name})
}

// SetGroupTimer lets new messages of a group disappear.
func (c *Client) SetGroupTimer(ctx context.Context, id GroupID, seconds uint32) error {
	return c.changeGroup(ctx, group.Change{Group: id, Act: group.SetTimer, Timer: seconds})
}

// LeaveGroup ends this person's membership; their copy of what was said stays.
func (c *Client) LeaveGroup(ctx context.Context, id GroupID) error {
	return c.changeGroup(ctx, group.Change{Group: id, Act: group.Leave})
}

// spoke notes that this person writes to a group, and counts the others in it;
// 0: there is no group, or too many to hear of.
func (s *state) spoke(id GroupID) (others int, err error) {
	if id.IsZero() {
		return 0, nil
	}
	g, found, err := s.group(id)
	if err != nil || !found || g.Left {
		return 0, err
	}
	if !g.Spoke {
		g.Spoke = true
		err = s.putGroup(g)
	}
	if len(g.State.Members) <= receiptsIn {
		others = len(g.State.Members) - 1
	}
	return others, err
}
