package desk

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"sort"
	"strings"
	"time"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
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
	for looked := 0; at > 0; at-- {
		if looked++; looked > auditLook || len(page) == auditPage {
			return page, at + 1, nil
		}
		o, err := one(l, at)
		if err != nil {
			return nil, 0, err
		}
		if !f.From.IsZero() && o.Entry.Recorded.Before(f.From) {
			break
		}
		if strings.HasPrefix(o.Entry.Kind, f.Kind) {
			leaf := o.Opening.Leaf()
			page = append(page, Audited{at, o.Entry.Kind, o.Entry.Recorded, hex.EncodeToString(leaf[:]), o.Index})
		}
	}
	return page, 0, nil
}

func one(l Ledger, seq uint64) (ledger.Opened, error) {
	for o, err := range l.Openings(seq, seq) {
		return o, err
	}
	return ledger.Opened{}, fault.New(fault.NotFound, "read act", "there is no such act")
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
