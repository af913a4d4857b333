package casefile

import (
	"slices"
	"time"

	"letterlock/disclosable"
)

func foldComposed(c *Case, e Event) error {
	for _, g := range e.Grants {
		parsed, err := disclosable.ParseGrant(g.Bytes)
		if err != nil {
			return err
		}
		if c.Withdrawn && (parsed.Kind != disclosable.Notify || !c.Disclosed()) { // who was asked about is told all the same
			return conflict("the request was withdrawn")
		}
		h := disclosable.GrantHash(g.Bytes)
		if c.grant(h) >= 0 {
			return conflict("this grant was proposed already")
		}
		covers := c.covers
		if parsed.Snapshot != nil || parsed.Keep != nil {
			covers = c.coversSnapshot
		}
		if len(parsed.List) > 0 {
			covers = func(x disclosable.Grant, _ int) error { return c.coversList(x, g.Targets) }
		}
		if err := covers(parsed, g.Target); err != nil {
			return err
		}
		if (parsed.Kind == disclosable.Produce || parsed.Kind == disclosable.Trace) && len(c.live()) == 0 {
			if err := c.heldUp(e.By); err != nil {
				return err
			}
		}
		c.Grants = append(c.Grants, GrantState{Hash: h, Bytes: g.Bytes, Grant: parsed, Target: g.Target, URL: g.URL, Phase: GrantSigning, List: listOf(g.Targets)})
	}
	return nil
}

// listOf is a list of which nothing has come yet.
func listOf(targets []int) ListState {
	n := len(targets)
	if n == 0 {
		return ListState{}
	}
	return ListState{Targets: targets, Came: make([]Came, n), In: make([]int, n), Notices: make([][16]byte, n), At: make([]time.Time, n)}
}

// covers refuses a grant that is wider than what was decided and resolved.
func (c *Case) covers(g disclosable.Grant, target int) error {
	r, ok := c.Resolutions[target]
	decided := c.Fields(target)
	switch {
	case Number(g.Case) != c.Number:
		return conflict("the grant is of another case")
	case !ok || !r.Exists || r.Account != g.Account:
		return conflict("the grant is for an account that was not looked up here")
	case g.Kind == disclosable.Trace && !c.Traces(target):
		return conflict("no trace of this account was decided")
	case g.Traced != nil && !c.ofTrace(g, target):
		return conflict("the notice tells of a trace that is not of this account and case")
	case slices.ContainsFunc(g.Fields, func(f disclosable.FieldID) bool { return !slices.Contains(decided, f) }):
		return conflict("the grant names a field that was not decided to be produced")
	}
	return nil
}

// foldSigned: one person is never two, and a long list takes three.
func foldSigned(c *Case, e Event) error {
	people := slices.Compact(slices.Sorted(slices.Values(e.Signed)))
	if len(people) < 2 {
		return conflict("two different people have to sign")
	}
	if e.Grant == nil {
		return errParticulars
	}
	if i := c.grant(*e.Grant); i >= 0 && ForCounsel(c.Grants[i].Grant.Accounts()) && len(people) < 3 {
		return conflict("three different people have to sign a list of so many accounts")
	}
	return c.move(e, func(g *GrantState) { g.Phase, g.Signed = GrantReady, e.Signed }, GrantSigning)
}

func foldGrantEnded(c *Case, e Event) error {
	if !e.Phase.Dead() {
		return errParticulars
	}
	return c.move(e, func(g *GrantState) { g.Phase, g.Why = e.Phase, e.Why }, GrantSigning, GrantReady)
}

// foldUsing is the intent to redeem or to tell. A withdrawn request releases
// nothing, and an open objection holds a release.
func foldUsing(c *Case, e Event) error {
	if e.Kind == KReleasing || e.Kind == KTracing || e.Kind == KKeeping {
		switch {
		case c.Withdrawn:
			return conflict("the request was withdrawn: nothing is released")
		case c.Objected():
			return conflict("an objection holds the release until counsel has closed it")
		case c.SecondHolds():
			return conflict("a second review holds the release until counsel has closed it")
		}
		if err := c.Hindered(); err != nil {
			return err
		}
		if err := c.heldUp(e.By); err != nil {
			return err
		}
	}
	return c.move(e, func(g *GrantState) { g.Phase = GrantUsing }, GrantReady)
}

func foldReleased(c *Case, e Event) error {
	c.promised(e.At)
	return c.move(e, func(g *GrantState) {
		g.Phase, g.Used, g.Entry, g.Count = GrantUsed, e.At, e.Entry, max(g.Count, e.Count)
	}, GrantUsing)
}

func foldLost(c *Case, e Event) error {
	return c.move(e, func(g *GrantState) { g.Phase, g.Why = GrantLost, e.Why }, GrantUsing)
}

func foldTold(c *Case, e Event) error {
	if e.Told == nil {
		return errParticulars
	}
	if e.Grant == nil {
		return errParticulars
	}
	if i := c.grant(*e.Grant); i >= 0 && c.Grants[i].IsList() && c.Grants[i].List.Done() < len(c.Grants[i].List.Came) {
		return conflict("not everybody of the list has been told")
	}
	return c.move(e, func(g *GrantState) { g.Phase, g.Used, g.Notice = GrantUsed, e.At, *e.Told }, GrantUsing)
}

// usedBy: a grant to tell releases nothing, and the other way round.
var usedBy = map[Kind]disclosable.GrantKind{KReleasing: disclosable.Produce, KReleased: disclosable.Produce, KTelling: disclosable.Notify, KTold: disclosable.Notify, KTracing: disclosable.Trace, KTraced: disclosable.Trace}

// move changes the grant that the event names, if it is in one of the phases.
func (c *Case) move(e Event, f func(*GrantState), from ...GrantPhase) error {
	if e.Grant == nil {
		return errParticulars
	}
	i := c.grant(*e.Grant)
	if i >= 0 && usedBy[e.Kind] != "" && usedBy[e.Kind] != c.Grants[i].Grant.Kind {
		return conflict("a grant of kind %q is not used for this", c.Grants[i].Grant.Kind)
	}
	if i < 0 || !slices.Contains(from, c.Grants[i].Phase) {
		return conflict("the grant is no longer where this act needs it")
	}
	f(&c.Grants[i])
	return nil
}

func (c Case) grant(h disclosable.Hash) int {
	return slices.IndexFunc(c.Grants, func(g GrantState) bool { return g.Hash == h })
}

func foldObjected(c *Case, e Event) error {
	if e.Objection == nil {
		return errParticulars
	}
	for _, o := range c.Objections {
		if o.Number == e.Objection.Number {
			return conflict("this objection is on the case already")
		}
	}
	c.Objections = append(c.Objections, *e.Objection)
	return nil
}

func foldObjectionDone(c *Case, e Event) error {
	if e.Objection == nil {
		return errParticulars
	}
	i := slices.IndexFunc(c.Objections, func(o Objection) bool { return o.Number == e.Objection.Number })
	if i < 0 || !c.Objections[i].Open() {
		return conflict("there is no such open objection")
	}
	o := &c.Objections[i]
	o.Upheld, o.Reason, o.By, o.Closed = e.Objection.Upheld, e.Why, e.By, e.At
	return nil
}
