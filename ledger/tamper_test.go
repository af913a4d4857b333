package ledger_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"letterlock/internal/fault"
	"letterlock/ledger"
	"letterlock/ledger/proof"
)

// Every byte of every file is changed, one at a time, in one of three ways or
// in all: the check finds each, and says in which file.
func TestEveryChangedByteIsFound(t *testing.T) {
	w, others, _ := lived(t)
	keys := append(w.Keys(), others...)
	count := 0
	err := filepath.WalkDir(w.dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		name, err := filepath.Rel(w.dir, path)
		if err != nil {
			return err
		}
		good, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for i := range good {
			masks := []byte{0x01, 0x20, 0xff}
			if at := len(good) - i; at > 8 { // the end of a file is where a change may pass for an interrupted write
				masks = masks[i%3 : i%3+1]
			}
			for _, mask := range masks {
				bad := append([]byte(nil), good...)
				bad[i] ^= mask
				if err := os.WriteFile(path, bad, 0o600); err != nil {
					return err
				}
				rep, err := ledger.Check(w.dir, keys...)
				if err != nil {
					t.Fatalf("%s, byte %d: %v", name, i, err)
				}
				if rep.OK() {
					t.Fatalf("%s, byte %d ^ %02x: not found\n%s", name, i, mask, rep)
				}
				if !strings.Contains(rep.String(), name) && name != "settings" {
					t.Fatalf("%s, byte %d: the report does not name the file\n%s", name, i, rep)
				}
				count++
			}
		}
		return os.WriteFile(path, good, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
	if count < 4000 {
		t.Fatalf("only %d changes were tried", count)
	}
	w.holds(others...)
	t.Logf("%d changes, all found", count)
}

// Whole records removed, repeated or exchanged, and bytes added.
func TestRearrangedFilesAreFound(t *testing.T) {
	w, others, _ := lived(t)
	keys := append(w.Keys(), others...)
	b, err := os.ReadFile(filepath.Join(w.dir, "journal"))
	if err != nil {
		t.Fatal(err)
	}
	var frames [][]byte
	for rest := b; len(rest) > 0; {
		n := 40 + int(rest[0])<<24 + int(rest[1])<<16 + int(rest[2])<<8 + int(rest[3])
		frames = append(frames, rest[:n])
		rest = rest[n:]
	}
	join := func(fs ...[]byte) (out []byte) {
		for _, f := range fs {
			out = append(out, f...)
		}
		return out
	}
	n := len(frames)
	read := func(name string) []byte {
		b, err := os.ReadFile(filepath.Join(w.dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	hashes, cps := read("hashes"), read("checkpoints")
	for _, c := range []struct {
		what, file string
		data       []byte
	}{
		{"a record removed", "journal", join(frames[1:]...)},
		{"a record repeated", "journal", join(join(frames...), frames[n-1])},
		{"two records exchanged", "journal", join(frames[1], frames[0], join(frames[2:]...))},
		{"the last batch removed", "journal", join(frames[:n-2]...)},
		{"noise added", "journal", join(b, []byte(strings.Repeat("x", 50)))},
		{"hashes added", "hashes", join(hashes, hashes[:32])},
		{"hashes removed", "hashes", hashes[:64]},
		{"a checkpoint repeated", "checkpoints", join(cps, cps[len(cps)/2:])},
		{"checkpoints removed", "checkpoints", nil},
		{"noise added to checkpoints", "checkpoints", join(cps, []byte("more"))},
	} {
		good := read(c.file)
		if err := os.WriteFile(filepath.Join(w.dir, c.file), c.data, 0o600); err != nil {
			t.Fatal(err)
		}
		rep, err := ledger.Check(w.dir, keys...)
		if err != nil || rep.OK() {
			t.Errorf("%s: not found (%v)\n%s", c.what, err, rep)
		}
		if err := os.WriteFile(filepath.Join(w.dir, c.file), good, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	w.holds(others...)
}

// Whoever has all files but not the keys given to the check cannot make
// another ledger of them.
func TestForgedLedgerIsFound(t *testing.T) {
	w := newWorld(t, small("example.org/desk"), 1)
	forged := newWorld(t, small("example.org/desk"), 2)
	forged.tick()
	if rep, err := ledger.Check(forged.dir, w.Keys()...); err != nil || rep.OK() {
		t.Fatalf("a ledger under another key passes: %v %s", err, rep)
	}
	rep, err := ledger.Check(forged.dir)
	if err != nil || !rep.OK() || len(rep.Notes) == 0 || !strings.Contains(rep.Notes[0], "no verifier keys") {
		t.Fatalf("does not say that it was given no keys: %v %s", err, rep)
	}
}

func TestCheckBesideARunningLedger(t *testing.T) {
	w := newWorld(t, small("example.org/desk"), 1)
	begin, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for range begin { // some batches beside each check
			for i := range 10 {
				w.record(body(i))
				w.tick()
			}
		}
	}()
	for range 30 {
		begin <- struct{}{}
		if rep, err := ledger.Check(w.dir, w.Keys()...); err != nil || !rep.OK() {
			t.Errorf("%v %s", err, rep)
			break
		}
	}
	close(begin)
	<-done
	if w.State().Size < 8*10*20 {
		t.Fatal("the ledger did not run beside the checks")
	}
	w.holds()
}

// Every byte of a proof matters.
func TestEveryChangedByteOfAProofIsFound(t *testing.T) {
	w := newWorld(t, small("example.org/desk"), 1)
	w.tick()
	r := w.record("release.intent")
	w.tick()
	p, err := w.Proof(r)
	if err != nil {
		t.Fatal(err)
	}
	good, keys := p.Bytes(), w.keys()
	for i := range good {
		for bit := range 8 {
			bad := append([]byte(nil), good...)
			bad[i] ^= 1 << bit
			q, err := proof.Parse(bad)
			if err != nil {
				continue
			}
			if v, err := q.Verify(keys); err == nil {
				t.Fatalf("byte %d, bit %d: still proves %+v", i, bit, v)
			}
		}
	}
	stranger, err := proof.ParseKeys(newWorld(t, small("example.org/desk"), 9).Keys()...)
	if err != nil {
		t.Fatal(err)
	}
	_, err = p.Verify(stranger)
	wantKind(t, err, fault.Invalid)
	_, err = p.Verify(proof.Keys{})
	wantKind(t, err, fault.Invalid)
}
