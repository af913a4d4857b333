package email_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/emersion/go-msgauth/dkim"

	"letterlock/desk/casefile"
	"letterlock/desk/email"
	"letterlock/internal/fault"
	"letterlock/law"
)

// names is a name service with fixed answers; while cut off it answers nothing.
type names struct {
	txt map[string][]string
	cut bool
}

func (n names) LookupTXT(_ context.Context, name string) ([]string, error) {
	if n.cut {
		return nil, errors.New("network is unreachable")
	}
	if v, ok := n.txt[strings.TrimSuffix(name, ".")]; ok {
		return v, nil
	}
	return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

func (n names) LookupMX(context.Context, string) ([]*net.MX, error) {
	return nil, &net.DNSError{Err: "no such host", IsNotFound: true}
}

func (n names) LookupIPAddr(context.Context, string) ([]net.IPAddr, error) {
	return nil, &net.DNSError{Err: "no such host", IsNotFound: true}
}

func (n names) LookupAddr(context.Context, string) ([]string, error) {
	return nil, &net.DNSError{Err: "no such host", IsNotFound: true}
}

var key = ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, 32))

// world is the name service as the sheriff's domain has set it up.
func world() names {
	pub := base64.StdEncoding.EncodeToString(key.Public().(ed25519.PublicKey))
	return names{txt: map[string][]string{
		"s1._domainkey.sheriff.harbor.example": {"v=DKIM1; k=ed25519; p=" + pub}, "s1._domainkey.other.test": {"v=DKIM1; k=ed25519; p=" + pub},
		"_dmarc.sheriff.harbor.example": {"v=DMARC1; p=reject"}, "sheriff.harbor.example": {"v=spf1 ip4:203.0.113.0/28 -all"}, "other.test": {"v=spf1 ip4:203.0.113.0/28 -all"}}}
}

const plain = "From: \"Olivia Reyes\" <reyes@sheriff.harbor.example>\r\nTo: legal@letterlock.example\r\nSubject: Order HC-26-118\r\nDate: Mon, 23 Nov 2026 08:00:00 +0100\r\n" +
	"Message-ID: <a1@sheriff.harbor.example>\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nPlease find the order attached.\r\n"

