package client

import (
	"context"
	"encoding/hex"

	"letterlock/internal/fault"
	"letterlock/wire"
)

// receiveNotice shows what the pinned notice key signed for this account, and
// nothing of what it did not sign.
func (c *Client) receiveNotice(ctx context.Context, e envelope) error {
	me, err := c.self(ctx)
	if err != nil {
		return err
	}
	n, err := wire.OpenNotice(e.Body, me.NoticeKey)
	genuine := err == nil && n.Account == me.Account
	changed, err := c.update(ctx, func(s *state) error {
		fresh, err := s.firstTime(e)
		if err != nil || !fresh {
			return err
		}
		if !genuine {
			_, err := s.add(Entry{Kind: NoticeRejected, At: e.At,
				Why: "something that pretended to come from the service was not signed by it: it was thrown away"})
			return err
		}
		return s.takeNotice(e, n)
	})
	if err == nil {
		c.tell(changed...)
	}
	return err
}

// takeNotice keeps a notice once, by its id.
func (s *state) takeNotice(e envelope, n wire.Notice) error {
	key := append(make([]byte, 16, 32), n.ID[:]...) // the service has the zero account
	seen, err := s.Get(BucketSeen, key)
	if err != nil || seen != nil {
		return err
	}
	entry, err := s.add(Entry{Kind: ServiceNotice, ID: n.ID, At: e.At, Notice: &n})
	if err != nil {
		return err
	}
	return s.Put(BucketSeen, key, number(entry.Seq))
}

// Notices returns every service notice, oldest first.
func (c *Client) Notices(ctx context.Context) ([]Entry, error) { return c.Journal(ctx, ServiceNotice) }

// Object answers a notice that came before disclosure: the release is then
// held for counsel. The id is the notice's, in hexadecimal.
func (c *Client) Object(ctx context.Context, id, text string) error {
	var want MessageID
	raw, err := hex.DecodeString(id)
	if err != nil || len(raw) != len(want) {
		return fault.New(fault.Invalid, "object", "give the notice's number as `letter notices` shows it")
	}
	copy(want[:], raw)
	all, err := c.Notices(ctx)
	if err != nil {
		return err
	}
	for _, e := range all {
		if e.ID != want {
			continue
		}
		if !e.Notice.Before {
			return fault.New(fault.Conflict, "object", "this notice came after the disclosure: there is nothing left to hold")
		}
		return c.object(ctx, want, text)
	}
	return fault.New(fault.NotFound, "object", "there is no such notice here: `letter notices` shows those there are")
}

func (c *Client) object(ctx context.Context, id [16]byte, text string) error {
	if text == "" || len(text) > wire.MaxObjection {
		return fault.New(fault.Invalid, "object", "say in 1 to %d bytes why the disclosure should not happen", wire.MaxObjection)
	}
	return c.own(ctx, wire.PathObject, wire.Objection{Notice: id, Text: text}, nil)
}
