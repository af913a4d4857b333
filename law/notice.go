package law

import "time"

// Duty is who owes the person notice.
type Duty string

const (
	DutyMust      Duty = "must"
	DutyMay       Duty = "may" // allowed by law; the model's policy makes it a duty
	DutyMustNot   Duty = "must_not"
	DutyAuthority Duty = "authority" // the issuing authority tells; we keep silent
)

// Timing is when notice goes out.
type Timing string

const (
	TimingBefore    Timing = "before"
	TimingAfter     Timing = "after"
	TimingWithheld  Timing = "withheld"
	TimingAuthority Timing = "authority" // plans only
	TimingNothing   Timing = "nothing"   // nothing is disclosed, so there is nothing to tell
)

// Lift is what ends a silence.
type Lift string

const (
	LiftOrderEnd  Lift = "order_end"      // the nondisclosure order ends
	LiftCourt     Lift = "court_order"    // a court says so
	LiftAuthority Lift = "authority"      // the issuing authority says so
	LiftDanger    Lift = "danger_passed"  // the exceptional circumstances no longer hold
	LiftReview    Lift = "gag_terminated" // review or termination of a certification
	LiftNever     Lift = "none"           // there is no silence
)

// NoticeRule is the row's rule on telling the person.
type NoticeRule struct {
	Provider   Duty      `toml:"provider" json:"provider"`
	Timing     Timing    `toml:"timing" json:"timing"`
	LeadDays   int       `toml:"lead_days" json:"lead_days"`                 // before: so many days ahead of disclosure
	Lift       Lift      `toml:"lift" json:"lift"`                           // what ends a silence
	ReviewDays int       `toml:"review_days" json:"review_days"`             // look again after so many days where no end is fixed
	GagMaxDays int       `toml:"gag_max_days" json:"gag_max_days,omitempty"` // a longer secrecy order is challenged
	Basis      Citation  `toml:"basis" json:"basis"`
	Certainty  Certainty `toml:"certainty" json:"certainty"`
	Text       string    `toml:"text" json:"text"`
}

// Exception is a recorded reason for telling the person later.
type Exception string

const (
	NoException       Exception = ""
	ChildExploitation Exception = "child_exploitation"
	ThreatToLife      Exception = "threat_to_life"
)

// NoticeFacts are what a plan depends on.
type NoticeFacts struct {
	Decided   time.Time // the decision to disclose
	GagOrder  bool      // an order or certification forbids notice
	GagEnd    time.Time // zero: it names no end
	Exception Exception
	Review    time.Time // when to look at the exception again; zero: the row's default
}

// NoticePlan is when the person is told, and why then.
type NoticePlan struct {
	When   Timing
	Lead   time.Duration // before: the least time between notice and disclosure
	Until  time.Time     // withheld: told from then on; zero: no end is fixed
	Review time.Time     // withheld or after: a person looks again then at the latest
	Lift   Lift
	Basis  Citation
	Reason string
}

// Notice plans the notice for one disclosure under the row.
//
// A law that forbids or orders notice comes before policy; an order that
// forbids it comes before an exception; an exception only delays, and carries
// a day on which a person looks again.
// law: 18 USC 2705(b)
func (r Row) Notice(f NoticeFacts) NoticePlan {
	rule := r.NoticeRule
	p := NoticePlan{When: rule.Timing, Lift: rule.Lift, Basis: rule.Basis}
	switch {
	case rule.Timing == TimingNothing:
		p.Reason = "nothing is disclosed"
	case rule.Provider == DutyAuthority:
		p.When, p.Reason = TimingAuthority, "the issuing authority tells the person"
		p.Review = reviewDay(rule, f)
	case rule.Provider == DutyMustNot:
		p.withhold(rule.Lift, f.GagEnd, reviewDay(rule, f), "the law of this process forbids notice")
	case f.GagOrder:
		p.withhold(LiftOrderEnd, f.GagEnd, gagReview(rule, f), "an order forbids notice")
	case f.Exception != NoException && rule.Provider != DutyMust:
		p.withhold(LiftDanger, time.Time{}, reviewDay(rule, f), exceptionReason(f.Exception))
	case rule.Timing == TimingAfter:
		p.Review, p.Reason = reviewDay(rule, f), "told after the danger has passed"
	default:
		p.Lead = time.Duration(rule.LeadDays) * 24 * time.Hour
		p.Reason = "told before disclosure"
	}
	return p
}

func (p *NoticePlan) withhold(lift Lift, until, review time.Time, why string) {
	p.When, p.Lead, p.Lift = TimingWithheld, 0, lift
	p.Until, p.Review, p.Reason = until, review, why
}

// reviewDay is the day given, or the row's default after the decision.
func reviewDay(rule NoticeRule, f NoticeFacts) time.Time {
	if !f.Review.IsZero() {
		return f.Review
	}
	return f.Decided.AddDate(0, 0, rule.ReviewDays)
}

// gagReview: an order with an end needs no review of ours unless an
// exception would outlive it; one without an end does.
func gagReview(rule NoticeRule, f NoticeFacts) time.Time {
	if f.GagEnd.IsZero() || f.Exception != NoException {
		return reviewDay(rule, f)
	}
	return time.Time{}
}

func exceptionReason(e Exception) string {
	if e == ChildExploitation {
		return "child exploitation: telling now could harm a child"
	}
	return "threat to life: telling now could cost a life"
}
