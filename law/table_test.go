package law_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"letterlock/law"
)

// The ladder of what each process can ever yield, row by row, class by class.
// "y" the class, "p" the part that the row describes, "s" a snapshot only, "-"
// nothing.
var ladder = []struct {
	processes           []law.ProcessID
	bsi, accNC, accW    string
	dras, nameLOS, keep string
}{
	{[]law.ProcessID{"us.subpoena.gj", "us.subpoena.trial", "us.subpoena.admin"}, "y", "-", "-", "-", "y", "-"},
	{[]law.ProcessID{"de.stpo.100j", "fr.cpp.60_1", "fr.cpp.60_1_2", "in.bnss.94", "br.mci.cad", "br.mci.reg", "eu.dsa10", "coe.2ap.art7"},
		"y", "-", "-", "-", "y", "-"},
	{[]law.ProcessID{"us.order.2703d", "gb.ipa.cd", "au.tia.data"}, "y", "y", "-", "-", "y", "-"},
	{[]law.ProcessID{"us.warrant.search", "us.fisa.t3", "us.mlat.in", "us.consent", "gb.copo", "eu.eio"}, "y", "y", "y", "-", "y", "-"},
	{[]law.ProcessID{"us.order.pentrap", "us.order.pentrap.emerg", "us.fisa.t4"}, "-", "-", "-", "y", "-", "-"},
	{[]law.ProcessID{"us.order.t3", "us.fisa.t1", "gb.cloud.intercept", "de.stpo.100a"}, "-", "-", "-", "p", "-", "-"},
	{[]law.ProcessID{"us.fisa.702"}, "y", "y", "-", "y", "y", "-"},
	{[]law.ProcessID{"au.ipo"}, "y", "y", "y", "y", "y", "-"},
	{[]law.ProcessID{"us.nsl"}, "-", "-", "-", "-", "y", "-"},
	{[]law.ProcessID{"us.emergency"}, "p", "p", "-", "-", "p", "-"},
	{[]law.ProcessID{"us.preservation", "eu.epocpr"}, "s", "s", "s", "-", "s", "y"},
	{[]law.ProcessID{"br.mci.pres"}, "s", "-", "-", "-", "s", "y"},
	{[]law.ProcessID{"eu.epoc.sub"}, "y", "p", "-", "-", "y", "-"},
	{[]law.ProcessID{"eu.epoc.traffic"}, "y", "y", "y", "-", "y", "-"},
	{[]law.ProcessID{"us.subpoena.civil", "us.fisa.t5", "us.eo12333", "us.allwrits", "us.ndo", "any.mlat", "any.weaken",
		"any.gag_weaken", "any.informal", "any.unknown", "gb.ipa.tcn", "gb.ipa.drn", "gb.ipa.nsn", "gb.ipa.258a", "gb.ripa.s49",
		"eu.dsa9", "de.stpo.100g", "de.stpo.100k", "de.stpo.95a", "fr.csi.871_1", "in.it.69", "in.it.4_2", "au.tola.tar",
		"au.tola.tan", "au.tola.tcn"}, "-", "-", "-", "-", "-", "-"},
}

func TestTheLadder(t *testing.T) {
	seen := map[law.ProcessID]bool{}
	for _, step := range ladder {
		for _, id := range step.processes {
			seen[id] = true
			for class, want := range map[law.Class]string{law.BSI: step.bsi, law.AccNC: step.accNC, law.AccW: step.accW,
				law.DRAS: step.dras, law.NameLOS: step.nameLOS, law.PreserveOnly: step.keep,
				law.Content: "-", law.Traffic: "-", law.Contacts: "-", law.None: "-", "": "-", "bsi": "-"} {
				checkStep(t, id, class, want)
			}
		}
	}
	for _, r := range law.Default().Rows() {
		if !seen[r.ID] {
			t.Errorf("%s is not on the ladder of this test", r.ID)
		}
	}
}

