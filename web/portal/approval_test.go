package portal_test

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"letterlock/internal/testkit/browser"
	"letterlock/law"
)

// TestALawThatCounselApprovedIsPromisedAndNoOther asks about one row before
// and after counsel's approval, and about another that is approved in an
// older text.
func TestALawThatCounselApprovedIsPromisedAndNoOther(t *testing.T) {
	w := newWorld(t, false)
	v := w.visitor()
	const waits = "until then nothing is disclosed under it"
	paths := []string{findPath("US", "us.subpoena.gj", law.BSI), "/process/us.subpoena.gj", findPath("US", "us.subpoena.gj", law.BSI) + "&lang=es"}
	says(t, v.get(paths[0]), http.StatusOK, waits)
	says(t, v.get(paths[1]), http.StatusOK, waits)
	silent(t, v.get("/process/us.emergency"), waits)
	old := law.Default().Approve("A. Counsel", "2026-10-01", "us.subpoena.trial")
	old[0].Hash[0]++
	w.counsel = append(law.Default().Approve("A. Counsel", "2026-10-01", "us.subpoena.gj"), old...)
	says(t, v.get(paths[0]), http.StatusOK, "This paper reaches all that you chose", "Our counsel has approved the text of this law.")
	silent(t, v.get(paths[0]), waits)
	silent(t, v.get(paths[1]), waits)
	says(t, w.visitor().get(paths[2]), http.StatusOK, "ha aprobado el texto")
	says(t, v.get(findPath("US", "us.subpoena.trial", law.BSI)), http.StatusOK, waits)
}

func silent(t *testing.T, p *browser.Page, word string) {
	t.Helper()
	if p.Status != http.StatusOK || p.Has(word) {
		t.Errorf("%d, or the page says %q:\n%s", p.Status, word, p.Text())
	}
}

// TestTheEmergencyOfTheFirstPageIsThatOfTheDesk: what the first page says to
// agencies of other countries is what becomes of their request.
func TestTheEmergencyOfTheFirstPageIsThatOfTheDesk(t *testing.T) {
	v := newWorld(t, false).visitor()
	says(t, v.get("/"), http.StatusOK, "Agencies of the United States", "18 USC 2702(b)(8)", "that law does not cover you", "Two members of the team confirm you")
	for where, refused := range map[law.Jurisdiction]bool{"DE": true, "GB": true, "US": false, "US-CA": false} {
		found := law.Judge(law.Default(), law.Demand{Process: law.Emergency, Jurisdiction: where, Classes: []law.Class{law.BSI}})
		if slices.ContainsFunc(found, func(f law.Finding) bool { return f.ID == "FORM.WRONG_JURISDICTION" }) != refused {
			t.Errorf("an emergency from %s: refused should be %v", where, refused)
		}
	}
}

// TestNoTextDeniesWhatTheDeskDoes: traces and preservations are carried out,
// and every page that speaks of them says what they give.
func TestNoTextDeniesWhatTheDeskDoes(t *testing.T) {
	v := newWorld(t, false).visitor()
	const trace, keeps = "You get a package of it each day", "A sealed copy of the records"
	for path, want := range map[string]string{"/process/us.order.pentrap": trace, "/process/us.preservation": keeps,
		findPath("US", "us.order.pentrap", law.DRAS): trace, findPath("US", "us.preservation", law.PreserveOnly): keeps} {
		says(t, v.get(path), http.StatusOK, want)
	}
	says(t, v.get("/"), http.StatusOK, "signalling from the order on", "preservation only")
	seen := 0
	for _, pattern := range []string{"*.go", "pages/*.html", "../demand/*.go", "../words/*.go", "../../internal/lang/catalog/*.toml"} {
		files, err := filepath.Glob(pattern)
		must(t, err)
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			b, err := os.ReadFile(name)
			must(t, err)
			seen++
			for _, denial := range []string{"part of this service yet", "nothing is kept aside", "no forma parte de este servicio", "جزءًا من هذه الخدمة"} {
				if strings.Contains(strings.ToLower(string(b)), denial) {
					t.Errorf("%s says %q", name, denial)
				}
			}
		}
	}
	if seen < 50 {
		t.Errorf("only %d files were read", seen)
	}
}
