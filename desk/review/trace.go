package review

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"letterlock/desk/casefile"
	"letterlock/disclosable"
	"letterlock/disclosable/door"
	"letterlock/internal/fault"
	"letterlock/law"
)

// BatchEvery is how often a running trace is packed for the agency.
const BatchEvery = 24 * time.Hour

// MaxBatch bounds the events of one package; more make another one.
const MaxBatch = 8000

// Batch is a part of a trace, opened.
type Batch struct {
	Grant       disclosable.Hash
	Account     disclosable.Account
	First, Last uint64
	Stopped     time.Time // zero: it runs
	Why         string    // it stopped
	Events      []disclosable.TraceEvent
}

// traceable: the item is who the account will communicate with, and the row
// reaches that and nothing that is stored.
func traceable(row law.Row, i casefile.Item) bool {
	return i == casefile.Item(law.DRAS) && row.Prospective && row.Reaches(law.DRAS)
}

// oneAccount: a tap is of one account. law: 18 USC 3123(b)(1)
func oneAccount(c casefile.Case) error {
	if len(c.Demand.Targets) != 1 {
		return forbidden("a trace is of one account: ask for an order of its own for each")
	}
	return nil
}

// TraceKey is where the key of a trace lies until all of it is packed.
func TraceKey(h disclosable.Hash) string { return "trace-key:" + h.String() }

// startKey is where the signed grant and its proof lie, for every package.
func startKey(h disclosable.Hash) string { return "trace-start:" + h.String() }

// traces composes the grants of traces, each with a key of its own whose
// private half stays with the case, and where the desk tells the person, the
// grant to tell them of it.
func traces(c casefile.Case, row law.Row, a casefile.Ask) (out []casefile.Composed, keys []casefile.Stash, err error) {
	for i := range c.Demand.Targets {
		if !c.Resolutions[i].Exists || !c.Traces(i) {
			continue
		}
		private, public, err := disclosable.NewTraceKey()
		if err != nil {
			return nil, nil, err
		}
		b, err := c.ComposeTrace(i, a, public)
		if err != nil {
			return nil, nil, err
		}
		out = append(out, casefile.Composed{Bytes: b, Target: i})
		keys = append(keys, casefile.Stash{Key: TraceKey(disclosable.GrantHash(b)), Body: private})
		if a.Plan.Timing != disclosable.ToldAfter {
			continue
		}
		if b, err = c.NoticeOfTrace(b, i, casefile.NotifyAsk(row, a.Plan, a.Now), time.Time{}); err != nil {
			return nil, nil, err
		}
		out = append(out, casefile.Composed{Bytes: b, Target: i})
	}
	return out, keys, nil
}

// StopTrace ends a trace from now: one person is enough, with a reason.
func (s *Service) StopTrace(ctx context.Context, by casefile.MemberID, n casefile.Number, h disclosable.Hash, reason string) error {
	if reason = strings.TrimSpace(reason); reason == "" || len(reason) > casefile.MaxReference {
		return invalid("give the reason, in at most %d bytes", casefile.MaxReference)
	}
	me, err := s.Team.May(ctx, by, casefile.DecideCases, n)
	if err != nil {
		return err
	}
	if _, err := s.Files.Act(ctx, n, me, func(casefile.Case) (casefile.Plan, error) {
		return casefile.Plan{Stop: true, Events: []casefile.Event{{Kind: casefile.KTraceStop, Grant: &h, Why: reason}}}, nil
	}); err != nil {
		return err
	}
	_, err = s.Door.StopTrace(ctx, door.StopTrace{Grant: h, Reason: "stopped by the desk"})
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err // the clock tries again
}

// trace starts a trace once two have signed, and then looks after it at every
// tick: it ends what must end at once, and packs a part each day.
func (s *Service) trace(ctx context.Context, d casefile.Duty) error {
	c, g, err := s.grantOf(ctx, d)
	if err != nil {
		return err
	}
	t, begun := c.Tap(g.Hash)
	switch {
	case begun && !t.Runs(), g.Phase.Dead():
		return s.finish(ctx, d)
	case begun:
		return s.lookAfter(ctx, c, g, t, d)
	case c.Withdrawn || upheld(c):
		if g.Phase == casefile.GrantReady {
			return s.sign(ctx, d)
		}
		return s.neverBegan(ctx, d, g)
	case g.Phase == casefile.GrantReady:
		if c.OnHold() || c.SecondHolds() || c.Hindered() != nil {
			return nil
		}
		if s.Files.Clock.Now().Unix() >= g.Grant.Expires {
			return s.end(ctx, d, g, casefile.GrantExpired, "the grant expired before the trace began")
		}
		if c, err = s.Files.Act(ctx, d.Case, casefile.TheClock, func(casefile.Case) (casefile.Plan, error) {
			return casefile.One(casefile.Event{Kind: casefile.KTracing, Grant: &g.Hash}), nil
		}); err != nil {
			return err
		}
	}
	return s.startTrace(ctx, d, g)
}

