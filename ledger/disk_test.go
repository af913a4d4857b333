package ledger_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"letterlock/internal/clock"
	"letterlock/internal/fault"
	"letterlock/internal/testkit"
	"letterlock/ledger"
)

// badDisk fails every write with an error, or after some bytes, while told to.
type badDisk struct {
	fail  atomic.Pointer[error]
	after atomic.Int64 // bytes of the next write that still get through
}

type badFile struct {
	ledger.File
	d *badDisk
}

func (d *badDisk) set(err error) { d.fail.Store(&err) }

func (d *badDisk) err() error {
	if p := d.fail.Load(); p != nil {
		return *p
	}
	return nil
}

func (f badFile) WriteAt(b []byte, at int64) (int, error) {
	if err := f.d.err(); err != nil {
		n := min(int64(len(b)), f.d.after.Load())
		f.File.WriteAt(b[:n], at)
		return int(n), err
	}
	return f.File.WriteAt(b, at)
}

func (f badFile) Sync() error { return errors.Join(f.d.err(), f.File.Sync()) }

func (f badFile) Truncate(n int64) error {
	if err := f.d.err(); errors.Is(err, syscall.EROFS) {
		return err
	}
	return f.File.Truncate(n)
}

func (d *badDisk) wrap(_ string, f ledger.File) ledger.File { return badFile{f, d} }

func TestDiskFailsAndRecovers(t *testing.T) {
	for name, fail := range map[string]error{"disk full": syscall.ENOSPC, "read-only": syscall.EROFS, "disk error": syscall.EIO, "no permission": fs.ErrPermission} {
		for _, after := range []int64{0, 1, 39, 41, 100, 1 << 20} {
			t.Run(fmt.Sprintf("%s after %d", name, after), func(t *testing.T) { failAndRecover(t, fail, after) })
		}
	}
}

func failAndRecover(t *testing.T, fail error, after int64) {
	w := newWorld(t, small("example.org/desk"), 1)
	w.Close()
	d := &badDisk{}
	l, err := ledger.OpenOn(ledger.Through(ledger.NewOSDisk(w.dir), d.wrap), ledger.Options{Clock: w.clock, Side: filepath.Join(t.TempDir(), "side")})
	if err != nil {
		t.Fatal(err)
	}
	w.Ledger = l
	defer l.Close()
	first := w.record("before")
	w.tick()
	d.after.Store(after)
	d.set(fail)
	for range 3 {
		_, err := w.Append(bg, ledger.Record{Kind: "release.intent"})
		wantKind(t, err, fault.Unavailable)
		if say := fault.Say(err); !strings.Contains(say, "the ledger cannot be written") || !strings.Contains(say, "nothing was released") {
			t.Fatal(say)
		}
	}
	w.clock.Advance(time.Minute)
	wantKind(t, w.Tick(bg), fault.Unavailable)
	if w.State().Writable {
		t.Fatal("says that it is writable")
	}
	w.proves(first, "before") // reading goes on
	happened := w.clock.Now()
	if k := w.Journal(ledger.Record{Kind: "trace.stop", Body: []byte("stop")}); k.Where != ledger.KeptAside {
		t.Fatalf("a stop is %s", k.Where)
	}
	d.set(nil)
	w.clock.Advance(time.Minute)
	r := w.record("after")
	w.tick()
	w.proves(r, "after")
	if s := w.State(); !s.Writable || s.Aside != 0 {
		t.Fatalf("has not recovered: %+v", s)
	}
	stop, err := w.Receipt(2)
	if err != nil {
		t.Fatal(err)
	}
	v := w.proves(stop, "stop")
	if !v.Entry.Recovered || !v.Entry.Happened.Equal(happened) || !v.Entry.Recorded.Equal(happened.Add(time.Minute)) {
		t.Fatalf("the stop was entered as %+v", v.Entry)
	}
	if rep := w.holds(); rep.Records != 3 {
		t.Fatalf("%d records: a refused one was kept", rep.Records)
	}
	w.Close()
	w.open()
	w.proves(stop, "stop")
}

