package demand

import (
	"slices"

	"letterlock/desk/intake"
	"letterlock/law"
)

// What the law of a process asks for decides which questions its form shows.
// Whatever else the machine would judge if a paper says it is folded away.

// The particulars that one field states.
var (
	caseNumbers    = []law.Particular{"case_ref", "docket", "procedure_number"}
	issuers        = []law.Particular{"issuing_body", "issuing_authority", "agency", "authority"}
	listedOffences = []law.Particular{"offence_catalogue", "offence_category_listed"}
	provisions     = []law.Particular{"legal_basis", "statutory_provision_cited", "article_cited", "section_cited", "legal_basis_express"}
	addressees     = []law.Particular{"addressee_is_us", "addressee_designated_establishment_or_legal_rep"}
	contacts       = []law.Particular{"agent_contact", "officer", "authority_for_reply"}
	periods        = []law.Particular{"date_range", "time_range", "time_range_where_applicable", "period", "start", "end"}
	targetNames    = []law.Particular{"target_identifier", "target", "identifier", "specific_identifier", "specific_selection_term", "selector", "user_or_unique_identifier",
		"recipient_identifiers", "unique_user_id", "individuals_specified"}
)

// asksIssuer: the paper must name its issuer, or the law says who may be one.
func (a asker) asksIssuer() bool {
	return a.needs(issuers...) || slices.ContainsFunc(a.row.Issuers, func(i law.Issuer) bool { return i.Role != law.RoleAny })
}

// asksIssued: the day stands on the paper, or a time of the law runs from it.
func (a asker) asksIssued() bool {
	return a.needs("date") || a.row.Reaches(law.Gag) || slices.ContainsFunc(a.row.Clocks, func(c law.Clock) bool { return c.From == law.FromIssue })
}

// english are the places whose courts write in English: of their papers nobody
// is asked for the language.
var english = []law.Jurisdiction{"US", "GB", "AU"}

func (a asker) asksLanguage() bool {
	return a.needs("language", "language_declared_or_translation") || len(a.row.Required) > 0 && !slices.Contains(english, a.row.Jurisdiction)
}

func (a asker) aboutAccounts() bool { return a.needs(targetNames...) || a.aboutData() }

// aboutData: data can be asked for by it. Any other process is answered as a
// whole.
func (a asker) aboutData() bool { return !intake.Whole(a.row) || a.reachesData() }

func (a asker) reachesData() bool {
	return slices.ContainsFunc([]law.Class{law.BSI, law.NameLOS, law.AccNC, law.AccW, law.DRAS, law.PreserveOnly}, a.reachesClass)
}

// reachesClass: to disclose it or to keep it, in whole or in part. Name and
// length of service are a part of the basic data.
func (a asker) reachesClass(c law.Class) bool {
	_, ok := a.row.ReachOf(c)
	if _, name := a.row.ReachOf(law.NameLOS); c == law.BSI && name {
		return true
	}
	return ok
}

// lastAsked is the last step of the form that asks for something anyhow.
func (a asker) lastAsked() StepID {
	switch {
	case a.aboutData():
		return StepData
	case a.aboutAccounts():
		return StepAccounts
	}
	return StepPaper
}
