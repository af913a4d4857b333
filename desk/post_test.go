package desk_test

import (
	"strings"
	"testing"

	"letterlock/desk/agency"
)

// TestMailsToOfficersAreInTheirLanguage enrols officers who read three
// languages, and looks at what leaves for their mailboxes.
func TestMailsToOfficersAreInTheirLanguage(t *testing.T) {
	w := newWorld(t)
	for code, want := range map[string][]string{
		"es": {"Confirme su buzón", "Abra este enlace", "Si no lo ha pedido"},
		"ar": {"أكّد بريدك", "افتح هذا الرابط", "إن لم تطلب ذلك"},
		"en": {"Confirm your mailbox", "Open this link", "If you did not ask for this"},
		"xx": {"Confirm your mailbox", "Open this link", "If you did not ask for this"},
	} {
		to := code + "@sheriff.harbor.example"
		w.ok(w.desk.Agencies.Enrol(w.ctx, agency.Enrolment{Name: "Officer " + code, Mailbox: to, Language: code}))
		m := w.mail.last(w, to)
		for _, s := range want {
			if !strings.Contains(m.Subject+"\n"+m.Text, s) {
				t.Errorf("%s: the mail does not say %q: %s\n%s", code, s, m.Subject, m.Text)
			}
		}
		o := must(w.desk.Agencies.RegisterKey(w.ctx, w.mail.token(w, to), w.key()))(w)
		if code != "xx" && o.Language != code || code == "xx" && o.Language != "" {
			t.Errorf("%s: the language kept is %q", code, o.Language)
		}
		w.ok(w.desk.Agencies.SetLanguage(w.ctx, o.ID, "es"))
		_, err := w.desk.Agencies.AddKey(w.ctx, o.ID, w.key())
		w.ok(err)
		if m := w.mail.last(w, to); m.Subject != "Se añadió una clave de acceso" {
			t.Errorf("%s: after Spanish was chosen the mail is %q", code, m.Subject)
		}
	}
}
