package intake

import (
	"context"
	"slices"

	"letterlock/desk/casefile"
	"letterlock/law"
)

// twins finds the earlier cases that a demand repeats, by whatever way it and
// they came. A case that is corrected is not its own twin.
func (s *Service) twins(ctx context.Context, shelf casefile.Shelf, d casefile.Demand, self casefile.Number) ([]casefile.Twin, error) {
	var out []casefile.Twin
	add := func(n casefile.Number, how casefile.TwinKind) error {
		if n == "" || n == self || slices.ContainsFunc(out, func(t casefile.Twin) bool { return t.Number == n && t.How == how }) {
			return nil
		}
		c, err := s.Files.Load(ctx, n)
		out = append(out, casefile.Twin{Number: n, How: how, Other: err == nil && c.Demand.Agency != d.Agency})
		return err
	}
	n, _, err := shelf.Store.Same(ctx, d.SameAs())
	if err == nil {
		err = add(n, casefile.TwinDemand)
	}
	if err != nil {
		return nil, err
	}
	for _, p := range d.Marks() {
		how := casefile.TwinFile
		if p.ID == "mail" || p.ID == "message-id" {
			how = casefile.TwinMessage
		}
		n, _, err := shelf.Store.PaperUsed(ctx, p.Sum)
		if err == nil {
			err = add(n, how)
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// told are the twins of which the sender's own findings may speak. A sealed
// matter is its officer's alone: that another officer sent the same demand, of
// whatever agency, is told to the team and to nobody else.
func (s *Service) told(ctx context.Context, shelf casefile.Shelf, d casefile.Demand, twins []casefile.Twin) ([]casefile.Twin, error) {
	if shelf != s.Files.Sealed || d.Officer == "" {
		return twins, nil
	}
	var out []casefile.Twin
	for _, t := range twins {
		c, err := s.Files.Load(ctx, t.Number)
		if err != nil {
			return nil, err
		}
		if c.Demand.Officer == d.Officer {
			out = append(out, t)
		}
	}
	return out, nil
}

// sameFacts states what was found again. That another agency sent the same file
// is for the team alone.
func sameFacts(f *casefile.Facts, twins []casefile.Twin) {
	for _, t := range twins {
		switch {
		case t.How == casefile.TwinDemand:
			f.SameDemand = true
		case t.Other:
			f.FileElsewhere = true
		default:
			f.SameFile = true
		}
	}
}

// sameDemand is the earlier case with the same demand, if there is one.
func sameDemand(twins []casefile.Twin) casefile.Number {
	for _, t := range twins {
		if t.How == casefile.TwinDemand {
			return t.Number
		}
	}
	return ""
}

// seenBy are the twins that the caller may open: an officer their own, and
// those of colleagues that are shared with them.
func (s *Service) seenBy(ctx context.Context, by casefile.Actor, twins []casefile.Twin) ([]casefile.Twin, error) {
	if by.MemberID() != "" {
		return twins, nil
	}
	var out []casefile.Twin
	for _, t := range twins {
		if t.Other {
			continue
		}
		c, err := s.Files.Load(ctx, t.Number)
		if err != nil {
			return nil, err
		}
		if s.shared(ctx, by, c, casefile.ShareSee) == nil {
			out = append(out, t)
		}
	}
	return out, nil
}

// mailFacts states what the e-mail itself shows of its sender.
func mailFacts(f *casefile.Facts, m *casefile.Email) {
	if m == nil {
		return
	}
	f.MailAuth, f.LookAlike, f.FreeMail = m.Auth, len(m.Warnings) > 0, m.Free
	f.DomainVerified = m.Official && m.Auth == law.Yes
}
