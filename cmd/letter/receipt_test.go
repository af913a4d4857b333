package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"

	"letterlock/wire"
)

func TestReceiptsOfNoticesAreSavedAsTheyCame(t *testing.T) {
	w := newWorld(t)
	w.register("alice", alice)
	dir := t.TempDir()
	w.carrier.Notice(alice, wire.Notice{ID: [16]byte{1}, Case: "LL-2026-7", Asker: "Example Police", Text: "told", Receipt: []byte{1, 2, 3}})
	w.carrier.Notice(alice, wire.Notice{ID: [16]byte{2}, Case: "LL-2026-8", Text: "who asked may not be named"})
	w.carrier.Notice(alice, wire.Notice{ID: [16]byte{3}, Case: "../evil", Text: "told", Receipt: []byte{4}})
	lacks(t, w.ok("alice", "notices"), "proof") // only when asked for
	contains(t, w.ok("alice", "notices", "--save", dir), "Receipt of LL-2026-7", filepath.Join(dir, "LL-2026-7.proof"))
	b, err := os.ReadFile(filepath.Join(dir, "LL-2026-7.proof"))
	if err != nil || !bytes.Equal(b, []byte{1, 2, 3}) {
		t.Errorf("%x %v", b, err)
	}
	all, err := os.ReadDir(dir)
	if err != nil || len(all) != 1 {
		t.Errorf("%v %v", all, err)
	}
	if _, err := os.Stat(filepath.Join(filepath.Dir(dir), "evil.proof")); err == nil {
		t.Error("a notice named a file outside the folder")
	}
	w.register("bob", bob)
	w.carrier.Notice(bob, wire.Notice{ID: [16]byte{4}, Case: "LL-2026-9", Text: "told"})
	contains(t, w.ok("bob", "notices", "--save", dir), "No notice here has a receipt")
}
