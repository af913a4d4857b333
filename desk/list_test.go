package desk_test

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"letterlock/desk"
	"letterlock/desk/casefile"
	"letterlock/desk/desktest"
	"letterlock/disclosable"
	"letterlock/internal/fault"
	"letterlock/internal/testkit"
)

// crowd plants n accounts and asks for all of them, and for as many numbers
// again as have none.
func (w *world) crowd(n, none int) casefile.Demand {
	w.Helper()
	d := w.order()
	d.Targets, d.Wanted = nil, []casefile.Item{"name", "last_ip"}
	d.Gag = casefile.Gag{Asked: true, Order: true, Start: d.Issued, End: w.clock.Now().AddDate(0, 0, 60), Grounds: []string{"2705(b)(1)"}, Basis: "18 USC 2705(b)"}
	var text strings.Builder
	for i := range n + none {
		id := fmt.Sprintf("+1202%07d", 1000+i)
		fmt.Fprintln(&text, id)
		if i >= n {
			continue
		}
		a := disclosable.Account{byte(i), byte(i >> 8), 7, 7}
		w.door.Accounts[id] = desktest.Account{ID: a, Fields: map[disclosable.FieldID]string{"name": "Person " + id, "last_ip": "192.0.2.7"}}
	}
	targets, bad, err := casefile.ReadTargets(text.String())
	if err != nil || len(bad) > 0 {
		w.Fatalf("%v %v", bad, err)
	}
	d.Targets = targets
	return d
}

// studies is study for a list.
func (w *world) studies(n casefile.Number) {
	w.Helper()
	w.assign(n, w.analyst.ID)
	w.reads(n)
	for _, f := range w.load(n).Findings {
		if f.Blocks() {
			w.ok(w.desk.Review.AnswerFinding(w.ctx, w.analyst.ID, n, f.ID, false, "checked: met"))
		}
	}
	w.ok(w.desk.Review.ResolveAll(w.ctx, w.analyst.ID, n, "the request asks about them"))
}

// lists are a case's grants to produce that list accounts.
func lists(c casefile.Case) (out []casefile.GrantState) {
	for _, g := range c.GrantsOf(disclosable.Produce) {
		if g.IsList() {
			out = append(out, g)
		}
	}
	return out
}

func TestThreeAccountsOfWhichOneIsUnknownAreOneGrant(t *testing.T) {
	w := newWorld(t)
	w.approve("us.order.2703d")
	n := w.file(w.crowd(2, 1))
	w.studies(n)
	w.produceAll(n, w.analyst)
	w.ok(w.desk.Review.Propose(w.ctx, w.analyst.ID, n, "what was decided is carried out"))
	c := w.load(n)
	if l := lists(c); len(l) != 1 || len(c.GrantsOf(disclosable.Produce)) != 1 || len(l[0].Grant.List) != 3 || !l[0].Grant.List[2].Account.IsZero() {
		t.Fatalf("%d grants, %+v", len(c.Grants), l)
	}
	w.sign()
	w.pass(20 * time.Minute)
	w.pass(5 * time.Minute)
	c = w.load(n)
	if c.Phase() != casefile.Answered || c.Packages[0].Records != 4 {
		t.Fatalf("phase %s, packages %+v, alarms %+v", c.Phase(), c.Packages, c.Alarms)
	}
	if l := lists(c)[0]; l.List.Given() != 2 || l.List.Came[2] != casefile.CameNone || l.Phase != casefile.GrantUsed {
		t.Errorf("%+v", l.List)
	}
	w.collects(n, c.Packages[0].ID)
	w.pass(31 * 24 * time.Hour)
	if w.load(n).Packages[0].Destroyed.IsZero() {
		t.Error("our copy was not destroyed")
	}
	if n := w.door.Used(disclosable.Produce); n != 1 {
		t.Errorf("%d grants used at the carrier", n)
	}
}

