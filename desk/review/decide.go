package review

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
	"letterlock/law"
)

// Choice is a verdict on one item with its reason.
type Choice struct {
	Item    casefile.Item
	Verdict casefile.Verdict
	Reason  string
	Finding law.FindingID
	Targets []int // for Narrow: the targets it is produced for
	Outside bool  // for Escalate: to outside counsel as well
}

// allowed is what may be decided about an item under a row. Produce is there
// only if the row reaches the item's field; under a row that must be
// challenged or obliges to nothing it never is (duties D8, D13).
func allowed(c casefile.Case, row law.Row, i casefile.Item) []casefile.Verdict {
	if c.MustChallenge(row) {
		return []casefile.Verdict{casefile.Challenge, casefile.Decline}
	}
	if NoObligation(row) {
		return []casefile.Verdict{casefile.Decline, casefile.Challenge}
	}
	return ordinary(row, i)
}

func ordinary(row law.Row, i casefile.Item) []casefile.Verdict {
	out := []casefile.Verdict{casefile.AskFirst, casefile.Decline, casefile.Challenge, casefile.ReferMLAT, casefile.Escalate}
	if len(casefile.Preservable(row, i)) > 0 && row.Stance == law.StanceSnapshot {
		return append([]casefile.Verdict{casefile.Keep}, out...)
	}
	if f, ok := i.Field(); ok {
		out = append([]casefile.Verdict{casefile.Narrow}, out...)
		if casefile.Reachable(row, f) && discloses(row) {
			out = append([]casefile.Verdict{casefile.Produce}, out...)
		}
	} else if traceable(row, i) {
		out = append([]casefile.Verdict{casefile.Produce}, out...)
	}
	return out
}

// discloses: stances under which nothing is handed out whatever the reach says.
func discloses(row law.Row) bool {
	switch row.Stance {
	case law.StanceChallenge, law.StanceChallengeIfZG, law.StanceDecline, law.StanceReject, law.StanceMLAT, law.StanceTrack, law.StanceTrackChallenge, law.StanceSnapshot,
		law.StanceVoluntaryDecline, law.StanceNoKeyHeld, law.StanceNotData, law.StanceSelfExport, law.StanceTap:
		return false
	}
	return true
}

// needsCounsel: the row says that counsel decides what is handed out.
func needsCounsel(row law.Row) bool {
	switch row.Stance {
	case law.StanceEscalate, law.StanceEscalateNoContent, law.StanceEscalateCheck, law.StanceSpecial, law.StanceRejectOrObject, law.StanceChallengeIfZG:
		return true
	}
	return false
}

// Decide records verdicts on items. Every refusal of this method is a rule:
// training, conflict, assignment, findings, reach, law approval.
func (s *Service) Decide(ctx context.Context, by casefile.MemberID, n casefile.Number, choices []Choice) error {
	return s.decide(ctx, by, n, func(c casefile.Case, me casefile.Actor) (casefile.Plan, error) {
		row, err := s.row(c)
		if err != nil {
			return casefile.Nothing, err
		}
		_, notCounsel := s.Team.IsCounsel(ctx, by, c)
		if notCounsel != nil && c.Assigned.MemberID() != by {
			return casefile.Nothing, forbidden("this case is not assigned to you")
		}
		if err := saidNoTie(c, me); err != nil {
			return casefile.Nothing, err
		}
		e := casefile.Event{Kind: casefile.KDecided}
		var channel string
		for _, ch := range choices {
			if err := s.choice(ctx, c, row, me, ch, notCounsel == nil); err != nil {
				return casefile.Nothing, err
			}
			if ch.Verdict == casefile.ReferMLAT {
				channel = s.Law.ByTreaty(c.Demand.Jurisdiction)
			} else {
				channel = ""
			}
			e.Decisions = append(e.Decisions, casefile.Decision{Outside: ch.Outside && ch.Verdict == casefile.Escalate, Channel: channel, Item: ch.Item, Verdict: ch.Verdict, Reason: strings.TrimSpace(ch.Reason),
				Finding: ch.Finding, Targets: ch.Targets, Fields: keptBy(row, ch), By: me, At: s.Files.Clock.Now()})
		}
		p := casefile.One(e)
		err = s.drawn(ctx, c, &p, e.Decisions)
		return p, err
	})
}

