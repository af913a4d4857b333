package desk_test

import (
	"slices"
	"testing"
	"time"

	"letterlock/desk/casefile"
	"letterlock/desk/review"
	"letterlock/desk/sealed"
	"letterlock/disclosable"
	"letterlock/internal/fault"
)

// TestALetterYieldsNameAndLengthOfServiceWhateverIsDecided asks for the whole
// inventory and tries to hand out each field: the domain refuses all others, and
// no grant carries one, however it is decided.
// law: 18 USC 2709(b)
func TestALetterYieldsNameAndLengthOfServiceWhateverIsDecided(t *testing.T) {
	w := newWorld(t)
	cleared := w.clearedCounsel()
	d := w.letter(1)
	d.Wanted = nil
	for _, f := range disclosable.Fields() {
		d.Wanted = append(d.Wanted, casefile.FieldItem(f.ID))
	}
	n := w.file(d)
	w.study(n, cleared)
	reached := []casefile.Item{"name", "service_start"}
	for _, i := range w.load(n).Demand.Wanted {
		if slices.Contains(reached, i) {
			continue
		}
		for _, v := range []casefile.Verdict{casefile.Produce, casefile.Keep} {
			err := w.desk.Review.Decide(w.ctx, cleared.ID, n, []review.Choice{{Item: i, Verdict: v, Reason: "they want it"}})
			if err == nil {
				t.Errorf("%s is decided to be %s", i, v)
			}
		}
	}
	var rest []review.Choice
	for _, i := range w.load(n).Demand.Wanted {
		if !slices.Contains(reached, i) {
			rest = append(rest, review.Choice{Item: i, Verdict: casefile.Narrow, Reason: "as far as it is reached"})
		}
	}
	if err := w.desk.Review.Decide(w.ctx, cleared.ID, n, append(yield(reached...), rest...)); err != nil {
		w.ok(w.desk.Review.Decide(w.ctx, cleared.ID, n, append(yield(reached...), decline(itemsOf(rest)...)...)))
	}
	w.ok(w.desk.Review.Propose(w.ctx, cleared.ID, n, "what was decided is carried out"))
	for _, g := range w.load(n).GrantsOf(disclosable.Produce) {
		if len(g.Grant.Fields) != 2 || !slices.Contains(g.Grant.Fields, "name") || !slices.Contains(g.Grant.Fields, "service_start") {
			t.Errorf("a grant carries %v", g.Grant.Fields)
		}
	}
	if len(w.load(n).GrantsOf(disclosable.Produce)) == 0 {
		t.Fatal("nothing was proposed")
	}
}

func itemsOf(all []review.Choice) (out []casefile.Item) {
	for _, c := range all {
		out = append(out, c.Item)
	}
	return out
}

// TestTheNoticeToTheGovernmentIsMadeOnce: whenever the secrecy becomes known,
// once, and not at all where there is none or the request was withdrawn.
func TestTheNoticeToTheGovernmentIsMadeOnce(t *testing.T) {
	w := newWorld(t)
	letters := func(n casefile.Number) int { return len(w.load(n).Secrecy.Letters) }

	certified := w.file(w.certified(1))
	open := w.file(w.letter(2))
	gone := w.file(w.certified(3))
	w.ok(w.desk.Intake.Withdraw(w.ctx, w.reyes.Actor(), gone, "wrong provider"))
	for range 3 {
		w.pass(9 * time.Minute)
	}
	if a, b, c := letters(certified), letters(open), letters(gone); a != 1 || b != 0 || c != 0 {
		t.Errorf("notices: %d with secrecy, %d without, %d withdrawn", a, b, c)
	}

	d := w.load(open).Demand // the agency certifies it later
	d.Answers, d.Gag = map[string]string{"gag_certification_2709c": "yes"}, casefile.Gag{Asked: true}
	w.ok(w.desk.Intake.Correct(w.ctx, w.reyes.Actor(), open, d, "the certification was forgotten"))
	made := w.clock.Now()
	w.tick()
	if letters(open) != 1 || !w.load(open).Secrecy.Letters[0].Made.Equal(made) {
		t.Errorf("a secrecy that was certified later has %d notices on its day", letters(open))
	}
	if due := w.gagDue(open, casefile.GagThreeYears); due.Before(d.Issued.AddDate(3, 0, 0)) {
		t.Errorf("its review is due on %s", due)
	}
	w.ok(w.desk.Intake.Correct(w.ctx, w.reyes.Actor(), certified, w.load(certified).Demand, "a typing error"))
	w.tick()
	if letters(certified) != 1 {
		t.Error("a correction makes a second notice")
	}
}

// TestNobodyIsCalledForASecrecyThatEnded, nor for a Government that did apply.
func TestNobodyIsCalledForASecrecyThatEnded(t *testing.T) {
	w := newWorld(t)
	cleared := w.clearedCounsel()
	ended, applied, silent := w.file(w.certified(1)), w.file(w.certified(2)), w.file(w.certified(3))
	w.tick()
	today := w.clock.Now()
	for _, n := range []casefile.Number{ended, applied, silent} {
		w.ok(w.desk.Sealed.Sent(w.ctx, cleared.ID, n, w.load(n).Secrecy.Letters[0].ID, today, "registered mail"))
	}
	w.ok(w.desk.Sealed.Step(w.ctx, cleared.ID, ended, casefile.GagTerminated, today, "letter of the agency"))
	w.ok(w.desk.Sealed.Step(w.ctx, cleared.ID, applied, casefile.GagApplied, today, "26-mc-12"))
	w.clock.Set(today.AddDate(3, 1, 0))
	w.ledger.CheckClock(w.clock.Now())
	w.tick()
	for _, x := range []struct {
		n                  casefile.Number
		government, review bool
	}{{ended, false, false}, {applied, false, true}, {silent, true, true}} {
		c := w.load(x.n)
		if hasAlarm(c, sealed.AlarmGovernment) != x.government || hasAlarm(c, sealed.AlarmReview) != x.review {
			t.Errorf("%s: called for the Government's time: %v, for the review: %v", x.n, hasAlarm(c, sealed.AlarmGovernment), hasAlarm(c, sealed.AlarmReview))
		}
	}
	for range 3 {
		w.tick()
	}
	if a := w.load(silent).Alarms; len(a) != 3 {
		t.Errorf("each day calls once: %+v", a)
	}
	w.refused(w.desk.Sealed.Step(w.ctx, w.counsel.ID, silent, casefile.GagApplied, today, "x"), fault.Withheld, "counsel who is not on the list")
}
