package desk

import (
	"context"
	"io"

	"letterlock/desk/casefile"
	"letterlock/desk/produce"
	"letterlock/law"
)

// gagLetters has produce set the letters of sealed matters.
type gagLetters struct{ packer }

// Reciprocal is sealed.Letters's.
func (g gagLetters) Reciprocal(ctx context.Context, c casefile.Case, row law.Row, w io.Writer) (string, error) {
	d := c.Demand
	in := produce.ReciprocalNotice{Provider: g.conf.Provider, Agency: produce.Agency{Name: d.AgencyName, Officer: d.OfficerName}, Case: string(c.Number),
		Reference: d.Reference, Issued: d.Issued, Received: c.Filed, Created: g.conf.Clock.Now()}
	if a, err := g.agencies.Agency(ctx, d.Agency); err == nil {
		in.Agency.Address = a.Address
	}
	if clock, ok := row.Clock(law.ClockGovernment, law.Ordinary); ok {
		in.Days = clock.Count
	}
	return "notice-to-the-government.pdf", g.conf.Produce.Reciprocal(w, in)
}
