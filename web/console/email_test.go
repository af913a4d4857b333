package console_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	"letterlock/desk/casefile"
	"letterlock/internal/testkit/browser"
)

// wires is a name service that knows one domain's servers.
type wires struct{}

func gone(name string) error {
	return &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
}

func (wires) LookupTXT(_ context.Context, name string) ([]string, error) {
	switch strings.TrimSuffix(name, ".") {
	case "sheriff.harbor.example":
		return []string{"v=spf1 ip4:203.0.113.0/28 -all"}, nil
	case "_dmarc.sheriff.harbor.example":
		return []string{"v=DMARC1; p=reject"}, nil
	}
	return nil, gone(name)
}
func (wires) LookupMX(_ context.Context, n string) ([]*net.MX, error)        { return nil, gone(n) }
func (wires) LookupIPAddr(_ context.Context, n string) ([]net.IPAddr, error) { return nil, gone(n) }
func (wires) LookupAddr(_ context.Context, n string) ([]string, error)       { return nil, gone(n) }

// eml is an e-mail file with an order and something that is none.
func eml(from, ip, id string, order []byte) []byte {
	return []byte("Return-Path: <" + from + ">\r\nReceived: from mail ([" + ip + "]) by mx.letterlock.example with ESMTPS; Mon, 23 Nov 2026 02:00:00 +0000\r\n" +
		"From: Olivia Reyes <" + from + ">\r\nTo: legal@letterlock.example\r\nSubject: Order HC-26-118\r\nMessage-ID: <" + id + ">\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\n" +
		"The order is attached. <b>Do not</b> tell the person.\r\n--x\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=order.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.StdEncoding.EncodeToString(order) +
		"\r\n--x\r\nContent-Type: application/octet-stream\r\nContent-Disposition: attachment; filename=invoice.exe\r\n\r\nMZ not a PDF\r\n--x--\r\n")
}

func (m *member) reads(raw []byte) *browser.Page {
	m.w.Helper()
	f, err := m.get("/papers/email").Form("Read the e-mail")
	m.w.ok(err)
	p, err := f.File("file", "order.eml", "message/rfc822", raw).Press("Read the e-mail")
	m.w.ok(err)
	return p
}

// fromEmail takes an e-mail through the existing steps to a case.
func (m *member) fromEmail(raw []byte) casefile.Number {
	m.w.Helper()
	p := m.press(m.reads(raw), "Go on to the details", "channel", "declared_mailbox", "process", "us.order.2703d")
	says(m.w.T, p, 200, "Harbor County")
	p = m.press(p, "Go on to the papers", "case_ref", "No. 1:26 MJ/00118", "issuing_body", "US District Court, D. Md.", "issuer_role", "magistrate", "targets", "+1 202 555 0142", "want_BSI", "name", "issued", "2026-11-20")
	says(m.w.T, p, 200, "order.pdf")
	p, err := p.Follow("Go on: check and file")
	m.w.ok(err)
	return casefile.Number(strings.TrimPrefix(m.press(p, "File it").URL.Path, "/cases/"))
}

func TestAnEmailBecomesACase(t *testing.T) {
	w := newWorld(t)
	order := pdf("the order")
	p := w.analyst.reads(eml("reyes@sheriff.harbor.example", "203.0.113.5", "a1@sheriff.harbor.example", order))
	says(t, p, 200, "reyes@sheriff.harbor.example", "Order HC-26-118", "<b>Do not</b> tell the person.", "taken over as a paper", "not taken", "invoice.exe", "not a PDF, whatever its name says", "may send for that domain", "pass", "It really comes from sheriff.harbor.example")
	if bytes.Contains(p.Body, []byte("<b>Do not</b>")) {
		t.Error("what the e-mail marks up is marked up here")
	}
	n := w.analyst.fromEmail(eml("reyes@sheriff.harbor.example", "203.0.113.5", "a2@sheriff.harbor.example", order))
	c := w.load(n)
	if c.Demand.Channel != "declared_mailbox" || c.Demand.Agency != w.harbor.ID || len(c.Demand.Papers) != 1 || c.Demand.Papers[0].What != "order" || c.Demand.Mail == nil || !c.Demand.Mail.Official {
		t.Fatalf("%+v", c.Demand)
	}
	for _, f := range c.Findings {
		if f.ID == "SND.MAIL_AUTH" || f.ID == "SND.DOMAIN" {
			t.Errorf("a proven sender raises %s", f.ID)
		}
	}
	says(t, w.lead.get(path(n)), 200, "by e-mail, to the mailbox that we declared", "The e-mail it came in", "It really comes from")
	for _, at := range []string{path(n) + "/email.eml", path(n) + "/papers/mail/read", "/blobs/" + string(c.Demand.Mail.Sum)} {
		if got := w.lead.post(at); got.Status != http.StatusNotFound || bytes.Contains(got.Body, []byte("Return-Path")) {
			t.Errorf("%s serves the e-mail's file: %d", at, got.Status)
		}
	}
	if _, err := w.desk.Files.Public.Blobs.Open(t.Context(), c.Demand.Mail.Sum); err != nil {
		t.Error("the file is not kept as a record:", err)
	}
}

