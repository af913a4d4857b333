package api

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
	"letterlock/law"
	"letterlock/web/demand"
)

// The demand as it travels and as the desk keeps it, both directions side by
// side, so that nothing is lost between them.

func dayText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}

// askOf is a demand as it travels.
func askOf(d casefile.Demand) ask {
	a := ask{Process: string(d.Process), Reference: d.Reference, CaseRef: d.CaseRef, IssuingBody: d.IssuingBody, IssuerRole: string(d.IssuerRole), Court: d.Court,
		Validator: d.Validator, ValidatorRole: string(d.ValidRole), LegalBasis: d.LegalBasis, Addressee: d.Addressee, Signed: d.Signed, Language: d.Language, Translation: d.Translation,
		Issued: dayText(d.Issued), Return: dayText(d.Return), ExecuteBy: dayText(d.ExecuteBy), From: dayText(d.From), Until: dayText(d.Until), KeepUntil: dayText(d.KeepUntil), Preserved: string(d.Preserved),
		Particulars: maps.Clone(d.Answers), Offence: offence{d.Offence.Text, d.Offence.MaxPenaltyYears, d.Offence.Entry}, Emergency: emergencyOf(d.Emergency), Text: d.Text, Phone: d.Phone}
	for _, t := range d.Targets {
		a.Targets = append(a.Targets, target{string(t.Kind), t.Identifier, t.At})
	}
	for _, i := range d.Wanted {
		a.Wanted = append(a.Wanted, string(i))
	}
	a.Secrecy = secrecy{Asked: "no"}
	if d.Gag.Asked {
		a.Secrecy = secrecy{"letter", dayText(d.Gag.End), d.Gag.Basis, slices.Clone(d.Gag.Grounds)}
	}
	if d.Gag.Order {
		a.Secrecy.Asked = "order"
	}
	return a
}

// reader reads an ask and notes what is wrong with which field.
type reader struct {
	base string // pointer of the demand in the body
	bad  wrong
}

func (r *reader) say(at, format string, args ...any) {
	r.bad = append(r.bad, pointed{r.base + at, fmt.Sprintf(format, args...)})
}

func (r *reader) day(at, s string) time.Time {
	if s == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.DateOnly, s)
	if err != nil || t.Year() < 1970 || t.Year() > 2200 {
		r.say(at, "this is not a day; write it as 2026-11-23")
		return time.Time{}
	}
	return t
}

// demandOf reads an ask. What is wrong is said field by field; the rules of
// requests are intake's.
func (a *api) demandOf(x ask, base string) (casefile.Demand, error) {
	r := &reader{base: base}
	row, ok := a.Law.Row(law.ProcessID(x.Process), a.Clock.Now())
	if !ok {
		r.say("/process", "no process of this id is in force; GET %s/processes lists them", Base)
		return casefile.Demand{}, r.bad
	}
	d := casefile.Demand{Process: row.ID, Reference: x.Reference, CaseRef: x.CaseRef, IssuingBody: x.IssuingBody, IssuerRole: law.Role(x.IssuerRole), Court: x.Court, Validator: x.Validator,
		ValidRole: law.Role(x.ValidatorRole), LegalBasis: x.LegalBasis, Addressee: x.Addressee, Signed: x.Signed, Language: x.Language, Translation: x.Translation,
		Issued: r.day("/issued", x.Issued), Return: r.day("/return", x.Return), ExecuteBy: r.day("/execute_by", x.ExecuteBy), From: r.day("/from", x.From), Until: r.day("/until", x.Until),
		KeepUntil: r.day("/keep_until", x.KeepUntil), Offence: law.Offence{Text: x.Offence.Text, MaxPenaltyYears: x.Offence.MaxPenaltyYears, Entry: x.Offence.Listed},
		Emergency: r.emergency(x.Emergency, row.ID == law.Emergency), Text: x.Text, Phone: x.Phone}
	if _, ok := row.Threshold.Entry(x.Offence.Listed); !ok && x.Offence.Listed != "" && x.Offence.Listed != law.OtherOffence {
		r.say("/offence/listed", "the law's list of this process has no entry of this id; GET %s/processes gives them", Base)
	}
	if n := x.Offence.MaxPenaltyYears; n < 0 || n > 150 {
		r.say("/offence/max_penalty_years", "give the highest penalty in whole years")
	}
	if !d.From.IsZero() && !d.Until.IsZero() && d.Until.Before(d.From) {
		r.say("/until", "the period ends before it begins")
	}
	d.Preserved = r.preserved(x.Preserved)
	r.lists(&d, x)
	d.Gag = r.gag(x.Secrecy, d.Issued)
	d.Answers = r.particulars(demand.Asked(a.Law, row), x.Particulars)
	if len(r.bad) > 0 {
		return d, r.bad
	}
	return d, nil
}

