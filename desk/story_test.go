package desk_test

import (
	"bytes"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"letterlock/desk/casefile"
	"letterlock/desk/notice"
	"letterlock/desk/produce/bundle"
	"letterlock/desk/review"
	"letterlock/disclosable"
	"letterlock/internal/fault"
	"letterlock/law"
)

func TestAnOrderIsAnsweredAfterThePersonWasTold(t *testing.T) {
	w := newWorld(t)
	w.approve("us.order.2703d")
	d := w.order()
	n := w.file(d)
	if n != casefile.Ordinary(2026, 1) {
		t.Fatalf("number %s", n)
	}
	w.study(n, w.analyst)
	w.produceAll(n, w.analyst)
	w.ok(w.desk.Review.Propose(w.ctx, w.analyst.ID, n, "what was decided is carried out"))
	w.pass(time.Minute)
	if w.door.Used(disclosable.Produce)+w.door.Used(disclosable.Notify) != 0 {
		t.Fatal("something was used before two people signed")
	}
	if p := w.load(n).Phase(); p != casefile.Signing {
		t.Fatalf("phase %s", p)
	}
	w.sign()
	w.pass(time.Minute)
	c := w.load(n)
	if c.Told(0).IsZero() || c.Disclosed() || c.Phase() != casefile.Notice {
		t.Fatalf("told %v, disclosed %v, %s", c.Told(0), c.Disclosed(), c.Phase())
	}
	w.pass(7*24*time.Hour - 3*time.Minute)
	if w.load(n).Disclosed() {
		t.Fatal("disclosed before the person had seven days")
	}
	w.pass(10 * time.Minute)
	w.pass(5 * time.Minute) // the batch with the carrier's proof
	c = w.load(n)
	if c.Phase() != casefile.Answered || len(c.Packages) != 1 || c.Packages[0].Records != 4 {
		t.Fatalf("phase %s, packages %+v, alarms %+v", c.Phase(), c.Packages, c.Alarms)
	}
	w.collects(n, c.Packages[0].ID)
	w.ends(n)
}

// collects downloads as the officer and checks what is recorded.
func (w *world) collects(n casefile.Number, id casefile.PackageID) {
	w.Helper()
	r, p, err := w.desk.Intake.Collect(w.ctx, w.reyes.Actor(), n, id)
	w.ok(err)
	b, err := io.ReadAll(r)
	w.ok(err)
	r.Close()
	if int64(len(b)) != p.Size || casefile.SumOf(b) != p.Sum || !strings.HasPrefix(string(b), "age-encryption.org/v1") {
		w.Fatalf("the package is not what was stored: %d bytes", len(b))
	}
	if got := w.load(n).Packages[0].Downloads; len(got) != 1 || got[0].By.ID != string(w.reyes.ID) {
		w.Fatalf("downloads %+v", got)
	}
	secret, err := w.desk.Intake.Passphrase(w.ctx, w.reyes.Actor(), n, id)
	w.ok(err)
	if len(secret.Reveal()) < 20 || secret.String() != "secret" {
		w.Fatal("no passphrase, or one that prints")
	}
	w.verifies(b, secret.Reveal())
	_, err = w.desk.Intake.Passphrase(w.ctx, w.reyes.Actor(), n, id)
	w.refused(err, fault.Expired, "the passphrase a second time")
	_, _, err = w.desk.Intake.Collect(w.ctx, w.analyst.Actor(), n, id)
	w.refused(err, fault.Forbidden, "an analyst collecting an officer's package")
}

// verifies opens the package as a court would and wants everything to hold.
func (w *world) verifies(sealed []byte, passphrase string) {
	w.Helper()
	w.verifiesWith(sealed, must(age.NewScryptIdentity(passphrase))(w))
}

func (w *world) verifiesWith(sealed []byte, id age.Identity) {
	w.Helper()
	trust := w.trusts()
	report := bundle.VerifySealed(bytes.NewReader(sealed), []age.Identity{id}, bundle.Options{Trust: trust, Now: w.clock.Now()})
	if !report.OK() {
		for _, l := range report.Lines {
			w.Logf("%s %s: %s", l.State, l.Check, l.Text)
		}
		w.Error("the package does not verify offline")
	}
}

