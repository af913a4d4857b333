package law

import (
	"fmt"
	"slices"
)

// Wider lists in what row b reaches further, lasts longer, asks less or tells
// the person less than row a. What is not plainly narrower counts as wider.
// An empty list means that b only narrows a, or says the same.
func Wider(a, b Row) []string {
	var out []string
	out = append(out, widerReach(a, b)...)
	out = append(out, widerIssuers(a, b)...)
	out = append(out, widerAsk(a, b)...)
	out = append(out, widerTime(a, b)...)
	out = append(out, widerNotice(a, b)...)
	return out
}

// widerThanAll compares an operator's row with every embedded row of the same
// process whose days overlap, and is wider if it is wider than any of them or
// reaches days that none of them covers.
func widerThanAll(base []Row, b Row) []string {
	var out []string
	found := false
	for _, a := range base {
		if a.ID != b.ID || !overlap(a, b) {
			continue
		}
		found = true
		out = append(out, Wider(a, b)...)
	}
	if !found && givesSomething(b) {
		out = append(out, "the process is not in the embedded table on these days")
	}
	return slices.Compact(out)
}

// challengedIn reports whether an embedded row of the same process, whose days
// overlap, must be challenged: no operator's row takes that away.
func challengedIn(base []Row, b Row) bool {
	return slices.ContainsFunc(base, func(a Row) bool { return a.ID == b.ID && overlap(a, b) && a.Stance == StanceChallenge })
}

// MustChallenge reports a row under which the system itself is demanded: here,
// or in the embedded row whose place an operator's took.
func (r Row) MustChallenge() bool { return r.Stance == StanceChallenge || r.origin.Challenged }

func overlap(a, b Row) bool {
	return (a.ValidTo == "" || b.ValidFrom <= a.ValidTo) && (b.ValidTo == "" || a.ValidFrom <= b.ValidTo)
}

func givesSomething(r Row) bool {
	return !slices.ContainsFunc(r.Reach, func(x Reach) bool { return x.Class == None })
}

var extentRank = map[Extent]int{Snapshot: 1, Part: 2, Full: 3}

func widerReach(a, b Row) []string {
	var out []string
	for _, x := range b.Reach {
		if x.Class == None {
			continue
		}
		old, ok := a.ReachOf(x.Class)
		switch {
		case !ok:
			out = append(out, fmt.Sprintf("reaches %s", x.Class))
		case extentRank[x.Extent] > extentRank[old.Extent]:
			out = append(out, fmt.Sprintf("reaches %s further: %s, was %s", x.Class, x.Extent, old.Extent))
		case x.Extent == Part && old.Extent == Part && x.Limit != old.Limit:
			out = append(out, fmt.Sprintf("states another limit on %s", x.Class))
		}
	}
	if b.Prospective && !a.Prospective {
		out = append(out, "collects what is still to come")
	}
	return out
}

func widerIssuers(a, b Row) []string {
	var out []string
	for _, i := range b.Issuers {
		if !slices.ContainsFunc(a.Issuers, func(old Issuer) bool { return old.allows(i) }) {
			out = append(out, fmt.Sprintf("may be issued by %s", i.Role))
		}
	}
	if a.Jurisdiction != b.Jurisdiction {
		out = append(out, "binds in another jurisdiction")
	}
	for _, x := range a.Except {
		if !slices.Contains(b.Except, x) {
			out = append(out, fmt.Sprintf("binds in %s", x))
		}
	}
	return out
}

// allows reports whether whatever the new issuer may do the old one might.
func (old Issuer) allows(now Issuer) bool {
	if old.Role != now.Role && old.Role != RoleAny {
		return false
	}
	if len(old.Classes) > 0 && !subset(now.Classes, old.Classes) {
		return false
	}
	if len(old.ValidatedBy) > 0 && !subset(now.ValidatedBy, old.ValidatedBy) {
		return false
	}
	return now.ExPostHours <= old.ExPostHours
}

// subset reports whether some is not empty and lies within all. An empty list
// means "any" or "none needed", which is never the narrower one.
func subset[T comparable](some, all []T) bool {
	for _, x := range some {
		if !slices.Contains(all, x) {
			return false
		}
	}
	return len(some) > 0
}

var certaintyRank = map[Certainty]int{Uncertain: 0, Known: 1, Seen: 2}

func widerAsk(a, b Row) []string {
	var out []string
	for _, p := range a.Required {
		if !slices.Contains(b.Required, p) {
			out = append(out, fmt.Sprintf("no longer asks for %s", p))
		}
	}
	if certaintyRank[b.Certainty] > certaintyRank[a.Certainty] {
		out = append(out, fmt.Sprintf("is marked %s, was %s", b.Certainty, a.Certainty))
	}
	if b.accounts() > a.accounts() {
		out = append(out, "takes more accounts at once")
	}
	if b.Threshold.lesser(a.Threshold) {
		out = append(out, "asks for a lesser offence")
	}
	if b.Stance.widerThan(a.Stance) {
		out = append(out, fmt.Sprintf("is handled as %s, was %s", b.Stance, a.Stance))
	}
	return append(out, widerBasis(a, b)...)
}

