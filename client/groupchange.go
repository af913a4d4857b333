package client

import (
	"context"
	"crypto/sha256"
	"errors"
	"slices"

	"letterlock/client/internal/content"
	"letterlock/client/internal/group"
	"letterlock/internal/fault"
	"letterlock/signal"
	"letterlock/wire"
)

// An own change is signed and stored, then the carrier is asked for its turn,
// and only a change that got it is told to anybody. A kill in between is made
// good at the next exchange: asking for a turn again changes nothing.

// changeGroup makes a change of a group.
func (c *Client) changeGroup(ctx context.Context, ch group.Change) error {
	me, err := c.self(ctx)
	if err != nil {
		return err
	}
	if err := c.settleGroup(ctx, ch.Group); err != nil {
		return err
	}
	if ch.Act != group.Create {
		if err := c.groupDevices(ctx, ch.Group); err != nil {
			return err
		}
	}
	ch.By, ch.At = me.Account, c.nowMilli()
	_, err = c.update(ctx, func(s *state) error { return s.prepare(me, ch) })
	if err != nil {
		return err
	}
	return c.settleGroup(ctx, ch.Group)
}

// prepare signs a change and stores it as pending.
func (s *state) prepare(me *self, ch group.Change) error {
	var g groupRecord
	if ch.Act != group.Create {
		var err error
		if g, err = s.inGroup(ch.Group); err != nil {
			return err
		}
	}
	key, err := me.identity()
	if err != nil {
		return err
	}
	signed, after, err := group.Make(g.State, ch, key, me.Certificate)
	if err != nil {
		return fault.Wrap(fault.Invalid, "change a group", err, "%s", sayChange(err))
	}
	if ch.Act == group.Create {
		g.State.ID = ch.Group
	}
	g.Pending, g.After = &signed, &after
	return s.putGroup(g)
}

// sayChange is the reason behind group.ErrChange, for people.
func sayChange(err error) string {
	const prefix = "bad change of a group: "
	say := err.Error()
	return say[min(len(prefix), len(say)):]
}

// settleGroup asks for the turn of a pending change, and follows it or drops it.
func (c *Client) settleGroup(ctx context.Context, id GroupID) error {
	var g groupRecord
	err := c.store.View(ctx, func(tx Tx) (err error) {
		g, _, err = load[groupRecord](tx, BucketGroup, id[:])
		return err
	})
	if err != nil || g.Pending == nil {
		return err
	}
	head := g.Pending.Hash()
	next := head.Token()
	turn := wire.Turn{Place: id.Place(), Seq: g.After.Seq, Prev: g.State.Head, Head: head, Next: sha256.Sum256(next[:])}
	if g.State.Seq > 0 {
		turn.Token = g.State.Head.Token()
	}
	var got wire.Turned
	if err := c.own(ctx, wire.PathTurn, turn, &got); err != nil {
		if refused(err) && !fault.Is(err, fault.Exhausted) {
			return errors.Join(err, c.dropPending(ctx, id))
		}
		return err
	}
	if got.Seq != turn.Seq || got.Head != turn.Head {
		return c.lostTurn(ctx, id)
	}
	changed, err := c.update(ctx, func(s *state) error { return s.follow(id, head) })
	if err != nil {
		return err
	}
	c.tell(changed...)
	c.stir()
	return nil
}

func (c *Client) dropPending(ctx context.Context, id GroupID) error {
	_, err := c.update(ctx, func(s *state) error {
		g, found, err := s.group(id)
		if err != nil || !found {
			return err
		}
		if g.State.Seq == 0 {
			return s.Delete(BucketGroup, id[:]) // it never began
		}
		g.Pending, g.After = nil, nil
		return s.putGroup(g)
	})
	return err
}

// lostTurn drops a change that another one came before, and asks the owner for
// what was missed.
func (c *Client) lostTurn(ctx context.Context, id GroupID) error {
	if err := c.dropPending(ctx, id); err != nil {
		return err
	}
	_, err := c.update(ctx, func(s *state) error {
		g, found, err := s.group(id)
		if err != nil || !found {
			return err
		}
		return s.askBehind(g, g.State.Owner())
	})
	c.stir()
	return errors.Join(err, fault.New(fault.Conflict, "change a group", "somebody changed the group at the same moment: look at what they did, and try again"))
}

