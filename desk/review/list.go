package review

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"

	"letterlock/desk/casefile"
	"letterlock/disclosable"
	"letterlock/disclosable/door"
	"letterlock/internal/fault"
	"letterlock/law"
)

// A case that asks for many accounts: they are looked up together, one grant
// lists them, and what the grant unlocks comes in batches. Nothing here holds
// more than one batch.

// ResolveAll asks the carrier of every target that was not looked up yet
// whether it has an account. The intent is recorded before each part, the
// outcome after; a part that failed is asked again by the next call.
func (s *Service) ResolveAll(ctx context.Context, by casefile.MemberID, n casefile.Number, why string) error {
	return s.resolveAll(ctx, n, func(plan func(casefile.Case, casefile.Actor) (casefile.Plan, error)) error {
		return s.decide(ctx, by, n, func(c casefile.Case, me casefile.Actor) (casefile.Plan, error) {
			p, err := plan(c, me)
			return p.For(why), err
		})
	})
}

func (s *Service) resolveAll(ctx context.Context, n casefile.Number, do change) error {
	for {
		var q door.Lookups
		var targets []int
		exercise := false
		targets = nil
		err := do(func(c casefile.Case, _ casefile.Actor) (casefile.Plan, error) {
			if targets = c.LookUps(door.MaxLookups); len(targets) == 0 {
				return casefile.Nothing, nil
			}
			exercise = c.Drill != nil
			q = door.Lookups{Case: string(n), Process: string(c.Demand.Process), Sealed: n.Sealed()}
			for _, t := range targets {
				q.Identifiers = append(q.Identifiers, c.Demand.Targets[t].Identifier)
			}
			return casefile.One(casefile.Event{Kind: casefile.KLookupAll, Count: len(targets)}), nil
		})
		if err != nil || len(targets) == 0 {
			return err
		}
		got := make([]door.Resolution, len(targets))
		if exercise { // the carrier is not asked
			for i := range got {
				got[i].Exists = true
			}
		} else if got, err = s.Door.ResolveAll(ctx, q); err != nil {
			return err
		}
		if len(got) != len(targets) {
			return fmt.Errorf("the carrier answered of %d identifiers, not of %d", len(got), len(targets))
		}
		if err := s.resolvedAll(do, targets, got); err != nil {
			return err
		}
	}
}

func (s *Service) resolvedAll(do change, targets []int, got []door.Resolution) error {
	return do(func(c casefile.Case, _ casefile.Actor) (casefile.Plan, error) {
		e := casefile.Event{Kind: casefile.KResolvedAll}
		missing := casefile.FindingState{ID: "TGT.NOT_FOUND", Decided: true}
		for i, t := range targets {
			e.ResolvedAll = append(e.ResolvedAll, casefile.Resolution{Target: t, Exists: got[i].Exists, Account: got[i].Account, At: s.Files.Clock.Now()})
			if !got[i].Exists && len(missing.Where) < disclosable.MaxOfTwo {
				missing.Where = append(missing.Where, fmt.Sprintf("target %d", t+1))
			}
		}
		p := casefile.One(e)
		has := slices.ContainsFunc(c.Findings, func(f casefile.FindingState) bool { return f.ID == missing.ID })
		if len(missing.Where) > 0 && !has {
			p.Events = append(p.Events, casefile.Event{Kind: casefile.KFindingAdded, By: casefile.TheClock, Findings: []casefile.FindingState{missing}})
		}
		return p, nil
	})
}

// halfKey is where the desk's half of the key of a list's batches lies, nextKey
// where it says which accounts it asked for last.
func halfKey(h disclosable.Hash) string { return "list-half:" + h.String() }
func nextKey(h disclosable.Hash) string { return "list-next:" + h.String() }

// BatchKey is where a batch lies until it is packed.
func BatchKey(h disclosable.Hash, seq int) string { return fmt.Sprintf("list:%s:%d", h, seq) }

