package holdings_test

import (
	"testing"
	"time"

	d "letterlock/disclosable"
	"letterlock/internal/fault"
	"letterlock/law"
)

// The desk is told which texts of law the carrier has and would release under.
func TestTheDeskIsToldWhatLawTheCarrierHas(t *testing.T) {
	w := newWorld(t)
	known, _ := law.Default().Row("us.order.2703d", start)
	seen, _ := law.Default().Row("us.subpoena.gj", start)
	ask := []d.Hash{d.Hash(known.Hash()), d.Hash(seen.Hash()), {1}}
	got, err := w.Law(t.Context(), ask)
	if err != nil || len(got) != 3 || !got[0].Unlocks || !got[1].Has || got[2].Has || got[2].Unlocks {
		t.Fatalf("%+v, %v", got, err)
	}
	w.config.Counsel = nil
	w.open()
	if got, err = w.Law(t.Context(), ask); err != nil || !got[0].Has || got[0].Unlocks {
		t.Errorf("without counsel's approval: %+v, %v", got, err)
	}
	if _, err := w.Law(t.Context(), make([]d.Hash, 501)); !fault.Is(err, fault.TooLarge) {
		t.Errorf("501 rows: %v", err)
	}
}

// A grant for a demand that came before the law changed is carried out by the
// text of its day, for half a year and no longer.
func TestAGrantStandsOnTheLawOfItsDayForAWhile(t *testing.T) {
	w := newWorld(t)
	old, _ := law.Default().Row("us.order.2703d", start)
	next := old
	ended := start.AddDate(0, 0, -10)
	old.ValidTo, next.ValidFrom = law.Date(ended.Format(time.DateOnly)), law.Date(ended.AddDate(0, 0, 1).Format(time.DateOnly))
	next.Reach = []law.Reach{{Class: law.NameLOS, Extent: law.Full}}
	put := func() {
		t.Helper()
		table, err := law.Default().With(&law.Overrides{ApprovedBy: "Operator", ApprovedOn: "2026-11-01", Rows: []law.Row{old, next}})
		if err != nil {
			t.Fatal(err)
		}
		w.config.Law, w.config.Counsel = table, table.Approve("Counsel", "2026-11-01")
		w.open()
	}
	put()
	by := func(row law.Row) func(*d.Grant) {
		return func(g *d.Grant) { g.LawRow, g.Fields = d.Hash(row.Hash()), []d.FieldID{"devices"} }
	}
	if _, err := w.Propose(t.Context(), w.bytes(w.grant(by(old)))); err != nil {
		t.Errorf("by the law of its day: %v", err)
	}
	if _, err := w.Propose(t.Context(), w.bytes(w.grant(by(next)))); !fault.Is(err, fault.Forbidden) {
		t.Errorf("by the new law, beyond its reach: %v", err)
	}
	ended = start.Add(-law.Outlast - 48*time.Hour)
	old.ValidTo, next.ValidFrom = law.Date(ended.Format(time.DateOnly)), law.Date(ended.AddDate(0, 0, 1).Format(time.DateOnly))
	put()
	if _, err := w.Propose(t.Context(), w.bytes(w.grant(by(old)))); !fault.Is(err, fault.Forbidden) {
		t.Errorf("half a year later: %v", err)
	}
}
