package main

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"letterlock/internal/fault"
	"letterlock/law"
)

// TestTheSealedLawFileHoldsApprovalsOfSealedRowsAndNothingElse.
func TestTheSealedLawFileHoldsApprovalsOfSealedRowsAndNothingElse(t *testing.T) {
	table := law.Default()
	approval := func(id law.ProcessID) string {
		a := table.Approve("Ruth Engel", "2026-11-01", id)
		if len(a) == 0 {
			t.Fatalf("no row %s", id)
		}
		return fmt.Sprintf("[[approval]]\nrow = %q\nhash = %q\nby = %q\non = %q\n", a[0].Row, a[0].Hash, a[0].By, a[0].On)
	}
	head := "approved_by = \"Ruth Engel\"\napproved_on = \"2026-11-01\"\n"
	load := func(text string) ([]law.Approval, error) {
		path := filepath.Join(t.TempDir(), "sealed.toml")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return loadSealedLaw(path, table)
	}
	if got, err := load(head + approval("us.fisa.t3")); err != nil || len(got) != 1 || got[0].Row != "us.fisa.t3" {
		t.Errorf("a sealed row's approval: %v, %v", got, err)
	}
	for name, text := range map[string]string{
		"an ordinary row's approval": head + approval("us.order.2703d"),
		"a list's approval":          head + approval("us.fisa.t3") + "[[list_approval]]\nlist = \"x\"\nhash = \"" + fmt.Sprint(table.Approve("x", "2026-11-01", "us.fisa.t3")[0].Hash) + "\"\nby = \"y\"\non = \"2026-11-01\"\n",
		"no file of that kind":       "what = 1\n",
	} {
		if _, err := load(text); !fault.Is(err, fault.Invalid) {
			t.Errorf("%s is taken: %v", name, err)
		}
	}
	if _, err := loadSealedLaw(filepath.Join(t.TempDir(), "none.toml"), table); !fault.Is(err, fault.Invalid) {
		t.Errorf("a file that is not there: %v", err)
	}
	if got, err := loadSealedLaw("", table); got != nil || err != nil {
		t.Errorf("no file: %v, %v", got, err)
	}
}
