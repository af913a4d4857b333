package ledger_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"letterlock/internal/fault"
	"letterlock/ledger"
	"letterlock/ledger/proof"
)

// halves are two ledgers that trust each other.
func halves(t *testing.T) (desk, carrier *world) {
	t.Helper()
	desk, carrier = newWorld(t, small("example.org/desk"), 1), newWorld(t, small("example.org/carrier"), 2)
	introduce(t, desk, carrier)
	return desk, carrier
}

func introduce(t *testing.T, a, b *world) {
	t.Helper()
	if err := errors.Join(a.Trust(b.Keys()...), b.Trust(a.Keys()...)); err != nil {
		t.Fatal(err)
	}
}

func TestHalvesCosign(t *testing.T) {
	desk, carrier := halves(t)
	r := desk.record("release.intent")
	desk.tick()
	gather(t, desk.Ledger, carrier.Ledger)
	gather(t, desk.Ledger, carrier.Ledger) // nothing new
	ks, err := proof.ParseKeys(append(desk.Keys(), carrier.Keys()...)...)
	if err != nil {
		t.Fatal(err)
	}
	p, err := desk.Proof(r)
	if err != nil {
		t.Fatal(err)
	}
	v, err := p.Verify(ks)
	if err != nil || !v.Checkpoint.CosignedBy("example.org/carrier/witness") {
		t.Fatalf("proof is not co-signed: %v, %+v", err, v.Checkpoint.Cosigners)
	}
	if h, err := proof.OpenCheckpoint(desk.Head(), ks); err != nil || len(h.Cosigners) != 1 {
		t.Fatalf("head: %v", err)
	}
	seen, err := carrier.Witnessed("example.org/desk")
	if err != nil || desk.CheckAgainst(seen) != nil {
		t.Fatalf("witnessed: %v, %v", err, desk.CheckAgainst(seen))
	}
	desk.reopen()
	if desk.State().Cosigned != 8 {
		t.Fatal("the co-signature was not kept")
	}
	desk.holds(carrier.Keys()...)
	carrier.holds(desk.Keys()...)
	_, err = carrier.Witnessed("example.org/nobody")
	wantKind(t, err, fault.NotFound)
}

// A check holds the ledger against what somebody kept.
func TestCheckSince(t *testing.T) {
	desk, carrier := halves(t)
	desk.record("one")
	desk.tick()
	gather(t, desk.Ledger, carrier.Ledger)
	first := desk.Head()
	older := copyDir(t, desk.dir)
	desk.record("two")
	desk.tick()
	second := desk.Head()
	check := func(dir string, note []byte) (ledger.Report, *ledger.Earlier) {
		t.Helper()
		e := &ledger.Earlier{File: "kept", Note: note}
		r, err := ledger.CheckSince(dir, []*ledger.Earlier{e})
		if err != nil {
			t.Fatal(err)
		}
		return r, e
	}
	if r, e := check(desk.dir, first); !r.OK() || !e.Used || !strings.Contains(r.String(), "continues kept") {
		t.Errorf("its own past: %s", r)
	}
	if r, _ := check(older, second); r.OK() {
		t.Error("an older copy continues a newer checkpoint")
	}
	if r, e := check(carrier.dir, first); !r.OK() || e.Used {
		t.Errorf("a checkpoint of another ledger: %s", r)
	}
	fork := &world{t: t, dir: older, clock: desk.clock, set: desk.set}
	fork.open()
	fork.record("another")
	if err := fork.Tick(bg); err != nil {
		t.Fatal(err)
	}
	if r, _ := check(older, second); r.OK() {
		t.Error("another past continues the checkpoint")
	}
	if r, _ := check(desk.dir, bytes.Replace(first, []byte("\n8\n"), []byte("\n16\n"), 1)); r.OK() {
		t.Error("a changed checkpoint holds")
	}
	if r, _ := check(desk.dir, []byte("garbage")); r.OK() {
		t.Error("garbage holds")
	}
}

