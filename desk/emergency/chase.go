package emergency

import (
	"context"
	"errors"
	"time"

	"letterlock/desk/casefile"
)

// Handlers are the duties that this part carries out.
func (s *Service) Handlers() map[casefile.DutyKind]func(context.Context, casefile.Duty) error {
	return map[casefile.DutyKind]func(context.Context, casefile.Duty) error{casefile.DutyChase: s.chase}
}

// AlarmMail is raised when an agency could not be asked by mail.
const AlarmMail = "the agency could not be reminded by mail of the legal process it promised: call it"

// chase asks for the legal process that was promised: a reminder after a day,
// and from the second day on again and again, with the finding on the agency's
// record. A letter that was sent twice because of a crash is harmless.
func (s *Service) chase(ctx context.Context, d casefile.Duty) error {
	c, err := s.Files.Load(ctx, d.Case)
	if err != nil {
		return err
	}
	now := s.Files.Clock.Now()
	p := c.Emergency.Promise
	if !p.Open() {
		_, err := s.Files.Act(ctx, d.Case, casefile.TheClock, func(casefile.Case) (casefile.Plan, error) {
			return casefile.Plan{Duties: []casefile.Duty{s.Files.Done(d)}, Stop: true}, nil
		})
		return err
	}
	overdue := !now.Before(p.Due)
	mailed := s.remind(ctx, c, overdue)
	_, err = s.Files.Act(ctx, d.Case, casefile.TheClock, func(c casefile.Case) (casefile.Plan, error) {
		out := one(casefile.KChased, "", casefile.UrgentAct{Overdue: overdue})
		if mailed != nil {
			out.Events = append(out.Events, c.Alarm(AlarmMail)...)
		}
		d.Due = nextAsk(p.Due, now)
		out.Duties = []casefile.Duty{d}
		return out, nil
	})
	return err
}

// nextAsk is when to ask again: when the promise is due, and every two days
// after that.
func nextAsk(due, now time.Time) time.Time {
	for !due.After(now) {
		due = due.Add(casefile.Promised)
	}
	return due
}

// remind writes to the officer and to the agency's single point of contact.
func (s *Service) remind(ctx context.Context, c casefile.Case, overdue bool) error {
	to, err := s.Directory.Mailboxes(ctx, c.Demand.Agency, c.Demand.Officer)
	if err != nil {
		return err
	}
	m := casefile.NewMail("", "Legal process is awaited", "Legal process that was promised after an emergency has not come yet. It is awaited within 48 hours of the disclosure. Sign in and send it here:\n\n%s\n", s.Site.Origin+"/requests")
	if overdue {
		m = casefile.NewMail("", "Legal process is overdue", "Legal process that was promised after an emergency is overdue. This stands on your agency's record until it comes. Sign in and send it now, or call us:\n\n%s\n", s.Site.Origin+"/requests")
	}
	var errs []error
	for _, box := range to {
		m.To = box
		errs = append(errs, s.Mail.Send(ctx, m))
	}
	if len(to) == 0 {
		return errors.New("no mailbox")
	}
	return errors.Join(errs...)
}
