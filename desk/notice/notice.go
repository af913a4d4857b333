// Package notice tells the person: before disclosure, or on the day that law
// and circumstances no longer forbid it. The clock does it. It knows the rule
// of the case's law row and the objections; it composes no notice itself, the
// carrier does, on a grant that two people signed.
package notice

import (
	"context"
	"encoding/binary"
	"errors"
	"strings"
	"time"

	"letterlock/desk/casefile"
	"letterlock/disclosable"
	"letterlock/disclosable/door"
	"letterlock/internal/fault"
	"letterlock/law"
)

// Team answers who may do what now; desk/staff implements it.
type Team interface {
	MayTouch(ctx context.Context, id casefile.MemberID, n casefile.Number) (casefile.Actor, error)
	MayDecide(ctx context.Context, id casefile.MemberID, c casefile.Case) (casefile.Actor, error)
	IsCounsel(ctx context.Context, id casefile.MemberID, c casefile.Case) (casefile.Actor, error)
}

// Guard says whether the clock can be believed.
type Guard interface {
	Held(ctx context.Context) bool
}

// Service tells, holds and looks again.
type Service struct {
	Files *casefile.Files
	Team  Team
	Door  door.Door
	Law   *law.Table
	Marks casefile.Marks
	Guard Guard
	Filed func(context.Context, casefile.Number) ([]byte, error) // the proof that a request was filed
	Room  bool                                                   // the house has a public document room
}

func invalid(format string, args ...any) error {
	return fault.New(fault.Invalid, "plan notice", format, args...)
}

// Plan is when the person would be told if the grants were composed now.
func (s *Service) Plan(ctx context.Context, by casefile.MemberID, n casefile.Number) (disclosable.NoticePlan, error) {
	if _, err := s.Team.MayTouch(ctx, by, n); err != nil {
		return disclosable.NoticePlan{}, err
	}
	c, err := s.Files.Load(ctx, n)
	if err != nil {
		return disclosable.NoticePlan{}, err
	}
	row, err := s.row(c)
	if err != nil {
		return disclosable.NoticePlan{}, err
	}
	if len(c.GrantsOf(disclosable.Produce)) > 0 && c.NoticePlan != nil {
		return c.NoticePlan.Plan, nil
	}
	plan, _, ok := casefile.PlanNotice(row, c, s.Files.Clock.Now())
	if !ok {
		return plan, fault.New(fault.NotFound, "plan notice", "nothing is disclosed under %s, so there is nothing to tell", row.Name)
	}
	return plan, nil
}

func (s *Service) row(c casefile.Case) (law.Row, error) {
	row, ok := s.Law.Row(c.Demand.Process, c.Filed)
	if !ok {
		return law.Row{}, casefile.NoRow()
	}
	return row, nil
}

// MaxReview is the longest an exception may go without a person looking again.
const MaxReview = 90 * 24 * time.Hour

// Except records that the person is told later than the rule says, for one of
// the two exceptional circumstances, with the day somebody looks again. It
// must come before the grants: the key holders sign the plan.
func (s *Service) Except(ctx context.Context, by casefile.MemberID, n casefile.Number, x law.Exception, reason string, review time.Time) error {
	now := s.Files.Clock.Now()
	switch {
	case x != law.NoException && x != law.ChildExploitation && x != law.ThreatToLife:
		return invalid("only child exploitation and a threat to life are exceptional")
	case strings.TrimSpace(reason) == "":
		return invalid("give the reason: the key holders and the person will read it")
	case x != law.NoException && (!review.After(now) || review.Sub(now) > MaxReview):
		return invalid("give a day within %d days on which somebody looks again", int(MaxReview.Hours()/24))
	}
	return s.decide(ctx, by, n, func(c casefile.Case, me casefile.Actor) (casefile.Plan, error) {
		if err := s.lateByCounsel(ctx, by, c); err != nil {
			return casefile.Nothing, err
		}
		if len(c.GrantsOf(disclosable.Produce)) > 0 {
			return casefile.Nothing, fault.New(fault.Conflict, "plan notice", "the grants are signed over another plan: withdraw them first")
		}
		row, err := s.row(c)
		if err != nil {
			return casefile.Nothing, err
		}
		choice := &casefile.NoticeChoice{Exception: x, Reason: reason, Review: review, By: me}
		c.NoticePlan = choice
		plan, _, ok := casefile.PlanNotice(row, c, now)
		if !ok {
			return casefile.Nothing, invalid("nothing is disclosed under %s", row.Name)
		}
		choice.Plan = plan
		return casefile.One(casefile.Event{Kind: casefile.KNoticeChosen, Notice: choice, Why: reason}), nil
	})
}