func TestCounselDecidesMoreThanTwentyFive(t *testing.T) {
	w := newWorld(t)
	w.door.Counsel = "Miriam Adler"
	w.approve("us.order.2703d")
	n := w.file(w.crowd(26, 0))
	if !slices.ContainsFunc(w.load(n).Findings, func(f casefile.FindingState) bool { return f.ID == "TGT.TOO_MANY" }) {
		t.Error("no finding says that it names too many")
	}
	w.studies(n)
	w.refused(w.desk.Review.Decide(w.ctx, w.analyst.ID, n, w.produceChoices(n)), fault.Forbidden, "an analyst alone for 26")
	few := w.produceChoices(n)
	for i := range few {
		few[i].Verdict, few[i].Targets = casefile.Narrow, []int{0, 1, 2}
	}
	w.ok(w.desk.Review.Decide(w.ctx, w.analyst.ID, n, few)) // narrowed to what the paper shows
	w.free(n, w.counsel)
	w.ok(w.desk.Review.Decide(w.ctx, w.counsel.ID, n, w.produceChoices(n)))
	w.ok(w.desk.Review.Propose(w.ctx, w.analyst.ID, n, "what was decided is carried out"))
	w.sign() // two
	w.pass(5 * time.Minute)
	if c := w.load(n); c.Phase() != casefile.Signing || c.Disclosed() {
		t.Fatalf("after two signatures: %s", c.Phase())
	}
	w.ok(w.door.SignAll("Miriam Adler"))
	w.pass(20 * time.Minute)
	w.pass(5 * time.Minute)
	c := w.load(n)
	if c.Phase() != casefile.Answered || c.Packages[0].Records != 52 || len(lists(c)[0].Signed) != 3 {
		t.Fatalf("phase %s, alarms %+v", c.Phase(), c.Alarms)
	}
	w.collects(n, c.Packages[0].ID)
}

// TestAnObjectionHoldsItsAccountAndNoOther: of three people who were told one
// objects. The others go out; the third follows when counsel lets it.
func TestAnObjectionHoldsItsAccountAndNoOther(t *testing.T) {
	for _, uphold := range []bool{false, true} {
		t.Run(fmt.Sprintf("upheld %v", uphold), func(t *testing.T) {
			w := newWorld(t)
			w.approve("us.order.2703d")
			d := w.crowd(3, 0)
			d.Gag = casefile.Gag{}
			n := w.file(d)
			w.studies(n)
			w.produceAll(n, w.analyst)
			w.ok(w.desk.Review.Propose(w.ctx, w.analyst.ID, n, "what was decided is carried out"))
			w.sign()
			w.pass(5 * time.Minute)
			var tell casefile.GrantState
			for _, g := range w.load(n).GrantsOf(disclosable.Notify) {
				tell = g
			}
			if !tell.IsList() || tell.Phase != casefile.GrantUsed || w.load(n).Told(2).IsZero() || len(w.door.Tellers) != 3 {
				t.Fatalf("told %d of three, %s", len(w.door.Tellers), tell.Phase)
			}
			w.pass(6 * 24 * time.Hour)
			if w.load(n).Disclosed() {
				t.Fatal("disclosed before everybody had seven days")
			}
			w.door.ObjectTo(string(n), tell.Hash, 1, "it is not my number")
			w.pass(26 * time.Hour)
			w.pass(5 * time.Minute)
			c := w.load(n)
			if len(c.Packages) != 1 || c.Packages[0].Records != 4 || lists(c)[0].List.Came[1] != "" {
				t.Fatalf("packages %+v, %+v, alarms %+v", c.Packages, lists(c)[0].List.Came, c.Alarms)
			}
			w.free(n, w.counsel)
			w.ok(w.desk.Notice.CloseObjection(w.ctx, w.counsel.ID, n, 1, uphold, "the paper names it"))
			w.pass(20 * time.Minute)
			w.pass(5 * time.Minute)
			c = w.load(n)
			g := lists(c)[0]
			if uphold && (len(c.Packages) != 1 || g.List.Came[1] != "" || g.Phase != casefile.GrantUsed) {
				t.Errorf("an upheld objection: %d packages, %+v, %s", len(c.Packages), g.List.Came, g.Phase)
			}
			if !uphold && (len(c.Packages) != 2 || c.Packages[1].Records != 2 || g.Phase != casefile.GrantUsed) {
				t.Fatalf("a cleared objection: %+v, %+v, %s, alarms %+v", c.Packages, g.List.Came, g.Phase, c.Alarms)
			}
			w.collects(n, c.Packages[0].ID)
		})
	}
}

