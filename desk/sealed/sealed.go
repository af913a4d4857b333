// Package sealed keeps what only a national-security matter has: the notice to
// the Government that asks for judicial review of the secrecy, the days that
// follow from it, and the list of people who may know of such a matter at all.
// It decides nothing about data and must not know an ordinary case.
package sealed

import (
	"bytes"
	"context"
	"io"
	"slices"
	"strings"
	"time"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
	"letterlock/law"
)

// Team answers who may do what now; desk/staff implements it.
type Team interface {
	May(ctx context.Context, id casefile.MemberID, p casefile.Permission, n casefile.Number) (casefile.Actor, error)
	MaySeal(ctx context.Context, id casefile.MemberID) (bool, error)
	IsCounsel(ctx context.Context, id casefile.MemberID, c casefile.Case) (casefile.Actor, error)
}

// Letters sets the notice to the Government as PDF.
type Letters interface {
	Reciprocal(ctx context.Context, c casefile.Case, row law.Row, w io.Writer) (name string, err error)
}

// Teller ends a silence: the notice to the person goes before the key holders.
type Teller interface {
	Now(ctx context.Context, by casefile.MemberID, n casefile.Number, reason string) error
}

// Service keeps the secrecy of sealed matters.
type Service struct {
	Files   *casefile.Files
	Team    Team
	Law     *law.Table
	Letters Letters
	Tell    Teller
}

func invalid(format string, args ...any) error {
	return fault.New(fault.Invalid, "keep sealed matter", format, args...)
}

// The alarms, by their exact text: each is raised once.
const (
	AlarmSend       = "the notice to the Government is ready: counsel sends it today and records that it left"
	AlarmGovernment = "the Government's time to apply to a court is over and no application is recorded: counsel looks at the secrecy"
	AlarmReview     = "three years are over: the agency must have looked at the secrecy again; counsel asks what became of it"
	AlarmClosed     = "the investigation was closed: the agency must look at the secrecy again; counsel asks what became of it"
)

// Matter is a sealed case with its secrecy and its days.
type Matter struct {
	Case   casefile.Case
	Row    law.Row
	Duties []casefile.Duty // those still to come, the earliest first
}

// Matters are all sealed cases, for those on the list. For anyone else there is
// no such page.
func (s *Service) Matters(ctx context.Context, by casefile.MemberID) ([]Matter, error) {
	if may, err := s.Team.MaySeal(ctx, by); err != nil || !may {
		return nil, gone(err)
	}
	heads, err := s.Files.Sealed.Store.Queue(ctx, casefile.Filter{Limit: 500})
	if err != nil {
		return nil, err
	}
	var out []Matter
	for _, h := range heads {
		m, err := s.matter(ctx, h.Number)
		if err != nil {
			return nil, err
		}
		out = append(out, m)
	}
	return out, nil
}

// gone is the answer to who may not know: that there is nothing.
func gone(err error) error {
	if err == nil || fault.Is(err, fault.Forbidden) {
		return casefile.NoCase()
	}
	return err
}

// Matter is one of them.
func (s *Service) Matter(ctx context.Context, by casefile.MemberID, n casefile.Number) (Matter, error) {
	if err := s.visible(ctx, by, n); err != nil {
		return Matter{}, err
	}
	return s.matter(ctx, n)
}

func (s *Service) visible(ctx context.Context, by casefile.MemberID, n casefile.Number) error {
	if may, err := s.Team.MaySeal(ctx, by); err != nil || !may || !n.Sealed() {
		return gone(err)
	}
	_, err := s.Team.May(ctx, by, casefile.OpenCases, n)
	return err
}

func (s *Service) matter(ctx context.Context, n casefile.Number) (Matter, error) {
	c, err := s.Files.Load(ctx, n)
	if err != nil {
		return Matter{}, err
	}
	row, ok := s.Law.Row(c.Demand.Process, c.Filed)
	if !ok {
		return Matter{}, fault.New(fault.NotFound, "find law row", "the law row of this case is not in the table any more")
	}
	all, err := s.Files.Sealed.Store.DutiesOf(ctx, n)
	if err != nil {
		return Matter{}, err
	}
	open := slices.DeleteFunc(all, func(d casefile.Duty) bool { return !d.Done.IsZero() })
	slices.SortFunc(open, func(a, b casefile.Duty) int { return a.Due.Compare(b.Due) })
	return Matter{c, row, open}, nil
}

