package desk_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"letterlock/desk/agency"
	"letterlock/desk/casefile"
	"letterlock/desk/review"
	"letterlock/desk/staff"
	"letterlock/disclosable"
	"letterlock/internal/fault"
	"letterlock/law"
)

func decline(items ...casefile.Item) (out []review.Choice) {
	for _, i := range items {
		out = append(out, review.Choice{Item: i, Verdict: casefile.Decline, Reason: "not reached, or does not exist"})
	}
	return out
}

func yield(items ...casefile.Item) (out []review.Choice) {
	for _, i := range items {
		out = append(out, review.Choice{Item: i, Verdict: casefile.Produce, Reason: "the order reaches it"})
	}
	return out
}

func TestNobodyDecidesWithoutTrainingOrWithAConflict(t *testing.T) {
	w := newWorld(t)
	w.approve("us.order.2703d")
	n := w.file(w.order())
	w.ok(w.desk.Staff.Declare(w.ctx, w.second.ID, staff.Conflict{Agency: w.agency.ID, Reason: "my former agency"}))
	w.refused(w.desk.Review.Assign(w.ctx, w.lead.ID, n, w.second.ID, "it is theirs to decide"), fault.Forbidden, "assigning against a conflict")
	w.study(n, w.analyst)
	w.refused(w.desk.Review.Decide(w.ctx, w.second.ID, n, yield("name")), fault.Forbidden, "deciding with a conflict")
	w.refused(w.desk.Review.Decide(w.ctx, w.lead.ID, n, yield("name")), fault.Forbidden, "deciding a case of somebody else")
	w.clock.Advance(staff.TrainingLife)
	w.refused(w.desk.Review.Decide(w.ctx, w.analyst.ID, n, yield("name")), fault.Forbidden, "deciding with lapsed training")
	w.refused(w.desk.Review.Propose(w.ctx, w.analyst.ID, n, "what was decided is carried out"), fault.Forbidden, "proposing with lapsed training")
	_, err := w.desk.Review.Resolve(w.ctx, w.analyst.ID, n, 0, "the request asks about it")
	w.refused(err, fault.Forbidden, "looking up with lapsed training")
	w.ok(w.desk.Staff.DeclareAll(w.ctx, w.analyst.ID, "went through family and earlier employers"))
	w.ok(w.desk.Staff.Train(w.ctx, w.lead.ID, w.analyst.ID, "2026-1", staff.PassMark-1, "taught in the house"))
	w.refused(w.desk.Review.Decide(w.ctx, w.analyst.ID, n, yield("name")), fault.Forbidden, "deciding after failing")
	w.ok(w.desk.Staff.Train(w.ctx, w.lead.ID, w.analyst.ID, "2026-1", 80, "taught in the house"))
	w.ok(w.desk.Review.Decide(w.ctx, w.analyst.ID, n, yield("name")))
	w.refused(w.desk.Staff.Train(w.ctx, w.analyst.ID, w.analyst.ID, "2026-1", 100, "taught in the house"), fault.Forbidden, "training oneself")
}

func TestNothingWiderThanAskedReachedOrDecided(t *testing.T) {
	w := newWorld(t)
	d := w.order()
	d.Wanted = []casefile.Item{"name", "about", "CONTENT"}
	n := w.file(d)
	w.study(n, w.analyst)
	w.refused(w.desk.Review.Decide(w.ctx, w.analyst.ID, n, yield("name")), fault.Forbidden, "producing under a row that counsel has not approved")
	w.approve("us.order.2703d")
	w.ok(w.desk.Review.Decide(w.ctx, w.analyst.ID, n, yield("name")))
	w.refused(w.desk.Review.Decide(w.ctx, w.analyst.ID, n, yield("last_ip")), fault.Invalid, "a field that was not asked for")
	w.refused(w.desk.Review.Decide(w.ctx, w.analyst.ID, n, yield("about")), fault.Forbidden, "a field that takes a warrant")
	w.refused(w.desk.Review.Decide(w.ctx, w.analyst.ID, n, yield("CONTENT")), fault.Forbidden, "content")
	w.refused(w.desk.Review.Propose(w.ctx, w.analyst.ID, n, "what was decided is carried out"), fault.Conflict, "proposing before all is decided")
	w.refused(w.desk.Review.Decide(w.ctx, w.analyst.ID, n, []review.Choice{{Item: "about", Verdict: casefile.Decline}}), fault.Invalid, "a decision without a reason")
	w.ok(w.desk.Review.Decide(w.ctx, w.analyst.ID, n, decline("about", "CONTENT")))
	w.ok(w.desk.Review.Propose(w.ctx, w.analyst.ID, n, "what was decided is carried out"))
	for _, g := range w.load(n).Grants {
		if fmt.Sprint(g.Grant.Fields) != "[name]" {
			t.Fatalf("%s grant over %v", g.Grant.Kind, g.Grant.Fields)
		}
	}
	w.refused(w.desk.Review.Decide(w.ctx, w.analyst.ID, n, decline("name")), fault.Conflict, "deciding anew over grants that are out")
}

