package law_test

import (
	"testing"
	"time"

	"letterlock/law"
)

const hours48 = 48 * time.Hour

// ruled is a row with one response clock.
func ruled(zone string, cal law.CalendarID, n int, u law.Unit) law.Row {
	return law.Row{ID: "test", Zone: zone, Calendar: cal, Clocks: []law.Clock{
		{Kind: law.ClockResponse, When: law.Ordinary, Count: n, Unit: u, From: law.FromReceipt, Pauses: []string{"clarification"}}}}
}

func at(t *testing.T, zone, text string) time.Time {
	t.Helper()
	z, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	out, err := time.ParseInLocation("2006-01-02 15:04:05", text, z)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestDueDates(t *testing.T) {
	const ny, hel = "America/New_York", "Europe/Helsinki"
	for _, c := range []struct {
		name             string
		zone             string
		cal              law.CalendarID
		n                int
		unit             law.Unit
		start, startZone string
		want             string
	}{
		{"ten days, the first not counted", hel, "none", 10, law.Days, "2026-09-01 12:00:00", hel, "2026-09-11 23:59:59"},
		{"late in one zone is the next day in another", hel, "none", 10, law.Days, "2026-09-01 22:30:00", "UTC", "2026-09-12 23:59:59"},
		{"across the end of summer time", hel, "none", 10, law.Days, "2026-10-20 12:00:00", hel, "2026-10-30 23:59:59"},
		{"across the start of summer time", ny, "none", 2, law.Days, "2026-03-07 12:00:00", ny, "2026-03-09 23:59:59"},
		{"hours run through the change of clocks", ny, "none", 8, law.Hours, "2026-10-31 22:00:00", ny, "2026-11-01 05:00:00"},
		{"hours run through the other change", ny, "none", 8, law.Hours, "2026-03-07 22:00:00", ny, "2026-03-08 07:00:00"},
		{"working days over a weekend", ny, "us.federal", 1, law.WorkingDays, "2026-10-02 12:00:00", ny, "2026-10-05 23:59:59"},
		{"working days over Thanksgiving", ny, "us.federal", 5, law.WorkingDays, "2026-11-23 12:00:00", ny, "2026-12-01 23:59:59"},
		{"Independence Day 2026, a Saturday, is kept on Friday", ny, "us.federal", 1, law.WorkingDays, "2026-07-02 12:00:00", ny, "2026-07-06 23:59:59"},
		{"New Year 2028, a Saturday, is kept in the old year", ny, "us.federal", 1, law.WorkingDays, "2027-12-30 12:00:00", ny, "2028-01-03 23:59:59"},
		{"Juneteenth before it was a holiday", ny, "us.federal", 1, law.WorkingDays, "2019-06-18 12:00:00", ny, "2019-06-19 23:59:59"},
		{"Memorial Day, the last Monday", ny, "us.federal", 1, law.WorkingDays, "2026-05-22 12:00:00", ny, "2026-05-26 23:59:59"},
		{"Christmas in the common calendar", hel, "eu.common", 1, law.WorkingDays, "2026-12-24 12:00:00", hel, "2026-12-28 23:59:59"},
		{"every day counts", hel, "none", 3, law.WorkingDays, "2026-12-24 12:00:00", hel, "2026-12-27 23:59:59"},
		{"a month from its last day", hel, "none", 1, law.Months, "2026-01-31 12:00:00", hel, "2026-02-28 23:59:59"},
		{"a month in a leap year", hel, "none", 1, law.Months, "2028-01-31 12:00:00", hel, "2028-02-29 23:59:59"},
		{"three months", hel, "none", 3, law.Months, "2026-11-30 12:00:00", hel, "2027-02-28 23:59:59"},
		{"a year from the leap day", hel, "none", 1, law.Years, "2028-02-29 12:00:00", hel, "2029-02-28 23:59:59"},
	} {
		got, ok := law.Due(ruled(c.zone, c.cal, c.n, c.unit), at(t, c.startZone, c.start))
		if want := at(t, c.zone, c.want); !ok || !got.Equal(want) {
			t.Errorf("%s: %v, want %v", c.name, got, want)
		}
	}
}

func TestDueDatesOfTheTable(t *testing.T) {
	start := at(t, "Europe/Helsinki", "2026-10-20 12:00:00")
	row := func(id law.ProcessID) law.Row { r, _ := law.Default().Row(id, start); return r }
	if got, ok := law.Due(row("eu.epoc.sub"), start); !ok || !got.Equal(at(t, "Europe/Helsinki", "2026-10-30 23:59:59")) {
		t.Errorf("a production order: %v", got)
	}
	if got, ok := law.DueIn(row("eu.epoc.sub"), law.ClockResponse, law.InEmergency, start); !ok || got.Sub(start) != 8*time.Hour {
		t.Errorf("a production order in an emergency: %v", got)
	}
	if got, ok := law.DueIn(row("eu.epoc.traffic"), law.ClockThird, law.InEmergency, start); !ok || got.Sub(start) != 96*time.Hour {
		t.Errorf("the enforcing authority: %v", got)
	}
	if got, ok := law.DueIn(row("eu.epocpr"), law.ClockPreserve, law.Ordinary, start); !ok || !got.Equal(start) {
		t.Errorf("what exists is kept at once: %v", got)
	}
	if got, ok := law.Due(row("us.subpoena.gj"), start); ok {
		t.Errorf("a subpoena's day stands on its face, not in the table: %v", got)
	}
	if _, ok := law.Due(row("any.mlat"), start); ok {
		t.Error("what is not answered has no day")
	}
	for id, times := range map[law.ProcessID]int{law.Preservation: 1, "eu.epocpr": 1, "us.order.pentrap": 0} {
		if c, ok := row(id).Clock(law.ClockRenewal, law.Ordinary); !ok || c.Times != times {
			t.Errorf("%s: renewable %d times, want %d", id, c.Times, times)
		}
	}
}

// TestADayOfAPreservationIsADayOfTheCalendar: in spring an hour is lost, in
// autumn one is given back, and the last day ends at the same hour of the clock.
func TestADayOfAPreservationIsADayOfTheCalendar(t *testing.T) {
	for _, c := range []struct {
		row         law.ProcessID
		zone        string
		days, again int
	}{{law.Preservation, "America/New_York", 90, 90}, {"eu.epocpr", "Europe/Brussels", 60, 30}} {
		row := mustRow(t, c.row)
		for _, start := range []string{"2026-02-01 09:00:00", "2026-03-01 00:30:00", "2026-10-01 23:30:00", "2026-06-01 09:00:00", "2027-12-15 09:00:00"} {
			from := at(t, c.zone, start)
			first, ok := law.Longest(row, from)
			if want := from.AddDate(0, 0, c.days); !ok || !first.Equal(want) {
				t.Errorf("%s from %s to %v, want %v", c.row, start, first, want)
			}
			if last, ok := law.Renewed(row, first); !ok || !last.Equal(from.AddDate(0, 0, c.days+c.again)) {
				t.Errorf("%s from %s, renewed, to %v", c.row, start, last)
			}
		}
	}
}

func TestATapNeverRunsLongerForAChangeOfClocks(t *testing.T) {
	const ny = "America/New_York"
	row, _ := law.Default().Row("us.order.pentrap", received)
	for start, want := range map[string]string{
		"2026-06-01 09:00:00": "2026-07-31 09:00:00",
		"2026-10-01 09:00:00": "2026-11-30 08:00:00", // an hour was given back: sixty times 24 hours end earlier
		"2026-02-01 09:00:00": "2026-04-02 09:00:00", // an hour was lost: the calendar ends earlier
	} {
		from := at(t, ny, start)
		got, ok := law.Longest(row, from)
		if !ok || !got.Equal(at(t, ny, want)) {
			t.Errorf("from %s to %v, want %s", start, got.In(from.Location()), want)
		}
		if got.Sub(from) > 60*24*time.Hour {
			t.Errorf("from %s: longer than sixty days", start)
		}
	}
	emergency, _ := law.Default().Row("us.order.pentrap.emerg", received)
	if got, ok := law.Longest(emergency, received); !ok || got.Sub(received) != hours48 {
		t.Errorf("an emergency tap: %v", got)
	}
	if _, ok := law.Longest(mustRow(t, "us.subpoena.gj"), received); ok {
		t.Error("a subpoena does not run")
	}
}

func mustRow(t *testing.T, id law.ProcessID) law.Row {
	t.Helper()
	r, ok := law.Default().Row(id, received)
	if !ok {
		t.Fatalf("no row %s", id)
	}
	return r
}

func TestAClockWaitsWhileAQuestionIsOpen(t *testing.T) {
	row := ruled("UTC", "none", 10, law.Days)
	start := on(10, 1)
	day := func(n int) time.Time { return on(10, n) }
	due := func(n int) time.Time { return on(10, n).Add(24*time.Hour - time.Second) }
	for _, c := range []struct {
		name  string
		waits []law.Wait
		want  time.Time // zero: no due date
	}{
		{"none", nil, due(11)},
		{"three days", []law.Wait{{Reason: "clarification", From: day(3), To: day(6)}}, due(14)},
		{"two that overlap", []law.Wait{{Reason: "clarification", From: day(4), To: day(6)}, {Reason: "clarification", From: day(3), To: day(5)}}, due(14)},
		{"before the start", []law.Wait{{Reason: "clarification", From: on(9, 1), To: day(2)}}, due(12)},
		{"for a reason that does not stop it", []law.Wait{{Reason: "notification", From: day(3), To: day(6)}}, due(11)},
		{"still open", []law.Wait{{Reason: "clarification", From: day(3)}}, time.Time{}},
	} {
		got, ok := law.DueAfter(row, law.ClockResponse, law.Ordinary, start, c.waits)
		if ok == c.want.IsZero() || !got.Equal(c.want) {
			t.Errorf("%s: %v %v, want %v", c.name, got, ok, c.want)
		}
	}
}

func TestFederalHolidaysOf2026(t *testing.T) {
	want := map[string]bool{"2026-01-01": true, "2026-01-19": true, "2026-02-16": true, "2026-05-25": true, "2026-06-19": true,
		"2026-07-03": true, "2026-09-07": true, "2026-10-12": true, "2026-11-11": true, "2026-11-26": true, "2026-12-25": true}
	cal := law.CalendarOf("us.federal")
	for d := on(1, 1); d.Year() == 2026; d = d.AddDate(0, 0, 1) {
		weekend := d.Weekday() == time.Saturday || d.Weekday() == time.Sunday
		if got := cal.Works(d); got == (weekend || want[d.Format(time.DateOnly)]) {
			t.Errorf("%s worked: %v", d.Format("Mon 2006-01-02"), got)
		}
	}
}

func TestAnUnknownCalendarMakesADayEarlierNeverLater(t *testing.T) {
	known, _ := law.Due(ruled("UTC", "us.federal", 5, law.WorkingDays), received)
	unknown, _ := law.Due(ruled("UTC", "xx", 5, law.WorkingDays), received)
	if unknown.After(known) {
		t.Errorf("%v is after %v", unknown, known)
	}
}
