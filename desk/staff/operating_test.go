package staff_test

import (
	"os"
	"strings"
	"testing"

	"letterlock/desk/staff"
)

// TestTheOperatorsPageNamesTheRoles: the section on the team says each role of
// the table, in its order, and what sets four of them apart.
func TestTheOperatorsPageNamesTheRoles(t *testing.T) {
	b, err := os.ReadFile("../../docs/operating.md")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, r := range staff.Roles {
		n := string(r)
		if r == staff.Outside {
			n = "outside counsel"
		}
		names = append(names, n)
	}
	if want := "Roles: " + strings.Join(names, ", ") + "."; !strings.Contains(string(b), want) {
		t.Errorf("docs/operating.md does not say %q", want)
	}
}
