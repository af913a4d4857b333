package client

import (
	"context"
	"errors"
	"sync"
	"time"

	"letterlock/client/internal/content"
	"letterlock/signal"
	"letterlock/wire"
)

// Signs are what people show of this very moment: that they are writing, that
// they are here. They are sealed like everything, go as hints, which the
// carrier hands over or drops, and are written down nowhere, here neither.

// Sign is what somebody shows.
type Sign struct {
	Peer  wire.AccountID
	Group GroupID // zero: in the conversation between two
	What  SignKind
}

// SignKind says what a sign is.
type SignKind string

// The kinds.
const (
	IsWriting   SignKind = "writing"
	HasStopped  SignKind = "stopped"
	IsHere      SignKind = "here"
	HasGoneAway SignKind = "away"
)

const (
	signFresh = 2 * time.Minute  // by the sender's clock; an older one is held back by somebody, or their clock is wrong
	heardFor  = 10 * time.Minute // for so long after a word of somebody they are taken to be here
	beat      = 4 * time.Minute  // between two signs of being here
	hereFor   = 6 * time.Minute  // for which one holds
	signAbout = 50               // people who are told that this person came
	signIn    = 32               // members of a group who are told that this person writes
)

// sign is one that this person shows.
type sign struct {
	to   []wire.AccountID
	in   GroupID
	body content.Body
	at   time.Time
	last bool            // shown although the person has just chosen not to
	done chan<- struct{} // closed when it was shown or dropped; nil: nobody waits
}

// near is who was heard of lately. It lives in memory only.
type near struct {
	mu sync.Mutex
	of map[wire.AccountID]nearby
}

type nearby struct {
	heard time.Time
	here  time.Time // zero: they left, or never showed it
}

// maxNear bounds the map: past it, everybody is forgotten.
const maxNear = 4096

func (n *near) set(id wire.AccountID, f func(*nearby)) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.of == nil || len(n.of) >= maxNear {
		n.of = map[wire.AccountID]nearby{}
	}
	v := n.of[id]
	f(&v)
	n.of[id] = v
}

func (n *near) get(id wire.AccountID) nearby {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.of[id]
}

func (n *near) heard(id wire.AccountID, at time.Time) {
	n.set(id, func(v *nearby) { v.heard = at })
}

// Near tells whether somebody shows that they are here, and when they last did
// so since this program started; the zero time: they never did. Who does not
// show it does not see it.
func (c *Client) Near(ctx context.Context, id wire.AccountID) (here bool, last time.Time, err error) {
	choices, err := c.Choices(ctx)
	if err != nil || !choices.ShowOnline {
		return false, time.Time{}, err
	}
	v := c.near.get(id)
	return !v.here.IsZero() && c.clock.Now().Sub(v.here) < hereFor, v.heard, nil
}

// Writing shows somebody, or a group, that this person is writing or has
// stopped, if they are here and the person does not hide it. It does not fail:
// a sign that cannot be shown now is none.
func (c *Client) Writing(with [16]byte, now bool) {
	c.show(sign{to: []wire.AccountID{with}, in: GroupID(with), body: &content.Typing{Started: now}})
}

// Away shows that this person leaves. Call it before a Run is ended.
func (c *Client) Away(ctx context.Context) {
	done := make(chan struct{})
	c.show(sign{body: &content.Presence{}, done: done})
	select {
	case <-done:
	case <-ctx.Done():
	}
}

func (c *Client) show(g sign) {
	g.at = c.clock.Now()
	select {
	case c.signs <- g:
	default:
		g.over()
	}
}

func (g sign) over() {
	if g.done != nil {
		close(g.done)
	}
}

// appear shows that this person is here, asks who else is, and goes on showing
// it for as long as the line lasts.
func (l *line) appear(ctx context.Context) error {
	choices, err := l.c.Choices(ctx)
	if err != nil || !choices.ShowOnline || l.shown {
		return err
	}
	l.shown = true
	go func() {
		for l.c.wait(ctx, beat) == nil {
			l.c.show(sign{body: &content.Presence{Here: true}})
		}
	}()
	return l.show(ctx, sign{body: &content.Presence{Here: true, Ask: true}, at: l.c.clock.Now()})
}

