package api_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"letterlock/desk"
	"letterlock/desk/agency"
	"letterlock/desk/casefile"
	"letterlock/desk/desktest"
	"letterlock/desk/paper/picture"
	"letterlock/desk/produce"
	"letterlock/desk/staff"
	"letterlock/internal/clock"
	"letterlock/internal/passkey"
	"letterlock/internal/testkit"
	"letterlock/internal/testkit/papers"
	"letterlock/law"
	"letterlock/ledger"
	"letterlock/storage"
	"letterlock/storage/blob"
	"letterlock/storage/deskdb"
	"letterlock/web/api"
)

var begin = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// world is the API over a whole desk with real databases and ledgers.
type world struct {
	testing.TB
	ctx     context.Context
	dir     string
	clock   *clock.Manual
	desk    *desk.Desk
	h       http.Handler
	mail    map[string]string // the last link by mailbox
	lead    staff.Member
	analyst staff.Member
	harbor  agency.Agency
	bay     agency.Agency
	reyes   agency.Officer // of harbor
	stone   agency.Officer // of bay
	store   *breaking
}

// breaking is a store that a test can make fail after a commit, as a crash
// between filing and answering would.
type breaking struct {
	casefile.Store
	after func(casefile.Change) error
}

func (b *breaking) Commit(ctx context.Context, c casefile.Change) error {
	if err := b.Store.Commit(ctx, c); err != nil {
		return err
	}
	if b.after != nil {
		return b.after(c)
	}
	return nil
}

func (w *world) Send(_ context.Context, m casefile.Mail) error {
	if _, after, ok := strings.Cut(m.Text, "https://desk.test/"); ok {
		w.mail[m.To] = strings.Fields(after)[0]
	}
	return nil
}

