package produce_test

import (
	"strings"
	"testing"

	"letterlock/desk/produce"
	"letterlock/desk/produce/bundle"
	"letterlock/internal/lang"
)

// TestATypedReasonIsMarkedInAnotherLanguage and one of the law table is not.
func TestATypedReasonIsMarkedInAnotherLanguage(t *testing.T) {
	c := newCast(t)
	for code, marks := range map[string]int{"en": 0, "es": 1} {
		in := c.input(t)
		in.Tongue = lang.Default().Tongue(code)
		in.Refused = []produce.Refusal{{What: lang.Say("Content of messages"), FindingID: "decline", Reason: "Typed by hand in haste."},
			{What: lang.Say("Content of messages"), FindingID: "TGT.NOT_FOUND", Reason: "no account of this service"}}
		got := strings.Join(strings.Fields(c.page(t, in, bundle.LetterName)), " ")
		if n := strings.Count(got, "propias palabras de quien lo examinó, en inglés"); n != marks || !strings.Contains(got, "Typed by hand") {
			t.Errorf("%s: %d reasons are marked, want %d:\n%s", code, n, marks, got)
		}
	}
}
