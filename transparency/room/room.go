// Package room is the public document room: what a folder of published papers
// holds, how it is put there and taken out again, and how anyone checks it. It
// knows files, hashes and the proof of a ledger; it must not know a case, a
// person, or why something was left out.
package room

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"time"

	"letterlock/internal/fault"
)

// Format names the form of a manifest. A later form has another name.
const Format = "letterlock.document.v1"

// The kinds of the ledger's records. The body of each is the SHA-256 of the
// manifest, or of the tombstone, and nothing else.
const (
	KindPublished = "room.published"
	KindWithdrawn = "room.withdrawn"
)

// The files of a publication beside its papers.
const (
	FileManifest   = "manifest.json"
	FileProof      = "ledger.proof"
	FileTombstone  = "tombstone.json"
	FileStoneProof = "tombstone.proof"
	FileCounts     = "counts.json" // of the whole room, beside the folders
)

// Limits of one publication, far above what a case may hold.
const (
	MaxFiles    = 25_000
	MaxManifest = 8 << 20
	MaxFile     = 32 << 20
)

// ID names a publication. It is random: it says nothing of the case, and counts
// nothing.
type ID string

var idForm = regexp.MustCompile(`^[0-9a-f]{16}$`)

// ParseID reads an id.
func ParseID(s string) (ID, error) {
	if !idForm.MatchString(s) {
		return "", fault.New(fault.NotFound, "open document", "There is no such document here.")
	}
	return ID(s), nil
}

// Day is a date in UTC. A publication says no moment finer than that.
type Day string

// DayOf is the day of a time.
func DayOf(t time.Time) Day { return Day(t.UTC().Format(time.DateOnly)) }

// Time is the day's beginning.
func (d Day) Time() time.Time { t, _ := time.Parse(time.DateOnly, string(d)); return t }

// Manifest is the list of what a publication holds. Its SHA-256 stands in the
// public ledger.
type Manifest struct {
	Format    string  `json:"format"`
	ID        ID      `json:"id"`
	Published Day     `json:"published"`
	ProcessID string  `json:"process_id"`
	Process   string  `json:"process"`
	Place     string  `json:"place"`
	Agency    string  `json:"agency,omitempty"` // empty: left out
	Objected  int     `json:"objected"`         // papers of the same case that counsel objected to publishing
	Papers    []Paper `json:"papers"`
	Files     []File  `json:"files"` // all of them but this list and its proof, by name
}

// Paper is one paper: a text, or pages as pictures.
type Paper struct {
	Title string `json:"title"`
	Text  string `json:"text,omitempty"` // name of the file
	Total int    `json:"total,omitempty"`
	Shown []Page `json:"shown,omitempty"`
}

// Withheld is how many pages are not shown.
func (p Paper) Withheld() int { return p.Total - len(p.Shown) }

// Page is a page that is shown.
type Page struct {
	Number int    `json:"number"`
	File   string `json:"file"`
	Words  string `json:"words"`           // the file that says what the page shows
	Boxes  int    `json:"boxes,omitempty"` // that were blacked out
}

// File is a file and its hash.
type File struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 string `json:"sha256"`
}

// Why is the reason for which something was taken out again.
type Why string

// The reasons.
const (
	ByCourt   Why = "court"   // a court ordered it
	ByMistake Why = "mistake" // something was shown that should not have been
	ByPerson  Why = "person"  // the person it is about asked
)

// Whys are all of them.
var Whys = []Why{ByCourt, ByMistake, ByPerson}

// InWords is the reason as the page says it.
func (w Why) InWords() string {
	return map[Why]string{ByCourt: "a court ordered it", ByMistake: "something was shown that should not have been", ByPerson: "the person it is about asked for it"}[w]
}

