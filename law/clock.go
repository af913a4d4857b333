package law

import (
	"slices"
	"time"
	_ "time/tzdata" // zones are known on a machine without zone files too
)

// ClockKind is what a clock measures.
type ClockKind string

const (
	ClockResponse    ClockKind = "response"    // to answer
	ClockAcknowledge ClockKind = "acknowledge" // to confirm receipt
	ClockObject      ClockKind = "object"      // to object or move to quash
	ClockDuration    ClockKind = "duration"    // how long an order may run
	ClockRenewal     ClockKind = "renewal"     // how long each renewal may run
	ClockExecute     ClockKind = "execute"     // by when it must be served
	ClockValidate    ClockKind = "validate"    // validation that may follow
	ClockThird       ClockKind = "third_party" // a notified authority may refuse
	ClockFollowUp    ClockKind = "follow_up"   // the legal process that must follow
	ClockPreserve    ClockKind = "preserve"    // to freeze what exists
	ClockGagReview   ClockKind = "gag_review"  // to look at secrecy again
	ClockGovernment  ClockKind = "government"  // the other side must act
	ClockInventory   ClockKind = "inventory"   // a court tells the person
)

// Unit is what a clock counts in.
type Unit string

const (
	Hours       Unit = "hours"
	Days        Unit = "days"
	WorkingDays Unit = "working_days"
	Months      Unit = "months"
	Years       Unit = "years"
)

// StartsAt is the event that starts a clock.
type StartsAt string

const (
	FromReceipt      StartsAt = "receipt"
	FromService      StartsAt = "service"
	FromIssue        StartsAt = "issue"
	FromStart        StartsAt = "start"        // the first day that the order names
	FromEnd          StartsAt = "end"          // of the period before
	FromDisclosure   StartsAt = "disclosure"   // by us
	FromInstallation StartsAt = "installation" // of a tap
	FromNotice       StartsAt = "notice"       // of ours, such as the reciprocal notice
)

// Situation is when a clock applies.
type Situation string

const (
	Ordinary     Situation = "ordinary"
	InEmergency  Situation = "emergency"
	WithNotified Situation = "notification" // a third authority was notified
)

// Clock is one time limit as data. With OnFace the limit stands on the paper
// and Count is zero; with AtOnce there is no time to wait.
type Clock struct {
	Kind      ClockKind `toml:"kind" json:"kind"`
	When      Situation `toml:"when" json:"when"`
	Count     int       `toml:"count" json:"count,omitempty"`
	Unit      Unit      `toml:"unit" json:"unit,omitempty"`
	From      StartsAt  `toml:"from" json:"from,omitempty"`
	OnFace    bool      `toml:"on_face" json:"on_face,omitempty"`
	AtOnce    bool      `toml:"at_once" json:"at_once,omitempty"`
	Times     int       `toml:"times" json:"times,omitempty"`       // renewals: how often; 0 means without limit
	Pauses    []string  `toml:"pauses" json:"pauses,omitempty"`     // waits while one of these is open: "clarification", "notification", "objection"
	Policy    bool      `toml:"policy" json:"policy,omitempty"`     // ours, not the law's
	Citation  Citation  `toml:"citation" json:"citation,omitempty"` //
	Certainty Certainty `toml:"certainty" json:"certainty"`         //
	Text      string    `toml:"text" json:"text,omitempty"`         //
}

// Clock returns the row's clock of a kind for a situation.
func (r Row) Clock(k ClockKind, when Situation) (Clock, bool) {
	for _, c := range r.Clocks {
		if c.Kind == k && c.When == when {
			return c, true
		}
	}
	return Clock{}, false
}

// Due is when the answer is due if the response clock started at start. It is
// false when the limit stands on the paper or there is none.
func Due(r Row, start time.Time) (time.Time, bool) {
	return DueIn(r, ClockResponse, Ordinary, start)
}

// DueIn is when any clock of the row ends. Hours are exact; days, working
// days and months do not count the day they start on and end with the last
// second of their last day in the row's zone. It never moves a last day that
// falls on a holiday: the earlier day is always safe.
func DueIn(r Row, k ClockKind, when Situation, start time.Time) (time.Time, bool) {
	c, ok := r.Clock(k, when)
	if !ok || c.OnFace {
		return time.Time{}, false
	}
	if c.AtOnce {
		return start, true
	}
	return c.end(start, zoneOf(r), CalendarOf(r.Calendar)), true
}

