package ledger_test

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"letterlock/internal/fault"
	"letterlock/ledger"
	"letterlock/ledger/proof"
)

func TestRecordIsProvedAfterItsBatch(t *testing.T) {
	w := newWorld(t, small("example.org/desk"), 1)
	r := w.record("release.intent")
	_, err := w.Proof(r)
	wantKind(t, err, fault.Unavailable)
	w.tick()
	v := w.proves(r, "release.intent")
	if v.Entry.Kind != "release.intent" || v.Entry.Case != "L-1" || v.Checkpoint.Size != 8 {
		t.Fatalf("proved %+v", v)
	}
	if want := start.Add(time.Minute); !v.Checkpoint.Time.Equal(want) {
		t.Fatalf("checkpoint of %s, want %s", v.Checkpoint.Time, want)
	}
	w.reopen()
	w.proves(r, "release.intent")
	again, err := w.Receipt(r.Seq)
	if err != nil || again != r {
		t.Fatalf("receipt read again: %+v, %v; want %+v", again, err, r)
	}
	w.holds()
}

func TestEveryBatchHasTheSameSize(t *testing.T) {
	w := newWorld(t, small("example.org/desk"), 1)
	var rs []ledger.Receipt
	for i, n := range []int{0, 3, 12, 0, 8, 1} {
		for range n {
			rs = append(rs, w.record(body(len(rs))))
		}
		w.tick()
		if got, want := w.State().Size, int64(8*(i+1)); got != want {
			t.Fatalf("after batch %d: %d leaves, want %d", i, got, want)
		}
	}
	w.tick() // what did not fit
	for i, r := range rs {
		w.proves(r, body(i))
	}
	if r := w.holds(); r.Records != 24 || r.Pending != 0 || r.Checkpoints != 8 {
		t.Fatalf("report %+v", r)
	}
}

func TestOrdinaryRecordsLeaveRoomForPriority(t *testing.T) {
	w := newWorld(t, small("example.org/desk"), 1)
	for i := range 12 { // (8-2) leaves x 2 batches
		w.record(body(i))
	}
	_, err := w.Append(bg, ledger.Record{Kind: "intake.filed"})
	wantKind(t, err, fault.Exhausted)
	if say := fault.Say(err); !strings.Contains(say, "07:01:00 UTC") {
		t.Fatalf("does not say when to try again: %s", say)
	}
	var stops []ledger.Receipt
	for i := range 9 { // more than a whole batch
		r, err := w.Append(bg, ledger.Record{Kind: "trace.stop", Body: []byte(body(i)), Priority: true})
		if err != nil {
			t.Fatal(err)
		}
		stops = append(stops, r)
	}
	w.tick()
	for i, r := range stops[:8] {
		w.proves(r, body(i))
	}
	_, err = w.Append(bg, ledger.Record{Kind: "intake.filed"})
	wantKind(t, err, fault.Exhausted) // the ordinary ones still wait
	w.tick()
	w.proves(stops[8], body(8))
	w.record("intake.filed")
	w.reopen() // the count survives
	w.tick()
	w.tick()
	if s := w.State(); s.Pending != 0 {
		t.Fatalf("%d still wait", s.Pending)
	}
	w.holds()
}

func TestBatchTakesOnlyWhatWasRecordedBeforeItsTick(t *testing.T) {
	w := newWorld(t, small("example.org/desk"), 1)
	before := w.record("before")
	w.clock.Set(start.Add(61 * time.Second)) // the tick is late
	after := w.record("after")
	if err := w.Tick(bg); err != nil {
		t.Fatal(err)
	}
	w.proves(before, "before")
	_, err := w.Proof(after)
	wantKind(t, err, fault.Unavailable)
	w.tick()
	if v := w.proves(after, "after"); v.Checkpoint.Time.Before(v.Entry.Recorded) {
		t.Fatal("a checkpoint is older than what it holds")
	}
}

func TestOneBatchAfterDowntime(t *testing.T) {
	w := newWorld(t, small("example.org/desk"), 1)
	w.record("before")
	w.Close()
	w.clock.Set(start.Add(5*time.Minute + 20*time.Second))
	w.open()
	if err := w.Tick(bg); err != nil {
		t.Fatal(err)
	}
	s := w.State()
	if s.Size != 8 || !s.Last.Equal(start.Add(5*time.Minute)) {
		t.Fatalf("after downtime: %d leaves at %s", s.Size, s.Last)
	}
	w.holds()
}

func TestIndexDoesNotTellHowManyStandBefore(t *testing.T) {
	set := small("example.org/desk")
	set.Batch = 64
	first := map[int64]bool{}
	w := newWorld(t, set, 1)
	for range 12 {
		r := w.record("only")
		w.tick()
		first[w.proves(r, "only").Index%64] = true
	}
	if len(first) < 6 {
		t.Fatalf("a batch's only record stands at %v: the place tells the count", first)
	}
}

