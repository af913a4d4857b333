package review

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"letterlock/desk/casefile"
	"letterlock/disclosable"
	"letterlock/disclosable/door"
	"letterlock/internal/fault"
	"letterlock/law"
)

// GrantLife is how long two people have to sign and the desk to redeem, where
// no days of notice run before.
const GrantLife = 14 * 24 * time.Hour

// Propose composes the grants that carry out what was decided, for each target
// one to produce and, where the desk can tell the person, one to notify. They
// go before the key holders at the carrier; the clock does the rest.
func (s *Service) Propose(ctx context.Context, by casefile.MemberID, n casefile.Number, why string) error {
	err := s.decide(ctx, by, n, func(c casefile.Case, me casefile.Actor) (casefile.Plan, error) {
		p, err := s.proposal(ctx, by, c, me)
		return p.For(why), err
	})
	if err != nil {
		return err
	}
	return s.showAll(ctx, n)
}

// proposal is what proposing comes to: the grants, or in an exercise its end.
func (s *Service) proposal(ctx context.Context, by casefile.MemberID, c casefile.Case, me casefile.Actor) (casefile.Plan, error) {
	row, err := s.row(c)
	if err != nil {
		return casefile.Nothing, err
	}
	if err := saidNoTie(c, me); err != nil {
		return casefile.Nothing, err
	}
	if err := s.ready(ctx, c, row, by, me); err != nil {
		return casefile.Nothing, err
	}
	if c.LookingUp {
		return casefile.Nothing, fault.New(fault.Conflict, "propose", "the accounts are still being looked up: propose when all are, or the rest would be left out")
	}
	if c.Drill != nil {
		return c.TryRelease(me)
	}
	if row.Stance == law.StanceSnapshot {
		return s.composeKeep(ctx, c, row, me)
	}
	if err := s.chosen(ctx, c); err != nil {
		return casefile.Nothing, err
	}
	return s.compose(c, row, me)
}

// ready checks everything again that stood before each decision: what was
// right when it was decided may not be right any more.
func (s *Service) ready(ctx context.Context, c casefile.Case, row law.Row, by casefile.MemberID, me casefile.Actor) error {
	if len(c.GrantsOf(disclosable.Produce))+len(c.GrantsOf(disclosable.Preserve))+len(c.GrantsOf(disclosable.Trace)) > 0 || len(c.Packages) > 0 || c.Answering {
		return fault.New(fault.Conflict, "propose grants", "the grants are before the key holders already")
	}
	if left := c.Undecided(); len(left) > 0 {
		return fault.New(fault.Conflict, "propose grants", "%s is not decided yet", left[0].Title())
	}
	for i, t := range c.Demand.Targets {
		_, resolved := c.Resolutions[i]
		if !resolved && (t.Kind == law.TargetPhone || t.Kind == law.TargetAccount) {
			return fault.New(fault.Conflict, "propose grants", "look up identifier %d first", i+1)
		}
	}
	if !c.Produces() && !c.Keeps() {
		return fault.New(fault.Conflict, "propose grants", "nothing is produced here: send the answer without records")
	}
	for _, d := range c.Decided() {
		if d.Verdict == casefile.Keep {
			_, err := s.Team.IsCounsel(ctx, by, c)
			if err := s.mayAct(ctx, c, row, d.By, err == nil || s.byCounsel(ctx, c, d)); err != nil {
				return err
			}
			continue
		}
		if d.Verdict != casefile.Produce && (d.Verdict != casefile.Narrow || len(d.Targets) == 0) {
			continue
		}
		_, err := s.Team.IsCounsel(ctx, by, c)
		counsel := err == nil || s.byCounsel(ctx, c, d)
		if err := forCounsel(c, d.Verdict, d.Targets, counsel); err != nil {
			return err
		}
		if err := s.mayProduce(ctx, c, row, d.By, d.Item, counsel); err != nil {
			return err
		}
	}
	if c.FiledBy.Kind == casefile.ByMember && c.FiledBy.ID == me.ID {
		return forbidden("you entered this paper: somebody else proposes its grants")
	}
	return nil
}

