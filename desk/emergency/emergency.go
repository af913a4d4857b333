// Package emergency keeps what stands before the release of an emergency and
// what follows it: the attestation signed with the officer's key, the
// supervisor's co-signature, the call-back to the directory's number, the two
// who stand in for a paper, and the chase for the legal process that was
// promised. It knows the directory and the team only by what it asks of them,
// and nothing of the carrier: it can hold a release and can make none.
package emergency

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
	"letterlock/internal/passkey"
)

// Officer is somebody of an agency as this part needs them.
type Officer struct {
	ID      casefile.OfficerID
	Agency  casefile.AgencyID
	Name    string // with rank, as they sign
	Mailbox string
	Keys    []passkey.Key
}

// Number is the number at which the directory says that an agency is reached.
type Number struct {
	Number, Source string
	By             casefile.Actor // who put it there
	At             time.Time
}

// Directory is who is who at the agencies.
type Directory interface {
	// Officer is an officer who may act now; anyone else is Unauthenticated.
	Officer(ctx context.Context, id casefile.OfficerID) (Officer, error)
	// Colleagues are the active officers of an agency.
	Colleagues(ctx context.Context, a casefile.AgencyID) ([]Officer, error)
	// MayCoSign refuses an officer who may not sign as a supervisor.
	MayCoSign(ctx context.Context, id casefile.OfficerID) error
	// KeyUsed stores a passkey's new counter.
	KeyUsed(ctx context.Context, id casefile.OfficerID, k passkey.Key) error
	// Switchboard is the agency's published number; NotFound if the directory
	// has none.
	Switchboard(ctx context.Context, a casefile.AgencyID) (Number, error)
	// Mailboxes are where an agency is reached about a case of an officer: the
	// officer's own, and its single point of contact.
	Mailboxes(ctx context.Context, a casefile.AgencyID, o casefile.OfficerID) ([]string, error)
}

// Team answers who of the team may do what now.
type Team interface {
	MayTouch(ctx context.Context, id casefile.MemberID, n casefile.Number) (casefile.Actor, error)
	MayDecide(ctx context.Context, id casefile.MemberID, c casefile.Case) (casefile.Actor, error)
	IsCounsel(ctx context.Context, id casefile.MemberID, c casefile.Case) (casefile.Actor, error)
	IsLead(ctx context.Context, id casefile.MemberID) (casefile.Actor, error)
}

// Service keeps the rules of emergencies.
type Service struct {
	Files     *casefile.Files
	Directory Directory
	Team      Team
	Mail      casefile.Mailer
	Site      passkey.Site // the portal, where officers sign
	Log       *slog.Logger
}

func invalid(format string, args ...any) error {
	return fault.New(fault.Invalid, "keep emergency", format, args...)
}

func forbidden(format string, args ...any) error {
	return fault.New(fault.Forbidden, "keep emergency", format, args...)
}

// act is an act of a member who may decide the case.
func (s *Service) act(ctx context.Context, by casefile.MemberID, n casefile.Number, plan func(casefile.Case, casefile.Actor) (casefile.Plan, error)) error {
	me, err := s.Team.MayTouch(ctx, by, n)
	if err != nil {
		return err
	}
	_, err = s.Files.Act(ctx, n, me, func(c casefile.Case) (casefile.Plan, error) {
		if _, err := s.Team.MayDecide(ctx, by, c); err != nil {
			return casefile.Nothing, err
		}
		if !c.Urgent() {
			return casefile.Nothing, invalid("this is no emergency")
		}
		return plan(c, me)
	})
	return err
}

func one(k casefile.Kind, why string, a casefile.UrgentAct) casefile.Plan {
	return casefile.One(casefile.Event{Kind: k, Why: why, Urgent: &a})
}

// Number is the number to call for a case. That of an exercise is where the
// trainer answers.
func (s *Service) Number(ctx context.Context, c casefile.Case) (Number, error) {
	if x := c.Drill; x != nil {
		return Number{Number: x.Agency.Phone, Source: x.Agency.Source, By: casefile.TheClock}, nil
	}
	return s.Directory.Switchboard(ctx, c.Demand.Agency)
}

// Called is a member's record of a call.
type Called struct {
	Number     string // as the page showed it: the directory's
	Spoke      string
	Supervisor bool
	Said       string
	Outcome    casefile.CallOutcome
}

