// Package demand is the form of a request as the portal and the console show
// it: the fields that one process needs, and the demand read from them. It
// knows what can be asked for, not who asks, who decides or where it is kept.
package demand

import (
	"slices"
	"strings"

	"letterlock/desk/casefile"
	"letterlock/disclosable"
	"letterlock/law"
	"letterlock/web/kit"
	"letterlock/web/words"
)

// Section is a part of the form of a request.
type Section struct {
	Step         StepID
	Title, Intro string
	Callout      *kit.Callout
	Fields       []kit.Field
	If           []kit.Field // asked unless the choice before them is "no"
	More         []kit.Field // what the law of the process does not ask for and a paper may say all the same: folded away
}

// All are the fields of a section.
func (s Section) All() []kit.Field { return slices.Concat(s.Fields, s.If, s.More) }

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
	x.Required = a.needs(ids...) // what is missing becomes a finding, never a wall
	return x
}

// Sections are the fields that a process needs, filled with what the form holds.
func Sections(f *kit.Form, row law.Row, t *law.Table, house law.House) []Section {
	return exampled(asker{f: f, row: row, table: t, house: house}.sections())
}

func (a asker) sections() []Section {
	if a.row.ID == law.Emergency {
		return a.urgent()
	}
	out := []Section{a.paper()}
	if s := a.stated(); len(s.Fields) > 0 {
		out = append(out, s)
	}
	out = append(out, a.reply())
	if a.aboutAccounts() {
		out = append(out, a.accounts())
	}
	if a.aboutData() {
		out = append(out, a.wanted(), a.period())
	}
	return append(out, a.secrecy(), a.words())
}

// put shows a field that the law of the process asks for, and folds away any
// other.
func (s *Section) put(asked bool, x ...kit.Field) {
	if asked {
		s.Fields = append(s.Fields, x...)
		return
	}
	s.More = append(s.More, x...)
}

func (a asker) paper() Section {
	f := a.f
	s := Section{Step: StepPaper, Title: "The paper", Intro: "As it stands on the paper, letter by letter."}
	short := func(name, label, hint string) kit.Field {
		return f.Text(name, label, hint).AtMost(casefile.MaxReference)
	}
	s.put(true, short("reference", "Your own reference", "We put it on everything we send you."))
	s.put(a.needs(caseNumbers...), a.must(short("case_ref", "Case, docket or warrant number", "Your number for the case, exactly as on the paper."), caseNumbers...))
	s.put(a.asksIssuer(), a.must(short("issuing_body", "Issuing court or authority", "The full name."), issuers...),
		a.must(f.Select("issuer_role", "Who signed it", "Not everybody may issue everything: this decides what the paper can get.", a.roles(false)), issuers...))
	if a.needs("court", "district_or_court") {
		s.put(true, a.must(short("court", "Court or district", "The full name."), "court", "district_or_court"))
	}
	if v := a.roles(true); len(v) > 1 {
		s.put(true, short("validator", "Validated by", "The judge, court or prosecutor who validated the order, if the issuer needs it."), f.Select("validator_role", "Office of the validator", "", v))
	}
	if len(a.row.Citations) > 0 || a.needs(provisions...) {
		x := a.must(short("legal_basis", "Legal provision cited", "As the paper cites it."), provisions...)
		if len(a.row.Citations) > 0 {
			x = x.Like(words.Citations(a.row.Citations))
		}
		s.put(true, x)
	}
	if a.needs(addressees...) {
		x := short("addressee", "Addressed to", "The company that the paper names.").Like("Example Messenger Inc.")
		if len(a.house.Entities) > 0 {
			x = x.Like(a.house.Entities[0])
			x.Hint = a.f.T("We are %s.", strings.TrimSuffix(a.f.Tongue().List(a.house.Entities), ".")) // a firm that ends in Inc. ends the sentence
		}
		s.put(true, a.must(x, addressees...))
	}
	a.days(&s)
	a.offence(&s)
	s.put(a.asksLanguage(), a.must(f.Select("language", "Language of the paper", "", append([]kit.Option{{Text: "Choose"}}, languages...)), "language", "language_declared_or_translation"), f.Check("translation", "A translation is attached", ""))
	return s
}

