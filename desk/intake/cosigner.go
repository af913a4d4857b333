package intake

import (
	"context"

	"letterlock/desk/casefile"
)

// coSigner refuses a supervisor who could not sign: a request that names one
// waits for that one alone.
func (s *Service) coSigner(ctx context.Context, d casefile.Demand) error {
	id := d.Emergency.CoSigner
	if id == "" {
		return nil
	}
	who, err := s.Directory.Sender(ctx, id)
	if err != nil || who.Agency != d.Agency || who.Role != casefile.Supervisor || id == d.Officer {
		return invalid("who signs too is no supervisor of your agency now: choose another one, or leave it to whoever is reached first")
	}
	return nil
}
