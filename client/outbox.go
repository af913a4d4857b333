package client

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"time"

	"letterlock/client/internal/content"
	"letterlock/internal/fault"
	"letterlock/signal"
	"letterlock/wire"
)

// row is one envelope of the outbox: first a draft, then, once and for good,
// sealed bytes.
type row struct {
	Ref       uint64            `cbor:"ref"`
	To        wire.Address      `cbor:"to"`
	Said      uint64            `cbor:"said"`            // what it carries
	Entry     uint64            `cbor:"entry,omitempty"` // the message whose outcome it is; 0: none
	Group     bool              `cbor:"group,omitempty"` // what was sealed for the whole group goes
	Light     bool              `cbor:"light,omitempty"` // nothing that a person waits for: dropped rather than held
	Phone     string            `cbor:"phone,omitempty"` // as dialled
	For       wire.AccountID    `cbor:"for"`             // not zero: it tells an own device what was sent to them
	Kind      wire.EnvelopeKind `cbor:"kind,omitempty"`
	Body      []byte            `cbor:"body,omitempty"`  // nil: not sealed yet
	Fresh     bool              `cbor:"fresh,omitempty"` // begin a new session for it
	Held      bool              `cbor:"held,omitempty"`
	Tries     int               `cbor:"tries,omitempty"`      // of sealing
	NotBefore int64             `cbor:"not_before,omitempty"` // Unix seconds
}

// maxTries is how often an envelope is sealed before it counts as failed: a
// device that refuses its own carrier's keys that often will not take it.
const maxTries = 4

func (s *state) putRow(r row) error { return save(s, BucketOutbox, number(r.Ref), r) }

func (s *state) row(ref uint64) (row, bool, error) {
	return load[row](s, BucketOutbox, number(ref))
}

func rows(tx Tx) ([]row, error) {
	pairs, err := tx.List(BucketOutbox, Range{})
	if err != nil {
		return nil, err
	}
	out := make([]row, len(pairs))
	for i, p := range pairs {
		if err := wire.Unmarshal(p.Value, &out[i]); err != nil {
			return nil, fmt.Errorf("read the outbox: %w", err)
		}
	}
	return out, nil
}

// queue adds a draft.
func (s *state) queue(r row) error {
	ref, err := next(s, "ref")
	if err != nil {
		return err
	}
	r.Ref = ref
	return s.putRow(r)
}

const sayHeld = "the safety number changed: compare it with the other person, then accept it"

func errMissing(found bool, what string) error {
	if found {
		return nil
	}
	return fmt.Errorf("the key store has lost a %s", what)
}

// digest names an envelope for both its sender and its recipient.
func digest(from wire.Address, kind wire.EnvelopeKind, body []byte) []byte {
	h := sha256.New()
	h.Write([]byte("letterlock envelope v1\x00"))
	h.Write(addressKey(from))
	h.Write([]byte{byte(kind)})
	h.Write(body)
	return h.Sum(nil)[:content.DigestSize]
}

// seal turns a draft into bytes, once. It returns a row without a body if the
// row is not to be sent now: held, failed or put off; and the zero row if there
// is nothing to send any more.
func (c *Client) seal(ctx context.Context, r row) (row, error) {
	if r.Group {
		return c.sealed(ctx, r)
	}
	start, err := c.start(ctx, r)
	if err != nil {
		return row{Ref: r.Ref}, c.unsealable(ctx, r, start, err)
	}
	var sealed row
	changed, err := c.withPeer(ctx, r.To, func(d *signal.Device, s *state) error {
		now, found, err := s.row(r.Ref)
		if err != nil || !found || now.Held || now.Body != nil {
			sealed = now
			return err
		}
		sealed, err = s.seal(d, now, start)
		return err
	})
	if err != nil {
		return row{Ref: r.Ref}, c.unsealable(ctx, r, start, err)
	}
	c.tell(changed...)
	if sealed.Held {
		sealed.Body = nil
	}
	return sealed, nil
}

