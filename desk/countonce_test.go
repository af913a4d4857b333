package desk_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
	"letterlock/ledger/proof"
	"letterlock/transparency"
)

// recorded are how often each act of a case is in the ledger.
func (w *world) recorded(n casefile.Number) map[string]int {
	w.Helper()
	out := map[string]int{}
	for o, err := range w.ledger.Openings(1, 0) {
		w.ok(err)
		if e := must(proof.ParseEntry(o.Opening.Entry))(w); e.Case == string(n) {
			out[e.Kind]++
		}
	}
	return out
}

// TestANoticeRecordedAgainAfterACrashIsCountedOnce: the desk stops after the
// record of a notice and before it is stored. The person was told once, the
// ledger says it twice, and the report counts one.
func TestANoticeRecordedAgainAfterACrashIsCountedOnce(t *testing.T) {
	w := newWorld(t)
	d := w.order()
	d.Gag = casefile.Gag{Asked: true, Order: true, Start: d.Issued, End: w.clock.Now().AddDate(0, 0, 20), Grounds: []string{"2705(b)(1)"}, Basis: "18 USC 2705(b)"}
	w.approve("us.order.2703d")
	n := w.file(d)
	w.study(n, w.analyst)
	w.produceAll(n, w.analyst)
	w.ok(w.desk.Review.Propose(w.ctx, w.analyst.ID, n, "what was decided is carried out"))
	w.sign()
	w.pass(5 * time.Minute)
	crashed := 0
	w.store.fail = func(c casefile.Change) error {
		if crashed == 0 && slices.ContainsFunc(c.Events, func(e casefile.Event) bool { return e.Kind == casefile.KTold }) {
			crashed++
			return fault.New(fault.Unavailable, "simulated crash", "the program stopped")
		}
		return nil
	}
	w.flows(d.Gag.End.Add(time.Minute))
	_ = w.desk.Tick(w.ctx) // it stops: what it says is lost with it
	w.pass(time.Hour)
	if c := w.load(n); crashed != 1 || c.Told(0).IsZero() || len(w.door.Tellers) != 1 {
		t.Fatalf("%d crashes, told %v, %d notices", crashed, c.Told(0), len(w.door.Tellers))
	}
	if got := w.recorded(n)["case.notice.outcome"]; got != 2 {
		t.Fatalf("the ledger says the notice %d times: nothing is shown", got)
	}
	period := transparency.PeriodOf(d.Issued.AddDate(0, 0, 3))
	if r := w.reportAt(period.String(), period.Until().Add(time.Hour)); r.Notices != (transparency.Notices{After: 1}) {
		t.Errorf("notices %+v", r.Notices)
	}
}

// behind is a store in which another request takes the number that was just drawn.
type behind struct {
	casefile.Store
	taken casefile.Number
}

func (b *behind) NextNumber(ctx context.Context, year int) (casefile.Number, error) {
	if n := b.taken; n != "" {
		b.taken = ""
		return n, nil
	}
	return b.Store.NextNumber(ctx, year)
}

// TestNothingIsRecordedUnderANumberThatIsTaken: of two requests that come at once
// one draws again, before the ledger says anything of it.
func TestNothingIsRecordedUnderANumberThatIsTaken(t *testing.T) {
	w := newWorld(t)
	first := w.file(w.order())
	w.desk.Files.Public.Store = &behind{w.desk.Files.Public.Store, first}
	d := w.order()
	d.Reference, d.CaseRef = "HC-26-119", "1:26-mj-00119"
	second := w.file(d)
	if second == first {
		t.Fatalf("two requests are numbered %s", first)
	}
	for _, n := range []casefile.Number{first, second} {
		if got := w.recorded(n)["case.filed"]; got != 1 {
			t.Errorf("%s was filed %d times", n, got)
		}
	}
}
