package client

import (
	"context"

	"letterlock/wire"
)

// Trust is what this device believes of somebody's safety number.
type Trust struct {
	Verified bool // the person said that they compared it
	Changed  bool // it is another one than before, and not accepted yet
}

// TrustOf reads it without asking the carrier. Unlike [Client.Safety] it does
// not count as having shown the number.
func (c *Client) TrustOf(ctx context.Context, id wire.AccountID) (t Trust, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		s := &state{Tx: tx, c: c}
		p, _, err := s.peer(wire.At(id, wire.Primary))
		if err != nil {
			return err
		}
		k, _, err := load[known](tx, BucketKnown, id[:])
		if err != nil {
			return err
		}
		var at contact
		if k.Phone != "" {
			if at, _, err = load[contact](tx, BucketContact, []byte(k.Phone)); err != nil {
				return err
			}
		}
		t.Changed = p.Offered != nil || (at.Account == id && at.Offered != nil)
		t.Verified = p.Verified && !t.Changed
		return nil
	})
	return t, err
}
