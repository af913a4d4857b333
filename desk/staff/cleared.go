package staff

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
)

// Clearance is one line of the list for sealed matters.
type Clearance struct {
	Member casefile.MemberID `cbor:"member"`
	By     casefile.Actor    `cbor:"by"`
	Why    string            `cbor:"why"`
	Since  time.Time         `cbor:"since"`
}

const clearedMark = "cleared"

// ClearedStore is a team's store whose list for sealed matters lies elsewhere:
// with the sealed cases. Whoever reads the ordinary database finds no trace of
// who is on it.
type ClearedStore struct {
	Store
	List casefile.Marks // of the sealed database

	mu sync.Mutex // the list is read, changed and written by one at a time
}

func (c *ClearedStore) read(ctx context.Context) (list []Clearance, err error) {
	b, err := c.List.Mark(ctx, clearedMark)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return list, casefile.Decode(b, &list)
}

func on(list []Clearance, id casefile.MemberID) int {
	return slices.IndexFunc(list, func(x Clearance) bool { return x.Member == id })
}

// set brings a member's line to what it should be.
func (c *ClearedStore) set(ctx context.Context, cleared bool, x Clearance) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	list, err := c.read(ctx)
	if err != nil {
		return err
	}
	i := on(list, x.Member)
	switch {
	case cleared == (i >= 0):
		return nil
	case cleared:
		list = append(list, x)
	default:
		list = slices.Delete(list, i, i+1)
	}
	b, err := casefile.Encode(list)
	if err != nil {
		return err
	}
	return c.List.SetMark(ctx, clearedMark, b)
}

// PutMember stores the member without the flag, and the flag on the list.
func (c *ClearedStore) PutMember(ctx context.Context, m Member) error {
	cleared := m.Cleared && m.State != Left
	m.Cleared = false
	if err := c.Store.PutMember(ctx, m); err != nil {
		return err
	}
	return c.set(ctx, cleared, Clearance{Member: m.ID, By: casefile.TheClock, Why: "with the invitation", Since: m.Since})
}

func (c *ClearedStore) fill(ctx context.Context, m Member, err error) (Member, error) {
	if err != nil {
		return m, err
	}
	list, err := c.read(ctx)
	m.Cleared = on(list, m.ID) >= 0
	return m, err
}

// Member reads one.
func (c *ClearedStore) Member(ctx context.Context, id casefile.MemberID) (Member, error) {
	m, err := c.Store.Member(ctx, id)
	return c.fill(ctx, m, err)
}

// MemberByKey reads one.
func (c *ClearedStore) MemberByKey(ctx context.Context, key []byte) (Member, error) {
	m, err := c.Store.MemberByKey(ctx, key)
	return c.fill(ctx, m, err)
}

// Members are all.
func (c *ClearedStore) Members(ctx context.Context) ([]Member, error) {
	all, err := c.Store.Members(ctx)
	if err != nil {
		return nil, err
	}
	list, err := c.read(ctx)
	for i := range all {
		all[i].Cleared = on(list, all[i].ID) >= 0
	}
	return all, err
}

// Cleared is the list, for those on it. To anyone else there is none.
func (s *Service) Cleared(ctx context.Context, by casefile.MemberID) ([]Member, error) {
	if may, err := s.MaySeal(ctx, by); err != nil || !may {
		return nil, casefile.NoCase()
	}
	all, err := s.Members(ctx)
	return slices.DeleteFunc(all, func(m Member) bool { return !m.Cleared }), err
}

// Clear puts a member on the list for sealed matters, or takes them off it. A
// lead who is on it does so, for a reason; the act is in the sealed ledger. Off
// takes effect at once and waits for nothing, and the last one stays.
func (s *Service) Clear(ctx context.Context, by, who casefile.MemberID, cleared bool, reason string) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	if may, err := s.MaySeal(ctx, by); err != nil || !may {
		return casefile.NoCase()
	}
	me, err := s.Require(ctx, by, casefile.KeepTeam)
	if err != nil {
		return err
	}
	m, err := s.Active(ctx, who)
	if err != nil {
		return invalid("choose an active member of the team")
	}
	if strings.TrimSpace(reason) == "" {
		return invalid("give the reason")
	}
	if m.Cleared == cleared {
		return fault.New(fault.Conflict, "keep list", "it is so already")
	}
	acts := s.Acts
	acts.Sealed = true
	if cleared {
		if err := acts.Keep(ctx, "cleared.on", me.Actor(), string(who), reason, m.ID); err != nil {
			return err
		}
	} else {
		if list, err := s.Cleared(ctx, by); err != nil || len(list) < 2 {
			return fault.New(fault.Conflict, "keep list", "this is the last one on the list: put another member on it first")
		}
		acts.Journal("cleared.off", me.Actor(), string(who), reason, m.ID)
	}
	m.Cleared = cleared
	return s.Store.PutMember(ctx, m)
}