func TestFindingsAreAnsweredBeforeAnythingIsProduced(t *testing.T) {
	w := newWorld(t)
	w.approve("us.order.2703d")
	d := w.order()
	d.Signed = false
	n := w.file(d)
	w.assign(n, w.analyst.ID)
	w.refused(w.desk.Review.Decide(w.ctx, w.analyst.ID, n, yield("name")), fault.Conflict, "producing on an unread paper")
	for _, p := range w.load(n).Unread() {
		_, err := w.desk.Review.ReadPaper(w.ctx, w.analyst.ID, n, p.ID)
		w.ok(err)
	}
	w.refused(w.desk.Review.Decide(w.ctx, w.analyst.ID, n, yield("name")), fault.Conflict, "producing with an unanswered finding")
	w.refused(w.desk.Review.AnswerFinding(w.ctx, w.analyst.ID, n, "FORM.UNSIGNED", false, " "), fault.Invalid, "answering without a reason")
	w.ok(w.desk.Review.AnswerFinding(w.ctx, w.analyst.ID, n, "FORM.UNSIGNED", true, "there is no signature"))
	w.refused(w.desk.Review.Decide(w.ctx, w.analyst.ID, n, yield("name")), fault.Forbidden, "producing against a finding that holds")
	w.ok(w.desk.Review.AnswerFinding(w.ctx, w.analyst.ID, n, "FORM.UNSIGNED", false, "it is on page 2"))
	for _, f := range w.load(n).Findings {
		if f.Blocks() {
			w.ok(w.desk.Review.AnswerFinding(w.ctx, w.analyst.ID, n, f.ID, false, "met"))
		}
	}
	w.ok(w.desk.Review.Decide(w.ctx, w.analyst.ID, n, yield("name")))
}

func TestNoVerdictComplies(t *testing.T) {
	w := newWorld(t)
	refusing := []law.Stance{law.StanceChallenge, law.StanceDecline, law.StanceVoluntaryDecline}
	for _, row := range law.Default().Rows() {
		if !slices.Contains(refusing, row.Stance) {
			continue
		}
		p, who := row.ID, w.analyst
		n := w.file(casefile.Demand{Process: p, IssuingBody: "an agency", LegalBasis: "none", Text: "weaken the encryption", Reference: string(p)})
		if n.Sealed() {
			who = w.lead // the analyst is not on the list
		}
		if n.Sealed() != (row.Publication.Kind == law.Barred) || len(w.load(n).Demand.Wanted) == 0 {
			t.Errorf("%s: sealed: %v, asked: %v", p, n.Sealed(), w.load(n).Demand.Wanted)
		}
		w.assign(n, who.ID)
		o := must(w.desk.Review.Case(w.ctx, who.ID, n))(t)
		for i, vs := range o.Choices {
			for _, v := range vs {
				if v != casefile.Decline && v != casefile.Challenge {
					t.Errorf("%s: %s can be decided as %s", p, i, v)
				}
			}
		}
		for _, v := range []casefile.Verdict{casefile.Produce, casefile.Narrow, "comply", ""} {
			err := w.desk.Review.Decide(w.ctx, who.ID, n, []review.Choice{{Item: casefile.WholeDemand, Verdict: v, Reason: "x"}})
			w.refused(err, fault.Forbidden, string(p)+" "+string(v))
		}
		w.ok(w.desk.Review.Decide(w.ctx, who.ID, n, []review.Choice{{Item: casefile.WholeDemand, Verdict: casefile.Challenge, Reason: "it would make everyone less safe"}}))
		if row.Stance != law.StanceChallenge {
			w.refused(w.desk.Review.Answer(w.ctx, who.ID, n, "nothing is produced"), fault.Conflict, "closing it before anybody said what it demands")
			w.ok(w.desk.Review.AnswerFinding(w.ctx, who.ID, n, "SYS.WEAKEN", true, "it says so"))
		}
		w.closedByTwo(n, who)
	}
	w.pass(time.Minute)
}

