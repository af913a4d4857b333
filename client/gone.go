package client

import (
	"context"
	"time"

	"letterlock/internal/fault"
	"letterlock/wire"
)

// gone follows a device that the carrier no longer knows. If its account is
// there, the person's own list says whether the device is; if the account is
// gone, the number is looked up anew.
func (c *Client) gone(ctx context.Context, r row) error {
	err := c.fetchDevices(ctx, r.To.Account)
	switch {
	case fault.Is(err, fault.NotFound):
		return c.accountGone(ctx, r)
	case refused(err):
		return c.delay(ctx, r, time.Hour)
	case err != nil:
		return err
	}
	named, waits := false, false
	err = c.store.View(ctx, func(tx Tx) error {
		d, _, err := load[devices](tx, BucketDevice, r.To.Account[:])
		named = r.To.Device == wire.Primary || d.List.Key(r.To.Device) != nil
		if err != nil {
			return err
		}
		_, waits, err = load[row](tx, BucketOutbox, number(r.Ref))
		return err
	})
	switch {
	case err != nil || !waits: // a newer list did not name the device: the rest went with it
		return err
	case r.To.Device == wire.Primary:
		return c.again(ctx, r, "the server says both that the device exists and that it does not")
	case !named:
		return c.withhold(ctx, r, "")
	}
	return c.withhold(ctx, r, doubtGone)
}

// accountGone looks up where a number leads whose account was closed.
func (c *Client) accountGone(ctx context.Context, r row) error {
	if r.Phone == "" || !r.For.IsZero() { // known by their envelopes only
		return c.fail(ctx, r, "the other device is gone")
	}
	got, err := c.lookup(ctx, r.Phone)
	switch {
	case fault.Is(err, fault.NotFound):
		return c.fail(ctx, r, "nobody is registered under this number any more")
	case refused(err):
		return c.delay(ctx, r, time.Hour)
	case err != nil:
		return err
	}
	if got.Account == r.To.Account {
		return c.again(ctx, r, "the server says both that the account exists and that it does not")
	}
	changed, err := c.update(ctx, func(s *state) error {
		_, err := s.learn(r.Phone, got) // another account is only offered to the person
		return err
	})
	if err == nil {
		c.tell(changed...)
	}
	return err
}

// withhold takes one device's copy out of the outbox, saying why if the carrier
// cannot be believed; the message goes to the others.
func (c *Client) withhold(ctx context.Context, r row, why string) error {
	changed, err := c.update(ctx, func(s *state) error {
		_, waits, err := s.row(r.Ref)
		if err != nil || !waits {
			return err
		}
		if err := s.Delete(BucketOutbox, number(r.Ref)); err != nil {
			return err
		}
		if err := s.delivered(r.Entry); err != nil || why == "" {
			return err
		}
		return s.doubt(r.To.Account, why)
	})
	if err == nil {
		c.tell(changed...)
	}
	return err
}
