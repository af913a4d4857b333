package desk_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"letterlock/desk"
	"letterlock/desk/casefile"
	"letterlock/desk/staff"
	"letterlock/internal/fault"
	"letterlock/ledger/proof"
)

// sealedNeedles are words of a sealed matter that must leave.
var sealedNeedles = map[string]string{
	"a number without account": "2025550188", "the reference": "NDL-NSL-9090", "the demand's words": "needle of the letter's words", "a paper's name": "needle-letter.pdf",
	"a reason": "needle in a sealed reason", "how our letter went": "needle by registered mail", "why secrecy ended": "needle of the secrecy's end", "the identity of the account": "Ana Ruiz",
}

// needledSealed is a letter with a needle wherever a person can write, answered,
// its secrecy ended, the person told, its package destroyed.
func (w *world) needledSealed(cleared staff.Member, i int) casefile.Number {
	w.Helper()
	d := w.certified(i)
	d.Reference, d.Text = fmt.Sprint(sealedNeedles["the reference"], "-", i), sealedNeedles["the demand's words"]
	d.Targets = append(d.Targets, casefile.Target{Kind: d.Targets[0].Kind, Identifier: "+1" + sealedNeedles["a number without account"]})
	by := w.reyes.Actor()
	dr := must(w.desk.Intake.Start(w.ctx, w.reyes.ID, d.Process))(w)
	must(w.desk.Intake.Save(w.ctx, by, dr.ID, d))(w)
	must(w.desk.Intake.AddPaper(w.ctx, by, dr.ID, sealedNeedles["a paper's name"], "letter", bytes.NewReader(pdf(fmt.Sprint("sealed paper ", i)))))(w)
	n := must(w.desk.Intake.File(w.ctx, by, dr.ID))(w)
	w.tick()
	w.study(n, cleared)
	choices := append(yield("name", "service_start"), decline("last_ip")...)
	for i := range choices {
		choices[i].Reason = sealedNeedles["a reason"]
	}
	w.ok(w.desk.Review.Decide(w.ctx, cleared.ID, n, choices))
	w.ok(w.desk.Review.Propose(w.ctx, cleared.ID, n, sealedNeedles["a reason"]))
	w.sign()
	w.pass(3 * time.Minute)
	w.pass(3 * time.Minute)
	c := w.load(n)
	w.ok(w.desk.Sealed.Sent(w.ctx, cleared.ID, n, c.Secrecy.Letters[0].ID, w.clock.Now(), sealedNeedles["how our letter went"]))
	w.ok(w.desk.Sealed.Step(w.ctx, cleared.ID, n, casefile.GagTerminated, w.clock.Now(), sealedNeedles["why secrecy ended"]))
	w.tick()
	w.sign()
	w.pass(3 * time.Minute)
	w.pass(3 * time.Minute)
	if c = w.load(n); !c.Disclosed() || c.Told(0).IsZero() {
		w.Fatalf("phase %s, disclosed %v, told %v", c.Phase(), c.Disclosed(), c.Told(0))
	}
	return n
}

// TestASealedMattersDataLeaveOnTheirDayForGood: the same search as for ordinary
// cases, in every byte of both databases, their logs, blobs and ledgers, on both
// engines; what stays still proves itself in the sealed ledger.
func TestASealedMattersDataLeaveOnTheirDayForGood(t *testing.T) {
	eachEngine(t, func(t *testing.T, w *world, disks []string) {
		cleared := w.clearedCounsel()
		n := w.needledSealed(cleared, 1)
		there := w.found(disks, sealedNeedles)
		for what := range sealedNeedles {
			if what != "the identity of the account" && there[what] == 0 {
				t.Errorf("%s is nowhere while the case lives: the search proves nothing", what)
			}
		}
		leaves := w.closes(n)
		full := w.load(n)
		w.pass(leaves.Sub(w.clock.Now()) - time.Minute)
		if w.load(n).Left != nil {
			t.Fatal("left before their day")
		}
		w.pass(2 * time.Minute)
		c := w.load(n)
		if c.Left == nil {
			t.Fatalf("the data are still there: %+v", w.desk.Retain.Of(c, w.duties(n)))
		}
		for what, k := range w.found(disks, sealedNeedles) {
			t.Errorf("%s is still in %d files", what, k)
		}
		if c.Left.Process != full.Demand.Process || c.Left.Accounts != 2 || len(c.Events) != len(full.Events)+1 {
			t.Errorf("what is left says %+v, %d events of %d", *c.Left, len(c.Events)-1, len(full.Events))
		}
		w.sealedRemains(n, c)
		w.refused(w.desk.Review.AddFinding(w.ctx, cleared.ID, n, "FORM.UNSIGNED", "late"), fault.Expired, "an act on a sealed matter whose data have left")
		_, err := w.desk.Review.Case(w.ctx, w.counsel.ID, n)
		w.refused(err, fault.Withheld, "whoever is not on the list, after it has left")
	})
}

