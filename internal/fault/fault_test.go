package fault_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"letterlock/internal/fault"
)

func TestOnlyTheSentenceReachesAPerson(t *testing.T) {
	cause := errors.New("pq: relation accounts, +15550100")
	for _, c := range []struct {
		err  error
		say  string
		kind fault.Kind
	}{
		{cause, "internal error", fault.Internal},
		{fault.Wrap(fault.Internal, "op", cause, "secret detail"), "internal error", fault.Internal},
		{fault.Wrap(fault.Invalid, "op", cause, "give a number like +15550100"), "give a number like +15550100", fault.Invalid},
		{fmt.Errorf("outer: %w", fault.New(fault.Conflict, "op", "already signed")), "already signed", fault.Conflict},
		{fault.New(fault.Withheld, "op", "the case exists"), "not found", fault.Withheld},
		{&fault.Error{Kind: fault.Expired}, "expired", fault.Expired},
	} {
		if got := fault.Say(c.err); got != c.say {
			t.Errorf("Say(%v) = %q, want %q", c.err, got, c.say)
		}
		if got := fault.KindOf(c.err); got != c.kind {
			t.Errorf("KindOf(%v) = %v, want %v", c.err, got, c.kind)
		}
	}
}

func TestWithheldLooksLikeNotFound(t *testing.T) {
	if fault.Withheld.Status() != fault.NotFound.Status() {
		t.Fatal("withheld and not found can be told apart by status")
	}
	a := fault.Say(fault.New(fault.Withheld, "a", "x"))
	b := fault.Say(fault.New(fault.NotFound, "a", "not found"))
	if a != b {
		t.Fatalf("%q and %q can be told apart", a, b)
	}
}

// The form of a sentence is its key in a catalogue: it says the same once it is
// filled, also after it crossed a wire.
func TestTheFormOfASentenceIsFilledToTheSentence(t *testing.T) {
	for _, c := range []struct {
		err  error
		form string
		n    int
	}{
		{fault.New(fault.Conflict, "op", "already signed"), "already signed", 0},
		{fault.New(fault.Invalid, "op", "a PIN has %d to %d digits", 4, 20), "a PIN has {1} to {2} digits", 2},
		{fault.New(fault.Invalid, "op", "it begins with %q: 100%% so", "x:"), "it begins with {1}: 100% so", 1},
		{fault.New(fault.Invalid, "op", "%.1f and %5s", 1.25, "a"), "{1} and {2}", 2},
		{&fault.Error{Kind: fault.Invalid, Say: "100% of it"}, "100% of it", 0},
		{fault.Wrap(fault.Internal, "op", errors.New("x"), "secret %s", "y"), "internal error", 0},
		{fault.New(fault.Withheld, "op", "case %s", "7"), "not found", 0},
	} {
		form, filled := fault.Form(c.err)
		if form != c.form || len(filled) != c.n {
			t.Errorf("%v has the form %q with %q", c.err, form, filled)
		}
		for i, s := range filled {
			form = strings.ReplaceAll(form, fmt.Sprintf("{%d}", i+1), s)
		}
		if form != fault.Say(c.err) {
			t.Errorf("filled it says %q, not %q", form, fault.Say(c.err))
		}
		there := fault.Formed(fault.KindOf(c.err), "call", fault.Say(c.err), c.form, filled)
		if again, same := fault.Form(there); c.n > 0 && (again != c.form || !slices.Equal(same, filled)) {
			t.Errorf("over a wire %q with %q became %q with %q", c.form, filled, again, same)
		}
	}
}
