package review

import (
	"context"
	"slices"
	"strings"
	"time"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
	"letterlock/law"
)

// Agree is one of the two yeses with which a case that carries a demand on the
// system itself is closed: counsel's and a lead's, of two different people
// (duty D8). Whoever is both agrees as one of them.
func (s *Service) Agree(ctx context.Context, by casefile.MemberID, n casefile.Number, reason string) error {
	if strings.TrimSpace(reason) == "" {
		return invalid("give the reason: it stands in the file")
	}
	return s.decide(ctx, by, n, func(c casefile.Case, me casefile.Actor) (casefile.Plan, error) {
		row, err := s.row(c)
		if err != nil {
			return casefile.Nothing, err
		}
		if !c.MustChallenge(row) {
			return casefile.Nothing, fault.New(fault.Conflict, "agree to close", "this case carries no demand on the system: it is answered as any other")
		}
		roles := s.closers(ctx, by, c)
		if len(roles) == 0 {
			return casefile.Nothing, forbidden("counsel and a lead close such a case together; you are neither")
		}
		role := roles[0]
		if len(roles) > 1 && slices.ContainsFunc(c.Agreements, func(a casefile.Agreement) bool { return a.Role == role }) {
			role = roles[1]
		}
		return casefile.One(casefile.Event{Kind: casefile.KAgreed, Role: role, Why: reason}), nil
	})
}

// closers are the roles in which the member may agree.
func (s *Service) closers(ctx context.Context, by casefile.MemberID, c casefile.Case) (roles []string) {
	if _, err := s.Team.IsCounsel(ctx, by, c); err == nil {
		roles = append(roles, casefile.AsCounsel)
	}
	if _, err := s.Team.IsLead(ctx, by, c); err == nil {
		roles = append(roles, casefile.AsLead)
	}
	return roles
}

// soon is how long before a day of a challenge the alarm is raised.
const soon = 3 * 24 * time.Hour

// FileChallenge records that a challenge was filed: with whom, on what
// grounds, and the next day that must not be missed.
func (s *Service) FileChallenge(ctx context.Context, by casefile.MemberID, n casefile.Number, f casefile.Filing) error {
	switch {
	case strings.TrimSpace(f.Where) == "" || strings.TrimSpace(f.Grounds) == "" || f.Filed.IsZero():
		return invalid("say with whom it was filed, when, and on what grounds")
	case len(f.Grounds) > casefile.MaxText || len(f.Where) > casefile.MaxReference || len(f.Reference) > casefile.MaxReference:
		return invalid("the grounds may be %d bytes, the rest %d", casefile.MaxText, casefile.MaxReference)
	case f.Filed.After(s.Files.Clock.Now()):
		return invalid("it cannot have been filed in the future")
	case !f.Deadline.IsZero() && !f.Deadline.After(f.Filed):
		return invalid("the next day must come after the filing")
	}
	return s.asCounsel(ctx, by, n, func(c casefile.Case, me casefile.Actor) (casefile.Plan, error) {
		if f.Paper != "" {
			if _, ok := c.Paper(f.Paper); !ok {
				return casefile.Nothing, invalid("this paper is not with the case")
			}
		}
		f.ID = casefile.NewID()
		p := casefile.One(casefile.Event{Kind: casefile.KChallenged, Filing: &f, Why: f.Grounds})
		if !f.Deadline.IsZero() {
			p.Duties = append(p.Duties, casefile.Duty{Kind: casefile.DutyFiling, Key: f.ID, Due: f.Deadline.Add(-soon)})
		}
		return p, nil
	})
}

// EndChallenge records how a challenge ended.
func (s *Service) EndChallenge(ctx context.Context, by casefile.MemberID, n casefile.Number, id string, how casefile.ChallengeOutcome, result string) error {
	if !slices.Contains(casefile.ChallengeOutcomes, how) || strings.TrimSpace(result) == "" {
		return invalid("say how it ended, and what was decided")
	}
	return s.asCounsel(ctx, by, n, func(c casefile.Case, _ casefile.Actor) (casefile.Plan, error) {
		p := casefile.One(casefile.Event{Kind: casefile.KChallengeEnded, Filing: &casefile.Filing{ID: id, Outcome: how}, Why: result})
		for _, f := range c.Filings {
			if f.ID == id && !f.Deadline.IsZero() {
				p.Duties = append(p.Duties, s.Files.Done(casefile.Duty{Kind: casefile.DutyFiling, Key: id, Due: f.Deadline.Add(-soon)}))
			}
		}
		return p, nil
	})
}

