package proof_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"letterlock/internal/fault"
	"letterlock/ledger/proof"
)

var (
	logKey     = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, 32))
	witnessKey = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{2}, 32))
	at         = time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC)
)

const name = "example.org/desk"

func public(k ed25519.PrivateKey) ed25519.PublicKey { return k.Public().(ed25519.PublicKey) }

func keys(t testing.TB, vkeys ...string) proof.Keys {
	t.Helper()
	ks, err := proof.ParseKeys(vkeys...)
	if err != nil {
		t.Fatal(err)
	}
	return ks
}

func trusted(t testing.TB) proof.Keys {
	return keys(t, proof.LogKey(name, public(logKey)), proof.WitnessKey("example.org/w", public(witnessKey)))
}

// tree is a ledger of n entries made by hand, and the proof of one.
func tree(t testing.TB, n, index int64) proof.Proof {
	t.Helper()
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(at []int64) (out []tlog.Hash, err error) {
		for _, i := range at {
			out = append(out, stored[i])
		}
		return out, nil
	})
	var p proof.Proof
	for i := range n {
		e := proof.Entry{Kind: "act", Case: "L-7", Happened: at, Recorded: at.Add(time.Second), Body: []byte{byte(i)}}
		o := proof.Opening{Salt: proof.Salt{byte(i), 9}, Entry: e.Bytes()}
		if i == index {
			p.Opening = o
		}
		hs, err := tlog.StoredHashesForRecordHash(i, o.Leaf().Node(), reader)
		if err != nil {
			t.Fatal(err)
		}
		stored = append(stored, hs...)
	}
	root, err := tlog.TreeHash(n, reader)
	if err != nil {
		t.Fatal(err)
	}
	if p.Path, err = tlog.ProveRecord(n, index, reader); err != nil {
		t.Fatal(err)
	}
	p.Index = index
	text := proof.Checkpoint{Origin: name, Size: n, Root: root, Time: at.Add(time.Minute)}.Text()
	p.Checkpoint = []byte(text + "\n" + proof.LogLine(name, logKey, text) +
		proof.CosignLine("example.org/w", witnessKey, text, at.Add(2*time.Minute)))
	return p
}

func TestProofVerifies(t *testing.T) {
	for _, n := range []int64{1, 2, 7, 8, 33} {
		for i := range n {
			p, err := proof.Parse(tree(t, n, i).Bytes())
			if err != nil {
				t.Fatal(err)
			}
			v, err := p.Verify(trusted(t))
			if err != nil || v.Entry.Body[0] != byte(i) || v.Index != i {
				t.Fatalf("%d of %d: %v", i, n, err)
			}
			if !v.Checkpoint.CosignedBy("example.org/w") || !v.Checkpoint.Cosigners[0].Time.Equal(at.Add(2*time.Minute)) {
				t.Fatalf("co-signers %+v", v.Checkpoint.Cosigners)
			}
		}
	}
}