func TestSplitViewIsRefused(t *testing.T) {
	desk, carrier := halves(t)
	desk.record("one")
	desk.tick()
	gather(t, desk.Ledger, carrier.Ledger)
	// The desk's administrator copies the ledger and lets two pasts grow.
	fork := &world{t: t, dir: copyDir(t, desk.dir), clock: desk.clock, set: desk.set}
	fork.open()
	introduce(t, fork, carrier)
	desk.record("for-the-court")
	fork.record("for-the-auditor")
	desk.tick()
	if err := fork.Tick(bg); err != nil {
		t.Fatal(err)
	}
	gather(t, desk.Ledger, carrier.Ledger)
	wantKind(t, fork.Gather(bg, carrier), fault.Conflict)
	fork.tick()
	err := fork.Gather(bg, carrier)
	wantKind(t, err, fault.Conflict)
	if !strings.Contains(fault.Say(err), "the past was changed") {
		t.Fatal(fault.Say(err))
	}
	seen, err := carrier.Witnessed("example.org/desk")
	if err != nil {
		t.Fatal(err)
	}
	wantKind(t, fork.CheckAgainst(seen), fault.Conflict)
	if err := desk.CheckAgainst(seen); err != nil {
		t.Fatal(err)
	}
}

func TestRestoredLedgerIsRefused(t *testing.T) {
	desk, carrier := halves(t)
	desk.record("one")
	desk.tick()
	gather(t, desk.Ledger, carrier.Ledger)
	old := &world{t: t, dir: copyDir(t, desk.dir), clock: desk.clock, set: desk.set}
	desk.record("two")
	desk.tick()
	gather(t, desk.Ledger, carrier.Ledger)
	old.open()
	introduce(t, old, carrier)
	seen, err := carrier.Witnessed("example.org/desk")
	if err != nil {
		t.Fatal(err)
	}
	err = old.CheckAgainst(seen)
	wantKind(t, err, fault.Conflict)
	if say := fault.Say(err); !strings.Contains(say, "refusing to go on: this ledger ends at 8 leaves") {
		t.Fatal(say)
	}
	wantKind(t, old.Gather(bg, carrier), fault.Conflict)
	wantKind(t, old.CheckAgainst(carrier.Head()), fault.Invalid) // not of this ledger
}

func TestCosignRefusesShrinkingAndStrangers(t *testing.T) {
	desk, carrier := halves(t)
	early := desk.Head()
	desk.record("one")
	desk.tick()
	gather(t, desk.Ledger, carrier.Ledger)
	_, err := carrier.Cosign(bg, proof.Request{Old: 8, Note: early}.Bytes())
	wantKind(t, err, fault.Conflict)
	_, err = carrier.Cosign(bg, proof.Request{Old: 0, Note: desk.Head()}.Bytes())
	wantKind(t, err, fault.Conflict) // says it begins elsewhere
	stranger := newWorld(t, small("example.org/stranger"), 9)
	_, err = carrier.Cosign(bg, proof.Request{Note: stranger.Head()}.Bytes())
	wantKind(t, err, fault.Invalid)
	_, err = carrier.Cosign(bg, proof.Request{Note: carrier.Head()}.Bytes())
	wantKind(t, err, fault.Invalid)
	_, err = carrier.Cosign(bg, []byte("old 0\n\n"))
	wantKind(t, err, fault.Invalid)
	// A signature spelt otherwise would be remembered and not be read again.
	b := proof.Request{Old: 8, Note: otherSpelling(t, desk.Head())}.Bytes()
	_, err = carrier.Cosign(bg, b)
	wantKind(t, err, fault.Invalid)
	if n, err := carrier.Seen(bg, "example.org/desk"); n != 8 || err != nil {
		t.Fatalf("seen %d, %v", n, err)
	}
	// A second key under the desk's name, at the start of a new process.
	impostor := newWorld(t, small("example.org/desk"), 7)
	wantKind(t, carrier.Trust(impostor.Keys()...), fault.Conflict)
	carrier.reopen()
	if err := carrier.Trust(impostor.Keys()...); err != nil {
		t.Fatal(err)
	}
	_, err = carrier.Cosign(bg, proof.Request{Note: impostor.Head()}.Bytes())
	wantKind(t, err, fault.Conflict)
}

// otherSpelling is the note with the unused bits of its first signature set,
// which Base64 decoders overlook.
func otherSpelling(t *testing.T, b []byte) []byte {
	t.Helper()
	const digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	i := bytes.Index(b, []byte("=\n\n")) // the root's end
	j := i + 4 + bytes.Index(b[i+4:], []byte("=\n"))
	out := append([]byte(nil), b...)
	out[j-1] = digits[strings.IndexByte(digits, b[j-1])|1]
	if bytes.Equal(out, b) {
		t.Fatal("no other spelling")
	}
	return out
}