// closedByTwo tries to close a demand on the system alone, and then as the two
// who may.
func (w *world) closedByTwo(n casefile.Number, who staff.Member) {
	w.Helper()
	w.refused(w.desk.Review.Answer(w.ctx, who.ID, n, "nothing is produced"), fault.Forbidden, "closing it alone")
	counsel := w.counsel
	if n.Sealed() {
		counsel = w.sealedCounsel()
	}
	w.ok(w.desk.Review.Agree(w.ctx, counsel.ID, n, "no law obliges us to weaken the system"))
	w.refused(w.desk.Review.Agree(w.ctx, counsel.ID, n, "again"), fault.Conflict, "one person agreeing twice")
	w.refused(w.desk.Review.Answer(w.ctx, who.ID, n, "nothing is produced"), fault.Forbidden, "closing it with one of the two")
	w.ok(w.desk.Review.Agree(w.ctx, w.lead.ID, n, "as counsel says"))
	if a := w.load(n).Agreements; len(a) != 2 || a[0].By.ID == a[1].By.ID || a[0].Role == a[1].Role {
		w.Fatalf("agreed by %+v", a)
	}
	w.ok(w.desk.Review.Answer(w.ctx, who.ID, n, "nothing is produced"))
}

// sealedCounsel is a counsel on the list for sealed matters.
func (w *world) sealedCounsel() staff.Member {
	w.Helper()
	all := must(w.desk.Staff.Members(w.ctx))(w)
	for _, m := range all {
		if m.Cleared && m.Is(staff.Counsel) && m.ID != w.lead.ID {
			return m
		}
	}
	must(w.desk.Staff.Invite(w.ctx, w.lead.ID, staff.Invitation{Why: "the team needs them", Name: "Noor Haddad", Mailbox: "noor@letterlock.example", Roles: []staff.Role{staff.Counsel}, Cleared: true}))(w)
	m := must(w.desk.Staff.RegisterKey(w.ctx, w.mail.token(w, "noor@letterlock.example"), "", w.key()))(w)
	w.ok(w.desk.Staff.Train(w.ctx, w.lead.ID, m.ID, "2026-1", 90, "taught in the house"))
	return m
}

func TestOneReviewerIsNotTwo(t *testing.T) {
	w := newWorld(t)
	w.approve("us.order.2703d")
	n := w.file(w.order())
	w.study(n, w.analyst)
	w.produceAll(n, w.analyst)
	w.ok(w.desk.Review.Propose(w.ctx, w.analyst.ID, n, "what was decided is carried out"))
	w.ok(w.door.SignAll("Ines Okafor"))
	w.pass(9 * 24 * time.Hour)
	if w.load(n).Disclosed() || len(w.door.Tellers) != 0 {
		t.Fatal("one signature was enough")
	}
	w.pass(20 * 24 * time.Hour)
	if p := w.load(n).Phase(); p != casefile.Decided || len(w.door.Open(disclosable.Produce)) != 0 {
		t.Fatalf("the grant did not expire: %s", p)
	}
}

