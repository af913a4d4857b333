package casefile

import (
	"fmt"
	"slices"
	"time"

	"letterlock/disclosable"
	"letterlock/internal/fault"
	"letterlock/law"
)

// Case is the present state: the fold of its events and of nothing else.
type Case struct {
	Number      Number
	Demand      Demand // as last corrected
	Filed       time.Time
	Since       time.Time // the clock to answer runs since then: filed, or last corrected
	FiledBy     Actor
	Due         time.Time // zero: no clock
	Paused      time.Time // since when a question stops the clock; zero: it runs
	Lane        Lane
	Same        Number // a case with the same demand
	Twins       []Twin // earlier cases that this one repeats
	Assigned    Actor
	Findings    []FindingState
	Resolutions map[int]Resolution
	Decisions   map[Item]Decision
	Questions   []Question
	NoticePlan  *NoticeChoice
	Grants      []GrantState
	Objections  []Objection
	Packages    []Package
	Alarms      []Alarm
	ReadPapers  map[PaperID]Actor // who read a paper first
	Agreements  []Agreement       // to close what must be challenged
	Filings     []Filing          // of a challenge
	Narrowed    *Shorter          // nil: the period asked for
	Advice      []Advice
	Stands      []Stand
	Seconds     []Second
	Lent        []Loan
	NoTies      map[MemberID]time.Time // who said for this case that they have no tie
	Answering   bool
	Secrecy     Secrecy // of a sealed matter
	Withdrawn   bool
	Held        Hold // of a compromise
	Events      []Event
	Emergency   UrgentState
	Taps        []Tap          // traces that were started
	Kept        []Kept         // snapshots of this preservation
	Sources     map[int]Source // by target: what answers it
	Drill       *Drill         // an exercise, and never anything else
	DrillEnd    *DrillEnd      // how it ended
}

// Alarm is what a person must look at.
type Alarm struct {
	Text string
	At   time.Time
	Seen time.Time
}

