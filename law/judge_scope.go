package law

import (
	"slices"
	"time"
)

// singles reports whether the kind of identifier can single out an account.
func (k TargetKind) singles() bool {
	switch k {
	case TargetPhone, TargetAccount, TargetUsername, TargetEmail, TargetIP:
		return true
	}
	return false
}

func (j *judgement) hasTarget(kinds ...TargetKind) bool {
	return slices.ContainsFunc(j.d.Targets, func(t Target) bool { return slices.Contains(kinds, t.Kind) })
}

func (j *judgement) namesAccount() bool {
	return slices.ContainsFunc(j.d.Targets, func(t Target) bool { return t.Kind.singles() })
}

// targets judges how and how many accounts are named.
func (j *judgement) targets() {
	if j.hasTarget(TargetName, TargetPicture) && !j.namesAccount() {
		j.raise("TGT.NAME_ONLY", "targets")
	}
	for _, t := range j.d.Targets {
		badIP := t.Kind == TargetIP && t.At.IsZero()
		if t.Kind.singles() && (!t.WellFormed || badIP) {
			j.raise("TGT.FORMAT", "targets")
		}
	}
	if j.hasTarget(TargetArea) {
		j.raise("SCOPE.REVERSE_GEOFENCE", "targets")
	}
	if j.hasTarget(TargetCell) {
		j.raise("SCOPE.TOWER_DUMP", "targets")
	}
	if j.hasTarget(TargetGroup) {
		j.raise("SCOPE.GROUP_DUMP", "targets")
	}
	j.howMany()
}

// howMany: one tap is for one account, whatever else the order says.
func (j *judgement) howMany() {
	n := len(j.d.Targets)
	if n > 1 && (j.row.Reaches(DRAS) || j.asks(DRAS)) {
		j.raise("SCOPE.MULTI_TARGET_TAP", "targets")
		return
	}
	if n > j.row.accounts() {
		j.raise("TGT.TOO_MANY", "targets")
	}
}

// resolved judges what the desk found; before it has looked nothing is said.
func (j *judgement) resolved() {
	at := j.d.Dates
	for _, t := range j.d.Targets {
		if t.Found == No {
			j.raise("TGT.NOT_FOUND", "targets")
		}
		if t.Found != Yes || at.End.IsZero() {
			continue
		}
		begun := !t.ServiceStart.IsZero() && t.ServiceStart.After(endOf(at.End))
		moved := !t.ReRegistered.IsZero() && t.ReRegistered.After(at.Start) && !t.ReRegistered.After(endOf(at.End))
		if begun || moved {
			j.raise("TGT.RECYCLED", "targets")
		}
	}
}

// categories judges each class asked for against what the process reaches.
// law: 18 USC 2703(c)
func (j *judgement) categories() {
	for _, c := range j.d.Classes {
		switch c {
		case Contacts:
			j.raise("TGT.THIRD_PARTY", "classes")
			continue
		case Content:
			j.raise("SCOPE.CONTENT_NONE", "classes")
		case Traffic:
			j.raise("SCOPE.LOGS_NONE", "classes")
		}
		if !j.within(c) {
			f := j.raise("SCOPE.CATEGORY_UNREACHABLE", "classes")
			if f.Note != "" {
				f.Note += ", "
			}
			f.Note += string(c)
		}
	}
}

// within: a process that is refused as such, or that nobody has placed yet,
// is not judged class by class.
func (j *judgement) within(c Class) bool {
	return j.refuses() || !j.known || j.row.ID == Unknown || j.row.Reaches(c) || j.row.Preserves(c) ||
		slices.Contains(j.row.Absent, c)
}

// period judges the days asked for.
// law: 18 USC 3121(a)
func (j *judgement) period() {
	at := j.d.Dates
	if !at.Start.IsZero() && !at.End.IsZero() && !j.row.Prospective && endOf(at.End).Sub(at.Start) > days(j.t.settings.RangeDays) {
		j.raise("SCOPE.RANGE_WIDE", "dates")
	}
	if !j.row.Prospective && !at.End.IsZero() && !at.Issued.IsZero() && endOf(at.End).After(endOf(day(at.Issued))) {
		j.raise("SCOPE.PROSPECTIVE_WITHOUT_PENTRAP", "dates.end")
	}
	if j.tooLong() {
		j.raise("SCOPE.DURATION_EXCEEDED", "dates")
	}
}

// clockChange is how far two readings of "sixty days" differ when the clocks
// change in between. The paper is not blamed for it; the tap itself stops at
// the earlier reading (see Longest).
const clockChange = time.Hour

// tooLong compares with the row's longest run.
// law: 18 USC 3123(c)(1); 18 USC 2518(5); Reg. (EU) 2023/1543 art. 11
func (j *judgement) tooLong() bool {
	at := j.d.Dates
	if j.preserves() && j.d.Renewal > 0 {
		return j.renewedTooOften()
	}
	if j.preserves() && !at.KeepUntil.IsZero() {
		last, ok := DueIn(j.row, ClockDuration, Ordinary, at.Received)
		return ok && at.KeepUntil.After(last)
	}
	if !j.row.Prospective || at.Start.IsZero() || at.End.IsZero() {
		return false
	}
	last, ok := Longest(j.row, at.Start)
	return ok && at.End.After(last.Add(clockChange))
}

// renewedTooOften: as often as the row says, each time for as long as it says.
// law: 18 USC 2703(f)(2); Reg. (EU) 2023/1543 art. 11
func (j *judgement) renewedTooOften() bool {
	c, ok := j.row.Clock(ClockRenewal, Ordinary)
	if !ok || c.Times > 0 && j.d.Renewal > c.Times {
		return true
	}
	last, ok := DueIn(j.row, ClockRenewal, Ordinary, j.d.RenewedFrom)
	return ok && !j.d.Dates.KeepUntil.IsZero() && j.d.Dates.KeepUntil.After(last)
}

// phrases proposes what the words suggest. A person reads the demand.
func (j *judgement) phrases() {
	if len(j.text) == 0 {
		return
	}
	for _, p := range j.t.phrases {
		if p.Untargets && j.namesAccount() {
			continue
		}
		if said, ok := p.met(j.text); ok {
			f := j.raise(p.Finding, "text")
			f.Decided = false
			if f.Note == "" {
				f.Note = said
			}
		}
	}
}