// The disk fails between a batch's journal entry and its checkpoint.
func TestBatchIsCompletedAfterTheDiskFailed(t *testing.T) {
	for nth := int64(1); nth <= 3; nth++ {
		w := newWorld(t, small("example.org/desk"), 1)
		w.Close()
		var countdown atomic.Int64
		countdown.Store(1 << 30)
		l, err := ledger.OpenOn(ledger.Through(ledger.NewOSDisk(w.dir), func(_ string, f ledger.File) ledger.File {
			return countingFile{f, &countdown}
		}), ledger.Options{Clock: w.clock})
		if err != nil {
			t.Fatal(err)
		}
		w.Ledger = l
		r := w.record("act")
		w.clock.Advance(time.Minute)
		countdown.Store(nth)
		wantKind(t, w.Tick(bg), fault.Unavailable)
		_, err = w.Proof(r)
		wantKind(t, err, fault.Unavailable)
		countdown.Store(1 << 30)
		if err := w.Tick(bg); err != nil {
			t.Fatal(err)
		}
		v := w.proves(r, "act")
		if w.State().Size != 8 || !v.Checkpoint.Time.Equal(start.Add(time.Minute)) {
			t.Fatalf("write %d failed: %+v", nth, w.State())
		}
		w.holds()
		w.Close()
	}
}

// countingFile fails the nth write from now.
type countingFile struct {
	ledger.File
	left *atomic.Int64
}

func (f countingFile) WriteAt(b []byte, at int64) (int, error) {
	if f.left.Add(-1) <= 0 {
		f.File.WriteAt(b[:len(b)/2], at)
		return len(b) / 2, syscall.ENOSPC
	}
	return f.File.WriteAt(b, at)
}

func TestStopsInMemoryWithoutASideFile(t *testing.T) {
	w := newWorld(t, small("example.org/desk"), 1)
	w.Close()
	d := &badDisk{}
	l, err := ledger.OpenOn(ledger.Through(ledger.NewOSDisk(w.dir), d.wrap), ledger.Options{Clock: w.clock})
	if err != nil {
		t.Fatal(err)
	}
	w.Ledger = l
	d.set(syscall.ENOSPC)
	if k := w.Journal(ledger.Record{Kind: "not a kind!", Case: "\xff", Body: []byte("x")}); k.Where != ledger.InMemory {
		t.Fatalf("%s", k.Where)
	}
	d.set(nil)
	if k := w.Journal(ledger.Record{Kind: "trace.stop"}); k.Where != ledger.Recorded || k.Receipt.Seq != 2 {
		t.Fatalf("%+v: the kept one comes first", k)
	}
	w.Close()
	w.holds()
}

// The process ends while the ledger cannot be written: the side file carries
// what happened over, once.
func TestSideFileSurvivesTheProcess(t *testing.T) {
	w := newWorld(t, small("example.org/desk"), 1)
	w.side = filepath.Join(t.TempDir(), "side")
	w.Close()
	d := &badDisk{}
	l, err := ledger.OpenOn(ledger.Through(ledger.NewOSDisk(w.dir), d.wrap), ledger.Options{Clock: w.clock, Side: w.side})
	if err != nil {
		t.Fatal(err)
	}
	d.set(syscall.EROFS)
	for i := range 3 {
		if k := l.Journal(ledger.Record{Kind: "trace.stop", Body: []byte(body(i))}); k.Where != ledger.KeptAside {
			t.Fatalf("%s", k.Where)
		}
	}
	kept, err := os.ReadFile(w.side)
	if err != nil {
		t.Fatal(err)
	}
	l.Close()
	w.clock.Advance(time.Hour)
	w.open()
	w.tick()
	for i := range 3 {
		r, err := w.Receipt(uint64(i + 1))
		if err != nil {
			t.Fatal(err)
		}
		if v := w.proves(r, body(i)); !v.Entry.Recovered || !v.Entry.Happened.Equal(start) {
			t.Fatalf("%+v", v.Entry)
		}
	}
	w.Close()
	if err := os.WriteFile(w.side, kept, 0o600); err != nil { // the crash came before the side file was emptied
		t.Fatal(err)
	}
	w.open()
	w.tick()
	if rep := w.holds(); rep.Records != 3 {
		t.Fatalf("%d records: some were entered twice", rep.Records)
	}
}

