package law

import (
	"slices"
	"strings"
	"unicode"
)

// particulars raises, for each thing that the process must show and the
// demand does not, the finding that particulars.toml names.
func (j *judgement) particulars() {
	for _, id := range j.row.Required {
		if j.present(id) {
			continue
		}
		p, _ := j.t.Particular(id)
		f := j.raise(p.Finding, "particulars."+string(id))
		f.Missing = append(f.Missing, id)
	}
}

// present reports whether the demand shows a particular: read from the input
// that states it where there is one, else ticked by the sender.
func (j *judgement) present(id Particular) bool {
	if known, ok := j.stated(id); ok {
		return known
	}
	return slices.Contains(j.d.Particulars, id)
}

func (j *judgement) stated(id Particular) (present, derived bool) {
	d := j.d
	switch id {
	case "signature":
		return d.Signed || j.anySignature(SignatureValid), true
	case "date":
		return !d.Dates.Issued.IsZero(), true
	case "issuing_body", "issuing_authority", "agency", "authority":
		return strings.TrimSpace(d.Issuer.Body) != "" && d.Issuer.Role != "", true
	case "addressee_is_us", "addressee_designated_establishment_or_legal_rep":
		return strings.TrimSpace(d.Addressee) != "", true
	case "case_ref", "docket", "procedure_number":
		return strings.TrimSpace(d.CaseRef) != "", true
	case "target_identifier", "target", "identifier", "specific_identifier", "specific_selection_term", "selector",
		"user_or_unique_identifier", "recipient_identifiers", "unique_user_id", "individuals_specified":
		return len(d.Targets) > 0, true
	case "agent_contact", "officer", "authority_for_reply":
		return d.Contact.complete(), true
	case "district_or_court", "court":
		return strings.TrimSpace(d.Issuer.Court) != "", true
	case "legal_basis", "statutory_provision_cited", "article_cited", "section_cited", "legal_basis_express":
		return strings.TrimSpace(d.LegalBasis) != "", true
	case "data_category":
		return len(d.Classes) > 0, true
	case "offence_max_at_least_3_years_or_listed", "offence_at_least_3y_or_1y_network_identification", "case_ground_1_to_4":
		return d.Offence.gravity(), true
	case "offence_catalogue", "offence_category_listed":
		return d.Offence.Entry != "", true
	case "validating_authority_if_needed", "issuing_authority_is_judge":
		return true, true // the rule on issuers judges these
	}
	return j.statedForm(id)
}

// statedForm: what the way and the words of the paper themselves show.
func (j *judgement) statedForm(id Particular) (present, derived bool) {
	d := j.d
	switch id {
	case "language", "language_declared_or_translation":
		return d.Language != "" || d.Translation, true // the rule on form judges which
	case "written_or_electronic_form":
		return d.Channel != ChannelPhone, true
	case "ip_with_exact_time_if_by_ip":
		return !slices.ContainsFunc(d.Targets, func(t Target) bool { return t.Kind == TargetIP && t.At.IsZero() }), true
	case "offence":
		return strings.TrimSpace(d.Offence.Text) != "", true
	}
	return j.statedDates(id)
}

func (j *judgement) statedDates(id Particular) (present, derived bool) {
	d := j.d
	period := !d.Dates.Start.IsZero() && !d.Dates.End.IsZero()
	switch id {
	case "return_date":
		return !d.Dates.Return.IsZero(), true
	case "execute_by_date":
		return !d.Dates.ExecuteBy.IsZero(), true
	case "date_range", "time_range", "period":
		return period, true
	case "time_range_where_applicable":
		return period || slices.Contains(d.Particulars, id), true
	case "start":
		return !d.Dates.Start.IsZero(), true
	case "end":
		return !d.Dates.End.IsZero(), true
	case "end_date_or_period", "end_date":
		return !d.Gag.End.IsZero(), true
	case "grounds_1_to_5":
		return len(d.Gag.Grounds) > 0, true
	case "call_back_done":
		return d.Sender.CallBack != CallBackNotDone, true
	case "domain_verified":
		return d.Sender.DomainVerified == Yes, true
	case "supervisor":
		return d.Sender.Supervisor == Yes, true
	case "attestation_signed":
		return d.Emergency.Attested, true
	}
	return false, false
}

func (c Contact) complete() bool {
	return strings.TrimSpace(c.Name) != "" && strings.TrimSpace(c.Mailbox) != "" && strings.TrimSpace(c.Phone) != ""
}

// form judges addressee, language, channel and duplicates.
func (j *judgement) form() {
	d := j.d
	if d.Addressee != "" && len(d.House.Entities) > 0 && !containsFold(d.House.Entities, d.Addressee) {
		j.raise("FORM.WRONG_ENTITY", "addressee")
	}
	if d.Language != "" && !d.Translation && len(d.House.Languages) > 0 && !declared(d.House.Languages, d.Language) {
		j.raise("FORM.LANGUAGE", "language")
	}
	switch d.Channel {
	case "", ChannelPortal, ChannelAPI, ChannelAgent, ChannelMailbox:
	default:
		j.raise("FORM.CHANNEL", "channel")
	}
	if d.Seen.SameDemand || d.Seen.SameFile {
		j.raise("FORM.DUPLICATE", "seen")
	}
}

func containsFold(list []string, s string) bool {
	want := strings.Join(wordsOf(s), " ")
	return slices.ContainsFunc(list, func(x string) bool { return strings.Join(wordsOf(x), " ") == want })
}

