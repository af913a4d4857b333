package story

import (
	"fmt"
	"regexp"

	"letterlock/internal/testkit/browser"
)

var apiKey = regexp.MustCompile(`llk_[0-9A-Za-z_-]+`)

// EnrolSystem has a member enrol an agency's system for an officer, and returns
// its API key, which the page shows once.
func (w *World) EnrolSystem(v *Visitor, o *Officer, name string) (key string, err error) {
	p, err := v.open(w.Site("desk") + "/systems")
	p, err = press(p, err, "Enrol it and make its key", func(f *browser.Form) {
		f.Set("name", name).Set("officer", optionOf(f, "officer", o.Name)).Set("days", "90").Set("why", "The agency asked for it in writing.")
	})
	if err != nil {
		return "", err
	}
	if key = apiKey.FindString(p.Text()); key == "" {
		err = fmt.Errorf("the page shows no key: %s", p.Text())
	}
	return key, err
}
