package produce_test

import (
	"context"
	"errors"
	"io"
	"iter"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"letterlock/desk/produce"
	"letterlock/disclosable"
	"letterlock/internal/testkit"
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
		testkit.Elsewhere(t, "10,000 accounts")
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

// What does not fit in memory while packing must leave nothing readable on the
// desk's disk, not even while it lies there, and nothing at all afterwards.
func TestTheSpoolHoldsNothingReadable(t *testing.T) {
	c := newCast(t)
	dir := filepath.Join(t.TempDir(), "spool")
	in := c.many(t, 4)
	secret := strings.Repeat("the name of a person ", 1<<15) // 640 KB: the third one is over
	seen := 0
	in.Records = func(yield func(disclosable.Record, error) bool) {
		for i := range 4 {
			if !yield(disclosable.Record{Account: account(i), Field: "name", Value: secret}, nil) {
				return
			}
			seen += spooled(t, dir, secret[:20])
		}
		yield(disclosable.Record{}, errors.New("the carrier went away"))
	}
	_, err := (&produce.Packer{Key: c.key, Spool: dir}).Open(context.Background(), io.Discard, in, "test")
	if err == nil {
		t.Error("records broke off and it was packed")
	}
	if seen == 0 {
		t.Error("nothing was ever spooled: the test shows nothing")
	}
	left, err := os.ReadDir(dir)
	if err != nil || len(left) != 0 {
		t.Errorf("left behind: %v %v", left, err)
	}
}

// spooled counts the open spool files of this process and fails if one of them
// can be read.
func spooled(t *testing.T, dir, secret string) (n int) {
	t.Helper()
	if runtime.GOOS != "linux" {
		testkit.Missing(t, "open files can be looked at on Linux only")
	}
	links, err := os.ReadDir("/proc/self/fd")
	must(t, err)
	for _, l := range links {
		path := "/proc/self/fd/" + l.Name()
		if to, err := os.Readlink(path); err != nil || !strings.HasPrefix(to, dir) {
			continue
		}
		b, err := os.ReadFile(path)
		must(t, err)
		n++
		if strings.Contains(string(b), secret) {
			t.Error("a spool file can be read")
		}
	}
	return n
}
