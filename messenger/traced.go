package messenger

import (
	"net/netip"
	"time"

	d "letterlock/disclosable"
	"letterlock/wire"
)

// Trace is what holdings has started on a grant that two people signed: one
// account, one key, one end. Nothing in it can be changed.
type Trace struct {
	Grant   d.Hash
	Account wire.AccountID
	Key     []byte // of the case; each event is sealed to it
	Start   time.Time
	End     time.Time
	Vault   bool // of a sealed matter: it lies in that database
}

// TraceEnd is how a trace ended.
type TraceEnd struct {
	Grant  d.Hash
	Vault  bool
	At     time.Time
	Reason string
	Count  uint64 // events recorded in all
}

// Reasons for which a trace ends by itself.
const (
	TraceOver      = "its end has come"
	TraceClock     = "the carrier's clock cannot be believed"
	TraceDeleted   = "the account was deleted"
	TraceUnfetched = "nobody collects what it records"
)

// TraceState is how far a trace is.
type TraceState struct {
	Trace
	Stopped time.Time // zero: it runs
	Reason  string
	Last    uint64 // number of the last event stored
	Taken   uint64 // collected up to here, and erased
}

// Located is an Outlet, or a session, that knows from where its device is connected.
type Located interface {
	From() netip.Addr
}

// Caught is a sealed event of a trace under its number.
type Caught struct {
	Seq    uint64
	Sealed []byte
}
