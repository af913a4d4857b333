package transparency_test

import (
	"testing"

	"golang.org/x/mod/sumdb/note"

	"letterlock/ledger/proof"
	"letterlock/transparency"
)

// FuzzVerifyReport: whatever is in a report's file, looking at it ends; without
// a signature that is known here it never holds.
func FuzzVerifyReport(f *testing.F) {
	w := newWorld(f)
	r, err := transparency.Build(w.input("2026H1"))
	if err != nil {
		f.Fatal(err)
	}
	files, err := r.Files()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(files[transparency.FileJSON])
	f.Add([]byte(`{"schema":"` + transparency.Schema + `"}`))
	f.Add([]byte(`[]`))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, found := transparency.Verify(map[string][]byte{transparency.FileJSON: b}, note.VerifierList(), proof.Keys{})
		if len(found) == 0 {
			t.Fatal("nothing is said")
		}
		for _, x := range found {
			if x.Text == "" {
				t.Fatal("a finding without a sentence")
			}
		}
		if found[0].OK && r != nil {
			t.Fatalf("a report that nobody signed holds: %+v", found)
		}
	})
}

// FuzzParsePeriod: a period is refused, or is written as it was read.
func FuzzParsePeriod(f *testing.F) {
	for _, s := range []string{"2026H1", "2026H2", "0000H1", "2026h1", "2026H3", "2026H1\n"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := transparency.ParsePeriod(s)
		if err == nil && (p.String() != s || !p.From().Before(p.Until()) || !p.Holds(p.From()) || p.Holds(p.Until())) {
			t.Fatalf("%q is %s", s, p)
		}
	})
}
