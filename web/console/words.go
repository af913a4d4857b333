package console

import (
	"html/template"
	"strings"

	"letterlock/desk/casefile"
	"letterlock/desk/staff"
	"letterlock/law"
	"letterlock/web/kit"
	"letterlock/web/words"
)

// The console's words for what the desk and the law table name briefly.

func funcs() template.FuncMap { return template.FuncMap{"citations": words.Citations} }

func orDash(s string) string {
	if strings.TrimSpace(s) == "" {
		return "–"
	}
	return s
}

func roleList(m staff.Member) string {
	var s []string
	for _, r := range m.Roles {
		s = append(s, strings.ToLower(roleName(r)))
	}
	return strings.Join(s, ", ")
}

func roleName(r staff.Role) string {
	return map[staff.Role]string{staff.Intake: "Intake", staff.Analyst: "Analyst", staff.Counsel: "Counsel", staff.Outside: "Outside counsel", staff.Lead: "Lead", staff.Auditor: "Auditor", staff.Trainer: "Trainer", staff.Custodian: "Custodian of records"}[r]
}

func laneName(l casefile.Lane) string {
	return map[casefile.Lane]string{casefile.LaneEmergency: "Emergency", casefile.LaneStatutory: "Statutory time limit", casefile.LaneOrdinary: "Ordinary",
		casefile.LanePreservation: "Preservation", casefile.LaneSealed: "Sealed"}[l]
}

// phaseName is the phase as the team reads it.
func phaseName(p casefile.Phase) string {
	return map[casefile.Phase]string{casefile.Waiting: "with nobody yet", casefile.InReview: "in review", casefile.Asked: "agency was asked", casefile.Decided: "decided",
		casefile.Signing: "before the key holders", casefile.Notice: "waits for its day", casefile.Packing: "being packed", casefile.Tracing: "a trace runs", casefile.Answered: "answered",
		casefile.Closed: "closed", casefile.Withdrawn: "withdrawn"}[p]
}

func phaseBadge(p casefile.Phase) kit.Badge {
	tone := kit.Info
	switch p {
	case casefile.Waiting, casefile.Asked:
		tone = kit.Warn
	case casefile.Answered:
		tone = kit.Good
	case casefile.Closed, casefile.Withdrawn:
		tone = kit.Plain
	}
	return kit.Badge{Tone: tone, Text: phaseName(p)}
}

func levelBadge(f casefile.FindingState) kit.Badge {
	switch {
	case f.Answer != nil && f.Answer.Holds:
		return kit.Badge{Tone: kit.Bad, Text: "holds"}
	case f.Answer != nil:
		return kit.Badge{Tone: kit.Good, Text: "does not stand in the way"}
	case f.Row().Level == law.Block:
		return kit.Badge{Tone: kit.Bad, Text: "blocks until answered"}
	case f.Row().Level == law.Warn:
		return kit.Badge{Tone: kit.Warn, Text: "look at this"}
	}
	return kit.Badge{Tone: kit.Info, Text: "for information"}
}

func verdictName(v casefile.Verdict) string {
	return map[casefile.Verdict]string{casefile.Produce: "Produce", casefile.Keep: "Preserve: a sealed snapshot, disclosed to nobody", casefile.Narrow: "Narrow: only for some accounts, or too broad", casefile.AskFirst: "Ask the agency first",
		casefile.Decline: "Decline", casefile.Challenge: "Challenge", casefile.ReferMLAT: "Refer to mutual legal assistance", casefile.Escalate: "Escalate to counsel"}[v]
}

func verdictBadge(v casefile.Verdict) kit.Badge {
	tone := map[casefile.Verdict]kit.Tone{casefile.Produce: kit.Good, casefile.Keep: kit.Good, casefile.Narrow: kit.Warn, casefile.AskFirst: kit.Warn, casefile.Decline: kit.Bad,
		casefile.Challenge: kit.Bad, casefile.ReferMLAT: kit.Info, casefile.Escalate: kit.Warn}[v]
	text := map[casefile.Verdict]string{casefile.Produce: "produced", casefile.Keep: "preserved", casefile.Narrow: "narrowed", casefile.AskFirst: "asked first", casefile.Decline: "declined",
		casefile.Challenge: "challenged", casefile.ReferMLAT: "referred", casefile.Escalate: "for counsel"}[v]
	if text == "" {
		return kit.Badge{Tone: kit.Plain, Text: "open"}
	}
	return kit.Badge{Tone: tone, Text: text}
}

