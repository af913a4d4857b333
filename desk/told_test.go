package desk_test

import (
	"testing"
	"time"

	"letterlock/desk/casefile"
	"letterlock/desk/notice"
	"letterlock/disclosable"
	"letterlock/internal/fault"
	"letterlock/ledger/proof"
)

// tellings are the live notices of the case.
func (w *world) tellings(n casefile.Number) []casefile.GrantState {
	w.Helper()
	return w.load(n).GrantsOf(disclosable.Notify)
}

func TestTheClockTellsThePersonOfATraceWhenItsSecrecyEnds(t *testing.T) {
	w := newWorld(t)
	d := w.penRegister()
	d.Gag = casefile.Gag{Asked: true, Order: true, Start: d.Issued, End: w.clock.Now().AddDate(0, 0, 60), Basis: "18 USC 3123(d)"}
	n := w.file(d)
	w.study(n, w.analyst)
	w.ok(w.desk.Review.Decide(w.ctx, w.analyst.ID, n, w.produceChoices(n)))
	w.ok(w.desk.Review.Propose(w.ctx, w.analyst.ID, n, "what was decided is carried out"))
	w.sign()
	w.pass(5 * time.Minute)
	got := w.tellings(n)
	if c := w.load(n); len(got) != 1 || got[0].Grant.Traced == nil || *got[0].Grant.Traced != c.Taps[0].Grant || len(got[0].Grant.Fields) != 0 {
		t.Fatalf("%+v", got)
	}
	w.pass(11 * 24 * time.Hour) // the trace ends, the secrecy does not
	w.pass(time.Hour)
	if c := w.load(n); c.Taps[0].Runs() || len(w.door.Tellers) != 0 {
		t.Fatalf("%+v, %d notices", c.Taps, len(w.door.Tellers))
	}
	w.pass(50 * 24 * time.Hour)
	w.pass(time.Hour)
	if c := w.load(n); c.Told(0).IsZero() || len(w.door.Tellers) != 1 {
		t.Fatalf("told %v, %d notices, alarms %+v", c.Told(0), len(w.door.Tellers), c.Alarms)
	}
	w.pass(30 * 24 * time.Hour)
	if len(w.door.Tellers) != 1 {
		t.Fatal("told twice")
	}
}

// A secrecy without an end has a day on which somebody looks at it. What ends it
// is a recorded decision; and while the trace runs even that tells nobody yet.
func TestTheEndOfATracesSecrecyIsDecidedAndTheTraceIsNotSpoilt(t *testing.T) {
	w := newWorld(t)
	n, h := w.tapped()
	c := w.load(n)
	if c.NoticePlan.Plan.Timing != disclosable.ToldWithheld || c.NoticePlan.Plan.Day == 0 || len(w.tellings(n)) != 0 {
		t.Fatalf("%+v", c.NoticePlan)
	}
	w.ok(w.desk.Notice.Now(w.ctx, w.analyst.ID, n, "the court has lifted the secrecy"))
	w.pass(time.Minute)
	w.sign()
	w.pass(24 * time.Hour)
	if len(w.door.Tellers) != 0 {
		t.Fatal("told while the trace runs")
	}
	w.pass(10 * 24 * time.Hour)
	w.pass(time.Minute)
	w.pass(time.Minute)
	if c = w.load(n); c.Taps[0].Runs() || c.Told(0).IsZero() || len(w.door.Tellers) != 1 {
		t.Fatalf("told %v, %+v, alarms %+v", c.Told(0), c.Taps, c.Alarms)
	}
	if g := w.tellings(n); *g[0].Grant.Traced != h {
		t.Errorf("told of another trace: %+v", g)
	}
	w.refused(w.desk.Notice.Now(w.ctx, w.analyst.ID, n, "again"), fault.Conflict, "telling twice")
}

// The alarm of a silence ends with a new day or with telling, never by itself.
func TestASilenceOfATraceIsLookedAtAgainAndGetsANewDay(t *testing.T) {
	w := newWorld(t)
	n, _ := w.tapped()
	w.pass(11 * 24 * time.Hour)
	w.pass(time.Minute)
	w.pass(180 * 24 * time.Hour)
	if c := w.load(n); len(c.Alarms) != 1 || c.Alarms[0].Text != notice.AlarmReview {
		t.Fatalf("%+v", c.Alarms)
	}
	w.refused(w.desk.Review.SeeAlarm(w.ctx, w.analyst.ID, n, notice.AlarmReview, "we looked"), fault.Conflict, "putting a silence aside without a day")
	w.refused(w.desk.Notice.Later(w.ctx, w.analyst.ID, n, w.clock.Now().AddDate(1, 0, 0), false, "still"), fault.Invalid, "a year without an order")
	w.ok(w.desk.Notice.Later(w.ctx, w.analyst.ID, n, w.clock.Now().AddDate(0, 0, 80), false, "the investigation goes on"))
	if c := w.load(n); c.Alarms[0].Seen.IsZero() {
		t.Fatalf("%+v", c.Alarms)
	}
	w.pass(81 * 24 * time.Hour)
	if c := w.load(n); len(c.Alarms) != 2 {
		t.Fatalf("nobody looks again: %+v", c.Alarms)
	}
}

