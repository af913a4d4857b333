package staff

import (
	"context"
	"slices"

	"letterlock/desk/casefile"
	"letterlock/internal/passkey"
)

// MayCertify is a custodian who may certify the records of a case now: trained,
// and without a conflict of interest in it. They need not see the case.
func (s *Service) MayCertify(ctx context.Context, id casefile.MemberID, c casefile.Case) (casefile.Actor, []passkey.Key, error) {
	m, err := s.Require(ctx, id, casefile.Certify)
	if err != nil {
		return casefile.Actor{}, nil, err
	}
	if c.Number.Sealed() && !m.Cleared {
		return casefile.Actor{}, nil, casefile.NoCase()
	}
	if err := s.trained(ctx, m, c); err != nil {
		return casefile.Actor{}, nil, err
	}
	return m.Actor(), m.Keys, s.free(m, c)
}

// CustodianKey is a passkey that may sign certificates, and whose it is.
type CustodianKey struct {
	Name string
	Key  passkey.Key
}

// CustodianKeys are those of everybody who is or was a custodian: what they
// signed stays signed.
func CustodianKeys(ctx context.Context, store Store) ([]CustodianKey, error) {
	all, err := store.Members(ctx)
	if err != nil {
		return nil, err
	}
	var out []CustodianKey
	for _, m := range all {
		if !m.Is(Custodian) {
			continue
		}
		for _, k := range slices.Concat(m.Keys, m.Retired) {
			out = append(out, CustodianKey{m.Name, k})
		}
	}
	return out, nil
}
