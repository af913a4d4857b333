package casefile

import (
	"slices"
	"time"

	"letterlock/internal/fault"
)

// Hindered is what the findings of a case say against carrying anything out: a
// demand on the system itself, a finding that nobody has answered, or one that
// was said to hold. It is asked when something is decided, when its grants are
// composed, and again when they are used: a finding may come, or be taken up
// again, while a person's days of notice run. What holds about the scope is met
// item by item.
func (c Case) Hindered() error {
	if c.attacked() {
		return fault.New(fault.Forbidden, "review case", "a demand on the system stands in this case: nothing is produced under it")
	}
	for _, f := range c.Findings {
		row := f.Row()
		switch {
		case f.Blocks():
			return fault.New(fault.Conflict, "review case", "the finding %s (%s) has to be answered first", f.ID, row.Title)
		case f.Stops() && f.Answer.Holds && row.Group != "scope":
			return fault.New(fault.Forbidden, "review case", "the finding %s (%s) holds: nothing is produced against it", f.ID, row.Title)
		}
	}
	return nil
}

// PackageHeld says why a package that was made is not handed out now; nil:
// nothing but time. Only records are held: the letter of a case that gave
// nothing goes whatever was found.
func (c Case) PackageHeld(now time.Time) error {
	if !c.Disclosed() || !slices.ContainsFunc(c.Packages, func(p Package) bool { return p.There(now) }) {
		return nil
	}
	return c.Hindered()
}

// HeldBack says why grants that lie before the key holders, or were signed, are
// not used now; nil: nothing but time and signatures.
func (c Case) HeldBack() error {
	switch p := c.Phase(); {
	case p != Signing && p != Notice || c.OnHold():
		return nil
	case c.Objected():
		return conflict("an objection waits for counsel")
	case c.SecondHolds():
		return conflict("a second review would have given less, or is about a compromise, and waits for its end")
	}
	return c.Hindered()
}
