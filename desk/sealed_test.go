package desk_test

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"testing"
	"time"

	"letterlock/desk"
	"letterlock/desk/casefile"
	"letterlock/desk/sealed"
	"letterlock/desk/staff"
	"letterlock/disclosable"
	"letterlock/internal/fault"
	"letterlock/law"
	"letterlock/ledger/proof"
)

type desk_ = desk.Desk

func newDesk(c desk.Config) *desk.Desk { return desk.New(c) }

// letter is a national-security letter.
func (w *world) letter(i int) casefile.Demand {
	d := w.order()
	d.Process, d.Reference, d.CaseRef = law.NSL, fmt.Sprint("NSL-", i), ""
	d.Wanted = []casefile.Item{"name", "service_start", "last_ip"}
	return d
}

func TestASealedMatterDoesNotExistForOthers(t *testing.T) {
	w := newWorld(t)
	n := w.file(w.letter(1))
	if !n.Sealed() {
		t.Fatalf("%s is of the ordinary range", n)
	}
	ghost := casefile.Number("LL-2026-123456789012")
	for _, who := range []staff.Member{w.analyst, w.counsel} {
		_, real := w.desk.Review.Case(w.ctx, who.ID, n)
		_, none := w.desk.Review.Case(w.ctx, who.ID, ghost)
		w.refused(real, fault.Withheld, who.Name)
		if fault.Say(real) != fault.Say(none) {
			t.Errorf("%s can tell a sealed case from none: %q, %q", who.Name, real, none)
		}
		q := must(w.desk.Review.Queue(w.ctx, who.ID, casefile.Filter{}))(t)
		s := must(w.desk.Review.Queue(w.ctx, who.ID, casefile.Filter{Lane: casefile.LaneSealed}))(t)
		if len(q.Heads)+len(s.Heads) != 0 {
			t.Errorf("%s sees %v %v", who.Name, q, s)
		}
		_, err := w.desk.Intake.StartPaper(w.ctx, who.ID, w.agency.ID, law.ChannelMail, law.NSL)
		w.refused(err, fault.Invalid, "entering a sealed matter")
	}
	if q := must(w.desk.Review.Queue(w.ctx, w.lead.ID, casefile.Filter{}))(t); len(q.Heads) != 1 {
		t.Errorf("the lead, who is on the list, sees %d", len(q.Heads))
	}
	if h := must(w.desk.Intake.Cases(w.ctx, w.reyes.ID))(t); len(h) != 1 || h[0].Number != n {
		t.Errorf("the officer sees %v", h)
	}
	if _, err := w.store.Events(w.ctx, n); !fault.Is(err, fault.NotFound) {
		t.Errorf("the open store knows it: %v", err)
	}
}

func TestALetterReachesNameAndLengthOfServiceOnly(t *testing.T) {
	w := newWorld(t)
	n := w.file(w.letter(1))
	o := must(w.desk.Review.Case(w.ctx, w.lead.ID, n))(t)
	for i, want := range map[casefile.Item]bool{"name": true, "service_start": true, "last_ip": false} {
		got := false
		for _, v := range o.Choices[i] {
			got = got || v == casefile.Produce
		}
		if got != want {
			t.Errorf("%s can be produced: %v", i, got)
		}
	}
}

// TestNoPublicNumberOrByteTellsOfASealedMatter compares two worlds that differ
// only in sealed cases.
func TestNoPublicNumberOrByteTellsOfASealedMatter(t *testing.T) {
	run := func(sealed int) (numbers []casefile.Number, public []byte) {
		w := seededWorld(t, &counter{})
		for i := range 3 {
			d := w.order()
			d.Reference = fmt.Sprint("HC-", i)
			numbers = append(numbers, w.file(d))
			for j := range sealed {
				n := w.file(w.letter(10*i + j))
				w.assign(n, w.lead.ID)
				must(w.desk.Review.Resolve(w.ctx, w.lead.ID, n, 0, "the request asks about it"))(t)
			}
			w.pass(9 * time.Minute)
		}
		// What the leaves are hashes of has random salts and ids in it; that
		// the ledger's own bytes do not tell is shown in its package. Here:
		// the same records, at the same times, in a tree of the same size.
		p := must(w.ledger.Public())(t)
		public = fmt.Appendf(nil, "%d leaves\n", p.Size())
		for o, err := range w.ledger.Openings(1, 0) {
			w.ok(err)
			e := must(proof.ParseEntry(o.Opening.Entry))(t)
			public = fmt.Appendf(public, "%d %s %s %s %d\n", o.Seq, e.Kind, e.Case, e.Recorded, len(e.Body))
		}
		if !bytes.Contains(public, []byte("case.filed LL-2026-000003")) {
			t.Fatalf("the public ledger lacks what belongs there:\n%s", public)
		}
		return numbers, public
	}
	n0, p0 := run(0)
	n1, p1 := run(4)
	if fmt.Sprint(n0) != fmt.Sprint(n1) {
		t.Errorf("numbers differ: %v, %v", n0, n1)
	}
	if !bytes.Equal(p0, p1) {
		t.Errorf("public ledgers differ: %s %s", p0, p1)
	}
}