// Tombstone stands where a publication stood. The hash stays: whoever kept the
// papers can still show that they were published.
type Tombstone struct {
	Format    string `json:"format"`
	ID        ID     `json:"id"`
	Manifest  string `json:"manifest"` // its SHA-256
	Published Day    `json:"published"`
	Withdrawn Day    `json:"withdrawn"`
	Why       Why    `json:"why"`
	Words     string `json:"words"`
}

// StoneFormat names the form of a tombstone.
const StoneFormat = "letterlock.tombstone.v1"

// Counts is what is said of papers that are not here. It is about ordinary
// matters alone, and of those about all together.
type Counts struct {
	Objected int `json:"objected"` // papers that counsel objected to in writing
	Overdue  int `json:"overdue"`  // cases whose papers wait past their day
	AsOf     Day `json:"as_of"`
}

// Sum is a SHA-256.
type Sum [sha256.Size]byte

// String is 64 hex digits.
func (s Sum) String() string { return hex.EncodeToString(s[:]) }

// SumOf hashes bytes.
func SumOf(b []byte) Sum { return sha256.Sum256(b) }

var (
	pageName = regexp.MustCompile(`^paper-[0-9]{2}-page-[0-9]{4}\.png$`)
	textName = regexp.MustCompile(`^([a-z]{1,20}|paper-[0-9]{2}-page-[0-9]{4})\.txt$`)
)

// Named reports a name that a paper's file may have: none that leads elsewhere,
// and none of the room's own.
func Named(name string) bool { return pageName.MatchString(name) || textName.MatchString(name) }

// encode is the one form of what is hashed.
func encode(v any) ([]byte, error) {
	b, err := json.MarshalIndent(v, "", " ")
	return append(b, '\n'), err
}

// decode reads it, and refuses any other form of the same.
func decode(b []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return fault.Wrap(fault.Invalid, "read document", err, "the list of this document cannot be read")
	}
	if again, err := encode(v); err != nil || !bytes.Equal(again, b) {
		return invalid("the list of this document is not in its one exact form")
	}
	return nil
}

func invalid(format string, args ...any) error {
	return fault.New(fault.Invalid, "check document", format, args...)
}

// ParseManifest reads a manifest and refuses one that does not hang together.
func ParseManifest(b []byte) (Manifest, error) {
	var m Manifest
	if len(b) > MaxManifest {
		return m, invalid("the list of this document is too long")
	}
	if err := decode(b, &m); err != nil {
		return Manifest{}, err
	}
	return m, m.check()
}

func (m Manifest) check() error {
	if m.Format != Format || !idForm.MatchString(string(m.ID)) || m.Published.Time().IsZero() || len(m.Files) > MaxFiles {
		return invalid("the list is not of the form %s", Format)
	}
	known := map[string]bool{}
	for _, f := range m.Files {
		if !Named(f.Name) || known[f.Name] || f.Size < 0 || f.Size > MaxFile {
			return invalid("the list names a file that cannot be of a document")
		}
		known[f.Name] = true
	}
	for _, p := range m.Papers {
		names := []string{p.Text}
		if p.Text == "" {
			names = names[:0]
		}
		for _, x := range p.Shown {
			names = append(names, x.File, x.Words)
		}
		for _, n := range names {
			if !known[n] {
				return invalid("a paper names the file %q, which the list does not hold", n)
			}
			delete(known, n)
		}
		if p.Withheld() < 0 {
			return invalid("a paper shows more pages than it has")
		}
	}
	if len(known) > 0 {
		return invalid("the list holds a file of no paper")
	}
	return nil
}

// ParseTombstone reads a tombstone.
func ParseTombstone(b []byte) (Tombstone, error) {
	var t Tombstone
	if err := decode(b, &t); err != nil {
		return Tombstone{}, err
	}
	if t.Format != StoneFormat || !idForm.MatchString(string(t.ID)) || t.Why.InWords() == "" {
		return Tombstone{}, invalid("the tombstone is not of the form %s", StoneFormat)
	}
	return t, nil
}
