package casefile

import (
	"slices"
	"time"
)

// The events of a compromise.
const (
	KHeld           Kind = "compromise.held"     // the sender may not have been the sender
	KReviewedAgain  Kind = "compromise.reviewed" // by somebody else than who decided
	KBreachDrafted  Kind = "compromise.notice.drafted"
	KBreachReleased Kind = "compromise.notice.released" // by counsel
)

// Suspicion is what such an event says.
type Suspicion struct {
	Cut     CutID   `cbor:"cut"`
	Outcome Outcome `cbor:"outcome,omitempty"` // of a second review
	Draft   string  `cbor:"draft,omitempty"`   // of a breach notice
	Targets []int   `cbor:"targets,omitempty"` // whose records were disclosed
}

// Outcome is what a second review found.
type Outcome string

// The outcomes.
const (
	Genuine    Outcome = "genuine"
	Fraudulent Outcome = "fraudulent"
	Unclear    Outcome = "cannot tell"
)

// Outcomes is all of them.
var Outcomes = []Outcome{Genuine, Fraudulent, Unclear}

// Hold is what a compromise did to a case, and what a second review found.
type Hold struct {
	Cut      CutID // empty: none
	At       time.Time
	Outcome  Outcome // empty: nobody has looked again
	By       Actor
	Reviewed time.Time
	Why      string
	Draft    string // of the notice to those whose records were disclosed
	Targets  []int
	Released time.Time // counsel let the notice go
}

// OnHold reports a case of a sender who may have been somebody else: nothing is
// decided, released or handed out under it until a second review found it
// genuine.
func (c Case) OnHold() bool { return c.Held.Cut != "" && c.Held.Outcome != Genuine }

// HeldFor reports a case that needs no hold for this cut any more: it had one, or
// was found fraudulent and stays held for good.
func (c Case) HeldFor(cut CutID) bool {
	return c.Held.Outcome == Fraudulent || slices.ContainsFunc(c.Events, func(e Event) bool { return e.Kind == KHeld && e.Suspect != nil && e.Suspect.Cut == cut })
}

// Reviewers are all who decided anything on the case, or had it assigned.
func (c Case) Reviewers() map[MemberID]bool {
	out := map[MemberID]bool{}
	for _, e := range c.Events {
		if e.Rest != nil { // who it was has left
			continue
		}
		switch e.Kind {
		case KDecided, KComposed:
			out[e.By.MemberID()] = true
		case KAssigned:
			out[e.Assignee.MemberID()] = true
		}
	}
	delete(out, "")
	return out
}

func init() {
	folds[KHeld], folds[KReviewedAgain], folds[KBreachDrafted], folds[KBreachReleased] = foldHeld, foldReviewedAgain, foldDrafted, foldBreachReleased
	for _, k := range []Kind{KDecided, KReleasing, KDownloaded, KAnswering} {
		folds[k] = unlessHeld(folds[k])
	}
	folds[KComposed] = composedUnlessHeld(folds[KComposed])
	saysOf[KHeld] = func(Case, Event) string { return "held it: the sender's access may be in other hands" }
	saysOf[KReviewedAgain] = func(_ Case, e Event) string { return "looked at it again: " + string(e.Suspect.Outcome) }
	saysOf[KBreachDrafted] = func(Case, Event) string { return "drafted a notice to those whose records were disclosed" }
	saysOf[KBreachReleased] = func(Case, Event) string { return "released the notice of the breach" }
}

func unlessHeld(f func(*Case, Event) error) func(*Case, Event) error {
	return func(c *Case, e Event) error {
		if c.OnHold() {
			return conflict("the sender of this request may have been somebody else: nothing goes on until a second review has found it genuine")
		}
		return f(c, e)
	}
}

// composedUnlessHeld refuses grants to produce; the person may still be told.
func composedUnlessHeld(f func(*Case, Event) error) func(*Case, Event) error {
	return func(c *Case, e Event) error {
		before := len(c.live())
		if err := f(c, e); err != nil {
			return err
		}
		if c.OnHold() && len(c.live()) > before {
			return conflict("the sender of this request may have been somebody else: no grant is proposed until a second review has found it genuine")
		}
		return nil
	}
}

func foldHeld(c *Case, e Event) error {
	if e.Suspect == nil || e.Suspect.Cut == "" {
		return errParticulars
	}
	if c.HeldFor(e.Suspect.Cut) {
		return conflict("it is held for that already, or for good")
	}
	c.Held = Hold{Cut: e.Suspect.Cut, At: e.At}
	return nil
}

func foldReviewedAgain(c *Case, e Event) error {
	switch {
	case e.Suspect == nil || e.Suspect.Outcome == "" || e.Why == "":
		return errParticulars
	case c.Held.Cut == "" || c.Held.Cut != e.Suspect.Cut:
		return conflict("this case is not held for that")
	case c.Held.Outcome == Genuine || c.Held.Outcome == Fraudulent:
		return conflict("the second review is done")
	case c.Reviewers()[e.By.MemberID()]:
		return conflict("somebody else than who decided it looks again")
	}
	c.Held.Outcome, c.Held.By, c.Held.Reviewed, c.Held.Why = e.Suspect.Outcome, e.By, e.At, e.Why
	return nil
}

func foldDrafted(c *Case, e Event) error {
	if e.Suspect == nil || len(e.Suspect.Targets) == 0 || c.Held.Cut != e.Suspect.Cut {
		return errParticulars
	}
	c.Held.Draft, c.Held.Targets = e.Suspect.Draft, e.Suspect.Targets
	return nil
}

func foldBreachReleased(c *Case, e Event) error {
	switch {
	case c.Held.Draft == "":
		return conflict("no notice was drafted here")
	case !c.Held.Released.IsZero():
		return conflict("the notice was released already")
	case c.Held.Outcome == Genuine:
		return conflict("the request was found genuine: there is no breach to tell of")
	}
	c.Held.Released = e.At
	return nil
}
