package console_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"letterlock/desk"
	"letterlock/desk/agency"
	"letterlock/desk/casefile"
	"letterlock/desk/desktest"
	"letterlock/desk/email"
	"letterlock/desk/paper/picture"
	"letterlock/desk/produce"
	"letterlock/desk/staff"
	"letterlock/disclosable"
	"letterlock/internal/clock"
	"letterlock/internal/fault"
	"letterlock/internal/passkey"
	"letterlock/internal/testkit"
	"letterlock/internal/testkit/browser"
	"letterlock/internal/testkit/papers"
	soft "letterlock/internal/testkit/passkey"
	"letterlock/law"
	"letterlock/ledger"
	"letterlock/storage"
	"letterlock/storage/blob"
	"letterlock/storage/deskdb"
	"letterlock/transparency/room"
	"letterlock/web/console"
	"letterlock/web/kit"
)

var (
	begin = time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)
	ana   = desktest.Account{ID: disclosable.Account{0xa, 1}, Fields: map[disclosable.FieldID]string{"phone": "+12025550142", "name": "Ana Ruiz", "service_start": "2024-02-03",
		"last_seen": "2026-11-22", "last_ip": "203.0.113.7", "device_type": "terminal", "blocks": "", "about": "sailing"}}
)

const (
	policy    = "2026-1"
	reference = "HC-26-118"
)

// portalSite is where officers sign.
var portalSite = passkey.Site{ID: "portal.localhost", Origin: "https://portal.localhost", Name: "Portal"}

// world is the console over the whole desk, real databases and real ledgers,
// with a fake carrier behind the door.
type world struct {
	*testing.T
	dir      string
	url      string
	demo     bool
	clock    *clock.Manual
	desk     *desk.Desk
	door     *desktest.Door
	ledger   *deaf
	carrier  *ledger.Ledger
	mail     *outbox
	sessions kit.SessionStore
	site     passkey.Site

	lead, analyst, untrained, tied, counsel, cleared, gone *member
	custodian                                              *member // signs what waits; nil: nobody does
	harbor                                                 agency.Agency
	reyes                                                  agency.Officer
}

// member is a person of the team with a browser and a passkey.
type member struct {
	w    *world
	name string
	id   casefile.MemberID
	b    *browser.Browser
	pk   *soft.Authenticator
}

