package desk_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"time"

	"letterlock/desk/agency"
	"letterlock/desk/casefile"
	"letterlock/desk/emergency"
	"letterlock/desk/review"
	"letterlock/desk/staff"
	"letterlock/internal/fault"
	"letterlock/internal/passkey"
	soft "letterlock/internal/testkit/passkey"
	"letterlock/law"
)

var portalSite = passkey.Site{ID: "portal.localhost", Origin: "https://portal.localhost", Name: "portal"}

// armed gives an officer a passkey that can really sign.
func (w *world) armed(o agency.Officer) *soft.Authenticator {
	w.Helper()
	a := soft.New()
	must(w.desk.Agencies.AddKey(w.ctx, o.ID, must(a.Enrol(portalSite, string(o.ID)))(w)))(w)
	return a
}

// siren is an emergency in which nothing is missing.
func (w *world) siren() casefile.Demand {
	d := w.order()
	d.Process, d.LegalBasis, d.Wanted = law.Emergency, "18 USC 2702(c)(4)", []casefile.Item{"name", "last_ip"}
	d.From, d.Until, d.Answers, d.Reference, d.CaseRef, d.IssuerRole = time.Time{}, time.Time{}, nil, "HC-26-E1", "", law.RolePolice
	d.Emergency = casefile.Emergency{Address: "1 Court Street, Harbor", AgencyNumber: "MD0012300", Rank: "Det.", Badge: "4711", Extension: "12",
		Supervisor: casefile.Person{Name: "L. Moreau", Rank: "Sgt.", Phone: "+12025550100"}, Incident: "26-00118", Nature: "kidnapping", InDanger: "a child of nine", Harm: casefile.Death,
		When: "tonight", WhyNow: "he wrote that it ends before daylight", Deadline: w.clock.Now().Add(3 * time.Hour), TooSlow: "no judge before morning", Needed: "the last address",
		Averts: "locates him", Follows: true}
	return d
}

// attests has an officer read and sign.
func (w *world) attests(o agency.Officer, a *soft.Authenticator, n casefile.Number) error {
	w.Helper()
	x, err := w.desk.Urgent.Read(w.ctx, o.ID, n, w.clock.Now())
	if err != nil {
		return err
	}
	return w.signs(o, a, n, x)
}

func (w *world) signs(o agency.Officer, a *soft.Authenticator, n casefile.Number, x emergency.ToRead) error {
	w.Helper()
	answer, err := a.Get(portalSite.Origin, portalSite.Get(x.Hash[:]))
	w.ok(err)
	return w.desk.Urgent.Sign(w.ctx, o.ID, n, x.At, answer)
}

func called(outcome casefile.CallOutcome) emergency.Called {
	return emergency.Called{Number: "+12025550100", Spoke: "Sgt. Moreau, watch desk", Said: "the incident and the officer are known", Outcome: outcome}
}

// scene is an emergency on the desk, with the officer and a supervisor who can
// sign, taken in by the first analyst.
type scene struct {
	*world
	n            casefile.Number
	key, bossKey *soft.Authenticator
	boss         agency.Officer
}

func newScene(t *testing.T) *scene {
	w := newWorld(t)
	s := &scene{world: w, key: w.armed(w.reyes), boss: w.colleague("Luc Moreau", "moreau@sheriff.harbor.example", casefile.Supervisor)}
	s.bossKey = w.armed(s.boss)
	s.n = w.fileBare(w.siren())
	w.assign(s.n, w.analyst.ID)
	w.free(s.n, w.second)
	return s
}

// fileBare sends a demand without a paper.
func (w *world) fileBare(d casefile.Demand) casefile.Number {
	w.Helper()
	dr := must(w.desk.Intake.Start(w.ctx, w.reyes.ID, d.Process))(w)
	must(w.desk.Intake.Save(w.ctx, w.reyes.Actor(), dr.ID, d))(w)
	return must(w.desk.Intake.File(w.ctx, w.reyes.Actor(), dr.ID))(w)
}

// meet meets all barriers but those named.
func (s *scene) meet(but ...casefile.BarrierID) {
	s.Helper()
	if !slices.Contains(but, casefile.BarrierAttested) {
		s.ok(s.attests(s.reyes, s.key, s.n))
		if !slices.Contains(but, casefile.BarrierCoSigned) {
			s.ok(s.attests(s.boss, s.bossKey, s.n))
		}
	}
	if !slices.Contains(but, casefile.BarrierCallBack) {
		s.ok(s.desk.Urgent.Call(s.ctx, s.second.ID, s.n, called(casefile.CallConfirmed)))
	}
}

