// Package turn puts the changes of a group in one order: of several that are
// made at once, one is next. It knows a place, a number and hashes; it must not
// know who is in a group, and keeps no account, so that what it stores leads to
// nobody. Members trust it with nothing: they check every change themselves.
package turn

import (
	"context"
	"crypto/sha256"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"letterlock/internal/clock"
	"letterlock/internal/fault"
	"letterlock/wire"
)

// Month is a month as it is stored: "2026-11". A day would say more than
// forgetting needs.
type Month string

func monthOf(t time.Time) Month { return Month(t.UTC().Format("2006-01")) }

// Row is the last change at a place.
type Row struct {
	Place [32]byte
	Seq   uint64
	Head  [32]byte
	Token [32]byte // SHA-256 of the token for the next change
	Month Month
}

// Store is what turn needs of a database.
type Store interface {
	// Turn reads the row of a place; ok false: none.
	Turn(ctx context.Context, place [32]byte) (r Row, ok bool, err error)
	// PutTurn stores r in the place of old, if old is still there as it was
	// (nil: if there is none); won false: it is not.
	PutTurn(ctx context.Context, old *Row, r Row) (won bool, err error)
	// ForgetTurns removes the rows of months before one.
	ForgetTurns(ctx context.Context, before Month) error
}

// Kept is for how many months after its last change a group's place is kept.
const Kept = 36

// Config is what Turns works with.
type Config struct {
	Store  Store
	Clock  clock.Clock
	Log    *slog.Logger
	Places int // new places an account may take in an hour; 30
}

// Turns is the register. It is safe for concurrent use.
type Turns struct {
	Config
	mu     sync.Mutex
	takers map[wire.AccountID]*rate.Limiter
}

// New makes the register.
func New(c Config) *Turns {
	if c.Places == 0 {
		c.Places = 30
	}
	if c.Log == nil {
		c.Log = slog.New(slog.DiscardHandler)
	}
	return &Turns{Config: c, takers: map[wire.AccountID]*rate.Limiter{}}
}

// Take makes a change the next one of its place, and answers which change is
// the last there now: the caller's, if it won. Asking again with the same
// change is answered the same. The account only counts against its limit.
func (t *Turns) Take(ctx context.Context, caller wire.AccountID, n wire.Turn) (wire.Turned, error) {
	if n.Place == [32]byte{} || n.Head == [32]byte{} || n.Next == [32]byte{} || n.Seq == 0 || n.Seq > 1<<40 || (n.Seq == 1) != (n.Prev == [32]byte{}) {
		return wire.Turned{}, fault.New(fault.Invalid, "take a turn", "this change is not complete")
	}
	old, found, err := t.Store.Turn(ctx, n.Place)
	if err != nil {
		return wire.Turned{}, fmt.Errorf("read turn: %w", err)
	}
	if !found {
		return t.begin(ctx, caller, n)
	}
	if old.Head == n.Head && old.Seq == n.Seq {
		return wire.Turned{Seq: old.Seq, Head: old.Head}, nil
	}
	if sha256.Sum256(n.Token[:]) != old.Token || n.Prev != old.Head || n.Seq != old.Seq+1 {
		return wire.Turned{Seq: old.Seq, Head: old.Head}, nil
	}
	return t.put(ctx, &old, n)
}

// begin takes a new place; one that was forgotten goes on where it was.
func (t *Turns) begin(ctx context.Context, caller wire.AccountID, n wire.Turn) (wire.Turned, error) {
	if !t.allowed(caller) {
		return wire.Turned{}, fault.New(fault.Exhausted, "take a turn", "too many groups were begun: try again in an hour")
	}
	return t.put(ctx, nil, n)
}

func (t *Turns) put(ctx context.Context, old *Row, n wire.Turn) (wire.Turned, error) {
	won, err := t.Store.PutTurn(ctx, old, Row{Place: n.Place, Seq: n.Seq, Head: n.Head, Token: n.Next, Month: monthOf(t.Clock.Now())})
	if err != nil {
		return wire.Turned{}, fmt.Errorf("store turn: %w", err)
	}
	if won {
		return wire.Turned{Seq: n.Seq, Head: n.Head}, nil
	}
	now, _, err := t.Store.Turn(ctx, n.Place)
	if err != nil {
		return wire.Turned{}, fmt.Errorf("read turn: %w", err)
	}
	return wire.Turned{Seq: now.Seq, Head: now.Head}, nil
}

// maxLimiters bounds the limiters in memory; past it all start afresh.
const maxLimiters = 50_000

func (t *Turns) allowed(caller wire.AccountID) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.takers) > maxLimiters {
		clear(t.takers)
	}
	l := t.takers[caller]
	if l == nil {
		l = rate.NewLimiter(rate.Limit(float64(t.Places)/3600), t.Places)
		t.takers[caller] = l
	}
	return l.AllowN(t.Clock.Now(), 1)
}

// Run forgets, once a day, the places of groups that have not changed for long.
func (t *Turns) Run(ctx context.Context) {
	tick := time.NewTicker(24 * time.Hour)
	defer tick.Stop()
	for {
		if err := t.Store.ForgetTurns(ctx, monthOf(t.Clock.Now().AddDate(0, -Kept, 0))); err != nil && ctx.Err() == nil {
			t.Log.Error("forget places of groups", "err", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
