package room

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"letterlock/desk/casefile"
	"letterlock/disclosable"
)

// persons are the data of a case that are never published: accounts and
// identifiers, names, mailboxes and numbers of officers and of the team, and the
// numbers by which agency, court and desk call the case.
type persons []string

// known are the persons' data of a case, from everything that was ever filed.
func (s *Service) known(c casefile.Case) persons {
	var out persons
	add := func(all ...string) {
		for _, x := range all {
			if x = strings.TrimSpace(x); len(x) > 2 && !slices.Contains(out, x) {
				out = append(out, x)
			}
		}
	}
	add(string(c.Number))
	for _, r := range c.Resolutions {
		add(r.Account.String(), strings.ReplaceAll(r.Account.String(), "-", ""))
	}
	for _, e := range c.Events {
		if e.By.Kind == casefile.ByMember {
			add(e.By.Name)
		}
		if e.By.Kind == casefile.ByOfficer && !s.Officers {
			add(e.By.Name)
		}
		if e.Keeper != nil {
			add(e.Keeper.Mailbox, e.Keeper.Phone)
		}
		if e.Demand != nil {
			add(s.named(*e.Demand)...)
		}
	}
	add(s.named(c.Demand)...)
	return out
}

func (s *Service) named(d casefile.Demand) []string {
	out := []string{d.Mailbox, d.Phone, d.Reference, d.CaseRef, d.Validator}
	for _, t := range d.Targets {
		out = append(out, t.Identifier)
	}
	if !s.Officers {
		out = append(out, d.OfficerName)
	}
	if m := d.Mail; m != nil {
		out = append(out, m.From, m.FromName, m.To, m.MessageID)
	}
	return out
}

// plain is a text as it is compared: its letters and digits, small, so that
// spaces and dashes hide nothing. Where one of them stands right behind another
// of its kind it is joined: it is within a word or a number.
type plain struct {
	text   string
	joined []bool // by byte of text
}

func plainly(s string) plain {
	var b strings.Builder
	var p plain
	var last rune // before this one, if it is a letter or digit
	for _, r := range s {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			last = 0
			continue
		}
		join := last != 0 && unicode.IsDigit(r) == unicode.IsDigit(last)
		last = r
		n, _ := b.WriteRune(unicode.ToLower(r))
		p.joined = append(p.joined, join)
		for range n - 1 {
			p.joined = append(p.joined, true)
		}
	}
	p.text = b.String()
	return p
}

// short is so little that it stands somewhere by chance, out of the end of one
// number and the beginning of the next: it counts only as a word of its own.
const short = 9

// holds reports that what is looked for stands in the text.
func (p plain) holds(k string) bool {
	for from := 0; ; {
		i := strings.Index(p.text[from:], k)
		if i < 0 {
			return false
		}
		at, end := from+i, from+i+len(k)
		if len(k) >= short || !p.joined[at] && (end == len(p.text) || !p.joined[end]) {
			return true
		}
		from = at + 1
	}
}

// found is the first of them that stands in a text; empty: none does.
func (p persons) found(text string) string {
	all := plainly(text)
	for _, x := range p {
		k := plainly(x).text
		if numberForm.FindString(x) == x && len(k) > 9 {
			k = k[len(k)-9:] // a number is written with and without its country
		}
		if len(k) > 3 && all.holds(k) {
			return x
		}
	}
	return ""
}

// What looks like a person's datum, whoever's it is.
var (
	mailForm    = regexp.MustCompile(`[^\s<>"(),;:]+@[^\s<>"(),;:]+`)
	numberForm  = regexp.MustCompile(`\+?\d[\d ().-]{5,}\d`)
	accountForm = regexp.MustCompile(`(?i)\b[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}\b`)
)

const leftOut = "[left out]"

// without is what somebody typed, with everything left out that is a person's,
// or looks like it. It is one line.
func (p persons) without(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	for _, x := range p {
		text = replaceFold(text, x)
	}
	for _, form := range []*regexp.Regexp{accountForm, mailForm, numberForm} {
		text = form.ReplaceAllString(text, leftOut)
	}
	if p.found(text) != "" { // written in some other way: all of it goes
		return leftOut
	}
	for _, x := range p {
		text = replaceFold(text, surname(x))
	}
	return text
}

// surname is the last word of a name; empty for what is none.
func surname(x string) string {
	f := strings.Fields(x)
	if len(f) < 2 || len(f[len(f)-1]) < 4 || strings.ContainsAny(x, "0123456789@") {
		return ""
	}
	return f[len(f)-1]
}

func replaceFold(text, what string) string {
	if what == "" {
		return text
	}
	form, err := regexp.Compile(`(?i)(^|[^\pL\pN])` + regexp.QuoteMeta(what) + `($|[^\pL\pN])`)
	if err != nil {
		return leftOut
	}
	for range 2 { // neighbours share the sign between them
		text = form.ReplaceAllString(text, "${1}"+leftOut+"${2}")
	}
	return text
}

// day is a date as a text of the room has it.
func day(unix int64) string { return disclosable.Day(unix) }
