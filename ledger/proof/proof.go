// Package proof is what verifies a ledger with nothing but bytes: that a
// record lies in the tree of a signed checkpoint, and that a later tree
// contains an earlier one. It knows formats and public keys; it must not know
// files, the network or any secret, so that a court's laptop or a browser
// (WASM) can run it offline.
package proof

import (
	"bytes"

	"golang.org/x/mod/sumdb/tlog"

	"letterlock/internal/fault"
)

// Opening is the secret that shows what a leaf stands for. Whoever holds it
// can prove the entry, so it goes only to those the entry concerns.
type Opening struct {
	Salt  Salt
	Entry []byte // as recorded; ParseEntry reads it
}

// Leaf is the public leaf that the opening opens.
func (o Opening) Leaf() Leaf { return LeafOf(o.Salt, o.Entry) }

// Proof shows that one entry is in a ledger.
type Proof struct {
	Opening    Opening
	Index      int64  // position among the leaves
	Path       []Hash // from the leaf's sibling up
	Checkpoint []byte // signed note, with what co-signatures there are
}

// Verified is what a proof has been shown to say.
type Verified struct {
	Entry      Entry
	Index      int64
	Checkpoint Signed
}

type proofWire struct {
	Version    int      `cbor:"1,keyasint"`
	Salt       []byte   `cbor:"2,keyasint"`
	Entry      []byte   `cbor:"3,keyasint"`
	Index      int64    `cbor:"4,keyasint"`
	Path       [][]byte `cbor:"5,keyasint"`
	Checkpoint []byte   `cbor:"6,keyasint"`
}

// Bytes is the proof's one encoding.
func (p Proof) Bytes() []byte {
	w := proofWire{1, p.Opening.Salt[:], p.Opening.Entry, p.Index, make([][]byte, len(p.Path)), p.Checkpoint}
	for i := range p.Path {
		w.Path[i] = p.Path[i][:]
	}
	return must(encMode.Marshal(w))
}

// Parse reads a proof and refuses any but its one encoding. It verifies
// nothing yet.
func Parse(b []byte) (Proof, error) {
	var w proofWire
	if err := decMode.Unmarshal(b, &w); err != nil {
		return Proof{}, invalid("the proof cannot be read: %v", err)
	}
	if w.Version != 1 || len(w.Salt) != len(Salt{}) || len(w.Path) > 64 || w.Path == nil || w.Entry == nil || w.Checkpoint == nil {
		return Proof{}, invalid("the proof is not a proof of version 1")
	}
	p := Proof{Opening: Opening{Salt(w.Salt), w.Entry}, Index: w.Index, Path: make([]Hash, len(w.Path)), Checkpoint: w.Checkpoint}
	for i, h := range w.Path {
		if len(h) != tlog.HashSize {
			return Proof{}, invalid("the proof's path holds something that is no hash")
		}
		p.Path[i] = Hash(h)
	}
	if !bytes.Equal(p.Bytes(), b) {
		return Proof{}, invalid("the proof is not in its one exact encoding")
	}
	return p, nil
}

// Verify checks everything a proof claims: the checkpoint's signature by a
// trusted key, the path from the leaf to its root, and that the leaf is the
// hash of exactly this entry.
func (p Proof) Verify(trusted Keys) (Verified, error) {
	e, err := ParseEntry(p.Opening.Entry)
	if err != nil {
		return Verified{}, err
	}
	c, err := OpenCheckpoint(p.Checkpoint, trusted)
	if err != nil {
		return Verified{}, err
	}
	if p.Index < 0 || p.Index >= c.Size {
		return Verified{}, invalid("leaf %d is not within the checkpoint's %d leaves", p.Index, c.Size)
	}
	if err := tlog.CheckRecord(p.Path, c.Size, c.Root, p.Index, p.Opening.Leaf().Node()); err != nil {
		return Verified{}, fault.Wrap(fault.Invalid, "verify ledger proof", err, "the record is not in the ledger at leaf %d: the path does not lead to the signed root.", p.Index)
	}
	return Verified{Entry: e, Index: p.Index, Checkpoint: c}, nil
}

// Consistent checks that the newer checkpoint's tree begins with the older
// one's, and that time did not run backwards. Both come from OpenCheckpoint.
// spec: rfc6962 2.1.2
func Consistent(older, newer Checkpoint, path []Hash) error {
	switch {
	case older.Origin != newer.Origin:
		return invalid("the checkpoints are of two ledgers, %s and %s", older.Origin, newer.Origin)
	case newer.Size < older.Size:
		return invalid("the ledger has shrunk from %d to %d leaves", older.Size, newer.Size)
	case newer.Time.Before(older.Time):
		return invalid("the newer checkpoint's time lies before the older one's")
	case older.Size == newer.Size:
		if older.Root != newer.Root || len(path) != 0 {
			return invalid("two different trees of %d leaves: the ledger shows different people different things", newer.Size)
		}
		return nil
	case older.Size == 0:
		if len(path) != 0 {
			return invalid("nothing is to be proved about an empty tree")
		}
		return nil
	}
	if err := tlog.CheckTree(path, newer.Size, newer.Root, older.Size, older.Root); err != nil {
		return fault.Wrap(fault.Invalid, "verify consistency", err, "the ledger of %d leaves does not begin with the one of %d that was seen before: the past was changed.", newer.Size, older.Size)
	}
	return nil
}

func tlogRecordHash(l Leaf) Hash { return tlog.RecordHash(l[:]) }
