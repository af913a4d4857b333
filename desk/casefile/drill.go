package casefile

import (
	"slices"
	"time"

	"letterlock/internal/fault"
	"letterlock/law"
)

// Drill marks a case as an exercise. It is there from the first event and can
// be set by nothing else: what began as a request never becomes an exercise,
// and an exercise never becomes a request.
type Drill struct {
	Scenario string     `cbor:"scenario"`
	Genuine  bool       `cbor:"genuine,omitempty"` // a control: it should be answered, and quickly
	By       Actor      `cbor:"by"`                // who put it into the queue
	Why      string     `cbor:"why"`
	Agency   DrillParty `cbor:"agency"`
	Officer  DrillParty `cbor:"officer"`
	Since    time.Time  `cbor:"since,omitempty"` // of the officer's enrolment, as the story has it
}

// DrillParty is an invented agency or officer.
type DrillParty struct {
	Name    string   `cbor:"name"`
	Rank    string   `cbor:"rank,omitempty"`
	Mailbox string   `cbor:"mailbox,omitempty"`
	Domains []string `cbor:"domains,omitempty"`
	Phone   string   `cbor:"phone,omitempty"`  // an agency's: where the trainer answers as its switchboard
	Source  string   `cbor:"source,omitempty"` // where the story says the number was found
}

// DrillOutcome is how an exercise ended.
type DrillOutcome string

// The outcomes.
const (
	DrillCaught   DrillOutcome = "caught"    // a person stopped the fraud
	DrillStopped  DrillOutcome = "stopped"   // a person went on, and a barrier of the desk stopped them
	DrillMissed   DrillOutcome = "missed"    // it would have gone to the key holders
	DrillAnswered DrillOutcome = "answered"  // a genuine one, answered
	DrillRefused  DrillOutcome = "refused"   // a genuine one, not answered
	DrillTimedOut DrillOutcome = "timed out" // nobody brought it to an end
)

// DrillEnd is the end of an exercise.
type DrillEnd struct {
	Outcome DrillOutcome `cbor:"outcome"`
	Barrier BarrierID    `cbor:"barrier,omitempty"` // where it was caught or stopped
	Who     Actor        `cbor:"who"`               // whose exercise it was
	Minutes int          `cbor:"minutes"`
	Score   int          `cbor:"score"` // of 100
}

// DrillHead is what the queue's row keeps of an exercise; no page of the queue
// shows it.
type DrillHead struct {
	Scenario string
	Genuine  bool
	By       Actor
	Why      string
	End      *DrillEnd
	At       time.Time // of the end
}

// The events of an exercise besides those of any case.
const (
	KDrillTried Kind = "exercise.tried" // somebody wanted to put grants before the key holders
	KDrillEnded Kind = "exercise.ended"
)

// Other places where a person catches a fraud.
const (
	CaughtDecision BarrierID = "decision"
	CaughtFinding  BarrierID = "finding"
	CaughtCounsel  BarrierID = "counsel"
)

// DrillLife is how long an exercise waits for somebody to bring it to an end,
// and then how long its number stays with it. Console sessions are shorter:
// no page that shows it is open when the number goes to a real case.
const DrillLife = 24 * time.Hour

// DutyDrill ends an exercise that nobody ended, and later gives its number back.
const DutyDrill DutyKind = "drill"

// drillMay are the only events that an exercise can have. None of them reaches
// the carrier, an agency or a person: no grant is ever composed for it.
var drillMay = []Kind{KFiled, KPaperRead, KAssigned, KNoTie, KFindingAdded, KFindingAnswer, KLookup, KResolved, KDecided, KNoticeChosen, KAsked, KAnswered, KAlarm, KAlarmSeen, KNote,
	KAttested, KCalledBack, KStoodIn, KDrillTried, KDrillEnded}

func init() {
	folds[KDrillTried] = func(c *Case, _ Event) error { return c.onlyDrill() }
	folds[KDrillEnded] = func(c *Case, e Event) error {
		if e.DrillEnd == nil {
			return errParticulars
		}
		c.DrillEnd = e.DrillEnd
		return c.onlyDrill()
	}
	saysOf[KDrillTried] = func(Case, Event) string { return "proposed the grants" }
	saysOf[KDrillEnded] = func(_ Case, e Event) string { return "THIS WAS AN EXERCISE: " + string(e.DrillEnd.Outcome) }
}

func (c Case) onlyDrill() error {
	if c.Drill == nil {
		return conflict("this is no exercise")
	}
	return nil
}