// ends lets the package expire.
func (w *world) ends(n casefile.Number) {
	w.Helper()
	id := w.load(n).Packages[0].ID
	w.pass(31 * 24 * time.Hour)
	c := w.load(n)
	if c.Packages[0].Destroyed.IsZero() || c.Phase() != casefile.Closed {
		w.Fatalf("our copy was not destroyed: %s", c.Phase())
	}
	_, _, err := w.desk.Intake.Collect(w.ctx, w.reyes.Actor(), n, id)
	w.refused(err, fault.Expired, "collecting after the end")
	if r, err := w.conf.Public.Blobs.Open(w.ctx, c.Packages[0].Sum); err == nil {
		r.Close()
		w.Fatal("the bytes are still there")
	}
	if left, _ := w.conf.Public.Store.DutiesOf(w.ctx, n); slices.ContainsFunc(left, func(d casefile.Duty) bool { return d.Done.IsZero() }) {
		w.Fatalf("duties are left: %+v", left)
	}
}

func TestTheClockEndsASecrecyOrder(t *testing.T) {
	w := newWorld(t)
	w.approve("us.order.2703d")
	d := w.order()
	d.Gag = casefile.Gag{Asked: true, Order: true, Start: d.Issued, End: w.clock.Now().AddDate(0, 0, 60), Grounds: []string{"2705(b)(1)"}, Basis: "18 USC 2705(b)"}
	n := w.file(d)
	w.study(n, w.analyst)
	w.produceAll(n, w.analyst)
	w.ok(w.desk.Review.Propose(w.ctx, w.analyst.ID, n, "what was decided is carried out"))
	w.sign()
	w.pass(3 * time.Minute)
	w.pass(3 * time.Minute)
	c := w.load(n)
	if !c.Disclosed() || !c.Told(0).IsZero() || c.Phase() != casefile.Answered {
		t.Fatalf("disclosed %v told %v %s", c.Disclosed(), c.Told(0), c.Phase())
	}
	// A paper arrives that may renew the secrecy: unread, it holds the notice.
	paper, err := w.desk.Intake.AddCasePaper(w.ctx, w.reyes.Actor(), n, "renewal.pdf", "", strings.NewReader(string(pdf("renewal"))))
	w.ok(err)
	w.pass(61 * 24 * time.Hour)
	w.pass(time.Hour)
	c = w.load(n)
	if !c.Told(0).IsZero() || len(c.Alarms) != 1 {
		t.Fatalf("told %v with an unread paper, alarms %+v", c.Told(0), c.Alarms)
	}
	_, err = w.desk.Review.ReadPaper(w.ctx, w.analyst.ID, n, paper.ID)
	w.ok(err)
	w.pass(time.Minute)
	if w.load(n).Told(0).IsZero() || len(w.door.Tellers) != 1 {
		t.Fatalf("the person was not told when the order ended: %d notices", len(w.door.Tellers))
	}
	w.pass(time.Hour)
	if len(w.door.Tellers) != 1 {
		t.Fatal("told twice")
	}
}

func TestARenewedOrderMovesTheNotice(t *testing.T) {
	w := newWorld(t)
	w.approve("us.order.2703d")
	d := w.order()
	d.Gag = casefile.Gag{Asked: true, Order: true, Start: d.Issued, End: w.clock.Now().AddDate(0, 0, 10), Grounds: []string{"2705(b)(1)"}}
	n := w.file(d)
	w.study(n, w.analyst)
	w.produceAll(n, w.analyst)
	w.ok(w.desk.Review.Propose(w.ctx, w.analyst.ID, n, "what was decided is carried out"))
	w.sign()
	w.pass(3 * time.Minute)
	w.pass(3 * time.Minute)
	w.ok(w.desk.Notice.Later(w.ctx, w.analyst.ID, n, w.clock.Now().AddDate(0, 0, 40), true, "order renewed by the court"))
	w.pass(time.Minute)
	w.sign()
	w.pass(20 * 24 * time.Hour)
	if len(w.door.Tellers) != 0 {
		t.Fatal("told under the old order's day")
	}
	w.pass(21 * 24 * time.Hour)
	if len(w.door.Tellers) != 1 {
		t.Fatalf("%d notices after the renewed order ended", len(w.door.Tellers))
	}
	w.refused(w.desk.Notice.Now(w.ctx, w.analyst.ID, n, "again"), fault.Conflict, "telling a person a second time")
}