func TestAForgedEmailIsHeldForAPerson(t *testing.T) {
	w := newWorld(t)
	p := w.analyst.reads(eml("reyes@sheriff.harb0r.example", "198.51.100.9", "f1@x", pdf("forged")))
	says(t, p, 200, "Look twice at who sent this", "sheriff.harb0r.example is not sheriff.harbor.example", "No agency of the directory has the domain")
	p = w.analyst.reads(eml("reyes@sheriff.harbor.example", "198.51.100.9", "f2@x", pdf("forged too")))
	says(t, p, 200, "fail", "asks not to trust such e-mail")
	n := w.analyst.fromEmail(eml("reyes@sheriff.harbor.example", "198.51.100.9", "f3@x", pdf("forged again")))
	held := fmt.Sprint(w.load(n).Findings)
	for _, id := range []string{"SND.MAIL_AUTH", "SND.DOMAIN"} {
		if !strings.Contains(held, id) {
			t.Errorf("%s is not raised: %s", id, held)
		}
	}
	says(t, w.analyst.reads([]byte("not an e-mail")), 400, "not an e-mail file")
	says(t, w.analyst.reads([]byte("From: a@x.test\r\nFrom: b@y.test\r\n\r\nx")), 400, "2 From lines")
}

// TestTheSameDemandByTwoWays: whatever two ways it comes by, the second is
// found, shown with a link, and never dropped.
func TestTheSameDemandByTwoWays(t *testing.T) {
	w := newWorld(t)
	first := w.file(w.order())
	n := w.analyst.fromEmail(eml("reyes@sheriff.harbor.example", "203.0.113.5", "d1@x", pdf("d1")))
	c := w.load(n)
	if c.Same != first || len(c.Twins) != 1 || c.Twins[0].How != casefile.TwinDemand {
		t.Fatalf("%v %v", c.Same, c.Twins)
	}
	says(t, w.lead.get(path(n)), 200, "Came before as", string(first), "the same demand")
	again := w.analyst.fromEmail(eml("reyes@sheriff.harbor.example", "203.0.113.5", "d1@x", pdf("d1")))
	how := fmt.Sprint(w.load(again).Twins)
	for _, k := range []casefile.TwinKind{casefile.TwinMessage, casefile.TwinFile, casefile.TwinDemand} {
		if !strings.Contains(how, string(k)) {
			t.Errorf("%s is not found: %s", k, how)
		}
	}
}

func TestAnAgencysSystemIsKeptOnThePages(t *testing.T) {
	w := newWorld(t)
	p := w.lead.press(w.lead.get("/systems"), "Enrol it and make its key", "name", "Records system", "officer", string(w.reyes.ID), "networks", "198.51.100.0/24", "days", "90", "why", "the agency asked for it")
	says(t, p, 200, "Copy it now", "llk_")
	i := bytes.Index(p.Body, []byte("llk_"))
	key := string(p.Body[i : i+65])
	if p.Header.Get("Cache-Control") != "no-store" {
		t.Error("a key may be cached")
	}
	all := must(w.desk.Agencies.Systems(t.Context()))(w)
	at := "/systems/" + string(all[0].ID)
	p = w.lead.get(at)
	says(t, p, 200, key[:12], "198.51.100.0/24", "Olivia Reyes")
	silent(t, p, key[13:])
	says(t, w.lead.press(w.lead.get(at), "Make the key", "days", "400", "overlap", "0", "why", "the first one was in a mail"), 400, "at most 366")
	says(t, w.lead.press(w.lead.get(at), "Make the key", "days", "30", "overlap", "0", "why", "the first one was in a mail"), 200, "Copy it now")
	says(t, w.lead.get("/systems"), 200, "expires")
	says(t, w.lead.press(w.lead.get(at), "End it", "reason", "replaced"), 200, "all its keys are dead")
	says(t, w.lead.get(at), 200, "ended", "replaced")
}
