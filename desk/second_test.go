package desk_test

import (
	"strings"
	"testing"
	"time"

	"letterlock/desk"
	"letterlock/desk/casefile"
	"letterlock/desk/review"
	"letterlock/desk/staff"
	"letterlock/internal/fault"
)

// always draws every decision.
func (w *world) always() {
	w.conf.Second = 100
	w.desk = desk.New(w.conf)
}

// drawnWorld draws every decision, and has a case that the analyst has studied.
func drawnWorld(t *testing.T) (*world, casefile.Number) {
	t.Helper()
	w := newWorld(t)
	w.always()
	w.approve("us.order.2703d")
	n := w.file(w.order())
	w.study(n, w.analyst)
	return w, n
}

// givesSecond has a member take and give the only second review of a case.
func (w *world) givesSecond(n casefile.Number, m staff.Member, v casefile.Verdict) casefile.Second {
	w.Helper()
	x := w.load(n).Seconds[0]
	w.ok(w.desk.Review.TakeAgain(w.ctx, m.ID, n, x.ID, "it waits, and I know none of them"))
	var all []review.Choice
	for _, i := range w.load(n).Demand.Wanted {
		all = append(all, review.Choice{Item: i, Verdict: v, Reason: "as I read it"})
	}
	w.ok(w.desk.Review.GiveAgain(w.ctx, m.ID, n, x.ID, all))
	return w.load(n).Seconds[0]
}

func TestASecondReviewIsBlindAndMeasured(t *testing.T) {
	w, n := drawnWorld(t)
	w.ok(w.desk.Review.Decide(w.ctx, w.analyst.ID, n, yield("name")))
	if len(w.load(n).Seconds) != 0 {
		t.Fatal("drawn before every item was decided")
	}
	w.produceAll(n, w.analyst)
	c := w.load(n)
	if len(c.Seconds) != 1 || c.Seconds[0].Reason != casefile.SecondDrawn || c.SecondHolds() {
		t.Fatalf("%+v", c.Seconds)
	}
	w.produceAll(n, w.analyst)
	if len(w.load(n).Seconds) != 1 {
		t.Error("deciding again draws again")
	}
	if all := must(w.desk.Review.Again(w.ctx, w.second.ID))(t); len(all) != 1 || all[0].Case != n {
		t.Fatalf("%+v waits", all)
	}
	id := c.Seconds[0].ID
	w.refused(w.desk.Review.TakeAgain(w.ctx, w.analyst.ID, n, id, "it waits, and I know none of them"), fault.Forbidden, "the first reviewer as the second")
	w.refused(w.desk.Review.TakeAgain(w.ctx, w.lead.ID, n, id, "it waits, and I know none of them"), fault.Forbidden, "who assigned it as the second")
	w.ok(w.desk.Staff.Declare(w.ctx, w.counsel.ID, staff.Conflict{Agency: w.agency.ID, Reason: "a brother there"}))
	w.refused(w.desk.Review.TakeAgain(w.ctx, w.counsel.ID, n, id, "it waits, and I know none of them"), fault.Forbidden, "a second with a conflict")
	w.ok(w.desk.Review.TakeAgain(w.ctx, w.second.ID, n, id, "it waits, and I know none of them"))
	_, err := w.desk.Review.Case(w.ctx, w.second.ID, n)
	w.refused(err, fault.Forbidden, "looking at the first before giving the second")
	o := must(w.desk.Review.Sight(w.ctx, w.second.ID, n, id))(t)
	if len(o.Case.Decisions) > 0 || len(o.Timeline) > 0 || len(o.Case.Events) > 0 || o.Case.Assigned.ID != "" {
		t.Error("the second sees the first")
	}
	must(w.desk.Review.ReadPaper(w.ctx, w.second.ID, n, o.Case.Demand.Papers[0].ID))(t)
	w.refused(w.desk.Review.GiveAgain(w.ctx, w.second.ID, n, id, yield("name")), fault.Invalid, "half of a second review")
	got := w.givesSecond(n, w.second, casefile.Decline)
	if len(got.Differs) != len(c.Demand.Wanted) || len(got.Less) != len(got.Differs) || !got.Closed.IsZero() || !w.load(n).Head().Counsel {
		t.Errorf("%+v", got)
	}
	must(w.desk.Review.Case(w.ctx, w.second.ID, n))(t)
	if all := must(w.desk.Review.Again(w.ctx, w.second.ID))(t); len(all) != 0 {
		t.Errorf("%+v still waits", all)
	}
}

