package demand_test

import (
	"regexp"
	"testing"

	"letterlock/law"
	"letterlock/web/demand"
	"letterlock/web/kit"
)

// TestTheTeamIsNotAddressedAsTheOfficer reads every section of every process as
// a member of the team sees it.
func TestTheTeamIsNotAddressedAsTheOfficer(t *testing.T) {
	you := regexp.MustCompile(`\b[Yy]ou(r|rs)?\b`)
	table, officers := law.Default(), 0
	for _, row := range table.Rows() {
		said := func(sections []demand.Section) (all []string) {
			for _, s := range sections {
				all = append(all, s.Title, s.Intro)
				if s.Callout != nil {
					all = append(all, s.Callout.Title, s.Callout.Text)
				}
				for _, f := range s.All() {
					all = append(all, f.Label, f.Hint)
					for _, o := range f.Options {
						all = append(all, o.Text, o.Hint)
					}
				}
			}
			return all
		}
		for _, x := range said(demand.Sections(kit.NewForm(nil), row, table, law.House{})) {
			if you.MatchString(x) {
				officers++
			}
		}
		for _, x := range said(demand.ForTeam(demand.Sections(kit.NewForm(nil), row, table, law.House{}))) {
			if you.MatchString(x) {
				t.Errorf("%s says to the team: %s", row.ID, x)
			}
		}
	}
	if officers == 0 {
		t.Error("the officer is addressed nowhere: the test proves nothing")
	}
}
