package notice

import (
	"context"
	"strings"
	"sync"
	"time"

	"letterlock/desk/casefile"
	"letterlock/internal/clock"
	"letterlock/internal/fault"
	"letterlock/ledger"
)

// HighWater is the ledger's memory of time.
type HighWater interface {
	CheckClock(now time.Time) ledger.Jump
	AcceptClock(ctx context.Context, r ledger.Record) (ledger.Receipt, error)
}

// Downtime is how long the program may have been off before its first look at
// the clock counts as a jump.
const Downtime = 24 * time.Hour

// Watch holds destruction and notices after a jump of the clock until two
// different people of the team have looked at it.
// architecture: "Time"
type Watch struct {
	Ledger HighWater
	Clock  clock.Clock
	Marks  casefile.Marks
	Acts   casefile.Acts
	Team   interface {
		May(ctx context.Context, id casefile.MemberID, p casefile.Permission, n casefile.Number) (casefile.Actor, error)
		MayDecide(ctx context.Context, id casefile.MemberID, c casefile.Case) (casefile.Actor, error)
	}

	mu sync.Mutex
}

// Hold is a jump that people have to look at.
type Hold struct {
	Jump  ledger.Jump
	First Confirmed // who has confirmed already
}

// Confirmed is one person's word that the clock was right after a jump.
type Confirmed struct {
	By   casefile.Actor `cbor:"by"`
	At   time.Time      `cbor:"at"`
	Why  string         `cbor:"why"`  // what they compared it with
	From int64          `cbor:"from"` // the high-water mark that was confirmed against
	To   int64          `cbor:"to"`   // what the clock said when they looked
}

const clockMark = "clock-confirmed"

// Held reports a clock that cannot be believed yet.
func (w *Watch) Held(ctx context.Context) bool {
	_, held := w.State(ctx)
	return held
}

// State is the jump that holds, if one does. After mere downtime the ledger is
// told to go on; if it cannot be, the hold stays.
func (w *Watch) State(ctx context.Context) (Hold, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.state(ctx)
}

func (w *Watch) state(ctx context.Context) (Hold, bool) {
	j := w.Ledger.CheckClock(w.Clock.Now())
	if !j.Jumped() {
		return Hold{}, false
	}
	if j.Kind == ledger.Ahead && j.Restart && j.By() <= Downtime {
		if _, err := w.Ledger.AcceptClock(ctx, ledger.Record{Kind: "clock.downtime", Time: w.Clock.Now()}); err == nil {
			return Hold{}, false
		}
	}
	h := Hold{Jump: j}
	if all, err := w.Confirmed(ctx); err == nil && len(all) > 0 && all[0].From == j.From.Unix() {
		h.First = all[0]
	}
	return h, true
}

// Confirmed is every word that was given, the newest first.
func (w *Watch) Confirmed(ctx context.Context) ([]Confirmed, error) {
	b, err := w.Marks.Mark(ctx, clockMark)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var all []Confirmed
	return all, casefile.Decode(b, &all)
}

// keep puts a word before those that were given.
func (w *Watch) keep(ctx context.Context, c Confirmed) error {
	all, err := w.Confirmed(ctx)
	if err != nil {
		return err
	}
	b, err := casefile.Encode(append([]Confirmed{c}, all...))
	if err != nil {
		return err
	}
	return w.Marks.SetMark(ctx, clockMark, b)
}

// Confirm is one person's word that the clock is right, with what they compared
// it with. The second person's lets notices and destruction go on.
func (w *Watch) Confirm(ctx context.Context, by casefile.MemberID, why string) error {
	me, err := w.Team.MayDecide(ctx, by, casefile.Case{})
	if err != nil {
		return err
	}
	if _, err := w.Team.May(ctx, by, casefile.ConfirmClock, ""); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	h, held := w.state(ctx)
	switch {
	case !held:
		return fault.New(fault.Conflict, "confirm clock", "the clock is in order")
	case h.First.By.ID == me.ID:
		return fault.New(fault.Forbidden, "confirm clock", "you have confirmed it; a second person has to look too")
	}
	c := Confirmed{By: me, At: w.Clock.Now(), Why: strings.TrimSpace(why), From: h.Jump.From.Unix(), To: h.Jump.To.Unix()}
	if err := w.Acts.Keep(ctx, "clock.confirmed", me, "", c.Why, c); err != nil {
		return err
	}
	if h.First.By == (casefile.Actor{}) {
		return w.keep(ctx, c)
	}
	if _, err := w.Ledger.AcceptClock(ctx, ledger.Record{Kind: "clock.accepted", Time: w.Clock.Now()}); err != nil {
		return fault.Wrap(fault.Unavailable, "confirm clock", err, "the ledger cannot be written; try again")
	}
	return w.keep(ctx, c)
}
