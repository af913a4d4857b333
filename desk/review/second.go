package review

import (
	"context"
	"strings"
	"time"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
	"letterlock/law"
)

// Lot draws cases for a second review. The draw is fixed before anybody knows
// what is decided.
type Lot interface {
	Drawn(ctx context.Context, n casefile.Number) (bool, error)
}

// drawn adds a second review to a plan that decides the last open item of a
// case that the lot falls on. Each case is drawn once, and again after it was
// corrected.
func (s *Service) drawn(ctx context.Context, c casefile.Case, p *casefile.Plan, made []casefile.Decision) error {
	if s.Lot == nil || c.Drill != nil { // an exercise is no request: nothing is drawn
		return nil
	}
	for _, x := range c.Seconds {
		if x.Reason == casefile.SecondDrawn && (x.Given.IsZero() || !x.Given.Before(c.Since)) {
			return nil
		}
	}
	done := map[casefile.Item]bool{}
	for _, d := range made {
		done[d.Item] = d.Verdict.Final()
	}
	for _, i := range c.Demand.Wanted {
		d, ok := c.Decisions[i]
		if final, now := done[i]; now && !final || !now && (!ok || !d.Verdict.Final()) {
			return nil
		}
	}
	yes, err := s.Lot.Drawn(ctx, c.Number)
	if err != nil || !yes {
		return err
	}
	e, d := casefile.OpenSecond(casefile.SecondDrawn, "", s.Files.Clock.Now())
	e.By = casefile.TheClock
	p.Events, p.Duties = append(p.Events, e), append(p.Duties, d)
	return nil
}

// AskSecond puts a case up for a second review.
func (s *Service) AskSecond(ctx context.Context, by casefile.MemberID, n casefile.Number, why string) error {
	if strings.TrimSpace(why) == "" {
		return invalid("say why somebody should look again")
	}
	return s.decide(ctx, by, n, func(casefile.Case, casefile.Actor) (casefile.Plan, error) {
		e, d := casefile.OpenSecond(casefile.SecondAsked, why, s.Files.Clock.Now())
		return casefile.One(e, d), nil
	})
}

// AgainRow is a second review that waits for a person, without what the first
// decided.
type AgainRow struct {
	Case        casefile.Number
	ID          string
	Opened      time.Time
	Process     law.ProcessID
	Agency      string
	Asked       bool   // by a colleague; else drawn by lot
	Reviewer    string // who has taken it
	Mine, Acted bool   // taken by whoever looks; they have had a hand in the case
}

// Again lists the second reviews that wait, the oldest first.
func (s *Service) Again(ctx context.Context, by casefile.MemberID) ([]AgainRow, error) {
	if _, err := s.Team.May(ctx, by, casefile.ReviewAgain, ""); err != nil {
		return nil, err
	}
	may, err := s.Team.MaySeal(ctx, by)
	if err != nil {
		return nil, err
	}
	var out []AgainRow
	for i, shelf := range s.Files.Shelves() {
		if i > 0 && !may {
			break
		}
		all, err := shelf.Store.Waiting(ctx, casefile.DutySecond, "", 200)
		if err != nil {
			return nil, err
		}
		for _, d := range all {
			row, err := s.againRow(ctx, by, d)
			if err != nil {
				return nil, err
			}
			out = append(out, row)
		}
	}
	return out, nil
}

func (s *Service) againRow(ctx context.Context, by casefile.MemberID, d casefile.Duty) (AgainRow, error) {
	c, err := s.Files.Load(ctx, d.Case)
	if err != nil {
		return AgainRow{}, err
	}
	x, _ := c.SecondOf(d.Key)
	return AgainRow{Case: d.Case, ID: d.Key, Opened: d.Due, Process: c.Demand.Process, Agency: c.Demand.AgencyName, Asked: x.Reason == casefile.SecondAsked, Reviewer: x.Reviewer.Name,
		Mine: x.Reviewer.ID == string(by), Acted: c.ActedOn(by)}, nil
}

// again is an act of a second reviewer: trained, without conflict, and with no
// hand in the case so far.
func (s *Service) again(ctx context.Context, by casefile.MemberID, n casefile.Number, id string, plan func(casefile.Case, casefile.Second, casefile.Actor) (casefile.Plan, error)) error {
	me, err := s.Team.May(ctx, by, casefile.ReviewAgain, n)
	if err != nil {
		return err
	}
	_, err = s.Files.Act(ctx, n, me, func(c casefile.Case) (casefile.Plan, error) {
		x, ok := c.SecondOf(id)
		if !ok {
			return casefile.Nothing, fault.New(fault.NotFound, "review again", "there is no such second review")
		}
		if _, err := s.Team.MayDecide(ctx, by, c); err != nil {
			return casefile.Nothing, err
		}
		if c.ActedOn(by) {
			return casefile.Nothing, forbidden("you have had a hand in this case: somebody else looks a second time")
		}
		return plan(c, x, me)
	})
	return err
}

