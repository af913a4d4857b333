package ledger

import (
	"context"
	"fmt"
	"iter"

	"golang.org/x/mod/sumdb/tlog"

	"letterlock/internal/fault"
	"letterlock/ledger/proof"
)

// Origin is the ledger's name.
func (l *Ledger) Origin() string { return l.set.Origin }

// Settings are what the ledger was created with.
func (l *Ledger) Settings() Settings { return l.set.Settings }

// Keys are the verifier keys of the ledger and of its co-signatures.
func (l *Ledger) Keys() []string { return []string{l.set.Key, l.set.Witness} }

// Head is the latest signed checkpoint, with its co-signatures if there are any.
func (l *Ledger) Head() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]byte(nil), l.best().note...)
}

func (l *Ledger) best() head {
	if l.vouched.note != nil && l.vouched.Size == l.head.Size {
		return l.vouched
	}
	return l.head
}

// State is for those who watch the ledger.
func (l *Ledger) State() State {
	l.aside.mu.Lock()
	kept := len(l.aside.list)
	l.aside.mu.Unlock()
	l.mu.Lock()
	defer l.mu.Unlock()
	return State{Size: l.head.Size, Pending: len(l.pending), Aside: kept, Writable: l.healthy,
		Last: l.head.Time, Cosigned: l.vouched.Size, HighWater: l.mark}
}

// Receipt is the receipt of a record by its number, for owners that kept only that.
func (l *Ledger) Receipt(seq uint64) (Receipt, error) {
	o, err := l.opened(seq)
	if err != nil {
		return Receipt{}, err
	}
	return Receipt{Ledger: l.set.Origin, Seq: seq, Leaf: o.Opening.Leaf(), Time: o.Entry.Recorded}, nil
}

// Last is the number of the last record; 0 if there is none. It counts: it is
// for the ledger's own people.
func (l *Ledger) Last() uint64 {
	l.mu.Lock()
	defer l.mu.Unlock()
	return uint64(len(l.records))
}

func (l *Ledger) opened(seq uint64) (Opened, error) {
	l.mu.Lock()
	if seq == 0 || seq > uint64(len(l.records)) {
		l.mu.Unlock()
		return Opened{}, fault.New(fault.NotFound, "read ledger", "the ledger has no such record.")
	}
	p := l.records[seq-1]
	l.mu.Unlock()
	b := make([]byte, p.length)
	if _, err := l.journalFile.ReadAt(b, p.offset+frameHead); err != nil {
		return Opened{}, fault.Wrap(fault.Unavailable, "read ledger", err, "the ledger cannot be read.")
	}
	it, err := parseItem(b)
	if err != nil || it.Kind != itemRecord || it.Seq != seq {
		return Opened{}, fmt.Errorf("read ledger: record %d is damaged: %w", seq, err)
	}
	e, err := proof.ParseEntry(it.Entry)
	return Opened{Seq: seq, Index: p.index, Entry: e, Opening: it.opening()}, err
}

// Proof proves a record. Before its batch is in the tree the kind is
// Unavailable: Wait first.
func (l *Ledger) Proof(r Receipt) (proof.Proof, error) {
	o, err := l.opened(r.Seq)
	if err != nil {
		return proof.Proof{}, err
	}
	if r.Ledger != l.set.Origin || o.Opening.Leaf() != r.Leaf {
		return proof.Proof{}, fault.New(fault.NotFound, "prove record", "the receipt is not of this ledger.")
	}
	l.mu.Lock()
	h := l.head
	if l.vouched.Size > o.Index {
		h = l.vouched
	}
	l.mu.Unlock()
	if o.Index < 0 || o.Index >= h.Size {
		return proof.Proof{}, fault.New(fault.Unavailable, "prove record", "the proof is ready after the ledger's next checkpoint; try again in %s.", l.set.Interval)
	}
	path, err := tlog.ProveRecord(h.Size, o.Index, l.tree)
	if err == nil {
		err = tlog.CheckRecord(path, h.Size, h.Root, o.Index, o.Opening.Leaf().Node())
	}
	if err != nil {
		return proof.Proof{}, fault.Wrap(fault.Unavailable, "prove record", err, "the ledger's hashes cannot be read, or were changed on the disk. Run a ledger check.")
	}
	return proof.Proof{Opening: o.Opening, Index: o.Index, Path: path, Checkpoint: append([]byte(nil), h.note...)}, nil
}

