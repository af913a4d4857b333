package portal

import (
	"html/template"
	"strings"

	"letterlock/desk/casefile"
	"letterlock/desk/intake"
	"letterlock/disclosable"
	"letterlock/internal/lang"
	"letterlock/law"
	"letterlock/web/demand"
	"letterlock/web/kit"
	"letterlock/web/words"
)

// The portal's words for what the law table and the case file name briefly.

func funcs(t *lang.Tongue) template.FuncMap {
	return template.FuncMap{"citations": func(c []law.Citation) string { return t.T(words.Citations(c)) }, "placeName": words.Place, "trim": strings.TrimSpace, "quote": t.Quote}
}

// className is a class of data within a sentence. English has it in lower case.
func className(t *lang.Tongue, c law.Class) string {
	if t.Code() == lang.English {
		return words.Lower(words.Class(c))
	}
	return t.T(words.Class(c))
}

// certainty says how sure we are of a row, in a language.
func certainty(t *lang.Tongue, r law.Row) kit.Badge {
	if r.Certainty == law.Seen {
		return kit.Badge{Tone: kit.Good, Text: t.T("text read %s", r.CheckedOn)}
	}
	return words.Certainty(r.Certainty, r.CheckedOn)
}

// reachesWords says in one line what a process gets.
func reachesWords(t *lang.Tongue, row law.Row) string {
	var s []string
	for _, x := range row.Reach {
		class := className(t, x.Class)
		switch {
		case x.Class == law.None || x.Class == law.Gag || x.Class == law.Content || x.Class == law.Traffic:
		case x.Extent == law.Snapshot:
			s = append(s, t.T("%s (preservation only)", class))
		case x.Extent == law.Part:
			s = append(s, t.T("%s (%s)¦a class of data and how far", class, x.Limit))
		default:
			s = append(s, class)
		}
	}
	switch {
	case len(s) == 0:
		return t.T("Gets no account data.")
	case row.Certainty == law.Uncertain:
		return t.T("Would get: %s. Gets nothing until the text of the law is confirmed.", t.List(s))
	}
	return t.T("Gets: %s.", t.List(s))
}

// reachBadge says whether a row reaches a field. One that no class of the row
// names is reached by the class within it: a name is, by name and length of
// service.
func reachBadge(row law.Row, f disclosable.Field) any {
	c := law.Class(f.Class)
	if _, ok := row.ReachOf(c); !ok && casefile.Reachable(row, f) {
		return words.Reached(row, law.Reach{Class: c, Extent: law.Full})
	}
	return words.Reach(row, c)
}

func clockName(k law.ClockKind) string {
	switch k {
	case law.ClockResponse:
		return "Time to answer"
	case law.ClockFollowUp:
		return "What must follow"
	case law.ClockPreserve:
		return "Time to preserve"
	case law.ClockObject:
		return "Time to object"
	case law.ClockAcknowledge:
		return "Time to confirm receipt"
	case law.ClockDuration:
		return "How long it may run"
	case law.ClockRenewal:
		return "How long a renewal may run"
	case law.ClockExecute:
		return "Time to serve it"
	case law.ClockValidate:
		return "Time for later validation"
	case law.ClockThird:
		return "Time for a notified authority"
	case law.ClockGagReview:
		return "When secrecy is looked at again"
	case law.ClockGovernment:
		return "Time for the other side"
	case law.ClockInventory:
		return "Time until the court tells the person"
	}
	return "Another time limit"
}

// clockWords is a time limit in words, and when it applies if that is not always.
func clockWords(t *lang.Tongue, c law.Clock) string {
	said := demand.Clock(t, c)
	switch c.When {
	case law.InEmergency:
		return t.T("In an emergency: %s", said)
	case law.WithNotified:
		return t.T("If another authority is notified: %s", said)
	}
	return said
}