// sealed is a row with what was sealed for a group.
func (c *Client) sealed(ctx context.Context, r row) (row, error) {
	var x said
	err := c.store.View(ctx, func(tx Tx) (err error) {
		x, _, err = load[said](tx, BucketSaid, number(r.Said))
		return err
	})
	if err == nil && x.Sealed == nil { // taken back, or over
		_, err = c.update(ctx, func(s *state) error { return s.Delete(BucketOutbox, number(r.Ref)) })
		return row{}, err
	}
	r.Kind, r.Body = wire.KindGroupMessage, x.Sealed
	return r, err
}

// start fetches keys if the row needs a session.
func (c *Client) start(ctx context.Context, r row) (*signal.Bundle, error) {
	_, device, _, err := c.keys(ctx)
	if err != nil {
		return nil, err
	}
	has, err := device.HasSession(ctx, signalAddress(r.To))
	if err != nil || (has && !r.Fresh) {
		return nil, err
	}
	b, err := c.bundle(ctx, r.To)
	return &b, err
}

func (s *state) seal(d *signal.Device, r row, start *signal.Bundle) (row, error) {
	what, found, err := load[said](s, BucketSaid, number(r.Said))
	if err != nil {
		return row{}, err
	}
	if !found { // taken back, or over
		return row{}, s.Delete(BucketOutbox, number(r.Ref))
	}
	to := signalAddress(r.To)
	if start != nil {
		has, err := d.HasSessionTx(s, to)
		if err != nil {
			return row{}, err
		}
		if !has || r.Fresh {
			if err := d.ProcessBundleTx(s, to, *start); err != nil {
				return row{}, err
			}
		}
	}
	raw := what.Content
	if !r.For.IsZero() {
		if raw, err = transcript(r.For, r.Phone, raw); err != nil {
			return row{}, err
		}
	}
	plain := content.Pad(raw)
	m, err := d.EncryptTx(s, to, plain)
	clear(plain)
	if err != nil {
		return row{}, err
	}
	r.Kind, r.Body, r.Fresh = wire.EnvelopeKind(m.Type), m.Body, false
	if err := s.putRow(r); err != nil || r.Light {
		return r, err
	}
	me, err := s.me()
	if err != nil {
		return row{}, err
	}
	return r, save(s, BucketSent, digest(me.address(), r.Kind, r.Body), sentMark{Said: r.Said, Entry: r.Entry, To: r.To, For: r.For, Phone: r.Phone, At: s.c.clock.Now().Unix()})
}

// sentMark finds the message of an envelope that the recipient could not open.
type sentMark struct {
	Said  uint64         `cbor:"said"`
	Entry uint64         `cbor:"entry,omitempty"`
	To    wire.Address   `cbor:"to"`  // zero: whoever is in Group
	For   wire.AccountID `cbor:"for"` // as in row
	Phone string         `cbor:"phone,omitempty"`
	Group GroupID        `cbor:"group,omitempty"` // zero: between two devices
	Seq   uint64         `cbor:"seq,omitempty"`   // the group's last change then
	At    int64          `cbor:"at"`              // Unix seconds
	Again bool           `cbor:"again,omitempty"` // asked for already, and sent again
}

// unsealable decides what a failure to seal means for the row.
func (c *Client) unsealable(ctx context.Context, r row, start *signal.Bundle, err error) error {
	switch {
	case errors.Is(err, signal.ErrUntrustedIdentity) && r.To.Device != wire.Primary:
		return c.withhold(ctx, r, doubtKey)
	case errors.Is(err, signal.ErrUntrustedIdentity):
		return c.keyChanged(ctx, r, start)
	case errors.Is(err, signal.ErrNoSession):
		return c.again(ctx, r, "no session could be made with the other device")
	case errors.Is(err, signal.ErrInvalidKey), errors.Is(err, signal.ErrInvalidSignature), errors.Is(err, signal.ErrInvalidAddress):
		return c.again(ctx, r, "the server hands out keys for this person that are not valid")
	case fault.Is(err, fault.NotFound):
		return c.gone(ctx, r)
	case refused(err) && !fault.Is(err, fault.Unauthenticated):
		return c.delay(ctx, r, time.Minute)
	}
	return err
}

// keyChanged holds what waits for a device that now shows another identity.
func (c *Client) keyChanged(ctx context.Context, r row, start *signal.Bundle) error {
	if start == nil {
		return c.fail(ctx, r, sayHeld)
	}
	changed, err := c.update(ctx, func(s *state) error { return s.offerKey(r.To, start.Identity.Bytes()) })
	if err == nil {
		c.tell(changed...)
	}
	return err
}