// TestACrashInTheMiddleOfAListLosesNoAccountAndBringsNoneTwice kills the desk
// before and after each answer of the carrier, and starts it anew.
func TestACrashInTheMiddleOfAListLosesNoAccountAndBringsNoneTwice(t *testing.T) {
	w := newWorld(t)
	w.approve("us.order.2703d")
	w.door.Batch = 3
	n := w.file(w.crowd(20, 0))
	w.studies(n)
	w.produceAll(n, w.analyst)
	w.ok(w.desk.Review.Propose(w.ctx, w.analyst.ID, n, "what was decided is carried out"))
	w.sign()
	calls := 0
	w.door.Fail = func(point string) error {
		if point != "before:draw" && point != "after:draw" {
			return nil
		}
		if calls++; calls%2 == 1 || calls%3 == 0 {
			return fault.New(fault.Unavailable, "draw", "the process was killed")
		}
		return nil
	}
	for range 60 {
		w.clock.Advance(time.Minute)
		_ = w.desk.Tick(w.ctx) // fails where it is killed
		w.desk = desk.New(w.conf)
	}
	w.door.Fail = func(string) error { return nil }
	w.pass(20 * time.Minute)
	w.pass(5 * time.Minute)
	c := w.load(n)
	if len(c.Packages) != 1 || c.Packages[0].Records != 40 || lists(c)[0].List.Given() != 20 {
		t.Fatalf("packages %+v, %d given after %d calls, alarms %+v", c.Packages, lists(c)[0].List.Given(), calls, c.Alarms)
	}
	w.collects(n, c.Packages[0].ID) // the proofs tell of each account once
}

// TestAListThatIsWithdrawnInTheMiddleStops: what came before is packed.
func TestAListThatAHolderStopsIsPackedAsFarAsItCame(t *testing.T) {
	w := newWorld(t)
	w.approve("us.order.2703d")
	w.door.Batch = 5
	n := w.file(w.crowd(20, 0))
	w.studies(n)
	w.produceAll(n, w.analyst)
	w.ok(w.desk.Review.Propose(w.ctx, w.analyst.ID, n, "what was decided is carried out"))
	w.sign()
	calls := 0
	w.door.Fail = func(point string) error {
		if point == "before:draw" {
			if calls++; calls == 3 {
				return fault.New(fault.Forbidden, "draw", "a key holder refused the grant: stop")
			}
		}
		return nil
	}
	w.pass(20 * time.Minute)
	w.pass(5 * time.Minute)
	c := w.load(n)
	if len(c.Packages) != 1 || c.Packages[0].Records != 20 || !slices.ContainsFunc(c.Alarms, func(a casefile.Alarm) bool { return strings.Contains(a.Text, "10 of 20 accounts") }) {
		t.Fatalf("packages %+v, alarms %+v", c.Packages, c.Alarms)
	}
}

// TestTenThousandAccountsInOneOrder files, looks up, decides, draws and packs
// two lists, one ten times as long as the other, and compares how high the heap
// stands while the records pass. LETTERLOCK_LIST_ACCOUNTS is the length of the
// longer one: 3,000 says the same in a tenth of the time of 10,000.
func TestTenThousandAccountsInOneOrder(t *testing.T) {
	if testing.Short() {
		testkit.Elsewhere(t, "thousands of accounts")
	}
	long := env("LETTERLOCK_LIST_ACCOUNTS", 3000)
	few, many := packs(t, long/10), packs(t, long)
	// The demand itself, the signed list and what came of each place grow with
	// the list, by some hundred bytes for each account. The records do not stay.
	if most := int64((long - long/10) * 4096); many-few > most {
		t.Errorf("%d accounts stand %d KB higher than %d, at most %d KB", long, (many-few)>>10, long/10, most>>10)
	}
}

func packs(t *testing.T, n int) (high int64) {
	w := newWorld(t)
	number := w.signedList(n)
	base := heapNow()
	w.door.Fail = func(point string) error {
		if point == "after:draw" {
			high = max(high, heapNow()-base)
		}
		return nil
	}
	w.handsOut()
	c := w.load(number)
	if len(c.Packages) != 1 || c.Packages[0].Records != 2*n {
		t.Fatalf("packages %+v, alarms %+v", c.Packages, c.Alarms)
	}
	r, p, err := w.desk.Intake.Collect(w.ctx, w.reyes.Actor(), number, c.Packages[0].ID)
	w.ok(err)
	size, err := io.Copy(io.Discard, r)
	w.ok(errors.Join(err, r.Close()))
	t.Logf("%d accounts: a package of %d KB, heap %d KB above its start", n, size>>10, high>>10)
	if size != p.Size {
		t.Errorf("%d of %d bytes", size, p.Size)
	}
	return high
}

