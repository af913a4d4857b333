package kit

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"letterlock/internal/fault"
	"letterlock/internal/lang"
)

// Form keeps what a person typed and what was wrong with it, so that a page
// can be shown again without losing a word.
type Form struct {
	Values url.Values
	bad    []fieldError
	tongue *lang.Tongue
}

// In makes the form speak a language.
func (f *Form) In(t *lang.Tongue) *Form { f.tongue = t; return f }

// Tongue is the language of the form; nil is English.
func (f *Form) Tongue() *lang.Tongue { return f.tongue }

// T says a text in the form's language.
func (f *Form) T(text string, args ...any) string { return f.tongue.T(text, args...) }

type fieldError struct{ Name, Text string }

// NewForm starts from a request's posted values, or from none.
func NewForm(values url.Values) *Form {
	if values == nil {
		values = url.Values{}
	}
	return &Form{Values: values}
}

// ReadForm parses a posted form, also one with files (kept in memory up to 1
// MiB, beyond that in temporary files that net/http removes).
func ReadForm(r *http.Request) (*Form, error) {
	var err error
	if strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/form-data") {
		err = r.ParseMultipartForm(1 << 20)
	} else {
		err = r.ParseForm()
	}
	if err != nil {
		return nil, bodyFault(err)
	}
	return NewForm(r.PostForm).In(lang.From(r.Context())), nil
}

// Get is a value, trimmed.
func (f *Form) Get(name string) string { return strings.TrimSpace(f.Values.Get(name)) }

// All are the values of a name, trimmed, without empty ones.
func (f *Form) All(name string) []string {
	var out []string
	for _, v := range f.Values[name] {
		if v = strings.TrimSpace(v); v != "" {
			out = append(out, v)
		}
	}
	return out
}

// Bad notes what is wrong with a field, in words for the person.
func (f *Form) Bad(name, text string, args ...any) {
	f.bad = append(f.bad, fieldError{name, f.T(text, args...)})
}

// Fault notes a refusal with the field that it is about.
func (f *Form) Fault(name string, err error) {
	f.bad = append(f.bad, fieldError{name, f.tongue.Say(err)})
}

// Need notes an empty field.
func (f *Form) Need(name, text string) string {
	v := f.Get(name)
	if v == "" {
		f.Bad(name, text)
	}
	return v
}

// OK reports that nothing was noted.
func (f *Form) OK() bool { return len(f.bad) == 0 }

// Err is one error for all that was noted, nil without.
func (f *Form) Err() error {
	if f.OK() {
		return nil
	}
	return fault.New(fault.Invalid, "read form", "%s", f.bad[0].Text)
}

// Errors are what was noted, in order, for the summary above the form.
func (f *Form) Errors() []struct{ Name, Text string } {
	var out []struct{ Name, Text string }
	for _, e := range f.bad {
		out = append(out, struct{ Name, Text string }(e))
	}
	return out
}

// Option is one choice.
type Option struct {
	Value, Text, Hint string
	Chosen            bool
	Disabled          bool
}

// Field is one control with its label, hint and error.
type Field struct {
	Name, Label, Hint string
	Kind              string // text, email, tel, date, datetime-local, number, password, search, long, select, radio, checks, check, file, hidden
	Value             string
	Error             string   // the first of Errors
	Errors            []string // what is wrong with it, in the order of its lines
	Example           string   // how it may look; a text of the catalogue
	Required          bool
	Checked           bool
	Options           []Option
	Rows              int
	Accept            string
	Auto              string // autocomplete token
	MaxLen            int
	Multiple          bool
}

func (f *Form) field(kind, name, label, hint string) Field {
	x := Field{Kind: kind, Name: name, Label: label, Hint: hint, Value: f.Values.Get(name)}
	for _, e := range f.bad {
		if e.Name == name {
			x.Errors = append(x.Errors, e.Text)
		}
	}
	if len(x.Errors) > 0 {
		x.Error = x.Errors[0]
	}
	return x
}

// The controls. Each takes its name, its label and a hint.
func (f *Form) Text(name, label, hint string) Field   { return f.field("text", name, label, hint) }
func (f *Form) Email(name, label, hint string) Field  { return f.field("email", name, label, hint) }
func (f *Form) Tel(name, label, hint string) Field    { return f.field("tel", name, label, hint) }
func (f *Form) Date(name, label, hint string) Field   { return f.field("date", name, label, hint) }
func (f *Form) Number(name, label, hint string) Field { return f.field("number", name, label, hint) }
func (f *Form) Search(name, label, hint string) Field { return f.field("search", name, label, hint) }

// Moment is a date and a time, in UTC.
func (f *Form) Moment(name, label, hint string) Field {
	return f.field("datetime-local", name, label, hint)
}

// Long is text of several lines.
func (f *Form) Long(name, label, hint string) Field {
	x := f.field("long", name, label, hint)
	x.Rows = 6
	return x
}

// Hidden travels with the form.
func (f *Form) Hidden(name, value string) Field {
	return Field{Kind: "hidden", Name: name, Value: value}
}

// File uploads; accept is such as "application/pdf".
func (f *Form) File(name, label, hint, accept string) Field {
	x := f.field("file", name, label, hint)
	x.Value, x.Accept = "", accept
	return x
}

// Select, Radio and Checks choose among options.
func (f *Form) Select(name, label, hint string, o []Option) Field {
	return f.chosen("select", name, label, hint, o)
}
func (f *Form) Radio(name, label, hint string, o []Option) Field {
	return f.chosen("radio", name, label, hint, o)
}
func (f *Form) Checks(name, label, hint string, o []Option) Field {
	return f.chosen("checks", name, label, hint, o)
}

func (f *Form) chosen(kind, name, label, hint string, o []Option) Field {
	x := f.field(kind, name, label, hint)
	x.Options = slices.Clone(o)
	if got, posted := f.Values[name]; posted {
		for i := range x.Options {
			x.Options[i].Chosen = slices.Contains(got, x.Options[i].Value)
		}
	}
	return x
}

// Check is one box.
func (f *Form) Check(name, label, hint string) Field {
	x := f.field("check", name, label, hint)
	x.Checked, x.Value = f.Values.Get(name) != "", "yes"
	return x
}

// Require marks a field that must be filled.
func (x Field) Require() Field { x.Required = true; return x }

// Lines sets the height of a Long.
func (x Field) Lines(n int) Field { x.Rows = n; return x }

// Completes sets the autocomplete token, such as "email".
func (x Field) Completes(token string) Field { x.Auto = token; return x }

// AtMost bounds the number of characters.
func (x Field) AtMost(n int) Field { x.MaxLen = n; return x }

// Like shows how a value may look.
func (x Field) Like(example string) Field { x.Example = example; return x }

// Several lets a file field take more than one.
func (x Field) Several() Field { x.Multiple = true; return x }

// Fill gives the value to begin with, unless the person typed one.
func (x Field) Fill(v string) Field {
	if x.Value == "" {
		x.Value = v
	}
	return x
}

// Described names the elements that describe the control, for aria-describedby.
func (x Field) Described() string {
	var ids []string
	if x.Hint != "" {
		ids = append(ids, x.Name+"-hint")
	}
	if x.Example != "" {
		ids = append(ids, x.Name+"-like")
	}
	if x.Error != "" {
		ids = append(ids, x.Name+"-error")
	}
	return strings.Join(ids, " ")
}
