package story

import (
	"fmt"
	"regexp"
	"strings"
	"time"

	"letterlock/internal/testkit/browser"
)

// EnrolLead makes the first lead out of the link of the first start.
func (w *World) EnrolLead(v *Visitor) error {
	p, err := v.open(w.Links.Lead)
	if p, err = press(p, err, "Go on", func(f *browser.Form) { f.Set("name", v.Name) }); err != nil {
		return err
	}
	_, err = v.ceremony(p, nil)
	return err
}

// InviteOnly has the lead invite a member, who finds the link in the mail.
func (w *World) InviteOnly(lead *Visitor, name, mailbox, role string) error {
	p, err := lead.open(w.Site("desk") + "/team")
	_, err = press(p, err, "Send the invitation", func(f *browser.Form) {
		f.Set("name", name).Set("mailbox", mailbox).Check("roles", role)
	})
	return err
}

// Invite is InviteOnly, and the member enrols.
func (w *World) Invite(lead, v *Visitor, mailbox, role string) error {
	if err := w.InviteOnly(lead, v.Name, mailbox, role); err != nil {
		return err
	}
	mail, err := w.Mail(mailbox, 10*time.Second)
	if err != nil {
		return err
	}
	_, err = v.ceremony(v.open(linkIn.FindString(mail)))
	return err
}

// SignIn signs a member in to the console.
func (w *World) SignIn(v *Visitor) error {
	_, err := v.ceremony(v.open(w.Site("desk") + "/signin"))
	return err
}

// Train has the lead record a member's training.
func (w *World) Train(lead *Visitor, name string) error {
	p, err := lead.open(w.Site("desk") + "/team")
	if err != nil {
		return err
	}
	if p, err = good(p.Follow(name)); err != nil {
		return err
	}
	_, err = press(p, nil, "Record it", func(f *browser.Form) { f.Set("policy", "2026-1").Set("score", "94") })
	return err
}

// AddAgency puts an authority into the directory.
func (w *World) AddAgency(v *Visitor, name, country, domain, switchboard, source string) error {
	p, err := v.open(w.Site("desk") + "/agencies")
	_, err = press(p, err, "Add the agency", func(f *browser.Form) {
		f.Set("name", name).Set("country", country).Set("domains", domain).Set("switchboard", switchboard).Set("source", source)
	})
	return err
}

// Confirm confirms an officer after a call to the switchboard.
func (w *World) Confirm(v *Visitor, officer string) error {
	p, err := v.open(w.Site("desk") + "/agencies")
	if err != nil {
		return err
	}
	if p, err = good(p.Follow(officer)); err != nil {
		return err
	}
	_, err = press(p, nil, "Confirm", func(f *browser.Form) {
		f.Set("how", "Called the published switchboard, was put through, they named the day of enrolment.")
	})
	return err
}

func (w *World) casePage(v *Visitor, number string) (*browser.Page, error) {
	return v.open(w.Site("desk") + "/cases/" + number)
}

// Review takes a case, reads its papers, looks the account up, answers the
// findings that stand in the way, decides every item and proposes the grants.
func (w *World) Review(v *Visitor, number string) error {
	p, err := w.casePage(v, number)
	if p, err = press(p, err, "Assign", func(f *browser.Form) { f.Set("to", optionOf(f, "to", v.Name)) }); err != nil {
		return err
	}
	for _, button := range []string{"Read", "Look up"} {
		if _, err = press(p, nil, button, nil); err != nil {
			return err
		}
		if p, err = w.casePage(v, number); err != nil {
			return err
		}
	}
	for range 20 { // each answer shows the page anew
		f, err := p.Form("It does not stand in the way")
		if err != nil {
			break
		}
		for _, name := range f.Names("finding-") {
			f.Set(name, "Looked at with the paper in hand: it does not stand in the way here.")
		}
		if _, err = good(f.Press("It does not stand in the way")); err != nil {
			return err
		}
		if p, err = w.casePage(v, number); err != nil {
			return err
		}
	}
	if p, err = press(p, nil, "Record the decision", decide); err != nil {
		return err
	}
	if p, err = w.casePage(v, number); err != nil {
		return err
	}
	_, err = press(p, nil, "Propose the grants", nil)
	return err
}

// decide produces what the form offers to produce and declines the rest.
func decide(f *browser.Form) {
	for _, name := range f.Names("verdict-") {
		verdict := "decline"
		for _, o := range f.Options(name) {
			if o == "produce" {
				verdict = o
			}
		}
		f.Set(name, verdict)
	}
	f.Set("reason", "Within the reach of the order; read with its papers.")
}

// optionOf is the value of a field's option that names somebody.
func optionOf(f *browser.Form, field, words string) string {
	for _, o := range f.Options(field) {
		if strings.Contains(f.OptionText(field, o), words) {
			return o
		}
	}
	return ""
}

// ConfirmClock is one person's word that the clock is right, where a jump asks
// for two.
func (w *World) ConfirmClock(v *Visitor) error {
	p, err := v.open(w.Site("desk") + "/clock")
	if err != nil {
		return err
	}
	if _, err := p.Form("The clock is right"); err != nil {
		return nil // nothing to confirm
	}
	_, err = press(p, nil, "The clock is right", nil)
	return err
}

var space = regexp.MustCompile(`\s+`)

// Until looks at a case until its page says something.
func (w *World) Until(v *Visitor, number, says string, limit time.Duration) error {
	for end := time.Now().Add(limit); ; time.Sleep(200 * time.Millisecond) {
		p, err := w.casePage(v, number)
		if err != nil {
			return err
		}
		if p.Has(says) {
			return nil
		}
		if time.Now().After(end) {
			return fmt.Errorf("%s does not come to %q: %s", number, says, space.ReplaceAllString(p.Text(), " "))
		}
	}
}
