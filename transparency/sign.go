package transparency

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"sort"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// Names of the files of a report.
const (
	FileJSON      = "report.json"
	FileCSV       = "report.csv"
	FileHTML      = "index.html"
	FileSchema    = "report.schema.json"
	FileSignature = "report.sig"
)

// Files are the report as it is published, without its signature.
func (r *Report) Files() (map[string][]byte, error) {
	out := map[string][]byte{FileSchema: schema}
	for name, f := range map[string]func() ([]byte, error){FileJSON: r.JSON, FileCSV: r.CSV, FileHTML: r.HTML} {
		b, err := f()
		if err != nil {
			return nil, fmt.Errorf("write %s: %w", name, err)
		}
		out[name] = b
	}
	return out, nil
}

// statement is what is signed: which report, and the hash of each of its files.
func statement(provider string, p Period, files map[string][]byte) string {
	names := make([]string, 0, len(files))
	for name := range files {
		if name != FileSignature {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	var b strings.Builder
	fmt.Fprintf(&b, "letterlock report v1\n%s\n%s\n", provider, p)
	for _, name := range names {
		h := sha256.Sum256(files[name])
		fmt.Fprintf(&b, "%s %s\n", hex.EncodeToString(h[:]), name)
	}
	return b.String()
}

// Sign signs the files of a report; the signature is a signed note.
//
// spec: c2sp signed-note
func Sign(r *Report, files map[string][]byte, key note.Signer) ([]byte, error) {
	return note.Sign(&note.Note{Text: statement(r.Provider, r.Period, files)}, key)
}

// checkSignature opens the signature and holds the files against it.
func checkSignature(r *Report, files map[string][]byte, keys note.Verifiers) error {
	n, err := note.Open(files[FileSignature], keys)
	if err != nil {
		return invalid("the report is not signed by a key that is trusted here")
	}
	if n.Text != statement(r.Provider, r.Period, files) {
		return invalid("a file of the report is not the one that was signed")
	}
	return nil
}
