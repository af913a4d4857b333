package client

import (
	"context"
	"encoding/binary"
	"errors"
)

// Disappearing messages. The author's copy ends its time after it was written,
// the recipient's after it was shown. From its end on a message is in no list,
// and at the next chance it is in no file.

// ends notes when an entry disappears.
func (s *state) ends(e Entry) error {
	if e.Ends == 0 {
		return nil
	}
	return s.Put(BucketEnding, append(number(uint64(e.Ends)), number(e.Seq)...), nil)
}

// expire removes what is over, and says when the next one is; 0: none.
func (s *state) expire() (next int64, err error) {
	all, err := s.List(BucketEnding, Range{})
	if err != nil {
		return 0, err
	}
	for _, p := range all {
		at := int64(binary.BigEndian.Uint64(p.Key[:8]))
		if at > s.c.nowMilli() {
			return at, nil
		}
		if err := s.Delete(BucketEnding, p.Key); err != nil {
			return 0, err
		}
		if err := s.remove(parseNumber(p.Key[8:])); err != nil {
			return 0, err
		}
	}
	return 0, nil
}

// remove takes an entry away, here. That it was there is remembered by its id
// alone, so that it does not come again.
func (s *state) remove(seq uint64) error {
	e, found, err := s.entry(seq)
	if err != nil || !found {
		return err
	}
	author := e.Peer
	if e.Kind == Outgoing || (e.Kind == StatusUpdate && e.Own) {
		me, err := s.me()
		if err != nil {
			return err
		}
		author = me.Account
	}
	if e.ID != (MessageID{}) {
		if err := s.Put(BucketSeen, seenKey(author, e.ID), number(0)); err != nil {
			return err
		}
	}
	if _, err := s.unsay(e.Said); err != nil {
		return err
	}
	if err := s.letGo(e, false); err != nil {
		return err
	}
	if err := s.Delete(BucketUnread, number(seq)); err != nil {
		return err
	}
	key, err := s.talkKey(e)
	if err != nil {
		return err
	}
	if err := s.Delete(BucketTalk, key); err != nil {
		return err
	}
	s.changed = append(s.changed, Entry{Seq: seq, Kind: Gone, Peer: e.Peer, Group: e.Group, ID: e.ID})
	return s.Delete(BucketJournal, number(seq))
}

// Expire removes the messages whose time is over and says when the next one's
// is (Unix ms; 0: none). Run does it after each exchange; a program that stays
// open calls it again at that time.
func (c *Client) Expire(ctx context.Context) (next int64, err error) {
	changed, err := c.update(ctx, func(s *state) (err error) {
		next, err = s.expire()
		return err
	})
	if err != nil || len(changed) == 0 {
		return next, err
	}
	c.tell(changed...)
	return next, errors.Join(c.discard(ctx), c.store.Erase(ctx))
}

// Remove takes entries away from this device, and from no other.
func (c *Client) Remove(ctx context.Context, entries ...Entry) error {
	changed, err := c.update(ctx, func(s *state) error {
		for _, e := range entries {
			if err := s.remove(e.Seq); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	c.tell(changed...)
	return errors.Join(c.discard(ctx), c.store.Erase(ctx))
}

// Clear takes a whole conversation away from this device.
func (c *Client) Clear(ctx context.Context, with [16]byte) error {
	all, err := c.Talk(ctx, with, 0)
	if err != nil {
		return err
	}
	return c.Remove(ctx, all...)
}
