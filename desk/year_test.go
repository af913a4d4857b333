package desk_test

import (
	"container/heap"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"filippo.io/age"

	"letterlock/desk"
	"letterlock/desk/agency"
	"letterlock/desk/casefile"
	"letterlock/desk/desktest"
	"letterlock/desk/staff"
	"letterlock/disclosable"
	"letterlock/internal/fault"
	"letterlock/internal/testkit/pg"
	"letterlock/law"
	"letterlock/ledger"
	"letterlock/storage/blob"
	"letterlock/storage/deskdb"
)

// The year that is simulated: requests are filed on its days, 29 February 2028
// among them; the desk goes on until the last of what they brought is over.
var (
	yearFrom  = time.Date(2027, 7, 1, 0, 0, 0, 0, time.UTC)
	yearUntil = time.Date(2028, 7, 1, 0, 0, 0, 0, time.UTC)
)

// sender is an officer of the year with the key that packages are sealed to;
// nil: a passphrase.
type sender struct {
	agency.Officer
	country law.Jurisdiction
	key     *age.X25519Identity
}

// year is a desk in which a year goes by: an agenda of what people do and of
// when somebody looks, and of each request what has to come of it.
type year struct {
	*world
	r       *rand.Rand // what people do
	storms  *rand.Rand // when the desk falls over
	calm    bool       // it never does
	agenda  agenda
	lives   []*life
	senders map[law.Jurisdiction]*sender
	boss    agency.Officer // signs emergencies next to Reyes
	pens    [2]armedPen    // of Reyes and of the boss
	chief   staff.Member   // a second lead
	cleared staff.Member   // counsel, and a lead, on the list
	veil    staff.Member
	crashes int
	looks   int
	things  int
	between int         // looks between two falls, about
	owing   time.Time   // until then legal process is owed after an emergency
	turn    int         // which row of the law table comes next
	veiled  int         // and which row of sealed matters
	filed   map[int]int // ordinary requests of a calendar year
	said    int         // requests on whose papers counsel decided
	shown   int         // of them, published
}

// thing is on the agenda: something to do at a moment, or only a look.
type thing struct {
	at time.Time
	no int // things of one moment are done in the order in which they were put down
	do func()
}

type agenda []thing

func (a agenda) Len() int { return len(a) }
func (a agenda) Less(i, j int) bool {
	return a[i].at.Before(a[j].at) || a[i].at.Equal(a[j].at) && a[i].no < a[j].no
}
func (a agenda) Swap(i, j int) { a[i], a[j] = a[j], a[i] }
func (a *agenda) Push(x any)   { *a = append(*a, x.(thing)) }
func (a *agenda) Pop() any {
	last := (*a)[len(*a)-1]
	*a = (*a)[:len(*a)-1]
	return last
}

// at puts something on the agenda.
func (x *year) at(t time.Time, do func()) {
	x.things++
	heap.Push(&x.agenda, thing{t, x.things, do})
}

// around has the desk looked at just before something falls due, and just after.
func (x *year) around(t time.Time) {
	x.at(t.Add(-time.Minute), nil)
	x.at(t.Add(time.Minute), nil)
	x.settle(t.Add(time.Minute))
}

// settle looks again when the ledgers have taken what was done into their trees.
func (x *year) settle(t time.Time) {
	for _, d := range []time.Duration{2, 4, 6} {
		x.at(t.Add(d*time.Minute), nil)
	}
}

