package law_test

import (
	"slices"
	"testing"

	"letterlock/law"
)

// What the grand-jury subpoena of 2016 to Signal (Eastern District of Virginia)
// asked for, after what Signal published when its secrecy was lifted. The list
// and "from inception to the present" are its own; the rest is set around them.
const signal2016 = `Any and all subscriber account information and any associated accounts to include subscriber name, address,
telephone numbers, email addresses, method of payment, IP registration, IP history logs and addresses, account history,
toll records, upstream and downstream providers, any associated accounts acquired through cookie data, and any other
contact information from inception to the present.`

func TestTheSubpoenaOf2016(t *testing.T) {
	d := clean(t, subpoena)
	d.Text = signal2016
	d.Classes = []law.Class{law.BSI, law.Traffic, law.AccW}
	d.Gag = law.GagAsk{Asked: true} // "you are requested not to disclose"
	got := law.Judge(nil, d)
	want := []law.FindingID{"SCOPE.FROM_INCEPTION", "SCOPE.CATEGORY_UNREACHABLE", "SCOPE.LOGS_NONE", "GAG.NOT_AN_ORDER"}
	if !slices.Equal(ids(got), want) {
		t.Fatalf("raises %v, want %v", ids(got), want)
	}
	if !law.Blocks(got) {
		t.Error("what the process does not reach must block until it is left out")
	}
	if !law.Default().Reaches(subpoena, law.BSI, received) {
		t.Error("registration and last connection are still within reach")
	}
}

// The five reasons for which providers really refuse.
func TestTheFiveReasonsForRefusal(t *testing.T) {
	for _, c := range []struct {
		reason  string
		process law.ProcessID
		breaks  func(*law.Demand)
		want    law.FindingID
	}{
		{"wrong identifier, in form", subpoena, func(d *law.Demand) { d.Targets[0].WellFormed = false }, "TGT.FORMAT"},
		{"wrong identifier, nobody's", subpoena, func(d *law.Demand) { d.Targets[0].Found = law.No }, "TGT.NOT_FOUND"},
		{"overbroad, in words", subpoena, func(d *law.Demand) { d.Text = "any and all records" }, "SCOPE.FROM_INCEPTION"},
		{"overbroad, in persons", subpoena, func(d *law.Demand) { d.Text = "records of all your users" }, "SCOPE.BULK"},
		{"overbroad, in time", subpoena, func(d *law.Demand) { d.Dates.Start = d.Dates.End.AddDate(-5, 0, 0) }, "SCOPE.RANGE_WIDE"},
		{"data that do not exist: content", "us.warrant.search", func(d *law.Demand) { d.Classes = append(d.Classes, law.Content) }, "SCOPE.CONTENT_NONE"},
		{"data that do not exist: logs", "us.order.2703d", func(d *law.Demand) { d.Classes = append(d.Classes, law.Traffic) }, "SCOPE.LOGS_NONE"},
		{"needs judicial co-operation", law.UseMLAT, func(d *law.Demand) { d.Jurisdiction = "BR" }, "FORM.WRONG_JURISDICTION"},
		{"needs judicial co-operation, by another process", subpoena, func(d *law.Demand) { d.Jurisdiction = "DE" }, "FORM.WRONG_JURISDICTION"},
		{"no valid legal basis", subpoena, func(d *law.Demand) { d.LegalBasis = "" }, "FORM.NO_LEGAL_BASIS"},
		{"no valid legal basis: a telephone call", law.Informal, func(*law.Demand) {}, "FORM.NO_LEGAL_BASIS"},
	} {
		d := clean(t, c.process)
		c.breaks(&d)
		if got := ids(law.Judge(nil, d)); !slices.Equal(got, []law.FindingID{c.want}) {
			t.Errorf("%s: raises %v, want %s", c.reason, got, c.want)
		}
	}
}

func TestExecutiveOrder12333IsDeclined(t *testing.T) {
	d := clean(t, law.EO12333)
	d.Classes = []law.Class{law.BSI, law.AccNC, law.AccW, law.DRAS}
	d.Targets, d.LegalBasis = nil, ""
	got := law.Judge(nil, d)
	if len(got) != 1 || got[0].ID != "SYS.NO_OBLIGATION" || got[0].Action != law.ActDecline || !law.Blocks(got) {
		t.Fatalf("raises %v", ids(got))
	}
	row, _ := law.Default().Row(law.EO12333, received)
	all := law.Approvals{Counsel: law.Default().Approve("A. Counsel", "2026-10-01")}
	row.Unlocks(all, received)
	for _, c := range d.Classes {
		if row.Reaches(c) {
			t.Errorf("it reaches %s", c)
		}
	}
}

