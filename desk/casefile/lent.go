package casefile

import (
	"slices"
	"time"
)

// Loan is a case lent to outside counsel by name.
type Loan struct {
	To    Actor     `cbor:"to"`
	Until time.Time `cbor:"until"`
	Why   string    `cbor:"why,omitempty"`
	By    Actor     `cbor:"by,omitempty"`
	Ended time.Time `cbor:"ended,omitempty"`
}

// The kinds of event of a loan, and of an opinion written on the case.
const (
	KLent      Kind = "lent"
	KLentEnded Kind = "lent.ended"
	KAdvice    Kind = "advice"
	KNoTie     Kind = "assigned.no-tie" // the member's word for this case: no conflict with agency, officer or identifier
)

// DutyLent ends a loan on its day; its key is the member.
const DutyLent DutyKind = "lent"

// LentTo reports a loan that holds now.
func (c Case) LentTo(m MemberID, now time.Time) bool {
	return slices.ContainsFunc(c.Lent, func(l Loan) bool { return l.To.MemberID() == m && l.Ended.IsZero() && now.Before(l.Until) })
}

// NoTie reports that a member has said for this case that they have no tie.
func (c Case) NoTie(m MemberID) bool { _, ok := c.NoTies[m]; return ok }

func foldLent(c *Case, e Event) error {
	if e.Loan == nil || e.Loan.To.MemberID() == "" {
		return errParticulars
	}
	if c.LentTo(e.Loan.To.MemberID(), e.At) {
		return conflict("the case is lent to %s already", e.Loan.To.Name)
	}
	l := *e.Loan
	l.By, l.Why = e.By, e.Why
	c.Lent = append(slices.Clone(c.Lent), l)
	return nil
}

func foldLentEnded(c *Case, e Event) error {
	if e.Loan == nil {
		return errParticulars
	}
	c.Lent = slices.Clone(c.Lent)
	for i := range c.Lent {
		if c.Lent[i].To.ID == e.Loan.To.ID && c.Lent[i].Ended.IsZero() {
			c.Lent[i].Ended = e.At
		}
	}
	return nil
}

func foldNoTie(c *Case, e Event) error {
	c.NoTies = cloneMap(c.NoTies)
	c.NoTies[e.By.MemberID()] = e.At
	return nil
}

// saysTeam tells what the team did among itself.
func saysTeam(e Event) string {
	switch e.Kind {
	case KSecond:
		return "put the case up for a second review (" + string(e.Second.Reason) + ")"
	case KSecondTaken:
		return "took the second review"
	case KSecondGiven:
		return "gave the second review: " + decisions(e.Decisions)
	case KSecondClosed:
		return "closed the second review"
	case KLent:
		return "lent the case to " + e.Loan.To.Name + " until " + e.Loan.Until.UTC().Format("2 January 2006, 15:04 UTC")
	case KLentEnded:
		return "ended the loan to " + e.Loan.To.Name
	case KAdvice:
		return "wrote an opinion"
	case KNoTie:
		return "declared no conflict with this agency, officer or identifier"
	}
	return ""
}
