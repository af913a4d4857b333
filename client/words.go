package client

import (
	"context"
	"errors"
	"slices"
	"time"

	"letterlock/client/internal/content"
	"letterlock/internal/fault"
	"letterlock/wire"
)

// Span is a part of a text that looks otherwise, or names a person.
type Span = content.Span

// Ref names a message by its author's account and its id.
type Ref = content.Ref

// Look is how a Span is shown.
type Look = content.Look

// The looks of a Span.
const (
	Bold    = content.Bold
	Italic  = content.Italic
	Strike  = content.Strike
	Mono    = content.Mono
	Spoiler = content.Spoiler
	Mention = content.Mention
)

// Words are what somebody writes.
type Words struct {
	Text  string
	Style []Span
	Reply uint64 // the entry that it answers; 0: none
}

// said is one content that this person sends, to one device or many. It is
// kept for as long as a device may ask for it again.
type said struct {
	Content []byte `cbor:"content"` // encoded, not padded
	At      int64  `cbor:"at"`      // Unix seconds
	Light   bool   `cbor:"light,omitempty"`
	Sealed  []byte `cbor:"sealed,omitempty"` // to a group, once for all
}

// life is for how many seconds it is kept beyond its envelopes.
func (x said) life() int64 {
	if x.Light {
		return 0
	}
	return sentKept
}

// keep stores a content of this moment under a new id.
func (s *state) keep(b content.Body, in GroupID, light bool) (uint64, error) {
	return s.keepAs(content.New(newMessageID(), s.c.nowMilli(), b).In(in), light)
}

func (s *state) keepAs(m content.Content, light bool) (uint64, error) {
	raw, err := content.Encode(m)
	if err != nil {
		return 0, err
	}
	n, err := next(s, "said")
	if err != nil {
		return 0, err
	}
	return n, save(s, BucketSaid, number(n), said{Content: raw, At: s.c.clock.Now().Unix(), Light: light})
}

// unsayLight forgets a content that is not kept beyond its last envelope.
func (s *state) unsayLight(n uint64) error {
	waiting, err := rows(s)
	if err != nil || slices.ContainsFunc(waiting, func(r row) bool { return r.Said == n }) {
		return err
	}
	return s.Delete(BucketSaid, number(n))
}

// pruneSaid forgets what nobody may ask for any more and no envelope carries.
func (s *state) pruneSaid(now int64) error {
	waiting, err := rows(s)
	if err != nil {
		return err
	}
	all, err := s.List(BucketSaid, Range{})
	if err != nil {
		return err
	}
	for _, p := range all {
		var x said
		if err := wire.Unmarshal(p.Value, &x); err != nil {
			return err
		}
		used := slices.ContainsFunc(waiting, func(r row) bool { return r.Said == parseNumber(p.Key) })
		if used || (!x.Light && now-x.At <= x.life()) {
			continue
		}
		if err := s.Delete(BucketSaid, p.Key); err != nil {
			return err
		}
	}
	return nil
}

// Send takes a text into the outbox. When it returns, the message will be sent
// by this start of the program or a later one; Run or Flush does it.
func (c *Client) Send(ctx context.Context, phone, text string) (Entry, error) {
	return c.Write(ctx, phone, Words{Text: text})
}

// Write is Send with style, and as an answer to another message.
func (c *Client) Write(ctx context.Context, phone string, w Words) (Entry, error) {
	text, err := c.text(ctx, w)
	if err != nil {
		return Entry{}, err
	}
	return c.compose(ctx, phone, w, Entry{}, text, text)
}

// text is what somebody wrote, as it is sent.
func (c *Client) text(ctx context.Context, w Words) (*content.Text, error) {
	me, err := c.self(ctx)
	if err != nil {
		return nil, err
	}
	text := &content.Text{Text: w.Text, Phone: me.Phone, Style: w.Style}
	return text, checkWords(text)
}

// addressee is somebody else, by their number.
func (c *Client) addressee(ctx context.Context, number string) (phone string, k contact, err error) {
	if phone, err = Phone(number); err != nil {
		return phone, k, err
	}
	me, err := c.self(ctx)
	if err != nil {
		return phone, k, err
	}
	if k, err = c.resolve(ctx, phone); err == nil && k.Account == me.Account {
		err = fault.New(fault.Invalid, "send", "this is your own number")
	}
	return phone, k, err
}

// compose takes a message into the outbox. caption is the text within body.
func (c *Client) compose(ctx context.Context, phone string, w Words, e Entry, caption *content.Text, body content.Body) (Entry, error) {
	me, err := c.self(ctx)
	if err != nil {
		return Entry{}, err
	}
	phone, k, err := c.addressee(ctx, phone)
	if err != nil {
		return Entry{}, err
	}
	e.Kind, e.ID, e.Phone, e.At, e.Text, e.Style, e.State = Outgoing, newMessageID(), phone, c.nowMilli(), w.Text, w.Style, Waiting
	changed, err := c.update(ctx, func(s *state) (err error) {
		if caption.Reply, err = s.answered(w.Reply, k.Account, me.Account); err != nil {
			return err
		}
		e, err = s.accept(e, caption, body)
		return err
	})
	if err != nil {
		return Entry{}, err
	}
	c.tell(changed...)
	c.stir()
	if err := c.showDue(ctx); err != nil {
		c.log.Warn("show one's profile later", "err", err)
	}
	return e, nil
}

