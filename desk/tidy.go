package desk

import (
	"context"
	"errors"
	"time"
)

// tidyEvery is how often the clock looks for what has only to go some time:
// drafts, remembered calls, and the data of persons, which leave with the day.
const tidyEvery = 10 * time.Minute

// tidied is when everything whose time is over was last looked for.
type tidied struct {
	at      time.Time
	changes uint64
}

// tidy removes what is past its time. It looks when the desk starts, with each
// new day, after each act, which may have ended a case, and in between now and
// then. What fails is tried again with the next look.
func (d *Desk) tidy(ctx context.Context) error {
	now, changes := d.conf.Clock.Now().UTC(), d.Files.Changes()
	since := now.Sub(d.tidied.at)
	if since >= 0 && since < tidyEvery && now.Day() == d.tidied.at.Day() && changes == d.tidied.changes || d.Watch.Held(ctx) {
		return nil
	}
	err := errors.Join(d.Intake.DropOld(ctx), d.Retain.Work(ctx))
	if err == nil {
		d.tidied = tidied{now, changes}
	}
	return err
}