// lists are grants for targets that are alike.
type lists struct {
	made   []casefile.Composed
	halves []casefile.Stash
	of     map[int]bool // every target that one of them is for
	alone  []int        // a target that nothing is like
}

func composeLists(c casefile.Case, k disclosable.GrantKind, a casefile.Ask, take func(int) bool) (lists, error) {
	groups, alone := c.Lists(take)
	out := lists{of: map[int]bool{}, alone: alone}
	for _, targets := range groups {
		made, err := c.ComposeList(k, targets, a)
		if err != nil {
			return out, err
		}
		out.made = append(out.made, made)
		for _, t := range targets {
			out.of[t] = true
		}
		if k == disclosable.Produce {
			half := make([]byte, 32)
			rand.Read(half)
			out.halves = append(out.halves, casefile.Stash{Key: halfKey(disclosable.GrantHash(made.Bytes)), Body: half})
		}
	}
	return out, nil
}

// noticeLists are the grants to tell everybody that the lists are about.
func noticeLists(c casefile.Case, a casefile.Ask, listed map[int]bool) ([]casefile.Composed, error) {
	out, err := composeLists(c, disclosable.Notify, a, func(t int) bool { return listed[t] && c.Resolutions[t].Exists && !tellsAlready(c, t) })
	if err != nil {
		return nil, err
	}
	for _, t := range out.alone {
		b, err := c.Compose(disclosable.Notify, t, a)
		if err != nil {
			return nil, err
		}
		out.made = append(out.made, casefile.Composed{Bytes: b, Target: t})
	}
	return out.made, nil
}

// asked is what the desk asked the carrier for, and has no answer to.
type asked struct {
	Seq    int   `cbor:"seq"`
	Places []int `cbor:"places"`
}

// draw takes what is left of a list, batch by batch. Each batch is kept before
// the next is asked for, so that a crash on either side loses none and brings
// none twice. An objection holds its account, and the rest goes on.
func (s *Service) draw(ctx context.Context, d casefile.Duty, g casefile.GrantState) error {
	shelf := s.Files.Shelf(d.Case.Sealed())
	half, err := shelf.Store.Stash(ctx, d.Case, halfKey(g.Hash))
	if err != nil || len(half) != 32 {
		return errors.Join(fmt.Errorf("read the key of a list"), err)
	}
	for {
		c, err := s.Files.Load(ctx, d.Case)
		if err != nil {
			return err
		}
		g, _ = c.Grant(g.Hash)
		if s.Guard.Held(ctx) || c.OnHold() || c.SecondHolds() || c.Hindered() != nil {
			return nil
		}
		next, rest, err := s.next(ctx, c, g)
		if err != nil {
			return err
		}
		if len(next.Places) == 0 {
			return s.drawnOut(ctx, d, g, rest)
		}
		got, err := s.Door.Draw(ctx, door.Draw{Grant: g.Hash, Seq: next.Seq, Half: [32]byte(half), Places: next.Places})
		if err != nil {
			return s.drawFailed(ctx, d, c, g, err)
		}
		if err := s.keepBatch(ctx, d.Case, g, got); err != nil {
			return err
		}
	}
}

// next are the accounts to ask for. What was asked for before a crash is asked
// for again, unless somebody of them objected since and the carrier has not
// given it.
func (s *Service) next(ctx context.Context, c casefile.Case, g casefile.GrantState) (asked, bool, error) {
	places, rest := c.Next(g, door.MaxBatch)
	x := asked{Seq: g.List.Seq + 1, Places: places}
	body, err := s.Files.Shelf(c.Number.Sealed()).Store.Stash(ctx, c.Number, nextKey(g.Hash))
	if err != nil && !fault.Is(err, fault.NotFound) {
		return x, rest, err
	}
	var before asked
	if err == nil {
		if err := disclosable.Unmarshal(body, &before); err != nil {
			return x, rest, fmt.Errorf("read what was asked for: %w", err)
		}
	}
	switch {
	case before.Seq == x.Seq && slices.Equal(before.Places, x.Places):
		return x, rest, nil
	case before.Seq == x.Seq && len(before.Places) > 0:
		p, err := s.Door.Proposal(ctx, g.Hash)
		if err != nil {
			return x, rest, err
		}
		if p.Done > g.List.Done() { // given, and the answer lost
			return before, rest, nil
		}
	}
	if len(x.Places) == 0 {
		return x, rest, nil
	}
	if body, err = disclosable.Marshal(x); err != nil {
		return x, rest, err
	}
	_, err = s.Files.Act(ctx, c.Number, casefile.TheClock, func(casefile.Case) (casefile.Plan, error) {
		return casefile.Plan{Stash: []casefile.Stash{{Key: nextKey(g.Hash), Body: body}}}, nil
	})
	return x, rest, err
}