// show seals a sign for whoever may see it and is here. What cannot be sealed
// at once is dropped.
func (l *line) show(ctx context.Context, g sign) error {
	defer g.over()
	c := l.c
	if c.clock.Now().Sub(g.at) > 10*time.Second {
		return nil
	}
	to, err := c.signTo(ctx, &g)
	if err != nil {
		return err
	}
	for _, a := range to {
		h, err := c.sealHint(ctx, a, g)
		if errors.Is(err, errNoHint) {
			continue
		}
		if err != nil {
			return c.soft(err)
		}
		if err := l.write(ctx, h); err != nil {
			return err
		}
	}
	return nil
}

// signTo finds the devices that are shown a sign, by what the person chose.
func (c *Client) signTo(ctx context.Context, g *sign) (to []wire.Address, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		s := &state{Tx: tx, c: c}
		to = nil
		choices, _, err := load[Choices](tx, BucketChoice, choiceKey)
		if err != nil {
			return err
		}
		who, err := s.audience(g, choices)
		if err != nil {
			return err
		}
		for _, id := range who {
			t, err := s.reach(id)
			if err != nil {
				return err
			}
			if t.held {
				continue
			}
			for _, d := range t.devices {
				to = append(to, wire.At(id, d))
			}
		}
		return nil
	})
	return to, err
}

// audience are the accounts that are shown a sign.
func (s *state) audience(g *sign, choices Choices) (who []wire.AccountID, err error) {
	switch b := g.body.(type) {
	case *content.Typing:
		if choices.HideWriting {
			return nil, nil
		}
		return s.listeners(g)
	case *content.Step:
		return s.listeners(g)
	case *content.Presence:
		if !choices.ShowOnline && !g.last {
			return nil, nil
		}
		if g.to != nil {
			return s.only(g.to, 1, func(wire.AccountID) bool { return true })
		}
		all, err := s.List(BucketChat, Range{})
		if err != nil {
			return nil, err
		}
		for _, p := range all {
			who = append(who, wire.AccountID(p.Key))
		}
		return s.only(who, signAbout, func(id wire.AccountID) bool { return b.Ask || s.c.heardOf(id) })
	}
	return nil, nil
}

// listeners are those of a conversation who are here.
func (s *state) listeners(g *sign) (who []wire.AccountID, err error) {
	r, found, err := s.group(g.in)
	if err != nil {
		return nil, err
	}
	if !found {
		g.in = GroupID{}
		return s.only(g.to, 1, s.c.heardOf)
	}
	if r.Left {
		return nil, nil
	}
	for _, m := range r.State.Members {
		k, err := s.chat(m.Account)
		if err != nil {
			return nil, err
		}
		if !k.Blocked && s.c.heardOf(m.Account) && len(who) < signIn {
			who = append(who, m.Account)
		}
	}
	return who, nil
}

// only keeps the people to whom this person has written and whom they have not
// blocked, so that a stranger never learns when this device is on.
func (s *state) only(who []wire.AccountID, most int, also func(wire.AccountID) bool) (out []wire.AccountID, err error) {
	for _, id := range who {
		k, err := s.chat(id)
		if err != nil {
			return nil, err
		}
		if k.Wrote && !k.Blocked && also(id) && len(out) < most {
			out = append(out, id)
		}
	}
	return out, nil
}

func (c *Client) heardOf(id wire.AccountID) bool {
	h := c.near.get(id).heard
	return !h.IsZero() && c.clock.Now().Sub(h) < heardFor
}

// errNoHint: there is no session in which a hint can go.
var errNoHint = errors.New("no hint")

