package holdings_test

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	d "letterlock/disclosable"
	"letterlock/disclosable/door"
	"letterlock/internal/clock"
	"letterlock/internal/fault"
	"letterlock/internal/passkey"
	"letterlock/internal/testkit"
	soft "letterlock/internal/testkit/passkey"
	"letterlock/law"
	"letterlock/ledger"
	"letterlock/messenger/holdings"
	"letterlock/storage/storagetest"
	"letterlock/wire"
)

var start = time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)

// accounts is an extractor that gives out everything it has, whatever it is
// asked: what is not granted must be stopped by holdings alone.
type accounts struct {
	phones map[string]wire.AccountID
	facts  map[wire.AccountID][]d.Record
	broken error
}

func (a *accounts) Records(_ context.Context, id wire.AccountID, _ []d.FieldID) ([]d.Record, error) {
	var out []d.Record
	for _, rs := range a.facts {
		out = append(out, rs...) // of other accounts too
	}
	_ = id
	return out, a.broken
}
func (a *accounts) Find(_ context.Context, phone string) (wire.AccountID, bool, error) {
	if !strings.HasPrefix(phone, "+") {
		return wire.AccountID{}, false, fault.New(fault.Invalid, "find", "give a number like +15550100")
	}
	id, ok := a.phones[phone]
	return id, ok, nil
}
func (a *accounts) Exists(_ context.Context, id wire.AccountID) (bool, error) {
	return a.facts[id] != nil, nil
}

func (a *accounts) add(phone string, id wire.AccountID) {
	acc := d.Account(id)
	a.phones[phone] = id
	for _, f := range [][2]string{{"phone", phone}, {"name", "Name of " + phone}, {"service_start", "2026-09-01"}, {"last_seen", "2026-11-20"}, {"last_ip", "192.0.2.7"},
		{"device_type", "terminal"}, {"email", "person@example.org"}, {"devices", "1, 2026-09-01"}, {"blocks", id.String()}, {"push", "1, https://push.example/x, key, secret"}, {"about", "about text"}} {
		a.facts[id] = append(a.facts[id], d.Record{Account: acc, Field: d.FieldID(f[0]), Value: f[1]})
	}
}

// post keeps what was queued and mailed.
type post struct {
	notices [][]byte
	mails   []string
	broken  error
}

func (p *post) PutNotice(_ context.Context, _ wire.AccountID, b []byte) (int, error) {
	if p.broken != nil {
		return 0, p.broken
	}
	p.notices = append(p.notices, b)
	return 1, nil
}
func (p *post) Mail(_ context.Context, to, subject, text string) error {
	p.mails = append(p.mails, to+"\n"+subject+"\n"+text)
	return nil
}

// world is a carrier with three key holders, two accounts and real ledgers.
type world struct {
	*holdings.Holdings
	t        *testing.T
	clock    *clock.Manual
	site     passkey.Site
	accounts *accounts
	post     *post
	store    holdings.Store
	public   *ledger.Ledger
	sealed   *ledger.Ledger
	config   holdings.Config
	keys     map[string]*soft.Authenticator
	alice    wire.AccountID
	bob      wire.AccountID
	notice   ed25519.PublicKey
	through  door.Door // the same door through a socket, if not nil
}

// Propose and Redeem are what a desk calls, directly or through the socket.
func (w *world) Propose(ctx context.Context, b []byte) (door.Proposal, error) {
	if w.through != nil {
		return w.through.Propose(ctx, b)
	}
	return w.Holdings.Propose(ctx, b)
}
func (w *world) Redeem(ctx context.Context, h d.Hash) (door.Release, error) {
	if w.through != nil {
		return w.through.Redeem(ctx, h)
	}
	return w.Holdings.Redeem(ctx, h)
}