// drawFailed: a carrier that is away is asked again. One that refuses a list
// ends it, and what came before stays and is packed.
func (s *Service) drawFailed(ctx context.Context, d casefile.Duty, c casefile.Case, g casefile.GrantState, cause error) error {
	if !refusal(cause) && !fault.Is(cause, fault.Conflict) && !fault.Is(cause, fault.NotFound) {
		return cause
	}
	if g.List.Seq == 0 {
		return s.refused(ctx, d, g, cause)
	}
	why := fmt.Sprintf("the carrier gave %d of %d accounts and no more: %s", g.List.Done(), len(g.List.Came), fault.Say(cause))
	return s.endList(ctx, d, g, c.Alarm(why))
}

// keepBatch stores a batch until it is packed. The records have left the
// carrier: that is recorded whether or not the ledger has room.
func (s *Service) keepBatch(ctx context.Context, n casefile.Number, g casefile.GrantState, got door.Drawn) error {
	body, err := disclosable.Marshal(got)
	if err != nil {
		return fmt.Errorf("keep batch: %w", err)
	}
	b := casefile.Batch{Seq: got.Seq}
	for _, x := range got.Given {
		b.Places, b.Came = append(b.Places, x.Place), append(b.Came, casefile.Came(x.Outcome))
	}
	_, err = s.Files.Act(ctx, n, casefile.TheClock, func(casefile.Case) (casefile.Plan, error) {
		return casefile.Plan{Stop: true, Stash: []casefile.Stash{{Key: BatchKey(g.Hash, got.Seq), Body: body}},
			Events: []casefile.Event{{Kind: casefile.KDrawn, Grant: &g.Hash, Entry: got.Entry, Count: got.Records(), Batch: &b}}}, nil
	})
	return err
}

// drawnOut: everything has come that is not held. What waits for counsel comes
// later, in a package of its own; without any the list is closed.
func (s *Service) drawnOut(ctx context.Context, d casefile.Duty, g casefile.GrantState, rest bool) error {
	if !rest {
		_, err := s.Door.Draw(ctx, door.Draw{Grant: g.Hash, Seq: g.List.Seq + 1})
		if err != nil && !fault.Is(err, fault.Conflict) && !fault.Is(err, fault.Expired) && !fault.Is(err, fault.Forbidden) {
			return err
		}
		return s.endList(ctx, d, g, nil)
	}
	_, err := s.Files.Act(ctx, d.Case, casefile.TheClock, func(c casefile.Case) (casefile.Plan, error) {
		p := casefile.Plan{Stop: true, Duties: []casefile.Duty{s.Files.Done(d)}}
		if c.AllReleased() && c.Unpacked() {
			p.Duties = append(p.Duties, casefile.Duty{Kind: casefile.DutyPack, Due: s.Files.Clock.Now()})
		}
		return p, nil
	})
	return err
}

