package room

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
	"letterlock/transparency/room"
)

// show carries out what two people agreed to, or one withdrew.
//
// Step 1: set the papers. Step 2: record the hash of their list in the public
// ledger, and keep its receipt. Step 3: when the ledger's proof is there, show.
// Step 4: store that it is shown.
//
// A crash in between repeats a step: the list is the same each time, so that its
// hash is, and showing twice shows once.
func (s *Service) show(ctx context.Context, d casefile.Duty) error {
	c, err := s.Files.Load(ctx, d.Case)
	if err != nil {
		return err
	}
	x, ok := issueOf(c, d.Key)
	switch {
	case !ok:
		return errors.New("a case has no publication of that id") // ends in a log: no number
	case !x.Taken.IsZero():
		return s.taken(ctx, d, x)
	case !x.Shown.IsZero():
		return s.done(ctx, d)
	}
	if why, never, err := s.withheld(c); err != nil || never || why != "" {
		return errors.Join(err, s.held(ctx, d, why))
	}
	if x.Sum == "" {
		return s.bind(ctx, d, c, x)
	}
	proved, err := s.proved(ctx, c.Number, x.ID)
	if err != nil {
		return notYet(err)
	}
	sum, err := sumOf(x.Sum)
	if err != nil {
		return err
	}
	if err := s.Marks.SetMark(ctx, ofMark(room.ID(x.ID)), []byte(c.Number)); err != nil {
		return fmt.Errorf("note the case of a document: %w", err)
	}
	if err := s.Press.Issue(room.ID(x.ID), sum, proved); err != nil {
		if !fault.Is(err, fault.Conflict) {
			return err
		}
		return s.again(ctx, c, x, sum, proved)
	}
	_, err = s.Files.Act(ctx, d.Case, casefile.TheClock, func(casefile.Case) (casefile.Plan, error) {
		return casefile.Plan{Stop: true, Events: []casefile.Event{{Kind: casefile.KRoomShown, Room: &casefile.RoomAct{Issue: x.ID}}}, Duties: []casefile.Duty{s.Files.Done(d)},
			Stash: []casefile.Stash{{Key: receiptKey(x.ID)}}}, nil
	})
	s.changed()
	return err
}

func issueOf(c casefile.Case, id string) (casefile.RoomIssue, bool) {
	for _, x := range c.Room.Issues {
		if x.ID == id {
			return x, true
		}
	}
	return casefile.RoomIssue{}, false
}

func sumOf(s casefile.Sum) (out room.Sum, err error) {
	b, err := hex.DecodeString(string(s))
	if err != nil || len(b) != len(out) {
		return out, errors.New("the hash of a publication cannot be read")
	}
	return room.Sum(b), nil
}

// held: something came up after two people agreed, such as a renewed order. They
// are told, and the clock looks again.
func (s *Service) held(ctx context.Context, d casefile.Duty, why string) error {
	_, err := s.Files.Act(ctx, d.Case, casefile.TheClock, func(c casefile.Case) (casefile.Plan, error) {
		d.Due, d.Note = s.Files.Clock.Now().Add(lookAgain), why
		return casefile.Plan{Stop: true, Events: c.Alarm("papers that were to be published are held: " + why), Duties: []casefile.Duty{d}}, nil
	})
	return err
}

// bind sets the papers and has the hash of their list in the ledger.
func (s *Service) bind(ctx context.Context, d casefile.Duty, c casefile.Case, x casefile.RoomIssue) error {
	sum, err := s.set(ctx, c, x)
	if err != nil {
		return s.stuck(ctx, d, err)
	}
	receipt, err := s.record(ctx, room.KindPublished, sum)
	if err != nil {
		return err
	}
	_, err = s.Files.Act(ctx, d.Case, casefile.TheClock, func(casefile.Case) (casefile.Plan, error) {
		return casefile.Plan{Events: []casefile.Event{{Kind: casefile.KRoomBound, Room: &casefile.RoomAct{Issue: x.ID, Sum: casefile.Sum(sum.String())}}},
			Stash: []casefile.Stash{{Key: receiptKey(x.ID), Body: receipt}}, Duties: []casefile.Duty{d}}, nil
	})
	return err
}

