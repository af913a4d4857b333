package law_test

import (
	"slices"
	"strings"
	"testing"

	"letterlock/law"
)

func withFile(t *testing.T, text string) *law.Table {
	t.Helper()
	table, err := law.Default().With(load(t, "approved_by = \"A. Counsel\"\napproved_on = \"2026-11-20\"\n"+text))
	if err != nil {
		t.Fatal(err)
	}
	return table
}

// TestAChannelNamesASourceThatWasReadOrSaysThatItWasNot: what is named as
// certain has the page and the day; of what is only known the officer is told so.
func TestAChannelNamesASourceThatWasReadOrSaysThatItWasNot(t *testing.T) {
	table := law.Default()
	for _, c := range table.MLATChannels() {
		said := table.ByTreaty(c.Country)
		switch c.Certainty {
		case law.Seen:
			if !strings.HasPrefix(c.Source, "https://") || c.CheckedOn == "" {
				t.Errorf("%s: source %q, read on %q", c.Country, c.Source, c.CheckedOn)
			}
			if !strings.Contains(said, "that is the "+c.Authority) || strings.Contains(said, "as far as we know") {
				t.Errorf("%s: %s", c.Country, said)
			}
		case law.Known:
			if !strings.Contains(said, "as far as we know, the "+c.Authority) {
				t.Errorf("%s: %s", c.Country, said)
			}
		}
	}
	for _, r := range table.Rows() {
		if c, ok := table.MLATChannel(r.Jurisdiction); len(r.Jurisdiction) == 2 && r.Jurisdiction != "EU" && (!ok || c.Certainty == law.Uncertain) {
			t.Errorf("%s has rows and no channel", r.Jurisdiction)
		}
	}
}

func TestTheOperatorAddsTheChannelOfACountry(t *testing.T) {
	if said := law.Default().ByTreaty("MX"); !slices.Contains(law.Default().Unchanneled(), "MX") || said != "Please send it through your own central authority for mutual legal assistance." {
		t.Fatalf("of Mexico something is known: %s", said)
	}
	entry := "[[channel]]\ncountry = \"MX\"\nauthority = \"Office of Examples\"\nsource = \"counsel's letter of 20 November 2026\"\ncertainty = \"S\"\nchecked_on = \"2026-11-20\"\n"
	table := withFile(t, entry)
	if said := table.ByTreaty("MX"); !strings.Contains(said, "for Mexico that is the Office of Examples.") || slices.Contains(table.Unchanneled(), "MX") {
		t.Error(said)
	}
	if said := withFile(t, strings.Replace(entry, "MX", "US", 1)).ByTreaty("US-CA"); !strings.Contains(said, "Office of Examples") {
		t.Errorf("the operator's channel does not take the place of ours: %s", said)
	}
	for name, bad := range map[string]string{
		"read on no day":         strings.Replace(entry, "checked_on = \"2026-11-20\"\n", "", 1),
		"not read, and on a day": strings.Replace(entry, `"S"`, `"K"`, 1),
		"no such day":            strings.Replace(entry, `"2026-11-20"`, `"soon"`, 1),
		"no source":              strings.Replace(entry, "counsel's letter of 20 November 2026", "", 1),
	} {
		if _, err := law.LoadOverrides(strings.NewReader("approved_by = \"A\"\napproved_on = \"2026-11-20\"\n" + bad)); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}
