package law

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Known words. A word that is not here is a spelling mistake, not a new rule.
var (
	knownClasses = []Class{BSI, NameLOS, AccNC, AccW, DRAS, PreserveOnly, Gag, None}
	absentable   = []Class{Traffic, Content}
	knownRoles   = []Role{RoleJudge, RoleCourt, RoleMagistrate, RoleInvestigJudge, RoleFISC, RoleGrandJury, RoleProsecutor,
		RolePolice, RoleAgency, RoleFBIDesignee, RoleAttorneyGen, RoleAGandDNI, RoleMinister, RoleIntelligence, RoleParty, RoleHolder,
		RoleForeign, RoleOtherAuthority, RoleAny}
	knownStances = []Stance{StanceReview, StanceReviewMostlyNone, StanceTap, StanceEscalate, StanceEscalateNoContent,
		StanceEscalateCheck, StanceSpecial, StanceDecline, StanceVoluntary, StanceVoluntaryDecline, StanceSnapshot,
		StanceTrack, StanceTrackChallenge, StanceChallenge, StanceChallengeIfZG, StanceReject, StanceRejectOrObject,
		StanceSelfExport, StanceMLAT, StanceNoKeyHeld, StanceNotData}
	knownClocks = []ClockKind{ClockResponse, ClockAcknowledge, ClockObject, ClockDuration, ClockRenewal, ClockExecute,
		ClockValidate, ClockThird, ClockFollowUp, ClockPreserve, ClockGagReview, ClockGovernment, ClockInventory}
	knownUnits      = []Unit{Hours, Days, WorkingDays, Months, Years}
	knownStarts     = []StartsAt{FromReceipt, FromService, FromIssue, FromStart, FromEnd, FromDisclosure, FromInstallation, FromNotice}
	knownSituations = []Situation{Ordinary, InEmergency, WithNotified}
	knownPauses     = []string{"clarification", "notification", "objection"}
	knownLifts      = []Lift{LiftOrderEnd, LiftCourt, LiftAuthority, LiftDanger, LiftReview, LiftNever}
)

// checkRow refuses a row that is incomplete or contradicts itself.
func (t *Table) checkRow(r Row) error {
	return errors.Join(r.checkNames(), r.checkReach(), r.checkIssuers(), r.checkNotice(), r.checkCertainty(),
		r.checkTime(), r.checkClocks(), r.Threshold.check(), t.checkRequired(r))
}

func (r Row) checkNames() error {
	switch {
	case r.ID == "" || r.Name == "" || r.Jurisdiction == "":
		return errors.New("id, name and jurisdiction are required")
	case len(r.Citations) == 0 && r.Jurisdiction != "*":
		return errors.New("citations are required")
	case !slices.Contains(knownStances, r.Stance):
		return fmt.Errorf("stance %q is not known", r.Stance)
	case r.Source == "":
		return errors.New("source is required")
	case r.MaxAccounts < 0:
		return errors.New("a number is below zero")
	case !slices.Contains([]PublicationKind{Exact, Banded, Barred}, r.Publication.Kind) || r.Publication.Bucket == "":
		return errors.New("publication needs kind exact, banded or barred, and a bucket")
	}
	return nil
}

// checkReach: content and traffic are never reached, whatever a file says.
func (r Row) checkReach() error {
	if len(r.Reach) == 0 {
		return errors.New("reach is required; say NONE where it is nothing")
	}
	seen := map[Class]bool{}
	for _, x := range r.Reach {
		switch {
		case x.Class == Content || x.Class == Traffic || x.Class == Contacts:
			return fmt.Errorf("no row reaches %s: it does not exist or is nobody's to give; list it under absent", x.Class)
		case !slices.Contains(knownClasses, x.Class):
			return fmt.Errorf("class %q is not known", x.Class)
		case seen[x.Class]:
			return fmt.Errorf("class %s is listed twice", x.Class)
		case !slices.Contains([]Extent{Full, Part, Snapshot}, x.Extent):
			return fmt.Errorf("extent %q is not known", x.Extent)
		case (x.Extent == Part) == (strings.TrimSpace(x.Limit) == ""):
			return fmt.Errorf("class %s: a limit belongs to extent part, and only there", x.Class)
		}
		seen[x.Class] = true
	}
	if seen[None] && len(seen) > 1 {
		return errors.New("NONE stands alone")
	}
	for _, c := range r.Absent {
		if !slices.Contains(absentable, c) {
			return fmt.Errorf("absent holds only TRAFFIC and CONTENT, not %q", c)
		}
	}
	return nil
}