func TestWithoutALedgerNothingIsDoneButStops(t *testing.T) {
	w := newWorld(t)
	w.approve("us.order.2703d")
	n := w.file(w.order())
	w.study(n, w.analyst)
	w.produceAll(n, w.analyst)
	w.ok(w.desk.Review.Propose(w.ctx, w.analyst.ID, n, "what was decided is carried out"))
	before := w.load(n).Version()
	w.ledger.broken = true
	w.sign()
	w.clock.Advance(time.Minute)
	if err := w.desk.Tick(w.ctx); err == nil {
		t.Fatal("a tick without a ledger succeeded")
	}
	_, err := w.desk.Review.ReadPaper(w.ctx, w.counsel.ID, n, w.load(n).Demand.Papers[0].ID) // the analyst has read it before
	w.refused(err, fault.Unavailable, "reading a paper")
	if got := w.load(n).Version(); got != before || w.door.Used(disclosable.Notify)+w.door.Used(disclosable.Produce) != 0 {
		t.Fatalf("the case moved from %d to %d without a ledger", before, got)
	}
	w.ok(w.desk.Intake.Withdraw(w.ctx, w.reyes.Actor(), n, "no longer needed"))
	w.ok(w.desk.Agencies.Disable(w.ctx, w.lead.Actor(), w.reyes.ID, "left"))
	_ = w.desk.Tick(w.ctx) // takes the grants back
	if len(w.door.Open(disclosable.Produce)) != 0 {
		t.Fatal("a withdrawn request left a grant to be used")
	}
	_, err = w.desk.Intake.Cases(w.ctx, w.reyes.ID)
	w.refused(err, fault.Unauthenticated, "an officer who left")
	w.ledger.broken = false
	w.pass(10 * 24 * time.Hour)
	if c := w.load(n); c.Disclosed() || c.Phase() != casefile.Withdrawn {
		t.Fatalf("a withdrawn request was answered: %s", c.Phase())
	}
}

func TestAJumpOfTheClockHoldsNoticesAndDestruction(t *testing.T) {
	w := newWorld(t)
	w.approve("us.order.2703d")
	n := w.file(w.order())
	w.study(n, w.analyst)
	w.produceAll(n, w.analyst)
	w.ok(w.desk.Review.Propose(w.ctx, w.analyst.ID, n, "what was decided is carried out"))
	w.sign()
	w.clock.Advance(40 * time.Minute)
	w.tick()
	if len(w.door.Tellers) != 0 {
		t.Fatal("a notice went out on a clock that jumped")
	}
	w.ok(w.desk.Watch.Confirm(w.ctx, w.analyst.ID, "compared with a telephone"))
	w.refused(w.desk.Watch.Confirm(w.ctx, w.analyst.ID, "compared with a telephone"), fault.Forbidden, "one person twice")
	w.tick()
	if len(w.door.Tellers) != 0 {
		t.Fatal("one person was enough")
	}
	w.ok(w.desk.Watch.Confirm(w.ctx, w.lead.ID, "compared with a telephone"))
	w.pass(3 * time.Minute) // a notice waits for the ledger's proof that its case is counted
	w.pass(3 * time.Minute)
	if len(w.door.Tellers) != 1 {
		t.Fatal("the notice does not go on after two people looked")
	}
	w.refused(w.desk.Watch.Confirm(w.ctx, w.lead.ID, "compared with a telephone"), fault.Conflict, "confirming a clock in order")
}