// byCounsel: the decision was made by somebody who is counsel still.
func (s *Service) byCounsel(ctx context.Context, c casefile.Case, d casefile.Decision) bool {
	_, err := s.Team.IsCounsel(ctx, d.By.MemberID(), c)
	return err == nil
}

func (s *Service) compose(c casefile.Case, row law.Row, me casefile.Actor) (casefile.Plan, error) {
	now := s.Files.Clock.Now()
	plan, lead, ok := casefile.PlanNotice(row, c, now)
	if !ok {
		return casefile.Nothing, forbidden("%s discloses nothing", row.Name)
	}
	choice := casefile.NoticeChoice{Plan: plan, By: me}
	if c.NoticePlan != nil {
		choice.Exception, choice.Reason, choice.Review = c.NoticePlan.Exception, c.NoticePlan.Reason, c.NoticePlan.Review
	}
	ask := casefile.Ask{Row: row, Now: now, Plan: plan, Expires: now.Add(GrantLife)}
	if plan.Timing == disclosable.ToldBefore {
		ask.NotYet, ask.Expires = now.Add(lead), now.Add(disclosable.MaxLife)
	}
	composed, halves, err := s.grants(c, row, ask, plan, now)
	if err != nil {
		return casefile.Nothing, err
	}
	taps, keys, err := traces(c, row, ask)
	if err != nil {
		return casefile.Nothing, err
	}
	composed, keys = append(composed, taps...), append(keys, halves...)
	out := casefile.Plan{Stash: keys, Events: []casefile.Event{{Kind: casefile.KNoticeChosen, Notice: &choice}, {Kind: casefile.KComposed, Grants: composed}}}
	out.Duties = append(out.Duties, casefile.ToSign(composed, now)...)
	if plan.Timing == disclosable.ToldWithheld || plan.Timing == disclosable.ToldAuthority {
		out.Duties = append(out.Duties, casefile.Duty{Kind: casefile.DutyReview, Due: time.Unix(plan.Day, 0)})
	}
	return out, nil
}

func (s *Service) grants(c casefile.Case, row law.Row, ask casefile.Ask, plan disclosable.NoticePlan, now time.Time) ([]casefile.Composed, []casefile.Stash, error) {
	tell := plan.Timing == disclosable.ToldBefore || plan.Timing == disclosable.ToldAfter
	l, err := composeLists(c, disclosable.Produce, ask, listable(c, row))
	if err != nil {
		return nil, nil, err
	}
	out := l.made
	if tell {
		notices, err := noticeLists(c, casefile.NotifyAsk(row, plan, now), l.of)
		if err != nil {
			return nil, nil, err
		}
		out = append(out, notices...)
	}
	one, err := s.each(c, row, ask, plan, now, tell, func(t int) bool { return !l.of[t] })
	return append(out, one...), l.halves, err
}

// each composes the grants of targets that are in no list.
func (s *Service) each(c casefile.Case, row law.Row, ask casefile.Ask, plan disclosable.NoticePlan, now time.Time, tell bool, take func(int) bool) ([]casefile.Composed, error) {
	var out []casefile.Composed
	for i := range c.Demand.Targets {
		if len(c.Fields(i)) == 0 || !take(i) {
			continue
		}
		made, err := produceGrants(c, i, ask)
		if err != nil {
			return nil, err
		}
		out = append(out, made...)
		if !tell || tellsAlready(c, i) || !c.Resolutions[i].Exists || len(made) == 0 || c.Gone(i) && !c.Today(i) {
			continue
		}
		var b []byte
		if b, err = c.Compose(disclosable.Notify, i, casefile.NotifyAsk(row, plan, now)); err != nil {
			return nil, err
		}
		out = append(out, casefile.Composed{Bytes: b, Target: i})
	}
	return out, nil
}

// tellsAlready: a notice of exactly these fields was given or waits for its
// day, from before a grant was lost or expired. Nobody is told twice.
func tellsAlready(c casefile.Case, target int) bool {
	return slices.ContainsFunc(c.GrantsOf(disclosable.Notify), func(g casefile.GrantState) bool {
		return g.Of(target) && slices.Equal(g.Grant.Fields, c.Fields(target))
	})
}

