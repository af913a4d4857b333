package intake_test

import (
	"slices"
	"testing"
	"time"

	"letterlock/desk/casefile"
	"letterlock/desk/intake"
	"letterlock/disclosable"
	"letterlock/law"
)

// TestWhatCanBeHadIsWhatTheLawSays walks every row, every kind of data and
// every country that has rows, and holds the answer to the table itself.
func TestWhatCanBeHadIsWhatTheLawSays(t *testing.T) {
	table := law.Default()
	seen := map[intake.Getting]int{}
	for _, row := range table.Rows() {
		for _, where := range append(law.Countries(), "ZZ", "US-CA") {
			for _, c := range intake.Findable {
				g := intake.CanGet(table, row, where, c)
				seen[g.Getting]++
				name := string(row.ID) + " from " + string(where) + " about " + string(c)
				no := g.Getting == intake.GetsNothing || g.Getting == intake.GetsAbsent
				if (g.Finding == "") == no {
					t.Errorf("%s: %s with the finding %q", name, g.Getting, g.Finding)
				}
				if _, ok := table.Finding(g.Finding); no && !ok {
					t.Errorf("%s: no finding %q in the table", name, g.Finding)
				}
				if g.Some() && (!table.Binds(row, where) || row.Certainty == law.Uncertain) {
					t.Errorf("%s: %s, and the row does not bind or is uncertain", name, g.Getting)
				}
				if !table.Binds(row, where) || row.Certainty == law.Uncertain {
					continue
				}
				if want := byTheTable(row, c); g.Getting != want {
					t.Errorf("%s: %s, the table says %s", name, g.Getting, want)
				}
			}
		}
	}
	for _, x := range []intake.Getting{intake.GetsAll, intake.GetsPart, intake.GetsFuture, intake.GetsKept, intake.GetsUnsure, intake.GetsOpen, intake.GetsNothing, intake.GetsAbsent} {
		if seen[x] == 0 {
			t.Errorf("no combination is answered %s", x)
		}
	}
	if n := len(table.Rows()); n != 61 {
		t.Errorf("%d rows were walked", n)
	}
}

// byTheTable is the answer from the row's own lines, field by field.
func byTheTable(row law.Row, c law.Class) intake.Getting {
	lines := map[law.Class]law.Extent{}
	for _, x := range row.Reach {
		lines[x.Class] = x.Extent
	}
	switch c {
	case law.Content, law.Traffic, law.Contacts:
		return intake.GetsAbsent
	}
	if row.ID == law.Unknown {
		return intake.GetsOpen
	}
	switch c {
	case law.PreserveOnly:
		if lines[c] != "" {
			return intake.GetsKept
		}
		return intake.GetsNothing
	case law.DRAS:
		if lines[c] != "" {
			return intake.GetsFuture
		}
		return intake.GetsNothing
	}
	line := lines[c]
	if c == law.NameLOS && line == "" {
		line = lines[law.BSI]
	}
	if line == law.Snapshot {
		return intake.GetsKept
	}
	all, got := 0, 0
	for _, f := range disclosable.Fields() {
		short := f.ID == "name" || f.ID == "service_start"
		if law.Class(f.Class) != c && (c != law.NameLOS || !short) {
			continue
		}
		all++
		if casefile.Reachable(row, f) {
			got++
		}
	}
	switch {
	case got == 0:
		return intake.GetsNothing
	case got < all || line == law.Part:
		return intake.GetsPart
	}
	return intake.GetsAll
}

// TestTheAnswerIsThatOfTheJudgement puts the same question to the judge of
// requests: what can be had raises no finding about its kind, and what cannot
// be had by a row that is not refused as a whole raises one.
func TestTheAnswerIsThatOfTheJudgement(t *testing.T) {
	table := law.Default()
	for _, row := range table.Rows() {
		where := row.Jurisdiction
		if m := table.Members(where); len(m) > 0 {
			where = law.Jurisdiction(m[0])
		} else if where == "*" || where == "COE" { // no Party is named
			where = "US"
		}
		for _, c := range intake.Findable {
			got := intake.CanGet(table, row, where, c)
			found := law.Judge(table, law.Demand{Process: row.ID, Jurisdiction: where, Classes: []law.Class{c}})
			has := func(id law.FindingID) bool {
				return slices.ContainsFunc(found, func(f law.Finding) bool { return f.ID == id })
			}
			if got.Some() && (row.Reaches(c) || row.Preserves(c)) && has("SCOPE.CATEGORY_UNREACHABLE") {
				t.Errorf("%s: %s is promised (%s), and judged out of reach", row.ID, c, got.Getting)
			}
			if got.Getting == intake.GetsAbsent && !has(got.Finding) {
				t.Errorf("%s: %s does not exist, and the judge does not say %s", row.ID, c, got.Finding)
			}
		}
	}
}

// TestAnEmergencyGetsWhatLocatesOrIdentifies and nothing else.
func TestAnEmergencyGetsWhatLocatesOrIdentifies(t *testing.T) {
	row, ok := law.Default().Row(law.Emergency, time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC))
	if !ok {
		t.Fatal("no emergency in force")
	}
	for _, c := range intake.Findable {
		for _, x := range intake.CanGet(law.Default(), row, "US", c).Items {
			if f, _ := x.Item.Field(); x.Reached != casefile.Locating(f.ID) {
				t.Errorf("%s is reached %v in an emergency", f.ID, x.Reached)
			}
		}
	}
	if g := intake.CanGet(law.Default(), row, "DE", law.BSI); g.Some() || g.Finding != intake.ForeignPaper {
		t.Errorf("an emergency of another country is answered %+v", g)
	}
}
