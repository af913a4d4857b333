package notice

import (
	"context"

	"letterlock/desk/casefile"
	"letterlock/disclosable"
)

// end takes back the notice of a trace that will never begin: nobody is told of
// what did not happen.
func (s *Service) end(ctx context.Context, d casefile.Duty, h disclosable.Hash) error {
	_, err := s.Files.Act(ctx, d.Case, casefile.TheClock, func(casefile.Case) (casefile.Plan, error) {
		return casefile.Plan{Stop: true, Events: []casefile.Event{{Kind: casefile.KGrantEnded, Grant: &h, Phase: casefile.GrantWithdrawn, Why: "the trace it tells of never began"}},
			Duties: []casefile.Duty{s.Files.Done(d), {Kind: casefile.DutySign, Key: h.String(), Due: s.Files.Clock.Now()}}}, nil
	})
	return err
}
