package demand

import (
	"strings"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
	"letterlock/internal/lang"
	"letterlock/law"
	"letterlock/web/kit"
	"letterlock/web/words"
)

// longList is how many accounts a summary names; of more it says how many.
const longList = 50

// Summary is a demand to be read through before it is sent, and afterwards.
func Summary(t *lang.Tongue, d casefile.Demand, row law.Row) kit.Facts {
	out := kit.Facts{{Label: "Kind of paper", Value: t.T(row.Name)}}
	add := func(label, v string) {
		if v != "" {
			out = append(out, kit.Fact{Label: label, Value: v})
		}
	}
	add("Your reference", d.Reference)
	add("Case, docket or warrant number", d.CaseRef)
	court := d.Court
	if court == d.IssuingBody {
		court = ""
	}
	add("Issued by", strings.Join(NonEmpty(d.IssuingBody, t.T(words.Role(d.IssuerRole)), court), t.T(", ¦between a name and an office")))
	add("Validated by", strings.Join(NonEmpty(d.Validator, t.T(words.Role(d.ValidRole))), t.T(", ¦between a name and an office")))
	add("Legal provision", d.LegalBasis)
	add("Addressed to", d.Addressee)
	for _, x := range []struct {
		label, day string
	}{{"Date of issue", dayOf(d.Issued)}, {"Return date", dayOf(d.Return)}, {"To be executed by", dayOf(d.ExecuteBy)}, {"Keep until", dayOf(d.KeepUntil)}} {
		add(x.label, x.day)
	}
	if n := len(d.Targets); n > longList {
		add("Accounts", t.T("%s, %s and %d more", d.Targets[0].Identifier, d.Targets[1].Identifier, n-2))
	} else {
		add("Accounts", strings.ReplaceAll(targetLines(d.Targets), "\n", ", "))
	}
	add("Period", period(t, d))
	switch {
	case d.Gag.Order:
		add("Secrecy", t.T("asked by order, until %s", orNone(t, dayOf(d.Gag.End))))
	case d.Gag.Asked:
		add("Secrecy", t.T("asked by letter, until %s", orNone(t, dayOf(d.Gag.End))))
	default:
		add("Secrecy", t.T("not asked"))
	}
	return out
}

func period(t *lang.Tongue, d casefile.Demand) string {
	from, until := dayOf(d.From), dayOf(d.Until)
	if from == "" || until == "" {
		return from + until
	}
	return t.T("%s to %s¦two days", from, until)
}

func orNone(t *lang.Tongue, s string) string {
	if s == "" {
		return t.T("no end stated")
	}
	return s
}

// NonEmpty leaves out what is empty.
func NonEmpty(s ...string) []string {
	var out []string
	for _, x := range s {
		if strings.TrimSpace(x) != "" {
			out = append(out, x)
		}
	}
	return out
}

// FieldOf finds the field that a refusal quotes, so that it is shown there.
func FieldOf(f *kit.Form, err error) string {
	say := fault.Say(err)
	for l := range strings.Lines(f.Get("targets")) {
		if l = strings.TrimSpace(l); l != "" && strings.Contains(say, l) {
			return "targets"
		}
	}
	if strings.Contains(say, "identifier") {
		return "targets"
	}
	return ""
}

// FieldAt is the field in which the inputs of a finding are mended; "kind" and
// "papers" for what is no field, empty where none is known.
func FieldAt(where []string) string {
	for _, w := range where {
		if name, ok := map[string]string{"targets": "targets", "classes": "want_BSI", "dates": "from", "dates.end": "until", "dates.issued": "issued", "dates.return": "return",
			"dates.execute_by": "execute_by", "issuer.role": "issuer_role", "issuer.validator": "validator", "legal_basis": "legal_basis", "addressee": "addressee", "language": "language",
			"offence": "offence", "gag": "gag", "gag.end": "gag_end", "gag.grounds": "gag_grounds", "process": "kind", "attachments": "papers"}[w]; ok {
			return name
		}
	}
	return ""
}

// Papers are the kinds of paper that a process can carry.
func Papers(t *law.Table, row law.Row) []kit.Option {
	o := []kit.Option{{Value: "order", Text: "The order, warrant, subpoena or letter itself"}}
	for _, p := range t.ParticularsOf(row) {
		if p.Kind == law.FieldPaper {
			o = append(o, kit.Option{Value: string(p.ID), Text: p.Label})
		}
	}
	return append(o, kit.Option{Value: "secrecy", Text: "Order about secrecy"}, kit.Option{Value: "other", Text: "Something else"})
}

// PaperNames are their names.
func PaperNames(t *law.Table, row law.Row) map[string]string {
	m := map[string]string{}
	for _, o := range Papers(t, row) {
		m[o.Value] = o.Text
	}
	return m
}

// FieldFor is the field of the form that states a particular.
func FieldFor(p law.ParticularRow) string {
	if name, ok := urgentNames[p.ID]; ok {
		return name
	}
	if !p.Derived {
		return answerName(p.ID)
	}
	if p.Kind == law.FieldTarget {
		return "targets"
	}
	name, ok := map[law.Particular]string{"signature": "signed", "date": "issued", "case_ref": "case_ref", "docket": "case_ref", "issuing_body": "issuing_body",
		"issuing_authority": "issuing_body", "agency": "issuing_body", "addressee_is_us": "addressee", "addressee_designated_establishment_or_legal_rep": "addressee",
		"agent_contact": "phone", "officer": "phone", "return_date": "return", "district_or_court": "court", "court": "court", "date_range": "from", "time_range": "from",
		"time_range_where_applicable": "from", "start": "from", "end": "until", "execute_by_date": "execute_by", "legal_basis": "legal_basis", "supervisor": "supervisor",
		"end_date_or_period": "gag_end", "grounds_1_to_5": "gag_grounds", "data_category": "want_BSI",
		"offence_max_at_least_3_years_or_listed": "offence_years", "offence_at_least_3y_or_1y_network_identification": "offence_years", "case_ground_1_to_4": "offence_entry", "offence_catalogue": "offence_entry", "offence_category_listed": "offence_entry", "validating_authority_if_needed": "validator", "issuing_authority_is_judge": "issuer_role",
		"authority": "issuing_body", "procedure_number": "case_ref", "authority_for_reply": "phone", "period": "from", "end_date": "gag_end", "offence": "offence",
		"statutory_provision_cited": "legal_basis", "article_cited": "legal_basis", "section_cited": "legal_basis", "legal_basis_express": "legal_basis",
		"language": "language", "language_declared_or_translation": "language", "ip_with_exact_time_if_by_ip": "targets"}[p.ID]
	if !ok {
		return "main"
	}
	return name
}
