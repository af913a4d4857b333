package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/cryptotest"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"letterlock/desk/agency"
	"letterlock/desk/casefile"
	"letterlock/desk/staff"
	"letterlock/internal/clock"
	"letterlock/internal/passkey"
	"letterlock/internal/testkit"
	"letterlock/internal/testkit/browser"
	soft "letterlock/internal/testkit/passkey"
	"letterlock/messenger/account"
	"letterlock/messenger/holdings"
	"letterlock/storage"
	"letterlock/wire"
)

// TestMain lets this binary be the program that it starts to look into papers.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && (os.Args[1] == "inspect" || os.Args[1] == "picture") {
		main()
		return
	}
	os.Exit(m.Run())
}

var houseBegin = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// house is the whole program in one process, both halves and all its sites, on
// the test's clock and on random numbers that follow from what is done: two
// houses in which the same is done are the same to the byte.
type house struct {
	*testing.T
	clock   *clock.Manual
	base    base
	halves  *halves
	sites   sites
	metrics http.Handler
	logs    *logLines
	stop    func()
	mail    *postbox
	team    map[string]staff.Member
	holders map[string]*soft.Authenticator
	harbor  agency.Agency
	bay     agency.Agency
	force   map[string]agency.Officer
	keys    map[string]string // of agencies' systems
}

