package review

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"time"

	"letterlock/desk/casefile"
	"letterlock/disclosable"
	"letterlock/disclosable/door"
	"letterlock/internal/fault"
	"letterlock/law"
)

func keptBy(row law.Row, ch Choice) []disclosable.FieldID {
	if ch.Verdict != casefile.Keep {
		return nil
	}
	return casefile.Preservable(row, ch.Item)
}

// composeKeep composes the grants that preserve, or keep on what is preserved.
func (s *Service) composeKeep(ctx context.Context, c casefile.Case, row law.Row, me casefile.Actor) (casefile.Plan, error) {
	now := s.Files.Clock.Now()
	out := casefile.Plan{}
	var composed []casefile.Composed
	for i := range c.Demand.Targets {
		keep, err := s.keeping(ctx, &c, row, i, &out)
		if err != nil {
			return casefile.Nothing, err
		}
		if keep == nil {
			continue
		}
		ask := casefile.Ask{Row: row, Now: now, Expires: now.Add(GrantLife), Plan: silent(row, keep.Until)}
		if end := time.Unix(keep.Until, 0); end.Before(ask.Expires) {
			ask.Expires = end
		}
		b, err := c.ComposeKeep(i, ask, *keep)
		if err != nil {
			return casefile.Nothing, err
		}
		composed = append(composed, casefile.Composed{Bytes: b, Target: i})
		out.Duties = append(out.Duties, casefile.Duty{Kind: casefile.DutySign, Key: disclosable.GrantHash(b).String(), Due: now})
	}
	if len(composed) == 0 {
		return casefile.Nothing, fault.New(fault.Conflict, "preserve", "there is nothing to preserve: no identifier has an account")
	}
	plan := silent(row, now.Unix())
	out.Events = append(out.Events, casefile.Event{Kind: casefile.KNoticeChosen, Notice: &casefile.NoticeChoice{Plan: plan, By: me}},
		casefile.Event{Kind: casefile.KComposed, Grants: composed})
	return out, nil
}

// silent: nothing is disclosed, so nobody is told of it now.
func silent(row law.Row, day int64) disclosable.NoticePlan {
	p := disclosable.NoticePlan{Timing: disclosable.ToldWithheld, Day: day, Basis: "a preservation discloses nothing, " + string(row.NoticeRule.Basis)}
	if row.NoticeRule.Provider == law.DutyAuthority {
		p.Timing = disclosable.ToldAuthority
	}
	return p
}

// keeping is how long a target's snapshot is kept; nil if it has none. A
// renewal chooses the snapshot that it renews.
func (s *Service) keeping(ctx context.Context, c *casefile.Case, row law.Row, i int, out *casefile.Plan) (*disclosable.Keeping, error) {
	received := time.Unix(c.Filed.Unix(), 0)
	last, ok := law.Longest(row, received)
	k := &disclosable.Keeping{Received: received.Unix()}
	if c.Demand.Preserved != "" {
		src, err := s.renewed(ctx, *c, row, i)
		if err != nil {
			return nil, err
		}
		out.Events = append(out.Events, casefile.Event{Kind: casefile.KSource, Source: &src})
		if c.Sources == nil {
			c.Sources = map[int]casefile.Source{}
		}
		c.Sources[i] = src
		last, ok = law.Renewed(row, src.Until)
		k.Renews = &src.Taken
	} else if !c.Resolutions[i].Exists {
		return nil, nil
	}
	if !ok {
		return nil, forbidden("%s says no time for which records are kept", row.Name)
	}
	if u := c.Demand.KeepUntil; !u.IsZero() && u.Before(last) {
		last = u
	}
	k.Until = last.Unix()
	if k.Until <= s.Files.Clock.Now().Unix() {
		return nil, fault.New(fault.Expired, "preserve", "the time for which it could be kept is over")
	}
	return k, nil
}

