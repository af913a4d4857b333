package review

import (
	"context"
	"slices"
	"sort"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
)

// Queue is a page of cases in the order asked for. Sealed cases are there for
// those on their list; for all others no row, count or lane tells of them.
func (s *Service) Queue(ctx context.Context, by casefile.MemberID, f casefile.Filter) (casefile.Page, error) {
	shelves, err := s.shelves(ctx, by, f)
	if err != nil {
		return casefile.Page{}, err
	}
	var pages []casefile.Page
	for _, shelf := range shelves {
		p, err := shelf.Store.Page(ctx, f)
		if err != nil {
			return casefile.Page{}, err
		}
		p.Heads = blind(p.Heads, by, f)
		pages = append(pages, p)
	}
	return merge(f, pages), nil
}

// blind hides from a second reviewer who decided a case and how it stands. A
// list by just that does not hold the case.
func blind(heads []casefile.Head, by casefile.MemberID, f casefile.Filter) []casefile.Head {
	var out []casefile.Head
	for _, h := range heads {
		if !slices.Contains(h.Blind, by) {
			out = append(out, h)
			continue
		}
		if f.Phase != "" || f.Assigned != "" || f.Unassigned || f.Counsel || f.Open {
			continue
		}
		h.Assigned, h.AssignedTo, h.Phase, h.Counsel, h.Blocking, h.Alarms, h.Paused, h.Held = "", "", casefile.InReview, false, 0, 0, false, false
		out = append(out, h)
	}
	return out
}

// shelves are those that the filter is about and the member may know of.
func (s *Service) shelves(ctx context.Context, by casefile.MemberID, f casefile.Filter) ([]casefile.Shelf, error) {
	may, err := s.Team.MaySeal(ctx, by)
	switch {
	case err != nil:
		return nil, err
	case f.Lane == casefile.LaneSealed && !may:
		return nil, nil
	case f.Lane == casefile.LaneSealed:
		return []casefile.Shelf{s.Files.Sealed}, nil
	case f.Lane != "" || !may:
		return []casefile.Shelf{s.Files.Public}, nil
	}
	return s.Files.Shelves(), nil
}

// merge joins the pages of both shelves. Where one of them goes on, nothing
// behind its end is shown yet: the next page begins there.
func merge(f casefile.Filter, pages []casefile.Page) casefile.Page {
	var out casefile.Page
	var end *casefile.Head // the first end of a page that goes on
	for _, p := range pages {
		out.Heads = append(out.Heads, p.Heads...)
		if p.Next != nil && (end == nil || f.Before(*p.Next, *end)) {
			end = p.Next
		}
	}
	sort.SliceStable(out.Heads, func(i, j int) bool { return f.Before(out.Heads[i], out.Heads[j]) })
	if end != nil {
		n := sort.Search(len(out.Heads), func(i int) bool { return f.Before(*end, out.Heads[i]) })
		out.Heads, out.Next = out.Heads[:n], end
	}
	limit := f.Limit
	if limit <= 0 {
		limit = 50
	}
	if len(out.Heads) > limit {
		out.Heads = out.Heads[:limit]
		out.Next = &out.Heads[limit-1]
	}
	return out
}

// Counts are what the first page shows beside the lanes; each stops at
// casefile.MaxCount.
func (s *Service) Counts(ctx context.Context, by casefile.MemberID) (casefile.Counts, error) {
	out := casefile.Counts{Lanes: map[casefile.Lane]int{}}
	now := s.Files.Clock.Now()
	for _, lane := range casefile.Lanes {
		n, err := s.count(ctx, by, casefile.Filter{Lane: lane, Open: true})
		if err != nil {
			return out, err
		}
		out.Lanes[lane] = n
	}
	for _, x := range []struct {
		into *int
		f    casefile.Filter
	}{{&out.Overdue, casefile.Filter{Overdue: now}}, {&out.Counsel, casefile.Filter{Counsel: true}},
		{&out.Mine, casefile.Filter{Open: true, Assigned: by}}, {&out.Unassigned, casefile.Filter{Open: true, Unassigned: true}}} {
		n, err := s.count(ctx, by, x.f)
		if err != nil {
			return out, err
		}
		*x.into = n
	}
	return out, nil
}

func (s *Service) count(ctx context.Context, by casefile.MemberID, f casefile.Filter) (total int, err error) {
	shelves, err := s.shelves(ctx, by, f)
	if err != nil {
		return 0, err
	}
	for _, shelf := range shelves {
		n, err := shelf.Store.Count(ctx, f)
		if err != nil {
			return 0, err
		}
		total += n
	}
	return min(total, casefile.MaxCount), nil
}

// nextLook is how many of the most urgent cases are tried for one that the
// member may take.
const nextLook = 200

// TakeNext assigns the most urgent case that waits for anybody and that this
// member may decide: the lane of emergencies first, then by time left. Nobody
// chooses their cases by liking.
func (s *Service) TakeNext(ctx context.Context, by casefile.MemberID) (casefile.Number, error) {
	if _, err := s.Team.May(ctx, by, casefile.DecideCases, ""); err != nil {
		return "", err
	}
	for _, lane := range casefile.Lanes {
		p, err := s.Queue(ctx, by, casefile.Filter{Lane: lane, Open: true, Unassigned: true, Limit: nextLook})
		if err != nil {
			return "", err
		}
		for _, h := range p.Heads {
			switch err := s.take(ctx, by, h.Number); fault.KindOf(err) {
			case fault.Forbidden, fault.Withheld, fault.NotFound, fault.Conflict: // not theirs to take, or taken meanwhile
			default:
				return h.Number, err
			}
		}
	}
	return "", fault.New(fault.NotFound, "take next case", "nothing waits that you may take now")
}

func (s *Service) take(ctx context.Context, by casefile.MemberID, n casefile.Number) error {
	return s.decide(ctx, by, n, func(c casefile.Case, me casefile.Actor) (casefile.Plan, error) {
		switch {
		case c.Assigned.ID != "":
			return casefile.Nothing, fault.New(fault.Conflict, "take case", "%s has this case", c.Assigned.Name)
		case c.FiledBy.Kind == casefile.ByMember && c.FiledBy.ID == me.ID:
			return casefile.Nothing, forbidden("you entered this paper: somebody else decides it")
		}
		return casefile.One(casefile.Event{Kind: casefile.KAssigned, Assignee: &me, Why: "taken as the most urgent"}), nil
	})
}
