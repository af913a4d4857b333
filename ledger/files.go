package ledger

import (
	"bytes"
	"encoding/base64"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"letterlock/internal/fault"
)

// disk is a ledger's directory. The ledger never holds a file open for
// writing longer than the disk lets it: every failure is met by opening anew.
type disk interface {
	open(name string, write bool) (file, error) // write creates
	size(name string) (int64, error)
	rename(from, to string) error // durable when it returns
	mkdir(name string) error      // also the directory itself
	list(name string) ([]string, error)
	lock() (io.Closer, error)
}

type file interface {
	io.ReaderAt
	io.WriterAt
	io.Closer
	Truncate(size int64) error
	Sync() error
}

// osDisk is a directory of the operating system.
type osDisk struct{ dir string }

func (d osDisk) path(name string) string { return filepath.Join(d.dir, name) }

func (d osDisk) open(name string, write bool) (file, error) {
	flag := os.O_RDONLY
	if write {
		flag = os.O_RDWR | os.O_CREATE
	}
	return os.OpenFile(d.path(name), flag, 0o600)
}

func (d osDisk) size(name string) (int64, error) {
	st, err := os.Stat(d.path(name))
	if err != nil {
		return 0, err
	}
	return st.Size(), nil
}

func (d osDisk) rename(from, to string) error {
	if err := os.Rename(d.path(from), d.path(to)); err != nil {
		return err
	}
	dir, err := os.Open(filepath.Dir(d.path(to)))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

func (d osDisk) mkdir(name string) error { return os.MkdirAll(d.path(name), 0o700) }

func (d osDisk) list(name string) ([]string, error) {
	es, err := os.ReadDir(d.path(name))
	var out []string
	for _, e := range es {
		out = append(out, filepath.Join(name, e.Name()))
	}
	return out, err
}

// lock keeps a second process out. It locks the secret file, which is there
// and readable also when the disk is read-only.
func (d osDisk) lock() (io.Closer, error) {
	f, err := os.Open(d.path(fileSecret))
	if err != nil {
		return nil, err
	}
	if err := lockFile(f); err != nil {
		f.Close()
		return nil, fault.Wrap(fault.Conflict, "open ledger", err, "refusing to open the ledger: another process has it open.")
	}
	return f, nil
}

func notThere(err error) bool { return errors.Is(err, fs.ErrNotExist) }

func readAll(d disk, name string) ([]byte, error) {
	n, err := d.size(name)
	if err != nil {
		return nil, err
	}
	f, err := d.open(name, false)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.NewSectionReader(f, 0, n))
}

// replace puts a whole file in place of another, or of none, at once.
func replace(d disk, name string, data []byte) error {
	tmp := name + ".tmp"
	f, err := d.open(tmp, true)
	if err != nil {
		return err
	}
	err = f.Truncate(0)
	if err == nil {
		_, err = f.WriteAt(data, 0)
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return d.rename(tmp, name)
}

// tail is a file that only grows. What append has returned for is durable;
// what it failed for is cut off before the next bytes are written.
type tail struct {
	disk disk
	name string
	size int64 // durable and whole
	keep int64 // bytes after size to save in a file of their own before they are cut
	torn bool  // something may lie after size
	f    file
}

func (t *tail) append(b []byte) error {
	if err := t.ready(); err != nil {
		return err
	}
	t.torn = true
	_, err := t.f.WriteAt(b, t.size)
	if err == nil {
		err = t.f.Sync()
	}
	if err != nil {
		t.close() // and open anew: after a failed sync nothing unsynced can be believed
		return err
	}
	t.size += int64(len(b))
	t.torn = false
	return nil
}

func (t *tail) ready() error {
	if t.f == nil {
		f, err := t.disk.open(t.name, true)
		if err != nil {
			return err
		}
		t.f = f
	}
	if !t.torn {
		return nil
	}
	if err := t.save(); err != nil {
		return err
	}
	if err := t.f.Truncate(t.size); err != nil {
		t.close()
		return err
	}
	t.torn = false
	return nil
}

// save keeps what will be cut although it looks like more than an
// interrupted write.
func (t *tail) save() error {
	if t.keep == 0 {
		return nil
	}
	b := make([]byte, t.keep)
	if _, err := t.f.ReadAt(b, t.size); err != nil && err != io.EOF {
		return err
	}
	if err := replace(t.disk, cutName(t.name, t.size), b); err != nil {
		return err
	}
	t.keep = 0
	return nil
}

func (t *tail) close() {
	if t.f != nil {
		t.f.Close()
		t.f = nil
	}
}

// unavailable tells people that the ledger cannot be written, and why.
func unavailable(op string, err error) error {
	var f *fault.Error
	if errors.As(err, &f) {
		return err
	}
	why, what := "disk error", "look at the ledger's disk"
	switch {
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT), errors.Is(err, syscall.EFBIG):
		why, what = "disk full", "free space on the ledger's disk"
	case errors.Is(err, syscall.EROFS), errors.Is(err, fs.ErrPermission):
		why, what = "read-only", "make the ledger's disk writable"
	}
	return fault.Wrap(fault.Unavailable, op, err, "the ledger cannot be written (%s): nothing was recorded and nothing was released; %s and try again.", why, what)
}

// exactNote reports whether the signature lines of a note are written in the
// one way, so that no byte of them can change unseen.
func exactNote(b []byte) bool {
	_, sigs, ok := bytes.Cut(b, []byte("\n\n"))
	if !ok || !bytes.HasSuffix(sigs, []byte("\n")) {
		return false
	}
	for line := range strings.Lines(string(sigs)) {
		if !exactLine(line) {
			return false
		}
	}
	return true
}

func exactLine(line string) bool {
	name, code, ok := strings.Cut(strings.TrimPrefix(line, "— "), " ")
	raw, err := base64.StdEncoding.Strict().DecodeString(strings.TrimSuffix(code, "\n"))
	return ok && err == nil && line == "— "+name+" "+base64.StdEncoding.EncodeToString(raw)+"\n"
}
