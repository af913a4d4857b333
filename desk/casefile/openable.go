package casefile

import "slices"

// Group is a group of an event's parts that an auditor may be shown, or not.
// What is in none of them is never opened: whom a request is about, who asked
// by name, what they wrote, papers, grants, packages.
type Group string

// The groups.
const (
	GroupRequest   Group = "request"   // what was asked for, and for how long
	GroupDecisions Group = "decisions" // findings, verdicts with their reasons, notice
	GroupReasons   Group = "reasons"   // why it was done, in the words of whoever did it
	GroupTeam      Group = "team"      // who of the team did it
)

// Groups are all of them, in the order of the pages.
var Groups = []Group{GroupRequest, GroupDecisions, GroupReasons, GroupTeam}

var groupWords = map[Group]string{
	GroupRequest:   "What was asked for: categories, period, days of issue and return",
	GroupDecisions: "What was decided: findings, verdicts with reasons and who decided, notice",
	GroupReasons:   "Why each act was done, in the words of whoever did it",
	GroupTeam:      "Who of the team did it",
}

// InWords is the group on a page.
func (g Group) InWords() string { return groupWords[g] }

var groupOf = map[string]Group{
	"demand.wanted": GroupRequest, "demand.channel": GroupRequest, "demand.from": GroupRequest, "demand.until": GroupRequest, "demand.issued": GroupRequest, "demand.return": GroupRequest,
	"demand.keep_until": GroupRequest, "demand.signed": GroupRequest, "demand.issuer_role": GroupRequest, "demand.validator_role": GroupRequest,
	"findings": GroupDecisions, "finding": GroupDecisions, "holds": GroupDecisions, "decisions": GroupDecisions, "notice": GroupDecisions, "phase": GroupDecisions, "count": GroupDecisions,
	"why":   GroupReasons,
	"by.ID": GroupTeam, "by.Name": GroupTeam,
}

// Openable says which parts of this event an auditor is shown if those groups
// are hidden. Officers are named to no auditor, and neither are their words.
func (e Event) Openable(hidden []Group) func(part string) bool {
	team := e.By.Kind != ByOfficer
	return func(part string) bool {
		g, known := groupOf[part]
		if (g == GroupTeam || g == GroupReasons) && !team {
			return false
		}
		return slices.Contains(remain, part) || known && !slices.Contains(hidden, g)
	}
}

// Opened is the event as an auditor is shown it.
func (e Event) Opened(hidden []Group) (Opening, error) {
	if e.Rest != nil { // its persons' data have left
		return e.Rest.Redact(e.Openable(hidden)), nil
	}
	b, err := e.Bytes()
	if err != nil {
		return Opening{}, err
	}
	return OpenEvent(b, e.Openable(hidden))
}
