package archtest

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// skips is a test that ends itself; rapid's r skips one drawn step and is none.
var skips = regexp.MustCompile(`\b(?:\w+\.)?(?:t|b|f|tb|w|c|h|T|TB|B)\.(?:Skip|Skipf|SkipNow)\(`)

// TestNoTestSkipsByItself: what a machine lacks is said by testkit.Missing,
// which fails with CI=true; what another run does by testkit.Elsewhere.
func TestNoTestSkipsByItself(t *testing.T) {
	seen := 0
	for _, p := range list(t) {
		files := slices.Concat(p.GoFiles, p.TestGoFiles, p.XTestGoFiles)
		others, err := filepath.Glob(filepath.Join(p.Dir, "*_test.go")) // of other systems too
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range others {
			files = append(files, filepath.Base(f))
		}
		slices.Sort(files)
		for _, f := range slices.Compact(files) {
			b, err := os.ReadFile(filepath.Join(p.Dir, f))
			if err != nil {
				t.Fatal(err)
			}
			if p.path() == "internal/testkit" || p.path() == "archtest" {
				continue
			}
			seen++
			for n, line := range strings.Split(string(b), "\n") {
				if skips.MatchString(line) {
					t.Errorf("%s/%s:%d skips by itself: use internal/testkit", p.path(), f, n+1)
				}
			}
		}
	}
	if seen < 500 {
		t.Errorf("looked at %d files only", seen)
	}
}
