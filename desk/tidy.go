package desk

import (
	"context"
	"errors"
	"time"
)

// tidyEvery is how often the clock looks for what has only to go some time:
// drafts, remembered calls, and the data of persons, which leave with the day.
const tidyEvery = 10 * time.Minute

// tidy removes what is past its time. It looks when the desk starts, with each
// new day, and in between now and then: nothing of it is due to the minute. What
// fails is tried again with the next look.
func (d *Desk) tidy(ctx context.Context) error {
	now := d.conf.Clock.Now().UTC()
	since := now.Sub(d.tidied)
	if since >= 0 && since < tidyEvery && now.Day() == d.tidied.Day() || d.Watch.Held(ctx) {
		return nil
	}
	err := errors.Join(d.Intake.DropOld(ctx), d.Retain.Work(ctx))
	if err == nil {
		d.tidied = now
	}
	return err
}
