package account_test

import (
	"regexp"
	"testing"

	"letterlock/messenger/account"
)

var e164 = regexp.MustCompile(`^\+[1-9][0-9]{3,19}$`)

// FuzzPhone: a number is refused, or it is its own one form.
func FuzzPhone(f *testing.F) {
	for _, s := range []string{"+1 202 555 0142", "+44 20 7946 0123", "+491711234567", "tel:+1202", "+", "+1 202 555 0142 ext. 5", "+٣٤٦٠٠٠٠٠٠٠١", "+1\x00202"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		n, err := account.Phone(s)
		if err != nil {
			return
		}
		if again, err := account.Phone(n); err != nil || again != n || !e164.MatchString(n) {
			t.Fatalf("%q is %q, and that is %q: %v", s, n, again, err)
		}
	})
}
