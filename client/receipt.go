package client

import (
	"context"
	"slices"

	"letterlock/client/internal/content"
	"letterlock/internal/fault"
	"letterlock/wire"
)

// Receipts. They go only to people to whom this person has written, or to the
// members of a group in which they have, so that a stranger cannot learn from
// them when somebody's device is on, and several in one envelope.

const (
	owedDelivered byte = 1
	owedRead      byte = 2
)

// receiptsIn is the largest group in which members tell each other what they
// have: in a larger one, every message would bring a flood.
const receiptsIn = 128

// owedSize is the length of a key of BucketOwed: account, what, group, message.
const owedSize = 16 + 1 + 16 + 16

// Mark is what one member of a group says of a message.
type Mark struct {
	By        wire.AccountID `cbor:"by"`
	Delivered int64          `cbor:"delivered,omitempty"` // by their clock (Unix ms)
	Read      int64          `cbor:"read,omitempty"`
}

// owe notes that the author of a message is to be told.
func (s *state) owe(e Entry, what byte) error {
	k, err := s.chat(e.Peer)
	if err != nil || k.Blocked {
		return err
	}
	tells := k.Wrote
	if !e.Group.IsZero() {
		g, found, err := s.group(e.Group)
		if err != nil {
			return err
		}
		tells = found && !g.Left && (k.Wrote || g.Spoke) && len(g.State.Members) <= receiptsIn
	}
	if !tells {
		return nil
	}
	key := append(append(make([]byte, 0, owedSize), e.Peer[:]...), what)
	return s.Put(BucketOwed, append(append(key, e.Group[:]...), e.ID[:]...), nil)
}

// dueReceipts queues what is owed, or forgets it if the person chose so. What
// the person wrote goes first: meanwhile receipts gather, ten to an envelope.
func (s *state) dueReceipts() error {
	choices, _, err := load[Choices](s, BucketChoice, choiceKey)
	if err != nil {
		return err
	}
	owed, err := s.List(BucketOwed, Range{})
	if err != nil || len(owed) == 0 {
		return err
	}
	waiting, err := rows(s)
	if err != nil || slices.ContainsFunc(waiting, func(r row) bool { return !r.Light && !r.Held }) {
		return err
	}
	for len(owed) > 0 {
		n := 1
		for n < len(owed) && n < content.MaxReceipt && sameOwed(owed[n].Key, owed[0].Key) {
			n++
		}
		if err := s.sendReceipt(owed[:n], choices); err != nil {
			return err
		}
		owed = owed[n:]
	}
	return nil
}

// sameOwed reports whether two receipts go to one person about one conversation.
func sameOwed(a, b []byte) bool {
	return len(a) == owedSize && len(b) == owedSize && string(a[:33]) == string(b[:33])
}

func (s *state) sendReceipt(owed []Pair, choices Choices) error {
	for _, p := range owed {
		if err := s.Delete(BucketOwed, p.Key); err != nil {
			return err
		}
	}
	first := owed[0].Key
	if len(first) != owedSize {
		return nil // of an older program
	}
	to, in := wire.AccountID(first[:16]), GroupID(first[17:33])
	b := &content.Receipt{Read: first[16] == owedRead}
	for _, p := range owed {
		b.IDs = append(b.IDs, MessageID(p.Key[33:]))
	}
	if choices.hides(b, in) {
		return nil
	}
	return s.say(to, b, in, true)
}

// hides reports whether a receipt is neither given nor taken in.
func (c Choices) hides(b *content.Receipt, in GroupID) bool {
	return (b.Read && c.HideRead) || (!b.Read && c.HideDelivered) || (!in.IsZero() && c.HideInGroups)
}

// receipt notes what somebody says of this person's messages, some of which may
// still come from another device of theirs.
func (s *state) receipt(from wire.AccountID, m content.Content, b *content.Receipt) error {
	in := GroupID(m.Group)
	choices, _, err := load[Choices](s, BucketChoice, choiceKey)
	if err != nil || choices.hides(b, in) {
		return err
	}
	me, err := s.me()
	if err != nil || from == me.Account {
		return err
	}
	for _, id := range b.IDs {
		ref := Ref{Author: me.Account, ID: id}
		e, known, err := s.named(from, in, ref)
		if err != nil {
			return err
		}
		if !known {
			one := content.New(m.ID, m.Sent, &content.Receipt{Read: b.Read, IDs: []MessageID{id}}).In(in)
			if err := s.putOff(from, from, ref, one); err != nil {
				return err
			}
			continue
		}
		if e.Kind != Outgoing || e.Deleted || !e.marked(from, b.Read, m.Sent) {
			continue
		}
		if err := s.put(e); err != nil {
			return err
		}
	}
	return nil
}

// marked notes a receipt at an own message, and reports whether it was news. To
// a group, the message counts as delivered, or read, once everybody says so to
// whom it was sent.
func (e *Entry) marked(by wire.AccountID, read bool, at int64) bool {
	if e.Group.IsZero() {
		return mark(&e.Delivered, &e.Read, read, at)
	}
	i := slices.IndexFunc(e.Marks, func(m Mark) bool { return m.By == by })
	if i < 0 {
		if len(e.Marks) >= receiptsIn {
			return false
		}
		i, e.Marks = len(e.Marks), append(e.Marks, Mark{By: by})
	}
	if !mark(&e.Marks[i].Delivered, &e.Marks[i].Read, read, at) {
		return false
	}
	if have, saw := e.MarkedBy(); e.Recipients > 0 {
		if have >= e.Recipients && e.Delivered == 0 {
			e.Delivered = at
		}
		if saw >= e.Recipients && e.Read == 0 {
			e.Read = at
		}
	}
	return true
}

func mark(delivered, seen *int64, read bool, at int64) bool {
	if *seen != 0 || (!read && *delivered != 0) {
		return false
	}
	if *delivered == 0 {
		*delivered = at
	}
	if read {
		*seen = at
	}
	return true
}

// MarkedBy counts the members of a group who have a message, and who saw it.
func (e Entry) MarkedBy() (have, saw int) {
	for _, m := range e.Marks {
		if m.Delivered != 0 {
			have++
		}
		if m.Read != 0 {
			saw++
		}
	}
	return have, saw
}

// Marks are what each person to whom an own message went says of it: of a group,
// its members of today, those who say nothing among them, and who left since and
// said something before.
func (c *Client) Marks(ctx context.Context, seq uint64) (out []Mark, err error) {
	me, err := c.self(ctx)
	if err != nil {
		return nil, err
	}
	_, err = c.update(ctx, func(s *state) error {
		e, err := s.message(seq)
		if err != nil {
			return err
		}
		if e.Kind != Outgoing {
			return fault.New(fault.Invalid, "see who has a message", "only the person who wrote a message is told who has it")
		}
		if e.Group.IsZero() {
			out = []Mark{{By: e.Peer, Delivered: e.Delivered, Read: e.Read}}
			return nil
		}
		out = slices.Clone(e.Marks)
		g, _, err := s.group(e.Group)
		for _, m := range g.State.Members {
			if m.Account != me.Account && !slices.ContainsFunc(out, func(have Mark) bool { return have.By == m.Account }) {
				out = append(out, Mark{By: m.Account})
			}
		}
		return err
	})
	return out, err
}
