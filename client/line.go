package client

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"letterlock/internal/fault"
	"letterlock/wire"
)

// window is how many envelopes wait for the carrier's answer at once.
const window = 32

// Progress is how far a run has come.
type Progress struct {
	Caught  bool // what waited at the carrier has been taken in and acknowledged
	Waiting int  // envelopes of the outbox that go without the person's word
	Files   int  // of this person's that are on their way to the carrier; their messages go when they are there
	Photos  int  // of other people, that are due to be fetched
	PutOff  int  // those of them that the carrier, or a failure, put off to a later time, and what waits behind them
}

// Run is how long to stay connected.
type Run struct {
	Until    func(Progress) bool // asked whenever nothing is left to do at once; nil: until ctx ends
	Patience int                 // failed connections in a row after which to give up; 0: never
}

// Run keeps the one connection, sends the outbox and takes in what comes. It
// returns nil when Until says so or ctx ends, and an error when the store
// fails, the carrier refuses this device, or patience is spent. One Run at a
// time.
func (c *Client) Run(ctx context.Context, r Run) (err error) {
	end := c.porter(ctx)
	defer func() {
		if bad := end(); err == nil {
			err = bad
		}
	}()
	failed := 0
	for {
		l := &line{c: c, until: r.Until, inflight: map[uint64]bool{}}
		err := l.run(ctx)
		switch {
		case err == nil, ctx.Err() != nil:
			return c.settle(err)
		case !errors.Is(err, errLine):
			return err
		}
		if l.greeted {
			failed = 0
		}
		failed++
		c.log.Info("connection lost", "attempt", failed, "err", err)
		if r.Patience > 0 && failed >= r.Patience {
			return fault.Wrap(fault.Unavailable, "connect", err, sayAway)
		}
		if c.wait(ctx, backoff(failed)) != nil {
			return c.settle(nil)
		}
	}
}

// settle ends a run in order: what was deleted is gone from the files, too.
func (c *Client) settle(err error) error {
	if err != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, errLine) {
		return err
	}
	return c.store.Erase(context.Background())
}

// backoff doubles from half a second to a minute, with a fifth of chance so
// that devices do not come back all at once.
func backoff(failed int) time.Duration {
	d := min(time.Minute, 500*time.Millisecond<<min(failed-1, 8))
	return d - d/10 + time.Duration(rand.Int64N(int64(d/5)))
}

// Flush sends what waits in the outbox and takes in what comes meanwhile.
func (c *Client) Flush(ctx context.Context) error {
	return c.Run(ctx, Run{Until: func(p Progress) bool { return p.Waiting == 0 && p.Files == 0 && p.Photos == 0 }})
}

// Drain takes in everything that waits at the carrier.
func (c *Client) Drain(ctx context.Context) error {
	return c.Run(ctx, Run{Until: func(p Progress) bool { return p.Caught }})
}

// errLine marks what a new connection may cure.
var errLine = errors.New("connection")

func lineError(err error) error { return errors.Join(errLine, err) }

// line is one connection. All of it but read runs on one goroutine.
type line struct {
	c        *Client
	until    func(Progress) bool
	sock     Socket
	frames   chan []byte
	broken   chan error
	inflight map[uint64]bool // refs sent on this connection and not answered
	acks     []uint64        // taken in and not acknowledged
	greeted  bool
	caught   bool
	tended   bool // since caught
	shown    bool // that this person is here
	dirty    bool // the store holds deleted bytes
	dozing   bool // a timer will send to woken
	woken    chan struct{}
}

