package desk_test

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"slices"
	"testing"
	"time"

	"filippo.io/age"

	"letterlock/desk/casefile"
	"letterlock/desk/produce/bundle"
	"letterlock/desk/review"
	"letterlock/disclosable"
	"letterlock/internal/fault"
	"letterlock/law"
)

// penRegister is an order under 18 USC 3123 in which nothing is wrong.
func (w *world) penRegister() casefile.Demand {
	d := w.order()
	now := w.clock.Now()
	d.Process, d.LegalBasis = "us.order.pentrap", "18 USC 3123"
	d.Issued, d.From, d.Until = now.AddDate(0, 0, -1), now, now.AddDate(0, 0, 10)
	d.Wanted = []casefile.Item{casefile.Item(law.DRAS)}
	d.Answers = map[string]string{"judge": "Hon. A. Stone", "certification": "yes", "person_leasing_if_known": "unknown", "subject_if_known": "unknown",
		"identifier_attributes": "telephone number", "offence_statement": "18 USC 875"}
	return d
}

// decided is a pen register that was studied and decided.
func (w *world) decided() casefile.Number {
	w.Helper()
	n := w.file(w.penRegister())
	w.study(n, w.analyst)
	w.ok(w.desk.Review.Decide(w.ctx, w.analyst.ID, n, w.produceChoices(n)))
	return n
}

// tapped is one that two people signed and that runs.
func (w *world) tapped() (casefile.Number, disclosable.Hash) {
	w.Helper()
	n := w.decided()
	w.ok(w.desk.Review.Propose(w.ctx, w.analyst.ID, n, "what was decided is carried out"))
	if w.door.Used(disclosable.Trace) != 0 {
		w.Fatal("a trace without a signature")
	}
	w.sign()
	w.pass(5 * time.Minute)
	c := w.load(n)
	if c.Phase() != casefile.Tracing || len(c.Taps) != 1 || c.Taps[0].Until.After(w.penRegister().Until) {
		w.Fatalf("%s, %+v, %+v, alarms %+v", c.Phase(), c.Taps, c.Grants, c.Alarms)
	}
	return n, c.Taps[0].Grant
}

func (w *world) spot(h disclosable.Hash, many int) {
	w.Helper()
	for i := range many {
		if ran, err := w.door.Spot(h, disclosable.TraceEvent{At: w.clock.Now().UnixMilli(), Kind: disclosable.TracedMessage, Sent: i%2 == 0, Other: disclosable.Account{byte(i + 1)}, IP: "192.0.2.1"}); err != nil || !ran {
			w.Fatalf("%v, %v", ran, err)
		}
	}
}

// reading opens a package as the officer does and has it verified.
func (w *world) reading(n casefile.Number, id casefile.PackageID) bundle.Trace {
	w.Helper()
	r, _, err := w.desk.Intake.Collect(w.ctx, w.reyes.Actor(), n, id)
	w.ok(err)
	b := must(io.ReadAll(r))(w)
	secret := must(w.desk.Intake.Passphrase(w.ctx, w.reyes.Actor(), n, id))(w)
	w.verifies(b, secret.Reveal())
	who := must(age.NewScryptIdentity(secret.Reveal()))(w)
	files := tar.NewReader(must(age.Decrypt(bytes.NewReader(b), who))(w))
	for {
		h, err := files.Next()
		w.ok(err)
		if h.Name == bundle.TraceJSON {
			var t bundle.Trace
			w.ok(json.NewDecoder(files).Decode(&t))
			return t
		}
	}
}

func TestAPenRegisterFromTheOrderToItsEnd(t *testing.T) {
	w := newWorld(t)
	n, h := w.tapped()
	w.spot(h, 3)
	w.pass(time.Hour)
	if len(w.load(n).Packages) != 0 {
		t.Fatal("packed before a day was over")
	}
	w.pass(24 * time.Hour)
	c := w.load(n)
	if len(c.Packages) != 1 || c.Taps[0].Taken != 3 || c.Phase() != casefile.Tracing {
		t.Fatalf("%+v, %s", c.Taps, c.Phase())
	}
	if got := w.reading(n, c.Packages[0].ID); len(got.Events) != 3 || got.First != 1 || got.Last != 3 || got.Ended != "" || got.Events[1].Direction != "received" {
		t.Errorf("%+v", got)
	}
	w.spot(h, 2)
	w.pass(24 * time.Hour)
	w.pass(24 * time.Hour)
	w.pass(11 * 24 * time.Hour)
	if ran, _ := w.door.Spot(h, disclosable.TraceEvent{}); ran {
		t.Error("it runs past its end")
	}
	w.pass(time.Minute)
	c = w.load(n)
	if c.Taps[0].Runs() || c.Taps[0].Events() != 5 || c.Phase() != casefile.Answered {
		t.Fatalf("%+v, %s", c.Taps, c.Phase())
	}
	next := uint64(1)
	for _, p := range c.Packages[1:] {
		got := w.reading(n, p.ID)
		if next = got.First; next != c.Taps[0].Batches[0].Last+1 && next <= 3 {
			t.Errorf("a batch from %d", next)
		}
	}
	if last := w.reading2(c); last == "" {
		t.Error("the last part does not say that the trace ended")
	}
	for _, key := range []string{review.TraceKey(h)} {
		if _, err := w.conf.Public.Store.Stash(w.ctx, n, key); !fault.Is(err, fault.NotFound) {
			t.Errorf("the key of the case outlives its trace: %v", err)
		}
	}
	if !slices.ContainsFunc(c.Events, func(e casefile.Event) bool { return e.Kind == casefile.KTraceEnded }) {
		t.Error("no record of the end")
	}
}

