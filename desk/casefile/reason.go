package casefile

import (
	"strings"

	"letterlock/internal/fault"
)

// MaxReason is the longest short reason of an act.
const MaxReason = MaxText

// Reasoned says where the reason of an event stands that a person brings about.
// Its zero value is the common case: in Why, and whoever acts owes one.
type Reasoned struct {
	// In reads the reason where the particulars carry it in words of their own.
	In func(Event) string
	// Officer says why an officer owes none here; a member does.
	Officer string
	// None says why nobody owes one here.
	None string
	// Machine: it follows from what was decided, and no person does it.
	Machine bool
}

func inDemand(e Event) string {
	if e.Demand == nil {
		return ""
	}
	return string(e.Demand.Process)
}

// inDecisions are the reasons of every verdict: one without a reason leaves
// the whole without.
func inDecisions(e Event) (all string) {
	for _, d := range e.Decisions {
		if strings.TrimSpace(d.Reason) == "" {
			return ""
		}
		all += d.Reason
	}
	return all
}

func inQuestion(e Event) string {
	if e.Question == nil {
		return ""
	}
	return e.Question.Text
}

func inPaper(e Event) string {
	if e.Paper == nil {
		return ""
	}
	return e.Paper.What
}

func inAttestation(e Event) string {
	if e.Urgent == nil || e.Urgent.Attestation == nil {
		return ""
	}
	return e.Urgent.Attestation.Text
}

func inCall(e Event) string {
	if e.Urgent == nil || e.Urgent.Call == nil {
		return ""
	}
	return e.Urgent.Call.Said
}

func inRoom(e Event) string {
	if e.Room == nil {
		return ""
	}
	return e.Room.Words
}

func inCertificate(e Event) string {
	if e.Certify == nil || e.Certify.Certificate == nil {
		return ""
	}
	return e.Certify.Certificate.Text
}

// Reasons is the one table: for each kind of event, where its reason stands. A
// kind that is not here cannot be filed at all.
var Reasons = map[Kind]Reasoned{
	// What an agency's officer does, or a member for an agency without keys.
	KFiled: {In: inDemand}, KCorrected: {}, KWithdrawn: {}, KHandedOver: {},
	KAnswered:   {In: func(e Event) string { return e.Answer }},
	KPaperAdded: {In: inPaper, Officer: "the paper is their own word: what it is for stands in it"},
	KAttested:   {In: inAttestation},
	KViewed:     {None: "a colleague looks: nothing changes but that it is known"},
	KDownloaded: {None: "fetching the answer is what the answer is for; that it was fetched is recorded"},
	KSent:       {None: "how many bytes of a download arrived"},

	// What the team does.
	KAssigned: {}, KFindingAdded: {}, KFindingAnswer: {}, KFindingDoubted: {}, KLookup: {}, KLookupsAsked: {}, KLookupAll: {},
	KDecided: {In: inDecisions}, KAsked: {In: inQuestion}, KNoticeChosen: {}, KComposed: {}, KGrantEnded: {}, KObjectionDone: {}, KAnswering: {},
	KAlarmSeen: {}, KNote: {}, KAgreed: {}, KChallenged: {}, KChallengeEnded: {}, KNarrowed: {}, KAdvised: {}, KStood: {}, KRose: {},
	KSecond: {}, KSecondTaken: {}, KSecondGiven: {In: inDecisions}, KSecondClosed: {}, KLent: {}, KLentEnded: {}, KAdvice: {}, KNoTie: {},
	KSource: {}, KTraceStop: {}, KGagSent: {}, KGagStep: {}, KGagDates: {}, KReviewedAgain: {}, KBreachReleased: {},
	KCalledBack: {In: inCall}, KStoodIn: {}, KProcessCame: {}, KProcessClosed: {}, KCertified: {In: inCertificate},
	KRoomPut: {}, KRoomReturned: {}, KRoomAgreed: {}, KRoomTaken: {In: inRoom},
	KLegalHold: {}, KLegalHoldEnds: {}, KLegalHoldLook: {},
	KDrillTried:  {},
	KPaperRead:   {None: "a paper is read because it is there; that it was read is the record"},
	KResolved:    {None: "the outcome of a look-up, whose reason stands before it"},
	KResolvedAll: {None: "the outcome of look-ups, whose reason stands before it"},

	// What follows from it, and is nobody's choice.
	KSignedOff: {Machine: true}, KReleasing: {Machine: true}, KReleased: {Machine: true}, KLost: {Machine: true}, KDrawn: {Machine: true},
	KTelling: {Machine: true}, KTold: {Machine: true}, KToldSome: {Machine: true}, KObjected: {Machine: true},
	KPacked: {Machine: true}, KDestroyed: {Machine: true}, KSealedUp: {Machine: true}, KUncertified: {Machine: true},
	KAlarm: {Machine: true}, KReminded: {Machine: true}, KLapsed: {Machine: true}, KLookupsStopped: {Machine: true},
	KTracing: {Machine: true}, KTraced: {Machine: true}, KTapped: {Machine: true}, KTraceEnded: {Machine: true},
	KKeeping: {Machine: true}, KKept: {Machine: true}, KProlonged: {Machine: true}, KKeepSoon: {Machine: true}, KKeepEnded: {Machine: true},
	KHeld: {Machine: true}, KBreachDrafted: {Machine: true}, KGagLetter: {Machine: true}, KChased: {Machine: true}, KDrillEnded: {Machine: true},
	KRoomDue: {Machine: true}, KRoomBound: {Machine: true}, KRoomShown: {Machine: true},
	KLeft: {Machine: true},
}

// reasoned refuses what a person does without saying why, and what no person
// does. It is asked for every event, however it came about.
func reasoned(e Event) error {
	r, known := Reasons[e.Kind]
	person := e.By.Kind == ByMember || e.By.Kind == ByOfficer
	switch {
	case !known:
		return conflict("the act %q has no place in the table of reasons", e.Kind)
	case !person || r.None != "":
		return nil
	case r.Machine:
		return conflict("this follows by itself, and nobody does it")
	case r.Officer != "" && e.By.Kind == ByOfficer:
		return nil
	}
	why := e.Why
	if r.In != nil {
		why = r.In(e)
	}
	switch {
	case strings.TrimSpace(why) == "":
		return noReason()
	case len(e.Why) > MaxReason:
		return fault.New(fault.Invalid, "give reason", "the reason may be %d bytes long", MaxReason)
	}
	return nil
}

func noReason() error {
	return fault.New(fault.Invalid, "give reason", "say why: every act on a case stands in its history with who did it and the reason")
}

// because gives the events of a person's plan that say no reason of their own
// the plan's.
func (p *Plan) because(by Actor) {
	for i := range p.Events {
		e := &p.Events[i]
		if e.Why == "" && (e.By == Actor{} || e.By == by) && Reasons[e.Kind].In == nil && Reasons[e.Kind].None == "" {
			e.Why = strings.TrimSpace(p.Why)
		}
	}
}
