package desk_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"letterlock/desk/agency"
	"letterlock/desk/casefile"
	"letterlock/internal/fault"
)

const box = "stone@sheriff.harbor.example"

// keyed is an officer who has registered one passkey and waits.
func (w *world) keyed() agency.Officer {
	w.Helper()
	w.ok(w.desk.Agencies.Enrol(w.ctx, agency.Enrolment{Name: "Paul Stone", Mailbox: box}))
	return must(w.desk.Agencies.RegisterKey(w.ctx, w.mail.token(w, box), w.key()))(w)
}

// draft is a complete request of an officer, ready to be sent.
func (w *world) draft(o agency.Officer) casefile.DraftID {
	w.Helper()
	dr := must(w.desk.Intake.Start(w.ctx, o.ID, "us.order.2703d"))(w)
	must(w.desk.Intake.Save(w.ctx, o.Actor(), dr.ID, w.order()))(w)
	must(w.desk.Intake.AddPaper(w.ctx, o.Actor(), dr.ID, "order.pdf", "order", bytes.NewReader(pdf(casefile.NewID()))))(w)
	return dr.ID
}

func TestTwoDifferentPeopleConfirmAnOfficer(t *testing.T) {
	w := newWorld(t)
	o := w.keyed()
	d := w.desk.Agencies
	w.refused(d.Confirm(w.ctx, w.lead.Actor(), o.ID, "  "), fault.Invalid, "a confirmation that does not say how")
	w.ok(d.Confirm(w.ctx, w.lead.Actor(), o.ID, "called the switchboard")) // the lead added the agency: its sponsor alone is not enough
	if _, err := d.Active(w.ctx, o.ID); !fault.Is(err, fault.Unauthenticated) {
		t.Fatalf("active after one word: %v", err)
	}
	w.refused(d.Confirm(w.ctx, w.lead.Actor(), o.ID, "called again"), fault.Forbidden, "the same person twice")
	w.refused(d.Confirm(w.ctx, w.reyes.Actor(), o.ID, "I know him"), fault.Forbidden, "an officer confirming an officer")
	w.ok(d.Confirm(w.ctx, w.analyst.Actor(), o.ID, "called the county's main number"))
	o, err := d.Active(w.ctx, o.ID)
	w.ok(err)
	if len(o.Confirmed) != 2 || o.Confirmed[0].By == o.Confirmed[1].By || o.Confirmed[1].Why != "called the county's main number" || len(o.Begun) != 0 {
		t.Fatalf("%+v", o)
	}
	w.refused(d.Confirm(w.ctx, w.second.Actor(), o.ID, "x"), fault.Conflict, "a third word")
}

func TestNothingIsSentBeforeTheSecondPasskey(t *testing.T) {
	w := newWorld(t)
	o := w.keyed()
	for _, by := range []casefile.Actor{w.lead.Actor(), w.analyst.Actor()} {
		w.ok(w.desk.Agencies.Confirm(w.ctx, by, o.ID, "called the switchboard"))
	}
	dr := w.draft(o)
	_, err := w.desk.Intake.File(w.ctx, o.Actor(), dr)
	w.refused(err, fault.Conflict, "sending with one passkey")
	if !strings.Contains(fault.Say(err), "second passkey") {
		t.Error(fault.Say(err))
	}
	k := w.key()
	must(w.desk.Agencies.AddKey(w.ctx, o.ID, k))(w)
	must(w.desk.Intake.File(w.ctx, o.Actor(), dr))(w)
	dr = w.draft(o)
	w.ok(w.desk.Agencies.DropKey(w.ctx, o.ID, k.ID))
	_, err = w.desk.Intake.File(w.ctx, o.Actor(), dr)
	w.refused(err, fault.Conflict, "sending after one of two was removed")
	o = must(w.desk.Agencies.Officer(w.ctx, o.ID))(w)
	w.refused(w.desk.Agencies.DropKey(w.ctx, o.ID, o.Keys[0].ID), fault.Invalid, "removing the last one")
}

func TestWhoLostEveryPasskeyIsCalledBackByTwo(t *testing.T) {
	w := newWorld(t)
	d := w.desk.Agencies
	w.ok(w.conf.Portal.PutSession(w.ctx, casefile.Session{Token: [32]byte{1}, Who: w.reyes.Subject(), Begun: start, Seen: start}))
	w.refused(d.LostKeys(w.ctx, w.reyes.Actor(), w.reyes.ID, "x"), fault.Forbidden, "an officer asking for themselves")
	w.ok(d.LostKeys(w.ctx, w.analyst.Actor(), w.reyes.ID, "both phones stolen; she called from the switchboard"))
	if _, err := w.conf.Portal.Session(w.ctx, [32]byte{1}); !fault.Is(err, fault.NotFound) {
		t.Fatalf("a session outlives its passkeys: %v", err)
	}
	_, _, err := d.ByKey(w.ctx, w.reyes.Keys[0].ID)
	w.refused(err, fault.Unauthenticated, "the lost key")
	sent := len(w.mail.sent)
	w.ok(d.Confirm(w.ctx, w.analyst.Actor(), w.reyes.ID, "called back"))
	if len(w.mail.sent) != sent {
		t.Fatal("a link after one word")
	}
	w.refused(d.Confirm(w.ctx, w.analyst.Actor(), w.reyes.ID, "called back"), fault.Forbidden, "one person twice")
	w.ok(d.Confirm(w.ctx, w.lead.Actor(), w.reyes.ID, "called back as well"))
	o := must(d.RegisterKey(w.ctx, w.mail.token(t, w.reyes.Mailbox), w.key()))(t)
	if o.State != agency.Active || len(o.Keys) != 1 {
		t.Fatalf("%s with %d keys", o.State, len(o.Keys))
	}
	_, err = w.desk.Intake.File(w.ctx, o.Actor(), w.draft(o))
	w.refused(err, fault.Conflict, "sending with the one new passkey")
}

