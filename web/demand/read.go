package demand

import (
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"letterlock/desk/casefile"
	"letterlock/law"
	"letterlock/web/kit"
)

// The form of a request and the demand that it states. The two directions lie
// side by side so that nothing that is kept is lost when it is shown again.

const (
	dayForm    = "2006-01-02"
	momentForm = "2006-01-02T15:04"
)

// wantNames are the fields of the form that hold what is asked for.
var wantNames = []string{"want_act", "want_BSI", "want_ACC_NC", "want_ACC_W", "want_none"}

func wantName(i casefile.Item) string {
	if f, ok := i.Field(); ok {
		return "want_" + string(f.Class)
	}
	if c := i.Class(); c == law.DRAS || c == law.PreserveOnly {
		return "want_act"
	}
	return "want_none"
}

func answerName(p law.Particular) string { return "p_" + string(p) }

// Values is a demand as the form shows it.
func Values(d casefile.Demand, row law.Row) url.Values {
	v := url.Values{}
	for name, s := range map[string]string{"reference": d.Reference, "case_ref": d.CaseRef, "issuing_body": d.IssuingBody, "issuer_role": string(d.IssuerRole),
		"court": d.Court, "validator": d.Validator, "validator_role": string(d.ValidRole), "legal_basis": d.LegalBasis, "addressee": d.Addressee,
		"language": d.Language, "phone": d.Phone, "text": d.Text, "gag_basis": d.Gag.Basis, "offence": d.Offence.Text, "offence_entry": d.Offence.Entry,
		"issued": dayOf(d.Issued), "return": dayOf(d.Return), "execute_by": dayOf(d.ExecuteBy), "from": dayOf(d.From), "until": dayOf(d.Until),
		"keep_until": dayOf(d.KeepUntil), "gag_end": dayOf(d.Gag.End), "preserved": string(d.Preserved), "targets": targetLines(d.Targets)} {
		if s != "" {
			v.Set(name, s)
		}
	}
	for name, on := range map[string]bool{"signed": d.Signed, "translation": d.Translation} {
		if on {
			v.Set(name, "yes")
		}
	}
	if row.ID == law.Emergency {
		for name, s := range urgentValues(d.Emergency) {
			v.Set(name, s)
		}
	}
	if d.Offence.MaxPenaltyYears > 0 {
		v.Set("offence_years", strconv.Itoa(d.Offence.MaxPenaltyYears))
	}
	v.Set("gag", gagChoice(d.Gag))
	v["gag_grounds"] = slices.Clone(d.Gag.Grounds)
	if !listedGrounds(row) {
		v.Set("gag_grounds", strings.Join(d.Gag.Grounds, "\n"))
	}
	for _, i := range d.Wanted {
		v.Add(wantName(i), string(i))
	}
	for k, s := range d.Answers {
		v.Set(answerName(law.Particular(k)), s)
	}
	return v
}

func dayOf(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(dayForm)
}

func gagChoice(g casefile.Gag) string {
	switch {
	case !g.Asked:
		return "no"
	case g.Order:
		return "order"
	}
	return "letter"
}

// Read reads the form into a demand. What cannot be read is noted on the
// form; the rules of requests are intake's.
func Read(f *kit.Form, d casefile.Demand, row law.Row, t *law.Table) casefile.Demand {
	d.Reference, d.CaseRef, d.IssuingBody, d.Court = f.Get("reference"), f.Get("case_ref"), f.Get("issuing_body"), f.Get("court")
	d.IssuerRole, d.Validator, d.ValidRole = law.Role(f.Get("issuer_role")), f.Get("validator"), law.Role(f.Get("validator_role"))
	d.LegalBasis, d.Addressee, d.Language, d.Phone, d.Text = f.Get("legal_basis"), f.Get("addressee"), f.Get("language"), f.Get("phone"), f.Get("text")
	d.Signed, d.Translation = f.Get("signed") != "", f.Get("translation") != ""
	d.Issued, d.Return, d.ExecuteBy = readDay(f, "issued"), readDay(f, "return"), readDay(f, "execute_by")
	d.From, d.Until, d.KeepUntil = readDay(f, "from"), readDay(f, "until"), readDay(f, "keep_until")
	readPreserved(f, &d)
	if !d.From.IsZero() && !d.Until.IsZero() && d.Until.Before(d.From) {
		f.Bad("until", "The period ends before it begins. Please check both days.")
	}
	d.Offence = law.Offence{Text: f.Get("offence"), Entry: f.Get("offence_entry"), MaxPenaltyYears: readYears(f)}
	d.Gag = readGag(f, row, d)
	d.Targets = readTargets(f)
	d.Wanted = nil
	for _, name := range wantNames {
		for _, v := range f.All(name) {
			d.Wanted = append(d.Wanted, casefile.Item(v))
		}
	}
	d.Answers = maps.Clone(d.Answers)
	if d.Answers == nil {
		d.Answers = map[string]string{}
	}
	if row.ID == law.Emergency {
		return readUrgent(f, d, row)
	}
	for _, p := range Asked(t, row) {
		if delete(d.Answers, string(p.ID)); f.Get(answerName(p.ID)) != "" {
			d.Answers[string(p.ID)] = f.Get(answerName(p.ID))
		}
	}
	return d
}

