package kit

import (
	"bytes"
	"fmt"
	"html/template"
	"strings"
	"time"
	"unicode"

	"letterlock/internal/lang"
	"letterlock/internal/passkey"
)

// Tone is how a thing is meant; it is always also said in words.
type Tone string

// The tones.
const (
	Plain Tone = "plain"
	Good  Tone = "good"
	Warn  Tone = "warn"
	Bad   Tone = "bad"
	Info  Tone = "info"
)

// Badge is a short state.
type Badge struct {
	Tone Tone
	Text string
}

// Fact is one row of a definition list; Value may be any component.
type Fact struct {
	Label string
	Value any
}

// Facts is a definition list.
type Facts []Fact

// Column heads a table's column.
type Column struct {
	Title string
	Right bool // numbers
}

// Columns are plain columns of these titles.
func Columns(titles ...string) []Column {
	var c []Column
	for _, t := range titles {
		c = append(c, Column{Title: t})
	}
	return c
}

// Table is a table with a caption. Cells may be any component. Empty is said
// when there is no row.
type Table struct {
	Caption string
	Columns []Column
	Rows    [][]any
	Empty   string
}

// Event is one entry of a timeline.
type Event struct {
	At        time.Time
	Who, What string
	Why       string
	Tone      Tone
	Quote     lang.Quote // after What: what a person typed
}

// Timeline is events, in the order given.
type Timeline []Event

// Board is lanes of cards.
type Board []Lane

// Lane is a column of a board.
type Lane struct {
	Title string
	Count string // how many are in it, if more than are shown; empty: as many as cards
	Cards []Card
	Empty string
}

// Card is one thing in a lane.
type Card struct {
	Title, URL string
	Facts      []string
	Badges     []Badge
	Left       *TimeLeft
}

// TimeLeft is a due time seen from now; Start makes it a bar as well.
type TimeLeft struct {
	Now, Due, Start time.Time
	What            string // such as "to answer"
}

// State is calm, soon (a fifth left, or a day), late.
func (l TimeLeft) State() string {
	left := l.Due.Sub(l.Now)
	switch {
	case left <= 0:
		return "late"
	case left < 24*time.Hour || (!l.Start.IsZero() && left < l.Due.Sub(l.Start)/5):
		return "soon"
	}
	return "calm"
}

// Words says how much is left.
func (l TimeLeft) Words() string { return l.In(nil) }

// In says how much is left, in a language.
func (l TimeLeft) In(t *lang.Tongue) string {
	span := SpanIn(t, l.Due.Sub(l.Now).Abs())
	s := t.T("%s over", span)
	if l.Due.After(l.Now) {
		s = t.T("%s left", span)
	}
	if l.What != "" {
		s += " " + t.T(l.What)
	}
	return s
}

// Percent is how much of the time is used, if a start is known.
func (l TimeLeft) Percent() int {
	total := l.Due.Sub(l.Start)
	if l.Start.IsZero() || total <= 0 {
		return -1
	}
	return int(min(max(l.Now.Sub(l.Start)*100/total, 0), 100))
}

// Progress is steps done of steps there are.
type Progress struct {
	Done, Of int
	Text     string
}

// Step is one stage of a path; Current is where we are.
type Step struct {
	Text          string
	Done, Current bool
	At            time.Time
	URL           string // where it is, for one that can be gone to
}

// Steps is a path through stages.
type Steps []Step

// Callout is a paragraph set apart.
type Callout struct {
	Tone  Tone
	Title string
	Text  string
	Items []string
}

// Code is text in a fixed width: hashes, identifiers, one-time secrets.
type Code string

// Words is a text of the site, in English as it is written: it is shown in the
// reader's language, where a plain string is data and stays as it is.
type Words string

// Stamp is a time, shown in UTC and readable by machines.
type Stamp time.Time

// Group is several components side by side.
type Group []any

// Ceremony is a form with which a passkey registers or signs. The answer
// arrives as the form value "answer", for passkey.Site.Register or
// passkey.ParseAssertion. Demo adds the software key, marked as such; give it
// the site's demo mode.
type Ceremony struct {
	Create  bool // register; otherwise use
	Action  string
	Options passkey.Options
	Button  string
	Explain string
	Hidden  map[string]string
	Demo    bool
}

// Kind is what the script goes by.
func (c Ceremony) Kind() string {
	if c.Create {
		return "create"
	}
	return "get"
}

// component names the template of each component.
func component(v any) string {
	switch v.(type) {
	case Badge, *Badge:
		return "badge"
	case Facts:
		return "facts"
	case Table, *Table:
		return "table"
	case Timeline:
		return "timeline"
	case Board:
		return "board"
	case TimeLeft, *TimeLeft:
		return "timeleft"
	case Progress:
		return "progress"
	case Steps:
		return "steps"
	case Callout, *Callout:
		return "callout"
	case Code:
		return "code"
	case lang.Quote:
		return "quote"
	case Stamp, time.Time:
		return "stamp"
	case Group:
		return "group"
	case Ceremony, *Ceremony:
		return "ceremony"
	case Link:
		return "link"
	case Field, *Field:
		return "field"
	}
	return ""
}

// data is a text that nobody of the site wrote: it is set apart from a page
// that is written the other way.
func (s *set) data(text string) template.HTML {
	safe := template.HTML(template.HTMLEscapeString(text))
	if s.tongue.Dir() == "rtl" {
		if side(text) == "ltr" {
			return `<bdi dir="ltr">` + safe + "</bdi>"
		}
		return "<bdi>" + safe + "</bdi>"
	}
	return safe
}

// side is the direction of a text in which no letter is written from the right:
// a telephone number has no letter at all, and would turn with its page.
func side(text string) string {
	if strings.ContainsFunc(text, func(r rune) bool { return unicode.In(r, unicode.Arabic, unicode.Hebrew) }) {
		return ""
	}
	return "ltr"
}

// show renders a component, and escapes anything else.
func (s *set) show(v any) (template.HTML, error) {
	if w, ok := v.(Words); ok {
		return template.HTML(template.HTMLEscapeString(s.tongue.T(string(w)))), nil
	}
	name := component(v)
	if name == "" {
		return s.data(fmt.Sprint(v)), nil
	}
	if at, ok := v.(Stamp); ok {
		v = time.Time(at)
	}
	var b bytes.Buffer
	err := s.fail.ExecuteTemplate(&b, name, v)
	return template.HTML(b.String()), err
}
