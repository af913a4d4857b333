package console_test

import (
	"testing"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// TestARealBrowserSeesTheEmailAndTheSystems: the pages of the other two ways in,
// light, dark and narrow.
func TestARealBrowserSeesTheEmailAndTheSystems(t *testing.T) {
	w := newWorld(t)
	c := w.chrome()
	k := w.plant(string(w.analyst.id))
	_, err := chromedp.Call(c.ctx, network.SetCookie, network.SetCookieParams{Name: k.Name, Value: k.Value, URL: w.url})
	w.ok(err)
	p := w.analyst.reads(eml("reyes@sheriff.harb0r.example", "198.51.100.9", "s1@x", pdf("forged")))
	says(t, p, 200, "Look twice")
	n := w.analyst.fromEmail(eml("reyes@sheriff.harbor.example", "203.0.113.5", "s2@x", pdf("true")))
	says(t, w.lead.press(w.lead.get("/systems"), "Enrol it and make its key", "name", "Records system", "officer", string(w.reyes.ID), "days", "90", "why", "the agency asked for it"), 200, "Copy it now")
	system := must(w.desk.Agencies.Systems(t.Context()))(w)[0]
	for _, x := range []struct{ path, heading, name string }{{"/papers/email", "from an e-mail file", "email"}, {p.URL.Path, "the e-mail", "email-read"}, {path(n), string(n), "case-email"},
		{"/systems", "systems", "systems"}, {"/systems/" + string(system.ID), "Records system", "system"}} {
		c.open(x.path, x.heading)
		c.picture(x.name)
	}
}
