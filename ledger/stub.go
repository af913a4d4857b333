package ledger

import (
	"context"
	"errors"
	"io"
	"iter"
	"time"

	"letterlock/internal/clock"
	"letterlock/ledger/proof"
)

var errPending = errors.New("being written")

// Ledger is an open ledger, safe for concurrent use.
type Ledger struct{}

// Create makes a ledger in an empty or absent directory, with new keys from
// random (crypto/rand if nil), and refuses if there is one.
func Create(dir string, s Settings, c clock.Clock, random io.Reader) error { return errPending }

// Open opens a ledger, completing what a crash left half done.
func Open(dir string, o Options) (*Ledger, error) { return nil, errPending }

func (l *Ledger) Close() error                                               { return errPending }
func (l *Ledger) Append(ctx context.Context, r Record) (Receipt, error)      { return Receipt{}, errPending }
func (l *Ledger) Journal(r Record) Kept                                      { return Kept{} }
func (l *Ledger) Tick(ctx context.Context) error                             { return errPending }
func (l *Ledger) Run(ctx context.Context, ws ...Witness)                     {}
func (l *Ledger) Wait(ctx context.Context, r Receipt) error                  { return errPending }
func (l *Ledger) Proof(r Receipt) (proof.Proof, error)                       { return proof.Proof{}, errPending }
func (l *Ledger) Origin() string                                             { return "" }
func (l *Ledger) Keys() []string                                             { return nil }
func (l *Ledger) Head() []byte                                               { return nil }
func (l *Ledger) State() State                                               { return State{} }
func (l *Ledger) Public() (Public, error)                                    { return Public{}, errPending }
func (l *Ledger) Openings(from, to uint64) iter.Seq2[Opened, error]          { return nil }
func (l *Ledger) Trust(vkeys ...string) error                                { return errPending }
func (l *Ledger) Seen(ctx context.Context, origin string) (int64, error)     { return 0, errPending }
func (l *Ledger) Cosign(ctx context.Context, request []byte) ([]byte, error) { return nil, errPending }
func (l *Ledger) Gather(ctx context.Context, w Witness) error                { return errPending }
func (l *Ledger) Witnessed(origin string) ([]byte, error)                    { return nil, errPending }
func (l *Ledger) CheckAgainst(note []byte) error                             { return errPending }
func (l *Ledger) HighWater() time.Time                                       { return time.Time{} }
func (l *Ledger) CheckClock(now time.Time) Jump                              { return Jump{} }
func (l *Ledger) AcceptClock(ctx context.Context, r Record) (Receipt, error) {
	return Receipt{}, errPending
}

// Witness co-signs checkpoints. A *Ledger is one; so is a client of the other
// half's, wherever it runs.
type Witness interface {
	// Seen is the size of the last checkpoint of this ledger the witness holds, 0 for none.
	Seen(ctx context.Context, origin string) (int64, error)
	// Cosign verifies a proof.Request, remembers its checkpoint durably and
	// returns a signature line.
	Cosign(ctx context.Context, request []byte) ([]byte, error)
}

// Public is what anyone may read of a ledger, as of one checkpoint.
type Public struct{}

func (p Public) Checkpoint() []byte                                 { return nil }
func (p Public) Size() int64                                        { return 0 }
func (p Public) LeafHashes(from, to int64) ([]proof.Hash, error)    { return nil, errPending }
func (p Public) Tile(level int, n int64, width int) ([]byte, error) { return nil, errPending }
func (p Public) Consistency(from int64) ([]proof.Hash, error)       { return nil, errPending }

// Report is what Check found.
type Report struct{}

// Check re-verifies a ledger's directory from its bytes.
func Check(dir string, vkeys ...string) (Report, error) { return Report{}, errPending }
