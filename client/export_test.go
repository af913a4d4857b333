package client

import (
	"context"
	"slices"
	"unicode/utf8"

	"letterlock/client/internal/content"
	"letterlock/client/internal/group"
	"letterlock/wire"
)

// Body is any content, for tests in which a program breaks the rules.
type Body = content.Body

// The bodies.
type (
	EditBody     = content.Edit
	StepBody     = content.Step
	DeleteBody   = content.Delete
	ReactionBody = content.Reaction
	TextBody     = content.Text
	ReceiptBody  = content.Receipt
	ProfileBody  = content.Profile
	PortraitBody = content.Portrait
)

// Say sends a content as a program would that has rules of its own.
func (c *Client) Say(ctx context.Context, to wire.AccountID, b Body, sent int64) error {
	_, err := c.update(ctx, func(s *state) error {
		t, err := s.reach(to)
		if err != nil {
			return err
		}
		n, err := s.keepAs(content.New(newMessageID(), sent, b), false)
		if err != nil {
			return err
		}
		return s.address(t, row{Said: n})
	})
	c.stir()
	return err
}

// SayAgain sends the content of an entry once more, as it was said first.
func (c *Client) SayAgain(ctx context.Context, to wire.AccountID, seq uint64) error {
	_, err := c.update(ctx, func(s *state) error {
		e, _, err := s.entry(seq)
		if err != nil {
			return err
		}
		t, err := s.reach(to)
		if err != nil {
			return err
		}
		return s.address(t, row{Said: e.Said, Entry: e.Seq})
	})
	c.stir()
	return err
}

// Buckets is every kind of entry.
func Buckets() []Bucket { return everything }

// CheckWords says what is wrong with the style of a text; texts that are too
// long, empty or of no characters are no concern of it.
func CheckWords(w Words) error {
	if w.Text == "" || len(w.Text) > content.MaxText || !utf8.ValidString(w.Text) || len(w.Style) > content.MaxSpans {
		return nil
	}
	return checkWords(&content.Text{Text: w.Text, Style: w.Style, Phone: "+000"})
}

// SayIn is Say about a group.
func (c *Client) SayIn(ctx context.Context, id GroupID, to wire.AccountID, b Body) error {
	_, err := c.update(ctx, func(s *state) error { return s.say(to, b, id, false) })
	c.stir()
	return err
}

// GroupBodies are contents about a group by somebody who is not in it.
func GroupBodies(text string, me wire.AccountID) []Body {
	return []Body{&content.Text{Text: text, Phone: "+441632960004"}, &content.Change{Change: []byte{0x80}, Signature: make([]byte, 64)},
		&content.Welcome{State: []byte{0x80}, Change: []byte{0x80}, Signature: make([]byte, 64), Phone: "+441632960004"}, &content.Removed{},
		&content.Keys{Distribution: []byte{0x33, 1}}, &content.Knock{Secret: make([]byte, 16), Phone: "+441632960004"}, &content.Behind{}}
}

// SayChange sends a change that this member has no right to make.
func (c *Client) SayChange(ctx context.Context, id GroupID, to wire.AccountID) error {
	if err := c.groupDevices(ctx, id); err != nil {
		return err
	}
	_, err := c.update(ctx, func(s *state) error {
		g, err := s.inGroup(id)
		if err != nil {
			return err
		}
		me, err := s.me()
		if err != nil {
			return err
		}
		key, err := me.identity()
		if err != nil {
			return err
		}
		lie := g.State
		lie.Members = slices.Clone(lie.Members)
		for i := range lie.Members {
			if lie.Members[i].Account == me.Account {
				lie.Members[i].Role = RoleAdmin
			}
		}
		signed, _, err := group.Make(lie, group.Change{By: me.Account, Act: group.Rename, Name: "Mine"}, key, nil)
		if err != nil {
			return err
		}
		return s.say(to, &content.Change{Change: signed.Change, Signature: signed.Signature}, id, false)
	})
	c.stir()
	return err
}

// Receive takes an envelope in, as if the carrier had delivered it.
func (c *Client) Receive(ctx context.Context, from wire.Address, kind wire.EnvelopeKind, body []byte) error {
	return c.receive(ctx, envelope{From: from, At: c.nowMilli(), Kind: kind, Body: body})
}

// FileBody is a file as a program would send it that has rules of its own.
type FileBody = content.File

// FileReader is the token that reads a file of this secret.
func FileReader(s Secret) wire.MediaToken { return (&File{Secret: s}).reader() }

// FetchDevices asks the carrier for an account's list.
func (c *Client) FetchDevices(ctx context.Context, id wire.AccountID) error {
	return c.fetchDevices(ctx, id)
}

// OwnBodies are contents that only another device of the same person may send.
func OwnBodies(me, other wire.AccountID, id MessageID) []Body {
	inner, err := content.Encode(content.New(content.ID{7}, 1, &content.Text{Text: "you wrote this", Phone: "+441632960001"}))
	if err != nil {
		panic(err) // a constant
	}
	share, err := wire.Marshal(shared{Phone: "+441632960066", Leaving: true, Devices: []sharedDevice{{1, sibling{Name: "x", Named: 1 << 60}}}})
	if err != nil {
		panic(err) // a constant
	}
	return []Body{&content.Sent{To: other, Content: inner}, &content.Seen{Refs: []Ref{{Author: other, ID: id}}}, &content.Share{Data: share}}
}

// Kept is how many envelopes wait unopened.
func (c *Client) Kept(ctx context.Context) (n int) {
	err := c.store.View(ctx, func(tx Tx) error {
		all, err := tx.List(BucketKept, Range{})
		n = len(all)
		return err
	})
	if err != nil {
		return -1
	}
	return n
}
