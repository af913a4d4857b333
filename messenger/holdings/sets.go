package holdings

import (
	"context"

	d "letterlock/disclosable"
	"letterlock/disclosable/door"
	"letterlock/internal/fault"
	"letterlock/wire"
)

// What the desk calls finds its set here: by what a grant or look-up says of
// itself, or by where its hash lies. A hash that lies in neither is of an
// unknown ordinary grant.

// Cleared are the key holders of sealed matters, nil if none are taken. To the
// other holders they, and what is before them, do not exist.
func (h *Holdings) Cleared() *Set { return h.sealed }

func (h *Holdings) sets() []*Set {
	if h.sealed == nil {
		return []*Set{h.Set}
	}
	return []*Set{h.Set, h.sealed}
}

// kind is the set of sealed matters, or of all others. Where no sealed matter is
// taken the ordinary set refuses it.
func (h *Holdings) kind(sealed bool) *Set {
	if sealed && h.sealed != nil {
		return h.sealed
	}
	return h.Set
}

// having is the set in which a grant lies.
func (h *Holdings) having(ctx context.Context, hash d.Hash) (*Set, error) {
	if h.sealed == nil {
		return h.Set, nil
	}
	_, err := h.sealed.Store.Sheet(ctx, hash)
	if fault.Is(err, fault.NotFound) {
		return h.Set, nil
	}
	return h.sealed, err
}

// Resolve implements door.Door.
func (h *Holdings) Resolve(ctx context.Context, q door.Lookup) (door.Resolution, error) {
	return h.kind(q.Sealed).Resolve(ctx, q)
}

// Propose implements door.Door.
func (h *Holdings) Propose(ctx context.Context, grant []byte) (door.Proposal, error) {
	g, err := d.ParseGrant(grant)
	return h.kind(err == nil && g.Sealed).Propose(ctx, grant)
}

// Proposal implements door.Door.
func (h *Holdings) Proposal(ctx context.Context, hash d.Hash) (door.Proposal, error) {
	s, err := h.having(ctx, hash)
	if err != nil {
		return door.Proposal{}, err
	}
	return s.Proposal(ctx, hash)
}

// Withdraw implements door.Door.
func (h *Holdings) Withdraw(ctx context.Context, hash d.Hash) error {
	s, err := h.having(ctx, hash)
	if err != nil {
		return err
	}
	return s.Withdraw(ctx, hash)
}

// Redeem implements door.Door.
func (h *Holdings) Redeem(ctx context.Context, hash d.Hash) (door.Release, error) {
	s, err := h.having(ctx, hash)
	if err != nil {
		return door.Release{}, err
	}
	return s.Redeem(ctx, hash)
}

// Preserve implements door.Door.
func (h *Holdings) Preserve(ctx context.Context, k door.Keep) (door.Kept, error) {
	s, err := h.having(ctx, k.Grant)
	if err != nil {
		return door.Kept{}, err
	}
	return s.Preserve(ctx, k)
}

// OpenSnapshot implements door.Door.
func (h *Holdings) OpenSnapshot(ctx context.Context, k door.Keep) (door.Release, error) {
	s, err := h.having(ctx, k.Grant)
	if err != nil {
		return door.Release{}, err
	}
	return s.OpenSnapshot(ctx, k)
}

// ResolveAll implements door.Door.
func (h *Holdings) ResolveAll(ctx context.Context, q door.Lookups) ([]door.Resolution, error) {
	return h.kind(q.Sealed).ResolveAll(ctx, q)
}

// Draw implements door.Door.
func (h *Holdings) Draw(ctx context.Context, q door.Draw) (door.Drawn, error) {
	s, err := h.having(ctx, q.Grant)
	if err != nil {
		return door.Drawn{}, err
	}
	return s.Draw(ctx, q)
}

// TellSome implements door.Door.
func (h *Holdings) TellSome(ctx context.Context, q door.Places) (door.ToldSome, error) {
	s, err := h.having(ctx, q.Grant)
	if err != nil {
		return door.ToldSome{}, err
	}
	return s.TellSome(ctx, q)
}

// Tell implements door.Door.
func (h *Holdings) Tell(ctx context.Context, t door.Telling) (door.Told, error) {
	s, err := h.having(ctx, t.Grant)
	if err != nil {
		return door.Told{}, err
	}
	return s.Tell(ctx, t)
}

// Object takes a person's answer to a notice, whichever set sent it. One of a
// sealed matter never comes before disclosure, so that no number of an
// objection is ever drawn for one.
func (h *Holdings) Object(ctx context.Context, id wire.AccountID, o wire.Objection) error {
	if h.sealed != nil {
		if _, err := h.sealed.Store.SentNotice(ctx, o.Notice); err == nil {
			return h.sealed.Object(ctx, id, o)
		} else if !fault.Is(err, fault.NotFound) {
			return err
		}
	}
	return h.Set.Object(ctx, id, o)
}

// Knows reports whether a passkey is one of this set's release keys.
func (h *Set) Knows(ctx context.Context, keyID []byte) (bool, error) {
	keys, err := h.Store.Keys(ctx)
	if err != nil {
		return false, err
	}
	_, ok := keyOf(keys, keyID)
	return ok, nil
}