func (l *line) run(ctx context.Context) error {
	me, err := l.c.self(ctx)
	if err != nil {
		return err
	}
	l.sock, err = l.c.transport.Dial(ctx, me.credential())
	if err != nil {
		if fault.Is(err, fault.Unauthenticated) && me.Device != wire.Primary {
			return l.c.whyRefused(ctx, me, err)
		}
		if refused(err) && (fault.Is(err, fault.Unauthenticated) || fault.Is(err, fault.Forbidden) || fault.Is(err, fault.Invalid)) {
			return err
		}
		return lineError(err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	l.frames, l.broken = make(chan []byte, 2*window), make(chan error, 1)
	l.woken = make(chan struct{})
	defer l.hangUp()
	go l.read(ctx)
	l.c.stir()
	return l.serve(ctx)
}

// hangUp closes in order, while the reader still runs: a goodbye that both
// sides read brings the last acknowledgements over.
func (l *line) hangUp() {
	go func() {
		for range l.frames {
		}
	}()
	l.sock.Close()
}

// read hands frames over; the channel's bound is the back-pressure.
func (l *line) read(ctx context.Context) {
	defer close(l.frames)
	for {
		b, err := l.sock.Read(ctx)
		if err != nil {
			l.broken <- err
			return
		}
		select {
		case l.frames <- b:
		case <-ctx.Done():
			return
		}
	}
}

func (l *line) serve(ctx context.Context) error {
	for {
		select {
		case b, open := <-l.frames:
			if !open {
				return lineError(l.reason(ctx))
			}
			if err := l.handle(ctx, b); err != nil {
				return err
			}
		case <-l.woken:
			l.dozing = false
			l.c.stir()
		case <-l.c.wake:
			if err := l.pump(ctx); err != nil {
				return err
			}
		case g := <-l.c.signs:
			if err := l.show(ctx, g); err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		}
		if len(l.frames) > 0 && len(l.acks) < window {
			continue
		}
		if end, err := l.rest(ctx); end || err != nil {
			return err
		}
	}
}

func (l *line) reason(ctx context.Context) error {
	select {
	case err := <-l.broken:
		return err
	default:
		return ctx.Err()
	}
}

// rest is what happens when no frame waits: acknowledge, tidy, and ask whether
// this was all.
func (l *line) rest(ctx context.Context) (end bool, err error) {
	if err := l.acknowledge(ctx); err != nil {
		return false, err
	}
	if l.caught && !l.tended {
		l.tended = true
		if err := l.c.tend(ctx); err != nil {
			return false, err
		}
	}
	if l.dirty && l.caught && len(l.frames) == 0 {
		l.dirty = false
		if err := l.c.store.Erase(ctx); err != nil {
			return false, err
		}
	}
	l.c.rests()
	if l.until == nil {
		return false, nil
	}
	p, err := l.c.progress(ctx)
	p.Caught = l.caught
	return err == nil && len(l.frames) == 0 && l.until(p), err
}

func (c *Client) progress(ctx context.Context) (p Progress, err error) {
	err = c.store.View(ctx, func(tx Tx) error {
		all, err := rows(tx)
		p = Progress{}
		stuck := map[wire.Address]bool{} // behind an envelope that was put off, as in pump
		for _, r := range all {
			if r.Held {
				continue
			}
			p.Waiting++
			if stuck[r.To] = stuck[r.To] || r.NotBefore > c.clock.Now().Unix(); stuck[r.To] {
				p.PutOff++
			}
		}
		if err != nil {
			return err
		}
		files, err := tx.List(BucketFreight, Range{})
		p.Files = len(files)
		if err != nil || c.canCarry() != nil {
			return err
		}
		due := map[wire.AccountID]*portrait{}
		_, err = (&state{Tx: tx, c: c}).duePortraits(c.clock.Now().Unix(), due)
		p.Photos = len(due)
		return err
	})
	return p, err
}

func (l *line) write(ctx context.Context, f wire.Frame) error {
	b, err := wire.AppendFrame(nil, f)
	if err != nil {
		return err
	}
	if err := l.sock.Write(ctx, b); err != nil {
		return lineError(err)
	}
	return nil
}

func (l *line) acknowledge(ctx context.Context) error {
	if len(l.acks) == 0 {
		return nil
	}
	if err := l.write(ctx, wire.Ack{Seqs: l.acks}); err != nil {
		return err
	}
	l.acks = nil
	return nil
}

func (l *line) handle(ctx context.Context, b []byte) error {
	f, err := wire.ParseFrame(b)
	if err != nil {
		return lineError(err)
	}
	switch f := f.(type) {
	case wire.Hello:
		l.greeted = true
		l.c.checkTime(f.Time)
	case wire.Hinted:
		return l.c.receiveHint(ctx, f)
	case wire.Deliver:
		l.c.near.heard(f.From.Account, l.c.clock.Now())
		return l.take(ctx, f.Seq, envelope{f.From, f.At, f.Kind, f.Body})
	case wire.Sealed:
		return l.unseal(ctx, f)
	case wire.Sent:
		return l.answered(ctx, f.Ref, func() error { return l.c.done(ctx, f.Ref) })
	case wire.Refused:
		return l.answered(ctx, f.Ref, func() error { return l.c.refusal(ctx, f) })
	case wire.Empty:
		l.caught, l.dirty = true, true
		if l.until == nil {
			return l.appear(ctx)
		}
	case wire.KeysLow:
		return l.c.soft(l.c.Refill(ctx))
	case wire.Goodbye:
		return lineError(fault.New(fault.Unavailable, "read", "%s", f.Say))
	default:
		return lineError(errors.New("a frame that only devices send"))
	}
	return nil
}

// take commits first and acknowledges after it.
func (l *line) take(ctx context.Context, seq uint64, e envelope) error {
	if err := l.c.receive(ctx, e); err != nil {
		return err
	}
	l.acks, l.dirty, l.tended = append(l.acks, seq), true, false
	return nil
}

// unseal opens a row of the mailbox. One that does not open is recorded under
// its own digest, and does not stand in the way.
func (l *line) unseal(ctx context.Context, f wire.Sealed) error {
	_, _, opener, err := l.c.keys(ctx)
	if err != nil {
		return err
	}
	letter, err := opener.OpenRow(f.Row)
	if err != nil {
		return l.take(ctx, f.Seq, envelope{Kind: kindRow, Body: f.Row, At: l.c.nowMilli()})
	}
	return l.take(ctx, f.Seq, envelope{letter.From, letter.At, letter.Kind, letter.Body})
}

// answered settles one envelope and goes on with the outbox when half the
// window is free.
func (l *line) answered(ctx context.Context, ref uint64, f func() error) error {
	if !l.inflight[ref] {
		return nil // not of this connection, or answered before
	}
	if err := l.c.soft(f()); err != nil {
		return err
	}
	delete(l.inflight, ref)
	if l.dirty = true; len(l.inflight) == 0 {
		l.tended = false // what waited for the texts to leave
	}
	if len(l.inflight) <= window/2 {
		l.c.stir()
	}
	return nil
}

// refusal follows the carrier's code.
func (c *Client) refusal(ctx context.Context, f wire.Refused) error {
	var r row
	err := c.store.View(ctx, func(tx Tx) (err error) {
		r, _, err = load[row](tx, BucketOutbox, number(f.Ref))
		return err
	})
	if err != nil || r.Ref == 0 {
		return err
	}
	switch f.Code {
	case wire.CodeGone:
		return c.gone(ctx, r)
	case wire.CodeFull, wire.CodeSlowDown, wire.CodeTemporary:
		return c.delay(ctx, r, time.Duration(max(f.RetryAfter, 2))*time.Second)
	}
	why := f.Say
	if why == "" {
		why = "the server refused it"
	}
	return c.fail(ctx, r, why)
}

// soft lets pass what a later attempt may cure and returns the rest.
func (c *Client) soft(err error) error {
	if err == nil {
		return nil
	}
	var f *fault.Error
	if errors.As(err, &f) && f.Kind != fault.Internal && f.Kind != fault.Unauthenticated {
		c.log.Warn("put off", "op", f.Op, "kind", f.Kind.String())
		return nil
	}
	return err
}

// pump sends what may go, in the order in which it was written, and for each
// device not past an envelope that has to wait.
func (l *line) pump(ctx context.Context) error {
	var all []row
	err := l.c.store.View(ctx, func(tx Tx) (err error) {
		all, err = rows(tx)
		return err
	})
	if err != nil {
		return err
	}
	now, wake := l.c.clock.Now().Unix(), int64(0)
	stuck := map[wire.Address]bool{}
	for _, r := range all {
		switch {
		case len(l.inflight) >= window:
			return nil
		case l.inflight[r.Ref] || r.Held || stuck[r.To]:
			continue
		case r.NotBefore > now:
			stuck[r.To] = true
			if wake == 0 || r.NotBefore < wake {
				wake = r.NotBefore
			}
			continue
		}
		sent, err := l.send(ctx, r)
		if err != nil {
			return err
		}
		stuck[r.To] = !sent
		if !sent && wake == 0 {
			wake = now + 5
		}
	}
	l.doze(ctx, wake-now, wake != 0)
	return nil
}

func (l *line) send(ctx context.Context, r row) (sent bool, err error) {
	if r.Body == nil {
		sealed, err := l.c.seal(ctx, r)
		if err != nil {
			return false, l.c.soft(err)
		}
		if sealed.Body == nil {
			return sealed.Ref == 0, nil
		}
		r = sealed
	}
	l.inflight[r.Ref] = true
	return true, l.write(ctx, wire.Send{Ref: r.Ref, To: r.To, Kind: r.Kind, Body: r.Body})
}

// doze stirs the outbox when the first envelope that was put off is due.
func (l *line) doze(ctx context.Context, seconds int64, due bool) {
	if !due || l.dozing {
		return
	}
	l.dozing = true
	go func() {
		if l.c.wait(ctx, time.Duration(max(seconds, 1))*time.Second) == nil {
			select {
			case l.woken <- struct{}{}:
			case <-ctx.Done():
			}
		}
	}()
}

// checkTime warns of a wrong clock: sessions and rotations go by it.
func (c *Client) checkTime(carrier int64) {
	if d := time.Duration(c.nowMilli()-carrier) * time.Millisecond; d.Abs() > 10*time.Minute {
		c.log.Warn("this device's clock differs from the server's", "by", d.Round(time.Minute).String())
	}
}

// tend does what is due once the queue is empty: ask again for what did not
// open, send receipts, remove what disappears, renew keys, check numbers that
// were claimed, forget old marks.
func (c *Client) tend(ctx context.Context) error {
	due := false
	changed, err := c.update(ctx, func(s *state) (err error) {
		if err := s.dueRepairs(); err != nil {
			return err
		}
		if err := s.dueReceipts(); err != nil {
			return err
		}
		if err := s.here(); err != nil {
			return err
		}
		if _, err := s.expire(); err != nil {
			return err
		}
		if due, err = s.rotationDue(); err != nil {
			return err
		}
		return s.sweep()
	})
	if err != nil {
		return err
	}
	c.tell(changed...)
	c.stir()
	c.checkClaims(ctx)
	if err := c.askContacts(ctx); err != nil {
		return err
	}
	if err := c.showDue(ctx); err != nil {
		return err
	}
	if err := c.tendDevices(ctx); err != nil {
		return err
	}
	if err := c.soft(errors.Join(c.settleGroups(ctx), c.answerKnocks(ctx))); err != nil {
		return err
	}
	if !due {
		return nil
	}
	return c.soft(c.Refill(ctx))
}
