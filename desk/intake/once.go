package intake

import (
	"context"
	"crypto/sha256"
	"encoding/hex"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
	"letterlock/law"
)

// Once is a call that an agency's system may repeat until it knows the answer:
// of one system and key only the first does anything.
type Once struct {
	System casefile.SystemID
	Key    string // the system's own, as it came
	Body   []byte // operation and body, to tell a repetition from another call
}

// ErrOtherCall is the answer to a key that was used for something else.
var ErrOtherCall = fault.New(fault.Invalid, "repeat call", "this Idempotency-Key was used for another call within the last 24 hours; draw a new key for each new call")

// ErrPerson is the answer to a system where the law or the house wants a person.
var ErrPerson = fault.New(fault.Forbidden, "send emergency", "an emergency needs the attestation of an officer with their own passkey, which no system can give; the draft is kept: the officer who answers for this system opens it in the portal, attests and sends it")

func (o Once) call() casefile.Call {
	return casefile.Call{ID: sha256.Sum256([]byte("letterlock call v1\x00" + string(o.System) + "\x00" + o.Key)),
		Body: sha256.Sum256(append([]byte("letterlock body v1\x00"), o.Body...))}
}

// StartOnce opens a draft for an agency's system. Who repeats the call gets the
// same draft, also after a crash: its id follows from the call.
func (s *Service) StartOnce(ctx context.Context, by casefile.Actor, d casefile.Demand, o Once) (casefile.DraftID, error) {
	c := o.call()
	id := sha256.Sum256(append([]byte("letterlock draft v1\x00"), c.ID[:]...))
	c.Draft = casefile.DraftID(hex.EncodeToString(id[:16]))
	sealed, err := s.sealed(ctx, by, d.Process)
	if err != nil {
		return "", err
	}
	shelf := s.Files.Shelf(sealed)
	return c.Draft, s.once(ctx, shelf, c, func() error {
		if _, _, err := s.draft(ctx, by, c.Draft); err == nil { // a crash came between the draft and its answer
			return nil
		}
		if _, err := shelf.Store.FiledFrom(ctx, c.Draft); err == nil {
			return nil
		}
		return s.startSystem(ctx, by, shelf, c.Draft, d)
	})
}

func (s *Service) startSystem(ctx context.Context, by casefile.Actor, shelf casefile.Shelf, id casefile.DraftID, d casefile.Demand) error {
	who, err := s.Directory.Sender(ctx, by.OfficerID())
	if err != nil {
		return err
	}
	if d.IssuingBody == "" {
		d.IssuingBody = who.AgencyName
	}
	if d.Phone == "" {
		d.Phone = who.Phone
	}
	d, err = s.tidy(keepIdentity(d, casefile.Demand{Jurisdiction: who.Country, Agency: who.Agency, AgencyName: who.AgencyName, Officer: by.OfficerID(),
		OfficerName: who.Actor.Name, Mailbox: who.Mailbox, Channel: law.ChannelAPI}), s.Files.Clock.Now())
	if err != nil {
		return err
	}
	return shelf.Store.SaveDraft(ctx, casefile.Draft{ID: id, Owner: by, Demand: d, Touched: s.Files.Clock.Now()})
}

// once does a call that is not remembered. The memory is written first: a crash
// at any later moment leaves a call whose repetition goes on where it ended.
func (s *Service) once(ctx context.Context, shelf casefile.Shelf, c casefile.Call, do func() error) error {
	if _, busy := s.calls.LoadOrStore(c.ID, true); busy {
		return fault.New(fault.Conflict, "repeat call", "a call with this Idempotency-Key is being worked on at this moment; repeat it in a few seconds")
	}
	defer s.calls.Delete(c.ID)
	c.At = s.Files.Clock.Now()
	for _, any := range s.Files.Shelves() {
		got, err := any.Store.Call(ctx, c.ID)
		switch {
		case fault.Is(err, fault.NotFound):
			continue
		case err != nil:
			return err
		case c.At.Sub(got.At) > casefile.CallLife:
			err = any.Store.Forget(ctx, c.ID)
		case got.Body != c.Body:
			err = ErrOtherCall
		}
		if err != nil {
			return err
		}
	}
	if _, err := shelf.Store.Begin(ctx, c); err != nil {
		return err
	}
	err := do()
	if err != nil && fault.KindOf(err) != fault.Internal { // nothing was done: a mended body may come under the same key
		if ferr := shelf.Store.Forget(ctx, c.ID); ferr != nil {
			return ferr
		}
	}
	return err
}

// SendOnce files a system's draft; repeated, it gives the same number. What
// needs a person it leaves a draft.
func (s *Service) SendOnce(ctx context.Context, by casefile.Actor, id casefile.DraftID, o Once) (n casefile.Number, err error) {
	c := o.call()
	c.Draft = id
	shelf, err := s.shelfOf(ctx, by, id)
	if err != nil {
		return "", err
	}
	err = s.once(ctx, shelf, c, func() error {
		if n, err = shelf.Store.FiledFrom(ctx, id); err == nil {
			return nil
		}
		d, _, err := s.draft(ctx, by, id)
		if err != nil {
			return err
		}
		if d.Demand.Process == law.Emergency {
			return ErrPerson
		}
		n, err = s.File(ctx, by, id)
		return err
	})
	return n, err
}

// shelfOf finds where a draft of the caller lies, or the case that it became.
func (s *Service) shelfOf(ctx context.Context, by casefile.Actor, id casefile.DraftID) (casefile.Shelf, error) {
	_, shelf, err := s.draft(ctx, by, id)
	if !fault.Is(err, fault.Withheld) {
		return shelf, err
	}
	for _, any := range s.Files.Shelves() {
		n, ferr := any.Store.FiledFrom(ctx, id)
		if fault.Is(ferr, fault.NotFound) {
			continue
		}
		if ferr == nil {
			_, ferr = s.mine(ctx, by, n)
		}
		return any, ferr
	}
	return casefile.Shelf{}, err
}
