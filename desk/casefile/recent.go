package casefile

import (
	"context"
	"sync"

	"letterlock/internal/fault"
)

// A case is folded with each act on it, and one act leads to the next: the last
// few stay in memory as they were, and only what happened since is read. Of
// requests for thousands of accounts fewer stay. A sealed case never does.
const (
	keepCases    = 64
	keepAccounts = 30_000
)

// recent are cases as they were last seen.
type recent struct {
	mu       sync.Mutex
	cases    map[Number]*seen
	accounts int // in all of them
	turn     uint64
}

// seen is a case with the turn in which somebody last asked for it.
type seen struct {
	Case
	turn uint64
}

func (r *recent) of(n Number) (Case, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	x, ok := r.cases[n]
	if !ok {
		return Case{}, false
	}
	return x.Case.clone(), true
}

// keep takes the state of a case.
func (r *recent) keep(c Case) {
	if c.Number.Sealed() {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cases == nil {
		r.cases = map[Number]*seen{}
	}
	r.drop(c.Number)
	r.turn++
	r.cases[c.Number] = &seen{c.clone(), r.turn}
	r.accounts += len(c.Demand.Targets)
	for len(r.cases) > keepCases || r.accounts > keepAccounts && len(r.cases) > 1 {
		r.drop(r.oldest())
	}
}

func (r *recent) oldest() (n Number) {
	turn := r.turn
	for k, x := range r.cases {
		if x.turn <= turn {
			n, turn = k, x.turn
		}
	}
	return n
}

func (r *recent) drop(n Number) {
	if x, ok := r.cases[n]; ok {
		r.accounts -= len(x.Demand.Targets)
		delete(r.cases, n)
	}
}

// forget drops a case whose persons' data leave.
func (r *recent) forget(n Number) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.drop(n)
}

// since is a kept case brought up to date; false: read all of it. The last
// event that was seen must still be there: the number of an exercise goes to
// another case when it is over.
func (f *Files) since(ctx context.Context, n Number) (Case, bool, error) {
	c, ok := f.recent.of(n)
	if !ok {
		return c, false, nil
	}
	events, err := f.Shelf(n.Sealed()).Store.EventsFrom(ctx, n, c.Version())
	if fault.Is(err, fault.NotFound) {
		return c, false, nil
	}
	if err != nil {
		return c, false, err
	}
	last := c.Events[c.Version()-1]
	if events[0].Salt != last.Salt || events[0].Kind != last.Kind {
		return c, false, nil
	}
	for _, e := range events[1:] {
		if c, err = c.Apply(e); err != nil {
			return c, false, err
		}
	}
	return c, true, nil
}