func (a asker) days(s *Section) {
	f := a.f
	s.put(a.asksIssued(), a.must(f.Date("issued", "Date of issue", ""), "date"))
	s.put(a.needs("return_date"), a.must(f.Date("return", "Return date", "The day by which the paper asks for an answer."), "return_date"))
	if a.needs("execute_by_date") {
		s.put(true, a.must(f.Date("execute_by", "To be executed by", "The last day on which it may be executed."), "execute_by_date"))
	}
	if a.needs("signature") {
		s.put(true, f.Check("signed", "The paper is signed by the person who issued it", "By hand, or with a valid electronic signature."))
	}
}

func (a asker) offence(s *Section) {
	f := a.f
	th := a.row.Threshold
	if th.Text != "" || a.needs("offence") {
		s.put(true, a.must(f.Text("offence", "Offence", th.Text), "offence"))
	}
	if th.Penal() {
		hint := ""
		if th.MaxPenaltyYears > 0 {
			hint = f.Tongue().N(th.MaxPenaltyYears, "This process needs at least %d year.", "This process needs at least %d years.")
		}
		s.put(true, f.Number("offence_years", "Highest penalty for it, in years", hint))
	}
	if len(th.Listed) > 0 {
		s.put(true, a.must(f.Select("offence_entry", "Which offence of the law's list", "Choose the one that the paper names. If it is none of them, choose another and name it above.", a.listed()), listedOffences...))
	}
}

// listed are the entries of the law's list, and none of them.
func (a asker) listed() []kit.Option {
	out := []kit.Option{{Text: "Choose"}}
	for _, e := range a.row.Threshold.Listed {
		out = append(out, kit.Option{Value: e.ID, Text: a.f.T(e.Text) + " (" + string(e.Citation) + ")"})
	}
	return append(out, kit.Option{Value: law.OtherOffence, Text: "Another: none of these"})
}

// reply is how we reach the officer about this request.
func (a asker) reply() Section {
	s := Section{Step: StepPaper}
	if a.needs(contacts...) {
		s.Title = "How we reach you"
	}
	s.put(a.needs(contacts...), a.must(a.f.Tel("phone", "Telephone for this request", "Where we reach you or a colleague, at night too if it is urgent.").AtMost(casefile.MaxReference), contacts...))
	return s
}

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
	x := a.f.Long("targets", "Accounts", a.f.T("One on each line: a telephone number with its country code, or an account id. Up to %d, as lines or as CSV. Anything else can be written too, and the findings say what we can do with it.", casefile.MaxTargets)).Lines(5)
	if n := a.row.MaxAccounts; n > 0 {
		x.Hint += " " + a.f.Tongue().N(n, "This process is for at most %d account.", "This process is for at most %d accounts.")
	}
	s := Section{Step: StepAccounts, Title: "The accounts it is about"}
	s.put(true, a.must(x, targetNames...))
	return s
}

