// Package retain lets the data of persons leave: when the term of a case that
// is over has passed, on its day, by the clock and for good. What is open in a
// case, and a litigation hold by counsel, keep them. It knows cases and their
// ends, and must not know who asked, what was asked, or why.
package retain

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
)

// Team answers who may do what now; desk/staff implements it.
type Team interface {
	May(ctx context.Context, id casefile.MemberID, p casefile.Permission, n casefile.Number) (casefile.Actor, error)
	IsCounsel(ctx context.Context, id casefile.MemberID, c casefile.Case) (casefile.Actor, error)
}

// Terms of keeping, in days. The default is the house's own and no law's:
// counsel sets another where a law asks for one.
const (
	DefaultDays = 3 * 365
	LeastDays   = 30
)

// Service is the retention of cases.
type Service struct {
	Files *casefile.Files
	Team  Team
	Days  int // the term; 0: DefaultDays
}

const day = 24 * time.Hour

func (s *Service) term() time.Duration {
	if s.Days == 0 {
		return DefaultDays * day
	}
	return time.Duration(s.Days) * day
}

// Rule is the rule under which the data leave, as the history shows it.
func (s *Service) Rule() string {
	return fmt.Sprintf("%d days after the case and all its duties ended", int(s.term()/day))
}

// Stay is how long the persons' data of a case are still there.
type Stay struct {
	Day  time.Time // they leave as it begins; zero: something keeps them
	Why  []string  // what keeps them
	Rule string
}

// Of says when the persons' data of a case leave, or what keeps them.
func (s *Service) Of(c casefile.Case, duties []casefile.Duty) Stay {
	st := Stay{Why: c.Stays(), Rule: s.Rule()}
	open := 0
	for _, d := range duties {
		if d.Done.IsZero() && d.Kind != casefile.DutyLegalHold {
			open++
		}
	}
	if open > 0 {
		st.Why = append(st.Why, "the clock has work left in it: see what is due")
	}
	if ended := c.Ended(); len(st.Why) == 0 && !ended.IsZero() {
		st.Day = ended.Truncate(day).Add(day + s.term())
	}
	return st
}

// atOnce bounds how many cases lose their data in one look.
const atOnce = 200

// Work lets leave what is due, on both shelves. A case leaves in one
// transaction, whole or not at all; its files and the erasure follow, and are
// begun again after a crash until they are done.
func (s *Service) Work(ctx context.Context) error {
	if err := s.work(ctx, s.Files.Sealed); err != nil {
		s.Files.PutAside(ctx, err)
	}
	return s.work(ctx, s.Files.Public)
}

func (s *Service) work(ctx context.Context, shelf casefile.Shelf) error {
	today := s.Files.Clock.Now().UTC().Truncate(day)
	due, err := shelf.Store.Ended(ctx, today.Add(-s.term()), atOnce)
	if err != nil {
		return fmt.Errorf("read whose data leave: %w", err)
	}
	var errs []error
	for _, n := range due {
		if err := s.leave(ctx, n); err != nil {
			errs = append(errs, fmt.Errorf("let persons' data leave: %w", err))
		}
	}
	return errors.Join(append(errs, finish(ctx, shelf))...)
}

func (s *Service) leave(ctx context.Context, n casefile.Number) error {
	duties, err := s.Files.Shelf(n.Sealed()).Store.DutiesOf(ctx, n)
	if err != nil {
		return err
	}
	_, err = s.Files.Act(ctx, n, casefile.TheClock, func(c casefile.Case) (casefile.Plan, error) {
		if st := s.Of(c, duties); st.Day.IsZero() || s.Files.Clock.Now().Before(st.Day) {
			return casefile.Nothing, nil // something was done in it meanwhile
		}
		return casefile.One(c.AsLeft(s.Rule())), nil
	})
	return err
}

// finish removes the files of cases that have left, and then what the database
// engine still holds of them.
func finish(ctx context.Context, shelf casefile.Shelf) error {
	blobs, erase, err := shelf.Store.Leaving(ctx)
	if err != nil {
		return err
	}
	for _, b := range blobs {
		used, err := shelf.Store.BlobUsed(ctx, b) // another case has the same paper
		if err == nil && !used {
			err = shelf.Blobs.Remove(ctx, b)
		}
		if err == nil {
			err = shelf.Store.Gone(ctx, b)
		}
		if err != nil {
			return fmt.Errorf("remove files that left: %w", err)
		}
	}
	if !erase {
		return nil
	}
	return shelf.Store.Wipe(ctx)
}

func invalid(format string, args ...any) error {
	return fault.New(fault.Invalid, "hold case", format, args...)
}

