package desk_test

import (
	"testing"
	"time"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
	"letterlock/law"
)

// signedOrder is an order that two key holders have signed, while the person's
// days of notice run.
func (w *world) signedOrder() casefile.Number {
	w.Helper()
	w.approve("us.order.2703d")
	n := w.file(w.order())
	w.study(n, w.analyst)
	w.produceAll(n, w.analyst)
	w.ok(w.desk.Review.Propose(w.ctx, w.analyst.ID, n, "what was decided is carried out"))
	w.tick()
	w.sign()
	w.pass(time.Hour) // the person is told
	return n
}

// What is found after two have signed is no less found: nothing leaves under
// the grants until a person has dealt with it.
func TestWhatIsFoundAfterTheSignaturesHoldsTheRelease(t *testing.T) {
	for _, id := range []law.FindingID{"SYS.WEAKEN", "SYS.GHOST", "GAG.WEAKEN", "FORM.UNSIGNED"} {
		t.Run(string(id), func(t *testing.T) {
			w := newWorld(t)
			n := w.signedOrder()
			w.ok(w.desk.Review.AddFinding(w.ctx, w.analyst.ID, n, id, "attachment B, page 3"))
			w.pass(9 * 24 * time.Hour)
			if c := w.load(n); c.Disclosed() || len(c.Packages) > 0 {
				t.Fatal("records left though a finding stands against it")
			}
			w.refused(w.use(n), fault.KindOf(w.load(n).Hindered()), "the use of the grant past the finding")
			if f, _ := law.Default().Finding(id); f.MustChallenge() {
				w.ok(w.desk.Review.AnswerFinding(w.ctx, w.counsel.ID, n, id, false, "the keys of a car"))
				w.pass(time.Hour)
				if w.load(n).Disclosed() {
					t.Fatal("one person alone let it go")
				}
				w.ok(w.desk.Review.AnswerFinding(w.ctx, w.lead.ID, n, id, false, "the keys of a car"))
			} else {
				w.ok(w.desk.Review.AnswerFinding(w.ctx, w.analyst.ID, n, id, false, "signed on page 4"))
			}
			w.pass(time.Hour)
			if !w.load(n).Disclosed() {
				t.Error("it is held for ever, though nothing stands against it any more")
			}
		})
	}
}

// An answer is taken back the same way as it was given, up to the last moment.
func TestAnAnswerTakenBackHoldsTheRelease(t *testing.T) {
	w := newWorld(t)
	n := w.signedOrder()
	w.ok(w.desk.Review.AddFinding(w.ctx, w.analyst.ID, n, "FORM.UNSIGNED", "page 1"))
	w.ok(w.desk.Review.AnswerFinding(w.ctx, w.analyst.ID, n, "FORM.UNSIGNED", false, "signed on page 4"))
	w.ok(w.desk.Review.AnswerFinding(w.ctx, w.analyst.ID, n, "FORM.UNSIGNED", true, "that is the clerk's"))
	w.pass(9 * 24 * time.Hour)
	if w.load(n).Disclosed() {
		t.Fatal("records left against a finding that holds")
	}
	w.ok(w.desk.Review.WithdrawGrants(w.ctx, w.analyst.ID, n, "it is not signed"))
	w.ok(w.desk.Review.Decide(w.ctx, w.analyst.ID, n, decline(w.load(n).Demand.Wanted...)))
}

// A package that lies ready is not handed out while something that was found
// since stands against it, and is once a person has dealt with that.
func TestWhatIsFoundAfterThePackageHoldsItsDownload(t *testing.T) {
	for _, id := range []law.FindingID{"SYS.WEAKEN", "FORM.UNSIGNED"} {
		t.Run(string(id), func(t *testing.T) {
			w := newWorld(t)
			n := w.signedOrder()
			w.pass(9 * 24 * time.Hour)
			w.pass(time.Hour)
			if c := w.load(n); !c.Disclosed() || len(c.Packages) != 1 {
				t.Fatalf("phase %s, %d packages", c.Phase(), len(c.Packages))
			}
			p := w.load(n).Packages[0]
			collect := func() error {
				r, _, err := w.desk.Intake.Collect(w.ctx, w.reyes.Actor(), n, p.ID)
				if err == nil {
					r.Close()
				}
				return err
			}
			w.ok(collect())
			w.ok(w.desk.Review.AddFinding(w.ctx, w.analyst.ID, n, id, "attachment B, page 3"))
			w.refused(collect(), fault.Forbidden, "a download past the finding")
			w.refused(second(w.desk.Intake.CollectPart(w.ctx, w.reyes.Actor(), n, p, casefile.Part{From: 1, Size: p.Size - 1})), fault.Forbidden, "going on with a download past the finding")
			if v := must(w.desk.Intake.Case(w.ctx, w.reyes.Actor(), n))(t); v.Held == nil {
				t.Error("the officer's page does not say that it is held")
			}
			w.ok(w.desk.Review.AnswerFinding(w.ctx, w.counsel.ID, n, id, false, "that is page 4 of another order"))
			if f, _ := law.Default().Finding(id); f.MustChallenge() {
				w.refused(collect(), fault.Forbidden, "a download after one person's word")
				w.ok(w.desk.Review.AnswerFinding(w.ctx, w.lead.ID, n, id, false, "that is page 4 of another order"))
			}
			w.ok(collect())
			w.ok(w.desk.Review.AnswerFinding(w.ctx, w.counsel.ID, n, id, true, "it is of this one"))
			w.refused(collect(), fault.Forbidden, "a download after the finding was taken up again")
		})
	}
}

// A letter that gives nothing goes, whatever was found: it is what tells why.
func TestWhatIsFoundHoldsNoRefusal(t *testing.T) {
	w := newWorld(t)
	n, p := w.answered()
	w.ok(w.desk.Review.AddFinding(w.ctx, w.analyst.ID, n, "FORM.UNSIGNED", "page 1"))
	r, _, err := w.desk.Intake.Collect(w.ctx, w.reyes.Actor(), n, p.ID)
	w.ok(err)
	r.Close()
}

// use is the desk's own step, taken past the desk.
func (w *world) use(n casefile.Number) error {
	for _, g := range w.load(n).Grants {
		if g.Phase == casefile.GrantReady {
			_, err := w.desk.Files.Act(w.ctx, n, casefile.TheClock, func(casefile.Case) (casefile.Plan, error) {
				return casefile.One(casefile.Event{Kind: casefile.KReleasing, Grant: &g.Hash}), nil
			})
			return err
		}
	}
	w.Fatal("no grant waits to be used")
	return nil
}
