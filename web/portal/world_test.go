package portal_test

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"letterlock/desk"
	"letterlock/desk/agency"
	"letterlock/desk/casefile"
	"letterlock/desk/emergency"
	"letterlock/desk/intake"
	"letterlock/desk/paper/picture"
	"letterlock/internal/clock"
	"letterlock/internal/fault"
	"letterlock/internal/passkey"
	"letterlock/internal/testkit"
	"letterlock/internal/testkit/browser"
	"letterlock/internal/testkit/papers"
	soft "letterlock/internal/testkit/passkey"
	"letterlock/law"
	"letterlock/storage"
	"letterlock/storage/blob"
	"letterlock/storage/deskdb"
	"letterlock/web/kit"
	"letterlock/web/portal"
)

// world is the portal over the real services and a real database.
type world struct {
	t       *testing.T
	url     string
	clock   *clock.Manual
	agency  *agency.Service
	intake  *intake.Service
	files   *casefile.Files
	urgent  *emergency.Service
	store   kit.SessionStore
	mail    *mailbox
	ledger  *ledger
	keys    map[casefile.OfficerID]*soft.Authenticator
	harbor  agency.Agency
	signing passkey.Site
	counsel []law.Approval // what counsel approved
}

var begin = time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)

var lead = casefile.Member("m1", "Ines Duarte")

