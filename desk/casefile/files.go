package casefile

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"letterlock/internal/clock"
	"letterlock/internal/fault"
)

// Shelf is where the cases of one range lie.
type Shelf struct {
	Store Store
	Blobs Blobs
}

// Files keeps all cases: every change of one goes through Act or File, which
// record it before it happens.
type Files struct {
	Public Shelf
	Sealed Shelf
	Ledger Recorder
	Clock  clock.Clock
	// Aside takes what failed on the sealed shelf: it is for those on the list,
	// and in no log. Without it such a failure is only tried again.
	Aside func(ctx context.Context, err error)

	busy   sync.Map // Number -> *sync.Mutex: one act at a time on a case
	recent recent

	changes atomic.Uint64 // how many acts were stored, so that a round knows
}

// Changes is how many acts were stored since the program began.
func (f *Files) Changes() uint64 { return f.changes.Load() }

// Shelf is the shelf of a number.
func (f *Files) Shelf(sealed bool) Shelf {
	if sealed {
		return f.Sealed
	}
	return f.Public
}

// Shelves are both, the public one first.
func (f *Files) Shelves() []Shelf { return []Shelf{f.Public, f.Sealed} }

func (f *Files) lock(n Number) func() {
	m, _ := f.busy.LoadOrStore(n, new(sync.Mutex))
	m.(*sync.Mutex).Lock()
	return m.(*sync.Mutex).Unlock
}

// Load reads a case. What does not exist is Withheld for a sealed number and
// NotFound for any other; both look alike at the door.
func (f *Files) Load(ctx context.Context, n Number) (Case, error) {
	if _, err := ParseNumber(string(n)); err != nil {
		return Case{}, err
	}
	c, ok, err := f.since(ctx, n)
	if err == nil && !ok {
		c, err = f.whole(ctx, n)
	}
	if fault.Is(err, fault.NotFound) {
		return Case{}, noCase(n)
	}
	if err != nil {
		return Case{}, fmt.Errorf("load case: %w", err)
	}
	f.recent.keep(c)
	return c, nil
}

func (f *Files) whole(ctx context.Context, n Number) (Case, error) {
	events, err := f.Shelf(n.Sealed()).Store.Events(ctx, n)
	if err != nil {
		return Case{}, err
	}
	return Fold(n, events)
}

func noCase(n Number) error {
	return fault.New(fault.Withheld, "load case", "not found")
}

// NoRow is the failure of a case whose process the law table does not hold. It
// ends in a log, so it names neither the case nor the process: either could be
// of a sealed matter.
func NoRow() error { return errors.New("the law table has no row for the process of a case") }

// NoCase is the answer to whoever may not know whether a case exists.
func NoCase() error { return noCase("") }

// Plan is what an act is about to do: the events, and what changes with them.
type Plan struct {
	Events []Event
	Duties []Duty
	Stash  []Stash
	Drop   DraftID
	Why    string // of each event that says no reason of its own
	// Stop marks an act that stops, locks out or expires: it never waits for
	// the ledger.
	Stop bool
}

// For gives the plan's events their reason.
func (p Plan) For(why string) Plan {
	p.Why = why
	return p
}

// One is a plan of one event.
func One(e Event, duties ...Duty) Plan { return Plan{Events: []Event{e}, Duties: duties} }

// Nothing is the plan of an act that turned out to be done already.
var Nothing = Plan{}

// Act changes a case: plan says how, given the present state. The events are
// checked against it, recorded in the ledger, and only then stored. If the
// ledger cannot be written the act is refused and nothing has changed.
func (f *Files) Act(ctx context.Context, n Number, by Actor, plan func(Case) (Plan, error)) (Case, error) {
	defer f.lock(n)()
	c, err := f.Load(ctx, n)
	if err != nil {
		return Case{}, err
	}
	if c.Left != nil && len(c.Room.Issues) == 0 {
		return Case{}, ErrLeft(c)
	}
	p, err := plan(c)
	if err == nil && c.Left != nil {
		err = c.onlyAfter(p)
	}
	if err != nil || len(p.Events) == 0 && len(p.Duties) == 0 && len(p.Stash) == 0 {
		return c, err
	}
	return f.commit(ctx, c, by, p)
}

// File opens a case with its first event. The number is drawn inside, and
// drawn again if another case took it meanwhile: before anything is recorded
// under it, or the ledger would say two requests of one number.
func (f *Files) File(ctx context.Context, sealed bool, by Actor, p Plan) (Case, error) {
	for try := 0; ; try++ {
		n, err := f.draw(ctx, sealed)
		if err != nil {
			return Case{}, err
		}
		unlock := f.lock(n)
		c, err := f.first(ctx, n, by, p)
		unlock()
		if !fault.Is(err, fault.Conflict) || try == 9 {
			return c, err
		}
	}
}

// first stores the first act of a number that nobody has. The caller holds its
// lock.
func (f *Files) first(ctx context.Context, n Number, by Actor, p Plan) (Case, error) {
	switch _, err := f.Shelf(n.Sealed()).Store.Events(ctx, n); {
	case err == nil:
		return Case{}, conflict("another case has taken this number")
	case !fault.Is(err, fault.NotFound):
		return Case{}, fmt.Errorf("look for a case of the number drawn: %w", err)
	}
	return f.commit(ctx, Case{Number: n}, by, p)
}