// Wait is a time in which a clock stood still. A zero To means that it still
// stands.
type Wait struct {
	Reason   string // one of the clock's Pauses; others do not stop it
	From, To time.Time
}

// DueAfter is DueIn with the waits added. While one is open there is no due
// date, and it is false.
func DueAfter(r Row, k ClockKind, when Situation, start time.Time, waits []Wait) (time.Time, bool) {
	c, ok := r.Clock(k, when)
	if !ok {
		return time.Time{}, false
	}
	var spans []Wait
	for _, w := range waits {
		if !slices.Contains(c.Pauses, w.Reason) {
			continue
		}
		if w.To.IsZero() {
			return time.Time{}, false
		}
		spans = append(spans, w)
	}
	return DueIn(r, k, when, start.Add(stoodStill(spans, start)))
}

// stoodStill adds up the waits after start, counting none twice.
func stoodStill(spans []Wait, start time.Time) time.Duration {
	slices.SortFunc(spans, func(a, b Wait) int { return a.From.Compare(b.From) })
	var total time.Duration
	for at := start; len(spans) > 0; spans = spans[1:] {
		from := spans[0].From
		if from.Before(at) {
			from = at
		}
		if spans[0].To.After(from) {
			total += spans[0].To.Sub(from)
			at = spans[0].To
		}
	}
	return total
}

// Longest is the latest moment an order of this row that starts at start may
// run to. Of a tap it is the earlier of the elapsed and the calendar reading of
// its duration, so that a change of clocks never lengthens it. What a
// preservation keeps has to be there on its last day: its days are days of the
// calendar, and it ends at the hour of the clock at which it began. It is false
// when the row sets no duration.
// law: 18 USC 2703(f)(2)
func Longest(r Row, start time.Time) (time.Time, bool) {
	return r.runs(ClockDuration, start)
}

// Renewed is Longest for one renewal that starts at start.
func Renewed(r Row, start time.Time) (time.Time, bool) {
	return r.runs(ClockRenewal, start)
}

func (r Row) runs(k ClockKind, start time.Time) (time.Time, bool) {
	c, ok := r.Clock(k, Ordinary)
	if !ok || c.OnFace {
		return time.Time{}, false
	}
	if c.Unit == Days && r.Stance == StanceSnapshot {
		return start.In(zoneOf(r)).AddDate(0, 0, c.Count).UTC(), true
	}
	return c.runsTo(start, zoneOf(r)), true
}

func (c Clock) runsTo(start time.Time, zone *time.Location) time.Time {
	switch c.Unit {
	case Hours:
		return start.Add(time.Duration(c.Count) * time.Hour)
	case Months:
		return addMonths(start.In(zone), c.Count).UTC()
	case Years:
		return addMonths(start.In(zone), 12*c.Count).UTC()
	}
	elapsed := start.Add(time.Duration(c.Count) * 24 * time.Hour)
	calendar := start.In(zone).AddDate(0, 0, c.Count)
	if calendar.Before(elapsed) {
		return calendar.UTC()
	}
	return elapsed.UTC()
}

func (c Clock) end(start time.Time, zone *time.Location, cal Calendar) time.Time {
	local := start.In(zone)
	switch c.Unit {
	case Hours:
		return start.Add(time.Duration(c.Count) * time.Hour)
	case WorkingDays:
		return endOfDay(cal.add(local, c.Count))
	case Months:
		return endOfDay(addMonths(local, c.Count))
	case Years:
		return endOfDay(addMonths(local, 12*c.Count))
	}
	return endOfDay(local.AddDate(0, 0, c.Count))
}

// addMonths keeps the day of the month where the month has it and takes the
// month's last day where it does not (31 January + 1 month = 28 February).
func addMonths(t time.Time, n int) time.Time {
	out := t.AddDate(0, n, 0)
	if out.Day() == t.Day() {
		return out
	}
	return out.AddDate(0, 0, -out.Day())
}

func endOfDay(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 23, 59, 59, 0, t.Location())
}

func zoneOf(r Row) *time.Location {
	z, err := time.LoadLocation(r.Zone)
	if err != nil {
		return time.UTC // rows are checked when they are read
	}
	return z
}
