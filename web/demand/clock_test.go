package demand_test

import (
	"strings"
	"testing"

	"letterlock/internal/lang"
	"letterlock/law"
	"letterlock/web/demand"
)

// Every time limit of the table says how long it is, in each language.
func TestEveryClockHasWords(t *testing.T) {
	for _, l := range lang.Default().Tongues() {
		for _, row := range law.Default().Rows() {
			for _, c := range row.In(l).Clocks {
				said := demand.Clock(l, c)
				if said == "" || c.Count > 0 && !strings.ContainsAny(said, "0123456789٠١٢٣٤٥٦٧٨٩") || strings.Contains(said, "waits in cases") {
					t.Errorf("%s, %s, %s: %q", row.ID, c.Kind, c.When, said)
				}
			}
		}
	}
}

func TestAClockInWords(t *testing.T) {
	for want, c := range map[string]law.Clock{
		"90 days from receipt":                                       {Count: 90, Unit: law.Days, From: law.FromReceipt},
		"1 working day from the day of issue":                        {Count: 1, Unit: law.WorkingDays, From: law.FromIssue},
		"8 hours from receipt; waits while a question is open":       {Count: 8, Unit: law.Hours, From: law.FromReceipt, Pauses: []string{"clarification"}},
		"3 months from the end of the period before; 1 time at most": {Count: 3, Unit: law.Months, From: law.FromEnd, Times: 1},
		"as the paper says; soon":                                    {OnFace: true, Text: "soon"},
		"at once":                                                    {AtOnce: true},
		"no fixed time; ours, not the law's":                         {Policy: true},
	} {
		if got := demand.Clock(nil, c); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