// renewed finds what a renewal keeps on. law: 18 USC 2703(f)(2)
func (s *Service) renewed(ctx context.Context, c casefile.Case, row law.Row, i int) (casefile.Source, error) {
	old, err := s.Files.Load(ctx, c.Demand.Preserved)
	if err != nil || old.Demand.Agency != c.Demand.Agency || old.Demand.Process != c.Demand.Process {
		return casefile.Source{}, forbidden("case %s is no preservation of this agency under %s: it cannot be renewed here", c.Demand.Preserved, row.Name)
	}
	clock, ok := row.Clock(law.ClockRenewal, law.Ordinary)
	for _, k := range old.Kept {
		if !k.There(s.Files.Clock.Now()) || !s.matches(old, k, c, i) {
			continue
		}
		if !ok || clock.Times == 1 && k.RenewedBy != "" {
			return casefile.Source{}, forbidden("the snapshot was renewed in case %s, and %s lets it be renewed once (finding SCOPE.DURATION_EXCEEDED)", k.RenewedBy, row.Name)
		}
		return sourceOf(old, k, i), nil
	}
	return casefile.Source{}, fault.New(fault.Expired, "preserve", "case %s keeps no snapshot of this identifier any more", old.Number)
}

func (s *Service) matches(old casefile.Case, k casefile.Kept, c casefile.Case, i int) bool {
	asked := c.Demand.Targets[i].Identifier
	return casefile.SameIdentifier(asked, old.Demand.Targets[k.Target].Identifier) || asked == k.Account.String()
}

func sourceOf(old casefile.Case, k casefile.Kept, target int) casefile.Source {
	return casefile.Source{Target: target, Case: old.Number, Taken: k.Taken, Asked: old.Demand.Targets[k.Target].Identifier, Account: k.Account, Fields: k.Fields, At: k.At, Until: k.Until}
}

// lookBack is how far back preservations are looked for: longer than any is kept.
const lookBack = 400 * 24 * time.Hour

// Snapshots are those that could answer this case: of its own agency, or of the
// preservation that the request names by number. Others do not exist for it.
func (s *Service) Snapshots(ctx context.Context, c casefile.Case) ([]casefile.Source, error) {
	now := s.Files.Clock.Now()
	heads, err := s.Files.Public.Store.FiledBy(ctx, c.Demand.Agency, now.Add(-lookBack))
	if err != nil {
		return nil, fmt.Errorf("find preservations: %w", err)
	}
	var numbers []casefile.Number
	for _, h := range heads {
		if h.Lane == casefile.LanePreservation && h.Number != c.Number {
			numbers = append(numbers, h.Number)
		}
	}
	if p := c.Demand.Preserved; p != "" && (c.Number.Sealed() || !p.Sealed()) && !slices.Contains(numbers, p) {
		numbers = append(numbers, p)
	}
	var out []casefile.Source
	for _, n := range numbers {
		old, err := s.Files.Load(ctx, n)
		if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Withheld) {
			continue
		}
		if err != nil {
			return nil, err
		}
		for _, k := range old.Kept {
			for i := range c.Demand.Targets {
				if k.There(now) && s.matches(old, k, c, i) {
					out = append(out, sourceOf(old, k, i))
				}
			}
		}
	}
	return out, nil
}

// ChooseSnapshot says which record answers for a target: a snapshot, today's
// record, or both. taken is zero for today's record alone.
func (s *Service) ChooseSnapshot(ctx context.Context, by casefile.MemberID, n casefile.Number, target int, taken disclosable.Hash, today bool, why string) error {
	return s.decide(ctx, by, n, func(c casefile.Case, _ casefile.Actor) (casefile.Plan, error) {
		src := casefile.Source{Target: target}
		if taken != (disclosable.Hash{}) {
			all, err := s.Snapshots(ctx, c)
			if err != nil {
				return casefile.Nothing, err
			}
			i := slices.IndexFunc(all, func(x casefile.Source) bool { return x.Target == target && x.Taken == taken })
			if i < 0 {
				return casefile.Nothing, fault.New(fault.NotFound, "choose snapshot", "no such snapshot is kept for this agency and identifier")
			}
			src = all[i]
			src.Today = today
		}
		return casefile.One(casefile.Event{Kind: casefile.KSource, Source: &src, Why: why}), nil
	})
}

// chosen refuses a proposal while the request names a preservation and nobody
// has said which record answers.
func (s *Service) chosen(ctx context.Context, c casefile.Case) error {
	if c.Demand.Preserved == "" {
		return nil
	}
	all, err := s.Snapshots(ctx, c)
	if err != nil {
		return err
	}
	for _, x := range all {
		if _, ok := c.Sources[x.Target]; !ok {
			return fault.New(fault.Conflict, "propose grants", "the request names the preservation %s: choose whether its snapshot or today's record answers for identifier %d", c.Demand.Preserved, x.Target+1)
		}
	}
	return nil
}

