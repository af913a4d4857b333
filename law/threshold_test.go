package law_test

import (
	"slices"
	"strings"
	"testing"

	"letterlock/law"
)

// TestEveryListedOffenceIsWalked: what an entry does is settled by its mark: one
// that was read meets the threshold, one that was not is put to a person, and
// below the entry's own penalty neither does.
func TestEveryListedOffenceIsWalked(t *testing.T) {
	entries := 0
	for _, r := range law.Default().Rows() {
		if !r.InForce(received) {
			continue
		}
		for _, e := range r.Threshold.Listed {
			entries++
			d := clean(t, r.ID)
			d.Offence = law.Offence{Text: "as the paper names it", Entry: e.ID, MaxPenaltyYears: e.MaxPenaltyYears}
			f := found(law.Judge(nil, d), "RIGHTS.THRESHOLD")
			switch {
			case e.Certainty == law.Seen && f != nil:
				t.Errorf("%s, %s: read, and still %q", r.ID, e.ID, f.Note)
			case e.Certainty != law.Seen && (f == nil || f.Decided || !strings.Contains(f.Note, e.Text)):
				t.Errorf("%s, %s: not read, and nobody is asked: %+v", r.ID, e.ID, f)
			}
			if e.MaxPenaltyYears == 0 {
				continue
			}
			d.Offence.MaxPenaltyYears--
			if f := found(law.Judge(nil, d), "RIGHTS.THRESHOLD"); f == nil || !f.Decided || !strings.Contains(f.Note, e.Text) {
				t.Errorf("%s, %s: below its own penalty: %+v", r.ID, e.ID, f)
			}
		}
	}
	if entries < 60 {
		t.Errorf("%d entries", entries)
	}
}

// Which threshold is not shown is said, in the words of the row.
func TestAFindingSaysWhichThresholdIsNotShown(t *testing.T) {
	for name, c := range map[string]struct {
		process law.ProcessID
		offence law.Offence
		says    string
		decided bool
	}{
		"a penalty below":                   {"eu.epoc.traffic", law.Offence{MaxPenaltyYears: 2}, "penalty that is stated is below", true},
		"none of a list that was not read":  {"eu.epoc.traffic", law.Offence{MaxPenaltyYears: 2, Entry: law.OtherOffence}, "not shown to be on the list", false},
		"none of a list that was read":      {"fr.cpp.60_1_2", law.Offence{MaxPenaltyYears: 2, Entry: law.OtherOffence}, "not shown to be on the list", true},
		"an entry that is not there":        {"fr.cpp.60_1_2", law.Offence{MaxPenaltyYears: 2, Entry: "no-such"}, "not shown to be on the list", true},
		"a grave offence that is not on it": {"in.it.4_2", law.Offence{MaxPenaltyYears: 20, Entry: law.OtherOffence}, "not shown to be on the list", true},
		"nothing chosen from a catalogue":   {"de.stpo.100a", law.Offence{Text: "fraud", MaxPenaltyYears: 10}, "not shown to be on the list", false},
		"an entry's own penalty":            {"in.it.4_2", law.Offence{MaxPenaltyYears: 4, Entry: "rape"}, "asks for a higher penalty", true},
		"a catalogue nobody has re-read":    {"de.stpo.100a", law.Offence{Entry: "1h"}, "We have not read the text", false},
	} {
		d := clean(t, c.process)
		d.Offence = c.offence
		f := found(law.Judge(nil, d), "RIGHTS.THRESHOLD")
		if f == nil || f.Decided != c.decided || !strings.Contains(f.Note, c.says) || f.Lack.Form == "" {
			t.Errorf("%s: %+v", name, f)
		}
	}
	for name, o := range map[string]law.Offence{"a penalty that suffices": {MaxPenaltyYears: 3}, "the same, and none of the list": {MaxPenaltyYears: 3, Entry: law.OtherOffence}, "nothing stated": {}} {
		d := clean(t, "eu.epoc.traffic")
		d.Offence = o
		if got := law.Judge(nil, d); has(got, "RIGHTS.THRESHOLD") {
			t.Errorf("%s: %v", name, ids(got))
		}
	}
}