func TestASealedMatterIsAnsweredOffThePublicLedger(t *testing.T) {
	w := newWorld(t)
	box := "cleared@letterlock.example"
	must(w.desk.Staff.Invite(w.ctx, w.lead.ID, staff.Invitation{Why: "the team needs them", Name: "Ruth Engel", Mailbox: box, Roles: []staff.Role{staff.Counsel}, Cleared: true}))(t)
	cleared := must(w.desk.Staff.RegisterKey(w.ctx, w.mail.token(t, box), "", w.key()))(t)
	w.ok(w.desk.Staff.Train(w.ctx, w.lead.ID, cleared.ID, "2026-1", 90, "taught in the house"))
	before := records(w)

	n := w.file(w.letter(1))
	w.study(n, cleared)
	w.ok(w.desk.Review.Decide(w.ctx, cleared.ID, n, append(yield("name", "service_start"), decline("last_ip")...)))
	w.refused(w.desk.Review.Decide(w.ctx, w.counsel.ID, n, yield("name")), fault.Withheld, "counsel who is not on the list")
	w.ok(w.desk.Review.Propose(w.ctx, cleared.ID, n, "what was decided is carried out"))
	for _, g := range w.load(n).Grants {
		if !g.Grant.Sealed {
			t.Fatal("a grant of a sealed matter is not marked so")
		}
	}
	w.sign()
	w.pass(3 * time.Minute)
	w.pass(3 * time.Minute)
	c := w.load(n)
	if c.Phase() != casefile.Answered || c.Packages[0].Records != 2 || !c.Told(0).IsZero() {
		t.Fatalf("%s, %+v, told %v", c.Phase(), c.Packages, c.Told(0))
	}
	if after := records(w); after != before {
		t.Errorf("a sealed matter left %d records on the public ledger", after-before)
	}
	if _, err := w.conf.Public.Blobs.Open(w.ctx, c.Packages[0].Sum); err == nil {
		t.Error("its package lies with the others")
	}
	for _, l := range w.door.Lookups {
		if l.Case == string(n) && !l.Sealed {
			t.Error("its look-up was not sealed")
		}
	}
	// On the day, somebody on the list looks again; nobody is told by the clock.
	w.pass(time.Unix(c.NoticePlan.Plan.Day, 0).Sub(w.clock.Now()) + time.Hour)
	if c = w.load(n); c.Head().Alarms == 0 && c.NoticePlan.Plan.Timing != disclosable.ToldAfter {
		t.Errorf("nobody is reminded of the silence: %+v", c.NoticePlan)
	}
}

func records(w *world) (n int) {
	w.Helper()
	for _, err := range w.ledger.Openings(1, 0) {
		w.ok(err)
		n++
	}
	return n
}

func TestADraftThatBecomesSealedLeavesTheOpenShelf(t *testing.T) {
	w := newWorld(t)
	by := w.reyes.Actor()
	dr := must(w.desk.Intake.Start(w.ctx, w.reyes.ID, "us.order.2703d"))(t)
	must(w.desk.Intake.Save(w.ctx, by, dr.ID, w.order()))(t)
	p := must(w.desk.Intake.AddPaper(w.ctx, by, dr.ID, "l.pdf", "", bytes.NewReader(pdf("letter"))))(t)
	must(w.desk.Intake.Save(w.ctx, by, dr.ID, w.letter(1)))(t)
	if _, err := w.conf.Public.Store.Draft(w.ctx, dr.ID); !fault.Is(err, fault.NotFound) {
		t.Errorf("the draft is still on the open shelf: %v", err)
	}
	if _, err := w.conf.Public.Blobs.Open(w.ctx, p.Sum); err == nil {
		t.Error("its paper is still on the open shelf")
	}
	n := must(w.desk.Intake.File(w.ctx, by, dr.ID))(t)
	if !n.Sealed() || len(w.load(n).Demand.Papers) != 1 {
		t.Errorf("%s", n)
	}
}

// certified is a letter whose secrecy is certified.
func (w *world) certified(i int) casefile.Demand {
	d := w.letter(i)
	d.Answers["gag_certification_2709c"], d.Gag = "yes", casefile.Gag{Asked: true}
	return d
}

