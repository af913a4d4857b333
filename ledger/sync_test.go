package ledger_test

import (
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"letterlock/ledger"
)

// syncLog notes which files were written and which of these were synced.
type syncLog struct {
	mu    sync.Mutex
	order []string
	dirty map[string]bool
}

type loggedFile struct {
	ledger.File
	name string
	log  *syncLog
}

func (f loggedFile) WriteAt(b []byte, at int64) (int, error) {
	f.log.mu.Lock()
	defer f.log.mu.Unlock()
	f.log.dirty[f.name] = true
	return f.File.WriteAt(b, at)
}

func (f loggedFile) Sync() error {
	f.log.mu.Lock()
	defer f.log.mu.Unlock()
	delete(f.log.dirty, f.name)
	f.log.order = append(f.log.order, f.name)
	return f.File.Sync()
}

// synced wants just these files to have been synced, in this order, since it
// was last asked, and nothing written to be unsynced.
func (s *syncLog) synced(t *testing.T, what string, names ...string) {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.dirty) != 0 {
		t.Errorf("%s: acknowledged with %v not synced", what, s.dirty)
	}
	if !slices.Equal(s.order, names) {
		t.Errorf("%s: synced %v, want %v", what, s.order, names)
	}
	s.order = nil
}

// A kill does not show whether anything was synced, a power cut would: so what
// is synced, and when, is watched.
func TestNothingIsAcknowledgedBeforeItIsSynced(t *testing.T) {
	desk, carrier := halves(t)
	desk.Close()
	s := &syncLog{dirty: map[string]bool{}}
	l, err := ledger.OpenOn(ledger.Through(ledger.NewOSDisk(desk.dir), func(name string, f ledger.File) ledger.File {
		return loggedFile{f, name, s}
	}), ledger.Options{Clock: desk.clock})
	if err != nil {
		t.Fatal(err)
	}
	desk.Ledger = l
	defer l.Close()
	introduce(t, desk, carrier)
	s.synced(t, "open")
	for range 3 {
		desk.record("act")
		s.synced(t, "append", "journal")
	}
	if k := l.Journal(ledger.Record{Kind: "trace.stop"}); k.Where != ledger.Recorded {
		t.Fatal(k.Where)
	}
	s.synced(t, "journal", "journal")
	desk.clock.Advance(time.Minute)
	if err := l.Tick(bg); err != nil {
		t.Fatal(err)
	}
	s.synced(t, "tick", "journal", "hashes", "checkpoints")
	gather(t, desk.Ledger, carrier.Ledger)
	s.synced(t, "gather", "cosigned")
	gather(t, carrier.Ledger, desk.Ledger)
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.order) != 1 || len(s.dirty) != 0 {
		t.Fatalf("co-signed after syncing %v, with %v unsynced", s.order, s.dirty)
	}
}

// heldFile lets the first sync wait, so that what comes meanwhile can be seen
// to share the second.
type heldFile struct {
	ledger.File
	held    *sync.Once
	in      chan struct{} // closed when the first sync has begun
	release chan struct{}
	n       *int
}

func (f heldFile) Sync() error {
	f.held.Do(func() {
		close(f.in)
		<-f.release
	})
	*f.n++
	return f.File.Sync()
}

func TestWhatComesAtOnceSharesASync(t *testing.T) {
	set := small("example.org/desk")
	set.Batch = 64
	w := newWorld(t, set, 1)
	w.tick()
	w.Close()
	syncs := 0
	h := heldFile{held: &sync.Once{}, in: make(chan struct{}), release: make(chan struct{}), n: &syncs}
	l, err := ledger.OpenOn(ledger.Through(ledger.NewOSDisk(w.dir), func(_ string, f ledger.File) ledger.File {
		h := h
		h.File = f
		return h
	}), ledger.Options{Clock: w.clock})
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	w.Ledger = l
	var wg sync.WaitGroup
	add := func() {
		wg.Go(func() {
			if _, err := l.Append(bg, ledger.Record{Kind: "act"}); err != nil {
				t.Error(err)
			}
		})
	}
	add()
	<-h.in
	for range 50 {
		add()
	}
	for l.Queued() < 50 {
		runtime.Gosched() // the queue fills on its own
	}
	close(h.release)
	wg.Wait()
	if syncs != 2 {
		t.Fatalf("%d syncs for 51 records, want 2", syncs)
	}
	w.holds()
}
