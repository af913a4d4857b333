package desk_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"letterlock/desk/agency"
	"letterlock/desk/casefile"
	"letterlock/desk/staff"
	"letterlock/disclosable"
	"letterlock/internal/fault"
	"letterlock/law"
)

// gagged is an order whose secrecy ends later: what it asks is released as soon
// as two people have signed.
func (w *world) gagged() casefile.Demand {
	d := w.order()
	d.Gag = casefile.Gag{Asked: true, Order: true, End: w.clock.Now().AddDate(0, 0, 60), Grounds: []string{"2705(b)(2)"}, Basis: "18 USC 2705(b)"}
	d.CaseRef = casefile.NewID()[:8]
	return d
}

// disclosed is a case whose records left the house.
func (w *world) disclosed() casefile.Number {
	w.Helper()
	n := w.proposed()
	w.sign()
	w.pass(time.Minute)
	w.pass(10 * time.Minute)
	c := w.load(n)
	if !c.Disclosed() || len(c.Packages) != 1 {
		w.Fatalf("phase %s, %d packages, alarms %v", c.Phase(), len(c.Packages), c.Alarms)
	}
	return n
}

// proposed is a case whose grants are before the key holders.
func (w *world) proposed() casefile.Number {
	w.Helper()
	n := w.file(w.gagged())
	w.study(n, w.analyst)
	w.produceAll(n, w.analyst)
	w.ok(w.desk.Review.Propose(w.ctx, w.analyst.ID, n, "what was decided is carried out"))
	return n
}

// clearedMember is on the list for sealed matters.
func (w *world) clearedMember() staff.Member {
	w.Helper()
	const box = "noor@letterlock.example"
	must(w.desk.Staff.Invite(w.ctx, w.lead.ID, staff.Invitation{Why: "the team needs them", Name: "Noor Haddad", Mailbox: box, Roles: []staff.Role{staff.Analyst}, Cleared: true}))(w)
	m := must(w.desk.Staff.RegisterKey(w.ctx, w.mail.token(w, box), "", w.key()))(w)
	w.ok(w.desk.Staff.Train(w.ctx, w.lead.ID, m.ID, "2026-1", 90, "taught in the house"))
	return m
}

func TestTheCompromiseSwitch(t *testing.T) {
	w := newWorld(t)
	w.approve("us.order.2703d")
	w.desk.Intake.PerHour = 100
	custodian := w.colleague("Cara Custodian", "cara@sheriff.harbor.example", casefile.Custodian)
	old := w.file(w.order())
	w.pass(casefile.LookBack + 24*time.Hour)
	released, signing, waiting := w.disclosed(), w.proposed(), w.file(w.order())
	nsl := w.order()
	nsl.Process, nsl.Wanted = law.NSL, []casefile.Item{"name"}
	sealed := w.file(nsl)
	must(w.desk.Agencies.AddAgency(w.ctx, w.lead.Actor(), agency.Agency{Name: "Port Police", Country: "US", Domains: []string{"port.example"}, Switchboard: "+12025550111", Source: "state register", Sponsor: agency.Word{Why: "it is in the state register"}}))(t)
	vera := w.colleague("Vera Port", "vera@port.example", casefile.Requester)
	other := must(w.desk.Intake.File(w.ctx, vera.Actor(), w.draft(vera)))(t)
	w.ok(w.conf.Portal.PutSession(w.ctx, casefile.Session{Token: [32]byte{7}, Who: w.reyes.Subject(), Begun: start, Seen: start}))

	w.ledger.broken = true // in an emergency nothing waits for the ledger
	cut, err := w.desk.Cut(w.ctx, w.analyst.ID, casefile.CutDomain, "Sheriff.Harbor.Example", "the county says that mailboxes were taken over")
	w.ledger.broken = false
	w.ok(err)
	w.noWayIn(custodian)
	pkg := w.load(released).Packages[0].ID
	for n, held := range map[casefile.Number]bool{old: false, other: false, released: true, signing: true, waiting: true, sealed: true} {
		if c := w.load(n); c.OnHold() != held {
			t.Errorf("%s: held %v", n, c.OnHold())
		}
	}
	w.ok(w.door.SignAll("Ines Okafor", "Sefa Yilmaz")) // the grants are gone at the carrier, or die there
	w.pass(20 * time.Minute)
	for _, g := range w.load(signing).Grants {
		if g.Phase != casefile.GrantWithdrawn {
			t.Errorf("a grant is %s", g.Phase)
		}
	}
	if w.load(signing).Disclosed() {
		t.Fatal("records left the house after the cut")
	}
	must(w.desk.Intake.File(w.ctx, vera.Actor(), w.draft(vera)))(t) // nobody else is hit
	w.looksAgain(cut, released, signing, waiting, sealed)
	w.tellsOfTheBreach(cut, released)
	w.givesBack(cut, released, pkg)
}

