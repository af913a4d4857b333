package release_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	d "letterlock/disclosable"
	"letterlock/disclosable/door"
	"letterlock/internal/passkey"
	"letterlock/law"
	"letterlock/web/release"
)

// withSealed gives the site a second set of holders with one sealed grant, and
// returns the visitor who holds a key of it.
func (w *world) withSealed() (dana *browser, hash d.Hash) {
	w.t.Helper()
	c := &carrier{trained: now.AddDate(0, 6, 0), site: here, clock: w.clock, keys: map[string]passkey.Key{}, papers: map[d.Hash]*door.Paper{}, links: map[string]string{"vault": "Dana Moss"}}
	row, _ := law.Default().Row(law.NSL, now)
	g := d.Grant{Version: d.GrantVersion, Kind: d.Produce, Nonce: d.NewNonce(), Case: "LL-2026-123456789012", Process: string(law.NSL), LawRow: d.Hash(row.Hash()), Agency: "Bureau",
		Asked: "+15550100199", Account: d.Account{9}, Fields: []d.FieldID{"name", "service_start"}, Issued: now.Unix(), Expires: now.Add(72 * time.Hour).Unix(), Sealed: true,
		Notice: d.NoticePlan{Timing: d.ToldWithheld, Day: now.Unix(), Basis: "18 USC 2709(c)"}}
	b, err := g.Bytes()
	if err != nil {
		w.t.Fatal(err)
	}
	hash = d.GrantHash(b)
	c.papers[hash] = &door.Paper{Proposal: door.Proposal{Hash: hash, Expires: g.Expires}, Grant: b, Proposed: now}
	if w.h, err = release.New(release.Config{Holdings: w.carrier, Sealed: c, Law: law.Default(), Site: here, Owner: "Example Messenger", Clock: w.clock}); err != nil {
		w.t.Fatal(err)
	}
	w.ada.signIn()
	dana = w.visitor()
	dana.post("/enrol/vault", url.Values{"answer": {dana.answer(dana.get("/enrol/vault"))}})
	dana.signIn()
	return dana, hash
}

// TestSealedGrantsAreInvisibleToOtherHolders compares every page that an
// ordinary holder can reach with those of a site that has no sealed set at
// all, and a sealed grant's address with that of a grant that never was.
func TestSealedGrantsAreInvisibleToOtherHolders(t *testing.T) {
	w := newWorld(t)
	pages := []string{"/grants", "/history", "/keys", "/grants/" + w.grant.String()}
	before := map[string]string{}
	for _, p := range pages {
		before[p] = bare(w.ada.get(p))
	}
	dana, hash := w.withSealed()
	for _, p := range pages {
		if after := bare(w.ada.get(p)); after != before[p] {
			t.Errorf("%s tells of the sealed set:\n%s\n%s", p, before[p], after)
		}
	}
	for _, x := range []struct{ method, tail string }{{"GET", ""}, {"POST", "/sign"}, {"POST", "/refuse"}} {
		f := url.Values{"reason": {"no"}, "answer": {w.ada.answer(w.ada.get("/grants/" + w.grant.String()))}}
		real := w.ada.do(x.method, "/grants/"+hash.String()+x.tail, f)
		none := w.ada.do(x.method, "/grants/"+strings.Repeat("ab", 32)+x.tail, f)
		if real.Code != 404 || bare(real.Body.String()) != bare(none.Body.String()) {
			t.Errorf("%s %s: %d, %s", x.method, x.tail, real.Code, real.Body)
		}
	}
	if p := dana.get("/grants"); !strings.Contains(p, "LL-2026-123456789012") || strings.Contains(p, "LL-2026-000017") {
		t.Errorf("the cleared holder reads the wrong list: %s", p)
	}
	if p := dana.get("/keys"); !strings.Contains(p, "Dana Moss") || strings.Contains(p, "Ada Okafor") {
		t.Errorf("the cleared holder reads the wrong holders: %s", p)
	}
	path := "/grants/" + hash.String()
	if r := dana.post(path+"/sign", url.Values{"answer": {dana.answer(dana.get(path))}, "no_tie": {"yes"}}); r.Code != 303 {
		t.Errorf("a cleared holder cannot sign: %d %s", r.Code, r.Body)
	}
	if r := dana.do("GET", "/grants/"+w.grant.String(), nil); r.Code != 404 {
		t.Errorf("a cleared holder's session reads an ordinary grant: %d", r.Code)
	}
}

// bare is a page without what is drawn anew for each answer.
func bare(page string) string {
	for _, cut := range []string{`nonce="`, `name="csrf" value="`, "challenge&#34;:&#34;"} {
		for rest := page; ; {
			i := strings.Index(rest, cut)
			if i < 0 {
				break
			}
			rest = rest[i+len(cut):]
			end := strings.IndexAny(rest, `"&`)
			page = strings.ReplaceAll(page, rest[:end], "x")
			rest = rest[end:]
		}
	}
	return page
}
