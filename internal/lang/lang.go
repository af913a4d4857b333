// Package lang is the languages of the pages and letters that officers read:
// catalogues of messages, which of them a reader wants, and how a date, a
// number of things or an error is said in it. It knows no page, no law and no
// case.
//
// The English text stands where it is used and is the key of its translations,
// so that whoever reads a page's source reads what it says:
//
//	t.T("Request %s", number)
//	t.N(n, "%d paper is with your draft.", "%d papers are with your draft.")
//
// Texts that live as data (the law table's) are found by their English too: one
// that changes is read in English until it is translated again, and never in
// the words of what it was.
//
// A message that a language lacks is said in English. A nil *Tongue is English
// as it is written.
package lang

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"time"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"

	"letterlock/internal/fault"
)

// English is the language in which everything is written first.
const English = "en"

// Tongue is one language.
type Tongue struct {
	code      string
	tag       language.Tag
	face      face
	messages  map[string]message
	direction string
	book      *Book // it is one of
}

// Book is the languages that this one is one of.
func (t *Tongue) Book() *Book {
	if t == nil || t.book == nil {
		return defaults
	}
	return t.book
}

// face is what a language says of itself, the file language.<tag>.toml.
type face struct {
	Name      string   `toml:"name"`      // in the language itself
	Direction string   `toml:"direction"` // ltr or rtl
	Months    []string `toml:"months"`
	Day       string   `toml:"day"`  // %[1]d day, %[2]s month, %[3]d year
	List      string   `toml:"list"` // what stands between the things of a list; "; " if not given
}

// message is one text, or its forms by number (CLDR: zero, one, two, few,
// many, other).
type message struct {
	text  string
	forms map[string]string
}

// Code is such as "es".
func (t *Tongue) Code() string {
	if t == nil {
		return English
	}
	return t.code
}

// Name is the language's name in itself.
func (t *Tongue) Name() string {
	if t == nil {
		return "English"
	}
	return t.face.Name
}

// Dir is "rtl" or "ltr".
func (t *Tongue) Dir() string {
	if t == nil || t.direction == "" {
		return "ltr"
	}
	return t.direction
}

func (t *Tongue) rtl() bool { return t.Dir() == "rtl" }

// Written is the English text of a key: what stands before "¦", which tells
// two uses of one word apart ("open¦state").
func Written(key string) string {
	s, _, _ := strings.Cut(key, "¦")
	return s
}

// T says a text that is written in English where it is used. The arguments
// stand where the English has its verbs (%s, %d); a translation may take them
// in another order (%[2]s).
func (t *Tongue) T(key string, args ...any) string {
	if t == nil {
		return filled(Written(key), args)
	}
	if m, ok := t.messages[key]; ok && m.text != "" {
		return filled(t.quoted(m.text), t.isolated(args))
	}
	return t.foreign(filled(Written(key), args))
}

// Knows reports whether a text is read in this language: in English all are.
func (t *Tongue) Knows(key string) bool {
	return t == nil || t.code == English || t.messages[key].text != ""
}

// N says a text that counts: one and many are its two English forms, and many
// is the key. n is the first argument, before args.
func (t *Tongue) N(n int, one, many string, args ...any) string {
	english := many
	if n == 1 {
		english = one
	}
	if t == nil {
		return filled(Written(english), append([]any{n}, args...))
	}
	if m, ok := t.messages[many]; ok {
		if s := m.forms[form(t.tag, n)]; s != "" {
			return filled(t.quoted(s), append([]any{n}, t.isolated(args)...))
		}
	}
	return t.foreign(filled(Written(english), append([]any{n}, args...)))
}

// Say is the only text of an error that may reach a person, in the person's
// language: the format of the fault is the key.
func (t *Tongue) Say(err error) string {
	if t == nil {
		return fault.Say(err)
	}
	format, args := fault.Parts(err)
	for i, a := range args {
		if s, ok := a.(string); ok { // a word of the house within a sentence
			if m, known := t.messages[s]; known && m.text != "" {
				args[i] = m.text
			}
		}
	}
	return t.T(format, args...)
}

func filled(format string, args []any) string {
	if len(args) == 0 {
		return format
	}
	s := fmt.Sprintf(format, args...)
	if i := strings.Index(s, "%!(EXTRA"); i >= 0 { // a form for one may leave the number out
		s = s[:i]
	}
	return s
}

// The marks of Unicode that keep a name, a number or a citation from turning
// the sentence around it. They do in text what <bdi> does in a page.
const (
	fsi = "\u2068" // as the first letter goes
	lri = "\u2066" // left to right
	pdi = "\u2069"
)

// Isolate is a text of unknown direction, set apart.
func Isolate(s string) string {
	if s == "" || strings.HasPrefix(s, fsi) {
		return s
	}
	return fsi + s + pdi
}

