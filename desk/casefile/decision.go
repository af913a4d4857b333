package casefile

import (
	"slices"
	"time"

	"letterlock/disclosable"
	"letterlock/law"
)

// Verdict is what is decided about one item. None of them complies with an
// order to weaken the system: no such verdict exists (duty D8).
type Verdict string

// The verdicts.
const (
	Produce   Verdict = "produce"
	Narrow    Verdict = "narrow"    // produced for fewer targets than asked; for none: cut as too broad
	AskFirst  Verdict = "ask"       // waits for the agency's answer
	Decline   Verdict = "decline"   // with a reason
	Challenge Verdict = "challenge" // with a reason, to the issuer or in court
	ReferMLAT Verdict = "refer_mlat"
	Escalate  Verdict = "escalate" // to counsel
)

// Verdicts is all of them.
var Verdicts = []Verdict{Produce, Narrow, AskFirst, Decline, Challenge, ReferMLAT, Escalate}

// Final reports a verdict that answers the item.
func (v Verdict) Final() bool { return v != AskFirst && v != Escalate }

// Decision is a verdict on one item, by one person, for a reason.
type Decision struct {
	Item    Item                  `cbor:"item"`
	Verdict Verdict               `cbor:"verdict"`
	Reason  string                `cbor:"reason"`
	Finding law.FindingID         `cbor:"finding,omitempty"`
	Targets []int                 `cbor:"targets,omitempty"` // Narrow: the targets it is produced for
	Outside bool                  `cbor:"outside,omitempty"` // Escalate: to outside counsel as well
	Fields  []disclosable.FieldID `cbor:"fields,omitempty"`  // Keep: the fields that the item means
	Channel string                `cbor:"channel,omitempty"` // ReferMLAT: where to send it instead, from the law table
	By      Actor                 `cbor:"by"`
	At      time.Time             `cbor:"at"`
}

// For reports whether the decision produces the item for target i.
func (d Decision) For(i int) bool {
	return d.Verdict == Produce || d.Verdict == Narrow && slices.Contains(d.Targets, i)
}

// FindingState is a finding on this case and what a person said to it.
type FindingState struct {
	ID       law.FindingID    `cbor:"id"`
	Decided  bool             `cbor:"decided,omitempty"` // by the machine; false: proposed
	ByPerson Actor            `cbor:"by,omitempty"`      // who added it, if a person did
	Where    []string         `cbor:"where,omitempty"`
	Missing  []law.Particular `cbor:"missing,omitempty"`
	Note     string           `cbor:"note,omitempty"`
	Lack     law.Lack         `cbor:"lack,omitzero"` // the threshold that is not shown
	Answer   *FindingAnswer   `cbor:"answer,omitempty"`
	Doubt    *Doubt           `cbor:"doubt,omitempty"`
	Informs  bool             `cbor:"informs,omitempty"` // from a list that nobody has approved: it stands in no way
}

// Row is the finding as the law table states it.
func (f FindingState) Row() law.FindingRow {
	r, _ := law.Default().Finding(f.ID)
	return r
}

// Stops reports a finding that stands in the way of producing unless a person
// says that it does not: it blocks, or it holds for a person's look.
func (f FindingState) Stops() bool {
	row := f.Row()
	return !f.Informs && (row.Level == law.Block || row.Action == law.ActHold)
}

// Blocks reports a finding that stops, and that nobody has answered.
func (f FindingState) Blocks() bool { return f.Stops() && f.Answer == nil }

// FindingAnswer is what a reviewer says to a finding.
type FindingAnswer struct {
	Holds  bool      `cbor:"holds,omitempty"` // it holds: nothing is produced against it
	Reason string    `cbor:"reason"`
	By     Actor     `cbor:"by"`
	At     time.Time `cbor:"at"`
}

// Resolution is what the carrier said about a target: exists or not.
type Resolution struct {
	Target  int                 `cbor:"target"`
	Exists  bool                `cbor:"exists,omitempty"`
	Account disclosable.Account `cbor:"account,omitempty"`
	At      time.Time           `cbor:"at"`
}