// wanted asks for what the process reaches, and folds away what it does not:
// whoever asks for it all the same gets a truthful answer.
func (a asker) wanted() Section {
	s := Section{Step: StepData, Title: "What you ask for", Intro: "Tick only what the paper names. What your process does not reach is not disclosed, and the answer says so for each line."}
	if o := a.acts(); len(o) > 0 {
		s.put(true, a.f.Checks("want_act", "What your process is for", "", o))
	}
	any := a.reachesData()
	for _, c := range []disclosable.Class{disclosable.BSI, disclosable.ACNC, disclosable.ACW} {
		var o []kit.Option
		for _, x := range disclosable.Fields() {
			if x.Class == c {
				o = append(o, kit.Option{Value: string(x.ID), Text: x.Title, Hint: x.Meaning})
			}
		}
		s.put(!any || a.reachesClass(law.Class(c)), a.f.Checks("want_"+string(c), words.Class(law.Class(c)), a.groupHint(law.Class(c)), o))
	}
	s.put(!any, a.f.Checks("want_none", "What does not exist here, or is no data", "You may ask if your paper does. The truthful answer is part of our duty: a signed sheet for court, with the hash of the list of everything we hold and of the program that runs.", a.absent()))
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

// absent is what can be asked for although nobody has it.
func (a asker) absent() []kit.Option {
	return []kit.Option{
		{Value: string(law.Content), Text: "Content of messages", Hint: "Does not exist here in a form that anybody could open: messages are sealed on the sender's device and opened only on the recipient's."},
		{Value: string(law.Traffic), Text: "Records of who wrote to whom, and when", Hint: "Not kept. An envelope is forgotten once the device has it."},
		{Value: string(law.Contacts), Text: "Data about the account's contacts", Hint: "Contacts are not on the server. Each account needs process of its own."},
	}
}

// acts is what a process asks us to do, where it asks for more than what is
// there today.
func (a asker) acts() []kit.Option {
	var o []kit.Option
	if _, ok := a.row.ReachOf(law.DRAS); ok || a.row.Prospective {
		o = append(o, kit.Option{Value: string(law.DRAS), Text: "Signalling from the order on", Hint: "For one account, once two people have signed and until the order ends: when, and with which account, messages are exchanged, and from which address. Never content. You get a package of it each day."})
	}
	if a.row.Stance == law.StanceSnapshot {
		o = append(o, kit.Option{Value: string(law.PreserveOnly), Text: "Preservation of records", Hint: "A sealed snapshot of all that is on the list below, as it is when two people have signed. Nothing is disclosed, and nothing later is added."})
	}
	return o
}

func (a asker) period() Section {
	asked := a.needs(periods...) || a.row.Prospective
	s := Section{Step: StepData}
	if asked {
		s.Title, s.Intro = "The period", "First and last day, in UTC. The list above is mostly about today: there is no history of connections."
	}
	s.put(asked, a.must(a.f.Date("from", "From", ""), "date_range", "time_range", "period", "start"), a.must(a.f.Date("until", "Until", ""), "date_range", "time_range", "period", "end"))
	if a.row.Stance == law.StanceSnapshot {
		s.Title = "The period"
		s.put(true, a.f.Date("keep_until", "Keep the records until", "Without it, for the time the law gives."), a.preserved(true))
	} else if !a.row.Prospective {
		s.put(false, a.preserved(false))
	}
	return s
}

// stated are the particulars that only this process has.
func (a asker) stated() Section {
	s := Section{Step: StepPaper, Title: "What this process must show"}
	for _, p := range Asked(a.table, a.row) {
		name := answerName(p.ID)
		switch p.Kind {
		case law.FieldCheck:
			s.put(true, a.f.Check(name, p.Label, p.Help))
		case law.FieldLong:
			s.put(true, a.must(a.f.Long(name, p.Label, p.Help).Lines(3), p.ID))
		case law.FieldDate:
			s.put(true, a.must(a.f.Moment(name, p.Label, a.f.T("%s In UTC.", a.f.T(p.Help))), p.ID))
		default:
			s.put(true, a.must(a.f.Text(name, p.Label, p.Help).AtMost(casefile.MaxText), p.ID))
		}
	}
	return s
}

// secrecy asks whether the person may be told. Where the law or the paper
// itself has settled it, nothing is asked but what the paper may add.
func (a asker) secrecy() Section {
	f := a.f
	s := Section{Step: StepSecrecy, Title: "Telling the person", Intro: f.T("%s Who asks is said too, unless the law withholds it. Secrecy needs an order and an end date.", f.T(a.row.NoticeRule.Text))}
	choice := f.Radio("gag", "Do you ask us not to tell the person?", "", []kit.Option{{Value: "no", Text: "No"},
		{Value: "order", Text: "Yes, and an order or certification says so", Hint: "Upload it with the papers."},
		{Value: "letter", Text: "Yes, by letter", Hint: "A letter alone does not bind us; we tell you what we do."}}).Require()
	more := []kit.Field{f.Date("gag_end", "Secret until", "The day on which the order ends. Without one there is a finding."),
		f.Text("gag_basis", "Provision for the secrecy", "As the paper cites it.").AtMost(casefile.MaxReference), a.grounds()}
	switch {
	case a.row.Reaches(law.Gag):
		s.Fields = append([]kit.Field{f.Hidden("gag", "order")}, more...)
	case a.aboutAccounts() && (a.row.NoticeRule.Provider == law.DutyMust || a.row.NoticeRule.Provider == law.DutyMay):
		s.Fields, s.If = []kit.Field{choice}, more
	default:
		s.Step, s.More = a.lastAsked(), append([]kit.Field{choice}, more...)
	}
	return s
}

func (a asker) grounds() kit.Field {
	if listedGrounds(a.row) {
		return a.f.Checks("gag_grounds", "Grounds that the order states", "", grounds)
	}
	return a.f.Long("gag_grounds", "Grounds that the order states", "One on each line.").Lines(3)
}

// words are the demand as it is written. A process that asks for no data
// cannot be understood without them.
func (a asker) words() Section {
	s := Section{Step: a.lastAsked()}
	if !a.aboutData() {
		s.Title = "What it asks for"
	}
	s.put(!a.aboutData(), a.f.Long("text", "What the paper asks for, in its own words", "Copy the passage. It spares you a question."))
	return s
}