// Letter opens a letter; that it was opened is recorded.
func (s *Service) Letter(ctx context.Context, by casefile.MemberID, n casefile.Number, id casefile.PaperID) (io.ReadCloser, casefile.GagLetter, error) {
	if err := s.visible(ctx, by, n); err != nil {
		return nil, casefile.GagLetter{}, err
	}
	me, err := s.Team.May(ctx, by, casefile.ReadPapers, n)
	if err != nil {
		return nil, casefile.GagLetter{}, err
	}
	var got casefile.GagLetter
	_, err = s.Files.Act(ctx, n, me, func(c casefile.Case) (casefile.Plan, error) {
		i := slices.IndexFunc(c.Secrecy.Letters, func(l casefile.GagLetter) bool { return l.ID == id })
		if i < 0 {
			return casefile.Nothing, fault.New(fault.NotFound, "open letter", "there is no such letter")
		}
		got = c.Secrecy.Letters[i]
		return casefile.One(casefile.Event{Kind: casefile.KNote, Why: "opened the letter " + got.Name}), nil
	})
	if err != nil {
		return nil, casefile.GagLetter{}, err
	}
	r, err := s.Files.Sealed.Blobs.Open(ctx, got.Sum)
	return r, got, err
}

// Sent records that counsel sent a letter. From that day the Government's time
// runs.
// law: 18 USC 3511(b)(1)
func (s *Service) Sent(ctx context.Context, by casefile.MemberID, n casefile.Number, id casefile.PaperID, day time.Time, how string) error {
	if strings.TrimSpace(how) == "" {
		return invalid("say how it was sent and to whom")
	}
	return s.counsel(ctx, by, n, day, func(c casefile.Case, row law.Row) (casefile.Plan, error) {
		p := casefile.One(casefile.Event{Kind: casefile.KGagSent, Why: how, GagAct: &casefile.GagAct{ID: id, Day: day}})
		if due, ok := law.DueIn(row, law.ClockGovernment, law.Ordinary, day); ok {
			p.Duties = append(p.Duties, casefile.Duty{Kind: casefile.DutyGag, Key: casefile.GagGovernment, Due: due})
		}
		return p, nil
	})
}

// Step records what the Government or a court did. When the secrecy has ended,
// and something was disclosed under the case, the notice to the person goes
// before the key holders (duties B7, D6).
func (s *Service) Step(ctx context.Context, by casefile.MemberID, n casefile.Number, move casefile.GagMove, day time.Time, why string) error {
	if strings.TrimSpace(why) == "" || !slices.Contains(casefile.GagMoves, move) {
		return invalid("say what happened, and where it stands: docket, letter, date")
	}
	tell := false
	err := s.counsel(ctx, by, n, day, func(c casefile.Case, row law.Row) (casefile.Plan, error) {
		p := casefile.One(casefile.Event{Kind: casefile.KGagStep, Why: why, GagAct: &casefile.GagAct{Move: move, Day: day}})
		now := s.Files.Clock.Now()
		done := func(key string) {
			p.Duties = append(p.Duties, casefile.Duty{Kind: casefile.DutyGag, Key: key, Due: now, Done: now})
		}
		switch move {
		case casefile.GagApplied, casefile.GagExtended:
			done(casefile.GagGovernment)
		case casefile.GagTerminated:
			done(casefile.GagGovernment)
			done(casefile.GagThreeYears)
			done(casefile.GagClosed)
			tell = c.Disclosed()
		}
		return p, nil
	})
	if err != nil || !tell {
		return err
	}
	return s.Tell.Now(ctx, by, n, "the secrecy ended on "+day.Format(time.DateOnly))
}

// Known records the days of the investigation, as far as we were told. The
// reviews count from them.
func (s *Service) Known(ctx context.Context, by casefile.MemberID, n casefile.Number, begun, closed time.Time, why string) error {
	now := s.Files.Clock.Now()
	switch {
	case strings.TrimSpace(why) == "" || begun.IsZero() && closed.IsZero():
		return invalid("give a day, and say from what we know it")
	case begun.After(now) || closed.After(now) || !begun.IsZero() && !closed.IsZero() && closed.Before(begun):
		return invalid("the days cannot be so: they have passed, and the end comes after the start")
	}
	return s.counsel(ctx, by, n, now, func(c casefile.Case, row law.Row) (casefile.Plan, error) {
		p := casefile.One(casefile.Event{Kind: casefile.KGagDates, Why: why, GagAct: &casefile.GagAct{Start: begun, Close: closed}})
		c.Secrecy.Start = begun
		if due, ok := casefile.GagReview(row, c); ok && c.Secrecy.Ended().IsZero() {
			p.Duties = append(p.Duties, casefile.Duty{Kind: casefile.DutyGag, Key: casefile.GagThreeYears, Due: due})
			if !closed.IsZero() {
				p.Duties = append(p.Duties, casefile.Duty{Kind: casefile.DutyGag, Key: casefile.GagClosed, Due: now})
			}
		}
		return p, nil
	})
}