func TestIntakeRefuses(t *testing.T) {
	w := newWorld(t)
	by := w.reyes.Actor()
	dr := must(w.desk.Intake.Start(w.ctx, w.reyes.ID, "us.order.2703d"))(t)
	d := w.order()
	for range 10_000 {
		d.Targets = append(d.Targets, casefile.Target{Kind: law.TargetPhone, Identifier: "+12025550142"})
	}
	_, err := w.desk.Intake.Save(w.ctx, by, dr.ID, d)
	w.refused(err, fault.TooLarge, "10,000 identifiers")
	for bad, k := range map[string]law.TargetKind{"5550142": law.TargetPhone, "": law.TargetName, "x\ny": law.TargetName, "nobody": law.TargetAccount, "y": "shoe"} {
		d := w.order()
		d.Targets = []casefile.Target{{Kind: k, Identifier: bad}}
		_, err := w.desk.Intake.Save(w.ctx, by, dr.ID, d)
		w.refused(err, fault.Invalid, "identifier "+bad)
	}
	d = w.order()
	d.Wanted = []casefile.Item{"password"}
	_, err = w.desk.Intake.Save(w.ctx, by, dr.ID, d)
	w.refused(err, fault.Invalid, "an item that is on no list")
	add := func(b []byte) error {
		_, err := w.desk.Intake.AddPaper(w.ctx, by, dr.ID, "../../x.pdf", "", bytes.NewReader(b))
		return err
	}
	good := pdf("x")
	w.refused(add([]byte("MZ this is no PDF")), fault.Invalid, "a program")
	w.refused(add(good[:len(good)/2]), fault.Invalid, "half a PDF")
	w.refused(add(append([]byte("<html>"), good...)), fault.Invalid, "a polyglot")
	w.refused(add(bytes.Replace(good, []byte("/Type /Catalog"), []byte("/Type /Catalog /OpenAction << /S /JavaScript /JS (x) >>"), 1)), fault.Invalid, "a script")
	w.refused(add(bytes.Repeat([]byte("%PDF-1.4\n"), casefile.MaxPaper/9+1)), fault.TooLarge, "more than 25 MiB")
	w.ok(add(good))
	w.refused(add(good), fault.Conflict, "the same file twice")
	got := must(w.desk.Intake.Draft(w.ctx, by, dr.ID))(t)
	if len(got.Demand.Papers) != 1 || strings.ContainsAny(got.Demand.Papers[0].Name, "/\\") {
		t.Fatalf("papers %+v", got.Demand.Papers)
	}
	_, err = w.desk.Intake.Draft(w.ctx, w.analyst.Actor(), dr.ID)
	w.refused(err, fault.Withheld, "somebody else's draft")
}

func TestOnlyOneCaseOfOneDraftAndDuplicatesShow(t *testing.T) {
	w := newWorld(t)
	first := w.file(w.order())
	second := w.file(w.order())
	if c := w.load(second); c.Same != first {
		t.Fatalf("the same demand was not found: %q", c.Same)
	}
	w.conf.PerHour = 2
	dr := must(w.desk.Intake.Start(w.ctx, w.reyes.ID, "us.order.2703d"))(t)
	must(w.desk.Intake.Save(w.ctx, w.reyes.Actor(), dr.ID, w.order()))(t)
	must(w.desk.Intake.AddPaper(w.ctx, w.reyes.Actor(), dr.ID, "o.pdf", "", bytes.NewReader(pdf("third"))))(t)
	w.desk.Intake.PerHour = 2
	before := w.ledger.State()
	_, err := w.desk.Intake.File(w.ctx, w.reyes.Actor(), dr.ID)
	w.refused(err, fault.Exhausted, "a third request in an hour of two")
	if w.ledger.State().Pending != before.Pending {
		t.Fatal("a request over the limit reached the ledger")
	}
	w.desk.Intake.PerHour = 0
	must(w.desk.Intake.File(w.ctx, w.reyes.Actor(), dr.ID))(t)
	_, err = w.desk.Intake.File(w.ctx, w.reyes.Actor(), dr.ID)
	w.refused(err, fault.Withheld, "filing one draft twice")
}

func TestNobodySpeaksForAnOfficer(t *testing.T) {
	w := newWorld(t)
	w.approve("us.order.2703d")
	n := w.file(w.order())
	w.refused(w.desk.Intake.Withdraw(w.ctx, w.analyst.Actor(), n, "x"), fault.Forbidden, "a member withdrawing an officer's request")
	w.refused(w.desk.Intake.Correct(w.ctx, w.lead.Actor(), n, w.order(), "x"), fault.Forbidden, "a member correcting it")
	w.ok(w.desk.Agencies.Enrol(w.ctx, agency.Enrolment{Name: "Other", Mailbox: "other@sheriff.harbor.example"}))
	o := must(w.desk.Agencies.RegisterKey(w.ctx, w.mail.token(t, "other@sheriff.harbor.example"), w.key()))(t)
	w.confirm(o.ID)
	_, err := w.desk.Intake.Case(w.ctx, o.Actor(), n)
	w.refused(err, fault.Withheld, "another officer's case")
	w.refused(w.desk.Intake.Withdraw(w.ctx, o.Actor(), n, "x"), fault.Withheld, "withdrawing another officer's request")
	w.refused(w.desk.Intake.Withdraw(w.ctx, w.reyes.Actor(), n, " \t"), fault.Invalid, "withdrawing without a reason")
	_, err = w.desk.Intake.Case(w.ctx, casefile.Actor{Kind: casefile.ByClock}, n)
	w.refused(err, fault.Unauthenticated, "nobody")
}

