package release_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	d "letterlock/disclosable"
	"letterlock/disclosable/door"
	"letterlock/internal/clock"
	"letterlock/internal/fault"
	"letterlock/internal/passkey"
	soft "letterlock/internal/testkit/passkey"
	"letterlock/law"
	"letterlock/web/release"
)

var (
	now  = time.Date(2026, 11, 23, 7, 30, 0, 0, time.UTC)
	here = passkey.Site{ID: "release.localhost", Origin: "http://release.localhost", Name: "Release", Demo: true}
)

// carrier is a Holdings in memory: it verifies passkeys for real and decides
// as simply as can be.
type carrier struct {
	clock  *clock.Manual
	keys   map[string]passkey.Key
	papers map[d.Hash]*door.Paper
	links  map[string]string
	acts   []string
	site   passkey.Site

	trained time.Time // everybody's training counts until then
}

func (c *carrier) list(ended bool) (out []door.Paper, err error) {
	for _, p := range c.papers {
		if (p.Used || p.Withdrawn || p.Refused != "") == ended {
			out = append(out, *p)
		}
	}
	return out, nil
}
func (c *carrier) Waiting(context.Context) ([]door.Paper, error) { return c.list(false) }
func (c *carrier) History(context.Context) ([]door.Paper, error) { return c.list(true) }
func (c *carrier) Paper(_ context.Context, h d.Hash) (door.Paper, error) {
	if p := c.papers[h]; p != nil {
		return *p, nil
	}
	return door.Paper{}, fault.New(fault.NotFound, "find", "no such grant")
}
func (c *carrier) Holders(context.Context) (out []door.Holder, err error) {
	for name, k := range c.keys {
		out = append(out, door.Holder{Name: name, ID: k.ID, Active: now.Add(-time.Hour), Demo: k.Demo})
	}
	slices.SortFunc(out, func(a, b door.Holder) int { return strings.Compare(a.Name, b.Name) })
	return out, nil
}
func (c *carrier) verify(ch []byte, a passkey.Assertion) (string, error) {
	for name, k := range c.keys {
		if slices.Equal(k.ID, a.KeyID) {
			after, err := c.site.Verify(k, ch, a)
			if err == nil {
				c.keys[name] = after
			}
			return name, err
		}
	}
	return "", fault.New(fault.Unauthenticated, "verify", "this passkey is not a release key")
}
func (c *carrier) Knows(_ context.Context, id []byte) (bool, error) {
	for _, k := range c.keys {
		if slices.Equal(k.ID, id) {
			return true, nil
		}
	}
	return false, nil
}
func (c *carrier) SignIn(_ context.Context, ch []byte, a passkey.Assertion) (string, error) {
	return c.verify(ch, a)
}
func (c *carrier) Sign(_ context.Context, h d.Hash, w door.Word, a passkey.Assertion) (door.Proposal, error) {
	if !w.NoTie {
		return door.Proposal{}, fault.New(fault.Forbidden, "sign", "say first that you have no tie")
	}
	p := c.papers[h]
	if p == nil {
		return door.Proposal{}, fault.New(fault.NotFound, "find", "no such grant")
	}
	name, err := c.verify(h[:], a)
	if err != nil {
		return door.Proposal{}, err
	}
	p.Signed = append(p.Signed, name)
	p.Marks = append(p.Marks, door.Mark{Holder: name, At: c.clock.Now(), Demo: true})
	c.acts = append(c.acts, "sign "+name)
	return p.Proposal, nil
}
func (c *carrier) DeclareTie(_ context.Context, who string, _ d.Hash, why string) error {
	c.acts = append(c.acts, "tie "+who+": "+why)
	return nil
}
func (c *carrier) Trained(context.Context, string) (time.Time, error) { return c.trained, nil }
func (c *carrier) Statement(_ context.Context, holder string, day, at time.Time) (door.Statement, error) {
	return door.Statement{Holder: holder, Day: day, At: at, Text: holder + " was trained on " + day.Format(time.DateOnly), Hash: [32]byte{7}}, nil
}
func (c *carrier) Train(_ context.Context, holder string, day, _ time.Time, a passkey.Assertion) error {
	_, err := c.verify(append([]byte{7}, make([]byte, 31)...), a)
	if err == nil {
		c.trained = day.AddDate(1, 0, 0)
		c.acts = append(c.acts, "train "+holder)
	}
	return err
}
func (c *carrier) Refuse(_ context.Context, who string, h d.Hash, reason string) error {
	if c.papers[h] == nil {
		return fault.New(fault.NotFound, "find", "no such grant")
	}
	c.papers[h].Refused, c.papers[h].RefusedBy = reason, who
	c.acts = append(c.acts, "refuse "+who)
	return nil
}
func (c *carrier) Link(_ context.Context, token string) (string, error) {
	if name := c.links[token]; name != "" {
		return name, nil
	}
	return "", fault.New(fault.Expired, "link", "this link was used")
}
func (c *carrier) Enrol(_ context.Context, token string, ch, answer []byte) (time.Time, error) {
	k, err := c.site.Register(ch, answer)
	if err != nil {
		return time.Time{}, err
	}
	c.keys[c.links[token]] = k
	delete(c.links, token)
	return c.clock.Now(), nil
}
func (c *carrier) Invite(_ context.Context, by, name string, _ bool) (string, error) {
	c.acts = append(c.acts, "invite "+name+" by "+by)
	return here.Origin + "/enrol/fresh", nil
}
func (c *carrier) Retire(_ context.Context, by string, id []byte) (d.Hash, error) {
	c.acts = append(c.acts, "retire by "+by)
	for h := range c.papers {
		return h, nil
	}
	return d.Hash{}, nil
}

