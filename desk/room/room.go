// Package room brings the papers of a case to the public document room: once
// nobody and nothing withholds them any more, counsel says of each paper and of
// each page what becomes of it, a second person agrees, and the clock sets it,
// has its hash in the public ledger, and shows it. It knows cases and what must
// be left out of them; it must not know how the public site looks, and nothing
// of a sealed matter.
package room

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
	"letterlock/law"
	"letterlock/transparency/room"
)

// Team answers who may do what now; desk/staff implements it.
type Team interface {
	May(ctx context.Context, id casefile.MemberID, p casefile.Permission, n casefile.Number) (casefile.Actor, error)
	MayDecide(ctx context.Context, id casefile.MemberID, c casefile.Case) (casefile.Actor, error)
}

// Pictures draws a page of a PDF, from 1, as PNG.
type Pictures interface {
	Page(ctx context.Context, pdf io.Reader, page int, z casefile.Zoom) ([]byte, error)
}

// Blacken draws boxes into a page's picture, and leaves nothing of what was
// under them, nor anything that is no pixel.
type Blacken func(png []byte, boxes []casefile.Box) ([]byte, error)

// Service is the way of papers to the public.
type Service struct {
	Files    *casefile.Files
	Team     Team
	Law      *law.Table
	Press    *room.Press // nil: the house has no document room, and no duty of it
	Pictures Pictures
	Blacken  Blacken
	Proof    func(ctx context.Context, receipt []byte) ([]byte, error) // of a record of the public ledger; Unavailable until its batch is in
	Ruler    func(png []byte) ([]byte, error)                          // lines at every tenth, for those who place boxes
	Marks    casefile.Marks                                            // which case a document is of: nowhere else is it written
	Days     int                                                       // that counsel has
	Officers bool                                                      // the policy: officers are named

	mu      sync.Mutex
	counted time.Time
}

// How often the desk looks again: whether something still withholds, and how
// often it reminds of papers past their day.
const (
	lookAgain = 24 * time.Hour
	remind    = 7 * 24 * time.Hour
	recount   = time.Hour
	giveUp    = 90 * 24 * time.Hour // after the last notice, when somebody cannot be told; a notice that goes out begins anew
)

// DefaultDays is how long counsel has by default.
const DefaultDays = 14

// Handlers are the duties that the room carries out.
func (s *Service) Handlers() map[casefile.DutyKind]func(context.Context, casefile.Duty) error {
	h := map[casefile.DutyKind]func(context.Context, casefile.Duty) error{casefile.DutyRoom: s.wait, casefile.DutyShow: s.show}
	if s.Press == nil {
		h[casefile.DutyRoom], h[casefile.DutyShow] = s.later, s.later
	}
	return h
}

// later: the house had a document room and has none now. What is due waits until
// there is one again.
func (s *Service) later(ctx context.Context, d casefile.Duty) error {
	_, err := s.Files.Act(ctx, d.Case, casefile.TheClock, func(casefile.Case) (casefile.Plan, error) {
		d.Due = s.Files.Clock.Now().Add(lookAgain)
		return casefile.Plan{Stop: true, Duties: []casefile.Duty{d}}, nil
	})
	return err
}

func invalid(format string, args ...any) error {
	return fault.New(fault.Invalid, "publish papers", format, args...)
}

func (s *Service) row(c casefile.Case) (law.Row, error) {
	row, ok := s.Law.Row(c.Demand.Process, c.Filed)
	if !ok {
		return law.Row{}, casefile.NoRow()
	}
	return row, nil
}

// withheld says why papers may not be public now, and whether they never may:
// what is counted in bands only, or not at all, has no paper in public either.
func (s *Service) withheld(c casefile.Case) (why string, never bool, err error) {
	row, err := s.row(c)
	if err != nil {
		return "", false, err
	}
	if c.Number.Sealed() || c.Drill != nil || row.Publication.Kind != law.Exact {
		return "the law lets nothing be published of this process", true, nil
	}
	return c.RoomWithheld(s.Files.Clock.Now()), false, nil
}

