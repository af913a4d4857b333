package client

import (
	"context"
	"errors"

	"letterlock/client/internal/content"
	"letterlock/internal/fault"
	"letterlock/wire"
)

// Status updates. One is sealed to each person who is chosen to see it, like a
// message, and disappears after a day everywhere. The carrier cannot tell it
// from a message; nobody sees who else sees it.

// MaxStatus is the longest text of a status, in bytes.
const MaxStatus = content.MaxStatus

var audienceKey = []byte("status audience")

// PostStatus shows a text for a day to the people of these numbers; none: to
// those who were shown the last one.
func (c *Client) PostStatus(ctx context.Context, phones []string, w Words) (e Entry, err error) {
	body := &content.Status{Text: w.Text, Style: w.Style}
	if _, err := content.Encode(content.New(content.ID{1}, 0, body)); err != nil {
		return e, fault.Wrap(fault.Invalid, "post a status", err, "a status has 1 to %d bytes of text", MaxStatus)
	}
	to, err := c.viewers(ctx, phones)
	if err != nil {
		return e, err
	}
	changed, err := c.update(ctx, func(s *state) (err error) {
		if e, err = s.post(to, body, w); err != nil {
			return err
		}
		return nil
	})
	if err != nil {
		return Entry{}, err
	}
	c.tell(changed...)
	c.stir()
	return e, nil
}

// Audience is who was shown this person's last status.
func (c *Client) Audience(ctx context.Context) (to []wire.AccountID, err error) {
	err = c.store.View(ctx, func(tx Tx) (err error) {
		to, _, err = load[[]wire.AccountID](tx, BucketChoice, audienceKey)
		return err
	})
	return to, err
}

