package desk_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"letterlock/desk/casefile"
	"letterlock/desk/review"
	"letterlock/internal/lang"
	"letterlock/internal/testkit/english"
)

// written is a mail as the source has it.
type written struct{ where, subject, form string }

// mailsWritten reads every mail to officers from the desk's source, and names
// the places where one is made that cannot be said in a language.
func mailsWritten(t *testing.T) (all []written, mute []string) {
	files := token.NewFileSet()
	err := filepath.WalkDir(".", func(p string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(p) != ".go" || strings.HasSuffix(p, "_test.go") {
			return err
		}
		f, err := parser.ParseFile(files, p, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(f, func(n ast.Node) bool {
			switch x := n.(type) {
			case *ast.CallExpr:
				if at := subjectOf(x); at > 0 && at+1 < len(x.Args) {
					subject, form := literal(x.Args[at]), literal(x.Args[at+1])
					if subject != "" {
						all = append(all, written{p, subject, form})
					}
				}
			case *ast.CompositeLit:
				if s, ok := x.Type.(*ast.SelectorExpr); ok && s.Sel.Name == "Mail" && len(x.Elts) > 0 && !strings.HasPrefix(p, "staff") { // the team reads English
					mute = append(mute, p)
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all, mute
}

// subjectOf is which argument of a call is a mail's subject; 0 if it makes none.
func subjectOf(x *ast.CallExpr) int {
	s, ok := x.Fun.(*ast.SelectorExpr)
	switch {
	case ok && s.Sel.Name == "NewMail":
		return 1
	case ok && s.Sel.Name == "sendLink":
		return 2
	}
	return 0
}

func literal(e ast.Expr) string {
	l, ok := e.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return ""
	}
	s, _ := strconv.Unquote(l.Value)
	return s
}

// TestEveryMailToAnOfficerIsSaidInEachLanguage walks the mails as the source
// has them.
func TestEveryMailToAnOfficerIsSaidInEachLanguage(t *testing.T) {
	all, mute := mailsWritten(t)
	if len(all) < 10 {
		t.Fatalf("only %d mails were found: the test has lost its way", len(all))
	}
	for _, p := range mute {
		t.Errorf("%s makes a mail that cannot be said in its reader's language: make it with NewMail", p)
	}
	const link = "https://desk.example/here?a=1"
	for _, x := range all {
		var args []any
		if strings.Contains(x.form, "%s") {
			args = []any{link}
		}
		m := casefile.NewMail("officer@agency.example", x.subject, x.form, args...)
		for _, tongue := range lang.Default().Tongues() {
			said := m.In(tongue)
			text := said.Subject + "\n" + said.Text
			if said.Subject == "" || strings.ContainsAny(said.Subject, "\n%") || strings.Contains(text, "%!") || len(args) > 0 && !strings.Contains(text, "\n"+link+"\n") {
				t.Errorf("%s: %s: %q", x.where, tongue.Code(), text)
			}
			if tongue.Code() == lang.English {
				if len(english.In(text, lang.Default().Tongue("es"))) < 2 {
					t.Errorf("%s: the check does not know the English of %q", x.where, text)
				}
				continue
			}
			if found := english.In(text, tongue); len(found) > 0 || said.Subject == x.subject {
				t.Errorf("%s: %s: it says in English %q:\n%s", x.where, tongue.Code(), found, text)
			}
		}
	}
}

// TestAnOfficerIsToldOfAQuestionAnAnswerAndItsLastDays by mail, in Spanish, and
// never of which request.
func TestAnOfficerIsToldOfAQuestionAnAnswerAndItsLastDays(t *testing.T) {
	w := newWorld(t)
	w.ok(w.desk.Agencies.SetLanguage(w.ctx, w.reyes.ID, "es"))
	n := w.file(w.order())
	w.assign(n, w.analyst.ID)
	count := func(subject string) (k int) {
		for _, m := range w.mail.sent {
			if m.To == w.reyes.Mailbox && m.Subject == subject {
				k++
				if strings.Contains(m.Text, string(n)) {
					t.Errorf("the mail names the case:\n%s", m.Text)
				}
			}
		}
		return k
	}
	w.ok(w.desk.Review.Ask(w.ctx, w.analyst.ID, n, "Which number do you mean?"))
	w.pass(time.Minute)
	if count("Una pregunta espera su respuesta") != 1 {
		t.Errorf("the question was told %d times", count("Una pregunta espera su respuesta"))
	}
	w.ok(w.desk.Intake.Answer(w.ctx, w.reyes.Actor(), n, w.load(n).Questions[0].ID, "The first."))
	var choices []review.Choice
	for _, i := range w.load(n).Demand.Wanted {
		choices = append(choices, review.Choice{Item: i, Verdict: casefile.Decline, Reason: "not shown to be needed"})
	}
	w.ok(w.desk.Review.Decide(w.ctx, w.analyst.ID, n, choices))
	w.ok(w.desk.Review.Answer(w.ctx, w.analyst.ID, n, "nothing is produced"))
	w.pass(5 * time.Minute)
	if ready, last := count("Una respuesta está lista para usted"), count("Una respuesta para usted se destruye pronto"); ready != 1 || last != 0 {
		t.Errorf("ready was told %d times, the last days %d times", ready, last)
	}
	p := w.load(n).Packages[0]
	w.pass(p.Expires.Add(-review.LastCall).Sub(w.clock.Now()) + time.Minute)
	w.pass(24 * time.Hour)
	if ready, last := count("Una respuesta está lista para usted"), count("Una respuesta para usted se destruye pronto"); ready != 1 || last != 1 {
		t.Errorf("near the end ready was told %d times, the last days %d times", ready, last)
	}
}

// TestWhoCollectedIsNotToldOfTheEnd: the last call is for what nobody has.
func TestWhoCollectedIsNotToldOfTheEnd(t *testing.T) {
	w := newWorld(t)
	n := w.declined()
	p := w.load(n).Packages[0]
	w.takes(n, p, 0, p.Size)
	w.pass(p.Expires.Add(-review.LastCall).Sub(w.clock.Now()) + time.Minute)
	if slices.ContainsFunc(w.mail.sent, func(m casefile.Mail) bool { return strings.Contains(m.Subject, "destroyed soon") }) {
		t.Error("the officer has it and is told that it is destroyed soon")
	}
}
