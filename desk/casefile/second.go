package casefile

import (
	"slices"
	"time"

	"letterlock/internal/fault"
)

// SecondReason is why a case is reviewed a second time.
type SecondReason string

// The reasons.
const (
	SecondDrawn      SecondReason = "drawn"      // by lot
	SecondCompromise SecondReason = "compromise" // its sender may have been somebody else: holds the release
	SecondAsked      SecondReason = "asked"      // by somebody of the team
)

// Second is a second review: another trained person's own verdicts, given
// without seeing the first's.
type Second struct {
	ID       string       `cbor:"id"`
	Reason   SecondReason `cbor:"reason"`
	Why      string       `cbor:"why,omitempty"`
	By       Actor        `cbor:"by,omitempty"`
	Opened   time.Time    `cbor:"opened,omitempty"`
	Reviewer Actor        `cbor:"reviewer,omitempty"`
	Opinions []Decision   `cbor:"opinions,omitempty"`
	Given    time.Time    `cbor:"given,omitempty"`
	Differs  []Item       `cbor:"differs,omitempty"` // where the two decided differently
	Less     []Item       `cbor:"less,omitempty"`    // of them, where the second would have given less
	ClosedBy Actor        `cbor:"closed_by,omitempty"`
	Closed   time.Time    `cbor:"closed,omitempty"`
	Said     string       `cbor:"said,omitempty"` // counsel's, on closing
}

// The kinds of event of a second review.
const (
	KSecond       Kind = "second.opened"
	KSecondTaken  Kind = "second.taken"
	KSecondGiven  Kind = "second.given"
	KSecondClosed Kind = "second.closed"
)

// DutySecond is a second review that waits for a person.
const DutySecond DutyKind = "second"

// OpenSecond is what puts a case up for a second review: an event and the duty
// by which it is found. Whoever acts on the case adds both to their plan.
func OpenSecond(reason SecondReason, why string, now time.Time) (Event, Duty) {
	id := NewID()
	return Event{Kind: KSecond, Why: why, Second: &Second{ID: id, Reason: reason, Why: why}}, Duty{Kind: DutySecond, Key: id, Due: now}
}

// Holds reports a second review that holds the release: one of a compromise
// until it is closed, any other only where it would have given less. The
// statutory clocks run on.
func (s Second) Holds() bool {
	return s.Closed.IsZero() && (s.Reason == SecondCompromise || len(s.Less) > 0)
}

// SecondHolds reports whether any second review holds the release.
func (c Case) SecondHolds() bool { return slices.ContainsFunc(c.Seconds, Second.Holds) }

// SecondOf finds a second review of the case.
func (c Case) SecondOf(id string) (Second, bool) {
	if i := c.second(id); i >= 0 {
		return c.Seconds[i], true
	}
	return Second{}, false
}

// Blind reports a member who has taken a second review and not given it.
func (c Case) Blind(m MemberID) bool {
	return slices.ContainsFunc(c.Seconds, func(s Second) bool { return s.Reviewer.MemberID() == m && m != "" && s.Given.IsZero() })
}

// NotYetSeen refuses a look at the first review to whom Blind reports.
func NotYetSeen() error {
	return fault.New(fault.Forbidden, "review again", "you review this case a second time: give your own verdicts first, then you see the first's")
}

// ActedOn reports a member who had a hand in the case before they took a
// second review of it.
func (c Case) ActedOn(m MemberID) bool {
	if c.Assigned.MemberID() == m {
		return true
	}
	taken := false
	for _, e := range c.Events {
		if e.By.MemberID() != m {
			continue
		}
		taken = taken || e.Kind == KSecondTaken
		if !taken || slices.Contains(firstHand, e.Kind) {
			return true
		}
	}
	return false
}

// firstHand is what the first reviewer does, and no second before or after.
var firstHand = []Kind{KDecided, KComposed, KLookup, KLookupsAsked, KFindingAnswer, KFindingDoubted, KNarrowed, KReviewedAgain}