// TestActsOutsideACaseAreRefusedWithoutAReason does what gives or takes rights,
// and shows that nothing came of it.
func TestActsOutsideACaseAreRefusedWithoutAReason(t *testing.T) {
	w := newWorld(t)
	a, lead := w.desk.Agencies, w.lead.Actor()
	x, _, err := a.AddSystem(w.ctx, lead, agency.Enlisting{Name: "Records system", Officer: w.reyes.ID, Life: 24 * time.Hour, Why: "the agency asked for it"})
	w.ok(err)
	for _, why := range []string{"", " \t"} {
		_, err := w.desk.Staff.Invite(w.ctx, w.lead.ID, staff.Invitation{Name: "N", Mailbox: "n@letterlock.example", Roles: []staff.Role{staff.Analyst}, Why: why})
		w.refused(err, fault.Invalid, "an invitation")
		w.refused(a.SetRole(w.ctx, lead, w.reyes.ID, casefile.Supervisor, why), fault.Invalid, "a role")
		_, _, err = a.AddSystem(w.ctx, lead, agency.Enlisting{Name: "Other", Officer: w.reyes.ID, Life: 24 * time.Hour, Why: why})
		w.refused(err, fault.Invalid, "a system")
		_, _, err = a.Rotate(w.ctx, lead, x.ID, 24*time.Hour, 0, why)
		w.refused(err, fault.Invalid, "a new key")
		w.refused(a.RevokeKey(w.ctx, lead, x.ID, x.Keys[0].Prefix, why), fault.Invalid, "revoking a key")
		_, err = w.desk.Drills.Begin(w.ctx, w.lead.ID, "genuine", "+1 202 555 0199", why)
		w.refused(err, fault.Invalid, "an exercise")
	}
	if all := must(a.Systems(w.ctx))(t); len(all) != 1 || len(all[0].Keys) != 1 || len(all[0].Changes) != 1 || all[0].Changes[0].Why != "the agency asked for it" {
		t.Errorf("the systems: %+v", all)
	}
	if o := must(a.Officer(w.ctx, w.reyes.ID))(t); o.Role != casefile.Requester {
		t.Errorf("the role is %s", o.Role)
	}
}

func TestEnrolmentRefuses(t *testing.T) {
	w := newWorld(t)
	for box, why := range map[string]string{"det@gmail.com": "free mail", "x@sheriff.harbour.example": "a domain alike", "x": "no mailbox"} {
		w.refused(w.desk.Agencies.Enrol(w.ctx, agency.Enrolment{Name: "A", Mailbox: box}), fault.Invalid, why)
	}
	sent := len(w.mail.sent)
	w.ok(w.desk.Agencies.Enrol(w.ctx, agency.Enrolment{Name: "Mallory", Mailbox: "reyes@sheriff.harbor.example"}))
	if len(w.mail.sent) != sent {
		t.Fatal("an enrolled mailbox got a new link")
	}
	w.ok(w.desk.Agencies.Enrol(w.ctx, agency.Enrolment{Name: "New", Mailbox: "new@sheriff.harbor.example"}))
	token := w.mail.token(t, "new@sheriff.harbor.example")
	demo := w.key()
	demo.Demo = true
	_, err := w.desk.Agencies.RegisterKey(w.ctx, token, demo)
	w.refused(err, fault.Forbidden, "the demo's key outside a demo")
	o := must(w.desk.Agencies.RegisterKey(w.ctx, token, w.key()))(t)
	_, err = w.desk.Agencies.RegisterKey(w.ctx, token, w.key())
	w.refused(err, fault.Expired, "a link twice")
	_, err = w.desk.Intake.Start(w.ctx, o.ID, "us.order.2703d")
	w.refused(err, fault.Unauthenticated, "filing before confirmation")
	w.refused(w.desk.Agencies.Confirm(w.ctx, o.Actor(), o.ID, "myself"), fault.Forbidden, "confirming oneself")
	_, err = w.desk.Staff.FirstLink(w.ctx)
	w.refused(err, fault.NotFound, "a first link when the team exists")
}

