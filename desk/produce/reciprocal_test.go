package produce_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"letterlock/desk/produce"
)

// TestTheNoticeToTheGovernmentSays what 18 USC 3511(b)(1) lets a recipient say,
// and nothing of whom the letter is about or what is held.
func TestTheNoticeToTheGovernmentSays(t *testing.T) {
	c := newCast(t)
	in := produce.ReciprocalNotice{Provider: c.input(t).Provider, Agency: produce.Agency{Name: "Federal Bureau of Investigation", Officer: "Special Agent D. Moss"}, Case: "LL-2026-123456789012",
		Reference: "NSL-26-118", Issued: time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC), Received: time.Date(2026, 11, 23, 9, 5, 0, 0, time.UTC), Created: time.Date(2026, 11, 23, 9, 6, 0, 0, time.UTC), Days: 30}
	var b, again bytes.Buffer
	p := &produce.Packer{}
	must(t, p.Reciprocal(&b, in))
	must(t, p.Reciprocal(&again, in))
	if !bytes.Equal(b.Bytes(), again.Bytes()) {
		t.Error("the same notice is two files")
	}
	text := strings.Join(strings.Fields(printed(t, "notice.pdf", b.Bytes())), " ")
	for _, want := range []string{"Notice that we wish judicial review of the nondisclosure requirement", "LL-2026-123456789012", "NSL-26-118", "20 November 2026", "23 November 2026",
		"18 USC 2709", "18 USC 3511(b)(1)", "Within 30 days", "must apply to a court", "We observe the requirement while the review is pending", "three years after the start of the investigation and at its close",
		"Federal Bureau of Investigation", "Special Agent D. Moss", "Counsel for"} {
		if !strings.Contains(text, want) {
			t.Errorf("it does not say %q: %s", want, text)
		}
	}
	for _, never := range []string{"+1", "there is an account with", "Ana"} {
		if strings.Contains(text, never) {
			t.Errorf("it says %q", never)
		}
	}
}
