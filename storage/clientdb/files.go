package clientdb

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"letterlock/client"
	"letterlock/wire"
)

// Files is the folder of sealed files beside the key store. Whoever has only
// the folder has nothing: the keys are in the store, and when a message is
// removed its key is erased there.
type Files struct{ dir string }

var _ client.Files = (*Files)(nil)

// OpenFiles names the folder. It is there, for its owner alone, while there is a
// file in it.
func OpenFiles(dir string) *Files { return &Files{filepath.Join(dir, "files")} }

func (f *Files) path(id wire.MediaID) string { return filepath.Join(f.dir, id.String()) }

// Put writes over or behind what there is. What a power cut takes away is
// missed when the file is examined.
func (f *Files) Put(_ context.Context, id wire.MediaID, b []byte, at int64) error {
	file, err := os.OpenFile(f.path(id), os.O_CREATE|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrNotExist) {
		if err = os.MkdirAll(f.dir, 0o700); err == nil {
			file, err = os.OpenFile(f.path(id), os.O_CREATE|os.O_WRONLY, 0o600)
		}
	}
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err == nil && at > info.Size() {
		err = errors.New("a gap in a file")
	}
	if err == nil {
		_, err = file.WriteAt(b, at)
	}
	return errors.Join(err, file.Close())
}

// Read is io.ReaderAt of one file.
func (f *Files) Read(_ context.Context, id wire.MediaID, b []byte, at int64) (int, error) {
	file, err := os.Open(f.path(id))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, io.EOF
	}
	if err != nil {
		return 0, err
	}
	defer file.Close()
	return file.ReadAt(b, at)
}

// Size is the length that there is.
func (f *Files) Size(_ context.Context, id wire.MediaID) (int64, error) {
	info, err := os.Stat(f.path(id))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

// Remove takes a file away.
func (f *Files) Remove(_ context.Context, id wire.MediaID) error {
	err := os.Remove(f.path(id))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	os.Remove(f.dir) // it stays while there is a file in it
	return nil
}

// Each names every file.
func (f *Files) Each(ctx context.Context, each func(wire.MediaID) error) error {
	all, err := os.ReadDir(f.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, e := range all {
		id, err := wire.ParseMediaID(e.Name())
		if err != nil {
			continue // not ours
		}
		if err := errors.Join(ctx.Err(), each(id)); err != nil {
			return err
		}
	}
	return nil
}
