package client

import (
	"context"
	"time"

	"letterlock/client/internal/content"
	"letterlock/internal/fault"
	"letterlock/wire"
)

// Spot is a point on the earth.
type Spot = content.Spot

// Place is where the author of a message said to be, last.
type Place struct {
	Spot  Spot  `cbor:"spot"`
	At    int64 `cbor:"at"`              // when, by their clock (Unix ms)
	Until int64 `cbor:"until,omitempty"` // when they stop saying so by themselves; 0: it was once
	Ended bool  `cbor:"ended,omitempty"` // they stopped before
	Kept  int64 `cbor:"kept,omitempty"`  // own: when it was last sent to who may be away
}

// Live reports whether the place still follows its author.
func (p *Place) Live(now int64) bool { return p != nil && !p.Ended && now < p.Until }

func placeOf(b *content.Place, sent int64) *Place {
	until := b.Until
	if until > sent+content.MaxLive {
		until = sent + content.MaxLive
	}
	return &Place{Spot: b.Spot, At: sent, Until: until}
}

// step follows the author. What is older than what is known, or comes after the
// end, changes nothing.
func (p *Place) step(b *content.Step, sent int64) bool {
	if !p.Live(sent) || sent <= p.At {
		return false
	}
	p.Spot, p.At, p.Ended = b.Spot, sent, b.End
	return true
}

// keptEvery is how often a step is kept for who is away. Those who are here get
// each one, as a hint.
const keptEvery = 2 * time.Minute

// SendPlace says where this person is: once, or, with live, for so long. The
// text may be empty.
func (c *Client) SendPlace(ctx context.Context, phone string, at Spot, live time.Duration, w Words) (Entry, error) {
	e, body, err := c.place(ctx, at, live, w)
	if err != nil {
		return Entry{}, err
	}
	return c.compose(ctx, phone, w, e, &body.Caption, body)
}

// SendPlaceGroup is SendPlace to a group.
func (c *Client) SendPlaceGroup(ctx context.Context, id GroupID, at Spot, live time.Duration, w Words) (Entry, error) {
	e, body, err := c.place(ctx, at, live, w)
	if err != nil {
		return Entry{}, err
	}
	return c.composeGroup(ctx, id, w, e, &body.Caption, body)
}

func (c *Client) place(ctx context.Context, at Spot, live time.Duration, w Words) (e Entry, b *content.Place, err error) {
	me, err := c.self(ctx)
	if err != nil {
		return e, nil, err
	}
	if live < 0 || live > content.MaxLive*time.Millisecond {
		return e, nil, fault.New(fault.Invalid, "send a place", "a place follows you for 8 hours at most")
	}
	now := c.nowMilli()
	b = &content.Place{Spot: at, Caption: content.Text{Text: w.Text, Phone: me.Phone, Style: w.Style}}
	if live > 0 {
		b.Until = now + live.Milliseconds()
	}
	if _, err := content.Encode(content.New(content.ID{1}, 0, b)); err != nil {
		return e, nil, fault.Wrap(fault.Invalid, "send a place", err, "this is no place on the earth, or its text is too long: give latitude and longitude in degrees, such as 38.7223,-9.1393")
	}
	e.Place = placeOf(b, now)
	e.Place.Kept = now
	return e, b, nil
}

// MovePlace says where this person has come to. Those who are here see it at
// once; for the others it is kept now and again.
func (c *Client) MovePlace(ctx context.Context, seq uint64, to Spot) error {
	return c.stepPlace(ctx, seq, content.Step{Spot: to})
}

// EndPlace stops saying where this person is, before the time is over.
func (c *Client) EndPlace(ctx context.Context, seq uint64) error {
	return c.stepPlace(ctx, seq, content.Step{End: true})
}

func (c *Client) stepPlace(ctx context.Context, seq uint64, b content.Step) error {
	if _, err := content.Encode(content.New(content.ID{1}, 0, &content.Step{Target: content.ID{1}, Spot: b.Spot})); err != nil {
		return fault.Wrap(fault.Invalid, "move a place", err, "this is no place on the earth")
	}
	var with sign
	changed, err := c.local(ctx, func(s *state) error {
		with = sign{}
		e, err := s.message(seq)
		if err != nil {
			return err
		}
		now := s.c.nowMilli()
		if e.Kind != Outgoing || !e.Place.Live(now) {
			return fault.New(fault.Conflict, "move a place", "this place does not follow you (any more): send a new one")
		}
		if b.Target = e.ID; b.End {
			b.Spot = e.Place.Spot
		}
		kept := b.End || now-e.Place.Kept >= keptEvery.Milliseconds()
		e.Place.Spot, e.Place.At, e.Place.Ended = b.Spot, now, b.End
		if kept {
			e.Place.Kept = now
		}
		if err := s.put(e); err != nil {
			return err
		}
		if !kept {
			with = sign{to: []wire.AccountID{e.Peer}, in: GroupID(e.talk()), body: &b}
			return nil
		}
		if !e.Group.IsZero() {
			return s.sayGroup(e.Group, &b)
		}
		return s.sayHere(e.Peer, &b)
	})
	if err != nil {
		return err
	}
	c.tell(changed...)
	if with.body != nil {
		c.show(with)
	}
	c.stir()
	return nil
}