// apart puts the desk on the other side of a Unix socket.
func (w *world) apart() *world {
	w.t.Helper()
	path := filepath.Join(w.t.TempDir(), "s")
	ln, err := door.Listen(path)
	if err != nil {
		w.t.Fatal(err)
	}
	srv := door.NewServer(w.Holdings)
	go srv.Serve(ln)
	w.t.Cleanup(func() { srv.Close() })
	c, err := door.Dial("unix:"+path, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(c.Close)
	w.through = c
	return w
}

const alicePhone, bobPhone = "+15550100123", "+15550100456"

func newWorld(t *testing.T) *world {
	return worldWith(t, storagetest.SQLite(t).Holdings())
}

func worldWith(t *testing.T, store holdings.Store) *world {
	t.Helper()
	return worldOf(t, store, "Ada Okafor", "Ben Ito", "Chi Park")
}

func worldOf(t *testing.T, store holdings.Store, first ...string) *world {
	t.Helper()
	w := &world{t: t, clock: clock.NewManual(start), site: passkey.Site{ID: "release.localhost", Origin: "http://release.localhost:8080", Name: "Release"},
		accounts: &accounts{phones: map[string]wire.AccountID{}, facts: map[wire.AccountID][]d.Record{}}, post: &post{}, store: store,
		keys: map[string]*soft.Authenticator{}, alice: wire.NewAccountID(), bob: wire.NewAccountID()}
	w.accounts.add(alicePhone, w.alice)
	w.accounts.add(bobPhone, w.bob)
	w.public, w.sealed = w.ledger("example.org/carrier", false), w.ledger("example.org/sealed", true)
	pub, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	w.notice = pub
	table := law.Default()
	w.config = holdings.Config{Site: w.site, Clock: w.clock, Law: table, Counsel: table.Approve("Counsel", "2026-11-01"), Records: w.accounts, Notices: w.post, Mail: w.post,
		Ledger: w.public, Sealed: w.sealed, Store: w.store, SealedStore: storagetest.SQLite(t).Holdings(), NoticeKey: key, SnapshotKey: make([]byte, 32), Operator: "Example Messenger"}
	w.open()
	w.enrolFirst(first...)
	w.enrolCleared("Dana Moss", "Eli Roth")
	return w
}

func (w *world) open() {
	w.t.Helper()
	h, err := holdings.New(w.config)
	if err != nil {
		w.t.Fatal(err)
	}
	w.Holdings = h
}

func (w *world) ledger(origin string, sealed bool) *ledger.Ledger {
	w.t.Helper()
	s := ledger.Default(origin)
	s.Sealed = sealed
	dir := filepath.Join(testkit.Dir(w.t), "ledger")
	if err := ledger.Create(dir, s, w.clock, nil); err != nil {
		w.t.Fatal(err)
	}
	l, err := ledger.Open(dir, ledger.Options{Clock: w.clock})
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { l.Close() })
	return l
}

func (w *world) enrolFirst(names ...string) {
	w.t.Helper()
	links, err := w.FirstHolders(w.t.Context(), names)
	if err != nil {
		w.t.Fatal(err)
	}
	for name, url := range links {
		w.enrol(name, url)
	}
}

// enrolCleared gives the first holders of the sealed set their keys.
func (w *world) enrolCleared(names ...string) {
	w.t.Helper()
	links, err := w.Cleared().FirstHolders(w.t.Context(), names)
	if err != nil {
		w.t.Fatal(err)
	}
	for name, url := range links {
		w.enrolIn(w.Cleared(), name, url)
	}
}

func (w *world) enrol(name, url string) time.Time {
	w.t.Helper()
	return w.enrolIn(w.Set, name, url)
}

func (w *world) enrolIn(set *holdings.Set, name, url string) time.Time {
	w.t.Helper()
	a := soft.New()
	w.keys[name] = a
	ch := passkey.NewChallenge()
	answer, err := a.Create(w.site.Origin, w.site.Create(passkey.User{Handle: []byte(name), Name: name}, ch, nil))
	if err != nil {
		w.t.Fatal(err)
	}
	active, err := set.Enrol(w.t.Context(), url[strings.LastIndex(url, "/")+1:], ch, answer)
	if err != nil {
		w.t.Fatal(err)
	}
	if !active.IsZero() {
		w.train(set, name)
	}
	return active
}

// noTie is what everybody says who signs.
var noTie = door.Word{NoTie: true}

// train has a holder state a training of today, unless one counts.
func (w *world) train(set *holdings.Set, name string) {
	w.t.Helper()
	ctx := w.t.Context()
	if until, err := set.Trained(ctx, name); err != nil || !until.IsZero() {
		return
	}
	holders, err := set.Holders(ctx)
	if err != nil {
		w.t.Fatal(err)
	}
	if !slices.ContainsFunc(holders, func(x door.Holder) bool { return x.Name == name && x.Usable(w.clock.Now()) }) {
		return // a further key of somebody, or none
	}
	if err := w.state(set, name, name, w.clock.Now()); err != nil {
		w.t.Fatal(name, err)
	}
}

