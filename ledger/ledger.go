// Package ledger is the append-only, tamper-evident record of what the house
// does: no record, no act. It knows leaves, trees, checkpoints and time; it
// must not know what a record means, and nothing it publishes tells how many
// records there are, let alone which.
//
// A ledger lives in a directory of its own and has one key. Each half keeps
// one, and a third kind, sealed, is for acts that may not even be counted.
// Records are journalled at once (Append) and enter the Merkle tree at the
// next tick of a fixed interval, always the same number of leaves at a time,
// most of them dummies. docs/protocol/ledger.md describes every byte.
package ledger

import (
	"log/slog"
	"time"

	"letterlock/internal/clock"
	"letterlock/ledger/proof"
)

// Settings are fixed when a ledger is created. They are public, except that a
// sealed ledger publishes nothing.
type Settings struct {
	Origin   string        // the ledger's name in checkpoints, such as "example.org/desk"
	Interval time.Duration // between batches; whole seconds, at most five minutes
	Batch    int           // leaves in every batch, 2 to 65536
	Reserved int           // leaves of every batch that ordinary records cannot claim in advance
	Backlog  int           // batches that ordinary records may fill in advance
	Sealed   bool          // national-security acts: nothing is public
}

// Default are settings for a ledger of this name: 64 leaves a minute, 16 of
// them for emergencies and stops, an hour's intake in advance.
func Default(origin string) Settings {
	return Settings{Origin: origin, Interval: time.Minute, Batch: 64, Reserved: 16, Backlog: 60}
}

// Options are what a running ledger is given.
type Options struct {
	Clock clock.Clock  // required
	Log   *slog.Logger // nothing is logged without it
	Side  string       // file outside the ledger's directory for Journal when the ledger cannot be written; "" for none
}

// Record is an act to be recorded.
type Record struct {
	Kind     string    // 1 to 64 of a-z 0-9 . -  such as "release.intent"
	Case     string    // reference of the case, or empty; at most 128 bytes
	Time     time.Time // when it happened; zero for now
	Body     []byte    // particulars in the owner's encoding; at most 1 MiB
	Priority bool      // emergencies and stops: never refused for want of room
}

// Receipt shows that a record is durable. Keep it to ask for the proof.
type Receipt struct {
	Ledger string     // the ledger's name
	Seq    uint64     // the record's number in the journal, from 1; private, it counts
	Leaf   proof.Leaf // what will stand, or stands, in the tree
	Time   time.Time  // when it was recorded
}

// Where says where Journal could keep a record.
type Where uint8

// The places, best first.
const (
	Recorded  Where = iota // in the ledger
	KeptAside              // in the side file; enters the ledger when it can be written again
	InMemory               // in memory only; enters the ledger when it can be written again
)

func (w Where) String() string { return [...]string{"recorded", "kept aside", "in memory"}[w] }

// Kept is what became of a record given to Journal. Receipt is set only if it
// is Recorded.
type Kept struct {
	Where   Where
	Receipt Receipt
}

// Opened is a record with what proves it.
type Opened struct {
	Seq     uint64
	Index   int64 // leaf, or -1 before it is in the tree
	Entry   proof.Entry
	Opening proof.Opening
}

// State is what an operator watches. Pending and Aside count records: they are
// for the ledger's own people, never for a metrics page.
type State struct {
	Size      int64 // leaves in the tree
	Pending   int   // records waiting for a batch
	Aside     int   // records waiting in the side journal
	Writable  bool  // the last attempt to write succeeded
	Last      time.Time
	Cosigned  int64 // size of the last co-signed checkpoint
	HighWater time.Time
}

// JumpKind is how a clock went wrong.
type JumpKind uint8

// The kinds of jump.
const (
	Steady JumpKind = iota // no jump
	Ahead                  // more than MaxAhead past the high-water mark
	Back                   // more than MaxBack before it
)

// Jump is a clock that cannot be believed until people have looked.
type Jump struct {
	Kind    JumpKind
	From    time.Time // the high-water mark
	To      time.Time // what the clock says
	Restart bool      // first look since the ledger was opened: may be mere downtime
}

// Jumped reports whether the clock jumped.
func (j Jump) Jumped() bool { return j.Kind != Steady }

// Earlier is the earlier of the two times: taps stop at it.
func (j Jump) Earlier() time.Time {
	if j.To.Before(j.From) {
		return j.To
	}
	return j.From
}

// By is the size of the jump.
func (j Jump) By() time.Duration { return j.To.Sub(j.From).Abs() }

// The slack a clock is given.
const (
	MaxAhead = 10 * time.Minute // architecture, "Time"
	MaxBack  = 5 * time.Second  // time servers correct by less
)
