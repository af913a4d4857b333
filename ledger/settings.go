package ledger

import (
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"letterlock/internal/clock"
	"letterlock/internal/fault"
	"letterlock/ledger/proof"
)

// The files of a ledger's directory.
const (
	fileSettings    = "settings"    // signed note
	fileSecret      = "secret"      // private
	fileJournal     = "journal"     // private: the openings
	fileHashes      = "hashes"      // public
	fileCheckpoints = "checkpoints" // public
	fileCosigned    = "cosigned"    // public
	dirWitnessed    = "witnessed"   // last checkpoints seen of others
)

// PublicFiles are the files that hold nothing but what anyone may read, unless
// the ledger is sealed.
var PublicFiles = []string{fileSettings, fileHashes, fileCheckpoints, fileCosigned}

const (
	settingsHead = "letterlock ledger settings v1"
	maxBatch     = 1 << 16
	maxInterval  = MaxAhead / 2 // so that the persisted high-water mark is never a jump old
)

// settings are the fixed part of a ledger as its settings file holds it.
type settings struct {
	Settings
	Created time.Time
	Key     string // verifier key of the ledger
	Witness string // verifier key of its co-signatures
}

func (s Settings) validate() error {
	switch {
	case s.Origin == "" || len(s.Origin) > 200 || strings.ContainsFunc(s.Origin, func(r rune) bool { return r <= ' ' || r > '~' || r == '+' }):
		return settingsError("a ledger's name is 1 to 200 printable characters without spaces and +")
	case s.Interval < time.Second || s.Interval > maxInterval || s.Interval%time.Second != 0:
		return settingsError("a ledger's interval is 1 to %d whole seconds", maxInterval/time.Second)
	case s.Batch < 2 || s.Batch > maxBatch:
		return settingsError("a ledger's batch is 2 to %d leaves", maxBatch)
	case s.Reserved < 0 || s.Reserved >= s.Batch:
		return settingsError("a ledger's reserved leaves are fewer than its batch of %d", s.Batch)
	case s.Backlog < 1:
		return settingsError("a ledger's backlog is at least one batch")
	}
	return nil
}

func settingsError(format string, args ...any) error {
	return fault.New(fault.Invalid, "ledger settings", format+".", args...)
}

// room is how many ordinary records may wait.
func (s Settings) room() int { return (s.Batch - s.Reserved) * s.Backlog }

// due is the tick at or before t, in seconds since 1970.
func (s Settings) due(t time.Time) int64 {
	sec := int64(s.Interval / time.Second)
	return t.Unix() - t.Unix()%sec
}

func (s settings) text() string {
	return fmt.Sprintf("%s\norigin %s\ninterval %d\nbatch %d\nreserved %d\nbacklog %d\nsealed %t\ncreated %d\nkey %s\nwitness %s\n",
		settingsHead, s.Origin, s.Interval/time.Second, s.Batch, s.Reserved, s.Backlog, s.Sealed, s.Created.Unix(), s.Key, s.Witness)
}

func witnessName(origin string) string { return origin + "/witness" }

func newSettings(s Settings, created time.Time, sec *secret) settings {
	return settings{s, time.Unix(created.Unix(), 0).UTC(),
		proof.LogKey(s.Origin, sec.log.Public().(ed25519.PublicKey)),
		proof.WitnessKey(witnessName(s.Origin), sec.witness.Public().(ed25519.PublicKey))}
}

func (s settings) signed(sec *secret) []byte {
	return []byte(s.text() + "\n" + proof.LogLine(s.Origin, sec.log, s.text()))
}

// parseSettings reads a settings file and verifies its signature by the key it
// names. Whether that key is the right one is the caller's question.
func parseSettings(b []byte) (settings, error) {
	text, _, ok := strings.Cut(string(b), "\n\n")
	text += "\n"
	var s settings
	var sec, created int64
	if _, err := fmt.Sscanf(text, settingsHead+"\norigin %s\ninterval %d\nbatch %d\nreserved %d\nbacklog %d\nsealed %t\ncreated %d\nkey %s\nwitness %s\n",
		&s.Origin, &sec, &s.Batch, &s.Reserved, &s.Backlog, &s.Sealed, &created, &s.Key, &s.Witness); err != nil || !ok {
		return settings{}, errors.New("the settings cannot be read")
	}
	if sec < 1 || sec > int64(maxInterval/time.Second) {
		return settings{}, errors.New("the settings' interval is out of range")
	}
	s.Interval, s.Created = time.Duration(sec)*time.Second, time.Unix(created, 0).UTC()
	if err := s.validate(); err != nil || s.text() != text {
		return settings{}, errors.New("the settings are not in their one exact form")
	}
	v, err := note.NewVerifier(s.Key)
	if err != nil {
		return settings{}, fmt.Errorf("the settings' key: %w", err)
	}
	if _, err := proof.ParseKeys(s.Key, s.Witness); err != nil {
		return settings{}, fmt.Errorf("the settings' keys: %w", err)
	}
	if n, err := note.Open(b, note.VerifierList(v)); err != nil || len(n.Sigs) != 1 || !exactNote(b) {
		return settings{}, errors.New("the settings are not signed by their key")
	}
	return s, nil
}

// Exists reports whether a whole ledger lies in the directory: one that Create
// finished.
func Exists(dir string) bool {
	_, err := osDisk{dir}.size(fileSettings)
	return err == nil
}

// Create makes a ledger in a directory that holds none, with keys from random
// (crypto/rand if nil). It refuses where there is one: a second key would make
// every earlier proof worthless.
func Create(dir string, s Settings, c clock.Clock, random io.Reader) error {
	return create(osDisk{dir}, s, c, random)
}

func create(d disk, s Settings, c clock.Clock, random io.Reader) error {
	if err := s.validate(); err != nil {
		return err
	}
	if err := vacant(d); err != nil {
		return err
	}
	if random == nil {
		random = rand.Reader
	}
	var master [32]byte
	if _, err := io.ReadFull(random, master[:]); err != nil {
		return fmt.Errorf("create ledger: draw a key: %w", err)
	}
	sec := newSecret(master)
	set := newSettings(s, c.Now(), sec)
	// The settings come last: a directory without them is no ledger yet.
	files := []struct {
		name string
		data []byte
	}{{fileSecret, sec.file()}, {fileJournal, nil}, {fileHashes, nil}, {fileCheckpoints, nil}, {fileCosigned, nil}, {fileSettings, set.signed(sec)}}
	if err := d.mkdir(dirWitnessed); err != nil {
		return unavailable("create ledger", err)
	}
	for _, f := range files {
		if err := replace(d, f.name, f.data); err != nil {
			return unavailable("create ledger", err)
		}
	}
	return nil
}

// vacant refuses a directory in which a ledger is, or may once have been.
func vacant(d disk) error {
	for _, name := range []string{fileSettings, fileJournal, fileHashes, fileCheckpoints, fileCosigned} {
		n, err := d.size(name)
		if err == nil && (n > 0 || name == fileSettings) {
			return fault.New(fault.Conflict, "create ledger", "refusing to create a ledger where one exists (%s is there): open it, or move the directory away.", filepath.Base(name))
		}
		if err != nil && !notThere(err) {
			return unavailable("create ledger", err)
		}
	}
	return nil
}
