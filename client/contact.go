package client

import (
	"context"

	"letterlock/internal/fault"
	"letterlock/wire"
)

// contact is what a phone number led to.
type contact struct {
	Account wire.AccountID `cbor:"account"`
	Offered *wire.Found    `cbor:"offered,omitempty"` // another account that the number leads to now; waits for the person's word
}

// known is what is known of an account's number.
type known struct {
	Phone   string `cbor:"phone"`             // as the sender claims
	Checked bool   `cbor:"checked,omitempty"` // the carrier confirmed it
	Asked   int64  `cbor:"asked,omitempty"`   // when, Unix seconds
}

// Person is a correspondent, as this device knows them.
type Person struct {
	Account   wire.AccountID
	Phone     string // "" if never learnt
	Confirmed bool   // the carrier says that the number leads to the account
	Name      string // as this person's contacts have it; "" if not there
}

// resolve finds the account of a number: from the store, else by asking.
func (c *Client) resolve(ctx context.Context, phone string) (contact, error) {
	var k contact
	found := false
	err := c.store.View(ctx, func(tx Tx) (err error) {
		k, found, err = load[contact](tx, BucketContact, []byte(phone))
		return err
	})
	if err != nil || found {
		return k, err
	}
	got, err := c.lookup(ctx, phone)
	if err != nil {
		return contact{}, err
	}
	changed, err := c.update(ctx, func(s *state) (err error) {
		k, err = s.learn(phone, got)
		return err
	})
	if err == nil {
		c.tell(changed...)
	}
	return k, err
}

// lookup asks the carrier, which counts how many numbers an account asks for.
func (c *Client) lookup(ctx context.Context, phone string) (wire.Found, error) {
	var got wire.Found
	err := c.own(ctx, wire.PathLookup, wire.Lookup{Phone: phone}, &got)
	if err == nil && (got.Account.IsZero() || len(got.Devices) == 0) {
		err = fault.New(fault.NotFound, "look up", "nobody is registered under %s", phone)
	}
	return got, err
}

// learn records where a number leads. If it led elsewhere before, the new
// account is only offered: nothing goes to it, and what waits is held, until
// the person has accepted it.
func (s *state) learn(phone string, got wire.Found) (contact, error) {
	k, found, err := load[contact](s, BucketContact, []byte(phone))
	if err != nil {
		return k, err
	}
	if found && k.Account != got.Account {
		return k, s.offer(phone, k, got)
	}
	k = contact{Account: got.Account}
	if err := save(s, BucketContact, []byte(phone), k); err != nil {
		return k, err
	}
	if err := s.adopt(got.Account, got.List, true); err != nil {
		return k, err
	}
	return k, save(s, BucketKnown, got.Account[:], known{Phone: phone, Checked: true, Asked: s.c.clock.Now().Unix()})
}

func (s *state) offer(phone string, k contact, got wire.Found) error {
	if k.Offered != nil && k.Offered.Account == got.Account {
		return nil // said already
	}
	k.Offered = &got
	if err := save(s, BucketContact, []byte(phone), k); err != nil {
		return err
	}
	if err := save(s, BucketKnown, got.Account[:], known{Phone: phone, Checked: true, Asked: s.c.clock.Now().Unix()}); err != nil {
		return err
	}
	_, err := s.add(Entry{Kind: KeyChanged, Peer: k.Account, Phone: phone, At: s.c.nowMilli(),
		Why: "the number was registered anew, perhaps on a new phone, perhaps by somebody else"})
	if err != nil {
		return err
	}
	return s.holdAll(k.Account)
}

// Person tells what is known of an account.
func (c *Client) Person(ctx context.Context, id wire.AccountID) (p Person, err error) {
	p.Account = id
	err = c.store.View(ctx, func(tx Tx) error {
		k, _, err := load[known](tx, BucketKnown, id[:])
		if p.Phone, p.Confirmed = k.Phone, k.Checked; err != nil || !k.Checked {
			return err
		}
		at, _, err := load[Contact](tx, BucketBook, []byte(k.Phone))
		p.Name = at.Name
		return err
	})
	return p, err
}

// Find tells which account a number leads to, asking the carrier if need be.
func (c *Client) Find(ctx context.Context, phone string) (Person, error) {
	phone, err := Phone(phone)
	if err != nil {
		return Person{}, err
	}
	k, err := c.resolve(ctx, phone)
	if err != nil {
		return Person{}, err
	}
	return Person{Account: k.Account, Phone: phone, Confirmed: true}, nil
}

// checksADay bounds how many claimed numbers are looked up in a day, below what
// the carrier allows a new account, so that strangers cannot use it up.
const checksADay = 8

// checkClaims asks the carrier about numbers that new correspondents claim.
// A wrong claim stays a claim.
func (c *Client) checkClaims(ctx context.Context) {
	var ask []string
	err := c.store.View(ctx, func(tx Tx) (err error) {
		ask, err = dueClaims(tx, c.clock.Now().Unix())
		return err
	})
	if err != nil {
		c.log.Warn("read claimed numbers", "err", err)
		return
	}
	for _, phone := range ask {
		got, err := c.lookup(ctx, phone)
		if err != nil && !refused(err) {
			return // the network: another time
		}
		c.settleClaim(ctx, phone, got, err == nil)
	}
}

func dueClaims(tx Tx, now int64) (ask []string, err error) {
	pairs, err := tx.List(BucketKnown, Range{})
	if err != nil {
		return nil, err
	}
	recent := 0
	for _, p := range pairs {
		var k known
		if err := wire.Unmarshal(p.Value, &k); err != nil {
			return nil, err
		}
		switch {
		case k.Asked != 0 && now-k.Asked < 24*3600:
			recent++
		case k.Asked == 0:
			ask = append(ask, k.Phone)
		}
	}
	return ask[:min(len(ask), max(0, checksADay-recent))], nil
}

func (c *Client) settleClaim(ctx context.Context, phone string, got wire.Found, found bool) {
	changed, err := c.update(ctx, func(s *state) error {
		pairs, err := s.List(BucketKnown, Range{})
		if err != nil {
			return err
		}
		for _, p := range pairs {
			var k known
			if err := wire.Unmarshal(p.Value, &k); err != nil {
				return err
			}
			if k.Phone != phone || k.Asked != 0 {
				continue
			}
			k.Asked = s.c.clock.Now().Unix()
			if err := save(s, BucketKnown, p.Key, k); err != nil {
				return err
			}
		}
		if !found {
			return nil
		}
		_, err = s.learn(phone, got)
		return err
	})
	if err != nil {
		c.log.Warn("keep a checked number", "err", err)
		return
	}
	c.tell(changed...)
}
