// Package review is where a trained person decides a request item by item, and
// where what they decided is carried out: the lookup, the grants for the key
// holders, the release, the package, its end. It knows the carrier only as a
// Door, and has no verdict that complies with an order to weaken the system.
package review

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"letterlock/desk/casefile"
	"letterlock/disclosable/door"
	"letterlock/internal/fault"
	"letterlock/internal/passkey"
	"letterlock/law"
)

// Team answers who may do what now; desk/staff implements it.
type Team interface {
	MayTouch(ctx context.Context, id casefile.MemberID, n casefile.Number) (casefile.Actor, error)
	May(ctx context.Context, id casefile.MemberID, p casefile.Permission, n casefile.Number) (casefile.Actor, error)
	MaySeal(ctx context.Context, id casefile.MemberID) (bool, error)
	MayDecide(ctx context.Context, id casefile.MemberID, c casefile.Case) (casefile.Actor, error)
	IsCounsel(ctx context.Context, id casefile.MemberID, c casefile.Case) (casefile.Actor, error)
	MayCertify(ctx context.Context, id casefile.MemberID, c casefile.Case) (casefile.Actor, []passkey.Key, error)
	KeyUsed(ctx context.Context, id casefile.MemberID, k passkey.Key) error
	IsLead(ctx context.Context, id casefile.MemberID, c casefile.Case) (casefile.Actor, error)
}

// Guard says whether the clock can be believed: what cannot be undone waits
// for it.
type Guard interface {
	Held(ctx context.Context) bool
}

// Service decides and carries out.
type Service struct {
	// Filed is the ledger's proof that a request was filed; Unavailable until
	// its batch is in, nil for a sealed matter.
	Filed     func(ctx context.Context, n casefile.Number) ([]byte, error)
	Files     *casefile.Files
	Team      Team
	Door      door.Door
	Law       *law.Table
	Approvals Approvals
	Packer    Packer
	Pictures  Pictures
	Mark      Mark // of what outside counsel sees; nil: they see no page
	Guard     Guard
	Lot       Lot      // draws second reviews; nil: none are drawn
	Reminder  Reminder // nil: nobody is reminded by mail
	Certifier Certifier
	Site      passkey.Site // of the console: where custodians sign
}

func invalid(format string, args ...any) error {
	return fault.New(fault.Invalid, "review case", format, args...)
}

func forbidden(format string, args ...any) error {
	return fault.New(fault.Forbidden, "review case", format, args...)
}

// Open is the case page.
type Open struct {
	Case     casefile.Case
	Row      law.Row
	Unlock   law.Unlock
	Duties   []casefile.Duty
	Timeline []casefile.Line
	Left     time.Duration // until the answer is due
	HasDue   bool
	Choices  map[casefile.Item][]casefile.Verdict // what may be decided, by item

	Snapshots []casefile.Source // that could answer it; of its own agency, or named by it

	Challenge bool     // a demand on the system: counsel and lead close it together
	NoDuty    bool     // it obliges nobody: declined as a whole
	Closers   []string // the roles in which this member may agree to close it
}

// Case opens a case for a member. One that they may not know of does not exist.
func (s *Service) Case(ctx context.Context, by casefile.MemberID, n casefile.Number) (Open, error) {
	if _, err := s.Team.May(ctx, by, casefile.OpenCases, n); err != nil {
		return Open{}, err
	}
	c, err := s.Files.Load(ctx, n)
	if err != nil {
		return Open{}, err
	}
	if c.Blind(by) {
		return Open{}, casefile.NotYetSeen()
	}
	row, err := s.row(c)
	if err != nil {
		return Open{}, err
	}
	now := s.Files.Clock.Now()
	o := Open{Case: c, Row: row, Challenge: c.MustChallenge(row), NoDuty: NoObligation(row), Closers: s.closers(ctx, by, c), Timeline: c.Timeline(false), HasDue: !c.Due.IsZero(), Choices: map[casefile.Item][]casefile.Verdict{}}
	if o.HasDue {
		o.Left = c.DueAt(now).Sub(now)
	}
	if o.Unlock, err = s.unlock(ctx, row, c.Filed); err != nil {
		return Open{}, err
	}
	for _, i := range c.Demand.Wanted {
		o.Choices[i] = allowed(c, row, i)
	}
	if row.Stance != law.StanceSnapshot && !o.Case.Phase().Over() {
		if o.Snapshots, err = s.Snapshots(ctx, c); err != nil {
			return Open{}, err
		}
	}
	o.Duties, err = s.Files.Shelf(n.Sealed()).Store.DutiesOf(ctx, n)
	return o, err
}

// row is the law row in force when the request was filed: it is judged by the
// law of its day.
func (s *Service) row(c casefile.Case) (law.Row, error) {
	row, ok := s.Law.Row(c.Demand.Process, c.Filed)
	if !ok {
		return law.Row{}, casefile.NoRow()
	}
	return row, nil
}

// Assign gives the case to a member who may decide it; a conflict of interest
// or lapsed training is refused here, by the domain.
func (s *Service) Assign(ctx context.Context, by casefile.MemberID, n casefile.Number, to casefile.MemberID, why string) error {
	me, err := s.Team.May(ctx, by, casefile.AssignCases, n)
	if err != nil {
		return err
	}
	_, err = s.Files.Act(ctx, n, me, func(c casefile.Case) (casefile.Plan, error) {
		who, err := s.Team.MayDecide(ctx, to, c)
		if err != nil {
			return casefile.Nothing, err
		}
		return casefile.One(casefile.Event{Kind: casefile.KAssigned, Assignee: &who, Why: why}), nil
	})
	return err
}

