package portal_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"letterlock/desk/casefile"
)

var (
	idForm      = regexp.MustCompile(`\sid="([^"]*)"`)
	controlForm = regexp.MustCompile(`<(?:input|select|textarea)\s[^>]*>`)
	typeForm    = regexp.MustCompile(`\stype="(hidden|submit)"`)
	describes   = regexp.MustCompile(`\saria-describedby="([^"]*)"`)
	headingForm = regexp.MustCompile(`<h([1-6])[\s>]`)
)

// TestPagesReadWell checks what a screen reader needs on every page: one main
// heading and none skipped, a label for each control, ids that are there once,
// nothing inline that the policy would forbid.
func TestPagesReadWell(t *testing.T) {
	w := newWorld(t, true)
	anyone := w.visitor()
	v, _ := w.officer("Olga Reyes", "o.reyes@sheriff.harbor.example")
	n := v.file()
	w.act(n, casefile.Event{Kind: casefile.KAsked, Question: &casefile.Question{ID: "q1", Text: "Which?", By: lead, At: w.clock.Now()}})
	answered := v.file2()
	w.answerWith(answered, []byte("sealed"), "CORRECT-HORSE")
	draft := "/drafts/" + v.draft()
	f := anyone.form(anyone.get("/enrol"), "Send me the link")
	anyone.press(f.Set("name", "Late").Set("mailbox", "late@sheriff.harbor.example").Set("phone", "+1 202 555 0143"), "Send me the link")
	link := w.lastLink()
	for _, path := range []string{"/", "/process/us.emergency", "/enrol", "/enrol/sent", link, "/signin", "/open"} {
		reads(t, path, string(anyone.get(path).Body))
	}
	for _, path := range []string{"/", "/process/us.emergency", "/requests", "/new", draft + "/kind", draft + "/step/paper", draft + "/step/accounts", draft + "/step/data", draft + "/step/secrecy", draft + "/papers", draft + "/review", draft + "/delete", "/account", "/open",
		"/requests/" + string(n), "/requests/" + string(n) + "/correct", "/requests/" + string(n) + "/withdraw", "/requests/" + string(answered), "/requests/LL-2026-999999"} {
		reads(t, path, string(v.get(path).Body))
	}
	p := v.press(v.form(v.get("/requests/"+string(answered)), "Show the passphrase"), "Show the passphrase")
	says(t, p, http.StatusOK, "CORRECT-HORSE")
	reads(t, "the passphrase", string(p.Body))
	reads(t, "a refused process", string(v.press(v.form(v.get("/new"), "Go on"), "Go on").Body))
	reads(t, "a refused step", string(v.through(v.get(draft+"/step/accounts").Steps().Set("targets", "5\n6")).Body))
}

func reads(t *testing.T, path, body string) {
	t.Helper()
	seen := map[string]bool{}
	for _, m := range idForm.FindAllStringSubmatch(body, -1) {
		if seen[m[1]] {
			t.Errorf("%s: the id %q is there twice", path, m[1])
		}
		seen[m[1]] = true
	}
	for _, c := range controlForm.FindAllString(body, -1) {
		if typeForm.MatchString(c) || strings.Contains(c, `name="answer"`) {
			continue
		}
		if id := idForm.FindStringSubmatch(c); id == nil || !strings.Contains(body, `for="`+id[1]+`"`) {
			t.Errorf("%s: no label for %s", path, c)
		}
	}
	for _, m := range describes.FindAllStringSubmatch(body, -1) {
		for id := range strings.FieldsSeq(m[1]) {
			if !seen[id] {
				t.Errorf("%s: described by %q, which is not there", path, id)
			}
		}
	}
	last := 0
	for i, m := range headingForm.FindAllStringSubmatch(body, -1) {
		level := int(m[1][0] - '0')
		if i == 0 && level != 1 || i > 0 && level == 1 || level > last+1 {
			t.Errorf("%s: heading %d is of level %d after %d", path, i+1, level, last)
		}
		last = level
	}
	for _, inline := range []string{" style=", " onclick=", "<style", "javascript:"} {
		if strings.Contains(body, inline) {
			t.Errorf("%s: %q is inline", path, inline)
		}
	}
}
