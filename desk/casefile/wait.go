package casefile

import (
	"slices"
	"time"

	"letterlock/law"
)

// Stand is a time in which the case waited for somebody outside. Whether the
// clock to answer stood still in it is the law's to say: only a clock that
// names the reason as one of its pauses stops.
type Stand struct {
	Reason string    `cbor:"reason"` // law's: "clarification", "notification", "objection"
	What   string    `cbor:"what"`
	Stops  bool      `cbor:"stops,omitempty"` // the clock to answer
	From   time.Time `cbor:"from"`
	To     time.Time `cbor:"to,omitempty"` // zero: it still waits
}

// The reasons.
const (
	WaitClarification = "clarification"
	WaitNotification  = "notification"
)

// Open reports a wait that still lasts.
func (s Stand) Open() bool { return s.To.IsZero() }

// situation is which of the row's clocks runs: where a third authority was
// notified, the row's own clock for that.
func (c Case) situation(row law.Row) law.Situation {
	notified := slices.ContainsFunc(c.Stands, func(s Stand) bool { return s.Reason == WaitNotification })
	if _, ok := row.Clock(law.ClockResponse, law.WithNotified); ok && notified {
		return law.WithNotified
	}
	if row.ID == law.Emergency {
		if _, ok := row.Clock(law.ClockResponse, law.InEmergency); ok {
			return law.InEmergency
		}
	}
	return law.Ordinary
}

// Stops reports whether the clock to answer stands still for the reason. A
// limit of the law stops where the law says so; one that we have set ourselves
// stops for a question of ours; a day that stands on the paper never moves.
func (c Case) Stops(row law.Row, reason string) bool {
	if c.Due.IsZero() {
		return false
	}
	if c.onFace(row) {
		return false
	}
	when := c.situation(row)
	if reason == WaitNotification {
		if _, ok := row.Clock(law.ClockResponse, law.WithNotified); ok {
			when = law.WithNotified
		}
	}
	clock, ok := row.Clock(law.ClockResponse, when)
	if !ok || clock.Policy || clock.OnFace {
		return reason == WaitClarification
	}
	return slices.Contains(clock.Pauses, reason)
}

// onFace: the day on the paper is what the case is due by.
func (c Case) onFace(row law.Row) bool {
	due, _ := DueOf(row, c.Demand, c.Since)
	return !c.Demand.Return.IsZero() && due.Equal(c.Demand.Return)
}

// DueAfterWaits is when the answer is due once nothing stands any more, with
// the waits that end now; it is zero while one of them still stops the clock.
func (c Case) DueAfterWaits(row law.Row) time.Time {
	if c.onFace(row) || c.Due.IsZero() {
		return c.Due
	}
	when := c.situation(row)
	clock, ok := row.Clock(law.ClockResponse, when)
	if !ok || clock.Policy || clock.OnFace {
		return c.policyDue(row)
	}
	var waits []law.Wait
	for _, s := range c.Stands {
		if s.Stops {
			waits = append(waits, law.Wait{Reason: s.Reason, From: s.From, To: s.To})
		}
	}
	due, ok := law.DueAfter(row, law.ClockResponse, when, c.Since, waits)
	if !ok {
		return time.Time{}
	}
	return due
}

// policyDue is our own limit with the waits added.
func (c Case) policyDue(row law.Row) time.Time {
	due, _ := DueOf(row, c.Demand, c.Since)
	end := c.Since
	var total time.Duration
	stands := slices.Clone(c.Stands)
	slices.SortFunc(stands, func(a, b Stand) int { return a.From.Compare(b.From) })
	for _, s := range stands {
		switch {
		case !s.Stops:
			continue
		case s.Open():
			return time.Time{}
		}
		from := s.From
		if from.Before(end) {
			from = end
		}
		if s.To.After(from) {
			total += s.To.Sub(from)
			end = s.To
		}
	}
	return due.Add(total)
}

// stand opens a wait; the clock stops with the first that stops it.
func (c *Case) stand(s Stand) {
	c.Stands = append(c.Stands, s)
	if s.Stops && c.Paused.IsZero() {
		c.Paused = s.From
	}
}

// rise ends the open waits of a reason and what, and lets the clock run again
// where none is left that stops it.
func (c *Case) rise(reason, what string, at, due time.Time) {
	for i := range c.Stands {
		s := &c.Stands[i]
		if s.Reason == reason && s.What == what && s.Open() {
			s.To = at
		}
	}
	if c.Paused.IsZero() || slices.ContainsFunc(c.Stands, func(s Stand) bool { return s.Stops && s.Open() }) {
		return
	}
	if !due.IsZero() {
		c.Due = due
	}
	c.Paused = time.Time{}
}

func foldStood(c *Case, e Event) error {
	if e.Stand == nil || e.Stand.Reason != WaitNotification {
		return errParticulars
	}
	if slices.ContainsFunc(c.Stands, func(s Stand) bool { return s.Reason == WaitNotification && s.Open() }) {
		return conflict("a notified authority is being waited for already")
	}
	s := *e.Stand
	s.From, s.To = e.At, time.Time{}
	c.stand(s)
	if !e.Due.IsZero() {
		c.Due = e.Due
	}
	return nil
}

func foldRose(c *Case, e Event) error {
	for _, s := range c.Stands {
		if s.Reason == WaitNotification && s.Open() {
			c.rise(s.Reason, s.What, e.At, e.Due)
			return nil
		}
	}
	return conflict("no notified authority is being waited for")
}

// foldLapsed ends a question that was not answered in time.
func foldLapsed(c *Case, e Event) error {
	i := slices.IndexFunc(c.Questions, func(q Question) bool { return q.ID == e.QID })
	if i < 0 || !c.Questions[i].Open() {
		return conflict("there is no such open question")
	}
	c.Questions[i].Answered, c.Questions[i].Lapsed = e.At, true
	c.rise(WaitClarification, string(e.QID), e.At, e.Due)
	return nil
}

func foldReminded(c *Case, e Event) error {
	i := slices.IndexFunc(c.Questions, func(q Question) bool { return q.ID == e.QID })
	if i < 0 || !c.Questions[i].Open() {
		return conflict("there is no such open question")
	}
	c.Questions[i].Reminded = e.At
	return nil
}

// After is the case as it would be if a wait ended at the given time: what an
// act needs to say when the answer is due then.
func (c Case) After(reason, what string, at time.Time) Case {
	c = c.clone()
	for i := range c.Stands {
		if s := &c.Stands[i]; s.Reason == reason && s.What == what && s.Open() {
			s.To = at
		}
	}
	return c
}

// answerable is when the team must look again: the due day while the clock
// runs, and while it stands the earliest day by which a question ends.
func (c Case) answerable() time.Time {
	if c.Paused.IsZero() {
		return c.Due
	}
	var first time.Time
	for _, q := range c.Questions {
		if q.Open() && !q.Until.IsZero() && (first.IsZero() || q.Until.Before(first)) {
			first = q.Until
		}
	}
	return first
}
