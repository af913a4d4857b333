package review

import (
	"context"
	"fmt"
	"time"

	"letterlock/desk/casefile"
	"letterlock/disclosable/door"
	"letterlock/internal/fault"
)

// A few hundred look-ups are one call, and are made while somebody waits. More
// are made by the clock, call after call, and stand in the case as they come.

// again is how long the clock waits after a carrier that did not answer.
const again = time.Minute

// change is an act on a case by whoever may look it up.
type change func(plan func(casefile.Case, casefile.Actor) (casefile.Plan, error)) error

// LookUpAll has everything looked up that was not: at once, or by the clock.
func (s *Service) LookUpAll(ctx context.Context, by casefile.MemberID, n casefile.Number, why string) (later bool, err error) {
	err = s.decide(ctx, by, n, func(c casefile.Case, _ casefile.Actor) (casefile.Plan, error) {
		left := len(c.LookUps(len(c.Demand.Targets)))
		if later = left > door.MaxLookups; !later || c.LookingUp {
			return casefile.Nothing, nil
		}
		return casefile.One(casefile.Event{Kind: casefile.KLookupsAsked, Count: left, Why: why}, casefile.Duty{Kind: casefile.DutyLookUp, Due: s.Files.Clock.Now()}), nil
	})
	if err != nil || later {
		return later, err
	}
	return false, s.ResolveAll(ctx, by, n, why)
}

// lookUps is the clock's part: it goes on where it was, also after a restart.
func (s *Service) lookUps(ctx context.Context, d casefile.Duty) error {
	c, err := s.Files.Load(ctx, d.Case)
	switch {
	case err != nil:
		return err
	case c.Withdrawn || !c.LookingUp:
		return s.finish(ctx, d)
	case c.OnHold():
		return nil
	}
	err = s.resolveAll(ctx, d.Case, func(plan func(casefile.Case, casefile.Actor) (casefile.Plan, error)) error {
		_, err := s.Files.Act(ctx, d.Case, casefile.TheClock, func(c casefile.Case) (casefile.Plan, error) {
			if c.Withdrawn || c.OnHold() {
				return casefile.Nothing, nil
			}
			return plan(c, casefile.TheClock)
		})
		return err
	})
	switch {
	case err == nil:
		return s.finish(ctx, d)
	case refusal(err):
		return s.stopLookUps(ctx, d, fault.Say(err))
	}
	d.Due, d.Note = s.Files.Clock.Now().Add(again), "the carrier did not answer"
	if fault.Is(err, fault.Exhausted) { // the day's budget: the rest tomorrow
		d.Due, d.Note = s.Files.Clock.Now().UTC().Truncate(24*time.Hour).Add(24*time.Hour+again), fault.Say(err)
	}
	if _, moved := s.Files.Act(ctx, d.Case, casefile.TheClock, func(casefile.Case) (casefile.Plan, error) {
		return casefile.Plan{Duties: []casefile.Duty{d}, Stop: true}, nil
	}); moved != nil {
		return moved
	}
	return err
}

// stopLookUps ends what the carrier refuses; a person may ask again.
func (s *Service) stopLookUps(ctx context.Context, d casefile.Duty, why string) error {
	_, err := s.Files.Act(ctx, d.Case, casefile.TheClock, func(c casefile.Case) (casefile.Plan, error) {
		left := len(c.LookUps(len(c.Demand.Targets)))
		events := append([]casefile.Event{{Kind: casefile.KLookupsStopped, Why: why}}, c.Alarm(fmt.Sprintf("%d accounts were not looked up: %s", left, why))...)
		return casefile.Plan{Events: events, Duties: []casefile.Duty{s.Files.Done(d)}, Stop: true}, nil
	})
	return err
}