// answerRest answers what no record answers, and looks up.
func (s *scene) answerRest(who staff.Member) {
	s.Helper()
	for _, f := range s.load(s.n).Findings {
		if f.Blocks() && !casefile.ByRecord(f.ID) {
			s.ok(s.desk.Review.AnswerFinding(s.ctx, who.ID, s.n, f.ID, false, "checked: met"))
		}
	}
	must(s.desk.Review.Resolve(s.ctx, who.ID, s.n, 0, "the request asks about it"))(s)
}

// release goes all the way after the barriers.
func (s *scene) release() {
	s.Helper()
	s.free(s.n, s.analyst, s.second)
	s.answerRest(s.analyst)
	s.produceAll(s.n, s.analyst)
	s.ok(s.desk.Review.Propose(s.ctx, s.second.ID, s.n, "what was decided is carried out"))
	s.sign()
	s.pass(3 * time.Minute)
	s.pass(3 * time.Minute)
}

func TestAnEmergencyIsReviewedAndToldLate(t *testing.T) {
	s := newScene(t)
	c := s.load(s.n)
	if c.Lane != casefile.LaneEmergency || c.Due.Sub(c.Filed) > 4*time.Hour {
		t.Fatalf("lane %s, due in %s", c.Lane, c.Due.Sub(c.Filed))
	}
	for _, id := range []law.FindingID{"EMG.UNVERIFIED", "EMG.NO_ATTESTATION"} {
		if !slices.ContainsFunc(c.Findings, func(f casefile.FindingState) bool { return f.ID == id && f.Blocks() }) {
			t.Fatalf("%s does not block: %+v", id, c.Findings)
		}
		s.refused(s.desk.Review.AnswerFinding(s.ctx, s.analyst.ID, s.n, id, false, "I believe him"), fault.Forbidden, "lifting "+string(id)+" by a reason")
	}
	s.meet()
	s.release()
	if c = s.load(s.n); !c.Disclosed() || !c.Told(0).IsZero() {
		t.Fatalf("disclosed %v, told %v, alarms %+v", c.Disclosed(), c.Told(0), c.Alarms)
	}
	for _, b := range c.Barriers() {
		if !b.Met {
			t.Errorf("released, and %s stands: %s", b.ID, b.Says)
		}
	}
	s.pass(time.Unix(c.NoticePlan.Plan.Day, 0).Sub(s.clock.Now()) + time.Hour)
	if s.load(s.n).Told(0).IsZero() {
		t.Fatal("the person was never told")
	}
}

// Each barrier alone holds the release, and the refusal names it.
func TestEachBarrierHoldsTheReleaseOfAnEmergency(t *testing.T) {
	for _, b := range []casefile.BarrierID{casefile.BarrierAttested, casefile.BarrierCoSigned, casefile.BarrierCallBack} {
		s := newScene(t)
		s.meet(b)
		s.answerRest(s.analyst)
		c := s.load(s.n)
		unmet, held := c.Unmet(s.second.Actor())
		if !held || unmet.ID != b {
			t.Errorf("without the %s: held %v by %s", b, held, unmet.ID)
		}
		if err := s.desk.Review.Decide(s.ctx, s.analyst.ID, s.n, yield("name", "last_ip")); err == nil {
			err = s.desk.Review.Propose(s.ctx, s.second.ID, s.n, "what was decided is carried out")
			s.refused(err, fault.Conflict, "proposing without the "+string(b))
			if !strings.Contains(fault.Say(err), string(b)) {
				t.Errorf("the refusal does not name the %s: %s", b, fault.Say(err))
			}
		}
		if c = s.load(s.n); len(c.Grants) > 0 {
			t.Errorf("grants without the %s", b)
		}
	}
}

func TestOneMemberDoesNotReleaseAnEmergencyAlone(t *testing.T) {
	s := newScene(t)
	s.meet()
	s.answerRest(s.analyst)
	s.produceAll(s.n, s.analyst)
	s.refused(s.desk.Review.Propose(s.ctx, s.analyst.ID, s.n, "what was decided is carried out"), fault.Conflict, "deciding and proposing")
	s.ok(s.desk.Review.Propose(s.ctx, s.second.ID, s.n, "what was decided is carried out"))
}

