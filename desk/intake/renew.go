package intake

import (
	"context"
	"slices"
	"time"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
	"letterlock/law"
)

// Renew opens a draft that asks for a preservation to be kept on. It is a
// request of its own: it has its own paper, findings and decision.
func (s *Service) Renew(ctx context.Context, by casefile.OfficerID, n casefile.Number) (casefile.Draft, error) {
	who, err := s.Directory.Sender(ctx, by)
	if err != nil {
		return casefile.Draft{}, err
	}
	c, err := s.Files.Load(ctx, n)
	if fault.Is(err, fault.Withheld) || err == nil && n.Sealed() && c.Demand.Officer != by { // its officer's alone
		return casefile.Draft{}, casefile.NoCase()
	}
	if err == nil && (c.Demand.Agency != who.Agency || !c.Preservation()) {
		err = fault.New(fault.NotFound, "renew preservation", "there is no such preservation of your agency")
	}
	if err != nil {
		return casefile.Draft{}, err
	}
	d := c.Demand
	d.Officer, d.OfficerName, d.Mailbox, d.Phone = by, who.Actor.Name, who.Mailbox, who.Phone
	d.Preserved, d.KeepUntil, d.Issued, d.Papers, d.Mail, d.Channel = n, time.Time{}, time.Time{}, nil, nil, law.ChannelPortal
	return s.newDraft(ctx, who.Actor, d)
}

// renewal states for the law which renewal a demand would be, and of what.
func (s *Service) renewal(ctx context.Context, f *casefile.Facts, d casefile.Demand) error {
	if d.Preserved == "" {
		return nil
	}
	c, err := s.Files.Load(ctx, d.Preserved)
	if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Withheld) || err == nil && (c.Demand.Agency != d.Agency || c.Demand.Process != d.Process || c.Number.Sealed() && c.Demand.Officer != d.Officer) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, k := range c.Kept {
		n := 1
		if k.RenewedBy != "" {
			n = 2
		}
		f.Renewal, f.RenewedFrom = max(f.Renewal, n), k.Until
	}
	return nil
}

// renewable: a snapshot is kept, and the row lets it be kept on once more.
func (s *Service) renewable(c casefile.Case) bool {
	row, ok := s.Law.Row(c.Demand.Process, c.Filed)
	if !ok {
		return false
	}
	clock, ok := row.Clock(law.ClockRenewal, law.Ordinary)
	return ok && slices.ContainsFunc(c.Kept, func(k casefile.Kept) bool {
		return k.There(s.Files.Clock.Now()) && (clock.Times != 1 || k.RenewedBy == "")
	})
}
