package ledger

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"

	"letterlock/ledger/proof"
)

// Report is what Check found. It counts records, so it is as private as the
// journal.
type Report struct {
	Origin      string
	Sealed      bool
	Size        int64 // leaves whose hashes were computed anew
	Records     int   // of these and of those waiting, how many are real
	Pending     int   // real ones that no batch has taken yet
	Checkpoints int
	Cosigned    int
	Witnessed   int // checkpoints of other ledgers
	From, To    time.Time
	Notes       []string // what is no fault but should be known
	Breaks      []Break
}

// Break is a place where a ledger does not hold.
type Break struct {
	File   string
	Offset int64
	Say    string
}

func (b Break) String() string { return fmt.Sprintf("%s, byte %d: %s", b.File, b.Offset, b.Say) }

// OK reports whether everything holds.
func (r Report) OK() bool { return len(r.Breaks) == 0 }

// String is the report in plain words.
func (r Report) String() string {
	var b strings.Builder
	verdict := "holds: every record, leaf, hash, signature and time was verified"
	if !r.OK() {
		verdict = "DOES NOT HOLD"
	}
	fmt.Fprintf(&b, "ledger %s %s\n", r.Origin, verdict)
	fmt.Fprintf(&b, "  %d leaves computed anew, %d records opened, %d waiting, %d checkpoints verified, %d of them co-signed, %d checkpoints of others\n",
		r.Size, r.Records, r.Pending, r.Checkpoints, r.Cosigned, r.Witnessed)
	for _, n := range r.Notes {
		fmt.Fprintf(&b, "  note: %s\n", n)
	}
	for _, x := range r.Breaks {
		fmt.Fprintf(&b, "  DOES NOT HOLD: %s\n", x)
	}
	return b.String()
}

// Check re-verifies a ledger's directory from its bytes alone: every journal
// record, leaf, tree hash, checkpoint, co-signature and the order of times.
// Give it the verifier keys that are known from elsewhere: without them it can
// only say that the ledger agrees with the keys it names itself. It may run
// beside the open ledger. An error means that the files could not be read;
// what does not hold is in the Report.
func Check(dir string, vkeys ...string) (Report, error) { return check(osDisk{dir}, nil, vkeys) }

// Earlier is a checkpoint that somebody kept. Used says that it was of the
// ledger that was checked.
type Earlier struct {
	File string
	Note []byte
	Used bool
}

// CheckSince is Check, and holds the ledger against checkpoints of earlier: it
// must continue each that is its own.
func CheckSince(dir string, since []*Earlier, vkeys ...string) (Report, error) {
	return check(osDisk{dir}, since, vkeys)
}

func check(d disk, since []*Earlier, vkeys []string) (Report, error) {
	given, err := proof.ParseKeys(vkeys...)
	if err != nil {
		return Report{}, err
	}
	c := &checker{disk: d, since: since, given: given, vkeys: vkeys, leaves: map[int64]proof.Leaf{}, waiting: map[uint64]proof.Leaf{}, aside: map[string]bool{}}
	for _, step := range []func() error{c.measure, c.settings, c.secret, c.journal, c.tree, c.continues, c.cosigned, c.witnessed, c.leftovers} {
		if err := step(); err != nil {
			return c.r, fmt.Errorf("check ledger: %w", err)
		}
		if c.stop {
			break
		}
	}
	return c.r, nil
}

// checker holds what one check has established so far.
type checker struct {
	disk  disk
	since []*Earlier
	r     Report
	given proof.Keys
	vkeys []string
	set   settings
	sec   *secret
	stop  bool // what follows would make no sense
	sizes map[string]int64

	start   chain
	waiting map[uint64]proof.Leaf
	leaves  map[int64]proof.Leaf
	aside   map[string]bool
	ticks   []int64  // of each batch
	texts   []string // of each checkpoint, as they must be; -1 leaves first
}

func (c *checker) broke(file string, at int64, format string, args ...any) {
	const enough = 100
	if len(c.r.Breaks) < enough {
		c.r.Breaks = append(c.r.Breaks, Break{file, at, fmt.Sprintf(format, args...)})
	}
}

func (c *checker) note(format string, args ...any) {
	c.r.Notes = append(c.r.Notes, fmt.Sprintf(format, args...))
}

