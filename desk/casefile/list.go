package casefile

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"letterlock/disclosable"
	"letterlock/law"
)

// A case that asks for many accounts has grants that list them. Each account of
// a list comes by itself: what came of it stands in the case.

// The events of lists.
const (
	KLookupsAsked   Kind = "lookup.list.asked"   // the clock is to look up what is left
	KLookupsStopped Kind = "lookup.list.stopped" // the carrier refuses the rest
	KLookupAll      Kind = "lookup.list.intent"
	KResolvedAll    Kind = "lookup.list.outcome"
	KDrawn          Kind = "release.batch" // some accounts of a list came
	KToldSome       Kind = "notice.batch"  // some people of a list were told
)

// Came is what came of one account of a list, in the carrier's words; empty:
// nothing yet.
type Came string

// The carrier's words that the desk goes by.
const (
	CameGiven Came = "given"
	CameNone  Came = "none"
	CameMoved Came = "moved"
	CameYoung Came = "young"
)

// Batch is what an event says of some accounts of a list.
type Batch struct {
	Seq    int      `cbor:"seq,omitempty"`
	Places []int    `cbor:"places"`
	Came   []Came   `cbor:"came"`
	Notice [][]byte `cbor:"notice,omitempty"` // of people who were told
}

// Served is how far a package goes in a list: up to which batch.
type Served struct {
	Grant disclosable.Hash `cbor:"grant"`
	Seq   int              `cbor:"seq"`
}

// ListState is how far a list is.
type ListState struct {
	Targets []int // at each place, which target of the demand
	Came    []Came
	Notices [][16]byte
	At      []time.Time // when the person was told, or the records came
	In      []int       // at each place, the batch in which it came
	Seq     int         // of the last batch
	Packed  int         // batches that lie in a package
}

// IsList reports a grant that lists accounts.
func (g GrantState) IsList() bool { return len(g.Grant.List) > 0 }

// Of reports whether a grant is for a target.
func (g GrantState) Of(target int) bool {
	if g.IsList() {
		return slices.Contains(g.List.Targets, target)
	}
	return g.Target == target
}

// All are the targets that a grant is for and that have an account.
func (g GrantState) All() (out []int) {
	if !g.IsList() {
		return []int{g.Target}
	}
	for place, t := range g.List.Targets {
		if !g.Grant.List[place].Account.IsZero() {
			out = append(out, t)
		}
	}
	return out
}

// CameLost: it came, and the package that held it was destroyed because nobody
// certified it.
const CameLost Came = "lost"

// lose gives up what came up to a batch and lies in no package that left.
func (l ListState) lose(seq int) ListState {
	l.Came = slices.Clone(l.Came)
	for p, in := range l.In {
		if in > l.Packed && in <= seq && l.Came[p] == CameGiven {
			l.Came[p] = CameLost
		}
	}
	l.Packed = seq
	return l
}

// Begun reports a list of which some has come, and more may.
func (g GrantState) Begun() bool { return g.Phase == GrantUsing && g.List.Seq > 0 }

// Done is how many accounts of a list are done.
func (l ListState) Done() (n int) {
	for _, c := range l.Came {
		if c != "" {
			n++
		}
	}
	return n
}

// Given is how many accounts gave records.
func (l ListState) Given() (n int) {
	for _, c := range l.Came {
		if c == CameGiven {
			n++
		}
	}
	return n
}

// Of a list grant: when the person of a target was told.
func (g GrantState) toldAt(target int) time.Time {
	if i := slices.Index(g.List.Targets, target); i >= 0 && g.List.Came[i] == CameGiven {
		return g.List.At[i]
	}
	return time.Time{}
}

// LastTold is when the last person was told whom a grant is about; zero while
// one has not been.
func (c Case) LastTold(of GrantState) (last time.Time) {
	if !of.IsList() {
		return c.Told(of.Target)
	}
	at := map[int]time.Time{} // of 10,000 people each is looked for once
	for _, g := range c.Grants {
		for p, t := range g.List.Targets {
			if g.Grant.Kind == disclosable.Notify && g.List.Came[p] != "" {
				at[t] = g.List.At[p]
			}
		}
	}
	for _, t := range of.All() {
		told, ok := at[t]
		if !ok {
			told = c.Told(t)
		}
		if told.IsZero() {
			return time.Time{}
		}
		if told.After(last) {
			last = told
		}
	}
	return last
}

// noticed is the target of the person of a list whose notice this is.
func (c Case) noticed(notice [16]byte) (target int, ok bool) {
	if notice == [16]byte{} {
		return 0, false
	}
	for _, g := range c.Grants {
		if g.Grant.Kind != disclosable.Notify || !g.IsList() {
			continue
		}
		if i := slices.Index(g.List.Notices, notice); i >= 0 {
			return g.List.Targets[i], true
		}
	}
	return 0, false
}

// OfOne reports an objection of one person of a list: it holds that account and
// no other.
func (c Case) OfOne(o Objection) bool {
	_, ok := c.noticed(o.Notice)
	return ok
}

