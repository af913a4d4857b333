package casefile

import (
	"context"
	"time"
)

// CallLife is how long a call with an Idempotency-Key is remembered.
const CallLife = 24 * time.Hour

// Call is what is remembered of such a call: hashes and a random id, nothing
// of what was asked or answered.
type Call struct {
	ID    [32]byte // of the system and its key
	Body  [32]byte // of the operation and the body
	Draft DraftID
	At    time.Time
}

// Calls remembers calls, beside the drafts they are about.
type Calls interface {
	// Begin stores a call unless one of its ID is there; it returns the stored one.
	Begin(ctx context.Context, c Call) (Call, error)
	// Call is a remembered one; none is NotFound.
	Call(ctx context.Context, id [32]byte) (Call, error)
	// Forget removes one; none is no error.
	Forget(ctx context.Context, id [32]byte) error
	// FiledFrom is the case that a draft became, for as long as calls are
	// remembered; none is NotFound. It is written in the case's own transaction.
	FiledFrom(ctx context.Context, d DraftID) (Number, error)
	// DropCalls forgets what is older.
	DropCalls(ctx context.Context, before time.Time) error
}
