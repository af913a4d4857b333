package casefile

import (
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"letterlock/disclosable"
	"letterlock/internal/lang"
	"letterlock/law"
)

// Line is one line of the timeline in plain words.
type Line struct {
	At   time.Time
	Who  string
	What string
	Why  string

	Told  lang.Text // What, where an agency reads it in its own language
	Typed string    // and after it, what a person typed
}

// ResponseTeam is who did what the team did, for an agency.
const ResponseTeam = "the response team"

// forAgency are the events that the agency sees of its case, and how much of
// them: only what it did itself or what concerns it.
var forAgency = map[Kind]bool{KFiled: true, KCorrected: true, KPaperAdded: true, KWithdrawn: true, KAsked: true, KAnswered: true,
	KPacked: true, KDownloaded: true, KDestroyed: true, KStood: true, KRose: true, KReminded: true, KLapsed: true}

// Timeline tells the case's history. For the agency it leaves out the team's
// work and names nobody of the team.
func (c Case) Timeline(agency bool) []Line {
	var out []Line
	for _, e := range c.Events {
		if e.Rest != nil {
			out = append(out, e.restLine())
			continue
		}
		l := Line{At: e.At, Who: e.By.Name, What: c.says(e), Why: e.Why}
		if agency {
			if !forAgency[e.Kind] || e.part().From > 0 { // one download, however often it broke off
				continue
			}
			if e.By.Kind != ByOfficer {
				l.Who, l.Why = ResponseTeam, ""
			}
			l.Told, l.Typed = toldAs(e), typed(e)
		}
		out = append(out, l)
	}
	return out
}

func (c Case) says(e Event) string {
	switch e.Kind {
	case KFiled:
		return "filed the request (" + processName(e.Demand.Process, e.At) + ")"
	case KCorrected:
		return "corrected the request"
	case KPaperAdded:
		return "added the paper " + e.Paper.Name
	case KPaperRead:
		p, _ := c.Paper(e.PaperID)
		return "read the paper " + p.Name
	case KWithdrawn:
		return "withdrew the request"
	case KAssigned:
		return "assigned the case to " + e.Assignee.Name
	case KFindingAdded:
		return "added a finding: " + findings(e.Findings)
	case KFindingAnswer:
		return "answered the finding “" + FindingWords(e.Finding) + "”" + map[bool]string{true: ": it holds", false: ": it does not stand in the way"}[e.Holds]
	case KLookup:
		return fmt.Sprintf("asked the carrier whether identifier %d has an account", e.Target+1)
	case KResolved:
		return fmt.Sprintf("was told that identifier %d %s", e.Resolved.Target+1, map[bool]string{true: "has an account", false: "has no account"}[e.Resolved.Exists])
	case KDecided:
		return "decided: " + decisions(e.Decisions)
	case KAsked:
		return "asked" + clockWord(e.Question.Stops) + ": " + e.Question.Text
	case KAnswered:
		return "answered: " + e.Answer
	case KNoticeChosen:
		return "notice: the person " + e.Notice.Plan.InWords()
	}
	return c.saysMore(e)
}

func (c Case) saysMore(e Event) string {
	switch e.Kind {
	case KComposed:
		return fmt.Sprintf("put %d grants before the key holders", len(e.Grants))
	case KSignedOff:
		return "saw " + c.grantWord(e) + " signed by " + strings.Join(e.Signed, " and ")
	case KGrantEnded:
		return "saw " + c.grantWord(e) + " end: " + string(e.Phase)
	case KReleasing:
		return "is about to redeem a grant"
	case KReleased:
		return fmt.Sprintf("received %d records from the carrier", e.Count)
	case KLost:
		return "a grant was used and its records did not arrive: a new one must be signed"
	case KTelling:
		return "is about to have the person told"
	case KTold:
		return "had the person told"
	case KObjected:
		return "the person objected: the release is held"
	case KObjectionDone:
		return "closed the objection: " + map[bool]string{true: "upheld", false: "cleared"}[e.Objection.Upheld]
	case KAnswering:
		return "had the answer prepared, without records"
	case KPacked:
		return fmt.Sprintf("made the package %s, until %s", e.Package.Name, disclosable.Minute(e.Package.Expires.Unix()))
	case KDownloaded:
		if from := e.part().From; from > 0 {
			return fmt.Sprintf("went on downloading the package from byte %d", from)
		}
		return "downloaded the package"
	case KSent:
		return fmt.Sprintf("was handed %d bytes of the package from byte %d on", e.part().Size, e.part().From)
	case KDestroyed:
		return "destroyed our copy of the package"
	case KAlarm:
		return "ALARM: " + e.Alarm
	case KAlarmSeen:
		return "saw the alarm"
	case KGagLetter, KGagSent, KGagStep, KGagDates:
		return saysGag(e)
	}
	if say, ok := saysOf[e.Kind]; ok {
		return say(c, e)
	}
	if said := saysTeam(e); said != "" {
		return said
	}
	return c.saysOfLaw(e)
}