// measure fixes how much of each file is looked at. It measures until two
// measures agree, so that a check beside a running ledger sees one moment.
func (c *checker) measure() error {
	const patience = 1000
	for range patience {
		before := c.sizes
		if err := c.sizeAll(); err != nil {
			return err
		}
		if maps.Equal(before, c.sizes) {
			break
		}
	}
	for _, name := range measured {
		if c.sizes[name] < 0 {
			c.broke(name, 0, "the file is missing")
			c.stop = true
		}
	}
	return nil
}

// measured are the files that grow, what is written last first.
var measured = []string{fileCosigned, fileCheckpoints, fileHashes, fileJournal, fileSettings}

func (c *checker) sizeAll() error {
	c.sizes = map[string]int64{}
	for _, name := range measured {
		n, err := c.disk.size(name)
		if notThere(err) {
			n, err = -1, nil
		}
		if err != nil {
			return err
		}
		c.sizes[name] = n
	}
	return nil
}

// read opens the measured part of a file.
func (c *checker) read(name string) (*io.SectionReader, func() error, error) {
	f, err := c.disk.open(name, false)
	if err != nil {
		return nil, nil, err
	}
	return io.NewSectionReader(f, 0, c.sizes[name]), f.Close, nil
}

func (c *checker) settings() error {
	b, err := readAll(c.disk, fileSettings)
	if err != nil {
		return err
	}
	if c.set, err = parseSettings(b); err != nil {
		c.broke(fileSettings, 0, "%v", err)
		c.stop = true
		return nil
	}
	c.start = chainStart(b)
	c.r.Origin, c.r.Sealed = c.set.Origin, c.set.Sealed
	if len(c.vkeys) == 0 {
		c.note("no verifier keys were given: the ledger was checked against the keys it names itself, and co-signatures were not verified")
	} else if !slices.Contains(c.vkeys, c.set.Key) {
		c.broke(fileSettings, 0, "the ledger's key is none of those given")
	}
	return nil
}

func (c *checker) secret() error {
	b, err := readAll(c.disk, fileSecret)
	if notThere(err) {
		c.note("the secret is not here: leaves without a record could not be shown to be dummies")
		return nil
	}
	if err != nil {
		return err
	}
	sec, err := parseSecret(b)
	switch {
	case err != nil:
		c.broke(fileSecret, 0, "%v", err)
	case newSettings(c.set.Settings, c.set.Created, sec) != c.set:
		c.broke(fileSecret, 0, "the secret belongs to another ledger")
	default:
		c.sec = sec
	}
	return nil
}

// ownKey verifies notes by the ledger's own key.
func (c *checker) ownKey() note.Verifiers {
	v, err := note.NewVerifier(c.set.Key)
	if err != nil {
		return note.VerifierList()
	}
	return note.VerifierList(v)
}

func (c *checker) witnessed() error {
	names, err := c.disk.list(dirWitnessed)
	if notThere(err) {
		c.broke(dirWitnessed, 0, "the folder is missing")
		return nil
	}
	if err != nil {
		return err
	}
	for _, name := range names {
		if strings.HasSuffix(name, ".tmp") {
			c.note("%s is an interrupted write", name)
			continue
		}
		b, err := readAll(c.disk, name)
		if err != nil {
			return err
		}
		w, err := parseWitnessed(b)
		switch {
		case err != nil:
			c.broke(name, 0, "what was seen of another ledger is damaged: %v", err)
		case witnessedName(w.Origin) != name:
			c.broke(name, 0, "the checkpoint is of %s, which belongs elsewhere", w.Origin)
		case len(c.vkeys) > 0 && !slices.Contains(c.vkeys, w.key):
			c.broke(name, 0, "the key of %s is none of those given", w.Origin)
		default:
			c.r.Witnessed++
		}
	}
	return nil
}

// leftovers says which files are there that no ledger needs.
func (c *checker) leftovers() error {
	names, err := c.disk.list(".")
	if err != nil {
		return err
	}
	known := []string{fileSettings, fileSecret, fileJournal, fileHashes, fileCheckpoints, fileCosigned, dirWitnessed, "lost+found"}
	for _, name := range names {
		if !slices.Contains(known, name) {
			c.note("%s is no part of the ledger (an interrupted write, or bytes cut from a damaged end)", name)
		}
	}
	return nil
}