// isolated sets the arguments apart in a language that is written from the
// right: a number is one already.
func (t *Tongue) isolated(args []any) []any {
	if !t.rtl() {
		return args
	}
	out := make([]any, len(args))
	for i, a := range args {
		switch v := a.(type) {
		case int, int64, uint64, float64:
			out[i] = v
		default:
			out[i] = Isolate(fmt.Sprint(v))
		}
	}
	return out
}

// quoted lets a text that is quoted back keep its marks: as Go quotes it they
// would be written out.
func (t *Tongue) quoted(format string) string {
	if !t.rtl() {
		return format
	}
	return strings.ReplaceAll(format, "%q", `"%s"`)
}

// foreign is English in the middle of a page that may go the other way.
func (t *Tongue) foreign(s string) string {
	if !t.rtl() || !latin.MatchString(s) {
		return s
	}
	return Isolate(s)
}

var (
	latin = regexp.MustCompile(`[A-Za-z]`)
	// figures that would be turned around: a telephone number, a day.
	figures = regexp.MustCompile(`^(?:\+\d|\d{4}-\d\d)`)
	// run is a stretch of Latin script with the figures, signs and brackets
	// that belong to it: 18 USC 2703(d), FRCrP 41(e)(2)(A), age1.
	run = regexp.MustCompile(`(?:%[\d\[\]]*[a-z]|--?[A-Za-z]|[A-Za-z0-9§+])(?:[A-Za-z0-9_/.@:§+'’ʼ–-]|\([A-Za-z0-9]+\)|[ ,&;](?:[A-Za-z0-9§]|\([A-Za-z0-9]))*`)
)

// markRuns sets the Latin stretches of a right-to-left text apart. A verb
// stays: its argument is set apart when it is filled in.
func markRuns(s string) string {
	return run.ReplaceAllStringFunc(s, func(x string) string {
		if verb, rest, ok := strings.Cut(x, " ("); ok && strings.HasPrefix(x, "%") && latin.MatchString(rest) {
			return verb + " (" + lri + rest + pdi // the bracket is the sentence's own: "%s (UTC)"
		}
		if strings.HasPrefix(x, "%") || !latin.MatchString(x) && !figures.MatchString(x) {
			return x
		}
		end := strings.TrimRight(x, ".:–-/'’ʼ")
		return lri + end + pdi + x[len(end):]
	})
}

// form is the CLDR form that a language uses for a whole number.
func form(tag language.Tag, n int) string {
	if n < 0 {
		n = -n
	}
	return formNames[plural.Cardinal.MatchPlural(tag, n, 0, 0, 0, 0)]
}

var formNames = map[plural.Form]string{plural.Zero: "zero", plural.One: "one", plural.Two: "two", plural.Few: "few", plural.Many: "many", plural.Other: "other"}

// Forms are the forms that a language needs for whole numbers.
func (t *Tongue) Forms() []string {
	tag := language.English
	if t != nil {
		tag = t.tag
	}
	seen := map[string]bool{}
	for n := range 1200 {
		seen[form(tag, n)] = true
	}
	seen[form(tag, 1_000_000)] = true
	var out []string
	for _, f := range []string{"zero", "one", "two", "few", "many", "other"} {
		if seen[f] {
			out = append(out, f)
		}
	}
	return out
}

// Day writes a date in words. The zone is the caller's to say.
func (t *Tongue) Day(at time.Time) string {
	at = at.UTC()
	if t == nil || len(t.face.Months) != 12 {
		return at.Format("2 January 2006")
	}
	return fmt.Sprintf(t.face.Day, at.Day(), t.face.Months[at.Month()-1], at.Year())
}

// Moment writes a time to the minute, with its zone, always UTC.
func (t *Tongue) Moment(at time.Time) string {
	clock := at.UTC().Format("15:04") + " UTC"
	if t == nil {
		return t.Day(at) + ", " + clock
	}
	if t.rtl() {
		clock = lri + clock + pdi
	}
	return t.T("%s, %s¦day and hour", t.Day(at), clock)
}

// List is several things in one line.
func (t *Tongue) List(items []string) string {
	sep := "; "
	if t != nil && t.face.List != "" {
		sep = t.face.List
	}
	out := make([]string, len(items))
	for i, s := range items {
		if out[i] = s; t.rtl() {
			out[i] = Isolate(s)
		}
	}
	return strings.Join(out, sep)
}

type key struct{}

// With puts the language of a request into its context.
func With(ctx context.Context, t *Tongue) context.Context { return context.WithValue(ctx, key{}, t) }

// From is the language of a request; nil, English, without one.
func From(ctx context.Context) *Tongue {
	t, _ := ctx.Value(key{}).(*Tongue)
	return t
}