// state has somebody's key answer the statement of a holder.
func (w *world) state(set *holdings.Set, holder, key string, day time.Time) error {
	ctx, now := w.t.Context(), w.clock.Now()
	x, err := set.Statement(ctx, holder, day, now)
	if err != nil {
		return err
	}
	a, err := w.keys[key].Sign(w.site, x.Hash[:])
	if err != nil {
		return err
	}
	return set.Train(ctx, holder, day, now, a)
}

// grant is an honest one for Alice under a 2703(d) order.
func (w *world) grant(change ...func(*d.Grant)) d.Grant {
	w.t.Helper()
	now := w.clock.Now()
	g := d.Grant{Version: d.GrantVersion, Kind: d.Produce, Nonce: d.NewNonce(), Case: "LL-2026-000017", Process: "us.order.2703d", Agency: "Harbor County Sheriff", Officer: "Det. O. Reyes",
		Asked: alicePhone, Account: d.Account(w.alice), Fields: []d.FieldID{"last_seen", "name"}, Issued: now.Unix(), Expires: now.Add(7 * 24 * time.Hour).Unix(),
		Notice: d.NoticePlan{Timing: d.ToldAfter, Day: now.Unix(), Basis: "18 USC 2705(b)"}}
	for _, f := range change {
		f(&g)
	}
	if g.LawRow == (d.Hash{}) {
		row, ok := w.config.Law.Row(law.ProcessID(g.Process), now)
		if ok {
			g.LawRow = d.Hash(row.Hash())
		}
	}
	return g
}

func (w *world) bytes(g d.Grant) []byte {
	w.t.Helper()
	b, err := g.Bytes()
	if err != nil {
		w.t.Fatal(err)
	}
	return b
}

func (w *world) propose(g d.Grant) d.Hash {
	w.t.Helper()
	p, err := w.Propose(w.t.Context(), w.bytes(g))
	if err != nil {
		w.t.Fatal(err)
	}
	return p.Hash
}

func (w *world) sign(h d.Hash, names ...string) {
	w.t.Helper()
	for _, n := range names {
		set := w.setOf(n)
		w.train(set, n)
		a, err := w.keys[n].Sign(w.site, h[:])
		if err != nil {
			w.t.Fatal(err)
		}
		if _, err := set.Sign(w.t.Context(), h, noTie, a); err != nil {
			w.t.Fatalf("%s: %v", n, err)
		}
	}
}

// setOf is the set that somebody's key is of.
func (w *world) setOf(name string) *holdings.Set {
	w.t.Helper()
	a, err := w.keys[name].Sign(w.site, make([]byte, 32))
	if err != nil {
		w.t.Fatal(err)
	}
	if knows, err := w.Cleared().Knows(w.t.Context(), a.KeyID); err != nil || knows {
		return w.Cleared()
	}
	return w.Set
}

// ready is a grant that two people signed.
func (w *world) ready(change ...func(*d.Grant)) d.Hash {
	w.t.Helper()
	g := w.grant(change...)
	h := w.propose(g)
	w.sign(h, pair(g.Sealed)...)
	return h
}

// pair are two holders of a set.
func pair(sealed bool) []string {
	if sealed {
		return []string{"Dana Moss", "Eli Roth"}
	}
	return []string{"Ada Okafor", "Ben Ito"}
}

func (w *world) storeOf(sealed bool) holdings.Store {
	if sealed {
		return w.config.SealedStore
	}
	return w.store
}

// kinds counts the records of a ledger by kind.
func kinds(t *testing.T, l *ledger.Ledger) map[string]int {
	t.Helper()
	m := map[string]int{}
	for o, err := range l.Openings(1, 0) {
		if err != nil {
			t.Fatal(err)
		}
		m[o.Entry.Kind]++
	}
	return m
}

func fieldsOf(rs []d.Record) []d.FieldID {
	var out []d.FieldID
	for _, r := range rs {
		out = append(out, r.Field)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Tell uses a notice's grant without a receipt.
func (w *world) Tell(ctx context.Context, h d.Hash) (door.Told, error) {
	return w.TellWith(ctx, door.Telling{Grant: h})
}

// TellWith is the door's, as the desk calls it.
func (w *world) TellWith(ctx context.Context, t door.Telling) (door.Told, error) {
	if w.through != nil {
		return w.through.Tell(ctx, t)
	}
	return w.Holdings.Tell(ctx, t)
}
