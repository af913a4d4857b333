package client

import (
	"context"

	"letterlock/wire"
)

// TalkHead is one conversation as a list of them shows it.
type TalkHead struct {
	With   [16]byte // an account, or the group of Last
	Last   Entry    // the newest that is still here
	Unread int
}

// Talks lists the conversations that have something in them. It reads no more
// of each than its end, so that a long journal costs nothing.
func (c *Client) Talks(ctx context.Context) (out []TalkHead, err error) {
	now := c.nowMilli()
	err = c.store.View(ctx, func(tx Tx) error {
		out = nil
		unread, err := unreadBy(tx, now)
		if err != nil {
			return err
		}
		for after := []byte(nil); ; {
			first, err := tx.List(BucketTalk, Range{After: after, Limit: 1})
			if err != nil || len(first) == 0 {
				return err
			}
			with := [16]byte(first[0].Key)
			after = append(with[:], 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)
			last, found, err := lastOf(tx, with, now)
			if err != nil {
				return err
			}
			if found {
				out = append(out, TalkHead{With: with, Last: last, Unread: unread[with]})
			}
		}
	})
	return out, err
}

func unreadBy(tx Tx, now int64) (map[[16]byte]int, error) {
	pairs, err := tx.List(BucketUnread, Range{})
	if err != nil {
		return nil, err
	}
	out := map[[16]byte]int{}
	for _, p := range pairs {
		e, found, err := load[Entry](tx, BucketJournal, p.Key)
		if err != nil {
			return nil, err
		}
		if found && !e.over(now) && e.Kind != StatusUpdate {
			out[e.talk()]++
		}
	}
	return out, nil
}

// lastOf is the newest entry of a conversation that is not over.
func lastOf(tx Tx, with [16]byte, now int64) (e Entry, found bool, err error) {
	for r := (Range{Prefix: with[:], Limit: 1, Reverse: true}); ; {
		last, err := tx.List(BucketTalk, r)
		if err != nil || len(last) == 0 {
			return e, false, err
		}
		if e, found, err = load[Entry](tx, BucketJournal, inTalk(last[0].Key)); err != nil || (found && !e.over(now)) {
			return e, found, err
		}
		r.After = last[0].Key
	}
}

// Seqs are the numbers of all entries of a conversation, oldest first: what a
// long list is scrolled by. One that Entry no longer finds has disappeared.
func (c *Client) Seqs(ctx context.Context, with [16]byte) (out []uint64, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		out = nil
		pairs, err := tx.List(BucketTalk, Range{Prefix: with[:]})
		for _, p := range pairs {
			out = append(out, parseNumber(inTalk(p.Key)))
		}
		return err
	})
	return out, err
}

// Author is whose message an entry is: this person's, or the other's.
func (e Entry) Author(me wire.AccountID) wire.AccountID {
	if e.Kind == Outgoing || e.Own {
		return me
	}
	return e.Peer
}
