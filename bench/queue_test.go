package bench_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"letterlock/bench"
)

// The desk's queue can be measured alone, and a quick run of it shows that
// every look works on the engines that are here.
func TestQuickQueue(t *testing.T) {
	o := bench.Quick()
	o.Only, o.Dir, o.Say = "queue", t.TempDir(), logger{t}
	r, err := bench.Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "RESULTS.md")
	if err := r.Write(path, "go run ./bench/run -quick -only queue"); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, must := range []string{"# What it costs\n", "## The desk's queue on SQLite\n", "| list by time left | warm |", "| list, newest first | opened anew |", "| list, oldest first | warm |", "| search | ", "| counts | ", "| open a case | ",
		"| the lead's page, all its sums | ", "## The auditor's page\n", "| a page of acts | warm |", "## Many accounts in one order\n", "| 1,000 | ", "figures say nothing", "a full scan, same run"} {
		if !strings.Contains(string(b), must) {
			t.Errorf("the table lacks %q:\n%s", must, b)
		}
	}
	if strings.Contains(string(b), "NaN") {
		t.Errorf("a figure that was not measured is in the table:\n%s", b)
	}
}
