package law_test

import (
	"slices"
	"strings"
	"testing"

	"letterlock/law"
)

// catalogue are the processes of the research that the table was written from,
// each once. A row that is left out, or added without thought, is seen here.
var catalogue = strings.Fields(`
any.gag_weaken any.informal any.mlat any.unknown any.weaken
au.ipo au.tia.data au.tola.tan au.tola.tar au.tola.tcn
br.mci.cad br.mci.pres br.mci.reg
coe.2ap.art7
de.stpo.100a de.stpo.100g de.stpo.100j de.stpo.100k de.stpo.95a
eu.dsa10 eu.dsa9 eu.eio eu.epoc.sub eu.epoc.traffic eu.epocpr
fr.cpp.60_1 fr.cpp.60_1_2 fr.csi.871_1
gb.cloud.intercept gb.copo gb.ipa.258a gb.ipa.cd gb.ipa.drn gb.ipa.nsn gb.ipa.tcn gb.ripa.s49
in.bnss.94 in.it.4_2 in.it.69
us.allwrits us.consent us.emergency us.eo12333 us.fisa.702 us.fisa.t1 us.fisa.t3 us.fisa.t4 us.fisa.t5 us.mlat.in us.ndo us.nsl
us.order.2703d us.order.pentrap us.order.pentrap.emerg us.order.t3 us.preservation
us.subpoena.admin us.subpoena.civil us.subpoena.gj us.subpoena.trial us.warrant.search`)

func TestTheTableHoldsTheWholeCatalogue(t *testing.T) {
	var got []string
	for _, r := range law.Default().Rows() {
		got = append(got, string(r.ID))
	}
	if len(catalogue) != 61 || !slices.Equal(got, slices.Sorted(slices.Values(catalogue))) {
		t.Errorf("the table holds %d rows, the catalogue %d:\n%v", len(got), len(catalogue), got)
	}
}

// marks are those of the research. Knowledge is not turned into reading, nor
// doubt into knowledge, by writing it down again.
var marks = map[law.Certainty]string{
	law.Uncertain: "us.fisa.702 au.ipo coe.2ap.art7 au.tia.data",
	law.Seen: `us.order.pentrap us.nsl us.preservation us.emergency us.ndo eu.epoc.sub eu.epoc.traffic eu.epocpr gb.copo gb.ipa.tcn gb.ipa.258a eu.dsa10
		eu.dsa9 de.stpo.100j de.stpo.100g de.stpo.100k de.stpo.100a de.stpo.95a fr.cpp.60_1 fr.cpp.60_1_2 in.it.4_2 br.mci.reg br.mci.pres au.tola.tcn`,
}

func TestTheMarksAreThoseOfTheResearch(t *testing.T) {
	for _, r := range law.Default().Rows() {
		want := law.Known
		for mark, ids := range marks {
			if slices.Contains(strings.Fields(ids), string(r.ID)) {
				want = mark
			}
		}
		if r.Certainty != want || want == law.Seen && r.CheckedOn != "2026-09-30" {
			t.Errorf("%s: %s, checked on %q: want %s", r.ID, r.Certainty, r.CheckedOn, want)
		}
	}
}

func TestNothingUncertainUnlocksWhoeverApproves(t *testing.T) {
	tab := law.Default()
	for _, r := range tab.Rows() {
		yes := law.Approval{Row: r.ID, Hash: r.Hash(), By: "A. Counsel", On: "2026-10-01"}
		also := yes
		also.By = "L. Lead"
		got := r.Unlocks(law.Approvals{Counsel: []law.Approval{yes, also}}, received)
		if got.OK != (r.Certainty != law.Uncertain) {
			t.Errorf("%s of certainty %s: %+v", r.ID, r.Certainty, got)
		}
	}
}

// mustChallenge: the demands on the system itself.
var mustChallenge = []law.ProcessID{"gb.ipa.tcn", "gb.ipa.drn", "gb.ipa.nsn", "gb.ipa.258a", "fr.csi.871_1", "in.it.69", "in.it.4_2", "au.tola.tcn",
	"us.allwrits", "any.weaken", "any.gag_weaken"}

// anything is whatever could be handed out or kept.
var anything = []law.Class{law.BSI, law.NameLOS, law.AccNC, law.AccW, law.DRAS, law.PreserveOnly, law.Traffic, law.Content, law.Contacts}