// TestTheNoticeToTheGovernmentIsReadyOnTheDay follows a secrecy from the day of
// receipt to its end: the letter, the Government's time, the review after
// three years from the letter and then from the investigation's start.
func TestTheNoticeToTheGovernmentIsReadyOnTheDay(t *testing.T) {
	w := newWorld(t)
	cleared := w.clearedCounsel()
	n := w.file(w.certified(1))
	w.tick()
	c := w.load(n)
	if len(c.Secrecy.Letters) != 1 || c.Head().Alarms != 1 || !c.Secrecy.Letters[0].Made.Equal(w.clock.Now()) {
		t.Fatalf("no letter on the day of receipt: %+v", c.Secrecy)
	}
	l := c.Secrecy.Letters[0]
	r, _, err := w.desk.Sealed.Letter(w.ctx, cleared.ID, n, l.ID)
	w.ok(err)
	b := must(io.ReadAll(r))(t)
	if !bytes.HasPrefix(b, []byte("%PDF-")) || int64(len(b)) != l.Size {
		t.Fatalf("the letter is no PDF of %d bytes: %d", l.Size, len(b))
	}
	today := w.clock.Now()
	w.refused(w.desk.Sealed.Sent(w.ctx, w.counsel.ID, n, l.ID, today, "by mail"), fault.Withheld, "counsel who is not on the list")
	w.refused(w.desk.Sealed.Sent(w.ctx, cleared.ID, n, l.ID, today, " "), fault.Invalid, "sent without saying how")
	w.refused(w.desk.Sealed.Sent(w.ctx, cleared.ID, n, l.ID, today.AddDate(0, 0, 1), "by mail"), fault.Invalid, "sent tomorrow")
	w.ok(w.desk.Sealed.Sent(w.ctx, cleared.ID, n, l.ID, today, "registered mail to the agent"))
	w.refused(w.desk.Sealed.Sent(w.ctx, cleared.ID, n, l.ID, today, "again"), fault.Conflict, "sent twice")

	if got := w.gagDue(n, casefile.GagGovernment); got.Before(today.AddDate(0, 0, 30)) || got.After(today.AddDate(0, 0, 31)) {
		t.Errorf("the Government has until %s", got)
	}
	issued := c.Demand.Issued
	if got := w.gagDue(n, casefile.GagThreeYears); got.Before(issued.AddDate(3, 0, 0)) || got.After(issued.AddDate(3, 0, 1)) {
		t.Errorf("the review after three years is on %s, the letter of %s", got, issued)
	}
	w.pass(32 * 24 * time.Hour)
	if !hasAlarm(w.load(n), sealed.AlarmGovernment) {
		t.Error("nobody is told that the Government did not apply")
	}
	begun := issued.AddDate(-1, 0, 0)
	w.ok(w.desk.Staff.DeclareAll(w.ctx, cleared.ID, "went through family and earlier employers"))
	w.ok(w.desk.Sealed.Known(w.ctx, cleared.ID, n, begun, time.Time{}, "the answer of the agent"))
	if got := w.gagDue(n, casefile.GagThreeYears); got.After(begun.AddDate(3, 0, 1)) {
		t.Errorf("the review counts from the investigation's start: %s", got)
	}
	w.clock.Set(begun.AddDate(3, 0, 2))
	w.ledger.CheckClock(w.clock.Now())
	w.tick()
	if !hasAlarm(w.load(n), sealed.AlarmReview) {
		t.Error("nobody is reminded after three years")
	}
	now := w.clock.Now()
	w.ok(w.desk.Staff.Train(w.ctx, w.lead.ID, cleared.ID, "2026-1", 90, "taught in the house"))
	w.ok(w.desk.Staff.DeclareAll(w.ctx, cleared.ID, "went through family and earlier employers"))
	w.ok(w.desk.Sealed.Step(w.ctx, cleared.ID, n, casefile.GagTerminated, now, "letter of the agency"))
	w.refused(w.desk.Sealed.Step(w.ctx, cleared.ID, n, casefile.GagContinued, now, "too late"), fault.Conflict, "a step after the end")
	if got := w.load(n).Secrecy.Ended(); !got.Equal(now) {
		t.Errorf("ended %s", got)
	}
	w.refused(w.desk.Sealed.Step(w.ctx, w.analyst.ID, n, casefile.GagApplied, now, "x"), fault.Withheld, "somebody who is not on the list")
}

// TestAnInvestigationThatClosedCallsForAReview at once.
func TestAnInvestigationThatClosedCallsForAReview(t *testing.T) {
	w := newWorld(t)
	cleared := w.clearedCounsel()
	n := w.file(w.certified(1))
	w.ok(w.desk.Sealed.Known(w.ctx, cleared.ID, n, time.Time{}, w.clock.Now(), "a letter of the agency"))
	w.tick()
	if !hasAlarm(w.load(n), sealed.AlarmClosed) {
		t.Error("nobody looks at the secrecy of a closed investigation")
	}
}

