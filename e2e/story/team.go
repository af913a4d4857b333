package story

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"letterlock/internal/testkit/browser"
)

// EnrolLead makes the first lead out of the link of the first start.
func (w *World) EnrolLead(v *Visitor) error {
	p, err := v.open(w.desk().Links.Lead)
	if p, err = press(p, err, "Go on", func(f *browser.Form) { f.Set("name", v.Name) }); err != nil {
		return err
	}
	if _, err = v.ceremony(p, nil); err != nil {
		return err
	}
	return w.declares(v)
}

// declares has a member say that they have no tie but those declared.
func (w *World) declares(v *Visitor) error {
	p, err := v.open(w.Site("desk") + "/training")
	_, err = press(p, err, "What is declared is all there is", func(f *browser.Form) {
		f.Set("why", "went through family, earlier employers and every agency of the directory")
	})
	return err
}

// InviteOnly has the lead invite a member, who finds the link in the mail.
func (w *World) InviteOnly(lead *Visitor, name, mailbox string, roles ...string) error {
	p, err := lead.open(w.Site("desk") + "/team")
	_, err = press(p, err, "Send the invitation", func(f *browser.Form) {
		f.Set("name", name).Set("mailbox", mailbox).Set("why", "They join the team.")
		for _, r := range roles {
			f.Check("roles", r)
		}
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
	if _, err = v.ceremony(v.open(linkIn.FindString(mail))); err != nil {
		return err
	}
	return w.declares(v)
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
	_, err = press(p, nil, "Record it", func(f *browser.Form) {
		f.Set("policy", "2026-1").Set("score", "94").Set("why", "taught in the house, every answer marked")
	})
	return err
}

// AddAgency puts an authority into the directory.
func (w *World) AddAgency(v *Visitor, name, country, domain, switchboard, source string) error {
	p, err := v.open(w.Site("desk") + "/agencies")
	_, err = press(p, err, "Add the agency", func(f *browser.Form) {
		f.Set("name", name).Set("country", country).Set("domains", domain).Set("switchboard", switchboard).Set("source", source).Set("sponsor", "it is named in the state’s register of police authorities with these domains")
	})
	return err
}

// Confirm is one person's word that an officer is who they say, after a call to
// the switchboard. Two people have to give it.
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
	if err := w.Study(v, number); err != nil {
		return err
	}
	return w.Decide(v, number)
}

// Decide decides every item of a case and proposes the grants.
func (w *World) Decide(v *Visitor, number string) error {
	if err := w.Act(v, number, "Record the decision", decide); err != nil {
		return err
	}
	return w.Act(v, number, "Propose the grants", nil)
}

// Study takes a case, reads its paper, looks the account up and answers the
// findings that stand in the way.
func (w *World) Study(v *Visitor, number string) error {
	if err := w.Act(v, number, "Assign", func(f *browser.Form) {
		f.Set("to", optionOf(f, "to", v.Name)).Set("why-assign", "it is theirs to decide")
	}); err != nil {
		return err
	}
	p, err := w.casePage(v, number)
	for _, button := range []string{"I have no tie", "Read", "Look up"} {
		if err != nil {
			return err
		}
		if _, missing := p.Form(button); missing != nil {
			continue // said already, no paper came, or no account is named
		}
		if _, err = press(p, nil, button, nil); err == nil {
			p, err = w.casePage(v, number)
		}
	}
	for range 20 { // each answer shows the page anew
		if err != nil {
			return err
		}
		f, missing := p.Form("It does not stand in the way")
		if missing != nil {
			return nil
		}
		for _, name := range f.Names("finding-") {
			f.Set(name, "Looked at with the paper in hand: it does not stand in the way here.")
		}
		if _, err = good(f.Press("It does not stand in the way")); err == nil {
			p, err = w.casePage(v, number)
		}
	}
	return err
}

// Act presses a button of a case's page.
func (w *World) Act(v *Visitor, number, button string, fill func(*browser.Form)) error {
	p, err := w.casePage(v, number)
	_, err = press(p, err, button, fill)
	return err
}

// Refuse declines every item of a case, and has it answered without records.
func (w *World) Refuse(v *Visitor, number string) error {
	if err := w.Act(v, number, "Record the decision", func(f *browser.Form) {
		for _, name := range f.Names("verdict-") {
			verdict(f, strings.TrimPrefix(name, "verdict-"), "decline")
		}
	}); err != nil {
		return err
	}
	return w.Act(v, number, "Answer without records", nil)
}

// decide produces or preserves what the form offers to, and declines the rest.
func decide(f *browser.Form) {
	for _, name := range f.Names("verdict-") {
		choice := "decline"
		for _, grants := range []string{"produce", "preserve"} {
			if slices.Contains(f.Options(name), grants) {
				choice = grants
			}
		}
		verdict(f, strings.TrimPrefix(name, "verdict-"), choice)
	}
}

// verdict decides one item, with a reason and, where something is declined, the
// finding that it is declined for.
func verdict(f *browser.Form, item, choice string) {
	reason, because := "This kind of paper does not reach it.", "SCOPE.CATEGORY_UNREACHABLE"
	switch {
	case choice == "produce", choice == "preserve":
		reason, because = "Within the reach of the order; read with its papers.", ""
	case item == "CONTENT":
		reason, because = "It does not exist here in a form that anybody could open.", "SCOPE.CONTENT_NONE"
	case item == "DEMAND":
		reason, because = "Nothing obliges us, and nothing is handed out without an obligation.", ""
	}
	f.Set("verdict-"+item, choice).Set("reason-"+item, reason)
	if because != "" && slices.Contains(f.Options("because-"+item), because) {
		f.Set("because-"+item, because)
	}
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
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(100 * time.Millisecond) {
		p, err := v.open(w.Site("desk") + "/clock")
		if err != nil {
			return err
		}
		if strings.HasSuffix(p.URL.Path, "/signin") { // the leap ended the session
			if err := w.SignIn(v); err != nil {
				return err
			}
			continue
		}
		if _, missing := p.Form("The clock is right"); missing == nil {
			if _, err = press(p, nil, "The clock is right", func(f *browser.Form) { f.Set("why", "compared with a telephone and the radio") }); err == nil || time.Now().After(end) {
				return err
			}
			continue // the leap came in between and ended the session
		}
		if time.Now().After(end) {
			return fmt.Errorf("there is no jump of the clock to confirm: %s", p.Text())
		}
	}
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

// CasePage is a case as a member's browser shows it.
func (w *World) CasePage(v *Visitor, number string) (*browser.Page, error) {
	return w.casePage(v, number)
}

// Queue is the numbers of the cases that a member's queue lists.
func (w *World) Queue(v *Visitor) ([]string, error) {
	p, err := v.open(w.Site("desk") + "/?list=1")
	if err != nil {
		return nil, err
	}
	if strings.HasSuffix(p.URL.Path, "/signin") {
		return nil, errors.New("the queue asks to sign in")
	}
	n := caseNo.FindAllString(string(p.Body), -1)
	slices.Sort(n)
	return slices.Compact(n), nil
}

// EndTrace is one person's word that a trace ends now.
func (w *World) EndTrace(v *Visitor, number, why string) error {
	return w.Act(v, number, "End the trace now", func(f *browser.Form) { f.Set("stop", why) })
}
