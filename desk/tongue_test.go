package desk_test

import (
	"strings"
	"testing"
	"time"

	"letterlock/desk/casefile"
	"letterlock/desk/review"
	"letterlock/internal/lang"
	"letterlock/internal/testkit/english"
	"letterlock/law"
)

// TestTheAnswerIsWhollyInTheOfficersLanguage files, narrows, refers and answers
// a request of officers who read three languages, and reads the letter and the
// history of the case that they are shown. What a reviewer typed stays, marked.
func TestTheAnswerIsWhollyInTheOfficersLanguage(t *testing.T) {
	const typed = "We cannot see from the papers why this is needed for the case."
	for code, want := range map[string][]string{
		"en": {"Records outside", "(UTC)", "SCOPE.RANGE_WIDE"},
		"es": {"Registros fuera del período", "en las propias palabras de quien lo examinó, en inglés", "SCOPE.RANGE_WIDE", "autoridad central"},
		"ar": {"SCOPE.RANGE_WIDE"},
	} {
		t.Run(code, func(t *testing.T) {
			w := newWorld(t)
			w.ok(w.desk.Agencies.SetLanguage(w.ctx, w.reyes.ID, code))
			d := w.order()
			d.Text = ""
			n := w.file(d)
			w.study(n, w.analyst)
			refer, _ := law.Default().Finding("FORM.WRONG_JURISDICTION")
			wide, _ := law.Default().Finding("SCOPE.RANGE_WIDE")
			w.ok(w.desk.Review.NarrowPeriod(w.ctx, w.analyst.ID, n, casefile.Shorter{From: d.Until.AddDate(0, 0, -7), Until: d.Until, Why: wide.Sentence, Finding: wide.ID}))
			var all []review.Choice
			for i, item := range w.load(n).Demand.Wanted {
				x := review.Choice{Item: item, Verdict: casefile.ReferMLAT, Reason: refer.Sentence, Finding: refer.ID}
				if i == 0 {
					x = review.Choice{Item: item, Verdict: casefile.Decline, Reason: typed}
				}
				all = append(all, x)
			}
			w.ok(w.desk.Review.Decide(w.ctx, w.analyst.ID, n, all))
			w.ok(w.desk.Review.Answer(w.ctx, w.analyst.ID, n, "nothing is produced"))
			w.pass(5 * time.Minute)
			letter := w.letterText(n)
			for _, s := range append(want, typed) {
				if !strings.Contains(strings.ReplaceAll(letter, " ", ""), strings.ReplaceAll(s, " ", "")) {
					t.Errorf("the letter does not say %q:\n%s", s, letter)
				}
			}
			if code == "en" {
				return
			}
			tongue := lang.Default().Tongue(code)
			marked := strings.Count(letter, "en las propias palabras de quien lo examinó, en inglés")
			if found := english.In(letter, tongue, typed, w.agency.Name); len(found) > 0 || marked != 1 && code == "es" {
				t.Errorf("it says in English %q; %d texts are marked as typed:\n%s", found, marked, letter)
			}
			for _, l := range w.load(n).Timeline(true) {
				said := l.Told.In(tongue)
				if said == "" || len(english.In(said, tongue)) > 0 {
					t.Errorf("the history says %q (%s)", said, l.What)
				}
			}
		})
	}
}
