package client

import (
	"context"
	"errors"

	"letterlock/client/internal/content"
	"letterlock/internal/fault"
	"letterlock/signal"
	"letterlock/wire"
)

// WriteGroup is Write to a group: sealed once, for all members.
func (c *Client) WriteGroup(ctx context.Context, id GroupID, w Words) (Entry, error) {
	text, err := c.text(ctx, w)
	if err != nil {
		return Entry{}, err
	}
	return c.composeGroup(ctx, id, w, Entry{}, text, text)
}

// composeGroup is compose for a group.
func (c *Client) composeGroup(ctx context.Context, id GroupID, w Words, e Entry, caption *content.Text, body content.Body) (Entry, error) {
	me, err := c.self(ctx)
	if err != nil {
		return Entry{}, err
	}
	if err := c.groupDevices(ctx, id); err != nil {
		return Entry{}, err
	}
	e.Kind, e.Group, e.ID, e.At, e.Text, e.Style, e.State = Outgoing, id, newMessageID(), c.nowMilli(), w.Text, w.Style, Waiting
	changed, err := c.local(ctx, func(s *state) (err error) {
		g, err := s.inGroup(id)
		if err != nil {
			return err
		}
		if caption.Reply, err = s.answered(w.Reply, id, me.Account); err != nil {
			return err
		}
		caption.Timer, e.Timer, e.Reply = g.State.Timer, g.State.Timer, caption.Reply
		if e, err = s.written(e, body, me.Account); err != nil {
			return err
		}
		if e.Copies, err = s.toGroup(&g, e.Said, e.Seq); err != nil {
			return err
		}
		if e.Copies == 0 {
			e.State = Sent // nobody else is in it
		}
		return s.put(e)
	})
	if err != nil {
		return Entry{}, err
	}
	c.tell(changed...)
	c.stir()
	return e, nil
}

// groupDevices learns the devices of members that this device has not met.
func (c *Client) groupDevices(ctx context.Context, id GroupID) error {
	var g groupRecord
	_, err := c.update(ctx, func(s *state) (err error) { g, err = s.inGroup(id); return err })
	if err != nil {
		return err
	}
	for _, m := range g.State.Members {
		err := c.devices(ctx, m.Account)
		if err != nil && !fault.Is(err, fault.NotFound) { // whoever is gone gets nothing
			return err
		}
	}
	return nil
}

// sayGroup sends a content that is no message of its own to a group.
func (s *state) sayGroup(id GroupID, b content.Body) error {
	g, err := s.inGroup(id)
	if err != nil {
		return err
	}
	n, err := s.keep(b, id, false)
	if err != nil {
		return err
	}
	_, err = s.toGroup(&g, n, 0)
	return err
}

// toGroup seals what was said once, and queues it for every device of every
// member, behind the keys for those who do not have them. It is sealed here and
// now: a chain that is renewed later is not this message's.
func (s *state) toGroup(g *groupRecord, what, entry uint64) (copies int, err error) {
	me, err := s.me()
	if err != nil {
		return 0, err
	}
	if g.Distribution == (signal.Distribution{}) {
		g.Distribution, g.Spoke = signal.Distribution(randomBytes(16)), g.Spoke || entry != 0
		if err := s.putGroup(*g); err != nil {
			return 0, err
		}
	}
	keys, err := s.device.DistributeTx(s, g.Distribution)
	if err != nil {
		return 0, err
	}
	if err := s.sealGroup(*g, what, entry); err != nil {
		return 0, err
	}
	given := uint64(0)
	for _, m := range g.State.Members {
		t, err := s.reach(m.Account)
		if err != nil {
			return 0, err
		}
		r := row{Said: what, Entry: entry, Group: true}
		if m.Account == me.Account {
			r.Entry = 0 // the message is sent when others have it
		}
		for _, d := range t.devices {
			to := t
			to.devices = []wire.DeviceID{d}
			if given, err = s.give(*g, to, keys, given); err != nil {
				return 0, err
			}
			if err := s.address(to, r); err != nil {
				return 0, err
			}
			if r.Entry != 0 || m.Account != me.Account {
				copies++
			}
		}
	}
	return copies, nil
}

// give queues the keys of this device's chain for a device that lacks them; all
// such envelopes of one message carry one content, numbered given.
func (s *state) give(g groupRecord, to target, keys []byte, given uint64) (uint64, error) {
	at := append(g.State.ID[:], addressKey(wire.At(to.account, to.devices[0]))...)
	had, err := s.Get(BucketGiven, at)
	if err != nil || string(had) == string(g.Distribution[:]) {
		return given, err
	}
	if given == 0 {
		if given, err = s.keep(&content.Keys{Distribution: keys}, g.State.ID, true); err != nil {
			return given, err
		}
	}
	if to.held { // it gets them when the person has accepted its key
		return given, nil
	}
	if err := s.Put(BucketGiven, at, g.Distribution[:]); err != nil {
		return given, err
	}
	return given, s.address(to, row{Said: given, Light: true})
}

