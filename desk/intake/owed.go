package intake

import (
	"context"
	"slices"
	"time"

	"letterlock/desk/casefile"
	"letterlock/law"
)

// owed is when the agency got data in the oldest emergency for which it still
// owes legal process; zero if it owes none. It is judged with its next request.
func (s *Service) owed(ctx context.Context, shelf casefile.Shelf, a casefile.AgencyID) (time.Time, error) {
	if a == "" {
		return time.Time{}, nil
	}
	heads, err := shelf.Store.Queue(ctx, casefile.Filter{Agency: a, Lane: casefile.LaneEmergency, Limit: 500})
	if err != nil {
		return time.Time{}, err
	}
	var oldest time.Time
	for _, h := range heads {
		if h.Promise.Open() && (oldest.IsZero() || h.Promise.Disclosed.Before(oldest)) {
			oldest = h.Promise.Disclosed
		}
	}
	return oldest, nil
}

// beforeSigning leaves out of what an officer sees before sending that the
// attestation is not signed: it is signed next, over what was sent.
func beforeSigning(found []law.Finding) []law.Finding {
	return slices.DeleteFunc(found, func(f law.Finding) bool { return f.ID == "EMG.NO_ATTESTATION" })
}