// checkWords says in a person's terms what is wrong with a text.
func checkWords(t *content.Text) error {
	_, err := content.Encode(content.New(content.ID{1}, 0, t))
	if err == nil {
		return nil
	}
	if t.Text != "" && len(t.Text) <= content.MaxText && t.Style != nil {
		return fault.Wrap(fault.Invalid, "send", err, "a styled part lies outside the text, cuts a character or names nobody")
	}
	return fault.Wrap(fault.Invalid, "send", err, "a message has 1 to %d bytes of text", content.MaxText)
}

func newMessageID() (id MessageID) {
	copy(id[:], randomBytes(len(id)))
	return id
}

// answered names the entry that a message of this conversation answers.
func (s *state) answered(seq uint64, with [16]byte, me wire.AccountID) (*Ref, error) {
	if seq == 0 {
		return nil, nil
	}
	e, err := s.message(seq)
	if err != nil {
		return nil, err
	}
	if e.talk() != with {
		return nil, fault.New(fault.Invalid, "reply", "the message that you answer is of another conversation")
	}
	r := e.ref(me)
	return &r, nil
}

// ref names the entry's message.
func (e Entry) ref(me wire.AccountID) Ref {
	if e.Kind == Outgoing {
		return Ref{Author: me, ID: e.ID}
	}
	return Ref{Author: e.Peer, ID: e.ID}
}

// message reads an entry that somebody wrote and that is still here.
func (s *state) message(seq uint64) (Entry, error) {
	e, found, err := s.entry(seq)
	switch {
	case err != nil:
		return e, err
	case !found || e.over(s.c.nowMilli()) || (e.Kind != Incoming && e.Kind != Outgoing):
		return e, fault.New(fault.NotFound, "find a message", "there is no such message here (any more)")
	case e.Deleted:
		return e, fault.New(fault.Conflict, "find a message", "this message was deleted")
	}
	return e, nil
}

// accept writes the entry and a draft for each device, held if the number's
// safety number waits for the person's word.
func (s *state) accept(e Entry, text *content.Text, body content.Body) (Entry, error) {
	k, found, err := load[contact](s, BucketContact, []byte(e.Phone))
	if err != nil || !found {
		return e, errors.Join(err, errMissing(found, "contact"))
	}
	chat, err := s.writes(k.Account)
	if err != nil {
		return e, err
	}
	text.Timer = chat.Timer
	me, err := s.me()
	if err != nil {
		return e, err
	}
	to := target{account: k.Account, phone: e.Phone, held: k.Offered != nil}
	if to.devices, err = s.numbers(k.Account); err != nil {
		return e, err
	}
	e.Peer, e.Copies, e.Reply, e.Timer = k.Account, len(to.devices), text.Reply, chat.Timer
	if to.held, err = s.held(to); err != nil {
		return e, err
	}
	if to.held {
		e.State, e.Why = Held, sayHeld
	}
	if e, err = s.written(e, body, me.Account); err != nil {
		return e, err
	}
	if err := s.address(to, row{Said: e.Said, Entry: e.Seq}); err != nil {
		return e, err
	}
	return e, s.mirror(e.Peer, e.Phone, e.Said)
}

// written files an own message.
func (s *state) written(e Entry, b content.Body, me wire.AccountID) (_ Entry, err error) {
	if e.Sent, err = s.sentNow(e.talk()); err != nil {
		return e, err
	}
	if e.Recipients, err = s.spoke(e.Group); err != nil {
		return e, err
	}
	if e.Timer != 0 {
		e.Ends = e.At + int64(e.Timer)*1000
	}
	if e.Said, err = s.keepAs(content.New(e.ID, e.Sent, b).In(e.Group), false); err != nil {
		return e, err
	}
	if e, err = s.add(e); err != nil {
		return e, err
	}
	if err := s.Put(BucketSeen, seenKey(me, e.ID), number(e.Seq)); err != nil {
		return e, err
	}
	return e, s.ends(e)
}

// target is where a content goes: every device of a correspondent.
type target struct {
	account wire.AccountID
	devices []wire.DeviceID
	phone   string // "": known by their envelopes only
	held    bool
}

// reach finds the devices of somebody with whom this person is in a
// conversation: those that their own list names.
func (s *state) reach(id wire.AccountID) (target, error) {
	t := target{account: id}
	k, found, err := load[known](s, BucketKnown, id[:])
	if err != nil {
		return t, err
	}
	if found {
		at, _, err := load[contact](s, BucketContact, []byte(k.Phone))
		if err != nil {
			return t, err
		}
		if at.Account == id {
			t.phone, t.held = k.Phone, at.Offered != nil
		}
	}
	if t.devices, err = s.numbers(id); err != nil {
		return t, err
	}
	t.held, err = s.held(t)
	return t, err
}

