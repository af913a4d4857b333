package demand

import (
	"slices"
	"time"

	"letterlock/desk/casefile"
	"letterlock/disclosable"
	"letterlock/law"
	"letterlock/web/kit"
)

// The form of an emergency: its fourteen fields and nothing else. The
// attestation (13) is no field of it: it is read and signed after it is sent,
// over exactly what was sent.

func (a asker) urgent() []Section {
	f := a.f
	short := func(x kit.Field) kit.Field { return x.AtMost(casefile.MaxReference).Require() }
	return []Section{
		{Step: StepYou, Title: "Your agency and you", Intro: "We call your agency's published switchboard, and ask for you by this name.", Fields: []kit.Field{
			short(f.Text("issuing_body", "Name of your agency", "").Like("Harbor County Sheriff")),
			short(f.Text("e_address", "Street address of your agency", "No post box.")),
			f.Text("e_agency", "ORI or another official number of your agency", "").AtMost(casefile.MaxReference),
			short(f.Text("e_rank", "Your rank or office", "")),
			short(f.Text("e_badge", "Your badge or identity number", "")),
			short(f.Tel("phone", "Telephone for this request", "Where we reach you or a colleague, at night too if it is urgent.")),
			f.Text("e_extension", "Extension", "Behind your agency's switchboard.").AtMost(casefile.MaxReference)}},
		{Step: StepYou, Title: "Your supervisor", Intro: "Another officer of your agency who is enrolled here reads the request and signs it with their own passkey. Nothing is disclosed before.", Fields: []kit.Field{
			short(f.Text("supervisor", "Name of your supervisor", "")),
			short(f.Text("e_sup_rank", "Rank or office of your supervisor", "")),
			short(f.Tel("e_sup_phone", "Telephone of your supervisor", ""))}},
		{Step: StepEmergency, Title: "The emergency", Callout: &kit.Callout{Tone: kit.Warn, Text: "The law lets us disclose when we believe in good faith that there is a danger of death or serious physical injury and that the data helps against it. Your answers are what that belief rests on."},
			Fields: []kit.Field{
				short(f.Text("e_incident", "Case or incident number", "")),
				f.Text("reference", "Your own reference", "We put it on everything we send you.").AtMost(casefile.MaxReference),
				f.Long("e_nature", "Nature of the emergency", "What is happening.").Lines(3).Require(),
				f.Long("e_danger", "Who is in danger", "Who it is, and from whom or what.").Lines(2).Require(),
				f.Radio("e_harm", "Of what", "The law knows no other danger for this.", []kit.Option{{Value: string(casefile.Death), Text: "Death"}, {Value: string(casefile.Injury), Text: "Serious physical injury"}}).Require(),
				f.Long("e_when", "When the harm is expected", "").Lines(2).Require(),
				f.Long("e_why_now", "Why now", "What makes it imminent.").Lines(2).Require(),
				f.Moment("e_deadline", "Deadline, if one is known", "In UTC."),
				f.Long("e_slow", "Why ordinary process is too slow", "Why a court's order cannot be obtained in time.").Lines(2).Require()}},
		a.urgentData(),
		{Step: StepSecrecy, Title: "Telling the person", Intro: "The person is told once the danger has passed. You can ask that they are told later; counsel decides, with a day on which somebody looks again.", Fields: []kit.Field{
			f.Check("e_quiet", "Confidentiality is wanted", "Tick this to ask that the person is told later than that. If you do not, the person is told once the danger has passed."),
			f.Long("e_quiet_why", "Why", "").Lines(2)}},
		{Step: StepSecrecy, Title: "Afterwards", Fields: []kit.Field{f.Check("e_follows", "I undertake that legal process follows within 48 hours of the disclosure", "We ask for it, and ask again; what does not come stands on your agency's record.")}},
	}
}

// WithSupervisors asks which of the agency's enrolled supervisors signs too. If
// there is none, the form says that one is needed.
func WithSupervisors(s []Section, f *kit.Form, known []kit.Option) []Section {
	for i, x := range s {
		if !slices.ContainsFunc(x.Fields, func(y kit.Field) bool { return y.Name == "e_sup_phone" }) {
			continue
		}
		if len(known) == 0 {
			s[i].Callout = &kit.Callout{Tone: kit.Warn, Text: "No colleague of yours is enrolled as a supervisor yet. Send the request all the same: your agency’s single point of contact can have us record one, who then signs."}
			continue
		}
		who := f.Select("e_cosigner", "Who signs too", "They are told by mail as soon as you have signed.", append([]kit.Option{{Text: "Whoever of our supervisors is reached first"}}, known...))
		s[i].Fields = append([]kit.Field{who}, x.Fields...)
	}
	return s
}

