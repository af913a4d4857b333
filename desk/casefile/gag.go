package casefile

import (
	"slices"
	"time"

	"letterlock/law"
)

// The events of a secrecy that comes with a national-security demand.
const (
	KGagLetter Kind = "gag.letter" // a letter about it was made
	KGagSent   Kind = "gag.sent"   // and left the house
	KGagStep   Kind = "gag.step"   // what the other side, or a court, did
	KGagDates  Kind = "gag.dates"  // what became known of the investigation
)

// DutyGag is a day on which somebody must look at such a secrecy.
const DutyGag DutyKind = "gag"

// The keys of that duty: one of each for a case.
const (
	GagNotice     = "notice"     // our notice to the Government is made, on the day of receipt
	GagGovernment = "government" // by then the Government must have applied to a court
	GagThreeYears = "review"     // three years on
	GagClosed     = "closed"     // the investigation was closed
)

// GagMove is a step that others took.
type GagMove string

// The moves.
const (
	GagApplied    GagMove = "applied"    // the Government applied to a court
	GagExtended   GagMove = "extended"   // a court ordered that it goes on
	GagContinued  GagMove = "continued"  // the agency looked again and kept it
	GagTerminated GagMove = "terminated" // the agency or a court ended it
)

// GagMoves is all of them.
var GagMoves = []GagMove{GagApplied, GagExtended, GagContinued, GagTerminated}

// GagAct is the particulars of such an event.
type GagAct struct {
	Letter *GagLetter `cbor:"letter,omitempty"`
	ID     PaperID    `cbor:"id,omitempty"`  // sent: which letter
	Day    time.Time  `cbor:"day,omitempty"` // on which it was sent, or the step was taken
	Move   GagMove    `cbor:"move,omitempty"`
	Start  time.Time  `cbor:"start,omitempty"` // of the investigation, zero: not known
	Close  time.Time  `cbor:"close,omitempty"`
}

// GagLetter is a letter of ours. Its bytes lie with the sealed papers.
type GagLetter struct {
	ID   PaperID   `cbor:"id"`
	Name string    `cbor:"name"`
	Sum  Sum       `cbor:"sum"`
	Size int64     `cbor:"size"`
	Made time.Time `cbor:"made"`
	Sent time.Time `cbor:"sent,omitempty"` // the day on which it left
	How  string    `cbor:"how,omitempty"`
	By   Actor     `cbor:"by,omitempty"`
}

// Secrecy is where the secrecy of such a case stands.
type Secrecy struct {
	Letters []GagLetter
	Steps   []GagStep
	Start   time.Time // of the investigation, if we were told
	Close   time.Time
}

// GagStep is one step of others, as recorded.
type GagStep struct {
	Move GagMove
	Day  time.Time
	Why  string
	By   Actor
}

// Sent is the day on which the notice to the Government first left, zero if it
// has not.
func (s Secrecy) Sent() time.Time {
	var day time.Time
	for _, l := range s.Letters {
		if !l.Sent.IsZero() && (day.IsZero() || l.Sent.Before(day)) {
			day = l.Sent
		}
	}
	return day
}

// Ended is the day on which the secrecy ended, zero if it stands.
func (s Secrecy) Ended() time.Time {
	for _, x := range s.Steps {
		if x.Move == GagTerminated {
			return x.Day
		}
	}
	return time.Time{}
}

// Took reports whether a step was recorded.
func (s Secrecy) Took(m GagMove) bool {
	return slices.ContainsFunc(s.Steps, func(x GagStep) bool { return x.Move == m })
}

// Gagged reports a demand that comes with secrecy of its own making: asked for,
// or certified.
// law: 18 USC 2709(c)
func (d Demand) Gagged() bool {
	return d.Gag.Asked || d.Answers["gag_certification_2709c"] == "yes"
}

// Reciprocal reports a row under which the recipient may ask the Government to
// go to court about the secrecy.
// law: 18 USC 3511(b)(1)
func Reciprocal(r law.Row) bool {
	c, ok := r.Clock(law.ClockGovernment, law.Ordinary)
	return ok && c.From == law.FromNotice
}

// GagDuties are due with a case from its first day.
func GagDuties(r law.Row, d Demand, now time.Time) []Duty {
	if !SealedRow(r) || !d.Gagged() {
		return nil
	}
	var out []Duty
	if Reciprocal(r) {
		out = append(out, Duty{Kind: DutyGag, Key: GagNotice, Due: now})
	}
	if due, ok := GagReview(r, Case{Demand: d, Filed: now}); ok {
		out = append(out, Duty{Kind: DutyGag, Key: GagThreeYears, Due: due})
	}
	return out
}

// GagReview is the day of the review after three years: from the start of the
// investigation if we know it, otherwise from the letter, and where that bears
// no date from the day we had it.
func GagReview(r law.Row, c Case) (time.Time, bool) {
	from := c.Filed
	for _, t := range []time.Time{c.Demand.Issued, c.Secrecy.Start} {
		if !t.IsZero() {
			from = t
		}
	}
	return law.DueIn(r, law.ClockGagReview, law.Ordinary, from)
}

func foldGag(c *Case, e Event) error {
	g := e.GagAct
	if g == nil {
		return errParticulars
	}
	s := &c.Secrecy
	s.Letters, s.Steps = slices.Clone(s.Letters), slices.Clone(s.Steps)
	switch e.Kind {
	case KGagLetter:
		if g.Letter == nil {
			return errParticulars
		}
		s.Letters = append(s.Letters, *g.Letter)
	case KGagSent:
		i := slices.IndexFunc(s.Letters, func(l GagLetter) bool { return l.ID == g.ID })
		if i < 0 {
			return conflict("there is no such letter")
		}
		if !s.Letters[i].Sent.IsZero() {
			return conflict("that this letter left is recorded already")
		}
		s.Letters[i].Sent, s.Letters[i].How, s.Letters[i].By = g.Day, e.Why, e.By
	case KGagStep:
		if !slices.Contains(GagMoves, g.Move) {
			return errParticulars
		}
		if !s.Ended().IsZero() {
			return conflict("the secrecy has ended already")
		}
		s.Steps = append(s.Steps, GagStep{g.Move, g.Day, e.Why, e.By})
	case KGagDates:
		s.Start, s.Close = g.Start, g.Close
	}
	return nil
}

// saysGag is such an event in the timeline.
func saysGag(e Event) string {
	switch g := e.GagAct; e.Kind {
	case KGagLetter:
		return "made the notice to the Government that asks for judicial review of the secrecy"
	case KGagSent:
		return "recorded that the notice to the Government left on " + g.Day.Format(time.DateOnly)
	case KGagStep:
		return map[GagMove]string{GagApplied: "recorded that the Government applied to a court", GagExtended: "recorded that a court kept the secrecy",
			GagContinued: "recorded that the agency looked again and kept the secrecy", GagTerminated: "recorded that the secrecy ended"}[g.Move] + ", on " + g.Day.Format(time.DateOnly)
	}
	return "recorded what is known of the investigation's days"
}