// signed signs a message as a domain.
func signed(t testing.TB, msg, domain string) string {
	t.Helper()
	var b bytes.Buffer
	if err := dkim.Sign(&b, strings.NewReader(msg), &dkim.SignOptions{Domain: domain, Selector: "s1", Signer: crypto.Signer(key), HeaderKeys: []string{"From", "Subject", "To"}}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// arrived puts the lines of our own server above.
func arrived(msg, ip, sender string) string {
	return "Return-Path: <" + sender + ">\r\nReceived: from mail.sheriff.harbor.example (unknown [" + ip + "])\r\n\tby mx.letterlock.example (Postfix) with ESMTPS id 4\r\n\tfor <legal@letterlock.example>; Mon, 23 Nov 2026 07:00:01 +0000 (UTC)\r\n" + msg
}

func checker(n names) email.Checker {
	return email.Checker{Resolver: n, Relays: []string{"mx.letterlock.example", "imap.letterlock.example"}, Servers: []string{"mx.letterlock.example"}}
}

func read(t testing.TB, raw string, c email.Checker) email.Message {
	t.Helper()
	m, err := email.Read([]byte(raw))
	if err != nil {
		t.Fatal(err)
	}
	c.Check(context.Background(), []byte(raw), &m)
	return m
}

func TestWhatCanBeProvenOfASender(t *testing.T) {
	box := "reyes@sheriff.harbor.example"
	forged := strings.ReplaceAll(plain, "Please find", "Please pay and find")
	relayed := "Received: from mx.letterlock.example ([10.0.0.5]) by imap.letterlock.example with LMTP; Mon, 23 Nov 2026 07:00:02 +0000\r\n"
	cut := world()
	cut.cut = true
	for name, c := range map[string]struct {
		raw              string
		names            names
		dkim, spf, dmarc casefile.CheckResult
		auth             law.Tri
	}{
		"signed, from its own server":              {arrived(signed(t, plain, "sheriff.harbor.example"), "203.0.113.5", box), world(), "pass", "pass", "pass", law.Yes},
		"signed, server unknown to us":             {signed(t, plain, "sheriff.harbor.example"), world(), "pass", "unknown", "pass", law.Yes},
		"line ends changed by whoever saved it":    {strings.ReplaceAll(signed(t, plain, "sheriff.harbor.example"), "\r\n", "\n"), world(), "pass", "unknown", "pass", law.Yes},
		"changed after signing":                    {arrived(strings.Replace(signed(t, plain, "sheriff.harbor.example"), "Please find", "Please pay and find", 1), "198.51.100.1", box), world(), "fail", "fail", "fail", law.No},
		"signed by somebody else":                  {arrived(signed(t, plain, "other.test"), "203.0.113.5", "x@other.test"), world(), "pass", "pass", "fail", law.No},
		"not signed, from its own server":          {arrived(plain, "203.0.113.5", box), world(), "none", "pass", "pass", law.Yes},
		"not signed, from elsewhere":               {arrived(forged, "198.51.100.1", box), world(), "none", "fail", "fail", law.No},
		"nothing at all":                           {plain, world(), "none", "unknown", "unknown", law.NotKnown},
		"the name service is cut off":              {arrived(signed(t, plain, "sheriff.harbor.example"), "203.0.113.5", box), cut, "unknown", "unknown", "unknown", law.NotKnown},
		"through our inner server":                 {relayed + arrived(plain, "203.0.113.5", box)[len("Return-Path: <"+box+">\r\n"):], world(), "none", "unknown", "unknown", law.NotKnown},
		"through our inner server, with the path":  {"Return-Path: <" + box + ">\r\n" + relayed + arrived(plain, "203.0.113.5", box)[len("Return-Path: <"+box+">\r\n"):], world(), "none", "pass", "pass", law.Yes},
		"a line that the sender wrote himself":     {"Return-Path: <" + box + ">\r\nReceived: from a ([203.0.113.5]) by mx.evil.test; x\r\nReceived: from mail ([203.0.113.5]) by mx.letterlock.example; x\r\n" + plain, world(), "none", "unknown", "unknown", law.NotKnown},
		"a stranger who calls himself our server":  {"Return-Path: <" + box + ">\r\nReceived: from mx.letterlock.example ([198.51.100.1]) by mx.letterlock.example; x\r\nReceived: from mail ([203.0.113.5]) by mx.letterlock.example; x\r\n" + plain, world(), "none", "fail", "fail", law.No},
		"what our server saw on arrival":           {"Authentication-Results: mx.letterlock.example; spf=pass smtp.mailfrom=sheriff.harbor.example\r\n" + plain, world(), "none", "pass", "pass", law.Yes},
		"what another server claims to have seen":  {"Authentication-Results: mx.evil.test; spf=pass smtp.mailfrom=sheriff.harbor.example\r\n" + plain, world(), "none", "unknown", "unknown", law.NotKnown},
		"only the topmost note of our server goes": {"Authentication-Results: mx.letterlock.example; spf=fail smtp.mailfrom=evil.test\r\nAuthentication-Results: mx.letterlock.example; spf=pass smtp.mailfrom=sheriff.harbor.example\r\n" + plain, world(), "none", "fail", "fail", law.No},
	} {
		m := read(t, c.raw, checker(c.names))
		if m.DKIM.Result != c.dkim || m.SPF.Result != c.spf || m.DMARC.Result != c.dmarc || m.Auth != c.auth {
			t.Errorf("%s: dkim %s, spf %s, dmarc %s, together %v: %+v %+v %+v", name, m.DKIM.Result, m.SPF.Result, m.DMARC.Result, m.Auth, m.DKIM, m.SPF, m.DMARC)
		}
		for _, x := range []casefile.MailCheck{m.DKIM, m.SPF, m.DMARC} {
			if !strings.HasSuffix(strings.TrimSpace(x.Says), ".") && !strings.HasSuffix(x.Says, ").") {
				t.Errorf("%s: a check says nothing: %+v", name, x)
			}
		}
	}
}

func TestWithoutANameServiceNothingPasses(t *testing.T) {
	raw := arrived(signed(t, plain, "sheriff.harbor.example"), "203.0.113.5", "reyes@sheriff.harbor.example")
	c := checker(names{})
	c.Resolver = nil
	if m := read(t, raw, c); m.DKIM.Result != casefile.CheckUnknown || m.SPF.Result != casefile.CheckUnknown || m.DMARC.Result != casefile.CheckUnknown {
		t.Fatalf("%+v %+v %+v", m.DKIM, m.SPF, m.DMARC)
	}
}

// multipart wraps parts.
func multipart(kind string, parts ...string) string {
	return "Content-Type: multipart/" + kind + "; boundary=b" + fmt.Sprint(len(parts)) + kind + "\r\n\r\n--b" + fmt.Sprint(len(parts)) + kind + "\r\n" + strings.Join(parts, "\r\n--b"+fmt.Sprint(len(parts))+kind+"\r\n") + "\r\n--b" + fmt.Sprint(len(parts)) + kind + "--\r\n"
}

const heads = "From: reyes@sheriff.harbor.example\r\nTo: legal@letterlock.example\r\nSubject: =?utf-8?q?Verf=C3=BCgung?=\r\nMIME-Version: 1.0\r\n"

func TestTheTextIsPlainAndTheFilesAreNamed(t *testing.T) {
	pdf := "Content-Type: application/pdf; name=\"order.pdf\"\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\"order.pdf\"\r\n\r\n" + base64.StdEncoding.EncodeToString([]byte("%PDF-1.4 x"))
	exe := "Content-Type: application/octet-stream\r\nContent-Disposition: attachment; filename*=utf-8''l%C3%A4rm.exe\r\n\r\nMZ"
	web := "Content-Type: text/html\r\n\r\n<p>Hello <b>there</b></p><script>alert(1)</script>"
	m := read(t, heads+multipart("mixed", multipart("alternative", "Content-Type: text/plain; charset=iso-8859-1\r\n\r\nGr\xfc\xdfe\u202e", web), pdf, exe), checker(world()))
	if m.Text != "Grüße" && !strings.HasPrefix(m.Text, "Grüße") || strings.Contains(m.Text, "\u202e") || m.Subject != "Verfügung" {
		t.Errorf("%q %q", m.Text, m.Subject)
	}
	if len(m.Files) != 2 || m.Files[0].Name != "order.pdf" || string(m.Files[0].Body) != "%PDF-1.4 x" || m.Files[1].Name != "lärm.exe" {
		t.Errorf("%+v", m.Files)
	}
	m = read(t, heads+web, checker(world()))
	if strings.Contains(m.Text, "alert") || strings.Contains(m.Text, "<") || !strings.Contains(m.Text, "Hello there") || len(m.Notes) == 0 {
		t.Errorf("%q %q", m.Text, m.Notes)
	}
}

func TestAnEmailThatCannotBeReadSaysWhy(t *testing.T) {
	deep := "Content-Type: text/plain\r\n\r\nx"
	for i := range 12 {
		deep = multipart(fmt.Sprintf("x%d", i), deep)
	}
	wide := multipart("mixed", slices.Repeat([]string{"Content-Type: text/plain\r\n\r\nx"}, 80)...)
	files := multipart("mixed", slices.Repeat([]string{"Content-Disposition: attachment; filename=a\r\n\r\nx"}, 30)...)
	for name, raw := range map[string]string{"nothing": "", "not mail": "%PDF-1.4\nhello", "two senders": "From: b@evil.test\r\n" + plain, "a list of senders": "From: a@x.test, b@y.test\r\n\r\nx", "no sender": "To: a@x.test\r\n\r\nx",
		"no domain": "From: root\r\n\r\nx", "parts within parts": heads + deep, "too many parts": heads + wide, "too many files": heads + files} {
		_, err := email.Read([]byte(raw))
		if !fault.Is(err, fault.Invalid) || len(fault.Say(err)) < 30 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := email.Read(make([]byte, email.MaxFile+1)); !fault.Is(err, fault.TooLarge) {
		t.Error(err)
	}
}

var directory = []email.Known{{Name: "Harbor County Sheriff", Domains: []string{"sheriff.harbor.example", "harborcounty.gov"}}}

func TestADomainThatLooksOfficialIsSeen(t *testing.T) {
	for _, d := range []string{"sheriff.harb0r.example", "sheriff.harbour.example", "sheriff.habror.example", "sheriff-harbor.example", "sheriff.harbor.example.evil.test", "harborcounty.org", "harborcounty-gov.test",
		"xn--hrborcounty-xqj.gov", "hаrborcounty.gov", "harborcountv.gov", "harborcounty.gov.co"} {
		if len(email.Warnings(d, "", directory)) == 0 {
			t.Errorf("%s raises no warning", d)
		}
	}
	for _, d := range []string{"sheriff.harbor.example", "harborcounty.gov", "police.bay.example", "example.com", "gmail.com", "bund.de"} {
		if w := email.Warnings(d, "", directory); len(w) != 0 {
			t.Errorf("%s: %v", d, w)
		}
	}
	if len(email.Warnings("gmail.com", "reyes@harborcounty.gov", directory)) == 0 || len(email.Warnings("gmail.com", "Harbor County Sheriff", directory)) == 0 {
		t.Error("a name that is not the address's raises no warning")
	}
}

func FuzzRead(f *testing.F) {
	f.Add([]byte(plain))
	f.Add([]byte(heads + multipart("mixed", "Content-Type: text/html\r\n\r\n<p>x", "Content-Disposition: attachment; filename=a.pdf\r\n\r\n%PDF-")))
	f.Add([]byte(arrived(signed(f, plain, "sheriff.harbor.example"), "203.0.113.5", "reyes@sheriff.harbor.example")))
	f.Add([]byte("Authentication-Results: mx.letterlock.example; spf=pass smtp.mailfrom=a\r\nReceived: by\r\nFrom: a@b.c\r\n\r\n"))
	c := checker(names{cut: true})
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, err := email.Read(raw)
		if err != nil {
			if fault.KindOf(err) == fault.Internal {
				t.Fatal(err)
			}
			if m.From != "" && m.Text != "" {
				t.Fatal("an error and a message")
			}
			return
		}
		c.Check(context.Background(), raw, &m)
		for _, s := range []string{m.From, m.FromName, m.To, m.Subject, m.MessageID} {
			if !casefile.Plain(s, 400) {
				t.Fatalf("%q is not plain", s)
			}
		}
		if m.DKIM.Result == casefile.CheckPass || m.DMARC.Result == casefile.CheckPass && m.SPF.Result != casefile.CheckPass {
			t.Fatalf("without a name service something passes: %+v %+v", m.DKIM, m.DMARC)
		}
	})
}

func FuzzLookAlike(f *testing.F) {
	f.Add("sheriff.harb0r.example", "sheriff.harbor.example")
	f.Add("xn--80ak6aa92e.com", "apple.com")
	f.Fuzz(func(t *testing.T, a, b string) {
		if len(a) > 300 || len(b) > 300 {
			return
		}
		if email.LookAlike(b, b) {
			t.Fatalf("%q looks like itself", b)
		}
		email.LookAlike(a, b)
		for _, w := range email.Warnings(a, b, []email.Known{{Name: "Bay City Police", Domains: []string{b}}}) {
			if w == "" {
				t.Fatal("a warning without words")
			}
		}
	})
}
