package casefile

import (
	"slices"
	"strings"
	"time"

	"letterlock/disclosable"
	"letterlock/law"
)

// Keep is the verdict that has an item preserved: copied as it is, sealed at
// the carrier, disclosed to nobody.
const Keep Verdict = "preserve"

// The events of a preservation.
const (
	KKeeping   Kind = "preserve.intent"
	KKept      Kind = "preserve.outcome"
	KProlonged Kind = "preserve.renewed" // by the renewal that another case asked for
	KKeepSoon  Kind = "preserve.reminded"
	KKeepEnded Kind = "preserve.ended"
	KSource    Kind = "snapshot.chosen" // of a later case: which record answers it
)

// The duties of a preservation. Their key is the hash of the grant that a
// snapshot was taken under; of the first, the grant to be used.
const (
	DutyKeep     DutyKind = "keep"
	DutyKeepSoon DutyKind = "keep-soon" // remind the officer of the end
	DutyKeepEnd  DutyKind = "keep-end"
)

// KeepReminder is how long before its end the officer is reminded of a snapshot.
const KeepReminder = 14 * day

// HalfKey is where the desk's half of a snapshot's key lies.
func HalfKey(taken disclosable.Hash) string { return "half:" + taken.String() }

// Kept is a snapshot that the carrier keeps. Of what is in it the desk knows
// the fields' names.
type Kept struct {
	Target    int                   `cbor:"target"`
	Taken     disclosable.Hash      `cbor:"taken"` // the grant it was taken under
	Account   disclosable.Account   `cbor:"account"`
	Fields    []disclosable.FieldID `cbor:"fields"`
	At        time.Time             `cbor:"at"`
	Until     time.Time             `cbor:"until"`
	Renews    Number                `cbor:"renews,omitempty"` // taken in that case; this one renewed it
	RenewedBy Number                `cbor:"renewed_by,omitempty"`
	Reminded  time.Time             `cbor:"reminded,omitempty"`
	Ended     time.Time             `cbor:"ended,omitempty"`
}

// There reports a snapshot that is kept and was taken in this case.
func (k Kept) There(now time.Time) bool {
	return k.Renews == "" && k.Ended.IsZero() && now.Before(k.Until)
}

// Source is the snapshot that answers for a target, chosen by a person.
type Source struct {
	Target  int                   `cbor:"target"`
	Case    Number                `cbor:"case,omitempty"` // empty: today's record only
	Taken   disclosable.Hash      `cbor:"taken"`
	Asked   string                `cbor:"asked,omitempty"` // the identifier as it was preserved
	Account disclosable.Account   `cbor:"account,omitempty"`
	Fields  []disclosable.FieldID `cbor:"fields,omitempty"`
	At      time.Time             `cbor:"at,omitempty"`
	Until   time.Time             `cbor:"until,omitempty"`
	Today   bool                  `cbor:"today,omitempty"` // today's record as well
}

func init() {
	folds[KKeeping], folds[KKept], folds[KProlonged] = foldUsing, foldKept, foldProlonged
	folds[KKeepSoon], folds[KKeepEnded], folds[KSource] = foldKeepSoon, foldKeepEnded, foldSource
	usedBy[KKeeping], usedBy[KKept] = disclosable.Preserve, disclosable.Preserve
	for _, k := range []Kind{KKept, KProlonged, KKeepSoon, KKeepEnded} {
		forAgency[k] = true
	}
	saysOf[KKeeping] = func(Case, Event) string { return "is about to have the records preserved" }
	saysOf[KKept] = func(_ Case, e Event) string {
		return "had a snapshot kept until " + disclosable.Minute(e.Kept.Until.Unix()) + "; nothing was disclosed"
	}
	saysOf[KProlonged] = func(_ Case, e Event) string {
		return "renewed by case " + string(e.Kept.RenewedBy) + ": the snapshot is kept until " + disclosable.Minute(e.Kept.Until.Unix())
	}
	saysOf[KKeepSoon] = func(Case, Event) string { return "reminded the officer that the preservation ends" }
	saysOf[KKeepEnded] = func(Case, Event) string { return "the preservation ended: the snapshot is destroyed" }
	saysOf[KSource] = func(c Case, e Event) string { return e.Source.says() }
	Verdicts = append(Verdicts, Keep)
}

