package desk_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"letterlock/desk"
	"letterlock/desk/casefile"
	"letterlock/desk/retain"
	"letterlock/internal/fault"
	"letterlock/internal/testkit/pg"
	"letterlock/law"
	"letterlock/ledger"
	"letterlock/ledger/proof"
)

// term is how long these desks keep the data of persons.
const term = 30

// keeps is a world whose desk keeps persons' data for 30 days, on an engine,
// with the folders that its disks are.
func keeps(t *testing.T, engine string) (w *world, disks []string) {
	t.Helper()
	at := opening{day: start}
	if engine == "postgres" {
		at.where = func(string) string {
			dsn, dir := pg.New(t)
			disks = []string{dir}
			return dsn
		}
	}
	w = worldAt(t, at, nil)
	w.conf.KeepDays = term
	w.desk = desk.New(w.conf)
	return w, append(disks, w.dir)
}

func eachEngine(t *testing.T, f func(t *testing.T, w *world, disks []string)) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) { w, disks := keeps(t, engine); f(t, w, disks) })
	}
}

// needles are words of a case that must leave, each where it was written.
var needles = map[string]string{
	"the number asked about": "2025550142", "a number without account": "2025550199", "the reference": "NDL-REF-7731", "the docket": "1:26-mj-77310", "the docket as it is searched": "126mj77310",
	"the judge": "Hon. Needle Stone", "the demand's words": "needle in the demand", "a paper's name": "needle-order.pdf", "a paper's text": "needle on the paper", "a question": "needle in our question",
	"an answer": "needle in their answer", "a reason": "needle in a reason", "an objection": "needle in an objection", "counsel's word": "needle of counsel", "the identity of the account": "Ana Ruiz", "its address": "203.0.113.7",
}

// found counts the needles in every file of the disks, by what they are.
func (w *world) found(disks []string, needles map[string]string) map[string]int {
	w.Helper()
	n := map[string]int{}
	for _, dir := range disks {
		w.ok(filepath.WalkDir(dir, func(p string, e fs.DirEntry, err error) error {
			if err != nil || !e.Type().IsRegular() {
				return nil // PostgreSQL removes files while we walk
			}
			b, err := os.ReadFile(p)
			for what, needle := range needles {
				if err == nil && bytes.Contains(b, []byte(needle)) {
					n[what]++
				}
			}
			return nil
		}))
	}
	return n
}

// needled is a case with a needle wherever a person can write, from its filing
// to the end of its package.
func (w *world) needled() casefile.Number {
	w.Helper()
	w.approve("us.order.2703d")
	d := w.order()
	d.Reference, d.CaseRef, d.Text = needles["the reference"], needles["the docket"], needles["the demand's words"]
	d.Answers["judge"] = needles["the judge"]
	d.Targets = append(d.Targets, casefile.Target{Kind: law.TargetPhone, Identifier: "+1" + needles["a number without account"]})
	by := w.reyes.Actor()
	dr := must(w.desk.Intake.Start(w.ctx, w.reyes.ID, d.Process))(w)
	must(w.desk.Intake.Save(w.ctx, by, dr.ID, d))(w)
	must(w.desk.Intake.AddPaper(w.ctx, by, dr.ID, needles["a paper's name"], "order", bytes.NewReader(pdf(needles["a paper's text"]))))(w)
	n := must(w.desk.Intake.File(w.ctx, by, dr.ID))(w)
	w.study(n, w.analyst)
	w.free(n, w.counsel)
	w.ok(w.desk.Review.Ask(w.ctx, w.analyst.ID, n, needles["a question"]))
	c := w.load(n)
	w.ok(w.desk.Intake.Answer(w.ctx, by, n, c.Questions[0].ID, needles["an answer"]))
	all := w.produceChoices(n)
	for i := range all {
		all[i].Reason = needles["a reason"]
	}
	w.ok(w.desk.Review.Decide(w.ctx, w.analyst.ID, n, all))
	w.ok(w.desk.Review.Propose(w.ctx, w.analyst.ID, n, needles["a reason"]))
	w.sign()
	w.pass(2 * time.Minute)
	w.door.Object(string(n), needles["an objection"])
	w.pass(2 * time.Minute)
	w.ok(w.desk.Notice.CloseObjection(w.ctx, w.counsel.ID, n, 1, false, needles["counsel's word"]))
	w.pass(7 * day)
	w.pass(10 * time.Minute)
	c = w.load(n)
	if c.Phase() != casefile.Answered || !c.Disclosed() {
		w.Fatalf("phase %s, disclosed %v, alarms %+v, findings %+v", c.Phase(), c.Disclosed(), c.Alarms, c.Findings)
	}
	return n
}