// showAll puts what waits for signatures before the key holders now instead of
// at the next tick. The carrier being away is no error here: the duty stays. A
// grant that the carrier refuses ends all of the case: what is signed together
// goes together.
func (s *Service) showAll(ctx context.Context, n casefile.Number) error {
	c, err := s.Files.Load(ctx, n)
	if err != nil {
		return err
	}
	for _, g := range c.Grants {
		if g.Phase != casefile.GrantSigning {
			continue
		}
		_, err := s.Door.Propose(ctx, g.Bytes)
		if refusal(err) {
			why := "the carrier: " + fault.Say(err)
			_, end := s.Files.Act(ctx, n, casefile.TheClock, func(c casefile.Case) (casefile.Plan, error) {
				return endGrants(c, casefile.GrantRefused, why, pending), nil
			})
			return errors.Join(err, end)
		}
	}
	return nil
}

// Signing is a grant and how far it is at the carrier.
type Signing struct {
	Grant    casefile.GrantState
	Proposal door.Proposal
	Away     bool // the carrier could not be asked
}

// Signing tells how far the case's grants are, with the addresses of their
// release pages.
func (s *Service) Signing(ctx context.Context, by casefile.MemberID, n casefile.Number) ([]Signing, error) {
	if _, err := s.Team.May(ctx, by, casefile.OpenCases, n); err != nil {
		return nil, err
	}
	c, err := s.Files.Load(ctx, n)
	if err != nil {
		return nil, err
	}
	var out []Signing
	for _, g := range c.Grants {
		p, err := s.Door.Proposal(ctx, g.Hash)
		out = append(out, Signing{Grant: g, Proposal: p, Away: err != nil})
	}
	return out, nil
}

// WithdrawGrants takes back what was not used, so that the case can be decided
// anew. It never waits for a ledger.
func (s *Service) WithdrawGrants(ctx context.Context, by casefile.MemberID, n casefile.Number, reason string) error {
	if strings.TrimSpace(reason) == "" {
		return invalid("give the reason")
	}
	me, err := s.Team.May(ctx, by, casefile.DecideCases, n)
	if err != nil {
		return err
	}
	c, err := s.Files.Load(ctx, n)
	if err != nil {
		return err
	}
	if _, err := s.Team.MayDecide(ctx, by, c); err != nil {
		return err
	}
	// The desk's own mark first: from then on it redeems nothing, whether or
	// not the carrier can be reached to be told.
	c, err = s.Files.Act(ctx, n, me, func(c casefile.Case) (casefile.Plan, error) {
		return endGrants(c, casefile.GrantWithdrawn, reason, pending), nil
	})
	if err != nil {
		return err
	}
	for _, g := range c.Grants {
		if g.Phase == casefile.GrantWithdrawn {
			if err := s.takeBack(ctx, g); err != nil {
				return err
			}
		}
	}
	return nil
}

func pending(g casefile.GrantState) bool {
	return g.Phase == casefile.GrantSigning || g.Phase == casefile.GrantReady
}

// endGrants ends every grant of the case that which says.
func endGrants(c casefile.Case, how casefile.GrantPhase, why string, which func(casefile.GrantState) bool) casefile.Plan {
	p := casefile.Plan{Stop: true}
	for _, g := range c.Grants {
		if which(g) {
			p.Events = append(p.Events, casefile.Event{Kind: casefile.KGrantEnded, Grant: &g.Hash, Phase: how, Why: why})
		}
	}
	return p
}

// takeBack withdraws at the carrier; what is gone there is well withdrawn. A
// sealed grant is made known there first: a hash that the carrier never saw is
// refused in its ordinary ledger, which must not tell of a sealed matter.
func (s *Service) takeBack(ctx context.Context, g casefile.GrantState) error {
	if g.Grant.Sealed {
		_, err := s.Door.Propose(ctx, g.Bytes)
		switch {
		case refusal(err) || fault.Is(err, fault.Conflict): // it does not lie there, and never will
			return nil
		case err != nil:
			return err
		}
	}
	err := s.Door.Withdraw(ctx, g.Hash)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Conflict) || fault.Is(err, fault.Expired) || fault.Is(err, fault.Withheld) {
		return nil
	}
	return err
}

