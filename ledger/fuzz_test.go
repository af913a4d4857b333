package ledger_test

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"letterlock/ledger"
	"letterlock/ledger/proof"
)

// seeds gives a fuzz test the real thing, and the real thing cut and changed.
func seeds(f *testing.F, good ...[]byte) {
	f.Helper()
	for _, b := range good {
		if len(b) == 0 {
			f.Fatal("an empty seed")
		}
		f.Add(b)
		f.Add(b[:len(b)/2])
		bad := append([]byte(nil), b...)
		bad[len(bad)/3] ^= 0x40
		f.Add(bad)
	}
}

func fileOf(f *testing.F, w *world, name string) []byte {
	f.Helper()
	b, err := os.ReadFile(filepath.Join(w.dir, name))
	if err != nil {
		f.Fatal(err)
	}
	return b
}

func FuzzJournal(f *testing.F) {
	w, _, _ := lived(f)
	seeds(f, fileOf(f, w, "journal"))
	f.Fuzz(func(t *testing.T, b []byte) {
		again := ledger.Frames(bytes.NewReader(b))
		if !bytes.HasPrefix(b, again) {
			t.Fatal("frames that were read are not those that were written")
		}
		if n, rest := ledger.LoadAside(b); rest < 0 || rest > len(b) || n > 0 && rest == len(b) {
			t.Fatalf("%d records, %d bytes left of %d", n, rest, len(b))
		}
	})
}

func FuzzItem(f *testing.F) {
	w, _, _ := lived(f)
	b := fileOf(f, w, "journal")
	for len(b) > 0 {
		n := 40 + int(b[2])<<8 + int(b[3])
		seeds(f, b[40:n])
		b = b[n:]
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		if again, err := ledger.CheckItem(b); err == nil && !bytes.Equal(again, b) {
			t.Fatalf("%x is read and written as %x", b, again)
		} else if err != nil && again != nil {
			t.Fatal("something comes with the error")
		}
	})
}

func FuzzSettings(f *testing.F) {
	w, _, _ := lived(f)
	seeds(f, fileOf(f, w, "settings"), fileOf(f, w, "secret"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if text, err := ledger.SettingsAgain(b); err == nil && !bytes.HasPrefix(b, []byte(text+"\n")) {
			t.Fatalf("settings %q are read as %q", b, text)
		}
		if again, err := ledger.SecretAgain(b); err == nil && !bytes.Equal(again, b) {
			t.Fatal("a secret has two forms")
		}
	})
}

func FuzzWitnessed(f *testing.F) {
	w, _, _ := lived(f)
	names, err := filepath.Glob(filepath.Join(w.dir, "witnessed", "*"))
	if err != nil || len(names) != 1 {
		f.Fatal(names, err)
	}
	b, err := os.ReadFile(names[0])
	if err != nil {
		f.Fatal(err)
	}
	seeds(f, b, fileOf(f, w, "checkpoints"), fileOf(f, w, "cosigned"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if again, err := ledger.WitnessedAgain(b); err == nil && !bytes.Equal(again, b) {
			t.Fatalf("%q is read and written as %q", b, again)
		}
		note, end := ledger.CutLastNote(b)
		if end > len(b) || note != nil && !bytes.HasSuffix(b[:end], append(note[:len(note):len(note)], '\n')) {
			t.Fatalf("the last note of %q is %q up to %d", b, note, end)
		}
	})
}

// FuzzCosign gives a witness anything: it never signs what it was not shown
// to follow, and is as well afterwards.
func FuzzCosign(f *testing.F) {
	desk, carrier := newWorld(f, small("example.org/desk"), 1), newWorld(f, small("example.org/carrier"), 2)
	if err := carrier.Trust(desk.Keys()...); err != nil {
		f.Fatal(err)
	}
	early := desk.Head()
	seeds(f, proof.Request{Note: early}.Bytes())
	desk.tick()
	first := proof.Request{Note: desk.Head()}.Bytes()
	if _, err := carrier.Cosign(bg, first); err != nil {
		f.Fatal(err)
	}
	desk.tick()
	p, err := desk.Public()
	if err != nil {
		f.Fatal(err)
	}
	path, err := p.Consistency(8)
	if err != nil {
		f.Fatal(err)
	}
	good := proof.Request{Old: 8, Path: path, Note: desk.Head()}.Bytes()
	seeds(f, first, good)
	f.Fuzz(func(t *testing.T, b []byte) {
		line, err := carrier.Cosign(bg, b)
		if err != nil && line != nil {
			t.Fatal("a signature comes with the error")
		}
		if err == nil && !bytes.Contains(b, []byte("example.org/desk\n8\n")) && !bytes.Contains(b, []byte("example.org/desk\n16\n")) {
			t.Fatalf("co-signed %q", b)
		}
		if n, err := carrier.Seen(bg, "example.org/desk"); err != nil || n != 8 && n != 16 {
			t.Fatalf("the witness holds %d, %v", n, err)
		}
	})
}