// TestASecrecyThatEndsTellsThePerson: what was disclosed is told.
func TestASecrecyThatEndsTellsThePerson(t *testing.T) {
	w := newWorld(t)
	cleared := w.clearedCounsel()
	n := w.file(w.certified(1))
	w.study(n, cleared)
	w.ok(w.desk.Review.Decide(w.ctx, cleared.ID, n, append(yield("name", "service_start"), decline("last_ip")...)))
	w.ok(w.desk.Review.Propose(w.ctx, cleared.ID, n, "what was decided is carried out"))
	w.sign()
	w.pass(3 * time.Minute)
	w.pass(3 * time.Minute)
	if !w.load(n).Disclosed() {
		t.Fatal("nothing was disclosed")
	}
	w.ok(w.desk.Sealed.Step(w.ctx, cleared.ID, n, casefile.GagTerminated, w.clock.Now(), "letter of the agency"))
	if len(w.load(n).GrantsOf(disclosable.Notify)) != 1 {
		t.Fatal("no notice to the person is before the key holders")
	}
	w.tick() // takes it to the carrier
	w.sign()
	w.pass(3 * time.Minute)
	w.pass(3 * time.Minute)
	if w.load(n).Told(0).IsZero() {
		t.Error("the person was not told after the secrecy had ended")
	}
}

// TestTheClearedListLiesWithTheSealedCases looks for it in the open database
// and the public ledger.
func TestTheClearedListLiesWithTheSealedCases(t *testing.T) {
	w := newWorld(t)
	w.refused(w.desk.Staff.Clear(w.ctx, w.second.ID, w.counsel.ID, true, "x"), fault.Withheld, "somebody who is not on it")
	before := records(w)
	w.ok(w.desk.Staff.Clear(w.ctx, w.lead.ID, w.counsel.ID, true, "cleared on 2026-11-01"))
	if records(w) != before {
		t.Error("the public ledger tells of it")
	}
	for _, m := range must(w.conf.Staff.Members(w.ctx))(t) {
		if m.Cleared {
			t.Errorf("the open database says that %s is on the list", m.Name)
		}
	}
	if may := must(w.desk.Staff.MaySeal(w.ctx, w.counsel.ID))(t); !may {
		t.Error("counsel is not on the list")
	}
	if _, err := w.desk.Staff.Cleared(w.ctx, w.analyst.ID); !fault.Is(err, fault.Withheld) {
		t.Errorf("the list is shown to who is not on it: %v", err)
	}
	w.ok(w.desk.Staff.Clear(w.ctx, w.lead.ID, w.counsel.ID, false, "moved"))
	w.refused(w.desk.Staff.Clear(w.ctx, w.lead.ID, w.lead.ID, false, "x"), fault.Conflict, "the last one")
	w.ok(w.desk.Staff.Clear(w.ctx, w.lead.ID, w.counsel.ID, true, "back"))
	w.ok(w.desk.Staff.Leave(w.ctx, w.lead.ID, w.counsel.ID, "retired"))
	if l := must(w.desk.Staff.Cleared(w.ctx, w.lead.ID))(t); len(l) != 1 {
		t.Errorf("who left is still on the list: %v", l)
	}
}

func (w *world) clearedCounsel() staff.Member {
	w.Helper()
	box := "cleared@letterlock.example"
	must(w.desk.Staff.Invite(w.ctx, w.lead.ID, staff.Invitation{Why: "the team needs them", Name: "Ruth Engel", Mailbox: box, Roles: []staff.Role{staff.Counsel}, Cleared: true}))(w)
	m := must(w.desk.Staff.RegisterKey(w.ctx, w.mail.token(w, box), "", w.key()))(w)
	w.ok(w.desk.Staff.Train(w.ctx, w.lead.ID, m.ID, "2026-1", 90, "taught in the house"))
	return must(w.desk.Staff.Member(w.ctx, m.ID))(w)
}

func (w *world) gagDue(n casefile.Number, key string) time.Time {
	w.Helper()
	for _, d := range must(w.conf.Sealed.Store.DutiesOf(w.ctx, n))(w) {
		if d.Kind == casefile.DutyGag && d.Key == key {
			return d.Due
		}
	}
	w.Fatalf("%s has no day %q", n, key)
	return time.Time{}
}

func hasAlarm(c casefile.Case, text string) bool {
	return slices.ContainsFunc(c.Alarms, func(a casefile.Alarm) bool { return a.Text == text })
}

func TestTheHalvesCosignEachOther(t *testing.T) {
	w := newWorld(t)
	w.pass(5 * time.Minute)
	w.ok(w.desk.Cosign(w.ctx))
	w.ok(w.desk.Cosign(w.ctx)) // nothing new
	if w.ledger.State().Cosigned == 0 || w.carrier.State().Cosigned == 0 {
		t.Fatalf("co-signed: desk %d, carrier %d", w.ledger.State().Cosigned, w.carrier.State().Cosigned)
	}
}
