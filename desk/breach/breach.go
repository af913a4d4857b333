// Package breach looks back after the compromise switch: it holds every case
// that who was cut filed in the last 90 days, and every older one from which
// something may still leave, has each looked at again by somebody else, and
// prepares the notices and the letter. It knows cases and
// cuts; who may still sign in is desk/agency's.
package breach

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"letterlock/desk/casefile"
	"letterlock/disclosable"
	"letterlock/internal/fault"
	"letterlock/law"
)

// Directory knows the uses of the switch; desk/agency implements it.
type Directory interface {
	Unworked(ctx context.Context) ([]casefile.Cut, error)
	CutOf(ctx context.Context, id casefile.CutID) (casefile.Cut, error)
	// CutWorked notes that every case of the window is held.
	CutWorked(ctx context.Context, id casefile.CutID) error
}

// Team answers who may do what now; desk/staff implements it.
type Team interface {
	MayTouch(ctx context.Context, id casefile.MemberID, n casefile.Number) (casefile.Actor, error)
	MaySeal(ctx context.Context, id casefile.MemberID) (bool, error)
	MayDecide(ctx context.Context, id casefile.MemberID, c casefile.Case) (casefile.Actor, error)
	IsCounsel(ctx context.Context, id casefile.MemberID, c casefile.Case) (casefile.Actor, error)
}

// Service looks back.
type Service struct {
	Files     *casefile.Files
	Directory Directory
	Team      Team
	Law       *law.Table
}

// Settle is how long after a cut its cases are looked for again: what was on
// its way when the access ended is caught too.
const Settle = time.Minute

func invalid(format string, args ...any) error {
	return fault.New(fault.Invalid, "look back", format, args...)
}

