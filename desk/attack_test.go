package desk_test

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"
	"time"

	"letterlock/desk/agency"
	"letterlock/desk/casefile"
	"letterlock/desk/staff"
	"letterlock/internal/fault"
	"letterlock/law"
)

// The frauds of the exercises, played against the whole desk: an attacker with
// what the fraud gives them, and a team that does its work honestly.

// siege is a desk under attack, with every word that reaches the carrier on
// record.
type siege struct {
	*scene
	spy *spy
}

func newSiege(t *testing.T) *siege {
	s := &siege{scene: newScene(t)}
	s.spy = &spy{Door: s.door}
	s.desk.Review.Door, s.desk.Notice.Door = s.spy, s.spy
	return s
}

// forged is the attacker's demand.
func (s *siege) forged() casefile.Demand {
	d := s.siren()
	d.Reference, d.Phone, d.Emergency.Supervisor.Phone = "HC-26-X9", "+12025550177", "+12025550177"
	d.Targets = []casefile.Target{{Kind: law.TargetPhone, Identifier: "+12025550167"}}
	return d
}

// eml is an e-mail with a paper, as the attacker sends it.
func eml(from string, paper []byte) []byte {
	return []byte("Return-Path: <" + from + ">\r\nReceived: from mail ([198.51.100.9]) by mx.letterlock.example with ESMTPS; Mon, 23 Nov 2026 02:00:00 +0000\r\nFrom: Olivia Reyes <" + from + ">\r\nTo: legal@letterlock.example\r\n" +
		"Subject: EMERGENCY\r\nMessage-ID: <" + casefile.NewID() + "@mail>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\nA life is in danger. Call me: +12025550177\r\n" +
		"--x\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=order.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n" + base64.StdEncoding.EncodeToString(paper) + "\r\n--x--\r\n")
}

// mails has the second analyst take an attacker's e-mail in, as what it says.
func (s *siege) mails(from string, d casefile.Demand) casefile.Number {
	s.Helper()
	by := s.second.Actor()
	dr := must(s.desk.ImportMail(s.ctx, by, false, eml(from, pdf("attestation "+d.Reference))))(s)
	dr = must(s.desk.Intake.Draft(s.ctx, by, dr.ID))(s)
	if len(dr.Demand.Papers) != 1 {
		s.Fatalf("the attached paper was not taken: %+v", dr.Demand.Mail)
	}
	must(s.desk.Intake.SettleMail(s.ctx, by, dr.ID, s.agency.ID, law.ChannelMailbox, law.Emergency, strings.HasSuffix(from, "@sheriff.harbor.example")))(s)
	s.ok(s.desk.Intake.NamePaper(s.ctx, by, dr.ID, dr.Demand.Papers[0].ID, "attestation_signed"))
	must(s.desk.Intake.Save(s.ctx, by, dr.ID, d))(s)
	return must(s.desk.Intake.File(s.ctx, by, dr.ID))(s)
}

// deny is the honest call to the directory's number: nobody there knows of it.
func (s *siege) deny(n casefile.Number, by staff.Member) {
	s.Helper()
	x := called(casefile.CallDenied)
	x.Said = "nobody knows of this incident"
	s.ok(s.desk.Urgent.Call(s.ctx, by.ID, n, x))
}

// held shows that nothing left, whatever is tried after, and at which barrier.
func (s *siege) held(n casefile.Number, at casefile.BarrierID) {
	s.Helper()
	for _, who := range []staff.Member{s.analyst, s.second, s.counsel, s.lead} {
		if err := s.desk.Review.Propose(s.ctx, who.ID, n, "what was decided is carried out"); err == nil {
			s.Errorf("%s could propose grants", who.Name)
		}
	}
	c := s.load(n)
	if b, ok := c.Unmet(s.lead.Actor()); !ok || b.ID != at {
		s.Errorf("held at %q (%v), want %q", b.ID, ok, at)
	}
	s.nothingLeft(n)
}

func (s *siege) nothingLeft(n casefile.Number) {
	s.Helper()
	s.ok(s.door.SignAll("Ines Okafor", "Sefa Yilmaz"))
	s.pass(time.Hour)
	if c := s.load(n); len(c.Grants) > 0 || len(c.Packages) > 0 || c.Disclosed() {
		s.Errorf("grants %v, packages %v", c.Grants, c.Packages)
	}
	if len(s.spy.calls) > 0 {
		s.Errorf("the carrier heard: %v", s.spy.calls)
	}
}

// finds reports that a finding stands on the case.
func (s *siege) finds(n casefile.Number, ids ...law.FindingID) {
	s.Helper()
	for _, id := range ids {
		if !slices.ContainsFunc(s.load(n).Findings, func(f casefile.FindingState) bool { return f.ID == id }) {
			s.Errorf("%s is not found", id)
		}
	}
}