var errCrash = errors.New("crash")

func TestACrashBetweenAnyTwoStepsNeitherTellsTwiceNorHalfApplies(t *testing.T) {
	points := []string{"after:propose", "after:tell", "before:tell", "before:redeem", "before:proof", "before:objections"}
	for _, k := range []casefile.Kind{casefile.KComposed, casefile.KSignedOff, casefile.KTelling, casefile.KTold, casefile.KReleasing, casefile.KCertified, casefile.KPacked} {
		points = append(points, "commit:"+string(k))
	}
	for _, at := range points {
		t.Run(at, func(t *testing.T) { crashAt(t, at) })
	}
}

func crashAt(t *testing.T, at string) {
	w := newWorld(t)
	w.approve("us.order.2703d")
	n := w.file(w.order())
	w.study(n, w.analyst)
	w.produceAll(n, w.analyst)
	crashed := 0
	fail := func(point string) error {
		if point != at || crashed > 0 {
			return nil
		}
		crashed++
		return errCrash
	}
	w.door.Fail = fail
	w.store.fail = func(c casefile.Change) error {
		for _, e := range c.Events {
			if err := fail("commit:" + string(e.Kind)); err != nil {
				return err
			}
		}
		return nil
	}
	if err := w.desk.Review.Propose(w.ctx, w.analyst.ID, n, "what was decided is carried out"); err != nil && len(w.load(n).Grants) == 0 {
		w.ok(w.desk.Review.Propose(w.ctx, w.analyst.ID, n, "what was decided is carried out"))
	}
	for range 5 {
		w.desk = reopen(w)
		_ = w.desk.Tick(w.ctx)
		w.sign()
	}
	for range 20 {
		w.clock.Advance(9 * time.Minute)
		w.ledger.CheckClock(w.clock.Now())
		_ = w.desk.Tick(w.ctx)
	}
	for range 8 * 24 * 7 {
		w.clock.Advance(9 * time.Minute)
		w.ledger.CheckClock(w.clock.Now())
		w.carrier.CheckClock(w.clock.Now())
	}
	for range 8 {
		w.desk = reopen(w)
		_ = w.desk.Tick(w.ctx)
		for _, x := range must(w.desk.Review.ToCertify(w.ctx, w.custodian.ID))(w) {
			_ = w.certify(w.custodian, w.pen, x.Number) // again after a crash
		}
		w.clock.Advance(2 * time.Minute)
		w.ok(errors.Join(w.carrier.Tick(w.ctx), w.ledger.Tick(w.ctx))) // the package waits for both proofs
	}
	c := w.load(n)
	if crashed != 1 {
		t.Fatalf("the crash did not happen (%d)", crashed)
	}
	if len(w.door.Tellers) != 1 || w.door.Used(disclosable.Produce) != 1 || len(c.Packages) != 1 || c.Phase() != casefile.Answered {
		t.Fatalf("told %d times, released %d times, %d packages, %s; alarms %+v", len(w.door.Tellers), w.door.Used(disclosable.Produce), len(c.Packages), c.Phase(), c.Alarms)
	}
}

