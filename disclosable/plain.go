package disclosable

import (
	"fmt"
	"strings"
	"time"
)

// Line is one line of a grant in plain words.
type Line struct {
	Label, Text string
}

// InWords renders a grant from its bytes for the people who sign it and for
// whoever reads the package later. It is the same text in both places.
func (g Grant) InWords(lawName string) []Line {
	l := []Line{{"What happens", g.what()}}
	if g.Kind == KeyChange {
		verb := "may sign from now on"
		if g.Key.Retire {
			verb = "may sign no more"
		}
		if g.Key.Counsel {
			verb += ", as counsel"
		}
		l = append(l, Line{"Key holder", g.Key.Holder + " " + verb}, Line{"Key", fmt.Sprintf("%x", g.Key.KeyID)})
		return append(l, Line{"Valid", g.life()})
	}
	l = append(l, g.listLines()...)
	switch {
	case g.Kind == Trace:
		l = append(l, g.traceLines()...)
	case g.Traced != nil:
		l = append(l, Line{"Trace", g.Traced.String()[:32]}, Line{"Told", strings.Join(Recorded, ", ")}, Line{"Ran", "from " + Minute(g.From) + " until " + Minute(g.Until) + " at the latest"})
	default:
		l = append(l, Line{"Fields", strings.Join(g.Titles(), ", ")}, Line{"Period", g.period()})
	}
	l = append(l, Line{"Under", strings.TrimSpace(lawName + " (" + g.Process + ")")})
	l = append(l, g.snapshotLines()...)
	l = append(l, Line{"For", g.forWhom()}, Line{"Case", g.Case}, Line{"The person", g.Notice.InWords() + g.Notice.asker()}, Line{"Valid", g.life()})
	if g.Sealed {
		l = append(l, Line{"Sealed", "National-security matter: recorded in the sealed ledger."})
	}
	return l
}

// Titles are the titles of the grant's fields.
func (g Grant) Titles() []string {
	var t []string
	for _, id := range g.Fields {
		f, _ := FieldByID(id)
		t = append(t, f.Title)
	}
	return t
}

func (g Grant) what() string {
	switch g.Kind {
	case Produce:
		if len(g.List) > 0 {
			return "The fields below, of each of these accounts and no other, are handed out once."
		}
		return "The fields below, of this account and no other, are handed out once."
	case Preserve:
		return "A sealed copy of the fields below, as they are now, is kept until its day; nothing is handed out."
	case Trace:
		return "From now on, who this account communicates with is recorded for the agency; never content."
	case Notify:
		if len(g.List) > 0 {
			return "Each of these people is told of the request."
		}
		if g.Traced != nil {
			return "The person is told, once it has ended, that this account was traced."
		}
		return "The person is told of the request."
	}
	return "The list of people who may sign changes, 24 hours after the second signature."
}

func (g Grant) forWhom() string {
	s := g.Agency
	if g.Officer != "" {
		s += ", " + g.Officer
	}
	if g.Ref != "" {
		s += ", reference " + g.Ref
	}
	return s
}

func (g Grant) period() string {
	switch {
	case g.From == 0 && g.Until == 0:
		return "the records as they are on the day of release"
	case g.From == 0:
		return "until " + Day(g.Until)
	case g.Until == 0:
		return "from " + Day(g.From)
	}
	return Day(g.From) + " to " + Day(g.Until)
}

func (g Grant) life() string {
	from := g.Issued
	if g.NotYet != 0 {
		from = g.NotYet
	}
	return "from " + Minute(from) + " until " + Minute(g.Expires) + "; usable once"
}

// InWords says when the person is told.
func (n NoticePlan) InWords() string {
	switch n.Timing {
	case ToldBefore:
		return "is told before disclosure, on " + Day(n.Day) + " (" + n.Basis + ")"
	case ToldAfter:
		return "is told after disclosure, on " + Day(n.Day) + " (" + n.Basis + ")"
	case ToldWithheld:
		return "is not told now (" + n.Basis + "); reviewed on " + Day(n.Day)
	}
	return "is told by the authority (" + n.Basis + ")"
}

// In says what becomes of the notice, in a language, as a sentence.
func (n NoticePlan) In(t Tongue) string {
	day := t.T(Day(n.Day))
	if d, ok := t.(interface{ Day(time.Time) string }); ok {
		day = t.T("%s (UTC)", d.Day(time.Unix(n.Day, 0)))
	}
	basis := t.T(n.Basis)
	switch n.Timing {
	case ToldBefore:
		return t.T("The person is told before disclosure, on %s (%s).", day, basis)
	case ToldAfter:
		return t.T("The person is told after disclosure, on %s (%s).", day, basis)
	case ToldWithheld:
		return t.T("The person is not told now (%s); reviewed on %s.", basis, day)
	}
	return t.T("The person is told by the authority (%s).", basis)
}

// asker says whether the notice names who asked.
func (n NoticePlan) asker() string {
	if n.Asker {
		return "; the notice names who asked"
	}
	return "; the notice does not name who asked"
}

// Day writes a Unix time as a date with its zone.
func Day(unix int64) string { return time.Unix(unix, 0).UTC().Format("2 January 2006") + " (UTC)" }

// Minute writes a Unix time to the minute with its zone.
func Minute(unix int64) string {
	return time.Unix(unix, 0).UTC().Format("2 January 2006, 15:04") + " UTC"
}