// wait looks whether anything still withholds; then it gives counsel a day, and
// from that day on reminds the team.
func (s *Service) wait(ctx context.Context, d casefile.Duty) error {
	_, err := s.Files.Act(ctx, d.Case, casefile.TheClock, func(c casefile.Case) (casefile.Plan, error) {
		why, never, err := s.withheld(c)
		now := s.Files.Clock.Now()
		switch {
		case err != nil:
			return casefile.Nothing, err
		case never || c.Room.Done:
			return casefile.Plan{Stop: true, Duties: []casefile.Duty{s.Files.Done(d)}}, nil
		case why == casefile.NotTold && !c.NoticeWaits() && now.Sub(c.ToldLast()) > giveUp:
			return casefile.Plan{Stop: true, Events: c.Alarm(casefile.AlarmRoomUntold), Duties: []casefile.Duty{s.Files.Done(d)}}, nil
		case why != "":
			d.Due, d.Note = now.Add(lookAgain), why
			p := casefile.Plan{Stop: true, Duties: []casefile.Duty{d}}
			if why == casefile.NotRead {
				p.Events = c.Alarm(casefile.AlarmRoomUnread)
			}
			return p, nil
		case c.Room.Due.IsZero():
			day := now.AddDate(0, 0, max(1, s.Days))
			return casefile.One(casefile.Event{Kind: casefile.KRoomDue, Due: day}, s.Files.Done(d), casefile.Duty{Kind: d.Kind, Key: forCounsel, Due: day}), nil
		}
		d.Due, d.Note = now.Add(remind), "past its day"
		return casefile.Plan{Stop: true, Events: c.Alarm(casefile.AlarmRoom), Duties: []casefile.Duty{d}}, nil
	})
	return err
}

// Entry is a case in counsel's list.
type Entry struct {
	Case casefile.Case
	Row  law.Row
}

// Waiting are the cases whose papers wait for counsel or for a second person,
// those with the earliest day first.
func (s *Service) Waiting(ctx context.Context, by casefile.MemberID) ([]Entry, error) {
	return s.entries(ctx, by, func(c casefile.Case) bool { return !c.Room.Due.IsZero() && !c.Room.Done })
}

func (s *Service) entries(ctx context.Context, by casefile.MemberID, fits func(casefile.Case) bool) ([]Entry, error) {
	if _, err := s.Team.May(ctx, by, casefile.AgreePapers, ""); err != nil {
		return nil, err
	}
	waiting, err := s.waiting(ctx, func(casefile.Duty) bool { return true })
	if err != nil {
		return nil, err
	}
	var out []Entry
	for _, c := range waiting {
		row, err := s.row(c)
		if err != nil {
			return nil, err
		}
		if fits(c) {
			out = append(out, Entry{c, row})
		}
	}
	slices.SortFunc(out, func(a, b Entry) int { return a.Case.Room.Due.Compare(b.Case.Room.Due) })
	return out, nil
}

// forCounsel is the key of the wait for counsel, once nothing withholds.
const forCounsel = "counsel"

// maxWaiting bounds one look at the list; beyond it the oldest are shown.
const maxWaiting = 2_000

// waiting are the cases whose papers lie with counsel, of those duties that fit.
func (s *Service) waiting(ctx context.Context, fits func(casefile.Duty) bool) ([]casefile.Case, error) {
	due, err := s.Files.Public.Store.Waiting(ctx, casefile.DutyRoom, forCounsel, maxWaiting)
	if err != nil {
		return nil, fmt.Errorf("find papers that wait: %w", err)
	}
	var out []casefile.Case
	for _, d := range due {
		if !fits(d) {
			continue
		}
		c, err := s.Files.Load(ctx, d.Case)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, nil
}

// Count tells the public how many papers counsel objected to, and how many
// cases wait past their day. It is done once an hour and after each change;
// sealed matters have another store and are in neither.
func (s *Service) Count(ctx context.Context) error {
	now := s.Files.Clock.Now()
	s.mu.Lock()
	fresh := !s.counted.IsZero() && now.Sub(s.counted) < recount && !now.Before(s.counted)
	s.mu.Unlock()
	if s.Press == nil || fresh {
		return nil
	}
	sums, err := s.Files.Public.Store.Sums(ctx, casefile.Span{From: "2000-01", Until: casefile.Month(now)}, casefile.MKeptBack)
	if err != nil {
		return fmt.Errorf("count objections: %w", err)
	}
	// Until it is looked at on its day, the day of the duty is counsel's.
	waiting, err := s.waiting(ctx, func(d casefile.Duty) bool { return d.Note != "" || !now.Before(d.Due) })
	if err != nil {
		return err
	}
	c := room.Counts{AsOf: room.DayOf(now), Objected: sums[""]}
	for _, x := range waiting {
		if x.Room.Overdue(now) {
			c.Overdue++
		}
	}
	if err := s.Press.Count(c); err != nil {
		return err
	}
	s.mu.Lock()
	s.counted = now
	s.mu.Unlock()
	return nil
}

// changed has the counts told anew at the next look.
func (s *Service) changed() {
	s.mu.Lock()
	s.counted = time.Time{}
	s.mu.Unlock()
}

// errNoRoom is said where a house has no document room.
func errNoRoom() error {
	return fault.New(fault.NotFound, "open document room", "this house keeps no public document room")
}

var errAgain = errors.New("what was set is gone, and is set anew")