// AddFinding puts a finding on the case that only a person can make.
func (s *Service) AddFinding(ctx context.Context, by casefile.MemberID, n casefile.Number, id law.FindingID, note string) error {
	if _, ok := s.Law.Finding(id); !ok {
		return invalid("there is no finding %s", id)
	}
	return s.decide(ctx, by, n, func(_ casefile.Case, me casefile.Actor) (casefile.Plan, error) {
		f := casefile.FindingState{ID: id, Decided: true, ByPerson: me, Note: note}
		return casefile.One(casefile.Event{Kind: casefile.KFindingAdded, Findings: []casefile.FindingState{f}, Why: note}), nil
	})
}

// AnswerFinding says whether a finding holds, and why.
func (s *Service) AnswerFinding(ctx context.Context, by casefile.MemberID, n casefile.Number, id law.FindingID, holds bool, reason string) error {
	if strings.TrimSpace(reason) == "" {
		return invalid("give the reason: it stands in the file")
	}
	if casefile.ByRecord(id) && !holds {
		return forbidden("%s is lifted by its record, the signature or the call-back, and by no reason", id)
	}
	return s.decide(ctx, by, n, func(c casefile.Case, me casefile.Actor) (casefile.Plan, error) {
		for _, f := range c.Findings {
			switch _, notCounsel := s.Team.IsCounsel(ctx, by, c); {
			case f.ID != id:
			case f.Stands() && !holds:
				return s.clear(ctx, by, c, f, me, reason)
			case notCounsel == nil || holds:
			case f.Row().ForCounsel() && !f.Informs:
				return casefile.Nothing, forbidden("a finding on rights is for counsel to set aside")
			case f.Row().MustChallenge():
				return casefile.Nothing, forbidden("whether this demands the system is for counsel to set aside")
			}
		}
		return casefile.One(casefile.Event{Kind: casefile.KFindingAnswer, Finding: id, Holds: holds, Why: reason}), nil
	})
}

// SeeAlarm records that a person has looked at an alarm.
func (s *Service) SeeAlarm(ctx context.Context, by casefile.MemberID, n casefile.Number, text, why string) error {
	me, err := s.Team.May(ctx, by, casefile.NoteAlarms, n)
	if err != nil {
		return err
	}
	_, err = s.Files.Act(ctx, n, me, func(casefile.Case) (casefile.Plan, error) {
		return casefile.One(casefile.Event{Kind: casefile.KAlarmSeen, Alarm: text, Why: why}), nil
	})
	return err
}

// decide is an act that only somebody who may decide this case does.
func (s *Service) decide(ctx context.Context, by casefile.MemberID, n casefile.Number, plan func(casefile.Case, casefile.Actor) (casefile.Plan, error)) error {
	me, err := s.Team.May(ctx, by, casefile.DecideCases, n)
	if err != nil {
		return err
	}
	_, err = s.Files.Act(ctx, n, me, func(c casefile.Case) (casefile.Plan, error) {
		if _, err := s.Team.MayDecide(ctx, by, c); err != nil {
			return casefile.Nothing, err
		}
		if c.Withdrawn {
			return casefile.Nothing, fault.New(fault.Conflict, "review case", "the request was withdrawn")
		}
		return plan(c, me)
	})
	return err
}

// Resolve asks the carrier whether a target has an account, and nothing else.
// The intent is recorded before, with the reason, the outcome after.
func (s *Service) Resolve(ctx context.Context, by casefile.MemberID, n casefile.Number, target int, why string) (casefile.Resolution, error) {
	var q door.Lookup
	exercise := false
	err := s.decide(ctx, by, n, func(c casefile.Case, _ casefile.Actor) (casefile.Plan, error) {
		if target < 0 || target >= len(c.Demand.Targets) {
			return casefile.Nothing, invalid("the request has no such target")
		}
		t := c.Demand.Targets[target]
		if t.Kind != law.TargetPhone && t.Kind != law.TargetAccount {
			return casefile.Nothing, invalid("an account is found by its phone number or id, and by nothing else")
		}
		exercise = c.Drill != nil
		q = door.Lookup{Case: string(n), Process: string(c.Demand.Process), Identifier: t.Identifier, Sealed: n.Sealed()}
		return casefile.One(casefile.Event{Kind: casefile.KLookup, Target: target, Why: why}), nil
	})
	if err != nil {
		return casefile.Resolution{}, err
	}
	got := door.Resolution{Exists: true} // of an exercise: the carrier is not asked
	if !exercise {
		if got, err = s.Door.Resolve(ctx, q); err != nil {
			return casefile.Resolution{}, err
		}
	}
	r := casefile.Resolution{Target: target, Exists: got.Exists, Account: got.Account, At: s.Files.Clock.Now()}
	err = s.decide(ctx, by, n, func(c casefile.Case, _ casefile.Actor) (casefile.Plan, error) {
		p := casefile.One(casefile.Event{Kind: casefile.KResolved, Resolved: &r})
		if !r.Exists && !slices.ContainsFunc(c.Findings, func(f casefile.FindingState) bool { return f.ID == "TGT.NOT_FOUND" }) {
			f := casefile.FindingState{ID: "TGT.NOT_FOUND", Decided: true, Where: []string{fmt.Sprintf("target %d", target+1)}}
			p.Events = append(p.Events, casefile.Event{Kind: casefile.KFindingAdded, By: casefile.TheClock, Findings: []casefile.FindingState{f}})
		}
		return p, nil
	})
	return r, err
}
