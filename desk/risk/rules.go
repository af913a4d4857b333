// Package risk watches how requests come: from which network, at what hour, how
// many, about whom. Its rules are data, and what they raise holds a request for
// a person's look; none drops or refuses anything. It knows numbers and times
// of a sender, and neither the case nor who decides it.
package risk

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"letterlock/law"
)

// RuleID names a rule, such as "new-network".
type RuleID string

// Limit is a threshold of a rule.
type Limit struct {
	Name     string // such as "hours"
	Words    string // what it counts
	Value    int    // unless the lead and a second person set another
	Min, Max int
}

// Rule is one rule as it is shown and judged by.
type Rule struct {
	ID       RuleID
	Sentence string // what it holds for
	Basis    string
	Finding  law.FindingID // the finding that it raises
	Limits   []Limit
}

// The rules. What the law table's own settings say of new accounts and of
// requests in a day holds besides them.
const (
	NewNetwork        RuleID = "new-network"
	NewPasskey        RuleID = "new-passkey"
	OddHours          RuleID = "odd-hours"
	Burst             RuleID = "burst"
	ManyEmergencies   RuleID = "many-emergencies"
	AgencyEmergencies RuleID = "agency-emergencies"
	TwoAgencies       RuleID = "two-agencies"
	LookAlike         RuleID = "look-alike"
	Compromised       RuleID = "compromised"
)

var rules = []Rule{
	{NewNetwork, "The officer has signed in from a network never seen for them.", "Stamos on account take-over [S]", "SND.ANOMALY", []Limit{{"hours", "hours after such a sign-in", 72, 1, 720}}},
	{NewPasskey, "A passkey was added to an account that is older than that.", "Stamos on account take-over [S]", "SND.ANOMALY", []Limit{{"days", "days after the passkey came", 7, 1, 90}}},
	{OddHours, "It was sent outside the agency's waking hours, by its own clock.", "Stamos on account take-over [S]", "SND.ANOMALY", []Limit{{"from", "the first waking hour", 6, 0, 12}, {"to", "the hour at which they end", 22, 13, 24}}},
	{Burst, "The officer sends many requests in a few minutes.", "[K]", "SND.VELOCITY", []Limit{{"requests", "requests", 5, 1, 100}, {"minutes", "minutes", 10, 1, 120}}},
	{ManyEmergencies, "The officer claims more emergencies in a day than they are used to.", "[K]", "SND.VELOCITY", []Limit{{"least", "emergencies in a day that are never too many", 1, 0, 50}, {"times", "times their own daily average of 90 days", 3, 1, 100}}},
	{AgencyEmergencies, "The agency claims more emergencies in a day than it is used to.", "[K]", "SND.VELOCITY", []Limit{{"least", "emergencies in a day that are never too many", 3, 0, 200}, {"times", "times its own daily average of 90 days", 3, 1, 100}}},
	{TwoAgencies, "Another agency has asked about the same account.", "[K]", "SND.ANOMALY", []Limit{{"days", "days since", 30, 1, 365}}},
	{LookAlike, "The mailbox's domain looks like an official one and is not.", "[K]", "SND.MAIL_AUTH", []Limit{{"letters", "letters that differ", 2, 1, 3}}},
	{Compromised, "The sender's access was cut, and it comes by another way.", "FBI PIN Nov 2024 [S]", "SND.COMPROMISED", nil},
}

// Rules are all, with the limits in force.
func (v Values) Rules() []Rule {
	out := slices.Clone(rules)
	for i := range out {
		out[i].Limits = slices.Clone(out[i].Limits)
		for k, l := range out[i].Limits {
			out[i].Limits[k].Value = v.of(out[i].ID, l.Name)
		}
	}
	return out
}

// Values are limits that people set, by "rule.limit"; what is not there is as
// the table says.
type Values map[string]int

func key(r RuleID, limit string) string { return string(r) + "." + limit }

func find(r RuleID, limit string) (Limit, bool) {
	for _, x := range rules {
		for _, l := range x.Limits {
			if x.ID == r && l.Name == limit {
				return l, true
			}
		}
	}
	return Limit{}, false
}

func (v Values) of(r RuleID, limit string) int {
	if n, ok := v[key(r, limit)]; ok {
		return n
	}
	l, _ := find(r, limit)
	return l.Value
}

// Count is how many came in the last day, this one included, and in the 90 days
// before that day.
type Count struct{ Today, Before int }

// Add counts one more, of the last day or of the days before.
func (c *Count) Add(today bool) {
	if today {
		c.Today++
	} else {
		c.Before++
	}
}

// History is the time that a habit is taken from.
const (
	History     = 90 * 24 * time.Hour
	historyDays = 90
)

// Facts is what the rules look at.
type Facts struct {
	Now         time.Time
	Since       time.Time      // when the officer's account began; zero: no officer
	Strange     time.Time      // their last sign-in from a new network
	KeyAdded    time.Time      // their newest passkey
	Zone        *time.Location // of the agency; nil: not known
	Sent        []time.Time    // the officer's requests of the last hours, without this one
	Emergency   bool
	Officer     Count // emergencies
	Agency      Count
	Elsewhere   time.Time // when another agency last asked about the same account
	Domain      string    // of the mailbox it came from; empty: none
	Official    []string  // every domain of the directory
	Compromised bool
}

