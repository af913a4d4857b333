package desk_test

import (
	"strings"
	"testing"

	"letterlock/desk/casefile"
	"letterlock/desk/review"
	"letterlock/internal/fault"
	"letterlock/law"
)

// The five reasons for which providers really refuse, each from the officer's
// request to the finding and on to what the answer says.
func TestTheFiveReasonsRaiseTheirFindingAndReachTheAnswer(t *testing.T) {
	for name, x := range map[string]struct {
		finding law.FindingID
		item    casefile.Item
		breaks  func(d *casefile.Demand)
	}{
		"wrong identifier": {"TGT.NAME_ONLY", "name", func(d *casefile.Demand) {
			d.Targets = []casefile.Target{{Kind: law.TargetName, Identifier: "Ana Ruiz"}}
		}},
		"overbroad":                   {"SCOPE.FROM_INCEPTION", "name", func(d *casefile.Demand) { d.Text = "any and all records from inception to present" }},
		"data that do not exist":      {"SCOPE.CONTENT_NONE", "CONTENT", func(d *casefile.Demand) { d.Wanted = []casefile.Item{"CONTENT"} }},
		"needs judicial co-operation": {"FORM.WRONG_JURISDICTION", "name", func(d *casefile.Demand) { d.Process = law.UseMLAT }},
		"no valid legal basis":        {"FORM.NO_LEGAL_BASIS", "name", func(d *casefile.Demand) { d.LegalBasis = "" }},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.approve("us.order.2703d")
			d := w.order()
			x.breaks(&d)
			n := w.file(d)
			has := false
			for _, f := range w.load(n).Findings {
				has = has || f.ID == x.finding
			}
			if !has {
				t.Fatalf("%s is not raised: %+v", x.finding, w.load(n).Findings)
			}
			w.assign(n, w.analyst.ID)
			row, _ := law.Default().Finding(x.finding)
			verdict := casefile.Decline
			if x.finding == "FORM.WRONG_JURISDICTION" {
				verdict = casefile.ReferMLAT
			}
			var all []review.Choice
			for _, i := range w.load(n).Demand.Wanted {
				all = append(all, review.Choice{Item: i, Verdict: verdict, Reason: row.Sentence, Finding: x.finding})
			}
			if err := w.desk.Review.Decide(w.ctx, w.analyst.ID, n, yield(x.item)); !fault.Is(err, fault.Forbidden) && !fault.Is(err, fault.Conflict) {
				t.Errorf("produced against it: %v", err)
			}
			w.ok(w.desk.Review.Decide(w.ctx, w.analyst.ID, n, all))
			w.ok(w.desk.Review.Answer(w.ctx, w.analyst.ID, n, "nothing is produced"))
			w.pass(5 * 60e9)
			v := must(w.desk.Intake.Case(w.ctx, w.reyes.Actor(), n))(t)
			if len(v.Packages) != 1 || len(v.Decisions) == 0 {
				t.Fatalf("phase %s, %d packages", v.Phase, len(v.Packages))
			}
			letter := w.letterText(n)
			if !strings.Contains(letter, squeeze(row.Sentence)) || !strings.Contains(strings.ReplaceAll(letter, " ", ""), string(x.finding)) {
				t.Errorf("the letter lacks %s or its sentence %q:\n%s", x.finding, row.Sentence, letter)
			}
			if verdict == casefile.ReferMLAT && !strings.Contains(letter, squeeze(law.Default().ByTreaty(w.load(n).Demand.Jurisdiction))) {
				t.Errorf("the letter does not name the channel:\n%s", letter)
			}
			for _, got := range v.Decisions {
				if got.Finding != x.finding || got.Reason != row.Sentence || got.Verdict == casefile.ReferMLAT && got.Channel == "" {
					t.Errorf("the answer says %+v", got)
				}
			}
		})
	}
}
