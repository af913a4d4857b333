package ledger_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// Each clause that the code cites stands in the list of clauses.
func TestCitations(t *testing.T) {
	list, err := os.ReadFile("../docs/protocol/clauses.md")
	if err != nil {
		t.Fatal(err)
	}
	citation := regexp.MustCompile(`// spec: (.+)`)
	cited := 0
	err = filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return err
		}
		b, err := os.ReadFile(path)
		for _, m := range citation.FindAllStringSubmatch(string(b), -1) {
			cited++
			if !strings.Contains(string(list), "\n- `"+m[1]+"` — ") {
				t.Errorf("%s cites %q, which docs/protocol/clauses.md does not list", path, m[1])
			}
		}
		return err
	})
	if err != nil || cited < 6 {
		t.Fatalf("%d citations, %v", cited, err)
	}
}
