package kit

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"

	"letterlock/internal/fault"
)

// Handle is a handler that may fail: the error becomes a page.
func (k *Kit) Handle(h func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if err := h(w, r); err != nil {
			k.Fail(w, r, err)
		}
	}
}

// failure is what an error page says.
type failure struct {
	Status           int
	Title, Say, Next string
	Home             string
}

// Fail answers with an error page: what is wrong and what to do next. Only
// fault.Say reaches the person; the rest goes to the log.
func (k *Kit) Fail(w http.ResponseWriter, r *http.Request, err error) {
	kind := fault.KindOf(err)
	s := k.set(r)
	f := failure{Status: kind.Status(), Say: s.tongue.Say(err), Home: k.c.Home}
	f.Title, f.Next = advice(kind)
	if kind == fault.Internal {
		k.Trouble(r, slog.LevelError, "page failed", err)
	}
	if kind == fault.Exhausted {
		w.Header().Set("Retry-After", "60")
	}
	if err := k.render(w, r, f.Status, s, s.fail, Page{Title: f.Title, Data: f}); err != nil {
		k.c.Log.Error("error page failed", slog.Any("error", err))
		http.Error(w, "internal error", http.StatusInternalServerError)
	}
}

// Trouble logs what went wrong with a request, unless it is of a sealed matter:
// that is put aside, and the log has no line of it.
func (k *Kit) Trouble(r *http.Request, level slog.Level, what string, err error) {
	if k.c.Aside != nil && k.c.Aside(r, fmt.Errorf("%s, %s: %w", what, r.Pattern, err)) {
		return
	}
	k.c.Log.Log(r.Context(), level, what, slog.String("site", k.c.Mark), slog.String("route", r.Pattern), slog.Any("error", err))
}

// Panicked logs a panic with its stack, in the same way.
func (k *Kit) Panicked(r *http.Request, v any) {
	k.Trouble(r, slog.LevelError, "page panicked", fmt.Errorf("%v\n%s", v, debug.Stack()))
}

func advice(k fault.Kind) (title, next string) {
	switch k {
	case fault.Invalid:
		return "That cannot be accepted", "Go back, correct it and send it again. Nothing was changed."
	case fault.NotFound, fault.Withheld:
		return "Not found", "Check the address, or start from the first page."
	case fault.Unauthenticated:
		return "Please sign in", "Sign in with your passkey and try again."
	case fault.Forbidden:
		return "You may not do this", "If you think you should, ask whoever runs this site. Nothing was changed."
	case fault.Conflict:
		return "Something changed meanwhile", "Reload the page to see how it stands now. Nothing was changed twice."
	case fault.Exhausted:
		return "Too many at once", "Wait a little and try again."
	case fault.TooLarge:
		return "That is too large", "Send a smaller file, or several."
	case fault.Expired:
		return "Its time is over", "Start again from the first page."
	case fault.Unavailable:
		return "This cannot be done right now", "Nothing was changed. Try again in a few minutes."
	}
	return "Something went wrong on our side", "It was noted. Nothing you sent is shown to anyone else. Try again, and if it stays, tell whoever runs this site."
}

// bodyFault turns what reading a body can fail with into words.
func bodyFault(err error) error {
	var big *http.MaxBytesError
	if errors.As(err, &big) {
		return fault.Wrap(fault.TooLarge, "read form", err, "more than %s was sent", Bytes(big.Limit))
	}
	return fault.Wrap(fault.Invalid, "read form", err, "the form could not be read; reload the page and try again")
}

// recovered turns a panic into an error page and a line in the log.
func (k *Kit) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			v := recover()
			if v == nil {
				return
			}
			if v == http.ErrAbortHandler {
				panic(v)
			}
			k.Panicked(r, v)
			k.Fail(w, r, fault.New(fault.Internal, "serve page", ""))
		}()
		next.ServeHTTP(w, r)
	})
}
