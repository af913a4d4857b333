package signal_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestCitations: each clause that this package's code cites stands in the list
// of clauses, and each of our own is a section of our own page.
func TestCitations(t *testing.T) {
	clauses := listed(t, "../docs/protocol/clauses.md", regexp.MustCompile("(?m)^- `([a-z0-9.-]+ [0-9.]+)` — .+$"))
	sections := listed(t, "../docs/protocol/signal.md", regexp.MustCompile(`(?m)^##+ ([0-9.]*[0-9])\.? .+$`))
	cited := map[string]bool{}
	citation := regexp.MustCompile(`// spec: (.+)`)
	must(t, filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return err
		}
		b, err := os.ReadFile(path)
		for _, m := range citation.FindAllStringSubmatch(string(b), -1) {
			cited[m[1]] = true
			if !clauses[m[1]] {
				t.Errorf("%s cites %q, which docs/protocol/clauses.md does not list", path, m[1])
			}
		}
		return err
	}))
	if len(cited) < 20 {
		t.Errorf("only %d citations found", len(cited))
	}
	for c := range clauses {
		if n, ours := strings.CutPrefix(c, "deployed "); ours && !sections[n] {
			t.Errorf("%q is no section of docs/protocol/signal.md", c)
		}
	}
}

func listed(t *testing.T, path string, line *regexp.Regexp) map[string]bool {
	t.Helper()
	b, err := os.ReadFile(path)
	must(t, err)
	found := map[string]bool{}
	for _, m := range line.FindAllStringSubmatch(string(b), -1) {
		found[m[1]] = true
	}
	if len(found) == 0 {
		t.Fatalf("%s lists nothing", path)
	}
	return found
}