// closes lets a case's package end, and says on which day its data leave.
func (w *world) closes(n casefile.Number) time.Time {
	w.Helper()
	w.pass(31 * day)
	st := w.desk.Retain.Of(w.load(n), w.duties(n))
	if len(st.Why) > 0 || st.Day.IsZero() {
		w.Fatalf("phase %s: the data stay: %v, %+v", w.load(n).Phase(), st.Why, slices.DeleteFunc(w.duties(n), func(d casefile.Duty) bool { return !d.Done.IsZero() }))
	}
	return st.Day
}

func (w *world) duties(n casefile.Number) []casefile.Duty {
	w.Helper()
	return must(w.desk.Files.Shelf(n.Sealed()).Store.DutiesOf(w.ctx, n))(w)
}

// ledgerMarks are the marks of a case's events in the ledger, by their number.
func (w *world) ledgerMarks(n casefile.Number) map[int][][32]byte {
	w.Helper()
	out := map[int][][32]byte{}
	for o, err := range w.ledger.Openings(1, 0) {
		w.ok(err)
		e := must(proof.ParseEntry(o.Opening.Entry))(w)
		var b casefile.Counted
		if e.Case == string(n) && casefile.Decode(e.Body, &b) == nil {
			out[b.Seq] = append(out[b.Seq], b.Event)
		}
	}
	return out
}

// TestPersonsDataLeaveOnTheirDayForGood seeds a case with needles, runs it to
// its end and to the end of its term, and looks for them in every byte of the
// databases, their logs, the blobs, the spool and the ledgers, on both engines.
func TestPersonsDataLeaveOnTheirDayForGood(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world, disks []string) {
		n := w.needled()
		there := w.found(disks, needles)
		for what := range needles {
			if what != "the identity of the account" && what != "its address" && what != "a paper's text" && there[what] == 0 {
				t.Errorf("%s is nowhere while the case lives: the search proves nothing", what)
			}
		}
		leaves := w.closes(n)
		full := w.load(n)
		receipt := w.receiptOf(n)
		before := must(w.reportAt("2026H2", start.AddDate(0, 2, 0)).JSON())(t)

		w.pass(leaves.Sub(w.clock.Now()) - time.Minute)
		if c := w.load(n); c.Left != nil {
			t.Fatal("left before their day")
		}
		w.pass(2 * time.Minute)
		c := w.load(n)
		if c.Left == nil || !c.LeftAt.After(leaves.Add(-time.Second)) || c.Phase() != casefile.Closed {
			t.Fatalf("left %+v at %v, want %v; phase %s", c.Left, c.LeftAt, leaves, c.Phase())
		}
		for what, k := range w.found(disks, needles) {
			t.Errorf("%s is still in %d files", what, k)
		}
		w.remains(n, full, c)
		if after := must(w.reportAt("2026H2", start.AddDate(0, 2, 0)).JSON())(t); !bytes.Equal(before, after) {
			t.Errorf("the report was\n%s\nand is\n%s", before, after)
		}
		if again := w.receiptOf(n); !bytes.Equal(again, receipt) {
			t.Error("the receipt of the filing is another one")
		}
		w.shut(n, c)
	})
}

