package desk_test

import (
	"context"
	"reflect"
	"testing"

	"letterlock/desk/casefile"
)

// looks counts how often a case was read whole.
type looks struct {
	casefile.Store
	whole int
	other []casefile.Event // what stands under the number now, if not nil
}

func (l *looks) Events(ctx context.Context, n casefile.Number) ([]casefile.Event, error) {
	l.whole++
	if l.other != nil {
		return l.other, nil
	}
	return l.Store.Events(ctx, n)
}

func (l *looks) EventsFrom(ctx context.Context, n casefile.Number, seq int) ([]casefile.Event, error) {
	if l.other != nil {
		return l.other[seq-1:], nil
	}
	return l.Store.EventsFrom(ctx, n, seq)
}

// TestALongCaseIsReadOnceAndNeverStale: after acts of another desk on the same
// store, what is loaded is what all events say, and only the new ones were read.
func TestALongCaseIsReadOnceAndNeverStale(t *testing.T) {
	w := newWorld(t)
	w.approve("us.order.2703d")
	n := w.file(w.crowd(120, 0))
	l := &looks{Store: w.store}
	files := &casefile.Files{Public: casefile.Shelf{Store: l}, Ledger: w.desk.Files.Ledger, Clock: w.clock}
	must(files.Load(w.ctx, n))(t)
	w.studies(n) // the other desk
	got := must(files.Load(w.ctx, n))(t)
	want := must(casefile.Fold(n, must(w.store.Events(w.ctx, n))(t)))(t)
	if !reflect.DeepEqual(got, want) || len(got.Resolutions) != 120 {
		t.Error("what was kept differs from what is stored")
	}
	if l.whole != 1 {
		t.Errorf("read whole %d times", l.whole)
	}
	got.Findings[0].Decided = !got.Findings[0].Decided // whoever loads a case may spoil their own
	if again := must(files.Load(w.ctx, n))(t); !reflect.DeepEqual(again, want) {
		t.Error("what one caller changed another sees")
	}
}

// TestANumberThatGoesToAnotherCaseShowsThatCase: as after an exercise.
func TestANumberThatGoesToAnotherCaseShowsThatCase(t *testing.T) {
	w := newWorld(t)
	first, second := w.crowd(120, 0), w.crowd(130, 0)
	second.Reference = "HC-26-119"
	n, other := w.file(first), w.file(second)
	l := &looks{Store: w.store}
	files := &casefile.Files{Public: casefile.Shelf{Store: l}, Ledger: w.desk.Files.Ledger, Clock: w.clock}
	must(files.Load(w.ctx, n))(t)
	l.other = must(w.store.Events(w.ctx, other))(t)
	if c := must(files.Load(w.ctx, n))(t); c.Demand.Reference != "HC-26-119" || len(c.Demand.Targets) != 130 {
		t.Errorf("still the case that stood there before: %s, %d accounts", c.Demand.Reference, len(c.Demand.Targets))
	}
}
