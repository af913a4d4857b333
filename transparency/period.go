// Package transparency counts the ledger and publishes what may be published:
// the half-yearly report as tables, pages and files that anyone can check, and
// nothing finer than the law and the rule of small cells allow. It knows
// openings and figures; it must not know a person, a case file or who decides.
package transparency

import (
	"fmt"
	"regexp"
	"strconv"
	"time"

	"letterlock/internal/fault"
)

func invalid(format string, args ...any) error {
	return fault.New(fault.Invalid, "build report", format, args...)
}

// Period is a half of a year.
type Period struct{ year, half int }

var periodForm = regexp.MustCompile(`^(\d{4})H([12])$`)

// ParsePeriod reads a period such as 2026H1.
func ParsePeriod(s string) (Period, error) {
	m := periodForm.FindStringSubmatch(s)
	if m == nil {
		return Period{}, invalid("a period looks like 2026H1 or 2026H2")
	}
	year, _ := strconv.Atoi(m[1])
	return Period{year, int(m[2][0] - '0')}, nil
}

// PeriodOf is the period in which a moment lies.
func PeriodOf(t time.Time) Period {
	t = t.UTC()
	return Period{t.Year(), 1 + (int(t.Month())-1)/6}
}

// String is the period as people write it.
func (p Period) String() string { return fmt.Sprintf("%04dH%d", p.year, p.half) }

// From is the first moment of the period.
func (p Period) From() time.Time {
	return time.Date(p.year, time.Month(1+6*(p.half-1)), 1, 0, 0, 0, 0, time.UTC)
}

// Until is the first moment after it.
func (p Period) Until() time.Time { return p.Next().From() }

// Next is the period after it.
func (p Period) Next() Period {
	if p.half == 2 {
		return Period{p.year + 1, 1}
	}
	return Period{p.year, 2}
}

// Before is the period before it.
func (p Period) Before() Period {
	if p.half == 1 {
		return Period{p.year - 1, 2}
	}
	return Period{p.year, 1}
}

// Holds reports whether a moment lies in the period.
func (p Period) Holds(t time.Time) bool { return PeriodOf(t) == p }

// InWords is the period as a heading.
func (p Period) InWords() string {
	return fmt.Sprintf("%s to %s", p.From().Format("January"), p.Until().AddDate(0, 0, -1).Format("January 2006"))
}

// MarshalText writes the period.
func (p Period) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// UnmarshalText reads it.
func (p *Period) UnmarshalText(b []byte) (err error) {
	*p, err = ParsePeriod(string(b))
	return err
}
