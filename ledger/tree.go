package ledger

import (
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"letterlock/ledger/proof"
)

// hashReader reads the hash file: 32 bytes for each stored hash, in the order
// of tlog.StoredHashIndex.
type hashReader struct{ file file }

func (r hashReader) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, at := range indexes {
		if _, err := r.file.ReadAt(out[i][:], at*tlog.HashSize); err != nil {
			return nil, fmt.Errorf("read hash %d: %w", at, err)
		}
	}
	return out, nil
}

func (r hashReader) root(size int64) (tlog.Hash, error) { return tlog.TreeHash(size, r) }

func storedBytes(leaves int64) int64 { return tlog.StoredHashCount(leaves) * tlog.HashSize }

// wholeBatches is how many batches of n leaves a hash file of this size holds.
func wholeBatches(size int64, n int) int64 {
	count := size / tlog.HashSize
	b := count / 2 / int64(n) // each leaf brings one to two hashes
	for tlog.StoredHashCount((b+1)*int64(n)) <= count {
		b++
	}
	return b
}

// growing is the hash file plus hashes that are not in it yet.
type growing struct {
	hashReader
	base  int64
	fresh []tlog.Hash
}

func (g *growing) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, 0, len(indexes))
	for _, at := range indexes {
		if at >= g.base {
			out = append(out, g.fresh[at-g.base])
			continue
		}
		h, err := g.hashReader.ReadHashes([]int64{at})
		if err != nil {
			return nil, err
		}
		out = append(out, h[0])
	}
	return out, nil
}

// grow adds a batch's leaves, dummies where no record stands.
func (l *Ledger) grow(b batch) (*growing, error) {
	n := int64(l.set.Batch)
	first := b.number * n
	g := &growing{hashReader: l.tree, base: tlog.StoredHashCount(first)}
	for i := first; i < first+n; i++ {
		leaf, real := b.leaves[i]
		if !real {
			leaf = l.sec.dummy(i)
		}
		hs, err := tlog.StoredHashesForRecordHash(i, leaf.Node(), g)
		if err != nil {
			return nil, fmt.Errorf("grow tree: %w", err)
		}
		g.fresh = append(g.fresh, hs...)
	}
	return g, nil
}

func (g *growing) bytes() []byte {
	b := make([]byte, 0, len(g.fresh)*tlog.HashSize)
	for _, h := range g.fresh {
		b = append(b, h[:]...)
	}
	return b
}

func (l *Ledger) checkpoint(size, tick int64, r tlog.HashReader) (proof.Checkpoint, error) {
	root, err := tlog.TreeHash(size, r)
	if err != nil {
		return proof.Checkpoint{}, fmt.Errorf("hash tree: %w", err)
	}
	return proof.Checkpoint{Origin: l.set.Origin, Size: size, Root: root, Time: time.Unix(tick, 0).UTC()}, nil
}

func (l *Ledger) sign(cp proof.Checkpoint) []byte {
	text := cp.Text()
	return []byte(text + "\n" + proof.LogLine(l.set.Origin, l.sec.log, text))
}