func ok[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

func (w *world) ok(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func (w *world) ledger(name string, sealed bool) *ledger.Ledger {
	s := ledger.Default("example.org/" + name)
	s.Sealed = sealed
	dir := filepath.Join(w.dir, name)
	w.ok(ledger.Create(dir, s, w.clock, nil))
	l := ok(ledger.Open(dir, ledger.Options{Clock: w.clock}))(w)
	w.Cleanup(func() { l.Close() })
	return l
}

func (w *world) shelf(name string) (casefile.Shelf, *deskdb.DB) {
	db := ok(deskdb.Open(w.ctx, storage.Config{Database: filepath.Join(w.dir, name+".db")}))(w)
	w.Cleanup(func() { db.Close() })
	return casefile.Shelf{Store: db, Blobs: ok(blob.Open(filepath.Join(w.dir, name+"-blobs")))(w)}, db
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{TB: t, ctx: context.Background(), dir: testkit.Dir(t), clock: clock.NewManual(begin), mail: map[string]string{}}
	public, db := w.shelf("desk")
	w.store = &breaking{Store: public.Store}
	public.Store = w.store
	sealed, sealedDB := w.shelf("sealed")
	carrier := w.ledger("carrier", false)
	link := func(token string) string { return "https://desk.test/" + token }
	conf := desk.Config{Public: public, Sealed: sealed, Agencies: db, Staff: db, Links: db, Marks: db, SealedMarks: sealedDB, Portal: deskdb.Sessions{DB: db, Site: "portal"}, Console: deskdb.Sessions{DB: db, Site: "console"},
		Ledger: w.ledger("desk", false), Vault: w.ledger("vault", true), Door: ok(desktest.New(w.clock, carrier, "A", "B", "C"))(t), CarrierOrigin: "example.org/carrier", Clock: w.clock, Law: law.Default(),
		House: law.House{Entities: []string{"Letterlock"}, Languages: []string{"en"}}, Mail: w, Inspector: picture.InProcess{}, Pictures: picture.InProcess{}, Produce: &produce.Packer{Spool: w.dir},
		Provider: produce.Provider{Name: "Letterlock"}, LedgerKeys: func() []string { return nil }, PortalLink: link, ConsoleLink: link, Policy: "2026-1"}
	w.desk = desk.New(conf)
	w.h = w.serve(w.desk)
	w.people()
	return w
}

func (w *world) serve(d *desk.Desk) http.Handler {
	return ok(api.New(api.Config{Owner: "Letterlock", Origin: "https://portal.test", Center: "https://test", Agency: d.Agencies, Intake: d.Intake, Law: law.Default(), Clock: w.clock,
		Log: slog.New(slog.NewTextHandler(io.Discard, nil))}))(w)
}

func (w *world) key() passkey.Key {
	id := casefile.NewID()
	return passkey.Key{ID: []byte(id), Public: []byte("cose " + id)}
}

func (w *world) people() {
	d, a := w.desk, w.desk.Agencies
	first := ok(d.Staff.FirstLink(w.ctx))(w)
	w.lead = ok(d.Staff.RegisterKey(w.ctx, strings.TrimPrefix(first, "https://desk.test/"), "Sefa Yilmaz", w.key()))(w)
	w.ok(d.Staff.Train(w.ctx, w.lead.ID, w.lead.ID, "2026-1", 95, "taught in the house"))
	ok(d.Staff.Invite(w.ctx, w.lead.ID, staff.Invitation{Why: "the team needs them", Name: "Ines Okafor", Mailbox: "ines@letterlock.example", Roles: []staff.Role{staff.Analyst}}))(w)
	w.analyst = ok(d.Staff.RegisterKey(w.ctx, w.mail["ines@letterlock.example"], "", w.key()))(w)
	w.ok(d.Staff.Train(w.ctx, w.lead.ID, w.analyst.ID, "2026-1", 95, "taught in the house"))
	w.harbor = ok(a.AddAgency(w.ctx, w.lead.Actor(), agency.Agency{Name: "Harbor County Sheriff", Country: "US", Domains: []string{"sheriff.harbor.example"}, Switchboard: "+12025550100", Source: "county directory", Sponsor: agency.Word{Why: "it is in the state register"}}))(w)
	w.bay = ok(a.AddAgency(w.ctx, w.lead.Actor(), agency.Agency{Name: "Bay City Police", Country: "US", Domains: []string{"police.bay.example"}, Switchboard: "+12025550101", Source: "city directory", Sponsor: agency.Word{Why: "it is in the state register"}}))(w)
	w.reyes, w.stone = w.officer("Olivia Reyes", "reyes@sheriff.harbor.example"), w.officer("Paul Stone", "stone@police.bay.example")
	w.clock.Advance(5 * time.Minute)
}

func (w *world) officer(name, box string) agency.Officer {
	a := w.desk.Agencies
	w.ok(a.Enrol(w.ctx, agency.Enrolment{Name: name, Rank: "Det.", Mailbox: box, Phone: "+12025550101"}))
	o := ok(a.RegisterKey(w.ctx, w.mail[box], w.key()))(w)
	w.ok(a.Confirm(w.ctx, w.analyst.Actor(), o.ID, "called the switchboard"))
	w.ok(a.Confirm(w.ctx, w.lead.Actor(), o.ID, "called it again"))
	return ok(a.AddKey(w.ctx, o.ID, w.key()))(w)
}

// system enrols a system of an officer and returns its key.
func (w *world) system(o agency.Officer, nets ...string) (agency.System, string) {
	x, key, err := w.desk.Agencies.AddSystem(w.ctx, w.lead.Actor(), agency.Enlisting{Why: "the agency asked for it", Name: "Records system", Officer: o.ID, Networks: nets, Life: 90 * 24 * time.Hour})
	w.ok(err)
	return x, key.Reveal()
}

// caller is a system with its key.
type caller struct {
	w   *world
	key string
}

type answer struct {
	*httptest.ResponseRecorder
	t testing.TB
}

// send makes a call; heads are pairs.
func (c caller) send(method, path string, body []byte, heads ...string) answer {
	r := httptest.NewRequest(method, path, bytes.NewReader(body))
	if body == nil {
		r.Body = http.NoBody
	}
	if c.key != "" {
		r.Header.Set("Authorization", "Bearer "+c.key)
	}
	if len(body) > 0 {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(heads); i += 2 {
		r.Header.Set(heads[i], heads[i+1])
	}
	rec := httptest.NewRecorder()
	c.w.h.ServeHTTP(rec, r)
	return answer{rec, c.w}
}

func (c caller) json(method, path string, v any, heads ...string) answer {
	c.w.Helper()
	return c.send(method, path, ok(json.Marshal(v))(c.w), heads...)
}

// is fails unless the answer has the status and says the texts.
func (a answer) is(status int, texts ...string) answer {
	a.t.Helper()
	if a.Code != status {
		a.t.Fatalf("answers %d, want %d: %s", a.Code, status, a.Body)
	}
	for _, s := range texts {
		if !strings.Contains(a.Body.String(), s) {
			a.t.Fatalf("does not say %q: %s", s, a.Body)
		}
	}
	return a
}

func (a answer) text(field string) string {
	a.t.Helper()
	var v map[string]any
	if err := json.Unmarshal(a.Body.Bytes(), &v); err != nil {
		a.t.Fatal(err, a.Body)
	}
	s, _ := v[field].(string)
	return s
}

// order is a court order in which nothing is wrong.
func order() map[string]any {
	return map[string]any{"process": "us.order.2703d", "reference": "HC-26-118", "case_ref": "1:26-mj-00118", "issuing_body": "US District Court, D. Md.", "issuer_role": "magistrate",
		"court": "US District Court, D. Md.", "legal_basis": "18 USC 2703(d)", "addressee": "Letterlock", "signed": true, "language": "en", "issued": "2026-11-20", "from": "2026-09-20", "until": "2026-11-19",
		"targets": []any{map[string]any{"kind": "phone", "identifier": "+1 202 555 0142"}}, "wanted": []any{"name", "last_ip"},
		"particulars": map[string]any{"judge": "Hon. A. Stone", "specific_and_articulable_facts_finding": "yes"}}
}

func with(m map[string]any, k string, v any) map[string]any { m[k] = v; return m }

// draft creates a draft with a paper.
func (c caller) draft(name string, what map[string]any) string {
	c.w.Helper()
	id := c.json("POST", api.Base+"/drafts", what, "Idempotency-Key", "create-call-"+name).is(201).text("draft")
	c.send("POST", api.Base+"/drafts/"+id+"/papers?name=order.pdf&what=order", pdf(name), "Content-Type", "application/pdf").is(201)
	return id
}

// file files an order and returns its number.
func (c caller) file(name string, what map[string]any) string {
	c.w.Helper()
	return c.send("POST", api.Base+"/drafts/"+c.draft(name, what)+"/send", nil, "Idempotency-Key", "send-call-"+name).is(201).text("request")
}

// ask has the team ask a question.
func (w *world) question(n string) {
	w.act(n, casefile.Event{Kind: casefile.KAsked, Question: &casefile.Question{ID: "q1", Text: "Which county?", By: w.lead.Actor(), At: w.clock.Now()}})
}

func (w *world) act(n string, events ...casefile.Event) {
	w.Helper()
	for i := range events {
		if casefile.Reasons[events[i].Kind].Machine {
			events[i].By = casefile.TheClock
		}
	}
	ok(w.desk.Files.Act(w.ctx, casefile.Number(n), w.lead.Actor(), func(casefile.Case) (casefile.Plan, error) {
		return casefile.Plan{Why: "as the paper asks", Events: events}, nil
	}))(w)
}

// pack gives a request its final answer with a package.
func (w *world) pack(n string) string {
	w.Helper()
	c := ok(w.desk.Files.Load(w.ctx, casefile.Number(n)))(w)
	var ds []casefile.Decision
	for _, i := range c.Demand.Wanted {
		ds = append(ds, casefile.Decision{Item: i, Verdict: casefile.Decline, Reason: "the order does not reach the account", By: w.lead.Actor(), At: w.clock.Now()})
	}
	sum, size, err := w.desk.Files.Public.Blobs.Put(w.ctx, strings.NewReader("sealed bytes"), 1<<20)
	w.ok(err)
	x := casefile.Package{ID: casefile.PackageID(casefile.NewID()), Name: n + ".tar.age", Sum: sum, Size: size, SealedTo: "passphrase", Made: w.clock.Now(), Expires: w.clock.Now().Add(14 * 24 * time.Hour)}
	w.act(n, casefile.Event{Kind: casefile.KDecided, Decisions: ds}, casefile.Event{Kind: casefile.KAnswering}, casefile.Event{Kind: casefile.KPacked, Package: &x})
	return string(x.ID)
}

// pdf is a small, whole PDF with one page.
func pdf(text string) []byte { return papers.Saying(text).Bytes() }

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func casefileSum(s string) casefile.Sum { return casefile.SumOf([]byte(s)) }

// sendTo posts to an address as it comes; nil if it is none that can be sent.
func (c caller) sendTo(target string, heads ...string) *httptest.ResponseRecorder {
	r, err := http.NewRequest("POST", "http://portal.test"+target, strings.NewReader("%PDF-"))
	if err != nil {
		return nil
	}
	r.RemoteAddr = "192.0.2.1:1234"
	r.Header.Set("Authorization", "Bearer "+c.key)
	for i := 0; i+1 < len(heads); i += 2 {
		r.Header.Set(heads[i], heads[i+1])
	}
	rec := httptest.NewRecorder()
	c.w.h.ServeHTTP(rec, r)
	return rec
}
