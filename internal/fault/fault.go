// Package fault is the one error type of the house: a kind that code decides
// by, an operation for the log, a sentence for a person, and the cause.
//
// It knows no domain. Only Say reaches a person; every other error reads
// "internal error" at the door, so that a cause can be wrapped freely.
package fault

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Kind is what a caller may decide by.
type Kind uint8

// The kinds. Withheld is for those who may not know whether a thing exists:
// at the door it looks exactly like NotFound.
const (
	Internal        Kind = iota
	Invalid              // the input is wrong; Say tells what to do next
	NotFound             // no such thing, and whoever asks may know that
	Withheld             // may exist or not; whoever asks is not told
	Unauthenticated      // who are you?
	Forbidden            // you may not, and may know that it exists
	Conflict             // the state moved on: already done, already used
	Exhausted            // a limit or budget is spent; Say tells when it renews
	TooLarge             // the input is over a stated limit
	Expired              // its time is over
	Unavailable          // cannot now (ledger not writable, other half away); try again
)

var names = [...]string{"internal", "invalid", "not found", "withheld", "unauthenticated", "forbidden",
	"conflict", "exhausted", "too large", "expired", "unavailable"}

func (k Kind) String() string {
	if int(k) < len(names) {
		return names[k]
	}
	return "internal"
}

// Status is the HTTP status of the kind, as a plain number: the client core
// uses this package too and must not link net/http. Withheld answers as
// NotFound does.
func (k Kind) Status() int {
	switch k {
	case Invalid:
		return 400
	case NotFound, Withheld:
		return 404
	case Unauthenticated:
		return 401
	case Forbidden:
		return 403
	case Conflict:
		return 409
	case Exhausted:
		return 429
	case TooLarge:
		return 413
	case Expired:
		return 410
	case Unavailable:
		return 503
	}
	return 500
}

// Error is an error with a kind. Say may be shown to anyone; Err may not.
type Error struct {
	Kind Kind
	Op   string // what was being done, lower case, for the log
	Say  string // one sentence for a person: what is wrong and what to do next
	Err  error  // the cause, for the log

	format string // what Say was made of, so that it can be said in another language
	args   []any
	form   string // of an error that came from elsewhere: see Form
	filled []string
}

func (e *Error) Error() string {
	s := e.Op
	if s == "" {
		s = e.Kind.String()
	}
	if e.Say != "" {
		s += ": " + e.Say
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *Error) Unwrap() error { return e.Err }

// New makes an error of a kind with a sentence for people.
func New(k Kind, op, format string, args ...any) error {
	return &Error{Kind: k, Op: op, Say: fmt.Sprintf(format, args...), format: format, args: args}
}

// Wrap keeps a cause below a sentence for people.
func Wrap(k Kind, op string, err error, format string, args ...any) error {
	return &Error{Kind: k, Op: op, Say: fmt.Sprintf(format, args...), Err: err, format: format, args: args}
}

// KindOf is the kind of the outermost Error in the chain, Internal without one.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// Is reports whether the error is of the kind.
func Is(err error, k Kind) bool { return err != nil && KindOf(err) == k }

// Say is the only text of an error that may reach a person.
func Say(err error) string {
	var e *Error
	if !errors.As(err, &e) || e.Kind == Internal {
		return "internal error"
	}
	if e.Kind == Withheld {
		return "not found"
	}
	if e.Say == "" {
		return e.Kind.String()
	}
	return e.Say
}

// Parts is what Say is made of: a format and its arguments, for whoever says
// it in another language. Where Say is a fixed sentence, it is the format.
func Parts(err error) (format string, args []any) {
	var e *Error
	if !errors.As(err, &e) || e.Kind == Internal || e.Kind == Withheld || e.Say == "" {
		return Say(err), nil
	}
	if e.format == "" || len(e.args) == 0 { // made by hand, or a fixed sentence
		return e.Say, nil
	}
	return e.format, append([]any(nil), e.args...)
}

// Form is Say for whoever says it in another language: the sentence with {1},
// {2} and so on where something stands in it, which is its key in a catalogue,
// and what stands there. It crosses a wire as it is.
func Form(err error) (form string, filled []string) {
	var e *Error
	if errors.As(err, &e) && e.form != "" {
		return e.form, slices.Clone(e.filled)
	}
	format, args := Parts(err)
	if len(args) == 0 {
		return format, nil
	}
	var b strings.Builder
	for format != "" {
		before, rest, found := strings.Cut(format, "%")
		b.WriteString(before)
		if format = rest; !found || rest == "" {
			break
		}
		end := strings.IndexFunc(rest, func(r rune) bool { return r == '%' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' })
		if end < 0 || (rest[end] != '%' && len(filled) == len(args)) {
			return Say(err), nil
		}
		format = rest[end+1:]
		if rest[end] == '%' {
			b.WriteByte('%')
			continue
		}
		filled = append(filled, fmt.Sprintf("%"+rest[:end+1], args[len(filled)]))
		fmt.Fprintf(&b, "{%d}", len(filled))
	}
	return b.String(), filled
}

// Formed is an error that came over a wire, with its sentence and its Form.
func Formed(k Kind, op, say, form string, filled []string) error {
	return &Error{Kind: k, Op: op, Say: say, form: form, filled: filled}
}