// viewers are the accounts of numbers.
func (c *Client) viewers(ctx context.Context, phones []string) (to []wire.AccountID, err error) {
	me, err := c.self(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range phones {
		who, err := c.Find(ctx, p)
		if err != nil {
			return nil, err
		}
		if who.Account == me.Account {
			return nil, fault.New(fault.Invalid, "post a status", "%s is your own number", p)
		}
		to = append(to, who.Account)
	}
	return to, nil
}

// PostStatusFile is PostStatus with a photo or film; the attachment's text may be
// empty. It is shown once the carrier has the sealed file.
func (c *Client) PostStatusFile(ctx context.Context, phones []string, a Attachment) (e Entry, err error) {
	to, err := c.viewers(ctx, phones)
	if err != nil {
		return e, err
	}
	me, err := c.self(ctx)
	if err != nil {
		return e, err
	}
	words := Words{Text: a.Text, Style: a.Style}
	a.Words = Words{}
	file, owner, held, err := c.prepare(ctx, a, me.Phone)
	if err != nil {
		return e, err
	}
	body := &content.Status{Text: words.Text, Style: words.Style, File: file}
	if _, err := content.Encode(content.New(content.ID{1}, 0, body)); err != nil {
		return e, errors.Join(fault.Wrap(fault.Invalid, "post a status", err, "a status shows a photo or a film, with at most %d bytes of text", MaxStatus), c.files.Remove(ctx, file.Blob))
	}
	changed, err := c.update(ctx, func(s *state) error {
		if to, err = s.viewedBy(to); err != nil {
			return err
		}
		now := s.c.nowMilli()
		m := content.New(newMessageID(), now, body)
		said, err := s.keepAs(m, false)
		if err != nil {
			return err
		}
		e = Entry{Kind: StatusUpdate, Own: true, Peer: me.Account, ID: m.ID, At: now, Sent: now, Text: words.Text, Style: words.Style, To: to, Said: said, State: Waiting, File: fileOf(file)}
		e.File.State, e.File.Owner = Bringing, owner
		if e, err = s.putStatus(e); err != nil {
			return err
		}
		if err := s.Delete(BucketLetGo, number(held)); err != nil {
			return err
		}
		return save(s, BucketFreight, number(e.Seq), freight{})
	})
	if err != nil {
		return Entry{}, errors.Join(err, c.files.Remove(ctx, file.Blob))
	}
	c.tell(changed...)
	c.heave()
	return e, nil
}

// viewedBy is who sees a status now: those given, or those of the last one. They
// are remembered.
func (s *state) viewedBy(to []wire.AccountID) (_ []wire.AccountID, err error) {
	if to == nil {
		if to, _, err = load[[]wire.AccountID](s, BucketChoice, audienceKey); err != nil {
			return nil, err
		}
	}
	if len(to) == 0 {
		return nil, fault.New(fault.Invalid, "post a status", "choose who may see it: nobody is chosen yet")
	}
	return to, save(s, BucketChoice, audienceKey, to)
}

func (s *state) post(to []wire.AccountID, body *content.Status, w Words) (e Entry, err error) {
	if to, err = s.viewedBy(to); err != nil {
		return e, err
	}
	me, err := s.me()
	if err != nil {
		return e, err
	}
	now := s.c.nowMilli()
	m := content.New(newMessageID(), now, body)
	said, err := s.keepAs(m, false)
	if err != nil {
		return e, err
	}
	if err := s.showStatus(to, said); err != nil {
		return e, err
	}
	return s.putStatus(Entry{Kind: StatusUpdate, Own: true, Peer: me.Account, ID: m.ID, At: now, Sent: now, Text: w.Text, Style: w.Style, To: to, Said: said})
}

// showStatus queues a status for its viewers, and this person's other devices.
func (s *state) showStatus(to []wire.AccountID, said uint64) error {
	me, err := s.me()
	if err != nil {
		return err
	}
	for _, id := range append([]wire.AccountID{me.Account}, to...) {
		if id != me.Account {
			if _, err := s.wrote(id); err != nil {
				return err
			}
		}
		t, err := s.reach(id)
		if err != nil {
			return err
		}
		if err := s.address(t, row{Said: said}); err != nil {
			return err
		}
	}
	return nil
}

// putStatus files one and notes its end.
func (s *state) putStatus(e Entry) (Entry, error) {
	e.Ends = min(e.Sent, s.c.nowMilli()) + content.StatusTime
	e, err := s.add(e)
	if err != nil {
		return e, err
	}
	if err := s.Put(BucketSeen, seenKey(e.Peer, e.ID), number(e.Seq)); err != nil {
		return e, err
	}
	return e, s.ends(e)
}

// statusOf takes in somebody's status. A stranger's is dropped: who was never
// written to cannot put anything before this person's eyes but a message.
func (s *state) statusOf(from wire.AccountID, m content.Content, b *content.Status) error {
	me, err := s.me()
	if err != nil || m.Group != (GroupID{}) || s.c.nowMilli() >= m.Sent+content.StatusTime {
		return err
	}
	k, err := s.chat(from)
	if err != nil || (from != me.Account && (!k.Wrote || k.Blocked)) {
		return err
	}
	e := Entry{Kind: StatusUpdate, Own: from == me.Account, Peer: from, ID: m.ID, At: s.c.nowMilli(), Sent: m.Sent, Text: b.Text, Style: b.Style}
	if b.File != nil {
		e.File = fileOf(b.File)
	}
	_, err = s.putStatus(e)
	return err
}

// Statuses are those of today, oldest first, own ones among them.
func (c *Client) Statuses(ctx context.Context) ([]Entry, error) {
	return c.Journal(ctx, StatusUpdate)
}

// TakeBackStatus takes an own status away from everybody who is shown it.
func (c *Client) TakeBackStatus(ctx context.Context, seq uint64) error {
	changed, err := c.update(ctx, func(s *state) error {
		e, found, err := s.entry(seq)
		if err != nil {
			return err
		}
		if !found || e.Kind != StatusUpdate || !e.Own || e.over(s.c.nowMilli()) {
			return fault.New(fault.NotFound, "take back a status", "there is no such status of yours (any more)")
		}
		for _, id := range append([]wire.AccountID{e.Peer}, e.To...) {
			if err := s.say(id, &content.Delete{Target: e.ID}, GroupID{}, false); err != nil {
				return err
			}
		}
		if err := s.letGo(e, true); err != nil { // from the carrier too
			return err
		}
		return s.remove(seq)
	})
	if err != nil {
		return err
	}
	c.tell(changed...)
	c.stir()
	return nil
}
