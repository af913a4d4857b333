package desk

import (
	"context"

	"letterlock/desk/agency"
	"letterlock/desk/casefile"
)

// reminder sends word to an officer's mailbox, in their language, and not a
// word about a case.
type reminder struct {
	agencies *agency.Service
	mail     casefile.Mailer
}

// Remind is review.Reminder's.
func (r reminder) Remind(ctx context.Context, id casefile.OfficerID) error {
	return r.send(ctx, id, casefile.NewMail("", "A question waits for your answer",
		"The response team has asked you something that waits for your answer on the portal, where you also see until when.\n"))
}

// Ready is review.Reminder's.
func (r reminder) Ready(ctx context.Context, id casefile.OfficerID) error {
	return r.send(ctx, id, casefile.NewMail("", "An answer is ready for you",
		"A request of yours is answered. The answer waits on the portal, where you also see until when it can be downloaded.\n"))
}

// RemindFetch is review.Reminder's.
func (r reminder) RemindFetch(ctx context.Context, id casefile.OfficerID) error {
	return r.send(ctx, id, casefile.NewMail("", "An answer to you is destroyed soon",
		"An answer that was made for you has not been downloaded yet. On its last day, which the portal shows, our copy of it is destroyed; after that it has to be asked for anew.\n"))
}

// RemindEnd is review.Reminder's.
func (r reminder) RemindEnd(ctx context.Context, id casefile.OfficerID) error {
	return r.send(ctx, id, casefile.NewMail("", "Something that is kept for you ends soon",
		"The portal shows what ends and when, whether it can be renewed, and how. What is not renewed and not reached by legal process until then is destroyed.\n"))
}

func (r reminder) send(ctx context.Context, id casefile.OfficerID, m casefile.Mail) error {
	o, err := r.agencies.Officer(ctx, id)
	if err != nil || o.Mailbox == "" || r.mail == nil {
		return err
	}
	m.To = o.Mailbox
	return r.mail.Send(ctx, m)
}