func (w *world) ok(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func must[T any](v T, err error) func(*world) T {
	return func(w *world) T {
		w.Helper()
		w.ok(err)
		return v
	}
}

type outbox struct{ sent []casefile.Mail }

func (o *outbox) Send(_ context.Context, m casefile.Mail) error {
	o.sent = append(o.sent, m)
	return nil
}

// deaf is a ledger whose disk is full while broken.
type deaf struct {
	*ledger.Ledger
	broken bool
}

func (d *deaf) Append(ctx context.Context, r ledger.Record) (ledger.Receipt, error) {
	if d.broken {
		return ledger.Receipt{}, fault.New(fault.Unavailable, "append", "the ledger cannot be written")
	}
	return d.Ledger.Append(ctx, r)
}

// kept joins the desk's sessions to the kit's.
type kept struct{ deskdb.Sessions }

func (k kept) PutSession(ctx context.Context, s kit.Session) error {
	return k.Sessions.PutSession(ctx, casefile.Session(s))
}

func (k kept) Session(ctx context.Context, t [32]byte) (kit.Session, error) {
	s, err := k.Sessions.Session(ctx, t)
	return kit.Session(s), err
}

func (w *world) openLedger(name string, sealed bool) *ledger.Ledger {
	w.Helper()
	s := ledger.Default("example.org/" + name)
	s.Sealed = sealed
	dir := filepath.Join(w.dir, "ledger-"+name)
	w.ok(ledger.Create(dir, s, w.clock, nil))
	l, err := ledger.Open(dir, ledger.Options{Clock: w.clock})
	w.ok(err)
	w.Cleanup(func() { l.Close() })
	return l
}

func (w *world) openDB(name string) *deskdb.DB {
	w.Helper()
	db, err := deskdb.Open(w.Context(), storage.Config{Database: filepath.Join(w.dir, name+".db")})
	w.ok(err)
	w.Cleanup(func() { db.Close() })
	return db
}

// empty is a console at its first start, with nobody in it.
func empty(t *testing.T, demo bool) *world {
	t.Helper()
	w := &world{T: t, dir: testkit.Dir(t), clock: clock.NewManual(begin), mail: &outbox{}, demo: demo}
	w.ledger, w.carrier = &deaf{Ledger: w.openLedger("desk", false)}, w.openLedger("carrier", false)
	w.ok(w.ledger.Trust(w.carrier.Keys()...))
	w.ok(w.carrier.Trust(w.ledger.Keys()...))
	vault := w.openLedger("desk-sealed", true)
	db, sealed := w.openDB("desk"), w.openDB("sealed")
	var err error
	w.door, err = desktest.New(w.clock, w.carrier, "Ines Okafor", "Miriam Adler", "Sefa Yilmaz")
	w.ok(err)
	w.door.Accounts["+12025550142"] = ana
	srv := httptest.NewUnstartedServer(nil)
	_, port, _ := strings.Cut(srv.Listener.Addr().String(), ":")
	w.url = "http://desk.localhost:" + port
	w.site = passkey.Site{ID: "desk.localhost", Origin: w.url, Name: "Response desk", Demo: demo}
	w.sessions = kept{deskdb.Sessions{DB: db, Site: "console"}}
	key := must(produce.NewSigningKey(bytes.NewReader(bytes.Repeat([]byte{7}, 64))))(w)
	link := func(token string) string { return w.url + "/enrol/" + token }
	w.desk = desk.New(desk.Config{Public: casefile.Shelf{Store: db, Blobs: must(blob.Open(filepath.Join(w.dir, "blobs")))(w)},
		Sealed: casefile.Shelf{Store: sealed, Blobs: must(blob.Open(filepath.Join(w.dir, "sealed-blobs")))(w)}, Agencies: db, Staff: db, Links: db, Marks: db, SealedMarks: sealed,
		Portal: deskdb.Sessions{DB: db, Site: "portal"}, Console: deskdb.Sessions{DB: db, Site: "console"}, Ledger: w.ledger, Vault: vault, Door: w.door,
		CarrierOrigin: "example.org/carrier", Clock: w.clock, Law: law.Default(), House: law.House{Entities: []string{"Example Messenger"}, Languages: []string{"en"}},
		Mail: w.mail, Inspector: picture.InProcess{}, MailTrust: email.Checker{Resolver: wires{}, Relays: []string{"mx.letterlock.example"}}, Pictures: picture.InProcess{}, Produce: &produce.Packer{Key: key, Spool: w.dir}, Provider: produce.Provider{Name: "Example Messenger", Contact: "desk@example.org"},
		Signer: produce.Signer{Name: "Sefa Yilmaz", Title: "Custodian of records"}, LedgerKeys: func() []string { return append(w.ledger.Keys(), w.carrier.Keys()...) },
		ConsoleSite: w.site, PortalLink: link, ConsoleLink: link, PortalSite: portalSite, Policy: policy, Demo: demo, Room: &room.Press{Dir: filepath.Join(w.dir, "room")}})
	h, err := console.New(console.Config{Desk: w.desk, Sessions: w.sessions, Site: w.site, Owner: "Example Messenger", Release: "http://release.localhost:1", Center: "http://localhost:1",
		Demo: demo, Clock: w.clock, Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	w.ok(err)
	srv.Config.Handler = h
	srv.Start()
	t.Cleanup(srv.Close)
	return w
}

// newWorld has the standing cast, enrolled through the pages.
func newWorld(t *testing.T) *world {
	t.Helper()
	w := empty(t, false)
	w.lead = w.stranger("Sefa Yilmaz")
	first := must(w.desk.Staff.FirstLink(t.Context()))(w)
	p := w.lead.press(w.lead.get(strings.TrimPrefix(first, w.url)), "Go on", "name", "Sefa Yilmaz")
	says(t, w.lead.ceremony(p), 200, "Welcome")
	w.lead.found()
	w.ok(w.desk.Staff.Train(t.Context(), w.lead.id, w.lead.id, policy, 95, "taught in the house"))
	w.analyst = w.join("Ines Okafor", true, false, staff.Analyst)
	w.untrained = w.join("Jonas Brandt", false, false, staff.Analyst)
	w.tied = w.join("Tomas Lind", true, false, staff.Analyst)
	w.counsel = w.join("Miriam Adler", true, false, staff.Counsel)
	w.cleared = w.join("Noor Haddad", true, true, staff.Analyst, staff.Counsel)
	w.gone = w.join("Nils Berg", true, false, staff.Analyst)
	w.harbor = must(w.desk.Agencies.AddAgency(t.Context(), casefile.Member(w.lead.id, w.lead.name), agency.Agency{Name: "Harbor County Sheriff", Country: "US",
		Domains: []string{"sheriff.harbor.example"}, Switchboard: "+1 202 555 0100", Source: "county directory", Sponsor: agency.Word{Why: "it is in the state register"}}))(w)
	w.ok(w.desk.Staff.Declare(t.Context(), w.tied.id, staff.Conflict{Agency: w.harbor.ID, Reason: "worked there until 2025"}))
	w.ok(w.desk.Staff.Leave(t.Context(), w.lead.id, w.gone.id, "another job"))
	w.enrolOfficer()
	w.pass(5 * time.Minute)
	return w
}

func (w *world) enrolOfficer() {
	w.Helper()
	d, ctx := w.desk, w.Context()
	w.ok(d.Agencies.Enrol(ctx, agency.Enrolment{Name: "Olivia Reyes", Rank: "Det.", Mailbox: "reyes@sheriff.harbor.example", Phone: "+12025550101"}))
	k := must(soft.New().Enrol(w.site, "reyes"))(w)
	w.reyes = must(d.Agencies.RegisterKey(ctx, w.token(), k))(w)
	w.ok(d.Agencies.Confirm(ctx, casefile.Member(w.analyst.id, w.analyst.name), w.reyes.ID, "called the switchboard"))
	w.ok(d.Agencies.Confirm(ctx, casefile.Member(w.lead.id, w.lead.name), w.reyes.ID, "called the switchboard again"))
	must(d.Agencies.AddKey(ctx, w.reyes.ID, must(soft.New().Enrol(w.site, "reyes"))(w)))(w)
}

func (w *world) token() string {
	w.Helper()
	_, after, ok := strings.Cut(w.mail.sent[len(w.mail.sent)-1].Text, w.url+"/enrol/")
	if !ok {
		w.Fatal("no link was sent")
	}
	return strings.Fields(after)[0]
}

func (w *world) stranger(name string) *member {
	return &member{w: w, name: name, b: browser.New(), pk: soft.New()}
}

// join invites a member and has them enrol through the page of their link.
func (w *world) join(name string, trained, cleared bool, roles ...staff.Role) *member {
	w.Helper()
	box := strings.ToLower(strings.Fields(name)[0]) + "@letterlock.example"
	must(w.desk.Staff.Invite(w.Context(), w.lead.id, staff.Invitation{Why: "the team needs them", Name: name, Mailbox: box, Roles: roles, Cleared: cleared}))(w)
	m := w.stranger(name)
	says(w.T, m.ceremony(m.get("/enrol/"+w.token())), 200, "Welcome", name)
	m.found()
	if trained {
		w.ok(w.desk.Staff.Train(w.Context(), w.lead.id, m.id, policy, 90, "taught in the house"))
	}
	return m
}

// found learns the member's id.
func (m *member) found() {
	m.w.Helper()
	for _, x := range must(m.w.desk.Staff.Members(m.w.Context()))(m.w) {
		if x.Name == m.name {
			m.id = x.ID
		}
	}
	if m.id == "" {
		m.w.Fatalf("%s is not in the team", m.name)
	}
}

func (m *member) get(path string) *browser.Page {
	m.w.Helper()
	return must(m.b.Get(m.w.url + path))(m.w)
}

// press fills the form that has the button, and presses it. Pairs are fields
// and values.
func (m *member) press(p *browser.Page, button string, pairs ...string) *browser.Page {
	m.w.Helper()
	f, err := p.Form(button)
	if err != nil {
		m.w.Fatal(err)
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		f.Set(pairs[i], pairs[i+1])
	}
	return must(f.Press(button))(m.w)
}

// ceremony answers the page's passkey form.
func (m *member) ceremony(p *browser.Page) *browser.Page {
	m.w.Helper()
	f, err := p.FormByAttr("data-passkey", "*")
	m.w.ok(err)
	sign := m.pk.Get
	if f.Attr("data-passkey") == "create" {
		sign = m.pk.Create
	}
	answer := must(sign(m.w.url, passkey.Options(f.Attr("data-options"))))(m.w)
	return must(f.Set("answer", string(answer)).Press(""))(m.w)
}

// form posts a form by hand, as somebody would who skips the page.
func (m *member) post(path string, pairs ...string) *browser.Page {
	m.w.Helper()
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return m.w.send(m.b.Client, "POST", path, v)
}

func (w *world) send(c *http.Client, method, path string, v url.Values) *browser.Page {
	w.Helper()
	req := must(http.NewRequestWithContext(w.Context(), method, w.url+path, strings.NewReader(v.Encode())))(w)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	still := *c
	still.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res := must(still.Do(req))(w)
	defer res.Body.Close()
	var b bytes.Buffer
	must(b.ReadFrom(res.Body))(w)
	return &browser.Page{Status: res.StatusCode, URL: req.URL, Header: res.Header, Body: b.Bytes()}
}

// says fails unless the page has the status and all of the texts.
func says(t *testing.T, p *browser.Page, status int, texts ...string) {
	t.Helper()
	if p.Status != status {
		t.Fatalf("%s answers %d, want %d: %s", p.URL, p.Status, status, p.Text())
	}
	for _, s := range texts {
		if !p.Has(s) {
			t.Fatalf("%s does not say %q: %s", p.URL, s, p.Text())
		}
	}
}

// silent fails if the page says any of the texts.
func silent(t *testing.T, p *browser.Page, texts ...string) {
	t.Helper()
	for _, s := range texts {
		if p.Has(s) {
			t.Errorf("%s says %q: %s", p.URL, s, p.Text())
		}
	}
}

// pass lets time go by in steps a running house would see.
func (w *world) pass(d time.Duration) {
	w.Helper()
	for end := w.clock.Now().Add(d); w.clock.Now().Before(end); {
		w.clock.Advance(min(9*time.Minute, end.Sub(w.clock.Now())))
		w.ledger.CheckClock(w.clock.Now())
		w.carrier.CheckClock(w.clock.Now())
	}
	w.ok(w.ledger.Tick(w.Context()))
	w.ok(w.carrier.Tick(w.Context()))
	w.ok(w.desk.Tick(w.Context()))
	w.certifies()
}

// order is a demand under 18 USC 2703(d) in which nothing is wrong.
func (w *world) order() casefile.Demand {
	now := w.clock.Now()
	return casefile.Demand{Process: "us.order.2703d", Reference: reference, CaseRef: "1:26-mj-00118", IssuingBody: "US District Court, D. Md.", IssuerRole: law.RoleMagistrate,
		Court: "US District Court, D. Md.", LegalBasis: "18 USC 2703(d)", Addressee: "Example Messenger", Signed: true, Language: "en", Issued: now.AddDate(0, 0, -3),
		From: now.AddDate(0, 0, -60), Until: now.AddDate(0, 0, -4), OfficerName: "Olivia Reyes", Phone: "+12025550101",
		Targets: []casefile.Target{{Kind: law.TargetPhone, Identifier: "+1 202 555 0142"}}, Wanted: []casefile.Item{"name", "last_ip", "service_start", "CONTENT"},
		Answers: map[string]string{"judge": "Hon. A. Stone", "specific_and_articulable_facts_finding": "yes"}}
}

// file sends a demand with a paper through the services of the portal.
func (w *world) file(d casefile.Demand) casefile.Number {
	w.Helper()
	by := w.reyes.Actor()
	dr := must(w.desk.Intake.Start(w.Context(), w.reyes.ID, d.Process))(w)
	must(w.desk.Intake.Save(w.Context(), by, dr.ID, d))(w)
	must(w.desk.Intake.AddPaper(w.Context(), by, dr.ID, "order.pdf", "order", bytes.NewReader(pdf(d.Reference+casefile.NewID()))))(w)
	return must(w.desk.Intake.File(w.Context(), by, dr.ID))(w)
}

func (w *world) load(n casefile.Number) casefile.Case {
	w.Helper()
	return must(w.desk.Files.Load(w.Context(), n))(w)
}

// approve is counsel's approval of a row, given on the page.
func (w *world) approve(id law.ProcessID) {
	w.Helper()
	row, ok := law.Default().Row(id, w.clock.Now())
	if !ok || row.Certainty != law.Known {
		return
	}
	says(w.T, w.counsel.press(w.counsel.get("/law/row/"+string(id)), "Approve this row", "why", "read against the official code today"), 200, "Approved as it reads now")
}

// token of a session that a test plants.
func (w *world) plant(who string) *http.Cookie {
	w.Helper()
	raw := sha256.Sum256([]byte("planted " + who))
	w.ok(w.sessions.PutSession(w.Context(), kit.Session{Token: sha256.Sum256(raw[:]), Who: who, Begun: w.clock.Now(), Seen: w.clock.Now()}))
	return &http.Cookie{Name: "console-session", Value: base64.RawURLEncoding.EncodeToString(raw[:]), Path: "/"}
}

// planted is a browser with such a session.
func (w *world) planted(who string) *member {
	w.Helper()
	m := w.stranger(who)
	m.b.Client.Jar.SetCookies(must(url.Parse(w.url))(w), []*http.Cookie{w.plant(who)})
	return m
}

// pdf is a small, whole PDF with one page.
func pdf(text string) []byte { return papers.Saying(text).Bytes() }

// passkey is a key that nobody in the test holds.
func (w *world) passkey(name string) passkey.Key {
	w.Helper()
	return must(soft.New().Enrol(w.site, name))(w)
}
