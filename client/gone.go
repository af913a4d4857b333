package client

import (
	"context"
	"slices"
	"time"

	"letterlock/internal/fault"
	"letterlock/wire"
)

// gone follows a device that the carrier no longer knows: the number is looked
// up anew, and the message goes to the devices that are there now, if they are
// the same person's.
func (c *Client) gone(ctx context.Context, r row) error {
	if r.Phone == "" { // a repair, or an answer to one: it was about a session that is no more
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
	if got.Account == r.To.Account && slices.Contains(got.Devices, r.To.Device) {
		return c.again(ctx, r, "the server says both that the device exists and that it does not")
	}
	changed, err := c.update(ctx, func(s *state) error { return s.readdress(r.Ref, got) })
	if err == nil {
		c.tell(changed...)
	}
	return err
}

// readdress turns a row towards the devices that are new since the number was
// last looked up; another account is only offered to the person.
func (s *state) readdress(ref uint64, got wire.Found) error {
	r, found, err := s.row(ref)
	if err != nil || !found {
		return err
	}
	before, _, err := load[contact](s, BucketContact, []byte(r.Phone))
	if err != nil {
		return err
	}
	if _, err := s.learn(r.Phone, got); err != nil || got.Account != r.To.Account {
		return err
	}
	if err := s.Delete(BucketOutbox, number(ref)); err != nil {
		return err
	}
	added := 0
	for _, d := range got.Devices {
		if slices.Contains(before.Devices, d) {
			continue
		}
		added++
		if err := s.queue(row{To: wire.At(got.Account, d), Said: r.Said, Entry: r.Entry, Light: r.Light, Phone: r.Phone}); err != nil {
			return err
		}
	}
	return s.copies(r.Entry, added)
}

// copies replaces one device of a message by as many as were added.
func (s *state) copies(seq uint64, added int) error {
	e, found, err := s.entry(seq)
	if err != nil || !found {
		return err
	}
	e.Copies += added
	if err := s.put(e); err != nil {
		return err
	}
	return s.delivered(seq)
}