func (s *Service) decide(ctx context.Context, by casefile.MemberID, n casefile.Number, plan func(casefile.Case, casefile.Actor) (casefile.Plan, error)) error {
	me, err := s.Team.MayTouch(ctx, by, n)
	if err != nil {
		return err
	}
	_, err = s.Files.Act(ctx, n, me, func(c casefile.Case) (casefile.Plan, error) {
		if _, err := s.Team.MayDecide(ctx, by, c); err != nil {
			return casefile.Nothing, err
		}
		return plan(c, me)
	})
	return err
}

// Later moves a notice that has not gone out: a renewed order, or an exception
// that still holds. The old grant is taken back; where a day is known a new
// one goes before the key holders, otherwise somebody looks again on that day.
func (s *Service) Later(ctx context.Context, by casefile.MemberID, n casefile.Number, until time.Time, renewedOrder bool, reason string) error {
	now := s.Files.Clock.Now()
	if !casefile.Plain(reason, casefile.MaxReference) || reason == "" || !until.After(now) {
		return invalid("give the new day, and the reason on one line of at most %d bytes", casefile.MaxReference)
	}
	if !renewedOrder && until.Sub(now) > MaxReview {
		return invalid("without an order somebody looks again within %d days", int(MaxReview.Hours()/24))
	}
	plan := disclosable.NoticePlan{Timing: disclosable.ToldWithheld, Day: until.Unix(), Basis: reason, Asker: true}
	if renewedOrder {
		plan.Timing = disclosable.ToldAfter
	}
	return s.replan(ctx, by, n, plan, reason)
}

// Now ends a silence: the person is told as soon as two people have signed.
func (s *Service) Now(ctx context.Context, by casefile.MemberID, n casefile.Number, reason string) error {
	if !casefile.Plain(reason, casefile.MaxReference) || reason == "" {
		return invalid("give the reason on one line of at most %d bytes", casefile.MaxReference)
	}
	return s.replan(ctx, by, n, disclosable.NoticePlan{Timing: disclosable.ToldAfter, Day: s.Files.Clock.Now().Unix(), Basis: reason, Asker: true}, reason)
}

func (s *Service) replan(ctx context.Context, by casefile.MemberID, n casefile.Number, plan disclosable.NoticePlan, reason string) error {
	return s.decide(ctx, by, n, func(c casefile.Case, me casefile.Actor) (casefile.Plan, error) {
		row, err := s.row(c)
		if err != nil {
			return casefile.Nothing, err
		}
		if plan.Day > s.Files.Clock.Now().Unix() {
			if err := s.lateByCounsel(ctx, by, c); err != nil {
				return casefile.Nothing, err
			}
		}
		if !c.Disclosed() {
			return casefile.Nothing, fault.New(fault.Conflict, "plan notice", "nothing has been disclosed yet: change the plan before the grants are signed")
		}
		return s.again(c, row, plan, reason, me)
	})
}

