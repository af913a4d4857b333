package client

import (
	"context"
	"errors"
	"strings"

	"letterlock/internal/fault"
	"letterlock/signal"
	"letterlock/wire"
)

// Safety is what two people compare to know that nobody stands between them.
type Safety struct {
	With     Person
	Digits   string // sixty, alike on both sides
	Code     []byte // what the other side's camera reads
	Theirs   []byte // what this device's camera reads on the other side, if nobody is between
	Verified bool   // the person said that they compared it
	Changed  bool   // it is another one than before, and not accepted yet
}

// Groups are the digits in twelve groups of five.
func (s Safety) Groups() string {
	var out []string
	for i := 0; i+5 <= len(s.Digits); i += 5 {
		out = append(out, s.Digits[i:i+5])
	}
	return strings.Join(out, " ")
}

// Safety computes the number shared with whoever a phone number leads to. If
// it changed, this is the new one, still to be accepted.
func (c *Client) Safety(ctx context.Context, phone string) (Safety, error) {
	phone, k, err := c.contact(ctx, phone)
	if err != nil {
		return Safety{}, err
	}
	at := k.address()
	if err := c.meet(ctx, at); err != nil {
		return Safety{}, err
	}
	out := Safety{With: Person{Account: at.Account, Phone: phone, Confirmed: true}, Changed: k.Offered != nil}
	me, err := c.self(ctx)
	if err != nil {
		return Safety{}, err
	}
	var theirs, mine signal.PublicKey
	_, err = c.update(ctx, func(s *state) error {
		p, found, err := s.peer(at)
		if err != nil || !found {
			return errMissingPeer(err)
		}
		out.Verified, out.Changed = p.Verified && p.Offered == nil && !out.Changed, out.Changed || p.Offered != nil
		if theirs, err = signal.ParsePublicKey(p.latest()); err != nil {
			return err
		}
		own, err := me.accountKey()
		if err != nil {
			return err
		}
		if mine, err = signal.ParsePublicKey(own); err != nil {
			return err
		}
		p.Shown = p.latest()
		return save(s, BucketPeer, addressKey(at), p)
	})
	if err != nil {
		return Safety{}, err
	}
	here, there := signal.SafetyParty{Key: mine, Identifier: me.Account[:]}, signal.SafetyParty{Key: theirs, Identifier: at.Account[:]}
	n, err := signal.NewSafety(here, there)
	if err != nil {
		return Safety{}, err
	}
	seen, err := signal.NewSafety(there, here)
	out.Digits, out.Code, out.Theirs = n.Digits(), n.Code(), seen.Code()
	return out, err
}

func errMissingPeer(err error) error {
	if err != nil {
		return err
	}
	return errMissing(false, "peer")
}

// latest is the key that the person is asked about.
func (p peer) latest() []byte {
	if p.Offered != nil {
		return p.Offered
	}
	return p.Identity
}

// address is the primary device, whose key stands for the person, of whoever the number leads to now.
func (k contact) address() wire.Address {
	if k.Offered != nil {
		return wire.At(k.Offered.Account, wire.Primary)
	}
	return wire.At(k.Account, wire.Primary)
}

func (c *Client) contact(ctx context.Context, phone string) (string, contact, error) {
	phone, err := Phone(phone)
	if err != nil {
		return "", contact{}, err
	}
	k, err := c.resolve(ctx, phone)
	return phone, k, err
}

// meet makes sure that the device's identity key is known.
func (c *Client) meet(ctx context.Context, at wire.Address) error {
	found := false
	err := c.store.View(ctx, func(tx Tx) (err error) {
		_, found, err = load[peer](tx, BucketPeer, addressKey(at))
		return err
	})
	if err != nil || found {
		return err
	}
	b, err := c.bundle(ctx, at)
	if err != nil {
		return err
	}
	_, err = c.withPeer(ctx, at, func(d *signal.Device, s *state) error {
		return d.ProcessBundleTx(s, signalAddress(at), b)
	})
	return err
}

// AcceptShown is Accept of the number that the person saw last, for programs
// in which looking and accepting are two commands. A changed number that was
// never shown, or changed again since, is refused.
func (c *Client) AcceptShown(ctx context.Context, phone string, verified bool) error {
	_, k, err := c.contact(ctx, phone)
	if err != nil {
		return err
	}
	var p peer
	err = c.store.View(ctx, func(tx Tx) (err error) {
		p, _, err = load[peer](tx, BucketPeer, addressKey(k.address()))
		return err
	})
	if err != nil {
		return err
	}
	if (k.Offered != nil || p.Offered != nil) && (p.Shown == nil || string(p.Shown) != string(p.latest())) {
		return fault.New(fault.Conflict, "accept a safety number", "the safety number changed and you have not seen the new one: look at it first, and compare it with the other person")
	}
	now, err := c.Safety(ctx, phone)
	if err != nil {
		return err
	}
	return c.Accept(ctx, phone, now.Digits, verified)
}

