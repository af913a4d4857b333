package risk

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
)

// Team says who may propose another limit, and who agrees to it.
type Team interface {
	Lead(ctx context.Context, id casefile.MemberID) (casefile.Actor, error)
	Second(ctx context.Context, id casefile.MemberID) (casefile.Actor, error)
}

// Service keeps the limits. A change is proposed by a lead and agreed to by
// another person, and both are recorded.
type Service struct {
	Marks casefile.Marks
	Team  Team
	Acts  casefile.Acts

	writing sync.Mutex
}

// Proposal is one change of a limit.
type Proposal struct {
	ID     string         `cbor:"id"`
	Rule   RuleID         `cbor:"rule"`
	Limit  string         `cbor:"limit"`
	From   int            `cbor:"from"`
	To     int            `cbor:"to"`
	Why    string         `cbor:"why"`
	By     casefile.Actor `cbor:"by"`
	At     time.Time      `cbor:"at"`
	Second casefile.Actor `cbor:"second"`
	Ended  time.Time      `cbor:"ended"` // agreed to or refused
	Agreed bool           `cbor:"agreed"`
	Said   string         `cbor:"said"` // why they agreed or refused
}

type kept struct {
	Values    Values     `cbor:"values"`
	Proposals []Proposal `cbor:"proposals"` // oldest first
}

const limitsMark = "risk-limits"

func (s *Service) load(ctx context.Context) (k kept, err error) {
	b, err := s.Marks.Mark(ctx, limitsMark)
	switch {
	case fault.Is(err, fault.NotFound):
		return kept{Values: Values{}}, nil
	case err != nil:
		return k, err
	}
	if err := casefile.Decode(b, &k); err != nil {
		return k, err
	}
	if k.Values == nil {
		k.Values = Values{}
	}
	return k, nil
}

func (s *Service) store(ctx context.Context, k kept) error {
	b, err := casefile.Encode(k)
	if err != nil {
		return err
	}
	return s.Marks.SetMark(ctx, limitsMark, b)
}

// Values are the limits in force.
func (s *Service) Values(ctx context.Context) (Values, error) {
	k, err := s.load(ctx)
	return k.Values, err
}

// Proposals are all changes, the newest first.
func (s *Service) Proposals(ctx context.Context) ([]Proposal, error) {
	k, err := s.load(ctx)
	slices.Reverse(k.Proposals)
	return k.Proposals, err
}

// Propose asks for another limit; nothing changes yet.
func (s *Service) Propose(ctx context.Context, by casefile.MemberID, r RuleID, limit string, to int, why string) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	me, err := s.Team.Lead(ctx, by)
	if err != nil {
		return err
	}
	k, err := s.load(ctx)
	if err != nil {
		return err
	}
	l, ok := find(r, limit)
	why = strings.TrimSpace(why)
	switch {
	case !ok:
		return fault.New(fault.NotFound, "propose limit", "there is no such limit")
	case to < l.Min || to > l.Max:
		return fault.New(fault.Invalid, "propose limit", "this limit lies between %d and %d", l.Min, l.Max)
	case to == k.Values.of(r, limit):
		return fault.New(fault.Invalid, "propose limit", "it is %d already", to)
	case why == "" || !casefile.Plain(why, 500):
		return fault.New(fault.Invalid, "propose limit", "give the reason on one line")
	case slices.ContainsFunc(k.Proposals, func(p Proposal) bool { return p.Ended.IsZero() && p.Rule == r && p.Limit == limit }):
		return fault.New(fault.Conflict, "propose limit", "a change of this limit waits already")
	}
	p := Proposal{ID: casefile.NewID(), Rule: r, Limit: limit, From: k.Values.of(r, limit), To: to, Why: why, By: me, At: s.Acts.Clock.Now()}
	if err := s.Acts.Keep(ctx, "rule.proposed", me, key(r, limit), why, p); err != nil {
		return err
	}
	k.Proposals = append(k.Proposals, p)
	return s.store(ctx, k)
}

// Agree is the second person's word: with it the limit changes. Refusing a
// proposal needs one person, who may be its own author.
func (s *Service) Agree(ctx context.Context, by casefile.MemberID, id string, yes bool, why string) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	me, err := s.Team.Second(ctx, by)
	if err != nil {
		return err
	}
	k, err := s.load(ctx)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(k.Proposals, func(p Proposal) bool { return p.ID == id && p.Ended.IsZero() })
	if i < 0 {
		return fault.New(fault.NotFound, "agree to limit", "there is no such open proposal")
	}
	p := &k.Proposals[i]
	if yes && p.By == me {
		return fault.New(fault.Forbidden, "agree to limit", "you proposed it: the second word is somebody else's")
	}
	p.Second, p.Ended, p.Agreed, p.Said = me, s.Acts.Clock.Now(), yes, strings.TrimSpace(why)
	kind := "rule.refused"
	if yes {
		kind = "rule.changed"
		k.Values[key(p.Rule, p.Limit)] = p.To
	}
	if err := s.Acts.Keep(ctx, kind, me, key(p.Rule, p.Limit), p.Said, *p); err != nil {
		return err
	}
	return s.store(ctx, k)
}
