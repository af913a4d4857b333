package email_test

import (
	"context"
	"net"
	"strings"
	"testing"

	"letterlock/desk/casefile"
	"letterlock/desk/email"
)

// every is a name service in which every name has the same records, written by
// whoever sent the e-mail.
type every struct{ names }

func (e every) LookupTXT(context.Context, string) ([]string, error) { return e.txt["*"], nil }
func (e every) LookupMX(context.Context, string) ([]*net.MX, error) {
	return []*net.MX{{Host: "mx.attacker.test"}}, nil
}

// FuzzDKIM: whatever the sender writes into a signature and into the records of
// their own domain, the checks end, and a signature that is not over this
// message never passes.
func FuzzDKIM(f *testing.F) {
	good := signed(f, plain, "sheriff.harbor.example")
	head, _, _ := strings.Cut(good, "\r\nFrom:")
	key := world().txt["s1._domainkey.sheriff.harbor.example"][0]
	f.Add(head, key, "v=DMARC1; p=reject")
	f.Add("DKIM-Signature: v=1; a=rsa-sha256; d=a.test; s=s; h=from; bh=; b=; l=0", "v=DKIM1; p=", "v=spf1 include:a.test redirect=a.test")
	f.Add("DKIM-Signature: v=1; a=ed25519-sha256; d=.; s=.; h=; bh=AA==; b=AA==", "k=rsa; p=AAAA", "v=spf1 exists:%{i}.%{d2} -all")
	forged := strings.ReplaceAll(plain, "Please find", "Please pay and find")
	f.Fuzz(func(t *testing.T, signature, record, policy string) {
		if strings.Contains(strings.ToLower(signature), "\nfrom:") {
			return // another message
		}
		raw := arrived(strings.TrimRight(signature, "\r\n")+"\r\n"+forged, "203.0.113.5", "reyes@sheriff.harbor.example")
		m, err := email.Read([]byte(raw))
		if err != nil {
			return
		}
		c := checker(names{})
		c.Resolver = every{names{txt: map[string][]string{"*": {record, policy}}}}
		c.Check(t.Context(), []byte(raw), &m)
		if m.DKIM.Result == casefile.CheckPass && record == key {
			t.Fatalf("a signature over another message passes: %+v", m.DKIM)
		}
		for _, r := range []casefile.MailCheck{m.SPF, m.DKIM, m.DMARC} {
			if !casefile.Plain(r.Domain, 400) {
				t.Fatalf("%q is not plain", r.Domain)
			}
		}
	})
}
