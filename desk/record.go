package desk

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
	"letterlock/ledger"
	"letterlock/ledger/proof"
)

// Ledger is a ledger as the desk needs it; *ledger.Ledger is one.
type Ledger interface {
	Append(ctx context.Context, r ledger.Record) (ledger.Receipt, error)
	Journal(r ledger.Record) ledger.Kept
	CheckClock(now time.Time) ledger.Jump
	AcceptClock(ctx context.Context, r ledger.Record) (ledger.Receipt, error)
	Seen(ctx context.Context, origin string) (int64, error)
	Cosign(ctx context.Context, request []byte) ([]byte, error)
	Gather(ctx context.Context, w ledger.Witness) error
	State() ledger.State
	Last() uint64
	Openings(from, to uint64) iter.Seq2[ledger.Opened, error]
	Receipt(seq uint64) (ledger.Receipt, error)
	Proof(r ledger.Receipt) (proof.Proof, error)
	Head() []byte
	Path(index, size int64) ([]proof.Hash, error)
}

// Recorder puts each record into the ledger it belongs to: nothing of a sealed
// matter ever reaches the public one.
type Recorder struct{ Public, Sealed Ledger }

func (r Recorder) ledger(sealed bool) Ledger {
	if sealed {
		return r.Sealed
	}
	return r.Public
}

// LedgerState is how the desk's own ledger is. Of the sealed one nothing is
// said: how much waits there would tell that something does.
func (d *Desk) LedgerState() ledger.State { return d.conf.Ledger.State() }

func record(r casefile.Record) ledger.Record {
	return ledger.Record{Kind: r.Kind, Case: string(r.Case), Time: r.At, Body: r.Body, Priority: r.Priority}
}

// Keep is casefile.Recorder's.
func (r Recorder) Keep(ctx context.Context, x casefile.Record) ([]byte, error) {
	got, err := r.ledger(x.Sealed).Append(ctx, record(x))
	if err != nil {
		return nil, err
	}
	return casefile.Encode(receipt{got.Ledger, got.Seq, got.Leaf[:], got.Time})
}

// receipt is the desk's own note of a ledger's receipt.
type receipt struct {
	Ledger string    `cbor:"ledger"`
	Seq    uint64    `cbor:"seq"`
	Leaf   []byte    `cbor:"leaf"`
	Time   time.Time `cbor:"time"`
}

// filed is the ledger's proof that a request was filed: whoever has it can see
// that the transparency report counts the case. Unavailable until the batch is
// in the tree. Sealed matters are published in bands only, so theirs get none.
func (d *Desk) filed(ctx context.Context, n casefile.Number) ([]byte, error) {
	if n.Sealed() {
		return nil, nil
	}
	b, err := d.conf.Public.Store.Stash(ctx, n, casefile.FiledKey)
	if err != nil {
		return nil, fmt.Errorf("read the receipt of the filing: %w", err)
	}
	return d.proof(ctx, b)
}

// proof is the public ledger's proof of a record, by its receipt.
func (d *Desk) proof(_ context.Context, b []byte) ([]byte, error) { return proofOf(d.conf.Ledger, b) }

func proofOf(l Ledger, b []byte) ([]byte, error) {
	r, err := parseReceipt(b)
	if err != nil {
		return nil, err
	}
	p, err := l.Proof(r)
	if err != nil {
		return nil, err
	}
	return p.Bytes(), nil
}

func parseReceipt(b []byte) (ledger.Receipt, error) {
	var r receipt
	if err := casefile.Decode(b, &r); err != nil || len(r.Leaf) != len(proof.Leaf{}) {
		return ledger.Receipt{}, errors.Join(errors.New("the receipt of a record cannot be read"), err)
	}
	return ledger.Receipt{Ledger: r.Ledger, Seq: r.Seq, Leaf: proof.Leaf(r.Leaf), Time: r.Time}, nil
}

// Journal is casefile.Recorder's.
func (r Recorder) Journal(x casefile.Record) {
	l := record(x)
	l.Priority = true
	r.ledger(x.Sealed).Journal(l)
}

// Cosign lets the halves vouch for each other's newest checkpoint: the carrier
// for the desk's ledger, the desk for the carrier's.
func (d *Desk) Cosign(ctx context.Context) error {
	return errors.Join(d.gather(ctx), d.witness(ctx))
}

func (d *Desk) gather(ctx context.Context) error {
	if err := d.conf.Ledger.Gather(ctx, d.conf.Door); err != nil {
		return fmt.Errorf("have the carrier co-sign: %w", err)
	}
	return nil
}

func (d *Desk) witness(ctx context.Context) error {
	seen, err := d.conf.Ledger.Seen(ctx, d.conf.CarrierOrigin)
	if err != nil {
		return fmt.Errorf("co-sign for the carrier: %w", err)
	}
	req, err := d.conf.Door.Witness(ctx, seen)
	if err != nil {
		return fmt.Errorf("co-sign for the carrier: %w", err)
	}
	if len(req) == 0 { // nothing new since the last time
		return nil
	}
	line, err := d.conf.Ledger.Cosign(ctx, req)
	if err != nil {
		return fmt.Errorf("co-sign for the carrier: %w", err)
	}
	err = d.conf.Door.Cosigned(ctx, line)
	if fault.Is(err, fault.Unavailable) {
		return nil // the carrier made another checkpoint meanwhile: that one next time
	}
	if err != nil {
		return fmt.Errorf("co-sign for the carrier: %w", err)
	}
	return nil
}
