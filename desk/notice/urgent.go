package notice

import (
	"context"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
)

// lateByCounsel: after an emergency the person is told late already. Later
// than that is counsel's to say, with a reason and a day.
func (s *Service) lateByCounsel(ctx context.Context, by casefile.MemberID, c casefile.Case) error {
	if !c.Urgent() {
		return nil
	}
	if _, err := s.Team.IsCounsel(ctx, by, c); err != nil {
		return fault.New(fault.Forbidden, "plan notice", "after an emergency the person is told once the danger has passed; only counsel puts that off, with a reason and a day")
	}
	return nil
}
