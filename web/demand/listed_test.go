package demand_test

import (
	"net/url"
	"slices"
	"testing"
	"time"

	"letterlock/desk/casefile"
	"letterlock/law"
	"letterlock/web/demand"
	"letterlock/web/kit"
)

// TestTheFormAsksWhichOffenceOfTheListItIs: every entry of the law's list can be
// chosen, and none of them; the choice reaches the law and comes back; a process
// without a list is not asked.
func TestTheFormAsksWhichOffenceOfTheListItIs(t *testing.T) {
	table, today := law.Default(), time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	lists := 0
	for _, row := range table.Rows() {
		field, asked := kit.Field{}, false
		for _, s := range demand.Sections(kit.NewForm(nil), row, table, law.House{}) {
			if i := slices.IndexFunc(s.Fields, func(f kit.Field) bool { return f.Name == "offence_entry" }); i >= 0 {
				field, asked = s.Fields[i], true
			}
		}
		if asked != (len(row.Threshold.Listed) > 0) {
			t.Errorf("%s: asked %v", row.ID, asked)
		}
		if !asked || !row.InForce(today) {
			continue
		}
		lists++
		for _, id := range append([]string{law.OtherOffence}, entryIDs(row)...) {
			if !slices.ContainsFunc(field.Options, func(o kit.Option) bool { return o.Value == id }) {
				t.Errorf("%s: %s cannot be chosen", row.ID, id)
			}
			d := demand.Read(kit.NewForm(url.Values{"offence": {"as on the paper"}, "offence_entry": {id}}), casefile.Demand{Process: row.ID}, row, table)
			if got := d.ForLaw(casefile.Facts{}).Offence.Entry; got != id || demand.Values(d, row).Get("offence_entry") != id {
				t.Errorf("%s: %s is read as %q", row.ID, id, got)
			}
		}
	}
	if lists != 6 {
		t.Errorf("%d processes with a list", lists)
	}
}

func entryIDs(r law.Row) []string {
	var out []string
	for _, e := range r.Threshold.Listed {
		out = append(out, e.ID)
	}
	return out
}
