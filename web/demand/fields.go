// Package demand is the form of a request as the portal and the console show
// it: the fields that one process needs, and the demand read from them. It
// knows what can be asked for, not who asks, who decides or where it is kept.
package demand

import (
	"slices"

	"letterlock/desk/casefile"
	"letterlock/disclosable"
	"letterlock/law"
	"letterlock/web/kit"
	"letterlock/web/words"
)

// Section is a part of the form of a request.
type Section struct {
	Title, Intro string
	Callout      *kit.Callout
	Fields       []kit.Field
}

// asker builds the form that one process needs, and no more.
type asker struct {
	f     *kit.Form
	row   law.Row
	table *law.Table
	house law.House
}

func (a asker) needs(ids ...law.Particular) bool { return slices.ContainsFunc(ids, a.row.Needs) }

// must marks a field that the process needs.
func (a asker) must(x kit.Field, ids ...law.Particular) kit.Field {
	x.Required = false // what is missing becomes a finding, never a wall
	if !a.needs(ids...) {
		return x
	}
	x.Label = a.f.T("%s (your process needs it)", a.f.T(x.Label))
	x.Required = true
	return x
}

// Sections are the fields that a process needs, filled with what the form holds.
func Sections(f *kit.Form, row law.Row, t *law.Table, house law.House) []Section {
	return asker{f: f, row: row, table: t, house: house}.sections()
}

func (a asker) sections() []Section {
	if a.row.ID == law.Emergency {
		return a.urgent()
	}
	out := []Section{a.paper(), a.accounts(), a.wanted(), a.period()}
	if s := a.stated(); len(s.Fields) > 0 {
		out = append(out, s)
	}
	return append(out, a.secrecy(), a.words())
}

func (a asker) paper() Section {
	f := a.f
	s := Section{Title: "The paper", Intro: "As it stands on the paper, letter by letter."}
	s.Fields = append(s.Fields, f.Text("reference", "Your own reference", "We put it on everything we send you.").AtMost(casefile.MaxReference))
	if a.row.ID != law.Emergency || a.needs("case_ref", "docket") {
		s.Fields = append(s.Fields, a.must(f.Text("case_ref", "Case, docket or warrant number", "Your number for the case, exactly as on the paper.").AtMost(casefile.MaxReference), "case_ref", "docket", "procedure_number"))
	}
	s.Fields = append(s.Fields, a.must(f.Text("issuing_body", "Issuing court or authority", "The full name, such as Superior Court of Harbor County.").AtMost(casefile.MaxReference), "issuing_body", "issuing_authority", "agency", "authority"),
		a.must(f.Select("issuer_role", "Who signed it", "Not everybody may issue everything: this decides what the paper can get.", a.roles(false)), "issuing_body", "issuing_authority", "agency", "authority"))
	if a.needs("court", "district_or_court") {
		s.Fields = append(s.Fields, a.must(f.Text("court", "Court or district", "").AtMost(casefile.MaxReference), "court", "district_or_court"))
	}
	if v := a.roles(true); len(v) > 1 {
		s.Fields = append(s.Fields, f.Text("validator", "Validated by", "The judge, court or prosecutor who validated the order, if the issuer needs it.").AtMost(casefile.MaxReference),
			f.Select("validator_role", "Office of the validator", "", v))
	}
	if len(a.row.Citations) > 0 || a.needs("legal_basis") {
		x := f.Text("legal_basis", "Legal provision cited", a.f.T("Usually %s.", words.Citations(a.row.Citations))).AtMost(casefile.MaxReference)
		if a.row.ID == law.Emergency { // there is no paper to copy it from
			x = x.Fill(string(a.row.Citations[0]))
		}
		s.Fields = append(s.Fields, a.must(x, "legal_basis", "statutory_provision_cited", "article_cited", "section_cited", "legal_basis_express"))
	}
	return a.paperMore(s)
}

