package portal_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"letterlock/desk/casefile"
	"letterlock/internal/lang"
	"letterlock/internal/testkit/english"
	"letterlock/law"
)

// TestTheCasePageIsWhollyInTheOfficersLanguage: statuses, history, decisions
// with their reasons and where to send it instead. What a person typed stays,
// and a screen reader is told its language.
func TestTheCasePageIsWhollyInTheOfficersLanguage(t *testing.T) {
	const asked, reason = "Which of the two courts that your paper names issued the order?", "We cannot see from the papers why this is needed for the case."
	w := newWorld(t, false)
	v, _ := w.officer("Olga Reyes", "o.reyes@sheriff.harbor.example")
	n := v.file()
	w.act(n, casefile.Event{Kind: casefile.KAsked, Question: &casefile.Question{ID: "q1", Text: asked, By: lead, At: w.clock.Now(), Until: w.clock.Now().Add(240 * time.Hour)}})
	sentence, _ := law.Default().Finding("FORM.WRONG_JURISDICTION")
	c, err := w.files.Load(t.Context(), n)
	must(t, err)
	w.act(n, casefile.Event{Kind: casefile.KStood, Stand: &casefile.Stand{Reason: casefile.WaitNotification, What: "Staatsanwaltschaft Berlin", From: w.clock.Now()}})
	for _, code := range []string{"es", "ar"} {
		inTongue(t, v, n, code, []string{asked})
	}
	var ds []casefile.Decision
	for i, item := range c.Demand.Wanted {
		d := casefile.Decision{Item: item, Verdict: casefile.ReferMLAT, Reason: sentence.Sentence, Finding: sentence.ID, Channel: law.Default().ByTreaty(c.Demand.Jurisdiction), By: lead, At: w.clock.Now()}
		if i == 0 {
			d = casefile.Decision{Item: item, Verdict: casefile.Decline, Reason: reason, By: lead, At: w.clock.Now()}
		}
		ds = append(ds, d)
	}
	x := casefile.Package{ID: "p1", Name: string(n) + ".tar.age", Size: 9, SealedTo: "passphrase", Made: w.clock.Now(), Expires: w.clock.Now().Add(14 * 24 * time.Hour)}
	w.act(n, casefile.Event{Kind: casefile.KDecided, Decisions: ds}, casefile.Event{Kind: casefile.KAnswering}, casefile.Event{Kind: casefile.KPacked, Package: &x})
	if found := english.In(words(string(v.get("/requests/"+string(n)+"?lang=en").Body)), lang.Default().Tongue("es")); len(found) < 20 {
		t.Errorf("on the English page only %d texts are found: the test has lost its way: %q", len(found), found)
	}
	inTongue(t, v, n, "es", []string{asked, reason}, "preguntó:", sentenceIn("es", sentence), "autoridad central")
	inTongue(t, v, n, "ar", []string{asked, reason}, "سأل:", sentenceIn("ar", sentence))
}

// inTongue reads the page of a case and looks for English in it. What a person
// typed is there, as it was typed, with its language.
func inTongue(t *testing.T, v *visitor, n casefile.Number, code string, typed []string, want ...string) {
	t.Helper()
	p := v.get("/requests/" + string(n) + "?lang=" + code)
	body := string(p.Body)
	text := words(body)
	if p.Status != http.StatusOK {
		t.Fatalf("%d: %s", p.Status, text)
	}
	for _, s := range want {
		if !strings.Contains(lang.Bare(text), s) {
			t.Errorf("%s: the page does not say %q", code, s)
		}
	}
	if found := english.In(text, lang.Default().Tongue(code), append(typed, "Department of Justice, Criminal Division, Office of International Affairs", "Example Messenger Inc.", "SHERIFF 2026/17", "Superior Court of Harbor County", "26-MJ-0417")...); len(found) > 0 {
		t.Errorf("%s: the page says in English %q", code, found)
	}
	if code == "ar" {
		if found := english.Latin(text, append(typed, proper)...); len(found) > 0 {
			t.Errorf("ar: the page says in Latin letters %q", found)
		}
	}
	for _, s := range typed {
		if !regexp.MustCompile(`lang="en"[^>]*>` + regexp.QuoteMeta(s)).MatchString(body) {
			t.Errorf("%s: the language of %q is not marked", code, s)
		}
	}
}

// proper are names, citations and signs that a page in Arabic has too.
const proper = "English Español USC UTC SHA IP API order.pdf tar.age PDF MiB MJ Department of Justice Criminal Division Office of International Affairs Staatsanwaltschaft Berlin Olga Reyes Example Messenger Inc SHERIFF Superior Court of Harbor County Hon Ruth Alvarez"

func sentenceIn(code string, row law.FindingRow) string {
	return lang.Bare(lang.Default().Tongue(code).T(row.Sentence))
}

var codes = regexp.MustCompile(`(?s)<code.*?</code>`)

var tags = regexp.MustCompile(`(?s)<[^>]*>`)

// words is what a page shows.
func words(page string) string {
	return strings.NewReplacer("&#39;", "'", "&amp;", "&", "&#34;", `"`).Replace(tags.ReplaceAllString(codes.ReplaceAllString(page, ""), " | "))
}