func TestAnEmergencyReachesOnlyWhatLocatesOrIdentifies(t *testing.T) {
	s := newScene(t)
	d := s.siren()
	d.Wanted, d.Reference = []casefile.Item{"name", "blocks", "devices", "device_type", "service_start", "about", "CONTENT"}, "HC-26-E2"
	s.n = s.fileBare(d)
	s.assign(s.n, s.analyst.ID)
	s.meet()
	s.answerRest(s.analyst)
	for _, i := range d.Wanted[1:] {
		s.refused(s.desk.Review.Decide(s.ctx, s.analyst.ID, s.n, yield(i)), fault.Forbidden, "producing "+string(i)+" in an emergency")
	}
	s.ok(s.desk.Review.Decide(s.ctx, s.analyst.ID, s.n, yield("name")))
}

func TestAnAttestationIsOverItsVeryText(t *testing.T) {
	s := newScene(t)
	x := must(s.desk.Urgent.Read(s.ctx, s.reyes.ID, s.n, s.clock.Now()))(t)
	for _, want := range []string{string(s.n), "MD0012300", "4711", "a child of nine", "death", "no judge before morning", "26-00118", "the last address", "48 hours", " UTC", "+12025550142"} {
		if !strings.Contains(x.Text, want) {
			t.Errorf("what is signed does not say %q:\n%s", want, x.Text)
		}
	}
	s.refused(s.signs(s.reyes, s.bossKey, s.n, x), fault.Unauthenticated, "a key of somebody else")
	_, err := s.desk.Urgent.Read(s.ctx, s.colleague("Ada Boyd", "boyd@sheriff.harbor.example", casefile.Requester).ID, s.n, s.clock.Now())
	s.refused(err, fault.Forbidden, "a colleague who is no supervisor")
	later := x
	later.At = x.At.Add(2 * time.Second)
	s.refused(s.signs(s.reyes, s.key, s.n, later), fault.Expired, "a moment to come")
	s.clock.Advance(3 * time.Second)
	s.refused(s.signs(s.reyes, s.key, s.n, later), fault.Conflict, "a moment that was not shown")
	d := s.load(s.n).Demand
	d.Emergency.InDanger = "two children"
	s.ok(s.desk.Intake.Correct(s.ctx, s.reyes.Actor(), s.n, d, "there are two"))
	s.refused(s.signs(s.reyes, s.key, s.n, x), fault.Conflict, "signing what the request said before")
	s.ok(s.attests(s.reyes, s.key, s.n))
	s.refused(s.attests(s.reyes, s.key, s.n), fault.Conflict, "signing twice")
	a := *s.load(s.n).Emergency.Attested
	if err := a.Verify(); err != nil || a.Officer != s.reyes.ID || !strings.Contains(a.Text, "two children") {
		t.Fatalf("%v %+v", err, a)
	}
	a.Text = strings.Replace(a.Text, "two children", "one child", 1)
	if a.Verify() == nil {
		t.Fatal("another text passes under the same signature")
	}
	s.clock.Advance(time.Minute)
	old := must(s.desk.Urgent.Read(s.ctx, s.boss.ID, s.n, s.clock.Now()))(t)
	s.clock.Advance(31 * time.Minute)
	s.refused(s.signs(s.boss, s.bossKey, s.n, old), fault.Expired, "a page that was open for half an hour")
}

// A correction is another statement: signatures and the call were about the
// old one.
func TestACorrectionVoidsSignaturesAndTheCall(t *testing.T) {
	s := newScene(t)
	s.meet()
	d := s.load(s.n).Demand
	d.Targets = []casefile.Target{{Kind: law.TargetPhone, Identifier: "+12025550167"}}
	s.ok(s.desk.Intake.Correct(s.ctx, s.reyes.Actor(), s.n, d, "another number"))
	c := s.load(s.n)
	for _, b := range c.Barriers()[:3] {
		if b.Met {
			t.Errorf("%s still holds after the correction", b.ID)
		}
	}
	s.meet()
	s.release()
	if !s.load(s.n).Disclosed() {
		t.Fatalf("signed and called anew, and not released: %+v", s.load(s.n).Alarms)
	}
}

