package holdings

import (
	"context"
	"time"

	d "letterlock/disclosable"
	"letterlock/internal/passkey"
)

// Key is a release key: whose, since when, until when.
type Key struct {
	Holder  string
	Pass    passkey.Key
	Active  time.Time // zero: registered, not approved yet
	Retired time.Time // zero: not
	Counsel bool      // the person signs as counsel
}

// Usable reports whether the key counts at a time.
func (k Key) Usable(at time.Time) bool {
	return !k.Active.IsZero() && !at.Before(k.Active) && (k.Retired.IsZero() || at.Before(k.Retired))
}

// Link is a one-time enrolment link; only the hash of its token is kept.
type Link struct {
	Token   [32]byte
	Holder  string
	Expires time.Time
	First   bool // of the first start: the key counts at once
	Counsel bool
}

// State of a grant before the holders.
type State string

// The states.
const (
	Open      State = "open"
	Refused   State = "refused"
	Withdrawn State = "withdrawn"
	Used      State = "used"
)

// Sheet is a grant as it lies before the holders.
type Sheet struct {
	Hash     d.Hash
	Grant    []byte
	Proposed time.Time
	Expires  time.Time
	State    State
	By       string // who refused it
	Reason   string
	Ended    time.Time
	Marks    []Mark
	Case     string // of a grant to produce, with how many accounts it names
	Accounts int
}

// Mark is one holder's signature.
type Mark struct {
	Holder    string
	At        time.Time
	Signature d.Signature
}

// Counter is a key's step from one use to the next.
type Counter struct {
	KeyID    []byte
	From, To uint32
}

// Sent is a notice that went out, for objections to it.
type Sent struct {
	Notice  [16]byte
	Account d.Account
	Case    string
	Before  bool
	Sealed  bool
	At      time.Time
}

// Objection is a person's answer to a notice.
type Objection struct {
	Number int64
	Notice [16]byte
	Case   string
	Text   string
	At     time.Time
}

// Store is what holdings needs of a database. What is said to happen happens
// durably and in one transaction, or not at all. Missing is a NotFound, a
// state that moved on a Conflict.
type Store interface {
	// Keys are all keys, retired ones too, oldest first.
	Keys(ctx context.Context) ([]Key, error)
	// PutLinks replaces the links of their holders.
	PutLinks(ctx context.Context, links []Link) error
	Link(ctx context.Context, token [32]byte) (Link, error)
	// Enrol uses up the link and adds the key; with a sheet, that too.
	Enrol(ctx context.Context, token [32]byte, k Key, s *Sheet) error
	// Count moves a key's counter on; Conflict if it is not at From.
	Count(ctx context.Context, c Counter) error

	// Keep adds a sheet unless its hash is there, and returns what is there.
	// Conflict if the hash is marked used without a sheet; Exhausted with most
	// open and unexpired sheets that still lack a signature.
	Keep(ctx context.Context, s Sheet, most int) (Sheet, error)
	Sheet(ctx context.Context, h d.Hash) (Sheet, error)
	// Sheets are open and unexpired ones, those that lack a signature first,
	// then the oldest; or the others, the latest first.
	Sheets(ctx context.Context, open bool, now time.Time, limit int) ([]Sheet, error)
	// Sign adds a mark to an open sheet and moves the key's counter on.
	// Conflict if the holder signed already or the sheet is not open.
	Sign(ctx context.Context, h d.Hash, m Mark, c Counter) error
	// Trainings are all that were stated; PutTraining moves the key's counter on.
	Trainings(ctx context.Context) ([]Training, error)
	PutTraining(ctx context.Context, t Training, c Counter) error
	// Ties are those that were declared with a grant; again is no error.
	Ties(ctx context.Context, h d.Hash) ([]Tie, error)
	PutTie(ctx context.Context, t Tie) error
	// End ends an open sheet as refused or withdrawn.
	End(ctx context.Context, h d.Hash, s State, by, reason string, at time.Time) error
	// Use ends an open sheet as used; Conflict if it is not open or the hash
	// is marked used.
	Use(ctx context.Context, h d.Hash, at time.Time) error
	// Change is Use of a key change: the key is active, or retired, from then on.
	Change(ctx context.Context, h d.Hash, at time.Time, key []byte, retire bool, from time.Time) error
	SnapshotStore
	// MarkUsed marks hashes as used, whatever else is known of them.
	MarkUsed(ctx context.Context, hs []d.Hash, at time.Time) error

	// CaseAccounts adds up the accounts of a case's other grants to produce that
	// were used or may yet be.
	CaseAccounts(ctx context.Context, caseRef string, but d.Hash, now time.Time) (int, error)
	// Draws is how far a list is; nothing is there before its first batch.
	Draws(ctx context.Context, h d.Hash) (Draws, error)
	// PutDraw keeps the next batch of an open sheet; Conflict if it is not the next.
	PutDraw(ctx context.Context, h d.Hash, x Draws, at time.Time) error
	// PutEntry keeps the receipt of the batch that waits.
	PutEntry(ctx context.Context, h d.Hash, seq int, entry []byte) error
	// EndDraws is Use, and forgets the batch that waits.
	EndDraws(ctx context.Context, h d.Hash, at time.Time) error
	// MarkDrawn marks a batch as given if it is not known here.
	MarkDrawn(ctx context.Context, h d.Hash, seq int, places []int, at time.Time) error

	// Spend takes some of a day's budget; false: not as many are left. The name of a budget
	// begins with its day, and those of earlier days are forgotten.
	Spend(ctx context.Context, budget string, n, most int) (bool, error)
	// PutSent keeps what an objection needs; again is no error.
	PutSent(ctx context.Context, s Sent) error
	SentNotice(ctx context.Context, notice [16]byte) (Sent, error)
	// AddObjection numbers and keeps it; Exhausted with most of the notice.
	AddObjection(ctx context.Context, o Objection, most int) (int64, error)
	Objections(ctx context.Context, after int64, limit int) ([]Objection, error)
	// Forget removes sheets that expired, and used marks made, before.
	Forget(ctx context.Context, before time.Time) error
}