// Wait returns when the record can be proved.
func (l *Ledger) Wait(ctx context.Context, r Receipt) error {
	for {
		l.mu.Lock()
		if r.Seq == 0 || r.Seq > uint64(len(l.records)) {
			l.mu.Unlock()
			return fault.New(fault.NotFound, "wait for record", "the ledger has no such record.")
		}
		index, grown, size := l.records[r.Seq-1].index, l.grown, l.head.Size
		l.mu.Unlock()
		if index >= 0 && index < size {
			return nil
		}
		select {
		case <-grown:
		case <-ctx.Done():
			return fault.Wrap(fault.Unavailable, "wait for record", ctx.Err(), "the proof is not ready yet; try again in %s.", l.set.Interval)
		}
	}
}

// Openings are the records numbered from to to, both included; to 0 means up
// to the last. They are private: transparency counts them, nobody else should.
func (l *Ledger) Openings(from, to uint64) iter.Seq2[Opened, error] {
	l.mu.Lock()
	last := uint64(len(l.records))
	l.mu.Unlock()
	if to == 0 || to > last {
		to = last
	}
	return func(yield func(Opened, error) bool) {
		for seq := max(from, 1); seq <= to; seq++ {
			o, err := l.opened(seq)
			if !yield(o, err) || err != nil {
				return
			}
		}
	}
}

// Public is what anyone may read of a ledger, as of one checkpoint.
type Public struct {
	head head
	tree hashReader
}

// Public is the ledger as anyone may see it. A sealed ledger has no such side.
func (l *Ledger) Public() (Public, error) {
	if l.set.Sealed {
		return Public{}, fault.New(fault.Withheld, "read public ledger", "a sealed ledger publishes nothing.")
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return Public{l.best(), l.tree}, nil
}

// Checkpoint is the signed checkpoint.
func (p Public) Checkpoint() []byte { return append([]byte(nil), p.head.note...) }

// Size is the number of leaves.
func (p Public) Size() int64 { return p.head.Size }

// maxRange bounds one answer.
const maxRange = 4096

// LeafHashes are the leaves' nodes from from up to but not including to, at
// most 4096.
func (p Public) LeafHashes(from, to int64) ([]proof.Hash, error) {
	if from < 0 || to > p.head.Size || from > to || to-from > maxRange {
		return nil, fault.New(fault.Invalid, "read leaves", "ask for at most %d of the ledger's %d leaves.", maxRange, p.head.Size)
	}
	var at []int64
	for i := from; i < to; i++ {
		at = append(at, tlog.StoredHashIndex(0, i))
	}
	return p.tree.ReadHashes(at)
}

// Tile is tile n of a level, width hashes of 32 bytes, 256 for a full tile.
// spec: c2sp tlog-tiles
func (p Public) Tile(level int, n int64, width int) ([]byte, error) {
	bad := fault.New(fault.NotFound, "read tile", "the ledger has no such tile.")
	if level < 0 || level > 5 || n < 0 || width < 1 || width > 256 {
		return nil, bad
	}
	if have := p.head.Size >> (8 * level); n > have>>8 || n<<8+int64(width) > have {
		return nil, bad
	}
	return tlog.ReadTileData(tlog.Tile{H: 8, L: level, N: n, W: width}, p.tree)
}

// Inclusion is the path from a leaf to the root.
func (p Public) Inclusion(index int64) ([]proof.Hash, error) {
	if index < 0 || index >= p.head.Size {
		return nil, fault.New(fault.Invalid, "prove leaf", "the ledger has %d leaves.", p.head.Size)
	}
	return tlog.ProveRecord(p.head.Size, index, p.tree)
}

// Consistency proves that the tree begins with the one of old leaves.
func (p Public) Consistency(old int64) ([]proof.Hash, error) {
	return consistency(p.tree, old, p.head.Size)
}

func consistency(r tlog.HashReader, old, size int64) ([]proof.Hash, error) {
	if old < 0 || old > size {
		return nil, fault.New(fault.Invalid, "prove consistency", "the ledger has %d leaves.", size)
	}
	if old == 0 || old == size {
		return nil, nil
	}
	return tlog.ProveTree(size, old, r)
}

// Path is the way from a leaf to the root of the tree as it was at a size.
func (l *Ledger) Path(index, size int64) ([]proof.Hash, error) {
	l.mu.Lock()
	h := l.head
	l.mu.Unlock()
	if index < 0 || index >= size || size > h.Size {
		return nil, fault.New(fault.Invalid, "prove leaf", "the ledger has %d leaves.", h.Size)
	}
	return tlog.ProveRecord(size, index, l.tree)
}
