package review

import (
	"context"
	"slices"
	"strings"
	"time"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
)

// How long an agency has to answer where the question says nothing, and the
// longest it may be given.
const (
	AnswerTime    = 10 * 24 * time.Hour
	MaxAnswerTime = 60 * 24 * time.Hour
)

// Query is a question to the agency.
type Query struct {
	Text  string
	Items []casefile.Item // none: the request as a whole
	Until time.Time       // zero: AnswerTime from now
}

// Ask puts a question to the agency. The clock to answer stands still for it
// where the law says that it does, or where the limit is our own.
func (s *Service) Ask(ctx context.Context, by casefile.MemberID, n casefile.Number, text string) error {
	return s.Query(ctx, by, n, Query{Text: text})
}

// Query is Ask, about some of the items and until a day.
func (s *Service) Query(ctx context.Context, by casefile.MemberID, n casefile.Number, x Query) error {
	now := s.Files.Clock.Now()
	if x.Until.IsZero() {
		x.Until = now.Add(AnswerTime)
	}
	switch {
	case strings.TrimSpace(x.Text) == "" || len(x.Text) > casefile.MaxText:
		return invalid("write a question of at most %d bytes", casefile.MaxText)
	case !x.Until.After(now) || x.Until.Sub(now) > MaxAnswerTime:
		return invalid("give a day to answer by, within %d days", int(MaxAnswerTime.Hours()/24))
	}
	return s.decide(ctx, by, n, func(c casefile.Case, me casefile.Actor) (casefile.Plan, error) {
		row, err := s.row(c)
		if err != nil {
			return casefile.Nothing, err
		}
		for _, i := range x.Items {
			if !slices.Contains(c.Demand.Wanted, i) {
				return casefile.Nothing, invalid("%s was not asked for", i.Title())
			}
		}
		q := casefile.Question{ID: casefile.QuestionID(casefile.NewID()), Text: x.Text, By: me, At: now, Items: x.Items, Until: x.Until,
			Stops: c.Stops(row, casefile.WaitClarification)}
		return casefile.One(casefile.Event{Kind: casefile.KAsked, Question: &q}, casefile.Duty{Kind: casefile.DutyAsked, Key: string(q.ID), Due: remindAt(now, x.Until)},
			casefile.Duty{Kind: casefile.DutyWord, Key: string(q.ID), Due: now}), nil
	})
}

// remindAt is when an open question is called to mind: a quarter of its time
// before the end, two days at most.
func remindAt(asked, until time.Time) time.Time {
	return until.Add(-min(until.Sub(asked)/4, 48*time.Hour))
}

// asked reminds of a question, and on its day lets it lapse: the clock runs
// again, and a person decides on what is there.
func (s *Service) asked(ctx context.Context, d casefile.Duty) error {
	if s.Guard.Held(ctx) {
		return nil
	}
	c, err := s.Files.Load(ctx, d.Case)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(c.Questions, func(q casefile.Question) bool { return string(q.ID) == d.Key })
	if i < 0 || !c.Questions[i].Open() || c.Phase().Over() {
		return s.finish(ctx, d)
	}
	q := c.Questions[i]
	now := s.Files.Clock.Now()
	if now.Before(q.Until) {
		return s.remind(ctx, c, q, d)
	}
	row, err := s.row(c)
	if err != nil {
		return err
	}
	_, err = s.Files.Act(ctx, d.Case, casefile.TheClock, func(c casefile.Case) (casefile.Plan, error) {
		due := c.After(casefile.WaitClarification, d.Key, now).DueAfterWaits(row)
		return casefile.Plan{Stop: true, Duties: []casefile.Duty{s.Files.Done(d)}, Events: append([]casefile.Event{{Kind: casefile.KLapsed, QID: q.ID, Due: due}},
			c.Alarm("the agency did not answer a question in time: decide on what is there, or ask again")...)}, nil
	})
	return err
}

