package demand

import (
	"slices"
	"strings"
	"unicode/utf8"

	"letterlock/desk/casefile"
	"letterlock/internal/lang"
	"letterlock/law"
	"letterlock/web/kit"
)

// StepID names a step of the form, in its address and on the draft.
type StepID string

// The steps, in their order. A process has those that it asks something in.
const (
	StepYou       StepID = "you" // of an emergency alone
	StepEmergency StepID = "emergency"
	StepPaper     StepID = "paper"
	StepAccounts  StepID = "accounts"
	StepData      StepID = "data"
	StepSecrecy   StepID = "secrecy"
)

// Title is the step as an officer reads it.
func (s StepID) Title() string {
	switch s {
	case StepYou:
		return "You and your supervisor"
	case StepEmergency:
		return "The emergency"
	case StepAccounts:
		return "Whose accounts"
	case StepData:
		return "Which records"
	case StepSecrecy:
		return "Telling the person"
	}
	return "What the paper says"
}

// Step is one page of the form.
type Step struct {
	ID       StepID
	Sections []Section
}

// Path are the steps of a form, by its sections.
func Path(all []Section) []Step {
	var out []Step
	for _, id := range []StepID{StepYou, StepEmergency, StepPaper, StepAccounts, StepData, StepSecrecy} {
		own := slices.DeleteFunc(slices.Clone(all), func(s Section) bool { return s.Step != id })
		if len(own) > 0 {
			out = append(out, Step{id, own})
		}
	}
	return out
}

// Fields are all fields of a step.
func (s Step) Fields() []kit.Field {
	var out []kit.Field
	for _, x := range s.Sections {
		out = append(out, x.All()...)
	}
	return out
}

// Has reports whether a step has a field of the name.
func (s Step) Has(name string) bool {
	return slices.ContainsFunc(s.Fields(), func(x kit.Field) bool { return x.Name == name })
}

// Folded are the fields of a step that its process does not ask for.
func (s Step) Folded() []kit.Field {
	var out []kit.Field
	for _, x := range s.Sections {
		out = append(out, x.More...)
	}
	return out
}

// Unfolded reports that something is said, or wrong, in a folded field.
func (s Step) Unfolded() bool {
	return slices.ContainsFunc(s.Folded(), func(x kit.Field) bool { return x.Error != "" || said(x) })
}

// said reports a field that somebody filled in.
func said(x kit.Field) bool {
	switch x.Kind {
	case "check":
		return x.Checked
	case "radio", "checks", "select":
		return slices.ContainsFunc(x.Options, func(o kit.Option) bool { return o.Chosen && o.Value != "" && (x.Name != "gag" || o.Value != "no") })
	}
	return strings.TrimSpace(x.Value) != ""
}

// Said is what a step says, field by field as it is read through. What the
// process asks for and nobody said is named too.
func (s Step) Said(t *lang.Tongue) kit.Facts {
	var out kit.Facts
	for _, x := range s.Fields() {
		switch v := shownAs(t, x); {
		case x.Kind == "hidden":
		case v != nil:
			out = append(out, kit.Fact{Label: x.Label, Value: v})
		case x.Required:
			out = append(out, kit.Fact{Label: x.Label, Value: kit.Badge{Tone: kit.Warn, Text: "not answered"}})
		}
	}
	return out
}

// shownAs is what somebody filled in, as it is read; nil for nothing.
func shownAs(t *lang.Tongue, x kit.Field) any {
	var chosen []string
	for _, o := range x.Options {
		if o.Chosen && o.Value != "" {
			chosen = append(chosen, t.T(o.Text))
		}
	}
	switch {
	case x.Kind == "check" && x.Checked:
		return kit.Words("yes")
	case len(chosen) > 0:
		return t.List(chosen)
	case x.Kind == "check" || len(x.Options) > 0 || strings.TrimSpace(x.Value) == "":
		return nil
	}
	if lines := strings.Split(strings.TrimSpace(x.Value), "\n"); x.Name == "targets" && len(lines) > shownLines {
		return t.T("%s and %d more", strings.Join(lines[:shownLines], "\n"), len(lines)-shownLines)
	}
	return strings.TrimSpace(x.Value)
}

// shownLines is how many accounts are read through one by one.
const shownLines = 50

// Read reads a step into a demand; all that the other steps said stays as it
// was. The form holds the whole demand afterwards.
func (s Step) Read(f *kit.Form, d casefile.Demand, row law.Row, t *law.Table) casefile.Demand {
	all := Values(d, row)
	for _, x := range s.Fields() {
		v, posted := f.Values[x.Name]
		switch {
		case posted:
			all[x.Name] = v
		case x.Kind == "check" || x.Kind == "checks": // an empty box is not posted at all
			all.Del(x.Name)
		}
	}
	f.Values = all
	s.fits(f)
	out := Read(f, d, row, t)
	if !s.Has("targets") { // as they were given: one line of text does not say which kind it is meant to be
		out.Targets = d.Targets
	}
	return out
}

// fits says of each field by itself that it is too long, or has more lines
// than one, or holds what cannot be seen.
func (s Step) fits(f *kit.Form) {
	for _, x := range s.Fields() {
		v := f.Get(x.Name)
		switch {
		case x.Kind == "long" && x.Name != "targets" && len(v) > casefile.MaxText:
			f.Bad(x.Name, "“%s” is longer than %d bytes: shorten it by about %d characters, or attach it as a paper.", f.T(x.Label), casefile.MaxText, over(v, casefile.MaxText))
		case (x.Kind == "text" || x.Kind == "tel") && x.MaxLen > 0 && !casefile.Plain(v, x.MaxLen):
			f.Bad(x.Name, "“%s” is longer than %d bytes, has more than one line or holds characters that cannot be seen.", f.T(x.Label), x.MaxLen)
		}
	}
}

// over is by how many characters a text is too long.
func over(s string, most int) int {
	n := 0
	for len(s) > most {
		_, size := utf8.DecodeLastRuneInString(s)
		s, n = s[:len(s)-size], n+1
	}
	return n
}

// StepOf is the step that has a field.
func StepOf(path []Step, field string) (StepID, bool) {
	i := slices.IndexFunc(path, func(s Step) bool { return s.Has(field) })
	if i < 0 {
		return "", false
	}
	return path[i].ID, true
}

// Moved is a demand under another kind of paper: what both ask for stays, and
// nothing else of it.
func Moved(d casefile.Demand, from, to law.Row, t *law.Table, house law.House) casefile.Demand {
	before, f := Values(d, from), kit.NewForm(nil)
	for _, s := range Sections(kit.NewForm(nil), to, t, house) {
		for _, x := range s.All() {
			for _, v := range before[x.Name] {
				if len(x.Options) == 0 || slices.ContainsFunc(x.Options, func(o kit.Option) bool { return o.Value == v }) {
					f.Values.Add(x.Name, v)
				}
			}
		}
	}
	d.Process, d.Answers, d.Emergency, d.Text = to.ID, nil, casefile.Emergency{}, ""
	targets := d.Targets
	d = Read(f, d, to, t)
	if len(d.Targets) > 0 {
		d.Targets = targets
	}
	return d
}
