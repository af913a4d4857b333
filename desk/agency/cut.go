package agency

import (
	"context"
	"slices"
	"strings"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
)

// Cut is the compromise switch: at once and by one person, a domain, an agency
// or one officer may do nothing any more. Writing the cut is the act: every
// page, link and API key asks for it, and what follows can be repeated. It
// never waits for the ledger. What was filed before is looked at again by
// desk/breach.
func (s *Service) Cut(ctx context.Context, by casefile.Actor, kind casefile.CutKind, what, why string) (casefile.Cut, error) {
	s.writing.Lock()
	defer s.writing.Unlock()
	now := s.Acts.Clock.Now()
	c := casefile.Cut{ID: casefile.CutID(casefile.NewID()), Kind: kind, What: strings.ToLower(strings.TrimSpace(what)), By: by, At: now,
		Why: strings.TrimSpace(why), From: now.Add(-casefile.LookBack)}
	switch {
	case !s.keeps(ctx, by):
		return c, fault.New(fault.Forbidden, "cut access", "only the team cuts access")
	case c.Why == "" || !casefile.Plain(c.Why, 500):
		return c, invalid("say in one line what happened")
	}
	if err := s.aim(ctx, &c); err != nil {
		return c, err
	}
	all, err := s.Store.Cuts(ctx)
	if err != nil {
		return c, err
	}
	for _, o := range all {
		if o.Open() && o.Kind == c.Kind && o.What == c.What {
			return o, s.sever(ctx, o) // pressed twice: the same cut, its work repeated
		}
	}
	s.Acts.Journal("cut", by, string(c.ID), c.Why, c)
	if err := s.Store.PutCut(ctx, c); err != nil {
		return c, err
	}
	return c, s.sever(ctx, c)
}

// aim finds whom a cut hits.
func (s *Service) aim(ctx context.Context, c *casefile.Cut) error {
	agencies, err := s.Store.Agencies(ctx)
	if err != nil {
		return err
	}
	officers, err := s.Store.Officers(ctx)
	if err != nil {
		return err
	}
	for _, a := range agencies {
		if c.Kind == casefile.CutAgency && string(a.ID) == c.What || c.Kind == casefile.CutDomain && slices.Contains(a.Domains, c.What) {
			c.Agency, c.Name = a.ID, a.Name
		}
	}
	if c.Kind == casefile.CutDomain {
		c.Name = c.What
	}
	for _, o := range officers {
		if c.Kind == casefile.CutOfficer && string(o.ID) == c.What {
			c.Agency, c.Name = o.Agency, strings.TrimSpace(o.Rank+" "+o.Name)
		}
	}
	if c.Agency == "" {
		return fault.New(fault.NotFound, "cut access", "the directory knows no such domain, agency or officer")
	}
	for _, o := range officers {
		if hits(*c, o) && o.State != Disabled {
			c.Officers = append(c.Officers, o.ID)
		}
	}
	return nil
}

// hits reports whether a cut is about the officer.
func hits(c casefile.Cut, o Officer) bool {
	switch c.Kind {
	case casefile.CutAgency:
		return string(o.Agency) == c.What
	case casefile.CutDomain:
		return casefile.DomainOf(o.Mailbox) == c.What
	}
	return string(o.ID) == c.What
}

// sever ends sessions and links of those who are cut. Without it they could do
// nothing either; with it they see that they are signed out.
func (s *Service) sever(ctx context.Context, c casefile.Cut) error {
	for _, id := range c.Officers {
		if err := s.Links.Store.DropLinks(ctx, s.Links.Kind, string(id)); err != nil {
			return err
		}
		if err := s.Sessions.DropSessions(ctx, Officer{ID: id}.Subject()); err != nil {
			return err
		}
	}
	return nil
}

// uncut refuses an officer whom an open cut hits.
func (s *Service) uncut(ctx context.Context, o Officer) error {
	all, err := s.Store.CutsOf(ctx, string(o.ID), string(o.Agency), casefile.DomainOf(o.Mailbox))
	if err != nil {
		return err
	}
	for _, c := range all {
		if c.Open() && hits(c, o) {
			return fault.New(fault.Unauthenticated, "find officer", "this access is suspended; call the response team by the number on our public pages")
		}
	}
	return nil
}