func TestAnObjectionHoldsTheRelease(t *testing.T) {
	for _, uphold := range []bool{false, true} {
		w := newWorld(t)
		w.approve("us.order.2703d")
		n := w.file(w.order())
		w.study(n, w.analyst)
		w.produceAll(n, w.analyst)
		w.ok(w.desk.Review.Propose(w.ctx, w.analyst.ID, n, "what was decided is carried out"))
		w.sign()
		w.pass(time.Minute)
		w.door.Object(string(n), "this is my colleague's number")
		w.pass(8 * 24 * time.Hour)
		c := w.load(n)
		if c.Disclosed() || len(c.Objections) != 1 || len(c.Alarms) != 1 {
			t.Fatalf("disclosed %v, objections %v, alarms %v", c.Disclosed(), c.Objections, c.Alarms)
		}
		w.refused(w.desk.Notice.CloseObjection(w.ctx, w.analyst.ID, n, 1, false, "x"), fault.Forbidden, "an analyst closing an objection")
		w.ok(w.desk.Notice.CloseObjection(w.ctx, w.counsel.ID, n, 1, uphold, "counsel has looked at it"))
		w.pass(5 * time.Minute)
		w.pass(5 * time.Minute)
		c = w.load(n)
		if c.Disclosed() == uphold {
			t.Fatalf("upheld %v, disclosed %v", uphold, c.Disclosed())
		}
		if !uphold {
			continue
		}
		if len(w.door.Open(disclosable.Produce)) != 0 {
			t.Fatal("an upheld objection left a grant to be used")
		}
		w.ok(w.desk.Review.Answer(w.ctx, w.counsel.ID, n, "nothing is produced"))
		w.pass(time.Minute)
		if c = w.load(n); c.Phase() != casefile.Answered || c.Packages[0].Records != 0 {
			t.Fatalf("no answer without records: %s", c.Phase())
		}
	}
}

func TestContentIsAnsweredThoughNothingIsProduced(t *testing.T) {
	w := newWorld(t)
	d := w.order()
	d.Wanted = []casefile.Item{"CONTENT", "about"}
	d.Text = "all messages of the account"
	n := w.file(d)
	c := w.load(n)
	if !slices.ContainsFunc(c.Findings, func(f casefile.FindingState) bool { return f.ID == "SCOPE.CONTENT_NONE" }) {
		t.Fatalf("findings %+v", c.Findings)
	}
	w.study(n, w.analyst)
	w.ok(w.desk.Review.Decide(w.ctx, w.analyst.ID, n, decline("CONTENT", "about")))
	w.refused(w.desk.Review.Propose(w.ctx, w.analyst.ID, n, "what was decided is carried out"), fault.Conflict, "grants for nothing")
	w.ok(w.desk.Review.Answer(w.ctx, w.analyst.ID, n, "nothing is produced"))
	w.pass(time.Minute)
	c = w.load(n)
	if c.Phase() != casefile.Answered || c.Packages[0].Records != 0 || c.Disclosed() {
		t.Fatalf("%s %+v", c.Phase(), c.Packages)
	}
	if w.door.Used(disclosable.Produce)+w.door.Used(disclosable.Notify) != 0 {
		t.Fatal("a grant was used for an answer without records")
	}
}

func TestAnExceptionIsLookedAtAgain(t *testing.T) {
	w := newWorld(t)
	w.approve("us.order.2703d")
	n := w.file(w.order())
	w.study(n, w.analyst)
	w.refused(w.desk.Notice.Except(w.ctx, w.analyst.ID, n, "inconvenience", "x", w.clock.Now().AddDate(0, 0, 30)), fault.Invalid, "an exception that is none")
	w.refused(w.desk.Notice.Except(w.ctx, w.analyst.ID, n, law.ChildExploitation, "x", w.clock.Now().AddDate(1, 0, 0)), fault.Invalid, "a review in a year")
	w.ok(w.desk.Notice.Except(w.ctx, w.analyst.ID, n, law.ChildExploitation, "a child may be harmed", w.clock.Now().AddDate(0, 0, 30)))
	w.produceAll(n, w.analyst)
	w.ok(w.desk.Review.Propose(w.ctx, w.analyst.ID, n, "what was decided is carried out"))
	w.sign()
	w.pass(3 * time.Minute)
	w.pass(3 * time.Minute)
	c := w.load(n)
	if !c.Disclosed() || c.NoticePlan.Plan.Timing != disclosable.ToldWithheld || c.NoticePlan.Reason != "a child may be harmed" {
		t.Fatalf("disclosed %v, %+v", c.Disclosed(), c.NoticePlan)
	}
	w.pass(31 * 24 * time.Hour)
	if c = w.load(n); len(c.Alarms) != 1 || !c.Told(0).IsZero() {
		t.Fatalf("alarms %+v, told %v", c.Alarms, c.Told(0))
	}
	w.ok(w.desk.Notice.Now(w.ctx, w.analyst.ID, n, "the danger has passed"))
	w.pass(time.Minute)
	w.sign()
	w.pass(time.Minute)
	if w.load(n).Told(0).IsZero() {
		t.Fatal("the person was not told when the danger had passed")
	}
}

