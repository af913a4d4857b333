package desk_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"letterlock/desk"
	"letterlock/desk/casefile"
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
				w.ok(w.desk.Review.Assign(w.ctx, w.lead.ID, n, w.lead.ID))
				must(w.desk.Review.Resolve(w.ctx, w.lead.ID, n, 0))(t)
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
	must(w.desk.Staff.Invite(w.ctx, w.lead.ID, staff.Invitation{Name: "Ruth Engel", Mailbox: box, Roles: []staff.Role{staff.Counsel}, Cleared: true}))(t)
	cleared := must(w.desk.Staff.RegisterKey(w.ctx, w.mail.token(t, box), "", w.key()))(t)
	w.ok(w.desk.Staff.Train(w.ctx, w.lead.ID, cleared.ID, "2026-1", 90))
	before := records(w)

	n := w.file(w.letter(1))
	w.study(n, cleared)
	w.ok(w.desk.Review.Decide(w.ctx, cleared.ID, n, append(yield("name", "service_start"), decline("last_ip")...)))
	w.refused(w.desk.Review.Decide(w.ctx, w.counsel.ID, n, yield("name")), fault.Withheld, "counsel who is not on the list")
	w.ok(w.desk.Review.Propose(w.ctx, cleared.ID, n))
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

func TestTheHalvesCosignEachOther(t *testing.T) {
	w := newWorld(t)
	w.pass(5 * time.Minute)
	w.ok(w.desk.Cosign(w.ctx))
	w.ok(w.desk.Cosign(w.ctx)) // nothing new
	if w.ledger.State().Cosigned == 0 || w.carrier.State().Cosigned == 0 {
		t.Fatalf("co-signed: desk %d, carrier %d", w.ledger.State().Cosigned, w.carrier.State().Cosigned)
	}
}
