package desk_test

import (
	"bytes"
	"context"
	"io"
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
	"letterlock/desk/review"
	"letterlock/desk/staff"
	"letterlock/disclosable"
	"letterlock/internal/clock"
	"letterlock/internal/fault"
	"letterlock/internal/passkey"
	"letterlock/internal/testkit"
	"letterlock/internal/testkit/papers"
	soft "letterlock/internal/testkit/passkey"
	"letterlock/internal/testkit/pg"
	"letterlock/law"
	"letterlock/ledger"
	"letterlock/storage"
	"letterlock/storage/blob"
	"letterlock/storage/deskdb"
)

var (
	start = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	ana   = desktest.Account{ID: disclosable.Account{0xa, 1}, Fields: map[disclosable.FieldID]string{"phone": "+12025550142", "name": "Ana Ruiz",
		"service_start": "2024-02-03", "last_seen": "2026-11-22", "last_ip": "203.0.113.7", "device_type": "terminal", "blocks": "", "about": "sailing"}}
	ben = desktest.Account{ID: disclosable.Account{0xb, 2}, Fields: map[disclosable.FieldID]string{"phone": "+12025550167", "name": "Ben"}}
)

// outbox keeps mail in memory.
type outbox struct{ sent []casefile.Mail }

func (o *outbox) Send(_ context.Context, m casefile.Mail) error {
	o.sent = append(o.sent, m)
	return nil
}

// token is the one-time token in the last mail to a mailbox.
func (o *outbox) token(t testing.TB, to string) string {
	t.Helper()
	for i := len(o.sent) - 1; i >= 0; i-- {
		if _, after, ok := strings.Cut(o.sent[i].Text, "https://desk.test/"); ok && o.sent[i].To == to {
			return strings.Fields(after)[0]
		}
	}
	t.Fatalf("no link was sent to %s", to)
	return ""
}

// last is the last mail to a mailbox.
func (o *outbox) last(t testing.TB, to string) casefile.Mail {
	t.Helper()
	for i := len(o.sent) - 1; i >= 0; i-- {
		if o.sent[i].To == to {
			return o.sent[i]
		}
	}
	t.Fatalf("no mail was sent to %s", to)
	return casefile.Mail{}
}

// shaky is a store that fails on demand, as a crash would.
type shaky struct {
	casefile.Store
	fail func(casefile.Change) error // before the commit
}

func (s *shaky) Commit(ctx context.Context, c casefile.Change) error {
	if s.fail != nil {
		if err := s.fail(c); err != nil {
			return err
		}
	}
	return s.Store.Commit(ctx, c)
}

// deaf is a ledger whose disk is full while broken.
type deaf struct {
	*ledger.Ledger
	broken bool
	told   []ledger.Record // what was appended, in order
}

func (d *deaf) Append(ctx context.Context, r ledger.Record) (ledger.Receipt, error) {
	if d.broken {
		return ledger.Receipt{}, fault.New(fault.Unavailable, "append", "the ledger cannot be written")
	}
	d.told = append(d.told, r)
	return d.Ledger.Append(ctx, r)
}

type world struct {
	testing.TB
	ctx     context.Context
	dir     string
	clock   *clock.Manual
	desk    *desk.Desk
	conf    desk.Config
	door    *desktest.Door
	ledger  *deaf
	carrier *ledger.Ledger
	vault   *ledger.Ledger
	store   *shaky
	where   func(name string) string // the database of a name
	mail    *outbox

	lead, analyst, second, counsel staff.Member
	custodian                      staff.Member
	pen                            *soft.Authenticator // the custodian's
	idle                           bool                // the custodian signs nothing by themselves
	agency                         agency.Agency
	reyes                          agency.Officer
}

