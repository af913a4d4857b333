package client

import (
	"context"
	"slices"

	"letterlock/client/internal/content"
	"letterlock/internal/fault"
	"letterlock/signal"
	"letterlock/wire"
)

// devicesTold takes in a list that somebody's device brought.
func (s *state) devicesTold(from wire.AccountID, b *content.Devices) error {
	return s.adopt(from, wire.SignedDevices{List: b.List, Signature: b.Signature}, false)
}

// tellDevices lets an account's devices know this person's devices, before
// anything else goes to them.
func (s *state) tellDevices(to target) error {
	me, err := s.me()
	if err != nil || to.held || to.account == me.Account {
		return err
	}
	mine, _, err := s.devicesOf(me.Account)
	if err != nil || mine.List.Version == 0 {
		return err
	}
	told, err := s.Get(BucketTold, to.account[:])
	if err != nil || parseNumber(told) >= mine.List.Version {
		return err
	}
	if err := s.Put(BucketTold, to.account[:], number(mine.List.Version)); err != nil {
		return err
	}
	n, err := s.keep(&content.Devices{List: mine.Signed.List, Signature: mine.Signed.Signature}, GroupID{}, false)
	if err != nil {
		return err
	}
	all, err := s.numbers(to.account)
	if err != nil {
		return err
	}
	for _, d := range all {
		if err := s.queue(row{To: wire.At(to.account, d), Said: n, Phone: to.phone}); err != nil {
			return err
		}
	}
	return nil
}

// tellEverybody tells everybody with whom this person is in a conversation.
func (s *state) tellEverybody() error {
	people, err := s.acquaintances()
	if err != nil {
		return err
	}
	for _, id := range people {
		t, err := s.reach(id)
		if err != nil {
			return err
		}
		if err := s.tellDevices(t); err != nil {
			return err
		}
	}
	return nil
}

// acquaintances are those to whom this person wrote, and the members of their
// groups.
func (s *state) acquaintances() (out []wire.AccountID, err error) {
	me, err := s.me()
	if err != nil {
		return nil, err
	}
	chats, err := s.List(BucketChat, Range{})
	if err != nil {
		return nil, err
	}
	for _, p := range chats {
		var k chat
		if err := wire.Unmarshal(p.Value, &k); err != nil {
			return nil, err
		}
		if k.Wrote {
			out = append(out, wire.AccountID(p.Key))
		}
	}
	groups, err := s.List(BucketGroup, Range{})
	if err != nil {
		return nil, err
	}
	for _, p := range groups {
		var g groupRecord
		if err := wire.Unmarshal(p.Value, &g); err != nil {
			return nil, err
		}
		for _, m := range g.State.Members {
			if !g.Left && m.Account != me.Account && !slices.Contains(out, m.Account) {
				out = append(out, m.Account)
			}
		}
	}
	return out, nil
}

// askDevices notes that the carrier is to be asked for an account's list.
func (s *state) askDevices(id wire.AccountID) error { return s.Put(BucketAsk, id[:], nil) }

// learnDevices asks for the lists that are needed, and judges what waited for
// them.
func (c *Client) learnDevices(ctx context.Context) error {
	var ask []Pair
	err := c.store.View(ctx, func(tx Tx) (err error) {
		ask, err = tx.List(BucketAsk, Range{})
		return err
	})
	if err != nil {
		return err
	}
	for _, p := range ask {
		id := wire.AccountID(p.Key)
		if err := c.fetchDevices(ctx, id); err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
		if err := c.judgeKept(ctx, id); err != nil {
			return err
		}
		if _, err := c.update(ctx, func(s *state) error { return s.Delete(BucketAsk, p.Key) }); err != nil {
			return err
		}
	}
	return nil
}

// fetchDevices asks the carrier for an account's list.
func (c *Client) fetchDevices(ctx context.Context, id wire.AccountID) error {
	var got wire.SignedDevices
	if err := c.call(ctx, wire.Credential{}, wire.PathDevices, wire.PersonRequest{Account: id}, &got); err != nil {
		return err
	}
	changed, err := c.update(ctx, func(s *state) error { return s.adopt(id, got, true) })
	if err != nil {
		return err
	}
	c.tell(changed...)
	return nil
}

// judgeKept opens what came from devices that the account's list names, and
// drops, saying so, what came from others.
func (c *Client) judgeKept(ctx context.Context, id wire.AccountID) error {
	var kept []Pair
	err := c.store.View(ctx, func(tx Tx) (err error) {
		kept, err = tx.List(BucketKept, Range{Prefix: id[:]})
		return err
	})
	if err != nil {
		return err
	}
	for _, p := range kept {
		at := parseAddress(p.Key)
		if at.Device == wire.Primary {
			continue // waits for the person's word
		}
		changed, err := c.withPeer(ctx, at, func(d *signal.Device, s *state) error { return s.judge(d, at, p.Key) })
		if err != nil {
			return err
		}
		c.tell(changed...)
	}
	return nil
}