func (w *house) ok(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

func got[T any](v T, err error) func(*house) T {
	return func(w *house) T {
		w.Helper()
		w.ok(err)
		return v
	}
}

// seed makes all random numbers follow from what is done next.
func (w *house) seed(what ...any) {
	h := sha256.Sum256([]byte(fmt.Sprint(what...)))
	cryptotest.SetGlobalRandom(w.T, binary.BigEndian.Uint64(h[:]))
}

// logLines is every line of the log of every component, as it was given and not as
// a handler shortened it.
type logLines struct {
	mu    sync.Mutex
	all   []string
	attrs []slog.Attr
	under *logLines
}

func (l *logLines) Enabled(context.Context, slog.Level) bool { return true }
func (l *logLines) WithAttrs(as []slog.Attr) slog.Handler {
	return &logLines{under: l.root(), attrs: slices.Concat(l.attrs, as)}
}
func (l *logLines) WithGroup(string) slog.Handler { return l }
func (l *logLines) root() *logLines {
	if l.under != nil {
		return l.under
	}
	return l
}

func (l *logLines) Handle(_ context.Context, r slog.Record) error {
	text := r.Level.String() + " " + r.Message
	for _, a := range l.attrs {
		text += " " + a.String()
	}
	r.Attrs(func(a slog.Attr) bool { text += " " + a.String(); return true })
	to := l.root()
	to.mu.Lock()
	defer to.mu.Unlock()
	to.all = append(to.all, text)
	return nil
}

// postbox keeps what leaves by mail.
type postbox struct{ sent []string }

func (p *postbox) Mail(_ context.Context, to, subject, text string) error {
	p.sent = append(p.sent, to+"\n"+subject+"\n"+text)
	return nil
}

// newHouse opens the program in an empty folder, and has a team, two agencies
// and key holders enrol.
func newHouse(t *testing.T) *house {
	t.Helper()
	w := &house{T: t, clock: clock.NewManual(houseBegin), logs: &logLines{}, mail: &postbox{}, team: map[string]staff.Member{}, holders: map[string]*soft.Authenticator{},
		force: map[string]agency.Officer{}, keys: map[string]string{}}
	w.seed("house")
	conf := DefaultConfig()
	conf.Data, conf.Name, conf.Contact, conf.LogLevel, conf.Reports = testkit.Dir(t), "Example Messenger", "desk@example.org", "debug", t.TempDir()
	w.ok(conf.Finish())
	var err error
	w.base, err = newBase(conf, io.Discard)
	w.ok(err)
	w.base.clock, w.base.log, w.base.mail = w.clock, slog.New(w.logs), w.mail
	w.base.counsel = w.base.law.Approve("Counsel", "2026-11-01", "us.order.2703d")
	w.halves, err = openHalves(t.Context(), w.base)
	w.ok(err)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { defer close(done); w.halves.carrier.boxes.Run(ctx) }() // keeps notices to people
	w.stop = func() { stop(); <-done }
	t.Cleanup(func() { w.stop(); w.halves.close() })
	w.sites, err = w.halves.sites(w.base)
	w.ok(err)
	for _, db := range []*storage.DB{w.halves.desk.db.DB, w.halves.carrier.db.DB} { // the only hour that is the machine's
		got(db.Exec(t.Context(), `UPDATE goose_db_version SET tstamp = '2026-11-23'`))(w)
	}
	w.metrics = promhttp.HandlerFor(w.base.metrics, promhttp.HandlerOpts{})
	w.account("+12025550142", "Ana Ruiz")
	w.account("+12025550199", "Ben Holt")
	w.enrolHolders("ordinary", w.halves.carrier.holdings.Set, "Ines Okafor", "Sefa Yilmaz", "Tomas Lind")
	w.enrolHolders("cleared", w.halves.carrier.holdings.Cleared(), "Dana Moss", "Eli Roth", "Fay Ohm")
	w.hire()
	w.enlist()
	w.pass(5 * time.Minute)
	return w
}

// account puts an account into the carrier's database.
func (w *house) account(phone, name string) {
	w.Helper()
	sum := sha256.Sum256([]byte(phone))
	signed := wire.PreKey{ID: 1, Key: sum[:], Signature: []byte{1}}
	n := account.NewAccount{Phone: phone, Name: name, Created: "2026-11-01", LastIP: "192.0.2.77", Subject: account.Subject(sum), Code: sum, Keys: wire.KeyUpload{Signed: &signed},
		Device: account.Device{Address: wire.At(wire.NewAccountID(), 1), Type: "terminal", Added: "2026-11-01", Token: account.TokenHash(sum), RegistrationID: 5, IdentityKey: sum[:], MailboxKey: sum[:],
			Mailbox: int64(binary.BigEndian.Uint64(sum[:])>>1) | 1}}
	w.ok(w.halves.carrier.db.PutCode(w.Context(), n.Subject, nil, account.CodeRow{Code: n.Code, Tries: 1, Expires: 1 << 40}))
	got(w.halves.carrier.db.Create(w.Context(), n))(w)
}

func (w *house) enrolHolders(kind string, set *holdings.Set, names ...string) {
	w.Helper()
	links := got(set.FirstHolders(w.Context(), names))(w)
	for _, name := range slices.Sorted(maps.Keys(links)) {
		w.seed("holder", name)
		a, site, ch := soft.New(), w.halves.carrier.site, passkey.NewChallenge()
		answer := got(a.Create(site.Origin, site.Create(passkey.User{Handle: []byte(name), Name: name}, ch, nil)))(w)
		got(set.Enrol(w.Context(), links[name][strings.LastIndex(links[name], "/")+1:], ch, answer))(w)
		w.holders[name] = a
	}
}

// hire enrols the team: one person for each role who is not on the list for
// sealed matters, and two who are.
func (w *house) hire() {
	w.Helper()
	w.seed("hire")
	st, site := w.halves.desk.desk.Staff, w.base.site("desk", "console")
	first := got(st.FirstLink(w.Context()))(w)
	w.team["chief"] = got(st.RegisterKey(w.Context(), first[strings.LastIndex(first, "/")+1:], "Chief Lead", got(soft.New().Enrol(site, "chief"))(w)))(w)
	w.ok(st.Train(w.Context(), w.team["chief"].ID, w.team["chief"].ID, "2026-1", 95, "taught in the house"))
	join := func(name string, cleared bool, roles ...staff.Role) {
		w.seed("join", name)
		box := name + "@letterlock.example"
		got(st.Invite(w.Context(), w.team["chief"].ID, staff.Invitation{Why: "the team needs them", Name: name, Mailbox: box, Roles: roles, Cleared: cleared}))(w)
		m := got(st.RegisterKey(w.Context(), w.token("/enrol/"), "", got(soft.New().Enrol(site, name))(w)))(w)
		w.ok(st.Train(w.Context(), w.team["chief"].ID, m.ID, "2026-1", 90, "taught in the house"))
		w.team[name] = got(st.Member(w.Context(), m.ID))(w)
	}
	for _, r := range staff.Roles {
		join(string(r), false, r)
	}
	join("noor", true, staff.Analyst, staff.Counsel)
}

// token is that of the link in the newest mail.
func (w *house) token(path string) string {
	w.Helper()
	_, after, ok := strings.Cut(w.mail.sent[len(w.mail.sent)-1], path)
	if !ok {
		w.Fatalf("no link was mailed: %s", w.mail.sent[len(w.mail.sent)-1])
	}
	return strings.Fields(after)[0]
}

// enlist has two agencies with their officers and a system each.
func (w *house) enlist() {
	w.Helper()
	w.seed("agencies")
	a, ctx, by := w.halves.desk.desk.Agencies, w.Context(), w.team["chief"].Actor()
	w.harbor = got(a.AddAgency(ctx, by, agency.Agency{Name: "Harbor County Sheriff", Country: "US", Domains: []string{"sheriff.harbor.example"}, Switchboard: "+1 202 555 0100", Source: "county directory", Sponsor: agency.Word{Why: "it is in the state register"}}))(w)
	w.bay = got(a.AddAgency(ctx, by, agency.Agency{Name: "Bay City Police", Country: "US", Domains: []string{"police.bay.example"}, Switchboard: "+1 202 555 0111", Source: "city directory", Sponsor: agency.Word{Why: "it is in the state register"}}))(w)
	for _, o := range []struct {
		name, domain string
		role         casefile.AgencyRole
	}{{"reyes", "sheriff.harbor.example", casefile.Requester}, {"kim", "sheriff.harbor.example", casefile.Requester}, {"sorel", "sheriff.harbor.example", casefile.Supervisor},
		{"cole", "sheriff.harbor.example", casefile.Custodian}, {"pons", "sheriff.harbor.example", casefile.Contact}, {"stone", "police.bay.example", casefile.Contact}} {
		w.officer(o.name, o.name+"@"+o.domain, o.role)
	}
	for _, name := range []string{"kim", "stone", "reyes"} {
		w.seed("system", name)
		_, key, err := a.AddSystem(ctx, by, agency.Enlisting{Why: "the agency asked for it", Name: "Records of " + name, Officer: w.force[name].ID, Life: 90 * 24 * time.Hour})
		w.ok(err)
		w.keys[name] = key.Reveal()
	}
}

func (w *house) officer(name, box string, role casefile.AgencyRole) {
	w.Helper()
	w.seed("officer", name)
	a, ctx, site := w.halves.desk.desk.Agencies, w.Context(), w.base.site("portal", "portal")
	w.ok(a.Enrol(ctx, agency.Enrolment{Name: "Officer " + name, Rank: "Det.", Mailbox: box, Phone: "+12025550101"}))
	o := got(a.RegisterKey(ctx, w.token("/link/"), got(soft.New().Enrol(site, name))(w)))(w)
	w.ok(a.Confirm(ctx, w.team["analyst"].Actor(), o.ID, "called the switchboard"))
	w.ok(a.Confirm(ctx, w.team["chief"].Actor(), o.ID, "called the switchboard again"))
	got(a.AddKey(ctx, o.ID, got(soft.New().Enrol(site, name))(w)))(w)
	if role != casefile.Requester {
		w.ok(a.SetRole(ctx, w.team["chief"].Actor(), o.ID, role, "their office"))
	}
	w.force[name] = got(a.Officer(ctx, o.ID))(w)
}

// pass lets time go by as the running program would see it. What each part of
// it draws follows from the hour alone.
func (w *house) pass(d time.Duration) {
	w.Helper()
	c, h := w.halves.carrier, w.halves.desk
	for end := w.clock.Now().Add(d); w.clock.Now().Before(end); {
		w.clock.Advance(min(9*time.Minute, end.Sub(w.clock.Now())))
		for _, l := range []ledgers{c.ledgers, h.ledgers} {
			l.public.CheckClock(w.clock.Now())
			l.sealed.CheckClock(w.clock.Now())
		}
	}
	for i, do := range []func(context.Context) error{h.ledgers.public.Tick, c.ledgers.public.Tick, h.ledgers.sealed.Tick, c.ledgers.sealed.Tick, h.desk.Tick, h.desk.Cosign,
		func(context.Context) error { c.holdings.Flush(); return nil }} {
		w.seed("tick", i, w.clock.Now())
		if err := do(w.Context()); err != nil {
			w.base.log.Warn("the desk could not do all that is due", "err", err)
		}
	}
}

// inHouse hands requests to the program without a network.
type inHouse struct{ sites http.Handler }

func (h inHouse) RoundTrip(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
	}
	in := httptest.NewRequest(r.Method, r.URL.String(), bytes.NewReader(body)).WithContext(r.Context())
	in.Header = r.Header.Clone()
	rec := httptest.NewRecorder()
	h.sites.ServeHTTP(rec, in)
	res := rec.Result()
	res.Request = r
	return res, nil
}

