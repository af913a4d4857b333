package fault_test

import (
	"errors"
	"fmt"
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