func (s *Service) again(c casefile.Case, row law.Row, plan disclosable.NoticePlan, reason string, me casefile.Actor) (casefile.Plan, error) {
	now := s.Files.Clock.Now()
	choice := casefile.NoticeChoice{Plan: plan, By: me, Reason: reason}
	out := casefile.Plan{Why: reason, Events: []casefile.Event{{Kind: casefile.KNoticeChosen, Notice: &choice}}}
	for _, a := range c.Alarms { // the day that was to be looked at has been
		if a.Text == AlarmReview && a.Seen.IsZero() {
			out.Events = append(out.Events, casefile.Event{Kind: casefile.KAlarmSeen, Alarm: AlarmReview})
		}
	}
	for _, g := range c.GrantsOf(disclosable.Notify) {
		if g.Phase == casefile.GrantSigning || g.Phase == casefile.GrantReady {
			out.Events = append(out.Events, casefile.Event{Kind: casefile.KGrantEnded, Grant: &g.Hash, Phase: casefile.GrantWithdrawn})
			out.Duties = append(out.Duties, casefile.Duty{Kind: casefile.DutySign, Key: g.Hash.String(), Due: now}) // takes it back at the carrier
		}
	}
	if plan.Timing == disclosable.ToldWithheld {
		out.Duties = append(out.Duties, casefile.Duty{Kind: casefile.DutyReview, Due: time.Unix(plan.Day, 0)})
		return out, nil
	}
	if silent(c) { // nobody has to look at this silence again: it is over
		out.Duties = append(out.Duties, s.Files.Done(casefile.Duty{Kind: casefile.DutyReview, Due: now}))
	}
	composed, err := c.ComposeNotices(casefile.NotifyAsk(row, plan, now))
	if err != nil {
		return casefile.Nothing, err
	}
	out.Duties = append(out.Duties, casefile.ToSign(composed, now)...)
	if len(composed) == 0 {
		return casefile.Nothing, fault.New(fault.Conflict, "plan notice", "the person has been told already")
	}
	out.Events = append(out.Events, casefile.Event{Kind: casefile.KComposed, Grants: composed})
	return out, nil
}

// Handlers are the duties that notice carries out.
func (s *Service) Handlers() map[casefile.DutyKind]func(context.Context, casefile.Duty) error {
	return map[casefile.DutyKind]func(context.Context, casefile.Duty) error{casefile.DutyTell: s.tell, casefile.DutyReview: s.review}
}

// The alarms, by their exact text: each is raised once.
const (
	AlarmUnread = "an unread paper holds the notice to the person: read it, it may renew the secrecy"
	AlarmReview = casefile.AlarmReview
	AlarmObject = "the person objected: the release is held until counsel has closed the objection"
)

// tell has the carrier tell the person.
//
// Step 1: refuse on doubt: the clock, an unread paper, nothing disclosed.
// Step 2: record the intent. Step 3: tell. Step 4: store the outcome.
//
// A crash between 3 and 4 does not tell twice: the grant works once, and the
// carrier says that it is used.
func (s *Service) tell(ctx context.Context, d casefile.Duty) error {
	c, err := s.Files.Load(ctx, d.Case)
	if err != nil {
		return err
	}
	h, err := disclosable.ParseHash(d.Key)
	if err != nil {
		return err
	}
	g, ok := c.Grant(h)
	switch {
	case !ok:
		return errors.New("the case has no grant of that hash") // ends in a log: no number
	case g.Phase == casefile.GrantUsed || g.Phase.Dead():
		return s.done(ctx, d)
	case c.NeverTraced(g.Grant.Traced):
		return s.end(ctx, d, h)
	case s.Guard.Held(ctx):
		return nil
	}
	if g.Phase == casefile.GrantReady {
		wait, err := s.wait(ctx, c, g, d)
		if err != nil || wait || s.unproven(ctx, d) {
			return err
		}
		_, err = s.Files.Act(ctx, d.Case, casefile.TheClock, func(casefile.Case) (casefile.Plan, error) {
			return casefile.One(casefile.Event{Kind: casefile.KTelling, Grant: &h}), nil
		})
		if err != nil {
			return err
		}
	}
	if g.IsList() {
		return s.tellAll(ctx, d, h)
	}
	told, err := s.Door.Tell(ctx, door.Telling{Grant: h, Receipt: s.receipt(ctx, d.Case)})
	if fault.Is(err, fault.Conflict) { // used: told before a crash, or not ours to know
		var p door.Proposal
		if p, err = s.Door.Proposal(ctx, h); err == nil && !p.Used {
			return s.refused(ctx, d, g, fault.New(fault.Conflict, "tell", "the notice's grant was ended at the carrier"))
		}
	}
	if fault.Is(err, fault.Forbidden) || fault.Is(err, fault.Expired) || fault.Is(err, fault.NotFound) {
		return s.refused(ctx, d, g, err)
	}
	if err != nil {
		return err
	}
	_, err = s.Files.Act(ctx, d.Case, casefile.TheClock, func(c casefile.Case) (casefile.Plan, error) {
		return casefile.Plan{Stop: true, Duties: append(s.toRoom(c), s.Files.Done(d)), // it has happened: the record may come late
			Events: []casefile.Event{{Kind: casefile.KTold, Grant: &h, Told: &told.Notice}}}, nil
	})
	return err
}

