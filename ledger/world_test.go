package ledger_test

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"letterlock/internal/clock"
	"letterlock/internal/fault"
	"letterlock/ledger"
	"letterlock/ledger/proof"
)

var (
	bg    = context.Background()
	start = time.Date(2026, 11, 23, 7, 0, 0, 0, time.UTC)
)

// world is a ledger in a directory, its clock, and what was recorded.
type world struct {
	t     testing.TB
	dir   string
	side  string
	clock *clock.Manual
	set   ledger.Settings
	*ledger.Ledger
}

func small(origin string) ledger.Settings {
	return ledger.Settings{Origin: origin, Interval: time.Minute, Batch: 8, Reserved: 2, Backlog: 2}
}

// quick is where thousands of small ledgers need not wait for a busy disk: in
// memory where there is such a place. Kills, full disks and benchmarks use the
// real one.
func quick() string {
	if st, err := os.Stat("/dev/shm"); err == nil && st.IsDir() {
		return "/dev/shm"
	}
	return ""
}

func quickDir(t testing.TB) string {
	t.Helper()
	dir, err := os.MkdirTemp(quick(), "letterlock-ledger")
	if err != nil {
		dir, err = os.MkdirTemp("", "letterlock-ledger")
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// seed is randomness that is the same in every run.
func seed(n byte) *bytes.Reader { return bytes.NewReader(bytes.Repeat([]byte{n}, 32)) }

func newWorld(t testing.TB, set ledger.Settings, n byte) *world {
	t.Helper()
	w := &world{t: t, dir: filepath.Join(quickDir(t), "ledger"), clock: clock.NewManual(start), set: set}
	if err := ledger.Create(w.dir, set, w.clock, seed(n)); err != nil {
		t.Fatal(err)
	}
	w.open()
	return w
}

func (w *world) open() {
	w.t.Helper()
	l, err := ledger.Open(w.dir, ledger.Options{Clock: w.clock, Side: w.side})
	if err != nil {
		w.t.Fatalf("open: %v", err)
	}
	w.Ledger = l
	w.t.Cleanup(func() { l.Close() })
}

func (w *world) reopen() {
	w.t.Helper()
	if err := w.Close(); err != nil {
		w.t.Fatal(err)
	}
	w.open()
}

func (w *world) record(kind string) ledger.Receipt {
	w.t.Helper()
	r, err := w.Append(bg, ledger.Record{Kind: kind, Case: "L-1", Body: []byte(kind)})
	if err != nil {
		w.t.Fatalf("append %s: %v", kind, err)
	}
	return r
}

// tick moves the clock to the next minute and serves the tick.
func (w *world) tick() {
	w.t.Helper()
	w.clock.Set(w.clock.Now().Truncate(w.set.Interval).Add(w.set.Interval))
	if err := w.Tick(bg); err != nil {
		w.t.Fatalf("tick: %v", err)
	}
}

func (w *world) keys() proof.Keys {
	w.t.Helper()
	ks, err := proof.ParseKeys(w.Keys()...)
	if err != nil {
		w.t.Fatal(err)
	}
	return ks
}

// proves wants the receipt's record to be provable, offline, from bytes.
func (w *world) proves(r ledger.Receipt, body string) proof.Verified {
	w.t.Helper()
	p, err := w.Proof(r)
	if err != nil {
		w.t.Fatalf("proof of %d: %v", r.Seq, err)
	}
	q, err := proof.Parse(p.Bytes())
	if err != nil {
		w.t.Fatal(err)
	}
	v, err := q.Verify(w.keys())
	if err != nil {
		w.t.Fatalf("verify %d: %v", r.Seq, err)
	}
	if string(v.Entry.Body) != body || !v.Entry.Recorded.Equal(r.Time) {
		w.t.Fatalf("record %d proves %q of %s, want %q of %s", r.Seq, v.Entry.Body, v.Entry.Recorded, body, r.Time)
	}
	return v
}

// holds wants a check of the directory to find nothing.
func (w *world) holds(vkeys ...string) ledger.Report {
	w.t.Helper()
	r, err := ledger.Check(w.dir, append(w.Keys(), vkeys...)...)
	if err != nil {
		w.t.Fatal(err)
	}
	if !r.OK() {
		w.t.Fatalf("check: %s", r)
	}
	return r
}

// public are the bytes of the files anyone may read.
func (w *world) public() map[string][]byte {
	w.t.Helper()
	out := map[string][]byte{}
	for _, name := range ledger.PublicFiles {
		b, err := os.ReadFile(filepath.Join(w.dir, name))
		if err != nil {
			w.t.Fatal(err)
		}
		out[name] = b
	}
	return out
}

func wantKind(t testing.TB, err error, k fault.Kind) {
	t.Helper()
	if !fault.Is(err, k) {
		t.Fatalf("got %v (%s), want %s", err, fault.KindOf(err), k)
	}
}

func copyDir(t testing.TB, from string) string {
	t.Helper()
	to := filepath.Join(quickDir(t), "copy")
	if err := os.CopyFS(to, os.DirFS(from)); err != nil {
		t.Fatal(err)
	}
	return to
}

func body(i int) string { return fmt.Sprintf("act-%d", i) }