func TestAConfirmationHoldsForAYear(t *testing.T) {
	w := newWorld(t)
	d := w.desk.Agencies
	w.pass(agency.ConfirmedFor - agency.ConfirmNotice - time.Hour)
	w.refused(d.Confirm(w.ctx, w.analyst.Actor(), w.reyes.ID, "early"), fault.Conflict, "confirming before it is due")
	w.pass(agency.ConfirmNotice)
	must(w.desk.Intake.File(w.ctx, w.reyes.Actor(), w.draft(w.reyes)))(w)
	w.pass(2 * time.Hour)
	_, err := w.desk.Intake.File(w.ctx, w.reyes.Actor(), w.draft(w.reyes))
	w.refused(err, fault.Conflict, "sending when the year is over")
	w.ok(d.Confirm(w.ctx, w.analyst.Actor(), w.reyes.ID, "called the switchboard"))
	_, err = w.desk.Intake.File(w.ctx, w.reyes.Actor(), w.draft(w.reyes))
	w.refused(err, fault.Conflict, "sending after one of two words")
	w.ok(d.Confirm(w.ctx, w.second.Actor(), w.reyes.ID, "called the switchboard"))
	must(w.desk.Intake.File(w.ctx, w.reyes.Actor(), w.draft(w.reyes)))(w)
}

func TestTheDirectoryKeepsItsHistory(t *testing.T) {
	w := newWorld(t)
	d, a := w.desk.Agencies, w.agency
	if a.Sponsor.By != w.lead.Actor() || a.Checked.By != w.lead.Actor() || a.NumberDue(w.clock.Now()) {
		t.Fatalf("%+v", a)
	}
	to := a
	to.Switchboard, to.Source, to.Contact, to.Number = "+12025550199", "the county's site", agency.Contact{Name: "Warrants desk", Mailbox: "warrants@sheriff.harbor.example"}, "MD0120000"
	_, err := d.Edit(w.ctx, w.analyst.Actor(), a.ID, to, " ")
	w.refused(err, fault.Invalid, "a change without a reason")
	_, err = d.Edit(w.ctx, w.reyes.Actor(), a.ID, to, "new number")
	w.refused(err, fault.Forbidden, "an officer changing the number that is called back")
	a = must(d.Edit(w.ctx, w.analyst.Actor(), a.ID, to, "they moved"))(t)
	if last := a.Changes[len(a.Changes)-1]; last.By != w.analyst.Actor() || last.Why != "they moved" || !strings.Contains(strings.Join(last.What, "; "), "switchboard: +12025550100, now +12025550199") {
		t.Fatalf("%+v", a.Changes)
	}
	if !a.NumberDue(w.clock.Now()) {
		t.Fatal("a number that changed counts as checked")
	}
	_, err = d.Check(w.ctx, w.analyst.Actor(), a.ID, "the same site")
	w.refused(err, fault.Forbidden, "checking the number one entered")
	a = must(d.Check(w.ctx, w.second.Actor(), a.ID, "the state's register"))(t)
	w.pass(agency.CheckEvery - time.Hour)
	if a.NumberDue(w.clock.Now()) {
		t.Fatal("due before half a year is over")
	}
	w.pass(time.Hour)
	if !a.NumberDue(w.clock.Now()) {
		t.Fatal("not due after half a year")
	}
	bad := a
	bad.Domains = []string{"gmail.com"}
	_, err = d.Edit(w.ctx, w.analyst.Actor(), a.ID, bad, "x")
	w.refused(err, fault.Invalid, "a free-mail domain")
}

func TestAClosedAgencyAsksNothingUntilItIsReopened(t *testing.T) {
	w := newWorld(t)
	d := w.desk.Agencies
	w.ledger.broken = true // what locks out never waits
	w.ok(d.Close(w.ctx, w.analyst.Actor(), w.agency.ID, "dissolved"))
	w.ledger.broken = false
	_, err := w.desk.Intake.Start(w.ctx, w.reyes.ID, "us.order.2703d")
	w.refused(err, fault.Unauthenticated, "an officer of a closed agency")
	w.refused(d.Enrol(w.ctx, agency.Enrolment{Name: "New", Mailbox: box}), fault.Invalid, "enrolling there")
	w.refused(d.Close(w.ctx, w.analyst.Actor(), w.agency.ID, "again"), fault.Conflict, "closing it twice")
	w.ok(d.Reopen(w.ctx, w.lead.Actor(), w.agency.ID, "it was the neighbour county"))
	must(w.desk.Intake.Start(w.ctx, w.reyes.ID, "us.order.2703d"))(t)
}