func (s Source) says() string {
	if s.Case == "" {
		return "chose today's record"
	}
	t := "chose the snapshot of " + disclosable.Minute(s.At.Unix()) + " from case " + string(s.Case)
	if s.Today {
		t += ", and today's record"
	}
	return t
}

func foldKept(c *Case, e Event) error {
	if e.Kept == nil {
		return errParticulars
	}
	c.Kept = append(slices.Clone(c.Kept), *e.Kept)
	return c.move(e, func(g *GrantState) { g.Phase, g.Used = GrantUsed, e.At }, GrantUsing)
}

// keptOf changes the snapshot that an event names.
func (c *Case) keptOf(e Event, f func(*Kept)) error {
	if e.Kept == nil {
		return errParticulars
	}
	c.Kept = slices.Clone(c.Kept)
	i := slices.IndexFunc(c.Kept, func(k Kept) bool { return k.Taken == e.Kept.Taken && k.Ended.IsZero() })
	if i < 0 {
		return conflict("no such snapshot is kept in this case")
	}
	f(&c.Kept[i])
	return nil
}

func foldProlonged(c *Case, e Event) error {
	return c.keptOf(e, func(k *Kept) { k.Until, k.RenewedBy = e.Kept.Until, e.Kept.RenewedBy })
}

func foldKeepSoon(c *Case, e Event) error {
	return c.keptOf(e, func(k *Kept) { k.Reminded = e.At })
}

func foldKeepEnded(c *Case, e Event) error {
	return c.keptOf(e, func(k *Kept) { k.Ended = e.At })
}

func foldSource(c *Case, e Event) error {
	switch {
	case e.Source == nil:
		return errParticulars
	case len(c.live()) > 0 || c.Answering || len(c.Packages) > 0 || c.Withdrawn:
		return conflict("the request is decided: what answers it cannot change any more")
	}
	c.Sources = cloneMap(c.Sources)
	c.Sources[e.Source.Target] = *e.Source
	return c.known(e.Source.Target)
}

// Source is the snapshot chosen for a target, if one is.
func (c Case) Source(target int) (Source, bool) {
	s, ok := c.Sources[target]
	return s, ok && s.Case != ""
}

// Today reports whether today's record answers for a target.
func (c Case) Today(target int) bool {
	s, ok := c.Source(target)
	return c.Resolutions[target].Exists && (!ok || s.Today)
}

// Gone reports a snapshot of an account that is no more, so that nobody of it
// can be told.
func (c Case) Gone(target int) bool {
	s, ok := c.Source(target)
	r := c.Resolutions[target]
	return ok && (!r.Exists || r.Account != s.Account)
}

