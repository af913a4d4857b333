package risk_test

import (
	"strings"
	"testing"
	"time"

	"letterlock/desk/risk"
	"letterlock/law"
)

var now = time.Date(2026, 11, 23, 15, 0, 0, 0, time.UTC)

// calm is a sender in whom nothing is unusual.
func calm() risk.Facts {
	return risk.Facts{Now: now, Since: now.AddDate(-1, 0, 0), KeyAdded: now.AddDate(-1, 0, 0), Zone: time.UTC, Domain: "sheriff.harbor.example",
		Official: []string{"sheriff.harbor.example", "polizei.example"}}
}

func raised(v risk.Values, f risk.Facts) []string {
	var out []string
	for _, s := range v.Judge(f) {
		out = append(out, s.Rule)
	}
	return out
}

func TestEveryRuleRaisesExactlyOnItsSide(t *testing.T) {
	if got := raised(nil, calm()); len(got) != 0 {
		t.Fatalf("a calm sender raises %v", got)
	}
	hour := func(h, m int) time.Time { return time.Date(2026, 11, 23, h, m, 0, 0, time.UTC) }
	ago := func(n int, d time.Duration) (out []time.Time) {
		for range n {
			out = append(out, now.Add(-d))
		}
		return out
	}
	const day, second = 24 * time.Hour, time.Second
	type set = func(*risk.Facts)
	cases := []struct {
		rule      risk.RuleID
		what      string
		yes, just set // just does not raise
	}{
		{risk.NewNetwork, "72 hours", func(f *risk.Facts) { f.Strange = now.Add(-72*time.Hour + second) }, func(f *risk.Facts) { f.Strange = now.Add(-72 * time.Hour) }},
		{risk.NewPasskey, "7 days", func(f *risk.Facts) { f.KeyAdded = now.Add(-7*day + second) }, func(f *risk.Facts) { f.KeyAdded = now.Add(-7 * day) }},
		{risk.NewPasskey, "only on an older account", func(f *risk.Facts) { f.KeyAdded, f.Since = now, now.Add(-7*day) }, func(f *risk.Facts) { f.KeyAdded, f.Since = now, now.Add(-7*day+second) }},
		{risk.OddHours, "before six", func(f *risk.Facts) { f.Now = hour(5, 59) }, func(f *risk.Facts) { f.Now = hour(6, 0) }},
		{risk.OddHours, "from ten", func(f *risk.Facts) { f.Now = hour(22, 0) }, func(f *risk.Facts) { f.Now = hour(21, 59) }},
		{risk.OddHours, "by the agency's clock", func(f *risk.Facts) { f.Zone = time.FixedZone("far", 10*3600) }, func(f *risk.Facts) { f.Zone = nil }},
		{risk.Burst, "more than five", func(f *risk.Facts) { f.Sent = ago(5, time.Minute) }, func(f *risk.Facts) { f.Sent = ago(4, time.Minute) }},
		{risk.Burst, "in ten minutes", func(f *risk.Facts) { f.Sent = ago(5, 10*time.Minute-second) }, func(f *risk.Facts) { f.Sent = ago(5, 10*time.Minute) }},
		{risk.ManyEmergencies, "a second one of somebody without a habit", func(f *risk.Facts) { f.Emergency, f.Officer.Today = true, 2 }, func(f *risk.Facts) { f.Emergency, f.Officer.Today = true, 1 }},
		{risk.ManyEmergencies, "more than three times the habit", func(f *risk.Facts) { f.Emergency, f.Officer = true, risk.Count{Today: 4, Before: 90} }, func(f *risk.Facts) { f.Emergency, f.Officer = true, risk.Count{Today: 3, Before: 90} }},
		{risk.AgencyEmergencies, "of the agency", func(f *risk.Facts) { f.Emergency, f.Agency = true, risk.Count{Today: 7, Before: 180} }, func(f *risk.Facts) { f.Emergency, f.Agency = true, risk.Count{Today: 6, Before: 180} }},
		{risk.AgencyEmergencies, "only where one is claimed", func(f *risk.Facts) { f.Emergency, f.Agency.Today = true, 9 }, func(f *risk.Facts) { f.Agency.Today = 9 }},
		{risk.TwoAgencies, "30 days", func(f *risk.Facts) { f.Elsewhere = now.Add(-30*day + second) }, func(f *risk.Facts) { f.Elsewhere = now.Add(-30 * day) }},
		{risk.LookAlike, "two letters", func(f *risk.Facts) { f.Domain = "sherif.harbour.example" }, func(f *risk.Facts) { f.Domain = "sherf.harbours.example" }},
		{risk.LookAlike, "reads alike", func(f *risk.Facts) { f.Domain = "po1izei.exarnple" }, func(f *risk.Facts) { f.Domain = "mail.polizei.example" }},
		{risk.Compromised, "cut", func(f *risk.Facts) { f.Compromised = true }, func(*risk.Facts) {}},
	}
	seen := map[string]bool{}
	for _, c := range cases {
		yes, just := calm(), calm()
		c.yes(&yes)
		c.just(&just)
		if got := raised(nil, yes); len(got) != 1 || got[0] != string(c.rule) {
			t.Errorf("%s, %s: raised %v", c.rule, c.what, got)
		}
		if got := raised(nil, just); len(got) != 0 {
			t.Errorf("%s, %s: just below it raised %v", c.rule, c.what, got)
		}
		seen[string(c.rule)] = true
	}
	for _, r := range (risk.Values)(nil).Rules() {
		if !seen[string(r.ID)] {
			t.Errorf("no case shows %s", r.ID)
		}
	}
}

func TestEveryRuleHoldsForAPersonAndSaysWhy(t *testing.T) {
	for _, r := range (risk.Values)(nil).Rules() {
		row, ok := law.Default().Finding(r.Finding)
		if !ok || row.Action != law.ActHold || !row.TeamOnly || !strings.HasPrefix(string(r.Finding), "SND.") {
			t.Errorf("%s raises %s, which does not hold for the team alone", r.ID, r.Finding)
		}
		if r.Sentence == "" || !strings.HasSuffix(r.Basis, "[S]") && !strings.HasSuffix(r.Basis, "[K]") {
			t.Errorf("%s: %q, %q", r.ID, r.Sentence, r.Basis)
		}
		for _, l := range r.Limits {
			if l.Value < l.Min || l.Value > l.Max || l.Words == "" {
				t.Errorf("%s: %+v", r.ID, l)
			}
		}
	}
}

func TestALimitThatPeopleSetCounts(t *testing.T) {
	f := calm()
	f.Sent = []time.Time{now, now}
	if got := raised(risk.Values{"burst.requests": 2}, f); len(got) != 1 || got[0] != "burst" {
		t.Fatalf("%v", got)
	}
}
