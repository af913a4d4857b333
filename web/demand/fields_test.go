package demand_test

import (
	"slices"
	"strings"
	"testing"
	"time"

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

// generic are fields that many papers have, and the particulars that they
// state: each is shown where the law of the process asks for one of those, and
// otherwise folded away or not there.
var generic = map[string][]law.Particular{
	"case_ref": {"case_ref", "docket", "procedure_number"}, "return": {"return_date"}, "court": {"court", "district_or_court"}, "execute_by": {"execute_by_date"},
	"addressee": {"addressee_is_us", "addressee_designated_establishment_or_legal_rep"}, "signed": {"signature"}, "phone": {"agent_contact", "officer", "authority_for_reply"},
	"from": {"date_range", "time_range", "time_range_where_applicable", "period", "start", "end"},
}

// TestWhatTheLawDoesNotAskForIsNotAsked walks every row.
func TestWhatTheLawDoesNotAskForIsNotAsked(t *testing.T) {
	table, shown, folded := law.Default(), 0, 0
	for _, row := range table.Rows() {
		if row.ID == law.Emergency {
			continue
		}
		var asked, more []string
		for _, s := range demand.Sections(kit.NewForm(nil), row, table, law.House{}) {
			for _, f := range append(s.Fields, s.If...) {
				asked = append(asked, f.Name)
			}
			for _, f := range s.More {
				more = append(more, f.Name)
			}
		}
		for name, ids := range generic {
			needs := slices.ContainsFunc(ids, row.Needs) || name == "from" && row.Prospective
			if slices.Contains(asked, name) != needs {
				t.Errorf("%s: %s is asked for: %v, the law asks for it: %v", row.ID, name, !needs, needs)
			}
			if needs {
				shown++
			} else if slices.Contains(more, name) {
				folded++
			}
		}
		data := slices.ContainsFunc(row.Reach, func(r law.Reach) bool { return r.Class == law.BSI || r.Class == law.DRAS || r.Class == law.NameLOS })
		if data && !slices.Contains(asked, "targets") {
			t.Errorf("%s reaches data and is not asked whose", row.ID)
		}
	}
	for _, id := range []law.ProcessID{"any.weaken", "gb.ipa.tcn", "any.mlat"} {
		row, _ := table.Row(id, time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC))
		for _, s := range demand.Sections(kit.NewForm(nil), row, table, law.House{}) {
			if slices.ContainsFunc(s.All(), func(f kit.Field) bool { return f.Name == "targets" || strings.HasPrefix(f.Name, "want_") }) {
				t.Errorf("%s is answered as a whole, and is asked for data", id)
			}
		}
	}
	if shown < 100 || folded < 100 {
		t.Errorf("%d shown, %d folded: the test has lost its way", shown, folded)
	}
}

// TestEveryFieldThatIsWrittenShowsHow: an example with each.
func TestEveryFieldThatIsWrittenShowsHow(t *testing.T) {
	for _, row := range law.Default().Rows() {
		for _, s := range demand.Sections(kit.NewForm(nil), row, law.Default(), law.House{}) {
			for _, f := range s.All() {
				written := slices.Contains([]string{"text", "long", "tel", "date", "datetime-local", "number"}, f.Kind)
				if written && (f.Example == "" || !strings.Contains(f.Described(), f.Name+"-like")) {
					t.Errorf("%s: %s (%s) has no example that is bound to it", row.ID, f.Name, f.Label)
				}
			}
		}
	}
}
