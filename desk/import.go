package desk

import (
	"bytes"
	"context"
	"slices"

	"letterlock/desk/agency"
	"letterlock/desk/casefile"
	"letterlock/desk/email"
	"letterlock/internal/fault"
	"letterlock/law"
)

// ImportMail makes a draft of an e-mail that reached the team: read, its sender
// checked, its files taken over by the same checks as any upload. A file that
// is refused is named with the reason; the others are kept.
func (d *Desk) ImportMail(ctx context.Context, by casefile.Actor, sealed bool, raw []byte) (casefile.Draft, error) {
	m, err := email.Read(raw)
	if err != nil {
		return casefile.Draft{}, err
	}
	d.conf.MailTrust.Check(ctx, raw, &m)
	all, err := d.Agencies.Agencies(ctx)
	if err != nil {
		return casefile.Draft{}, err
	}
	m.Warnings, m.Free = email.Warnings(m.Domain(), m.FromName, known(all)), agency.FreeMail(m.Domain())
	dr, err := d.Intake.StartMail(ctx, by.MemberID(), sealed, raw, m.Email)
	if err != nil {
		return dr, err
	}
	parts, err := d.takeFiles(ctx, by, dr.ID, m.Files)
	if err != nil {
		return dr, err
	}
	return dr, d.Intake.MailParts(ctx, by, dr.ID, parts)
}

func known(all []agency.Agency) []email.Known {
	var out []email.Known
	for _, a := range all {
		if a.Closed == "" {
			out = append(out, email.Known{Name: a.Name, Domains: a.Domains})
		}
	}
	return out
}

func (d *Desk) takeFiles(ctx context.Context, by casefile.Actor, id casefile.DraftID, files []email.File) ([]casefile.EmailPart, error) {
	var out []casefile.EmailPart
	for _, f := range files {
		part := casefile.EmailPart{Name: f.Name, Size: int64(len(f.Body))}
		p, err := d.Intake.AddPaper(ctx, by, id, f.Name, "", bytes.NewReader(f.Body))
		switch {
		case err == nil:
			part.Paper = p.ID
		case slices.Contains([]fault.Kind{fault.Invalid, fault.TooLarge, fault.Exhausted, fault.Conflict, fault.Unavailable}, fault.KindOf(err)):
			part.Refused = fault.Say(err)
		default:
			return out, err
		}
		out = append(out, part)
	}
	return out, nil
}

// MailFrom is the agency of the directory that an e-mail's sender is of, by
// its domain; none if it is of nobody's.
func (d *Desk) MailFrom(ctx context.Context, m casefile.Email) (agency.Agency, bool, error) {
	all, err := d.Agencies.Agencies(ctx)
	if err != nil {
		return agency.Agency{}, false, err
	}
	i := slices.IndexFunc(all, func(a agency.Agency) bool {
		return a.Closed == "" && slices.Contains(a.Domains, casefile.DomainOf(m.From))
	})
	if i < 0 {
		return agency.Agency{}, false, nil
	}
	return all[i], true, nil
}

// SettleMail says from which agency the e-mail is, by which mailbox it came,
// and under what process it is judged.
func (d *Desk) SettleMail(ctx context.Context, by casefile.Actor, dr casefile.Draft, a casefile.AgencyID, ch law.Channel, p law.ProcessID) (casefile.Draft, error) {
	if dr.Demand.Mail == nil {
		return dr, fault.New(fault.Withheld, "settle mail", "not found")
	}
	from, ok, err := d.MailFrom(ctx, *dr.Demand.Mail)
	if err != nil {
		return dr, err
	}
	return d.Intake.SettleMail(ctx, by, dr.ID, a, ch, p, ok && from.ID == a)
}
