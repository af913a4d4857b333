package account

import (
	"context"
	"fmt"
	"net/mail"

	"letterlock/internal/fault"
	"letterlock/wire"
)

// Find resolves a number for the desk's door, which budgets and records it.
func (a *Accounts) Find(ctx context.Context, phone string) (id wire.AccountID, ok bool, err error) {
	phone, err = Phone(phone)
	if err != nil {
		return wire.AccountID{}, false, err
	}
	id, _, ok, err = a.Store.ByPhone(ctx, phone)
	return id, ok, err
}

// Exists reports whether an account id names an account, for the desk's door.
func (a *Accounts) Exists(ctx context.Context, id wire.AccountID) (bool, error) {
	_, err := a.Store.Profile(ctx, id)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	return err == nil, err
}

// Lookup tells a person whether a number has an account. Every question is
// counted, then answered by the same read; once the day's budget is spent the
// answer is thrown away, so that a hit and a miss differ in nothing.
func (a *Accounts) Lookup(ctx context.Context, caller wire.AccountID, l wire.Lookup) (wire.Found, error) {
	phone, err := Phone(l.Phone)
	if err != nil {
		return wire.Found{}, err
	}
	now := a.Clock.Now()
	spent, err := a.Store.Spend(ctx, caller, DayOf(now))
	if err != nil {
		return wire.Found{}, fmt.Errorf("count look-up: %w", err)
	}
	id, devices, ok, err := a.Store.ByPhone(ctx, phone)
	if err != nil {
		return wire.Found{}, fmt.Errorf("look up: %w", err)
	}
	if spent > a.Limits.Lookups {
		return wire.Found{}, fault.New(fault.Exhausted, "look up",
			"you have looked up %d numbers today: look up more after midnight UTC", a.Limits.Lookups)
	}
	if !ok {
		return wire.Found{}, fault.New(fault.NotFound, "look up", "this number has no account")
	}
	list, err := a.Store.DeviceList(ctx, id)
	if err != nil {
		return wire.Found{}, fmt.Errorf("read device list: %w", err)
	}
	return wire.Found{Account: id, Devices: devices, List: list.SignedDevices}, nil
}

// Person is somebody's profile. Whoever knows the account id may see it: the
// id cannot be guessed, and is learnt from a look-up or from the person.
func (a *Accounts) Person(ctx context.Context, id wire.AccountID) (wire.Person, error) {
	p, err := a.Store.Profile(ctx, id)
	if err != nil {
		return wire.Person{}, err
	}
	list, err := a.Store.DeviceList(ctx, id)
	p.List = list.SignedDevices
	return p, err
}

// SetProfile changes what is given.
func (a *Accounts) SetProfile(ctx context.Context, id wire.AccountID, p wire.ProfileUpdate) error {
	if p.Name != nil {
		s, err := line("name", *p.Name, wire.MaxName)
		if err != nil {
			return err
		}
		p.Name = &s
	}
	if p.About != nil {
		s, err := line("about text", *p.About, wire.MaxAbout)
		if err != nil {
			return err
		}
		p.About = &s
	}
	if p.Email != nil && *p.Email != "" {
		m, err := mail.ParseAddress(*p.Email)
		if err != nil || m.Name != "" || len(m.Address) > 254 {
			return fault.New(fault.Invalid, "set profile", "this is not an e-mail address: write it like name@example.org")
		}
		p.Email = &m.Address
	}
	a.overwrote.Store(true)
	return a.Store.SetProfile(ctx, id, p)
}

// Block changes the caller's block list. An account that does not exist can be
// blocked like any other: the answer says nothing about it.
func (a *Accounts) Block(ctx context.Context, id wire.AccountID, b wire.Block) error {
	if b.Account.IsZero() || b.Account == id {
		return fault.New(fault.Invalid, "block", "this account cannot be blocked")
	}
	if err := a.Store.Block(ctx, id, b.Account, b.Remove, a.Limits.Blocks); err != nil {
		return err
	}
	if a.Post != nil {
		a.Post.Blocked(id)
	}
	if b.Remove {
		a.removed()
	}
	return nil
}

// Delete closes the caller's account: every row of it goes in one transaction,
// then the engine's files are cleaned of it.
func (a *Accounts) Delete(ctx context.Context, who wire.Address, d wire.Delete) error {
	if d.Confirm != who.Account {
		return fault.New(fault.Invalid, "delete account", "nothing was deleted: confirm with your own account id")
	}
	if err := primary(who, "delete account"); err != nil {
		return err
	}
	c, err := a.Store.CloseAccount(ctx, who.Account)
	if err != nil {
		return fmt.Errorf("delete account: %w", err)
	}
	a.joins.forget(who.Account)
	a.closed(ctx, c)
	return nil
}

func (a *Accounts) closed(ctx context.Context, c *Closed) {
	if c == nil {
		return
	}
	if a.Post != nil {
		a.Post.Gone(ctx, *c)
	}
	a.removed()
}
