package law

import (
	"sync"
	"time"
)

// CalendarID names a calendar of working days.
type CalendarID string

// Calendar knows which days are worked.
type Calendar struct {
	ID        CalendarID `toml:"id"`
	Name      string     `toml:"name"`
	Weekend   []string   `toml:"weekend"`
	Holidays  []Holiday  `toml:"holiday"`
	Citation  Citation   `toml:"citation"`
	Certainty Certainty  `toml:"certainty"`
	Note      string     `toml:"note"`
}

// Holiday is a day not worked, by fixed date or by weekday of a month.
type Holiday struct {
	Name     string `toml:"name"`
	Month    int    `toml:"month"`
	Day      int    `toml:"day"`      // fixed date
	Weekday  string `toml:"weekday"`  // with Nth
	Nth      int    `toml:"nth"`      // 1 = first; -1 = last
	Observed bool   `toml:"observed"` // Saturday is kept on Friday, Sunday on Monday
	Since    int    `toml:"since"`    // first year
}

// Works reports whether the day of t, in t's own zone, is a working day.
func (c Calendar) Works(t time.Time) bool {
	for _, w := range c.Weekend {
		if t.Weekday().String() == w {
			return false
		}
	}
	for _, h := range c.Holidays {
		if h.on(t) {
			return false
		}
	}
	return true
}

// add counts n working days after the day of t.
func (c Calendar) add(t time.Time, n int) time.Time {
	for n > 0 {
		t = t.AddDate(0, 0, 1)
		if c.Works(t) {
			n--
		}
	}
	return t
}

func (h Holiday) on(t time.Time) bool {
	// A New Year's Day on a Saturday is kept on 31 December of the year before.
	for _, year := range []int{t.Year(), t.Year() + 1} {
		if year >= h.Since && sameDay(t, h.in(year)) {
			return true
		}
	}
	return false
}

// in is the day on which the holiday is kept in a year.
func (h Holiday) in(year int) time.Time {
	if h.Weekday != "" {
		return nthWeekday(year, time.Month(h.Month), h.Weekday, h.Nth)
	}
	d := time.Date(year, time.Month(h.Month), h.Day, 0, 0, 0, 0, time.UTC)
	if !h.Observed {
		return d
	}
	switch d.Weekday() {
	case time.Saturday:
		return d.AddDate(0, 0, -1)
	case time.Sunday:
		return d.AddDate(0, 0, 1)
	}
	return d
}

func nthWeekday(year int, month time.Month, weekday string, nth int) time.Time {
	if nth < 0 {
		d := time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC)
		for d.Weekday().String() != weekday {
			d = d.AddDate(0, 0, -1)
		}
		return d
	}
	d := time.Date(year, month, 1, 0, 0, 0, 0, time.UTC)
	for d.Weekday().String() != weekday {
		d = d.AddDate(0, 0, 1)
	}
	return d.AddDate(0, 0, 7*(nth-1))
}

func sameDay(a, b time.Time) bool {
	ay, am, ad := a.Date()
	by, bm, bd := b.Date()
	return ay == by && am == bm && ad == bd
}

var calendars = sync.OnceValue(func() map[CalendarID]Calendar {
	var file struct {
		Calendars []Calendar `toml:"calendar"`
	}
	if err := readFile(embedded, "calendars.toml", &file); err != nil {
		panic("law: the embedded calendars are broken: " + err.Error())
	}
	out := map[CalendarID]Calendar{}
	for _, c := range file.Calendars {
		out[c.ID] = c
	}
	return out
})

// CalendarOf returns an embedded calendar; an unknown name gives one in which
// every day is worked, which can only make a due date earlier.
func CalendarOf(id CalendarID) Calendar { return calendars()[id] }