func TestADisagreementHoldsTheReleaseUntilCounsel(t *testing.T) {
	w, n := drawnWorld(t)
	w.produceAll(n, w.analyst)
	w.ok(w.desk.Review.Propose(w.ctx, w.analyst.ID, n, "what was decided is carried out"))
	w.givesSecond(n, w.second, casefile.Decline)
	w.sign()
	w.pass(3 * time.Minute)
	w.pass(3 * time.Minute) // the person is told, with the ledger's proof
	w.pass(8 * 24 * time.Hour)
	c := w.load(n)
	if c.Disclosed() {
		t.Fatal("released although the second would have given less")
	}
	w.refused(w.desk.Review.CloseAgain(w.ctx, w.analyst.ID, n, c.Seconds[0].ID, "x"), fault.Forbidden, "closed by an analyst")
	w.ok(w.desk.Review.CloseAgain(w.ctx, w.counsel.ID, n, c.Seconds[0].ID, "the order reaches it; read with the second reviewer"))
	w.pass(time.Hour)
	if !w.load(n).Disclosed() {
		t.Errorf("not released after counsel closed it: %+v", w.load(n).Timeline(false))
	}
}

func TestTheDrawIsFiveInAHundredAndCommittedBefore(t *testing.T) {
	secret := []byte(strings.Repeat("s", 32))
	n := 0
	for i := range 100_000 {
		if desk.Drawn(secret, casefile.Ordinary(2026, i+1), 5) {
			n++
		}
	}
	if n < 4_700 || n > 5_300 {
		t.Errorf("%d of 100,000 were drawn", n)
	}
	w := newWorld(t)
	w.always()
	w.tick()
	before := records(w)
	w.tick()
	if records(w) != before {
		t.Error("the draw of a day is committed to twice")
	}
	w.clock.Advance(24 * time.Hour)
	w.ok(w.desk.Staff.NoteLaw(w.ctx))
	if err := w.desk.Tick(w.ctx); err != nil {
		t.Log(err)
	}
	if b, err := w.conf.Marks.Mark(w.ctx, "second-review-secret-"+w.clock.Now().UTC().Format(time.DateOnly)); err != nil || len(b) != 32 {
		t.Errorf("no secret for the new day: %v", err)
	}
}

func TestOutsideCounselSeesOnlyWhatIsLent(t *testing.T) {
	w := newWorld(t)
	n, other := w.file(w.order()), w.file(w.order())
	x := w.newcomer("Dr. Vale", staff.Outside)
	see := func(n casefile.Number) error { return second(w.desk.Review.Case(w.ctx, x.ID, n)) }
	w.refused(see(n), fault.Withheld, "before it is lent")
	w.refused(see("LL-2026-999999"), fault.Withheld, "a case that does not exist")
	w.refused(w.desk.Review.Lend(w.ctx, w.analyst.ID, n, x.ID, w.clock.Now().Add(time.Hour), "x"), fault.Forbidden, "lent by an analyst")
	w.refused(w.desk.Review.Lend(w.ctx, w.counsel.ID, n, w.analyst.ID, w.clock.Now().Add(time.Hour), "x"), fault.Invalid, "lent to an analyst")
	w.refused(w.desk.Review.Lend(w.ctx, w.counsel.ID, n, x.ID, w.clock.Now().Add(review.MaxLoan+time.Hour), "x"), fault.Invalid, "lent for ever")
	w.ok(w.desk.Review.Lend(w.ctx, w.counsel.ID, n, x.ID, w.clock.Now().Add(48*time.Hour), "is the order final?"))
	w.ok(see(n))
	w.refused(see(other), fault.Withheld, "another case")
	if all := must(w.desk.Review.Lent(w.ctx, x.ID))(t); len(all) != 1 || all[0].Case != n {
		t.Errorf("%+v", all)
	}
	w.ok(w.desk.Review.Opine(w.ctx, x.ID, n, "It is final."))
	w.refused(w.desk.Review.Opine(w.ctx, x.ID, other, "x"), fault.Withheld, "an opinion on another case")
	w.clock.Advance(48 * time.Hour)
	w.refused(see(n), fault.Withheld, "after its time, before the clock wrote it down")
	w.ok(w.desk.Review.Lend(w.ctx, w.lead.ID, n, x.ID, w.clock.Now().Add(time.Hour), "again"))
	w.ok(see(n))
	w.ok(w.desk.Review.TakeBackLoan(w.ctx, w.lead.ID, n, x.ID, "it is answered"))
	w.refused(see(n), fault.Withheld, "after it was taken back")
	if all := must(w.desk.Review.Lent(w.ctx, x.ID))(t); len(all) != 0 {
		t.Errorf("%+v", all)
	}
}