func TestTheSupervisorIsAnotherOfficerOfTheAgency(t *testing.T) {
	s := newScene(t)
	s.refused(s.attests(s.boss, s.bossKey, s.n), fault.Conflict, "co-signing what nobody has signed")
	if got := must(s.desk.Urgent.ToCoSign(s.ctx, s.boss.ID))(t); len(got) != 0 {
		t.Fatalf("listed before the officer signed: %v", got)
	}
	before := len(s.mail.sent)
	s.ok(s.attests(s.reyes, s.key, s.n))
	told := s.mail.sent[before:]
	if len(told) != 1 || told[0].To != s.boss.Mailbox || strings.Contains(told[0].Text, string(s.n)) || strings.Contains(told[0].Text, "child") {
		t.Fatalf("the supervisor's mail: %+v", told)
	}
	if got := must(s.desk.Urgent.ToCoSign(s.ctx, s.boss.ID))(t); len(got) != 1 || got[0].Number != s.n {
		t.Fatalf("to co-sign: %v", got)
	}
	s.ok(s.desk.Agencies.SetRole(s.ctx, s.lead.Actor(), s.boss.ID, casefile.Requester, "their office"))
	s.refused(s.attests(s.boss, s.bossKey, s.n), fault.Forbidden, "an officer who is no supervisor any more")
	s.ok(s.desk.Agencies.SetRole(s.ctx, s.lead.Actor(), s.boss.ID, casefile.Supervisor, "their office"))
	s.ok(s.desk.Agencies.Disable(s.ctx, s.lead.Actor(), s.boss.ID, "left"))
	s.refused(s.attests(s.boss, s.bossKey, s.n), fault.Unauthenticated, "a supervisor who left")
}

func TestTheCallBackIsARecordThatHoldsTheRelease(t *testing.T) {
	s := newScene(t)
	own := called(casefile.CallConfirmed)
	own.Number = s.load(s.n).Demand.Phone
	s.refused(s.desk.Urgent.Call(s.ctx, s.second.ID, s.n, own), fault.Conflict, "calling the request's own number")
	s.refused(s.desk.Urgent.Call(s.ctx, s.analyst.ID, s.n, called(casefile.CallConfirmed)), fault.Forbidden, "the intake analyst calling")
	nobody := called(casefile.CallConfirmed)
	nobody.Spoke = ""
	s.refused(s.desk.Urgent.Call(s.ctx, s.second.ID, s.n, nobody), fault.Invalid, "a call with nobody")
	s.meet(casefile.BarrierCallBack)
	s.ok(s.desk.Urgent.Call(s.ctx, s.second.ID, s.n, called(casefile.CallDenied)))
	c := s.load(s.n)
	for _, id := range []law.FindingID{"EMG.UNVERIFIED", "SND.CALLBACK"} {
		if !slices.ContainsFunc(c.Findings, func(f casefile.FindingState) bool { return f.ID == id && f.Answer != nil && f.Answer.Holds }) {
			t.Errorf("a call that denies raises no %s", id)
		}
	}
	s.answerRest(s.analyst)
	s.refused(s.desk.Review.Decide(s.ctx, s.analyst.ID, s.n, yield("name")), fault.Forbidden, "producing after a call that denied")
	s.ok(s.desk.Urgent.Call(s.ctx, s.counsel.ID, s.n, called(casefile.CallConfirmed)))
	s.release()
	if got := s.load(s.n).Emergency.Calls; len(got) != 2 || got[1].Source != "county directory" || got[1].NumberBy.ID == "" || !s.load(s.n).Disclosed() {
		t.Fatalf("%+v", got)
	}
}

// A call that takes the confirmation back holds what two people have signed.
func TestALaterCallStopsASignedRelease(t *testing.T) {
	s := newScene(t)
	s.meet()
	s.answerRest(s.analyst)
	s.produceAll(s.n, s.analyst)
	s.ok(s.desk.Review.Propose(s.ctx, s.second.ID, s.n, "what was decided is carried out"))
	s.ok(s.desk.Urgent.Call(s.ctx, s.second.ID, s.n, called(casefile.CallDenied)))
	s.sign()
	s.clock.Advance(time.Minute)
	for range 3 {
		_ = s.desk.Tick(s.ctx) // the held release is an error of the tick
		s.clock.Advance(time.Minute)
	}
	if s.load(s.n).Disclosed() {
		t.Fatal("released although the last call denied")
	}
}

