package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"letterlock/desk/staff"
)

// TestTheFilesOfTheOperatingGuideAreRead: what an operator copies from
// docs/operating.md is taken by the program as it stands.
func TestTheFilesOfTheOperatingGuideAreRead(t *testing.T) {
	doc, err := os.ReadFile("../../docs/operating.md")
	if err != nil {
		t.Fatal(err)
	}
	laws, courses := 0, 0
	for _, m := range regexp.MustCompile("(?s)```toml\n(.*?)```").FindAllStringSubmatch(string(doc), -1) {
		dir := t.TempDir()
		file := filepath.Join(dir, "own.toml")
		if err := os.WriteFile(file, []byte(m[1]), 0o600); err != nil {
			t.Fatal(err)
		}
		if strings.Contains(m[1], "[[question]]") {
			own, err := staff.ReadCourses(os.DirFS(dir))
			if err != nil || len(own) != 1 || len(staff.WithCourses(staff.Shipped(), own)) != len(staff.Shipped())+1 {
				t.Errorf("a course: %v", err)
			}
			courses++
			continue
		}
		table, _, err := loadLaw(file)
		if err != nil {
			t.Fatalf("a law file: %v\n%s", err, m[1])
		}
		found := false
		for _, l := range table.RightsLists() {
			found = found || l.ID == "expression" && strings.Contains(strings.Join(l.Words, " "), "insulting the state")
		}
		if !found {
			t.Error("the operator's list did not take the place of ours")
		}
		laws++
	}
	if laws != 1 || courses != 1 {
		t.Errorf("%d law files and %d courses in the guide", laws, courses)
	}
}
