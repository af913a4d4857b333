package casefile_test

import (
	"testing"
	"time"

	"letterlock/desk/casefile"
	"letterlock/internal/lang"
	"letterlock/internal/testkit/english"
)

// TestEveryLineThatAnAgencyReadsIsSaidInEachLanguage builds one event of each
// kind and of both its sides, and reads the history as an officer does.
func TestEveryLineThatAnAgencyReadsIsSaidInEachLanguage(t *testing.T) {
	at := time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)
	officer := casefile.Actor{Kind: casefile.ByOfficer, Name: "Ana"}
	demand := casefile.Demand{Process: "us.order.2703d"}
	kept := &casefile.Kept{Until: at, RenewedBy: "LL-2026-000018"}
	var events []casefile.Event
	for _, k := range casefile.AgencyKinds() {
		for _, side := range []bool{false, true} {
			as := map[bool]casefile.Signer{false: casefile.AsOfficer, true: casefile.AsSupervisor}[side]
			events = append(events, casefile.Event{Kind: k, At: at, By: officer, Demand: &demand, Paper: &casefile.Paper{Name: "a.pdf"}, Question: &casefile.Question{Text: "a"}, Answer: "b",
				Package: &casefile.Package{Name: "c.tar.age", Expires: at}, Stand: &casefile.Stand{What: "Staatsanwaltschaft", Stops: side}, Kept: kept, Keeper: &casefile.Keeper{Name: "Ben"},
				Urgent: &casefile.UrgentAct{Attestation: &casefile.Attestation{As: as}, Overdue: side}})
		}
	}
	if len(events) < 40 {
		t.Fatalf("only %d events: the test has lost its way", len(events))
	}
	for _, code := range []string{"en", "es", "ar"} {
		tongue := lang.Default().Tongue(code)
		for _, l := range (casefile.Case{Events: events}).Timeline(true) {
			said := l.Told.In(tongue)
			if said == "" || code != "en" && (!tongue.Knows(l.Told.Key) || len(english.In(said, tongue)) > 0) {
				t.Errorf("%s: %q is said as %q", code, l.What, said)
			}
		}
	}
}
