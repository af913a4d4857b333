package client

import (
	"context"
	"encoding/base64"
	"errors"
	"strings"

	"letterlock/client/internal/content"
	"letterlock/client/internal/group"
	"letterlock/internal/fault"
	"letterlock/signal"
	"letterlock/wire"
)

// control takes in what devices say to each other about a group. The carrier
// can bring nothing of it about: every change is signed by a member with the
// right to it, and comes in a session.
func (s *state) control(d *signal.Device, from wire.Address, m content.Content) error {
	id := GroupID(m.Group)
	if id.IsZero() {
		return nil
	}
	g, found, err := s.group(id)
	if err != nil {
		return err
	}
	switch b := m.Body.(type) {
	case *content.Keys:
		return s.keysFor(d, from, id, b)
	case *content.Change:
		if !found || g.Left || !g.hears(from.Account) {
			return nil
		}
		return s.stepBy(g, from, group.Signed{Change: b.Change, Signature: b.Signature, Device: b.Device})
	case *content.Welcome:
		return s.welcomed(g, found && !g.Left, from, b)
	case *content.Removed:
		return s.removedBy(g, found, from.Account)
	case *content.Knock:
		return s.knocked(g, found, from.Account, b)
	case *content.Behind:
		return s.behind(g, found, from.Account, b)
	}
	return nil
}

// stepBy follows a member's change.
func (s *state) stepBy(g groupRecord, from wire.Address, signed group.Signed) error {
	ch, err := signed.Read()
	if err != nil {
		return s.forged(g, from, "a change of the group could not be read")
	}
	switch {
	case ch.Seq == g.State.Seq && signed.Hash() != g.State.Head && g.State.Head != (group.Hash{}):
		return s.forged(g, from, "somebody shows this group another history than the one that this device has: do not rely on who is in it")
	case ch.Seq <= g.State.Seq:
		return nil
	case ch.Seq > g.State.Seq+1:
		return s.askBehind(g, from.Account)
	}
	before := g.State
	after, ch, err := group.Apply(before, signed)
	if err != nil {
		return s.forged(g, from, "somebody tried to change the group without the right to do so")
	}
	g.State, g.Last = after, signed
	return s.stepped(&g, before, ch, false)
}

// forged says what is wrong with a group.
func (s *state) forged(g groupRecord, from wire.Address, why string) error {
	_, err := s.add(Entry{Kind: GroupChanged, Group: g.State.ID, Peer: from.Account, Device: from.Device, At: s.c.nowMilli(), Event: &Event{Why: why}})
	return err
}

// askBehind asks a member for what was missed, at most every ten minutes.
func (s *state) askBehind(g groupRecord, member wire.AccountID) error {
	now := s.c.clock.Now().Unix()
	me, err := s.me()
	if err != nil || now-g.Asked < behindPause || member.IsZero() {
		return err
	}
	if others, err := s.siblings(); err != nil || (member == me.Account && len(others) == 0) {
		return err
	}
	g.Asked = now
	if err := s.putGroup(g); err != nil {
		return err
	}
	return s.say(member, &content.Behind{Seq: g.State.Seq}, g.State.ID, false)
}

const behindPause = 600 // seconds

// behind answers a member who missed a change, each at most every ten minutes.
func (s *state) behind(g groupRecord, found bool, who wire.AccountID, b *content.Behind) error {
	if !found || !g.hears(who) || b.Seq >= g.State.Seq {
		return nil
	}
	key := append([]byte("behind"), seenKey(who, MessageID(g.State.ID))...)
	last, err := s.Get(BucketCounter, key)
	now := s.c.clock.Now().Unix()
	if err != nil || now-int64(parseNumber(last)) < behindPause {
		return err
	}
	if err := s.Put(BucketCounter, key, number(uint64(now))); err != nil {
		return err
	}
	me, err := s.me()
	if err != nil {
		return err
	}
	w, err := g.welcome(me)
	if err != nil {
		return err
	}
	return s.say(who, w, g.State.ID, false)
}

// welcomed takes in a whole group: a new one from whoever added this person, or
// what was missed of one that it is in.
func (s *state) welcomed(g groupRecord, in bool, from wire.Address, b *content.Welcome) error {
	me, err := s.me()
	if err != nil {
		return err
	}
	var now group.State
	if err := wire.Unmarshal(b.State, &now); err != nil {
		return nil // an honest program does not send it
	}
	signed := group.Signed{Change: b.Change, Signature: b.Signature, Device: b.Device}
	ch, err := group.Welcome(now, signed, me.Account)
	switch {
	case err != nil && in:
		return s.forged(g, from, "somebody sent a false account of the group")
	case err != nil:
		return nil
	case in && (now.Seq <= g.State.Seq || !g.hears(from.Account) || !g.hears(ch.By)):
		return nil
	case !in && ch.By != from.Account:
		return nil
	}
	before := g.State
	if !in {
		before = group.State{}
		g = groupRecord{}
	}
	if err := s.claim(from.Account, b.Phone); err != nil {
		return err
	}
	g.State, g.Last, g.Left, g.Pending, g.After = now, signed, false, nil, nil
	if err := s.stepped(&g, before, ch, false); err != nil || in || me.Device != wire.Primary {
		return err
	}
	return s.shareGroup(g) // whoever added this person may not know of all their devices yet
}