// newYear opens the desk, with officers of several countries.
func newYear(t testing.TB, seed uint64, cases int, where func(name string) string) *year {
	x := &year{world: worldAt(t, opening{yearFrom, where}, nil), r: rand.New(rand.NewPCG(seed, 1)), storms: rand.New(rand.NewPCG(seed, 2)), senders: map[law.Jurisdiction]*sender{}, filed: map[int]int{}}
	x.door.Counsel = "Miriam Adler"
	x.conf.PerHour, x.between = 1000, max(25, cases/10) // a fall reads the whole ledger again
	x.keepsPapers()
	x.desk = newDesk(x.conf)
	x.cleared = x.clearedCounsel()
	x.ok(x.desk.Staff.DeclareAll(x.ctx, x.cleared.ID, "went through family and earlier employers"))
	x.chief = x.leads("Vera Lind", "vera@letterlock.example", false)
	x.veil = x.leads("Ada Stern", "ada@letterlock.example", true)
	for _, r := range law.Default().Rows() {
		if r.Certainty == law.Known && r.InForce(yearFrom) {
			x.ok(x.desk.ApproveRow(x.ctx, x.counsel.ID, r.ID, r.Hash(), "read against the official text"))
		}
	}
	x.boss = x.colleague("Luc Moreau", "moreau@sheriff.harbor.example", casefile.Supervisor)
	x.pens = [2]armedPen{{x.reyes, x.armed(x.reyes)}, {x.boss, x.armed(x.boss)}}
	x.senders["US"] = &sender{Officer: x.reyes, country: "US", key: must(age.GenerateX25519Identity())(x)}
	x.ok(x.desk.Agencies.SetRecipient(x.ctx, x.reyes.ID, x.senders["US"].key.Recipient().String()))
	for _, c := range []law.Jurisdiction{"DE", "FR", "GB", "BR", "IN", "AU"} {
		x.senders[c] = x.sender(c)
	}
	x.standing()
	return x
}

func (x *year) leads(name, box string, cleared bool) staff.Member {
	x.Helper()
	must(x.desk.Staff.Invite(x.ctx, x.lead.ID, staff.Invitation{Why: "the team needs them", Name: name, Mailbox: box, Roles: []staff.Role{staff.Lead}, Cleared: cleared}))(x)
	m := must(x.desk.Staff.RegisterKey(x.ctx, x.mail.token(x, box), "", x.key()))(x)
	x.ok(x.desk.Staff.Train(x.ctx, x.lead.ID, m.ID, "2026-1", 90, "taught in the house"))
	x.ok(x.desk.Staff.DeclareAll(x.ctx, m.ID, "went through family and earlier employers"))
	return m
}

func (x *year) sender(c law.Jurisdiction) *sender {
	x.Helper()
	domain := "police." + string(c[0]+'a'-'A') + string(c[1]+'a'-'A') + ".example"
	must(x.desk.Agencies.AddAgency(x.ctx, x.lead.Actor(), agency.Agency{Name: "Police " + string(c), Country: c, Domains: []string{domain}, Switchboard: "+12025550199", Source: "directory", Sponsor: agency.Word{Why: "it is in the state register"}}))(x)
	x.ok(x.desk.Agencies.Enrol(x.ctx, agency.Enrolment{Name: "Officer " + string(c), Mailbox: "o@" + domain}))
	o := must(x.desk.Agencies.RegisterKey(x.ctx, x.mail.token(x, "o@"+domain), x.key()))(x)
	x.confirm(o.ID)
	s := &sender{country: c}
	if c != "IN" { // whose packages are sealed to passphrases
		s.key = must(age.GenerateX25519Identity())(x)
		x.ok(x.desk.Agencies.SetRecipient(x.ctx, o.ID, s.key.Recipient().String()))
	}
	s.Officer = must(x.desk.Agencies.Active(x.ctx, o.ID))(x)
	return s
}

// standing are the things of every day and of every half-year: the desk is
// looked at twice a day, the team's training and the officers' enrolment
// are renewed before they lapse, and on the first of each month the disk is
// searched for what should be gone.
func (x *year) standing() {
	end := yearUntil.AddDate(0, 7, 0)
	for t := yearFrom.Add(time.Hour); t.Before(end); t = t.Add(12 * time.Hour) {
		x.at(t, nil)
	}
	for t := yearFrom.AddDate(0, 1, 0); !t.After(end); t = t.AddDate(0, 1, 0) {
		x.at(t, x.searchDisk)
	}
	for t := yearFrom.AddDate(0, 0, 150); t.Before(end); t = t.AddDate(0, 0, 150) {
		x.at(t, x.retrain)
	}
	x.papersDays(end)
	x.at(yearFrom.AddDate(0, 0, 345), func() {
		for _, o := range []casefile.OfficerID{x.reyes.ID, x.boss.ID} {
			x.reconfirm(o)
		}
		for _, s := range x.senders {
			if s.ID != x.reyes.ID {
				x.reconfirm(s.ID)
			}
		}
	})
}