// follow makes a pending change that got its turn the group's, and tells those
// concerned.
func (s *state) follow(id GroupID, head group.Hash) error {
	g, found, err := s.group(id)
	if err != nil || !found || g.Pending == nil || g.Pending.Hash() != head {
		return err // settled by another goroutine
	}
	before := g.State
	ch, err := g.Pending.Read()
	if err != nil {
		return err
	}
	g.State, g.Last, g.Pending, g.After = *g.After, *g.Pending, nil, nil
	if err := s.stepped(&g, before, ch, true); err != nil {
		return err
	}
	return s.announce(g, before)
}

// stepped does what a change that was followed brings with it, and stores the
// group.
func (s *state) stepped(g *groupRecord, before group.State, ch group.Change, own bool) error {
	me, err := s.me()
	if err != nil {
		return err
	}
	for _, m := range g.State.Members {
		if _, was := before.Member(m.Account); was || m.Account == me.Account {
			continue
		}
		if err := s.Put(BucketSince, append(g.State.ID[:], m.Account[:]...), number(g.State.Seq)); err != nil {
			return err
		}
		if err := s.Put(BucketVouched, m.Account[:], m.Key); err != nil {
			return err
		}
	}
	own = own || ch.By == me.Account // on another device
	if lost(before, g.State) {
		if err := s.renew(g); err != nil {
			return err
		}
	}
	if _, in := g.State.Member(me.Account); !in {
		g.Left = true
	}
	if err := s.putGroup(*g); err != nil {
		return err
	}
	var who []wire.AccountID
	for _, m := range ch.Members {
		who = append(who, m.Account)
	}
	peer := ch.By
	if own {
		peer = wire.AccountID{}
	}
	own = own && ch.Act != group.Ask // that is news to the admin, too
	_, err = s.add(Entry{Kind: GroupChanged, Group: g.State.ID, Peer: peer, At: s.c.nowMilli(), Sent: ch.At, Own: own, Timer: ch.Timer,
		Event: &Event{Act: ch.Act, Who: who, Name: ch.Name}})
	return err
}

// lost reports whether somebody is no longer in a group.
func lost(before, after group.State) bool {
	return slices.ContainsFunc(before.Members, func(m group.Member) bool {
		_, in := after.Member(m.Account)
		return !in
	})
}

// renew makes this device begin a new chain with its next message, so that
// whoever has left cannot read on.
func (s *state) renew(g *groupRecord) error {
	g.Distribution = signal.Distribution{}
	given, err := s.List(BucketGiven, Range{Prefix: g.State.ID[:]})
	if err != nil {
		return err
	}
	for _, p := range given {
		if err := s.Delete(BucketGiven, p.Key); err != nil {
			return err
		}
	}
	return nil
}

// announce tells members of an own change: the new ones get the group, those
// who were in it the change, those who are no longer only that.
func (s *state) announce(g groupRecord, before group.State) error {
	me, err := s.me()
	if err != nil {
		return err
	}
	welcome, err := g.welcome(me)
	if err != nil {
		return err
	}
	tell := func(m group.Member, b content.Body) error {
		return s.say(m.Account, b, g.State.ID, false)
	}
	for _, m := range g.State.Members {
		var b content.Body = &content.Change{Change: g.Last.Change, Signature: g.Last.Signature, Device: g.Last.Device}
		if _, was := before.Member(m.Account); !was {
			b = welcome
		}
		if err := tell(m, b); err != nil {
			return err
		}
	}
	for _, m := range before.Members {
		if _, in := g.State.Member(m.Account); in {
			continue
		}
		if err := tell(m, &content.Removed{}); err != nil {
			return err
		}
	}
	return nil
}

func (g groupRecord) welcome(me *self) (*content.Welcome, error) {
	raw, err := wire.Marshal(g.State)
	return &content.Welcome{State: raw, Phone: me.Phone, Change: g.Last.Change, Signature: g.Last.Signature, Device: g.Last.Device}, err
}

// settleGroups makes good what a kill or a lost answer left pending.
func (c *Client) settleGroups(ctx context.Context) error {
	var pending []GroupID
	err := c.store.View(ctx, func(tx Tx) error {
		pending = nil
		all, err := tx.List(BucketGroup, Range{})
		if err != nil {
			return err
		}
		for _, p := range all {
			var g groupRecord
			if err := wire.Unmarshal(p.Value, &g); err != nil {
				return err
			}
			if g.Pending != nil {
				pending = append(pending, GroupID(p.Key))
			}
		}
		return nil
	})
	for _, id := range pending {
		if e := c.settleGroup(ctx, id); e != nil && !fault.Is(e, fault.Conflict) {
			err = errors.Join(err, e)
		}
	}
	return err
}
