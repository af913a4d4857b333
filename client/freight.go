package client

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"time"

	"letterlock/internal/fault"
	"letterlock/wire"
)

// freight is a file on its way to the carrier; its entry says how far it is.
type freight struct {
	Tries     int   `cbor:"tries,omitempty"` // in a row that brought nothing forward
	NotBefore int64 `cbor:"not_before,omitempty"`
}

// bringWait is the seconds between tries when a day's quota is spent.
const bringWait = 3600

// errTakenBack ends the way of a file whose message is no more.
var errTakenBack = errors.New("the message was taken back")

// heave tells the porter that there is something to do.
func (c *Client) heave() {
	select {
	case c.haul <- struct{}{}:
	default:
	}
}

// OnTheWay are the messages whose files are on their way to the carrier.
func (c *Client) OnTheWay(ctx context.Context) (out []Entry, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		out = nil
		all, err := tx.List(BucketFreight, Range{})
		if err != nil {
			return err
		}
		for _, p := range all {
			e, found, err := load[Entry](tx, BucketJournal, p.Key)
			if err != nil {
				return err
			}
			if found && e.File != nil {
				out = append(out, e)
			}
		}
		return nil
	})
	return out, err
}

// porter brings files to the carrier beside the line, until it is told to end.
// An error is the store's own.
func (c *Client) porter(ctx context.Context) (end func() error) {
	if c.canCarry() != nil {
		return func() error { return nil }
	}
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- c.carryOn(ctx) }()
	return func() error {
		cancel()
		err := <-ended
		if err != nil {
			return err
		}
		last, done := context.WithTimeout(context.WithoutCancel(ctx), lastWord)
		defer done()
		if _, err := c.release(last); last.Err() == nil {
			return err
		}
		return nil
	}
}

// carryOn takes what was put off for due when it begins and when the waiting
// for it ends, which may be early: the network has come back.
func (c *Client) carryOn(ctx context.Context) error {
	for due := int64(math.MaxInt64); ctx.Err() == nil; {
		next, err := c.carry(ctx, max(due, c.clock.Now().Unix()))
		if err != nil && ctx.Err() == nil {
			return err
		}
		c.stir() // whoever waits for the end looks again
		due = c.pause(ctx, next)
	}
	return nil
}

// lastWord is how long the end of a run may take to let go of files.
const lastWord = 5 * time.Second

// pause waits until there is something to do, or until a time (0: for ever),
// and says for which time it has waited.
func (c *Client) pause(ctx context.Context, until int64) (waited int64) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	due := make(chan struct{})
	if until != 0 {
		go func() {
			if c.wait(ctx, time.Duration(max(until-c.clock.Now().Unix(), 1))*time.Second) == nil {
				close(due)
			}
		}()
	}
	select {
	case <-c.haul:
	case <-due:
		return until
	case <-ctx.Done():
	}
	return 0
}

// carry does what is due by a time, and says when the next is; 0: nothing waits.
func (c *Client) carry(ctx context.Context, by int64) (next int64, err error) {
	next, err = c.release(ctx)
	if err != nil {
		return next, err
	}
	photos, err := c.takePortraits(ctx)
	if err != nil {
		return next, err
	}
	next = sooner(next, photos)
	var all []Pair
	err = c.store.View(ctx, func(tx Tx) (err error) { all, err = tx.List(BucketFreight, Range{}); return err })
	if err != nil {
		return next, err
	}
	for _, p := range all {
		var f freight
		if err := wire.Unmarshal(p.Value, &f); err != nil {
			return next, err
		}
		if f.NotBefore <= by {
			if f.NotBefore, err = c.bring(ctx, parseNumber(p.Key), f); err != nil {
				return next, err
			}
		}
		next = sooner(next, f.NotBefore)
	}
	return next, nil
}

