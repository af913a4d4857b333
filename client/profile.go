package client

import (
	"context"

	"letterlock/internal/fault"
	"letterlock/wire"
)

// Profile changes what is not nil of one's own profile; the address for notices
// is the carrier's alone.
func (c *Client) Profile(ctx context.Context, u wire.ProfileUpdate) error {
	if u.Email != nil {
		if err := c.own(ctx, wire.PathProfile, wire.ProfileUpdate{Email: u.Email}, nil); err != nil {
			return err
		}
	}
	if u.Name == nil && u.About == nil {
		return nil
	}
	return c.ChangeCard(ctx, CardChange{Name: u.Name, About: u.About})
}

// ProfileOf reads the profile that an account shows: what the carrier has for
// everyone, and over it what the person shows this one.
func (c *Client) ProfileOf(ctx context.Context, id wire.AccountID) (wire.Person, error) {
	var p wire.Person
	if err := c.own(ctx, wire.PathPerson, wire.PersonRequest{Account: id}, &p); err != nil {
		return p, err
	}
	me, err := c.self(ctx)
	if err != nil {
		return p, err
	}
	if id == me.Account {
		k, err := c.Card(ctx)
		p.Name, p.About = k.Name, k.About
		return p, err
	}
	if k, found, err := c.ShownBy(ctx, id); err != nil || found {
		p.Name, p.About = k.Name, k.About
		return p, err
	}
	return p, nil
}

// Me says who this device is.
func (c *Client) Me(ctx context.Context) (Self, error) {
	me, err := c.self(ctx)
	if err != nil {
		return Self{}, err
	}
	return Self{me.Account, me.Device, me.Phone, me.Server}, nil
}

// Block stops what comes from a number's account, or lets it come again. The
// other side cannot tell.
func (c *Client) Block(ctx context.Context, phone string, remove bool) error {
	p, err := c.Find(ctx, phone)
	if err != nil {
		return err
	}
	return c.BlockAccount(ctx, p.Account, remove)
}

// BlockAccount is Block for somebody whose number is not known.
func (c *Client) BlockAccount(ctx context.Context, id wire.AccountID, remove bool) error {
	if err := c.own(ctx, wire.PathBlock, wire.Block{Account: id, Remove: remove}, nil); err != nil {
		return err
	}
	_, err := c.update(ctx, func(s *state) error {
		k, err := s.chat(id)
		if err != nil {
			return err
		}
		k.Blocked = !remove
		return save(s, BucketChat, id[:], k)
	})
	return err
}

// Reach is what each kind of legal process would yield about this person today.
func (c *Client) Reach(ctx context.Context) (wire.Reach, error) {
	var r wire.Reach
	err := c.own(ctx, wire.PathReach, wire.Nothing{}, &r)
	return r, err
}

// Export is the record that the service keeps about this person.
func (c *Client) Export(ctx context.Context) (wire.Export, error) {
	var e wire.Export
	err := c.own(ctx, wire.PathExport, wire.Nothing{}, &e)
	return e, err
}

// Delete closes the account at the carrier and then forgets everything here:
// keys, sessions and messages.
func (c *Client) Delete(ctx context.Context) error {
	me, err := c.self(ctx)
	if err != nil {
		return err
	}
	err = c.own(ctx, wire.PathDelete, wire.Delete{Confirm: me.Account}, nil)
	if err != nil && !fault.Is(err, fault.Unauthenticated) { // closed already: an answer was lost
		return err
	}
	return c.forget(ctx)
}

var everything = []Bucket{BucketSelf, BucketCounter, BucketPreKey, BucketUsed, BucketSession, BucketSender, BucketPeer, BucketContact,
	BucketKnown, BucketJournal, BucketTalk, BucketUnread, BucketSeen, BucketGot, BucketSent, BucketOutbox, BucketKept, BucketRepair,
	BucketSaid, BucketChat, BucketLater, BucketOwed, BucketEnding, BucketChoice, BucketGroup, BucketGiven, BucketFrom, BucketDevice, BucketTold, BucketAsk, BucketSibling, BucketLink, BucketKnock, BucketSince, BucketFreight, BucketLetGo, BucketVouched,
	BucketCard, BucketPortrait, BucketShow, BucketShown, BucketBook}

func (c *Client) forget(ctx context.Context) error {
	_, err := c.update(ctx, func(s *state) error {
		for _, b := range everything {
			all, err := s.List(b, Range{})
			if err != nil {
				return err
			}
			for _, p := range all {
				if err := s.Delete(b, p.Key); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := c.forgetFiles(ctx); err != nil {
		return err
	}
	c.mu.Lock()
	c.me, c.device, c.opener = nil, nil, nil
	c.mu.Unlock()
	return c.store.Erase(ctx)
}
