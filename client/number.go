package client

import (
	"context"
	"errors"

	"letterlock/client/internal/content"
	"letterlock/internal/fault"
	"letterlock/wire"
)

// SetLock sets the PIN without which this person's number cannot be registered
// anew; "" takes it away. The PIN is not kept here.
func (c *Client) SetLock(ctx context.Context, pin string) error {
	return c.own(ctx, wire.PathLock, wire.Lock{PIN: pin}, nil)
}

// ChangeNumber moves the account to another number, to which a code was sent
// (RequestCode). Everybody with whom this person is in a conversation is told,
// sealed; the former number is free.
func (c *Client) ChangeNumber(ctx context.Context, phone, code, pin string) error {
	phone, err := Phone(phone)
	if err != nil {
		return err
	}
	_, err = c.update(ctx, func(s *state) error {
		return save(s, BucketLink, pendingNumber, pending{Phone: phone, At: s.c.clock.Now().Unix()})
	})
	if err != nil {
		return err
	}
	if err := c.own(ctx, wire.PathNumber, wire.Number{Phone: phone, Code: code, PIN: pin}, nil); err != nil {
		if refused(err) {
			err = errors.Join(err, c.drop(ctx, pendingNumber))
		}
		return err
	}
	return c.renumbered(ctx, phone)
}

// settleNumber finds out whether a change whose answer was lost went through.
func (c *Client) settleNumber(ctx context.Context) error {
	p, found, err := c.pendingAt(ctx, pendingNumber)
	if err != nil || !found {
		return err
	}
	me, err := c.self(ctx)
	if err != nil {
		return err
	}
	got, err := c.lookup(ctx, p.Phone)
	switch {
	case err == nil && got.Account == me.Account:
		return c.renumbered(ctx, p.Phone)
	case err == nil || fault.Is(err, fault.NotFound):
		return c.drop(ctx, pendingNumber)
	}
	return err
}

// renumbered follows a change of the own number and tells everybody.
func (c *Client) renumbered(ctx context.Context, phone string) error {
	changed, err := c.update(ctx, func(s *state) error {
		if err := s.Delete(BucketLink, pendingNumber); err != nil {
			return err
		}
		me, err := s.me()
		if err != nil {
			return err
		}
		me.Phone, s.renamed = phone, true
		if err := save(s, BucketSelf, selfKey, me); err != nil {
			return err
		}
		if err := s.share(shared{Phone: phone}); err != nil {
			return err
		}
		people, err := s.acquaintances()
		if err != nil {
			return err
		}
		for _, id := range people {
			if err := s.say(id, &content.Moved{Phone: phone}, GroupID{}, false); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	c.tell(changed...)
	c.stir()
	return nil
}

// moved notes that somebody has another number. It stays a claim until the
// carrier confirms it; the conversation goes on under their account, whatever
// their number.
func (s *state) moved(from wire.AccountID, b *content.Moved) error {
	k, _, err := load[known](s, BucketKnown, from[:])
	if err != nil || k.Phone == b.Phone {
		return err
	}
	former := k.Phone
	if former != "" {
		if err := s.leaveNumber(from, former, b.Phone); err != nil {
			return err
		}
	}
	if err := save(s, BucketKnown, from[:], known{Phone: b.Phone}); err != nil {
		return err
	}
	why := "has another number now"
	if former != "" {
		why += ", no longer " + former
	}
	_, err = s.add(Entry{Kind: NumberChanged, Peer: from, Phone: b.Phone, At: s.c.nowMilli(), Why: why})
	return err
}

// leaveNumber frees the number that somebody had here, and writes the new one
// at what waits for them.
func (s *state) leaveNumber(to wire.AccountID, former, phone string) error {
	at, found, err := load[contact](s, BucketContact, []byte(former))
	if err != nil {
		return err
	}
	if found && at.Account == to {
		if err := s.Delete(BucketContact, []byte(former)); err != nil {
			return err
		}
	}
	waiting, err := rows(s)
	if err != nil {
		return err
	}
	for _, r := range waiting {
		if r.To.Account != to || r.Phone != former {
			continue
		}
		r.Phone = phone
		if err := s.putRow(r); err != nil {
			return err
		}
	}
	return nil
}
