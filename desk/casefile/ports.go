package casefile

import (
	"context"
	"io"
	"time"
)

// Store keeps the cases of one range: ordinary and sealed ones lie in two
// stores that share nothing. NotFound is a fault of that kind.
type Store interface {
	Calls
	Figures
	// NextNumber is the next ordinary number of a year; it is taken only by
	// the Commit that files a case under it.
	NextNumber(ctx context.Context, year int) (Number, error)
	// Events are a case's events in order; none is NotFound.
	Events(ctx context.Context, n Number) ([]Event, error)
	// EventsFrom are those with this number and later; none is NotFound.
	EventsFrom(ctx context.Context, n Number, seq int) ([]Event, error)
	// Commit stores a change whole or not at all. If the case is not at
	// version From it is a Conflict and nothing changes.
	Commit(ctx context.Context, c Change) error
	// Queue is every head of one page, however long the look for them takes.
	Queue(ctx context.Context, f Filter) ([]Head, error)
	// Page is a page of the queue, found by looking at a bounded number of cases.
	Page(ctx context.Context, f Filter) (Page, error)
	// Count counts the cases that fit, and stops at MaxCount.
	Count(ctx context.Context, f Filter) (int, error)
	// Same finds the oldest case with this demand that was not withdrawn.
	Same(ctx context.Context, s Sum) (Number, bool, error)
	// PaperUsed finds a case that already holds a paper of this hash.
	PaperUsed(ctx context.Context, s Sum) (Number, bool, error)
	// Filed counts the cases an officer filed since.
	Filed(ctx context.Context, o OfficerID, since time.Time) (int, error)
	// FiledBy are an agency's cases filed since, in any state, the oldest first.
	FiledBy(ctx context.Context, a AgencyID, since time.Time) ([]Head, error)
	// Sought is when another agency last filed a case about a target; zero: never.
	Sought(ctx context.Context, target Sum, but AgencyID) (time.Time, error)
	// Duties are those due by now and not done, the oldest first.
	Duties(ctx context.Context, now time.Time, limit int) ([]Duty, error)
	// DutiesOf are all duties of a case.
	DutiesOf(ctx context.Context, n Number) ([]Duty, error)
	// Waiting are the duties of a kind that are not done, due or not, the oldest
	// first; with a key only those of that key.
	Waiting(ctx context.Context, k DutyKind, key string, limit int) ([]Duty, error)
	// Stash is what a release unlocked, kept until it is packed.
	Stash(ctx context.Context, n Number, key string) ([]byte, error)

	// Exercises are the heads of all exercises, the newest first.
	Exercises(ctx context.Context) ([]Head, error)
	// Retire moves an exercise that is over out of the way: from then on it
	// lies under another number, in no queue, and its own goes to the next case.
	Retire(ctx context.Context, n, to Number) error

	SaveDraft(ctx context.Context, d Draft) error
	Draft(ctx context.Context, id DraftID) (Draft, error)
	Drafts(ctx context.Context, o OfficerID) ([]Draft, error)
	// DropDraft removes a draft; none is no error.
	DropDraft(ctx context.Context, id DraftID) error
	// DropDrafts removes those not touched since and returns them.
	DropDrafts(ctx context.Context, before time.Time) ([]Draft, error)
	// BlobUsed reports whether a case or a draft still needs the blob.
	BlobUsed(ctx context.Context, s Sum) (bool, error)

	// Ended are cases that came to their end before, of which no duty is open and
	// whose persons' data are still there, the oldest first.
	Ended(ctx context.Context, before time.Time, limit int) ([]Number, error)
	// Leaving are the blobs of cases whose persons' data have left, until Gone;
	// erase says that the engine's files may still hold what left the tables.
	Leaving(ctx context.Context) (blobs []Sum, erase bool, err error)
	// Gone notes that a blob is removed.
	Gone(ctx context.Context, s Sum) error
	// Wipe makes what left the tables unreadable in the engine's files, and
	// notes that it did.
	Wipe(ctx context.Context) error
}

