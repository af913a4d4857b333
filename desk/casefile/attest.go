package casefile

import (
	"slices"
	"strings"
	"time"

	"letterlock/internal/fault"
	"letterlock/internal/passkey"
	"letterlock/law"
)

// Signer is as what somebody of the agency signs an emergency.
type Signer string

// The two who sign.
const (
	AsOfficer    Signer = "officer"
	AsSupervisor Signer = "supervisor"
)

// InWords is the role as the text says it.
func (s Signer) InWords() string {
	return map[Signer]string{AsOfficer: "the requesting officer", AsSupervisor: "the supervisor"}[s]
}

// Attestation is the exact text that somebody read and their passkey's
// signature over its hash. It can be checked by whoever holds the case, years
// later, without the desk.
type Attestation struct {
	As      Signer    `cbor:"as"`
	Officer OfficerID `cbor:"officer"`
	Name    string    `cbor:"name"`
	Text    string    `cbor:"text"`
	At      time.Time `cbor:"at"`
	passkey.Signature
}

// AttestationHash is the challenge that a passkey signs for a text.
func AttestationHash(text string) [32]byte {
	return passkey.OfText("letterlock emergency attestation v1", text)
}

// Verify checks the signature over the text as it stands.
func (a Attestation) Verify() error { return a.Over(AttestationHash(a.Text)) }

// CallOutcome is the outcome of a call to the agency's switchboard.
type CallOutcome string

// The outcomes.
const (
	CallConfirmed CallOutcome = "confirmed"
	CallDenied    CallOutcome = "not confirmed"
	CallNoAnswer  CallOutcome = "not reached"
)

// CallBack is a call: to a number of the directory, never one of the request.
type CallBack struct {
	Number     string      `cbor:"number"`
	Source     string      `cbor:"source"`
	NumberBy   Actor       `cbor:"number_by,omitempty"` // who put the number into the directory
	Spoke      string      `cbor:"spoke,omitempty"`     // with whom
	Supervisor bool        `cbor:"supervisor,omitempty"`
	Said       string      `cbor:"said"` // what was confirmed, or why not
	Outcome    CallOutcome `cbor:"outcome"`
	By         Actor       `cbor:"by"`
	At         time.Time   `cbor:"at"`
}

// StandIn is a member's recorded word for going on with an emergency that came
// on paper or by telephone, whose agency cannot sign with a key.
type StandIn struct {
	By      Actor     `cbor:"by"`
	Counsel bool      `cbor:"counsel,omitempty"`
	Why     string    `cbor:"why"`
	At      time.Time `cbor:"at"`
}

// Arrival is the legal process that followed an emergency, and whether it
// reaches all that was given.
type Arrival struct {
	Paper  PaperID `cbor:"paper,omitempty"` // of this case
	Case   Number  `cbor:"case,omitempty"`  // or a case of its own
	Covers bool    `cbor:"covers,omitempty"`
}

// UrgentState is how far an emergency's own barriers and promise are.
type UrgentState struct {
	Attested, CoSigned *Attestation
	Calls              []CallBack
	StandIns           []StandIn
	Promise            Promise
}

// Promise is the legal process that the agency undertook to send.
type Promise struct {
	Disclosed time.Time // zero: nothing was
	Due       time.Time
	Chased    int
	Overdue   bool
	Arrived   *Arrival
	Judged    Actor
	Closed    string // the lead's reason for ending the chase
}

// Open reports a promise that is still to be kept.
func (p Promise) Open() bool { return !p.Disclosed.IsZero() && p.Arrived == nil && p.Closed == "" }

// The events of an emergency.
const (
	KAttested      Kind = "emergency.attested"
	KCalledBack    Kind = "emergency.called.back"
	KStoodIn       Kind = "emergency.stand.in"
	KChased        Kind = "emergency.process.chased"
	KProcessCame   Kind = "emergency.process.came"
	KProcessClosed Kind = "emergency.process.closed"
)

// UrgentAct is what an event of an emergency carries.
type UrgentAct struct {
	Attestation *Attestation `cbor:"attestation,omitempty"`
	Call        *CallBack    `cbor:"call,omitempty"`
	StandIn     *StandIn     `cbor:"stand_in,omitempty"`
	Arrival     *Arrival     `cbor:"arrival,omitempty"`
	Overdue     bool         `cbor:"overdue,omitempty"`
}