// visitor is somebody with a browser of their own.
func (w *house) visitor(site, session, who string) *http.Client {
	w.Helper()
	c := browser.New().Client
	c.Transport = inHouse{w.sites}
	if session == "" {
		return c
	}
	raw := sha256.Sum256([]byte("planted " + who))
	w.ok(w.halves.desk.sessions(session).PutSession(w.Context(), casefile.Session{Token: sha256.Sum256(raw[:]), Who: who, Begun: w.clock.Now(), Seen: w.clock.Now()}))
	u := got(url.Parse(w.base.conf.Origin(site)))(w)
	c.Jar.SetCookies(u, []*http.Cookie{{Name: session + "-session", Value: base64.RawURLEncoding.EncodeToString(raw[:]), Path: "/"}})
	return c
}

// holder is a key holder signed in at the release pages.
func (w *house) holder(name string) *http.Client {
	w.Helper()
	w.seed("sign in", name)
	b := browser.New()
	b.Client.Transport = inHouse{w.sites}
	origin := w.base.conf.Origin("release")
	f := got(got(b.Get(origin+"/"))(w).FormByAttr("data-passkey", "*"))(w)
	answer := got(w.holders[name].Get(origin, passkey.Options(f.Attr("data-options"))))(w)
	if p := got(f.Set("answer", string(answer)).Press(""))(w); p.Status != http.StatusOK {
		w.Fatalf("%s cannot sign in: %d %s", name, p.Status, p.Text())
	}
	return b.Client
}

// answer is everything of an answer that a visitor gets.
func (w *house) answer(c *http.Client, method, address string, form url.Values, heads ...string) (text, body, location string) {
	w.Helper()
	w.seed(method, address)
	var in io.Reader
	if form != nil {
		in = strings.NewReader(form.Encode())
	}
	r := got(http.NewRequestWithContext(w.Context(), method, address, in))(w)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	for i := 0; i+1 < len(heads); i += 2 {
		r.Header.Set(heads[i], heads[i+1])
	}
	still := *c
	still.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	res := got(still.Do(r))(w)
	defer res.Body.Close()
	b := got(io.ReadAll(res.Body))(w)
	var head []string
	for k, v := range res.Header {
		head = append(head, fmt.Sprint(k, v))
	}
	slices.Sort(head)
	return fmt.Sprintln(res.StatusCode, head) + string(b), string(b), res.Header.Get("Location")
}
