package casefile

import (
	"context"
	"slices"
	"sync"

	"letterlock/internal/fault"
)

// A request for thousands of accounts takes a while to fold, and is folded with
// each batch that comes. The last few such cases stay in memory as they were,
// and only what happened since is read. A sealed case never stays.
const (
	longCase  = 100 // accounts from which a case is kept
	keepCases = 3
)

// recent are long cases as they were last seen, the newest last.
type recent struct {
	mu    sync.Mutex
	cases []Case
}

func (r *recent) of(n Number) (Case, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := slices.IndexFunc(r.cases, func(c Case) bool { return c.Number == n })
	if i < 0 {
		return Case{}, false
	}
	return r.cases[i].clone(), true
}

// keep takes the state of a long case.
func (r *recent) keep(c Case) {
	if c.Number.Sealed() || len(c.Demand.Targets) < longCase {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cases = slices.DeleteFunc(r.cases, func(x Case) bool { return x.Number == c.Number })
	r.cases = append(r.cases, c.clone())
	r.cases = slices.Delete(r.cases, 0, max(0, len(r.cases)-keepCases))
}

// forget drops a case whose persons' data leave.
func (r *recent) forget(n Number) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cases = slices.DeleteFunc(r.cases, func(x Case) bool { return x.Number == n })
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