func TestWrongProofsAreRefused(t *testing.T) {
	good := tree(t, 9, 4)
	other := tree(t, 9, 5)
	for what, change := range map[string]func(*proof.Proof){
		"another record":     func(p *proof.Proof) { p.Opening = other.Opening },
		"another salt":       func(p *proof.Proof) { p.Opening.Salt[0]++ },
		"another place":      func(p *proof.Proof) { p.Index = 5 },
		"no such place":      func(p *proof.Proof) { p.Index = 9 },
		"a negative place":   func(p *proof.Proof) { p.Index = -1 },
		"another path":       func(p *proof.Proof) { p.Path = other.Path },
		"a shorter path":     func(p *proof.Proof) { p.Path = p.Path[1:] },
		"a longer path":      func(p *proof.Proof) { p.Path = append(p.Path[:len(p.Path):len(p.Path)], proof.Hash{}) },
		"another checkpoint": func(p *proof.Proof) { p.Checkpoint = tree(t, 8, 4).Checkpoint },
		"no signature": func(p *proof.Proof) {
			p.Checkpoint = []byte(strings.SplitAfter(string(p.Checkpoint), "\n\n")[0])
		},
		"a witness's signature only": func(p *proof.Proof) {
			lines := strings.SplitAfter(string(p.Checkpoint), "\n")
			p.Checkpoint = []byte(strings.Join(append(lines[:5:5], lines[6]), ""))
		},
		"a later time": func(p *proof.Proof) {
			p.Checkpoint = bytes.Replace(p.Checkpoint, []byte("07:01:00"), []byte("07:02:00"), 1)
		},
		"a larger size": func(p *proof.Proof) {
			p.Checkpoint = bytes.Replace(p.Checkpoint, []byte("\n9\n"), []byte("\n10\n"), 1)
		},
	} {
		p := good
		change(&p)
		if _, err := p.Verify(trusted(t)); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := good.Verify(trusted(t)); err != nil {
		t.Fatal(err)
	}
	if _, err := good.Verify(keys(t, proof.LogKey(name, public(witnessKey)))); !fault.Is(err, fault.Invalid) {
		t.Errorf("another key of the same name: %v", err)
	}
	if _, err := good.Verify(keys(t, proof.WitnessKey("example.org/w", public(witnessKey)))); !fault.Is(err, fault.Invalid) {
		t.Errorf("the witness alone: %v", err)
	}
	wrong := keys(t, proof.LogKey(name, public(logKey)), proof.WitnessKey("example.org/other", public(witnessKey)))
	if v, err := good.Verify(wrong); err != nil || len(v.Checkpoint.Cosigners) != 0 {
		t.Errorf("a co-signature counts for a witness who is not trusted: %v", err)
	}
}

// A co-signature over another time, or made with the ledger's own kind of
// signature, is none.
func TestForgedCosignatureIsRefused(t *testing.T) {
	p := tree(t, 3, 1)
	text := strings.SplitAfter(string(p.Checkpoint), "\n\n")[0]
	text = strings.TrimSuffix(text, "\n")
	line := proof.CosignLine("example.org/w", witnessKey, text+"x", at)
	p.Checkpoint = []byte(text + "\n" + proof.LogLine(name, logKey, text) + line)
	if _, err := p.Verify(trusted(t)); !fault.Is(err, fault.Invalid) {
		t.Fatalf("%v", err)
	}
}

func TestBadKeysAreRefused(t *testing.T) {
	good := proof.LogKey(name, public(logKey))
	for _, bad := range []string{"", "x", good[:len(good)-1], strings.Replace(good, "desk", "dusk", 1), good + "A",
		strings.Replace(good, "+", "++", 1), "a b" + good[len(name):]} {
		if _, err := proof.ParseKeys(bad); !fault.Is(err, fault.Invalid) {
			t.Errorf("%q: %v", bad, err)
		}
	}
	if n := keys(t, good, good).Names(); len(n) != 1 || n[0] != name {
		t.Fatalf("names %v", n)
	}
}

func TestConsistency(t *testing.T) {
	a := proof.Checkpoint{Origin: name, Size: 4, Root: proof.Hash{1}, Time: at}
	for what, b := range map[string]proof.Checkpoint{
		"another ledger": {Origin: "example.org/x", Size: 8, Time: at},
		"shrunk":         {Origin: name, Size: 3, Time: at},
		"same size":      {Origin: name, Size: 4, Root: proof.Hash{2}, Time: at},
		"earlier":        {Origin: name, Size: 4, Root: proof.Hash{1}, Time: at.Add(-time.Second)},
		"no path":        {Origin: name, Size: 8, Root: proof.Hash{2}, Time: at},
	} {
		if err := proof.Consistent(a, b, nil); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := proof.Consistent(a, a, nil); err != nil {
		t.Fatal(err)
	}
	if err := proof.Consistent(a, a, []proof.Hash{{}}); err == nil {
		t.Fatal("a path where none can be")
	}
}

// The formats do not change by accident.
func TestKnownBytes(t *testing.T) {
	e := proof.Entry{Kind: "release.intent", Case: "L-1", Happened: at, Recorded: at.Add(time.Second), Body: []byte{1, 2}}
	if got, want := hex.EncodeToString(e.Bytes()), knownEntry; got != want {
		t.Errorf("entry %s", got)
	}
	leaf := proof.LeafOf(proof.Salt{7}, e.Bytes())
	if got, want := hex.EncodeToString(leaf[:]), knownLeaf; got != want {
		t.Errorf("leaf %s", got)
	}
	cp := proof.Checkpoint{Origin: name, Size: 8, Root: proof.Hash{1}, Time: at}
	if got, want := cp.Text(), "example.org/desk\n8\nAQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\ntime 2026-11-23T07:00:00Z\n"; got != want {
		t.Errorf("checkpoint %q", got)
	}
}

const (
	// Computed by hand, outside this program, from docs/protocol/ledger.md.
	knownEntry = "a60101026e72656c656173652e696e74656e7403634c2d31041b18ea9a6e4da06000051b18ea9a6e893b2a0007420102"
	knownLeaf  = "d96eea1bf360066a3cc7e80d33f67aad214bae912136d46db992b01fb1043757"
)

func FuzzProof(f *testing.F) {
	for _, n := range []int64{1, 2, 9} {
		b := tree(f, n, n-1).Bytes()
		f.Add(b)
		f.Add(b[:len(b)-7])
	}
	ks := trusted(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := proof.Parse(b)
		if err != nil {
			return
		}
		if !bytes.Equal(p.Bytes(), b) {
			t.Fatal("a proof has two encodings")
		}
		if v, err := p.Verify(ks); err == nil && len(v.Entry.Body) != 1 {
			t.Fatalf("proves what was never recorded: %+v", v.Entry)
		}
	})
}

func FuzzEntry(f *testing.F) {
	e := proof.Entry{Kind: "a", Case: "b", Happened: at, Recorded: at, Recovered: true, Body: []byte("c")}
	f.Add(e.Bytes())
	f.Add(proof.Entry{Kind: "a", Happened: at, Recorded: at}.Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		if e, err := proof.ParseEntry(b); err == nil && !bytes.Equal(e.Bytes(), b) {
			t.Fatal("an entry has two encodings")
		}
	})
}

func FuzzCheckpoint(f *testing.F) {
	p := tree(f, 5, 1)
	f.Add(string(p.Checkpoint))
	f.Add(strings.SplitAfter(string(p.Checkpoint), "\n\n")[0])
	f.Add(proof.Checkpoint{Origin: name, Time: at}.Text())
	f.Add(string(proof.Request{Old: 3, Path: p.Path, Note: p.Checkpoint}.Bytes()))
	f.Fuzz(func(t *testing.T, s string) {
		if c, err := proof.ParseCheckpoint(s); err == nil && c.Text() != s {
			t.Fatal("a checkpoint has two forms")
		}
		if r, err := proof.ParseRequest([]byte(s)); err == nil && string(r.Bytes()) != s {
			t.Fatal("a request has two forms")
		}
		if s2, err := proof.OpenCheckpoint([]byte(s), keys(t, proof.LogKey(name, public(logKey)))); err == nil && s2.Size != 5 {
			t.Fatal("a forged checkpoint opens")
		}
	})
}
