package review

import (
	"context"
	"slices"
	"time"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
)

// Reminder sends word to an officer's mailbox; never about which request.
type Reminder interface {
	// Remind says that a question waits.
	Remind(ctx context.Context, officer casefile.OfficerID) error
	// Ready says that an answer can be collected.
	Ready(ctx context.Context, officer casefile.OfficerID) error
	// RemindFetch says that an answer was not collected and is destroyed soon.
	RemindFetch(ctx context.Context, officer casefile.OfficerID) error
	// RemindEnd says that a preservation ends.
	RemindEnd(ctx context.Context, officer casefile.OfficerID) error
}

// LastCall is how long before its end an officer is told that a package was not
// collected.
const LastCall = 7 * 24 * time.Hour

// word tells the officer of a question or a package, once each, and of a
// package that nobody collected once more before it is destroyed. The duty's
// key is the question's or the package's. What is held may belong to somebody
// else, and of sealed matters no mail leaves: the portal tells of them.
func (s *Service) word(ctx context.Context, d casefile.Duty) error {
	c, err := s.Files.Load(ctx, d.Case)
	if err != nil {
		return err
	}
	switch {
	case c.Number.Sealed() || s.Reminder == nil || c.Held.Outcome == casefile.Fraudulent: // a forger gets no word
		return s.finish(ctx, d)
	case c.OnHold():
		return nil // until a person has looked at it
	}
	if i := slices.IndexFunc(c.Packages, func(p casefile.Package) bool { return string(p.ID) == d.Key }); i >= 0 {
		return s.wordOf(ctx, c, c.Packages[i], d)
	}
	if slices.ContainsFunc(c.Questions, func(q casefile.Question) bool { return string(q.ID) == d.Key && q.Open() }) {
		if err := sent(s.Reminder.Remind(ctx, c.Demand.Officer)); err != nil {
			return err
		}
	}
	return s.finish(ctx, d)
}

func (s *Service) wordOf(ctx context.Context, c casefile.Case, p casefile.Package, d casefile.Duty) error {
	now, last := s.Files.Clock.Now(), p.Expires.Add(-LastCall)
	switch {
	case !p.There(now) || p.Whole() > 0:
		return s.finish(ctx, d)
	case !now.Before(last):
		if err := sent(s.Reminder.RemindFetch(ctx, c.Demand.Officer)); err != nil {
			return err
		}
		return s.finish(ctx, d)
	}
	if err := sent(s.Reminder.Ready(ctx, c.Demand.Officer)); err != nil {
		return err
	}
	d.Due = last
	_, err := s.Files.Act(ctx, d.Case, casefile.TheClock, func(casefile.Case) (casefile.Plan, error) {
		return casefile.Plan{Duties: []casefile.Duty{d}}, nil
	})
	return err
}

// sent forgives that there is nobody to tell: nobody enrolled filed the
// request, or they have left.
func sent(err error) error {
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Forbidden) {
		return nil
	}
	return err
}