// stanceWords says what the team does with a process before anything else.
func stanceWords(s law.Stance) string {
	switch s {
	case law.StanceReview:
		return "A trained person reviews it; two people sign what is released."
	case law.StanceReviewMostlyNone:
		return "A trained person reviews it. Most of what it asks for does not exist here."
	case law.StanceTap:
		return "For one account, once two people have signed and until the order ends: when, and with which account, messages are exchanged, and the IP address that the account sends from. Never content, and nothing from before. You get a package of it each day."
	case law.StanceEscalate, law.StanceEscalateNoContent, law.StanceEscalateCheck:
		return "Counsel looks at it first."
	case law.StanceSpecial:
		return "Handled by a small cleared team, apart from all other requests."
	case law.StanceVoluntary:
		return "The law says may, not must: two people decide, at once, on your attestation."
	case law.StanceSnapshot:
		return "A sealed copy of the records, as they are when two people have signed, is kept for the time that the law gives, then destroyed. It is disclosed only under later process."
	case law.StanceTrack, law.StanceTrackChallenge:
		return "Recorded with its end date. Secrecy without an end is challenged."
	case law.StanceChallenge, law.StanceChallengeIfZG:
		return "We do not weaken the system. Counsel answers, in court if need be."
	case law.StanceReject, law.StanceRejectOrObject:
		return "It does not oblige us, and is answered so."
	case law.StanceDecline, law.StanceVoluntaryDecline:
		return "It obliges to nothing and is declined."
	case law.StanceSelfExport:
		return "The account's holder can export it themselves, and is asked to."
	case law.StanceMLAT:
		return "It must come by mutual legal assistance; we say through which authority."
	case law.StanceNoKeyHeld:
		return "We hold no key, and say so."
	case law.StanceNotData:
		return "It asks for no account data."
	}
	return "A trained person reviews it."
}

func levelTone(l law.Level) kit.Tone {
	switch l {
	case law.Block:
		return kit.Bad
	case law.Warn:
		return kit.Warn
	}
	return kit.Info
}

// finds is a finding as the officer reads it.
type finds struct {
	Tone          kit.Tone
	Level, Title  string
	Sentence      string
	Then          string // what happens if it is sent like this
	Missing       string // labels of particulars
	Note          string
	Lack          string // the threshold that is not shown
	Fix, FixWords string // where to mend it
}

func levelWords(l law.Level) string {
	switch l {
	case law.Block:
		return "Stands in the way"
	case law.Warn:
		return "Please look at this"
	}
	return "For your information"
}

// thenWords is what the team does about a finding if nothing changes.
func thenWords(a law.Action) string {
	switch a {
	case law.ActClarify:
		return "As it stands, we will have to ask you about it, and the answer waits."
	case law.ActReject:
		return "As it stands, it will be refused."
	case law.ActRedirect:
		return "As it stands, we will point you to the right way."
	case law.ActHold:
		return "As it stands, it waits until this is settled."
	case law.ActNarrow:
		return "As it stands, we answer only the part that is within the law."
	case law.ActEscalate:
		return "Counsel will look at it before anything else."
	case law.ActDecline:
		return "As it stands, this part will be declined."
	case law.ActChallenge:
		return "As it stands, it will be challenged."
	case law.ActNotify:
		return "The person will be told."
	}
	return ""
}

func verdictBadge(v casefile.Verdict) kit.Badge {
	switch v {
	case casefile.Produce:
		return kit.Badge{Tone: kit.Good, Text: "produced"}
	case casefile.Narrow:
		return kit.Badge{Tone: kit.Warn, Text: "narrowed"}
	case casefile.Decline:
		return kit.Badge{Tone: kit.Bad, Text: "declined"}
	case casefile.Challenge:
		return kit.Badge{Tone: kit.Bad, Text: "challenged"}
	case casefile.ReferMLAT:
		return kit.Badge{Tone: kit.Info, Text: "by mutual legal assistance"}
	}
	return kit.Badge{Tone: kit.Plain, Text: "open"}
}