// half is the desk's half of a snapshot's key.
func (s *Service) half(ctx context.Context, n casefile.Number, taken disclosable.Hash) (h [32]byte, err error) {
	b, err := s.Files.Shelf(n.Sealed()).Store.Stash(ctx, n, casefile.HalfKey(taken))
	if err != nil {
		return h, err
	}
	if len(b) != len(h) {
		return h, fmt.Errorf("half a key of %d bytes is stored", len(b))
	}
	return [32]byte(b), nil
}

// redeem redeems a grant for today's record, or opens a snapshot.
func (s *Service) redeem(ctx context.Context, c casefile.Case, g casefile.GrantState) (door.Release, error) {
	if g.Grant.Snapshot == nil {
		return s.Door.Redeem(ctx, g.Hash)
	}
	src, _ := c.Source(g.Target)
	half, err := s.half(ctx, src.Case, *g.Grant.Snapshot)
	if fault.Is(err, fault.NotFound) {
		return door.Release{}, forbidden("the snapshot's time is over: it is destroyed")
	}
	if err != nil {
		return door.Release{}, err
	}
	return s.Door.OpenSnapshot(ctx, door.Keep{Grant: g.Hash, Half: half})
}

// keepSnapshot has the carrier preserve.
//
// Step 1: refuse on doubt. Step 2: record the intent, and with it store the
// desk's half of the key. Step 3: preserve. Step 4: store the outcome. A crash
// anywhere repeats it: the carrier answers the same half with the same answer.
func (s *Service) keepSnapshot(ctx context.Context, d casefile.Duty) error {
	c, g, err := s.grantOf(ctx, d)
	if err != nil {
		return err
	}
	renews := g.Grant.Keep.Renews
	switch {
	case g.Phase == casefile.GrantUsed || g.Phase.Dead():
		return s.finish(ctx, d)
	case g.Phase == casefile.GrantReady && c.Withdrawn:
		return s.sign(ctx, d)
	case g.Phase == casefile.GrantReady && (c.SecondHolds() || c.Hindered() != nil):
		return nil
	case g.Phase == casefile.GrantReady && s.Files.Clock.Now().Unix() >= g.Grant.Expires:
		return s.end(ctx, d, g, casefile.GrantExpired, "the grant expired before it was used")
	case g.Phase == casefile.GrantReady:
		p := casefile.One(casefile.Event{Kind: casefile.KKeeping, Grant: &g.Hash})
		if renews == nil {
			half := make([]byte, 32)
			rand.Read(half)
			p.Stash = []casefile.Stash{{Key: casefile.HalfKey(g.Hash), Body: half}}
		}
		if c, err = s.Files.Act(ctx, d.Case, casefile.TheClock, func(casefile.Case) (casefile.Plan, error) { return p, nil }); err != nil {
			return err
		}
	}
	at, k := c.Number, door.Keep{Grant: g.Hash}
	taken := g.Hash
	if renews != nil {
		src, _ := c.Source(g.Target)
		at, taken, k.Taken = src.Case, *renews, *renews
	}
	if k.Half, err = s.half(ctx, at, taken); fault.Is(err, fault.NotFound) {
		return s.lost(ctx, d, g, forbidden("the snapshot's time is over: it is destroyed"))
	} else if err != nil {
		return err
	}
	got, err := s.Door.Preserve(ctx, k)
	if err == nil {
		return s.kept(ctx, d, g, taken, got)
	}
	if !refusal(err) && !fault.Is(err, fault.Conflict) && !fault.Is(err, fault.NotFound) {
		return err
	}
	return s.refused(ctx, d, g, err)
}

// kept stores the outcome, and in the case that is renewed its new end.
func (s *Service) kept(ctx context.Context, d casefile.Duty, g casefile.GrantState, taken disclosable.Hash, got door.Kept) error {
	c, err := s.Files.Load(ctx, d.Case)
	if err != nil {
		return err
	}
	k := casefile.Kept{Target: g.Target, Taken: taken, Account: g.Grant.Account, Fields: g.Grant.Fields, At: got.At, Until: got.Until}
	if src, ok := c.Source(g.Target); ok {
		k.Renews = src.Case
		if err := s.prolong(ctx, c.Number, src, got.Until); err != nil {
			return err
		}
	}
	_, err = s.Files.Act(ctx, d.Case, casefile.TheClock, func(c casefile.Case) (casefile.Plan, error) {
		p := casefile.Plan{Events: []casefile.Event{{Kind: casefile.KKept, Grant: &g.Hash, Kept: &k}},
			Duties: append([]casefile.Duty{s.Files.Done(d)}, ends(k)...)}
		for _, o := range c.GrantsOf(disclosable.Preserve) {
			if o.Hash != g.Hash && o.Phase != casefile.GrantUsed {
				return p, nil // the letter waits for the others
			}
		}
		p.Duties = append(p.Duties, casefile.Duty{Kind: casefile.DutyPack, Due: s.Files.Clock.Now()})
		return p, nil
	})
	return err
}

