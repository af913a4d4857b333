package holdings

import (
	"context"
	"sync"
	"time"

	d "letterlock/disclosable"
	"letterlock/internal/fault"
	"letterlock/ledger"
)

// The kinds of record that holdings writes.
const (
	kindResolve  = "door.resolve"
	kindPropose  = "door.propose"
	kindTaken    = "door.withdraw"
	kindRefused  = "door.refused"
	kindMany     = "door.refused-many"
	kindSign     = "release.sign"
	kindNo       = "release.refuse"
	kindIntent   = "release.intent"
	kindDone     = "release.done"
	kindVoid     = "release.void"
	kindDrawing  = "release.drawing"
	kindEnded    = "release.ended"
	kindKeeping  = "snapshot.intent"
	kindKept     = "snapshot.done"
	kindGone     = "snapshot.destroyed"
	kindTelling  = "notice.intent"
	kindNotice   = "notice.queued"
	kindTold     = "notice.done"
	kindObject   = "notice.objection"
	kindTraced   = "trace.started"
	kindTraceEnd = "trace.stopped"
	kindEnrol    = "key.enrol"
	kindInvite   = "key.invite"
	kindKey      = "key.change"
	kindTrain    = "key.training"
	kindTie      = "release.tie"
)

// act is the body of every record: what an auditor needs, and no fact about a
// person beyond the fields' names.
type act struct {
	Op      string         `cbor:"op,omitempty"`
	Grant   d.Hash         `cbor:"grant"`
	Process string         `cbor:"process,omitempty"`
	Fields  []d.FieldID    `cbor:"fields,omitempty"`
	By      []string       `cbor:"by,omitempty"`
	Found   bool           `cbor:"found,omitempty"`
	Count   int            `cbor:"count,omitempty"`
	Records d.Hash         `cbor:"records"`
	Kind    string         `cbor:"kind,omitempty"`
	Say     string         `cbor:"say,omitempty"`
	Many    map[string]int `cbor:"many,omitempty"`
	// Of a list: the batch, how many accounts, and what came of each.
	Seq      int    `cbor:"seq,omitempty"`
	Accounts int    `cbor:"accounts,omitempty"`
	List     []part `cbor:"list,omitempty"`
	// Of a snapshot: its id, until when it is kept, the number of the renewal.
	Snapshot *d.Hash `cbor:"snapshot,omitempty"`
	Until    int64   `cbor:"until,omitempty"`
	Renewed  int     `cbor:"renewed,omitempty"`
}

func (a act) body() []byte {
	b, err := d.Marshal(a)
	if err != nil {
		panic(err) // strings and numbers always encode
	}
	return b
}

// subject is what an attempt was about, as far as it is known.
type subject struct {
	op       string
	sealed   bool
	priority bool
	caseRef  string
	act
}

// of describes a grant; whatever is sealed or would have to be goes to the
// sealed ledger.
func (h *Set) of(op string, hash d.Hash, g d.Grant) subject {
	s := subject{op: op, caseRef: clip(g.Case), act: act{Op: op, Grant: hash, Process: g.Process, Fields: g.Fields}}
	if row, ok := h.rowNow(g.Process); ok {
		s.sealed = special(row)
		s.priority = isEmergency(row)
	}
	s.sealed = s.sealed || g.Sealed
	return s
}

func clip(s string) string { return s[:min(len(s), 100)] }

// append writes a record before, or with, an act; without it there is no act.
func (h *Set) append(ctx context.Context, kind string, s subject) (ledger.Receipt, error) {
	l := h.ledgerFor(s.sealed)
	if l == nil {
		return ledger.Receipt{}, fault.New(fault.Unavailable, "record", "this carrier keeps no sealed ledger, so it takes no sealed matter")
	}
	return l.Append(ctx, ledger.Record{Kind: kind, Case: s.caseRef, Body: s.body(), Priority: s.priority})
}

// journal writes what has happened and could not wait.
func (h *Set) journal(kind string, s subject) {
	l := h.ledgerFor(s.sealed)
	if l == nil {
		l = h.Ledger
		s = subject{op: s.op, act: act{Op: s.op, Kind: s.Kind, Many: s.Many}}
	}
	l.Journal(ledger.Record{Kind: kind, Case: s.caseRef, Body: s.body()})
}

// refuse records an attempt and returns its error. A flood of attempts must not
// fill the ledger, and must not hide in it either: the first of them are
// records of their own, the rest are counted and the counts recorded each
// minute, so that every attempt is in the ledger and the ledger grows by a
// bounded number of records.
func (h *Set) refuse(s subject, err error) error {
	s.Kind, s.Say = fault.KindOf(err).String(), fault.Say(err)
	if h.attempts[s.sealed].one(h.Clock.Now(), s.op) {
		h.journal(kindRefused, s)
	}
	return err
}

// Flush records the refusals that were only counted.
func (h *Set) Flush() {
	for sealed, a := range h.attempts {
		if many := a.take(); len(many) > 0 {
			h.journal(kindMany, subject{op: "many", sealed: sealed, act: act{Op: "many", Many: many}})
		}
	}
}

// attempts lets burst refusals through at once and one in each interval.
type attempts struct {
	mu   sync.Mutex
	left int
	last time.Time
	many map[string]int
}

const (
	attemptBurst = 60
	attemptEvery = 10 * time.Second
)

func (a *attempts) one(now time.Time, op string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.last.IsZero() {
		a.last, a.left = now, attemptBurst
	}
	if n := int(now.Sub(a.last) / attemptEvery); n > 0 {
		a.left = min(attemptBurst, a.left+n)
		a.last = now
	}
	if a.left > 0 {
		a.left--
		return true
	}
	if a.many == nil {
		a.many = map[string]int{}
	}
	a.many[op]++
	return false
}

func (a *attempts) take() map[string]int {
	a.mu.Lock()
	defer a.mu.Unlock()
	m := a.many
	a.many = nil
	return m
}