func (a asker) paperMore(s Section) Section {
	f := a.f
	if a.needs("addressee_is_us", "addressee_designated_establishment_or_legal_rep") {
		hint := "The company that the paper names."
		if len(a.house.Entities) > 0 {
			hint = a.f.T("We are %s.", a.f.Tongue().List(a.house.Entities))
		}
		s.Fields = append(s.Fields, a.must(f.Text("addressee", "Addressed to", hint).AtMost(casefile.MaxReference), "addressee_is_us", "addressee_designated_establishment_or_legal_rep"))
	}
	s.Fields = append(s.Fields, a.must(f.Date("issued", "Date of issue", ""), "date"),
		a.must(f.Date("return", "Return date", "The day by which the paper asks for an answer."), "return_date"))
	if a.needs("execute_by_date") {
		s.Fields = append(s.Fields, a.must(f.Date("execute_by", "To be executed by", "The last day on which it may be executed."), "execute_by_date"))
	}
	if a.needs("signature") {
		s.Fields = append(s.Fields, f.Check("signed", "The paper is signed by the person who issued it", "By hand, or with a valid electronic signature."))
	}
	if years := a.row.Threshold.MaxPenaltyYears; years > 0 {
		s.Fields = append(s.Fields, f.Text("offence", "Offence", a.row.Threshold.Text), f.Number("offence_years", "Highest penalty for it, in years", a.f.Tongue().N(years, "This process needs at least %d year.", "This process needs at least %d years.")))
		if a.row.Threshold.UnlessListed {
			s.Fields = append(s.Fields, f.Check("offence_listed", "The offence is on the law's list", ""))
		}
	} else if a.needs("offence") || a.row.Threshold.Text != "" {
		s.Fields = append(s.Fields, a.must(f.Text("offence", "Offence", a.row.Threshold.Text), "offence"))
	}
	return append1(s, a.must(f.Select("language", "Language of the paper", "", languages), "language", "language_declared_or_translation"), f.Check("translation", "A translation is attached", ""))
}

func append1(s Section, f ...kit.Field) Section { s.Fields = append(s.Fields, f...); return s }

var languages = []kit.Option{{Value: "en", Text: "English"}, {Value: "ar", Text: "Arabic"}, {Value: "fr", Text: "French"}, {Value: "de", Text: "German"}, {Value: "el", Text: "Greek"},
	{Value: "he", Text: "Hebrew"}, {Value: "hi", Text: "Hindi"}, {Value: "it", Text: "Italian"}, {Value: "pl", Text: "Polish"}, {Value: "pt", Text: "Portuguese"}, {Value: "ru", Text: "Russian"}, {Value: "es", Text: "Spanish"}, {Value: "und", Text: "Another language"}}

// roles are the offices that the process knows, as issuers or as validators.
func (a asker) roles(validators bool) []kit.Option {
	out := []kit.Option{{Value: "", Text: "Choose"}}
	add := func(r law.Role) {
		if r != law.RoleAny && !slices.ContainsFunc(out, func(o kit.Option) bool { return o.Value == string(r) }) {
			out = append(out, kit.Option{Value: string(r), Text: words.Role(r)})
		}
	}
	for _, i := range a.row.Issuers {
		if !validators {
			add(i.Role)
			continue
		}
		for _, v := range i.ValidatedBy {
			add(v)
		}
	}
	if !validators { // whoever signed, it can be said
		for _, r := range []law.Role{law.RoleJudge, law.RoleCourt, law.RoleMagistrate, law.RoleGrandJury, law.RoleProsecutor, law.RolePolice, law.RoleAgency, law.RoleForeign, law.RoleOtherAuthority} {
			add(r)
		}
	}
	return out
}

func (a asker) accounts() Section {
	x := a.f.Long("targets", "Accounts", a.f.T("One on each line: a telephone number with its country code (+1 202 555 0142) or an account id. Up to %d, as lines or as CSV. Anything else can be written too, and the findings say what we can do with it.", casefile.MaxTargets)).Lines(5)
	if n := a.row.MaxAccounts; n > 0 {
		x.Hint += " " + a.f.Tongue().N(n, "This process is for at most %d account.", "This process is for at most %d accounts.")
	}
	return Section{Title: "The accounts it is about", Fields: []kit.Field{a.must(x, "target_identifier", "target", "identifier", "specific_identifier", "specific_selection_term", "selector", "user_or_unique_identifier",
		"recipient_identifiers", "unique_user_id", "individuals_specified")}}
}

func (a asker) wanted() Section {
	s := Section{Title: "What you ask for", Intro: "Tick only what the paper names. What your process does not reach is not disclosed, and the answer says so for each line."}
	for _, c := range []disclosable.Class{disclosable.BSI, disclosable.ACNC, disclosable.ACW} {
		var o []kit.Option
		for _, x := range disclosable.Fields() {
			if x.Class == c {
				o = append(o, kit.Option{Value: string(x.ID), Text: x.Title, Hint: x.Meaning})
			}
		}
		s.Fields = append(s.Fields, a.f.Checks("want_"+string(c), words.Class(law.Class(c)), a.groupHint(law.Class(c)), o))
	}
	s.Fields = append(s.Fields, a.f.Checks("want_none", "What does not exist here, or is no data", "You may ask if your paper does. The truthful answer is part of our duty: a signed sheet for court, with the hash of the list of everything we hold and of the program that runs.", a.absent()))
	return s
}

