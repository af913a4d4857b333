package desk_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"letterlock/desk"
	"letterlock/desk/casefile"
	"letterlock/desk/staff"
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
		if len(q)+len(s) != 0 {
			t.Errorf("%s sees %v %v", who.Name, q, s)
		}
		_, err := w.desk.Intake.StartPaper(w.ctx, who.ID, w.agency.ID, law.ChannelMail, law.NSL)
		w.refused(err, fault.Invalid, "entering a sealed matter")
	}
	if q := must(w.desk.Review.Queue(w.ctx, w.lead.ID, casefile.Filter{}))(t); len(q) != 1 {
		t.Errorf("the lead, who is on the list, sees %d", len(q))
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