// Asked are the particulars that the form asks for by themselves: not those
// read from another field, found out by the team, or shown by a paper.
func Asked(t *law.Table, row law.Row) []law.ParticularRow {
	return slices.DeleteFunc(t.ParticularsOf(row), func(p law.ParticularRow) bool {
		return p.Derived || p.ByTeam || p.Kind == law.FieldPaper || p.Kind == law.FieldTarget
	})
}

func readDay(f *kit.Form, name string) time.Time {
	s := f.Get(name)
	if s == "" {
		return time.Time{}
	}
	t, err := time.Parse(dayForm, s)
	if err != nil || t.Year() < 1970 || t.Year() > 2200 {
		f.Bad(name, "“%s” is not a day. Write it as year-month-day, such as 2026-11-23.", Short(s))
		return time.Time{}
	}
	return t
}

func readYears(f *kit.Form) int {
	s := f.Get("offence_years")
	if s == "" {
		return 0
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > 150 {
		f.Bad("offence_years", "Give the highest penalty in whole years.")
		return 0
	}
	return n
}

func readGag(f *kit.Form, row law.Row, d casefile.Demand) casefile.Gag {
	var g casefile.Gag
	switch f.Get("gag") {
	case "order":
		g.Asked, g.Order = true, true
	case "letter":
		g.Asked = true
	default:
		return g
	}
	g.Start, g.End, g.Basis = d.Issued, readDay(f, "gag_end"), f.Get("gag_basis")
	if listedGrounds(row) {
		g.Grounds = f.All("gag_grounds")
		return g
	}
	for l := range strings.Lines(f.Get("gag_grounds")) {
		if l = strings.TrimSpace(l); l != "" {
			g.Grounds = append(g.Grounds, l)
		}
	}
	return g
}

// Short cuts a text that is quoted back.
func Short(s string) string {
	if r := []rune(s); len(r) > 40 {
		return string(r[:40]) + "…"
	}
	return s
}

// badLines is how many lines of a list are complained of by themselves.
const badLines = 20

// readTargets reads the list of identifiers, as lines or as CSV, and says of
// each line that cannot be taken what is wrong with it.
func readTargets(f *kit.Form) []casefile.Target {
	out, bad, err := casefile.ReadTargets(f.Get("targets"))
	if err != nil {
		f.Fault("targets", err)
	}
	for i, b := range bad {
		if i == badLines {
			f.Bad("targets", "%d more lines cannot be taken either.", len(bad)-badLines)
			break
		}
		f.Bad("targets", "Line %d: %s", b.Line, f.Tongue().Say(b.Err))
	}
	if len(bad) > 0 {
		return nil // what was typed stays in the field: nothing is lost
	}
	return out
}

func targetLines(ts []casefile.Target) string {
	var s []string
	for _, t := range ts {
		l := t.Identifier
		if !t.At.IsZero() {
			l += " " + t.At.UTC().Format("2006-01-02 15:04:05 UTC")
		}
		s = append(s, l)
	}
	return strings.Join(s, "\n")
}

// listedGrounds reports a process whose law lists the grounds of secrecy.
func listedGrounds(row law.Row) bool { return row.Jurisdiction == "US" }

// grounds are those that the statute lists.
// law: 18 USC 2705(b)
var grounds = []kit.Option{
	{Value: "2705(b)(1)", Text: "endangering the life or physical safety of a person", Hint: "18 USC 2705(b)(1)"},
	{Value: "2705(b)(2)", Text: "flight from prosecution", Hint: "18 USC 2705(b)(2)"},
	{Value: "2705(b)(3)", Text: "destruction of or tampering with evidence", Hint: "18 USC 2705(b)(3)"},
	{Value: "2705(b)(4)", Text: "intimidation of potential witnesses", Hint: "18 USC 2705(b)(4)"},
	{Value: "2705(b)(5)", Text: "otherwise seriously jeopardising an investigation or unduly delaying a trial", Hint: "18 USC 2705(b)(5)"},
}
