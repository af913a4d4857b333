package kit

import (
	"fmt"
	"html/template"
	"strings"
	"time"
)

// UTC writes a time to the minute, with its zone.
func UTC(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format("2 January 2006, 15:04") + " UTC"
}

// Day writes a date, with its zone.
func Day(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format("2 January 2006") + " (UTC)"
}

// Plural counts: "1 field", "3 fields".
func Plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// Bytes writes a size: "25 MiB".
func Bytes(n int64) string {
	switch {
	case n < 1<<10:
		return Plural(int(n), "byte", "bytes")
	case n < 1<<20:
		return trim(float64(n)/(1<<10)) + " KiB"
	case n < 1<<30:
		return trim(float64(n)/(1<<20)) + " MiB"
	}
	return trim(float64(n)/(1<<30)) + " GiB"
}

func trim(f float64) string { return strings.TrimSuffix(fmt.Sprintf("%.1f", f), ".0") }

// Span writes a length of time in its largest unit, and the next when it tells
// something: "3 days", "1 day 4 hours", "12 minutes".
func Span(d time.Duration) string {
	minutes := int(d / time.Minute)
	hours, days := minutes/60, minutes/60/24
	switch {
	case days >= 3:
		return Plural(days, "day", "days")
	case days > 0:
		return and(Plural(days, "day", "days"), hours%24, "hour", "hours")
	case hours > 0:
		return and(Plural(hours, "hour", "hours"), minutes%60, "minute", "minutes")
	}
	return Plural(max(minutes, 1), "minute", "minutes")
}

func and(first string, n int, one, many string) string {
	if n == 0 {
		return first
	}
	return first + " " + Plural(n, one, many)
}

// unix turns Unix seconds, as signed things carry them, into a time.
func unix(s int64) time.Time {
	if s == 0 {
		return time.Time{}
	}
	return time.Unix(s, 0).UTC()
}

func (k *Kit) funcs() template.FuncMap {
	return template.FuncMap{
		"show": k.show, "utc": UTC, "day": Day, "plural": Plural, "bytes": Bytes, "span": Span, "unix": unix,
		"iso":  func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"left": func(due time.Time) TimeLeft { return TimeLeft{Now: k.c.Clock.Now(), Due: due} },
		"join": strings.Join, "list": func(a ...any) []any { return a },
		"asset": Asset, "say": sentence,
		"badge": func(tone, text string) Badge { return Badge{Tone(tone), text} },
		"fact":  func(label string, v any) Fact { return Fact{label, v} },
		"facts": func(f ...Fact) Facts { return f },
		"code":  func(s any) Code { return Code(fmt.Sprint(s)) },
		"link":  func(text, url string) Link { return Link{Text: text, URL: url} },
		"table": func(caption string, columns []Column, rows [][]any, empty string) Table {
			return Table{caption, columns, rows, empty}
		},
		"callout": func(tone, title, text string) Callout { return Callout{Tone: Tone(tone), Title: title, Text: text} },
		"columns": Columns,
	}
}
