package ledger

import (
	"io"
	"strings"

	"letterlock/internal/fault"
	"letterlock/ledger/proof"
)

func (l *Ledger) loadHead() error {
	last, err := l.lastNote(fileCheckpoints, &l.checkpoints)
	if err != nil {
		return err
	}
	if last == nil {
		if l.stored > 0 {
			return damaged("its checkpoints are gone")
		}
		return l.provisional()
	}
	cp, err := l.ownCheckpoint(last)
	if err != nil {
		return damaged("its last checkpoint: %s", fault.Say(err))
	}
	n := cp.Size / int64(l.set.Batch)
	if cp.Size%int64(l.set.Batch) != 0 || n > l.stored {
		return damaged("its last checkpoint has %d leaves and the tree %d", cp.Size, l.stored*int64(l.set.Batch))
	}
	if root, err := l.tree.root(cp.Size); err != nil || root != cp.Root {
		return damaged("its tree of %d leaves does not have the root that was signed", cp.Size)
	}
	l.head, l.published = head{cp, last}, n
	return l.loadVouched()
}

// provisional is the checkpoint of an empty tree, until it can be written.
func (l *Ledger) provisional() error {
	cp, err := l.checkpoint(0, l.set.due(l.set.Created), l.tree)
	if err != nil {
		return err
	}
	l.head = head{cp, l.sign(cp)}
	_, err = l.lastNote(fileCosigned, &l.cosigned)
	return err
}

func (l *Ledger) loadVouched() error {
	last, err := l.lastNote(fileCosigned, &l.cosigned)
	if err != nil || last == nil {
		return err
	}
	cp, err := l.ownCheckpoint(last)
	if err != nil {
		return damaged("its last co-signed checkpoint: %s", fault.Say(err))
	}
	if root, err := l.tree.root(cp.Size); cp.Size > l.head.Size || err != nil || root != cp.Root {
		return damaged("a co-signed checkpoint of %d leaves is not of this tree: an older copy was put in place", cp.Size)
	}
	l.vouched = head{cp, last}
	return nil
}

// ownCheckpoint verifies a note of this ledger by its own key alone.
func (l *Ledger) ownCheckpoint(b []byte) (proof.Checkpoint, error) {
	own, err := proof.ParseKeys(l.set.Key)
	if err != nil {
		return proof.Checkpoint{}, err
	}
	s, err := proof.OpenCheckpoint(b, own)
	if err == nil && s.Origin != l.set.Origin {
		err = fault.New(fault.Invalid, "open checkpoint", "the checkpoint is of another ledger.")
	}
	return s.Checkpoint, err
}

// lastWindow is more than any signed checkpoint takes.
const lastWindow = 64 << 10

// lastNote is the last whole note of a file of notes, each followed by an
// empty line; what follows it is an interrupted write.
func (l *Ledger) lastNote(name string, t *tail) ([]byte, error) {
	size, err := l.disk.size(name)
	if err != nil {
		return nil, err
	}
	f, err := l.disk.open(name, false)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	base := max(0, size-lastWindow)
	b, err := io.ReadAll(io.NewSectionReader(f, base, size-base))
	if err != nil {
		return nil, err
	}
	note, end := cutLastNote(b)
	*t = tail{disk: l.disk, name: name, size: base + int64(end), torn: base+int64(end) < size}
	return note, nil
}

// cutLastNote finds the last whole note and where it ends.
func cutLastNote(b []byte) ([]byte, int) {
	parts := strings.Split(string(b), "\n\n")
	for i := len(parts) - 2; i > 0; i-- {
		if strings.HasPrefix(parts[i], "— ") {
			end := len(strings.Join(parts[:i+1], "\n\n")) + 2
			return []byte(parts[i-1] + "\n\n" + parts[i] + "\n"), end
		}
	}
	return nil, 0
}
