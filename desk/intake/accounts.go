package intake

import (
	"context"

	"letterlock/desk/casefile"
)

// Accounts are the accounts of a request as its agency may see them, and how
// many things were asked for of each. Who may open the request may see them.
func (s *Service) Accounts(ctx context.Context, by casefile.Actor, n casefile.Number) (all []casefile.AccountState, wanted int, err error) {
	c, err := s.mine(ctx, by, n)
	if err != nil {
		return nil, 0, err
	}
	if c, err = s.viewed(ctx, by, c); err != nil {
		return nil, 0, err
	}
	all = c.AccountStates()
	for i := range all {
		all[i] = all[i].ForAgency(len(c.Packages) > 0)
	}
	return all, len(c.Demand.Wanted), nil
}