// neverBegan ends what may have begun at the carrier without an answer.
func (s *Service) neverBegan(ctx context.Context, d casefile.Duty, g casefile.GrantState) error {
	_, err := s.Door.StopTrace(ctx, door.StopTrace{Grant: g.Hash, Reason: "the request was withdrawn"})
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	if err := s.takeBack(ctx, g); err != nil {
		return err
	}
	return s.lost(ctx, d, g, fault.New(fault.Conflict, "start trace", "the request was withdrawn"))
}

func (s *Service) startTrace(ctx context.Context, d casefile.Duty, g casefile.GrantState) error {
	r, err := s.Door.Trace(ctx, g.Hash)
	switch {
	case err == nil:
	case !refusal(err) && !fault.Is(err, fault.Conflict) && !fault.Is(err, fault.NotFound):
		return err
	default:
		// The answer may have been lost: what runs and cannot be packed is ended.
		_, _ = s.Door.StopTrace(ctx, door.StopTrace{Grant: g.Hash, Reason: "the desk does not have its start"})
		return s.refused(ctx, d, g, err)
	}
	body, err := disclosable.Marshal(r)
	if err != nil {
		return fmt.Errorf("keep start: %w", err)
	}
	_, err = s.Files.Act(ctx, d.Case, casefile.TheClock, func(casefile.Case) (casefile.Plan, error) {
		return casefile.Plan{Stop: true, Stash: []casefile.Stash{{Key: startKey(g.Hash), Body: body}},
			Events: []casefile.Event{{Kind: casefile.KTraced, Grant: &g.Hash, Entry: r.Entry, Tap: &casefile.TapAct{Until: r.Until}}}}, nil
	})
	return err
}

// mustEnd says why a trace must not go on, whatever its end.
func mustEnd(c casefile.Case, t casefile.Tap) string {
	switch {
	case c.Withdrawn:
		return "the request was withdrawn"
	case c.OnHold():
		return "the sender may have been somebody else"
	case t.Stop != "":
		return "stopped by the desk"
	case upheld(c):
		return "an objection was upheld"
	}
	return ""
}

func (s *Service) lookAfter(ctx context.Context, c casefile.Case, g casefile.GrantState, t casefile.Tap, d casefile.Duty) error {
	now := s.Files.Clock.Now()
	why := mustEnd(c, t)
	if why != "" {
		if _, err := s.Door.StopTrace(ctx, door.StopTrace{Grant: g.Hash, Reason: why}); err != nil && !fault.Is(err, fault.NotFound) {
			return err
		}
	}
	if c.OnHold() || c.Hindered() != nil {
		return nil // nothing goes to whom it may not belong, or against what was found
	}
	if why == "" && now.Before(t.Until) && now.Before(t.Packed().Add(BatchEvery)) {
		return nil
	}
	return s.batch(ctx, c, g, t, d)
}

// batch collects what follows, opens it and packs it. Only the next call tells
// the carrier that we have it: a crash in between brings the same again.
func (s *Service) batch(ctx context.Context, c casefile.Case, g casefile.GrantState, t casefile.Tap, d casefile.Duty) error {
	shelf := s.Files.Shelf(c.Number.Sealed())
	key, err := shelf.Store.Stash(ctx, c.Number, TraceKey(g.Hash))
	if err != nil {
		return fmt.Errorf("read the key of a trace: %w", err)
	}
	b := Batch{Grant: g.Hash, Account: g.Grant.Account, First: t.Taken + 1, Last: t.Taken}
	got, err := s.Door.Collect(ctx, door.Collect{Grant: g.Hash, After: t.Taken})
	if fault.Is(err, fault.NotFound) { // restored from a backup, which holds no trace
		got, err = door.Catch{Traced: door.Traced{Stopped: s.Files.Clock.Now(), Reason: "the carrier does not have it any more", Last: t.Taken}}, nil
	}
	if err != nil {
		return err
	}
	for _, e := range got.Events {
		o, err := disclosable.OpenTraceEvent(key, g.Hash, e.Seq, e.Sealed)
		if err != nil {
			return err
		}
		if e.Seq != b.Last+1 {
			return fmt.Errorf("event %d after %d", e.Seq, b.Last)
		}
		b.Last = e.Seq
		b.Events = append(b.Events, o)
		if len(b.Events) == MaxBatch {
			break
		}
	}
	over := !got.Traced.Stopped.IsZero() && b.Last >= got.Traced.Last
	if over {
		b.Stopped, b.Why = got.Traced.Stopped, got.Traced.Reason
	}
	return s.packBatch(ctx, c, g, d, b, got.Traced, over)
}