func checkStep(t *testing.T, id law.ProcessID, class law.Class, want string) {
	t.Helper()
	row, ok := law.Default().Row(id, received)
	if !ok {
		t.Fatalf("no row %s", id)
	}
	got := "-"
	if r, ok := row.ReachOf(class); ok {
		got = map[law.Extent]string{law.Full: "y", law.Part: "p", law.Snapshot: "s"}[r.Extent]
	}
	if got != want {
		t.Errorf("%s, %s: %q, want %q", id, class, got, want)
	}
	discloses := want == "y" || want == "p"
	if law.Default().Reaches(id, class, received) != discloses || row.Reaches(class) != discloses {
		t.Errorf("%s, %s: Reaches is not %v", id, class, discloses)
	}
	if row.Preserves(class) != (want == "s") {
		t.Errorf("%s, %s: Preserves is not %v", id, class, want == "s")
	}
}

func TestContentMayBeDemandedAndIsNeverReached(t *testing.T) {
	for _, id := range []law.ProcessID{"us.warrant.search", "us.order.t3", "eu.epoc.traffic", "gb.copo", "gb.cloud.intercept", "de.stpo.100a"} {
		row, _ := law.Default().Row(id, received)
		if !slices.Contains(row.Absent, law.Content) || row.Reaches(law.Content) {
			t.Errorf("%s: content is lawfully demanded here and does not exist", id)
		}
	}
}

func TestEveryRowIsComplete(t *testing.T) {
	tab := law.Default()
	for _, r := range tab.Rows() {
		if len(tab.ParticularsOf(r)) != len(r.Required) {
			t.Errorf("%s: a particular has no label", r.ID)
		}
		if (r.Certainty == law.Seen) != r.Checked() {
			t.Errorf("%s: certainty %s, checked on %q", r.ID, r.Certainty, r.CheckedOn)
		}
		if len(r.Issuers) == 0 || r.Source == "" || r.NoticeRule.Text == "" || r.Publication.Text == "" {
			t.Errorf("%s: incomplete", r.ID)
		}
		if got, ok := tab.RowByHash(r.Hash()); !ok || got.ID != r.ID {
			t.Errorf("%s: not found by its hash", r.ID)
		}
	}
	if n := len(tab.Findings()); n != 87 {
		t.Errorf("%d findings, want 87", n)
	}
	for _, f := range tab.Findings() {
		if len(f.Sentence) < 60 || !strings.HasSuffix(f.Sentence, ".") || strings.Contains(f.Sentence, "!") {
			t.Errorf("%s: not a sentence to send to anybody: %q", f.ID, f.Sentence)
		}
	}
}

func TestARowIsTakenByTheDayItIsInForce(t *testing.T) {
	tab := law.Default()
	for day, want := range map[time.Time]bool{on(8, 17): false, on(8, 18): true, on(12, 1): true} {
		if _, ok := tab.Row("eu.epoc.sub", day); ok != want {
			t.Errorf("the production order is in force on %s: %v, want %v", day.Format(time.DateOnly), ok, want)
		}
	}
	if _, ok := tab.Row("xx.no.such", received); ok {
		t.Error("a process that is not in the table has a row")
	}
}

func TestARowGivenOutIsACopy(t *testing.T) {
	tab := law.Default()
	before := tab.Hash()
	for _, r := range tab.Rows() {
		r.Citations = append(r.Citations[:0], "changed")
		r.Reach[0] = law.Reach{Class: law.AccW, Extent: law.Full}
		for i := range r.Required {
			r.Required[i] = "changed"
		}
		for i := range r.Clocks {
			r.Clocks[i].Count = 1
			for k := range r.Clocks[i].Pauses {
				r.Clocks[i].Pauses[k] = "changed"
			}
		}
		for i := range r.Issuers {
			r.Issuers[i].Role = law.RoleAny
			for k := range r.Issuers[i].ValidatedBy {
				r.Issuers[i].ValidatedBy[k] = law.RoleAny
			}
		}
	}
	one, _ := tab.Row(law.Emergency, received)
	one.Absent = append(one.Absent, law.Content)
	tab.Findings()[0].Level = law.Info
	tab.Settings().Unions[0].Countries[0] = "XX"
	if tab.Hash() != before || tab.Findings()[0].Level != law.Block || tab.Settings().Unions[0].Countries[0] == "XX" {
		t.Error("what the table gives out changes the table")
	}
}

