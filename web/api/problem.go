package api

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"

	"letterlock/desk/intake"
	"letterlock/internal/fault"
)

// problem is an error as RFC 9457 has it. Its detail is a fault's sentence and
// nothing else of the error.
type problem struct {
	Type   string    `json:"type" doc:"Where this kind of problem is described."`
	Title  string    `json:"title" doc:"The kind of problem in few words."`
	Status int       `json:"status" doc:"The HTTP status."`
	Detail string    `json:"detail" doc:"What is wrong and what to do next, for a person."`
	Errors []pointed `json:"errors,omitempty" doc:"Each field that is wrong."`
	Where  string    `json:"where,omitempty" doc:"Address of the page where a person does what no key can."`
}

// pointed is what is wrong with one field of the body.
type pointed struct {
	Pointer string `json:"pointer" doc:"JSON pointer (RFC 6901) into the body."`
	Detail  string `json:"detail" doc:"What is wrong with it."`
}

// wrong is an error about fields of the body.
type wrong []pointed

func (w wrong) Error() string { return "fields of the body are wrong" }

// person is an error about what needs a person, and where they do it.
type person struct {
	error
	where string
}

func (p person) Unwrap() error { return p.error }

// kinds are the problems by their slug, title and status.
var kinds = map[fault.Kind]struct{ slug, title string }{
	fault.Internal: {"internal", "Something went wrong on our side"}, fault.Invalid: {"invalid", "The call is wrong"}, fault.NotFound: {"not-found", "Not found"},
	fault.Withheld: {"not-found", "Not found"}, fault.Unauthenticated: {"key", "No valid key"}, fault.Forbidden: {"forbidden", "Not by a key"},
	fault.Conflict: {"conflict", "The state moved on"}, fault.Exhausted: {"too-many", "Too many at once"}, fault.TooLarge: {"too-large", "Too large"},
	fault.Expired: {"expired", "Its time is over"}, fault.Unavailable: {"unavailable", "Not possible right now"},
}

// fail answers with a problem.
func (a *api) fail(w http.ResponseWriter, r *http.Request, err error) {
	kind := fault.KindOf(err)
	var fields wrong
	var who person
	p := problem{Detail: fault.Say(err)}
	switch {
	case errors.As(err, &fields):
		kind, p.Errors = fault.Invalid, fields
		p.Detail = "some fields cannot be accepted; nothing was changed"
	case errors.As(err, &who):
		p.Where = who.where
	case kind == fault.Withheld || kind == fault.NotFound:
		p.Detail = "not found" // one answer for what is not there and for what is another's
	}
	k := kinds[kind]
	p.Type, p.Title, p.Status = "/api#"+k.slug, k.title, kind.Status()
	switch {
	case errors.Is(err, intake.ErrOtherCall):
		p.Type, p.Title, p.Status = "/api#other-call", "Another call under the same key", http.StatusUnprocessableEntity
	case errors.Is(err, errMedia):
		p.Type, p.Title, p.Status = "/api#media", "Another kind of body is needed", http.StatusUnsupportedMediaType
	case p.Where != "":
		p.Type, p.Title = "/api#person", "This needs a person"
	}
	switch kind {
	case fault.Internal:
		a.kit.Trouble(r, slog.LevelError, "call failed", err)
	case fault.Exhausted:
		w.Header().Set("Retry-After", "60")
	case fault.Unavailable:
		w.Header().Set("Retry-After", "30")
	case fault.Unauthenticated:
		w.Header().Set("WWW-Authenticate", `Bearer realm="letterlock"`)
	}
	a.problem(w, r, p)
}

func (a *api) problem(w http.ResponseWriter, _ *http.Request, p problem) {
	if p.Type == "" {
		p.Type = "about:blank"
	}
	b, err := json.Marshal(p)
	if err != nil { // strings and numbers: cannot be
		http.Error(w, "internal error", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(p.Status)
	w.Write(append(b, '\n'))
}