func (f *Files) draw(ctx context.Context, sealed bool) (Number, error) {
	year := f.Clock.Now().Year()
	if sealed {
		return SealedNumber(year, rand.Reader)
	}
	n, err := f.Public.Store.NextNumber(ctx, year)
	if err != nil {
		return "", fmt.Errorf("draw case number: %w", err)
	}
	return n, nil
}

func (f *Files) commit(ctx context.Context, c Case, by Actor, p Plan) (Case, error) {
	before := c
	from, now := c.Version(), f.Clock.Now().UTC().Truncate(time.Microsecond)
	var err error
	p.because(by)
	for i := range p.Events {
		e := &p.Events[i]
		e.Seq, e.At = c.Version()+1, now
		if e.By == (Actor{}) {
			e.By = by
		}
		rand.Read(e.Salt[:])
		if c, err = c.Apply(*e); err != nil {
			return Case{}, err
		}
	}
	if e, over := c.over(now); over { // an exercise ends with the act that ends it
		e.Seq, e.At = c.Version()+1, now
		rand.Read(e.Salt[:])
		if c, err = c.Apply(e); err != nil {
			return Case{}, err
		}
		p.Events = append(p.Events, e)
		p.Duties = append(p.Duties, Duty{Kind: DutyDrill, Due: now.Add(DrillLife)})
	}
	for i := range p.Duties {
		p.Duties[i].Case = c.Number
	}
	if p.Stop { // never waits, never fails; before the act, so that a crash cannot leave it out
		f.journal(c, p)
	} else if err := f.record(ctx, c, &p); err != nil { // no record, no act
		return Case{}, err
	}
	ch := Change{Number: c.Number, From: from, Events: p.Events, Papers: c.Demand.Marks(), Targets: targetsIn(p.Events), Duties: p.Duties, Stash: p.Stash, Drop: p.Drop, Tallies: tallies(before, c, p.Events)}
	if c.Left != nil && before.Left == nil {
		ch.Blobs = before.blobs()
		if c, ch.Rest, err = c.bare(); err != nil {
			return Case{}, err
		}
		f.recent.forget(c.Number)
	}
	ch.Head = c.Head()
	if err := f.Shelf(c.Number.Sealed()).Store.Commit(ctx, ch); err != nil {
		if fault.Is(err, fault.Conflict) {
			return Case{}, err
		}
		return Case{}, fmt.Errorf("store act: %w", err)
	}
	f.changes.Add(1)
	return c, nil
}

// targetsIn are the hashes of what is asked about, where an event says so: a
// list of 10,000 is written once.
func targetsIn(events []Event) (out []Sum) {
	for _, e := range events {
		if e.Demand != nil {
			out = e.Demand.TargetSums()
		}
	}
	return out
}

func (f *Files) record(ctx context.Context, c Case, p *Plan) error {
	for _, e := range p.Events {
		r, err := recordOf(c, e)
		if err != nil {
			return err
		}
		receipt, err := f.Ledger.Keep(ctx, r)
		if err != nil {
			return notRecorded(err)
		}
		if e.Kind == KFiled {
			p.Stash = append(p.Stash, Stash{Key: FiledKey, Body: receipt})
		}
	}
	return nil
}

// FiledKey is where the ledger's receipt of the filing lies. From it comes the
// proof, in the answer's package, that the request was counted.
const FiledKey = "receipt:filed"

func notRecorded(err error) error {
	if fault.Is(err, fault.Exhausted) {
		return err
	}
	return fault.Wrap(fault.Unavailable, "record act", err, "the ledger cannot be written, and without a record nothing is done; nothing has changed, try again later")
}

func (f *Files) journal(c Case, p Plan) {
	for _, e := range p.Events {
		if r, err := recordOf(c, e); err == nil {
			f.Ledger.Journal(r)
		}
	}
}

func recordOf(c Case, e Event) (Record, error) {
	b, err := e.Bytes()
	if err != nil {
		return Record{}, err
	}
	mark, err := Mark(b)
	if err != nil {
		return Record{}, err
	}
	if c.Drill != nil { // no request: counted nowhere, under no number
		return Record{Kind: "exercise.act", At: e.At, Body: mark[:]}, nil
	}
	body, err := Encode(counted(c, e, mark))
	if err != nil {
		return Record{}, fmt.Errorf("encode record: %w", err)
	}
	return Record{Kind: "case." + string(e.Kind), Case: c.Number, Sealed: c.Number.Sealed(), At: e.At, Body: body,
		Priority: c.Lane == LaneEmergency}, nil
}

// fail is a failure for the caller, who logs it; one of the sealed shelf goes
// aside, and the caller never learns of it.
func (f *Files) fail(ctx context.Context, sealed bool, err error) error {
	if !sealed {
		return err
	}
	f.PutAside(ctx, err)
	return nil
}

// PutAside keeps a failure of a sealed matter where only those on the list look.
func (f *Files) PutAside(ctx context.Context, err error) {
	if f.Aside != nil {
		f.Aside(context.WithoutCancel(ctx), err)
	}
}

// shown is how a failure names its case: a sealed one to those on the list, an
// ordinary one not at all, because it ends in the server's log.
func shown(n Number) string {
	if n.Sealed() {
		return string(n)
	}
	return "a case"
}

// Done marks a duty as done now.
func (f *Files) Done(d Duty) Duty { d.Done = f.Clock.Now(); return d }
