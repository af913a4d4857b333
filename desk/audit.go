package desk

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"iter"
	"slices"
	"sort"
	"strings"
	"time"

	"letterlock/desk/casefile"
	"letterlock/ledger"
)

// Audited is what an auditor sees of an act: what kind, when, and where it
// stands in the ledger. Who, whom, which case and why are in its record, of
// which they see the hash.
type Audited struct {
	Seq   uint64
	Kind  string
	At    time.Time
	Leaf  string
	Index int64 // in the tree; -1: it enters with the next batch
}

// AuditFilter chooses acts.
type AuditFilter struct {
	Kind        string    // or its beginning
	From, Until time.Time // recorded; zero: no bound
	Before      uint64    // the page goes on before this one; 0: at the end
}

// Bounds of one page: how many acts it has, and how many are looked at for it.
const (
	auditPage = 50
	auditLook = 5_000
)

// Audit is a page of acts of the ordinary ledger, the newest first, and where
// the next one begins. Acts on sealed matters are in a ledger of their own,
// which has no auditor's page: here there are none.
func (d *Desk) Audit(ctx context.Context, by casefile.MemberID, f AuditFilter) (page []Audited, next uint64, err error) {
	if _, err := d.Staff.May(ctx, by, casefile.SeeActs, ""); err != nil {
		return nil, 0, err
	}
	l := d.conf.Ledger
	at := l.Last()
	if f.Before > 0 {
		at = min(at, f.Before-1)
	}
	if !f.Until.IsZero() { // records are in the order of their times
		at = min(at, uint64(sort.Search(int(l.Last()), func(i int) bool {
			r, err := l.Receipt(uint64(i) + 1)
			return err != nil || !r.Time.Before(f.Until)
		})))
	}
	looked := 0
	for o, err := range back(l, at) {
		if err != nil {
			return nil, 0, err
		}
		if looked++; looked > auditLook || len(page) == auditPage {
			return page, o.Seq + 1, nil
		}
		if !f.From.IsZero() && o.Entry.Recorded.Before(f.From) {
			break
		}
		if strings.HasPrefix(o.Entry.Kind, f.Kind) {
			leaf := o.Opening.Leaf()
			page = append(page, Audited{o.Seq, o.Entry.Kind, o.Entry.Recorded, hex.EncodeToString(leaf[:]), o.Index})
		}
	}
	return page, 0, nil
}

// back are the records from one of them back to the first. They are read
// forward, in blocks: a disk reads ahead, and never behind.
func back(l Ledger, at uint64) iter.Seq2[ledger.Opened, error] {
	return func(yield func(ledger.Opened, error) bool) {
		for block := uint64(auditPage + 1); at > 0; block = min(2*block, 500) {
			from := max(at, block) - block + 1
			all := make([]ledger.Opened, 0, block)
			for o, err := range l.Openings(from, at) {
				if err != nil {
					yield(o, err)
					return
				}
				all = append(all, o)
			}
			for _, o := range slices.Backward(all) {
				if !yield(o, nil) {
					return
				}
			}
			at = from - 1
		}
	}
}

// AuditProof proves that an act is in the tree, by its leaf alone: the record
// behind it, which names a case or a person, is not in the proof.
type AuditProof struct {
	Leaf       string   `json:"leaf"` // hashed as a leaf of an RFC 6962 tree
	Index      int64    `json:"index"`
	Path       []string `json:"path"`
	Checkpoint string   `json:"checkpoint"` // signed
}

// AuditProof is the proof of one act as JSON.
func (d *Desk) AuditProof(ctx context.Context, by casefile.MemberID, seq uint64) ([]byte, error) {
	if _, err := d.Staff.May(ctx, by, casefile.SeeActs, ""); err != nil {
		return nil, err
	}
	r, err := d.conf.Ledger.Receipt(seq)
	if err != nil {
		return nil, err
	}
	p, err := d.conf.Ledger.Proof(r)
	if err != nil {
		return nil, err
	}
	out := AuditProof{Leaf: hex.EncodeToString(r.Leaf[:]), Index: p.Index, Path: []string{}, Checkpoint: string(p.Checkpoint)}
	for _, h := range p.Path {
		out.Path = append(out.Path, hex.EncodeToString(h[:]))
	}
	return json.MarshalIndent(out, "", "  ")
}
