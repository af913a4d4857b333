package client

import (
	"context"
	"encoding/hex"
	"slices"

	"letterlock/client/internal/content"
	"letterlock/wire"
)

// MessageID names a message together with its sender's account.
type MessageID = content.ID

// MessageIDText is the hexadecimal form.
func MessageIDText(id MessageID) string { return hex.EncodeToString(id[:]) }

// EntryKind says what an entry of the journal is.
type EntryKind string

// The kinds.
const (
	Incoming       EntryKind = "message"          // somebody wrote
	Outgoing       EntryKind = "sent"             // this person wrote
	Unknown        EntryKind = "unknown"          // opened, but of a kind that this program does not know: update to see this
	Unopened       EntryKind = "unopened"         // could not be opened
	KeyChanged     EntryKind = "safety-number"    // the safety number with somebody is another one
	ServiceNotice  EntryKind = "notice"           // the service speaks, signed
	NoticeRejected EntryKind = "notice-discarded" // something that pretended to be a service notice
	GroupChanged   EntryKind = "group"            // Event says what happened to the group
	TimerSet       EntryKind = "timer"            // messages of the conversation disappear after Timer seconds, or stay
	DevicesChanged EntryKind = "devices"          // Why says what changed about somebody's devices
	ServerDoubt    EntryKind = "doubt"            // the server shows something of somebody that cannot be true: Why
	NumberChanged  EntryKind = "number"           // somebody has another number: Phone
	StatusUpdate   EntryKind = "status"           // what somebody shows for a day, outside every conversation
	CardPhoto      EntryKind = "photo"            // own: a copy of the profile photo on its way to To
	CardShown      EntryKind = "profile"          // told only: what Peer shows of themselves changed
	Gone           EntryKind = "gone"             // told only: the entry of this number is no longer here
)

// State is how far an outgoing message has come.
type State string

// The states. Waiting may become any other; Held becomes Waiting when the
// person accepts the new safety number.
const (
	Waiting State = "waiting" // in the outbox
	Sent    State = "sent"    // the carrier, or the recipient's device, has it
	Held    State = "held"    // the safety number changed: the person must say
	Failed  State = "failed"  // Why says why; it will not be tried again
)

// Entry is one line of what happened, as the person sees it. What others do to
// a message later (edits, reactions, receipts, its end) changes it in place.
type Entry struct {
	Seq    uint64         `cbor:"seq"`
	Kind   EntryKind      `cbor:"kind"`
	Peer   wire.AccountID `cbor:"peer"` // the other person; zero for the service, and for what this person writes to a group
	Device wire.DeviceID  `cbor:"device,omitempty"`
	ID     MessageID      `cbor:"id"`
	At     int64          `cbor:"at"`             // incoming: when the carrier took it; outgoing: when it was written (Unix ms)
	Sent   int64          `cbor:"sent,omitempty"` // by the sender's clock (Unix ms)
	Text   string         `cbor:"text,omitempty"`
	State  State          `cbor:"state,omitempty"`
	Why    string         `cbor:"why,omitempty"`    // for people
	Copies int            `cbor:"copies,omitempty"` // outgoing: devices that do not have it yet
	Notice *wire.Notice   `cbor:"notice,omitempty"`
	Phone  string         `cbor:"phone,omitempty"` // outgoing and KeyChanged: the number as it was dialled

	Style      []Span           `cbor:"style,omitempty"`
	Reply      *Ref             `cbor:"reply,omitempty"`  // what it answers
	Edited     int64            `cbor:"edited,omitempty"` // by the author's clock (Unix ms)
	Deleted    bool             `cbor:"deleted,omitempty"`
	Reactions  []Reaction       `cbor:"reactions,omitempty"`
	Delivered  int64            `cbor:"delivered,omitempty"`  // outgoing: the other side says (Unix ms)
	Read       int64            `cbor:"read,omitempty"`       // the same
	Marks      []Mark           `cbor:"marks,omitempty"`      // outgoing, to a group: what its members say
	Recipients int              `cbor:"recipients,omitempty"` // the same: the members to whom it was sent; 0: too many to tell
	Timer      uint32           `cbor:"timer,omitempty"`      // seconds for which it may be kept
	Ends       int64            `cbor:"ends,omitempty"`       // when it disappears (Unix ms); 0: not yet known, or never
	Said       uint64           `cbor:"said,omitempty"`       // outgoing: what carries it
	Own        bool             `cbor:"own,omitempty"`        // TimerSet, GroupChanged: by this person
	Group      GroupID          `cbor:"group,omitempty"`
	Event      *Event           `cbor:"event,omitempty"`
	Place      *Place           `cbor:"place,omitempty"`
	To         []wire.AccountID `cbor:"to,omitempty"`   // StatusUpdate, own: who is shown it
	File       *File            `cbor:"file,omitempty"` // Incoming and Outgoing: Text is its caption
}

