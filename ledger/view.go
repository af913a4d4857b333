package ledger

import (
	"bytes"
	"io"
	"iter"
	"strconv"
	"strings"

	"letterlock/internal/clock"
	"letterlock/internal/fault"
	"letterlock/ledger/proof"
)

// View is a ledger opened for reading, beside the program that keeps it: it
// takes no lock and writes nothing. It shows what was there when it was opened.
type View struct{ l *Ledger }

// Read opens a view of a ledger's directory.
func Read(dir string, clk clock.Clock) (*View, error) {
	l, err := load(osDisk{dir}, Options{Clock: clk})
	if err != nil {
		return nil, err
	}
	return &View{l}, nil
}

// Close lets go of the files.
func (v *View) Close() error { v.l.closeFiles(); return nil }

// Origin is the ledger's name.
func (v *View) Origin() string { return v.l.Origin() }

// Keys are its verifier keys.
func (v *View) Keys() []string { return v.l.Keys() }

// Proof proves a record by its number.
func (v *View) Proof(seq uint64) (proof.Proof, error) {
	r, err := v.l.Receipt(seq)
	if err != nil {
		return proof.Proof{}, err
	}
	return v.l.Proof(r)
}

// At is the signed checkpoint of a size; 0 is the latest.
func (v *View) At(size int64) (proof.Checkpoint, []byte, error) {
	if size == 0 {
		h := v.l.best()
		return h.Checkpoint, bytes.Clone(h.note), nil
	}
	f, err := v.l.disk.open(fileCheckpoints, false)
	if err != nil {
		return proof.Checkpoint{}, nil, err
	}
	defer f.Close()
	length, err := v.l.disk.size(fileCheckpoints)
	if err != nil {
		return proof.Checkpoint{}, nil, err
	}
	b, err := io.ReadAll(io.NewSectionReader(f, 0, length))
	if err != nil {
		return proof.Checkpoint{}, nil, err
	}
	want := "\n" + strconv.FormatInt(size, 10) + "\n"
	parts := strings.Split(string(b), "\n\n")
	for i := 0; i+1 < len(parts); i += 2 {
		if !strings.Contains(parts[i], want) {
			continue
		}
		note := []byte(parts[i] + "\n\n" + strings.TrimSuffix(parts[i+1], "\n") + "\n")
		if cp, err := v.l.ownCheckpoint(note); err == nil && cp.Size == size {
			return cp, note, nil
		}
	}
	return proof.Checkpoint{}, nil, fault.New(fault.NotFound, "read checkpoint", "the ledger has no checkpoint of %d leaves.", size)
}

// Openings are the records in the tree of a checkpoint, in the order they were
// made. They are private: transparency counts them, auditors are shown them.
func (v *View) Openings(size int64) iter.Seq2[Opened, error] {
	return func(yield func(Opened, error) bool) {
		for o, err := range v.l.Openings(1, 0) {
			if err == nil && (o.Index < 0 || o.Index >= size) {
				continue
			}
			if !yield(o, err) || err != nil {
				return
			}
		}
	}
}

// Path is the way from a leaf to the root of the tree as it was at a size.
func (v *View) Path(index, size int64) ([]proof.Hash, error) { return v.l.Path(index, size) }

// Numbered are the records numbered from to to, both included; to 0 means up
// to the last.
func (v *View) Numbered(from, to uint64) iter.Seq2[Opened, error] { return v.l.Openings(from, to) }