// asCounsel is an act of counsel's; it may come after the answer.
func (s *Service) asCounsel(ctx context.Context, by casefile.MemberID, n casefile.Number, plan func(casefile.Case, casefile.Actor) (casefile.Plan, error)) error {
	me, err := s.Team.MayTouch(ctx, by, n)
	if err != nil {
		return err
	}
	_, err = s.Files.Act(ctx, n, me, func(c casefile.Case) (casefile.Plan, error) {
		if _, err := s.Team.IsCounsel(ctx, by, c); err != nil {
			return casefile.Nothing, err
		}
		return plan(c, me)
	})
	return err
}

// filing raises the alarm that a day of a challenge is near.
func (s *Service) filing(ctx context.Context, d casefile.Duty) error {
	_, err := s.Files.Act(ctx, d.Case, casefile.TheClock, func(c casefile.Case) (casefile.Plan, error) {
		p := casefile.Plan{Stop: true, Duties: []casefile.Duty{s.Files.Done(d)}}
		for _, f := range c.Filings {
			if f.ID == d.Key && f.Open() {
				p.Events = c.Alarm("the challenge filed with " + f.Where + " has a day that must not be missed: " + f.Deadline.UTC().Format("2 January 2006"))
			}
		}
		return p, nil
	})
	return err
}

// clear is the way back from a finding that says the system is demanded: what
// one person took as so is undone by counsel and a lead together, never by one.
func (s *Service) clear(ctx context.Context, by casefile.MemberID, c casefile.Case, f casefile.FindingState, me casefile.Actor, reason string) (casefile.Plan, error) {
	roles := s.closers(ctx, by, c)
	if len(roles) == 0 {
		return casefile.Nothing, forbidden("a demand on the system is set aside by counsel and a lead together")
	}
	d := f.Doubt
	if d != nil && d.By.ID != me.ID && slices.ContainsFunc(roles, func(r string) bool { return r != d.Role }) {
		return casefile.One(casefile.Event{Kind: casefile.KFindingAnswer, Finding: f.ID, Why: reason}), nil
	}
	if d != nil {
		return casefile.Nothing, forbidden("%s has said so as %s; the other of counsel and lead has to say it too", d.By.Name, d.Role)
	}
	return casefile.One(casefile.Event{Kind: casefile.KFindingDoubted, Finding: f.ID, Role: roles[0], Why: reason}), nil
}

// NoObligation reports a process that obliges to nothing: it is declined with
// the reason, by one letter, and by nothing else.
func NoObligation(row law.Row) bool {
	switch row.Stance {
	case law.StanceDecline, law.StanceVoluntaryDecline:
		return true
	}
	return row.ID == law.Informal
}

// DeclineAll declines every item for one reason and has the letter made. It is
// there for what obliges nobody.
func (s *Service) DeclineAll(ctx context.Context, by casefile.MemberID, n casefile.Number) error {
	if _, err := s.Team.MayTouch(ctx, by, n); err != nil {
		return err
	}
	c, err := s.Files.Load(ctx, n)
	if err != nil {
		return err
	}
	row, err := s.row(c)
	if err != nil {
		return err
	}
	if _, err := s.Team.MayDecide(ctx, by, c); err != nil {
		return err
	}
	if !NoObligation(row) {
		return fault.New(fault.Conflict, "decline", "this process may oblige: each item is decided on its own")
	}
	because := law.FindingID("SYS.NO_OBLIGATION")
	if row.ID == law.Informal {
		because = "FORM.NO_LEGAL_BASIS"
	}
	f, _ := s.Law.Finding(because)
	var all []Choice
	for _, i := range c.Demand.Wanted {
		all = append(all, Choice{Item: i, Verdict: casefile.Decline, Reason: f.Sentence, Finding: because})
	}
	if err := s.Decide(ctx, by, n, all); err != nil {
		return err
	}
	return s.Answer(ctx, by, n, f.Sentence)
}
