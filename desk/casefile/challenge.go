package casefile

import (
	"slices"
	"time"

	"letterlock/law"
)

// Filing is a step of a challenge: what was filed, where, why, and how it ended.
type Filing struct {
	ID        string           `cbor:"id"`
	Where     string           `cbor:"where"` // the court or authority
	Grounds   string           `cbor:"grounds"`
	Reference string           `cbor:"reference,omitempty"` // theirs
	Filed     time.Time        `cbor:"filed"`
	Deadline  time.Time        `cbor:"deadline,omitempty"` // the next day that must not be missed
	By        Actor            `cbor:"by,omitempty"`
	Outcome   ChallengeOutcome `cbor:"outcome,omitempty"`
	Result    string           `cbor:"result,omitempty"`
	Ended     time.Time        `cbor:"ended,omitempty"`
	EndedBy   Actor            `cbor:"ended_by,omitempty"`
	Paper     PaperID          `cbor:"paper,omitempty"`
}

// ChallengeOutcome is how a challenge ended. None of them has the house comply: a
// demand to weaken the system that is upheld is escalated, never carried out.
type ChallengeOutcome string

// The outcomes.
const (
	OutcomeWon       ChallengeOutcome = "set_aside"
	OutcomeNarrowed  ChallengeOutcome = "narrowed"
	OutcomeWithdrawn ChallengeOutcome = "withdrawn_by_issuer"
	OutcomeLost      ChallengeOutcome = "upheld_appeal" // upheld: the next instance, or the service leaves
	OutcomeMoot      ChallengeOutcome = "moot"
)

// ChallengeOutcomes is all of them.
var ChallengeOutcomes = []ChallengeOutcome{OutcomeWon, OutcomeNarrowed, OutcomeWithdrawn, OutcomeLost, OutcomeMoot}

// Open reports a filing without an outcome.
func (f Filing) Open() bool { return f.Outcome == "" }

// Agreement is one person's yes to closing a case that must be challenged.
type Agreement struct {
	By   Actor     `cbor:"by"`
	Role string    `cbor:"role"` // "counsel" or "lead"
	Why  string    `cbor:"why"`
	At   time.Time `cbor:"at"`
}

// The two who close a case that must be challenged, together (duty D8).
const (
	AsCounsel = "counsel"
	AsLead    = "lead"
)

// MustChallenge reports a case that carries a demand on the system itself: by
// its row, or by a finding that stands. It is closed by counsel and lead
// together, and nothing is produced under it.
func (c Case) MustChallenge(row law.Row) bool {
	return row.MustChallenge() || c.attacked()
}

// attacked: a finding says that the system is demanded, and no one who may has
// said that it does not hold. What the machine only proposed counts from the
// moment a person has taken it as theirs.
func (c Case) attacked() bool {
	return slices.ContainsFunc(c.Findings, FindingState.Stands)
}

// Stands reports a finding that says that the system is demanded.
func (f FindingState) Stands() bool {
	switch {
	case !f.Row().MustChallenge():
		return false
	case f.Answer != nil:
		return f.Answer.Holds
	}
	return f.Decided || f.ByPerson != (Actor{})
}

// Unheard is a finding that says that the system is demanded, proposed by the
// machine, about which nobody has said whether it holds. Such a case is closed
// by nobody before somebody has.
func (c Case) Unheard() (FindingState, bool) {
	for _, f := range c.Findings {
		if f.Row().MustChallenge() && f.Answer == nil && !f.Informs && !f.Stands() {
			return f, true
		}
	}
	return FindingState{}, false
}

// Doubt is the first of the two words that set such a finding aside.
type Doubt struct {
	Role   string    `cbor:"role"`
	Reason string    `cbor:"reason"`
	By     Actor     `cbor:"by"`
	At     time.Time `cbor:"at"`
}

func foldDoubted(c *Case, e Event) error {
	i := c.finding(e.Finding)
	if i < 0 || !c.Findings[i].Stands() || e.Role != AsCounsel && e.Role != AsLead {
		return errParticulars
	}
	c.Findings[i].Doubt = &Doubt{Role: e.Role, Reason: e.Why, By: e.By, At: e.At}
	return nil
}