func TestANumberEnteredAfterTheRequestIsCalledBySomebodyElse(t *testing.T) {
	s := newScene(t)
	a := must(s.desk.Agencies.Agency(s.ctx, s.agency.ID))(t)
	a.Switchboard, a.Source = "", ""
	s.ok(s.conf.Agencies.PutAgency(s.ctx, a))
	s.refused(s.desk.Urgent.Call(s.ctx, s.second.ID, s.n, called(casefile.CallConfirmed)), fault.Conflict, "calling without a number in the directory")
	s.clock.Advance(time.Minute)
	a.Switchboard, a.Source = "+12025550199", "state's list of offices"
	must(s.desk.Agencies.Edit(s.ctx, s.second.Actor(), a.ID, a, "found"))(t)
	x := called(casefile.CallConfirmed)
	x.Number = "+12025550199"
	s.refused(s.desk.Urgent.Call(s.ctx, s.second.ID, s.n, x), fault.Forbidden, "calling a number one has entered oneself")
	s.ok(s.desk.Urgent.Call(s.ctx, s.counsel.ID, s.n, x))
}

func TestLegalProcessIsChasedUntilItComes(t *testing.T) {
	s := newScene(t)
	a := must(s.desk.Agencies.Agency(s.ctx, s.agency.ID))(t)
	a.Contact = agency.Contact{Name: "Records", Mailbox: "records@sheriff.harbor.example"}
	s.ok(s.conf.Agencies.PutAgency(s.ctx, a))
	s.meet()
	s.release()
	mails := func() int {
		return len(slices.DeleteFunc(slices.Clone(s.mail.sent), func(m casefile.Mail) bool { return !strings.HasPrefix(m.Subject, "Legal process") }))
	}
	s.pass(23 * time.Hour)
	if mails() != 0 {
		t.Fatal("asked on the first day")
	}
	s.pass(time.Hour)
	if c := s.load(s.n); mails() != 2 || c.Emergency.Promise.Chased != 1 || c.Emergency.Promise.Overdue {
		t.Fatalf("%d mails, %+v", mails(), c.Emergency.Promise)
	}
	s.pass(24 * time.Hour)
	c := s.load(s.n)
	if mails() != 4 || !c.Emergency.Promise.Overdue || !slices.ContainsFunc(c.Findings, func(f casefile.FindingState) bool { return f.ID == "EMG.FOLLOWUP_OVERDUE" }) {
		t.Fatalf("%d mails, %+v", mails(), c.Emergency.Promise)
	}
	for _, m := range s.mail.sent {
		if strings.Contains(m.Text+m.Subject, string(s.n)) || strings.Contains(m.Text, "HC-26") {
			t.Errorf("a mail says which case: %+v", m)
		}
	}
	if got := must(s.desk.Urgent.Owing(s.ctx))(t); got[s.agency.ID] != 1 {
		t.Fatalf("on the agency's record: %v", got)
	}
	d := s.siren()
	d.Reference = "HC-26-E9"
	if next := s.load(s.fileBare(d)); !slices.ContainsFunc(next.Findings, func(f casefile.FindingState) bool { return f.ID == "EMG.FOLLOWUP_OVERDUE" }) {
		t.Error("the agency's next request does not say that it owes process")
	}
	s.pass(48 * time.Hour)
	if mails() != 6 {
		t.Fatalf("%d mails after another two days", mails())
	}
	p := must(s.desk.Intake.AddCasePaper(s.ctx, s.reyes.Actor(), s.n, "warrant.pdf", "legal_process", bytes.NewReader(pdf("warrant"))))(t)
	came := casefile.Arrival{Paper: p.ID}
	s.refused(s.desk.Urgent.Arrived(s.ctx, s.analyst.ID, s.n, casefile.Arrival{Paper: p.ID, Covers: true}, "a warrant"), fault.Conflict, "judging an unread paper")
	must(s.desk.Review.ReadPaper(s.ctx, s.analyst.ID, s.n, p.ID))(t)
	s.refused(s.desk.Urgent.Arrived(s.ctx, s.analyst.ID, s.n, came, "the name only"), fault.Forbidden, "an analyst judging that it reaches less")
	s.ok(s.desk.Urgent.Arrived(s.ctx, s.counsel.ID, s.n, came, "it reaches the name only; they destroy the address"))
	s.pass(5 * 24 * time.Hour)
	if mails() != 6 || must(s.desk.Urgent.Owing(s.ctx))(t)[s.agency.ID] != 0 {
		t.Fatalf("chased after it came: %d mails", mails())
	}
}

