package desk

import (
	"context"

	"letterlock/desk/casefile"
	"letterlock/desk/produce"
	"letterlock/internal/lang"
)

// keptIn is what a case has preserved, as its letter says it.
func keptIn(c casefile.Case) (out []produce.Kept) {
	for _, k := range c.Kept {
		out = append(out, produce.Kept{Asked: c.Demand.Targets[k.Target].Identifier, Fields: k.Fields, At: k.At, Until: k.Until, Renews: string(k.Renews)})
	}
	return out
}

func snapshotNote(s casefile.Source) lang.Text {
	if s.Today {
		return lang.Say("From the snapshot of %s, preserved in case %s: the records are as of then. Records without that time are of the day of release.", s.At, string(s.Case))
	}
	return lang.Say("From the snapshot of %s, preserved in case %s: the records are as of then.", s.At, string(s.Case))
}

// RemindEnd is review.Reminder's.
func (r reminder) RemindEnd(ctx context.Context, id casefile.OfficerID) error {
	o, err := r.agencies.Officer(ctx, id)
	if err != nil || o.Mailbox == "" || r.mail == nil {
		return err
	}
	return r.mail.Send(ctx, casefile.NewMail(o.Mailbox, "Something that is kept for you ends soon",
		"The portal shows what ends and when, whether it can be renewed, and how. What is not renewed and not reached by legal process until then is destroyed.\n"))
}