// receiptOf is the ledger's receipt of the filing; the proof it leads to must verify.
func (w *world) receiptOf(n casefile.Number) []byte {
	w.Helper()
	b := must(w.conf.Public.Store.Stash(w.ctx, n, casefile.FiledKey))(w)
	var r struct {
		Ledger string    `cbor:"ledger"`
		Seq    uint64    `cbor:"seq"`
		Leaf   []byte    `cbor:"leaf"`
		Time   time.Time `cbor:"time"`
	}
	w.ok(casefile.Decode(b, &r))
	p := must(w.ledger.Proof(ledger.Receipt{Ledger: r.Ledger, Seq: r.Seq, Leaf: proof.Leaf(r.Leaf), Time: r.Time}))(w)
	v := must(p.Verify(must(proof.ParseKeys(append(w.ledger.Keys(), w.carrier.Keys()...)...))(w)))(w)
	if v.Entry.Case != string(n) || v.Entry.Kind != "case.filed" {
		w.Errorf("the receipt proves %s of %s", v.Entry.Kind, v.Entry.Case)
	}
	return b
}

// remains checks what is left of a case against what it was and what the ledger
// recorded of it.
func (w *world) remains(n casefile.Number, full, c casefile.Case) {
	w.Helper()
	l := c.Left
	if l.Process != full.Demand.Process || l.Country != "US" || l.Accounts != 2 || l.Records != full.Packages[0].Records || l.Outcome != "all" || !l.Answered.Equal(full.Packages[0].Made) || !c.Filed.Equal(full.Filed) {
		w.Errorf("what is left says %+v, filed %v", *l, c.Filed)
	}
	if len(c.Events) != len(full.Events)+1 {
		w.Fatalf("%d events of %d are left", len(c.Events)-1, len(full.Events))
	}
	marks := w.ledgerMarks(n)
	for i, e := range c.Events[:len(full.Events)] {
		f := full.Events[i]
		if e.Rest == nil || e.Kind != f.Kind || !e.At.Equal(f.At) || e.By.ID != "" || e.By.Name != "" || e.Why != "" || e.Salt != [16]byte{} {
			w.Fatalf("event %d is left as %+v", e.Seq, e)
		}
		m, err := e.Rest.Mark()
		if err != nil || !slices.Contains(marks[e.Seq], m) {
			w.Errorf("event %d, %s: the hash that is left is not in the ledger (%v)", e.Seq, e.Kind, err)
		}
	}
	if len(marks[len(c.Events)]) != 1 {
		w.Errorf("that the data left is %d times in the ledger", len(marks[len(c.Events)]))
	}
	if h := c.Timeline(false); !strings.Contains(h[len(h)-1].What, "persons' data left on "+c.LeftAt.Format("2 January 2006")) || !strings.Contains(h[len(h)-1].What, "30 days") {
		w.Errorf("the history ends with %q", h[len(h)-1].What)
	}
}

// shut checks that nothing more can be done under a case whose data have left,
// and that it is found by its number alone.
func (w *world) shut(n casefile.Number, c casefile.Case) {
	w.Helper()
	w.refused(w.desk.Review.AddFinding(w.ctx, w.analyst.ID, n, "FORM.UNSIGNED", "late"), fault.Expired, "an act on a case whose data have left")
	w.refused(w.desk.Retain.Hold(w.ctx, w.counsel.ID, n, retain.Order{Day: w.clock.Now().Add(day), Why: "late"}), fault.Expired, "a hold on it")
	w.door.Object(string(n), "too late")
	w.tick() // an objection that comes now holds up nothing else
	if got := w.load(n); got.Version() != c.Version() {
		w.Error("the case went on")
	}
	for text, want := range map[string]int{string(n): 1, needles["the reference"]: 0, needles["the docket"]: 0} {
		p := must(w.conf.Public.Store.Page(w.ctx, casefile.Filter{Text: text}))(w)
		if len(p.Heads) != want {
			w.Errorf("a search for %q finds %d cases, want %d", text, len(p.Heads), want)
		}
	}
	if h := must(w.conf.Public.Store.Page(w.ctx, casefile.Filter{Text: string(n)}))(w).Heads[0]; h.Officer != "" || h.Agency != "" || h.AgencyName != "" || h.Assigned != "" || h.Reference != "" || h.Docket != "" || h.Process != c.Left.Process {
		w.Errorf("the queue's row is %+v", h)
	}
	if _, found, err := w.conf.Public.Store.PaperUsed(w.ctx, casefile.SumOf(pdf(needles["a paper's text"]))); found || err != nil {
		w.Errorf("its paper is still known: %v, %v", found, err)
	}
}