// Whoever reads a government mailbox gets one-time links, and with them an
// enrolment that two people confirm by calling the switchboard. Until then it
// sends nothing; and by e-mail the call-back stops it.
func TestAttackWithACompromisedMailbox(t *testing.T) {
	s := newSiege(t)
	const box = "records@sheriff.harbor.example"
	s.ok(s.desk.Agencies.Enrol(s.ctx, agency.Enrolment{Name: "R. Cords", Mailbox: box}))
	o := must(s.desk.Agencies.RegisterKey(s.ctx, s.mail.token(t, box), s.world.key()))(t)
	must(s.desk.Agencies.AddKey(s.ctx, o.ID, s.world.key()))(t)
	if dr, err := s.desk.Intake.Start(s.ctx, o.ID, law.Emergency); err == nil {
		if _, err = s.desk.Intake.Save(s.ctx, o.Actor(), dr.ID, s.forged()); err == nil {
			_, err = s.desk.Intake.File(s.ctx, o.Actor(), dr.ID)
		}
		if err == nil {
			t.Error("an officer whom nobody confirmed filed an emergency")
		}
	}
	before := len(s.mail.sent)
	_ = s.desk.Agencies.Enrol(s.ctx, agency.Enrolment{Name: "Olivia Reyes", Mailbox: s.reyes.Mailbox})
	for _, m := range s.mail.sent[before:] {
		if strings.Contains(m.Text, "https://desk.test/") {
			t.Errorf("the mailbox of an officer who is enrolled was sent a link: %s", m.Text)
		}
	}
	n := s.mails(s.reyes.Mailbox, s.forged())
	s.deny(n, s.analyst)
	s.finds(n, "EMG.UNVERIFIED")
	s.held(n, casefile.BarrierAttested)
	b := s.load(n).Barriers()[2]
	if b.ID != casefile.BarrierCallBack || b.Met {
		t.Errorf("the call that denied it does not stand: %+v", b)
	}
}

// A domain one letter away enrols nobody, and by e-mail it is named as what it
// is before anybody has read the request.
func TestAttackFromAClonedDomain(t *testing.T) {
	s := newSiege(t)
	const box = "reyes@sheriff.harb0r.example"
	before := len(s.mail.sent)
	_ = s.desk.Agencies.Enrol(s.ctx, agency.Enrolment{Name: "Olivia Reyes", Mailbox: box})
	if slices.ContainsFunc(s.mail.sent[before:], func(m casefile.Mail) bool { return m.To == box }) {
		t.Error("a domain that is not in the directory was sent a link")
	}
	n := s.mails(box, s.forged())
	s.finds(n, "SND.MAIL_AUTH", "SND.DOMAIN", "EMG.UNVERIFIED")
	s.deny(n, s.analyst)
	s.held(n, casefile.BarrierAttested)
}

// An order that looks right obliges nobody in an emergency: the call-back and
// two people who would have to stand in are not replaced by a paper.
func TestAttackWithAForgedOrder(t *testing.T) {
	s := newSiege(t)
	d := s.forged()
	d.Text = "The attached emergency order compels immediate disclosure."
	n := s.mails(s.reyes.Mailbox, d)
	s.assign(n, s.analyst.ID)
	for _, p := range s.load(n).Unread() {
		_, err := s.desk.Review.ReadPaper(s.ctx, s.analyst.ID, n, p.ID)
		s.ok(err)
	}
	s.free(n, s.counsel, s.second)
	s.ok(s.desk.Urgent.StandIn(s.ctx, s.analyst.ID, n, "the order looks right"))
	s.ok(s.desk.Urgent.StandIn(s.ctx, s.counsel.ID, n, "the order looks right"))
	call := called(casefile.CallConfirmed)
	call.Number = d.Phone
	s.refused(s.desk.Urgent.Call(s.ctx, s.analyst.ID, n, call), fault.Conflict, "calling the attacker's number")
	s.held(n, casefile.BarrierAttested)
	s.deny(n, s.analyst)
	s.held(n, casefile.BarrierAttested)
}

// Whoever has an open session can file. They cannot sign: not with another's
// key, and with one that they add they are still no supervisor and no
// switchboard.
func TestAttackWithAStolenSession(t *testing.T) {
	s := newSiege(t)
	n := s.fileBare(s.forged())
	s.refused(s.attests(s.reyes, s.bossKey, n), fault.Unauthenticated, "signing with a key that is not the officer's")
	s.held(n, casefile.BarrierAttested)
	added := s.armed(s.reyes)
	s.ok(s.attests(s.reyes, added, n))
	s.refused(s.attests(s.reyes, added, n), fault.Conflict, "signing twice instead of a supervisor")
	s.held(n, casefile.BarrierCoSigned)
	s.deny(n, s.second)
	s.held(n, casefile.BarrierCoSigned)
	must(s.desk.Agencies.Cut(s.ctx, s.analyst.Actor(), casefile.CutOfficer, string(s.reyes.ID), "the agency says that it is not theirs"))(t)
	_, err := s.desk.Urgent.Read(s.ctx, s.reyes.ID, n, s.clock.Now())
	s.refused(err, fault.Unauthenticated, "going on after the cut")
}

// Everything is signed and confirmed, and no fact is there: good faith needs
// facts, and a person declines.
func TestAttackWithUrgencyWithoutFacts(t *testing.T) {
	s := newSiege(t)
	d := s.forged()
	e := &d.Emergency
	e.Nature, e.InDanger, e.Harm, e.When, e.WhyNow, e.TooSlow, e.Averts = "Urgent matter of public safety", "", "", "", "It is an emergency", "This is urgent", ""
	s.n = s.fileBare(d)
	s.assign(s.n, s.analyst.ID)
	s.meet()
	var lacking string
	for _, f := range s.load(s.n).Findings {
		for _, p := range f.Missing {
			lacking += string(p) + " "
		}
	}
	if !strings.Contains(lacking, "who_is_in_danger") || !strings.Contains(lacking, "imminence") {
		t.Errorf("what is missing is not found: %q", lacking)
	}
	err := s.desk.Review.Decide(s.ctx, s.analyst.ID, s.n, yield("name", "last_ip"))
	if err == nil {
		t.Error("it can be produced with the findings unanswered")
	}
	s.ok(s.desk.Review.Decide(s.ctx, s.analyst.ID, s.n, decline("name", "last_ip")))
	s.held(s.n, casefile.BarrierTwoPeople)
}
