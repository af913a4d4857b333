package room_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"letterlock/internal/fault"
	"letterlock/ledger/proof"
	"letterlock/transparency/room"
)

// bound is a manifest as the press writes it.
func bound(t testing.TB) []byte {
	t.Helper()
	p := &room.Press{Dir: t.TempDir()}
	s, err := p.Begin("00000000000000aa")
	if err == nil {
		err = s.Lay("demand.txt", []byte("x"))
	}
	if err == nil {
		_, err = s.Bind(room.Manifest{ID: "00000000000000aa", Published: "2026-11-23", Papers: []room.Paper{{Title: "The demand", Text: "demand.txt"}}})
	}
	if err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join(p.Dir, ".setting", "00000000000000aa", room.FileManifest))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// FuzzParseManifest: what is read is written as it was, and names no file
// outside its folder.
func FuzzParseManifest(f *testing.F) {
	f.Add(bound(f))
	f.Add([]byte(`{"format":"letterlock.document.v1"}`))
	f.Add([]byte(`{"format": "letterlock.tombstone.v1", "why": "court"}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		if m, err := room.ParseManifest(b); err == nil {
			again, _ := json.MarshalIndent(m, "", " ")
			if !bytes.Equal(append(again, '\n'), b) {
				t.Fatal("two forms of one list")
			}
			for _, x := range m.Files {
				if !room.Named(x.Name) || strings.ContainsAny(x.Name, `/\`) || strings.HasPrefix(x.Name, ".") {
					t.Fatalf("the list names %q", x.Name)
				}
			}
		}
		if s, err := room.ParseTombstone(b); err == nil && s.Why.InWords() == "" {
			t.Fatal("a tombstone without a reason")
		}
	})
}

// A list that does not hang together is none.
func TestForgedLists(t *testing.T) {
	b := string(bound(t))
	if _, err := room.ParseManifest([]byte(b)); err != nil {
		t.Fatal(err)
	}
	for what, forged := range map[string]string{
		"another file":       strings.Replace(b, `"name": "demand.txt"`, `"name": "../demand.txt"`, 1),
		"a file of no paper": strings.Replace(b, `"text": "demand.txt"`, `"title": ""`, 1),
		"a paper of no file": strings.Replace(b, `"text": "demand.txt"`, `"text": "answer.txt"`, 1),
		"another form":       strings.Replace(b, room.Format, "letterlock.document.v2", 1),
		"an unknown key":     strings.Replace(b, `"format"`, `"more": 1, "format"`, 1),
		"other spaces":       strings.Replace(b, ` "id"`, `  "id"`, 1),
		"another id":         strings.Replace(b, "00000000000000aa", "00000000000000AA", 1),
		"no day":             strings.Replace(b, "2026-11-23", "someday", 1),
		"more pages":         strings.Replace(b, `"text": "demand.txt"`, `"shown": [{"number": 1, "file": "demand.txt"}]`, 1),
	} {
		if forged == b {
			t.Fatalf("%s: nothing was forged", what)
		}
		if _, err := room.ParseManifest([]byte(forged)); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// The press shows nothing without the ledger's proof, and takes no name that
// leads elsewhere.
func TestThePressShowsNothingUnproved(t *testing.T) {
	p := &room.Press{Dir: t.TempDir()}
	if _, err := p.Begin("../x"); err == nil {
		t.Error("an id leads elsewhere")
	}
	s, err := p.Begin("00000000000000aa")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"../demand.txt", "manifest.json", "ledger.proof", "a/b.txt", ".txt", "demand.html", "paper-1-page-1.png", "Order Reyes.pdf"} {
		if s.Lay(name, []byte("x")) == nil {
			t.Errorf("%q was taken", name)
		}
	}
	if s.Lay("demand.txt", []byte("x")) != nil || s.Lay("demand.txt", []byte("y")) == nil {
		t.Error("one name for two files")
	}
	sum, err := s.Bind(room.Manifest{ID: "00000000000000aa", Published: "2026-11-23", Papers: []room.Paper{{Title: "x", Text: "demand.txt"}}})
	if err != nil {
		t.Fatal(err)
	}
	if p.Issue("00000000000000aa", sum, []byte("no proof")) == nil || p.Issue("00000000000000aa", room.Sum{1}, nil) == nil {
		t.Error("published without a proof")
	}
	if len(room.List(p.FS())) != 0 {
		t.Error("what is being set is public")
	}
}

// A folder without a proof, or with another's, holds nothing.
func TestAFolderWithoutAProof(t *testing.T) {
	folder := fstest.MapFS{room.FileManifest: {Data: bound(t)}, "demand.txt": {Data: []byte("x")}}
	if lines := room.Check(folder, proof.Keys{}); room.Holds(lines) {
		t.Errorf("%+v", lines)
	}
	if room.Holds(room.Check(fstest.MapFS{}, proof.Keys{})) || room.Holds(nil) {
		t.Error("an empty folder holds")
	}
}