// A real full file system, where the machine lets us mount one.
func TestRealDiskFull(t *testing.T) {
	dir := t.TempDir()
	if runtime.GOOS != "linux" || exec.Command("mount", "-t", "tmpfs", "-o", "size=128k", "tmpfs", dir).Run() != nil {
		testkit.Missing(t, "no right to mount a tmpfs here; TestFileSizeLimit stands in for a real full disk")
	}
	defer exec.Command("umount", dir).Run()
	w := &world{t: t, dir: dir, clock: clock.NewManual(start), set: small("example.org/desk")}
	if err := ledger.Create(dir, w.set, w.clock, seed(1)); err != nil {
		t.Fatal(err)
	}
	w.open()
	defer func() { w.Close() }() // whichever is open then
	var last ledger.Receipt
	var err error
	n := 0
	for ; err == nil && n < 1000; n++ {
		var r ledger.Receipt
		if r, err = w.Append(bg, ledger.Record{Kind: "fill", Body: make([]byte, 3000), Priority: true}); err == nil {
			last = r
		}
	}
	wantKind(t, err, fault.Unavailable)
	if say := fault.Say(err); !strings.Contains(say, "disk full") || !strings.Contains(say, "free space on") {
		t.Fatal(say)
	}
	if k := w.Journal(ledger.Record{Kind: "trace.stop", Body: make([]byte, 8000)}); k.Where != ledger.InMemory {
		t.Fatalf("a stop is %s", k.Where)
	}
	if out, err := exec.Command("mount", "-o", "remount,size=4m", dir).CombinedOutput(); err != nil {
		t.Fatalf("remount: %s", out)
	}
	for w.State().Pending > 0 || w.State().Aside > 0 {
		w.tick()
	}
	w.proves(last, string(make([]byte, 3000)))
	if rep := w.holds(); rep.Records != n {
		t.Fatalf("%d records, want %d", rep.Records, n)
	}
	w.Close()
	if out, err := exec.Command("mount", "-o", "remount,ro", dir).CombinedOutput(); err != nil {
		t.Fatalf("remount: %s", out)
	}
	w.open() // opens read-only, proves, records nothing
	w.proves(last, string(make([]byte, 3000)))
	_, err = w.Append(bg, ledger.Record{Kind: "release.intent"})
	wantKind(t, err, fault.Unavailable)
	if say := fault.Say(err); !strings.Contains(say, "read-only") {
		t.Fatal(say)
	}
	if out, err := exec.Command("mount", "-o", "remount,rw", dir).CombinedOutput(); err != nil {
		t.Fatalf("remount: %s", out)
	}
	w.record("release.intent")
}

const limitEnv = "LETTERLOCK_LEDGER_LIMIT_DIR"

// TestFileSizeLimit lets the operating system refuse to grow the files, which
// needs no rights.
func TestFileSizeLimit(t *testing.T) {
	w := newWorld(t, small("example.org/desk"), 1)
	w.Close()
	cmd := exec.Command("sh", "-c", `ulimit -f 16; exec "$0"`, os.Args[0])
	cmd.Env = append(os.Environ(), limitEnv+"="+w.dir)
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "the ledger cannot be written (disk full)") {
		t.Fatalf("%v: %s", err, out)
	}
	w.open()
	w.record("after")
	w.holds()
}

func limitChild(dir string) {
	l, err := ledger.Open(dir, ledger.Options{Clock: clock.NewManual(start)})
	for range 100 {
		if err == nil {
			_, err = l.Append(bg, ledger.Record{Kind: "fill", Body: make([]byte, 1000), Priority: true})
		}
	}
	fmt.Println(fault.Say(err))
	os.Exit(0)
}
