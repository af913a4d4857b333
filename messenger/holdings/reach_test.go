package holdings_test

import (
	"slices"
	"testing"

	d "letterlock/disclosable"
	"letterlock/law"
)

// What a person is told that a process would yield is what a release under it
// yields, row for row; and a field that they are not told of is refused.
func TestAPersonSeesWhatAReleaseWouldGive(t *testing.T) {
	w := newWorld(t)
	w.config.Counsel = w.config.Law.Approve("counsel", law.Date(w.clock.Now().Format("2006-01-02")))
	w.Set.Counsel = w.config.Counsel
	w.Cleared().Counsel = w.config.Counsel
	told, err := w.Holdings.Reach(t.Context(), w.alice)
	if err != nil {
		t.Fatal(err)
	}
	open, locked := 0, 0
	for _, p := range told.Processes {
		row, ok := w.config.Law.Row(law.ProcessID(p.Process), w.clock.Now())
		if !ok {
			t.Fatalf("%s is in no table", p.Process)
		}
		if p.Locked != "" {
			locked++
			continue
		}
		var fields []d.FieldID
		for _, f := range p.Facts {
			if !slices.Contains(fields, d.FieldID(f.Field)) {
				fields = append(fields, d.FieldID(f.Field))
			}
		}
		slices.Sort(fields)
		as := func(list []d.FieldID) func(*d.Grant) {
			return func(g *d.Grant) {
				g.Process, g.Fields, g.Sealed = p.Process, list, row.Publication.Kind != law.Exact || row.Stance == law.StanceSpecial
			}
		}
		for _, f := range d.Fields() {
			if slices.Contains(fields, f.ID) {
				continue
			}
			if _, err := w.Propose(t.Context(), w.bytes(w.grant(as([]d.FieldID{f.ID})))); err == nil {
				t.Errorf("%s: a grant for %s is taken, and the person is not told", p.Process, f.ID)
			}
		}
		if len(fields) == 0 {
			continue
		}
		open++
		r, err := w.Redeem(t.Context(), w.ready(as(fields)))
		if err != nil {
			t.Errorf("%s: %v", p.Process, err)
			continue
		}
		var got, want []string
		for _, x := range r.Records {
			got = append(got, string(x.Field)+"="+x.Value)
		}
		for _, f := range p.Facts {
			want = append(want, f.Field+"="+f.Value)
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s gives %v, the person was told %v", p.Process, got, want)
		}
	}
	if open < 10 || locked == 0 {
		t.Errorf("%d processes were tried, %d are locked", open, locked)
	}
}
