package casefile

import (
	"slices"
	"time"

	"letterlock/disclosable"
	"letterlock/law"
)

// Paper finds a paper of the case.
func (c Case) Paper(id PaperID) (Paper, bool) {
	i := slices.IndexFunc(c.Demand.Papers, func(p Paper) bool { return p.ID == id })
	if i < 0 {
		return Paper{}, false
	}
	return c.Demand.Papers[i], true
}

// Unread are the papers that nobody of the team has read. One of them may be a
// renewal of the secrecy.
func (c Case) Unread() []Paper {
	var out []Paper
	for _, p := range c.Demand.Papers {
		if _, ok := c.ReadPapers[p.ID]; !ok {
			out = append(out, p)
		}
	}
	return out
}

// Grant finds a grant of the case.
func (c Case) Grant(h disclosable.Hash) (GrantState, bool) {
	if i := c.grant(h); i >= 0 {
		return c.Grants[i], true
	}
	return GrantState{}, false
}

// GrantsOf are the grants of a kind that something may still come of, or came.
func (c Case) GrantsOf(k disclosable.GrantKind) []GrantState {
	var out []GrantState
	for _, g := range c.Grants {
		if g.Grant.Kind == k && !g.Phase.Dead() {
			out = append(out, g)
		}
	}
	return out
}

// live are the grants that carry out the request, to produce, to preserve or to
// trace, and are not at their end.
func (c Case) live() []GrantState {
	return slices.Concat(c.GrantsOf(disclosable.Produce), c.GrantsOf(disclosable.Preserve), c.GrantsOf(disclosable.Trace))
}

// Objected reports an objection that counsel has not closed, or has upheld, and
// that holds all of the case.
func (c Case) Objected() bool {
	return slices.ContainsFunc(c.Objections, func(o Objection) bool { return (o.Open() || o.Upheld) && !c.OfOne(o) })
}

// Disclosed reports whether any record left the house under this case.
func (c Case) Disclosed() bool {
	return slices.ContainsFunc(c.Grants, func(g GrantState) bool {
		return (g.Grant.Kind == disclosable.Produce || g.Grant.Kind == disclosable.Trace) && !g.Used.IsZero()
	})
}

// Told is when the person of a target was told, zero if they were not.
func (c Case) Told(target int) time.Time {
	for _, g := range c.Grants {
		switch {
		case g.Grant.Kind != disclosable.Notify:
		case g.IsList():
			if at := g.toldAt(target); !at.IsZero() {
				return at
			}
		case g.Target == target && g.Phase == GrantUsed:
			return g.Used
		}
	}
	return time.Time{}
}

// Undecided are the items that still need a final decision.
func (c Case) Undecided() []Item {
	var out []Item
	for _, i := range c.Demand.Wanted {
		if d, ok := c.Decisions[i]; !ok || !d.Verdict.Final() {
			out = append(out, i)
		}
	}
	return out
}