// TakeAgain takes a second review, with the word that there is no tie. From then on the case shows the member
// nothing of the first until they have given theirs.
func (s *Service) TakeAgain(ctx context.Context, by casefile.MemberID, n casefile.Number, id, why string) error {
	return s.again(ctx, by, n, id, func(c casefile.Case, x casefile.Second, _ casefile.Actor) (casefile.Plan, error) {
		p := casefile.One(casefile.Event{Kind: casefile.KSecondTaken, Second: &casefile.Second{ID: x.ID}})
		if !c.NoTie(by) { // the button says so
			p.Events = append(p.Events, casefile.Event{Kind: casefile.KNoTie})
		}
		return p.For(why), nil
	})
}

// GiveAgain records the second reviewer's own verdict on every item.
func (s *Service) GiveAgain(ctx context.Context, by casefile.MemberID, n casefile.Number, id string, choices []Choice) error {
	return s.again(ctx, by, n, id, func(c casefile.Case, x casefile.Second, me casefile.Actor) (casefile.Plan, error) {
		if x.Reviewer.ID != me.ID {
			return casefile.Nothing, forbidden("take the second review first")
		}
		row, err := s.row(c)
		if err != nil {
			return casefile.Nothing, err
		}
		e := casefile.Event{Kind: casefile.KSecondGiven, Second: &casefile.Second{ID: x.ID}}
		given := map[casefile.Item]Choice{}
		for _, ch := range choices {
			given[ch.Item] = ch
		}
		for _, i := range c.Demand.Wanted {
			ch, ok := given[i]
			if !ok || !ch.Verdict.Final() || strings.TrimSpace(ch.Reason) == "" {
				return casefile.Nothing, invalid("give a verdict and its reason for every item: “%s” has none", i.Title())
			}
			if err := fits(c, row, ch); err != nil {
				return casefile.Nothing, err
			}
			e.Decisions = append(e.Decisions, casefile.Decision{Item: i, Verdict: ch.Verdict, Reason: strings.TrimSpace(ch.Reason), Targets: ch.Targets, By: me, At: s.Files.Clock.Now()})
		}
		return casefile.One(e, s.Files.Done(casefile.Duty{Kind: casefile.DutySecond, Key: x.ID, Due: x.Opened})), nil
	})
}

// CloseAgain is counsel's word where the two disagree.
func (s *Service) CloseAgain(ctx context.Context, by casefile.MemberID, n casefile.Number, id, why string) error {
	if strings.TrimSpace(why) == "" {
		return invalid("give the reason: it stands in the file")
	}
	me, err := s.Team.May(ctx, by, casefile.DecideCounsel, n)
	if err != nil {
		return err
	}
	_, err = s.Files.Act(ctx, n, me, func(c casefile.Case) (casefile.Plan, error) {
		if _, err := s.Team.IsCounsel(ctx, by, c); err != nil {
			return casefile.Nothing, err
		}
		x, _ := c.SecondOf(id)
		if x.Reviewer.ID == me.ID {
			return casefile.Nothing, forbidden("you gave this second review: another counsel closes it")
		}
		return casefile.One(casefile.Event{Kind: casefile.KSecondClosed, Second: &casefile.Second{ID: id}, Why: why}), nil
	})
	return err
}

// Sight is what a second reviewer sees: the demand, its papers, the findings
// without their answers, and nothing of what was decided.
func (s *Service) Sight(ctx context.Context, by casefile.MemberID, n casefile.Number, id string) (Open, error) {
	if _, err := s.Team.May(ctx, by, casefile.ReviewAgain, n); err != nil {
		return Open{}, err
	}
	c, err := s.Files.Load(ctx, n)
	if err != nil {
		return Open{}, err
	}
	if x, ok := c.SecondOf(id); !ok || x.Reviewer.MemberID() != by || !x.Given.IsZero() {
		return Open{}, fault.New(fault.NotFound, "review again", "take the second review first")
	}
	row, err := s.row(c)
	if err != nil {
		return Open{}, err
	}
	o := Open{Row: row, Choices: map[casefile.Item][]casefile.Verdict{}}
	o.Case = casefile.Case{Number: c.Number, Demand: c.Demand, Filed: c.Filed, Due: c.Due, Lane: c.Lane, Resolutions: c.Resolutions, ReadPapers: c.ReadPapers}
	for _, f := range c.Findings {
		f.Answer = nil
		o.Case.Findings = append(o.Case.Findings, f)
	}
	for _, i := range c.Demand.Wanted {
		for _, v := range allowed(c, row, i) {
			if v.Final() {
				o.Choices[i] = append(o.Choices[i], v)
			}
		}
	}
	return o, nil
}