// noWayIn tries every way of an officer after the cut.
func (w *world) noWayIn(custodian agency.Officer) {
	w.Helper()
	if _, err := w.conf.Portal.Session(w.ctx, [32]byte{7}); !fault.Is(err, fault.NotFound) {
		w.Fatalf("a session is left: %v", err)
	}
	_, _, err := w.desk.Agencies.ByKey(w.ctx, w.reyes.Keys[0].ID)
	w.refused(err, fault.Unauthenticated, "signing in")
	for _, o := range []agency.Officer{w.reyes, custodian} {
		_, err = w.desk.Agencies.Active(w.ctx, o.ID)
		w.refused(err, fault.Unauthenticated, "acting")
		_, err = w.desk.Intake.Start(w.ctx, o.ID, "us.order.2703d")
		w.refused(err, fault.Unauthenticated, "a new request")
	}
	w.refused(w.desk.Agencies.Enrol(w.ctx, agency.Enrolment{Name: "New", Mailbox: "new@sheriff.harbor.example"}), fault.Unauthenticated, "enrolling a new mailbox of the domain")
}

// looksAgain walks the second reviews.
func (w *world) looksAgain(cut casefile.Cut, released, signing, waiting, sealed casefile.Number) {
	w.Helper()
	b := w.desk.Breach
	p := must(b.Progress(w.ctx, w.analyst.ID, cut.ID))(w)
	if len(p.Items) != 3 || p.Left != 3 || p.Accounts != 1 || p.Drafted != 1 || p.Done() {
		w.Fatalf("%+v", p)
	}
	cleared := w.clearedMember()
	if q := must(b.Progress(w.ctx, cleared.ID, cut.ID))(w); len(q.Items) != 4 {
		w.Fatalf("who is on the list sees %d", len(q.Items))
	}
	w.refused(b.Review(w.ctx, w.analyst.ID, sealed, casefile.Genuine, "x"), fault.Withheld, "a sealed matter by somebody who is not on its list")
	w.refused(b.Review(w.ctx, w.analyst.ID, released, casefile.Genuine, "my own"), fault.Forbidden, "who decided it looking again")
	w.refused(b.Review(w.ctx, w.second.ID, released, casefile.Genuine, " "), fault.Invalid, "without a reason")
	w.refused(w.desk.Review.Propose(w.ctx, w.analyst.ID, signing, "what was decided is carried out"), fault.Conflict, "proposing grants on a held case")
	w.ok(b.Review(w.ctx, w.second.ID, released, casefile.Unclear, "the switchboard could not say"))
	if !w.load(released).OnHold() {
		w.Fatal("a case nobody can tell about went on")
	}
	w.ok(b.Review(w.ctx, w.second.ID, released, casefile.Fraudulent, "the judge never signed it"))
	w.refused(b.Review(w.ctx, w.second.ID, released, casefile.Genuine, "after all"), fault.Conflict, "a second review twice")
	w.ok(b.Review(w.ctx, w.second.ID, waiting, casefile.Fraudulent, "nobody there knows of it"))
	if c := w.load(waiting); c.Phase() != casefile.Withdrawn {
		w.Fatalf("a fraudulent request is %s", c.Phase())
	}
	w.ok(b.Review(w.ctx, w.second.ID, signing, casefile.Genuine, "the officer confirmed it in person"))
	w.ok(b.Review(w.ctx, cleared.ID, sealed, casefile.Genuine, "confirmed"))
	w.ok(w.desk.Review.Propose(w.ctx, w.analyst.ID, signing, "what was decided is carried out"))
	w.pass(time.Minute)
	if c := w.load(released); c.Packages[0].Destroyed.IsZero() {
		w.Fatal("our copy of a package for a forged request is still there")
	}
}