// removedBy ends this person's membership, on an admin's word.
func (s *state) removedBy(g groupRecord, found bool, by wire.AccountID) error {
	me, err := s.me()
	if err != nil {
		return err
	}
	m, in := g.State.Member(by)
	if !found || g.Left || !in || (m.Role < RoleAdmin && by != me.Account) {
		return nil
	}
	g.Left = true
	if err := s.renew(&g); err != nil {
		return err
	}
	if err := s.putGroup(g); err != nil {
		return err
	}
	e := Entry{Kind: GroupChanged, Group: g.State.ID, Peer: by, At: s.c.nowMilli(), Event: &Event{Act: group.Remove, Who: []wire.AccountID{me.Account}}}
	if by == me.Account { // on another device
		e.Peer, e.Own, e.Event = wire.AccountID{}, true, &Event{Act: group.Leave}
	}
	_, err = s.add(e)
	return err
}

// The link. It names an admin and carries the group's secret; whoever opens it
// asks that admin's program, which lets them in or waits for the admin.

const linkPrefix = "letterlock-group:"

func linkText(id GroupID, admin string, secret []byte) string {
	return linkPrefix + strings.TrimPrefix(admin, "+") + ":" + base64.RawURLEncoding.EncodeToString(append(id[:], secret...))
}

func readLink(s string) (admin string, id GroupID, secret []byte, err error) {
	rest, ok := strings.CutPrefix(strings.TrimSpace(s), linkPrefix)
	phone, code, two := strings.Cut(rest, ":")
	raw, e := base64.RawURLEncoding.DecodeString(code)
	admin, p := Phone("+" + phone)
	if !ok || !two || e != nil || p != nil || len(raw) != 32 {
		return "", id, nil, fault.New(fault.Invalid, "read a link", "this is not a link to a group: it begins with %q", linkPrefix)
	}
	return admin, GroupID(raw[:16]), raw[16:], nil
}

// SetLink opens or replaces the link of a group, or closes it.
func (c *Client) SetLink(ctx context.Context, id GroupID, open, approval bool) error {
	ch := group.Change{Group: id, Act: group.SetLink}
	if open {
		ch.Link = &group.Link{Secret: randomBytes(16), Approval: approval}
	}
	return c.changeGroup(ctx, ch)
}

// JoinGroup asks to be let in by a link. The group comes when the admin's
// program has answered.
func (c *Client) JoinGroup(ctx context.Context, link string) (admin string, err error) {
	admin, id, secret, err := readLink(link)
	if err != nil {
		return "", err
	}
	me, err := c.self(ctx)
	if err != nil {
		return "", err
	}
	_, k, err := c.contact(ctx, admin)
	if err != nil {
		return "", err
	}
	if k.Account == me.Account {
		return "", fault.New(fault.Invalid, "join a group", "this is your own link")
	}
	_, err = c.update(ctx, func(s *state) error {
		if g, found, err := s.group(id); err != nil || (found && !g.Left) {
			return errors.Join(err, fault.New(fault.Conflict, "join a group", "you are in this group already"))
		}
		return s.say(k.Account, &content.Knock{Secret: secret, Phone: me.Phone}, id, false)
	})
	c.stir()
	return admin, err
}

// maxKnocks bounds who waits at the door of all groups.
const maxKnocks = 100

// knocked notes somebody who knows the link's secret; tend answers.
func (s *state) knocked(g groupRecord, found bool, who wire.AccountID, b *content.Knock) error {
	me, err := s.me()
	if err != nil || !found || g.Left || !g.State.Knows(b.Secret) {
		return err
	}
	if m, in := g.State.Member(me.Account); !in || m.Role < RoleAdmin || g.hears(who) {
		return nil
	}
	waiting, err := s.List(BucketKnock, Range{Limit: maxKnocks})
	if err != nil || len(waiting) == maxKnocks {
		return err
	}
	if err := s.claim(who, b.Phone); err != nil {
		return err
	}
	return s.Put(BucketKnock, append(g.State.ID[:], who[:]...), nil)
}

// answerKnocks lets in, or notes for the admin, who asked by a link.
func (c *Client) answerKnocks(ctx context.Context) error {
	var all []Pair
	err := c.store.View(ctx, func(tx Tx) (err error) {
		all, err = tx.List(BucketKnock, Range{})
		return err
	})
	if err != nil {
		return err
	}
	for _, p := range all {
		id, who := GroupID(p.Key[:16]), wire.AccountID(p.Key[16:])
		err := c.letIn(ctx, id, who)
		if err != nil && fault.KindOf(err) == fault.Unavailable {
			return err // the network: another time
		}
		if _, e := c.update(ctx, func(s *state) error { return s.Delete(BucketKnock, p.Key) }); e != nil {
			return e
		}
		if err != nil && fault.KindOf(err) == fault.Internal {
			return err
		}
	}
	return nil
}

func (c *Client) letIn(ctx context.Context, id GroupID, who wire.AccountID) error {
	m, err := c.memberAt(ctx, who)
	if err != nil {
		return err
	}
	g, err := c.GroupOf(ctx, id)
	if err != nil {
		return err
	}
	act := group.LetIn
	if g.Approval {
		act = group.Ask
	}
	return c.changeGroup(ctx, group.Change{Group: id, Act: act, Members: []group.Member{m}})
}

// Answer lets somebody in who waits for an admin, or turns them away.
func (c *Client) Answer(ctx context.Context, id GroupID, who wire.AccountID, yes bool) error {
	ch := group.Change{Group: id, Act: group.TurnAway}
	if yes {
		ch.Act = group.LetIn
	}
	_, err := c.update(ctx, func(s *state) error {
		g, err := s.inGroup(id)
		if err != nil {
			return err
		}
		for _, r := range g.State.Requests {
			if r.Account == who {
				ch.Members = []group.Member{r}
				return nil
			}
		}
		return fault.New(fault.NotFound, "answer a request", "this person does not wait to be let in")
	})
	if err != nil {
		return err
	}
	return c.changeGroup(ctx, ch)
}