// ungive makes a device get the keys of every group anew.
func (s *state) ungive(at wire.Address) error {
	all, err := s.List(BucketGroup, Range{})
	if err != nil {
		return err
	}
	for _, p := range all {
		if err := s.Delete(BucketGiven, append(p.Key, addressKey(at)...)); err != nil {
			return err
		}
	}
	return nil
}

func (s *state) sealGroup(g groupRecord, what, entry uint64) error {
	x, found, err := load[said](s, BucketSaid, number(what))
	if err != nil || !found {
		return errors.Join(err, errMissing(found, "content"))
	}
	plain := content.Pad(x.Content)
	m, err := s.device.EncryptGroupTx(s, g.Distribution, plain)
	clear(plain)
	if err != nil {
		return err
	}
	x.Sealed = m.Body
	if err := save(s, BucketSaid, number(what), x); err != nil {
		return err
	}
	me, err := s.me()
	if err != nil {
		return err
	}
	return save(s, BucketSent, digest(me.address(), wire.KindGroupMessage, m.Body),
		sentMark{Said: what, Entry: entry, Group: g.State.ID, Seq: g.State.Seq, At: s.c.clock.Now().Unix()})
}

// openGroup opens a message to a group. Who is not in the group, as this device
// knows it, says nothing there.
func (s *state) openGroup(d *signal.Device, e envelope) ([]byte, error) {
	m := signal.Message{Type: signal.TypeSenderKey, Body: e.Body}
	dist, err := signal.DistributionOf(m)
	if err != nil {
		return nil, err
	}
	of, err := s.Get(BucketFrom, append(addressKey(e.From), dist[:]...))
	if err != nil {
		return nil, err
	}
	if of == nil {
		return nil, signal.ErrNoSenderKey
	}
	g, found, err := s.group(GroupID(of))
	if err != nil {
		return nil, err
	}
	if _, in := g.State.Member(e.From.Account); !found || g.Left || !in {
		return nil, signal.ErrNoSenderKey
	}
	return d.DecryptGroupTx(s, signalAddress(e.From), m)
}

// groupOf is the group that an envelope was sealed for; zero for one between
// two devices.
func (s *state) groupOf(e envelope) (id GroupID, err error) {
	if e.Kind != wire.KindGroupMessage {
		return id, nil
	}
	dist, err := signal.DistributionOf(signal.Message{Type: signal.TypeSenderKey, Body: e.Body})
	if err != nil {
		return id, err
	}
	of, err := s.Get(BucketFrom, append(addressKey(e.From), dist[:]...))
	if err != nil || len(of) != 16 {
		return id, err
	}
	return GroupID(of), nil
}

// keysFor takes in the chain of a member's device.
func (s *state) keysFor(d *signal.Device, from wire.Address, id GroupID, b *content.Keys) error {
	dist, err := d.AcceptDistributionTx(s, signalAddress(from), b.Distribution)
	if err != nil {
		if unopenable(err) {
			return nil // an honest program does not send it
		}
		return err
	}
	return s.Put(BucketFrom, append(addressKey(from), dist[:]...), id[:])
}

// groupAgain answers a member's device that could not open a message: it comes
// once more between the two, and the keys with the next message.
func (s *state) groupAgain(digest []byte, mark sentMark, to wire.Address) error {
	asked := append(digest, addressKey(to)...)
	if had, err := s.Get(BucketSent, asked); err != nil || had != nil {
		return err
	}
	g, found, err := s.group(mark.Group)
	if err != nil || !found || g.Left {
		return err
	}
	since, err := s.Get(BucketSince, append(g.State.ID[:], to.Account[:]...))
	if _, in := g.State.Member(to.Account); err != nil || !in || parseNumber(since) > mark.Seq {
		return err // who came later reads nothing of before, whoever gave them the envelope
	}
	t := target{account: to.Account, devices: []wire.DeviceID{to.Device}}
	if err := s.Delete(BucketGiven, append(g.State.ID[:], addressKey(to)...)); err != nil {
		return err
	}
	if err := save(s, BucketSent, asked, mark); err != nil {
		return err
	}
	if _, kept, err := load[said](s, BucketSaid, number(mark.Said)); err != nil || !kept {
		return err // taken back since, or over
	}
	return s.address(t, row{Said: mark.Said})
}

// hears is whom this person's program believes about a group: its members.
func (g groupRecord) hears(who wire.AccountID) bool {
	_, in := g.State.Member(who)
	return in && !g.Left
}
