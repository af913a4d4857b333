package kit

import (
	"encoding/base64"
	"net/http"
	"strings"
)

// A flash is carried in a cookie of its own that the next page takes away. It
// is text the site wrote, and is escaped like any other.

func (k *Kit) flashCookie(value string, age int) *http.Cookie {
	return &http.Cookie{Name: k.cookieName("flash"), Value: value, Path: "/", MaxAge: age, HttpOnly: true, Secure: k.c.Secure, SameSite: http.SameSiteStrictMode}
}

// Done answers a form that was acted on: says what happened on the page that
// the browser goes to next, in the reader's language.
func (k *Kit) Done(w http.ResponseWriter, r *http.Request, to string, tone Tone, text string, args ...any) error {
	if text != "" {
		text = k.Tongue(r).T(text, args...)
		http.SetCookie(w, k.flashCookie(string(tone)+"."+base64.RawURLEncoding.EncodeToString([]byte(text)), 60))
	}
	http.Redirect(w, r, to, http.StatusSeeOther)
	return nil
}

func (k *Kit) takeFlash(w http.ResponseWriter, r *http.Request) *Flash {
	c, err := r.Cookie(k.cookieName("flash"))
	if err != nil {
		return nil
	}
	http.SetCookie(w, k.flashCookie("", -1))
	tone, text, _ := strings.Cut(c.Value, ".")
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(b) == 0 || len(b) > 2000 {
		return nil
	}
	switch Tone(tone) {
	case Good, Warn, Bad, Info:
		return &Flash{Tone(tone), string(b)}
	}
	return &Flash{Plain, string(b)}
}

// cookieName is __Host- when the site is served over https: such a cookie can
// only come from this very host, not from a neighbour under the same domain.
func (k *Kit) cookieName(what string) string {
	if k.c.Secure {
		return "__Host-" + k.c.Mark + "-" + what
	}
	return k.c.Mark + "-" + what
}
