package law

import "io/fs"

// ReadTable reads a table from files other than the embedded ones.
func ReadTable(files fs.FS) (*Table, error) { return readTable(files) }

// Embedded are the files built in.
func Embedded() fs.FS { return embedded }

// Phrases are the phrases that make the machine propose, by finding.
func Phrases(t *Table) map[FindingID][]string {
	out := map[FindingID][]string{}
	for _, p := range t.phrases {
		out[p.Finding] = append(out[p.Finding], p.Phrases...)
	}
	return out
}