// world is the site with one key holder and one waiting grant.
type world struct {
	*carrier
	t     *testing.T
	h     http.Handler
	grant d.Hash
	ada   *browser
}

// browser is one person's cookies and authenticator.
type browser struct {
	w    *world
	jar  map[string]string
	soft *soft.Authenticator
}

func newWorld(t *testing.T) *world {
	t.Helper()
	c := &carrier{trained: now.AddDate(0, 6, 0), site: here, clock: clock.NewManual(now), keys: map[string]passkey.Key{}, papers: map[d.Hash]*door.Paper{}, links: map[string]string{"first": "Ada Okafor"}}
	row, ok := law.Default().Row("us.order.2703d", now)
	if !ok {
		t.Fatal("no row")
	}
	g := d.Grant{Version: d.GrantVersion, Kind: d.Produce, Nonce: d.NewNonce(), Case: "LL-2026-000017", Process: "us.order.2703d", LawRow: d.Hash(row.Hash()), Agency: "Harbor County <b>Sheriff</b>",
		Officer: "Det. O. Reyes", Asked: "+15550100123", Account: d.Account{1, 2}, Fields: []d.FieldID{"last_seen", "name"}, Issued: now.Unix(), Expires: now.Add(72 * time.Hour).Unix(),
		Notice: d.NoticePlan{Timing: d.ToldAfter, Day: now.Unix(), Basis: "18 USC 2705(b)"}}
	b, err := g.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	w := &world{carrier: c, t: t, grant: d.GrantHash(b)}
	c.papers[w.grant] = &door.Paper{Proposal: door.Proposal{Hash: w.grant, Expires: g.Expires}, Grant: b, Proposed: now}
	w.h, err = release.New(release.Config{Holdings: c, Law: law.Default(), Site: here, Owner: "Example Messenger", Clock: c.clock})
	if err != nil {
		t.Fatal(err)
	}
	w.ada = w.visitor()
	p := w.ada.get("/enrol/first")
	w.ada.post("/enrol/first", url.Values{"answer": {w.ada.answer(p)}})
	w.ada.signIn()
	return w
}

func (w *world) visitor() *browser {
	return &browser{w: w, jar: map[string]string{}, soft: soft.NewDemo()}
}