func TestReceiptOfAnotherLedger(t *testing.T) {
	w, other := newWorld(t, small("example.org/desk"), 1), newWorld(t, small("example.org/carrier"), 2)
	r := w.record("here")
	other.record("there")
	w.tick()
	other.tick()
	_, err := other.Proof(r)
	wantKind(t, err, fault.NotFound)
	r.Leaf[0] ^= 1
	_, err = w.Proof(r)
	wantKind(t, err, fault.NotFound)
	r.Seq = 99
	_, err = w.Proof(r)
	wantKind(t, err, fault.NotFound)
}

func TestWait(t *testing.T) {
	w := newWorld(t, small("example.org/desk"), 1)
	r := w.record("act")
	short, cancel := context.WithCancel(bg)
	cancel()
	wantKind(t, w.Wait(short, r), fault.Unavailable)
	done := make(chan error)
	go func() { done <- w.Wait(bg, r) }()
	w.tick()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	w.proves(r, "act")
	wantKind(t, w.Wait(bg, ledger.Receipt{Seq: 7}), fault.NotFound)
}

func TestBadRecordsAreRefused(t *testing.T) {
	w := newWorld(t, small("example.org/desk"), 1)
	for name, r := range map[string]ledger.Record{
		"no kind":     {},
		"odd kind":    {Kind: "Release Intent"},
		"long kind":   {Kind: strings.Repeat("a", 65)},
		"long case":   {Kind: "a", Case: strings.Repeat("a", 129)},
		"broken case": {Kind: "a", Case: "\xff"},
		"long body":   {Kind: "a", Body: make([]byte, proof.MaxBody+1)},
		"no time":     {Kind: "a", Time: time.Date(1492, 1, 1, 0, 0, 0, 0, time.UTC)},
	} {
		if _, err := w.Append(bg, r); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if w.State().Pending != 0 {
		t.Fatal("a refused record waits")
	}
}

func TestCreateRefuses(t *testing.T) {
	w := newWorld(t, small("example.org/desk"), 1)
	err := ledger.Create(w.dir, w.set, w.clock, nil)
	wantKind(t, err, fault.Conflict)
	if !strings.Contains(fault.Say(err), "refusing to") {
		t.Fatal(fault.Say(err))
	}
	_, err = ledger.Open(w.dir, ledger.Options{Clock: w.clock})
	wantKind(t, err, fault.Conflict) // it is open already
	_, err = ledger.Open(t.TempDir(), ledger.Options{Clock: w.clock})
	wantKind(t, err, fault.NotFound)
	// A first start that was interrupted before the settings were there.
	half := copyDir(t, w.dir)
	for _, name := range []string{"settings", "checkpoints"} {
		if err := os.Remove(filepath.Join(half, name)); err != nil {
			t.Fatal(err)
		}
	}
	if ledger.Exists(half) || !ledger.Exists(w.dir) {
		t.Fatal("half a ledger exists, or a whole one does not")
	}
	if err := ledger.Create(half, w.set, w.clock, nil); err != nil {
		t.Fatal(err)
	}
	for _, s := range []ledger.Settings{{}, {Origin: "a b", Interval: time.Minute, Batch: 8, Backlog: 1},
		{Origin: "a", Interval: time.Hour, Batch: 8, Backlog: 1}, {Origin: "a", Interval: time.Minute, Batch: 1, Backlog: 1},
		{Origin: "a", Interval: time.Minute, Batch: 8, Reserved: 8, Backlog: 1}, {Origin: "a", Interval: time.Minute, Batch: 8}} {
		wantKind(t, ledger.Create(t.TempDir(), s, w.clock, nil), fault.Invalid)
	}
}

func TestSealedLedgerPublishesNothing(t *testing.T) {
	set := small("example.org/sealed")
	set.Sealed = true
	w := newWorld(t, set, 3)
	r := w.record("nsl.intent")
	w.tick()
	_, err := w.Public()
	wantKind(t, err, fault.Withheld)
	w.proves(r, "nsl.intent") // those it concerns can prove it all the same
	if !w.holds().Sealed {
		t.Fatal("the report does not say that the ledger is sealed")
	}
}

func TestClosedLedgerRecordsNothing(t *testing.T) {
	w := newWorld(t, small("example.org/desk"), 1)
	w.Close()
	_, err := w.Append(bg, ledger.Record{Kind: "a"})
	wantKind(t, err, fault.Unavailable)
	wantKind(t, w.Tick(bg), fault.Unavailable)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestManyAtOnce(t *testing.T) {
	set := small("example.org/desk")
	set.Batch, set.Backlog = 64, 100
	w := newWorld(t, set, 1)
	var wg sync.WaitGroup
	for g := range 16 {
		wg.Go(func() {
			for i := range 20 {
				text := fmt.Sprintf("act-%d-%d", g, i)
				r, err := w.Append(bg, ledger.Record{Kind: "load", Body: []byte(text), Priority: i%3 == 0})
				if err != nil {
					t.Error(err)
					return
				}
				if err := w.Wait(bg, r); err != nil {
					t.Error(err)
					return
				}
				p, err := w.Proof(r)
				if err != nil {
					t.Error(err)
					return
				}
				if v, err := p.Verify(w.keys()); err != nil || string(v.Entry.Body) != text {
					t.Errorf("%s: %v", text, err)
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	for {
		select {
		case <-done:
			w.holds()
			return
		default:
			if w.State().Pending > 0 {
				w.tick()
			}
			runtime.Gosched()
		}
	}
}

func TestOpenings(t *testing.T) {
	w := newWorld(t, small("example.org/desk"), 1)
	for i := range 5 {
		w.record(body(i))
	}
	w.tick()
	w.record(body(5))
	var got []string
	for o, err := range w.Openings(2, 0) {
		if err != nil {
			t.Fatal(err)
		}
		if o.Opening.Leaf() != proof.LeafOf(o.Opening.Salt, o.Entry.Bytes()) {
			t.Fatal("an opening does not open its leaf")
		}
		got = append(got, fmt.Sprintf("%d %s %t", o.Seq, o.Entry.Body, o.Index >= 0))
	}
	if want := "2 act-1 true,3 act-2 true,4 act-3 true,5 act-4 true,6 act-5 false"; strings.Join(got, ",") != want {
		t.Fatalf("got %v", got)
	}
}

func TestSecretDoesNotPrint(t *testing.T) {
	s := ledger.NewSecret()
	for _, text := range []string{fmt.Sprint(s), fmt.Sprintf("%v %+v %#v %x %s %d", s, s, s, s, s, s), slog.AnyValue(s).Resolve().String()} {
		if strings.Contains(text, "010203") || strings.Contains(text, "1 2 3") || !strings.Contains(text, "[ledger secret]") {
			t.Fatalf("prints %q", text)
		}
	}
	if b, err := json.Marshal(s); err == nil {
		t.Fatalf("marshals as %s", b)
	}
}

func TestBackupIsAWholeLedger(t *testing.T) {
	w := newWorld(t, small("example.org/desk"), 1)
	r := w.record("act")
	w.tick()
	waits := w.record("waits")
	copied := &world{t: t, dir: filepath.Join(t.TempDir(), "backup"), clock: w.clock, set: w.set}
	if err := w.Backup(copied.dir); err != nil {
		t.Fatal(err)
	}
	wantKind(t, w.Backup(copied.dir), fault.Conflict)
	copied.open()
	copied.proves(r, "act")
	copied.tick()
	copied.proves(waits, "waits")
	copied.holds()
	if rep := copied.holds(); len(rep.Notes) != 0 {
		t.Fatalf("leftovers: %v", rep.Notes)
	}
	if err := copied.CheckAgainst(w.Head()); err != nil {
		t.Fatal(err)
	}
}

func TestChangedHashesAreNotBuiltUpon(t *testing.T) {
	w := newWorld(t, small("example.org/desk"), 1)
	r := w.record("act")
	w.tick()
	path := filepath.Join(w.dir, "hashes")
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	bad := append([]byte(nil), good...)
	for i := range bad {
		bad[i] ^= 1
	}
	if err := os.WriteFile(path, bad, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = w.Proof(r)
	wantKind(t, err, fault.Unavailable)
	w.clock.Advance(time.Minute)
	err = w.Tick(bg)
	wantKind(t, err, fault.Unavailable)
	if !strings.Contains(fault.Say(err), "refusing to sign") {
		t.Fatal(fault.Say(err))
	}
	if err := os.WriteFile(path, good, 0o600); err != nil {
		t.Fatal(err)
	}
	w.tick()
	w.proves(r, "act")
	w.holds()
}

// A crash between a batch's hashes and its checkpoint: what was changed
// meanwhile is not signed.
func TestUnsignedHashesAreMadeAgain(t *testing.T) {
	w := newWorld(t, small("example.org/desk"), 1)
	r := w.record("act")
	w.tick()
	w.Close()
	keepNotes(t, w.dir, "checkpoints", 1)
	path := filepath.Join(w.dir, "hashes")
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	b[40] ^= 1
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	w.open()
	w.proves(r, "act")
	w.holds()
}