// talk is the conversation that an entry belongs to: an account or a group.
func (e Entry) talk() (id [16]byte) {
	if !e.Group.IsZero() {
		return e.Group
	}
	return e.Peer
}

// over reports whether a message should have disappeared.
func (e Entry) over(now int64) bool { return e.Ends != 0 && e.Ends <= now }

// Reaction is one person's emoji at a message.
type Reaction struct {
	By    wire.AccountID `cbor:"by"`
	Emoji string         `cbor:"emoji"`
	At    int64          `cbor:"at"` // by their clock (Unix ms)
}

// react puts a reaction in the place of the same person's former one, unless
// that is newer.
func (e *Entry) react(r Reaction) {
	at := slices.IndexFunc(e.Reactions, func(have Reaction) bool { return have.By == r.By })
	switch {
	case at >= 0 && e.Reactions[at].At > r.At:
	case at >= 0:
		e.Reactions[at] = r // one that was taken back stays, empty, so that an older one does not come back
	default:
		e.Reactions = append(e.Reactions, r)
	}
}

// add writes a new entry and marks it unread unless the person made it.
func (s *state) add(e Entry) (Entry, error) {
	seq, err := next(s, "journal")
	if err != nil {
		return e, err
	}
	e.Seq = seq
	key := number(seq)
	if err := s.put(e); err != nil {
		return e, err
	}
	if e.Kind != Outgoing && !e.Own {
		if err := s.Put(BucketUnread, key, nil); err != nil {
			return e, err
		}
	}
	if e.talk() == [16]byte{} || e.Kind == StatusUpdate {
		return e, nil
	}
	return e, s.indexTalk(e)
}

// A conversation is in one order for everybody in it: by when its messages were
// sent, by their authors' clocks, and among those of one moment by author and
// id. An author's clock never stands behind what they answer (sentNow), so that
// an answer comes after its question, on every device. What only this device
// noticed stands where it was noticed.
func (s *state) talkKey(e Entry) ([]byte, error) {
	author, at := e.Peer, e.Sent
	switch {
	case e.Kind == Outgoing:
		me, err := s.me()
		if err != nil {
			return nil, err
		}
		author = me.Account
	case at == 0:
		at = e.At
	}
	id := e.talk()
	key := append(id[:], number(uint64(at))...)
	return append(append(append(key, author[:]...), e.ID[:]...), number(e.Seq)...), nil
}

// inTalk is the number of the entry at a key of BucketTalk.
func inTalk(key []byte) []byte { return key[len(key)-8:] }

func (s *state) indexTalk(e Entry) error {
	key, err := s.talkKey(e)
	if err != nil {
		return err
	}
	return s.Put(BucketTalk, key, number(e.Seq))
}

// maxAhead is how far another's clock may be ahead and still be followed.
const maxAhead = 24 * 3600 * 1000 // milliseconds

// sentNow is the time of a message that is written now: after everything of the
// conversation that is here.
func (s *state) sentNow(talk [16]byte) (int64, error) {
	now := s.c.nowMilli()
	last, err := s.List(BucketTalk, Range{Prefix: talk[:], After: append(talk[:], number(uint64(now+maxAhead))...), Reverse: true, Limit: 1})
	if err != nil || len(last) == 0 {
		return now, err
	}
	return max(now, int64(parseNumber(last[0].Key[16:24]))+1), nil
}

// put writes an entry and remembers to tell of it.
func (s *state) put(e Entry) error {
	s.changed = append(s.changed, e)
	return save(s, BucketJournal, number(e.Seq), e)
}

func (s *state) entry(seq uint64) (Entry, bool, error) {
	return load[Entry](s, BucketJournal, number(seq))
}

// Unread returns what was not yet marked as shown, oldest first, of the
// conversation with an account or of a group. Zero means everybody and the
// service.
func (c *Client) Unread(ctx context.Context, of [16]byte) (out []Entry, err error) {
	now := c.nowMilli()
	err = c.store.View(ctx, func(tx Tx) error {
		out = nil
		pairs, err := tx.List(BucketUnread, Range{})
		if err != nil {
			return err
		}
		for _, p := range pairs {
			e, found, err := load[Entry](tx, BucketJournal, p.Key)
			if err != nil {
				return err
			}
			if found && e.unreadIn(of) && !e.over(now) {
				out = append(out, e)
			}
		}
		return nil
	})
	return out, err
}

