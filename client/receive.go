package client

import (
	"context"
	"errors"
	"slices"

	"letterlock/client/internal/content"
	"letterlock/signal"
	"letterlock/wire"
)

// envelope is what came, whichever way.
type envelope struct {
	From wire.Address      `cbor:"from"`
	At   int64             `cbor:"at"`
	Kind wire.EnvelopeKind `cbor:"kind"`
	Body []byte            `cbor:"body"`
}

func (e envelope) digest() []byte { return digest(e.From, e.Kind, e.Body) }

// kindRow stands for a row of the mailbox that does not open: it has no kind.
const kindRow wire.EnvelopeKind = 0

// receive takes one envelope in. When it returns nil the envelope may be
// acknowledged: the message, or the fact that it could not be opened, is
// durable. An error is the store's own and nothing was taken in.
func (c *Client) receive(ctx context.Context, e envelope) error {
	switch {
	case e.Kind == wire.KindNotice:
		return c.receiveNotice(ctx, e)
	case !e.Kind.FromDevice() || e.From.Account.IsZero() || !e.From.Device.Valid():
		return c.receiveOther(ctx, e)
	}
	changed, err := c.withPeer(ctx, e.From, func(d *signal.Device, s *state) error {
		fresh, err := s.firstTime(e)
		if err != nil || !fresh {
			return err
		}
		return s.open(d, e)
	})
	if err != nil {
		return err
	}
	c.tell(changed...)
	return nil
}

// firstTime records the digest and reports whether it was new: a redelivery,
// or a sender's retry, ends here.
func (s *state) firstTime(e envelope) (bool, error) {
	key := e.digest()
	got, err := s.Get(BucketGot, key)
	if err != nil || got != nil {
		return false, err
	}
	return true, s.Put(BucketGot, key, number(uint64(s.c.clock.Now().Unix())))
}

// open decrypts and keeps. Where the protocol says that an envelope does not
// open, that is recorded instead: signal.DecryptTx has then written nothing.
func (s *state) open(d *signal.Device, e envelope) error {
	if named, err := s.namesDevice(e.From); err != nil || !named {
		return errors.Join(err, s.keepForLater(e))
	}
	plain, err := s.decrypt(d, e)
	switch {
	case err == nil:
		defer clear(plain)
		return s.take(d, e, plain)
	case errors.Is(err, signal.ErrUntrustedIdentity):
		return s.keepForLater(e)
	case errors.Is(err, signal.ErrDuplicate):
		return s.unopened(e, "its key was used or dropped before", false)
	case unopenable(err):
		return s.unopened(e, "it does not fit any session with the sender", true)
	}
	return err
}

func (s *state) decrypt(d *signal.Device, e envelope) ([]byte, error) {
	if e.Kind == wire.KindGroupMessage {
		return s.openGroup(d, e)
	}
	return d.DecryptTx(s, signalAddress(e.From), signal.Message{Type: signal.MessageType(e.Kind), Body: e.Body})
}

func unopenable(err error) bool {
	return slices.ContainsFunc([]error{signal.ErrInvalidMessage, signal.ErrNoSession, signal.ErrUnknownPreKey,
		signal.ErrReplay, signal.ErrInvalidKey, signal.ErrInvalidSignature, signal.ErrInvalidAddress,
		signal.ErrInvalidRecord, signal.ErrExhausted, signal.ErrNoSenderKey},
		func(target error) bool { return errors.Is(err, target) })
}

// take files an opened content.
func (s *state) take(d *signal.Device, e envelope, plain []byte) error {
	m, err := content.Open(plain)
	if err != nil {
		return s.unopened(e, "what was in it cannot be read", false)
	}
	if fits, err := s.fits(e, m); err != nil || !fits {
		return errors.Join(err, s.unopened(e, "it says to be of a group that it is not of", false))
	}
	switch b := m.Body.(type) {
	case *content.Repair:
		return s.repairFor(e.From, b.Digests)
	case *content.Receipt:
		return s.receipt(e.From.Account, m, b)
	case *content.Typing, *content.Presence:
		return nil // it came as something that was kept: its moment is over
	}
	if err := s.heard(e.From); err != nil {
		return err
	}
	key := seenKey(e.From.Account, m.ID)
	seen, err := s.Get(BucketSeen, key)
	if err != nil || seen != nil {
		return err // sealed twice, the same message: once is enough
	}
	if !m.Message() {
		return s.takeAct(d, e, m)
	}
	entry := fromContent(m)
	entry.Peer, entry.Device, entry.At = e.From.Account, e.From.Device, e.At
	me, err := s.me()
	if err != nil {
		return err
	}
	if e.From.Account == me.Account { // to a group, from another device of this person
		entry.Peer = wire.AccountID{}
		return s.fileOwn(entry)
	}
	if t := caption(m.Body); t != nil {
		if err := s.claim(e.From.Account, t.Phone); err != nil {
			return err
		}
	}
	if entry, err = s.add(entry); err != nil {
		return err
	}
	if err := s.Put(BucketSeen, key, number(entry.Seq)); err != nil {
		return err
	}
	if entry.Kind != Incoming {
		return nil
	}
	if err := s.owe(entry, owedDelivered); err != nil {
		return err
	}
	return s.catchUp(e.From.Account, m.ID)
}

