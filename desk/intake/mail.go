package intake

import (
	"bytes"
	"context"
	"slices"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
	"letterlock/law"
)

// StartMail opens a draft for a request that came by e-mail. raw is the file as
// it came, kept as a record. Agency and process are chosen afterwards; until
// then the draft is under the row for what is not in the catalogue. A sealed
// one lies with the sealed matters from its first byte.
func (s *Service) StartMail(ctx context.Context, by casefile.MemberID, sealed bool, raw []byte, m casefile.Email) (casefile.Draft, error) {
	who, err := s.Team.May(ctx, by, casefile.EnterPapers, "")
	if err != nil {
		return casefile.Draft{}, err
	}
	if sealed {
		if may, err := s.Team.MaySeal(ctx, by); err != nil || !may {
			return casefile.Draft{}, fault.New(fault.Withheld, "start mail", "not found")
		}
	}
	shelf := s.Files.Shelf(sealed)
	if m.Sum, m.Size, err = shelf.Blobs.Put(ctx, bytes.NewReader(raw), int64(len(raw))); err != nil {
		return casefile.Draft{}, err
	}
	m.At = s.Files.Clock.Now()
	d := casefile.Draft{ID: casefile.DraftID(casefile.NewID()), Owner: who, Touched: m.At,
		Demand: casefile.Demand{Process: law.Unknown, Channel: law.ChannelMail, Mailbox: m.From, OfficerName: m.FromName, Mail: &m}}
	return d, shelf.Store.SaveDraft(ctx, d)
}

// MailParts notes what became of an e-mail's attachments.
func (s *Service) MailParts(ctx context.Context, by casefile.Actor, id casefile.DraftID, parts []casefile.EmailPart) error {
	d, shelf, err := s.draft(ctx, by, id)
	if err != nil || d.Demand.Mail == nil {
		return err
	}
	m := *d.Demand.Mail
	m.Parts = parts
	d.Demand.Mail, d.Touched = &m, s.Files.Clock.Now()
	return shelf.Store.SaveDraft(ctx, d)
}

// SettleMail says from which agency the e-mail is, how it came, and under what
// process. official: its From is of one of the agency's domains.
func (s *Service) SettleMail(ctx context.Context, by casefile.Actor, id casefile.DraftID, a casefile.AgencyID, ch law.Channel, p law.ProcessID, official bool) (casefile.Draft, error) {
	d, shelf, err := s.draft(ctx, by, id)
	if err != nil {
		return d, err
	}
	if d.Demand.Mail == nil {
		return d, fault.New(fault.Withheld, "settle mail", "not found")
	}
	if !slices.Contains([]law.Channel{law.ChannelMailbox, law.ChannelMail}, ch) {
		return d, invalid("say to which mailbox it came")
	}
	name, country, err := s.Directory.Agency(ctx, a)
	if err != nil {
		return d, err
	}
	sealed, err := s.sealed(ctx, by, p)
	if err != nil {
		return d, err
	}
	m := *d.Demand.Mail
	m.Official = official
	d.Demand.Mail, d.Demand.Process, d.Demand.Channel, d.Touched = &m, p, ch, s.Files.Clock.Now()
	d.Demand.Agency, d.Demand.AgencyName, d.Demand.Jurisdiction = a, name, country
	if d.Demand.IssuingBody == "" {
		d.Demand.IssuingBody = name
	}
	if to := s.Files.Shelf(sealed); to != shelf {
		return d, move(ctx, d, shelf, to)
	}
	return d, shelf.Store.SaveDraft(ctx, d)
}

// NamePaper says what a paper of a draft is: which particular it shows.
func (s *Service) NamePaper(ctx context.Context, by casefile.Actor, id casefile.DraftID, paper casefile.PaperID, what string) error {
	d, shelf, err := s.draft(ctx, by, id)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(d.Demand.Papers, func(p casefile.Paper) bool { return p.ID == paper })
	if i < 0 || !casefile.Plain(what, 200) {
		return fault.New(fault.NotFound, "name paper", "there is no such paper")
	}
	d.Demand.Papers = slices.Clone(d.Demand.Papers)
	d.Demand.Papers[i].What = what
	return shelf.Store.SaveDraft(ctx, d)
}