// saysOf are the words of events that are told where they are defined.
var saysOf = map[Kind]func(Case, Event) string{}

func (c Case) saysOfLaw(e Event) string {
	switch e.Kind {
	case KAgreed:
		return "agreed, as " + e.Role + ", to close the case"
	case KChallenged:
		return "filed a challenge with " + e.Filing.Where + " on " + disclosable.Day(e.Filing.Filed.Unix())
	case KChallengeEnded:
		return "recorded how the challenge ended: " + string(e.Filing.Outcome)
	case KNarrowed:
		return "narrowed the period to " + disclosable.Day(e.Period.From.Unix()) + " to " + disclosable.Day(e.Period.Until.Unix())
	case KFindingDoubted:
		return "said, as " + e.Role + ", that the finding “" + FindingWords(e.Finding) + "” does not hold; the other of counsel and lead must say so too"
	case KAdvised:
		return "gave " + e.Item.Title() + " back with advice"
	case KStood:
		return "began to wait for a notified authority: " + e.Stand.What + clockWord(e.Stand.Stops)
	case KRose:
		return "ended the wait for the notified authority"
	case KReminded:
		return "reminded of the open question"
	case KLapsed:
		return "the question was not answered in time; the clock runs again"
	}
	return "noted"
}

func clockWord(stops bool) string {
	if stops {
		return " (the clock stands still)"
	}
	return " (the clock goes on: this limit does not wait for it)"
}

// processName is the process as people call it, by the table of that day.
func processName(id law.ProcessID, at time.Time) string {
	if row, ok := law.Default().Row(id, at); ok {
		return row.Name
	}
	return string(id)
}

func (c Case) grantWord(e Event) string {
	g, ok := c.Grant(*e.Grant)
	if !ok {
		return "a grant"
	}
	return fmt.Sprintf("the grant to %s (%s)", g.Grant.Kind, strings.Join(g.Grant.Titles(), ", "))
}

func findings(f []FindingState) string {
	var s []string
	for _, x := range f {
		s = append(s, FindingWords(x.ID))
	}
	return strings.Join(s, ", ")
}

func decisions(d []Decision) string {
	var s []string
	for _, x := range d {
		said := x.Item.Title() + ": " + string(x.Verdict)
		if x.Finding != "" {
			said += ", by the finding “" + FindingWords(x.Finding) + "”"
		}
		s = append(s, said+" – "+x.Reason)
	}
	return strings.Join(s, "; ")
}

// Reachable reports whether the row lets a field be disclosed. Where only name
// and length of service are reached, nothing else of the class is.
// law: 18 USC 2709(b)
func Reachable(r law.Row, f disclosable.Field) bool {
	if r.ID == law.Emergency && !Locating(f.ID) {
		return false
	}
	if r.Reaches(law.Class(f.Class)) {
		return true
	}
	return (f.ID == "name" || f.ID == "service_start") && r.Reaches(law.NameLOS)
}

// PassphraseKey is where a package's passphrase is stashed until it is shown.
func PassphraseKey(p PackageID) string { return "passphrase:" + string(p) }

// Secret is shown once and never printed or logged.
type Secret struct{ text string }

// NewSecret wraps a text.
func NewSecret(s string) Secret { return Secret{s} }

// Reveal is the text itself, for the one page that shows it.
func (s Secret) Reveal() string { return s.text }

// A secret says nothing about itself.
func (Secret) String() string               { return "secret" }
func (Secret) GoString() string             { return "secret" }
func (Secret) Format(f fmt.State, _ rune)   { io.WriteString(f, "secret") }
func (Secret) LogValue() slog.Value         { return slog.StringValue("secret") }
func (Secret) MarshalJSON() ([]byte, error) { return nil, fmt.Errorf("a secret is not marshalled") }