// widerBasis: a provision counts as the narrower one if it contains one of
// those that the row asked for.
func widerBasis(a, b Row) []string {
	if len(a.Basis) > 0 && len(b.Basis) == 0 {
		return []string{"takes any provision as its basis"}
	}
	var out []string
	for _, x := range b.Basis {
		if !citesOne(x, a.Basis) {
			out = append(out, fmt.Sprintf("takes %s as its basis", x))
		}
	}
	return out
}

// widerThan reports a stance under which more may leave than under the old
// one, or under which a demand on the system itself is no longer fought: to
// refuse it in silence is one person's act, to challenge it is not.
func (s Stance) widerThan(old Stance) bool {
	if slices.Contains(challenging, old) {
		return s != old && s != StanceChallenge
	}
	return s != old && !slices.Contains(refusing, s)
}

// accounts is how many accounts one paper may name.
func (r Row) accounts() int {
	if r.MaxAccounts > 0 {
		return r.MaxAccounts
	}
	return Default().settings.MaxAccounts
}

// refusing are the stances that give nothing: a change to one of them narrows.
var refusing = []Stance{StanceDecline, StanceVoluntaryDecline, StanceReject, StanceRejectOrObject, StanceMLAT,
	StanceChallenge, StanceNoKeyHeld}

// challenging are the stances under which a demand is fought, always or on a
// condition.
var challenging = []Stance{StanceChallenge, StanceChallengeIfZG, StanceTrackChallenge}

func widerTime(a, b Row) []string {
	var out []string
	for _, c := range b.Clocks {
		if c.Kind != ClockDuration && c.Kind != ClockRenewal && c.Kind != ClockValidate && c.Kind != ClockFollowUp {
			continue
		}
		old, ok := a.Clock(c.Kind, c.When)
		if !ok || !c.within(old) {
			out = append(out, fmt.Sprintf("runs longer: %s", c.Kind))
		}
	}
	for _, old := range a.Clocks {
		if _, ok := b.Clock(old.Kind, old.When); !ok && (old.Kind == ClockDuration || old.Kind == ClockThird) {
			out = append(out, fmt.Sprintf("drops the limit %s", old.Kind))
		}
	}
	if (a.Zone != b.Zone || a.Calendar != b.Calendar) && (b.Prospective || b.AutoDelete) {
		out = append(out, "counts its days in another zone or calendar")
	}
	if a.AutoStop && !b.AutoStop {
		out = append(out, "does not stop by itself")
	}
	if a.AutoDelete && !b.AutoDelete {
		out = append(out, "does not delete by itself")
	}
	if (a.ValidFrom != "" && b.ValidFrom < a.ValidFrom) || (a.ValidTo != "" && (b.ValidTo == "" || b.ValidTo > a.ValidTo)) {
		out = append(out, "is in force on more days")
	}
	return out
}

// within reports whether the clock is plainly no longer than the old one.
func (c Clock) within(old Clock) bool {
	if c.OnFace || old.OnFace {
		return c.OnFace == old.OnFace
	}
	if c.From != old.From || c.Unit != old.Unit {
		return false
	}
	if slices.ContainsFunc(c.Pauses, func(p string) bool { return !slices.Contains(old.Pauses, p) }) {
		return false
	}
	times := old.Times == 0 || (c.Times != 0 && c.Times <= old.Times)
	return c.Count <= old.Count && times
}

func widerNotice(a, b Row) []string {
	var out []string
	x, y := a.NoticeRule, b.NoticeRule
	switch {
	case y.Timing != x.Timing && y.Timing != TimingBefore:
		out = append(out, fmt.Sprintf("tells the person %s, was %s", y.Timing, x.Timing))
	case y.Provider != x.Provider && y.Provider != DutyMust:
		out = append(out, fmt.Sprintf("notice: %s, was %s", y.Provider, x.Provider))
	case y.Timing == TimingBefore && y.LeadDays < x.LeadDays:
		out = append(out, "tells the person later")
	}
	if x.Lift != y.Lift && y.Timing == TimingWithheld {
		out = append(out, fmt.Sprintf("silence ends by %s, was %s", y.Lift, x.Lift))
	}
	if a.Publication.Kind != b.Publication.Kind && b.Publication.Kind == Exact {
		out = append(out, "is published more exactly")
	}
	if y.ReviewDays > x.ReviewDays || (x.GagMaxDays > 0 && (y.GagMaxDays == 0 || y.GagMaxDays > x.GagMaxDays)) {
		out = append(out, "lets secrecy last longer")
	}
	return out
}
