package console_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestEveryDutyHasWords: a case page lists what the clock will do; a kind of
// duty that it has no words for would be an empty line. An exercise's own duty
// is never shown: it would give the exercise away.
func TestEveryDutyHasWords(t *testing.T) {
	page, err := os.ReadFile("case.go")
	if err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join("..", "..", "desk", "casefile", "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(`\b(Duty\w+)\s+DutyKind = "`).FindAllStringSubmatch(string(b), -1) {
			found++
			if m[1] != "DutyDrill" && !strings.Contains(string(page), "casefile."+m[1]+":") {
				t.Errorf("%s has no words on the case page", m[1])
			}
		}
	}
	if found < 15 {
		t.Fatalf("only %d kinds of duty were found", found)
	}
}