func (b *browser) do(method, target string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(form.Encode()))
	if method == "POST" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for n, v := range b.jar {
		r.AddCookie(&http.Cookie{Name: n, Value: v})
	}
	rec := httptest.NewRecorder()
	b.w.h.ServeHTTP(rec, r)
	for _, c := range rec.Result().Cookies() {
		if b.jar[c.Name] = c.Value; c.MaxAge < 0 {
			delete(b.jar, c.Name)
		}
	}
	return rec
}

func (b *browser) get(target string) string { return b.do("GET", target, nil).Body.String() }
func (b *browser) post(target string, f url.Values) *httptest.ResponseRecorder {
	return b.do("POST", target, f)
}

var ceremony = regexp.MustCompile(`data-passkey="(\w+)" data-options="([^"]+)"`)

// answer does what passkey.js does with the page's ceremony.
func (b *browser) answer(page string) string {
	b.w.t.Helper()
	m := ceremony.FindStringSubmatch(page)
	if m == nil {
		b.w.t.Fatalf("no ceremony on the page:\n%s", page)
	}
	o := passkey.Options(strings.NewReplacer("&#34;", `"`, "&#43;", "+", "&amp;", "&").Replace(m[2]))
	f := b.soft.Get
	if m[1] == "create" {
		f = b.soft.Create
	}
	a, err := f(here.Origin, o)
	if err != nil {
		b.w.t.Fatal(err)
	}
	return string(a)
}

func (b *browser) signIn() {
	b.w.t.Helper()
	if r := b.post("/signin", url.Values{"answer": {b.answer(b.get("/"))}, "to": {"/grants"}}); r.Code != 303 || r.Header().Get("Location") != "/grants" {
		b.w.t.Fatalf("sign in: %d %s", r.Code, r.Body)
	}
}