func TestNobodyDecidesBeforeTheirWordForTheCase(t *testing.T) {
	w := newWorld(t)
	w.approve("us.order.2703d")
	n := w.file(w.order())
	w.study(n, w.analyst)
	other := w.file(w.order())
	w.ok(w.desk.Review.Assign(w.ctx, w.lead.ID, other, w.analyst.ID, "it is theirs to decide"))
	w.refused(w.desk.Review.Decide(w.ctx, w.analyst.ID, other, decline("name")), fault.Forbidden, "deciding on the word for another case")
	w.refused(w.desk.Review.Decide(w.ctx, w.counsel.ID, n, decline("name")), fault.Forbidden, "counsel on the word of an analyst")
	w.produceAll(n, w.analyst)
	w.refused(w.desk.Review.Propose(w.ctx, w.second.ID, n, "what was decided is carried out"), fault.Forbidden, "proposing without a word")
	before := w.load(n).Version()
	w.ok(w.desk.Review.NoTie(w.ctx, w.analyst.ID, n, "I know none of them"))
	if w.load(n).Version() != before {
		t.Error("said twice, recorded twice")
	}
	d := w.load(n).Demand
	d.Targets[0].Identifier = "+12025550167"
	w.ok(w.desk.Intake.Correct(w.ctx, w.reyes.Actor(), n, d, "another number"))
	w.refused(w.desk.Review.Decide(w.ctx, w.analyst.ID, n, decline("name")), fault.Forbidden, "on the word for what the request said before")
	w.ok(w.desk.Review.NoTie(w.ctx, w.analyst.ID, n, "I know none of them"))
	w.ok(w.desk.Review.Decide(w.ctx, w.analyst.ID, n, decline("name")))
}

func TestNoRowTellsASecondReviewerOfTheFirst(t *testing.T) {
	w, n := drawnWorld(t)
	w.produceAll(n, w.analyst)
	row := func(f casefile.Filter) (out []casefile.Head) {
		t.Helper()
		return must(w.desk.Review.Queue(w.ctx, w.second.ID, f))(t).Heads
	}
	if all := row(casefile.Filter{}); len(all) != 1 || all[0].AssignedTo != w.analyst.Name || all[0].Phase != casefile.Decided {
		t.Fatalf("the control: %+v", all)
	}
	id := w.load(n).Seconds[0].ID
	w.ok(w.desk.Review.TakeAgain(w.ctx, w.second.ID, n, id, "it waits, and I know none of them"))
	if all := row(casefile.Filter{}); len(all) != 1 || all[0].AssignedTo != "" || all[0].Assigned != "" || all[0].Phase != casefile.InReview {
		t.Errorf("%+v", all)
	}
	for _, f := range []casefile.Filter{{Assigned: w.analyst.ID}, {Phase: casefile.Decided}, {Phase: casefile.Signing}, {Open: true}} {
		if all := row(f); len(all) != 0 {
			t.Errorf("a list tells by holding it: %+v", f)
		}
	}
	_, _, err := w.desk.Breach.Hold(w.ctx, w.second.ID, n)
	w.refused(err, fault.NotFound, "the page of a compromise that there is none of")
	must(w.desk.Agencies.Cut(w.ctx, w.lead.Actor(), casefile.CutDomain, "sheriff.harbor.example", "taken over"))(t)
	w.tick()
	_, _, err = w.desk.Breach.Hold(w.ctx, w.second.ID, n)
	w.refused(err, fault.Forbidden, "the page of the compromise")
}

