package intake

import (
	"context"
	"slices"
	"time"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
)

// shared refuses an officer who may not do this with the case. The officer it
// belongs to may do all; a colleague of the same agency what their role says.
// A sealed matter is its officer's alone: for colleagues it does not exist.
func (s *Service) shared(ctx context.Context, by casefile.Actor, c casefile.Case, what casefile.Share) error {
	id := by.OfficerID()
	if id != "" && c.Demand.Officer == id {
		return nil
	}
	if id == "" || c.Number.Sealed() {
		return casefile.NoCase()
	}
	me, err := s.Directory.Sender(ctx, id)
	switch {
	case err != nil:
		return err
	case me.Agency == "" || me.Agency != c.Demand.Agency || !me.Role.May(casefile.ShareSee):
		return casefile.NoCase()
	case !me.Role.May(what):
		return fault.New(fault.Forbidden, "open case", "your role in your agency (%s) does not include this; the officer who filed it can, or hand it to you", me.Role.InWords())
	}
	return nil
}

// mayDo is all that the caller may do with a case.
func (s *Service) mayDo(ctx context.Context, by casefile.Actor, c casefile.Case) (map[casefile.Share]bool, error) {
	out := map[casefile.Share]bool{}
	for _, x := range casefile.Shares {
		if x == casefile.ShareEnd {
			continue
		}
		err := error(nil)
		if by.MemberID() == "" {
			err = s.shared(ctx, by, c, x)
		}
		if err != nil && !fault.Is(err, fault.Forbidden) {
			return nil, err
		}
		out[x] = err == nil
	}
	return out, nil
}

// viewAgain is how long one recorded look of a colleague covers.
const viewAgain = time.Hour

// viewed records that a colleague opens the case.
func (s *Service) viewed(ctx context.Context, by casefile.Actor, c casefile.Case) (casefile.Case, error) {
	if by.OfficerID() == "" || by.OfficerID() == c.Demand.Officer {
		return c, nil
	}
	now := s.Files.Clock.Now()
	if slices.ContainsFunc(c.Events, func(e casefile.Event) bool {
		return e.Kind == casefile.KViewed && e.By.ID == by.ID && now.Sub(e.At) < viewAgain
	}) {
		return c, nil
	}
	return s.Files.Act(ctx, c.Number, by, func(casefile.Case) (casefile.Plan, error) {
		return casefile.One(casefile.Event{Kind: casefile.KViewed}), nil
	})
}

// AgencyCases are the cases of an officer's agency, the latest first, for those
// whose role shares them. Sealed matters are not among them.
func (s *Service) AgencyCases(ctx context.Context, by casefile.OfficerID) ([]casefile.Head, error) {
	me, err := s.Directory.Sender(ctx, by)
	if err != nil {
		return nil, err
	}
	if !me.Role.May(casefile.ShareSee) {
		return nil, fault.New(fault.Forbidden, "list cases", "your role in your agency (%s) sees its own requests only", me.Role.InWords())
	}
	out, err := s.Files.Public.Store.Queue(ctx, casefile.Filter{Agency: me.Agency, Limit: 500})
	sortFiled(out)
	return out, err
}

// HandOver gives a case to another active officer of the same agency, so that
// somebody follows it. A package that was sealed before opens with the first
// officer's key and with no other: the desk has nothing to seal anew from.
func (s *Service) HandOver(ctx context.Context, by casefile.Actor, n casefile.Number, to casefile.OfficerID, why string) error {
	c, err := s.may(ctx, by, n, casefile.ShareHandOver)
	if err != nil {
		return err
	}
	who, err := s.Directory.Sender(ctx, to)
	if fault.Is(err, fault.Unauthenticated) || err == nil && who.Agency != c.Demand.Agency {
		return invalid("choose an active officer of the same agency")
	}
	if err != nil {
		return err
	}
	if !casefile.Plain(why, casefile.MaxReference) || why == "" {
		return invalid("give the reason on one line of at most %d bytes", casefile.MaxReference)
	}
	_, err = s.Files.Act(ctx, n, by, func(c casefile.Case) (casefile.Plan, error) {
		return casefile.One(casefile.Event{Kind: casefile.KHandedOver, Why: why,
			Keeper: &casefile.Keeper{Officer: to, Name: who.Actor.Name, Mailbox: who.Mailbox, Phone: who.Phone}}), nil
	})
	return err
}

// HandOverAll hands over every case of an officer that somebody must still
// follow or collect. What the caller may not see stays.
func (s *Service) HandOverAll(ctx context.Context, by casefile.Actor, from, to casefile.OfficerID, why string) (n int, err error) {
	for _, shelf := range s.Files.Shelves() {
		var at casefile.Head
		for {
			heads, err := shelf.Store.Queue(ctx, casefile.Filter{Officer: from, After: at, Limit: 500})
			if err != nil {
				return n, err
			}
			for _, h := range heads {
				if at = h; h.Phase == casefile.Closed || h.Phase == casefile.Withdrawn {
					continue
				}
				switch err := s.HandOver(ctx, by, h.Number, to, why); {
				case err == nil:
					n++
				case !fault.Is(err, fault.Withheld):
					return n, err
				}
			}
			if len(heads) < 500 {
				break
			}
		}
	}
	return n, nil
}