// ends are the days on which the officer is reminded and the snapshot ends.
func ends(k casefile.Kept) []casefile.Duty {
	key := k.Taken.String()
	out := []casefile.Duty{{Kind: casefile.DutyKeepEnd, Key: key, Due: k.Until}}
	if soon := k.Until.Add(-casefile.KeepReminder); soon.After(k.At) {
		out = append(out, casefile.Duty{Kind: casefile.DutyKeepSoon, Key: key, Due: soon})
	}
	return out
}

func (s *Service) prolong(ctx context.Context, by casefile.Number, src casefile.Source, until time.Time) error {
	_, err := s.Files.Act(ctx, src.Case, casefile.TheClock, func(old casefile.Case) (casefile.Plan, error) {
		i := slices.IndexFunc(old.Kept, func(k casefile.Kept) bool { return k.Taken == src.Taken })
		if i < 0 || old.Kept[i].RenewedBy == by {
			return casefile.Nothing, nil // done before a crash
		}
		k := old.Kept[i]
		k.Until, k.RenewedBy = until, by
		return casefile.Plan{Events: []casefile.Event{{Kind: casefile.KProlonged, Kept: &k}}, Duties: ends(k)}, nil
	})
	return err
}

func (s *Service) snapshotOf(ctx context.Context, d casefile.Duty) (casefile.Case, casefile.Kept, bool, error) {
	c, err := s.Files.Load(ctx, d.Case)
	if err != nil {
		return c, casefile.Kept{}, false, err
	}
	for _, k := range c.Kept {
		if k.Taken.String() == d.Key && k.Ended.IsZero() {
			return c, k, true, nil
		}
	}
	return c, casefile.Kept{}, false, nil
}

// keepSoon reminds the officer that a preservation ends, in time to renew it or
// to bring the process that reaches it. Of one that was renewed the renewal's
// own case reminds: once for one snapshot.
func (s *Service) keepSoon(ctx context.Context, d casefile.Duty) error {
	c, k, ok, err := s.snapshotOf(ctx, d)
	if err != nil {
		return err
	}
	if !ok || k.RenewedBy != "" || !s.Files.Clock.Now().Before(k.Until) {
		return s.finish(ctx, d)
	}
	_, err = s.Files.Act(ctx, d.Case, casefile.TheClock, func(casefile.Case) (casefile.Plan, error) {
		return casefile.One(casefile.Event{Kind: casefile.KKeepSoon, Kept: &k}, s.Files.Done(d)), nil
	})
	if err != nil || s.Reminder == nil || c.Demand.Officer == "" {
		return err
	}
	return sent(s.Reminder.RemindEnd(ctx, c.Demand.Officer))
}

// keepEnd forgets the desk's half of the key. The carrier destroys the snapshot
// by its own clock; without this half nobody opens one that it failed to
// destroy. It waits while the clock is in doubt: what is gone is gone.
func (s *Service) keepEnd(ctx context.Context, d casefile.Duty) error {
	if s.Guard.Held(ctx) {
		return nil
	}
	_, k, ok, err := s.snapshotOf(ctx, d)
	if err != nil {
		return err
	}
	if !ok {
		return s.finish(ctx, d)
	}
	_, err = s.Files.Act(ctx, d.Case, casefile.TheClock, func(casefile.Case) (casefile.Plan, error) {
		p := casefile.Plan{Stop: true, Duties: []casefile.Duty{s.Files.Done(d)}, Events: []casefile.Event{{Kind: casefile.KKeepEnded, Kept: &k}}}
		if k.Renews == "" {
			p.Stash = []casefile.Stash{{Key: casefile.HalfKey(k.Taken)}}
		}
		return p, nil
	})
	return err
}