func TestSeenSurvivesRestart(t *testing.T) {
	desk, carrier := halves(t)
	desk.tick()
	gather(t, desk.Ledger, carrier.Ledger)
	carrier.reopen()
	if n, err := carrier.Seen(bg, "example.org/desk"); n != 8 || err != nil {
		t.Fatalf("seen %d, %v", n, err)
	}
	names, err := filepath.Glob(filepath.Join(carrier.dir, "witnessed", "*"))
	if err != nil || len(names) != 1 {
		t.Fatalf("%v, %v", names, err)
	}
	b, err := os.ReadFile(names[0])
	if err != nil {
		t.Fatal(err)
	}
	b[bytes.IndexByte(b, '\n')+20] ^= 1
	if err := os.WriteFile(names[0], b, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = carrier.Seen(bg, "example.org/desk")
	wantKind(t, err, fault.Conflict) // forgetting is no way out
}

// liar is a witness that answers what it likes.
type liar struct{ line []byte }

func (liar) Seen(context.Context, string) (int64, error)      { return 0, nil }
func (w liar) Cosign(context.Context, []byte) ([]byte, error) { return w.line, nil }

func TestGatherTakesOnlyTrustedCosignatures(t *testing.T) {
	desk, carrier := halves(t)
	stranger := newWorld(t, small("example.org/stranger"), 9)
	if err := stranger.Trust(desk.Keys()...); err != nil {
		t.Fatal(err)
	}
	theirs, err := stranger.Cosign(bg, proof.Request{Note: desk.Head()}.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	good, err := carrier.Cosign(bg, proof.Request{Note: desk.Head()}.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	for name, line := range map[string][]byte{"stranger": theirs, "nothing": nil, "noise": []byte("— a b\n"),
		"two": append(append([]byte(nil), good...), theirs...), "own": bytes.SplitAfter(desk.Head(), []byte("\n\n"))[1]} {
		if err := desk.Gather(bg, liar{line}); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if err := desk.Gather(bg, liar{good}); err != nil {
		t.Fatal(err)
	}
	desk.holds(carrier.Keys()...)
}

func TestPublicReader(t *testing.T) {
	set := small("example.org/desk")
	set.Batch = 300
	w := newWorld(t, set, 1)
	w.tick()
	old, err := proof.OpenCheckpoint(w.Head(), w.keys())
	if err != nil {
		t.Fatal(err)
	}
	w.tick()
	p, err := w.Public()
	if err != nil {
		t.Fatal(err)
	}
	cp, err := proof.OpenCheckpoint(p.Checkpoint(), w.keys())
	if err != nil || cp.Size != 600 || p.Size() != 600 {
		t.Fatalf("public checkpoint: %v, %d leaves", err, cp.Size)
	}
	path, err := p.Consistency(300)
	if err != nil || proof.Consistent(old.Checkpoint, cp.Checkpoint, path) != nil {
		t.Fatalf("not consistent: %v", err)
	}
	path[0][0] ^= 1
	if proof.Consistent(old.Checkpoint, cp.Checkpoint, path) == nil {
		t.Fatal("a forged consistency proof passes")
	}
	leaves, err := p.LeafHashes(256, 512)
	if err != nil {
		t.Fatal(err)
	}
	tile, err := p.Tile(0, 1, 256)
	if err != nil {
		t.Fatal(err)
	}
	for i, h := range leaves {
		if !bytes.Equal(h[:], tile[i*32:i*32+32]) {
			t.Fatalf("tile and leaves differ at %d", i)
		}
	}
	if b, err := p.Tile(1, 0, 2); err != nil || len(b) != 64 {
		t.Fatalf("tile of level 1: %d bytes, %v", len(b), err)
	}
	for _, bad := range [][3]int{{0, 2, 256}, {0, 3, 1}, {1, 0, 3}, {-1, 0, 1}, {6, 0, 1}, {0, -1, 1}, {0, 0, 0}, {0, 0, 257}} {
		if _, err := p.Tile(bad[0], int64(bad[1]), bad[2]); !fault.Is(err, fault.NotFound) {
			t.Errorf("tile %v: %v", bad, err)
		}
	}
	for _, bad := range [][2]int64{{-1, 3}, {0, 601}, {5, 4}} {
		if _, err := p.LeafHashes(bad[0], bad[1]); !fault.Is(err, fault.Invalid) {
			t.Errorf("leaves %v: %v", bad, err)
		}
	}
	if _, err := p.Inclusion(600); !fault.Is(err, fault.Invalid) {
		t.Errorf("inclusion of a leaf that is not there: %v", err)
	}
	if _, err := p.Consistency(601); !fault.Is(err, fault.Invalid) {
		t.Errorf("consistency with the future: %v", err)
	}
}

var _ ledger.Witness = (*ledger.Ledger)(nil)
