package casefile

import (
	"time"

	"letterlock/disclosable"
)

// Alarm is what a person must look at.
type Alarm struct {
	Text string
	At   time.Time
	Seen time.Time
}

func foldAlarm(c *Case, e Event) error {
	c.Alarms = append(c.Alarms, Alarm{Text: e.Alarm, At: e.At})
	return nil
}

func foldAlarmSeen(c *Case, e Event) error {
	if e.Alarm == AlarmReview && !c.replanned(e.At) {
		return conflict("a silence is not put aside: have the person told now, or give the reason and the day on which somebody looks again")
	}
	for i := range c.Alarms {
		if c.Alarms[i].Text == e.Alarm && c.Alarms[i].Seen.IsZero() {
			c.Alarms[i].Seen = e.At
		}
	}
	return nil
}

// AlarmReview is raised on the day on which somebody must look at a silence
// again. It ends only with a new plan: a new day, or telling the person.
const AlarmReview = "the day has come to look again at why the person is not told"

// replanned: since the last such alarm the notice was planned anew, and a
// silence that goes on has a day that is still to come.
func (c *Case) replanned(now time.Time) bool {
	for i := len(c.Events) - 1; i >= 0; i-- {
		switch e := c.Events[i]; {
		case e.Kind == KNoticeChosen:
			p := e.Notice.Plan
			silent := p.Timing == disclosable.ToldWithheld || p.Timing == disclosable.ToldAuthority
			return !silent || p.Day > now.Unix()
		case e.Kind == KAlarm && e.Alarm == AlarmReview:
			return false
		}
	}
	return true
}