func TestOnlyTheLeadEndsTheChase(t *testing.T) {
	s := newScene(t)
	s.meet()
	s.release()
	s.refused(s.desk.Urgent.Close(s.ctx, s.analyst.ID, s.n, "they are nice"), fault.Forbidden, "an analyst ending the chase")
	s.refused(s.desk.Urgent.Close(s.ctx, s.lead.ID, s.n, " "), fault.Invalid, "ending it without a reason")
	s.ok(s.desk.Urgent.Close(s.ctx, s.lead.ID, s.n, "the office was dissolved; the state's attorney was told"))
	s.pass(3 * 24 * time.Hour)
	if c := s.load(s.n); c.Emergency.Promise.Chased != 0 || c.Emergency.Promise.Closed == "" {
		t.Fatalf("%+v", c.Emergency.Promise)
	}
}

func TestOnlyCounselTellsThePersonOfAnEmergencyLater(t *testing.T) {
	s := newScene(t)
	s.meet()
	s.release()
	on := s.clock.Now().AddDate(0, 0, 60)
	s.refused(s.desk.Notice.Later(s.ctx, s.analyst.ID, s.n, on, false, "the child's mother asks"), fault.Forbidden, "an analyst putting the notice off")
	s.ok(s.desk.Notice.Later(s.ctx, s.counsel.ID, s.n, on, false, "the child's mother asks"))
}

// An emergency on paper takes more people than one through the portal.
func TestAPaperEmergencyTakesCounselAndASecondPerson(t *testing.T) {
	w := newWorld(t)
	d := w.siren()
	d.OfficerName = "Olivia Reyes"
	dr := must(w.desk.Intake.StartPaper(w.ctx, w.analyst.ID, w.agency.ID, law.ChannelPhone, law.Emergency))(t)
	must(w.desk.Intake.Save(w.ctx, w.analyst.Actor(), dr.ID, d))(t)
	must(w.desk.Intake.AddPaper(w.ctx, w.analyst.Actor(), dr.ID, "fax.pdf", "attestation_signed", bytes.NewReader(pdf("I attest"))))(t)
	s := &scene{world: w, n: must(w.desk.Intake.File(w.ctx, w.analyst.Actor(), dr.ID))(t)}
	s.assign(s.n, s.second.ID)
	s.free(s.n, s.counsel)
	held := func(what string) {
		t.Helper()
		if b, unmet := s.load(s.n).Unmet(s.lead.Actor()); !unmet || b.ID != casefile.BarrierAttested {
			t.Fatalf("%s is enough: %v %s", what, unmet, b.ID)
		}
	}
	s.refused(s.desk.Urgent.StandIn(s.ctx, s.analyst.ID, s.n, "x"), fault.Forbidden, "the intake analyst standing in")
	call := called(casefile.CallConfirmed)
	s.refused(s.desk.Urgent.Call(s.ctx, s.analyst.ID, s.n, call), fault.Forbidden, "the intake analyst calling")
	s.ok(s.desk.Urgent.StandIn(s.ctx, s.second.ID, s.n, "a rural office without keys"))
	s.refused(s.desk.Urgent.StandIn(s.ctx, s.second.ID, s.n, "again"), fault.Conflict, "one person twice")
	held("one person")
	s.ok(s.desk.Urgent.StandIn(s.ctx, s.counsel.ID, s.n, "the danger is stated and called back"))
	held("an unread attestation")
	for _, p := range s.load(s.n).Unread() {
		_, err := s.desk.Review.ReadPaper(s.ctx, s.second.ID, s.n, p.ID)
		s.ok(err)
	}
	s.ok(s.desk.Urgent.Call(s.ctx, s.second.ID, s.n, call))
	held("a call that did not reach the supervisor")
	call.Supervisor = true
	s.ok(s.desk.Urgent.Call(s.ctx, s.second.ID, s.n, call))
	s.answerRest(s.second)
	s.ok(s.desk.Review.Decide(s.ctx, s.second.ID, s.n, []review.Choice{{Item: "name", Verdict: casefile.Produce, Reason: "r"}, {Item: "last_ip", Verdict: casefile.Produce, Reason: "r"}}))
	s.refused(s.desk.Review.Propose(s.ctx, s.second.ID, s.n, "what was decided is carried out"), fault.Conflict, "one person deciding and proposing")
	s.ok(s.desk.Review.Propose(s.ctx, s.counsel.ID, s.n, "what was decided is carried out"))
	portal := newScene(t)
	portal.refused(portal.desk.Urgent.StandIn(portal.ctx, portal.counsel.ID, portal.n, "x"), fault.Forbidden, "standing in for an officer who can sign")
}
