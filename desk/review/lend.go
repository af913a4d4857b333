package review

import (
	"context"
	"strings"
	"time"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
	"letterlock/law"
)

// MaxLoan is the longest that a case is lent at once.
const MaxLoan = 90 * 24 * time.Hour

// Lend shares one case with outside counsel by name, for a time and a reason.
func (s *Service) Lend(ctx context.Context, by casefile.MemberID, n casefile.Number, to casefile.MemberID, until time.Time, why string) error {
	now := s.Files.Clock.Now()
	switch {
	case strings.TrimSpace(why) == "":
		return invalid("say what they are asked")
	case !until.After(now) || until.Sub(now) > MaxLoan:
		return invalid("give a day within %d days", int(MaxLoan.Hours()/24))
	}
	me, err := s.Team.May(ctx, by, casefile.LendCases, n)
	if err != nil {
		return err
	}
	who, err := s.Team.May(ctx, to, casefile.SeeLent, "")
	if err != nil {
		return invalid("choose somebody who is outside counsel")
	}
	_, err = s.Files.Act(ctx, n, me, func(c casefile.Case) (casefile.Plan, error) {
		if n.Sealed() {
			return casefile.Nothing, invalid("a case of this lane is not lent")
		}
		return casefile.One(casefile.Event{Kind: casefile.KLent, Why: why, Loan: &casefile.Loan{To: who, Until: until}}, casefile.Duty{Kind: casefile.DutyLent, Key: who.ID, Due: until}), nil
	})
	return err
}

// TakeBackLoan ends a loan at once.
func (s *Service) TakeBackLoan(ctx context.Context, by casefile.MemberID, n casefile.Number, to casefile.MemberID, why string) error {
	me, err := s.Team.May(ctx, by, casefile.LendCases, n)
	if err != nil {
		return err
	}
	return s.endLoan(ctx, n, me, to, why)
}

func (s *Service) endLoan(ctx context.Context, n casefile.Number, by casefile.Actor, to casefile.MemberID, why string) error {
	_, err := s.Files.Act(ctx, n, by, func(c casefile.Case) (casefile.Plan, error) {
		for _, l := range c.Lent {
			if l.To.MemberID() == to && l.Ended.IsZero() {
				return casefile.Plan{Stop: true, Events: []casefile.Event{{Kind: casefile.KLentEnded, Why: why, Loan: &casefile.Loan{To: l.To, Until: l.Until}}},
					Duties: []casefile.Duty{s.Files.Done(casefile.Duty{Kind: casefile.DutyLent, Key: string(to), Due: l.Until})}}, nil
			}
		}
		return casefile.Nothing, nil
	})
	return err
}

// lentEnds ends a loan on its day. It has ended already for whom it was lent
// to: this only writes it down.
func (s *Service) lentEnds(ctx context.Context, d casefile.Duty) error {
	return s.endLoan(ctx, d.Case, casefile.TheClock, casefile.MemberID(d.Key), "its day has come")
}

// LentRow is a case lent to outside counsel, and what they are asked.
type LentRow struct {
	Case    casefile.Number
	Until   time.Time
	Process law.ProcessID
	Agency  string
	Why     string
}

// Lent are the cases lent to a member now.
func (s *Service) Lent(ctx context.Context, by casefile.MemberID) ([]LentRow, error) {
	if _, err := s.Team.May(ctx, by, casefile.SeeLent, ""); err != nil {
		return nil, err
	}
	all, err := s.Files.Public.Store.Waiting(ctx, casefile.DutyLent, string(by), 200)
	var out []LentRow
	for _, d := range all {
		if now := s.Files.Clock.Now(); d.Due.After(now) {
			c, err := s.Files.Load(ctx, d.Case)
			if err != nil {
				return nil, err
			}
			x := LentRow{Case: d.Case, Until: d.Due, Process: c.Demand.Process, Agency: c.Demand.AgencyName}
			for _, l := range c.Lent {
				if l.To.MemberID() == by && l.Ended.IsZero() {
					x.Why = l.Why
				}
			}
			out = append(out, x)
		}
	}
	return out, err
}

// Opine writes an opinion on a case.
func (s *Service) Opine(ctx context.Context, by casefile.MemberID, n casefile.Number, text string) error {
	if text = strings.TrimSpace(text); text == "" || len(text) > casefile.MaxText {
		return invalid("write an opinion of at most %d bytes", casefile.MaxText)
	}
	me, err := s.Team.May(ctx, by, casefile.Advise, n)
	if err != nil {
		return err
	}
	_, err = s.Files.Act(ctx, n, me, func(casefile.Case) (casefile.Plan, error) {
		return casefile.One(casefile.Event{Kind: casefile.KAdvice, Why: text}), nil
	})
	return err
}

// NoTie is a member's word for this one case: no conflict with its agency, its
// officer or an identifier in it, and how they know.
func (s *Service) NoTie(ctx context.Context, by casefile.MemberID, n casefile.Number, why string) error {
	return s.decide(ctx, by, n, func(c casefile.Case, me casefile.Actor) (casefile.Plan, error) {
		if c.NoTie(by) {
			return casefile.Nothing, nil
		}
		return casefile.One(casefile.Event{Kind: casefile.KNoTie, Why: why}), nil
	})
}

// saidNoTie refuses who has not declared for this case.
func saidNoTie(c casefile.Case, me casefile.Actor) error {
	if !c.NoTie(me.MemberID()) {
		return fault.New(fault.Forbidden, "review case", "say first that you have no conflict with this agency, officer or identifier")
	}
	return nil
}
