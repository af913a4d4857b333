package produce

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"

	"filippo.io/age"

	"letterlock/desk/produce/bundle"
)

// inMemory is how much of one file is held in memory before the rest of it
// goes, sealed, to disk.
const inMemory = 1 << 20

// spool takes one file of the package while its size is not known yet. What
// does not fit in memory lies in a temporary file that is already unlinked
// where the system allows it, and encrypted to a key that is never written:
// records of people leave nothing behind on the desk's disk.
type spool struct {
	name string
	dir  string
	hash hash.Hash
	size int64

	fixed  []byte // bytes that somebody holds anyway
	memory bytes.Buffer
	file   *os.File
	key    *age.X25519Identity
	sealed io.WriteCloser
}

func newSpool(dir, name string) *spool { return &spool{name: name, dir: dir} }

// hold makes the file these very bytes, without copying them.
func (s *spool) hold(b []byte) { s.fixed, s.size = b, int64(len(b)) }

func (s *spool) Write(b []byte) (int, error) {
	if s.hash == nil {
		s.hash = sha256.New()
	}
	s.hash.Write(b)
	s.size += int64(len(b))
	if s.file == nil && s.memory.Len()+len(b) <= inMemory {
		return s.memory.Write(b)
	}
	if s.file == nil {
		if err := s.overflow(); err != nil {
			return 0, fmt.Errorf("spool %s: %w", s.name, err)
		}
	}
	return s.sealed.Write(b)
}

// overflow opens the sealed file and moves what memory holds there.
func (s *spool) overflow() (err error) {
	if s.key, err = age.GenerateX25519Identity(); err != nil {
		return err
	}
	if s.dir != "" {
		if err = os.MkdirAll(s.dir, 0o700); err != nil {
			return err
		}
	}
	if s.file, err = os.CreateTemp(s.dir, "letterlock-spool-*"); err != nil {
		return err
	}
	if err = os.Remove(s.file.Name()); err != nil {
		// A system that keeps open files in place: close removes it.
		err = nil
	}
	if s.sealed, err = age.Encrypt(s.file, s.key.Recipient()); err != nil {
		return err
	}
	_, err = s.sealed.Write(s.memory.Bytes())
	clear(s.memory.Bytes())
	s.memory = bytes.Buffer{}
	return err
}

// entry ends the writing.
func (s *spool) entry() (bundle.Entry, error) {
	if s.sealed != nil {
		if err := s.sealed.Close(); err != nil {
			return bundle.Entry{}, fmt.Errorf("spool %s: %w", s.name, err)
		}
		s.sealed = nil
	}
	e := bundle.Entry{Name: s.name, Size: s.size, SHA256: sha256.Sum256(s.fixed)}
	if s.hash != nil {
		e.SHA256 = bundle.Digest(s.hash.Sum(nil))
	}
	return e, nil
}

// copyTo writes the file out.
func (s *spool) copyTo(w io.Writer) error {
	if s.file == nil {
		held := s.fixed
		if held == nil {
			held = s.memory.Bytes()
		}
		_, err := w.Write(held)
		return err
	}
	if _, err := s.file.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("spool %s: %w", s.name, err)
	}
	r, err := age.Decrypt(s.file, s.key)
	if err != nil {
		return fmt.Errorf("spool %s: %w", s.name, err)
	}
	n, err := io.Copy(w, r)
	if err == nil && n != s.size {
		err = io.ErrUnexpectedEOF
	}
	return err
}

// close forgets everything.
func (s *spool) close() error {
	clear(s.memory.Bytes())
	if s.file == nil {
		return nil
	}
	name := s.file.Name()
	err := s.file.Close()
	if gone := os.Remove(name); gone != nil && !errors.Is(gone, os.ErrNotExist) {
		err = errors.Join(err, gone)
	}
	return err
}
