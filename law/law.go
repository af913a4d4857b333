// Package law is the table of legal processes: what each can reach, who may
// issue it, what it must show, its clocks, its notice and publication rules,
// and the findings that a demand under it raises. All of it is data that a
// lawyer can read and compare (processes/*.toml, findings.toml). The package
// knows the law and a neutral description of a demand; it must not know a
// case, a person, a store or the network, and it imports nothing of ours.
//
// It is not legal advice. Every row carries a mark of how certain it is, the
// day its text was checked and its source; see docs/law/README.md.
package law

import (
	"fmt"
	"time"
)

// ProcessID names one kind of legal process, such as "us.subpoena.gj".
type ProcessID string

// The processes that code, not only data, has to tell apart.
const (
	Emergency    ProcessID = "us.emergency"
	Preservation ProcessID = "us.preservation"
	NSL          ProcessID = "us.nsl"
	EO12333      ProcessID = "us.eo12333"
	UseMLAT      ProcessID = "any.mlat"
	Informal     ProcessID = "any.informal"
	Unknown      ProcessID = "any.unknown"
	Weaken       ProcessID = "any.weaken"
	GagWeaken    ProcessID = "any.gag_weaken"
)

// Jurisdiction is an ISO 3166 country code, a subdivision of one ("US-CA"),
// a union that settings.toml lists ("EU", "COE"), or "*" for any.
type Jurisdiction string

// Class is one step of the ladder of what can be asked for.
type Class string

const (
	BSI          Class = "BSI"           // name, service start, last seen, IP, device type, e-mail
	NameLOS      Class = "NAME_LOS"      // name and length of service only
	AccNC        Class = "ACC_NC"        // block list, device list, push token
	AccW         Class = "ACC_W"         // about text, profile photo, groups, contacts
	DRAS         Class = "DRAS"          // prospective who, when, IP, type, for one account
	Traffic      Class = "TRAFFIC"       // retained traffic records: none are kept
	Content      Class = "CONTENT"       // messages, media, calls: never exists in clear
	Contacts     Class = "CONTACTS"      // data about the accounts of a target's contacts: demand side only
	PreserveOnly Class = "PRESERVE_ONLY" // a snapshot, no disclosure
	Gag          Class = "GAG"           // nondisclosure
	None         Class = "NONE"          // nothing
)

// Certainty says how well a row or clock is established.
type Certainty string

const (
	Seen      Certainty = "S" // read in a public source
	Known     Certainty = "K" // established knowledge, text not re-read
	Uncertain Certainty = "U" // informs, never unlocks
)

// Stance is what the desk does with a process before anything else.
type Stance string

const (
	StanceReview            Stance = "review"
	StanceReviewMostlyNone  Stance = "review_mostly_no_data"
	StanceTap               Stance = "provision_single_target"
	StanceEscalate          Stance = "escalate"
	StanceEscalateNoContent Stance = "escalate_no_content"
	StanceEscalateCheck     Stance = "escalate_check_applicability"
	StanceSpecial           Stance = "special_handling"
	StanceDecline           Stance = "no_obligation_decline"
	StanceVoluntary         Stance = "voluntary_two_person"
	StanceVoluntaryDecline  Stance = "voluntary_decline"
	StanceSnapshot          Stance = "snapshot_then_expire"
	StanceTrack             Stance = "track"
	StanceTrackChallenge    Stance = "track_and_challenge_if_indefinite"
	StanceChallenge         Stance = "must_challenge"
	StanceChallengeIfZG     Stance = "must_challenge_if_317ZG"
	StanceReject            Stance = "reject"
	StanceRejectOrObject    Stance = "reject_or_object"
	StanceSelfExport        Stance = "route_to_self_export"
	StanceMLAT              Stance = "redirect_to_mlat"
	StanceNoKeyHeld         Stance = "reply_no_key_held"
	StanceNotData           Stance = "not_a_data_request"
)

// Role is the kind of person or body that issued a paper.
type Role string

const (
	RoleJudge          Role = "judge"
	RoleCourt          Role = "court"
	RoleMagistrate     Role = "magistrate"
	RoleInvestigJudge  Role = "investigating_judge"
	RoleFISC           Role = "fisc"
	RoleGrandJury      Role = "grand_jury"
	RoleProsecutor     Role = "prosecutor"
	RolePolice         Role = "police"
	RoleAgency         Role = "agency_official"
	RoleFBIDesignee    Role = "fbi_director_or_designee"
	RoleAttorneyGen    Role = "attorney_general"
	RoleAGandDNI       Role = "ag_and_dni"
	RoleMinister       Role = "minister"
	RoleIntelligence   Role = "intelligence_agency"
	RoleParty          Role = "party_attorney"
	RoleHolder         Role = "account_holder"
	RoleForeign        Role = "foreign_authority"
	RoleOtherAuthority Role = "other_competent_authority"
	RoleAny            Role = "any" // rows only: whoever it is
)

// Judicial reports whether the role is an independent court or judge.
func (r Role) Judicial() bool {
	switch r {
	case RoleJudge, RoleCourt, RoleMagistrate, RoleInvestigJudge, RoleFISC:
		return true
	}
	return false
}

// Particular is one thing a process must show, such as "probable_cause".
type Particular string

// Citation is one legal text, written as docs/law/citations.md lists it.
type Citation string

// Date is a calendar day "2006-01-02", or empty.
type Date string

// Time is midnight UTC of the day; zero when the date is empty.
func (d Date) Time() time.Time {
	t, err := time.Parse(time.DateOnly, string(d))
	if err != nil {
		return time.Time{}
	}
	return t
}

func (d Date) check() error {
	if d == "" {
		return nil
	}
	if _, err := time.Parse(time.DateOnly, string(d)); err != nil {
		return fmt.Errorf("date %q is not of the form 2006-01-02", string(d))
	}
	return nil
}

// IsZero reports whether the date is empty.
func (d Date) IsZero() bool { return d == "" }
