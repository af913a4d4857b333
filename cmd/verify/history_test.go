//go:build !js

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"letterlock/desk/produce/bundle"
	"letterlock/internal/clock"
	"letterlock/ledger"
	"letterlock/ledger/proof"
)

// kept is a ledger, a checkpoint of it that somebody kept, and the provider's
// key file.
type kept struct {
	*ledger.Ledger
	t                 *testing.T
	clock             *clock.Manual
	dir, old, keyFile string
}

func keep(t *testing.T) *kept {
	t.Helper()
	k := &kept{t: t, dir: t.TempDir(), clock: clock.NewManual(time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC))}
	set := ledger.Settings{Origin: "example.org/desk", Interval: time.Minute, Batch: 8, Reserved: 2, Backlog: 2}
	k.check(ledger.Create(filepath.Join(k.dir, "l"), set, k.clock, nil))
	l, err := ledger.Open(filepath.Join(k.dir, "l"), ledger.Options{Clock: k.clock})
	k.check(err)
	t.Cleanup(func() { l.Close() })
	k.Ledger = l
	k.act()
	k.old = k.file("old", l.Head())
	b, err := json.Marshal(bundle.Trust{Provider: "Example", Keys: []bundle.PublicKey{{}}, Ledgers: l.Keys()})
	k.check(err)
	k.keyFile = k.file("trust.json", b)
	return k
}

func (k *kept) check(err error) {
	k.t.Helper()
	if err != nil {
		k.t.Fatal(err)
	}
}

func (k *kept) file(name string, b []byte) string {
	path := filepath.Join(k.dir, name)
	k.check(os.WriteFile(path, b, 0o600))
	return path
}

func (k *kept) act() {
	k.t.Helper()
	_, err := k.Append(context.Background(), ledger.Record{Kind: "act"})
	k.check(err)
	k.clock.Advance(time.Minute)
	k.check(k.Tick(context.Background()))
}

// continuation is what the page gives for the old checkpoint, changed by f.
func (k *kept) continuation(f func(*proof.Continuation)) string {
	k.t.Helper()
	p, err := k.Public()
	k.check(err)
	path, err := p.Consistency(8)
	k.check(err)
	c := proof.NewContinuation(8, p.Size(), path, p.Checkpoint())
	f(&c)
	b, err := json.Marshal(c)
	k.check(err)
	return k.file("proof.json", b)
}

func (k *kept) verify(file string) (string, error) {
	var out bytes.Buffer
	err := run(context.Background(), []string{"history", k.old, file, "--trust", k.keyFile}, &out, &out)
	return out.String(), err
}

func TestHistory(t *testing.T) {
	k := keep(t)
	k.act()
	k.act()
	out, err := k.verify(k.continuation(func(*proof.Continuation) {}))
	if err != nil || !strings.Contains(out, "the 8 leaves") || !strings.Contains(out, "the 24 of") || !strings.Contains(out, "no witness") {
		t.Fatalf("%v\n%s", err, out)
	}
	for what, change := range map[string]func(*proof.Continuation){
		"a changed hash":         func(c *proof.Continuation) { c.Proof[0] = c.Proof[1] },
		"a proof cut short":      func(c *proof.Continuation) { c.Proof = c.Proof[1:] },
		"another number":         func(c *proof.Continuation) { c.Old = 16 },
		"an unsigned checkpoint": func(c *proof.Continuation) { c.Checkpoint = strings.Replace(c.Checkpoint, "\n24\n", "\n32\n", 1) },
		"no hash":                func(c *proof.Continuation) { c.Proof[0] = "x" },
	} {
		if out, err := k.verify(k.continuation(change)); err == nil {
			t.Errorf("%s holds: %s", what, out)
		}
	}
	other := keep(t)
	other.act()
	if out, err := k.verify(other.continuation(func(*proof.Continuation) {})); err == nil {
		t.Errorf("another ledger's proof holds: %s", out)
	}
}
