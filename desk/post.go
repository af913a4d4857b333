package desk

import (
	"context"

	"letterlock/desk/agency"
	"letterlock/desk/casefile"
)

// post says a mail in the language of the officer whose mailbox it goes to.
// Everybody else's mail, and that of an officer who cannot be read now, leaves
// in English: no mail is held back for its language.
type post struct {
	casefile.Mailer
	agencies *agency.Service
}

// Send is casefile.Mailer's.
func (p post) Send(ctx context.Context, m casefile.Mail) error {
	if t := p.agencies.TongueOf(ctx, m.To); t != nil {
		m = m.In(t)
	}
	return p.Mailer.Send(ctx, m)
}