// KeepFields are the fields decided to be preserved, sorted.
func (c Case) KeepFields() []disclosable.FieldID {
	var out []disclosable.FieldID
	for _, d := range c.Decided() {
		if d.Verdict == Keep {
			out = append(out, d.Fields...)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Keeps reports whether anything is to be preserved of an account that is
// there, or that was when the snapshot to be renewed was taken.
func (c Case) Keeps() bool {
	if len(c.KeepFields()) == 0 {
		return false
	}
	for i := range c.Demand.Targets {
		if c.Resolutions[i].Exists || c.Demand.Preserved != "" {
			return true
		}
	}
	return false
}

// Preservation reports a request that only preserves.
func (c Case) Preservation() bool { return c.Lane == LanePreservation }

// ComposeKeep makes a grant to preserve for one target.
func (c Case) ComposeKeep(target int, a Ask, k disclosable.Keeping) ([]byte, error) {
	g := c.about(disclosable.Preserve, target, a)
	g.Fields, g.Keep = c.KeepFields(), &k
	if s, ok := c.Source(target); ok {
		g.Asked, g.Account, g.Fields = s.Asked, s.Account, s.Fields
	}
	return g.Bytes()
}

// ComposeFrom makes a grant to produce out of a target's snapshot; false where
// none of what was decided was preserved.
func (c Case) ComposeFrom(target int, a Ask) ([]byte, bool, error) {
	s, _ := c.Source(target)
	g := c.about(disclosable.Produce, target, a)
	g.Asked, g.Account, g.Snapshot, g.Fields = s.Asked, s.Account, &s.Taken, nil
	for _, f := range c.Fields(target) {
		if slices.Contains(s.Fields, f) {
			g.Fields = append(g.Fields, f)
		}
	}
	if len(g.Fields) == 0 {
		return nil, false, nil
	}
	from, until := c.Span()
	g.From, g.Until = unixOf(from), unixOf(until)
	if a.NotYet.After(a.Now) {
		g.NotYet = a.NotYet.Unix()
	}
	b, err := g.Bytes()
	return b, true, err
}

func unixOf(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.Unix()
}

func (c Case) about(k disclosable.GrantKind, target int, a Ask) disclosable.Grant {
	return disclosable.Grant{Version: disclosable.GrantVersion, Kind: k, Nonce: disclosable.NewNonce(), Case: string(c.Number),
		Process: string(a.Row.ID), LawRow: disclosable.Hash(a.Row.Hash()), Agency: c.Demand.AgencyName, Officer: c.Demand.OfficerName,
		Ref: c.Demand.Reference, Asked: c.Demand.Targets[target].Identifier, Account: c.Resolutions[target].Account,
		Issued: a.Now.Unix(), Expires: a.Expires.Unix(), Notice: a.Plan, Sealed: c.Number.Sealed()}
}

// coversSnapshot refuses a grant about a snapshot that is wider than what was
// decided and chosen.
func (c *Case) coversSnapshot(g disclosable.Grant, target int) error {
	s, chosen := c.Source(target)
	r, decided := c.Resolutions[target], c.Fields(target)
	if g.Kind == disclosable.Preserve {
		decided = c.KeepFields()
	}
	wide := slices.ContainsFunc(g.Fields, func(f disclosable.FieldID) bool { return !slices.Contains(decided, f) })
	renewal := g.Keep != nil && g.Keep.Renews != nil
	switch {
	case Number(g.Case) != c.Number:
		return conflict("the grant is of another case")
	case wide:
		return conflict("the grant names a field that was not decided")
	case g.Snapshot != nil && (!chosen || *g.Snapshot != s.Taken || g.Account != s.Account):
		return conflict("the grant opens a snapshot that was not chosen")
	case renewal && (!chosen || *g.Keep.Renews != s.Taken || g.Account != s.Account):
		return conflict("the grant renews a snapshot that was not chosen")
	case g.Kind == disclosable.Preserve && !renewal && (!r.Exists || r.Account != g.Account):
		return conflict("the grant is for an account that was not looked up here")
	}
	return nil
}

// SameIdentifier reports whether two orders mean the same account by word.
func SameIdentifier(a, b string) bool {
	return strings.EqualFold(strings.TrimSpace(a), strings.TrimSpace(b))
}

// Preservable are the fields that an item asks to have preserved and the row
// lets be.
func Preservable(row law.Row, i Item) []disclosable.FieldID {
	var out []disclosable.FieldID
	for _, f := range disclosable.Fields() {
		if row.Preserves(law.Class(f.Class)) && (i == Item(law.PreserveOnly) || i == FieldItem(f.ID)) {
			out = append(out, f.ID)
		}
	}
	slices.Sort(out)
	return out
}
