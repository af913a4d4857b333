package client

import (
	"context"

	"letterlock/internal/fault"
	"letterlock/wire"
)

// letGo is a file to remove.
type letGo struct {
	Blob      wire.MediaID `cbor:"blob"`
	Local     bool         `cbor:"local,omitempty"` // from this device
	Owner     []byte       `cbor:"owner,omitempty"` // from the carrier, for everybody
	Done      []byte       `cbor:"done,omitempty"`  // tell the carrier that this device needs it no more
	NotBefore int64        `cbor:"not_before,omitempty"`
	Since     int64        `cbor:"since"`
}

const (
	letGoKept = 31 * 24 * 3600 // seconds after which the carrier has forgotten the file by itself
	heldBack  = 24 * 3600      // seconds after which a file that was sealed for no message is removed
)

func (s *state) addLetGo(l letGo) (uint64, error) {
	n, err := next(s, "letgo")
	if err != nil {
		return 0, err
	}
	l.Since = s.c.clock.Now().Unix()
	return n, save(s, BucketLetGo, number(n), l)
}

// heldBack notes that a file is removed unless a message comes to carry it.
func (c *Client) heldBack(ctx context.Context, id wire.MediaID) (n uint64, err error) {
	_, err = c.update(ctx, func(s *state) (err error) {
		n, err = s.addLetGo(letGo{Blob: id, Local: true, NotBefore: c.clock.Now().Unix() + heldBack})
		return err
	})
	return n, err
}

// letGo notes what is to be removed with an entry: here, and, if its author
// takes it back, at the carrier. Whoever removes what they have not fetched
// says that they need it no more.
func (s *state) letGo(e Entry, unsent bool) error {
	f := e.File
	if f == nil {
		return nil
	}
	l := letGo{Blob: f.Blob, Local: true}
	switch {
	case (unsent || f.State == Bringing) && f.Owner != Secret{}: // what was not sent yet is for nobody
		l.Owner = f.Owner[:]
	case f.State == There:
		me, err := s.me()
		if err != nil {
			return err
		}
		token := f.done(me.address())
		l.Done = token[:]
	}
	if err := s.Delete(BucketFreight, number(e.Seq)); err != nil {
		return err
	}
	if _, err := s.addLetGo(l); err != nil {
		return err
	}
	s.c.heave()
	return nil
}

// letGos are the files to remove that are due.
func (c *Client) letGos(ctx context.Context) (due map[uint64]letGo, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		due = map[uint64]letGo{}
		all, err := tx.List(BucketLetGo, Range{})
		if err != nil {
			return err
		}
		for _, p := range all {
			var l letGo
			if err := wire.Unmarshal(p.Value, &l); err != nil {
				return err
			}
			if l.NotBefore <= c.clock.Now().Unix() { // else it is being sealed
				due[parseNumber(p.Key)] = l
			}
		}
		return nil
	})
	return due, err
}

// discard removes from this device what was let go.
func (c *Client) discard(ctx context.Context) error {
	if c.files == nil {
		return nil
	}
	due, err := c.letGos(ctx)
	if err != nil {
		return err
	}
	for n, l := range due {
		if !l.Local {
			continue
		}
		if err := c.files.Remove(ctx, l.Blob); err != nil {
			c.log.Warn("a file is removed later", "err", err)
			continue
		}
		l.Local = false
		_, err := c.update(ctx, func(s *state) error {
			if l.Owner == nil && l.Done == nil {
				return s.Delete(BucketLetGo, number(n))
			}
			return save(s, BucketLetGo, number(n), l)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// release removes what was let go, here and at the carrier, and says when to
// try again; 0: nothing waits.
func (c *Client) release(ctx context.Context) (next int64, err error) {
	if err := c.discard(ctx); err != nil {
		return 0, err
	}
	due, err := c.letGos(ctx)
	if err != nil {
		return 0, err
	}
	now := c.clock.Now().Unix()
	for n, l := range due {
		if l.Local { // came since discard looked, or could not be removed
			next = sooner(next, now+60)
			continue
		}
		switch err := c.releaseOne(ctx, l); {
		case ctx.Err() != nil:
			return 0, ctx.Err()
		case fault.Is(err, fault.Unavailable) && now-l.Since < letGoKept:
			next = sooner(next, now+60)
			continue
		case err != nil && !fault.Is(err, fault.Unavailable):
			return next, err
		}
		if _, err := c.update(ctx, func(s *state) error { return s.Delete(BucketLetGo, number(n)) }); err != nil {
			return next, err
		}
	}
	return next, nil
}

// releaseOne tells the carrier. One that refuses has nothing to release.
func (c *Client) releaseOne(ctx context.Context, l letGo) (err error) {
	switch {
	case len(l.Owner) == 32:
		err = c.call(ctx, wire.Credential{}, wire.PathMediaDrop, wire.MediaDrop{ID: l.Blob, Owner: [32]byte(l.Owner)}, nil)
	case len(l.Done) == 32:
		err = c.call(ctx, wire.Credential{}, wire.PathMediaDone, wire.MediaDone{ID: l.Blob, Token: [32]byte(l.Done)}, nil)
	}
	if refused(err) {
		return nil
	}
	return err
}

// forgetFiles removes every file from this device.
func (c *Client) forgetFiles(ctx context.Context) error {
	if c.files == nil {
		return nil
	}
	return c.files.Each(ctx, func(id wire.MediaID) error { return c.files.Remove(ctx, id) })
}
