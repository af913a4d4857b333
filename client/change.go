package client

import (
	"bytes"
	"slices"

	"letterlock/client/internal/content"
	"letterlock/wire"
)

// What others do to messages: edits, deletions, reactions. They may come
// before the message that they are about (another device of the sender was
// faster, or the message has to be repaired); then they wait for it.

const (
	laterKept   = 30 * 24 * 3600 // seconds for which a change waits for its message
	laterAMess  = 16             // changes that wait for one message
	laterPeople = 1000           // changes that wait in all
)

// later is a change whose message is not here yet.
type later struct {
	From    wire.AccountID `cbor:"from"`
	With    wire.AccountID `cbor:"with"`
	Content []byte         `cbor:"content"`
	Taken   int64          `cbor:"taken"` // Unix seconds
}

func seenKey(author wire.AccountID, id MessageID) []byte {
	return append(append(make([]byte, 0, 32), author[:]...), id[:]...)
}

// change applies what somebody did to a message or a conversation: the one with
// them, or, for what this person did on another device, with whom it was.
func (s *state) change(from, with wire.AccountID, m content.Content) error {
	var target Ref
	switch b := m.Body.(type) {
	case *content.Edit:
		target = Ref{Author: from, ID: b.Target}
	case *content.Delete:
		target = Ref{Author: from, ID: b.Target}
	case *content.Reaction:
		target = b.Target
	case *content.Step:
		target = Ref{Author: from, ID: b.Target}
	case *content.Timer:
		return s.timerFrom(from, with, m, b)
	case *content.Receipt:
		return s.receipt(from, m, b)
	case *content.Seen:
		return s.seenElsewhere(m, b)
	default:
		return nil
	}
	e, known, err := s.named(with, m.Group, target)
	if err != nil {
		return err
	}
	if !known {
		return s.putOff(from, with, target, m)
	}
	if e.Seq == 0 || e.Deleted {
		return nil
	}
	return s.apply(from, e, m)
}

// named finds a message of the conversation with somebody, or of a group. known
// is false if it may still come; e.Seq is 0 if it was here, or is not of there.
func (s *state) named(with wire.AccountID, in GroupID, r Ref) (e Entry, known bool, err error) {
	raw, err := s.Get(BucketSeen, seenKey(r.Author, r.ID))
	if err != nil {
		return e, false, err
	}
	if raw == nil {
		mayCome, err := s.mayCome(with, in, r)
		return e, !mayCome, err
	}
	e, found, err := s.entry(parseNumber(raw))
	here := e.Group == in && (!in.IsZero() || e.Peer == with)
	if err != nil || !found || !here {
		return Entry{}, true, err
	}
	return e, true, nil
}

// mayCome reports whether a message that is not here may still come: in a group
// everybody's, between two theirs, and this person's own from another device.
func (s *state) mayCome(with wire.AccountID, in GroupID, r Ref) (bool, error) {
	if !in.IsZero() || wire.AccountID(r.Author) == with {
		return true, nil
	}
	me, err := s.me()
	if err != nil || wire.AccountID(r.Author) != me.Account {
		return false, err
	}
	others, err := s.siblings()
	return len(others) > 0, err
}

// wroteIt reports whether an entry is a message of somebody.
func (s *state) wroteIt(who wire.AccountID, e Entry) (bool, error) {
	if e.Kind == Incoming || (e.Kind == StatusUpdate && !e.Own) {
		return e.Peer == who, nil
	}
	me, err := s.me()
	return (e.Kind == Outgoing || e.Kind == StatusUpdate) && who == me.Account, err
}

func (s *state) apply(from wire.AccountID, e Entry, m content.Content) error {
	switch b := m.Body.(type) {
	case *content.Edit:
		late := m.Sent - e.Sent
		if theirs, err := s.wroteIt(from, e); err != nil || !theirs || m.Sent <= e.Edited || late < -maxAhead || late > EditTime.Milliseconds() {
			return err
		}
		e.Text, e.Style, e.Edited = b.Text, b.Style, m.Sent
	case *content.Delete:
		if theirs, err := s.wroteIt(from, e); err != nil || !theirs {
			return err
		}
		if e.Kind == StatusUpdate {
			return s.remove(e.Seq)
		}
		if err := s.wipe(&e); err != nil {
			return err
		}
	case *content.Step:
		if theirs, err := s.wroteIt(from, e); err != nil || !theirs || !e.Place.step(b, m.Sent) {
			return err
		}
	case *content.Reaction:
		before := slices.Clone(e.Reactions)
		e.react(Reaction{By: from, Emoji: b.Emoji, At: m.Sent})
		if slices.Equal(before, e.Reactions) {
			return nil
		}
	}
	return s.put(e)
}

// wipe takes the words out of an entry and out of everything that carries them.
func (s *state) wipe(e *Entry) error {
	onItsWay := e.File != nil && e.File.State == Bringing
	if err := s.letGo(*e, e.Kind == Outgoing); err != nil {
		return err
	}
	*e = Entry{Seq: e.Seq, Kind: e.Kind, Peer: e.Peer, Device: e.Device, ID: e.ID, At: e.At, Sent: e.Sent, State: e.State, Group: e.Group,
		Phone: e.Phone, Timer: e.Timer, Ends: e.Ends, Said: e.Said, Deleted: true}
	unsent, err := s.unsay(e.Said)
	if err != nil {
		return err
	}
	if (unsent || onItsWay) && (e.State == Waiting || e.State == Held) {
		e.State, e.Why = Failed, "taken back before it was sent"
	}
	e.Said = 0
	return nil
}

// unsay drops a content and its envelopes that have not left.
func (s *state) unsay(n uint64) (unsent bool, err error) {
	if n == 0 {
		return false, nil
	}
	all, err := rows(s)
	if err != nil {
		return false, err
	}
	for _, r := range all {
		if r.Said != n {
			continue
		}
		unsent = true
		if err := s.Delete(BucketOutbox, number(r.Ref)); err != nil {
			return unsent, err
		}
	}
	return unsent, s.Delete(BucketSaid, number(n))
}

// putOff keeps a change until its message comes.
func (s *state) putOff(from, with wire.AccountID, r Ref, m content.Content) error {
	key := seenKey(r.Author, r.ID)
	mine, err := s.List(BucketLater, Range{Prefix: key, Limit: laterAMess})
	if err != nil || len(mine) == laterAMess {
		return err
	}
	all, err := s.List(BucketLater, Range{Limit: laterPeople})
	if err != nil || len(all) == laterPeople {
		return err
	}
	n, err := next(s, "later")
	if err != nil {
		return err
	}
	raw, err := content.Encode(m)
	if err != nil {
		return err
	}
	return save(s, BucketLater, append(key, number(n)...), later{From: from, With: with, Content: raw, Taken: s.c.clock.Now().Unix()})
}

// catchUp applies what waited for a message that has come.
func (s *state) catchUp(author wire.AccountID, id MessageID) error {
	waited, err := s.List(BucketLater, Range{Prefix: seenKey(author, id)})
	if err != nil {
		return err
	}
	for _, p := range waited {
		var l later
		if err := wire.Unmarshal(p.Value, &l); err != nil {
			return err
		}
		if err := s.Delete(BucketLater, bytes.Clone(p.Key)); err != nil {
			return err
		}
		m, err := content.Decode(l.Content)
		if err != nil {
			return err
		}
		if err := s.change(l.From, l.With, m); err != nil {
			return err
		}
	}
	return nil
}