func sooner(a, b int64) int64 {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// bring brings one file, or puts it off until the time that it returns, or
// gives it up.
func (c *Client) bring(ctx context.Context, seq uint64, f freight) (notBefore int64, err error) {
	moved, err := c.upload(ctx, seq)
	if moved {
		f.Tries = 0
	}
	var x *fault.Error
	switch {
	case err == nil, errors.Is(err, errTakenBack):
		return 0, nil
	case ctx.Err() != nil:
		return 0, ctx.Err()
	case !errors.As(err, &x), x.Kind == fault.Internal:
		return 0, err
	case x.Kind == fault.Unavailable:
		f.Tries++
		wait := int64(1) << min(f.Tries, 6)
		return c.putOff(ctx, seq, f, wait+rand.Int64N(wait), "")
	case x.Kind == fault.Exhausted:
		return c.putOff(ctx, seq, f, bringWait, x.Say)
	}
	return 0, c.giveUp(ctx, seq, x.Say)
}

// putOff tries again later; why, if it is for people, stands at the message.
func (c *Client) putOff(ctx context.Context, seq uint64, f freight, seconds int64, why string) (int64, error) {
	f.NotBefore = c.clock.Now().Unix() + seconds
	changed, err := c.update(ctx, func(s *state) error {
		old, err := s.Get(BucketFreight, number(seq))
		if err != nil || old == nil {
			return err
		}
		if err := save(s, BucketFreight, number(seq), f); err != nil || why == "" {
			return err
		}
		return s.mark(seq, Waiting, why)
	})
	c.tell(changed...)
	return f.NotBefore, err
}

func (c *Client) giveUp(ctx context.Context, seq uint64, why string) error {
	changed, err := c.update(ctx, func(s *state) error {
		if err := s.Delete(BucketFreight, number(seq)); err != nil {
			return err
		}
		return s.mark(seq, Failed, why)
	})
	c.tell(changed...)
	return err
}

// upload brings a file from where the carrier says that it is, piece by piece,
// and then sends its message.
func (c *Client) upload(ctx context.Context, seq uint64) (moved bool, err error) {
	e, found, err := c.Entry(ctx, seq)
	if err != nil {
		return false, err
	}
	if !found || e.Deleted || e.File == nil {
		_, err := c.update(ctx, func(s *state) error { return s.Delete(BucketFreight, number(seq)) })
		return false, err
	}
	for {
		now, err := c.begin(ctx, e)
		if err != nil {
			return moved, err
		}
		brought, again, err := c.pieces(ctx, e, now.Offset)
		moved = moved || brought
		switch {
		case err != nil:
			return moved, err
		case again && !brought:
			return moved, fault.New(fault.Unavailable, "send file", "the server does not take the file now")
		case !again:
			return true, c.shipped(ctx, seq)
		}
	}
}

// begin announces the file, with a token for every device that is to have it.
func (c *Client) begin(ctx context.Context, e Entry) (now wire.MediaState, err error) {
	b := wire.MediaBegin{ID: e.File.Blob, Size: e.File.Total(), Owner: wire.MediaToken(e.File.Owner).Hash(), Read: e.File.reader().Hash()}
	_, err = c.update(ctx, func(s *state) error {
		all, err := s.consignees(e)
		b.Done = nil
		for _, a := range all {
			b.Done = append(b.Done, e.File.done(a).Hash())
		}
		return err
	})
	if err != nil {
		return now, err
	}
	if len(b.Done) == 0 || len(b.Done) > wire.MaxDone { // nobody burns this one: it stays its days
		b.Done = [][32]byte{wire.MediaToken(randomBytes(32)).Hash()}
	}
	err = c.own(ctx, wire.PathMediaBegin, b, &now)
	if fault.Is(err, fault.NotFound) {
		return now, fault.New(fault.Invalid, "send file", "this server does not carry files")
	}
	if err == nil && (now.Offset < 0 || now.Offset > b.Size || now.Offset%wire.MediaPiece != 0 && now.Offset != b.Size) {
		return now, fault.New(fault.Invalid, "send file", "the server says that it has a part of the file that it cannot have")
	}
	return now, err
}

// consignees are the devices that are to fetch a file of this person's, their
// own others among them.
func (s *state) consignees(e Entry) (all []wire.Address, err error) {
	me, err := s.me()
	if err != nil {
		return nil, err
	}
	accounts := []wire.AccountID{e.Peer, me.Account}
	if e.To != nil {
		accounts = e.To
	}
	if e.Kind == StatusUpdate {
		accounts = append([]wire.AccountID{me.Account}, e.To...)
	}
	if !e.Group.IsZero() {
		g, err := s.inGroup(e.Group)
		if err != nil {
			return nil, err
		}
		accounts = nil
		for _, m := range g.State.Members {
			accounts = append(accounts, m.Account)
		}
	}
	for _, id := range accounts {
		devices, err := s.numbers(id) // of this person: the other ones
		if err != nil {
			return nil, err
		}
		for _, d := range devices {
			all = append(all, wire.At(id, d))
		}
	}
	return all, nil
}

// pieces brings what is left. again: the carrier has another part than it was
// said to have.
func (c *Client) pieces(ctx context.Context, e Entry, offset int64) (moved, again bool, err error) {
	total, buf := e.File.Total(), make([]byte, wire.MediaPiece)
	for offset < total {
		piece := buf[:min(wire.MediaPiece, total-offset)]
		if n, err := c.files.Read(ctx, e.File.Blob, piece, offset); n < len(piece) {
			return moved, false, fault.Wrap(fault.NotFound, "read file", err, "the sealed file is not on this device any more: send it anew")
		}
		status, answer, err := c.freight.Put(ctx, e.File.Blob, wire.MediaToken(e.File.Owner), offset, piece)
		if err != nil {
			return moved, false, fault.Wrap(fault.Unavailable, "put piece", err, sayAway)
		}
		if status >= 400 {
			err := problem(wire.PathMedia, status, answer)
			if fault.Is(err, fault.Conflict) || fault.Is(err, fault.NotFound) {
				return moved, true, nil
			}
			return moved, false, err
		}
		var now wire.MediaState
		if err := wire.Unmarshal(answer, &now); err != nil || now.Offset != offset+int64(len(piece)) {
			return moved, true, nil
		}
		offset, moved = now.Offset, true
		if err := c.progressed(ctx, e.Seq, offset); err != nil {
			return moved, false, err
		}
	}
	return moved, false, nil
}

// progressed notes and tells how far a file is. Whoever has taken the message
// back meanwhile ends it.
func (c *Client) progressed(ctx context.Context, seq uint64, done int64) error {
	changed, err := c.update(ctx, func(s *state) error {
		e, found, err := s.entry(seq)
		if err != nil {
			return err
		}
		if !found || e.Deleted || e.File == nil {
			return errTakenBack
		}
		e.File.Done, e.Why = done, ""
		return s.put(e)
	})
	c.tell(changed...)
	return err
}

// shipped sends the message of a file that the carrier has.
func (c *Client) shipped(ctx context.Context, seq uint64) error {
	changed, err := c.local(ctx, func(s *state) error {
		if err := s.Delete(BucketFreight, number(seq)); err != nil {
			return err
		}
		e, found, err := s.entry(seq)
		if err != nil || !found || e.File == nil {
			return err
		}
		e.File.State, e.File.Done, e.Why = Here, e.File.Total(), ""
		return s.dispatch(e)
	})
	if err != nil {
		return err
	}
	c.tell(changed...)
	c.stir()
	return nil
}

// dispatch queues the message of a file, as accept and WriteGroup do with a
// text.
func (s *state) dispatch(e Entry) error {
	if e.Kind == CardPhoto {
		return s.photoThere(e)
	}
	if e.Kind == StatusUpdate {
		e.State = Sent
		return errors.Join(s.put(e), s.showStatus(e.To, e.Said))
	}
	if !e.Group.IsZero() {
		g, err := s.inGroup(e.Group)
		if err != nil {
			return err
		}
		if e.Copies, err = s.toGroup(&g, e.Said, e.Seq); err != nil {
			return err
		}
		if e.Copies == 0 {
			e.State = Sent
		}
		return s.put(e)
	}
	to, err := s.reach(e.Peer)
	if err != nil {
		return err
	}
	if to.phone == "" {
		to.phone = e.Phone
	}
	if e.Copies = len(to.devices); to.held {
		e.State, e.Why = Held, sayHeld
	}
	if err := s.put(e); err != nil {
		return err
	}
	if err := s.address(to, row{Said: e.Said, Entry: e.Seq}); err != nil {
		return err
	}
	return s.mirror(e.Peer, e.Phone, e.Said)
}