// unreadIn says whether an entry counts as unread in a conversation; a status
// stands in none.
func (e Entry) unreadIn(of [16]byte) bool {
	return of == [16]byte{} || (e.talk() == of && e.Kind != StatusUpdate)
}

// Shown records that the person has seen these entries: their authors are told
// if the person chose so, and what disappears begins to.
func (c *Client) Shown(ctx context.Context, entries ...Entry) error {
	if len(entries) == 0 {
		return nil
	}
	changed, err := c.update(ctx, func(s *state) error {
		var refs []Ref
		for _, e := range entries {
			now, err := s.shown(e.Seq, true)
			if err != nil {
				return err
			}
			if now.Kind == Incoming || now.Kind == Unknown {
				refs = append(refs, Ref{Author: now.Peer, ID: now.ID})
			}
		}
		if err := s.tellSeen(refs); err != nil {
			return err
		}
		return s.dueReceipts()
	})
	if err != nil {
		return err
	}
	c.tell(changed...)
	c.stir()
	return nil
}

// shown marks an entry as seen, here or on another device of this person, and
// returns it if it was news.
func (s *state) shown(seq uint64, here bool) (e Entry, err error) {
	unread, err := s.Get(BucketUnread, number(seq))
	if err != nil || unread == nil {
		return e, err
	}
	if err := s.Delete(BucketUnread, number(seq)); err != nil {
		return e, err
	}
	e, found, err := s.entry(seq)
	if err != nil || !found || e.Kind != Incoming {
		return e, err
	}
	if here {
		if err := s.owe(e, owedRead); err != nil {
			return e, err
		}
	}
	if e.Timer == 0 || e.Ends != 0 {
		return e, nil
	}
	e.Ends = s.c.nowMilli() + int64(e.Timer)*1000
	if err := s.ends(e); err != nil {
		return e, err
	}
	return e, s.put(e)
}

// Talk returns the last entries of the conversation with an account or of a
// group, oldest first; limit 0 means all.
func (c *Client) Talk(ctx context.Context, with [16]byte, limit int) (out []Entry, err error) {
	now := c.nowMilli()
	err = c.store.View(ctx, func(tx Tx) error {
		out = nil
		pairs, err := tx.List(BucketTalk, Range{Prefix: with[:], Limit: limit, Reverse: true})
		if err != nil {
			return err
		}
		for i := len(pairs) - 1; i >= 0; i-- {
			e, found, err := load[Entry](tx, BucketJournal, pairs[i].Value)
			if err != nil {
				return err
			}
			if found && !e.over(now) {
				out = append(out, e)
			}
		}
		return nil
	})
	return out, err
}

// Journal returns every entry of the kinds, oldest first; no kind means all.
func (c *Client) Journal(ctx context.Context, kinds ...EntryKind) (out []Entry, err error) {
	now := c.nowMilli()
	err = c.store.View(ctx, func(tx Tx) error {
		out = nil
		pairs, err := tx.List(BucketJournal, Range{})
		if err != nil {
			return err
		}
		for _, p := range pairs {
			var e Entry
			if err := wire.Unmarshal(p.Value, &e); err != nil {
				return err
			}
			if (len(kinds) == 0 || slices.Contains(kinds, e.Kind)) && !e.over(now) {
				out = append(out, e)
			}
		}
		return nil
	})
	return out, err
}

// Entry reads one entry as it stands now.
func (c *Client) Entry(ctx context.Context, seq uint64) (e Entry, found bool, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		e, found, err = load[Entry](tx, BucketJournal, number(seq))
		return err
	})
	if e.over(c.nowMilli()) {
		return Entry{}, false, err
	}
	return e, found, err
}

// Named finds the message that a Ref names, if it is here.
func (c *Client) Named(ctx context.Context, r Ref) (e Entry, found bool, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		raw, err := tx.Get(BucketSeen, seenKey(r.Author, r.ID))
		if err != nil || parseNumber(raw) == 0 {
			return err
		}
		e, found, err = load[Entry](tx, BucketJournal, raw)
		return err
	})
	if e.over(c.nowMilli()) {
		return Entry{}, false, err
	}
	return e, found, err
}