// tellsOfTheBreach: counsel lets the notice go, two people sign it, the person
// is told once.
func (w *world) tellsOfTheBreach(cut casefile.Cut, n casefile.Number) {
	w.Helper()
	b := w.desk.Breach
	told := func() (k int) {
		for _, g := range w.load(n).Grants {
			if g.Grant.Kind == disclosable.Notify && g.Phase == casefile.GrantUsed {
				k++
			}
		}
		return k
	}
	w.pass(time.Hour)
	if told() != 0 {
		w.Fatal("told before counsel let the notice go")
	}
	text := w.load(n).Held.Draft
	w.refused(b.Release(w.ctx, w.second.ID, n, text), fault.Forbidden, "an analyst letting it go")
	w.ok(b.Release(w.ctx, w.counsel.ID, n, text))
	w.refused(b.Release(w.ctx, w.counsel.ID, n, text), fault.Conflict, "letting it go twice")
	w.pass(time.Minute)
	if told() != 0 {
		w.Fatal("told before two people signed")
	}
	w.sign()
	w.pass(time.Minute)
	w.pass(time.Minute)
	if told() != 1 {
		w.Fatalf("told %d times", told())
	}
	w.pass(70 * 24 * time.Hour) // past the old order's secrecy: its notice is not sent as well
	p := must(b.Progress(w.ctx, w.analyst.ID, cut.ID))(w)
	if told() != 1 || p.Items[0].Told != 1 || p.Released != 1 || p.Drafted != 0 || p.Left != 0 || !p.Done() {
		w.Fatalf("%+v", p)
	}
	l := must(b.Letter(w.ctx, w.analyst.ID, cut.ID))(w)
	if l.Cases != 3 || l.Disclosing != 1 || l.Accounts != 1 || !slices.Contains(l.Fields, "last_ip") || l.Deadline() != cut.At.Add(72*time.Hour) || l.First.IsZero() {
		w.Fatalf("%+v", l)
	}
}

// givesBack: two people, and everybody is confirmed anew.
func (w *world) givesBack(cut casefile.Cut, released casefile.Number, pkg casefile.PackageID) {
	w.Helper()
	w.refused(w.desk.Restore(w.ctx, w.analyst.ID, cut.ID, " "), fault.Invalid, "without a reason")
	w.ok(w.desk.Restore(w.ctx, w.analyst.ID, cut.ID, "all passwords changed, mailboxes checked"))
	w.refused(w.desk.Restore(w.ctx, w.analyst.ID, cut.ID, "again"), fault.Forbidden, "one person twice")
	if _, err := w.desk.Agencies.Active(w.ctx, w.reyes.ID); !fault.Is(err, fault.Unauthenticated) {
		w.Fatalf("back after one word: %v", err)
	}
	w.ok(w.desk.Restore(w.ctx, w.lead.ID, cut.ID, "spoke with the sheriff in person"))
	o := must(w.desk.Agencies.Active(w.ctx, w.reyes.ID))(w)
	_, err := w.desk.Intake.File(w.ctx, o.Actor(), w.draft(o))
	w.refused(err, fault.Conflict, "sending before two people confirmed her anew")
	_, _, err = w.desk.Intake.Collect(w.ctx, o.Actor(), released, pkg)
	w.refused(err, fault.Forbidden, "collecting under a request that was found fraudulent")
	w.ok(w.desk.Agencies.Confirm(w.ctx, w.analyst.Actor(), o.ID, "met her"))
	w.ok(w.desk.Agencies.Confirm(w.ctx, w.second.Actor(), o.ID, "met her"))
	must(w.desk.Intake.File(w.ctx, o.Actor(), w.draft(o)))(w)
	w.refused(w.desk.Restore(w.ctx, w.second.ID, cut.ID, "x"), fault.Conflict, "restoring twice")
}