// LongestHold is how far away the day of a hold may be.
const LongestHold = 3 * 365 * day

// Order is what counsel says of a hold.
type Order struct {
	Day  time.Time // on which it ends, or is looked at again
	Ends bool      // it ends by itself on that day
	Why  string
}

func (o Order) check(now time.Time) error {
	switch {
	case strings.TrimSpace(o.Why) == "" || len(o.Why) > casefile.MaxText:
		return invalid("give the reason for the hold: which proceedings need the case, in at most %d letters", casefile.MaxText)
	case !o.Day.After(now) || o.Day.After(now.Add(LongestHold)):
		return invalid("give a day after today and within three years; a hold that must go on longer is looked at again then")
	}
	return nil
}

// Hold keeps the persons' data of a case beyond their term: counsel alone, with
// a reason and a day.
func (s *Service) Hold(ctx context.Context, by casefile.MemberID, n casefile.Number, o Order) error {
	if err := o.check(s.Files.Clock.Now()); err != nil {
		return err
	}
	h := casefile.LegalHold{ID: casefile.NewID(), Day: o.Day, Ends: o.Ends}
	return s.counsel(ctx, by, n, func(casefile.Case) casefile.Plan {
		return casefile.One(casefile.Event{Kind: casefile.KLegalHold, LegalHold: &h, Why: o.Why}, casefile.Duty{Kind: casefile.DutyLegalHold, Key: h.ID, Due: h.Day})
	})
}

// Renew gives a hold another day.
func (s *Service) Renew(ctx context.Context, by casefile.MemberID, n casefile.Number, id string, o Order) error {
	if err := o.check(s.Files.Clock.Now()); err != nil {
		return err
	}
	return s.counsel(ctx, by, n, func(casefile.Case) casefile.Plan {
		h := casefile.LegalHold{ID: id, Day: o.Day, Ends: o.Ends}
		return casefile.One(casefile.Event{Kind: casefile.KLegalHoldLook, LegalHold: &h, Why: o.Why}, casefile.Duty{Kind: casefile.DutyLegalHold, Key: id, Due: o.Day})
	})
}

// End ends a hold before its day.
func (s *Service) End(ctx context.Context, by casefile.MemberID, n casefile.Number, id, why string) error {
	if strings.TrimSpace(why) == "" {
		return invalid("give the reason for ending the hold")
	}
	return s.counsel(ctx, by, n, func(casefile.Case) casefile.Plan {
		return casefile.One(casefile.Event{Kind: casefile.KLegalHoldEnds, LegalHold: &casefile.LegalHold{ID: id}, Why: why}, s.Files.Done(casefile.Duty{Kind: casefile.DutyLegalHold, Key: id}))
	})
}

func (s *Service) counsel(ctx context.Context, by casefile.MemberID, n casefile.Number, plan func(casefile.Case) casefile.Plan) error {
	me, err := s.Team.May(ctx, by, casefile.DecideCounsel, n)
	if err != nil {
		return err
	}
	_, err = s.Files.Act(ctx, n, me, func(c casefile.Case) (casefile.Plan, error) {
		if _, err := s.Team.IsCounsel(ctx, by, c); err != nil {
			return casefile.Nothing, err
		}
		return plan(c), nil
	})
	return err
}

// Handlers are the duties that this part carries out.
func (s *Service) Handlers() map[casefile.DutyKind]func(context.Context, casefile.Duty) error {
	return map[casefile.DutyKind]func(context.Context, casefile.Duty) error{casefile.DutyLegalHold: s.due}
}

// AlarmHold is raised when a hold's day has come and it does not end by itself.
const AlarmHold = "a litigation hold is to be looked at again: counsel ends it, or gives it another day"

// lookAgain is how long an alarm about a hold waits until the next.
const lookAgain = 30 * day

// due is the day of a hold.
func (s *Service) due(ctx context.Context, d casefile.Duty) error {
	now := s.Files.Clock.Now()
	_, err := s.Files.Act(ctx, d.Case, casefile.TheClock, func(c casefile.Case) (casefile.Plan, error) {
		for _, h := range c.LegalHolds {
			switch {
			case h.ID != d.Key || !h.Open():
			case h.Ends:
				return casefile.One(casefile.Event{Kind: casefile.KLegalHoldEnds, LegalHold: &casefile.LegalHold{ID: h.ID}, Why: "its day has come"}, s.Files.Done(d)), nil
			default:
				d.Due = now.Add(lookAgain)
				return casefile.Plan{Events: c.Alarm(AlarmHold), Duties: []casefile.Duty{d}}, nil
			}
		}
		return casefile.Plan{Duties: []casefile.Duty{s.Files.Done(d)}}, nil
	})
	return err
}
