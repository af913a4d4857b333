package staff

import (
	"context"

	"letterlock/desk/casefile"
)

// IsLead is MayDecide for a lead.
func (s *Service) IsLead(ctx context.Context, id casefile.MemberID, c casefile.Case) (casefile.Actor, error) {
	if _, err := s.Require(ctx, id, casefile.CloseAsLead); err != nil {
		return casefile.Actor{}, err
	}
	return s.MayDecide(ctx, id, c)
}
