package client

import (
	"slices"

	"letterlock/client/internal/content"
	"letterlock/wire"
)

// Receipts. They go only to people to whom this person has written, so that a
// stranger cannot learn from them when somebody's device is on, and several in
// one envelope.

const (
	owedDelivered byte = 1
	owedRead      byte = 2
)

// owe notes that the author of a message is to be told.
func (s *state) owe(e Entry, what byte) error {
	k, err := s.chat(e.Peer)
	if err != nil || !k.Wrote || !e.Group.IsZero() {
		return err
	}
	key := append(append(make([]byte, 0, 33), e.Peer[:]...), what)
	return s.Put(BucketOwed, append(key, e.ID[:]...), nil)
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
		for n < len(owed) && n < content.MaxReceipt && string(owed[n].Key[:17]) == string(owed[0].Key[:17]) {
			n++
		}
		if err := s.sendReceipt(owed[:n], choices); err != nil {
			return err
		}
		owed = owed[n:]
	}
	return nil
}

func (s *state) sendReceipt(owed []Pair, choices Choices) error {
	to, what := wire.AccountID(owed[0].Key[:16]), owed[0].Key[16]
	b := &content.Receipt{Read: what == owedRead}
	for _, p := range owed {
		b.IDs = append(b.IDs, MessageID(p.Key[17:]))
		if err := s.Delete(BucketOwed, p.Key); err != nil {
			return err
		}
	}
	if (b.Read && choices.HideRead) || (!b.Read && choices.HideDelivered) {
		return nil
	}
	return s.say(to, b, GroupID{}, true)
}

// receipt notes what somebody says of this person's messages, some of which may
// still come from another device of theirs.
func (s *state) receipt(from wire.AccountID, m content.Content, b *content.Receipt) error {
	sent := m.Sent
	choices, _, err := load[Choices](s, BucketChoice, choiceKey)
	if err != nil || (b.Read && choices.HideRead) || (!b.Read && choices.HideDelivered) {
		return err
	}
	me, err := s.me()
	if err != nil {
		return err
	}
	for _, id := range b.IDs {
		ref := Ref{Author: me.Account, ID: id}
		e, known, err := s.named(from, GroupID{}, ref)
		if err != nil {
			return err
		}
		if !known {
			one := content.New(m.ID, m.Sent, &content.Receipt{Read: b.Read, IDs: []MessageID{id}})
			if err := s.putOff(from, from, ref, one); err != nil {
				return err
			}
			continue
		}
		if e.Kind != Outgoing || e.Read != 0 || (!b.Read && e.Delivered != 0) {
			continue
		}
		if e.Delivered == 0 {
			e.Delivered = sent
		}
		if b.Read {
			e.Read = sent
		}
		if err := s.put(e); err != nil {
			return err
		}
	}
	return nil
}