func TestANationalSecurityLetterReachesNameAndLengthOfServiceOnly(t *testing.T) {
	d := clean(t, law.NSL)
	d.Classes = []law.Class{law.NameLOS, law.BSI}
	if got := ids(law.Judge(nil, d)); !slices.Equal(got, []law.FindingID{"SCOPE.CATEGORY_UNREACHABLE"}) {
		t.Errorf("raises %v", got)
	}
	d = clean(t, law.NSL)
	d.Now = d.Gag.ReciprocalNotice.AddDate(3, 0, 0)
	if got := law.Judge(nil, d); !has(got, "GAG.NSL_REVIEW_DUE") {
		t.Errorf("three years on: %v", ids(got))
	}
}

func TestAProductionOrderNeedsTheRightIssuerForTheData(t *testing.T) {
	for _, c := range []struct {
		process   law.ProcessID
		role      law.Role
		validator law.Role
		want      []law.FindingID
	}{
		{"eu.epoc.sub", law.RoleProsecutor, "", nil},
		{"eu.epoc.traffic", law.RoleProsecutor, "", []law.FindingID{"FORM.ISSUER_NOT_COMPETENT"}},
		{"eu.epoc.traffic", law.RoleOtherAuthority, law.RoleProsecutor, []law.FindingID{"FORM.VALIDATION_MISSING"}},
		{"eu.epoc.traffic", law.RoleOtherAuthority, law.RoleInvestigJudge, nil},
		{"eu.epoc.sub", law.RoleOtherAuthority, law.RoleProsecutor, nil},
		{"eu.epoc.sub", law.RolePolice, law.RoleProsecutor, []law.FindingID{"FORM.ISSUER_NOT_COMPETENT"}},
	} {
		d := clean(t, c.process)
		d.Issuer.Role, d.Issuer.ValidatorRole = c.role, c.validator
		if got := ids(law.Judge(nil, d)); !slices.Equal(got, c.want) {
			t.Errorf("%s by %s validated by %q: %v, want %v", c.process, c.role, c.validator, got, c.want)
		}
	}
	d := clean(t, "eu.epoc.sub")
	d.Jurisdiction = "DK"
	if got := law.Judge(nil, d); !has(got, "FORM.WRONG_JURISDICTION") {
		t.Errorf("Denmark is not bound: %v", ids(got))
	}
}

func TestAnEmergencyOrderMayBeValidatedWithin48Hours(t *testing.T) {
	d := clean(t, "eu.epoc.sub")
	d.Issuer.Role, d.Emergency.Claimed = law.RoleOtherAuthority, true
	d.Now = received.Add(hours48)
	if got := law.Judge(nil, d); len(got) != 0 {
		t.Errorf("within 48 hours: %v", ids(got))
	}
	d.Now = received.Add(hours48 + 1)
	if got := ids(law.Judge(nil, d)); !slices.Equal(got, []law.FindingID{"FORM.VALIDATION_MISSING"}) {
		t.Errorf("after 48 hours: %v", got)
	}
}

func TestAProcessThatIsNotInTheTableIsPlacedByAPerson(t *testing.T) {
	d := clean(t, law.Unknown)
	d.Process, d.Jurisdiction, d.Classes = "ar.oficio", "AR", []law.Class{law.BSI}
	if got := ids(law.Judge(nil, d)); !slices.Equal(got, []law.FindingID{"FORM.BASIS_MISMATCH", "FORM.WRONG_JURISDICTION"}) {
		t.Errorf("raises %v", got)
	}
	d.Process, d.Jurisdiction = "br.oficio", "BR" // a country that has rows of its own: which one, a person says
	if got := ids(law.Judge(nil, d)); !slices.Equal(got, []law.FindingID{"FORM.BASIS_MISMATCH"}) {
		t.Errorf("from a country in the table: raises %v", got)
	}
}

func TestPreservationIsNeverProspectiveAndNeverLong(t *testing.T) {
	d := clean(t, law.Preservation)
	d.Classes = []law.Class{law.BSI, law.AccNC, law.AccW}
	if got := law.Judge(nil, d); len(got) != 0 {
		t.Errorf("a snapshot of what exists: %v", ids(got))
	}
	d.Dates.End = on(11, 1)
	if got := law.Judge(nil, d); !has(got, "SCOPE.PROSPECTIVE_WITHOUT_PENTRAP") {
		t.Errorf("a preservation of what is to come: %v", ids(got))
	}
	d = clean(t, law.Preservation)
	d.Dates.KeepUntil = received.AddDate(0, 0, 100)
	if got := law.Judge(nil, d); !has(got, "SCOPE.DURATION_EXCEEDED") {
		t.Errorf("a preservation of a hundred days: %v", ids(got))
	}
	d.Dates.KeepUntil = received.AddDate(0, 0, 90)
	if got := law.Judge(nil, d); len(got) != 0 {
		t.Errorf("a preservation of ninety days: %v", ids(got))
	}
}
