package notice

import (
	"context"

	"letterlock/desk/casefile"
	"letterlock/disclosable"
	"letterlock/disclosable/door"
	"letterlock/internal/fault"
)

// tellAll has the carrier tell everybody of a list, some at a time. A crash
// between telling and storing tells nobody twice: the carrier knows whom it
// told, and answers with the same notice.
func (s *Service) tellAll(ctx context.Context, d casefile.Duty, h disclosable.Hash) error {
	for {
		c, err := s.Files.Load(ctx, d.Case)
		if err != nil {
			return err
		}
		g, _ := c.Grant(h)
		var places []int
		for p, came := range g.List.Came {
			if came == "" && len(places) < door.MaxTold {
				places = append(places, p)
			}
		}
		if len(places) == 0 {
			return s.allTold(ctx, d, h)
		}
		told, err := s.Door.TellSome(ctx, door.Places{Grant: h, Places: places, Receipt: s.receipt(ctx, d.Case)})
		if fault.Is(err, fault.Forbidden) || fault.Is(err, fault.Expired) || fault.Is(err, fault.NotFound) || fault.Is(err, fault.Conflict) {
			return s.refused(ctx, d, g, err)
		}
		if err != nil {
			return err
		}
		b := casefile.Batch{}
		for _, x := range told.Told {
			b.Places, b.Came, b.Notice = append(b.Places, x.Place), append(b.Came, casefile.Came(x.Outcome)), append(b.Notice, x.Notice[:])
		}
		if _, err := s.Files.Act(ctx, d.Case, casefile.TheClock, func(casefile.Case) (casefile.Plan, error) {
			return casefile.Plan{Stop: true, Events: []casefile.Event{{Kind: casefile.KToldSome, Grant: &h, Batch: &b}}}, nil
		}); err != nil {
			return err
		}
	}
}

func (s *Service) allTold(ctx context.Context, d casefile.Duty, h disclosable.Hash) error {
	_, err := s.Files.Act(ctx, d.Case, casefile.TheClock, func(c casefile.Case) (casefile.Plan, error) {
		return casefile.Plan{Stop: true, Duties: append(s.toRoom(c), s.Files.Done(d)), Events: []casefile.Event{{Kind: casefile.KTold, Grant: &h, Told: &[16]byte{}}}}, nil
	})
	return err
}

// goOn lets a list go on when counsel has closed the objection of one of its
// people: either their account comes now, or it never does.
func (s *Service) goOn(c casefile.Case) (out []casefile.Duty) {
	for _, g := range c.GrantsOf(disclosable.Produce) {
		if g.IsList() && g.Phase == casefile.GrantUsing {
			out = append(out, casefile.Duty{Kind: casefile.DutyRelease, Key: g.Hash.String(), Due: s.Files.Clock.Now()})
		}
	}
	return out
}