// sealedRemains finds the hash of each act that is left in the sealed ledger, and
// in no other.
func (w *world) sealedRemains(n casefile.Number, c casefile.Case) {
	w.Helper()
	marks := map[int][][32]byte{}
	for o, err := range w.vault.Openings(1, 0) {
		w.ok(err)
		var b casefile.Counted
		if e := must(proof.ParseEntry(o.Opening.Entry))(w); e.Case == string(n) && casefile.Decode(e.Body, &b) == nil {
			marks[b.Seq] = append(marks[b.Seq], b.Event)
		}
	}
	for _, e := range c.Events[:len(c.Events)-1] {
		if e.Rest == nil || e.By.Name != "" || e.Why != "" {
			w.Fatalf("event %d is left as %+v", e.Seq, e)
		}
		if m, err := e.Rest.Mark(); err != nil || !slices.Contains(marks[e.Seq], m) {
			w.Errorf("event %d, %s: its hash is not in the sealed ledger (%v)", e.Seq, e.Kind, err)
		}
	}
	if len(w.ledgerMarks(n)) > 0 {
		w.Error("the ordinary ledger knows of it")
	}
}

// watchedStore counts what is written to a store.
type watchedStore struct {
	casefile.Store
	writes []string
}

func (s *watchedStore) Commit(ctx context.Context, c casefile.Change) error {
	s.writes = append(s.writes, "commit")
	return s.Store.Commit(ctx, c)
}

func (s *watchedStore) Gone(ctx context.Context, x casefile.Sum) error {
	s.writes = append(s.writes, "gone")
	return s.Store.Gone(ctx, x)
}

func (s *watchedStore) Wipe(ctx context.Context) error {
	s.writes = append(s.writes, "wipe")
	return s.Store.Wipe(ctx)
}

// TestSealedMattersAreNotCountedByTheirLeaving compares two worlds, one of which
// lets three sealed matters leave: meanwhile the ordinary ledger has the same
// records at the same times, the same is written to the ordinary store, nothing
// is erased in it, nobody is mailed more, and the queue is the same.
func TestSealedMattersAreNotCountedByTheirLeaving(t *testing.T) {
	quiet, busy := whileLeaving(t, 0), whileLeaving(t, 3)
	if quiet != busy {
		t.Errorf("without sealed matters:\n%s\nwhile three of them leave:\n%s", quiet, busy)
	}
	if !strings.Contains(quiet, "case.persons.left") || !strings.Contains(quiet, "wipe") {
		t.Errorf("no ordinary case left meanwhile: the comparison proves nothing\n%s", quiet)
	}
}

// whileLeaving is what is seen of the ordinary half of a desk in the two months
// in which sealed matters, if there are any, and one ordinary case leave.
func whileLeaving(t *testing.T, matters int) string {
	w, _ := keeps(t, "sqlite")
	cleared := w.clearedCounsel()
	ordinary := w.needled()
	var all []casefile.Number
	for i := range matters {
		all = append(all, w.needledSealed(cleared, i))
	}
	w.flows(start.Add(20 * day))
	w.pass(33 * day)
	store := &watchedStore{Store: w.conf.Public.Store}
	w.conf.Public.Store = store
	w.desk = desk.New(w.conf)
	mails, last := len(w.mail.sent), w.ledger.Last()
	for range 60 {
		w.pass(day)
	}
	for _, n := range append(all, ordinary) {
		if w.load(n).Left == nil {
			t.Fatalf("%s has not left: %+v", n, w.desk.Retain.Of(w.load(n), w.duties(n)))
		}
	}
	out := fmt.Sprintln(store.writes, len(w.mail.sent)-mails, "mails")
	for o, err := range w.ledger.Openings(last+1, 0) {
		w.ok(err)
		out += fmt.Sprintln(o.Entry.Kind, o.Entry.Case, o.Entry.Recorded)
	}
	q := must(w.desk.Review.Queue(w.ctx, w.counsel.ID, casefile.Filter{}))(w)
	return out + fmt.Sprintln(len(q.Heads), "in the queue")
}
