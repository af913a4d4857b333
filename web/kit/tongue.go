package kit

import (
	"net/http"
	"net/url"
	"strings"

	"letterlock/internal/lang"
)

// Choice is a language to choose, by its own name.
type Choice struct {
	Code, Name, Dir string
	URL             string
	Now             bool
}

// spoken finds out in which language a request is answered: the one that its
// address names, which is kept in a cookie; else the cookie's; else the first
// that the browser asks for. A site that knows who asks may know better, and
// says so with Speak.
func (k *Kit) spoken(w http.ResponseWriter, r *http.Request) *http.Request {
	if k.c.Book == nil {
		return r
	}
	w.Header().Add("Vary", "Accept-Language, Cookie")
	if t := k.Asked(r); t != nil {
		if c, err := r.Cookie(k.cookieName("lang")); err != nil || c.Value != t.Code() {
			k.KeepTongue(w, t)
		}
		return r.WithContext(lang.With(r.Context(), t))
	}
	if c, err := r.Cookie(k.cookieName("lang")); err == nil {
		if t := k.c.Book.Tongue(c.Value); t != nil {
			return r.WithContext(lang.With(r.Context(), t))
		}
	}
	return r.WithContext(lang.With(r.Context(), k.c.Book.Match(r.Header.Get("Accept-Language"))))
}

// Asked is the language that the address of a request names, nil without one.
func (k *Kit) Asked(r *http.Request) *lang.Tongue {
	return k.c.Book.Tongue(r.URL.Query().Get("lang"))
}

// KeepTongue keeps a choice of language in the browser for a year. It holds
// the language's code and nothing about a person.
func (k *Kit) KeepTongue(w http.ResponseWriter, t *lang.Tongue) {
	http.SetCookie(w, &http.Cookie{Name: k.cookieName("lang"), Value: t.Code(), Path: "/", MaxAge: 365 * 24 * 3600, HttpOnly: true, Secure: k.c.Secure, SameSite: http.SameSiteLaxMode})
}

// Speak answers a request in a language that the site knows its reader wants,
// unless the address names one.
func (k *Kit) Speak(r *http.Request, code string) *http.Request {
	if t := k.c.Book.Tongue(code); t != nil && k.Asked(r) == nil {
		return r.WithContext(lang.With(r.Context(), t))
	}
	return r
}

// Tongue is the language of a request; nil is English.
func (k *Kit) Tongue(r *http.Request) *lang.Tongue { return lang.From(r.Context()) }

func (k *Kit) set(r *http.Request) *set {
	if s := k.sets[k.Tongue(r).Code()]; s != nil {
		return s
	}
	return k.sets[lang.English]
}

// view is the page as the layout shows it.
func (k *Kit) view(r *http.Request, s *set, p Page) view {
	v := view{Page: p, Site: k.c, Assets: assetBase, Now: utcIn(s.tongue, k.c.Clock.Now()), Lang: s.tongue.Code()}
	if s.tongue.Dir() == "rtl" {
		v.Dir = "rtl"
	}
	if p.Form != nil && p.Form.tongue == nil {
		p.Form.tongue = s.tongue
	}
	if all := k.c.Book.Tongues(); len(all) > 1 {
		v.Back = r.URL.RequestURI()
		for _, t := range all {
			v.Others = append(v.Others, Choice{Code: t.Code(), Name: t.Name(), Dir: t.Dir(), URL: inTongue(r, t.Code()), Now: t.Code() == s.tongue.Code()})
		}
	}
	return v
}

// inTongue is this page in another language. The answer to a form has no
// address of its own: there the choice leads back to the page of the form.
func inTongue(r *http.Request, code string) string {
	from := r.URL
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		from = &url.URL{Path: "/"}
		if u, err := url.Parse(r.Referer()); err == nil && u.Host == r.Host && strings.HasPrefix(u.Path, "/") {
			from = u
		}
	}
	q := from.Query()
	q.Set("lang", code)
	return (&url.URL{Path: from.Path, RawQuery: q.Encode()}).String()
}