// stops is a store that fails at a step of leaving, as a crash would.
type stops struct {
	casefile.Store
	at string
}

var errStopped = errors.New("crash")

func (s *stops) Commit(ctx context.Context, c casefile.Change) error {
	if s.at == "commit" && len(c.Rest) > 0 {
		return errStopped
	}
	return s.Store.Commit(ctx, c)
}

func (s *stops) Leaving(ctx context.Context) ([]casefile.Sum, bool, error) {
	if s.at == "files" {
		return nil, false, errStopped
	}
	return s.Store.Leaving(ctx)
}

func (s *stops) Gone(ctx context.Context, x casefile.Sum) error {
	if s.at == "gone" {
		return errStopped
	}
	return s.Store.Gone(ctx, x)
}

func (s *stops) Wipe(ctx context.Context) error {
	if s.at == "wipe" {
		return errStopped
	}
	return s.Store.Wipe(ctx)
}

// TestLeavingSurvivesACrashAnywhere: after a crash at any step the case is whole
// or it has left, and the next start finishes what is left, once.
func TestLeavingSurvivesACrashAnywhere(t *testing.T) {
	for _, at := range []string{"commit", "files", "gone", "wipe"} {
		t.Run(at, func(t *testing.T) {
			w, disks := keeps(t, "sqlite")
			n := w.needled()
			leaves := w.closes(n)
			events := w.load(n).Version()
			store := w.conf.Public.Store
			w.conf.Public.Store = &stops{store, at}
			w.desk = desk.New(w.conf)
			w.flows(leaves.Add(time.Minute))
			if err := w.desk.Tick(w.ctx); err == nil {
				t.Fatal("the crash did not happen")
			}
			if c := w.load(n); (c.Left == nil) != (at == "commit") || c.Left == nil && len(c.Demand.Targets) != 2 {
				t.Fatalf("after the crash: left %v, demand %+v", c.Left, c.Demand)
			}
			w.conf.Public.Store = store
			w.desk = desk.New(w.conf)
			w.tick()
			w.tick()
			if c := w.load(n); c.Left == nil || c.Version() != events+1 {
				t.Fatalf("after the next start: left %v, %d events of %d", c.Left, c.Version(), events+1)
			}
			if left := w.found(disks, needles); len(left) > 0 {
				t.Errorf("still there: %v", left)
			}
			if b, erase, err := store.Leaving(w.ctx); len(b) > 0 || erase || err != nil {
				t.Errorf("still to be done: %v, %v, %v", b, erase, err)
			}
		})
	}
}

// TestWhatIsOpenKeepsTheData: no open duty, and no hold, lets them leave; and
// when it is over they do.
func TestWhatIsOpenKeepsTheData(t *testing.T) {
	w, _ := keeps(t, "sqlite")
	n := w.needled()
	other := w.file(w.order())
	leaves := w.closes(n)
	hold := func(o retain.Order) error { return w.desk.Retain.Hold(w.ctx, w.counsel.ID, n, o) }
	w.refused(w.desk.Retain.Hold(w.ctx, w.analyst.ID, n, retain.Order{Day: leaves, Why: "Ruiz v. Harbor County"}), fault.Forbidden, "a hold by an analyst")
	w.refused(hold(retain.Order{Day: leaves}), fault.Invalid, "a hold without a reason")
	w.refused(hold(retain.Order{Day: w.clock.Now(), Why: "x"}), fault.Invalid, "a hold that is over at once")
	w.refused(hold(retain.Order{Day: w.clock.Now().AddDate(9, 0, 0), Why: "x"}), fault.Invalid, "a hold that nobody looks at again")
	w.ok(hold(retain.Order{Day: leaves.Add(10 * day), Why: "Ruiz v. Harbor County"}))
	w.ok(hold(retain.Order{Day: leaves.Add(5 * day), Ends: true, Why: "Ruiz v. Letterlock"}))

	w.pass(leaves.Add(6 * day).Sub(w.clock.Now()))
	c := w.load(n)
	if c.Left != nil || c.LegalHolds[0].Ended.IsZero() == false || c.LegalHolds[1].Ended.IsZero() {
		t.Fatalf("left %v, holds %+v", c.Left, c.LegalHolds)
	}
	w.pass(5 * day)
	if c = w.load(n); c.Left != nil || len(c.Alarm(retain.AlarmHold)) > 0 {
		t.Fatalf("left %v; no alarm that the hold is to be looked at again", c.Left)
	}
	w.ok(w.desk.Retain.Renew(w.ctx, w.counsel.ID, n, c.LegalHolds[0].ID, retain.Order{Day: w.clock.Now().Add(60 * day), Why: "the appeal"}))
	w.pass(40 * day)
	if w.load(n).Left != nil {
		t.Fatal("left under a hold that goes on")
	}
	w.refused(w.desk.Retain.End(w.ctx, w.counsel.ID, n, c.LegalHolds[0].ID, ""), fault.Invalid, "the end of a hold without a reason")
	w.ok(w.desk.Retain.End(w.ctx, w.counsel.ID, n, c.LegalHolds[0].ID, "settled"))
	w.refused(w.desk.Retain.End(w.ctx, w.counsel.ID, n, c.LegalHolds[0].ID, "settled"), fault.Conflict, "the end of a hold a second time")
	w.tick()
	if w.load(n).Left == nil {
		t.Errorf("the hold is over, and the data are still there: %v", w.load(n).Stays())
	}
	if c := w.load(other); c.Left != nil || len(c.Stays()) == 0 {
		t.Error("the data of an open case left")
	}
}

