package disclosable

import (
	"crypto/hpke"
	"encoding/binary"
	"fmt"

	"letterlock/internal/fault"
)

// TraceKind is what was seen of a traced account.
type TraceKind string

// The kinds. A gap says that events are missing, and since when.
const (
	TracedMessage TraceKind = "message"
	TracedCall    TraceKind = "call"
	TracedGap     TraceKind = "gap"
)

// TraceEvent is one line of a pen register: that the traced account sent or
// received an envelope or a call, when, and with whom. It has no room for
// content, for the size of anything, or for a third person.
// law: 18 USC 3127
// law: 18 USC 3121(c)
type TraceEvent struct {
	_     struct{}  `cbor:",toarray"`
	Seq   uint64    // from 1 within a grant, without gaps
	At    int64     // Unix milliseconds
	Kind  TraceKind // what it was
	Sent  bool      // by the traced account; otherwise received by it
	Other Account   // the counterparty
	IP    string    // of the traced account's own device when it sent; else empty
	Since int64     // of a gap: events may be missing from here, Unix milliseconds
	Lost  uint64    // of a gap: how many, as far as they were counted
	Why   string    // of a gap
}

const (
	traceInfo = "letterlock trace v1\x00"
	traceSize = 192 // every event is padded to this
)

// TraceKeySize is the length of a case's public key for traces: ML-KEM-768 with
// X25519, so that what a disk holds today is not read by a machine of tomorrow.
const TraceKeySize = 1216

// SealedEventSize is the length of every sealed event.
const SealedEventSize = 1120 + traceSize + 16

func traceKEM() hpke.KEM { return hpke.MLKEM768X25519() }

// NewTraceKey draws a case's key pair for one trace.
func NewTraceKey() (private, public []byte, err error) {
	k, err := traceKEM().GenerateKey()
	if err != nil {
		return nil, nil, fmt.Errorf("draw trace key: %w", err)
	}
	if private, err = k.Bytes(); err != nil {
		return nil, nil, fmt.Errorf("draw trace key: %w", err)
	}
	return private, k.PublicKey().Bytes(), nil
}

// Seal closes an event to the case's key, bound to its grant and number. Only
// the case's private key opens it; who seals cannot.
func (e TraceEvent) Seal(public []byte, grant Hash) ([]byte, error) {
	pub, err := traceKEM().NewPublicKey(public)
	if err != nil {
		return nil, fmt.Errorf("read trace key: %w", err)
	}
	body, err := Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("encode trace event: %w", err)
	}
	if len(body) > traceSize-2 {
		return nil, fmt.Errorf("a trace event of %d bytes", len(body))
	}
	plain := make([]byte, traceSize)
	binary.BigEndian.PutUint16(plain, uint16(len(body)))
	copy(plain[2:], body)
	enc, to, err := hpke.NewSender(pub, hpke.HKDFSHA256(), hpke.AES256GCM(), append([]byte(traceInfo), grant[:]...))
	if err != nil {
		return nil, fmt.Errorf("seal trace event: %w", err)
	}
	c, err := to.Seal(binary.BigEndian.AppendUint64(nil, e.Seq), plain)
	if err != nil {
		return nil, fmt.Errorf("seal trace event: %w", err)
	}
	return append(enc, c...), nil
}

// OpenTraceEvent opens what Seal closed, under the number it was kept by.
func OpenTraceEvent(private []byte, grant Hash, seq uint64, sealed []byte) (TraceEvent, error) {
	bad := func(err error) (TraceEvent, error) {
		return TraceEvent{}, fault.Wrap(fault.Invalid, "open trace event", err, "an event of the trace cannot be opened with the key of its case")
	}
	k, err := traceKEM().NewPrivateKey(private)
	if err != nil {
		return bad(err)
	}
	if len(sealed) != SealedEventSize {
		return bad(fmt.Errorf("%d bytes", len(sealed)))
	}
	from, err := hpke.NewRecipient(sealed[:1120], k, hpke.HKDFSHA256(), hpke.AES256GCM(), append([]byte(traceInfo), grant[:]...))
	if err != nil {
		return bad(err)
	}
	plain, err := from.Open(binary.BigEndian.AppendUint64(nil, seq), sealed[1120:])
	if err != nil {
		return bad(err)
	}
	n := int(binary.BigEndian.Uint16(plain))
	if len(plain) != traceSize || n > traceSize-2 {
		return bad(fmt.Errorf("length %d", n))
	}
	var e TraceEvent
	if err := Unmarshal(plain[2:2+n], &e); err != nil {
		return bad(err)
	}
	if e.Seq != seq {
		return bad(fmt.Errorf("event %d under number %d", e.Seq, seq))
	}
	return e, nil
}

// MaxTrace bounds any trace; the law row sets the bound that counts.
const MaxTrace = 100 * 24 * 60 * 60 // seconds

// checkTrace is what a trace must say besides its account: from when, until
// when, and to whose key each event is sealed.
func (g Grant) checkTrace(bad func(string, ...any) error) error {
	switch {
	case g.Traced != nil:
		return g.checkToldOfTrace(bad)
	case g.Kind != Trace && g.Tap != nil:
		return bad("only a trace names a key for events")
	case g.Kind != Trace:
		return nil
	case len(g.Fields) > 0:
		return bad("a trace reaches no stored field")
	case len(g.Tap) != TraceKeySize:
		return bad("a trace names the key of its case")
	case g.Until <= g.Issued || g.From == 0 || g.Until <= g.From:
		return bad("a trace has a beginning and an end that is still to come")
	case g.Until-max(g.From, g.Issued) > MaxTrace:
		return bad("no trace runs for %d days", (g.Until-g.From)/86400)
	case g.Notice.Timing == ToldBefore:
		return bad("nobody is told of a trace before it")
	}
	return nil
}

// checkToldOfTrace: what tells of a trace tells of nothing else, and when it ran.
func (g Grant) checkToldOfTrace(bad func(string, ...any) error) error {
	switch {
	case g.Kind != Notify:
		return bad("only a notice tells of a trace")
	case len(g.Fields) > 0 || len(g.List) > 0 || g.Tap != nil:
		return bad("a notice of a trace is of that trace and of nothing else")
	case *g.Traced == Hash{} || g.From == 0 || g.Until <= g.From:
		return bad("a notice of a trace says which one, from when and until when")
	case g.Notice.Timing == ToldBefore:
		return bad("nobody is told of a trace before it")
	}
	return nil
}

// Recorded are the titles of what a trace records of an account.
var Recorded = []string{"when a message or call was sent or received", "which other account it was with", "the IP address of your own device when it sent"}

// traceLines are what the holders read of a trace.
func (g Grant) traceLines() []Line {
	return []Line{
		{"Recorded", "time, sent or received, message or call, the other account, and this account's own IP address when it sends; sealed to the case's key at once"},
		{"Never", "content, sizes, records from before, other people's IP addresses, other members of a group"},
		{"Runs", "from " + Minute(g.From) + ", not before it is started, until " + Minute(g.Until) + " at the latest"},
		{"Case key", GrantHash(g.Tap).String()[:32]},
	}
}