// reading2 is how the case says its trace ended.
func (w *world) reading2(c casefile.Case) string { return c.Taps[0].EndedWhy }

func TestOnePersonEndsATrace(t *testing.T) {
	w := newWorld(t)
	n, h := w.tapped()
	w.spot(h, 2)
	w.refused(w.desk.Review.StopTrace(w.ctx, w.analyst.ID, n, h, " "), fault.Invalid, "a stop without a reason")
	w.ok(w.desk.Review.StopTrace(w.ctx, w.analyst.ID, n, h, "the court quashed the order"))
	if ran, _ := w.door.Spot(h, disclosable.TraceEvent{}); ran {
		t.Fatal("it runs on")
	}
	w.pass(5 * time.Minute)
	c := w.load(n)
	if c.Taps[0].Runs() || c.Taps[0].Stop != "the court quashed the order" || len(c.Packages) != 1 {
		t.Fatalf("%+v", c.Taps)
	}
	if got := w.reading(n, c.Packages[0].ID); len(got.Events) != 2 || got.Ended == "" {
		t.Errorf("%+v", got)
	}
}

func TestAWithdrawnRequestTracesNobody(t *testing.T) {
	w := newWorld(t)
	n, h := w.tapped()
	w.ok(w.desk.Intake.Withdraw(w.ctx, w.reyes.Actor(), n, "charges dropped"))
	w.tick()
	if ran, _ := w.door.Spot(h, disclosable.TraceEvent{}); ran {
		t.Error("a withdrawn request traces on")
	}
	w.pass(time.Minute)
	if c := w.load(n); c.Phase() != casefile.Withdrawn || c.Taps[0].Runs() {
		t.Errorf("%s, %+v", c.Phase(), c.Taps)
	}
}

// TestALostAnswerLosesNoEvent: the carrier gives again what was not acknowledged.
func TestALostAnswerLosesNoEvent(t *testing.T) {
	w := newWorld(t)
	n, h := w.tapped()
	w.spot(h, 4)
	lost := 0
	w.door.Fail = func(point string) error {
		if point == "after:collect" && lost < 3 {
			lost++
			return fault.Wrap(fault.Unavailable, "carrier", errors.New("the line broke"), "the line broke")
		}
		return nil
	}
	w.clock.Advance(25 * time.Hour)
	for range 4 {
		_ = w.desk.Tick(w.ctx)
	}
	w.pass(time.Minute)
	c := w.load(n)
	if lost != 3 || len(c.Packages) != 1 || c.Taps[0].Taken != 4 {
		t.Fatalf("%d lost, %+v", lost, c.Taps)
	}
	if got := w.reading(n, c.Packages[0].ID); len(got.Events) != 4 {
		t.Errorf("%+v", got)
	}
}

func TestATraceIsOfOneAccount(t *testing.T) {
	w := newWorld(t)
	d := w.penRegister()
	d.Targets = append(d.Targets, casefile.Target{Kind: law.TargetPhone, Identifier: "+1 202 555 0143"})
	n := w.file(d)
	w.assign(n, w.analyst.ID)
	w.reads(n)
	err := w.desk.Review.Decide(w.ctx, w.analyst.ID, n, w.produceChoices(n))
	if err == nil {
		t.Fatal("two accounts on one order")
	}
	// And under an order for records there is nothing to trace.
	d = w.order()
	d.Reference, d.Wanted = "HC-26-119", []casefile.Item{casefile.Item(law.DRAS)}
	n = w.file(d)
	w.assign(n, w.analyst.ID)
	w.reads(n)
	w.refused(w.desk.Review.Decide(w.ctx, w.analyst.ID, n, w.produceChoices(n)), fault.Forbidden, "a trace under 2703(d)")
}
