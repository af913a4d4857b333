package casefile

import (
	"context"
	"errors"
	"fmt"
)

// maxDue bounds one look at what is due. It is far above what can wait at
// once, so that duties that wait for people do not hide those that are ready.
const maxDue = 20_000

// Round is one look of the clock at what is due. It reads anew only after
// something has changed: an act of this round may be due in the same round.
type Round struct {
	files *Files
	read  bool
	at    uint64 // changes when it was read
	due   [2][]Duty
}

// Round begins a look at what is due.
func (f *Files) Round() *Round { return &Round{files: f} }

// Run executes what is due of one kind on both shelves. Each duty's handler
// does its work through Act and marks the duty done there, so that a crash in
// between repeats it harmlessly. A duty that fails stays due; the others go on.
func (r *Round) Run(ctx context.Context, k DutyKind, handler func(context.Context, Duty) error) error {
	if handler == nil {
		return nil
	}
	errs := []error{r.look(ctx)} // what can be read is done
	for i, sealed := range []bool{false, true} {
		for _, d := range r.due[i] {
			if d.Kind != k {
				continue
			}
			if err := handler(ctx, d); err != nil && ctx.Err() == nil {
				errs = append(errs, r.files.fail(ctx, sealed, fmt.Errorf("duty %s of %s: %w", d.Kind, shown(d.Case), err)))
			}
		}
	}
	return errors.Join(errs...)
}

// look reads what is due on both shelves, if it may have changed.
func (r *Round) look(ctx context.Context) error {
	now := r.files.changes.Load()
	if r.read && now == r.at {
		return nil
	}
	var errs []error
	for i, sealed := range []bool{false, true} {
		due, err := r.files.Shelf(sealed).Store.Duties(ctx, r.files.Clock.Now(), maxDue)
		if err != nil {
			errs = append(errs, r.files.fail(ctx, sealed, fmt.Errorf("read what is due: %w", err)))
		}
		r.due[i] = due
	}
	r.read, r.at = len(errs) == 0, now
	return errors.Join(errs...)
}