func (a asker) urgentData() Section {
	f := a.f
	var o []kit.Option
	for _, x := range disclosable.Fields() {
		if casefile.Locating(x.ID) {
			o = append(o, kit.Option{Value: string(x.ID), Text: x.Title, Hint: x.Meaning})
		}
	}
	return Section{Step: StepData, Title: "The data", Intro: "In an emergency we disclose only what locates or identifies somebody. The rest can follow with legal process.", Fields: []kit.Field{
		f.Long("targets", "Accounts", "One on each line: a telephone number with its country code, or an account id.").Lines(3).Require(),
		f.Checks("want_BSI", "What you need", "", o).Require(),
		f.Long("e_needed", "Which data, and for what", "Which of it you need most.").Lines(2).Require(),
		f.Long("e_averts", "How the data will avert the harm", "").Lines(2).Require()},
		More: []kit.Field{f.Date("from", "From", ""), f.Date("until", "Until", "")}}
}

// urgentValues fills the form from an emergency.
func urgentValues(e casefile.Emergency) map[string]string {
	v := map[string]string{"e_address": e.Address, "e_agency": e.AgencyNumber, "e_rank": e.Rank, "e_badge": e.Badge, "e_extension": e.Extension, "supervisor": e.Supervisor.Name,
		"e_cosigner": string(e.CoSigner), "e_sup_rank": e.Supervisor.Rank, "e_sup_phone": e.Supervisor.Phone, "e_incident": e.Incident, "e_nature": e.Nature, "e_danger": e.InDanger, "e_harm": string(e.Harm),
		"e_when": e.When, "e_why_now": e.WhyNow, "e_slow": e.TooSlow, "e_needed": e.Needed, "e_averts": e.Averts, "e_quiet_why": e.QuietWhy}
	if !e.Deadline.IsZero() {
		v["e_deadline"] = e.Deadline.UTC().Format(momentForm)
	}
	if e.Quiet {
		v["e_quiet"] = "yes"
	}
	if e.Follows {
		v["e_follows"] = "yes"
	}
	return v
}

// readUrgent reads it back. Issuer and provision are not asked for: the law of
// this process leaves no choice.
func readUrgent(f *kit.Form, d casefile.Demand, row law.Row) casefile.Demand {
	get := f.Get
	d.Emergency = casefile.Emergency{Address: get("e_address"), AgencyNumber: get("e_agency"), Rank: get("e_rank"), Badge: get("e_badge"), Extension: get("e_extension"),
		Supervisor: casefile.Person{Name: get("supervisor"), Rank: get("e_sup_rank"), Phone: get("e_sup_phone")}, CoSigner: casefile.OfficerID(get("e_cosigner")), Incident: get("e_incident"),
		Nature: get("e_nature"), InDanger: get("e_danger"), Harm: casefile.Harm(get("e_harm")), When: get("e_when"), WhyNow: get("e_why_now"), Deadline: readDeadline(f),
		TooSlow: get("e_slow"), Needed: get("e_needed"), Averts: get("e_averts"), Quiet: get("e_quiet") != "", QuietWhy: get("e_quiet_why"), Follows: get("e_follows") != ""}
	if d.Emergency.Harm.InWords() == "" {
		d.Emergency.Harm = ""
	}
	d.CaseRef = d.Emergency.Incident
	if d.IssuingBody == "" {
		d.IssuingBody = d.AgencyName
	}
	d.IssuerRole, d.Language = law.RolePolice, "en"
	if len(row.Citations) > 0 {
		d.LegalBasis = string(row.Citations[len(row.Citations)-1])
	}
	return d
}

func readDeadline(f *kit.Form) time.Time {
	s := f.Get("e_deadline")
	if s == "" {
		return time.Time{}
	}
	t, err := time.Parse(momentForm, s)
	if err != nil || t.Year() < 1970 || t.Year() > 2200 {
		f.Bad("e_deadline", "Write the moment as year-month-day and hour, such as 2026-11-23T03:15.")
		return time.Time{}
	}
	return t.UTC()
}

// urgentNames are the fields that state the particulars of an emergency.
var urgentNames = map[law.Particular]string{"nature": "e_nature", "who_is_in_danger": "e_danger", "imminence": "e_when", "why_normal_process_too_slow": "e_slow",
	"data_needed": "e_needed", "how_data_helps": "e_averts"}