func phaseBadge(p casefile.Phase) kit.Badge {
	tone := kit.Info
	switch p {
	case casefile.Asked:
		tone = kit.Warn
	case casefile.Answered:
		tone = kit.Good
	case casefile.Closed, casefile.Withdrawn:
		tone = kit.Plain
	}
	return kit.Badge{Tone: tone, Text: p.InWords()}
}

// noteWords is what the machine saw, with classes in words.
func noteWords(t *lang.Tongue, note string) string {
	if note == "" {
		return ""
	}
	var out []string
	for _, w := range strings.Split(note, ", ") {
		out = append(out, t.T(words.Class(law.Class(w))))
	}
	return t.List(out)
}

// wantTitle is a kind of data as an officer asks for it.
func wantTitle(c law.Class) string {
	switch c {
	case law.NameLOS:
		return "Who holds the account, and since when"
	case law.BSI:
		return "Basic data of the account"
	case law.AccNC:
		return "Devices and block list"
	case law.AccW:
		return "What the person wrote about themselves"
	case law.DRAS:
		return "With whom messages are exchanged from now on"
	case law.Content:
		return "The content of messages and calls"
	case law.Traffic:
		return "With whom messages were exchanged until now"
	case law.Contacts:
		return "The person’s contacts and groups"
	case law.PreserveOnly:
		return "That data is kept until I have a paper"
	}
	return words.Class(c)
}

// pendingBadge is how far a paper gets once counsel has approved its law.
func pendingBadge(g intake.Got) kit.Badge {
	switch g.Getting {
	case intake.GetsAll:
		return kit.Badge{Tone: kit.Warn, Text: "yes, once approved"}
	case intake.GetsPart:
		return kit.Badge{Tone: kit.Warn, Text: "in part, once approved"}
	case intake.GetsFuture:
		return kit.Badge{Tone: kit.Warn, Text: "from the order on, once approved"}
	case intake.GetsKept:
		return kit.Badge{Tone: kit.Warn, Text: "preservation only, once approved"}
	}
	return gettingBadge(g)
}

func gettingBadge(g intake.Got) kit.Badge {
	switch g.Getting {
	case intake.GetsAll:
		return kit.Badge{Tone: kit.Good, Text: "yes"}
	case intake.GetsPart:
		return kit.Badge{Tone: kit.Warn, Text: "in part"}
	case intake.GetsFuture:
		return kit.Badge{Tone: kit.Info, Text: "from the order on"}
	case intake.GetsKept:
		return kit.Badge{Tone: kit.Info, Text: "preservation only"}
	case intake.GetsUnsure:
		return kit.Badge{Tone: kit.Warn, Text: "not until confirmed"}
	case intake.GetsOpen:
		return kit.Badge{Tone: kit.Info, Text: "counsel decides"}
	case intake.GetsAbsent:
		return kit.Badge{Tone: kit.Plain, Text: "does not exist"}
	}
	return kit.Badge{Tone: kit.Bad, Text: "no"}
}

// wantHint says what a kind of data is, for somebody who does not know the
// service.
func wantHint(c law.Class) string {
	switch c {
	case law.NameLOS:
		return "The name that the person typed, and the day the account was registered."
	case law.BSI:
		return "Phone number, name, start of service, last day of use, last IP address, kind of device, e-mail address if given."
	case law.AccNC:
		return "The list of linked devices, and the accounts that the person has blocked."
	case law.AccW:
		return "The short text about themselves in their profile, if they wrote one."
	case law.DRAS:
		return "When and with which account one person exchanges messages, from the day of the order on, never before it."
	case law.Content:
		return "Messages, pictures, calls. They exist in readable form only on people’s own devices."
	case law.Traffic:
		return "Who wrote to whom, and when, in the past. No such record is made."
	case law.Contacts:
		return "Address book and groups of the person. They are not on the server."
	}
	return "What is there now is set aside, so that it is not lost before your paper comes."
}

// stepTitle names a step of the way of a request.
func stepTitle(id demand.StepID) string {
	switch id {
	case stepKind:
		return "Kind of paper"
	case stepPapers:
		return "Papers"
	case stepReview:
		return "Check and send"
	}
	return id.Title()
}
