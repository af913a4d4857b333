package agency

import (
	"bytes"
	"context"
	"slices"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
	"letterlock/internal/passkey"
)

// AddKey gives an officer who is signed in another passkey, so that one lost
// device does not lock them out. Their mailbox is told.
func (s *Service) AddKey(ctx context.Context, id casefile.OfficerID, k passkey.Key) (Officer, error) {
	o, err := s.addKey(ctx, id, k)
	if err != nil {
		return Officer{}, err
	}
	return o, s.Mail.Send(ctx, casefile.NewMail(o.Mailbox, "A passkey was added", "A further passkey was added to your enrolment. If it was not you, tell us at once: your sessions and keys can be ended."))
}

func (s *Service) addKey(ctx context.Context, id casefile.OfficerID, k passkey.Key) (Officer, error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	o, err := s.SignedIn(ctx, id)
	if err != nil {
		return Officer{}, err
	}
	if err := s.keyFits(o, k); err != nil {
		return Officer{}, err
	}
	o.Keys, o.KeyAdded = append(slices.Clone(o.Keys), k), s.Acts.Clock.Now()
	if err := s.Acts.Keep(ctx, "officer.keyed", o.Actor(), string(id), "", o); err != nil {
		return Officer{}, err
	}
	return o, s.Store.PutOfficer(ctx, o)
}

// SignedIn is an officer who may look after their own passkeys: an active one,
// or one who waits for confirmation. Anyone else is Unauthenticated.
func (s *Service) SignedIn(ctx context.Context, id casefile.OfficerID) (Officer, error) {
	o, err := s.Store.Officer(ctx, id)
	if err == nil && o.State == Keyed {
		return o, s.open(ctx, o)
	}
	return s.Active(ctx, id)
}

// DropKey takes away a passkey that was lost or is no longer used; the last
// one stays. What locks out does not wait for the ledger.
func (s *Service) DropKey(ctx context.Context, id casefile.OfficerID, key []byte) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	o, err := s.Active(ctx, id)
	if err != nil {
		return err
	}
	left := slices.DeleteFunc(slices.Clone(o.Keys), func(k passkey.Key) bool { return bytes.Equal(k.ID, key) })
	switch {
	case len(left) == len(o.Keys):
		return fault.New(fault.NotFound, "drop passkey", "there is no such passkey")
	case len(left) == 0:
		return invalid("this is your only passkey; add another one first")
	}
	o.Keys = left
	if err := s.Store.PutOfficer(ctx, o); err != nil {
		return err
	}
	s.Acts.Journal("officer.unkeyed", o.Actor(), string(id), "", o)
	return nil
}
