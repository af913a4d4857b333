package produce_test

import (
	"context"
	"iter"
	"runtime"
	"slices"
	"strings"
	"testing"

	"letterlock/desk/produce"
	"letterlock/disclosable"
)

// many is a production for n accounts, eight fields each, made as it is read.
func (c *cast) many(t testing.TB, n int) produce.Input {
	in := c.input(t)
	in.Grants, in.Targets = nil, nil
	fields := []disclosable.FieldID{"phone", "name", "service_start", "last_seen", "last_ip", "device_type", "devices", "email"}
	for i := range n {
		in.Grants = append(in.Grants, c.grant(t, i, slices.Clone(fields)...))
		in.Targets = append(in.Targets, produce.Target{Asked: number(i), Account: account(i)})
	}
	in.Records = manyRecords(n, fields)
	return in
}

func manyRecords(n int, fields []disclosable.FieldID) iter.Seq2[disclosable.Record, error] {
	return func(yield func(disclosable.Record, error) bool) {
		for i := range n {
			for _, f := range fields {
				if !yield(disclosable.Record{Account: account(i), Field: f, Value: strings.Repeat("value ", 20)}, nil) {
					return
				}
			}
		}
	}
}

func TestMemoryDoesNotGrowWithTheRecords(t *testing.T) {
	if testing.Short() {
		t.Skip("10,000 accounts")
	}
	c := newCast(t)
	in := c.many(t, 10_000)
	in.Records = watched(manyRecords(10_000, []disclosable.FieldID{"phone", "name", "service_start", "last_seen", "last_ip", "device_type", "devices", "email"}))
	runtime.GC()
	var before runtime.MemStats
	runtime.ReadMemStats(&before)
	peak = before.HeapAlloc
	var size measure
	receipt, err := (&produce.Packer{Key: c.key, Spool: t.TempDir()}).Open(context.Background(), &size, in, "test")
	must(t, err)
	grown := int64(peak) - int64(before.HeapAlloc)
	t.Logf("%d records, %d MB of package, heap grew by %d MB while the records passed", receipt.Records, size>>20, grown>>20)
	// What grows is a few hundred bytes for each grant; the records, 50 MB in
	// two forms, do not stay.
	if grown > 24<<20 || receipt.Records != 80_000 || size < 40<<20 {
		t.Errorf("%d records, %d bytes, heap grew by %d bytes", receipt.Records, size, grown)
	}
}

var peak uint64

// watched looks at the heap, after collecting, every 20,000 records.
func watched(records iter.Seq2[disclosable.Record, error]) iter.Seq2[disclosable.Record, error] {
	return func(yield func(disclosable.Record, error) bool) {
		n := 0
		for r, err := range records {
			if n++; n%20_000 == 0 {
				runtime.GC()
				var m runtime.MemStats
				runtime.ReadMemStats(&m)
				peak = max(peak, m.HeapAlloc)
			}
			if !yield(r, err) {
				return
			}
		}
	}
}

type measure int64

func (m *measure) Write(b []byte) (int, error) { *m += measure(len(b)); return len(b), nil }
