package demand_test

import (
	"slices"
	"strings"
	"testing"

	"letterlock/law"
	"letterlock/web/demand"
	"letterlock/web/kit"
)

// TestTheFormAsksWhatTheProcessNeedsAndNoOther walks every row: each particular
// that an officer states has its field, and no field states a particular of
// another process.
func TestTheFormAsksWhatTheProcessNeedsAndNoOther(t *testing.T) {
	table := law.Default()
	for _, row := range table.Rows() {
		if row.ID == law.Emergency {
			continue // its fourteen fields are its own form
		}
		have := map[string]kit.Field{}
		for _, s := range demand.Sections(kit.NewForm(nil), row, table, law.House{}) {
			for _, f := range s.All() {
				if _, twice := have[f.Name]; twice {
					t.Errorf("%s asks twice for %s", row.ID, f.Name)
				}
				have[f.Name] = f
			}
		}
		var own []string
		for _, p := range table.ParticularsOf(row) {
			if p.ByTeam || p.Kind == law.FieldPaper || p.ID == "written_or_electronic_form" { // the last: whatever came by this form has it
				continue
			}
			name := demand.FieldFor(p)
			if _, ok := have[name]; !ok {
				t.Errorf("%s needs %s, and the form has no field %q for it", row.ID, p.ID, name)
			}
			own = append(own, name)
		}
		for name := range have {
			if strings.HasPrefix(name, "p_") && !slices.Contains(own, name) {
				t.Errorf("%s asks for %s, which is no particular of it", row.ID, name)
			}
		}
	}
}

// TestEveryParticularSaysWhatItIs: no field of a particular stands without a
// word of help.
func TestEveryParticularSaysWhatItIs(t *testing.T) {
	for _, row := range law.Default().Rows() {
		for _, p := range demand.Asked(law.Default(), row) {
			if strings.TrimSpace(p.Label) == "" || strings.TrimSpace(p.Help) == "" {
				t.Errorf("%s: %s has no label or no help", row.ID, p.ID)
			}
		}
	}
}
