package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"

	"letterlock/messenger/media"
	"letterlock/wire"
)

// Pieces is a folder of people's sealed files: a folder for each blob, in it a
// file for each piece. Names are random numbers, and times of files are set to
// one and the same.
type Pieces struct{ dir string }

var _ media.Blobs = (*Pieces)(nil)

// OpenPieces makes the folder for its owner alone, and drops what interrupted
// Puts left behind.
func OpenPieces(dir string) (*Pieces, error) {
	f, err := Open(dir)
	if err != nil {
		return nil, err
	}
	return &Pieces{f.dir}, nil
}

func (p *Pieces) folder(id wire.MediaID) string {
	s := id.String()
	return filepath.Join(p.dir, s[:2], s[2:])
}

func (p *Pieces) path(id wire.MediaID, n int) string {
	return filepath.Join(p.folder(id), strconv.Itoa(n))
}

// Put stores a piece durably.
func (p *Pieces) Put(ctx context.Context, id wire.MediaID, n int, r io.Reader, size int64) error {
	tmp, err := os.CreateTemp(filepath.Join(p.dir, incoming), "put-")
	if err != nil {
		return err
	}
	_, err = io.CopyN(tmp, r, size)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	if err == nil {
		err = errors.Join(ctx.Err(), tmp.Sync())
	}
	if err = errors.Join(err, tmp.Close()); err == nil {
		err = p.settle(tmp.Name(), p.path(id, n))
	}
	if err != nil {
		return errors.Join(err, erase(tmp.Name()))
	}
	return nil
}

func (p *Pieces) settle(tmp, to string) error {
	if err := os.Chtimes(tmp, longAgo, longAgo); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	if err := os.Rename(tmp, to); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(to))
}

// Open reads a piece from a byte on.
func (p *Pieces) Open(_ context.Context, id wire.MediaID, n int, from int64) (io.ReadCloser, error) {
	f, err := os.Open(p.path(id, n))
	if err != nil {
		return nil, fmt.Errorf("open piece: %w", err)
	}
	if _, err := f.Seek(from, io.SeekStart); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// Remove overwrites the pieces and takes them away.
func (p *Pieces) Remove(_ context.Context, id wire.MediaID) error {
	all, err := os.ReadDir(p.folder(id))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, e := range all {
		if err := erase(filepath.Join(p.folder(id), e.Name())); err != nil {
			return err
		}
	}
	return os.Remove(p.folder(id))
}

// Each names every blob of which there is a piece.
func (p *Pieces) Each(ctx context.Context, f func(wire.MediaID) error) error {
	outer, err := os.ReadDir(p.dir)
	if err != nil {
		return err
	}
	for _, o := range outer {
		inner, err := os.ReadDir(filepath.Join(p.dir, o.Name()))
		if err != nil {
			return err
		}
		for _, i := range inner {
			id, err := wire.ParseMediaID(o.Name() + i.Name())
			if err != nil || !i.IsDir() {
				continue
			}
			if err := errors.Join(ctx.Err(), f(id)); err != nil {
				return err
			}
		}
	}
	return nil
}