// What was filed long ago and may still leave is held as well: its grants are
// taken back, its package is not handed out.
func TestACutHoldsWhatIsOldAndPending(t *testing.T) {
	w := newWorld(t)
	w.approve("us.order.2703d")
	signed, proposed, packed, gone, idle := w.file(w.gagged()), w.file(w.gagged()), w.file(w.order()), w.declined(), w.file(w.order())
	w.pass(casefile.LookBack + 24*time.Hour)
	for _, n := range []casefile.Number{signed, proposed} {
		w.study(n, w.analyst)
		w.produceAll(n, w.analyst)
	}
	w.decline(packed)
	w.ok(w.desk.Review.Propose(w.ctx, w.analyst.ID, signed, "what was decided is carried out"))
	w.tick()
	w.ok(w.door.SignAll("Ines Okafor", "Sefa Yilmaz")) // and the desk has not seen it yet
	w.ok(w.desk.Review.Propose(w.ctx, w.analyst.ID, proposed, "what was decided is carried out"))
	if p := w.load(packed).Phase(); p != casefile.Answered {
		t.Fatalf("phase %s", p)
	}
	cut := must(w.desk.Cut(w.ctx, w.second.ID, casefile.CutAgency, string(w.agency.ID), "mailboxes were taken over"))(t)
	w.ok(w.door.SignAll("Ines Okafor", "Sefa Yilmaz"))
	w.pass(20 * time.Minute)
	for n, held := range map[casefile.Number]bool{signed: true, proposed: true, packed: true, gone: false, idle: false} {
		c := w.load(n)
		if !c.Filed.Before(cut.From) || c.OnHold() != held || c.Disclosed() {
			t.Errorf("%s, %s: held %v, want %v; disclosed %v", n, c.Phase(), c.OnHold(), held, c.Disclosed())
		}
		for _, g := range c.Grants {
			if g.Phase != casefile.GrantWithdrawn {
				t.Errorf("%s: a grant is %s", n, g.Phase)
			}
		}
	}
	if p := must(w.desk.Breach.Progress(w.ctx, w.second.ID, cut.ID))(t); len(p.Items) != 3 || p.Left != 3 {
		t.Errorf("the page of the cut lists %+v", p.Items)
	}
	w.ok(w.desk.Breach.Review(w.ctx, w.counsel.ID, signed, casefile.Genuine, "confirmed by the switchboard"))
	w.ok(w.desk.Review.Propose(w.ctx, w.analyst.ID, signed, "what was decided is carried out"))
}

func TestAPackageOfAHeldCaseIsNotHandedOut(t *testing.T) {
	w := newWorld(t)
	n := w.declined()
	id := w.load(n).Packages[0].ID
	custodian := w.colleague("Cara Custodian", "cara@sheriff.harbor.example", casefile.Custodian)
	must(w.desk.Cut(w.ctx, w.second.ID, casefile.CutOfficer, string(w.reyes.ID), "her laptop is with somebody else"))(t)
	_, _, err := w.desk.Intake.Collect(w.ctx, custodian.Actor(), n, id) // she may still sign in
	w.refused(err, fault.Forbidden, "a colleague collecting it")
	w.ok(w.desk.Breach.Review(w.ctx, w.counsel.ID, n, casefile.Genuine, "she filed it in our presence"))
	r, _, err := w.desk.Intake.Collect(w.ctx, custodian.Actor(), n, id)
	w.ok(err)
	r.Close()
}