// tookSecond reports a member who has taken a second review of the case: somebody
// else decides it.
func (c Case) tookSecond(a Actor) bool {
	return a.ID != "" && slices.ContainsFunc(c.Seconds, func(s Second) bool { return s.Reviewer.ID == a.ID })
}

// differ compares a second review with what is decided now.
func (c *Case) differ(s *Second) {
	s.Differs, s.Less = nil, nil
	for _, o := range s.Opinions {
		first := c.Decisions[o.Item]
		if o.Verdict != first.Verdict || !slices.Equal(o.Targets, first.Targets) {
			s.Differs = append(s.Differs, o.Item)
		}
		for i := range c.Demand.Targets {
			if first.For(i) && !o.For(i) && !slices.Contains(s.Less, o.Item) {
				s.Less = append(s.Less, o.Item)
			}
		}
	}
}

// compareAgain holds what was decided anew against the second reviews that were
// given: whoever decides more after a second agreed to less has it closed anew.
func (c *Case) compareAgain(at time.Time) {
	c.Seconds = slices.Clone(c.Seconds)
	for i := range c.Seconds {
		s := &c.Seconds[i]
		if s.Given.IsZero() || s.Given.Before(c.Since) { // said of other words
			continue
		}
		settled := s.Less
		c.differ(s)
		if slices.ContainsFunc(s.Less, func(x Item) bool { return !slices.Contains(settled, x) }) {
			s.Closed, s.ClosedBy, s.Said = time.Time{}, Actor{}, ""
		}
		if len(s.Differs) == 0 && s.Closed.IsZero() {
			s.Closed, s.ClosedBy = at, s.Reviewer
		}
	}
}

func (c Case) second(id string) int {
	return slices.IndexFunc(c.Seconds, func(s Second) bool { return s.ID == id })
}

func foldSecond(c *Case, e Event) error {
	if e.Second == nil || e.Second.ID == "" {
		return errParticulars
	}
	if c.second(e.Second.ID) >= 0 {
		return conflict("this second review is open already")
	}
	s := *e.Second
	s.By, s.Opened = e.By, e.At
	c.Seconds = append(c.Seconds, s)
	return nil
}

// openSecond is the second review that an event goes on with.
func (c *Case) openSecond(e Event) (*Second, error) {
	if e.Second == nil {
		return nil, errParticulars
	}
	i := c.second(e.Second.ID)
	if i < 0 || !c.Seconds[i].Closed.IsZero() {
		return nil, conflict("there is no such open second review")
	}
	c.Seconds = slices.Clone(c.Seconds)
	return &c.Seconds[i], nil
}

func foldSecondTaken(c *Case, e Event) error {
	s, err := c.openSecond(e)
	if err != nil {
		return err
	}
	if !s.Given.IsZero() || s.Reviewer.ID != "" && s.Reviewer.ID != e.By.ID {
		return conflict("%s has this second review", s.Reviewer.Name)
	}
	s.Reviewer = e.By
	return nil
}

// foldSecondGiven compares the two. Where they agree the review is closed.
func foldSecondGiven(c *Case, e Event) error {
	s, err := c.openSecond(e)
	if err != nil {
		return err
	}
	if s.Reviewer.ID != e.By.ID || !s.Given.IsZero() {
		return conflict("this second review is not yours to give")
	}
	s.Opinions, s.Given = e.Decisions, e.At
	c.differ(s)
	if len(s.Differs) == 0 {
		s.Closed, s.ClosedBy = e.At, e.By
	}
	return nil
}

func foldSecondClosed(c *Case, e Event) error {
	s, err := c.openSecond(e)
	if err != nil {
		return err
	}
	if s.Given.IsZero() {
		return conflict("nobody has given this second review yet")
	}
	s.Closed, s.ClosedBy, s.Said = e.At, e.By, e.Why
	return nil
}