func init() {
	for k, f := range map[Kind]func(*Case, Event) error{KAttested: foldAttested, KCalledBack: foldCalled, KStoodIn: foldStoodIn,
		KChased: foldChased, KProcessCame: foldCame, KProcessClosed: foldPromiseClosed} {
		folds[k] = func(c *Case, e Event) error {
			if !c.Urgent() {
				return conflict("this is no emergency")
			}
			if e.Urgent == nil && k != KProcessClosed {
				return errParticulars
			}
			return f(c, e)
		}
	}
	forAgency[KAttested], forAgency[KChased] = true, true
	saysOf[KAttested] = func(_ Case, e Event) string {
		return "signed the attestation as " + e.Urgent.Attestation.As.InWords() + ", with their passkey"
	}
	saysOf[KCalledBack] = func(_ Case, e Event) string {
		x := e.Urgent.Call
		return "called the agency back at " + x.Number + " (" + x.Source + "): " + string(x.Outcome)
	}
	saysOf[KStoodIn] = func(Case, Event) string { return "stood in for the signatures that the agency cannot give" }
	saysOf[KChased] = func(_ Case, e Event) string {
		return map[bool]string{false: "reminded the agency of the legal process it promised", true: "asked again for the legal process, which is overdue"}[e.Urgent.Overdue]
	}
	saysOf[KProcessCame] = func(_ Case, e Event) string {
		return "judged the legal process that came: " + map[bool]string{true: "it reaches all that was given", false: "it reaches less than was given"}[e.Urgent.Arrival.Covers]
	}
	saysOf[KProcessClosed] = func(Case, Event) string { return "ended the chase for legal process" }
}

// foldAttested takes a signature over exactly the present text, by the officer
// of the request or by another one as their supervisor.
func foldAttested(c *Case, e Event) error {
	a := e.Urgent.Attestation
	if a == nil {
		return errParticulars
	}
	text := c.AttestationText(a.As, a.Name, a.At)
	switch {
	case a.Officer == "" || e.By.OfficerID() != a.Officer:
		return conflict("whoever signs does it themselves")
	case a.Text != text && !c.Number.retired(): // an exercise that is over has another number now
		return fault.New(fault.Conflict, "attest", "the request has changed since you opened the page: read it again and sign what it says now")
	case a.As == AsOfficer && a.Officer != c.Demand.Officer:
		return conflict("the officer of the request signs it")
	case a.As == AsSupervisor && (a.Officer == c.Demand.Officer || c.Emergency.Attested == nil || c.Emergency.Attested.Officer == a.Officer):
		return conflict("another officer signs as the supervisor, after the officer has signed")
	case a.As == AsSupervisor && c.Demand.Emergency.CoSigner != "" && c.Demand.Emergency.CoSigner != a.Officer:
		return conflict("another officer is named as the supervisor of this request")
	}
	if err := a.Verify(); err != nil {
		return err
	}
	if a.As == AsSupervisor {
		c.Emergency.CoSigned = a
		c.settle("SND.SUPERVISOR", e, false, "the supervisor has signed: "+a.Name)
		return nil
	}
	if a.As != AsOfficer {
		return errParticulars
	}
	c.Emergency.Attested = a
	c.settle("EMG.NO_ATTESTATION", e, false, "the attestation is signed: "+a.Name)
	return nil
}

// settle answers a finding by the record that decides it.
func (c *Case) settle(id law.FindingID, e Event, holds bool, reason string) {
	i := c.finding(id)
	if i < 0 && !holds {
		return
	}
	if i < 0 {
		c.Findings, i = append(c.Findings, FindingState{ID: id, Decided: true}), len(c.Findings)
	}
	c.Findings[i].Answer = &FindingAnswer{Holds: holds, Reason: reason, By: e.By, At: e.At}
}

// ByRecord are findings that no reason answers: only the record itself does.
func ByRecord(id law.FindingID) bool {
	return id == "EMG.UNVERIFIED" || id == "EMG.NO_ATTESTATION" || id == "SND.CALLBACK" || id == "SND.SUPERVISOR"
}

