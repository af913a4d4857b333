package ledger_test

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"letterlock/internal/clock"
	"letterlock/ledger"
)

// lived is a ledger with a few batches, a co-signature and a record that
// waits, closed.
func lived(t testing.TB) (w *world, others []string, receipts []ledger.Receipt) {
	t.Helper()
	w = newWorld(t, ledger.Settings{Origin: "example.org/desk", Interval: time.Minute, Batch: 4, Reserved: 1, Backlog: 4}, 1)
	other := newWorld(t, small("example.org/carrier"), 2)
	if err := w.Trust(other.Keys()...); err != nil {
		t.Fatal(err)
	}
	if err := other.Trust(w.Keys()...); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		receipts = append(receipts, w.record(body(2*i)), w.record(body(2*i+1)))
		w.tick()
		gather(t, w.Ledger, other.Ledger)
		gather(t, other.Ledger, w.Ledger)
	}
	receipts = append(receipts, w.record(body(6)))
	w.Close()
	return w, other.Keys(), receipts
}

// survives wants a ledger cut at the end to open, to prove all that was in
// the tree, to go on, and to hold.
func survives(t *testing.T, w *world, others []string, receipts []ledger.Receipt, what string) {
	t.Helper()
	w.open()
	defer w.Close()
	have := 0
	for range w.Openings(1, 0) {
		have++
	}
	r, err := w.Append(bg, ledger.Record{Kind: "after", Body: []byte("after"), Priority: true})
	if err != nil {
		t.Fatalf("%s: append: %v", what, err)
	}
	w.tick()
	w.tick()
	w.proves(r, "after")
	for i, r := range receipts[:min(have, len(receipts))] {
		w.proves(r, body(i))
	}
	if rep, err := ledger.Check(w.dir, append(w.Keys(), others...)...); err != nil || !rep.OK() {
		t.Fatalf("%s: %v %s", what, err, rep)
	}
}

// Each file ends at every byte of what was written last, as a crash may leave
// it: the file that was being written, with those after it not yet touched.
func TestCutAnywhere(t *testing.T) {
	whole, others, receipts := lived(t)
	size := func(dir, name string) int64 {
		st, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return st.Size()
	}
	cut := func(name string, from, step int64) {
		for n := from; n <= size(whole.dir, name); n += step {
			w := &world{t: t, dir: copyDir(t, whole.dir), clock: clock.NewManual(whole.clock.Now()), set: whole.set}
			if err := os.Truncate(filepath.Join(w.dir, name), n); err != nil {
				t.Fatal(err)
			}
			rep, err := ledger.Check(w.dir, append(whole.Keys(), others...)...)
			if err != nil || !rep.OK() {
				t.Fatalf("%s cut at %d, before anything repairs it: %v %s", name, n, err, rep)
			}
			survives(t, w, others, receipts, fmt.Sprintf("%s cut at %d", name, n))
		}
	}
	frame := size(whole.dir, "journal") - lastFrame(t, whole.dir)
	cut("journal", frame, 1)
	cut("cosigned", size(whole.dir, "cosigned")-300, 3)
	// What is written last may be missing only if what follows it is, too.
	keepNotes(t, whole.dir, "cosigned", 2)
	cut("checkpoints", size(whole.dir, "checkpoints")-150, 3)
	keepNotes(t, whole.dir, "checkpoints", 3)
	cut("hashes", 15*32, 3) // the hashes of eight leaves
}

// keepNotes cuts a file of notes after the first n.
func keepNotes(t *testing.T, dir, name string, n int) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	parts := strings.SplitAfter(string(b), "\n\n")
	if err := os.WriteFile(filepath.Join(dir, name), []byte(strings.Join(parts[:2*n], "")), 0o600); err != nil {
		t.Fatal(err)
	}
}

// lastFrame is the length of the journal's last frame.
func lastFrame(t *testing.T, dir string) int64 {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, "journal"))
	if err != nil {
		t.Fatal(err)
	}
	var last int64
	for len(b) > 0 {
		n := int64(b[0])<<24 | int64(b[1])<<16 | int64(b[2])<<8 | int64(b[3])
		last = 40 + n
		b = b[last:]
	}
	return last
}

// A damaged end that is more than an interrupted write is kept, not lost.
func TestDamagedEndIsKept(t *testing.T) {
	w, others, receipts := lived(t)
	path := filepath.Join(w.dir, "journal")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	n := lastFrame(t, w.dir)
	b[len(b)-1] ^= 1
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	if rep, err := ledger.Check(w.dir); err != nil || rep.OK() {
		t.Fatalf("the check finds nothing: %v %s", err, rep)
	}
	survives(t, w, others, receipts[:6], "damaged end")
	kept, err := os.ReadFile(fmt.Sprintf("%s.cut-%d", path, int64(len(b))-n))
	if err != nil || int64(len(kept)) != n {
		t.Fatalf("kept %d bytes of %d: %v", len(kept), n, err)
	}
}

