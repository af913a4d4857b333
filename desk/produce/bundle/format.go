// Package bundle is the format of a production: the files of the package in
// their order, the manifest that names them, and the check that what lies here
// is what was signed. It knows bytes, hashes and keys; it must not know a case,
// a rule of disclosure, a database or a network, and it builds for a browser.
//
// The opened package is a plain tar archive (ustar) that begins with
// manifest.json and manifest.sig. A reader never believes a tar header: it
// writes the header that the manifest calls for and compares. So a name, a size
// or a padding byte that the signature does not cover does not exist.
package bundle

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
)

// Format is the name and version of the package format.
const Format = "letterlock production 1"

// The files that every package carries.
const (
	ManifestName  = "manifest.json"
	SignatureName = "manifest.sig"
	SumsName      = "SHA256SUMS"
	LetterName    = "letter.pdf"
	RecordsCSV    = "records.csv"
	RecordsJSON   = "records.json"
	TargetsCSV    = "targets.csv"
	DictionaryCSV = "data-dictionary.csv"
	DictionaryJSN = "data-dictionary.json"
	GrantsText    = "grant.txt"
	ProofName     = "ledger-proof.json"
	ReceiptName   = "receipt.proof"
	SheetPDF      = "cannot-be-produced.pdf"
	SheetText     = "cannot-be-produced.txt"
)

// GrantName and GrantSignatures name the files of the n-th grant, from one:
// grant.cbor for the only grant there is, grants/000002.cbor for one of many.
func GrantName(n, of int) string {
	if of == 1 {
		return "grant.cbor"
	}
	return fmt.Sprintf("grants/%06d.cbor", n)
}

// GrantSignatures names the file with the signatures of the n-th grant.
func GrantSignatures(n, of int) string {
	return strings.TrimSuffix(GrantName(n, of), ".cbor") + "-signatures.cbor"
}

// Limits of a package. They bound what a reader accepts before it has checked
// a signature.
const (
	MaxManifest = 64 << 20 // bytes: some 300,000 files
	MaxFile     = 1 << 40  // bytes of one file
	MaxName     = 99       // bytes of a name in a ustar header
)

// Digest is a SHA-256.
type Digest [sha256.Size]byte

func (d Digest) String() string { return hex.EncodeToString(d[:]) }

// MarshalText writes the digest in lower-case hexadecimal.
func (d Digest) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads the digest; only lower-case hexadecimal is one.
func (d *Digest) UnmarshalText(b []byte) error {
	var out Digest
	if n, err := hex.Decode(out[:], b); err != nil || n != len(out) || len(b) != 2*len(out) || out.String() != string(b) {
		return fmt.Errorf("%q is not a SHA-256 in lower-case hexadecimal", b)
	}
	*d = out
	return nil
}

// Entry is one file of the package.
type Entry struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"`
	SHA256 Digest `json:"sha256"`
}

// Manifest says what the package holds and for which case it was made. Its
// bytes are what the provider signs.
type Manifest struct {
	Format     string    `json:"format"`
	Package    string    `json:"package"`
	Case       string    `json:"case"`
	Reference  string    `json:"their_reference"`
	Provider   string    `json:"provider"`
	Created    time.Time `json:"created"`
	Expires    time.Time `json:"expires"`
	TimeZone   string    `json:"time_zone"`
	Language   string    `json:"language,omitempty"` // BCP 47, of the letter and of the words in the tables
	Key        PublicKey `json:"production_key"`
	LedgerKeys []string  `json:"ledger_keys"`
	SealedTo   string    `json:"sealed_to"`
	Records    int       `json:"records"`
	Certified  bool      `json:"certified,omitempty"` // it left only with a custodian's certificate around it
	Files      []Entry   `json:"files"`
}

var nameForm = regexp.MustCompile(`^(?:[a-z0-9]+/)?[A-Za-z0-9][A-Za-z0-9-]*(?:\.[a-z0-9]+)?$`)

// CheckName says whether a file may be called that: one folder at most, plain
// letters, digits and hyphens, one short ending. Nothing else can be written
// outside the folder it is extracted to, on any system.
func CheckName(name string) error {
	if len(name) > MaxName || !nameForm.MatchString(name) || reserved(name) {
		return fmt.Errorf("%q is not a file name that a package may hold", name)
	}
	return nil
}

// reserved are the device names of Windows: a file of that name is not a file
// there, whatever its ending.
func reserved(name string) bool {
	for part := range strings.SplitSeq(name, "/") {
		stem, _, _ := strings.Cut(strings.ToLower(part), ".")
		switch {
		case stem == "con", stem == "prn", stem == "aux", stem == "nul":
			return true
		case len(stem) == 4 && (stem[:3] == "com" || stem[:3] == "lpt"):
			return true
		}
	}
	return false
}

func (m *Manifest) check() error {
	if m.Format != Format {
		return fmt.Errorf("the format is %q, and this program reads %q", m.Format, Format)
	}
	if m.Package == "" || m.Case == "" || m.Provider == "" || m.Created.IsZero() || m.Expires.IsZero() {
		return errors.New("the manifest does not name package, case, provider, day of making and expiry")
	}
	if m.TimeZone != "UTC" || m.Created.Location() != time.UTC || m.Expires.Location() != time.UTC {
		return errors.New("the manifest's times are not in UTC")
	}
	if m.Language != "" && !languageForm.MatchString(m.Language) {
		return fmt.Errorf("%q is no language tag (BCP 47)", m.Language)
	}
	return m.checkFiles()
}

var languageForm = regexp.MustCompile(`^[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*$`)

func (m *Manifest) checkFiles() error {
	seen := make(map[string]bool, len(m.Files))
	for _, f := range m.Files {
		folded := strings.ToLower(f.Name)
		if err := CheckName(f.Name); err != nil {
			return err
		}
		if folded == ManifestName || folded == SignatureName || seen[folded] {
			return fmt.Errorf("the file name %q is used twice", f.Name)
		}
		if f.Size < 0 || f.Size > MaxFile {
			return fmt.Errorf("the size of %q is %d bytes, which is no size of a file", f.Name, f.Size)
		}
		seen[folded] = true
	}
	return nil
}