// TestATraceStoppedEarlyIsToldOnTheDayThatFollows: what held the notice was the
// trace. It is stopped on the seventh of ten days, when the secrecy has ended on
// the fifth: the person hears of it as soon as two people have signed anew. A
// secrecy that lasts longer than the trace is not shortened by its stop.
func TestATraceStoppedEarlyIsToldOnTheDayThatFollows(t *testing.T) {
	for _, x := range []struct {
		name   string
		secret int // days
		stop   func(w *world, n casefile.Number, h disclosable.Hash) error
		told   int
	}{
		{"secrecy over", 5, stopped, 7},
		{"secrecy over, withdrawn", 5, withdrawn, 7},
		{"secrecy lasts", 9, stopped, 9},
		{"secrecy beyond the end", 40, stopped, 40},
	} {
		t.Run(x.name, func(t *testing.T) {
			w := newWorld(t)
			d := w.penRegister()
			began := w.clock.Now()
			d.Gag = casefile.Gag{Asked: true, Order: true, Start: d.Issued, End: began.AddDate(0, 0, x.secret), Basis: "18 USC 3123(d)"}
			n := w.file(d)
			w.study(n, w.analyst)
			w.ok(w.desk.Review.Decide(w.ctx, w.analyst.ID, n, w.produceChoices(n)))
			w.ok(w.desk.Review.Propose(w.ctx, w.analyst.ID, n, "the request asks for it"))
			w.sign()
			w.pass(5 * time.Minute)
			h := w.load(n).Taps[0].Grant
			w.pass(7 * 24 * time.Hour)
			if len(w.door.Tellers) != 0 {
				t.Fatal("told while the trace runs")
			}
			w.ok(x.stop(w, n, h))
			w.settles() // the trace ends, and its notice goes before the key holders
			w.sign()
			for w.clock.Now().Before(began.AddDate(0, 0, x.told)) {
				if len(w.door.Tellers) != 0 {
					t.Fatalf("told on %s, before its day", w.clock.Now())
				}
				w.pass(6 * time.Hour)
			}
			w.pass(time.Hour)
			w.settles()
			c := w.load(n)
			if len(w.door.Tellers) != 1 || c.Told(0).IsZero() || c.Told(0).Sub(began) > time.Duration(x.told+1)*24*time.Hour {
				t.Fatalf("%d notices, told %v, alarms %+v, %+v", len(w.door.Tellers), c.Told(0), c.Alarms, c.GrantsOf(disclosable.Notify))
			}
			w.pass(40 * 24 * time.Hour)
			if len(w.door.Tellers) != 1 {
				t.Error("told twice")
			}
		})
	}
}

func stopped(w *world, n casefile.Number, h disclosable.Hash) error {
	return w.desk.Review.StopTrace(w.ctx, w.analyst.ID, n, h, "the court quashed the order")
}

func withdrawn(w *world, n casefile.Number, _ disclosable.Hash) error {
	return w.desk.Intake.Withdraw(w.ctx, w.reyes.Actor(), n, "charges dropped")
}

func TestATraceThatNeverBeganIsToldToNobody(t *testing.T) {
	w := newWorld(t)
	d := w.penRegister()
	d.Gag = casefile.Gag{Asked: true, Order: true, Start: d.Issued, End: w.clock.Now().AddDate(0, 0, 30), Basis: "18 USC 3123(d)"}
	n := w.file(d)
	w.study(n, w.analyst)
	w.ok(w.desk.Review.Decide(w.ctx, w.analyst.ID, n, w.produceChoices(n)))
	w.ok(w.desk.Review.Propose(w.ctx, w.analyst.ID, n, "what was decided is carried out"))
	w.ok(w.desk.Intake.Withdraw(w.ctx, w.reyes.Actor(), n, "charges dropped"))
	w.sign()
	for range 4 {
		w.pass(12 * 24 * time.Hour)
	}
	if len(w.door.Tellers) != 0 || w.door.Used(disclosable.Trace) != 0 {
		t.Fatalf("%d notices of a trace that never ran", len(w.door.Tellers))
	}
}

// What the person gets is the very proof that "letterlock report verify
// --receipt" takes.
func TestTheNoticeTakesTheProofThatItsCaseIsCounted(t *testing.T) {
	w := newWorld(t)
	w.approve("us.order.2703d")
	n := w.file(w.order())
	w.study(n, w.analyst)
	w.produceAll(n, w.analyst)
	w.ok(w.desk.Review.Propose(w.ctx, w.analyst.ID, n, "what was decided is carried out"))
	w.sign()
	w.pass(3 * time.Minute)
	w.pass(3 * time.Minute)
	if len(w.door.Receipts) != 1 {
		t.Fatalf("%d notices", len(w.door.Receipts))
	}
	p := must(proof.Parse(w.door.Receipts[0]))(t)
	v := must(p.Verify(must(proof.ParseKeys(w.ledger.Keys()...))(t)))(t)
	if v.Entry.Kind != "case.filed" || v.Entry.Case != string(n) {
		t.Fatalf("%s of %s", v.Entry.Kind, v.Entry.Case)
	}
}