func TestACutSurvivesACrashAtAnyStep(t *testing.T) {
	for at := range 7 {
		w := newWorld(t)
		w.approve("us.order.2703d")
		var all []casefile.Number
		for range 2 {
			all = append(all, w.file(w.order()), w.proposed())
		}
		commits := 0
		w.store.fail = func(casefile.Change) error {
			if commits++; commits == at+1 {
				return errors.New("crash")
			}
			return nil
		}
		must(w.desk.Cut(w.ctx, w.analyst.ID, casefile.CutAgency, string(w.agency.ID), "taken over"))(t)
		if _, err := w.desk.Intake.Start(w.ctx, w.reyes.ID, "us.order.2703d"); !fault.Is(err, fault.Unauthenticated) {
			t.Fatalf("crash %d: the access did not end first: %v", at, err)
		}
		w.ok(w.door.SignAll("Ines Okafor", "Sefa Yilmaz"))
		for range 3 {
			w.clock.Advance(time.Minute)
			_ = w.desk.Tick(w.ctx) // one of them meets the crash
		}
		w.store.fail = nil
		must(w.desk.Cut(w.ctx, w.lead.ID, casefile.CutAgency, string(w.agency.ID), "pressed again"))(t)
		w.tick()
		if cuts := must(w.desk.Agencies.Cuts(w.ctx))(t); len(cuts) != 1 || cuts[0].Worked.IsZero() {
			t.Fatalf("crash %d: %+v", at, cuts)
		}
		for _, n := range all {
			c, held := w.load(n), 0
			for _, e := range c.Events {
				if e.Kind == casefile.KHeld {
					held++
				}
			}
			if held != 1 || c.Disclosed() || len(c.GrantsOf(disclosable.Produce)) != 0 {
				t.Errorf("crash %d: %s held %d times, disclosed %v", at, n, held, c.Disclosed())
			}
		}
	}
}

// TestASecondCutUndoesNoWordOfTheFirst: a request that was found fraudulent stays
// held for good, one that was found genuine is held by the next cut once, and
// two cuts do not take turns.
func TestASecondCutUndoesNoWordOfTheFirst(t *testing.T) {
	w := newWorld(t)
	forged, genuine := w.file(w.order()), w.file(w.order())
	first := must(w.desk.Cut(w.ctx, w.analyst.ID, casefile.CutOfficer, string(w.reyes.ID), "her laptop was stolen"))(t)
	w.ok(w.desk.Breach.Review(w.ctx, w.counsel.ID, forged, casefile.Fraudulent, "she never wrote it"))
	w.ok(w.desk.Breach.Review(w.ctx, w.counsel.ID, genuine, casefile.Genuine, "she wrote it"))
	next := must(w.desk.Cut(w.ctx, w.analyst.ID, casefile.CutAgency, string(w.agency.ID), "more mailboxes were taken over"))(t)
	for range 4 {
		w.clock.Advance(time.Minute)
		w.tick()
	}
	held := 0
	for _, e := range w.load(genuine).Events {
		if e.Kind == casefile.KHeld {
			held++
		}
	}
	if !w.load(genuine).OnHold() || held != 2 {
		t.Errorf("the second cut holds it: %v, in all %d times", w.load(genuine).OnHold(), held)
	}
	if c := w.load(forged); !c.OnHold() || c.Held.Outcome != casefile.Fraudulent || c.Held.Cut != first.ID {
		t.Errorf("what was found fraudulent: %+v", c.Held)
	}
	w.refused(w.desk.Breach.Review(w.ctx, w.second.ID, forged, casefile.Genuine, "looks well to me"), fault.Conflict, "a fraudulent request made genuine by another cut")
	w.ok(w.desk.Breach.Review(w.ctx, w.counsel.ID, genuine, casefile.Genuine, "met her"))
	w.tick()
	if w.load(genuine).OnHold() {
		t.Error("held again by the first cut")
	}
	if p := must(w.desk.Breach.Progress(w.ctx, w.counsel.ID, next.ID))(t); p.Left != 0 {
		t.Errorf("the page of the second cut lists %+v", p.Items)
	}
}