// Held are the targets of a list that an objection holds: open ones wait for
// counsel, upheld ones are never released.
func (c Case) HeldTargets() (open, upheld map[int]bool) {
	open, upheld = map[int]bool{}, map[int]bool{}
	for _, o := range c.Objections {
		if t, ok := c.noticed(o.Notice); ok {
			if o.Upheld {
				upheld[t] = true
			} else if o.Open() {
				open[t] = true
			}
		}
	}
	return open, upheld
}

// Next are the places of a list that come next, at most most. Rest says that
// others wait for counsel only.
func (c Case) Next(g GrantState, most int) (places []int, rest bool) {
	open, upheld := c.HeldTargets()
	for p, came := range g.List.Came {
		switch t := g.List.Targets[p]; {
		case came != "" || upheld[t]:
		case open[t]:
			rest = true
		case len(places) < most:
			places = append(places, p)
		}
	}
	return places, rest
}

// served: all of the grant has come that is not held for counsel.
func (c Case) served(g GrantState) bool {
	if g.Phase == GrantUsed {
		return true
	}
	if !g.IsList() || g.Phase != GrantUsing {
		return false
	}
	places, rest := c.Next(g, 1)
	return len(places) == 0 && rest
}

// Unpacked reports batches of a list that lie in no package yet.
func (c Case) Unpacked() bool {
	return slices.ContainsFunc(c.GrantsOf(disclosable.Produce), func(g GrantState) bool { return g.IsList() && g.List.Seq > g.List.Packed })
}

// MoreThan reports batches that came after a package was written.
func (c Case) MoreThan(p Package) bool {
	return slices.ContainsFunc(p.Served, func(x Served) bool {
		g, ok := c.Grant(x.Grant)
		return ok && g.List.Seq > x.Seq
	})
}

// lists groups targets for which the same fields are decided: what is alike is
// one grant. Only what was looked up is listed.
func (c Case) lists(take func(target int) bool) (groups [][]int) {
	place := map[string]int{}
	for i := range c.Demand.Targets {
		_, found := c.Resolutions[i]
		fields := c.Fields(i)
		if !found || len(fields) == 0 || !take(i) {
			continue
		}
		key := fmt.Sprint(fields)
		at, ok := place[key]
		if !ok {
			at = len(groups)
			place[key] = at
			groups = append(groups, nil)
		}
		groups[at] = append(groups[at], i)
	}
	return groups
}

// Lists are the groups of at least two accounts that one grant is composed
// for, and the targets left that have grants of their own.
func (c Case) Lists(take func(target int) bool) (lists [][]int, alone []int) {
	for _, g := range c.lists(take) {
		there := 0
		for _, t := range g {
			if c.Resolutions[t].Exists {
				there++
			}
		}
		switch {
		case there > 0 && len(g) > 1:
			lists = append(lists, g)
		case there > 0:
			alone = append(alone, g...)
		}
	}
	return lists, alone
}

// ComposeList makes one grant for several targets with the same fields. It
// returns with it which target stands at each place.
func (c Case) ComposeList(k disclosable.GrantKind, targets []int, a Ask) (Composed, error) {
	targets = slices.Clone(targets)
	asked := func(t int) string { return c.Demand.Targets[t].Identifier }
	slices.SortFunc(targets, func(x, y int) int { return strings.Compare(asked(x), asked(y)) })
	g := c.grantFor(k, targets[0], a)
	g.Asked, g.Account = "", disclosable.Account{}
	seen := map[disclosable.Account]bool{}
	out := Composed{}
	for _, t := range targets {
		r := c.Resolutions[t]
		if r.Exists && seen[r.Account] {
			continue // the same account by another identifier: its records come once
		}
		seen[r.Account] = r.Exists
		g.List = append(g.List, disclosable.Listed{Asked: asked(t), Account: r.Account})
		out.Targets = append(out.Targets, t)
	}
	var err error
	out.Bytes, err = g.Bytes()
	return out, err
}

// ComposeNotices makes the grants to tell everybody who was not told: one for
// all who are alike, and one for each other.
func (c Case) ComposeNotices(a Ask) (out []Composed, err error) {
	untold := func(t int) bool { return c.Resolutions[t].Exists && c.Told(t).IsZero() }
	lists, alone := c.Lists(untold)
	for _, targets := range lists {
		made, err := c.ComposeList(disclosable.Notify, targets, a)
		if err != nil {
			return nil, err
		}
		out = append(out, made)
	}
	for _, t := range alone {
		b, err := c.Compose(disclosable.Notify, t, a)
		if err != nil {
			return nil, err
		}
		out = append(out, Composed{Bytes: b, Target: t})
	}
	of, err := c.traceNotices(a, untold)
	return append(out, of...), err
}