// declared compares the language alone: en-GB is answered by en.
func declared(list []string, tag string) bool {
	base, _, _ := strings.Cut(strings.ToLower(tag), "-")
	return slices.ContainsFunc(list, func(x string) bool {
		b, _, _ := strings.Cut(strings.ToLower(x), "-")
		return b == base
	})
}

// dates judges the days on the paper against the day it came.
// law: Fed. R. Crim. P. 41(e)(2)(A)
func (j *judgement) dates() {
	at, s, got := j.d.Dates, j.t.settings, j.d.Dates.Received
	if got.IsZero() {
		return
	}
	if at.Issued.After(got.Add(hours(s.DateSlackHours))) {
		j.raise("FORM.DATE_FUTURE", "dates.issued")
	}
	if !at.Issued.IsZero() && got.Sub(at.Issued) > days(s.StaleDays) {
		j.raise("FORM.STALE", "dates.issued")
	}
	if !at.ExecuteBy.IsZero() && endOf(at.ExecuteBy).Before(got) {
		j.raise("FORM.EXPIRED", "dates.execute_by")
	}
	if j.row.Prospective && !at.End.IsZero() && endOf(at.End).Before(got) {
		j.raise("FORM.EXPIRED", "dates.end")
	}
	if !at.Return.IsZero() && endOf(at.Return).Before(got.Add(hours(s.ReturnHours))) {
		j.raise("FORM.RETURN_PAST", "dates.return")
	}
}

// issuer judges whether this kind of issuer may issue this process for what
// is asked, and whether somebody had to validate it.
// law: Reg. (EU) 2023/1543 art. 4(2)
func (j *judgement) issuer() {
	role := j.d.Issuer.Role
	if role == "" {
		return
	}
	for _, c := range j.judgedClasses() {
		i, ok := j.row.issuerFor(role, c)
		if !ok {
			j.raise("FORM.ISSUER_NOT_COMPETENT", "issuer.role")
			continue
		}
		j.validation(i)
	}
}

// judgedClasses are the classes asked for that the process could be about;
// with none, the issuer is judged for the process as a whole.
func (j *judgement) judgedClasses() []Class {
	var out []Class
	for _, c := range j.d.Classes {
		if j.row.Reaches(c) || j.row.Preserves(c) || slices.Contains(j.row.Absent, c) {
			out = append(out, c)
		}
	}
	if len(out) == 0 {
		out = append(out, "")
	}
	return out
}

func (r Row) issuerFor(role Role, c Class) (Issuer, bool) {
	for _, i := range r.Issuers {
		fits := i.Role == role || i.Role == RoleAny
		if fits && (c == "" || len(i.Classes) == 0 || slices.Contains(i.Classes, c)) {
			return i, true
		}
	}
	return Issuer{}, false
}

// law: Reg. (EU) 2023/1543 art. 4(5)
func (j *judgement) validation(i Issuer) {
	if len(i.ValidatedBy) == 0 || slices.Contains(i.ValidatedBy, j.d.Issuer.ValidatorRole) {
		return
	}
	later := j.d.Emergency.Claimed && i.ExPostHours > 0
	if later && !j.now.After(j.d.Dates.Received.Add(hours(i.ExPostHours))) {
		return
	}
	j.raise("FORM.VALIDATION_MISSING", "issuer.validator")
}

// basis judges whether a provision is cited and fits the process.
func (j *judgement) basis() {
	cited := strings.TrimSpace(j.d.LegalBasis) != ""
	switch {
	case j.row.ID == Informal:
		j.raise("FORM.NO_LEGAL_BASIS", "process")
	case !j.known:
		j.note("FORM.BASIS_MISMATCH", "the process is not in the table", "process")
	case !cited && !j.refuses():
		j.raise("FORM.NO_LEGAL_BASIS", "legal_basis")
	case cited && !citesOne(j.d.LegalBasis, j.row.Basis):
		j.raise("FORM.BASIS_MISMATCH", "legal_basis")
	}
}

// citesOne compares with everything but letters, digits and brackets left
// out, so that "18 U.S.C. § 2703(d)" is found by "2703(d)".
func citesOne(text string, words []string) bool {
	if len(words) == 0 {
		return true
	}
	bare := citationLetters(text)
	return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(bare, citationLetters(w)) })
}

func citationLetters(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) || r == '(' || r == ')' {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

// jurisdiction judges whether the issuer can compel us by this process.
func (j *judgement) jurisdiction() {
	switch {
	case j.row.ID == UseMLAT:
		j.raise("FORM.WRONG_JURISDICTION", "process")
	case !j.known && !j.t.hasDirect(j.d.Jurisdiction):
		j.raise("FORM.WRONG_JURISDICTION", "jurisdiction")
	case j.known && !j.t.covers(j.row, j.d.Jurisdiction):
		j.raise("FORM.WRONG_JURISDICTION", "jurisdiction")
	}
}

// hasDirect reports whether any row of its own binds us from there.
func (t *Table) hasDirect(where Jurisdiction) bool {
	return where == "" || slices.ContainsFunc(t.rows, func(r Row) bool {
		return r.Jurisdiction != "*" && t.covers(r, where)
	})
}

// papers judges the attachments.
func (j *judgement) papers() {
	for _, a := range j.d.Attachments {
		if a.Named && !a.Uploaded {
			j.note("FORM.INCOMPLETE", a.Name, "attachments")
		}
	}
	if j.anySignature(SignatureInvalid) {
		j.raise("SND.SIGNATURE", "attachments")
	}
}

func (j *judgement) anySignature(s SignatureState) bool {
	return slices.ContainsFunc(j.d.Attachments, func(a Attachment) bool { return a.Uploaded && a.Signature == s })
}
