package casefile

import (
	"slices"
	"time"

	"letterlock/disclosable"
	"letterlock/law"
)

// The kinds of event of a trace.
const (
	KTracing    Kind = "trace.intent"
	KTraced     Kind = "trace.started"
	KTapped     Kind = "trace.batch"   // a part of it was packed for the agency
	KTraceStop  Kind = "trace.stop"    // somebody wants it ended, from now
	KTraceEnded Kind = "trace.stopped" // it has ended at the carrier, and all of it is packed
)

// TapAct are the particulars of such an event.
type TapAct struct {
	Until  time.Time `cbor:"until,omitempty"`
	Last   uint64    `cbor:"last,omitempty"` // collected and packed up to here
	Events int       `cbor:"events,omitempty"`
	Ended  time.Time `cbor:"ended,omitempty"`
}

// Tap is a trace of this case.
type Tap struct {
	Grant    disclosable.Hash
	Target   int
	Started  time.Time
	Until    time.Time
	Taken    uint64 // number of the last event that was packed
	Batches  []TapBatch
	Stop     string // why somebody wants it ended
	StopBy   Actor
	Ended    time.Time // at the carrier
	EndedWhy string
}

// TapBatch is a part of a trace that was packed.
type TapBatch struct {
	At      time.Time
	Package PackageID
	Events  int
	Last    uint64
}

// Runs reports a trace that has not ended, as far as the desk knows.
func (t Tap) Runs() bool { return t.Ended.IsZero() }

// Events is how many were packed so far.
func (t Tap) Events() (n int) {
	for _, b := range t.Batches {
		n += b.Events
	}
	return n
}

// Packed is when a part was last packed, or the trace began.
func (t Tap) Packed() time.Time {
	if n := len(t.Batches); n > 0 {
		return t.Batches[n-1].At
	}
	return t.Started
}

// Tap finds the trace of a grant.
func (c Case) Tap(h disclosable.Hash) (Tap, bool) {
	if i := c.tap(&h); i >= 0 {
		return c.Taps[i], true
	}
	return Tap{}, false
}

func (c Case) tap(h *disclosable.Hash) int {
	return slices.IndexFunc(c.Taps, func(t Tap) bool { return h != nil && t.Grant == *h })
}

func (c Case) tracing() bool { return slices.ContainsFunc(c.Taps, Tap.Runs) }

// Traces reports that a trace was decided for a target.
func (c Case) Traces(target int) bool {
	return slices.Contains(c.Demand.Wanted, Item(law.DRAS)) && c.Decisions[Item(law.DRAS)].For(target)
}

// ComposeTrace makes the grant of a trace: its beginning, its end and the key
// of the case are in what two people sign. The end is the order's, and never
// beyond the law's. law: 18 USC 3123(c)(1), 3125
func (c Case) ComposeTrace(target int, a Ask, public []byte) ([]byte, error) {
	from := a.Now
	begins, ends := c.Span()
	if begins.After(from) {
		from, a.NotYet = begins, begins
	}
	until, ok := law.Longest(a.Row, from)
	if !ok {
		return nil, conflict("%s sets no end to a trace", a.Row.Name)
	}
	if !ends.IsZero() && ends.Before(until) {
		until = ends
	}
	if a.Expires.After(until) {
		a.Expires = until
	}
	if !a.Expires.After(from) {
		a.Expires = from.Add(day)
	}
	g := disclosable.Grant{Version: disclosable.GrantVersion, Kind: disclosable.Trace, Nonce: disclosable.NewNonce(), Case: string(c.Number),
		Process: string(a.Row.ID), LawRow: disclosable.Hash(a.Row.Hash()), Agency: c.Demand.AgencyName, Officer: c.Demand.OfficerName,
		Ref: c.Demand.Reference, Asked: c.Demand.Targets[target].Identifier, Account: c.Resolutions[target].Account,
		From: from.Unix(), Until: until.Unix(), Issued: a.Now.Unix(), Expires: a.Expires.Unix(), Notice: a.Plan, Sealed: c.Number.Sealed(), Tap: public}
	if a.NotYet.After(a.Now) {
		g.NotYet = a.NotYet.Unix()
	}
	return g.Bytes()
}

func foldTraced(c *Case, e Event) error {
	if e.Tap == nil || e.Tap.Until.IsZero() {
		return errParticulars
	}
	if err := c.move(e, func(g *GrantState) { g.Phase, g.Used, g.Entry = GrantUsed, e.At, e.Entry }, GrantUsing); err != nil {
		return err
	}
	g, _ := c.Grant(*e.Grant)
	c.Taps = append(c.Taps, Tap{Grant: *e.Grant, Target: g.Target, Started: e.At, Until: e.Tap.Until})
	return nil
}