func (r *reader) preserved(s string) casefile.Number {
	if s == "" {
		return ""
	}
	n, err := casefile.ParseNumber(s)
	if err != nil {
		r.say("/preserved", "this is not the number of a case; write it as LL-2026-000017")
	}
	return n
}

func (r *reader) lists(d *casefile.Demand, x ask) {
	for i, t := range x.Targets {
		d.Targets = append(d.Targets, casefile.Target{Kind: law.TargetKind(t.Kind), Identifier: t.Identifier, At: t.At.UTC()})
		if !slices.Contains(targetKinds, law.TargetKind(t.Kind)) {
			r.say(fmt.Sprintf("/targets/%d/kind", i), "this is no kind of identifier")
		}
		if t.At.IsZero() {
			d.Targets[i].At = time.Time{}
		}
	}
	for i, w := range x.Wanted {
		if d.Wanted = append(d.Wanted, casefile.Item(w)); !casefile.Item(w).Valid() {
			r.say(fmt.Sprintf("/wanted/%d", i), "this is not on the list of what can be asked for; GET %s/items lists it", Base)
		}
	}
}

var targetKinds = []law.TargetKind{law.TargetPhone, law.TargetAccount, law.TargetUsername, law.TargetEmail, law.TargetIP, law.TargetName, law.TargetPicture, law.TargetGroup, law.TargetArea, law.TargetCell}

func (r *reader) gag(s secrecy, issued time.Time) casefile.Gag {
	end := r.day("/secrecy/until", s.Until)
	switch s.Asked {
	case "", "no":
		return casefile.Gag{}
	case "order", "letter":
		return casefile.Gag{Asked: true, Order: s.Asked == "order", Start: issued, End: end, Basis: s.Basis, Grounds: s.Grounds}
	}
	r.say("/secrecy/asked", "this is no, order or letter")
	return casefile.Gag{}
}

func (r *reader) particulars(known []law.ParticularRow, in map[string]string) map[string]string {
	out := map[string]string{}
	for _, k := range slices.Sorted(maps.Keys(in)) {
		if !slices.ContainsFunc(known, func(p law.ParticularRow) bool { return string(p.ID) == k }) {
			r.say("/particulars/"+escape(k), "this process is not asked for such a particular here; its row says what is, and where")
			continue
		}
		if strings.TrimSpace(in[k]) != "" {
			out[k] = in[k]
		}
	}
	return out
}

// pointTo gives intake's refusal of a demand its place in the body.
func pointTo(err error, x ask, base string) error {
	if k := fault.KindOf(err); err == nil || k != fault.Invalid || err == error(nil) {
		return err
	}
	say := fault.Say(err)
	for i, t := range x.Targets {
		if id := strings.TrimSpace(t.Identifier); id != "" && strings.Contains(say, fmt.Sprintf("%q", id)) {
			return wrong{{fmt.Sprintf("%s/targets/%d/identifier", base, i), say}}
		}
	}
	return err
}
