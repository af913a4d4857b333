package holdings

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"time"

	d "letterlock/disclosable"
	"letterlock/internal/fault"
	"letterlock/ledger"
	"letterlock/ledger/proof"
)

// entry is a receipt as the desk keeps it: opaque to the desk, and of no use
// for any record but its own, whose salted leaf it names.
type entry struct {
	Sealed bool   `cbor:"sealed,omitempty"`
	Seq    uint64 `cbor:"seq"`
	Leaf   []byte `cbor:"leaf"`
	Time   int64  `cbor:"time"`
}

func entryOf(sealed bool, r ledger.Receipt) []byte {
	b, err := d.Marshal(entry{sealed, r.Seq, r.Leaf[:], r.Time.UnixNano()})
	if err != nil {
		panic(err) // numbers and bytes always encode
	}
	return b
}

// Proof implements door.Door.
func (h *Holdings) Proof(_ context.Context, raw []byte) ([]byte, error) {
	s := subject{op: "proof", act: act{Op: "proof"}}
	var e entry
	if err := d.Unmarshal(raw, &e); err != nil || len(e.Leaf) != len(proof.Leaf{}) {
		return nil, h.refuse(s, fault.New(fault.Invalid, "prove release", "that is no receipt of a release"))
	}
	s.sealed = e.Sealed
	l := h.ledgerFor(e.Sealed)
	if l == nil {
		return nil, h.refuse(s, fault.New(fault.NotFound, "prove release", "the receipt is not of this carrier"))
	}
	p, err := l.Proof(ledger.Receipt{Ledger: l.Origin(), Seq: e.Seq, Leaf: proof.Leaf(e.Leaf), Time: time.Unix(0, e.Time).UTC()})
	if fault.Is(err, fault.Unavailable) {
		return nil, err // asked too early: no attempt at anything
	}
	if err != nil {
		return nil, h.refuse(s, err)
	}
	return p.Bytes(), nil
}

// Seen implements door.Door.
func (h *Holdings) Seen(ctx context.Context, origin string) (int64, error) {
	return h.Ledger.Seen(ctx, origin)
}

// Cosign implements door.Door.
func (h *Holdings) Cosign(ctx context.Context, req []byte) ([]byte, error) {
	line, err := h.Ledger.Cosign(ctx, req)
	if fault.Is(err, fault.Conflict) {
		return nil, h.refuse(subject{op: "cosign", act: act{Op: "cosign"}}, err)
	}
	return line, err
}

// request is the carrier's last request for a co-signature.
type request struct {
	mu   sync.Mutex
	seen int64
	body []byte
}

// asking is a witness that only listens to what it would be asked.
type asking struct {
	seen int64
	body []byte
	line []byte // the answer, if it is known already
	want []byte // the request that the answer is for
}

var (
	errAsked = errors.New("asked")
	errMoved = errors.New("the ledger moved on")
)

func (a *asking) Seen(context.Context, string) (int64, error) { return a.seen, nil }

func (a *asking) Cosign(_ context.Context, body []byte) ([]byte, error) {
	a.body = body
	switch {
	case a.line == nil:
		return nil, errAsked
	case !bytes.Equal(body, a.want):
		return nil, errMoved
	}
	return a.line, nil
}

// Witness implements door.Door. Without anything new the request is empty.
func (h *Holdings) Witness(ctx context.Context, seen int64) ([]byte, error) {
	a := &asking{seen: seen}
	if err := h.Ledger.Gather(ctx, a); err != nil && !errors.Is(err, errAsked) {
		return nil, err
	}
	h.asked.mu.Lock()
	defer h.asked.mu.Unlock()
	h.asked.seen, h.asked.body = seen, a.body
	return a.body, nil
}

// Cosigned implements door.Door.
func (h *Holdings) Cosigned(ctx context.Context, line []byte) error {
	h.asked.mu.Lock()
	a := &asking{seen: h.asked.seen, want: h.asked.body, line: line}
	h.asked.mu.Unlock()
	if a.want == nil || len(line) == 0 {
		return h.refuse(subject{op: "cosigned", act: act{Op: "cosigned"}}, fault.New(fault.Conflict, "take co-signature", "no co-signature was asked for"))
	}
	err := h.Ledger.Gather(ctx, a)
	if errors.Is(err, errMoved) {
		return fault.New(fault.Unavailable, "take co-signature", "the ledger has a newer checkpoint; ask again")
	}
	if fault.Is(err, fault.Invalid) {
		return h.refuse(subject{op: "cosigned", act: act{Op: "cosigned"}}, err)
	}
	return err
}