// takeAct files what is no message of its own.
func (s *state) takeAct(d *signal.Device, e envelope, m content.Content) error {
	if err := s.Put(BucketSeen, seenKey(e.From.Account, m.ID), number(0)); err != nil {
		return err
	}
	switch b := m.Body.(type) {
	case *content.Devices:
		return s.devicesTold(e.From.Account, b)
	case *content.Profile:
		return s.cardFrom(e.From.Account, m, b)
	case *content.Status:
		return s.statusOf(e.From.Account, m, b)
	case *content.Moved:
		return s.moved(e.From.Account, b)
	case *content.Sent, *content.Seen, *content.Share:
		return s.fromSibling(e, m)
	}
	if err := s.control(d, e.From, m); err != nil {
		return err
	}
	return s.change(e.From.Account, e.From.Account, m)
}

// fromContent is a content as an entry: what it says, not who said it to whom.
func fromContent(m content.Content) Entry {
	e := Entry{Kind: Unknown, Group: m.Group, ID: m.ID, Sent: m.Sent, Why: "sent by a newer program: update to see this"}
	if t := caption(m.Body); t != nil {
		e.Kind, e.Text, e.Why = Incoming, t.Text, ""
		e.Style, e.Reply, e.Timer = t.Style, t.Reply, t.Timer
	}
	if f, ok := m.Body.(*content.File); ok {
		e.File = fileOf(f)
	}
	if p, ok := m.Body.(*content.Place); ok {
		e.Place = placeOf(p, m.Sent)
	}
	return e
}

// fits reports whether a content is of the conversation that its envelope came
// in: what was sealed for a group says so, and only a member says something in
// one. What is about a group and comes between two is judged by control.
func (s *state) fits(e envelope, m content.Content) (bool, error) {
	of, err := s.groupOf(e)
	if err != nil || (e.Kind == wire.KindGroupMessage && of != m.Group) {
		return false, err
	}
	switch m.Body.(type) {
	case *content.Keys, *content.Change, *content.Welcome, *content.Removed, *content.Knock, *content.Behind:
		return e.Kind != wire.KindGroupMessage, nil
	}
	if m.Group == (GroupID{}) {
		return true, nil
	}
	g, found, err := s.group(m.Group)
	return found && g.hears(e.From.Account), err
}

// claim notes the number that a new correspondent says to have.
func (s *state) claim(id wire.AccountID, phone string) error {
	k, found, err := load[known](s, BucketKnown, id[:])
	if err != nil || (found && (k.Checked || k.Phone == phone)) {
		return err
	}
	return save(s, BucketKnown, id[:], known{Phone: phone, Asked: k.Asked})
}

// unopened records, once, that something could not be opened, and asks for it
// again where that can help.
func (s *state) unopened(e envelope, why string, ask bool) error {
	if _, err := s.add(Entry{Kind: Unopened, Peer: e.From.Account, Device: e.From.Device, At: e.At, Why: why}); err != nil {
		return err
	}
	if !ask {
		return nil
	}
	return s.askAgain(e.From, e.digest())
}

// keepForLater keeps an envelope of a device whose identity key is another
// one, unopened, until the person accepts the key; or of a linked device that
// its account's list does not name, until a newer list was asked for.
func (s *state) keepForLater(e envelope) error {
	from := addressKey(e.From)
	if e.From.Device != wire.Primary {
		from = e.From.Account[:] // of all linked devices that are not known together
	}
	kept, err := s.List(BucketKept, Range{Prefix: from, Limit: maxKept})
	if err != nil {
		return err
	}
	if len(kept) == maxKept {
		return s.unopened(e, "too many wait until it is known whose they are", false)
	}
	if err := save(s, BucketKept, append(addressKey(e.From), e.digest()...), e); err != nil {
		return err
	}
	if e.From.Device != wire.Primary {
		return s.askDevices(e.From.Account)
	}
	return s.offerKey(e.From, s.refused.Bytes())
}

// maxKept bounds what a device with an unaccepted key may leave here.
const maxKept = 100

// receiveOther takes in what no device can have sent.
func (c *Client) receiveOther(ctx context.Context, e envelope) error {
	changed, err := c.update(ctx, func(s *state) error {
		fresh, err := s.firstTime(e)
		if err != nil || !fresh {
			return err
		}
		e.From = wire.Address{}
		return s.unopened(e, "the server delivered something that is not an envelope for this device", false)
	})
	if err == nil {
		c.tell(changed...)
	}
	return err
}