func TestAGrantIsReadAndSigned(t *testing.T) {
	w := newWorld(t)
	list := w.ada.get("/grants")
	if !strings.Contains(list, "LL-2026-000017") || !strings.Contains(list, "+15550100123") {
		t.Fatal(list)
	}
	path := "/grants/" + w.grant.String()
	page := w.ada.get(path)
	for _, want := range []string{"Hand out records: &#43;15550100123", "01020000-0000", "Last seen date, Name", "us.order.2703d", "18 USC 2703(d)", "Det. O. Reyes", "usable once", "Not a time.",
		"&lt;b&gt;Sheriff", "the same text the desk decided by", w.grant.String(), "DEMO", "Nobody has signed yet"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if r := w.ada.post(path+"/sign", url.Values{"answer": {w.ada.answer(page)}, "no_tie": {"yes"}}); r.Code != 303 {
		t.Fatalf("sign: %d %s", r.Code, r.Body)
	}
	page = w.ada.get(path)
	if !strings.Contains(page, "Signed with a DEMO software key") || strings.Contains(page, "data-passkey") || !strings.Contains(page, "A second person must sign too") {
		t.Error("the signature does not show")
	}
}

func TestAGrantIsRefusedWithAReason(t *testing.T) {
	w := newWorld(t)
	path := "/grants/" + w.grant.String()
	if r := w.ada.post(path+"/refuse", url.Values{"reason": {" "}}); r.Code != 400 || !strings.Contains(r.Body.String(), "Say why you refuse") {
		t.Fatalf("%d", r.Code)
	}
	if r := w.ada.post(path+"/refuse", url.Values{"reason": {"The order is not signed"}}); r.Code != 303 {
		t.Fatalf("%d", r.Code)
	}
	if page := w.ada.get(path); !strings.Contains(page, "The order is not signed") || strings.Contains(page, "data-passkey") {
		t.Error("not shown as refused")
	}
	if page := w.ada.get("/history"); !strings.Contains(page, "refused") {
		t.Error("not in the history")
	}
}

func TestADisguisedGrantIsNotShown(t *testing.T) {
	w := newWorld(t)
	p := w.papers[w.grant]
	other := *p
	other.Grant = append(append([]byte{}, p.Grant...), 0)
	w.papers[w.grant] = &other
	if r := w.ada.do("GET", "/grants/"+w.grant.String(), nil); r.Code != 400 || strings.Contains(r.Body.String(), "data-passkey") {
		t.Fatalf("trailing byte: %d", r.Code)
	}
	g, _ := d.ParseGrant(p.Grant)
	g.Fields = []d.FieldID{"about", "blocks", "name"}
	other.Grant, _ = g.Bytes()
	if r := w.ada.do("GET", "/grants/"+w.grant.String(), nil); r.Code != 409 || strings.Contains(r.Body.String(), "data-passkey") {
		t.Fatalf("another grant under this address: %d", r.Code)
	}
}

func TestSigningIsForWhoeverIsSignedIn(t *testing.T) {
	w := newWorld(t)
	w.links["second"] = "Ben Ito"
	ben := w.visitor()
	ben.post("/enrol/second", url.Values{"answer": {ben.answer(ben.get("/enrol/second"))}})
	page := w.ada.get("/grants/" + w.grant.String())
	options := here.Get(w.grant[:])
	a, err := ben.soft.Get(here.Origin, options)
	if err != nil {
		t.Fatal(err)
	}
	if r := w.ada.post("/grants/"+w.grant.String()+"/sign", url.Values{"answer": {string(a)}, "no_tie": {"yes"}}); r.Code != 403 || len(w.papers[w.grant].Signed) != 0 {
		t.Fatalf("Ben's key signed in Ada's session: %d", r.Code)
	}
	// An answer given to the sign-in page signs no grant.
	w.ada.post("/signout", nil)
	signIn := w.ada.answer(w.ada.get("/"))
	w.ada.signIn()
	if r := w.ada.post("/grants/"+w.grant.String()+"/sign", url.Values{"answer": {signIn}, "no_tie": {"yes"}}); r.Code != 401 || len(w.papers[w.grant].Signed) != 0 {
		t.Fatalf("a sign-in signed a grant: %d", r.Code)
	}
	_ = page
}

func TestASignInAnswerWorksOnceAndInItsBrowser(t *testing.T) {
	w := newWorld(t)
	w.ada.post("/signout", nil)
	a := url.Values{"answer": {w.ada.answer(w.ada.get("/"))}}
	thief := w.visitor()
	if r := thief.post("/signin", a); r.Code == 303 {
		t.Fatal("an answer signed another browser in")
	}
	w.ada.signIn()
	w.ada.post("/signout", nil)
	if r := w.ada.post("/signin", a); r.Code == 303 {
		t.Fatal("an old answer signed in again")
	}
}

func TestALostKeyEndsItsSession(t *testing.T) {
	w := newWorld(t)
	delete(w.keys, "Ada Okafor")
	if r := w.ada.do("GET", "/grants", nil); r.Code != 403 || strings.Contains(r.Body.String(), "LL-2026") {
		t.Fatalf("%d", r.Code)
	}
}

func TestInvitingAndRetiring(t *testing.T) {
	w := newWorld(t)
	r := w.ada.post("/keys/invite", url.Values{"name": {"Chi Park"}})
	if r.Code != 200 || !strings.Contains(r.Body.String(), "/enrol/fresh") {
		t.Fatalf("%d %s", r.Code, r.Body)
	}
	id := regexp.MustCompile(`/keys/([0-9a-f]+)/retire`).FindStringSubmatch(w.ada.get("/keys"))
	if id == nil {
		t.Fatal("no key can be retired")
	}
	if r := w.ada.post(id[0], nil); r.Code != 303 || !slices.Contains(w.acts, "retire by Ada Okafor") {
		t.Fatalf("%d %v", r.Code, w.acts)
	}
}

// TestAuthorisation walks every route as every kind of visitor.
func TestAuthorisation(t *testing.T) {
	grant := func(w *world) string { return "/grants/" + w.grant.String() }
	secret := []string{"LL-2026-000017", "+15550100123", "&#43;15550100123", "Harbor County"}
	for _, c := range []struct {
		method, path     string
		stranger, holder int
		needsGrant       bool
	}{
		{"GET", "/", 200, 303, false},
		{"POST", "/signin", 400, 400, false},
		{"POST", "/signout", 303, 303, false},
		{"GET", "/enrol/unknown", 410, 410, false},
		{"POST", "/enrol/unknown", 410, 410, false},
		{"GET", "/grants", 303, 200, false},
		{"GET", "", 303, 200, true},
		{"POST", "/sign", 401, 400, true},
		{"POST", "/refuse", 401, 400, true},
		{"POST", "/tie", 401, 400, true},
		{"GET", "/training", 303, 200, false},
		{"POST", "/training", 401, 400, false},
		{"POST", "/training/sign", 401, 400, false},
		{"GET", "/history", 303, 200, false},
		{"GET", "/keys", 303, 200, false},
		{"POST", "/keys/invite", 401, 400, false},
		{"POST", "/keys/zz/retire", 401, 404, false},
		{"GET", "/grants/short", 303, 404, false},
		{"GET", "/nowhere", 404, 404, false},
	} {
		w := newWorld(t)
		path := c.path
		if c.needsGrant {
			path = grant(w) + c.path
		}
		r := w.visitor().do(c.method, path, url.Values{})
		if r.Code != c.stranger {
			t.Errorf("stranger %s %s: %d, want %d", c.method, c.path, r.Code, c.stranger)
		}
		for _, s := range secret {
			if strings.Contains(r.Body.String(), s) {
				t.Errorf("stranger %s %s reads %q", c.method, c.path, s)
			}
		}
		if csp := r.Header().Get("Content-Security-Policy"); !strings.Contains(csp, "frame-ancestors 'none'") || r.Header().Get("X-Frame-Options") != "DENY" {
			t.Errorf("%s %s may be framed", c.method, c.path)
		}
		if r := w.ada.do(c.method, path, url.Values{}); r.Code != c.holder {
			t.Errorf("holder %s %s: %d, want %d", c.method, c.path, r.Code, c.holder)
		}
		if len(w.acts) != 0 {
			t.Errorf("%s %s did something: %v", c.method, c.path, w.acts)
		}
	}
}

func TestAnotherSitesPageCannotAct(t *testing.T) {
	w := newWorld(t)
	for _, path := range []string{"/grants/" + w.grant.String() + "/refuse", "/keys/invite", "/signout"} {
		r := httptest.NewRequest("POST", path, strings.NewReader("reason=x&name=x"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-site")
		for n, v := range w.ada.jar {
			r.AddCookie(&http.Cookie{Name: n, Value: v})
		}
		rec := httptest.NewRecorder()
		w.h.ServeHTTP(rec, r)
		if rec.Code != 403 || len(w.acts) != 0 {
			t.Errorf("%s from the desk's page: %d %v", path, rec.Code, w.acts)
		}
	}
}

func TestSigningInLeadsOnlyToThisSite(t *testing.T) {
	w := newWorld(t)
	for _, to := range []string{"https://evil.test/", "//evil.test", "/\\evil.test", "/%2fevil.test/", "/%2Fevil.test", "/%5cevil.test", "/%09/evil.test", "/%2e%2e//evil.test", "javascript:alert(1)", ""} {
		w.ada.post("/signout", nil)
		r := w.ada.post("/signin", url.Values{"answer": {w.ada.answer(w.ada.get("/"))}, "to": {to}})
		if at, err := url.Parse(r.Header().Get("Location")); err != nil || at.Host != "" || strings.ContainsAny(at.String(), "\\\t") || strings.HasPrefix(at.Path, "//") {
			t.Errorf("%q leads to %q", to, r.Header().Get("Location"))
		}
	}
}