// Change is what one act changes, in one transaction.
type Change struct {
	Number  Number
	From    int     // version before; 0 files a new case
	Events  []Event // in order
	Head    Head    // after them
	Papers  []Paper // of the case after them
	Targets []Sum   // what it asks about, as hashes
	Duties  []Duty  // written over those of the same case, kind and key
	Stash   []Stash // kept; an empty Body removes
	Drop    DraftID // the draft it was filed from
	Tallies []Tally // added to the figures
	// Rest is what stays of the events before From, where the persons' data of
	// the case leave with this change: papers, targets, duties, stash but for the
	// receipt of the filing, and search keys go, and the blobs are left to Leaving.
	Rest  []Event
	Blobs []Sum
}

// Stash is kept with a case for the minutes between a release and its package.
type Stash struct {
	Key  string
	Body []byte
}

// DutyKind is what falls due.
type DutyKind string

// The duties.
const (
	DutySign    DutyKind = "sign"    // look whether a grant is signed
	DutyLookUp  DutyKind = "lookup"  // look up the accounts of a list
	DutyTell    DutyKind = "tell"    // tell the person
	DutyRelease DutyKind = "release" // redeem a grant
	DutyPack    DutyKind = "pack"    // make the answer's package
	DutyDestroy DutyKind = "destroy" // destroy our copy of a package
	DutyReview  DutyKind = "review"  // a person looks at a silence again
	DutyAsked   DutyKind = "asked"   // remind of a question, then let it lapse
	DutyWord    DutyKind = "word"    // send word of a question or a package to the officer's mailbox
	DutyFiling  DutyKind = "filing"  // a day of a challenge is near
	DutyTrace   DutyKind = "trace"   // start a trace, then look after it until it has ended
	DutyChase   DutyKind = "chase"   // ask for the legal process that an emergency promised
)

// Duty is something to be done by the clock. It is written, moved and marked
// done in the same transaction as its cause and its effect.
type Duty struct {
	Case Number
	Kind DutyKind
	Key  string // grant hash or package id; empty where a case has one
	Due  time.Time
	Done time.Time
	Note string // why it waits, if it does
}

// Draft is a request that is not filed yet.
type Draft struct {
	ID      DraftID
	Owner   Actor // an officer, or a member who enters a paper
	Demand  Demand
	Touched time.Time
	Done    []string // steps of the form that the owner has been through
}

// Blobs keeps papers and packages under their SHA-256. A sealed matter's are
// kept apart by another Blobs.
type Blobs interface {
	// Put stores all of r, at most max bytes (TooLarge beyond).
	Put(ctx context.Context, r io.Reader, max int64) (Sum, int64, error)
	Open(ctx context.Context, s Sum) (io.ReadCloser, error)
	// Remove makes the bytes unreadable; an absent blob is no error.
	Remove(ctx context.Context, s Sum) error
}

// Record is what the ledger is told of an act.
type Record struct {
	Kind     string
	Case     Number
	Sealed   bool // to the sealed ledger
	At       time.Time
	Body     []byte
	Priority bool // emergencies and stops
}

// Recorder is the ledger as the desk needs it. Keep must have made the record
// durable when it returns nil, and returns its receipt; a fault of kind
// Unavailable or Exhausted says that it cannot. Journal never fails: what
// stops, locks out or expires does not wait.
type Recorder interface {
	Keep(ctx context.Context, r Record) (receipt []byte, err error)
	Journal(r Record)
}

// Marks are the few values that the desk remembers besides its cases: how far
// the objections were read, approvals of law rows, who confirmed the clock.
type Marks interface {
	// Mark is a value; none is NotFound.
	Mark(ctx context.Context, name string) ([]byte, error)
	SetMark(ctx context.Context, name string, value []byte) error
}
