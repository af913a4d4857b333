package notice

import (
	"context"
	"time"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
)

// ProofWithin is how long a notice waits for the ledger to have the proof that
// its request was filed. After that the person is told without it.
const ProofWithin = time.Hour

// unproven: the proof is not there yet and may still come in time.
func (s *Service) unproven(ctx context.Context, d casefile.Duty) bool {
	if s.Files.Clock.Now().After(d.Due.Add(ProofWithin)) {
		return false
	}
	_, err := s.Filed(ctx, d.Case)
	return fault.Is(err, fault.Unavailable)
}

// receipt is the proof that goes with the notice, so that the person can see
// that the transparency report counts their case. A notice never fails for it.
func (s *Service) receipt(ctx context.Context, n casefile.Number) []byte {
	b, err := s.Filed(ctx, n)
	if err != nil {
		return nil
	}
	return b
}
