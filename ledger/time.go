package ledger

import (
	"context"
	"time"
)

func nanos(n int64) time.Time { return time.Unix(0, n).UTC() }

// HighWater is the latest time the ledger has seen and had no reason to doubt.
func (l *Ledger) HighWater() time.Time {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.mark
}

// CheckClock compares a time with the high-water mark. A steady clock moves
// the mark; a jump leaves it, so that the jump is reported again and again,
// across restarts too, until AcceptClock. After a jump taps stop at Earlier,
// and destruction and notices wait for two people; the owner sees to that.
func (l *Ledger) CheckClock(now time.Time) Jump {
	l.mu.Lock()
	defer l.mu.Unlock()
	j := Jump{From: l.mark, To: now.UTC(), Restart: !l.looked}
	switch {
	case now.Sub(l.mark) > MaxAhead:
		j.Kind = Ahead
	case l.mark.Sub(now) > MaxBack:
		j.Kind = Back
	default:
		l.looked = true
		if now.After(l.mark) {
			l.mark = now.UTC()
		}
	}
	return j
}

// AcceptClock records that people found the clock right, as r says, and makes
// what it shows now the high-water mark.
func (l *Ledger) AcceptClock(ctx context.Context, r Record) (Receipt, error) {
	r.Priority = true
	return l.submit(ctx, &call{Record: r, accept: true, done: make(chan result, 1)})
}
