package law

import (
	"strings"
	"time"
)

// emergency judges what only an emergency has.
// law: 18 USC 2702(b)(8); 18 USC 2702(c)(4)
func (j *judgement) emergency() {
	e := j.d.Emergency
	if !e.DisclosedAt.IsZero() && !e.FollowedUp && j.now.After(e.DisclosedAt.Add(hours(j.t.settings.FollowUpHours))) {
		j.raise("EMG.FOLLOWUP_OVERDUE", "emergency.disclosed_at")
	}
	if j.row.ID != Emergency {
		return
	}
	for _, c := range j.d.Classes {
		if c != BSI && c != NameLOS {
			j.raise("EMG.OVERSCOPE", "classes")
		}
	}
}

// rights judges what a machine can: gravity, independence, a stated conflict.
func (j *judgement) rights() {
	j.threshold()
	if j.intrusive() && j.d.Issuer.Role != "" && !j.d.Issuer.Role.Judicial() && !j.d.Issuer.ValidatorRole.Judicial() {
		j.raise("RIGHTS.NO_INDEPENDENT_AUTH", "issuer.role")
	}
	if j.d.Conflict == Yes {
		j.raise("RIGHTS.CONFLICT_OF_LAWS", "conflict")
	}
}

// intrusive: more than basic subscriber information would be disclosed. An
// emergency has its own checks, and a snapshot discloses nothing.
func (j *judgement) intrusive() bool {
	if j.isEmergency() || j.preserves() {
		return false
	}
	for _, c := range j.d.Classes {
		switch c {
		case AccNC, AccW, DRAS:
			if got, ok := j.row.ReachOf(c); ok && got.Extent == Full {
				return true
			}
		}
	}
	return false
}

// gag judges the secrecy asked for. Where the law of the process itself
// forbids or takes over notice, a missing end or order is not the paper's
// fault.
// law: 18 USC 2705(b)
func (j *judgement) gag() {
	g, n := j.d.Gag, j.row.NoticeRule
	order := g.Asked && g.Order || j.row.Reaches(Gag)
	byLaw := n.Provider == DutyMustNot || n.Provider == DutyAuthority
	if g.Asked && !order && !byLaw {
		j.raise("GAG.NOT_AN_ORDER", "gag")
	}
	if order && !byLaw {
		j.gagOrder(g, n)
	}
	if order && !g.End.IsZero() && !g.Renewed && !g.Notified && !j.now.Before(endOf(g.End)) {
		j.raise("GAG.EXPIRED", "gag.end")
	}
	if j.row.ID == NSL && g.Asked && j.reviewDue(g) {
		j.raise("GAG.NSL_REVIEW_DUE", "gag")
	}
}

func (j *judgement) gagOrder(g GagAsk, n NoticeRule) {
	if g.End.IsZero() {
		j.raise("GAG.NO_END", "gag.end")
	} else if start := j.gagStart(g); n.GagMaxDays > 0 && endOf(g.End).Sub(start) > days(n.GagMaxDays+1) {
		j.raise("GAG.TOO_LONG", "gag.end")
	}
	if j.row.Jurisdiction == "US" && len(g.Grounds) == 0 {
		j.raise("GAG.NO_FINDINGS", "gag.grounds")
	}
}

func (j *judgement) gagStart(g GagAsk) time.Time {
	if !g.Start.IsZero() {
		return g.Start
	}
	if !j.d.Dates.Issued.IsZero() {
		return j.d.Dates.Issued
	}
	return j.d.Dates.Received
}

// law: 18 USC 3511(b)
func (j *judgement) reviewDue(g GagAsk) bool {
	if g.ReciprocalNotice.IsZero() {
		return true
	}
	return !j.now.Before(g.ReciprocalNotice.AddDate(j.t.settings.GagReviewYears, 0, 0))
}

// system judges demands on the system itself. The machine only decides that
// an order nobody is bound by binds nobody; the rest it proposes.
// law: Executive Order 12333; Telecommunications Act 1997 (Cth) s. 317ZG
func (j *judgement) system() {
	switch {
	case j.row.Stance == StanceDecline || j.row.Stance == StanceVoluntaryDecline:
		j.raise("SYS.NO_OBLIGATION", "process")
	case j.row.ID == GagWeaken:
		j.raise("GAG.WEAKEN", "process")
	case j.row.Stance == StanceChallenge:
		j.raise("SYS.WEAKEN", "process")
	case j.row.Stance == StanceChallengeIfZG:
		j.note("SYS.WEAKEN", "a person decides whether the notice meets s. 317ZG", "process")
	}
	if j.d.Gag.Asked && j.attacksSystem() {
		j.raise("GAG.WEAKEN", "gag")
	}
}

func (j *judgement) attacksSystem() bool {
	for id, f := range j.found {
		if strings.HasPrefix(string(id), "SYS.") && f.Degree == Human {
			return true
		}
	}
	return false
}

// sender judges whoever sends. Most of it only the team may see.
func (j *judgement) sender() {
	s, set := j.d.Sender, j.t.settings
	if s.DomainVerified == No || s.FreeMail {
		j.raise("SND.DOMAIN", "sender.domain")
	}
	if s.FirstRequest || (!s.Since.IsZero() && j.now.Sub(s.Since) < days(set.NewAccountDays)) {
		j.raise("SND.NEW_ACCOUNT", "sender.since")
	}
	for _, x := range s.Signals {
		f := j.raise(x.Finding, "sender."+x.Rule)
		if f.Note != "" {
			f.Note += "; "
		}
		f.Note += x.Note
	}
	if s.RequestsToday > set.RequestsADay || s.EmergenciesToday > set.EmergenciesADay {
		j.raise("SND.VELOCITY", "sender.today")
	}
	if s.CallBack == CallBackDenied || s.CallBack == CallBackUnreachable {
		j.raise("SND.CALLBACK", "sender.call_back")
	}
	if s.MailAuth == No || s.LookAlike {
		j.raise("SND.MAIL_AUTH", "sender.mail_auth")
	}
	if s.Compromised {
		j.raise("SND.COMPROMISED", "sender.compromised")
	}
	for _, sign := range s.ForgerySigns {
		j.note("SND.DOC_FORGED", sign, "sender.papers")
	}
	if s.AttachmentHashSeen {
		j.note("SND.DOC_FORGED", "the same file came from somebody else before", "sender.papers")
	}
}
