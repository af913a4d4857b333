package demand

import (
	"strings"

	"letterlock/internal/lang"
	"letterlock/law"
)

// Clock is a time limit in words, made of its data: how long, from what, how
// often, and what it waits for. What the table says beside it follows.
func Clock(t *lang.Tongue, c law.Clock) string {
	parts := []string{limit(t, c)}
	if c.Times > 0 {
		parts = append(parts, t.N(c.Times, "%d time at most", "%d times at most"))
	}
	for _, p := range c.Pauses {
		parts = append(parts, pause(t, p))
	}
	if c.Policy {
		parts = append(parts, t.T("ours, not the law's"))
	}
	if c.Text != "" {
		parts = append(parts, c.Text)
	}
	return strings.Join(parts, "; ")
}

func limit(t *lang.Tongue, c law.Clock) string {
	switch {
	case c.AtOnce:
		return t.T("at once")
	case c.OnFace:
		return t.T("as the paper says")
	case c.Count == 0:
		return t.T("no fixed time")
	}
	long := length(t, c)
	switch c.From {
	case law.FromReceipt:
		return t.T("%s from receipt", long)
	case law.FromService:
		return t.T("%s from service", long)
	case law.FromIssue:
		return t.T("%s from the day of issue", long)
	case law.FromStart:
		return t.T("%s from the first day that the order names", long)
	case law.FromEnd:
		return t.T("%s from the end of the period before", long)
	case law.FromDisclosure:
		return t.T("%s from the disclosure", long)
	case law.FromInstallation:
		return t.T("%s from the installation", long)
	case law.FromNotice:
		return t.T("%s from our notice", long)
	}
	return long
}

func length(t *lang.Tongue, c law.Clock) string {
	switch c.Unit {
	case law.Hours:
		return t.N(c.Count, "%d hour", "%d hours")
	case law.WorkingDays:
		return t.N(c.Count, "%d working day", "%d working days")
	case law.Months:
		return t.N(c.Count, "%d month", "%d months")
	case law.Years:
		return t.N(c.Count, "%d year", "%d years")
	}
	return t.N(c.Count, "%d day", "%d days")
}

func pause(t *lang.Tongue, what string) string {
	switch what {
	case "clarification":
		return t.T("waits while a question is open")
	case "notification":
		return t.T("waits while another authority is being asked")
	case "objection":
		return t.T("waits while an objection is open")
	}
	return t.T("waits in cases that the law names")
}