// coversList refuses a list that is wider than what was decided and looked up.
func (c *Case) coversList(g disclosable.Grant, targets []int) error {
	if Number(g.Case) != c.Number {
		return conflict("the grant is of another case")
	}
	if len(targets) != len(g.List) {
		return conflict("the grant lists %d accounts, and %d were decided", len(g.List), len(targets))
	}
	for place, t := range targets {
		if err := c.known(t); err != nil {
			return err
		}
		x, r := g.List[place], c.Resolutions[t]
		decided := c.Fields(t)
		switch _, ok := c.Resolutions[t]; {
		case !ok || r.Account != x.Account || r.Exists == x.Account.IsZero() || c.Demand.Targets[t].Identifier != x.Asked:
			return conflict("the grant lists an account that was not looked up here")
		case slices.ContainsFunc(g.Fields, func(f disclosable.FieldID) bool { return !slices.Contains(decided, f) }):
			return conflict("the grant names a field that was not decided to be produced")
		}
	}
	return nil
}

// ForCounsel: more accounts than an analyst decides alone.
func ForCounsel(accounts int) bool { return accounts > disclosable.MaxOfTwo }

// LookUps are the targets that the carrier can look up and has not, at most most.
func (c Case) LookUps(most int) (out []int) {
	for i, t := range c.Demand.Targets {
		if _, done := c.Resolutions[i]; !done && (t.Kind == law.TargetPhone || t.Kind == law.TargetAccount) && len(out) < most {
			out = append(out, i)
		}
	}
	return out
}

func init() {
	folds[KLookupsAsked] = func(c *Case, _ Event) error { c.LookingUp = true; return nil }
	folds[KLookupsStopped] = func(c *Case, _ Event) error { c.LookingUp = false; return nil }
	folds[KLookupAll] = func(*Case, Event) error { return nil }
	folds[KResolvedAll] = foldResolvedAll
	folds[KDrawn] = foldDrawn
	folds[KToldSome] = foldToldSome
	usedBy[KDrawn], usedBy[KToldSome] = disclosable.Produce, disclosable.Notify
	saysOf[KLookupsAsked] = func(_ Case, e Event) string { return fmt.Sprintf("had %d identifiers looked up", e.Count) }
	saysOf[KLookupsStopped] = func(_ Case, e Event) string { return "stopped the look-ups: " + e.Why }
	saysOf[KLookupAll] = func(_ Case, e Event) string {
		return fmt.Sprintf("asked the carrier which of %d identifiers have an account", e.Count)
	}
	saysOf[KResolvedAll] = func(_ Case, e Event) string {
		n := 0
		for _, r := range e.ResolvedAll {
			if r.Exists {
				n++
			}
		}
		return fmt.Sprintf("was told that %d of %d identifiers have an account", n, len(e.ResolvedAll))
	}
	saysOf[KDrawn] = func(_ Case, e Event) string {
		return fmt.Sprintf("received %d records of %d accounts from the carrier", e.Count, len(e.Batch.Places))
	}
	saysOf[KToldSome] = func(_ Case, e Event) string {
		return fmt.Sprintf("had the carrier tell %d people", len(e.Batch.Places))
	}
}

func foldResolvedAll(c *Case, e Event) error {
	c.Resolutions = cloneMap(c.Resolutions)
	for _, r := range e.ResolvedAll {
		if err := c.known(r.Target); err != nil {
			return err
		}
		c.Resolutions[r.Target] = r
	}
	c.LookingUp = c.LookingUp && len(c.LookUps(1)) > 0
	return nil
}

// came takes over what came of some accounts; each comes once.
func came(e Event) func(*GrantState) error {
	return func(g *GrantState) error {
		b, l := e.Batch, g.List
		if !g.IsList() || b == nil || len(b.Came) != len(b.Places) {
			return errParticulars
		}
		l.Came, l.At, l.In, l.Notices = slices.Clone(l.Came), slices.Clone(l.At), slices.Clone(l.In), slices.Clone(l.Notices)
		for i, p := range b.Places {
			if p < 0 || p >= len(l.Came) || b.Came[i] == "" || l.Came[p] != "" {
				return conflict("an account of a list comes once")
			}
			l.Came[p], l.At[p], l.In[p] = b.Came[i], e.At, b.Seq
			if i < len(b.Notice) {
				copy(l.Notices[p][:], b.Notice[i])
			}
		}
		g.List = l
		return nil
	}
}

func foldDrawn(c *Case, e Event) error {
	if e.Batch == nil {
		return errParticulars
	}
	c.promised(e.At)
	var err error
	moved := c.move(e, func(g *GrantState) {
		if e.Batch.Seq != g.List.Seq+1 {
			err = conflict("batch %d of a list cannot follow %d", e.Batch.Seq, g.List.Seq)
			return
		}
		if err = came(e)(g); err == nil {
			g.List.Seq, g.Count = e.Batch.Seq, g.Count+e.Count
			if g.Used.IsZero() {
				g.Used = e.At // some of it has left the house
			}
		}
	}, GrantUsing)
	if moved != nil {
		return moved
	}
	return err
}

func foldToldSome(c *Case, e Event) error {
	var err error
	moved := c.move(e, func(g *GrantState) { err = came(e)(g) }, GrantUsing)
	if moved != nil {
		return moved
	}
	return err
}