// Compromised reports an open cut that hits a mailbox of an agency, or the
// agency as a whole: what comes from there by another way is held too.
func (s *Service) Compromised(ctx context.Context, a casefile.AgencyID, mailbox string) (bool, error) {
	find := s.Store.Cuts
	if mailbox != "" {
		find = func(ctx context.Context) ([]casefile.Cut, error) {
			return s.Store.CutsOf(ctx, string(a), casefile.DomainOf(mailbox))
		}
	}
	all, err := find(ctx)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(all, func(c casefile.Cut) bool {
		return c.Open() && (c.Kind == casefile.CutAgency && c.Agency == a ||
			c.Kind == casefile.CutDomain && c.Agency == a && (mailbox == "" || casefile.DomainOf(mailbox) == c.What))
	}), nil
}

// Unworked are the cuts whose cases are not all held yet.
func (s *Service) Unworked(ctx context.Context) ([]casefile.Cut, error) { return s.Store.Unworked(ctx) }

// Cuts are all uses of the switch, the newest first.
func (s *Service) Cuts(ctx context.Context) ([]casefile.Cut, error) { return s.Store.Cuts(ctx) }

// CutOf finds one.
func (s *Service) CutOf(ctx context.Context, id casefile.CutID) (casefile.Cut, error) {
	all, err := s.Store.Cuts(ctx)
	if err != nil {
		return casefile.Cut{}, err
	}
	for _, c := range all {
		if c.ID == id {
			return c, nil
		}
	}
	return casefile.Cut{}, fault.New(fault.NotFound, "find cut", "there is no such cut")
}

// CutWorked notes that every case of the window is held.
func (s *Service) CutWorked(ctx context.Context, id casefile.CutID) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	c, err := s.CutOf(ctx, id)
	if err != nil || !c.Worked.IsZero() {
		return err
	}
	c.Worked = s.Acts.Clock.Now()
	return s.Store.PutCut(ctx, c)
}

// Restore is one person's word for giving the access back. Two different
// people of the team are needed. Afterwards everybody it had cut is confirmed
// anew by two people before they may send: the keys of that time prove nothing.
func (s *Service) Restore(ctx context.Context, by casefile.Actor, id casefile.CutID, why string) error {
	s.writing.Lock()
	defer s.writing.Unlock()
	c, err := s.CutOf(ctx, id)
	why = strings.TrimSpace(why)
	switch {
	case !s.keeps(ctx, by): // before anything: nobody else learns which cuts there are
		return fault.New(fault.Forbidden, "restore access", "only the team gives access back")
	case err != nil:
		return err
	case !c.Open():
		return fault.New(fault.Conflict, "restore access", "this access is given back already")
	case why == "" || !casefile.Plain(why, 500):
		return invalid("say in one line why it is safe again")
	case slices.ContainsFunc(c.Restore, func(w casefile.CutWord) bool { return w.By.ID == by.ID }):
		return fault.New(fault.Forbidden, "restore access", "you have agreed already: the second word is somebody else's")
	}
	now := s.Acts.Clock.Now()
	c.Restore = append(slices.Clone(c.Restore), casefile.CutWord{By: by, At: now, Why: why})
	kind := "cut.restore.first"
	if len(c.Restore) >= 2 {
		c.Restored, kind = now, "cut.restored"
	}
	if err := s.Acts.Keep(ctx, kind, by, string(id), why, c); err != nil {
		return err
	}
	if !c.Open() { // before the access opens, so that a crash leaves it shut
		if err := s.unconfirm(ctx, c); err != nil {
			return err
		}
	}
	return s.Store.PutCut(ctx, c)
}

func (s *Service) unconfirm(ctx context.Context, c casefile.Cut) error {
	for _, id := range c.Officers {
		o, err := s.Store.Officer(ctx, id)
		if err != nil {
			return err
		}
		o.Begun, o.Confirmed = nil, nil
		if err := s.Store.PutOfficer(ctx, o); err != nil {
			return err
		}
	}
	return nil
}
