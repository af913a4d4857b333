// Package testkit is what tests of several rooms share: which of them may be
// skipped, and when. It knows no domain word; browser, passkey, pg and walk
// below it are tools of their own.
package testkit

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// Missing ends a test for which this machine lacks something: it is skipped by
// the name of what is missing, and with CI=true it fails.
func Missing(t testing.TB, format string, args ...any) {
	t.Helper()
	what := fmt.Sprintf(format, args...)
	if os.Getenv("CI") == "true" {
		t.Fatal("with CI=true this is no reason to skip: " + what)
	}
	t.Skip("SKIPPED: " + what)
}

// Program finds an installed program by the first of its names that is there;
// without it the test is Missing it.
func Program(t testing.TB, names ...string) string {
	t.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	Missing(t, "%s is not installed (.ci/setup installs it)", strings.Join(names, " or "))
	return ""
}

// Chromium is the browser that looks at pages, by the names of several systems.
func Chromium(t testing.TB) string {
	t.Helper()
	return Program(t, "chromium", "chromium-browser", "google-chrome")
}

// Elsewhere skips what another run of `make test` does: with -short what runs
// without it, and under the race detector what it would hide. It is no failure
// in CI either, where both runs are made.
func Elsewhere(t testing.TB, why string) {
	t.Helper()
	t.Skip("SKIPPED in this run: " + why)
}