// Question is put to the agency; the clock that waits for it stops.
type Question struct {
	ID       QuestionID `cbor:"id"`
	Text     string     `cbor:"text"`
	By       Actor      `cbor:"by"`
	At       time.Time  `cbor:"at"`
	Answer   string     `cbor:"answer,omitempty"`
	Answerer Actor      `cbor:"answerer,omitempty"`
	Answered time.Time  `cbor:"answered,omitempty"`

	Items    []Item    `cbor:"items,omitempty"` // what it is about; none: the request as a whole
	Until    time.Time `cbor:"until,omitempty"` // by when it must be answered; then it lapses
	Stops    bool      `cbor:"stops,omitempty"` // the clock to answer stands still for it
	Papers   []PaperID `cbor:"papers,omitempty"`
	Reminded time.Time `cbor:"reminded,omitempty"`
	Lapsed   bool      `cbor:"lapsed,omitempty"` // ended without an answer
}

// Open reports a question without an answer.
func (q Question) Open() bool { return q.Answered.IsZero() }

// NoticeChoice is what reviewers fix about telling the person.
type NoticeChoice struct {
	Exception law.Exception          `cbor:"exception,omitempty"`
	Reason    string                 `cbor:"reason,omitempty"` // of the exception
	Review    time.Time              `cbor:"review,omitempty"`
	Plan      disclosable.NoticePlan `cbor:"plan"`
	By        Actor                  `cbor:"by,omitempty"`
}

// GrantPhase is how far a grant is.
type GrantPhase string

// The phases of a grant.
const (
	GrantSigning   GrantPhase = "signing"
	GrantReady     GrantPhase = "ready"     // two people have signed
	GrantUsing     GrantPhase = "using"     // intent recorded, outcome not yet
	GrantUsed      GrantPhase = "used"      // redeemed or told
	GrantRefused   GrantPhase = "refused"   // by a key holder
	GrantWithdrawn GrantPhase = "withdrawn" // by the desk
	GrantExpired   GrantPhase = "expired"
	GrantLost      GrantPhase = "lost" // used, and the answer did not arrive: a new one must be signed
)

// Dead reports a grant that nothing will come of.
func (p GrantPhase) Dead() bool {
	return p == GrantRefused || p == GrantWithdrawn || p == GrantExpired || p == GrantLost
}

// GrantState is a grant of this case and how far it is.
type GrantState struct {
	Hash   disclosable.Hash
	Bytes  []byte
	Grant  disclosable.Grant
	Target int
	Phase  GrantPhase
	URL    string // its release page
	Signed []string
	Why    string    // of a refusal or an end
	Used   time.Time // redeemed or told
	Entry  []byte    // the carrier's ledger receipt of the release
	Notice [16]byte  // of a notify grant that was told
	Count  int       // records released
	List   ListState // of a grant that lists accounts
}

// Objection is a person's answer to a notice, and what counsel said to it.
type Objection struct {
	Number int64     `cbor:"number"`
	Notice [16]byte  `cbor:"notice"`
	Text   string    `cbor:"text"`
	At     time.Time `cbor:"at"`
	Upheld bool      `cbor:"upheld,omitempty"`
	Reason string    `cbor:"reason,omitempty"`
	By     Actor     `cbor:"by,omitempty"`
	Closed time.Time `cbor:"closed,omitempty"`
}

// Open reports an objection that still holds the release.
func (o Objection) Open() bool { return o.Closed.IsZero() }

// Package is the sealed file that answers the agency.
type Package struct {
	ID        PackageID  `cbor:"id"`
	Name      string     `cbor:"name"`
	Sum       Sum        `cbor:"sum"` // of the sealed file
	Size      int64      `cbor:"size"`
	Records   int        `cbor:"records,omitempty"`
	SealedTo  string     `cbor:"sealed_to"` // the officer's key, or "passphrase"
	Made      time.Time  `cbor:"made"`
	Expires   time.Time  `cbor:"expires"`
	Served    []Served   `cbor:"served,omitempty"` // of lists: up to which batch
	Downloads []Download `cbor:"downloads,omitempty"`
	Destroyed time.Time  `cbor:"destroyed,omitempty"`
}

// There reports a package that can be downloaded.
func (p Package) There(now time.Time) bool { return p.Destroyed.IsZero() && now.Before(p.Expires) }