// TestOutsideCounselReadsUnderTheirName: each page carries a mark of their own,
// and their reading is not the team's.
func TestOutsideCounselReadsUnderTheirName(t *testing.T) {
	w := newWorld(t)
	n, other := w.file(w.order()), w.file(w.order())
	x := w.newcomer("Dr. Vale", staff.Outside)
	id := w.load(n).Demand.Papers[0].ID
	w.refused(second(w.desk.Review.ReadPaper(w.ctx, x.ID, n, id)), fault.Withheld, "a paper of a case that is not lent")
	w.ok(w.desk.Review.Lend(w.ctx, w.counsel.ID, n, x.ID, w.clock.Now().Add(48*time.Hour), "is the order final?"))
	w.refused(second(w.desk.Review.ReadPaper(w.ctx, x.ID, other, w.load(other).Demand.Papers[0].ID)), fault.Withheld, "a paper of another case")
	must(w.desk.Review.ReadPaper(w.ctx, x.ID, n, id))(t)
	if len(w.load(n).Unread()) != 1 {
		t.Error("outside counsel read the paper for the team")
	}
	must(w.desk.Review.ReadPaper(w.ctx, w.analyst.ID, n, id))(t)
	page := func(m staff.Member) string {
		t.Helper()
		return string(must(w.desk.Review.PaperPage(w.ctx, m.ID, n, id, 1, casefile.ZoomPage))(t))
	}
	plain, marked := page(w.analyst), page(x)
	if plain == marked {
		t.Fatal("a page without a mark")
	}
	w.clock.Advance(time.Minute)
	if page(x) == marked || page(w.analyst) != plain {
		t.Error("the mark does not say when")
	}
	w.desk.Review.Mark = nil
	_, err := w.desk.Review.PaperPage(w.ctx, x.ID, n, id, 1, casefile.ZoomPage)
	w.refused(err, fault.Forbidden, "a page that cannot be marked")
	w.ok(w.desk.Review.TakeBackLoan(w.ctx, w.counsel.ID, n, x.ID, "it is answered"))
	_, err = w.desk.Review.PaperPage(w.ctx, x.ID, n, id, 1, casefile.ZoomPage)
	w.refused(err, fault.Withheld, "a page after the loan")
}

// TestDecidingMoreAfterASecondAgreedWaitsForCounsel: whoever has little seen by a
// second and then decides to give more is held until counsel has looked.
func TestDecidingMoreAfterASecondAgreedWaitsForCounsel(t *testing.T) {
	w, n := drawnWorld(t)
	w.ok(w.desk.Review.Decide(w.ctx, w.analyst.ID, n, decline(w.load(n).Demand.Wanted...)))
	if x := w.givesSecond(n, w.second, casefile.Decline); len(x.Differs) > 0 || x.Closed.IsZero() {
		t.Fatalf("the two do not agree: %+v", x)
	}
	w.produceAll(n, w.analyst)
	if c := w.load(n); !c.SecondHolds() || !c.Head().Counsel {
		t.Fatalf("more is given than the second agreed to, and nothing holds it: %+v", c.Seconds)
	}
	w.ok(w.desk.Review.CloseAgain(w.ctx, w.counsel.ID, n, w.load(n).Seconds[0].ID, "the order reaches it"))
	w.produceAll(n, w.analyst)
	if w.load(n).SecondHolds() {
		t.Error("what counsel settled is open again although nothing changed")
	}
	w.ok(w.desk.Review.Decide(w.ctx, w.analyst.ID, n, decline(w.load(n).Demand.Wanted...)))
	w.produceAll(n, w.analyst)
	if !w.load(n).SecondHolds() {
		t.Error("giving it after taking it back needs no word")
	}
}

// TestASecondReviewerNeverDecides, before or after: not even by another round.
func TestASecondReviewerNeverDecides(t *testing.T) {
	w, n := drawnWorld(t)
	w.produceAll(n, w.analyst)
	w.givesSecond(n, w.second, casefile.Decline)
	w.ok(w.desk.Review.Assign(w.ctx, w.lead.ID, n, w.second.ID, "the first is away"))
	w.refused(w.desk.Review.Decide(w.ctx, w.second.ID, n, yield("name")), fault.Conflict, "the second reviewer deciding")
	must(w.desk.Review.Resolve(w.ctx, w.second.ID, n, 0, "the request asks about it"))(t)
	w.ok(w.desk.Review.Assign(w.ctx, w.lead.ID, n, w.analyst.ID, "back again"))
	w.ok(w.desk.Review.AskSecond(w.ctx, w.analyst.ID, n, "once more"))
	all := w.load(n).Seconds
	w.refused(w.desk.Review.TakeAgain(w.ctx, w.second.ID, n, all[len(all)-1].ID, "it waits"), fault.Forbidden, "a second review by who worked on the case")
}

// TestACorrectedRequestIsDrawnAnew: what a second said of the former words is no
// word on these.
func TestACorrectedRequestIsDrawnAnew(t *testing.T) {
	w, n := drawnWorld(t)
	w.produceAll(n, w.analyst)
	w.givesSecond(n, w.second, casefile.Produce)
	w.clock.Advance(time.Minute)
	d := w.load(n).Demand
	d.Reference = "HC-26-118-B"
	w.ok(w.desk.Intake.Correct(w.ctx, w.reyes.Actor(), n, d, "the order was amended"))
	w.study(n, w.analyst)
	w.produceAll(n, w.analyst)
	if all := w.load(n).Seconds; len(all) != 2 || !all[1].Given.IsZero() {
		t.Errorf("%+v", all)
	}
}