// Answer has the answer sent without records: everything was refused, or
// nothing decided to be produced exists here.
func (s *Service) Answer(ctx context.Context, by casefile.MemberID, n casefile.Number, why string) error {
	return s.decide(ctx, by, n, func(c casefile.Case, me casefile.Actor) (casefile.Plan, error) {
		if left := c.Undecided(); len(left) > 0 {
			return casefile.Nothing, fault.New(fault.Conflict, "answer case", "%s is not decided yet", left[0].Title())
		}
		if (c.Produces() || c.Keeps()) && !upheld(c) {
			return casefile.Nothing, fault.New(fault.Conflict, "answer case", "records were decided to be produced: propose the grants, or decide anew")
		}
		row, err := s.row(c)
		if err != nil {
			return casefile.Nothing, err
		}
		if c.MustChallenge(row) && !c.Agreed() {
			return casefile.Nothing, forbidden("a demand on the system is closed by counsel and a lead together: both have to agree first")
		}
		if len(c.GrantsOf(disclosable.Produce)) > 0 || len(c.GrantsOf(disclosable.Trace)) > 0 || len(c.Packages) > 0 {
			return casefile.Nothing, fault.New(fault.Conflict, "answer case", "the answer is on its way already")
		}
		return casefile.One(casefile.Event{Kind: casefile.KAnswering, Why: why}, casefile.Duty{Kind: casefile.DutyPack, Due: s.Files.Clock.Now()}), nil
	})
}

func upheld(c casefile.Case) bool {
	return slices.ContainsFunc(c.Objections, func(o casefile.Objection) bool { return o.Upheld && !c.OfOne(o) })
}

// grantOf finds the grant that a duty is about.
func (s *Service) grantOf(ctx context.Context, d casefile.Duty) (casefile.Case, casefile.GrantState, error) {
	c, err := s.Files.Load(ctx, d.Case)
	if err != nil {
		return c, casefile.GrantState{}, err
	}
	h, err := disclosable.ParseHash(d.Key)
	if err != nil {
		return c, casefile.GrantState{}, err
	}
	g, ok := c.Grant(h)
	if !ok {
		return c, g, errors.New("the case has no grant of that hash") // ends in a log: no number
	}
	return c, g, nil
}

// finish marks a duty done with nothing else to record.
func (s *Service) finish(ctx context.Context, d casefile.Duty) error {
	_, err := s.Files.Act(ctx, d.Case, casefile.TheClock, func(casefile.Case) (casefile.Plan, error) {
		return casefile.Plan{Duties: []casefile.Duty{s.Files.Done(d)}, Stop: true}, nil
	})
	return err
}

// produceGrants are a target's grants: out of today's record, out of the
// snapshot chosen for it, or both.
func produceGrants(c casefile.Case, i int, ask casefile.Ask) (out []casefile.Composed, err error) {
	if c.Today(i) {
		b, err := c.Compose(disclosable.Produce, i, ask)
		if err != nil {
			return nil, err
		}
		out = append(out, casefile.Composed{Bytes: b, Target: i})
	}
	if _, ok := c.Source(i); !ok {
		return out, nil
	}
	if c.Gone(i) { // nobody of that account can be told, and no day of theirs runs
		ask.NotYet, ask.Expires = time.Time{}, ask.Now.Add(GrantLife)
		ask.Plan = disclosable.NoticePlan{Timing: disclosable.ToldWithheld, Day: ask.Now.Unix(), Basis: "the account is no more: there is nobody to tell"}
	}
	b, some, err := c.ComposeFrom(i, ask)
	if err == nil && some {
		out = append(out, casefile.Composed{Bytes: b, Target: i})
	}
	return out, err
}
