package casefile

import (
	"slices"
	"strings"
	"time"

	"letterlock/internal/fault"
	"letterlock/law"
)

// BarrierID names one of the things that stand before an emergency's release.
type BarrierID string

// The barriers, in the order in which they are met.
const (
	BarrierAttested  BarrierID = "attestation"
	BarrierCoSigned  BarrierID = "co-signature"
	BarrierCallBack  BarrierID = "call-back"
	BarrierOwed      BarrierID = "owed process"
	BarrierScope     BarrierID = "scope"
	BarrierTwoPeople BarrierID = "two people"
	BarrierKeys      BarrierID = "two keys"
)

// Barrier is one of them and how it stands.
type Barrier struct {
	ID   BarrierID
	Name string
	Met  bool
	Says string // by whom and when, or what is missing
	At   time.Time
}

// Barriers are what stands before the release of an emergency. All but the
// last are the desk's; the last one is the carrier's.
func (c Case) Barriers() []Barrier {
	if !c.Urgent() {
		return nil
	}
	out := []Barrier{c.attested(), c.coSigned(), c.calledBack()}
	if b, ok := c.owed(); ok {
		out = append(out, b)
	}
	return append(out, c.scoped(), c.twoPeople(), c.twoKeys())
}

// owed: an agency that still owes the legal process of an earlier emergency
// has lost the fast lane. Somebody looks at that first and says, with a reason,
// why this one goes on all the same.
func (c Case) owed() (Barrier, bool) {
	i := c.finding(overdueProcess)
	if i < 0 || !c.Emergency.Promise.Disclosed.IsZero() { // after a disclosure the finding is about this very case
		return Barrier{}, false
	}
	b := Barrier{ID: BarrierOwed, Name: "The agency owes the process of an earlier emergency", Says: "Somebody answers that finding, with the reason why this goes on all the same."}
	switch a := c.Findings[i].Answer; {
	case a == nil:
	case a.Holds:
		b.Says = "It was answered that it stands in the way: nothing is released."
	default:
		b.Met, b.Says = true, a.Reason
	}
	return b, true
}

const overdueProcess law.FindingID = "EMG.FOLLOWUP_OVERDUE"

func (c Case) attested() Barrier {
	b := Barrier{ID: BarrierAttested, Name: "The officer has signed the attestation", Says: "The officer has to read and sign it on the portal."}
	if a := c.Emergency.Attested; a != nil && a.Officer == c.Demand.Officer {
		b.Met, b.Says, b.At = true, a.Name+", with their passkey", a.At
	} else if c.Demand.Officer == "" {
		b.Met, b.Says = c.stoodIn()
	}
	return b
}

func (c Case) coSigned() Barrier {
	b := Barrier{ID: BarrierCoSigned, Name: "The supervisor has signed too", Says: "Another enrolled officer of the agency has to sign it on the portal."}
	if a := c.Emergency.CoSigned; a != nil && a.Officer != c.Demand.Officer {
		b.Met, b.Says, b.At = true, a.Name+", with their passkey", a.At
	} else if c.Demand.Officer == "" {
		b.Met, b.Says = c.stoodIn()
	}
	return b
}

// stoodIn is the way of an emergency that came on paper or by telephone: the
// written attestation is here and read, counsel and a second member stand in,
// and the call-back reached the supervisor too. It takes two people more than
// the way through the portal, never fewer.
func (c Case) stoodIn() (bool, string) {
	paper := slices.ContainsFunc(c.Demand.Papers, func(p Paper) bool {
		_, read := c.ReadPapers[p.ID]
		return read && p.What == "attestation_signed"
	})
	counsel := slices.ContainsFunc(c.Emergency.StandIns, func(s StandIn) bool { return s.Counsel })
	call, called := c.goodCall()
	switch {
	case !paper:
		return false, "The written attestation has to be on the case as a paper, and read."
	case len(c.Emergency.StandIns) < 2 || !counsel:
		return false, "Counsel and a second member have to stand in, each with a reason."
	case !called || !call.Supervisor:
		return false, "The call-back has to reach the supervisor too."
	}
	var who []string
	for _, s := range c.Emergency.StandIns {
		who = append(who, s.By.Name)
	}
	return true, "on paper; " + strings.Join(who, " and ") + " stood in"
}