// again sets anew what the disk has lost. It must come out as it was: what the
// ledger does not hold is not shown.
func (s *Service) again(ctx context.Context, c casefile.Case, x casefile.RoomIssue, sum room.Sum, proved []byte) error {
	got, err := s.set(ctx, c, x)
	if err != nil {
		return err
	}
	if got != sum {
		return errAgain
	}
	return s.Press.Issue(room.ID(x.ID), sum, proved)
}

// stuck tells the team that papers cannot be set, and tries again tomorrow.
func (s *Service) stuck(ctx context.Context, d casefile.Duty, cause error) error {
	_, err := s.Files.Act(ctx, d.Case, casefile.TheClock, func(c casefile.Case) (casefile.Plan, error) {
		d.Due, d.Note = s.Files.Clock.Now().Add(lookAgain), fault.Say(cause)
		return casefile.Plan{Stop: true, Events: c.Alarm("papers cannot be published: " + fault.Say(cause)), Duties: []casefile.Duty{d}}, nil
	})
	return err
}

// record puts a hash into the public ledger, under no case: what anybody may
// open there names none.
func (s *Service) record(ctx context.Context, kind string, sum room.Sum) ([]byte, error) {
	b, err := s.Files.Ledger.Keep(ctx, casefile.Record{Kind: kind, At: s.Files.Clock.Now(), Body: sum[:]})
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, "publish papers", err, "the ledger cannot be written, and without a record nothing is published")
	}
	return b, nil
}

func receiptKey(id string) string { return "room:receipt:" + id }
func stoneKey(id string) string   { return "room:stone:" + id }

// proved is the proof of a record whose receipt was kept.
func (s *Service) proved(ctx context.Context, n casefile.Number, id string) ([]byte, error) {
	b, err := s.Files.Public.Store.Stash(ctx, n, receiptKey(id))
	if err != nil {
		return nil, fmt.Errorf("read the receipt of a publication: %w", err)
	}
	return s.Proof(ctx, b)
}

// notYet: the proof comes with the ledger's next checkpoint, and the clock looks
// again by itself.
func notYet(err error) error {
	if fault.Is(err, fault.Unavailable) {
		return nil
	}
	return err
}

func (s *Service) done(ctx context.Context, d casefile.Duty) error {
	_, err := s.Files.Act(ctx, d.Case, casefile.TheClock, func(casefile.Case) (casefile.Plan, error) {
		return casefile.Plan{Stop: true, Duties: []casefile.Duty{s.Files.Done(d)}}, nil
	})
	return err
}

// taken sees to it that a withdrawn publication is gone, and puts the ledger's
// proof beside its tombstone.
func (s *Service) taken(ctx context.Context, d casefile.Duty, x casefile.RoomIssue) error {
	sum, err := s.bury(x)
	if err != nil {
		return err
	}
	if x.Sum == "" {
		return s.done(ctx, d)
	}
	receipt, err := s.Files.Public.Store.Stash(ctx, d.Case, stoneKey(x.ID))
	if fault.Is(err, fault.NotFound) {
		if receipt, err = s.record(ctx, room.KindWithdrawn, sum); err != nil {
			return err
		}
		_, err = s.Files.Act(ctx, d.Case, casefile.TheClock, func(casefile.Case) (casefile.Plan, error) {
			return casefile.Plan{Stop: true, Stash: []casefile.Stash{{Key: stoneKey(x.ID), Body: receipt}}}, nil
		})
	}
	if err != nil {
		return err
	}
	proved, err := s.Proof(ctx, receipt)
	if err != nil {
		return notYet(err)
	}
	var first []byte
	if x.Shown.IsZero() { // else its own proof lies there already
		if first, err = s.proved(ctx, d.Case, x.ID); err != nil {
			return notYet(err)
		}
	}
	if err := s.Press.Prove(room.ID(x.ID), sum, proved, first); err != nil {
		return err
	}
	_, err = s.Files.Act(ctx, d.Case, casefile.TheClock, func(casefile.Case) (casefile.Plan, error) {
		return casefile.Plan{Stop: true, Duties: []casefile.Duty{s.Files.Done(d)}, Stash: []casefile.Stash{{Key: receiptKey(x.ID)}, {Key: stoneKey(x.ID)}}}, nil
	})
	return err
}
