package archtest

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestEveryDefenceNamesATestThatExists: the threat model says of each adversary
// which tests play them; a row without one, or with one that is gone, fails.
func TestEveryDefenceNamesATestThatExists(t *testing.T) {
	model, err := os.ReadFile("../docs/threat-model.md")
	if err != nil {
		t.Fatal(err)
	}
	exist := map[string]bool{}
	declared := regexp.MustCompile(`(?m)^func (Test\w+)\(t \*testing\.T\)`)
	err = filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		b, err := os.ReadFile(path)
		for _, m := range declared.FindAllSubmatch(b, -1) {
			exist[string(m[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(model), "## Which tests try")
	section, _, _ = strings.Cut(section, "\n## ")
	named := regexp.MustCompile("`(Test\\w+)`")
	rows := 0
	for line := range strings.SplitSeq(section, "\n") {
		if !strings.HasPrefix(line, "| **") {
			continue
		}
		rows++
		tests := named.FindAllStringSubmatch(line, -1)
		if len(tests) == 0 {
			t.Errorf("docs/threat-model.md names no test: %s", line)
		}
		for _, m := range tests {
			if !exist[m[1]] {
				t.Errorf("docs/threat-model.md names a test that does not exist: %s", m[1])
			}
		}
	}
	if adversaries := strings.Count(string(model), "\n| **") - rows; rows == 0 || rows != adversaries {
		t.Errorf("docs/threat-model.md has %d adversaries, and tests are named for %d", adversaries, rows)
	}
}