// Again is how long the desk waits before it asks the carrier again for what
// it refused: each refusal is in the carrier's ledger.
const Again = time.Hour

// refused raises an alarm and tries again later, until the grant is over: a
// clock may differ by a second, an account may be gone for good.
func (s *Service) refused(ctx context.Context, d casefile.Duty, g casefile.GrantState, cause error) error {
	now := s.Files.Clock.Now()
	_, err := s.Files.Act(ctx, d.Case, casefile.TheClock, func(c casefile.Case) (casefile.Plan, error) {
		p := casefile.Plan{Events: c.Alarm("the carrier does not tell the person: " + fault.Say(cause)), Stop: true}
		if now.Unix() >= g.Grant.Expires || !fault.Is(cause, fault.Forbidden) {
			p.Events = append(p.Events, casefile.Event{Kind: casefile.KLost, Grant: &g.Hash, Why: fault.Say(cause)})
			p.Duties = []casefile.Duty{s.Files.Done(d)}
			return p, nil
		}
		d.Due, d.Note = now.Add(Again), fault.Say(cause)
		p.Duties = []casefile.Duty{d}
		return p, nil
	})
	return err
}

// wait says whether a notice must not go out now.
func (s *Service) wait(ctx context.Context, c casefile.Case, g casefile.GrantState, d casefile.Duty) (bool, error) {
	now := s.Files.Clock.Now()
	if t := time.Unix(g.Grant.NotYet, 0); g.Grant.NotYet != 0 && t.After(now) {
		d.Due = t
		_, err := s.Files.Act(ctx, d.Case, casefile.TheClock, func(casefile.Case) (casefile.Plan, error) {
			return casefile.Plan{Duties: []casefile.Duty{d}}, nil
		})
		return true, err
	}
	if now.Unix() >= g.Grant.Expires {
		return true, s.alarm(ctx, d.Case, "a notice grant expired before the person was told: compose a new one")
	}
	if c.Withdrawn && !c.Disclosed() {
		return true, nil
	}
	if g.Grant.Notice.Timing != disclosable.ToldAfter {
		// Before disclosure: told only while there is something to disclose.
		return len(c.GrantsOf(disclosable.Produce)) == 0, nil
	}
	if !c.Disclosed() || c.TracesOn(g.Grant.Traced) {
		return true, nil
	}
	if len(c.Unread()) > 0 {
		return true, s.alarm(ctx, d.Case, AlarmUnread)
	}
	return false, nil
}

// alarm raises an alarm that is not open already.
func (s *Service) alarm(ctx context.Context, n casefile.Number, text string) error {
	_, err := s.Files.Act(ctx, n, casefile.TheClock, func(c casefile.Case) (casefile.Plan, error) {
		return casefile.Plan{Events: c.Alarm(text), Stop: true}, nil
	})
	return err
}

// review raises the alarm of a silence that somebody must look at again. As
// long as a silent release is still to come, its day of review waits with it.
func (s *Service) review(ctx context.Context, d casefile.Duty) error {
	_, err := s.Files.Act(ctx, d.Case, casefile.TheClock, func(c casefile.Case) (casefile.Plan, error) {
		if !c.Disclosed() && !c.Phase().Over() && silent(c) {
			d.Due = s.Files.Clock.Now().Add(Again)
			return casefile.Plan{Duties: []casefile.Duty{d}, Stop: true}, nil
		}
		p := casefile.Plan{Stop: true, Duties: []casefile.Duty{s.Files.Done(d)}}
		if c.Disclosed() {
			p.Events = []casefile.Event{{Kind: casefile.KAlarm, Alarm: AlarmReview}}
		}
		return p, nil
	})
	return err
}

