// Package measure is how benchmarks say how long most people wait: percentiles
// of single looks, with the system's memory of a file warm or emptied. It knows
// no domain.
package measure

import (
	"slices"
	"testing"
	"time"
)

// Looks measures one look after the other and reports the 50th and the 99th
// percentile in milliseconds, and what each look had from the disk.
type Looks struct {
	Most   int         // so many at most; 0: as many as the benchmark asks for
	Before func(i int) // what is done before a look and not measured; may be nil
}

// Run measures.
func (l Looks) Run(b *testing.B, one func(i int) error) {
	var took []time.Duration
	var blocks int64
	for i := 0; b.Loop(); i++ {
		if l.Most > 0 && i >= l.Most {
			continue
		}
		if l.Before != nil {
			b.StopTimer()
			l.Before(i)
			b.StartTimer()
		}
		before, begun := blocksRead(), time.Now()
		if err := one(i); err != nil {
			b.Fatal(err)
		}
		took = append(took, time.Since(begun))
		blocks += blocksRead() - before
	}
	slices.Sort(took)
	at := func(p int) float64 { return float64(took[min(len(took)-1, len(took)*p/100)].Microseconds()) / 1000 }
	b.ReportMetric(at(50), "p50-ms")
	b.ReportMetric(at(99), "p99-ms")
	b.ReportMetric(float64(blocks)/2/float64(len(took)), "disk-KiB/op")
}