func newWorld(t *testing.T, demo bool) *world {
	t.Helper()
	dir := testkit.Dir(t)
	db, err := deskdb.Open(t.Context(), storage.Config{Database: filepath.Join(dir, "desk.db")})
	must(t, err)
	sealed, err := deskdb.Open(t.Context(), storage.Config{Database: filepath.Join(dir, "sealed.db")})
	must(t, err)
	t.Cleanup(func() { db.Close(); sealed.Close() })
	w := &world{t: t, clock: clock.NewManual(begin), mail: &mailbox{}, ledger: &ledger{}, keys: map[casefile.OfficerID]*soft.Authenticator{}}
	w.files = &casefile.Files{Public: casefile.Shelf{Store: db, Blobs: folder(t, dir, "public")}, Sealed: casefile.Shelf{Store: sealed, Blobs: folder(t, dir, "sealed")}, Ledger: w.ledger, Clock: w.clock}
	srv := httptest.NewUnstartedServer(nil)
	_, port, _ := strings.Cut(srv.Listener.Addr().String(), ":")
	w.url = "http://portal.localhost:" + port
	sessions := deskdb.Sessions{DB: db, Site: "portal"}
	w.store = kept{sessions}
	w.agency = &agency.Service{Store: db, Links: casefile.Links{Store: db, Clock: w.clock, Kind: "officer", Life: agency.LinkLife}, Mail: w.mail, Sessions: sessions,
		Acts: casefile.Acts{Ledger: w.ledger, Clock: w.clock}, URL: func(token string) string { return w.url + "/link/" + token }, Demo: demo, Team: anybody{}}
	w.intake = &intake.Service{Files: w.files, Directory: directory{w.agency}, Team: nobody{}, Inspector: picture.InProcess{}, Law: law.Default(),
		House: law.House{Entities: []string{"Example Messenger Inc."}, Languages: []string{"en"}}}
	w.urgent = &emergency.Service{Files: w.files, Directory: desk.Signers(w.agency), Team: nil, Mail: w.mail, Log: slog.New(slog.NewTextHandler(t.Output(), nil))}
	w.signing = passkey.Site{ID: "portal.localhost", Origin: w.url, Name: "Portal", Demo: demo}
	w.urgent.Site = w.signing
	h, err := portal.New(portal.Config{Owner: "Example Messenger", Contact: "Response team, +1 202 555 0100, at any hour", Center: "http://localhost:1", Agency: w.agency, Intake: w.intake, Urgent: w.urgent,
		Law: law.Default(), Approvals: func(context.Context) (law.Approvals, error) { return law.Approvals{Counsel: w.counsel}, nil }, Sessions: w.store, Site: w.signing, Opener: fstest.MapFS{"verify.html": {Data: []byte("<!doctype html><title>Check</title>")}}, Demo: demo, Clock: w.clock,
		Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	must(t, err)
	srv.Config.Handler = h
	srv.Start()
	t.Cleanup(srv.Close)
	w.harbor, err = w.agency.AddAgency(t.Context(), lead, agency.Agency{Name: "Harbor County Sheriff", Country: "US", Domains: []string{"sheriff.harbor.example"}, Switchboard: "+1 202 555 0111", Source: "the county's site", Sponsor: agency.Word{Why: "it is in the state register"}})
	must(t, err)
	return w
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func folder(t *testing.T, dir, name string) *blob.Folder {
	t.Helper()
	b, err := blob.Open(filepath.Join(dir, name))
	must(t, err)
	return b
}

// kept joins the desk's sessions to the kit's.
type kept struct{ s casefile.Sessions }

func (k kept) PutSession(ctx context.Context, s kit.Session) error {
	return k.s.PutSession(ctx, casefile.Session(s))
}
func (k kept) Session(ctx context.Context, t [32]byte) (kit.Session, error) {
	s, err := k.s.Session(ctx, t)
	return kit.Session(s), err
}
func (k kept) SeeSession(ctx context.Context, t [32]byte, at time.Time) error {
	return k.s.SeeSession(ctx, t, at)
}
func (k kept) DropSession(ctx context.Context, t [32]byte) error  { return k.s.DropSession(ctx, t) }
func (k kept) DropSessions(ctx context.Context, who string) error { return k.s.DropSessions(ctx, who) }

// directory tells intake who sends.
type directory struct{ s *agency.Service }

func (d directory) Sender(ctx context.Context, id casefile.OfficerID) (intake.Sender, error) {
	o, err := d.s.Active(ctx, id)
	if err != nil {
		return intake.Sender{}, err
	}
	a, err := d.s.Agency(ctx, o.Agency)
	return intake.Sender{Actor: o.Actor(), Agency: a.ID, AgencyName: a.Name, Country: a.Country, Mailbox: o.Mailbox, Phone: o.Phone, Since: o.Since,
		Role: o.Role, Unready: o.MaySend(d.s.Acts.Clock.Now())}, err
}

func (d directory) Agency(ctx context.Context, id casefile.AgencyID) (string, law.Jurisdiction, error) {
	a, err := d.s.Agency(ctx, id)
	return a.Name, a.Country, err
}

// nobody is a team without members: the portal needs none.
type nobody struct{}

func (nobody) May(context.Context, casefile.MemberID, casefile.Permission, casefile.Number) (casefile.Actor, error) {
	return casefile.Actor{}, fault.New(fault.Forbidden, "touch", "no")
}
func (nobody) MaySeal(context.Context, casefile.MemberID) (bool, error) { return false, nil }

// anybody is a team whose every member keeps the directory.
type anybody struct{}

func (anybody) May(_ context.Context, id casefile.MemberID, _ casefile.Permission, _ casefile.Number) (casefile.Actor, error) {
	return casefile.Member(id, string(id)), nil
}

// mailbox keeps what was sent.
type mailbox struct{ all []casefile.Mail }

func (m *mailbox) Send(_ context.Context, x casefile.Mail) error {
	m.all = append(m.all, x)
	return nil
}

// ledger keeps records, or refuses them.
type ledger struct {
	kinds []string
	full  bool
}

func (l *ledger) Keep(_ context.Context, r casefile.Record) ([]byte, error) {
	if l.full {
		return nil, fault.New(fault.Unavailable, "keep", "the ledger is full")
	}
	l.kinds = append(l.kinds, r.Kind)
	return []byte("receipt"), nil
}
func (l *ledger) Journal(r casefile.Record) { l.kinds = append(l.kinds, r.Kind) }

// visitor is a person with a browser and a passkey.
type visitor struct {
	w  *world
	b  *browser.Browser
	pk *soft.Authenticator
}

func (w *world) visitor() *visitor { return &visitor{w, browser.New(), soft.New()} }

func (v *visitor) get(path string) *browser.Page {
	v.w.t.Helper()
	p, err := v.b.Get(v.w.url + path)
	must(v.w.t, err)
	return p
}

func (v *visitor) form(p *browser.Page, button string) *browser.Form {
	v.w.t.Helper()
	f, err := p.Form(button)
	must(v.w.t, err)
	return f
}

func (v *visitor) press(f *browser.Form, button string) *browser.Page {
	v.w.t.Helper()
	p, err := f.Press(button)
	must(v.w.t, err)
	return p
}

// ceremony answers the page's passkey form.
func (v *visitor) ceremony(p *browser.Page) *browser.Page {
	v.w.t.Helper()
	f, err := p.FormByAttr("data-passkey", "*")
	must(v.w.t, err)
	var answer []byte
	if f.Attr("data-passkey") == "create" {
		answer, err = v.pk.Create(v.w.url, passkey.Options(f.Attr("data-options")))
	} else {
		answer, err = v.pk.Get(v.w.url, passkey.Options(f.Attr("data-options")))
	}
	must(v.w.t, err)
	return v.press(f.Set("answer", string(answer)), "")
}

// says fails unless the page has all of the texts and the status.
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

// lastLink is the path of the link in the newest mail.
func (w *world) lastLink() string {
	w.t.Helper()
	links := slices.DeleteFunc(slices.Clone(w.mail.all), func(m casefile.Mail) bool { return !strings.Contains(m.Text, w.url) })
	if len(links) == 0 {
		w.t.Fatal("no link was sent")
	}
	m := links[len(links)-1]
	i := strings.Index(m.Text, w.url)
	u, err := url.Parse(strings.Fields(m.Text[i:])[0])
	must(w.t, err)
	return u.Path
}

// enrol takes a visitor through enrolment up to the team's confirmation.
func (v *visitor) enrol(name, box string) agency.Officer {
	v.w.t.Helper()
	f := v.form(v.get("/enrol"), "Send me the link")
	p := v.press(f.Set("name", name).Set("rank", "Detective").Set("mailbox", box).Set("phone", "+1 202 555 0142"), "Send me the link")
	says(v.w.t, p, http.StatusOK, "a link is on its way")
	p = v.ceremony(v.get(v.w.lastLink()))
	says(v.w.t, p, http.StatusForbidden, "One step is left", "Thank you, "+name)
	o, err := v.w.agency.Store.OfficerByMailbox(v.w.t.Context(), box)
	must(v.w.t, err)
	return o
}

// officer is an enrolled, confirmed and signed-in officer.
func (w *world) officer(name, box string) (*visitor, agency.Officer) {
	w.t.Helper()
	v := w.visitor()
	o := v.enrol(name, box)
	w.confirm(o.ID)
	v.second()
	o, err := w.agency.Active(w.t.Context(), o.ID)
	must(w.t, err)
	return v, o
}

// confirm is the word of two people of the team.
func (w *world) confirm(id casefile.OfficerID) {
	w.t.Helper()
	for _, by := range []casefile.Actor{lead, casefile.Member("m2", "Jonas Brandt")} {
		must(w.t, w.agency.Confirm(w.t.Context(), by, id, "called the switchboard"))
	}
}

// second registers a second passkey, on another device.
func (v *visitor) second() {
	v.w.t.Helper()
	first := v.pk
	v.pk = soft.New()
	says(v.w.t, v.ceremony(v.get("/account")), http.StatusOK, "The passkey is registered")
	v.pk = first
}

// begin chooses a process and returns the page of details.
func (v *visitor) begin(process string) *browser.Page {
	v.w.t.Helper()
	p := v.press(v.form(v.get("/new"), "Go on").Set("process", process), "Go on")
	says(v.w.t, p, http.StatusOK, "Step 2 of ", "Kind of paper (done)")
	return p
}

// next is the button of each step of the form.
const next = "Save and go on"

// through goes through the steps of the form, to the papers or to the step
// that refuses what was filled in.
func (v *visitor) through(s *browser.Steps) *browser.Page {
	v.w.t.Helper()
	p, err := s.Press(next)
	must(v.w.t, err)
	return p
}

// draftOf is the address of the draft that a page is about.
func draftOf(p *browser.Page) string { return strings.Join(strings.Split(p.URL.Path, "/")[:3], "/") }

// fill fills a complete court order.
func fill(f *browser.Steps) *browser.Steps {
	return f.Set("reference", "SHERIFF 2026/17").Set("case_ref", "26-MJ-0417").Set("issuing_body", "Superior Court of Harbor County").Set("issuer_role", "judge").
		Set("court", "Superior Court of Harbor County").Set("legal_basis", "18 USC 2703(d)").Set("addressee", "Example Messenger Inc.").Set("issued", "2026-11-20").
		Check("signed", "yes").Set("targets", "+1 202 555 0199").Check("want_BSI", "name").Check("want_BSI", "last_ip").Set("from", "2026-11-01").Set("until", "2026-11-20").
		Set("p_judge", "Hon. Ruth Alvarez").Check("p_specific_and_articulable_facts_finding", "yes").Set("phone", "+1 202 555 0142")
}

// file files a complete court order and returns its number.
func (v *visitor) file() casefile.Number {
	v.w.t.Helper()
	p := v.through(fill(v.begin("us.order.2703d").Steps()))
	p = v.press(v.form(p, "Upload").Set("what", "order").File("file", "order.pdf", "application/pdf", pdf(p.URL.Path)), "Upload")
	says(v.w.t, p, http.StatusOK, "order.pdf", "1 paper is with your draft")
	p, err := p.Follow("Go on: check and send")
	must(v.w.t, err)
	p = v.press(v.form(p, "Send the request").Check("attest", "yes"), "Send the request")
	says(v.w.t, p, http.StatusOK, "Your request is with us")
	n, err := casefile.ParseNumber(p.URL.Path[len("/requests/"):])
	must(v.w.t, err)
	return n
}

// act does something as the team.
func (w *world) act(n casefile.Number, events ...casefile.Event) {
	w.t.Helper()
	for i := range events {
		if casefile.Reasons[events[i].Kind].Machine {
			events[i].By = casefile.TheClock
		}
	}
	_, err := w.files.Act(w.t.Context(), n, lead, func(casefile.Case) (casefile.Plan, error) {
		return casefile.Plan{Why: "as the paper asks", Events: events}, nil
	})
	must(w.t, err)
}

// answerWith decides everything and puts a package with a passphrase.
func (w *world) answerWith(n casefile.Number, body []byte, passphrase string) casefile.PackageID {
	w.t.Helper()
	c, err := w.files.Load(w.t.Context(), n)
	must(w.t, err)
	var ds []casefile.Decision
	for _, i := range c.Demand.Wanted {
		ds = append(ds, casefile.Decision{Item: i, Verdict: casefile.Decline, Reason: "the order does not reach the account", By: lead, At: w.clock.Now()})
	}
	sum, size, err := w.files.Public.Blobs.Put(w.t.Context(), bytes.NewReader(body), 1<<20)
	must(w.t, err)
	id := casefile.PackageID(casefile.NewID())
	x := casefile.Package{ID: id, Name: string(n) + ".tar.age", Sum: sum, Size: size, SealedTo: "passphrase", Made: w.clock.Now(), Expires: w.clock.Now().Add(14 * 24 * time.Hour)}
	_, err = w.files.Act(w.t.Context(), n, lead, func(casefile.Case) (casefile.Plan, error) {
		return casefile.Plan{Why: "nothing is produced", Events: []casefile.Event{{Kind: casefile.KDecided, Decisions: ds}, {Kind: casefile.KAnswering}, {Kind: casefile.KPacked, By: casefile.TheClock, Package: &x}},
			Stash: []casefile.Stash{{Key: casefile.PassphraseKey(id), Body: []byte(passphrase)}}}, nil
	})
	must(w.t, err)
	return id
}

// pdf is a small, whole PDF with one page.
func pdf(text string) []byte { return papers.Saying(text).Bytes() }

func optionsOf(f *browser.Form) passkey.Options { return passkey.Options(f.Attr("data-options")) }

// spare gives an officer a second passkey that the test holds elsewhere.
func (w *world) spare(id casefile.OfficerID) {
	w.t.Helper()
	k, err := soft.New().Enrol(w.signing, string(id))
	must(w.t, err)
	_, err = w.agency.AddKey(w.t.Context(), id, k)
	must(w.t, err)
}
