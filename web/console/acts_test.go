package console_test

import (
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"letterlock/desk"
	"letterlock/desk/casefile"
	"letterlock/desk/staff"
	"letterlock/internal/testkit/browser"
	"letterlock/ledger/proof"
)

// forbidden are the names, numbers and texts of a world that an auditor sees none of.
func (w *world) forbidden(n ...casefile.Number) []string {
	w.Helper()
	out := []string{"Olivia", "Reyes", "reyes", "sheriff.harbor", "Harbor County", "2025550142", "202 555 0142", "2025550101", reference, "00118", "Ana Ruiz", "A. Stone", "the order reaches it", "called the switchboard",
		"worked there until 2025", "another job", "us.order.2703d", "2703(d)", "checked against the paper", "D. Md.", "203.0.113", "LL-20"}
	for _, m := range must(w.desk.Staff.Members(w.Context()))(w) {
		out = append(out, string(m.ID), m.Mailbox)
		if m.Name != "Ada Auditor" {
			out = append(out, m.Name)
		}
	}
	for _, x := range n {
		c := w.load(x)
		out = append(out, string(x), string(c.Demand.Agency), string(c.Demand.Officer))
		for _, p := range c.Demand.Papers {
			out = append(out, string(p.ID), string(p.Sum), p.Name)
		}
	}
	return out
}

func TestAnAuditorSeesActsAndHashesAndNobody(t *testing.T) {
	w := newWorld(t)
	a := w.join("Ada Auditor", true, false, staff.Auditor)
	w.approve("us.order.2703d")
	n := w.file(w.order())
	w.analyst.study(n)
	w.analyst.press(w.analyst.decideAll(n), "Propose the grants")
	w.ok(w.door.SignAll("Ines Okafor", "Sefa Yilmaz"))
	w.pass(10 * 60e9)
	public := w.ledger.Last()
	sealed := w.workSealed(t, "NSL-7")
	if w.ledger.Last()-public > 2 { // a draw of the day, at most: nothing of the matter
		t.Errorf("%d records of a sealed matter are in the ordinary ledger", w.ledger.Last()-public)
	}
	secrets := w.forbidden(n, sealed)
	seen, acts := 0, ""
	for at := "/acts"; at != ""; {
		p := a.get(at)
		says(t, p, 200, "Acts, the newest first")
		w.holdsNone(p, secrets)
		acts += string(p.Body)
		at = ""
		for _, l := range p.Links("") {
			if strings.HasSuffix(l, "/proof.json") {
				seen++
				w.proves(a, strings.TrimPrefix(l, w.url), secrets)
			} else if strings.Contains(l, "before=") {
				at = strings.TrimPrefix(l, w.url)
			}
		}
	}
	if seen < 20 {
		t.Errorf("%d acts could be proved", seen)
	}
	for _, kind := range []string{"case.filed", "case.decided", "case.assigned.no-tie", "member.invited", "member.trained"} {
		if !strings.Contains(acts, ">"+kind+"<") {
			t.Errorf("no act of the kind %s", kind)
		}
	}
	p := a.get("/acts?kind=case.decided&from=2026-11-01&until=2026-11-30")
	says(t, p, 200, "case.decided")
	silent(t, p, "case.filed", "member.invited")
	says(t, a.get("/acts?until=2026-11-01"), 200, "No act fits")
	says(t, a.get("/acts?from=2027-01-01"), 200, "No act fits")
	says(t, a.get("/acts?from=soon"), 400, "year-month-day")
	says(t, a.get("/acts/999999/proof.json"), 404)
	for _, at := range []string{"/cases/" + string(n), "/cases/LL-2026-999999"} {
		if p := a.get(at); p.Status == 200 || p.Has(reference) {
			t.Errorf("%s answers an auditor %d", at, p.Status)
		}
	}
	says(t, w.lead.get("/acts"), 403, "your role may not")
	var names []string
	for _, m := range must(w.desk.Staff.Members(t.Context()))(w) {
		if m.Name != a.name {
			names = append(names, m.Name, m.Mailbox, string(m.ID))
		}
	}
	for _, at := range []string{"/law", "/law/row/us.order.2703d", "/law/lists", "/clock", "/training", "/training/course/deciding", "/training/course/privacy"} {
		w.holdsNone(a.get(at), append(names, "Olivia", reference, string(n), string(sealed)))
	}
}

// holdsNone fails if a page holds any of the texts, in a byte or a header.
func (w *world) holdsNone(p *browser.Page, secrets []string) {
	w.Helper()
	for _, s := range secrets {
		if s != "" && strings.Contains(string(p.Body), s) {
			w.Errorf("%s says %q", p.URL, s)
		}
	}
}

// proves checks a proof from its own bytes and the ledger's keys.
func (w *world) proves(a *member, at string, secrets []string) {
	w.Helper()
	p := a.get(at)
	says(w.T, p, 200)
	w.holdsNone(p, secrets)
	var x desk.AuditProof
	w.ok(json.Unmarshal(p.Body, &x))
	s := must(proof.OpenCheckpoint([]byte(x.Checkpoint), must(proof.ParseKeys(w.ledger.Keys()...))(w)))(w)
	var leaf proof.Leaf
	copy(leaf[:], must(hex.DecodeString(x.Leaf))(w))
	var path tlog.RecordProof
	for _, h := range x.Path {
		path = append(path, tlog.Hash(must(hex.DecodeString(h))(w)))
	}
	w.ok(tlog.CheckRecord(path, s.Size, s.Root, x.Index, leaf.Node()))
	leaf[0] ^= 1
	if tlog.CheckRecord(path, s.Size, s.Root, x.Index, leaf.Node()) == nil {
		w.Error("the proof holds for another record")
	}
}