func TestTheCarriersRefusalEndsTheGrants(t *testing.T) {
	w := newWorld(t)
	w.approve("us.order.2703d")
	n := w.file(w.order())
	w.study(n, w.analyst)
	w.produceAll(n, w.analyst)
	w.door.Fail = func(p string) error {
		if p == "before:propose" {
			return fault.New(fault.Forbidden, "check grant", "this row is not approved here")
		}
		return nil
	}
	w.refused(w.desk.Review.Propose(w.ctx, w.analyst.ID, n, "what was decided is carried out"), fault.Forbidden, "a grant that the carrier refuses")
	if c := w.load(n); c.Phase() != casefile.Decided || !strings.Contains(c.Grants[0].Why, "not approved here") {
		t.Fatalf("%s %+v", c.Phase(), c.Grants)
	}
	w.door.Fail = func(string) error { return nil }
	w.ok(w.desk.Review.Propose(w.ctx, w.analyst.ID, n, "what was decided is carried out"))
	w.ok(w.desk.Review.WithdrawGrants(w.ctx, w.analyst.ID, n, "one field too many"))
	if len(w.door.Open(disclosable.Produce))+len(w.door.Open(disclosable.Notify)) != 0 {
		t.Fatal("withdrawn grants can be used")
	}
	w.ok(w.desk.Review.Decide(w.ctx, w.analyst.ID, n, decline("last_ip")))
	w.ok(w.desk.Review.Propose(w.ctx, w.analyst.ID, n, "what was decided is carried out"))
	w.door.Refuse(w.door.Open(disclosable.Produce)[0], "the order is for another number")
	w.pass(time.Minute)
	if c := w.load(n); len(c.Alarms) != 1 || c.Phase() != casefile.Decided {
		t.Fatalf("a key holder's refusal: %s, alarms %v", c.Phase(), c.Alarms)
	}
}

// TestAClockASecondAhead: the carrier's clock is behind the desk's, so it
// refuses a grant whose day has just come. Nothing is lost by that.
func TestAGrantRefusedTooEarlyIsTriedAgain(t *testing.T) {
	w := newWorld(t)
	w.approve("us.order.2703d")
	d := w.order()
	d.Gag = casefile.Gag{Asked: true, Order: true, Start: d.Issued, End: w.clock.Now().AddDate(0, 0, 30), Grounds: []string{"2705(b)(1)"}}
	n := w.file(d)
	w.study(n, w.analyst)
	w.produceAll(n, w.analyst)
	w.ok(w.desk.Review.Propose(w.ctx, w.analyst.ID, n, "what was decided is carried out"))
	w.sign()
	early, asked := true, 0
	w.door.Fail = func(p string) error {
		if p == "before:redeem" {
			if asked++; early {
				return fault.New(fault.Forbidden, "check grant", "not before a second from now")
			}
		}
		return nil
	}
	for range 10 {
		w.tick()
	}
	if c := w.load(n); asked != 1 || len(c.Alarms) != 1 || c.Disclosed() {
		t.Fatalf("asked %d times, alarms %v", asked, c.Alarms)
	}
	early = false
	w.pass(11 * time.Minute)
	w.pass(3 * time.Minute)
	if c := w.load(n); c.Phase() != casefile.Answered {
		t.Fatalf("phase %s", c.Phase())
	}
}

// reopen is the desk after a restart: nothing in memory survives.
func reopen(w *world) *desk_ { return newDesk(w.conf) }

func TestALostReleaseIsSignedAnew(t *testing.T) {
	w := newWorld(t)
	w.approve("us.order.2703d")
	d := w.order()
	d.Gag = casefile.Gag{Asked: true, Order: true, Start: d.Issued, End: w.clock.Now().AddDate(0, 0, 30), Grounds: []string{"2705(b)(1)"}}
	n := w.file(d)
	w.study(n, w.analyst)
	w.produceAll(n, w.analyst)
	w.ok(w.desk.Review.Propose(w.ctx, w.analyst.ID, n, "what was decided is carried out"))
	w.sign()
	lost := false
	w.door.Fail = func(p string) error {
		if p == "after:redeem" && !lost {
			lost = true
			return errCrash
		}
		return nil
	}
	for range 3 {
		_ = w.desk.Tick(w.ctx)
	}
	c := w.load(n)
	if c.Disclosed() || len(c.Alarms) != 1 || c.Phase() != casefile.Decided {
		t.Fatalf("disclosed %v, alarms %v, %s", c.Disclosed(), c.Alarms, c.Phase())
	}
	w.ok(w.desk.Review.Propose(w.ctx, w.analyst.ID, n, "what was decided is carried out"))
	w.sign()
	w.pass(3 * time.Minute)
	w.pass(3 * time.Minute)
	if c = w.load(n); c.Phase() != casefile.Answered {
		t.Fatalf("phase %s", c.Phase())
	}
	w.pass(32 * 24 * time.Hour)
	if len(w.door.Tellers) != 1 {
		t.Fatalf("told %d times", len(w.door.Tellers))
	}
}