// What has a checkpoint must be in the journal: then nothing is cut.
func TestJournalCutBelowTheTreeIsRefused(t *testing.T) {
	whole, _, _ := lived(t)
	for _, name := range []string{"journal", "hashes"} {
		w := &world{t: t, dir: copyDir(t, whole.dir), clock: whole.clock, set: whole.set}
		if err := os.Truncate(filepath.Join(w.dir, name), 700); err != nil {
			t.Fatal(err)
		}
		if l, err := ledger.Open(w.dir, ledger.Options{Clock: w.clock}); err == nil {
			l.Close()
			t.Errorf("%s cut: opened all the same", name)
		} else if !strings.Contains(err.Error(), "refusing to open") {
			t.Errorf("%s cut: %v", name, err)
		}
		if st, err := os.Stat(filepath.Join(w.dir, name)); err != nil || st.Size() != 700 {
			t.Errorf("%s was changed by a refused open", name)
		}
		if rep, err := ledger.Check(w.dir); err != nil || rep.OK() {
			t.Errorf("%s cut: the check finds nothing: %v", name, err)
		}
	}
}

const crashEnv = "LETTERLOCK_LEDGER_CRASH_DIR"

// TestMain lets the test binary be the child that is killed.
func TestMain(m *testing.M) {
	switch {
	case os.Getenv(crashEnv) != "":
		crashChild(os.Getenv(crashEnv))
	case os.Getenv(limitEnv) != "":
		limitChild(os.Getenv(limitEnv))
	}
	code := m.Run()
	if largeTemp != "" {
		os.RemoveAll(largeTemp)
	}
	os.Exit(code)
}

// crashChild records and batches as fast as it can, and says what was
// acknowledged.
func crashChild(dir string) {
	n := 0
	c := clock.Func(func() time.Time { return time.Now().Add(time.Duration(n) * time.Second) })
	l, err := ledger.Open(dir, ledger.Options{Clock: c})
	if err != nil {
		fmt.Println("error", err)
		os.Exit(1)
	}
	out := bufio.NewWriter(os.Stdout)
	for ; ; n++ {
		r, err := l.Append(bg, ledger.Record{Kind: "crash", Body: []byte(body(n)), Priority: true})
		if err == nil {
			fmt.Fprintf(out, "%d %x\n", r.Seq, r.Leaf)
			out.Flush()
			err = l.Tick(bg)
		}
		if err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
	}
}

func TestKillNine(t *testing.T) {
	rounds := 25
	if testing.Short() {
		rounds = 5
	}
	dir := filepath.Join(t.TempDir(), "ledger")
	set := ledger.Settings{Origin: "example.org/desk", Interval: time.Second, Batch: 4, Backlog: 4}
	if err := ledger.Create(dir, set, clock.System, nil); err != nil {
		t.Fatal(err)
	}
	acked := map[uint64]string{}
	for round := range rounds {
		for seq, leaf := range killed(t, dir, time.Duration(5+rand.IntN(60))*time.Millisecond) {
			acked[seq] = leaf
		}
		rep, err := ledger.Check(dir)
		if err != nil || !rep.OK() {
			t.Fatalf("round %d, before a restart: %v %s", round, err, rep)
		}
	}
	far := clock.NewManual(time.Now().Add(24 * time.Hour))
	l, err := ledger.Open(dir, ledger.Options{Clock: far})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for l.State().Pending > 0 {
		far.Advance(time.Second)
		if err := l.Tick(bg); err != nil {
			t.Fatal(err)
		}
	}
	have := map[uint64]string{}
	for o, err := range l.Openings(1, 0) {
		if err != nil {
			t.Fatal(err)
		}
		have[o.Seq] = fmt.Sprintf("%x", o.Opening.Leaf())
	}
	for seq, leaf := range acked {
		if have[seq] != leaf {
			t.Fatalf("record %d was acknowledged as %s and is %q", seq, leaf, have[seq])
		}
	}
	if len(acked) < rounds {
		t.Fatalf("only %d records were acknowledged in %d rounds: the test shows little", len(acked), rounds)
	}
	t.Logf("%d rounds, %d records acknowledged, %d there, %d leaves", rounds, len(acked), len(have), l.State().Size)
}

// killed runs the child, kills it after a while from its first record, and
// returns what it had acknowledged.
func killed(t *testing.T, dir string, after time.Duration) map[uint64]string {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), crashEnv+"="+dir)
	pipe, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	acked := map[uint64]string{}
	lines := bufio.NewReader(pipe)
	for first := true; ; first = false {
		line, err := lines.ReadString('\n')
		if err == io.EOF {
			break
		}
		if first {
			time.AfterFunc(after, func() { cmd.Process.Kill() })
		}
		seq, leaf, _ := strings.Cut(strings.TrimSpace(line), " ")
		n, err := strconv.ParseUint(seq, 10, 64)
		if err != nil {
			t.Fatalf("the child says: %s", line)
		}
		acked[n] = leaf
	}
	cmd.Wait()
	return acked
}