// exercise refuses what an exercise can never do, and everything once it is
// over. That a case is an exercise is not said before its end.
func (c Case) exercise(e Event) error {
	switch {
	case c.DrillEnd != nil:
		return fault.New(fault.Conflict, "act on exercise", "this was an exercise, and it is over: nothing more is done here")
	case c.Drill != nil && !slices.Contains(drillMay, e.Kind):
		return fault.New(fault.Conflict, "act on exercise", "this cannot be done with this case now")
	}
	return nil
}

// TryRelease is what proposing grants comes to in an exercise: it is noted,
// and the exercise ends.
func (c Case) TryRelease(me Actor) (Plan, error) {
	b, unmet := c.Unmet(me)
	if unmet && c.Drill.Genuine {
		return Nothing, c.heldUp(me)
	}
	return One(Event{Kind: KDrillTried, DrillEnd: &DrillEnd{Barrier: b.ID}}), nil
}

// over says whether the last event brought an exercise to its end, and how.
func (c Case) over(now time.Time) (Event, bool) {
	if c.Drill == nil || c.DrillEnd != nil || len(c.Events) == 0 {
		return Event{}, false
	}
	last := c.Events[len(c.Events)-1]
	how, where, ended := c.judgeDrill(last)
	if !ended {
		return Event{}, false
	}
	return c.endDrill(how, where, last.By, now), true
}

// judgeDrill: what a fraud is caught by is what makes an answer to a genuine
// request wrong.
func (c Case) judgeDrill(e Event) (DrillOutcome, BarrierID, bool) {
	stopped := func(where BarrierID) (DrillOutcome, BarrierID, bool) {
		if c.Drill.Genuine {
			return DrillRefused, where, true
		}
		return DrillCaught, where, true
	}
	switch {
	case e.Kind == KCalledBack && e.Urgent.Call.Outcome == CallDenied:
		return stopped(BarrierCallBack)
	case e.Kind == KFindingAnswer && e.Holds && severe(e.Finding):
		return stopped(CaughtFinding)
	case e.Kind == KDecided && slices.ContainsFunc(c.Decided(), func(d Decision) bool { return d.Verdict == Escalate }) && !c.Drill.Genuine:
		return stopped(CaughtCounsel)
	case e.Kind == KDecided && len(c.Undecided()) == 0 && len(c.deciders()) == 0:
		return stopped(CaughtDecision)
	case e.Kind == KDrillTried && e.DrillEnd != nil && e.DrillEnd.Barrier != "":
		return DrillStopped, e.DrillEnd.Barrier, true
	case e.Kind == KDrillTried && c.Drill.Genuine:
		return DrillAnswered, "", true
	case e.Kind == KDrillTried:
		return DrillMissed, "", true
	}
	return "", "", false
}

// severe: a finding that, if it holds, says that this is no genuine emergency.
func severe(id law.FindingID) bool {
	row := FindingState{ID: id}.Row()
	return row.Level == law.Block || row.Group == "sender" || row.Group == "emergency"
}

func (c Case) endDrill(how DrillOutcome, where BarrierID, who Actor, now time.Time) Event {
	if who.MemberID() == "" {
		who = c.Assigned
	}
	minutes := int(now.Sub(c.Filed).Minutes())
	return Event{Kind: KDrillEnded, By: TheClock, DrillEnd: &DrillEnd{Outcome: how, Barrier: where, Who: who, Minutes: minutes, Score: scoreOf(how, minutes)}}
}

// scoreOf: a fraud that a person stops is worth everything at any hour; a life
// in danger is worth less after the hour that the desk sets itself.
func scoreOf(how DrillOutcome, minutes int) int {
	switch {
	case how == DrillCaught, how == DrillAnswered && minutes <= int(EmergencyDue.Minutes()):
		return 100
	case how == DrillAnswered:
		return 60
	case how == DrillStopped:
		return 40
	}
	return 0
}

// DrillTimesOut ends an exercise that nobody ended.
func (c Case) DrillTimesOut(now time.Time) Event {
	return c.endDrill(DrillTimedOut, "", c.Assigned, now)
}

func (c Case) drillHead() *DrillHead {
	if c.Drill == nil {
		return nil
	}
	h := &DrillHead{Scenario: c.Drill.Scenario, Genuine: c.Drill.Genuine, By: c.Drill.By, Why: c.Drill.Why, End: c.DrillEnd}
	if c.DrillEnd != nil {
		h.At = c.Events[len(c.Events)-1].At
	}
	return h
}
