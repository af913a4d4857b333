package casefile

import (
	"fmt"
	"slices"
	"time"

	"letterlock/internal/fault"
)

// Case is the present state: the fold of its events and of nothing else.
type Case struct {
	Number       Number
	Demand       Demand // as last corrected
	Filed        time.Time
	Since        time.Time // the clock to answer runs since then: filed, or last corrected
	FiledBy      Actor
	Due          time.Time // zero: no clock
	Paused       time.Time // since when a question stops the clock; zero: it runs
	Lane         Lane
	Same         Number // a case with the same demand
	Twins        []Twin // earlier cases that this one repeats
	Assigned     Actor
	Findings     []FindingState
	Resolutions  map[int]Resolution
	LookingUp    bool // the clock looks up what is left
	Decisions    map[Item]Decision
	Questions    []Question
	NoticePlan   *NoticeChoice
	Grants       []GrantState
	Objections   []Objection
	Packages     []Package
	Alarms       []Alarm
	ReadPapers   map[PaperID]Actor // who read a paper first
	Agreements   []Agreement       // to close what must be challenged
	Filings      []Filing          // of a challenge
	Narrowed     *Shorter          // nil: the period asked for
	Advice       []Advice
	Stands       []Stand
	Seconds      []Second
	Lent         []Loan
	NoTies       map[MemberID]time.Time // who said for this case that they have no tie
	Answering    bool
	Secrecy      Secrecy // of a sealed matter
	Withdrawn    bool
	Held         Hold // of a compromise
	Events       []Event
	Emergency    UrgentState
	Taps         []Tap          // traces that were started
	Kept         []Kept         // snapshots of this preservation
	Sources      map[int]Source // by target: what answers it
	Sealing      *Sealing       // a package that waits, or waited, for its certificate
	SealedBefore []Sealing      // those before it
	Certificate  *Certificate   // of that package
	Drill        *Drill         // an exercise, and never anything else
	DrillEnd     *DrillEnd      // how it ended
	Room         Room           // its papers on their way to the public

	LegalHolds []LegalHold
	Left       *Left // the persons' data have left: this, and hashes, is what there is
	LeftAt     time.Time
}

// Fold rebuilds a case from its events. The events are copied once and not for
// each of them: a case may have thousands.
func Fold(n Number, events []Event) (Case, error) {
	c, events := Case{Number: n}, slices.Clone(events)
	for i, e := range events {
		var err error
		if c, err = c.after(e); err != nil {
			return Case{}, fmt.Errorf("event %d: %w", e.Seq, err) // ends in a log: no number
		}
		c.Events = events[: i+1 : i+1]
	}
	if len(events) == 0 {
		return Case{}, fault.New(fault.NotFound, "fold case", "there is no such case")
	}
	return c, nil
}

// Version is the number of the last event.
func (c Case) Version() int { return len(c.Events) }

// Apply is the case after one more event. It refuses an event that cannot
// follow; what it is given never changes.
func (c Case) Apply(e Event) (Case, error) {
	next, err := c.after(e)
	if err != nil {
		return Case{}, err
	}
	next.Events = append(slices.Clip(c.Events), e)
	return next, nil
}

// after is Apply but for the event's own place in Events.
func (c Case) after(e Event) (Case, error) {
	if e.Seq != len(c.Events)+1 {
		return Case{}, fault.New(fault.Conflict, "apply event", "the case has moved on: reload it")
	}
	f, ok := folds[e.Kind]
	if !ok {
		return Case{}, fmt.Errorf("unknown kind of event %q", e.Kind)
	}
	if (e.Kind == KFiled) != (e.Seq == 1) {
		return Case{}, fmt.Errorf("%s as event %d", e.Kind, e.Seq)
	}
	if err := c.exercise(e); err != nil {
		return Case{}, err
	}
	if e.Rest != nil {
		return c, nil // its effect has left with what it said; KLeft says what stayed
	}
	if err := reasoned(e); err != nil {
		return Case{}, err
	}
	c = c.clone()
	return c, f(&c, e)
}

func (c Case) clone() Case {
	c.Findings = slices.Clone(c.Findings)
	c.Decisions = cloneMap(c.Decisions)
	c.Questions = slices.Clone(c.Questions)
	c.Grants = slices.Clone(c.Grants)
	c.Objections = slices.Clone(c.Objections)
	c.Packages = slices.Clone(c.Packages)
	for i := range c.Packages {
		c.Packages[i].Downloads = slices.Clone(c.Packages[i].Downloads)
	}
	c.Alarms, c.Taps = slices.Clone(c.Alarms), slices.Clone(c.Taps)
	c.Seconds = slices.Clone(c.Seconds)
	c.ReadPapers = cloneMap(c.ReadPapers)
	c.Agreements = slices.Clone(c.Agreements)
	c.Filings = slices.Clone(c.Filings)
	c.Advice = slices.Clone(c.Advice)
	c.Stands = slices.Clone(c.Stands)
	c.Demand.Papers = slices.Clone(c.Demand.Papers)
	return c
}

func cloneMap[K comparable, V any](m map[K]V) map[K]V {
	out := make(map[K]V, len(m)+1)
	for k, v := range m {
		out[k] = v
	}
	return out
}

var errParticulars = fmt.Errorf("its particulars are missing")

// conflict says in a sentence why an event cannot follow.
func conflict(format string, args ...any) error {
	return fault.New(fault.Conflict, "apply event", format, args...)
}

var folds = map[Kind]func(*Case, Event) error{
	KFiled: foldFiled, KCorrected: foldCorrected, KPaperAdded: foldPaper, KPaperRead: foldRead, KWithdrawn: foldWithdrawn,
	KAssigned: foldAssigned, KFindingAdded: foldFindingAdded, KFindingAnswer: foldFindingAnswer,
	KLookup: func(c *Case, e Event) error { return c.known(e.Target) }, KResolved: foldResolved, KDecided: foldDecided,
	KAsked: foldAsked, KAnswered: foldAnswered, KNoticeChosen: foldNotice, KComposed: foldComposed, KSignedOff: foldSigned,
	KGrantEnded: foldGrantEnded, KReleasing: foldUsing, KReleased: foldReleased, KLost: foldLost, KTelling: foldUsing, KTold: foldTold,
	KObjected: foldObjected, KObjectionDone: foldObjectionDone, KAnswering: foldAnswering, KPacked: foldPacked,
	KDownloaded: foldDownloaded, KSent: foldSent, KDestroyed: foldDestroyed, KAlarm: foldAlarm, KAlarmSeen: foldAlarmSeen,
	KGagLetter: foldGag, KGagSent: foldGag, KGagStep: foldGag, KGagDates: foldGag,
	KSecond: foldSecond, KSecondTaken: foldSecondTaken, KSecondGiven: foldSecondGiven, KSecondClosed: foldSecondClosed,
	KLent: foldLent, KLentEnded: foldLentEnded, KNoTie: foldNoTie, KAdvice: func(*Case, Event) error { return nil },
	KNote: func(*Case, Event) error { return nil }, KAgreed: foldAgreed, KFindingDoubted: foldDoubted, KChallenged: foldChallenged, KChallengeEnded: foldChallengeEnded,
	KTracing: foldUsing, KTraced: foldTraced, KTapped: foldTapped, KTraceStop: foldTraceStop, KTraceEnded: foldTraceEnded,
	KNarrowed: foldNarrowed, KAdvised: foldAdvised, KStood: foldStood, KRose: foldRose, KReminded: foldReminded, KLapsed: foldLapsed,
}