// goodCall is the last call, if it confirmed the request and was not made by
// the intake analyst.
func (c Case) goodCall() (CallBack, bool) {
	if len(c.Emergency.Calls) == 0 {
		return CallBack{}, false
	}
	x := c.Emergency.Calls[len(c.Emergency.Calls)-1]
	return x, x.Outcome == CallConfirmed && x.By.ID != c.TakenBy().ID
}

func (c Case) calledBack() Barrier {
	b := Barrier{ID: BarrierCallBack, Name: "The agency has been called back", Says: "Call the directory's number, not one of the request."}
	x, ok := c.goodCall()
	switch {
	case ok:
		b.Met, b.Says, b.At = true, x.By.Name+" at "+x.Number+": "+x.Spoke, x.At
	case x.Outcome == CallConfirmed:
		b.Says = x.By.Name + " took the request in: somebody else has to call."
	case x.Outcome != "":
		b.Says, b.At = "Called by "+x.By.Name+", "+string(x.Outcome)+": nothing is released.", x.At
	}
	return b
}

func (c Case) scoped() Barrier {
	b := Barrier{ID: BarrierScope, Name: "Only what locates or identifies", Met: true, Says: "Nothing else is decided to be produced."}
	for i := range c.Demand.Targets {
		for _, f := range c.Fields(i) {
			if !Locating(f) {
				b.Met, b.Says = false, FieldItem(f).Title()+" neither locates nor identifies anybody."
			}
		}
	}
	return b
}

// deciders are the members who decided what is produced.
func (c Case) deciders() []Actor {
	var out []Actor
	for _, d := range c.Decided() {
		if _, ok := d.Item.Field(); ok && (d.Verdict == Produce || d.Verdict == Narrow && len(d.Targets) > 0) && !slices.Contains(out, d.By) {
			out = append(out, d.By)
		}
	}
	return out
}

// proposedBy is who put the living grants before the key holders.
func (c Case) proposedBy() (Event, bool) {
	for _, e := range slices.Backward(c.Events) {
		if e.Kind == KComposed && len(c.live()) > 0 {
			return e, true
		}
	}
	return Event{}, false
}

func (c Case) twoPeople() Barrier {
	b := Barrier{ID: BarrierTwoPeople, Name: "Two people of the team", Says: "One decides what is produced, another one proposes the grants."}
	by := c.deciders()
	if len(by) > 0 {
		b.Says = by[0].Name + " decided; somebody else has to propose the grants."
	}
	if e, ok := c.proposedBy(); ok && len(by) > 0 {
		b.Met, b.At, b.Says = true, e.At, by[0].Name+" decided, "+e.By.Name+" proposed"
	}
	return b
}

func (c Case) twoKeys() Barrier {
	b := Barrier{ID: BarrierKeys, Name: "Two key holders of the carrier", Says: "They sign on their own pages, from the grant's own bytes."}
	if live := c.live(); len(live) > 0 && !slices.ContainsFunc(live, func(g GrantState) bool { return g.Phase == GrantSigning }) {
		b.Met, b.Says = true, strings.Join(live[0].Signed, " and ")
	}
	return b
}

// Unmet is the first barrier that forbids this member to put grants of an
// emergency before the key holders; none for any other request.
func (c Case) Unmet(proposer Actor) (Barrier, bool) {
	for _, b := range c.Barriers() {
		switch b.ID {
		case BarrierKeys: // the carrier's
		case BarrierTwoPeople:
			if by := c.deciders(); len(by) == 0 || slices.ContainsFunc(by, func(a Actor) bool { return a.ID == proposer.ID }) {
				return b, true
			}
		default:
			if !b.Met {
				return b, true
			}
		}
	}
	return Barrier{}, false
}

// heldUp refuses a step towards the release of an emergency while a barrier
// stands.
func (c Case) heldUp(proposer Actor) error {
	if b, ok := c.Unmet(proposer); ok {
		return fault.New(fault.Conflict, "release emergency", "nothing is released yet (%s): %s", b.ID, b.Says)
	}
	return nil
}
