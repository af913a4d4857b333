// Package blob keeps bytes that are too large for a database: the desk's papers
// and packages as files under their SHA-256 (Folder), and people's sealed files
// in pieces, in a folder (Pieces) or an S3 bucket (Bucket). It knows no case and
// no person: whose bytes they are stands in the database, or nowhere.
package blob

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
)

// Folder is a store of blobs. Equal bytes are kept once.
type Folder struct{ dir string }

var _ casefile.Blobs = (*Folder)(nil)

// Open makes the folder for its owner alone, and drops what an interrupted Put
// left behind.
func Open(dir string) (*Folder, error) {
	if err := os.MkdirAll(filepath.Join(dir, incoming), 0o700); err != nil {
		return nil, fmt.Errorf("open blobs: %w", err)
	}
	left, err := os.ReadDir(filepath.Join(dir, incoming))
	if err != nil {
		return nil, fmt.Errorf("open blobs: %w", err)
	}
	for _, e := range left {
		if err := erase(filepath.Join(dir, incoming, e.Name())); err != nil {
			return nil, fmt.Errorf("open blobs: %w", err)
		}
	}
	return &Folder{dir}, nil
}

const incoming = "incoming"

func (f *Folder) path(s casefile.Sum) string {
	return filepath.Join(f.dir, string(s[:2]), string(s[2:]))
}

// Put stores all of r durably. More than max bytes is TooLarge, and nothing is
// kept.
func (f *Folder) Put(ctx context.Context, r io.Reader, max int64) (casefile.Sum, int64, error) {
	tmp, err := os.CreateTemp(filepath.Join(f.dir, incoming), "put-")
	if err != nil {
		return "", 0, full(err)
	}
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(tmp, h), io.LimitReader(r, max+1))
	switch {
	case err != nil:
		err = full(err)
	case n > max:
		err = fault.New(fault.TooLarge, "store file", "the file is over %d MiB; split it or make it smaller", max>>20)
	case ctx.Err() != nil:
		err = ctx.Err()
	default:
		err = tmp.Sync()
	}
	if err = errors.Join(err, tmp.Close()); err != nil {
		return "", 0, errors.Join(err, erase(tmp.Name()))
	}
	sum := casefile.Sum(hex.EncodeToString(h.Sum(nil)))
	return sum, n, f.settle(tmp.Name(), sum)
}

// settle moves a finished file to its name.
func (f *Folder) settle(tmp string, sum casefile.Sum) error {
	to := f.path(sum)
	if _, err := os.Stat(to); err == nil {
		return erase(tmp)
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return full(err)
	}
	if err := os.Rename(tmp, to); err != nil {
		return full(err)
	}
	if err := syncFolder(filepath.Dir(to)); err != nil {
		return full(err)
	}
	return nil
}

// syncFolder makes names in a folder durable.
func syncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func full(err error) error {
	return fault.Wrap(fault.Unavailable, "store file", err, "the file cannot be stored now; nothing was changed; try again")
}

// Open reads a blob; its bytes are checked against the hash as they are read,
// and a damaged one ends in an error instead of an end.
func (f *Folder) Open(_ context.Context, s casefile.Sum) (io.ReadCloser, error) {
	if !s.Valid() {
		return nil, fault.New(fault.Invalid, "open file", "not the hash of a file")
	}
	file, err := os.Open(f.path(s))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(fault.NotFound, "open file", "the file is not there any more")
	}
	if err != nil {
		return nil, fmt.Errorf("open blob: %w", err)
	}
	want, err := hex.DecodeString(string(s))
	return &checked{file: file, sum: sha256.New(), want: want}, err
}

type checked struct {
	file *os.File
	sum  interface {
		io.Writer
		Sum([]byte) []byte
	}
	want []byte
}

func (c *checked) Read(p []byte) (int, error) {
	n, err := c.file.Read(p)
	c.sum.Write(p[:n])
	if err == io.EOF && !bytes.Equal(c.sum.Sum(nil), c.want) {
		return n, fmt.Errorf("read blob: the file on the disk is damaged")
	}
	return n, err
}

func (c *checked) Close() error { return c.file.Close() }

// Remove overwrites a blob and removes it; an absent one is no error.
func (f *Folder) Remove(_ context.Context, s casefile.Sum) error {
	if !s.Valid() {
		return fault.New(fault.Invalid, "remove file", "not the hash of a file")
	}
	return erase(f.path(s))
}

// erase overwrites a file before it removes it, so that what the file system
// keeps of its blocks is zeros. A flash disk may keep more: docs/threat-model.md.
func erase(path string) error {
	file, err := os.OpenFile(path, os.O_WRONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("erase: %w", err)
	}
	info, err := file.Stat()
	if err == nil {
		_, err = io.CopyN(file, zeros{}, info.Size())
	}
	if err = errors.Join(err, file.Sync(), file.Close()); err != nil {
		return fmt.Errorf("erase: %w", err)
	}
	return os.Remove(path)
}

// longAgo is the time of every piece of people's files: the real one would say
// when somebody sent something.
var longAgo = time.Unix(0, 0)

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }
