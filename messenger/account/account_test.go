package account_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"letterlock/messenger/account"
)

func TestTheSecretNeverPrints(t *testing.T) {
	raw := []byte("0123456789abcdef0123456789ABCDEF")
	s, err := account.NewSecret(raw)
	if err != nil {
		t.Fatal(err)
	}
	j, _ := json.Marshal(struct{ S account.Secret }{s})
	out := fmt.Sprintf("%v %+v %#v %s %x %q %s", s, s, s, s, s, s, j)
	for _, leak := range []string{string(raw[:8]), fmt.Sprintf("%x", raw[:8]), strings.Trim(fmt.Sprint(raw[:6]), "[]")} {
		if strings.Contains(out, leak) {
			t.Errorf("%q is in %s", leak, out)
		}
	}
	if _, err := account.NewSecret(bytes.Repeat([]byte{1}, 31)); err == nil {
		t.Error("a short secret was taken")
	}
}

func TestNumbersAreReadWithTheirCountryOnly(t *testing.T) {
	for in, want := range map[string]string{"+1 415 555 0123": "+14155550123", " +49 (30) 1234567 ": "+49301234567", "+44 20 7946 0018": "+442079460018"} {
		if got, err := account.Phone(in); err != nil || got != want {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
	for _, bad := range []string{"", "+", "4155550123", "0049301234567", "+1", "+999999999999999999999", "tel:+14155550123", strings.Repeat("+1", 40)} {
		if got, err := account.Phone(bad); err == nil {
			t.Errorf("%q read as %q", bad, got)
		}
	}
}