func grantBadge(p casefile.GrantPhase) kit.Badge {
	switch p {
	case casefile.GrantSigning:
		return kit.Badge{Tone: kit.Warn, Text: "waits for signatures"}
	case casefile.GrantReady:
		return kit.Badge{Tone: kit.Info, Text: "signed by two, waits for its day"}
	case casefile.GrantUsing:
		return kit.Badge{Tone: kit.Info, Text: "being carried out"}
	case casefile.GrantUsed:
		return kit.Badge{Tone: kit.Good, Text: "carried out"}
	}
	return kit.Badge{Tone: kit.Bad, Text: string(p)}
}

// reachWords says in one line what a row gets.
func reachWords(row law.Row) string {
	var s []string
	for _, x := range row.Reach {
		switch {
		case x.Class == law.None:
		case x.Extent == law.Snapshot:
			s = append(s, words.Lower(words.Class(x.Class))+" (preservation only)")
		case x.Extent == law.Part:
			s = append(s, words.Lower(words.Class(x.Class))+" (in part: "+x.Limit+")")
		default:
			s = append(s, words.Lower(words.Class(x.Class)))
		}
	}
	if len(s) == 0 {
		return "no account data"
	}
	return strings.Join(s, "; ")
}

// classesIn are the classes of data that a finding names, in words.
func classesIn(note string) string {
	var out []string
	for c := range strings.SplitSeq(note, ", ") {
		if c != "" {
			out = append(out, words.Class(law.Class(c)))
		}
	}
	return strings.Join(out, ", ")
}

// stanceWords says what the team does with a process before anything else.
func stanceWords(s law.Stance) string {
	switch s {
	case law.StanceReview:
		return "A trained person reviews it; two people sign what is released."
	case law.StanceReviewMostlyNone:
		return "A trained person reviews it; most of what it asks for does not exist here."
	case law.StanceTap:
		return "Signalling of one account, from the order on and until its end, after review; two people sign it."
	case law.StanceEscalate, law.StanceEscalateNoContent, law.StanceEscalateCheck:
		return "Counsel decides what is produced."
	case law.StanceSpecial:
		return "Handled by the cleared members, apart from everything else; counsel decides."
	case law.StanceVoluntary:
		return "The law says may, not must: two people decide, at once, on the officer's attestation."
	case law.StanceSnapshot:
		return "A copy is kept, and disclosed only under later process; two people sign both."
	case law.StanceTrack, law.StanceTrackChallenge:
		return "Recorded with its end date; secrecy without an end is challenged."
	case law.StanceChallenge, law.StanceChallengeIfZG:
		return "The system is not weakened. It is declined or challenged, in court if need be; there is no other verdict."
	case law.StanceReject, law.StanceRejectOrObject:
		return "It does not oblige, and is answered so."
	case law.StanceDecline, law.StanceVoluntaryDecline:
		return "It obliges to nothing and is declined."
	case law.StanceSelfExport:
		return "The holder of the account can export it, and is pointed there."
	case law.StanceMLAT:
		return "It must come by mutual legal assistance."
	case law.StanceNoKeyHeld:
		return "No key is held, and the answer says so."
	case law.StanceNotData:
		return "It asks for no account data."
	}
	return "A trained person reviews it."
}

func channelName(c law.Channel) string {
	if s, ok := map[law.Channel]string{law.ChannelPortal: "through the portal", law.ChannelAPI: "through the API, by the agency’s system", law.ChannelAgent: "served on our agent", law.ChannelMailbox: "to our mailbox", law.ChannelMail: "by post",
		law.ChannelPhone: "by telephone", law.ChannelSocial: "through social media"}[c]; ok {
		return s
	}
	return string(c)
}