// foldTapped: a batch follows the one before it without a gap in its numbers.
func foldTapped(c *Case, e Event) error {
	i := c.tap(e.Grant)
	if i < 0 || e.Tap == nil || e.Package == nil {
		return errParticulars
	}
	t := &c.Taps[i]
	if !t.Runs() || e.Tap.Last != t.Taken+uint64(e.Tap.Events) {
		return conflict("this part of the trace does not follow the one before it")
	}
	if err := foldPacked(c, e); err != nil {
		return err
	}
	t.Taken = e.Tap.Last
	t.Batches = append(slices.Clip(t.Batches), TapBatch{At: e.At, Package: e.Package.ID, Events: e.Tap.Events, Last: e.Tap.Last})
	return nil
}

func foldTraceStop(c *Case, e Event) error {
	i := c.tap(e.Grant)
	if i < 0 || e.Why == "" {
		return errParticulars
	}
	if !c.Taps[i].Runs() {
		return conflict("this trace has ended already")
	}
	c.Taps[i].Stop, c.Taps[i].StopBy = e.Why, e.By
	return nil
}

func foldTraceEnded(c *Case, e Event) error {
	i := c.tap(e.Grant)
	if i < 0 || e.Tap == nil || e.Tap.Ended.IsZero() {
		return errParticulars
	}
	if !c.Taps[i].Runs() {
		return conflict("this trace has ended already")
	}
	c.Taps[i].Ended, c.Taps[i].EndedWhy = e.Tap.Ended, e.Why
	return nil
}

// Notices composes what the person of a target is told under a plan: of the
// records that were decided, and of each trace that was started.
func (c Case) Notices(target int, row law.Row, plan disclosable.NoticePlan, now time.Time) ([]Composed, error) {
	var out []Composed
	if len(c.Fields(target)) > 0 {
		b, err := c.Compose(disclosable.Notify, target, NotifyAsk(row, plan, now))
		if err != nil {
			return nil, err
		}
		out = append(out, Composed{Bytes: b, Target: target})
	}
	of, err := c.traceNotices(NotifyAsk(row, plan, now), func(t int) bool { return t == target })
	return append(out, of...), err
}

// traceNotices are the grants that tell of the traces of some targets.
func (c Case) traceNotices(a Ask, whose func(target int) bool) (out []Composed, err error) {
	for _, t := range c.Taps {
		if g, ok := c.Grant(t.Grant); ok && whose(t.Target) {
			b, err := c.NoticeOfTrace(g.Bytes, t.Target, a, t.Ended)
			if err != nil {
				return nil, err
			}
			out = append(out, Composed{Bytes: b, Target: t.Target})
		}
	}
	return out, nil
}

// NoticeOfTrace makes the grant that tells the person of a trace: never before
// the trace's own end, or the day on which it has ended already.
func (c Case) NoticeOfTrace(trace []byte, target int, a Ask, ended time.Time) ([]byte, error) {
	t, err := disclosable.ParseGrant(trace)
	if err != nil {
		return nil, err
	}
	if until := time.Unix(t.Until, 0); ended.IsZero() && until.After(a.Now) && until.After(a.NotYet) {
		a.NotYet, a.Expires = until, until.Add(NoticeSlack)
	}
	h := disclosable.GrantHash(trace)
	g := disclosable.Grant{Version: disclosable.GrantVersion, Kind: disclosable.Notify, Nonce: disclosable.NewNonce(), Case: string(c.Number),
		Process: t.Process, LawRow: t.LawRow, Agency: t.Agency, Officer: t.Officer, Ref: t.Ref, Asked: t.Asked, Account: t.Account,
		From: t.From, Until: t.Until, Issued: a.Now.Unix(), Expires: a.Expires.Unix(), Notice: a.Plan, Sealed: t.Sealed, Traced: &h}
	if a.NotYet.After(a.Now) {
		g.NotYet = a.NotYet.Unix()
	}
	return g.Bytes()
}

// ofTrace reports that a notice tells of a trace of this account and this case.
func (c *Case) ofTrace(g disclosable.Grant, target int) bool {
	t, ok := c.Grant(*g.Traced)
	return ok && t.Grant.Kind == disclosable.Trace && t.Target == target && t.Grant.From == g.From && t.Grant.Until == g.Until
}

// TracesOn reports that the trace a notice tells of has not ended, or not begun.
func (c Case) TracesOn(trace *disclosable.Hash) bool {
	if trace == nil {
		return false
	}
	t, begun := c.Tap(*trace)
	return !begun || t.Runs()
}

// ToSign are the duties of grants that go before the key holders now.
func ToSign(composed []Composed, now time.Time) (out []Duty) {
	for _, g := range composed {
		out = append(out, Duty{Kind: DutySign, Key: disclosable.GrantHash(g.Bytes).String(), Due: now})
	}
	return out
}

// NeverTraced reports that the trace a notice tells of will not begin.
func (c Case) NeverTraced(trace *disclosable.Hash) bool {
	if trace == nil {
		return false
	}
	g, ok := c.Grant(*trace)
	return !ok || g.Phase.Dead()
}

// TracedUntil is when the last trace of the case that runs ends by itself.
func (c Case) TracedUntil() (last time.Time) {
	for _, t := range c.Taps {
		if t.Runs() && t.Until.After(last) {
			last = t.Until
		}
	}
	return last
}