// Judge is what the rules raise: a pure function of the facts and the limits.
func (v Values) Judge(f Facts) []law.Signal {
	var out []law.Signal
	for _, r := range rules {
		if note := judges[r.ID](v, f); note != "" {
			out = append(out, law.Signal{Rule: string(r.ID), Finding: r.Finding, Note: note})
		}
	}
	return out
}

var judges = map[RuleID]func(Values, Facts) string{
	NewNetwork: func(v Values, f Facts) string {
		if f.Strange.IsZero() || f.Now.Sub(f.Strange) >= hours(v.of(NewNetwork, "hours")) {
			return ""
		}
		return "signed in from a network never seen for this officer, on " + f.Strange.UTC().Format("2 January 2006, 15:04 UTC")
	},
	NewPasskey: func(v Values, f Facts) string {
		recent := hours(24 * v.of(NewPasskey, "days"))
		if f.KeyAdded.IsZero() || f.Now.Sub(f.KeyAdded) >= recent || f.Now.Sub(f.Since) < recent {
			return "" // a new account is held as that
		}
		return "a passkey was added on " + f.KeyAdded.UTC().Format("2 January 2006, 15:04 UTC")
	},
	OddHours: func(v Values, f Facts) string {
		if f.Zone == nil {
			return ""
		}
		at := f.Now.In(f.Zone)
		if h := at.Hour(); h >= v.of(OddHours, "from") && h < v.of(OddHours, "to") {
			return ""
		}
		return "sent at " + at.Format("15:04") + " where the agency is"
	},
	Burst: func(v Values, f Facts) string {
		n := 1
		for _, t := range f.Sent {
			if f.Now.Sub(t) < time.Duration(v.of(Burst, "minutes"))*time.Minute {
				n++
			}
		}
		if n <= v.of(Burst, "requests") {
			return ""
		}
		return fmt.Sprintf("%d requests within %d minutes", n, v.of(Burst, "minutes"))
	},
	ManyEmergencies: func(v Values, f Facts) string {
		return v.emergencies(ManyEmergencies, f.Emergency, f.Officer, "this officer")
	},
	AgencyEmergencies: func(v Values, f Facts) string {
		return v.emergencies(AgencyEmergencies, f.Emergency, f.Agency, "this agency")
	},
	TwoAgencies: func(v Values, f Facts) string {
		if f.Elsewhere.IsZero() || f.Now.Sub(f.Elsewhere) >= hours(24*v.of(TwoAgencies, "days")) {
			return ""
		}
		return "another agency asked about the same account on " + f.Elsewhere.UTC().Format("2 January 2006")
	},
	LookAlike: func(v Values, f Facts) string {
		if like := Resembles(f.Domain, f.Official, v.of(LookAlike, "letters")); like != "" {
			return f.Domain + " looks like " + like
		}
		return ""
	},
	Compromised: func(_ Values, f Facts) string {
		if f.Compromised {
			return "the sender's access is cut"
		}
		return ""
	},
}

// emergencies: more than is never too many, and more than the sender's habit.
func (v Values) emergencies(r RuleID, emergency bool, n Count, who string) string {
	if !emergency || n.Today <= v.of(r, "least") || n.Today*historyDays <= v.of(r, "times")*n.Before {
		return ""
	}
	return fmt.Sprintf("%d emergencies of %s within a day, %d in the %d days before", n.Today, who, n.Before, historyDays)
}

func hours(n int) time.Duration { return time.Duration(n) * time.Hour }

// Resembles is the official domain that a domain imitates: another one, that
// reads alike or differs by a few letters. A domain of the directory imitates
// nothing.
func Resembles(domain string, official []string, letters int) string {
	domain = strings.ToLower(domain)
	if domain == "" || slices.Contains(official, domain) {
		return ""
	}
	for _, o := range official {
		if strings.HasSuffix(domain, "."+o) {
			return ""
		}
		if skeleton(o) == skeleton(domain) || distance(o, domain) <= min(letters, len(o)/4) {
			return o
		}
	}
	return ""
}

// skeleton brings what reads alike to one form.
func skeleton(s string) string {
	return strings.NewReplacer("rn", "m", "vv", "w", "0", "o", "1", "l", "i", "l", "5", "s", "-", "", ".", "",
		"а", "a", "е", "e", "о", "o", "р", "p", "с", "c", "у", "y", "х", "x").Replace(s)
}

// distance is how many letters are added, dropped or changed (Levenshtein).
func distance(a, b string) int {
	x, y := []rune(a), []rune(b)
	row := make([]int, len(y)+1)
	for j := range row {
		row[j] = j
	}
	for i := range x {
		before := row[0]
		row[0] = i + 1
		for j := range y {
			cost := before
			if x[i] != y[j] {
				cost++
			}
			before = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(y)]
}