func (r Row) checkIssuers() error {
	if len(r.Issuers) == 0 {
		return errors.New("issuer is required")
	}
	for _, i := range r.Issuers {
		if !slices.Contains(knownRoles, i.Role) {
			return fmt.Errorf("issuer role %q is not known", i.Role)
		}
		for _, v := range i.ValidatedBy {
			if !slices.Contains(knownRoles, v) || v == RoleAny {
				return fmt.Errorf("validating role %q is not known", v)
			}
		}
		for _, c := range i.Classes {
			if !slices.Contains(knownClasses, c) && !slices.Contains(absentable, c) {
				return fmt.Errorf("issuer %s: class %q is not known", i.Role, c)
			}
		}
		if i.ExPostHours < 0 || (i.ExPostHours > 0 && len(i.ValidatedBy) == 0) {
			return fmt.Errorf("issuer %s: ex_post_hours needs validated_by", i.Role)
		}
	}
	return nil
}

func (r Row) checkNotice() error {
	n := r.NoticeRule
	switch {
	case !slices.Contains([]Duty{DutyMust, DutyMay, DutyMustNot, DutyAuthority}, n.Provider):
		return fmt.Errorf("notice.provider %q is not known", n.Provider)
	case !slices.Contains([]Timing{TimingBefore, TimingAfter, TimingWithheld, TimingNothing}, n.Timing):
		return fmt.Errorf("notice.timing %q is not known", n.Timing)
	case !slices.Contains(knownLifts, n.Lift):
		return fmt.Errorf("notice.lift %q is not known", n.Lift)
	case n.Timing == TimingBefore && n.LeadDays <= 0:
		return errors.New("notice.lead_days is required where notice comes before")
	case n.Timing != TimingNothing && n.ReviewDays <= 0:
		return errors.New("notice.review_days is required: no silence is without a day on which somebody looks again")
	case (n.Provider == DutyMustNot || n.Provider == DutyAuthority) && n.Timing != TimingWithheld && n.Timing != TimingNothing:
		return errors.New("notice.timing must be withheld where the provider must not tell")
	case n.Timing == TimingWithheld && n.Lift == LiftNever:
		return errors.New("notice.lift is required where the person is not told: every silence can end")
	case (n.Provider == DutyMust || n.Provider == DutyMay) && n.Timing == TimingWithheld:
		return errors.New("notice.timing withheld needs a law that forbids telling")
	case n.Text == "" || n.GagMaxDays < 0 || n.LeadDays < 0:
		return errors.New("notice.text is required and no number is below zero")
	}
	return checkMark(n.Certainty)
}

func checkMark(c Certainty) error {
	if c != Seen && c != Known && c != Uncertain {
		return fmt.Errorf("certainty %q is not S, K or U", c)
	}
	return nil
}

// checkCertainty: a row that claims to have been read says when.
func (r Row) checkCertainty() error {
	if err := checkMark(r.Certainty); err != nil {
		return err
	}
	if r.Certainty == Seen && r.CheckedOn == "" {
		return errors.New("a row of certainty S says when it was checked")
	}
	if r.Certainty != Seen && r.CheckedOn != "" {
		return errors.New("a row that is not of certainty S was not checked: leave checked_on out")
	}
	return nil
}

func (r Row) checkTime() error {
	if err := errors.Join(r.ValidFrom.check(), r.ValidTo.check(), r.CheckedOn.check()); err != nil {
		return err
	}
	if r.ValidTo != "" && r.ValidTo < r.ValidFrom {
		return errors.New("valid_to is before valid_from")
	}
	if r.Zone == "" || r.Zone == "Local" {
		return errors.New("zone is required")
	}
	if _, err := time.LoadLocation(r.Zone); err != nil {
		return fmt.Errorf("zone %q is not known", r.Zone)
	}
	if _, ok := calendars()[r.Calendar]; !ok {
		return fmt.Errorf("calendar %q is not known", r.Calendar)
	}
	return nil
}

