package door

import (
	"context"
	"net/http"
	"time"

	d "letterlock/disclosable"
)

// Tracing is the part of the door for traces. Whatever the desk says here, a
// trace has the account, the key and the end that two people signed.
type Tracing interface {
	// Trace begins the trace of a grant that two holders signed. It works once.
	Trace(ctx context.Context, grant d.Hash) (Traced, error)
	// Collect says what the desk has, which the carrier then erases, and brings
	// what follows: at least once, until it is acknowledged by the next call.
	Collect(ctx context.Context, c Collect) (Catch, error)
	// StopTrace ends a trace now. It never waits for the ledger; again is no error.
	StopTrace(ctx context.Context, s StopTrace) (Traced, error)
}

// Collect asks for the events of a trace after a number.
type Collect struct {
	Grant d.Hash `cbor:"grant"`
	After uint64 `cbor:"after"`
}

// StopTrace ends a trace for a reason.
type StopTrace struct {
	Grant  d.Hash `cbor:"grant"`
	Reason string `cbor:"reason"`
}

// Traced is how far a trace is.
type Traced struct {
	Until   time.Time `cbor:"until"`
	Stopped time.Time `cbor:"stopped"` // zero: it runs
	Reason  string    `cbor:"reason"`
	Last    uint64    `cbor:"last"`  // number of the last event recorded
	Entry   []byte    `cbor:"entry"` // of Trace: the carrier's ledger receipt of the start
	// Grant and Keys come with Trace, for whoever verifies offline.
	Grant d.SignedGrant `cbor:"grant"`
	Keys  []ReleaseKey  `cbor:"keys"`
}

// Catch is a part of what a trace recorded, sealed to the case's key.
type Catch struct {
	Traced Traced        `cbor:"traced"`
	Events []SealedEvent `cbor:"events"`
}

// SealedEvent is an event under its number.
type SealedEvent struct {
	Seq    uint64 `cbor:"seq"`
	Sealed []byte `cbor:"sealed"`
}

func (t Traced) inUTC() Traced {
	t.Until, t.Stopped = inUTC(t.Until), inUTC(t.Stopped)
	return t
}

func traceRoutes(mux *http.ServeMux, x Door) {
	route(mux, "trace", x.Trace)
	route(mux, "collect", x.Collect)
	route(mux, "stop-trace", x.StopTrace)
}

// Trace implements Door.
func (c *Client) Trace(ctx context.Context, grant d.Hash) (Traced, error) {
	t, err := call[Traced](ctx, c, "trace", grant)
	return t.inUTC(), err
}

// Collect implements Door.
func (c *Client) Collect(ctx context.Context, q Collect) (Catch, error) {
	x, err := call[Catch](ctx, c, "collect", q)
	x.Traced = x.Traced.inUTC()
	return x, err
}

// StopTrace implements Door.
func (c *Client) StopTrace(ctx context.Context, s StopTrace) (Traced, error) {
	t, err := call[Traced](ctx, c, "stop-trace", s)
	return t.inUTC(), err
}