// sealHint seals a sign in a session that both sides have. One that only this
// side knows of would need an envelope that is kept.
func (c *Client) sealHint(ctx context.Context, to wire.Address, g sign) (h wire.Hint, err error) {
	plain, err := content.Seal(content.New(newMessageID(), c.nowMilli(), g.body).In(g.in))
	if err != nil {
		return h, err
	}
	_, err = c.withPeer(ctx, to, func(d *signal.Device, s *state) error {
		has, err := d.HasSessionTx(s, signalAddress(to))
		if err != nil || !has {
			return errors.Join(err, errNoHint)
		}
		m, err := d.EncryptTx(s, signalAddress(to), plain)
		if err != nil || wire.EnvelopeKind(m.Type) != wire.KindMessage || len(m.Body) > wire.MaxHint {
			return errNoHint // rolled back: nothing was used up
		}
		h = wire.Hint{To: to, Kind: wire.KindMessage, Body: m.Body}
		return nil
	})
	return h, err
}

// receiveHint opens a hint. One that does not open leaves no trace: anybody may
// send it, and nobody would send it again. What was sealed as more than a sign
// is taken in as what it is: a carrier cannot make a message vanish by handing
// it over as a hint.
func (c *Client) receiveHint(ctx context.Context, f wire.Hinted) error {
	if f.Kind != wire.KindMessage || f.From.Account.IsZero() || !f.From.Device.Valid() {
		return nil
	}
	e := envelope{f.From, c.nowMilli(), f.Kind, f.Body}
	var shows *Sign
	changed, err := c.withPeer(ctx, e.From, func(d *signal.Device, s *state) error {
		shows = nil
		plain, err := s.decrypt(d, e)
		switch {
		case errors.Is(err, signal.ErrUntrustedIdentity), errors.Is(err, signal.ErrDuplicate), unopenable(err):
			return nil
		case err != nil:
			return err
		}
		defer clear(plain)
		m, err := content.Open(plain)
		if err != nil {
			return nil
		}
		switch b := m.Body.(type) {
		case *content.Typing, *content.Presence:
			shows, err = s.shows(e.From.Account, m, b)
			return err
		case *content.Step:
			return s.change(e.From.Account, e.From.Account, m)
		}
		if fresh, err := s.firstTime(e); err != nil || !fresh {
			return err
		}
		return s.take(d, e, plain)
	})
	if err != nil {
		return err
	}
	c.tell(changed...)
	c.near.heard(f.From.Account, c.clock.Now())
	if shows != nil {
		c.seen(*shows)
	}
	return nil
}

// shows is what a sign of somebody means to this person now.
func (s *state) shows(from wire.AccountID, m content.Content, b content.Body) (*Sign, error) {
	if age := s.c.clock.Now().Sub(time.UnixMilli(m.Sent)); age.Abs() > signFresh {
		return nil, nil
	}
	choices, _, err := load[Choices](s, BucketChoice, choiceKey)
	if err != nil {
		return nil, err
	}
	out := &Sign{Peer: from, Group: m.Group}
	switch b := b.(type) {
	case *content.Typing:
		if m.Group != (GroupID{}) {
			if g, found, err := s.group(m.Group); err != nil || !found || !g.hears(from) {
				return nil, err
			}
		}
		if out.What = HasStopped; b.Started {
			out.What = IsWriting
		}
		if choices.HideWriting {
			return nil, nil
		}
	case *content.Presence:
		if !choices.ShowOnline || m.Group != (GroupID{}) {
			return nil, nil
		}
		if out.What = HasGoneAway; b.Here {
			out.What = IsHere
		}
		if b.Ask {
			s.c.show(sign{to: []wire.AccountID{from}, body: &content.Presence{Here: true}})
		}
	}
	return out, nil
}

// seen passes a sign on.
func (c *Client) seen(g Sign) {
	c.near.set(g.Peer, func(v *nearby) {
		switch g.What {
		case IsHere:
			v.here = c.clock.Now()
		case HasGoneAway:
			v.here = time.Time{}
		}
	})
	if c.onSign == nil {
		return
	}
	c.telling.Lock()
	defer c.telling.Unlock()
	c.onSign(g)
}
