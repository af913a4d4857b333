package ledger_test

import (
	"os"
	"path/filepath"
	"testing"

	"letterlock/internal/fault"
	"letterlock/ledger"
	"letterlock/ledger/proof"
)

// A view reads beside the running ledger, sees one moment, and leaves every byte
// as it was.
func TestViewBesideARunningLedger(t *testing.T) {
	w := newWorld(t, small("example.org/desk"), 1)
	w.record("one")
	w.tick()
	w.record("two")
	w.tick()
	w.record("waiting")
	before := tree(t, w.dir)
	v, err := ledger.Read(w.dir, w.clock)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	w.record("three")
	w.tick()
	kinds := func(size int64) (out []string) {
		for o, err := range v.Openings(size) {
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, o.Entry.Kind)
		}
		return out
	}
	if got := kinds(16); len(got) != 2 || got[0] != "one" || got[1] != "two" {
		t.Errorf("%v", got)
	}
	if got := kinds(8); len(got) != 1 {
		t.Errorf("in the first checkpoint: %v", got)
	}
	ks, err := proof.ParseKeys(v.Keys()...)
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range []int64{0, 8, 16} {
		cp, note, err := v.At(size)
		if err != nil {
			t.Fatal(err)
		}
		if size == 0 {
			size = 16
		}
		if s, err := proof.OpenCheckpoint(note, ks); err != nil || s.Size != size || cp.Size != size {
			t.Errorf("checkpoint of %d: %v %v", size, s.Size, err)
		}
	}
	if _, _, err := v.At(9); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a checkpoint of 9: %v", err)
	}
	if p, err := v.Proof(1); err != nil {
		t.Error(err)
	} else if _, err := p.Verify(ks); err != nil {
		t.Error(err)
	}
	if len(before) == 0 {
		t.Fatal("nothing there")
	}
	w.holds()
	quiet := tree(t, w.dir)
	again, err := ledger.Read(w.dir, w.clock)
	if err != nil {
		t.Fatal(err)
	}
	again.Close()
	if now := tree(t, w.dir); len(now) != len(quiet) {
		t.Error("reading wrote")
	} else {
		for name, b := range quiet {
			if now[name] != b {
				t.Errorf("reading changed %s", name)
			}
		}
	}
}

func tree(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		out[path] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