// Accept takes the safety number that digits spell, as shown by Safety, for
// good: what was held goes out, what was kept is opened. It refuses if the
// number has changed again since it was shown.
func (c *Client) Accept(ctx context.Context, phone, digits string, verified bool) error {
	now, err := c.Safety(ctx, phone)
	if err != nil {
		return err
	}
	if strings.Join(strings.Fields(digits), "") != now.Digits {
		return fault.New(fault.Conflict, "accept a safety number", "this is not the present safety number: look at it again")
	}
	at, err := c.accepted(ctx, now, verified)
	if err != nil {
		return err
	}
	if err := c.reopen(ctx, at); err != nil {
		return err
	}
	c.stir()
	return nil
}

func (c *Client) accepted(ctx context.Context, n Safety, verified bool) (wire.Address, error) {
	k, err := c.resolve(ctx, n.With.Phone)
	if err != nil {
		return wire.Address{}, err
	}
	at := k.address()
	changed, err := c.withPeer(ctx, at, func(_ *signal.Device, s *state) error {
		if err := s.acceptAccount(n.With.Phone); err != nil {
			return err
		}
		if err := s.acceptKey(at, verified); err != nil {
			return err
		}
		p, err := s.personToShare(at.Account) // compared on one device is compared
		if err != nil {
			return err
		}
		return s.share(shared{People: []sharedPerson{p}})
	})
	if err == nil {
		c.tell(changed...)
	}
	return at, err
}

// acceptAccount follows the number to the account that was offered.
func (s *state) acceptAccount(phone string) error {
	k, found, err := load[contact](s, BucketContact, []byte(phone))
	if err != nil || !found {
		return err
	}
	former := k.Account
	if k.Offered != nil {
		offered := *k.Offered
		k = contact{Account: offered.Account}
		if err := save(s, BucketContact, []byte(phone), k); err != nil {
			return err
		}
		if err := s.adopt(offered.Account, offered.List, true); err != nil {
			return err
		}
	}
	return s.release(phone, former, k)
}

// release makes drafts again of what was held for the number.
func (s *state) release(phone string, former wire.AccountID, k contact) error {
	all, err := rows(s)
	if err != nil {
		return err
	}
	readdressed := map[uint64]bool{}
	for _, r := range all {
		if !r.Held || r.Phone != phone {
			continue
		}
		if r.To.Account != k.Account {
			if readdressed[r.Said] { // it was for several devices
				if err := errors.Join(s.Delete(BucketOutbox, number(r.Ref)), s.delivered(r.Entry)); err != nil {
					return err
				}
				continue
			}
			readdressed[r.Said] = true
			r.To = wire.At(k.Account, wire.Primary)
		}
		r.Held, r.Body, r.Kind, r.Fresh, r.NotBefore = false, nil, 0, true, 0
		if err := s.putRow(r); err != nil {
			return err
		}
		if err := s.move(r.Entry, former, k.Account); err != nil {
			return err
		}
	}
	return nil
}

// move takes a message that was never sent over to the new account's
// conversation.
func (s *state) move(seq uint64, former, to wire.AccountID) error {
	e, found, err := s.entry(seq)
	if err != nil || !found {
		return err
	}
	before, err := s.talkKey(e)
	if err != nil {
		return err
	}
	if err := s.Delete(BucketTalk, before); err != nil {
		return err
	}
	e.State, e.Why = Waiting, ""
	if e.Peer == former {
		e.Peer = to
	}
	if err := s.indexTalk(e); err != nil {
		return err
	}
	return s.put(e)
}

// acceptKey replaces the identity key. Sessions with the former one end.
func (s *state) acceptKey(at wire.Address, verified bool) error {
	p, found, err := s.peer(at)
	if err != nil || !found {
		return errMissingPeer(err)
	}
	if p.Offered != nil {
		p = peer{Identity: p.Offered}
		if err := s.forgetDevices(at.Account); err != nil {
			return err
		}
		if err := s.Delete(BucketSession, addressKey(at)); err != nil {
			return err
		}
		if err := s.ungive(at); err != nil {
			return err
		}
	}
	p.Verified = p.Verified || verified
	return save(s, BucketPeer, addressKey(at), p)
}

// forgetDevices drops the linked devices that a former key had named, and asks
// for those of the new one.
func (s *state) forgetDevices(id wire.AccountID) error {
	have, _, err := s.devicesOf(id)
	if err != nil {
		return err
	}
	for _, d := range have.List.Devices {
		if d.Device == wire.Primary {
			continue
		}
		if err := s.dropDevice(wire.At(id, d.Device)); err != nil {
			return err
		}
	}
	if err := s.Delete(BucketDevice, id[:]); err != nil {
		return err
	}
	return s.askDevices(id)
}

// reopen opens what was kept until the key was accepted.
func (c *Client) reopen(ctx context.Context, at wire.Address) error {
	var kept []Pair
	err := c.store.View(ctx, func(tx Tx) (err error) {
		kept, err = tx.List(BucketKept, Range{Prefix: addressKey(at)})
		return err
	})
	if err != nil {
		return err
	}
	for _, p := range kept {
		changed, err := c.withPeer(ctx, at, func(d *signal.Device, s *state) error {
			e, found, err := load[envelope](s, BucketKept, p.Key)
			if err != nil || !found {
				return err
			}
			if err := s.Delete(BucketKept, p.Key); err != nil {
				return err
			}
			return s.open(d, e)
		})
		if err != nil {
			return err
		}
		c.tell(changed...)
	}
	return nil
}
