package law_test

import (
	"slices"
	"strings"
	"testing"

	"letterlock/law"
)

// saying is a plain subpoena whose words meet a list.
func saying(t *testing.T, text string) law.Demand {
	d := clean(t, subpoena)
	d.Text = text
	return d
}

func TestAListThatNobodyApprovedInformsAndAnApprovedOneWaitsForCounsel(t *testing.T) {
	d := saying(t, "He is charged with sedition.")
	got := law.Judge(nil, d)
	if len(got) != 1 || got[0].ID != "RIGHTS.FREE_EXPRESSION" || !got[0].Informs || got[0].Decided {
		t.Fatalf("without an approver: %+v", got)
	}
	lists := law.Default().RightsLists()
	l := lists[slices.IndexFunc(lists, func(l law.RightsList) bool { return l.ID == "expression" })]
	if len(l.Approved()) != 0 {
		t.Fatal("a list ships with an approver")
	}
	with := func(hash law.RowHash) []law.Finding {
		o, err := law.LoadOverrides(strings.NewReader("approved_by = \"A. Counsel\"\napproved_on = \"2026-11-20\"\n[[list_approval]]\nlist = \"expression\"\nhash = \"" + hash.String() + "\"\nby = \"A. Counsel\"\non = \"2026-11-20\"\n"))
		if err != nil {
			t.Fatal(err)
		}
		table, err := law.Default().With(o)
		if err != nil {
			t.Fatal(err)
		}
		return law.Judge(table, d)
	}
	if got := with(l.Hash()); len(got) != 1 || got[0].Informs {
		t.Errorf("approved as it reads: %+v", got)
	}
	if got := with(law.RowHash{1}); len(got) != 1 || !got[0].Informs {
		t.Errorf("approved as it once read: %+v", got)
	}
}

func TestAnOperatorsListTakesThePlaceOfOurs(t *testing.T) {
	file := "approved_by = \"A\"\napproved_on = \"2026-11-20\"\n[[list]]\nid = \"expression\"\ntitle = \"Ours\"\nfinding = \"RIGHTS.FREE_EXPRESSION\"\nwords = [\"parody\"]\nsource = \"counsel\"\ncertainty = \"K\"\n"
	o, err := law.LoadOverrides(strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	table, err := law.Default().With(o)
	if err != nil {
		t.Fatal(err)
	}
	if got := law.Judge(table, saying(t, "sedition")); len(got) != 0 {
		t.Errorf("the replaced list still finds %v", ids(got))
	}
	if got := law.Judge(table, saying(t, "a parody")); !has(got, "RIGHTS.FREE_EXPRESSION") {
		t.Errorf("the operator's list finds %v", ids(got))
	}
	if got := law.Judge(nil, saying(t, "a parody")); len(got) != 0 {
		t.Error("the embedded table changed")
	}
	if _, err := law.LoadOverrides(strings.NewReader(strings.Replace(file, "RIGHTS.FREE_EXPRESSION", "FORM.UNSIGNED", 1))); err == nil {
		t.Error("a list behind a finding that is not on rights is taken")
	}
}

func TestAUncertainChannelIsNeverNamed(t *testing.T) {
	o, err := law.LoadOverrides(strings.NewReader("approved_by = \"A\"\napproved_on = \"2026-11-20\"\n[[channel]]\ncountry = \"DE\"\nauthority = \"Some office\"\nsource = \"hearsay\"\ncertainty = \"U\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	table, err := law.Default().With(o)
	if err != nil {
		t.Fatal(err)
	}
	if s := table.ByTreaty("DE"); strings.Contains(s, "Some office") || !strings.Contains(s, "your own central authority") {
		t.Error(s)
	}
}