func (x *year) reconfirm(id casefile.OfficerID) {
	x.Helper()
	x.ok(x.desk.Agencies.Confirm(x.ctx, x.analyst.Actor(), id, "called the switchboard"))
	x.ok(x.desk.Agencies.Confirm(x.ctx, x.lead.Actor(), id, "called the switchboard again"))
}

func (x *year) retrain() {
	x.Helper()
	x.ok(x.desk.Staff.Train(x.ctx, x.chief.ID, x.lead.ID, "2026-1", 95, "taught in the house"))
	x.ok(x.desk.Staff.DeclareAll(x.ctx, x.lead.ID, "went through family and earlier employers"))
	for _, m := range []staff.Member{x.analyst, x.second, x.counsel, x.custodian, x.cleared, x.chief, x.veil} {
		x.ok(x.desk.Staff.Train(x.ctx, x.lead.ID, m.ID, "2026-1", 95, "taught in the house"))
		x.ok(x.desk.Staff.DeclareAll(x.ctx, m.ID, "went through family and earlier employers"))
	}
}

// runs lets the time go by, from one thing on the agenda to the next.
func (x *year) runs() {
	x.Helper()
	for x.agenda.Len() > 0 {
		at, acted := x.agenda[0].at, false
		x.goesOn(at)
		x.look()
		for x.agenda.Len() > 0 && !x.agenda[0].at.After(at) {
			if next := heap.Pop(&x.agenda).(thing); next.do != nil {
				next.do()
				acted = true
			}
		}
		if acted {
			x.look()
			x.settle(at)
		}
	}
}

// goesOn lets the clock come to a moment as it would in a running house: while
// records wait, the ledgers take their batch each minute.
func (x *year) goesOn(end time.Time) {
	all := []*ledger.Ledger{x.ledger.Ledger, x.carrier, x.vault}
	for x.clock.Now().Before(end) {
		waits := slices.ContainsFunc(all, func(l *ledger.Ledger) bool { return l.State().Pending > 0 })
		if !waits {
			x.flows(end)
			return
		}
		x.clock.Advance(min(time.Minute, end.Sub(x.clock.Now())))
		for _, l := range all {
			x.ok(l.Tick(x.ctx))
		}
	}
}

// look is what a running desk does every few seconds.
func (x *year) look() {
	x.Helper()
	x.ok(x.ledger.Ledger.Tick(x.ctx))
	x.ok(x.carrier.Tick(x.ctx))
	x.looks++
	if !x.calm && x.storms.IntN(x.between) == 0 {
		x.falls()
	}
	x.tick()
	x.certifies()
}

// falls has the desk stop in the middle of what it does, and start again on the
// same disk. What is left out is the one moment of which the desk says itself
// that it cannot be mended: between the carrier's release and its storing, when
// a grant is spent and its records are gone (desk/review/release.go).
func (x *year) falls() {
	x.Helper()
	points := []string{"before:resolve", "before:propose", "after:propose", "before:redeem", "before:tell", "after:tell", "before:preserve", "after:preserve",
		"before:trace", "before:collect", "after:collect", "before:objections", "before:proof", "commit", "ledger", "nothing"}
	point, left := points[x.storms.IntN(len(points))], x.storms.IntN(3)
	gone := fault.New(fault.Unavailable, "simulated crash", "the program stopped")
	x.door.Fail = func(p string) error {
		if p == point {
			return gone
		}
		return nil
	}
	x.store.fail = func(c casefile.Change) error {
		spent := slices.ContainsFunc(c.Events, func(e casefile.Event) bool { return e.Kind == casefile.KReleased || e.Kind == casefile.KTraced })
		if left--; point == "commit" && left < 0 && !spent {
			return gone
		}
		return nil
	}
	x.ledger.broken = point == "ledger"
	_ = x.desk.Tick(x.ctx) // it stops: what it says is lost with it
	x.door.Fail, x.ledger.broken = func(string) error { return nil }, false
	x.reopens()
	x.crashes++
}

