package law

import (
	"cmp"
	"embed"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/BurntSushi/toml"
)

//go:embed processes/*.toml particulars.toml findings.toml phrases.toml calendars.toml settings.toml rights.toml channels.toml
var embedded embed.FS

// keyForm: the decoder matches keys without regard to case, so that "ID" and
// "id" would both be taken; a file that lawyers compare has one spelling.
var keyForm = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// decodeStrict reads TOML and refuses any key it does not know.
func decodeStrict(b []byte, into any) error {
	meta, err := toml.Decode(string(b), into)
	if err != nil {
		return err
	}
	if extra := meta.Undecoded(); len(extra) > 0 {
		return fmt.Errorf("unknown key %q", extra[0].String())
	}
	for _, k := range meta.Keys() {
		if !keyForm.MatchString(k[len(k)-1]) {
			return fmt.Errorf("key %q is not in lower case", k.String())
		}
	}
	return nil
}

// readEmbedded reads the files that were built in.
func readEmbedded() (*Table, error) { return readTable(embedded) }

// readTable reads a whole table from a folder of files.
func readTable(files fs.FS) (*Table, error) {
	t := &Table{}
	for _, step := range []func(fs.FS) error{
		t.readSettings, t.readFindings, t.readParticulars, t.readPhrases, t.readRights, t.readChannels, t.readRows,
	} {
		if err := step(files); err != nil {
			return nil, err
		}
	}
	t.base, t.hash = t.rows, hashOf(t.rows)
	return t, nil
}

func readFile(files fs.FS, name string, into any) error {
	b, err := fs.ReadFile(files, name)
	if err != nil {
		return err
	}
	if err := decodeStrict(b, into); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

func (t *Table) readRows(files fs.FS) error {
	names, err := fs.Glob(files, "processes/*.toml")
	if err != nil {
		return err
	}
	for _, name := range names {
		var one Row
		if err := readFile(files, name, &one); err != nil {
			return err
		}
		if !fitsName(one, strings.TrimSuffix(path.Base(name), ".toml")) {
			return fmt.Errorf("%s: holds the row %q", name, one.ID)
		}
		if err := t.checkRow(one); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		t.rows = append(t.rows, one)
	}
	sortRows(t.rows)
	return checkRows(t.rows)
}

// fitsName: a file is named after its row; where a later row of the same
// process stands beside an older one, its first day follows an "@".
func fitsName(r Row, stem string) bool {
	return stem == string(r.ID) || stem == string(r.ID)+"@"+string(r.ValidFrom)
}

func sortRows(rows []Row) {
	slices.SortStableFunc(rows, func(a, b Row) int {
		return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.ValidFrom, b.ValidFrom))
	})
}

// checkRows refuses two rows of one process in force on the same day.
func checkRows(rows []Row) error {
	for i := 1; i < len(rows); i++ {
		a, b := rows[i-1], rows[i]
		if a.ID == b.ID && (a.ValidTo == "" || a.ValidTo >= b.ValidFrom) {
			return fmt.Errorf("two rows of %q are in force at once", a.ID)
		}
	}
	return nil
}

func (t *Table) readFindings(files fs.FS) error {
	var file struct {
		Findings []FindingRow `toml:"finding"`
	}
	if err := readFile(files, "findings.toml", &file); err != nil {
		return err
	}
	t.findings = file.Findings
	return t.checkFindings()
}

func (t *Table) readParticulars(files fs.FS) error {
	var file struct {
		Particulars []ParticularRow `toml:"particular"`
	}
	if err := readFile(files, "particulars.toml", &file); err != nil {
		return err
	}
	t.particulars = file.Particulars
	return t.checkParticulars()
}

func (t *Table) readPhrases(files fs.FS) error {
	var file struct {
		Rules []phraseRule `toml:"rule"`
	}
	if err := readFile(files, "phrases.toml", &file); err != nil {
		return err
	}
	t.phrases = file.Rules
	return t.checkPhrases()
}