// Agreed reports that counsel and a lead, two different people, have agreed to
// close the case as it is decided now.
func (c Case) Agreed() bool {
	for _, a := range c.Agreements {
		for _, b := range c.Agreements {
			if a.Role == AsCounsel && b.Role == AsLead && a.By.ID != b.By.ID {
				return true
			}
		}
	}
	return false
}

func foldAgreed(c *Case, e Event) error {
	switch {
	case e.Role != AsCounsel && e.Role != AsLead:
		return errParticulars
	case c.Withdrawn || c.Answering || len(c.Packages) > 0:
		return conflict("the case is closed already")
	case len(c.Undecided()) > 0:
		return conflict("%s is not decided yet", c.Undecided()[0].Title())
	}
	for _, a := range c.Agreements {
		switch {
		case a.By.ID == e.By.ID:
			return conflict("%s has agreed; the other must be somebody else", a.By.Name)
		case a.Role == e.Role:
			return conflict("%s has agreed as %s", a.By.Name, a.Role)
		}
	}
	c.Agreements = append(c.Agreements, Agreement{By: e.By, Role: e.Role, Why: e.Why, At: e.At})
	return nil
}

func foldChallenged(c *Case, e Event) error {
	if e.Filing == nil || e.Filing.ID == "" {
		return errParticulars
	}
	f := *e.Filing
	f.By = e.By
	c.Filings = append(c.Filings, f)
	return nil
}

func foldChallengeEnded(c *Case, e Event) error {
	if e.Filing == nil {
		return errParticulars
	}
	i := slices.IndexFunc(c.Filings, func(f Filing) bool { return f.ID == e.Filing.ID })
	if i < 0 || !c.Filings[i].Open() {
		return conflict("there is no such open filing")
	}
	f := &c.Filings[i]
	f.Outcome, f.Result, f.Ended, f.EndedBy = e.Filing.Outcome, e.Why, e.At, e.By
	return nil
}

// foldNarrowed shortens the period that records are produced for. It can only
// ever lie within what was asked.
func foldNarrowed(c *Case, e Event) error {
	p := e.Period
	switch {
	case p == nil || !p.Until.After(p.From):
		return errParticulars
	case len(c.live()) > 0 || c.Answering || len(c.Packages) > 0 || c.Withdrawn:
		return conflict("the case is decided: take the grants back first")
	case !c.Demand.From.IsZero() && p.From.Before(c.Demand.From), !c.Demand.Until.IsZero() && p.Until.After(c.Demand.Until):
		return conflict("the shorter period must lie within the one asked for")
	}
	c.Narrowed = &Shorter{From: p.From, Until: p.Until, Why: e.Why, Finding: e.Finding, By: e.By}
	c.Agreements = nil
	return nil
}

// Shorter is a period cut down by a reviewer, with the reason.
type Shorter struct {
	From    time.Time     `cbor:"from"`
	Until   time.Time     `cbor:"until"`
	Why     string        `cbor:"why,omitempty"`
	Finding law.FindingID `cbor:"finding,omitempty"`
	By      Actor         `cbor:"by,omitempty"`
}

// Span is the period that records are produced for: the one asked for, or the
// shorter one that was decided.
func (c Case) Span() (from, until time.Time) {
	if c.Narrowed != nil {
		return c.Narrowed.From, c.Narrowed.Until
	}
	return c.Demand.From, c.Demand.Until
}

// foldAdvised takes an escalated item back from counsel: it is decided anew,
// with the advice on the case.
func foldAdvised(c *Case, e Event) error {
	d, ok := c.Decisions[e.Item]
	if !ok || d.Verdict != Escalate {
		return conflict("%s is not with counsel", e.Item.Title())
	}
	delete(c.Decisions, e.Item)
	c.Advice = append(c.Advice, Advice{Item: e.Item, Text: e.Why, By: e.By, At: e.At})
	return nil
}

// Advice is what counsel said of an item that was escalated.
type Advice struct {
	Item Item
	Text string
	By   Actor
	At   time.Time
}