func (s *Service) choice(ctx context.Context, c casefile.Case, row law.Row, me casefile.Actor, ch Choice, counsel bool) error {
	switch {
	case !slices.Contains(c.Demand.Wanted, ch.Item):
		return invalid("%s was not asked for: nothing wider than the request can be decided", ch.Item)
	case !slices.Contains(allowed(c, row, ch.Item), ch.Verdict):
		return forbidden("%s cannot be decided as %q under %s", ch.Item.Title(), ch.Verdict, row.Name)
	case strings.TrimSpace(ch.Reason) == "" || len(ch.Reason) > casefile.MaxText:
		return invalid("each decision needs its reason: %s has none", ch.Item.Title())
	case c.Decisions[ch.Item].Verdict == casefile.Escalate && !counsel:
		return forbidden("%s was escalated: counsel decides it", ch.Item.Title())
	}
	if ch.Finding != "" {
		if _, ok := s.Law.Finding(ch.Finding); !ok {
			return invalid("there is no finding %s", ch.Finding)
		}
	}
	if err := fits(c, row, ch); err != nil {
		return err
	}
	if ch.Verdict == casefile.Produce || ch.Verdict == casefile.Narrow && len(ch.Targets) > 0 {
		if err := forCounsel(c, ch.Verdict, ch.Targets, counsel); err != nil {
			return err
		}
		return s.mayProduce(ctx, c, row, me, ch.Item, counsel)
	}
	if ch.Verdict == casefile.Keep {
		return s.mayAct(ctx, c, row, me, counsel)
	}
	return nil
}

// fits refuses a verdict that is not possible here, or its targets.
func fits(c casefile.Case, row law.Row, ch Choice) error {
	if !slices.Contains(allowed(c, row, ch.Item), ch.Verdict) {
		return forbidden("%s cannot be decided as %q under %s", ch.Item.Title(), ch.Verdict, row.Name)
	}
	if ch.Verdict != casefile.Narrow && len(ch.Targets) > 0 {
		return invalid("only a narrowed item names targets")
	}
	for _, t := range ch.Targets {
		if t < 0 || t >= len(c.Demand.Targets) {
			return invalid("the request has no such target")
		}
	}
	if ch.Verdict == casefile.Narrow && len(c.Demand.Targets) > 0 && len(slices.Compact(slices.Sorted(slices.Values(ch.Targets)))) == len(c.Demand.Targets) {
		return invalid("narrowed to all targets is not narrowed: choose produce")
	}
	return nil
}

// mayProduce is every rule that stands before a disclosure. It is asked when
// the decision is made and again when the grants are composed.
func (s *Service) mayProduce(ctx context.Context, c casefile.Case, row law.Row, me casefile.Actor, i casefile.Item, counsel bool) error {
	f, ok := i.Field()
	if traceable(row, i) {
		if err := oneAccount(c); err != nil {
			return err
		}
	}
	if c.MustChallenge(row) {
		return forbidden("a demand on the system stands in this case: nothing is produced under it")
	}
	if !traceable(row, i) && (!ok || !casefile.Reachable(row, f) || !discloses(row)) {
		return forbidden("%s does not reach %s", row.Name, i.Title())
	}
	if !counsel {
		if err := escalated(c); err != nil {
			return err
		}
	}
	return s.mayAct(ctx, c, row, me, counsel)
}