// Work holds the cases of every cut that is not worked through. It may break
// off anywhere and is done again from the start: a case is held once.
func (s *Service) Work(ctx context.Context) error {
	all, err := s.Directory.Unworked(ctx)
	if err != nil {
		return err
	}
	for _, c := range all {
		if err := s.hold(ctx, c); err != nil {
			return err
		}
		if s.Files.Clock.Now().Before(c.At.Add(Settle)) {
			continue
		}
		if err := s.Directory.CutWorked(ctx, c.ID); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) hold(ctx context.Context, cut casefile.Cut) error {
	for _, shelf := range s.Files.Shelves() {
		err := s.holdOn(ctx, shelf, cut)
		if err != nil && shelf == s.Files.Sealed {
			s.Files.PutAside(ctx, err)
			return errNotHeld
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// errNotHeld ends in a log: it does not say what could not be held, or where.
var errNotHeld = errors.New("not every case could be held; it is tried again")

func (s *Service) holdOn(ctx context.Context, shelf casefile.Shelf, cut casefile.Cut) error {
	heads, err := shelf.Store.FiledBy(ctx, cut.Agency, time.Time{})
	for _, h := range heads {
		if h.Filed.Before(cut.From) && spent(h) {
			continue
		}
		if _, err := s.Files.Act(ctx, h.Number, casefile.TheClock, func(c casefile.Case) (casefile.Plan, error) {
			return s.holding(cut, c), nil
		}); err != nil {
			return err
		}
	}
	return err
}

// holding is what a cut does to one case: held, grants taken back, a notice
// drafted if records have left. It stops something, so it never waits.
func (s *Service) holding(cut casefile.Cut, c casefile.Case) casefile.Plan {
	if !cut.Concerns(c) || c.HeldFor(cut.ID) || c.Filed.Before(cut.From) && !pending(c, s.Files.Clock.Now()) {
		return casefile.Nothing
	}
	p := casefile.Plan{Stop: true, Events: []casefile.Event{{Kind: casefile.KHeld, Why: cut.Why, Suspect: &casefile.Suspicion{Cut: cut.ID}}}}
	for _, g := range c.Grants {
		if !unused(c, g) {
			continue
		}
		p.Events = append(p.Events, casefile.Event{Kind: casefile.KGrantEnded, Grant: &g.Hash, Phase: casefile.GrantWithdrawn, Why: "the sender may have been somebody else"})
		p.Duties = append(p.Duties, casefile.Duty{Kind: casefile.DutySign, Key: g.Hash.String(), Due: s.Files.Clock.Now()}) // takes it back at the carrier
	}
	if t := disclosedTargets(c); len(t) > 0 {
		p.Events = append(p.Events, casefile.Event{Kind: casefile.KBreachDrafted, Suspect: &casefile.Suspicion{Cut: cut.ID, Draft: draft(c), Targets: t}})
	}
	return p
}

// unused reports a grant that a cut takes back: proposed or signed. Who is
// still to be told of what has left is told.
func unused(c casefile.Case, g casefile.GrantState) bool {
	waits := g.Phase == casefile.GrantSigning || g.Phase == casefile.GrantReady
	return waits && !(g.Grant.Kind == disclosable.Notify && c.Disclosed())
}

// pending reports that something may still leave under a case: a grant that is
// not used up, an answer that is being made, or a package that may still be
// collected. Such a case is held however long ago it was filed.
func pending(c casefile.Case, now time.Time) bool {
	return c.Phase() == casefile.Packing || c.Phase() == casefile.Tracing ||
		slices.ContainsFunc(c.Grants, func(g casefile.GrantState) bool {
			return unused(c, g) || g.Phase == casefile.GrantUsing && g.Grant.Kind != disclosable.Notify
		}) ||
		slices.ContainsFunc(c.Packages, func(p casefile.Package) bool { return p.There(now) })
}

// spent reports a case from which nothing can leave any more.
func spent(h casefile.Head) bool { return h.Phase == casefile.Closed || h.Phase == casefile.Withdrawn }

// disclosedTargets are those whose records left the house, or may have.
func disclosedTargets(c casefile.Case) []int {
	var out []int
	for _, g := range c.Grants {
		if g.Grant.Kind == disclosable.Produce && (g.Phase == casefile.GrantUsed || g.Phase == casefile.GrantUsing || g.Phase == casefile.GrantLost) {
			out = append(out, g.All()...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func draft(c casefile.Case) string {
	return "these records were disclosed on " + disclosable.Day(disclosedOn(c).Unix()) + " to a request that may have been forged; the sender's access was cut off"
}

func disclosedOn(c casefile.Case) time.Time {
	var first time.Time
	for _, g := range c.Grants {
		if g.Grant.Kind == disclosable.Produce && !g.Used.IsZero() && (first.IsZero() || g.Used.Before(first)) {
			first = g.Used
		}
	}
	if first.IsZero() { // an intent without an outcome
		return c.Filed
	}
	return first
}

// Review is the second look at a held case, by somebody who had no part in its
// decisions. A genuine case goes on; a fraudulent one is over, and our copy of
// its package is destroyed; where nobody can tell, it stays held.
func (s *Service) Review(ctx context.Context, by casefile.MemberID, n casefile.Number, o casefile.Outcome, why string) error {
	me, err := s.Team.MayTouch(ctx, by, n)
	if err != nil {
		return err
	}
	if why = strings.TrimSpace(why); why == "" || len(why) > casefile.MaxText || !slices.Contains(casefile.Outcomes, o) {
		return invalid("say what you found, and how you established it")
	}
	_, err = s.Files.Act(ctx, n, me, func(c casefile.Case) (casefile.Plan, error) {
		if _, err := s.Team.MayDecide(ctx, by, c); err != nil {
			return casefile.Nothing, err
		}
		if c.Reviewers()[by] {
			return casefile.Nothing, fault.New(fault.Forbidden, "look again", "you had a part in its decision: somebody else looks again")
		}
		p := casefile.One(casefile.Event{Kind: casefile.KReviewedAgain, Why: why, Suspect: &casefile.Suspicion{Cut: c.Held.Cut, Outcome: o}})
		if o == casefile.Fraudulent {
			s.finish(c, &p)
		}
		return p, nil
	})
	return err
}

// finish ends a fraudulent case.
func (s *Service) finish(c casefile.Case, p *casefile.Plan) {
	if !c.Withdrawn && len(c.Packages) == 0 && len(disclosedTargets(c)) == 0 {
		p.Events = append(p.Events, casefile.Event{Kind: casefile.KWithdrawn, Why: "a second review found the request fraudulent"})
	}
	for _, x := range c.Packages {
		if x.Destroyed.IsZero() {
			p.Duties = append(p.Duties, casefile.Duty{Kind: casefile.DutyDestroy, Key: string(x.ID), Due: s.Files.Clock.Now()})
		}
	}
}

// MaxNotice bounds the sentence that the person reads.
const MaxNotice = casefile.MaxReference

// Release lets the notice of a breach go: counsel settles its sentence, a grant
// to tell goes before the key holders for each account, and the person is told
// once two have signed. A notice of the same disclosure that still waits for
// its day is taken back: nobody is told twice.
func (s *Service) Release(ctx context.Context, by casefile.MemberID, n casefile.Number, text string) error {
	me, err := s.Team.MayTouch(ctx, by, n)
	if err != nil {
		return err
	}
	if text = strings.TrimSpace(text); text == "" || !casefile.Plain(text, MaxNotice) {
		return invalid("write the reason that the person reads on one line of at most %d bytes", MaxNotice)
	}
	_, err = s.Files.Act(ctx, n, me, func(c casefile.Case) (casefile.Plan, error) {
		if _, err := s.Team.IsCounsel(ctx, by, c); err != nil {
			return casefile.Nothing, err
		}
		row, ok := s.Law.Row(c.Demand.Process, c.Filed)
		if !ok {
			return casefile.Nothing, invalid("the law table has no row for this request's day")
		}
		return s.telling(c, row, me, text)
	})
	return err
}

func (s *Service) telling(c casefile.Case, row law.Row, me casefile.Actor, text string) (casefile.Plan, error) {
	now := s.Files.Clock.Now()
	plan := disclosable.NoticePlan{Timing: disclosable.ToldAfter, Day: now.Unix(), Basis: text, Asker: true}
	p := casefile.Plan{Why: text, Events: []casefile.Event{{Kind: casefile.KBreachReleased},
		{Kind: casefile.KNoticeChosen, Notice: &casefile.NoticeChoice{Plan: plan, By: me, Reason: text}}}}
	for _, g := range c.GrantsOf(disclosable.Notify) {
		if g.Phase == casefile.GrantSigning || g.Phase == casefile.GrantReady {
			p.Events = append(p.Events, casefile.Event{Kind: casefile.KGrantEnded, Grant: &g.Hash, Phase: casefile.GrantWithdrawn, Why: "the notice of the breach takes its place"})
			p.Duties = append(p.Duties, casefile.Duty{Kind: casefile.DutySign, Key: g.Hash.String(), Due: now})
		}
	}
	var composed []casefile.Composed
	for _, t := range c.Held.Targets {
		made, err := c.Notices(t, row, plan, now)
		if err != nil {
			return casefile.Nothing, err
		}
		composed = append(composed, made...)
	}
	p.Duties = append(p.Duties, casefile.ToSign(composed, now)...)
	if len(composed) > 0 {
		p.Events = append(p.Events, casefile.Event{Kind: casefile.KComposed, Grants: composed})
	}
	return p, nil
}