func (s *Service) counsel(ctx context.Context, by casefile.MemberID, n casefile.Number, day time.Time, plan func(casefile.Case, law.Row) (casefile.Plan, error)) error {
	if err := s.visible(ctx, by, n); err != nil {
		return err
	}
	if day.IsZero() || day.After(s.Files.Clock.Now()) {
		return invalid("give the day on which it happened: today, or one that has passed")
	}
	me, err := s.Team.May(ctx, by, casefile.DecideCounsel, n)
	if err != nil {
		return err
	}
	_, err = s.Files.Act(ctx, n, me, func(c casefile.Case) (casefile.Plan, error) {
		if _, err := s.Team.IsCounsel(ctx, by, c); err != nil {
			return casefile.Nothing, err
		}
		row, ok := s.Law.Row(c.Demand.Process, c.Filed)
		if !ok {
			return casefile.Nothing, invalid("the law row of this case is not in the table any more")
		}
		return plan(c, row)
	})
	return err
}

// Handlers are the duties that this part carries out.
func (s *Service) Handlers() map[casefile.DutyKind]func(context.Context, casefile.Duty) error {
	return map[casefile.DutyKind]func(context.Context, casefile.Duty) error{casefile.DutyGag: s.due}
}

func (s *Service) due(ctx context.Context, d casefile.Duty) error {
	m, err := s.matter(ctx, d.Case)
	if err != nil {
		return err
	}
	switch d.Key {
	case casefile.GagNotice:
		return s.write(ctx, m, d)
	case casefile.GagThreeYears:
		if due, ok := casefile.GagReview(m.Row, m.Case); ok && due.After(s.Files.Clock.Now()) { // the request was corrected since
			d.Due = due
			return s.plan(ctx, d.Case, casefile.Plan{Duties: []casefile.Duty{d}, Stop: true})
		}
		return s.alarm(ctx, d, AlarmReview)
	case casefile.GagClosed:
		return s.alarm(ctx, d, AlarmClosed)
	case casefile.GagGovernment:
		return s.alarm(ctx, d, AlarmGovernment)
	}
	return nil
}

func (s *Service) plan(ctx context.Context, n casefile.Number, p casefile.Plan) error {
	_, err := s.Files.Act(ctx, n, casefile.TheClock, func(casefile.Case) (casefile.Plan, error) { return p, nil })
	return err
}

// alarm calls counsel, unless the secrecy has ended meanwhile.
func (s *Service) alarm(ctx context.Context, d casefile.Duty, text string) error {
	_, err := s.Files.Act(ctx, d.Case, casefile.TheClock, func(c casefile.Case) (casefile.Plan, error) {
		p := casefile.Plan{Stop: true, Duties: []casefile.Duty{s.Files.Done(d)}}
		if c.Secrecy.Ended().IsZero() && !(d.Key == casefile.GagGovernment && (c.Secrecy.Took(casefile.GagApplied) || c.Secrecy.Took(casefile.GagExtended))) {
			p.Events = c.Alarm(text)
		}
		return p, nil
	})
	return err
}

// write makes the notice to the Government, once, on the day of receipt.
// law: 18 USC 3511(b)(1)
func (s *Service) write(ctx context.Context, m Matter, d casefile.Duty) error {
	if len(m.Case.Secrecy.Letters) > 0 || m.Case.Withdrawn {
		return s.plan(ctx, d.Case, casefile.Plan{Duties: []casefile.Duty{s.Files.Done(d)}, Stop: true})
	}
	var b bytes.Buffer
	name, err := s.Letters.Reciprocal(ctx, m.Case, m.Row, &b)
	if err != nil {
		return err
	}
	sum, size, err := s.Files.Sealed.Blobs.Put(ctx, &b, casefile.MaxPaper)
	if err != nil {
		return err
	}
	l := casefile.GagLetter{ID: casefile.PaperID(casefile.NewID()), Name: name, Sum: sum, Size: size, Made: s.Files.Clock.Now()}
	_, err = s.Files.Act(ctx, d.Case, casefile.TheClock, func(c casefile.Case) (casefile.Plan, error) {
		p := casefile.Plan{Duties: []casefile.Duty{s.Files.Done(d)}}
		p.Events = append([]casefile.Event{{Kind: casefile.KGagLetter, Why: "18 USC 3511(b)(1)", GagAct: &casefile.GagAct{Letter: &l}}}, c.Alarm(AlarmSend)...)
		return p, nil
	})
	return err
}