func (a asker) groupHint(c law.Class) string {
	got, ok := a.row.ReachOf(c)
	_, name := a.row.ReachOf(law.NameLOS)
	switch {
	case !ok && c == law.BSI && name:
		return "Your process reaches name and service start date only."
	case !ok:
		return "Your process does not reach this."
	case got.Extent == law.Snapshot:
		return "Your process asks to keep this, not to disclose it: a sealed snapshot is kept for its time."
	case a.row.Certainty == law.Uncertain:
		return "We are not certain enough of this law to disclose anything under it; ask us."
	case got.Extent == law.Part:
		return a.f.T("Your process reaches a part of this: %s.", a.f.T(got.Limit))
	}
	return "Your process reaches this."
}

func (a asker) absent() []kit.Option {
	o := []kit.Option{
		{Value: string(law.Content), Text: "Content of messages", Hint: "Does not exist here in a form that anybody could open: messages are sealed on the sender's device and opened only on the recipient's."},
		{Value: string(law.Traffic), Text: "Records of who wrote to whom, and when", Hint: "Not kept. An envelope is forgotten once the device has it."},
		{Value: string(law.Contacts), Text: "Data about the account's contacts", Hint: "Contacts are not on the server. Each account needs process of its own."},
	}
	if _, ok := a.row.ReachOf(law.DRAS); ok || a.row.Prospective {
		o = append(o, kit.Option{Value: string(law.DRAS), Text: "Signalling from the order on", Hint: "For one account, from now until the order ends. Not part of this service yet, and the answer says so."})
	}
	if a.row.Stance == law.StanceSnapshot {
		o = append(o, kit.Option{Value: string(law.PreserveOnly), Text: "Preservation of records", Hint: "A sealed snapshot of all that is on the list above, as it is when two people have signed. Nothing is disclosed, and nothing later is added."})
	}
	return o
}

func (a asker) period() Section {
	s := Section{Title: "The period", Intro: "First and last day, in UTC. The list above is mostly about today: there is no history of connections."}
	s.Fields = []kit.Field{a.must(a.f.Date("from", "From", ""), "date_range", "time_range", "period", "start"), a.must(a.f.Date("until", "Until", ""), "date_range", "time_range", "period", "end")}
	if a.row.Stance == law.StanceSnapshot {
		s.Fields = append(s.Fields, a.f.Date("keep_until", "Keep the records until", "Without it, for the time the law gives."), a.preserved(true))
	} else if !a.row.Prospective {
		s.Fields = append(s.Fields, a.preserved(false))
	}
	return s
}

// stated are the particulars that only this process has.
func (a asker) stated() Section {
	s := Section{Title: "What this process must show"}
	for _, p := range Asked(a.table, a.row) {
		name := answerName(p.ID)
		switch p.Kind {
		case law.FieldCheck:
			s.Fields = append(s.Fields, a.f.Check(name, p.Label, p.Help))
		case law.FieldLong:
			s.Fields = append(s.Fields, a.must(a.f.Long(name, p.Label, p.Help).Lines(3), p.ID))
		case law.FieldDate:
			s.Fields = append(s.Fields, a.must(a.f.Moment(name, p.Label, a.f.T("%s In UTC.", a.f.T(p.Help))), p.ID))
		default:
			s.Fields = append(s.Fields, a.must(a.f.Text(name, p.Label, p.Help), p.ID))
		}
	}
	return s
}

func (a asker) secrecy() Section {
	s := Section{Title: "Telling the person", Intro: a.f.T("%s Who asks is said too, unless the law withholds it. Secrecy needs an order and an end date.", a.f.T(a.row.NoticeRule.Text))}
	s.Fields = []kit.Field{a.f.Radio("gag", "Do you ask us not to tell the person?", "", []kit.Option{{Value: "no", Text: "No"},
		{Value: "order", Text: "Yes, and an order or certification says so", Hint: "Upload it with the papers."},
		{Value: "letter", Text: "Yes, by letter", Hint: "A letter alone does not bind us; we tell you what we do."}}),
		a.f.Date("gag_end", "Secret until", "The day on which the order ends. Without one there is a finding.")}
	s.Fields = append(s.Fields, a.f.Text("gag_basis", "Provision for the secrecy", "Such as 18 USC 2705(b).").AtMost(casefile.MaxReference))
	if listedGrounds(a.row) {
		return append1(s, a.f.Checks("gag_grounds", "Grounds that the order states", "", grounds))
	}
	return append1(s, a.f.Long("gag_grounds", "Grounds that the order states", "One on each line.").Lines(3))
}

func (a asker) words() Section {
	return Section{Title: "Anything else", Fields: []kit.Field{
		a.f.Long("text", "What the paper asks for, in its own words", "Copy the passage. It spares you a question."),
		a.f.Tel("phone", "Telephone for this request", "Where we reach you or a colleague, at night too if it is urgent.").AtMost(casefile.MaxReference)}}
}
