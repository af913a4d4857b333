package casefile_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
)

// without are the kinds that a person brings about and owes no reason for. It
// is written out here so that nobody adds one in passing.
var without = []casefile.Kind{
	casefile.KViewed,      // a look
	casefile.KPaperRead,   // a look
	casefile.KDownloaded,  // the officer's fetching of the answer
	casefile.KSent,        // how much of it arrived
	casefile.KResolved,    // the carrier's answer to what was asked with a reason
	casefile.KResolvedAll, // the same, of a list
}

// bare is an act of the kind with everything but a reason.
func bare(k casefile.Kind, by casefile.Actor) casefile.Event {
	d := demand()
	d.Process = ""
	me := casefile.Member("m", "Ines Okafor")
	return casefile.Event{Seq: 1, At: at, By: by, Kind: k, Demand: &d, Assignee: &me, PaperID: "p1", Paper: &casefile.Paper{ID: "p2", Name: "order.pdf"}, Finding: "FORM.UNSIGNED",
		Decisions: []casefile.Decision{{Item: "name", Verdict: casefile.Decline, Reason: "because"}, {Item: "last_ip", Verdict: casefile.Decline, Reason: " "}},
		Question:  &casefile.Question{ID: "q"}, Alarm: "look", Urgent: &casefile.UrgentAct{Attestation: &casefile.Attestation{}, Call: &casefile.CallBack{}},
		Certify: &casefile.CertifyAct{Certificate: &casefile.Certificate{}}}
}

// TestEveryActOfAPersonNeedsAReason walks every kind of event there is.
func TestEveryActOfAPersonNeedsAReason(t *testing.T) {
	if table := slices.Sorted(maps.Keys(casefile.Reasons)); !slices.Equal(table, casefile.Kinds()) {
		t.Fatalf("the table of reasons holds %v, and there are %v", table, casefile.Kinds())
	}
	for _, k := range casefile.Kinds() {
		for _, by := range []casefile.Actor{casefile.Member("m", "Ines Okafor"), casefile.Officer("o", "Olivia Reyes")} {
			for _, why := range []string{"", " \t\n"} {
				free := slices.Contains(without, k) || k == casefile.KPaperAdded && by.Kind == casefile.ByOfficer // the paper is the officer's own word
				if refused := refusedFor(bare(k, by), why); refused == free {
					t.Errorf("%s by a %s without a reason: refused %v", k, by.Kind, refused)
				}
			}
			r := casefile.Reasons[k]
			if r.In == nil && !r.Machine && refusedFor(bare(k, by), "because") {
				t.Errorf("%s by a %s is refused with a reason", k, by.Kind)
			}
			if r.Machine && !refusedFor(bare(k, by), "because") {
				t.Errorf("%s can be done by a %s", k, by.Kind)
			}
		}
	}
}

// refusedFor reports an act that is refused for its reason, whatever the case.
func refusedFor(e casefile.Event, why string) bool {
	e.Why = why
	c, err := casefile.Case{Number: "LL-2026-000001"}, error(nil)
	if e.Kind != casefile.KFiled {
		if c, err = c.Apply(filed()); err != nil {
			panic(err)
		}
		e.Seq = 2
	}
	_, err = c.Apply(e)
	said := fault.Say(err)
	return fault.Is(err, fault.Invalid) && strings.HasPrefix(said, "say why") || strings.Contains(said, "nobody does it")
}

func TestReasonsInWordsOfTheirOwn(t *testing.T) {
	by := casefile.Member("m", "Ines Okafor")
	full := bare("", by)
	full.Demand.Process, full.Paper.What, full.Question.Text, full.Answer = "us.order.2703d", "order", "Which county?", "Harbor County"
	full.Room = &casefile.RoomAct{Words: "a court sealed it"}
	full.Decisions[1].Reason, full.Urgent.Attestation.Text, full.Urgent.Call.Said, full.Certify.Certificate.Text = "because", "I attest", "confirmed", "I certify"
	for k, r := range casefile.Reasons {
		if r.In == nil {
			continue
		}
		full.Kind = k
		if refusedFor(full, "") {
			t.Errorf("%s is refused although its particulars say why", k)
		}
	}
}

func TestALongReasonIsRefused(t *testing.T) {
	e := bare(casefile.KNoTie, casefile.Member("m", "Ines Okafor"))
	c, err := casefile.Case{Number: "LL-2026-000001"}.Apply(filed())
	if err != nil {
		t.Fatal(err)
	}
	e.Seq, e.Why = 2, strings.Repeat("x", casefile.MaxReason+1)
	if _, err := c.Apply(e); !fault.Is(err, fault.Invalid) {
		t.Fatal("a reason longer than the history takes:", err)
	}
}