func TestTheHashCoversEveryWordOfARow(t *testing.T) {
	row, _ := law.Default().Row("us.order.pentrap", received)
	seen := map[law.RowHash]bool{row.Hash(): true}
	for name, change := range map[string]func(*law.Row){
		"note": func(r *law.Row) { r.Note += "." }, "reach": func(r *law.Row) { r.Reach[0].Class = law.BSI },
		"clock": func(r *law.Row) { r.Clocks[1].Count++ }, "issuer": func(r *law.Row) { r.Issuers[0].Role = law.RoleAny },
		"required": func(r *law.Row) { r.Required = r.Required[1:] }, "notice": func(r *law.Row) { r.NoticeRule.ReviewDays++ },
		"publication": func(r *law.Row) { r.Publication.Kind = law.Banded }, "stop": func(r *law.Row) { r.AutoStop = false },
		"accounts": func(r *law.Row) { r.MaxAccounts = 2 }, "certainty": func(r *law.Row) { r.Certainty = law.Known },
		"checked": func(r *law.Row) { r.CheckedOn = "2026-09-29" }, "valid": func(r *law.Row) { r.ValidTo = "2030-01-01" },
		"citation": func(r *law.Row) { r.Citations[0] = "x" }, "zone": func(r *law.Row) { r.Zone = "UTC" },
		"threshold": func(r *law.Row) { r.Threshold.MaxPenaltyYears = 1 }, "basis": func(r *law.Row) { r.Basis = nil },
	} {
		changed, _ := law.Default().Row("us.order.pentrap", received)
		change(&changed)
		if seen[changed.Hash()] {
			t.Errorf("a change of %s does not change the hash", name)
		}
		seen[changed.Hash()] = true
	}
	if back, err := law.ParseRowHash(row.Hash().String()); err != nil || back != row.Hash() {
		t.Errorf("a hash does not survive being written: %v", err)
	}
	text, err := json.Marshal(row.Hash())
	var back law.RowHash
	if err != nil || json.Unmarshal(text, &back) != nil || back != row.Hash() {
		t.Errorf("a hash does not survive JSON: %s", text)
	}
	for _, bad := range []string{"", "00", row.Hash().String() + "0", "G" + row.Hash().String()[1:]} {
		if _, err := law.ParseRowHash(bad); err == nil {
			t.Errorf("%q is taken for a hash", bad)
		}
	}
}

func TestUncheckedAndUncertainRowsAreListed(t *testing.T) {
	tab := law.Default()
	listed := map[law.ProcessID]bool{}
	for _, r := range tab.Stale(on(10, 5), law.StaleAfter) {
		listed[r.ID] = true
	}
	for id, want := range map[law.ProcessID]bool{"us.order.pentrap": false, "us.order.2703d": true, "us.fisa.702": true} {
		if listed[id] != want {
			t.Errorf("%s listed: %v, want %v", id, listed[id], want)
		}
	}
	if n := len(tab.Stale(on(10, 5).AddDate(1, 0, 0), law.StaleAfter)); n != len(tab.Rows()) {
		t.Errorf("a year on, %d rows are listed, want all", n)
	}
}

func TestWhatUnlocks(t *testing.T) {
	tab := law.Default()
	row := func(id law.ProcessID) law.Row { r, _ := tab.Row(id, received); return r }
	counsel := law.Approvals{Counsel: tab.Approve("A. Counsel", "2026-10-01")}
	every := law.Approvals{Counsel: tab.Approve("A. Counsel", "2026-10-01", "us.fisa.702")}
	for name, c := range map[string]struct {
		row  law.ProcessID
		with law.Approvals
		day  time.Time
		want bool
	}{
		"a row that was read":              {"us.order.pentrap", law.Approvals{}, received, true},
		"a row from knowledge":             {"us.order.2703d", law.Approvals{}, received, false},
		"the same with counsel's approval": {"us.order.2703d", counsel, received, true},
		"an uncertain row":                 {"us.fisa.702", law.Approvals{}, received, false},
		"the same, whoever approves":       {"us.fisa.702", every, received, false},
		"before its day":                   {"eu.epoc.sub", counsel, on(8, 1), false},
	} {
		got := row(c.row).Unlocks(c.with, c.day)
		if got.OK != c.want || got.OK == (got.Why != "") {
			t.Errorf("%s: %+v, want %v", name, got, c.want)
		}
	}
	stale := slices.Clone(counsel.Counsel)
	for i := range stale {
		stale[i].Hash[0] ^= 1
	}
	if row("us.order.2703d").Unlocks(law.Approvals{Counsel: stale}, received).OK {
		t.Error("an approval of another text unlocks this one")
	}
}
