package ledger

import (
	"io"
)

// What the external tests need of the inside: a disk of their own, and the
// parsers to fuzz.

type (
	Disk   = disk
	File   = file
	OSDisk = osDisk
)

func NewOSDisk(dir string) Disk { return osDisk{dir} }

func OpenOn(d Disk, o Options) (*Ledger, error) { return open(d, o) }

// CheckItem parses a journal item and prints it again.
func CheckItem(b []byte) ([]byte, error) {
	it, err := parseItem(b)
	if err != nil {
		return nil, err
	}
	return it.bytes(), nil
}

// Frames reads frames and writes them again; rest is what makes no sense.
func Frames(r io.Reader) (again []byte) {
	var c, d chain
	for {
		payload, next, err := readFrame(r, c)
		if err != nil {
			return again
		}
		again, d = appendFrame(again, d, payload)
		if d != next {
			panic("a frame that was read is not the one that is written")
		}
		c = next
	}
}

// LoadAside reads a side journal and says how many records it had and how
// many bytes made no sense.
func LoadAside(b []byte) (int, int) {
	a := &aside{seen: map[string]bool{}}
	rest := a.load(b)
	return len(a.list), rest
}

// SettingsAgain parses a settings file and prints its text again.
func SettingsAgain(b []byte) (string, error) {
	s, err := parseSettings(b)
	if err != nil {
		return "", err
	}
	return s.text(), nil
}

// SecretAgain parses a secret file and writes it again.
func SecretAgain(b []byte) ([]byte, error) {
	s, err := parseSecret(b)
	if err != nil {
		return nil, err
	}
	return s.file(), nil
}

// NewSecret is a secret to try to print.
func NewSecret() any { return newSecret([32]byte{1, 2, 3}) }

// WitnessedAgain parses a witnessed checkpoint and writes it again.
func WitnessedAgain(b []byte) ([]byte, error) {
	w, err := parseWitnessed(b)
	if err != nil {
		return nil, err
	}
	return w.file(), nil
}

// CutLastNote finds the last whole note.
func CutLastNote(b []byte) ([]byte, int) { return cutLastNote(b) }

// Through is a disk whose files pass through a function.
func Through(d Disk, f func(string, File) File) Disk { return throughDisk{d, f} }

type throughDisk struct {
	disk
	wrap func(string, File) File
}

func (d throughDisk) open(name string, write bool) (file, error) {
	f, err := d.disk.open(name, write)
	if err != nil {
		return nil, err
	}
	return d.wrap(name, f), nil
}

// Queued is how many records wait for the disk.
func (l *Ledger) Queued() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.queue)
}