func must[T any](v T, err error) func(testing.TB) T {
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

// refused checks the kind of an error.
func (w *world) refused(err error, k fault.Kind, what string) {
	w.Helper()
	if !fault.Is(err, k) {
		w.Fatalf("%s: want %v, got %v", what, k, err)
	}
}

// zeros is a source of randomness for keys: two worlds with it differ in
// nothing but what the test makes differ.
type counter struct{ n byte }

func (c *counter) Read(b []byte) (int, error) {
	for i := range b {
		c.n++
		b[i] = c.n
	}
	return len(b), nil
}

func (w *world) openLedger(name string, sealed bool, random io.Reader) *ledger.Ledger {
	w.Helper()
	s := ledger.Default("example.org/" + name)
	s.Sealed = sealed
	dir := filepath.Join(w.dir, "ledger-"+name)
	w.ok(ledger.Create(dir, s, w.clock, random))
	l, err := ledger.Open(dir, ledger.Options{Clock: w.clock})
	w.ok(err)
	w.Cleanup(func() { l.Close() })
	return l
}

func TestMain(m *testing.M) { pg.Main(m) }

func newWorld(t testing.TB) *world { return seededWorld(t, nil) }

func seededWorld(t testing.TB, random io.Reader) *world {
	t.Helper()
	return worldAt(t, opening{day: start}, random)
}

// opening is the day on which a desk opens, and where its databases are; nil:
// SQLite files of its own.
type opening struct {
	day   time.Time
	where func(name string) string
}

// worldAt is a desk that opens on another day.
func worldAt(t testing.TB, at opening, random io.Reader) *world {
	t.Helper()
	w := &world{TB: t, ctx: context.Background(), dir: testkit.Dir(t), clock: clock.NewManual(at.day), mail: &outbox{}}
	w.ledger = &deaf{Ledger: w.openLedger("desk", false, random)}
	w.carrier = w.openLedger("carrier", false, random)
	w.ok(w.ledger.Trust(w.carrier.Keys()...))
	w.ok(w.carrier.Trust(w.ledger.Keys()...))
	w.vault = w.openLedger("desk-sealed", true, random)
	vault := w.vault
	if w.where = at.where; w.where == nil {
		w.where = func(name string) string { return filepath.Join(w.dir, name+".db") }
	}
	db, sealed := w.database("desk"), w.database("sealed")
	blobs, sealedBlobs := must(blob.Open(filepath.Join(w.dir, "blobs")))(t), must(blob.Open(filepath.Join(w.dir, "sealed-blobs")))(t)
	w.store = &shaky{Store: db}
	var err error
	w.door, err = desktest.New(w.clock, w.carrier, "Ines Okafor", "Miriam Adler", "Sefa Yilmaz")
	w.ok(err)
	w.door.Accounts["+12025550142"], w.door.Accounts["+12025550167"] = ana, ben
	key := must(produce.NewSigningKey(&counter{}))(t)
	url := func(token string) string { return "https://desk.test/" + token }
	w.conf = desk.Config{Public: casefile.Shelf{Store: w.store, Blobs: blobs}, Sealed: casefile.Shelf{Store: sealed, Blobs: sealedBlobs},
		Agencies: db, Staff: db, Links: db, Marks: db, SealedMarks: sealed, Portal: deskdb.Sessions{DB: db, Site: "portal"}, Console: deskdb.Sessions{DB: db, Site: "console"},
		Ledger: w.ledger, Vault: vault, Door: w.door, CarrierOrigin: "example.org/carrier", Clock: w.clock, Law: law.Default(),
		House: law.House{Entities: []string{"Letterlock"}, Languages: []string{"en"}}, Mail: w.mail, Inspector: picture.InProcess{}, Pictures: picture.InProcess{},
		Produce: &produce.Packer{Key: key, Spool: w.dir}, Provider: produce.Provider{Name: "Letterlock", Contact: "desk@example.org"},
		Signer: produce.Signer{Name: "Sefa Yilmaz", Title: "Custodian of records"}, LedgerKeys: func() []string { return append(w.ledger.Keys(), w.carrier.Keys()...) },
		PortalSite: portalSite, ConsoleSite: consoleSite, PortalLink: url, ConsoleLink: url, Policy: "2026-1"}
	w.desk = desk.New(w.conf)
	w.people()
	return w
}

func (w *world) database(name string) *deskdb.DB {
	w.Helper()
	db := must(deskdb.Open(w.ctx, storage.Config{Database: w.where(name)}))(w)
	w.Cleanup(func() { db.Close() })
	return db
}

func (w *world) key() passkey.Key {
	id := casefile.NewID()
	return passkey.Key{ID: []byte(id), Public: []byte("cose " + id)}
}

// people enrols the standing cast through the services.
func (w *world) people() {
	w.Helper()
	d, ctx := w.desk, w.ctx
	first := must(d.Staff.FirstLink(ctx))(w)
	w.lead = must(d.Staff.RegisterKey(ctx, strings.TrimPrefix(first, "https://desk.test/"), "Sefa Yilmaz", w.key()))(w)
	w.ok(d.Staff.Train(ctx, w.lead.ID, w.lead.ID, "2026-1", 95, "taught in the house"))
	w.ok(d.Staff.DeclareAll(ctx, w.lead.ID, "went through family and earlier employers"))
	join := func(name, box string, roles ...staff.Role) staff.Member {
		w.Helper()
		must(d.Staff.Invite(ctx, w.lead.ID, staff.Invitation{Why: "the team needs them", Name: name, Mailbox: box, Roles: roles}))(w)
		m := must(d.Staff.RegisterKey(ctx, w.mail.token(w, box), "", w.key()))(w)
		w.ok(d.Staff.Train(ctx, w.lead.ID, m.ID, "2026-1", 90, "taught in the house"))
		w.ok(d.Staff.DeclareAll(ctx, m.ID, "went through family and earlier employers"))
		return m
	}
	w.analyst = join("Ines Okafor", "ines@letterlock.example", staff.Analyst)
	w.second = join("Jonas Brandt", "jonas@letterlock.example", staff.Analyst)
	w.counsel = join("Miriam Adler", "miriam@letterlock.example", staff.Counsel)
	w.pen = soft.New()
	w.custodian = w.joinsWith(w.pen, "Ravi Menon", "ravi@letterlock.example", staff.Custodian)
	w.agency = must(d.Agencies.AddAgency(ctx, w.lead.Actor(), agency.Agency{Name: "Harbor County Sheriff's Office", Country: "US",
		Domains: []string{"sheriff.harbor.example"}, Switchboard: "+12025550100", Source: "county directory", Sponsor: agency.Word{Why: "it is in the state register"}}))(w)
	w.ok(d.Agencies.Enrol(ctx, agency.Enrolment{Name: "Olivia Reyes", Rank: "Det.", Mailbox: "reyes@sheriff.harbor.example"}))
	w.reyes = must(d.Agencies.RegisterKey(ctx, w.mail.token(w, "reyes@sheriff.harbor.example"), w.key()))(w)
	w.confirm(w.reyes.ID)
	w.clock.Advance(5 * time.Minute) // as everything here, in steps that are no jump
	w.tick()
}

// confirm gives an officer the second passkey, and the word of two people.
func (w *world) confirm(id casefile.OfficerID) {
	w.Helper()
	w.ok(w.desk.Agencies.Confirm(w.ctx, w.analyst.Actor(), id, "called the switchboard"))
	w.ok(w.desk.Agencies.Confirm(w.ctx, w.lead.Actor(), id, "called the switchboard again"))
	must(w.desk.Agencies.AddKey(w.ctx, id, w.key()))(w)
}

// colleague enrols another officer of the world's agency.
func (w *world) colleague(name, box string, role casefile.AgencyRole) agency.Officer {
	w.Helper()
	w.ok(w.desk.Agencies.Enrol(w.ctx, agency.Enrolment{Name: name, Mailbox: box}))
	o := must(w.desk.Agencies.RegisterKey(w.ctx, w.mail.token(w, box), w.key()))(w)
	w.confirm(o.ID)
	w.ok(w.desk.Agencies.SetRole(w.ctx, w.lead.Actor(), o.ID, role, "their office"))
	return must(w.desk.Agencies.Active(w.ctx, o.ID))(w)
}

func (w *world) tick() {
	w.Helper()
	w.ok(w.desk.Tick(w.ctx))
}

// pass lets time go by in steps a running house would see, ticking all the way.
func (w *world) pass(d time.Duration) {
	w.Helper()
	w.flows(w.clock.Now().Add(d))
	w.ok(w.ledger.Ledger.Tick(w.ctx))
	w.ok(w.carrier.Tick(w.ctx))
	w.tick()
	if !w.idle {
		w.certifies()
	}
}

// flows lets the clock come to a moment without a jump.
func (w *world) flows(end time.Time) {
	for w.clock.Now().Before(end) {
		w.clock.Advance(min(9*time.Minute, end.Sub(w.clock.Now())))
		w.ledger.CheckClock(w.clock.Now())
		w.carrier.CheckClock(w.clock.Now())
	}
}

// approve is counsel's approval of a process row.
func (w *world) approve(p law.ProcessID) {
	w.Helper()
	row, ok := law.Default().Row(p, w.clock.Now())
	if !ok {
		w.Fatalf("no row %s", p)
	}
	w.ok(w.desk.ApproveRow(w.ctx, w.counsel.ID, p, row.Hash(), "read against the official text"))
}

// order is a demand under 18 USC 2703(d) in which nothing is wrong.
func (w *world) order() casefile.Demand {
	now := w.clock.Now()
	return casefile.Demand{Process: "us.order.2703d", Reference: "HC-26-118", CaseRef: "1:26-mj-00118", IssuingBody: "US District Court, D. Md.",
		IssuerRole: law.RoleMagistrate, Court: "US District Court, D. Md.", LegalBasis: "18 USC 2703(d)", Addressee: "Letterlock", Signed: true, Language: "en",
		Issued: now.AddDate(0, 0, -3), From: now.AddDate(0, 0, -60), Until: now.AddDate(0, 0, -4), OfficerName: "Olivia Reyes", Phone: "+12025550101",
		Targets: []casefile.Target{{Kind: law.TargetPhone, Identifier: "+1 202 555 0142"}},
		Wanted:  []casefile.Item{"name", "last_ip", "service_start", "blocks"},
		Answers: map[string]string{"judge": "Hon. A. Stone", "specific_and_articulable_facts_finding": "yes"}}
}

// file sends a demand with a paper through the portal's services.
func (w *world) file(d casefile.Demand) casefile.Number {
	w.Helper()
	by := w.reyes.Actor()
	dr := must(w.desk.Intake.Start(w.ctx, w.reyes.ID, d.Process))(w)
	must(w.desk.Intake.Save(w.ctx, by, dr.ID, d))(w)
	must(w.desk.Intake.AddPaper(w.ctx, by, dr.ID, "order.pdf", "order", bytes.NewReader(pdf(d.Reference+casefile.NewID()))))(w)
	return must(w.desk.Intake.File(w.ctx, by, dr.ID))(w)
}

func (w *world) load(n casefile.Number) casefile.Case {
	w.Helper()
	return must(w.desk.Files.Load(w.ctx, n))(w)
}

// assign gives a case to a member, who says that they have no tie.
func (w *world) assign(n casefile.Number, who casefile.MemberID) {
	w.Helper()
	w.ok(w.desk.Review.Assign(w.ctx, w.lead.ID, n, who, "it is theirs to decide"))
	w.ok(w.desk.Review.NoTie(w.ctx, who, n, "I know none of them"))
}

// free has members say that they have no tie with a case.
func (w *world) free(n casefile.Number, who ...staff.Member) {
	w.Helper()
	for _, m := range who {
		w.ok(w.desk.Review.NoTie(w.ctx, m.ID, n, "I know none of them"))
	}
}

// study assigns a case, reads its papers, answers its findings, looks up its
// targets.
func (w *world) study(n casefile.Number, who staff.Member) {
	w.Helper()
	w.assign(n, who.ID)
	c := w.load(n)
	for _, p := range c.Unread() {
		_, err := w.desk.Review.ReadPaper(w.ctx, who.ID, n, p.ID)
		w.ok(err)
	}
	for _, f := range c.Findings {
		if f.Blocks() {
			w.ok(w.desk.Review.AnswerFinding(w.ctx, who.ID, n, f.ID, false, "checked against the paper: met"))
		}
	}
	for i := range c.Demand.Targets {
		must(w.desk.Review.Resolve(w.ctx, who.ID, n, i, "the request asks about it"))(w)
	}
}

// reads has the analyst read every paper and answer what blocks for other
// reasons than the sender.
func (w *world) reads(n casefile.Number) {
	w.Helper()
	c := w.load(n)
	for _, p := range c.Unread() {
		_, err := w.desk.Review.ReadPaper(w.ctx, w.analyst.ID, n, p.ID)
		w.ok(err)
	}
	for _, f := range c.Findings {
		if f.Blocks() && f.Row().Group != "sender" {
			w.ok(w.desk.Review.AnswerFinding(w.ctx, w.analyst.ID, n, f.ID, false, "checked against the paper: met"))
		}
	}
}

// produceChoices produces every field.
func (w *world) produceChoices(n casefile.Number) []review.Choice {
	w.Helper()
	var all []review.Choice
	for _, i := range w.load(n).Demand.Wanted {
		all = append(all, review.Choice{Item: i, Verdict: casefile.Produce, Reason: "the order reaches it"})
	}
	return all
}

// produceAll decides every field to be produced.
func (w *world) produceAll(n casefile.Number, who staff.Member) {
	w.Helper()
	var all []review.Choice
	for _, i := range w.load(n).Demand.Wanted {
		c := review.Choice{Item: i, Verdict: casefile.Produce, Reason: "the order reaches it"}
		if _, ok := i.Field(); !ok {
			c.Verdict, c.Reason, c.Finding = casefile.Decline, "no such data exist here", "SCOPE.CONTENT_NONE"
		}
		all = append(all, c)
	}
	w.ok(w.desk.Review.Decide(w.ctx, who.ID, n, all))
}

func (w *world) sign() { w.Helper(); w.ok(w.door.SignAll("Ines Okafor", "Sefa Yilmaz")) }

// pdf is a small, whole PDF with one page.
func pdf(text string) []byte { return papers.Saying(text).Bytes() }
