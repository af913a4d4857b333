//go:build !linux

package e2e_test

import (
	"testing"

	"letterlock/internal/testkit"
)

// Only Linux shows one process the memory of another without a debugger.

func memory(t testing.TB, pid int) haystack {
	testkit.Missing(t, "the memory of a process is read on Linux only")
	return nil
}

func family(t testing.TB, pid int) []int { return []int{pid} }