func TestWhatMustBeChallengedReachesNothing(t *testing.T) {
	var got []law.ProcessID
	for _, r := range law.Default().Rows() {
		if r.Stance != law.StanceChallenge && r.Stance != law.StanceChallengeIfZG {
			continue
		}
		if r.Stance == law.StanceChallenge {
			got = append(got, r.ID)
		}
		for _, c := range anything {
			if r.Reaches(c) || r.Preserves(c) || law.Default().Reaches(r.ID, c, received) {
				t.Errorf("%s reaches %s", r.ID, c)
			}
		}
		if r.Prospective || r.NoticeRule.Timing != law.TimingNothing {
			t.Errorf("%s collects or discloses something", r.ID)
		}
		d := clean(t, r.ID)
		d.Classes = anything
		found := law.Judge(nil, d)
		if !has(found, "SYS.WEAKEN") && !has(found, "GAG.WEAKEN") {
			t.Errorf("%s: not proposed for challenge: %v", r.ID, ids(found))
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, slices.Sorted(slices.Values(mustChallenge))) {
		t.Errorf("must be challenged: %v", got)
	}
	if r := mustRow(t, "au.tola.tan"); r.Stance != law.StanceChallengeIfZG {
		t.Errorf("a technical assistance notice: %s", r.Stance)
	}
}

func TestAGagAboutWeakeningIsChallengedInEveryCountry(t *testing.T) {
	for _, id := range mustChallenge {
		d := clean(t, id)
		d.Gag = order(on(12, 1))
		if got := law.Judge(nil, d); !has(got, "GAG.WEAKEN") {
			t.Errorf("%s: %v", id, ids(got))
		}
	}
}

func TestWhatObligesNobodyIsDeclined(t *testing.T) {
	for id, want := range map[law.ProcessID]law.FindingID{law.EO12333: "SYS.NO_OBLIGATION", "au.tola.tar": "SYS.NO_OBLIGATION", law.Informal: "FORM.NO_LEGAL_BASIS"} {
		d := clean(t, id)
		d.Classes = anything[:5]
		got := law.Judge(nil, d)
		f := found(got, want)
		if f == nil || !f.Decided || f.Level != law.Block || !law.Blocks(got) {
			t.Errorf("%s: %v", id, ids(got))
		}
		for _, c := range anything {
			if mustRow(t, id).Reaches(c) || mustRow(t, id).Preserves(c) {
				t.Errorf("%s reaches %s", id, c)
			}
		}
	}
	if got := found(law.Judge(nil, clean(t, "au.tola.tar")), "SYS.NO_OBLIGATION"); got.Action != law.ActDecline {
		t.Errorf("a voluntary request is not declined: %s", got.Action)
	}
}

func TestARowBindsOnlyWhereItIsLaw(t *testing.T) {
	for _, c := range []struct {
		process law.ProcessID
		from    law.Jurisdiction
		binds   bool
	}{
		{"gb.copo", "GB", true}, {"gb.copo", "GB-SCT", true}, {"gb.copo", "US", false}, {"gb.ipa.cd", "IE", false},
		{"de.stpo.100j", "DE-BY", true}, {"de.stpo.100j", "AT", false}, {"fr.cpp.60_1", "FR", true}, {"fr.cpp.60_1", "EU", false},
		{"in.bnss.94", "IN-KL", true}, {"br.mci.cad", "BR", true}, {"au.tia.data", "AU", true}, {"au.tia.data", "NZ", false},
		{"eu.dsa10", "DK", true}, {"eu.dsa10", "DE", true}, {"eu.dsa10", "GB", false}, {"eu.eio", "FR", true},
		{"eu.eio", "DK", false}, {"eu.eio", "IE", false}, {"eu.epoc.sub", "IE", true}, {"coe.2ap.art7", "GB", false}, {"coe.2ap.art7", "FR", false},
	} {
		d := clean(t, c.process)
		d.Jurisdiction = c.from
		if got := law.Judge(nil, d); has(got, "FORM.WRONG_JURISDICTION") == c.binds || law.Default().Binds(mustRow(t, c.process), c.from) != c.binds {
			t.Errorf("%s from %s: %v, want binding = %v", c.process, c.from, ids(got), c.binds)
		}
	}
}

func TestEveryPlaceOfTheTableHasAName(t *testing.T) {
	tab := law.Default()
	for _, r := range tab.Rows() {
		if name := tab.PlaceName(r.Jurisdiction); name == "" || name == string(r.Jurisdiction) {
			t.Errorf("%s: %s has no name", r.ID, r.Jurisdiction)
		}
	}
	for _, country := range tab.Settings().Unions[0].Countries {
		if tab.PlaceName(law.Jurisdiction(country)) == country {
			t.Errorf("%s has no name", country)
		}
	}
	for j, want := range map[law.Jurisdiction]string{"*": "Any country", "US-CA": "United States (CA)", "EU": "European Union", "XX": "XX"} {
		if got := tab.PlaceName(j); got != want {
			t.Errorf("%s: %q, want %q", j, got, want)
		}
	}
}

func TestWhoMayIssueInOtherCountries(t *testing.T) {
	for _, c := range []struct {
		process   law.ProcessID
		role      law.Role
		validator law.Role
		want      []law.FindingID
	}{
		{"gb.copo", law.RoleJudge, "", nil},
		{"gb.copo", law.RolePolice, "", []law.FindingID{"FORM.ISSUER_NOT_COMPETENT"}},
		{"gb.cloud.intercept", law.RoleMinister, "", []law.FindingID{"FORM.VALIDATION_MISSING"}},
		{"de.stpo.100j", law.RolePolice, "", nil},
		{"de.stpo.100g", law.RoleProsecutor, "", []law.FindingID{"FORM.VALIDATION_MISSING", "RIGHTS.THRESHOLD"}},
		{"de.stpo.100a", law.RoleProsecutor, law.RoleCourt, []law.FindingID{"RIGHTS.THRESHOLD"}},
		{"de.stpo.100k", law.RoleProsecutor, "", []law.FindingID{"FORM.ISSUER_NOT_COMPETENT"}},
		{"br.mci.reg", law.RolePolice, "", []law.FindingID{"FORM.ISSUER_NOT_COMPETENT"}},
		{"in.bnss.94", law.RoleProsecutor, "", []law.FindingID{"FORM.ISSUER_NOT_COMPETENT"}},
		{"eu.eio", law.RolePolice, "", []law.FindingID{"FORM.ISSUER_NOT_COMPETENT"}},
	} {
		d := clean(t, c.process)
		d.Issuer.Role, d.Issuer.ValidatorRole = c.role, c.validator
		if got := ids(law.Judge(nil, d)); !slices.Equal(got, c.want) {
			t.Errorf("%s by %s validated by %q: %v, want %v", c.process, c.role, c.validator, got, c.want)
		}
	}
}

func TestBeyondSubscriberDataAnIndependentBodyIsAsked(t *testing.T) {
	d := clean(t, "gb.ipa.cd")
	d.Classes = []law.Class{law.BSI, law.AccNC}
	if got := ids(law.Judge(nil, d)); !slices.Equal(got, []law.FindingID{"RIGHTS.NO_INDEPENDENT_AUTH"}) {
		t.Errorf("raises %v", got)
	}
}

func TestThresholdsOfOtherCountries(t *testing.T) {
	for _, c := range []struct {
		process law.ProcessID
		years   int
		entry   string
		want    bool
	}{
		{"gb.copo", 2, "no-such", true}, {"gb.copo", 3, "", false}, {"fr.cpp.60_1_2", 1, "", true}, {"fr.cpp.60_1_2", 1, "network", false},
		{"fr.cpp.60_1_2", 3, "", false}, {"fr.cpp.60_1", 1, "", false}, {"in.it.4_2", 10, "other", true}, {"in.it.4_2", 4, "order", false},
	} {
		d := clean(t, c.process)
		d.Offence.MaxPenaltyYears, d.Offence.Entry = c.years, c.entry
		if got := law.Judge(nil, d); has(got, "RIGHTS.THRESHOLD") != c.want {
			t.Errorf("%s, %d years, entry %q: %v", c.process, c.years, c.entry, ids(got))
		}
	}
}

func TestAGermanSecrecyOrderLastsSixMonths(t *testing.T) {
	for months, want := range map[int]bool{6: false, 7: true} {
		for _, first := range []law.Date{"2026-07-01", "2026-09-01"} {
			d := clean(t, "de.stpo.95a")
			d.Gag = order(first.Time().AddDate(0, months, 0))
			d.Gag.Start = first.Time()
			if got := law.Judge(nil, d); has(got, "GAG.TOO_LONG") != want {
				t.Errorf("%d months from %s: %v", months, first, ids(got))
			}
		}
	}
	d := clean(t, "de.stpo.95a")
	d.Gag = law.GagAsk{}
	if got := law.Judge(nil, d); !has(got, "GAG.NO_END") {
		t.Errorf("without an end: %v", ids(got))
	}
}

func TestClocksOfOtherCountries(t *testing.T) {
	const berlin, kolkata = "Europe/Berlin", "Asia/Kolkata"
	for _, c := range []struct {
		process law.ProcessID
		kind    law.ClockKind
		when    law.Situation
		zone    string
		start   string
		want    string
	}{
		{"de.stpo.100g", law.ClockValidate, law.InEmergency, berlin, "2026-10-01 12:00:00", "2026-10-06 23:59:59"}, // a holiday on Saturday, then Sunday
		{"de.stpo.100a", law.ClockValidate, law.InEmergency, berlin, "2026-11-05 12:00:00", "2026-11-09 23:59:59"}, // a Saturday counts
		{"in.bnss.94", law.ClockResponse, law.Ordinary, kolkata, "2026-10-05 09:00:00", "2026-10-08 09:00:00"},
		{"gb.copo", law.ClockResponse, law.Ordinary, "Europe/London", "2026-10-20 12:00:00", "2026-10-27 23:59:59"},
		{"gb.copo", law.ClockExecute, law.Ordinary, "Europe/London", "2026-08-31 12:00:00", "2026-11-30 23:59:59"},
		{"gb.ipa.tcn", law.ClockObject, law.Ordinary, "Europe/London", "2026-10-05 12:00:00", "2026-11-02 23:59:59"},
		{"br.mci.pres", law.ClockDuration, law.Ordinary, "America/Noronha", "2026-10-05 12:00:00", "2026-12-04 23:59:59"},
		{"fr.csi.871_1", law.ClockResponse, law.Ordinary, "Europe/Paris", "2026-10-24 12:00:00", "2026-10-27 11:00:00"}, // an hour was given back
	} {
		got, ok := law.DueIn(mustRow(t, c.process), c.kind, c.when, at(t, c.zone, c.start))
		if want := at(t, c.zone, c.want); !ok || !got.Equal(want) {
			t.Errorf("%s, %s: %v, want %v", c.process, c.kind, got, want)
		}
	}
}

func TestNoticeInOtherCountries(t *testing.T) {
	for id, want := range map[law.ProcessID]law.Timing{"eu.dsa10": law.TimingBefore, "gb.copo": law.TimingBefore, "br.mci.cad": law.TimingBefore,
		"in.bnss.94": law.TimingBefore, "de.stpo.100j": law.TimingAuthority, "de.stpo.100a": law.TimingAuthority, "gb.ipa.cd": law.TimingWithheld,
		"fr.cpp.60_1": law.TimingWithheld, "gb.ipa.tcn": law.TimingNothing} {
		if got := mustRow(t, id).Notice(law.NoticeFacts{Decided: received}); got.When != want || got.Basis == "" {
			t.Errorf("%s: %s on %q, want %s", id, got.When, got.Basis, want)
		}
	}
	life := law.NoticeFacts{Decided: received, Exception: law.ThreatToLife}
	if got := mustRow(t, "eu.dsa10").Notice(life); got.When != law.TimingBefore {
		t.Errorf("where the Union orders notice an exception does not delay it: %s", got.When)
	}
}

func TestWhatMayNotBeNamedIsBarredFromPublication(t *testing.T) {
	barred := []law.ProcessID{"fr.csi.871_1", "gb.ipa.258a", "gb.ipa.drn", "gb.ipa.nsn", "gb.ipa.tcn"}
	var got []law.ProcessID
	for _, r := range law.Default().Rows() {
		if r.Publication.Kind == law.Barred {
			got = append(got, r.ID)
		}
	}
	if !slices.Equal(got, barred) {
		t.Errorf("barred: %v, want %v", got, barred)
	}
}