func (r Row) checkClocks() error {
	type key struct {
		k ClockKind
		s Situation
	}
	seen := map[key]bool{}
	for _, c := range r.Clocks {
		if err := c.check(); err != nil {
			return fmt.Errorf("clock %s: %w", c.Kind, err)
		}
		if seen[key{c.Kind, c.When}] {
			return fmt.Errorf("clock %s (%s) is listed twice", c.Kind, c.When)
		}
		seen[key{c.Kind, c.When}] = true
	}
	if r.Prospective && (!seen[key{ClockDuration, Ordinary}] || !r.AutoStop) {
		return errors.New("a prospective row needs a duration and auto_stop")
	}
	if r.Reaches(DRAS) && !r.Prospective {
		return errors.New("DRAS is only reached by a prospective row")
	}
	if r.Reaches(PreserveOnly) && (!r.AutoDelete || !seen[key{ClockDuration, Ordinary}]) {
		return errors.New("a preservation needs a duration and auto_delete")
	}
	return nil
}

// maxCount bounds a clock to something a person could mean.
const maxCount = 10_000

func (c Clock) check() error {
	switch {
	case !slices.Contains(knownClocks, c.Kind):
		return errors.New("kind is not known")
	case !slices.Contains(knownSituations, c.When):
		return fmt.Errorf("when %q is not known", c.When)
	case (c.OnFace || c.AtOnce) && (c.Count != 0 || c.Unit != ""):
		return errors.New("count and unit do not go with on_face or at_once")
	case c.OnFace && c.AtOnce:
		return errors.New("on_face and at_once exclude each other")
	case !c.OnFace && !c.AtOnce && (c.Count <= 0 || c.Count > maxCount || !slices.Contains(knownUnits, c.Unit)):
		return errors.New("count and unit are required")
	case !c.OnFace && !slices.Contains(knownStarts, c.From):
		return fmt.Errorf("from %q is not known", c.From)
	case !c.Policy && c.Citation == "" && !c.OnFace:
		return errors.New("citation is required, or policy = true where the limit is ours")
	case c.Times < 0:
		return errors.New("times is below zero")
	}
	for _, p := range c.Pauses {
		if !slices.Contains(knownPauses, p) {
			return fmt.Errorf("pause %q is not known", p)
		}
	}
	return checkMark(c.Certainty)
}

func (t *Table) checkRequired(r Row) error {
	for i, p := range r.Required {
		if _, ok := t.Particular(p); !ok {
			return fmt.Errorf("particular %q is not in particulars.toml", p)
		}
		if slices.Contains(r.Required[:i], p) {
			return fmt.Errorf("particular %q is listed twice", p)
		}
	}
	return nil
}

func (t *Table) checkFindings() error {
	seen := map[FindingID]bool{}
	for _, f := range t.findings {
		switch {
		case f.ID == "" || f.Group == "" || f.Title == "" || f.Rule == "" || f.Basis == "" || f.Sentence == "":
			return fmt.Errorf("findings.toml: %q is incomplete", f.ID)
		case seen[f.ID]:
			return fmt.Errorf("findings.toml: %q is listed twice", f.ID)
		case !slices.Contains([]Degree{Auto, Assist, Human}, f.Degree):
			return fmt.Errorf("findings.toml: %s: detect %q", f.ID, f.Degree)
		case !slices.Contains([]Level{Block, Warn, Info}, f.Level):
			return fmt.Errorf("findings.toml: %s: level %q", f.ID, f.Level)
		case !slices.Contains([]Action{ActClarify, ActReject, ActRedirect, ActHold, ActNarrow, ActEscalate, ActDecline,
			ActChallenge, ActNotify}, f.Action):
			return fmt.Errorf("findings.toml: %s: action %q", f.ID, f.Action)
		}
		seen[f.ID] = true
	}
	return nil
}

func (t *Table) checkParticulars() error {
	seen := map[Particular]bool{}
	for _, p := range t.particulars {
		if p.ID == "" || p.Label == "" || p.Help == "" || seen[p.ID] {
			return fmt.Errorf("particulars.toml: %q is incomplete or listed twice", p.ID)
		}
		if _, ok := t.Finding(p.Finding); !ok {
			return fmt.Errorf("particulars.toml: %s: no finding %q", p.ID, p.Finding)
		}
		if !slices.Contains([]FieldKind{FieldText, FieldLong, FieldDate, FieldCheck, FieldPaper, FieldTarget}, p.Kind) {
			return fmt.Errorf("particulars.toml: %s: kind %q", p.ID, p.Kind)
		}
		seen[p.ID] = true
	}
	return nil
}
