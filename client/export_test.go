package client

import (
	"context"
	"unicode/utf8"

	"letterlock/client/internal/content"
	"letterlock/wire"
)

// Body is any content, for tests in which a program breaks the rules.
type Body = content.Body

// The bodies.
type (
	EditBody     = content.Edit
	DeleteBody   = content.Delete
	ReactionBody = content.Reaction
	ReceiptBody  = content.Receipt
)

// Say sends a content as a program would that has rules of its own.
func (c *Client) Say(ctx context.Context, to wire.AccountID, b Body, sent int64) error {
	_, err := c.update(ctx, func(s *state) error {
		t, err := s.reach(to)
		if err != nil {
			return err
		}
		n, err := s.keep(b, sent, false)
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