// reopens starts the desk anew from its disk.
func (x *year) reopens() {
	x.Helper()
	old, oldSealed := x.conf.Agencies.(*deskdb.DB), x.conf.SealedMarks.(*deskdb.DB)
	x.ok(old.Close())
	x.ok(oldSealed.Close())
	db, sealed := x.database("desk"), x.database("sealed")
	x.ok(x.ledger.Ledger.Close())
	x.ok(x.vault.Close())
	x.ledger.Ledger, x.vault = x.reopenLedger("desk"), x.reopenLedger("desk-sealed")
	x.ok(x.ledger.Trust(x.carrier.Keys()...))
	x.store = &shaky{Store: db}
	x.conf.Public = casefile.Shelf{Store: x.store, Blobs: must(blob.Open(filepath.Join(x.dir, "blobs")))(x)}
	x.conf.Sealed = casefile.Shelf{Store: sealed, Blobs: must(blob.Open(filepath.Join(x.dir, "sealed-blobs")))(x)}
	x.conf.Agencies, x.conf.Staff, x.conf.Links, x.conf.Marks, x.conf.SealedMarks = db, db, db, db, sealed
	x.conf.Portal, x.conf.Console = deskdb.Sessions{DB: db, Site: "portal"}, deskdb.Sessions{DB: db, Site: "console"}
	x.conf.Vault = x.vault
	x.desk = desk.New(x.conf)
}

func (x *year) reopenLedger(name string) *ledger.Ledger {
	x.Helper()
	l := must(ledger.Open(filepath.Join(x.dir, "ledger-"+name), ledger.Options{Clock: x.clock}))(x)
	x.Cleanup(func() { l.Close() })
	return l
}

// person is an account of its own for one request.
func (x *year) person(i int) string {
	id := fmt.Sprintf("+1312%07d", 2_000_000+i)
	x.door.Accounts[id] = desktest.Account{ID: disclosable.Account{0xc, byte(i), byte(i >> 8), byte(i >> 16)}, Fields: map[disclosable.FieldID]string{
		"phone": id, "name": "Person " + id, "service_start": "2024-02-03", "last_seen": "2026-11-22", "last_ip": "203.0.113.7", "blocks": "", "about": "x"}}
	return id
}

// TestAYearOfTheDesk: what falls due happens once, on its day, through weekends,
// the leap day and crashes; the report is what was counted by hand; every
// package verifies; what is past its term is gone from the disk.
// LETTERLOCK_YEAR is how many requests are filed, LETTERLOCK_YEAR_SEED repeats a
// run.
func TestAYearOfTheDesk(t *testing.T) {
	goesBy(t, env("LETTERLOCK_YEAR", 75), nil)
}

// TestAYearOfTheDeskOnPostgreSQL is a smaller year on the other engine.
func TestAYearOfTheDeskOnPostgreSQL(t *testing.T) {
	at := map[string]string{}
	goesBy(t, env("LETTERLOCK_YEAR_POSTGRES", 20), func(name string) string {
		if at[name] == "" {
			at[name], _ = pg.New(t)
		}
		return at[name]
	})
}

func goesBy(t *testing.T, cases int, where func(name string) string) {
	seed := env("LETTERLOCK_YEAR_SEED", int(time.Now().UnixNano()%1e9))
	t.Logf("LETTERLOCK_YEAR_SEED=%d, %d requests", seed, cases)
	began := time.Now()
	x := newYear(t, uint64(seed), cases, where)
	for i := range cases {
		x.plans(i)
	}
	x.runs()
	x.reckons()
	x.reckonsPapers()
	x.counts()
	x.everyLaw()
	t.Logf("%d requests, %d looks, %d crashes, until %s, in %s", len(x.lives), x.looks, x.crashes, x.clock.Now().Format(time.DateOnly), time.Since(began).Round(time.Second))
}