// held reports whether an identity key of the target waits for the person.
func (s *state) held(t target) (bool, error) {
	p, _, err := s.peer(wire.At(t.account, wire.Primary))
	return t.held || p.Offered != nil, err
}

// address queues one draft for each device.
func (s *state) address(t target, r row) error {
	if t.held && r.Light {
		return nil
	}
	if err := s.tellDevices(t); err != nil {
		return err
	}
	for _, d := range t.devices {
		r.To, r.Phone, r.Held = wire.At(t.account, d), t.phone, t.held
		if err := s.queue(r); err != nil {
			return err
		}
	}
	return nil
}

// EditTime is for how long one's own message can be given another text, and
// DeleteTime for how long it can be taken away from others.
const (
	EditTime   = 24 * time.Hour
	DeleteTime = 48 * time.Hour
)

// Edit puts another text in the place of an own one, everywhere.
func (c *Client) Edit(ctx context.Context, seq uint64, w Words) (Entry, error) {
	if err := checkWords(&content.Text{Text: w.Text, Style: w.Style, Phone: "+000"}); err != nil {
		return Entry{}, err
	}
	return c.alter(ctx, seq, func(s *state, e *Entry) (content.Body, error) {
		if err := mine(*e, "edit", s.c.nowMilli(), EditTime); err != nil {
			return nil, err
		}
		e.Text, e.Style, e.Edited = w.Text, w.Style, s.c.nowMilli()
		return &content.Edit{Target: e.ID, Text: w.Text, Style: w.Style}, nil
	})
}

// Unsend takes an own message away from everybody, and from here. Who has seen
// it has seen it.
func (c *Client) Unsend(ctx context.Context, seq uint64) (Entry, error) {
	return c.alter(ctx, seq, func(s *state, e *Entry) (content.Body, error) {
		if err := mine(*e, "unsend", s.c.nowMilli(), DeleteTime); err != nil {
			return nil, err
		}
		return &content.Delete{Target: e.ID}, s.wipe(e)
	})
}

// React puts an emoji at a message, in the place of this person's former one;
// "" takes it back.
func (c *Client) React(ctx context.Context, seq uint64, emoji string) (Entry, error) {
	me, err := c.self(ctx)
	if err != nil {
		return Entry{}, err
	}
	return c.alter(ctx, seq, func(s *state, e *Entry) (content.Body, error) {
		b := &content.Reaction{Target: e.ref(me.Account), Emoji: emoji}
		if _, err := content.Encode(content.New(content.ID{1}, 0, b)); err != nil {
			return nil, fault.Wrap(fault.Invalid, "react", err, "a reaction is one emoji")
		}
		e.react(Reaction{By: me.Account, Emoji: emoji, At: s.c.nowMilli()})
		return b, nil
	})
}

func mine(e Entry, op string, now int64, within time.Duration) error {
	switch {
	case e.Kind != Outgoing:
		return fault.New(fault.Forbidden, op, "only the person who wrote a message can change it")
	case now-e.Sent > within.Milliseconds():
		return fault.New(fault.Conflict, op, "this message is too old for that: it can be done for %d hours", int(within.Hours()))
	}
	return nil
}

// alter changes an entry here and tells the other side.
func (c *Client) alter(ctx context.Context, seq uint64, f func(*state, *Entry) (content.Body, error)) (e Entry, err error) {
	changed, err := c.local(ctx, func(s *state) error {
		if e, err = s.message(seq); err != nil {
			return err
		}
		b, err := f(s, &e)
		if err != nil {
			return err
		}
		if err := s.put(e); err != nil {
			return err
		}
		if !e.Group.IsZero() {
			return s.sayGroup(e.Group, b)
		}
		return s.sayHere(e.Peer, b)
	})
	if err != nil {
		return Entry{}, err
	}
	c.tell(changed...)
	c.stir()
	return e, nil
}

// say sends a content that is no message of its own to one person, in the
// conversation with them or about a group.
func (s *state) say(to wire.AccountID, b content.Body, in GroupID, light bool) error {
	t, err := s.reach(to)
	if err != nil || len(t.devices) == 0 {
		return err
	}
	n, err := s.keep(b, in, light)
	if err != nil {
		return err
	}
	return s.address(t, row{Said: n, Light: light})
}

// sayHere is say in the conversation between the two, in which this person's
// other devices take part.
func (s *state) sayHere(to wire.AccountID, b content.Body) error {
	t, err := s.reach(to)
	if err != nil {
		return err
	}
	n, err := s.keep(b, GroupID{}, false)
	if err != nil {
		return err
	}
	if err := s.address(t, row{Said: n}); err != nil {
		return err
	}
	return s.mirror(to, t.phone, n)
}