// foldCalled: a call that confirms lifts its findings, any other one raises
// them and holds.
func foldCalled(c *Case, e Event) error {
	x := e.Urgent.Call
	switch {
	case x == nil || x.Number == "" || x.Source == "" || strings.TrimSpace(x.Said) == "":
		return errParticulars
	case x.Outcome != CallConfirmed && x.Outcome != CallDenied && x.Outcome != CallNoAnswer:
		return errParticulars
	case e.By.MemberID() == "" || x.By != e.By:
		return conflict("a member of the team makes the call themselves")
	case e.By.MemberID() == c.TakenBy().MemberID():
		return fault.New(fault.Forbidden, "call back", "you took this request in: somebody else of the team makes the call")
	case x.Outcome == CallConfirmed && strings.TrimSpace(x.Spoke) == "":
		return fault.New(fault.Invalid, "call back", "say with whom you spoke")
	}
	c.Emergency.Calls = append(slices.Clone(c.Emergency.Calls), *x)
	holds := x.Outcome != CallConfirmed
	c.settle("EMG.UNVERIFIED", e, holds, "call-back "+string(x.Outcome)+": "+x.Said)
	c.settle("SND.CALLBACK", e, holds, "call-back "+string(x.Outcome)+": "+x.Said)
	return nil
}

// TakenBy is the intake analyst: who entered a paper, or to whom the case was
// given first.
func (c Case) TakenBy() Actor {
	if c.FiledBy.MemberID() != "" {
		return c.FiledBy
	}
	for _, e := range c.Events {
		if e.Kind == KAssigned && e.Assignee != nil {
			return *e.Assignee
		}
	}
	return Actor{}
}

func foldStoodIn(c *Case, e Event) error {
	x := e.Urgent.StandIn
	switch {
	case x == nil || strings.TrimSpace(x.Why) == "" || x.By != e.By || e.By.MemberID() == "":
		return errParticulars
	case c.Demand.Officer != "":
		return fault.New(fault.Forbidden, "stand in", "an enrolled officer filed this: they and their supervisor sign, and nobody stands in for them")
	case c.TakenBy().ID == e.By.ID:
		return fault.New(fault.Forbidden, "stand in", "you took this request in: somebody else stands in")
	case slices.ContainsFunc(c.Emergency.StandIns, func(o StandIn) bool { return o.By.ID == e.By.ID }):
		return conflict("you have stood in already: a second person is needed")
	}
	c.Emergency.StandIns = append(slices.Clone(c.Emergency.StandIns), *x)
	if len(c.Emergency.StandIns) > 1 && slices.ContainsFunc(c.Emergency.StandIns, func(s StandIn) bool { return s.Counsel }) {
		c.settle("EMG.NO_ATTESTATION", e, false, "on paper; two people stood in")
		c.settle("SND.SUPERVISOR", e, false, "on paper; two people stood in")
	}
	return nil
}

// voided is what a correction leaves of an emergency: signatures and calls
// were about other words.
func (u UrgentState) voided() UrgentState { return UrgentState{Promise: u.Promise} }

// promised begins the promise with the first record that left the house.
func (c *Case) promised(at time.Time) {
	if c.Urgent() && c.Emergency.Promise.Disclosed.IsZero() {
		c.Emergency.Promise.Disclosed, c.Emergency.Promise.Due = at, at.Add(Promised)
	}
}

func foldChased(c *Case, e Event) error {
	if !c.Emergency.Promise.Open() {
		return conflict("no legal process is awaited")
	}
	c.Emergency.Promise.Chased++
	if e.Urgent.Overdue {
		c.Emergency.Promise.Overdue = true
		if c.finding("EMG.FOLLOWUP_OVERDUE") < 0 {
			c.Findings = append(c.Findings, FindingState{ID: "EMG.FOLLOWUP_OVERDUE", Decided: true})
		}
	}
	return nil
}

func foldCame(c *Case, e Event) error {
	x := e.Urgent.Arrival
	switch {
	case x == nil || (x.Paper == "") == (x.Case == ""):
		return errParticulars
	case !c.Emergency.Promise.Open():
		return conflict("no legal process is awaited")
	}
	if x.Paper != "" {
		if _, ok := c.Paper(x.Paper); !ok {
			return conflict("there is no such paper on this case")
		}
		if _, read := c.ReadPapers[x.Paper]; !read {
			return conflict("read the paper before you judge it")
		}
	}
	c.Emergency.Promise.Arrived, c.Emergency.Promise.Judged = x, e.By
	if c.Emergency.Promise.Overdue {
		c.settle("EMG.FOLLOWUP_OVERDUE", e, true, "it came late: "+e.Why)
	}
	return nil
}

func foldPromiseClosed(c *Case, e Event) error {
	if !c.Emergency.Promise.Open() {
		return conflict("no legal process is awaited")
	}
	if strings.TrimSpace(e.Why) == "" {
		return errParticulars
	}
	c.Emergency.Promise.Closed, c.Emergency.Promise.Judged = e.Why, e.By
	return nil
}