// TestADutyOfAnyKindKeepsTheData writes one open duty of each kind to a closed
// case and wants it to stay.
func TestADutyOfAnyKindKeepsTheData(t *testing.T) {
	w, _ := keeps(t, "sqlite")
	n := w.needled()
	leaves := w.closes(n)
	w.flows(leaves.Add(day))
	for _, k := range []casefile.DutyKind{casefile.DutyTell, casefile.DutyReview, casefile.DutyKeepEnd, casefile.DutySecond, casefile.DutyGag, casefile.DutyFiling, casefile.DutyChase, "of the document room"} {
		duty := casefile.Duty{Kind: k, Key: "x", Due: w.clock.Now().Add(day)}
		put := func(d casefile.Duty) {
			must(w.desk.Files.Act(w.ctx, n, casefile.TheClock, func(casefile.Case) (casefile.Plan, error) { return casefile.Plan{Duties: []casefile.Duty{d}}, nil }))(w)
		}
		put(duty)
		w.ok(w.desk.Retain.Work(w.ctx))
		if w.load(n).Left != nil {
			t.Fatalf("left although the duty %q is open", k)
		}
		put(w.desk.Files.Done(duty))
	}
	w.ok(w.desk.Retain.Work(w.ctx))
	if w.load(n).Left == nil {
		t.Error("no duty is open, and the data are still there")
	}
}

// TestAPaperOfTwoCasesStaysForTheOther: the file goes with the last case that
// has it.
func TestAPaperOfTwoCasesStaysForTheOther(t *testing.T) {
	w, disks := keeps(t, "sqlite")
	n := w.needled()
	d := w.order()
	d.Reference, d.CaseRef = "HC-26-900", "1:26-mj-00900"
	dr := must(w.desk.Intake.Start(w.ctx, w.reyes.ID, d.Process))(w)
	must(w.desk.Intake.Save(w.ctx, w.reyes.Actor(), dr.ID, d))(w)
	p := must(w.desk.Intake.AddPaper(w.ctx, w.reyes.Actor(), dr.ID, "again.pdf", "order", bytes.NewReader(pdf(needles["a paper's text"]))))(w)
	other := must(w.desk.Intake.File(w.ctx, w.reyes.Actor(), dr.ID))(w)
	w.pass(w.closes(n).Sub(w.clock.Now()) + time.Minute)
	if w.load(n).Left == nil {
		t.Fatal("the first case has not left")
	}
	r, err := w.conf.Public.Blobs.Open(w.ctx, p.Sum)
	if err != nil {
		t.Fatalf("the paper of %s went with the other case: %v", other, err)
	}
	r.Close()
	if left := w.found(disks, map[string]string{"the name it had in the first case": needles["a paper's name"]}); len(left) > 0 {
		t.Errorf("still there: %v", left)
	}
}
