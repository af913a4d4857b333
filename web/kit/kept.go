package kit

import (
	"mime"
	"net/http"
	"net/url"
	"slices"

	"letterlock/internal/fault"
)

// kept is a form that came when nobody was signed in any more.
type kept struct {
	Action, SignIn string
	Values         []pair
	Long           []string // what a person wrote at length, to be read and copied
}

type pair struct{ Name, Value string }

// keptFrom is from how many bytes on a value is shown as well.
const keptFrom = 24

// EndedSession answers a form that was sent after its session had ended: what
// was written stands on the page again, to be sent once the person has signed
// in. It is kept there and nowhere else; files have to be chosen again. Any
// other request, and one without a readable form, is the cause's own page.
func (k *Kit) EndedSession(w http.ResponseWriter, r *http.Request, signIn string, cause error) error {
	if t, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); r.Method != http.MethodPost || t != "application/x-www-form-urlencoded" || !fault.Is(cause, fault.Unauthenticated) {
		return cause
	}
	f, err := ReadForm(r)
	if err != nil || len(f.Values) == 0 {
		return cause
	}
	s := k.set(r)
	return k.render(w, r, http.StatusUnauthorized, s, s.kept, Page{Title: "You were away too long", Data: keptOf(r.URL, f.Values, signIn)})
}

func keptOf(at *url.URL, v url.Values, signIn string) kept {
	out := kept{Action: at.RequestURI(), SignIn: signIn}
	var names []string
	for name := range v {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		for _, x := range v[name] {
			out.Values = append(out.Values, pair{name, x})
			if len(x) >= keptFrom {
				out.Long = append(out.Long, x)
			}
		}
	}
	return out
}