// Fold rebuilds a case from its events.
func Fold(n Number, events []Event) (Case, error) {
	c := Case{Number: n}
	for _, e := range events {
		var err error
		if c, err = c.Apply(e); err != nil {
			return Case{}, fmt.Errorf("case %s, event %d: %w", n, e.Seq, err)
		}
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
	c = c.clone()
	if err := f(&c, e); err != nil {
		return Case{}, err
	}
	c.Events = append(c.Events, e)
	return c, nil
}

func (c Case) clone() Case {
	c.Findings = slices.Clone(c.Findings)
	c.Resolutions = cloneMap(c.Resolutions)
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
	c.Events = slices.Clip(c.Events)
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

func foldFiled(c *Case, e Event) error {
	if e.Demand == nil {
		return errParticulars
	}
	c.Demand, c.Findings, c.Due, c.Lane, c.Same = *e.Demand, e.Findings, e.Due, e.Lane, e.Same
	c.Filed, c.FiledBy, c.Twins, c.Since, c.Drill = e.At, e.By, e.Twins, e.At, e.Drill
	return nil
}

func foldCorrected(c *Case, e Event) error {
	switch {
	case e.Demand == nil:
		return errParticulars
	case c.Withdrawn:
		return conflict("the request was withdrawn")
	case len(c.live()) > 0 || c.Answering || len(c.Packages) > 0:
		return conflict("the request is decided: it cannot be corrected any more, only withdrawn")
	}
	c.Demand, c.Findings, c.Due, c.Lane, c.Twins = *e.Demand, e.Findings, e.Due, e.Lane, e.Twins
	// What was decided was decided on other words: it is decided anew.
	c.Decisions, c.Resolutions, c.NoticePlan, c.Emergency = map[Item]Decision{}, map[int]Resolution{}, nil, c.Emergency.voided()
	c.Agreements, c.Narrowed, c.Since, c.NoTies, c.Sources = nil, nil, e.At, nil, nil // a tie may be with what it says now
	return nil
}

func foldPaper(c *Case, e Event) error {
	if e.Paper == nil {
		return errParticulars
	}
	c.Demand.Papers = append(c.Demand.Papers, *e.Paper)
	return nil
}

func foldRead(c *Case, e Event) error {
	if _, ok := c.Paper(e.PaperID); !ok {
		return errParticulars
	}
	if _, read := c.ReadPapers[e.PaperID]; !read && e.Role != ReadOutside {
		c.ReadPapers[e.PaperID] = e.By
	}
	return nil
}

func foldWithdrawn(c *Case, e Event) error {
	if c.Withdrawn {
		return conflict("the request was withdrawn already")
	}
	for _, g := range c.Grants {
		if g.Grant.Kind == disclosable.Produce && (g.Phase == GrantUsed || g.Phase == GrantUsing) {
			return conflict("records were released already: the request can no longer be withdrawn")
		}
	}
	c.Withdrawn = true
	return nil
}

func foldAssigned(c *Case, e Event) error {
	if e.Assignee == nil {
		return errParticulars
	}
	c.Assigned = *e.Assignee
	return nil
}

func foldFindingAdded(c *Case, e Event) error {
	for _, f := range e.Findings {
		if i := c.finding(f.ID); i >= 0 {
			return conflict("the finding %s is on the case already", f.ID)
		}
		c.Findings = append(c.Findings, f)
	}
	return nil
}

func foldFindingAnswer(c *Case, e Event) error {
	i := c.finding(e.Finding)
	if i < 0 {
		return conflict("the finding %s is not on this case", e.Finding)
	}
	if f := c.Findings[i]; f.Stands() && !e.Holds && (f.Doubt == nil || f.Doubt.By.ID == e.By.ID) {
		return conflict("a demand on the system is set aside by counsel and a lead together")
	}
	c.Findings[i].Doubt = nil
	c.Findings[i].Answer = &FindingAnswer{Holds: e.Holds, Reason: e.Why, By: e.By, At: e.At}
	return nil
}

func (c Case) finding(id law.FindingID) int {
	return slices.IndexFunc(c.Findings, func(f FindingState) bool { return f.ID == id })
}

func foldResolved(c *Case, e Event) error {
	if e.Resolved == nil {
		return errParticulars
	}
	c.Resolutions[e.Resolved.Target] = *e.Resolved
	return c.known(e.Resolved.Target)
}

func (c Case) known(target int) error {
	if target < 0 || target >= len(c.Demand.Targets) {
		return conflict("the request has no such target")
	}
	return nil
}

func foldDecided(c *Case, e Event) error {
	switch {
	case len(e.Decisions) == 0:
		return errParticulars
	case c.Withdrawn:
		return conflict("the request was withdrawn")
	case len(c.live()) > 0:
		return conflict("grants are before the key holders: withdraw them before deciding anew")
	case c.Answering || len(c.Packages) > 0:
		return conflict("the request is answered")
	}
	for _, d := range e.Decisions {
		if !slices.Contains(c.Demand.Wanted, d.Item) {
			return conflict("%s was not asked for", d.Item)
		}
		c.Decisions[d.Item] = d
	}
	c.Agreements = nil // they agreed to what was decided before
	return nil
}

func foldAsked(c *Case, e Event) error {
	if e.Question == nil {
		return errParticulars
	}
	c.Questions = append(c.Questions, *e.Question)
	c.stand(Stand{Reason: WaitClarification, What: string(e.Question.ID), Stops: e.Question.Stops, From: e.At})
	return nil
}

func foldAnswered(c *Case, e Event) error {
	i := slices.IndexFunc(c.Questions, func(q Question) bool { return q.ID == e.QID })
	if i < 0 || !c.Questions[i].Open() {
		return conflict("there is no such open question")
	}
	c.Questions[i].Answer, c.Questions[i].Answerer, c.Questions[i].Answered = e.Answer, e.By, e.At
	for _, p := range e.Papers {
		if _, ok := c.Paper(p); !ok {
			return conflict("the answer names a paper that is not with the case")
		}
	}
	c.Questions[i].Papers = e.Papers
	c.rise(WaitClarification, string(e.QID), e.At, e.Due)
	return nil
}

func foldNotice(c *Case, e Event) error {
	if e.Notice == nil {
		return errParticulars
	}
	c.NoticePlan = e.Notice
	return nil
}

func foldComposed(c *Case, e Event) error {
	if c.Withdrawn {
		return conflict("the request was withdrawn")
	}
	for _, g := range e.Grants {
		parsed, err := disclosable.ParseGrant(g.Bytes)
		if err != nil {
			return err
		}
		h := disclosable.GrantHash(g.Bytes)
		if c.grant(h) >= 0 {
			return conflict("this grant was proposed already")
		}
		covers := c.covers
		if parsed.Snapshot != nil || parsed.Keep != nil {
			covers = c.coversSnapshot
		}
		if err := covers(parsed, g.Target); err != nil {
			return err
		}
		if (parsed.Kind == disclosable.Produce || parsed.Kind == disclosable.Trace) && len(c.live()) == 0 {
			if err := c.heldUp(e.By); err != nil {
				return err
			}
		}
		c.Grants = append(c.Grants, GrantState{Hash: h, Bytes: g.Bytes, Grant: parsed, Target: g.Target, URL: g.URL, Phase: GrantSigning})
	}
	return nil
}

// covers refuses a grant that is wider than what was decided and resolved.
func (c *Case) covers(g disclosable.Grant, target int) error {
	r, ok := c.Resolutions[target]
	decided := c.Fields(target)
	switch {
	case Number(g.Case) != c.Number:
		return conflict("the grant is of another case")
	case !ok || !r.Exists || r.Account != g.Account:
		return conflict("the grant is for an account that was not looked up here")
	case g.Kind == disclosable.Trace && !c.Traces(target):
		return conflict("no trace of this account was decided")
	case slices.ContainsFunc(g.Fields, func(f disclosable.FieldID) bool { return !slices.Contains(decided, f) }):
		return conflict("the grant names a field that was not decided to be produced")
	}
	return nil
}

// foldSigned: one person is never two.
func foldSigned(c *Case, e Event) error {
	if len(e.Signed) < 2 || e.Signed[0] == e.Signed[1] {
		return conflict("two different people have to sign")
	}
	return c.move(e, func(g *GrantState) { g.Phase, g.Signed = GrantReady, e.Signed }, GrantSigning)
}

func foldGrantEnded(c *Case, e Event) error {
	if !e.Phase.Dead() {
		return errParticulars
	}
	return c.move(e, func(g *GrantState) { g.Phase, g.Why = e.Phase, e.Why }, GrantSigning, GrantReady)
}

// foldUsing is the intent to redeem or to tell. A withdrawn request releases
// nothing, and an open objection holds a release.
func foldUsing(c *Case, e Event) error {
	if e.Kind == KReleasing || e.Kind == KTracing || e.Kind == KKeeping {
		switch {
		case c.Withdrawn:
			return conflict("the request was withdrawn: nothing is released")
		case c.Objected():
			return conflict("an objection holds the release until counsel has closed it")
		case c.SecondHolds():
			return conflict("a second review holds the release until counsel has closed it")
		}
		if err := c.heldUp(e.By); err != nil {
			return err
		}
	}
	return c.move(e, func(g *GrantState) { g.Phase = GrantUsing }, GrantReady)
}

func foldReleased(c *Case, e Event) error {
	c.promised(e.At)
	return c.move(e, func(g *GrantState) { g.Phase, g.Used, g.Entry, g.Count = GrantUsed, e.At, e.Entry, e.Count }, GrantUsing)
}

func foldLost(c *Case, e Event) error {
	return c.move(e, func(g *GrantState) { g.Phase, g.Why = GrantLost, e.Why }, GrantUsing)
}

func foldTold(c *Case, e Event) error {
	if e.Told == nil {
		return errParticulars
	}
	return c.move(e, func(g *GrantState) { g.Phase, g.Used, g.Notice = GrantUsed, e.At, *e.Told }, GrantUsing)
}

// usedBy: a grant to tell releases nothing, and the other way round.
var usedBy = map[Kind]disclosable.GrantKind{KReleasing: disclosable.Produce, KReleased: disclosable.Produce, KTelling: disclosable.Notify, KTold: disclosable.Notify, KTracing: disclosable.Trace, KTraced: disclosable.Trace}

// move changes the grant that the event names, if it is in one of the phases.
func (c *Case) move(e Event, f func(*GrantState), from ...GrantPhase) error {
	if e.Grant == nil {
		return errParticulars
	}
	i := c.grant(*e.Grant)
	if i >= 0 && usedBy[e.Kind] != "" && usedBy[e.Kind] != c.Grants[i].Grant.Kind {
		return conflict("a grant of kind %q is not used for this", c.Grants[i].Grant.Kind)
	}
	if i < 0 || !slices.Contains(from, c.Grants[i].Phase) {
		return conflict("the grant is no longer where this act needs it")
	}
	f(&c.Grants[i])
	return nil
}

func (c Case) grant(h disclosable.Hash) int {
	return slices.IndexFunc(c.Grants, func(g GrantState) bool { return g.Hash == h })
}

func foldObjected(c *Case, e Event) error {
	if e.Objection == nil {
		return errParticulars
	}
	for _, o := range c.Objections {
		if o.Number == e.Objection.Number {
			return conflict("this objection is on the case already")
		}
	}
	c.Objections = append(c.Objections, *e.Objection)
	return nil
}

func foldObjectionDone(c *Case, e Event) error {
	if e.Objection == nil {
		return errParticulars
	}
	i := slices.IndexFunc(c.Objections, func(o Objection) bool { return o.Number == e.Objection.Number })
	if i < 0 || !c.Objections[i].Open() {
		return conflict("there is no such open objection")
	}
	o := &c.Objections[i]
	o.Upheld, o.Reason, o.By, o.Closed = e.Objection.Upheld, e.Why, e.By, e.At
	return nil
}

func foldAnswering(c *Case, e Event) error {
	if c.Withdrawn || c.Answering {
		return conflict("the answer is being prepared already")
	}
	if c.attacked() && !c.Agreed() {
		return conflict("a demand on the system itself is closed by counsel and lead together: both have to agree first")
	}
	c.Answering = true
	return nil
}

func foldPacked(c *Case, e Event) error {
	if e.Package == nil {
		return errParticulars
	}
	for i := range c.Packages {
		if c.Packages[i].ID == e.Package.ID {
			return conflict("this package exists already")
		}
	}
	c.Packages = append(c.Packages, *e.Package)
	return nil
}

func (c *Case) pack(id PackageID) (*Package, error) {
	i := slices.IndexFunc(c.Packages, func(p Package) bool { return p.ID == id })
	if i < 0 || !c.Packages[i].Destroyed.IsZero() {
		return nil, fault.New(fault.Expired, "find package", "the package is no longer kept here")
	}
	return &c.Packages[i], nil
}

func foldDestroyed(c *Case, e Event) error {
	p, err := c.pack(e.PackageID)
	if err != nil {
		return err
	}
	p.Destroyed = e.At
	return nil
}

func foldAlarm(c *Case, e Event) error {
	c.Alarms = append(c.Alarms, Alarm{Text: e.Alarm, At: e.At})
	return nil
}

func foldAlarmSeen(c *Case, e Event) error {
	if e.Alarm == AlarmReview && !c.replanned() {
		return conflict("a silence is not put aside: have the person told now, or give the reason and the day on which somebody looks again")
	}
	for i := range c.Alarms {
		if c.Alarms[i].Text == e.Alarm && c.Alarms[i].Seen.IsZero() {
			c.Alarms[i].Seen = e.At
		}
	}
	return nil
}

// AlarmReview is raised on the day on which somebody must look at a silence
// again. It ends only with a new plan: a new day, or telling the person.
const AlarmReview = "the day has come to look again at why the person is not told"

// replanned: since the last such alarm the notice was planned anew.
func (c *Case) replanned() bool {
	for i := len(c.Events) - 1; i >= 0; i-- {
		switch e := c.Events[i]; {
		case e.Kind == KNoticeChosen:
			return true
		case e.Kind == KAlarm && e.Alarm == AlarmReview:
			return false
		}
	}
	return true
}
