package casefile

import (
	"fmt"
	"time"

	"github.com/fxamacker/cbor/v2"

	"letterlock/disclosable"
	"letterlock/law"
)

// Kind names what happened. It is also the kind of the ledger's record, after
// "case.".
type Kind string

// The kinds of event.
const (
	KFiled         Kind = "filed"
	KCorrected     Kind = "corrected"
	KPaperAdded    Kind = "paper.added"
	KPaperRead     Kind = "paper.read"
	KWithdrawn     Kind = "withdrawn"
	KAssigned      Kind = "assigned"
	KFindingAdded  Kind = "finding.added"
	KFindingAnswer Kind = "finding.answered"
	KLookup        Kind = "lookup.intent"
	KResolved      Kind = "lookup.outcome"
	KDecided       Kind = "decided"
	KAsked         Kind = "asked"
	KAnswered      Kind = "answered"
	KNoticeChosen  Kind = "notice.chosen"
	KComposed      Kind = "grant.proposed"
	KSignedOff     Kind = "grant.signed"
	KGrantEnded    Kind = "grant.ended"
	KReleasing     Kind = "release.intent"
	KReleased      Kind = "release.outcome"
	KLost          Kind = "release.lost"
	KTelling       Kind = "notice.intent"
	KTold          Kind = "notice.outcome"
	KObjected      Kind = "notice.objected"
	KObjectionDone Kind = "notice.objection.closed"
	KAnswering     Kind = "answer.begun" // refusals are final: an answer without records is due
	KPacked        Kind = "package.made"
	KDownloaded    Kind = "package.downloaded"
	KDestroyed     Kind = "package.destroyed"
	KAlarm         Kind = "alarm"
	KAlarmSeen     Kind = "alarm.seen"
	KNote          Kind = "note"

	KFindingDoubted Kind = "finding.doubted"  // by one of the two who may set it aside
	KAgreed         Kind = "challenge.agreed" // to close what must be challenged
	KChallenged     Kind = "challenge.filed"
	KChallengeEnded Kind = "challenge.ended"
	KNarrowed       Kind = "period.narrowed"
	KAdvised        Kind = "advised" // counsel gives an escalated item back
	KStood          Kind = "wait.begun"
	KRose           Kind = "wait.ended"
	KReminded       Kind = "reminded"
	KLapsed         Kind = "lapsed" // a question was not answered in time
)

