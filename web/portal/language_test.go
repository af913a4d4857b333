package portal_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// TestPagesSpeakTheReadersLanguage asks for the first page as browsers do.
func TestPagesSpeakTheReadersLanguage(t *testing.T) {
	w := newWorld(t, false)
	for _, x := range []struct{ path, accept, cookie, want string }{
		{"/", "", "", `<html lang="en">`},
		{"/", "es-MX,es;q=0.9", "", `<html lang="es">`},
		{"/", "ar-EG", "", `<html lang="ar" dir="rtl">`},
		{"/?lang=es", "ar", "ar", `<html lang="es">`},
		{"/", "es", "ar", `<html lang="ar" dir="rtl">`},
		{"/?lang=xx", "fr", "", `<html lang="en">`},
		{"/process/us.order.2703d?lang=es", "", "", "Orden judicial de registros"},
		{"/process/us.order.2703d?lang=ar", "", "", "18 USC 2703(d)"},
	} {
		r, err := http.NewRequestWithContext(t.Context(), "GET", strings.Replace(w.url, "portal.localhost", "127.0.0.1", 1)+x.path, nil)
		must(t, err)
		r.Host = strings.TrimPrefix(w.url, "http://")
		r.Header.Set("Accept-Language", x.accept)
		if x.cookie != "" {
			r.AddCookie(&http.Cookie{Name: "portal-lang", Value: x.cookie})
		}
		got, err := http.DefaultClient.Do(r)
		must(t, err)
		rec := httptest.NewRecorder()
		_, err = rec.Body.ReadFrom(got.Body)
		must(t, err)
		got.Body.Close()
		body := rec.Body.String()
		if !strings.Contains(body, x.want) {
			t.Errorf("%s, %q, cookie %q: the page does not say %s", x.path, x.accept, x.cookie, x.want)
		}
		for _, name := range []string{"English", "Español", "العربية"} {
			if !strings.Contains(body, ">"+name+"<") {
				t.Errorf("%s: %s cannot be chosen", x.path, name)
			}
		}
	}
}

// TestArabicAndSpanishInARealBrowser takes pictures, and refuses a page that
// must be pushed sideways.
func TestArabicAndSpanishInARealBrowser(t *testing.T) {
	c := newWorld(t, false).chrome()
	for _, code := range []string{"ar", "es"} {
		for name, path := range map[string]string{"start": "/", "process": "/process/us.order.2703d", "enrol": "/enrol"} {
			c.do(chromedp.Navigate(c.w.url + path + "?lang=" + code))
			c.picture("language-" + code + "-" + name)
		}
	}
}

// TestTheFormInArabicAndSpanishInARealBrowser takes pictures of every step, of
// one that is refused, of the check and of the request, and refuses a page that
// must be pushed sideways.
func TestTheFormInArabicAndSpanishInARealBrowser(t *testing.T) {
	w := newWorld(t, false)
	v, o := w.officer("Olga Reyes", "o.reyes@sheriff.harbor.example")
	n := v.file()
	at, siren := "/drafts/"+v.draft(), draftOf(v.begin("us.emergency"))
	c := w.chrome()
	u, err := url.Parse(w.url)
	must(t, err)
	for _, k := range v.b.Client.Jar.Cookies(u) {
		_, err := chromedp.Call(c.ctx, network.SetCookie, network.SetCookieParams{Name: k.Name, Value: k.Value, URL: w.url})
		must(t, err)
	}
	for _, code := range []string{"ar", "es"} {
		must(t, w.agency.SetLanguage(t.Context(), o.ID, code))
		for name, path := range map[string]string{"new": "/new", "kind": at + "/kind", "paper": at + "/step/paper", "accounts": at + "/step/accounts", "data": at + "/step/data", "secrecy": at + "/step/secrecy",
			"papers": at + "/papers", "review": at + "/review", "you": siren + "/step/you", "emergency": siren + "/step/emergency", "request": "/requests/" + string(n), "requests": "/requests"} {
			c.do(chromedp.Navigate(c.w.url + path))
			c.picture("form-" + code + "-" + name)
		}
		c.do(chromedp.Navigate(c.w.url+at+"/step/accounts"), typed("targets", "+1 202 555 0199\n202 555\n192.0.2.7 yesterday"), chromedp.Click(`button[value="next"]`), chromedp.WaitVisible(`#errors`))
		c.picture("form-" + code + "-refused")
		if got, err := chromedp.Run(c.ctx, chromedp.Evaluate[string]("document.activeElement.id")); err != nil || got != "errors" {
			t.Errorf("%s: the focus is on %q (%v)", code, got, err)
		}
	}
}