func TestAListOfOffencesMayOnlyBeNarrowed(t *testing.T) {
	entry := "[[row.threshold.listed]]\nid = \"piracy\"\ntext = \"piracy\"\ncitation = \"CPP art. 60-1-2\"\nsource = \"counsel\"\ncertainty = \"K\"\n"
	for name, c := range map[string]struct {
		row    law.ProcessID
		change func(string) string
		wider  bool
	}{
		"an entry more":            {"fr.cpp.60_1_2", func(s string) string { return s + "\n" + entry }, true},
		"an entry less":            {"fr.cpp.60_1_2", func(s string) string { return s[:strings.LastIndex(s, "[[row.threshold.listed]]")] }, false},
		"another word":             {"fr.cpp.60_1_2", swap("finding a missing person", "finding any person"), true},
		"its penalty lowered":      {"in.it.4_2", swap("max_penalty_years = 5", "max_penalty_years = 4"), true},
		"its penalty raised":       {"in.it.4_2", swap("max_penalty_years = 5", "max_penalty_years = 7"), false},
		"marked as read":           {"eu.epoc.traffic", swapLast("certainty = \"K\"", "certainty = \"S\"\nchecked_on = \"2026-11-20\""), true},
		"marked uncertain":         {"eu.epoc.traffic", swapLast("certainty = \"K\"", "certainty = \"U\""), false},
		"a penalty does it, too":   {"in.it.4_2", swap("only_listed = true", "max_penalty_years = 1"), true},
		"a list where none was":    {"us.order.2703d", func(s string) string { return s + "\n[row.threshold]\ntext = \"x\"\nonly_listed = true\n" + entry }, false},
		"read again, word by word": {"fr.cpp.60_1_2", swapLast("checked_on = \"2026-11-23\"", "checked_on = \"2026-11-24\""), false},
	} {
		r, ok := with(t, rowFile(t, string(c.row), c.change)).Row(c.row, received)
		if !ok || r.Origin().Widens() != c.wider {
			t.Errorf("%s: wider in %q, want wider = %v", name, r.Origin().Wider, c.wider)
		}
	}
}

func swapLast(old, new string) func(string) string {
	return func(s string) string {
		i := strings.LastIndex(s, old)
		return s[:i] + new + s[i+len(old):]
	}
}

func TestABrokenListOfOffencesIsRefused(t *testing.T) {
	for name, change := range map[string]func(string) string{
		"twice":             swap(`id = "victim"`, `id = "network"`),
		"called other":      swap(`id = "victim"`, `id = "other"`),
		"no source":         swapLast("source = \"https", "source = \"\"\n# \"https"),
		"read on no day":    swapLast("checked_on = \"2026-11-23\"\n", ""),
		"below zero":        swap("max_penalty_years = 1", "max_penalty_years = -1"),
		"the list and more": swap("max_penalty_years = 3", "max_penalty_years = 3\nonly_listed = true"),
		"an unknown key":    swap(`id = "victim"`, "id = \"victim\"\nalways = true"),
	} {
		text := rowFile(t, "fr.cpp.60_1_2", change)
		if _, err := law.LoadOverrides(strings.NewReader(text)); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
}

func TestTheListOfARowIsACopyAndPartOfItsHash(t *testing.T) {
	row, _ := law.Default().Row("de.stpo.100k", received)
	before := row.Hash()
	row.Threshold.Listed[0].Text = "anything"
	if again, _ := law.Default().Row("de.stpo.100k", received); again.Hash() != before || row.Hash() == before {
		t.Error("the list of a row is not its own, or not in its hash")
	}
	if !slices.Contains(law.Default().Texts(), "stalking") {
		t.Error("a translator is not asked for the offences")
	}
}