// Event is one line of a case's history: who, when, what and why. Besides them
// it carries the particulars of its kind, and no others.
type Event struct {
	Seq  int       `cbor:"seq"` // from 1
	At   time.Time `cbor:"at"`
	By   Actor     `cbor:"by"`
	Kind Kind      `cbor:"kind"`
	Why  string    `cbor:"why,omitempty"`
	Salt [16]byte  `cbor:"salt"` // what the ledger records of it is salted

	Demand    *Demand           `cbor:"demand,omitempty"`   // filed, corrected
	Findings  []FindingState    `cbor:"findings,omitempty"` // filed, corrected, finding added
	Due       time.Time         `cbor:"due,omitempty"`      // filed, corrected: when the answer is due
	Lane      Lane              `cbor:"lane,omitempty"`
	Same      Number            `cbor:"same,omitempty"`  // filed: a case with the same demand
	Twins     []Twin            `cbor:"twins,omitempty"` // filed, corrected: earlier cases that this one repeats
	Paper     *Paper            `cbor:"paper,omitempty"`
	PaperID   PaperID           `cbor:"paper_id,omitempty"`
	Assignee  *Actor            `cbor:"assignee,omitempty"`
	Finding   law.FindingID     `cbor:"finding,omitempty"`
	Holds     bool              `cbor:"holds,omitempty"`
	Target    int               `cbor:"target,omitempty"`
	Resolved  *Resolution       `cbor:"resolved,omitempty"`
	Decisions []Decision        `cbor:"decisions,omitempty"`
	Question  *Question         `cbor:"question,omitempty"`
	Answer    string            `cbor:"answer,omitempty"`
	QID       QuestionID        `cbor:"qid,omitempty"`
	Notice    *NoticeChoice     `cbor:"notice,omitempty"`
	Grants    []Composed        `cbor:"grants,omitempty"`
	Grant     *disclosable.Hash `cbor:"grant,omitempty"`
	Phase     GrantPhase        `cbor:"phase,omitempty"`
	Signed    []string          `cbor:"signed,omitempty"`
	Entry     []byte            `cbor:"entry,omitempty"`
	Count     int               `cbor:"count,omitempty"`
	Told      *[16]byte         `cbor:"told,omitempty"`
	Objection *Objection        `cbor:"objection,omitempty"`
	Package   *Package          `cbor:"package,omitempty"`
	PackageID PackageID         `cbor:"package_id,omitempty"`
	Part      *Part             `cbor:"part,omitempty"` // of a package: asked for, or handed over
	Alarm     string            `cbor:"alarm,omitempty"`
	Role      string            `cbor:"role,omitempty"`
	Filing    *Filing           `cbor:"filing,omitempty"`
	Period    *Shorter          `cbor:"period,omitempty"`
	Item      Item              `cbor:"item,omitempty"`
	Stand     *Stand            `cbor:"stand,omitempty"`
	Second    *Second           `cbor:"second,omitempty"`
	Loan      *Loan             `cbor:"loan,omitempty"`
	Papers    []PaperID         `cbor:"papers,omitempty"`  // of an answer
	GagAct    *GagAct           `cbor:"gag,omitempty"`     // of a sealed matter's secrecy
	Keeper    *Keeper           `cbor:"keeper,omitempty"`  // handed over
	Suspect   *Suspicion        `cbor:"suspect,omitempty"` // of a compromised sender: held, looked at again
	Tap       *TapAct           `cbor:"tap,omitempty"`     // of a trace
	Urgent    *UrgentAct        `cbor:"urgent,omitempty"`
	Kept      *Kept             `cbor:"kept,omitempty"`
	Source    *Source           `cbor:"source,omitempty"`
	Certify   *CertifyAct       `cbor:"certify,omitempty"`
	Drill     *Drill            `cbor:"drill,omitempty"` // filed: this is an exercise
	DrillEnd  *DrillEnd         `cbor:"drill_end,omitempty"`
	Room      *RoomAct          `cbor:"room,omitempty"` // of the public document room

	ResolvedAll []Resolution `cbor:"resolved_all,omitempty"`
	Batch       *Batch       `cbor:"batch,omitempty"` // of a list

	LegalHold *LegalHold `cbor:"legal_hold,omitempty"` // what stops the persons' data from leaving
	Left      *Left      `cbor:"left,omitempty"`       // the persons' data have left
	Rest      *Opening   `cbor:"rest,omitempty"`       // all that is left of an event whose persons' data have left
}

// Composed is a grant as proposed.
type Composed struct {
	Bytes  []byte `cbor:"bytes"`
	Target int    `cbor:"target,omitempty"`
	// Targets are those of a list, at each place.
	Targets []int  `cbor:"targets,omitempty"`
	URL     string `cbor:"url,omitempty"`
}

var (
	enc = mode(func() (cbor.EncMode, error) {
		o := cbor.CoreDetEncOptions()
		o.Time = cbor.TimeRFC3339NanoUTC
		return o.EncMode()
	}())
	dec = mode(cbor.DecOptions{
		DupMapKey: cbor.DupMapKeyEnforcedAPF, MaxNestedLevels: 16, IndefLength: cbor.IndefLengthForbidden,
		TagsMd: cbor.TagsForbidden, ExtraReturnErrors: cbor.ExtraDecErrorUnknownField,
	}.DecMode())
)

func mode[T any](v T, err error) T {
	if err != nil {
		panic(err) // constants: only a programming error comes here
	}
	return v
}

// Encode is the desk's encoding of what it stores (CBOR, deterministic, times
// as text in UTC).
func Encode(v any) ([]byte, error) { return enc.Marshal(v) }

// Decode reads it strictly.
func Decode(b []byte, v any) error { return dec.Unmarshal(b, v) }

// Bytes are the event as stored and hashed.
func (e Event) Bytes() ([]byte, error) {
	b, err := Encode(e)
	if err != nil {
		return nil, fmt.Errorf("encode event %d: %w", e.Seq, err)
	}
	return b, nil
}

// ParseEvent reads a stored event.
func ParseEvent(b []byte) (Event, error) {
	var e Event
	if err := Decode(b, &e); err != nil {
		return Event{}, fmt.Errorf("read event: %w", err)
	}
	return e, nil
}