func (s *Service) remind(ctx context.Context, c casefile.Case, q casefile.Question, d casefile.Duty) error {
	if s.Reminder != nil && c.Demand.Officer != "" && q.Reminded.IsZero() {
		if err := sent(s.Reminder.Remind(ctx, c.Demand.Officer)); err != nil {
			return err
		}
	}
	_, err := s.Files.Act(ctx, d.Case, casefile.TheClock, func(casefile.Case) (casefile.Plan, error) {
		d.Due = q.Until
		return casefile.One(casefile.Event{Kind: casefile.KReminded, QID: q.ID}, d), nil
	})
	return err
}

// Notified records that a third authority was notified, such as the enforcing
// authority of an order under the e-Evidence regulation: from then on the
// limit that the row has for it counts, and stands still where the row says so.
// law: Reg. (EU) 2023/1543 art. 10
func (s *Service) Notified(ctx context.Context, by casefile.MemberID, n casefile.Number, authority, why string) error {
	if !casefile.Plain(authority, casefile.MaxReference) || strings.TrimSpace(authority) == "" {
		return invalid("name the authority on one line of at most %d bytes", casefile.MaxReference)
	}
	return s.decide(ctx, by, n, func(c casefile.Case, _ casefile.Actor) (casefile.Plan, error) {
		row, err := s.row(c)
		if err != nil {
			return casefile.Nothing, err
		}
		stand := casefile.Stand{Reason: casefile.WaitNotification, What: authority, Stops: c.Stops(row, casefile.WaitNotification), From: s.Files.Clock.Now()}
		return casefile.One(casefile.Event{Kind: casefile.KStood, Stand: &stand, Why: why}), nil
	})
}

// Cleared records that the notified authority has answered, and what.
func (s *Service) Cleared(ctx context.Context, by casefile.MemberID, n casefile.Number, answer string) error {
	if strings.TrimSpace(answer) == "" || len(answer) > casefile.MaxText {
		return invalid("write what the authority answered")
	}
	now := s.Files.Clock.Now()
	return s.decide(ctx, by, n, func(c casefile.Case, _ casefile.Actor) (casefile.Plan, error) {
		row, err := s.row(c)
		if err != nil {
			return casefile.Nothing, err
		}
		for _, x := range c.Stands {
			if x.Reason == casefile.WaitNotification && x.Open() {
				return casefile.One(casefile.Event{Kind: casefile.KRose, Why: answer, Due: c.After(x.Reason, x.What, now).DueAfterWaits(row)}), nil
			}
		}
		return casefile.Nothing, fault.New(fault.Conflict, "record answer", "no notified authority is being waited for")
	})
}

// Advise gives an escalated item back to whoever has the case, with counsel's
// advice.
func (s *Service) Advise(ctx context.Context, by casefile.MemberID, n casefile.Number, i casefile.Item, advice string) error {
	if strings.TrimSpace(advice) == "" || len(advice) > casefile.MaxText {
		return invalid("write the advice: whoever decides goes by it")
	}
	return s.asCounsel(ctx, by, n, func(c casefile.Case, _ casefile.Actor) (casefile.Plan, error) {
		return casefile.One(casefile.Event{Kind: casefile.KAdvised, Item: i, Why: advice}), nil
	})
}

// NarrowPeriod cuts the period that records are produced for. It can only be
// made shorter.
func (s *Service) NarrowPeriod(ctx context.Context, by casefile.MemberID, n casefile.Number, x casefile.Shorter) error {
	switch {
	case strings.TrimSpace(x.Why) == "" || len(x.Why) > casefile.MaxText:
		return invalid("give the reason: it stands in the letter")
	case x.From.IsZero() || !x.Until.After(x.From):
		return invalid("give the first and the last day of the shorter period")
	}
	if x.Finding != "" {
		if _, ok := s.Law.Finding(x.Finding); !ok {
			return invalid("there is no finding %s", x.Finding)
		}
	}
	return s.decide(ctx, by, n, func(c casefile.Case, me casefile.Actor) (casefile.Plan, error) {
		if _, notCounsel := s.Team.IsCounsel(ctx, by, c); notCounsel != nil && c.Assigned.MemberID() != by {
			return casefile.Nothing, forbidden("this case is not assigned to you")
		}
		return casefile.One(casefile.Event{Kind: casefile.KNarrowed, Period: &x, Why: x.Why, Finding: x.Finding}), nil
	})
}
