package release_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	d "letterlock/disclosable"
	"letterlock/disclosable/door"
	"letterlock/law"
)

// list puts a grant for thirty accounts before the key holders, one of which
// does not exist.
func (w *world) list(k d.GrantKind) *door.Paper {
	w.t.Helper()
	row, _ := law.Default().Row("us.order.2703d", now)
	g := d.Grant{Version: d.GrantVersion, Kind: k, Nonce: d.NewNonce(), Case: "LL-2026-000018", Process: "us.order.2703d", LawRow: d.Hash(row.Hash()), Agency: "Harbor County",
		Officer: "Det. O. Reyes", Fields: []d.FieldID{"name"}, Issued: now.Unix(), Expires: now.Add(72 * time.Hour).Unix(), Notice: d.NoticePlan{Timing: d.ToldAfter, Day: now.Unix(), Basis: "18 USC 2705(b)"}}
	for i := range 30 {
		x := d.Listed{Asked: fmt.Sprintf("+1555010%04d", i), Account: d.Account{7, byte(i + 1)}}
		if i == 29 {
			x.Account = d.Account{}
		}
		g.List = append(g.List, x)
	}
	b, err := g.Bytes()
	if err != nil {
		w.t.Fatal(err)
	}
	p := &door.Paper{Proposal: door.Proposal{Hash: d.GrantHash(b), Expires: g.Expires, Counsel: true, Lacks: true}, Grant: b, Proposed: now}
	w.papers[p.Hash] = p
	return p
}

func (w *world) wants(page string, texts ...string) {
	w.t.Helper()
	for _, s := range texts {
		if !strings.Contains(page, s) {
			w.t.Errorf("the page does not say %q", s)
		}
	}
}

// TestAListIsReadAccountByAccount: who signs sees each account in its place,
// that counsel has to sign too, and later how far the parts have come.
func TestAListIsReadAccountByAccount(t *testing.T) {
	w := newWorld(t)
	p := w.list(d.Produce)
	at := "/grants/" + p.Hash.String()
	w.wants(w.ada.get("/grants"), "30 accounts", "not signed")
	page := w.ada.get(at)
	w.wants(page, "Every account of the list", "+15550100000", "+15550100028", "no such account", d.Account{7, 29}.String())
	if n := strings.Count(page, "+1555010"); n < 30 {
		t.Errorf("%d of 30 accounts are on the page", n)
	}
	if strings.Contains(page, "accounts handed out") {
		t.Error("an unsigned list is on its way")
	}
	for i, name := range []string{"Ada Okafor", "Ben Ito", "Chi Park"} {
		p.Signed = append(p.Signed, name)
		p.Lacks = i < 2
		w.wants(w.ada.get("/grants"), []string{"1 of three signatures, counsel&#39;s is missing", "2 of three signatures, counsel&#39;s is missing", "signed by three, counsel among them"}[i])
	}
	for _, done := range []int{0, 12, 30} { // parts come one after the other
		p.Done = done
		w.wants(w.ada.get(at), fmt.Sprintf("%d of 30 accounts handed out", done))
	}
	w.wants(w.ada.get("/grants"), "signed, under way")
	told := w.list(d.Notify)
	told.Signed, told.Lacks, told.Done = p.Signed, false, 29
	w.wants(w.ada.get("/grants/"+told.Hash.String()), "29 of 30 accounts told")
}
