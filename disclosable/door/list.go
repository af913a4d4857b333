package door

import (
	"context"
	"net/http"
	"time"

	d "letterlock/disclosable"
)

// Limits of what is asked of a list at once. The desk asks for the next batch
// when it has kept the last one: what is under way in either half is bounded by
// these and not by the list.
const (
	MaxLookups = 500 // identifiers
	MaxBatch   = 250 // accounts drawn
	MaxTold    = 250 // people told
	// BatchBytes ends a batch before its answer outgrows the door.
	BatchBytes = 2 << 20
)

// Listing is the part of the door for grants that list many accounts. A batch
// has a number, and the same number again is the same answer: after a crash on
// either side nothing is read twice and nothing is lost.
type Listing interface {
	// ResolveAll is Resolve for several identifiers of one case, against a daily
	// budget of its own, and answers in their order.
	ResolveAll(ctx context.Context, q Lookups) ([]Resolution, error)
	// Draw uses a produce grant for some accounts of its list. Each account is
	// given once; asked for again under another number it is a Conflict. A draw
	// of none ends the grant.
	Draw(ctx context.Context, q Draw) (Drawn, error)
	// TellSome uses a notify grant for some accounts of its list. A person who
	// was told is not told twice: the answer is the same notice.
	TellSome(ctx context.Context, q Places) (ToldSome, error)
}

// Lookups asks whether identifiers have accounts.
type Lookups struct {
	Case        string   `cbor:"case"`
	Process     string   `cbor:"process"`
	Identifiers []string `cbor:"ids"`
	Sealed      bool     `cbor:"sealed,omitempty"`
}

// Draw asks for the records of some accounts of a list.
type Draw struct {
	Grant d.Hash `cbor:"grant"`
	Seq   int    `cbor:"seq"` // of the batch, from 1
	// Half is the desk's half of the key under which the carrier keeps the batch
	// until the next is asked for.
	Half [32]byte `cbor:"half"`
	// Places are the accounts' places in the list, ascending; none: that was all.
	Places []int `cbor:"places"`
}

// Outcome says what came of one account of a list.
type Outcome string

// The outcomes.
const (
	OutcomeGiven Outcome = "given"
	OutcomeNone  Outcome = "none"  // no account had the identifier when it was looked up
	OutcomeMoved Outcome = "moved" // the identifier is not this account's any more
	OutcomeYoung Outcome = "young" // the account began after the period of the order
	OutcomeGone  Outcome = "gone"  // of a notice: the account is no more
)

// Given is what a batch holds of one account.
type Given struct {
	Place   int        `cbor:"place"`
	Outcome Outcome    `cbor:"outcome"`
	Records []d.Record `cbor:"records,omitempty"`
}

// Drawn is a batch.
type Drawn struct {
	Seq        int           `cbor:"seq"`
	At         time.Time     `cbor:"at"`
	Given      []Given       `cbor:"given"` // of the places asked for, or of the first of them
	Signatures []d.Signature `cbor:"sigs"`
	Keys       []ReleaseKey  `cbor:"keys"`
	Entry      []byte        `cbor:"entry"` // the carrier's ledger receipt of this batch
}

// Records are those of the whole batch.
func (x Drawn) Records() (n int) {
	for _, g := range x.Given {
		n += len(g.Records)
	}
	return n
}

// Places are some accounts of a notify grant's list.
type Places struct {
	Grant  d.Hash `cbor:"grant"`
	Places []int  `cbor:"places"`
	// Receipt is Telling's.
	Receipt []byte `cbor:"receipt,omitempty"`
}

// ToldSome is the outcome of notices.
type ToldSome struct {
	At   time.Time `cbor:"at"`
	Told []ToldOne `cbor:"told"`
}

// ToldOne is the notice to one person of a list.
type ToldOne struct {
	Place   int      `cbor:"place"`
	Outcome Outcome  `cbor:"outcome"` // given, or gone: nobody is there to be told
	Notice  [16]byte `cbor:"notice"`
	Queued  int      `cbor:"queued"`
}

func listRoutes(mux *http.ServeMux, x Door) {
	route(mux, "resolve-all", func(ctx context.Context, q Lookups) (list[Resolution], error) {
		r, err := x.ResolveAll(ctx, q)
		return list[Resolution]{r}, err
	})
	route(mux, "draw", x.Draw)
	route(mux, "tell-some", x.TellSome)
}

// ResolveAll implements Door.
func (c *Client) ResolveAll(ctx context.Context, q Lookups) ([]Resolution, error) {
	l, err := call[list[Resolution]](ctx, c, "resolve-all", q)
	return l.Items, err
}

// Draw implements Door.
func (c *Client) Draw(ctx context.Context, q Draw) (Drawn, error) {
	x, err := call[Drawn](ctx, c, "draw", q)
	x.At = inUTC(x.At)
	return x, err
}

// TellSome implements Door.
func (c *Client) TellSome(ctx context.Context, q Places) (ToldSome, error) {
	t, err := call[ToldSome](ctx, c, "tell-some", q)
	t.At = inUTC(t.At)
	return t, err
}