// The day to look again may come while the grants still wait for signatures.
// Whoever is silent after that is silent for ever.
func TestADayOfReviewBeforeTheReleaseIsNotLost(t *testing.T) {
	w := newWorld(t)
	w.approve("us.order.2703d")
	n := w.file(w.order())
	w.study(n, w.analyst)
	w.ok(w.desk.Notice.Except(w.ctx, w.analyst.ID, n, law.ThreatToLife, "a life may be in danger", w.clock.Now().AddDate(0, 0, 2)))
	w.produceAll(n, w.analyst)
	w.ok(w.desk.Review.Propose(w.ctx, w.analyst.ID, n, "what was decided is carried out"))
	w.pass(3 * 24 * time.Hour)
	w.sign()
	w.pass(3 * time.Minute)
	w.pass(3 * time.Minute)
	if !w.load(n).Disclosed() {
		t.Fatal("nothing was disclosed")
	}
	w.pass(2 * 24 * time.Hour)
	if c := w.load(n); len(c.Alarms) != 1 || c.Alarms[0].Text != notice.AlarmReview {
		t.Fatalf("the person is not told, and nobody is asked to look again: %+v", c.Alarms)
	}
}

func TestAPaperIsDecidedBySomebodyElse(t *testing.T) {
	w := newWorld(t)
	w.approve("us.order.2703d")
	by := w.second.Actor()
	dr := must(w.desk.Intake.StartPaper(w.ctx, w.second.ID, w.agency.ID, law.ChannelAgent, "us.order.2703d"))(t)
	must(w.desk.Intake.Save(w.ctx, by, dr.ID, w.order()))(t)
	must(w.desk.Intake.AddPaper(w.ctx, by, dr.ID, "scan.pdf", "order", bytes.NewReader(pdf("scan"))))(t)
	n := must(w.desk.Intake.File(w.ctx, by, dr.ID))(t)
	c := w.load(n)
	if c.Demand.Officer != "" || c.Demand.Channel != law.ChannelAgent || c.Demand.AgencyName != w.agency.Name {
		t.Fatalf("%+v", c.Demand)
	}
	_, err := w.desk.Intake.Case(w.ctx, w.reyes.Actor(), n)
	w.refused(err, fault.Withheld, "an officer reading a paper case")
	w.study(n, w.second)
	w.refused(w.desk.Review.Decide(w.ctx, w.second.ID, n, []review.Choice{{Item: "name", Verdict: casefile.Produce, Reason: "x"}}), fault.Forbidden, "deciding one's own entry")
	w.study(n, w.analyst)
	w.produceAll(n, w.analyst)
	w.ok(w.desk.Review.Propose(w.ctx, w.analyst.ID, n, "what was decided is carried out"))
}

func TestQuestionsStopTheClockAndCorrectionsStartAnew(t *testing.T) {
	w := newWorld(t)
	w.approve("us.order.2703d")
	d := w.order()
	n := w.file(d)
	w.study(n, w.analyst)
	w.produceAll(n, w.analyst)
	due := w.load(n).Due
	w.ok(w.desk.Review.Ask(w.ctx, w.analyst.ID, n, "Which court issued it?"))
	w.pass(48 * time.Hour)
	v := must(w.desk.Intake.Case(w.ctx, w.reyes.Actor(), n))(t)
	if len(v.Questions) != 1 || len(v.Decisions) != 0 || v.Due.Sub(due).Round(time.Minute) != 48*time.Hour {
		t.Fatalf("questions %v, decisions %v, due %v after %v", v.Questions, v.Decisions, v.Due, due)
	}
	w.ok(w.desk.Intake.Answer(w.ctx, w.reyes.Actor(), n, v.Questions[0].ID, "the district court"))
	w.refused(w.desk.Intake.Answer(w.ctx, w.reyes.Actor(), n, v.Questions[0].ID, "again"), fault.Conflict, "answering twice")
	if got := w.load(n).Due; got.Sub(due).Round(time.Minute) != 48*time.Hour {
		t.Fatalf("due moved by %v", got.Sub(due))
	}
	d.Wanted = []casefile.Item{"name"}
	w.ok(w.desk.Intake.Correct(w.ctx, w.reyes.Actor(), n, d, "the order is for the name only"))
	c := w.load(n)
	if len(c.Decisions) != 0 || len(c.Resolutions) != 0 || len(c.Demand.Wanted) != 1 || len(c.Demand.Papers) != 1 {
		t.Fatalf("a correction kept decisions: %+v", c.Decisions)
	}
	for _, l := range must(w.desk.Intake.Case(w.ctx, w.reyes.Actor(), n))(t).Timeline {
		if strings.Contains(l.Who, "Okafor") || strings.Contains(l.What, "finding") {
			t.Errorf("the agency sees the team's work: %+v", l)
		}
	}
}