// endList ends a list of which nothing more will come.
func (s *Service) endList(ctx context.Context, d casefile.Duty, g casefile.GrantState, alarm []casefile.Event) error {
	_, err := s.Files.Act(ctx, d.Case, casefile.TheClock, func(c casefile.Case) (casefile.Plan, error) {
		p := casefile.Plan{Stop: true, Duties: []casefile.Duty{s.Files.Done(d)}, Stash: []casefile.Stash{{Key: halfKey(g.Hash)}, {Key: nextKey(g.Hash)}},
			Events: append([]casefile.Event{{Kind: casefile.KReleased, Grant: &g.Hash, Count: g.Count}}, alarm...)}
		if c.Urgent() {
			p.Duties = append(p.Duties, casefile.Duty{Kind: casefile.DutyChase, Due: s.Files.Clock.Now().Add(casefile.Reminded)})
		}
		for _, o := range c.GrantsOf(disclosable.Produce) {
			if o.Hash != g.Hash && o.Phase != casefile.GrantUsed {
				return p, nil // the package waits for the others
			}
		}
		if len(c.Packages) == 0 || c.Unpacked() {
			p.Duties = append(p.Duties, casefile.Duty{Kind: casefile.DutyPack, Due: s.Files.Clock.Now()})
		}
		return p, nil
	})
	return err
}

// List is what a package says of one list: its batches are read one after
// another while it is written.
type List struct {
	Grant  casefile.GrantState
	Signed disclosable.SignedGrant
	Keys   []door.ReleaseKey
	Proofs [][]byte // of each batch
	Read   func(yield func(door.Given, error) bool)
	Until  int // the last batch
}

// list gathers a list for a package: proofs and signatures, and no record yet.
func (s *Service) list(ctx context.Context, n casefile.Number, g casefile.GrantState, j *Job) error {
	l := List{Grant: g, Signed: disclosable.SignedGrant{Grant: g.Bytes}, Until: g.List.Seq}
	for seq := g.List.Packed + 1; seq <= g.List.Seq; seq++ {
		b, err := s.batchOf(ctx, n, g, seq)
		if err != nil {
			return err
		}
		proof, err := s.Door.Proof(ctx, b.Entry)
		if err != nil {
			return err
		}
		l.Signed.Signatures, l.Keys, j.Collected = b.Signatures, b.Keys, b.At
		l.Proofs = append(l.Proofs, proof)
	}
	l.Read = func(yield func(door.Given, error) bool) {
		for seq := g.List.Packed + 1; seq <= g.List.Seq; seq++ {
			b, err := s.batchOf(ctx, n, g, seq)
			if err != nil {
				yield(door.Given{}, err)
				return
			}
			for _, x := range b.Given {
				if !yield(x, nil) {
					return
				}
			}
		}
	}
	if len(l.Proofs) > 0 {
		j.Lists = append(j.Lists, l)
	}
	return nil
}

func (s *Service) batchOf(ctx context.Context, n casefile.Number, g casefile.GrantState, seq int) (b door.Drawn, err error) {
	body, err := s.Files.Shelf(n.Sealed()).Store.Stash(ctx, n, BatchKey(g.Hash, seq))
	if err != nil {
		return b, fmt.Errorf("read batch: %w", err)
	}
	if err := disclosable.Unmarshal(body, &b); err != nil {
		return b, fmt.Errorf("read batch: %w", err)
	}
	b.At = b.At.UTC()
	return b, nil
}

// forCounsel: a list of so many accounts is decided by counsel, whatever the
// process. law: mission D7
func forCounsel(c casefile.Case, verdict casefile.Verdict, targets []int, counsel bool) error {
	n := len(c.Demand.Targets)
	if verdict == casefile.Narrow {
		n = len(targets)
	}
	if counsel || verdict != casefile.Produce && verdict != casefile.Narrow || !casefile.ForCounsel(n) {
		return nil
	}
	return forbidden("it names %d accounts: counsel decides what is produced of more than %d, or narrow it to those for which the paper shows a reason", n, disclosable.MaxOfTwo)
}

// listable: today's record of a target that no snapshot answers.
func listable(c casefile.Case, row law.Row) func(int) bool {
	return func(t int) bool {
		_, kept := c.Source(t)
		return !kept && row.Stance != law.StanceSnapshot
	}
}