// silent: the plan has nobody of ours tell the person.
func silent(c casefile.Case) bool {
	return c.NoticePlan != nil && (c.NoticePlan.Plan.Timing == disclosable.ToldWithheld || c.NoticePlan.Plan.Timing == disclosable.ToldAuthority)
}

func (s *Service) done(ctx context.Context, d casefile.Duty) error {
	_, err := s.Files.Act(ctx, d.Case, casefile.TheClock, func(casefile.Case) (casefile.Plan, error) {
		return casefile.Plan{Duties: []casefile.Duty{s.Files.Done(d)}, Stop: true}, nil
	})
	return err
}

const objectionsRead = "objections-read"

// ReadObjections takes over what people answered to notices before disclosure.
// Until it has succeeded nothing may be released.
func (s *Service) ReadObjections(ctx context.Context) error {
	var after int64
	b, err := s.Marks.Mark(ctx, objectionsRead)
	if err == nil && len(b) == 8 {
		after = int64(binary.BigEndian.Uint64(b))
	} else if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	all, err := s.Door.Objections(ctx, after)
	if err != nil {
		return err
	}
	for _, o := range all {
		if err := s.objected(ctx, o); err != nil {
			return err
		}
		if err := s.Marks.SetMark(ctx, objectionsRead, binary.BigEndian.AppendUint64(nil, uint64(o.Number))); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) objected(ctx context.Context, o door.Objection) error {
	n := casefile.Number(o.Case)
	_, err := s.Files.Act(ctx, n, casefile.Actor{Kind: casefile.ByCarrier, Name: "the account holder"}, func(c casefile.Case) (casefile.Plan, error) {
		for _, have := range c.Objections {
			if have.Number == o.Number {
				return casefile.Nothing, nil // a crash came before the mark
			}
		}
		p := casefile.Plan{Stop: true} // a hold waits for nothing
		p.Events = []casefile.Event{{Kind: casefile.KObjected, Objection: &casefile.Objection{Number: o.Number, Notice: o.Notice, Text: o.Text, At: o.At}}}
		if !c.AllReleased() || len(c.GrantsOf(disclosable.Produce)) == 0 {
			p.Events = append(p.Events, casefile.Event{Kind: casefile.KAlarm, By: casefile.TheClock, Alarm: AlarmObject})
		}
		return p, nil
	})
	if fault.Is(err, fault.Withheld) || fault.Is(err, fault.NotFound) || fault.Is(err, fault.Invalid) || fault.Is(err, fault.Expired) {
		return nil // of no case of this desk, or of one whose data have left: nothing to hold
	}
	return err
}

// CloseObjection clears an objection, so that the release goes on, or upholds
// it, so that its grants are taken back and nothing is released under them.
func (s *Service) CloseObjection(ctx context.Context, by casefile.MemberID, n casefile.Number, number int64, uphold bool, reason string) error {
	if strings.TrimSpace(reason) == "" {
		return invalid("give the reason: the person may ask for it")
	}
	me, err := s.Team.MayTouch(ctx, by, n)
	if err != nil {
		return err
	}
	_, err = s.Files.Act(ctx, n, me, func(c casefile.Case) (casefile.Plan, error) {
		if _, err := s.Team.IsCounsel(ctx, by, c); err != nil {
			return casefile.Nothing, err
		}
		p := casefile.Plan{Stop: uphold} // upholding stops; clearing lets a disclosure go on and is recorded first
		p.Events = []casefile.Event{{Kind: casefile.KObjectionDone, Objection: &casefile.Objection{Number: number, Upheld: uphold}, Why: reason}}
		p.Duties = s.goOn(c)
		for _, g := range c.GrantsOf(disclosable.Produce) {
			if uphold && (g.Phase == casefile.GrantSigning || g.Phase == casefile.GrantReady) {
				p.Duties = append(p.Duties, casefile.Duty{Kind: casefile.DutySign, Key: g.Hash.String(), Due: s.Files.Clock.Now()})
			}
		}
		return p, nil
	})
	return err
}
