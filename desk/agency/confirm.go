package agency

import (
	"context"
	"slices"
	"strings"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
)

// Confirm is one person's word that an officer is who they say. How says how
// the member established it, such as a call to the switchboard. Two different
// people of the team make a round: it makes a new officer active, sends one
// who lost every passkey a new link, and holds for a year. That an agency's
// sponsor is one of the two is no objection; alone nobody is enough.
func (s *Service) Confirm(ctx context.Context, by casefile.Actor, id casefile.OfficerID, how string) error {
	o, done, err := s.confirm(ctx, by, id, strings.TrimSpace(how))
	if err != nil || !done || o.State != Lost {
		return err
	}
	return s.sendLink(ctx, o, "Register a new passkey", "Your loss was confirmed with your agency. Open this link within 24 hours, on the device whose passkey you will use:\n\n%s\n\nIf you did not ask for this, do nothing.")
}

func (s *Service) confirm(ctx context.Context, by casefile.Actor, id casefile.OfficerID, how string) (o Officer, done bool, err error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	if o, err = s.Store.Officer(ctx, id); err != nil {
		return o, false, err
	}
	now := s.Acts.Clock.Now()
	switch {
	case !s.keeps(ctx, by):
		return o, false, fault.New(fault.Forbidden, "confirm officer", "only the team confirms officers")
	case !o.ConfirmDue(now):
		return o, false, fault.New(fault.Conflict, "confirm officer", "only an officer who has registered a passkey, lost all of them, or is due again can be confirmed")
	case how == "" || !casefile.Plain(how, 500):
		return o, false, invalid("say in one line how you established who this is")
	case slices.ContainsFunc(o.Begun, func(w Word) bool { return w.By.ID == by.ID }):
		return o, false, fault.New(fault.Forbidden, "confirm officer", "you have confirmed already: the second word is somebody else's")
	}
	o.Begun = append(slices.Clone(o.Begun), Word{by, now, how})
	kind := "officer.confirmed.first"
	if len(o.Begun) >= 2 {
		done, kind = true, "officer.confirmed"
		o.Confirmed, o.Begun = o.Begun, nil
		if o.State == Keyed {
			o.State = Active
		}
	}
	if err := s.Acts.Keep(ctx, kind, by, string(id), how, o); err != nil {
		return o, false, err
	}
	return o, done, s.Store.PutOfficer(ctx, o)
}

// LostKeys locks an officer who can no longer sign in: sessions, links and
// passkeys end at once, since whoever found the device may try it. A new link
// is sent only after two of the team have called back.
func (s *Service) LostKeys(ctx context.Context, by casefile.Actor, id casefile.OfficerID, why string) error {
	return s.lock(ctx, "officer.lost", by, id, why, func(o *Officer) error {
		if !s.keeps(ctx, by) {
			return fault.New(fault.Forbidden, "lock officer", "only the team does this")
		}
		if o.State != Active && o.State != Keyed {
			return fault.New(fault.Conflict, "lock officer", "this enrolment is not active")
		}
		o.State, o.Reason, o.Keys, o.Begun, o.Confirmed = Lost, strings.TrimSpace(why), nil, nil, nil
		return nil
	})
}

// Disable ends an officer's enrolment at once: sessions, links and keys. It is
// done by the team, by the officer, or by the agency's single point of
// contact; it never waits for the ledger.
func (s *Service) Disable(ctx context.Context, by casefile.Actor, id casefile.OfficerID, reason string) error {
	return s.lock(ctx, "officer.disabled", by, id, reason, func(o *Officer) error {
		if err := s.mayEnd(ctx, by, *o); err != nil {
			return err
		}
		o.State, o.Reason, o.Ended, o.EndedBy, o.Keys, o.Begun, o.Networks = Disabled, strings.TrimSpace(reason), s.Acts.Clock.Now(), by, nil, nil, nil
		return nil
	})
}

func (s *Service) mayEnd(ctx context.Context, by casefile.Actor, o Officer) error {
	if s.keeps(ctx, by) || by.OfficerID() == o.ID && o.ID != "" {
		return nil
	}
	if id := by.OfficerID(); id != "" {
		me, err := s.Active(ctx, id)
		if err != nil {
			return err
		}
		if me.Agency == o.Agency && me.Role.May(casefile.ShareEnd) {
			return nil
		}
	}
	return fault.New(fault.Forbidden, "end enrolment", "only the team, the officer or the agency's single point of contact ends an enrolment")
}

// lock takes an officer's access away: the state first, then what is left open.
func (s *Service) lock(ctx context.Context, kind string, by casefile.Actor, id casefile.OfficerID, why string, f func(*Officer) error) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	o, err := s.Store.Officer(ctx, id)
	if err != nil {
		return err
	}
	if strings.TrimSpace(why) == "" {
		return invalid("give the reason")
	}
	if err := f(&o); err != nil {
		return err
	}
	s.Acts.Journal(kind, by, string(id), why, o)
	if err := s.Store.PutOfficer(ctx, o); err != nil {
		return err
	}
	if err := s.Links.Store.DropLinks(ctx, s.Links.Kind, string(id)); err != nil {
		return err
	}
	return s.Sessions.DropSessions(ctx, o.Subject())
}

// SetRole gives an officer a role within their agency, for a reason.
func (s *Service) SetRole(ctx context.Context, by casefile.Actor, id casefile.OfficerID, role casefile.AgencyRole, why string) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	o, err := s.Store.Officer(ctx, id)
	switch {
	case err != nil:
		return err
	case !s.keeps(ctx, by):
		return fault.New(fault.Forbidden, "set role", "only the team gives roles")
	case !slices.Contains(casefile.AgencyRoles, role):
		return invalid("choose the role")
	case o.State == Disabled:
		return fault.New(fault.Conflict, "set role", "this enrolment has ended")
	case !said(why):
		return invalid("say in one line why they get this role")
	}
	o.Role, o.Given = role, Word{by, s.Acts.Clock.Now(), strings.TrimSpace(why)}
	if err := s.Acts.Keep(ctx, "officer.role", by, string(id), o.Given.Why, o); err != nil {
		return err
	}
	return s.Store.PutOfficer(ctx, o)
}

// said reports whether something is a reason of one line.
func said(why string) bool { return strings.TrimSpace(why) != "" && casefile.Plain(why, 500) }

// Colleagues are the officers of an agency who may act, by name.
func (s *Service) Colleagues(ctx context.Context, a casefile.AgencyID) ([]Officer, error) {
	all, err := s.Store.Officers(ctx)
	return slices.DeleteFunc(all, func(o Officer) bool { return o.Agency != a || o.State != Active }), err
}
