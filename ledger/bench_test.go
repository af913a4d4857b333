package ledger_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"letterlock/internal/clock"
	"letterlock/ledger"
)

var leavesFlag = flag.Int64("ledger.leaves", 1<<20, "leaves of the tree that BenchmarkProof proves in")

// BenchmarkAppend is the rate of durable records: each Append returns after
// its fsync; what comes at once shares one.
func BenchmarkAppend(b *testing.B) {
	for _, writers := range []int{1, 64, 512} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			dir := filepath.Join(b.TempDir(), "ledger")
			set := ledger.Settings{Origin: "example.org/bench", Interval: time.Second, Batch: 1 << 16, Backlog: 1000}
			if err := ledger.Create(dir, set, clock.System, nil); err != nil {
				b.Fatal(err)
			}
			l, err := ledger.Open(dir, ledger.Options{Clock: clock.System})
			if err != nil {
				b.Fatal(err)
			}
			defer l.Close()
			r := ledger.Record{Kind: "release.intent", Case: "L-2026-000123", Body: make([]byte, 300)}
			var left atomic.Int64
			left.Store(int64(b.N))
			var wg sync.WaitGroup
			b.ResetTimer()
			for range writers {
				wg.Go(func() {
					for left.Add(-1) >= 0 {
						if _, err := l.Append(bg, r); err != nil {
							b.Error(err)
							return
						}
					}
				})
			}
			wg.Wait()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "records/s")
		})
	}
}

// BenchmarkBatch is what one tick costs at the default size.
func BenchmarkBatch(b *testing.B) {
	w := newWorld(b, ledger.Default("example.org/bench"), 1)
	for b.Loop() {
		w.tick()
	}
}

// BenchmarkProof is a whole proof (opening read, path, checkpoint) in a large
// tree, kept in LETTERLOCK_BENCH_DIR between runs if that is set.
func BenchmarkProof(b *testing.B) {
	l, receipts := large(b, *leavesFlag)
	i := 0
	for b.Loop() {
		if _, err := l.Proof(receipts[i%len(receipts)]); err != nil {
			b.Fatal(err)
		}
		i++
	}
	b.ReportMetric(float64(l.State().Size), "leaves")
}

func BenchmarkVerify(b *testing.B) {
	w := newWorld(b, ledger.Default("example.org/bench"), 1)
	r := w.record("act")
	w.tick()
	p, err := w.Proof(r)
	if err != nil {
		b.Fatal(err)
	}
	keys := w.keys()
	for b.Loop() {
		if _, err := p.Verify(keys); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkOpen is a start with a large tree.
func BenchmarkOpen(b *testing.B) {
	l, _ := large(b, *leavesFlag)
	dir, c := largeDir(b, *leavesFlag), clock.NewManual(start)
	l.Close()
	for b.Loop() {
		l, err := ledger.Open(dir, ledger.Options{Clock: c})
		if err != nil {
			b.Fatal(err)
		}
		l.Close()
	}
}

var (
	largeOnce sync.Once
	largePath string
	largeTemp string // removed at the end
)

func largeDir(b *testing.B, n int64) string {
	largeOnce.Do(func() {
		root := os.Getenv("LETTERLOCK_BENCH_DIR")
		if root == "" {
			var err error
			if root, err = os.MkdirTemp("", "letterlock-bench"); err != nil {
				b.Fatal(err)
			}
			largeTemp = root
		}
		largePath = filepath.Join(root, fmt.Sprintf("ledger-%d", n))
	})
	return largePath
}

// large is a ledger of at least n leaves, with a few records in each batch.
func large(b *testing.B, n int64) (*ledger.Ledger, []ledger.Receipt) {
	b.Helper()
	dir, c := largeDir(b, n), clock.NewManual(start)
	set := ledger.Settings{Origin: "example.org/bench", Interval: time.Minute, Batch: 1 << 16, Backlog: 1}
	if _, err := os.Stat(dir); err != nil {
		if err := ledger.Create(dir, set, c, seed(1)); err != nil {
			b.Fatal(err)
		}
	}
	l, err := ledger.Open(dir, ledger.Options{Clock: c})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { l.Close() })
	c.Set(l.State().Last)
	for l.State().Size < n {
		for i := range 20 {
			if _, err := l.Append(bg, ledger.Record{Kind: "act", Body: []byte(body(i))}); err != nil {
				b.Fatal(err)
			}
		}
		c.Advance(time.Minute)
		if err := l.Tick(bg); err != nil {
			b.Fatal(err)
		}
	}
	var rs []ledger.Receipt
	for o, err := range l.Openings(1, 0) {
		if err != nil {
			b.Fatal(err)
		}
		rs = append(rs, ledger.Receipt{Ledger: l.Origin(), Seq: o.Seq, Leaf: o.Opening.Leaf(), Time: o.Entry.Recorded})
	}
	return l, rs
}