// offerKey remembers another identity key of a device for the person to judge.
func (s *state) offerKey(a wire.Address, key []byte) error {
	p, _, err := s.peer(a)
	if err != nil || slices.Equal(p.Offered, key) {
		return err
	}
	p.Offered = key
	if err := save(s, BucketPeer, addressKey(a), p); err != nil {
		return err
	}
	k, _, err := load[known](s, BucketKnown, a.Account[:])
	if err != nil {
		return err
	}
	_, err = s.add(Entry{Kind: KeyChanged, Peer: a.Account, Device: a.Device, Phone: k.Phone, At: s.c.nowMilli(),
		Why: "another device shows itself under the same account"})
	if err != nil {
		return err
	}
	return s.holdAll(a.Account)
}

// holdAll stops what waits for an account.
func (s *state) holdAll(id wire.AccountID) error {
	all, err := rows(s)
	if err != nil {
		return err
	}
	for _, r := range all {
		if r.To.Account != id || r.Held {
			continue
		}
		if r.Light {
			if err := s.Delete(BucketOutbox, number(r.Ref)); err != nil {
				return err
			}
			continue
		}
		r.Held = true
		if err := s.putRow(r); err != nil {
			return err
		}
		if err := s.markHeld(r.Entry); err != nil {
			return err
		}
	}
	return nil
}

// markHeld marks a message between two as held; in a group it goes to the
// others meanwhile.
func (s *state) markHeld(seq uint64) error {
	e, found, err := s.entry(seq)
	if err != nil || !found || !e.Group.IsZero() {
		return err
	}
	return s.mark(seq, Held, sayHeld)
}

func (s *state) mark(seq uint64, state State, why string) error {
	e, found, err := s.entry(seq)
	if err != nil || !found || (e.State == state && e.Why == why) {
		return err
	}
	e.State, e.Why = state, why
	return s.put(e)
}

// again makes a row a draft once more, for a new session, or fails it.
func (c *Client) again(ctx context.Context, r row, why string) error {
	if r.Tries+1 >= maxTries {
		return c.fail(ctx, r, why)
	}
	return c.edit(ctx, r.Ref, func(r *row) {
		r.Body, r.Kind, r.Fresh = nil, 0, true
		r.Tries++
		r.NotBefore = c.clock.Now().Unix() + int64(5*r.Tries)
	})
}

// delay puts a row off; its bytes stay.
func (c *Client) delay(ctx context.Context, r row, d time.Duration) error {
	return c.edit(ctx, r.Ref, func(r *row) { r.NotBefore = c.clock.Now().Add(d).Unix() })
}

func (c *Client) edit(ctx context.Context, ref uint64, f func(*row)) error {
	_, err := c.update(ctx, func(s *state) error {
		r, found, err := s.row(ref)
		if err != nil || !found {
			return err
		}
		f(&r)
		return s.putRow(r)
	})
	return err
}

// fail gives a row up and says why.
func (c *Client) fail(ctx context.Context, r row, why string) error {
	changed, err := c.update(ctx, func(s *state) error {
		if err := s.Delete(BucketOutbox, number(r.Ref)); err != nil {
			return err
		}
		return s.mark(r.Entry, Failed, why)
	})
	if err == nil {
		c.tell(changed...)
	}
	return err
}

// done forgets a row that the carrier has taken.
func (c *Client) done(ctx context.Context, ref uint64) error {
	changed, err := c.update(ctx, func(s *state) error {
		r, found, err := s.row(ref)
		if err != nil || !found {
			return err
		}
		if err := s.Delete(BucketOutbox, number(ref)); err != nil {
			return err
		}
		if r.Light {
			return s.unsayLight(r.Said)
		}
		return s.delivered(r.Entry)
	})
	if err == nil {
		c.tell(changed...)
	}
	return err
}

// delivered counts one device down; the message is sent with the last.
func (s *state) delivered(seq uint64) error {
	e, found, err := s.entry(seq)
	if err != nil || !found {
		return err
	}
	e.Copies = max(0, e.Copies-1)
	if e.Copies == 0 && e.State == Waiting {
		e.State, e.Why = Sent, ""
	}
	return s.put(e)
}