// Fields are the fields decided to be produced for a target, sorted.
func (c Case) Fields(target int) []disclosable.FieldID {
	var out []disclosable.FieldID
	for _, i := range c.Demand.Wanted {
		if f, ok := i.Field(); ok && c.Decisions[i].For(target) {
			out = append(out, f.ID)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Produces reports whether anything is decided to be produced for any target
// that exists.
func (c Case) Produces() bool {
	for i := range c.Demand.Targets {
		_, kept := c.Source(i)
		if (c.Resolutions[i].Exists || kept) && len(c.Fields(i)) > 0 || c.Resolutions[i].Exists && c.Traces(i) {
			return true
		}
	}
	return false
}

// Phase is where the case stands.
func (c Case) Phase() Phase {
	switch {
	case c.DrillEnd != nil:
		return Closed
	case c.Withdrawn:
		return Withdrawn
	case c.Left != nil:
		return Closed
	case c.tracing():
		return Tracing
	case len(c.Packages) > 0:
		if slices.ContainsFunc(c.Packages, func(p Package) bool { return p.Destroyed.IsZero() }) {
			return Answered
		}
		return Closed
	case c.Answering || c.allReleased():
		return Packing
	case len(c.live()) > 0:
		if slices.ContainsFunc(c.live(), func(g GrantState) bool { return g.Phase == GrantSigning }) {
			return Signing
		}
		return Notice
	case slices.ContainsFunc(c.Questions, Question.Open):
		return Asked
	case len(c.Undecided()) == 0 && len(c.Demand.Wanted) > 0:
		return Decided
	case c.Assigned.ID != "":
		return InReview
	}
	return Waiting
}

// allReleased: every live produce grant has been redeemed.
func (c Case) allReleased() bool {
	live := c.live()
	return len(live) > 0 && !slices.ContainsFunc(live, func(g GrantState) bool { return !c.served(g) })
}

// AllReleased reports that every produce grant has been redeemed.
func (c Case) AllReleased() bool { return c.allReleased() }

// DueAt is when the answer is due, the stopped time left out.
func (c Case) DueAt(now time.Time) time.Time {
	if c.Due.IsZero() || c.Paused.IsZero() {
		return c.Due
	}
	return c.Due.Add(now.Sub(c.Paused))
}

// Head is what the queue shows of a case, derived from its state.
func (c Case) Head() Head {
	h := Head{Number: c.Number, Version: c.Version(), Lane: c.Lane, Phase: c.Phase(), Due: c.answerable(), Filed: c.Filed, Process: c.Demand.Process,
		Agency: c.Demand.Agency, AgencyName: c.Demand.AgencyName, Country: c.Demand.Jurisdiction, Docket: c.Demand.CaseRef, Officer: c.Demand.Officer, Assigned: c.Assigned.MemberID(),
		AssignedTo: c.Assigned.Name, Reference: c.Demand.Reference, SameAs: c.Demand.SameAs(), Targets: len(c.Demand.Targets), Paused: !c.Paused.IsZero(), Held: c.OnHold()}
	h.Promise, h.Drill, h.Ended = c.Emergency.Promise, c.drillHead(), c.Ended()
	if c.Left != nil {
		h.SameAs, h.Targets = "", c.Left.Accounts
	}
	for _, f := range c.Findings {
		if f.Blocks() {
			h.Blocking++
		}
	}
	for _, a := range c.Alarms {
		if a.Seen.IsZero() {
			h.Alarms++
		}
	}
	for _, x := range c.Seconds {
		if x.Reviewer.ID != "" && x.Given.IsZero() {
			h.Blind = append(h.Blind, x.Reviewer.MemberID())
		}
	}
	if h.Phase.Over() {
		return h
	}
	if slices.ContainsFunc(c.Objections, Objection.Open) || slices.ContainsFunc(c.Decided(), func(d Decision) bool { return d.Verdict == Escalate }) {
		h.Counsel = true
	}
	if slices.ContainsFunc(c.Findings, func(f FindingState) bool { return f.Blocks() && f.Row().ForCounsel() }) { // only they answer it
		h.Counsel = true
	}
	if !c.Disclosed() && slices.ContainsFunc(c.Seconds, func(x Second) bool { return len(x.Differs) > 0 && x.Closed.IsZero() }) {
		h.Counsel = true
	}
	return h
}

// Decided are the decisions in the order the items were asked for.
func (c Case) Decided() []Decision {
	var out []Decision
	for _, i := range c.Demand.Wanted {
		if d, ok := c.Decisions[i]; ok {
			out = append(out, d)
		}
	}
	return out
}

// Head is a row of the queue.
type Head struct {
	Number     Number
	Version    int
	Lane       Lane
	Phase      Phase
	Due        time.Time
	Filed      time.Time
	Process    law.ProcessID
	Country    law.Jurisdiction
	Docket     string
	Agency     AgencyID
	AgencyName string
	Officer    OfficerID
	Assigned   MemberID
	AssignedTo string
	Reference  string
	SameAs     Sum
	Targets    int
	Blocking   int // findings that still block
	Alarms     int
	Paused     bool
	Counsel    bool       // waits for counsel
	Held       bool       // the sender may have been somebody else
	Promise    Promise    // the legal process that an emergency promised
	Drill      *DrillHead // an exercise: shown by no page of the queue
	Ended      time.Time  // the term of its persons' data runs from here; zero: it does not run
	Blind      []MemberID // who reviews it a second time and has not said what they found
}

// Left is the time left, and false without a clock.
func (h Head) Left(now time.Time) (time.Duration, bool) {
	return h.Due.Sub(now), !h.Due.IsZero()
}

// Alarm is the event of an alarm that is not open already; otherwise nothing.
func (c Case) Alarm(text string) []Event {
	for _, a := range c.Alarms {
		if a.Text == text && a.Seen.IsZero() {
			return nil
		}
	}
	return []Event{{Kind: KAlarm, By: TheClock, Alarm: text}}
}
