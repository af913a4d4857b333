package kit

import (
	"fmt"
	"html/template"
	"strings"
	"time"

	"letterlock/internal/lang"
)

// UTC writes a time to the minute, with its zone.
func UTC(t time.Time) string { return utcIn(nil, t) }

func utcIn(l *lang.Tongue, t time.Time) string {
	if t.IsZero() {
		return l.T("never")
	}
	return l.Moment(t)
}

// Day writes a date, with its zone.
func Day(t time.Time) string { return dayIn(nil, t) }

func dayIn(l *lang.Tongue, t time.Time) string {
	if t.IsZero() {
		return l.T("never")
	}
	return l.T("%s (UTC)", l.Day(t))
}

// Plural counts: "1 field", "3 fields".
func Plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// Bytes writes a size: "25 MiB".
func Bytes(n int64) string { return BytesIn(nil, n) }

// BytesIn writes a size in a language.
func BytesIn(l *lang.Tongue, n int64) string {
	switch {
	case n < 1<<10:
		return l.N(int(n), "%d byte", "%d bytes")
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
func Span(d time.Duration) string { return SpanIn(nil, d) }

// SpanIn writes a length of time in a language.
func SpanIn(l *lang.Tongue, d time.Duration) string {
	minutes := int(d / time.Minute)
	hours, days := minutes/60, minutes/60/24
	inDays, inHours, inMinutes := l.N(days, "%d day", "%d days"), func(n int) string { return l.N(n, "%d hour", "%d hours") }, func(n int) string { return l.N(n, "%d minute", "%d minutes") }
	switch {
	case days >= 3 || days > 0 && hours%24 == 0:
		return inDays
	case days > 0:
		return l.T("%s %s¦a long time and a short one", inDays, inHours(hours%24))
	case hours > 0 && minutes%60 == 0:
		return inHours(hours)
	case hours > 0:
		return l.T("%s %s¦a long time and a short one", inHours(hours), inMinutes(minutes%60))
	}
	return inMinutes(max(minutes, 1))
}

// unix turns Unix seconds, as signed things carry them, into a time.
func unix(s int64) time.Time {
	if s == 0 {
		return time.Time{}
	}
	return time.Unix(s, 0).UTC()
}

// unbroken keeps a number such as LL-2026-000001 on one line: it would break at
// its hyphens.
func unbroken(text string) template.HTML {
	all := strings.Split(text, " ")
	for i, w := range all {
		safe := template.HTMLEscapeString(w)
		if strings.Contains(w, "-") && strings.ContainsAny(w, "0123456789") {
			safe = `<span class="nowrap">` + safe + "</span>"
		}
		all[i] = safe
	}
	return template.HTML(strings.Join(all, " "))
}

// funcs are the functions of the pages in one language. t says a text, n one
// that counts; texts in a page's source go through them and nowhere else.
func (k *Kit) funcs(s *set) template.FuncMap {
	l := s.tongue
	return template.FuncMap{
		"t":    func(text any, args ...any) string { return l.T(fmt.Sprint(text), args...) },
		"n":    func(n int, one, many string, args ...any) string { return l.N(n, one, many, args...) },
		"show": s.show, "side": side, "plural": Plural, "unix": unix, "inWords": func(x TimeLeft) string { return x.In(l) },
		"utc": func(t time.Time) string { return utcIn(l, t) }, "day": func(t time.Time) string { return dayIn(l, t) },
		"bytes": func(n int64) string { return BytesIn(l, n) }, "span": func(d time.Duration) string { return SpanIn(l, d) },
		"iso":  func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
		"left": func(due time.Time) TimeLeft { return TimeLeft{Now: k.c.Clock.Now(), Due: due} },
		"join": strings.Join, "list": func(a ...any) []any { return a },
		"asset": Asset, "say": l.Say, "passkeySays": func() map[string]string { return passkeySays(l) }, "tongue": func() *lang.Tongue { return l },
		"badge":    func(tone, text string) Badge { return Badge{Tone(tone), text} },
		"fact":     func(label string, v any) Fact { return Fact{label, v} },
		"facts":    func(f ...Fact) Facts { return f },
		"code":     func(s any) Code { return Code(fmt.Sprint(s)) },
		"unbroken": unbroken,
		"link":     func(text, url string) Link { return Link{Text: text, URL: url} },
		"table": func(caption string, columns []Column, rows [][]any, empty string) Table {
			return Table{caption, columns, rows, empty}
		},
		"callout": func(tone, title, text string) Callout { return Callout{Tone: Tone(tone), Title: title, Text: text} },
		"columns": Columns,
	}
}
