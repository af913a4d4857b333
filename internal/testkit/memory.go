package testkit

import (
	"os"
	"testing"
)

// Dir is a folder of the test's own, as t.TempDir is, in the machine's memory
// where it has one with room: the worlds of these tests write each act durably
// several times, and a disk that others use too makes most of their time. What
// is about the disk itself takes t.TempDir.
func Dir(t testing.TB) string {
	t.Helper()
	if !roomy(shared) {
		return t.TempDir()
	}
	dir, err := os.MkdirTemp(shared, "letterlock-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Errorf("the test's folder stays: %v", err)
		}
	})
	return dir
}

const (
	shared = "/dev/shm"
	room   = 1 << 30 // bytes; the shared memory of a container is often 64 MB
)
