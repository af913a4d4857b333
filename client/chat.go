package client

import (
	"context"

	"letterlock/client/internal/content"
	"letterlock/internal/fault"
	"letterlock/wire"
)

// chat is what holds for the conversation with one correspondent.
type chat struct {
	Wrote   bool           `cbor:"wrote,omitempty"` // this person has written to them
	Timer   uint32         `cbor:"timer,omitempty"` // seconds after which new messages disappear; 0: never
	TimerAt int64          `cbor:"timer_at,omitempty"`
	TimerBy wire.AccountID `cbor:"timer_by"`
	Blocked bool           `cbor:"blocked,omitempty"` // they are shown nothing of this person
}

func (s *state) chat(id wire.AccountID) (chat, error) {
	c, _, err := load[chat](s, BucketChat, id[:])
	return c, err
}

// wrote notes that this person writes to somebody: from now on they get
// receipts.
func (s *state) wrote(id wire.AccountID) (chat, error) {
	c, err := s.chat(id)
	if err != nil || c.Wrote {
		return c, err
	}
	c.Wrote = true
	return c, save(s, BucketChat, id[:], c)
}

// writes is wrote for what is written on this device: from now on they may see
// this person's card.
func (s *state) writes(id wire.AccountID) (chat, error) {
	before, err := s.chat(id)
	if err != nil {
		return before, err
	}
	if !before.Wrote {
		if err := s.Put(BucketShow, id[:], nil); err != nil {
			return before, err
		}
	}
	return s.wrote(id)
}

// Choices are what a person lets others see. The zero value is the default.
type Choices struct {
	HideDelivered bool `cbor:"hide_delivered,omitempty" json:"hide_delivered"` // nobody is told that a message is on this device
	HideRead      bool `cbor:"hide_read,omitempty" json:"hide_read"`           // nobody is told that a message was shown
	HideInGroups  bool `cbor:"hide_in_groups,omitempty" json:"hide_in_groups"` // neither of both is told within groups
	AskContacts   bool `cbor:"ask_contacts,omitempty" json:"ask_contacts"`     // the carrier is asked who of the contacts is here
	HideWriting   bool `cbor:"hide_writing,omitempty" json:"hide_writing"`     // nobody is told that this person is writing
	ShowOnline    bool `cbor:"show_online,omitempty" json:"show_online"`       // people to whom this person wrote see when they are here
}

var choiceKey = []byte("choices")

// Choices returns what the person chose.
func (c *Client) Choices(ctx context.Context) (out Choices, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		out, _, err = load[Choices](tx, BucketChoice, choiceKey)
		return err
	})
	return out, err
}

// Choose replaces what the person chose. Who hides something does not see it of
// others either.
func (c *Client) Choose(ctx context.Context, n Choices) error {
	was, err := c.Choices(ctx)
	if err != nil {
		return err
	}
	if _, err = c.update(ctx, func(s *state) error { return save(s, BucketChoice, choiceKey, n) }); err != nil {
		return err
	}
	if _, err := c.update(ctx, func(s *state) error { return s.share(shared{Choices: &n}) }); err != nil {
		return err
	}
	c.stir()
	if was.ShowOnline && !n.ShowOnline {
		c.show(sign{body: &content.Presence{}, last: true})
	}
	return nil
}

// MaxTimer is the longest time, in seconds, after which messages disappear.
const MaxTimer = content.MaxTimer

// SetTimer makes new messages of a conversation disappear, on both sides, so
// many seconds after they were shown; 0 lets them stay. What was written before
// stays as it was.
func (c *Client) SetTimer(ctx context.Context, phone string, seconds uint32) error {
	if seconds > MaxTimer {
		return fault.New(fault.Invalid, "set a timer", "messages disappear after a year at most")
	}
	_, k, err := c.contact(ctx, phone)
	if err != nil {
		return err
	}
	me, err := c.self(ctx)
	if err != nil {
		return err
	}
	changed, err := c.update(ctx, func(s *state) error {
		now := s.c.nowMilli()
		if _, err := s.setTimer(k.Account, me.Account, seconds, now, now); err != nil {
			return err
		}
		return s.sayHere(k.Account, &content.Timer{Seconds: seconds})
	})
	if err != nil {
		return err
	}
	c.tell(changed...)
	c.stir()
	return nil
}

// Timer is after how many seconds new messages with somebody, or in a group,
// disappear.
func (c *Client) Timer(ctx context.Context, with [16]byte) (seconds uint32, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		g, found, err := load[groupRecord](tx, BucketGroup, with[:])
		if err != nil || found {
			seconds = g.State.Timer
			return err
		}
		k, _, err := load[chat](tx, BucketChat, with[:])
		seconds = k.Timer
		return err
	})
	return seconds, err
}

func (s *state) timerFrom(from, with wire.AccountID, m content.Content, b *content.Timer) error {
	_, err := s.setTimer(with, from, b.Seconds, m.Sent, s.c.nowMilli())
	return err
}

// setTimer follows the latest wish; of two at the same moment, that of the
// greater account, so that both sides come to the same.
func (s *state) setTimer(with, by wire.AccountID, seconds uint32, sent, at int64) (bool, error) {
	k, err := s.chat(with)
	if err != nil || sent < k.TimerAt || (sent == k.TimerAt && string(by[:]) < string(k.TimerBy[:])) {
		return false, err
	}
	k.Timer, k.TimerAt, k.TimerBy = seconds, sent, by
	if err := save(s, BucketChat, with[:], k); err != nil {
		return false, err
	}
	_, err = s.add(Entry{Kind: TimerSet, Peer: with, At: at, Sent: sent, Timer: seconds, Own: by != with})
	return true, err
}