// signedList is an order for n accounts that was decided and signed.
func (w *world) signedList(n int) casefile.Number {
	w.Helper()
	w.door.Counsel = "Miriam Adler"
	w.approve("us.order.2703d")
	number := w.file(w.crowd(n, 0))
	w.studies(number)
	w.free(number, w.counsel)
	w.ok(w.desk.Review.Decide(w.ctx, w.counsel.ID, number, w.produceChoices(number)))
	w.ok(w.desk.Review.Propose(w.ctx, w.analyst.ID, number, "what was decided is carried out"))
	w.ok(w.door.SignAll("Ines Okafor", "Sefa Yilmaz", "Miriam Adler"))
	return number
}

// handsOut draws what is signed and packs it.
func (w *world) handsOut() {
	w.Helper()
	w.clock.Advance(time.Minute)
	w.tick()
	w.pass(20 * time.Minute)
	w.pass(5 * time.Minute)
}

// BenchmarkList is the time from the signatures of a grant to the package, at
// the desk and with every act on record: sealed to the officer's key, or to a
// passphrase for one who has none. Each is measured at a desk of its own that
// has answered one request before, as a desk that runs has.
func BenchmarkList(b *testing.B) {
	for _, x := range []struct {
		name string
		n    int
		key  bool
	}{{"accounts=1", 1, true}, {"passphrase=1", 1, false}, {"accounts=1000", 1000, true}, {"accounts=10000", 10_000, true}} {
		n := x.n
		b.Run(x.name, func(b *testing.B) {
			for range b.N {
				b.StopTimer()
				w := newWorld(b)
				if x.key {
					key := must(age.GenerateX25519Identity())(b)
					w.ok(w.desk.Agencies.SetRecipient(w.ctx, w.reyes.ID, key.Recipient().String()))
				}
				w.signedList(1)
				w.handsOut()
				number := w.signedList(n)
				b.StartTimer()
				w.handsOut()
				b.StopTimer()
				if c := w.load(number); len(c.Packages) != 1 || c.Packages[0].Records != 2*n {
					b.Fatalf("packages %+v, alarms %+v", c.Packages, c.Alarms)
				}
			}
		})
	}
}

func heapNow() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestManyLookUpsGoOnByTheClock: 1,200 are asked for in one act, the desk is
// killed and the carrier away in the middle, and each is looked up once.
func TestManyLookUpsGoOnByTheClock(t *testing.T) {
	w := newWorld(t)
	w.approve("us.order.2703d")
	n := w.file(w.crowd(1200, 0))
	w.assign(n, w.analyst.ID)
	if later := must(w.desk.Review.LookUpAll(w.ctx, w.analyst.ID, n, "the request asks about them"))(t); !later || len(w.load(n).Resolutions) != 0 {
		t.Fatalf("1,200 were looked up while somebody waited: %v, %d", later, len(w.load(n).Resolutions))
	}
	calls := 0
	w.door.Fail = func(point string) error {
		if point == "before:resolve-all" {
			if calls++; calls == 2 {
				return fault.New(fault.Unavailable, "resolve", "the carrier is away")
			}
		}
		return nil
	}
	_ = w.desk.Tick(w.ctx) // fails where the carrier is away
	if got := len(w.load(n).Resolutions); got != 500 || !w.load(n).LookingUp {
		t.Fatalf("%d looked up after the first call", got)
	}
	w.refused(w.desk.Review.Propose(w.ctx, w.analyst.ID, n, "what was decided is carried out"), fault.Conflict, "a proposal in the middle")
	w.desk = desk.New(w.conf)
	w.clock.Advance(2 * time.Minute)
	w.tick()
	c := w.load(n)
	if len(c.Resolutions) != 1200 || c.LookingUp || calls != 4 {
		t.Errorf("%d looked up in %d calls, still at it: %v", len(c.Resolutions), calls, c.LookingUp)
	}
}

// TestARefusedLookUpEndsAndIsSaid: the carrier refuses for good.
func TestARefusedLookUpEndsAndIsSaid(t *testing.T) {
	w := newWorld(t)
	n := w.file(w.crowd(600, 0))
	w.assign(n, w.analyst.ID)
	must(w.desk.Review.LookUpAll(w.ctx, w.analyst.ID, n, "the request asks about them"))(t)
	w.door.Fail = func(point string) error {
		if point == "before:resolve-all" {
			return fault.New(fault.Forbidden, "resolve", "no law row of that name is in force today")
		}
		return nil
	}
	w.tick()
	c := w.load(n)
	if c.LookingUp || !slices.ContainsFunc(c.Alarms, func(a casefile.Alarm) bool { return strings.Contains(a.Text, "600 accounts were not looked up") }) {
		t.Errorf("still at it: %v, alarms %+v", c.LookingUp, c.Alarms)
	}
}