// escalated refuses whoever is not counsel while a finding on rights stands
// that the table escalates, such as that no independent body authorised access
// to intrusive data: counsel decides what is produced, or sets it aside.
// law: CJEU C-746/18
func escalated(c casefile.Case) error {
	for _, f := range c.Findings {
		row := f.Row()
		if row.ForCounsel() && !f.Stops() && !f.Informs && (f.Answer == nil || f.Answer.Holds) {
			return forbidden("the finding %s is for counsel: counsel decides what is produced, or sets it aside", casefile.FindingWords(f.ID))
		}
	}
	return nil
}

// mayAct is what stands before any use of a process, to produce or to preserve.
func (s *Service) mayAct(ctx context.Context, c casefile.Case, row law.Row, me casefile.Actor, counsel bool) error {
	u, err := s.unlock(ctx, row, c.Filed)
	switch {
	case err != nil:
		return err
	case !u.OK:
		return forbidden("nothing can be produced under %s: %s", row.Name, u.Why)
	case needsCounsel(row) && !counsel:
		return forbidden("under %s counsel decides what is produced", row.Name)
	case len(c.Unread()) > 0:
		return fault.New(fault.Conflict, "review case", "%s has not been read by anyone of the team", c.Unread()[0].Name)
	case c.FiledBy.Kind == casefile.ByMember && c.FiledBy.ID == me.ID:
		return forbidden("you entered this paper: somebody else decides it")
	}
	return c.Hindered()
}

// Approvals keeps what people have approved of the law table. What cleared
// counsel approved of a process of sealed matters lies with the sealed cases:
// that somebody needed it would tell of one.
type Approvals interface {
	// LawApprovals are those that everybody may know of; with sealed also the
	// others.
	LawApprovals(ctx context.Context, sealed bool) (law.Approvals, error)
	ApproveRow(ctx context.Context, a law.Approval, sealed bool) error
	// ListApprovals are those of the lists behind the findings on rights.
	ListApprovals(ctx context.Context) ([]law.ListApproval, error)
	ApproveList(ctx context.Context, a law.ListApproval) error
}

// unlock is asked for the day on which the request came: a row that has ended
// since still answers what was asked under it.
func (s *Service) unlock(ctx context.Context, row law.Row, filed time.Time) (law.Unlock, error) {
	a, err := s.Approvals.LawApprovals(ctx, casefile.SealedRow(row))
	if err != nil {
		return law.Unlock{}, fmt.Errorf("read approvals: %w", err)
	}
	if now := s.Files.Clock.Now(); !row.Usable(now) {
		return law.Unlock{Why: "this row ended on " + string(row.ValidTo) + ", too long ago to be acted on: ask for a new request"}, nil
	}
	return row.Unlocks(a, filed), nil
}

// ApproveRow records counsel's approval of a law row as it reads now. Without
// it a row of certainty K unlocks nothing; one of certainty U never does.
func (s *Service) ApproveRow(ctx context.Context, by casefile.MemberID, acts casefile.Acts, id law.ProcessID, hash law.RowHash, why string) error {
	me, err := s.approver(ctx, by)
	if err != nil {
		return err
	}
	now := s.Files.Clock.Now()
	_, known := s.Law.LastRow(id, now)
	row, ok := s.Law.RowByHash(hash)
	switch {
	case !known:
		return invalid("this row is not in force")
	case !ok || row.ID != id || !row.Usable(now):
		return fault.New(fault.Conflict, "approve row", "the row has changed since you opened it; read it again")
	case row.Certainty == law.Uncertain:
		return forbidden("an uncertain row informs and never unlocks: have its text checked first")
	}
	a := law.Approval{Row: id, Hash: hash, By: me.Name + " (" + me.ID + ")", On: law.Date(s.Files.Clock.Now().Format("2006-01-02")), Why: strings.TrimSpace(why)}
	cleared, err := s.Team.MaySeal(ctx, by)
	if err != nil {
		return err
	}
	acts.Sealed = cleared && casefile.SealedRow(row)
	if err := acts.Keep(ctx, "law.approved", me, string(id), a.Why, a); err != nil {
		return err
	}
	return s.Approvals.ApproveRow(ctx, a, acts.Sealed)
}