// Call records a call-back. The number is the directory's and cannot come from
// the request; if it was entered after the request came, somebody else has
// entered it. A call that does not confirm holds the release.
func (s *Service) Call(ctx context.Context, by casefile.MemberID, n casefile.Number, x Called) error {
	if strings.TrimSpace(x.Said) == "" || len(x.Said) > casefile.MaxText || !casefile.Plain(x.Spoke, casefile.MaxReference) {
		return invalid("say what was confirmed, or why it was not")
	}
	if x.Outcome == casefile.CallConfirmed && strings.TrimSpace(x.Spoke) == "" {
		return invalid("say with whom you spoke")
	}
	return s.act(ctx, by, n, func(c casefile.Case, me casefile.Actor) (casefile.Plan, error) {
		num, err := s.Number(ctx, c)
		switch {
		case fault.Is(err, fault.NotFound):
			return casefile.Nothing, fault.New(fault.Conflict, "call back", "the directory has no number for this agency: somebody else finds one in a public source and enters it there, and then you call it")
		case err != nil:
			return casefile.Nothing, err
		case x.Number != num.Number:
			return casefile.Nothing, fault.New(fault.Conflict, "call back", "the number has to be the directory's, %s: reload the page and call that one", num.Number)
		case num.At.After(c.Filed) && num.By.ID == me.ID:
			return casefile.Nothing, forbidden("you entered this number after the request came: somebody else makes the call")
		case num.At.After(c.Filed) && sameNumber(num.Number, c.Demand.Phone, c.Demand.Emergency.Supervisor.Phone):
			return casefile.Nothing, forbidden("this number was entered after the request came, and it is the request's own: find one that does not come from the request")
		}
		call := casefile.CallBack{Number: num.Number, Source: num.Source, NumberBy: num.By, Spoke: strings.TrimSpace(x.Spoke), Supervisor: x.Supervisor,
			Said: strings.TrimSpace(x.Said), Outcome: x.Outcome, By: me, At: s.Files.Clock.Now().UTC()}
		return one(casefile.KCalledBack, "", casefile.UrgentAct{Call: &call}), nil
	})
}

func sameNumber(a string, others ...string) bool {
	digits := func(s string) string {
		return strings.Map(func(r rune) rune {
			if r < '0' || r > '9' {
				return -1
			}
			return r
		}, s)
	}
	return slices.ContainsFunc(others, func(o string) bool { return digits(o) != "" && strings.HasSuffix(digits(a), digits(o)) })
}

// StandIn records that a member stands in for the signatures that an agency
// without keys cannot give. It takes counsel and one more, neither of them the
// intake analyst.
func (s *Service) StandIn(ctx context.Context, by casefile.MemberID, n casefile.Number, why string) error {
	if strings.TrimSpace(why) == "" || len(why) > casefile.MaxText {
		return invalid("say why the agency cannot sign with a key, and why this goes on without")
	}
	return s.act(ctx, by, n, func(c casefile.Case, me casefile.Actor) (casefile.Plan, error) {
		_, notCounsel := s.Team.IsCounsel(ctx, by, c)
		x := casefile.StandIn{By: me, Counsel: notCounsel == nil, Why: strings.TrimSpace(why), At: s.Files.Clock.Now().UTC()}
		return one(casefile.KStoodIn, x.Why, casefile.UrgentAct{StandIn: &x}), nil
	})
}

// Arrived records the legal process that followed: a paper of this case or a
// case of its own. One that reaches less than was given is counsel's to judge.
func (s *Service) Arrived(ctx context.Context, by casefile.MemberID, n casefile.Number, x casefile.Arrival, why string) error {
	if strings.TrimSpace(why) == "" {
		return invalid("say what it is, and what it reaches")
	}
	return s.act(ctx, by, n, func(c casefile.Case, _ casefile.Actor) (casefile.Plan, error) {
		if x.Case != "" {
			if err := s.follows(ctx, c, x.Case); err != nil {
				return casefile.Nothing, err
			}
		}
		if !x.Covers {
			if _, err := s.Team.IsCounsel(ctx, by, c); err != nil {
				return casefile.Nothing, forbidden("it reaches less than was given: counsel judges it, and says what becomes of the rest")
			}
		}
		return one(casefile.KProcessCame, why, casefile.UrgentAct{Arrival: &x}), nil
	})
}

// follows: the other case is the same agency's, came later and is no sealed
// matter or emergency.
func (s *Service) follows(ctx context.Context, c casefile.Case, n casefile.Number) error {
	no := invalid("%s is no later request of the same agency under legal process", n)
	if n.Sealed() {
		return no
	}
	o, err := s.Files.Load(ctx, n)
	if err != nil || o.Demand.Agency != c.Demand.Agency || o.Urgent() || o.Withdrawn || o.Filed.Before(c.Filed) {
		return no
	}
	return nil
}

// Close ends the chase without legal process: a lead's, with the reason.
func (s *Service) Close(ctx context.Context, by casefile.MemberID, n casefile.Number, why string) error {
	lead, err := s.Team.IsLead(ctx, by)
	if err != nil {
		return err
	}
	if strings.TrimSpace(why) == "" {
		return invalid("give the reason: the agency's record keeps it")
	}
	_, err = s.Files.Act(ctx, n, lead, func(c casefile.Case) (casefile.Plan, error) {
		return casefile.One(casefile.Event{Kind: casefile.KProcessClosed, Why: why}), nil
	})
	return err
}

// Owing counts, by agency, the emergencies whose legal process is overdue.
func (s *Service) Owing(ctx context.Context) (map[casefile.AgencyID]int, error) {
	out := map[casefile.AgencyID]int{}
	f := casefile.Filter{Lane: casefile.LaneEmergency, Limit: 500}
	for {
		heads, err := s.Files.Public.Store.Queue(ctx, f)
		if err != nil {
			return nil, fmt.Errorf("read emergencies: %w", err)
		}
		for _, h := range heads {
			if h.Promise.Overdue && h.Promise.Open() {
				out[h.Agency]++
			}
		}
		if len(heads) < f.Limit {
			return out, nil
		}
		f.After = heads[len(heads)-1]
	}
}
