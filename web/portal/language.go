package portal

import (
	"net/http"
	"net/url"

	"letterlock/desk/casefile"
	"letterlock/internal/fault"
	"letterlock/web/kit"
)

// language takes an officer's choice of language: it is kept with the
// enrolment, so that mails and letters follow it, and in the browser.
func (p *portal) language(w http.ResponseWriter, r *http.Request) error {
	f, err := kit.ReadForm(r)
	if err != nil {
		return err
	}
	t := p.c.Book.Tongue(f.Get("lang"))
	if t == nil {
		return fault.New(fault.Invalid, "choose language", "choose one of the languages of this site")
	}
	p.kit.KeepTongue(w, t)
	if s, err := p.sessions.Of(r); err == nil {
		if err := p.c.Agency.SetLanguage(r.Context(), casefile.OfficerID(s.Who), t.Code()); err != nil {
			return err
		}
	}
	http.Redirect(w, r, withoutLanguage(back(f.Get("back"))), http.StatusSeeOther)
	return nil
}

// withoutLanguage is an address that names no language: the choice is kept
// now, and an address that names one would overrule it.
func withoutLanguage(to string) string {
	u, err := url.Parse(to)
	if err != nil {
		return "/"
	}
	q := u.Query()
	q.Del("lang")
	u.RawQuery = q.Encode()
	return u.String()
}

// form is a form in the language of the request.
func (p *portal) form(r *http.Request, values url.Values) *kit.Form {
	return kit.NewForm(values).In(p.kit.Tongue(r))
}
