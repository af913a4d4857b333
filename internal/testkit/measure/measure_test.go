package measure_test

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"letterlock/internal/testkit"
	"letterlock/internal/testkit/measure"
)

// What was forgotten is read from the disk again, as the benchmark says.
func TestAForgottenFileIsReadFromTheDisk(t *testing.T) {
	if runtime.GOOS != "linux" {
		testkit.Missing(t, "known for Linux alone")
	}
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, make([]byte, 4<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := measure.Forget(file, file+"-none"); err != nil {
		t.Fatal(err)
	}
	read := func(before func(int)) testing.BenchmarkResult {
		return testing.Benchmark(func(b *testing.B) {
			measure.Looks{Most: 5, Before: before}.Run(b, func(int) error { _, err := os.ReadFile(file); return err })
		})
	}
	cold := read(func(int) {
		if err := measure.Forget(file); err != nil {
			t.Error(err)
		}
	})
	if cold.Extra["p99-ms"] < cold.Extra["p50-ms"] || cold.Extra["p50-ms"] <= 0 {
		t.Errorf("%v", cold.Extra)
	}
	if cold.Extra["disk-KiB/op"] < 1024 {
		testkit.Missing(t, "the disk of this folder is memory")
	}
	if warm := read(nil); warm.Extra["disk-KiB/op"] > 1024 {
		t.Errorf("a file that was just read comes from the disk: %v", warm.Extra)
	}
}