// tellsEarlier: a notice that two people signed for the planned end of a trace
// is taken back when the trace was stopped before, and goes before them anew
// for the day that follows from the stop. What holds it for another reason, such
// as a secrecy that lasts longer, holds it still.
func (s *Service) tellsEarlier(p *casefile.Plan, c casefile.Case, trace casefile.GrantState, row law.Row, stopped time.Time) error {
	now := s.Files.Clock.Now()
	for _, g := range c.GrantsOf(disclosable.Notify) {
		if g.Grant.Traced == nil || *g.Grant.Traced != trace.Hash || !pending(g) || g.Grant.NotYet != trace.Grant.Until || !stopped.Before(time.Unix(trace.Grant.Until, 0)) {
			continue
		}
		b, err := c.NoticeOfTrace(trace.Bytes, g.Target, casefile.NotifyAsk(row, g.Grant.Notice, now), stopped)
		if err != nil {
			return err
		}
		again := []casefile.Composed{{Bytes: b, Target: g.Target}}
		p.Events = append(p.Events, casefile.Event{Kind: casefile.KGrantEnded, Grant: &g.Hash, Phase: casefile.GrantWithdrawn, Why: "the trace it tells of was stopped before its end"},
			casefile.Event{Kind: casefile.KComposed, Grants: again})
		p.Duties = append(append(p.Duties, casefile.Duty{Kind: casefile.DutySign, Key: g.Hash.String(), Due: now}), casefile.ToSign(again, now)...)
	}
	return nil
}

func (s *Service) packBatch(ctx context.Context, c casefile.Case, g casefile.GrantState, d casefile.Duty, b Batch, traced door.Traced, over bool) error {
	j, err := s.batchJob(ctx, c, g, b)
	if fault.Is(err, fault.Unavailable) {
		return nil // the batch with the proof is not in the tree yet
	}
	if err != nil {
		return err
	}
	blobs := s.Files.Shelf(c.Number.Sealed()).Blobs
	pkg, made, err := s.write(ctx, blobs, j)
	if err != nil {
		return err
	}
	_, err = s.Files.Act(ctx, d.Case, casefile.TheClock, func(casefile.Case) (casefile.Plan, error) {
		p := casefile.Plan{Stop: over, Events: []casefile.Event{{Kind: casefile.KTapped, Grant: &g.Hash, Package: &pkg, Tap: &casefile.TapAct{Last: b.Last, Events: len(b.Events)}}},
			Duties: []casefile.Duty{{Kind: casefile.DutyDestroy, Key: string(pkg.ID), Due: pkg.Expires}, {Kind: casefile.DutyWord, Key: string(pkg.ID), Due: pkg.Made}}}
		if text := made.Passphrase.Reveal(); text != "" {
			p.Stash = append(p.Stash, casefile.Stash{Key: casefile.PassphraseKey(pkg.ID), Body: []byte(text)})
		}
		if over {
			p.Events = append(p.Events, casefile.Event{Kind: casefile.KTraceEnded, Grant: &g.Hash, Why: traced.Reason, Tap: &casefile.TapAct{Ended: traced.Stopped, Last: traced.Last}})
			p.Duties = append(p.Duties, s.Files.Done(d))
			p.Stash = append(p.Stash, casefile.Stash{Key: TraceKey(g.Hash)}, casefile.Stash{Key: startKey(g.Hash)})
			return p, s.tellsEarlier(&p, c, g, j.Row, traced.Stopped)
		}
		return p, nil
	})
	if err != nil {
		return errors.Join(err, blobs.Remove(ctx, pkg.Sum))
	}
	if over { // the carrier erases what is left; it would by itself
		_, _ = s.Door.Collect(ctx, door.Collect{Grant: g.Hash, After: b.Last})
	}
	return nil
}

func (s *Service) batchJob(ctx context.Context, c casefile.Case, g casefile.GrantState, b Batch) (Job, error) {
	row, err := s.row(c)
	if err != nil {
		return Job{}, err
	}
	body, err := s.Files.Shelf(c.Number.Sealed()).Store.Stash(ctx, c.Number, startKey(g.Hash))
	if err != nil {
		return Job{}, fmt.Errorf("read start of a trace: %w", err)
	}
	var start door.Traced
	if err := disclosable.Unmarshal(body, &start); err != nil {
		return Job{}, fmt.Errorf("read start of a trace: %w", err)
	}
	r := Released{Target: g.Target, Release: door.Release{Grant: start.Grant, Keys: start.Keys, At: g.Used, Entry: start.Entry}}
	if r.Proof, err = s.Door.Proof(ctx, start.Entry); err != nil {
		return Job{}, err
	}
	now := s.Files.Clock.Now()
	b.Events = slices.Clip(b.Events)
	return Job{Case: c, Row: row, Package: casefile.PackageID(casefile.NewID()), Created: now, Collected: now, Expires: now.Add(PackageLife), Releases: []Released{r}, Batch: &b}, nil
}
