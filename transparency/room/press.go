package room

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"letterlock/internal/fault"
	"letterlock/ledger/proof"
)

// Press puts publications into a folder that the public site shows, and takes
// them out. What is being set lies in a hidden folder beside them, which no
// address leads to.
type Press struct{ Dir string }

const setting = ".setting"

func (p *Press) sheet(id ID) string { return filepath.Join(p.Dir, setting, string(id)) }
func (p *Press) shown(id ID) string { return filepath.Join(p.Dir, string(id)) }

// FS is the room as it is read.
func (p *Press) FS() fs.FS { return os.DirFS(p.Dir) }

// Sheet is a publication that is being set.
type Sheet struct {
	dir   string
	files []File
}

// Begin sets a publication from its beginning; what was set of it before goes.
func (p *Press) Begin(id ID) (*Sheet, error) {
	if _, err := ParseID(string(id)); err != nil {
		return nil, err
	}
	s := &Sheet{dir: p.sheet(id)}
	if err := errors.Join(os.RemoveAll(s.dir), os.MkdirAll(s.dir, 0o700)); err != nil {
		return nil, fmt.Errorf("set document: %w", err)
	}
	return s, nil
}

// Lay puts a file on the sheet.
func (s *Sheet) Lay(name string, b []byte) error {
	if !Named(name) || slices.ContainsFunc(s.files, func(f File) bool { return f.Name == name }) || len(b) > MaxFile {
		return invalid("refusing to publish a file of the name %q", name)
	}
	s.files = append(s.files, File{name, int64(len(b)), SumOf(b).String()})
	return keep(s.dir, name, b)
}

// Bind writes the list of all that was laid. Its hash is what the ledger holds.
func (s *Sheet) Bind(m Manifest) (Sum, error) {
	m.Format, m.Files = Format, s.files
	slices.SortFunc(m.Files, func(a, b File) int { return cmp.Compare(a.Name, b.Name) })
	if err := m.check(); err != nil {
		return Sum{}, err
	}
	b, err := encode(m)
	if err != nil {
		return Sum{}, err
	}
	return SumOf(b), keep(s.dir, FileManifest, b)
}

// Bound is the hash of what is set and not yet shown; false if nothing whole is.
func (p *Press) Bound(id ID) (Sum, bool) {
	b, err := os.ReadFile(filepath.Join(p.sheet(id), FileManifest))
	return SumOf(b), err == nil
}

// Issue shows what is set, with the proof that the ledger holds its hash. What
// the proof is not of stays hidden. Done twice it is the same.
func (p *Press) Issue(id ID, sum Sum, proved []byte) error {
	if b, err := os.ReadFile(filepath.Join(p.shown(id), FileManifest)); err == nil && SumOf(b) == sum {
		return nil
	}
	if got, ok := p.Bound(id); !ok || got != sum {
		return fault.New(fault.Conflict, "publish document", "what is set is not what the ledger holds: it is set anew")
	}
	if err := opens(proved, KindPublished, sum); err != nil {
		return err
	}
	if err := keep(p.sheet(id), FileProof, proved); err != nil {
		return err
	}
	if err := os.Rename(p.sheet(id), p.shown(id)); err != nil {
		return fmt.Errorf("publish document: %w", err)
	}
	return p.open(id)
}

// open lets whoever serves or copies the room read it.
func (p *Press) open(id ID) error {
	if err := os.Chmod(p.shown(id), 0o755); err != nil {
		return fmt.Errorf("publish document: %w", err)
	}
	return nil
}

// opens checks that a proof is of a record with this hash. Its signature was
// made by the ledger of this house a moment ago, and is checked by whoever reads.
func opens(b []byte, kind string, sum Sum) error {
	p, err := proof.Parse(b)
	if err != nil {
		return err
	}
	e, err := proof.ParseEntry(p.Opening.Entry)
	if err == nil && (e.Kind != kind || !bytes.Equal(e.Body, sum[:])) {
		err = fault.New(fault.Conflict, "publish document", "the proof is of another record")
	}
	return err
}

// Withdraw takes a publication out at once and leaves its tombstone. The proof
// of what was published stays; that of the withdrawal comes with Prove.
func (p *Press) Withdraw(t Tombstone) (Sum, error) {
	t.Format = StoneFormat
	b, err := encode(t)
	if err != nil {
		return Sum{}, err
	}
	if _, err := ParseTombstone(b); err != nil {
		return Sum{}, err
	}
	dir := p.shown(t.ID)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return Sum{}, fmt.Errorf("withdraw document: %w", err)
	}
	if err := keep(dir, FileTombstone, b); err != nil { // first: from now on nothing else is shown
		return Sum{}, err
	}
	all, err := os.ReadDir(dir)
	errs := []error{err, os.RemoveAll(p.sheet(t.ID))}
	for _, e := range all {
		if n := e.Name(); n != FileTombstone && n != FileProof && n != FileStoneProof {
			errs = append(errs, os.RemoveAll(filepath.Join(dir, n)))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return Sum{}, fmt.Errorf("withdraw document: %w", err)
	}
	return SumOf(b), nil
}

// Drop forgets what was set and never shown.
func (p *Press) Drop(id ID) error { return os.RemoveAll(p.sheet(id)) }

// Prove puts the ledger's proofs beside a tombstone: of the withdrawal, and of
// what had been set, if that was never shown and has none there.
func (p *Press) Prove(id ID, sum Sum, withdrawn, published []byte) error {
	if err := opens(withdrawn, KindWithdrawn, sum); err != nil {
		return err
	}
	if published != nil {
		if err := keep(p.shown(id), FileProof, published); err != nil {
			return err
		}
	}
	return keep(p.shown(id), FileStoneProof, withdrawn)
}

// Count says what is not here.
func (p *Press) Count(c Counts) error {
	b, err := encode(c)
	if err != nil {
		return err
	}
	if have, err := os.ReadFile(filepath.Join(p.Dir, FileCounts)); err == nil && bytes.Equal(have, b) {
		return nil
	}
	if err := os.MkdirAll(p.Dir, 0o755); err != nil {
		return fmt.Errorf("count documents: %w", err)
	}
	return keep(p.Dir, FileCounts, b)
}

// keep writes a file whole or not at all.
func keep(dir, name string, b []byte) error {
	f, err := os.CreateTemp(dir, ".new-*")
	if err != nil {
		return fmt.Errorf("write document: %w", err)
	}
	_, err = f.Write(b)
	err = errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), filepath.Join(dir, name))
	}
	if err != nil {
		os.Remove(f.Name())
		return fmt.Errorf("write document: %s", strings.TrimPrefix(err.Error(), dir))
	}
	return nil
}
