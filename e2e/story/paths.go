package story

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"

	"letterlock/internal/testkit/browser"
)

// The turns that a request can take, beside the straight way.

// Ask has the team ask the agency.
func (w *World) Ask(v *Visitor, number, question string) error {
	return w.Act(v, number, "Ask", func(f *browser.Form) { f.Set("question", question) })
}

// request opens an officer's request.
func (w *World) request(o *Officer, number string) (*browser.Page, error) {
	return o.open(w.Site("portal") + "/requests/" + number)
}

// Reply answers the team's question in the portal.
func (w *World) Reply(o *Officer, number, answer string) error {
	p, err := w.request(o, number)
	_, err = press(p, err, "Answer", func(f *browser.Form) {
		for _, name := range f.Names("answer-") {
			f.Set(name, answer)
		}
	})
	return err
}

// Correct changes fields of a filed request.
func (w *World) Correct(o *Officer, number, why string, change func(*browser.Form)) error {
	p, err := w.request(o, number)
	if err != nil {
		return err
	}
	if p, err = good(p.Follow("Correct the request")); err != nil {
		return err
	}
	_, err = press(p, nil, "Send the correction", func(f *browser.Form) { change(f.Set("why", why)) })
	return err
}

// Withdraw has the officer take a request back.
func (w *World) Withdraw(o *Officer, number, why string) error {
	p, err := w.request(o, number)
	if err != nil {
		return err
	}
	if p, err = good(p.Follow("Withdraw it")); err != nil {
		return err
	}
	_, err = press(p, nil, "Withdraw the request", func(f *browser.Form) { f.Set("why", why) })
	return err
}

// EnterPaper has a member enter an order that came by post, and returns the
// case's number.
func (w *World) EnterPaper(v *Visitor, agency, officer string, order Order) (string, error) {
	p, err := v.open(w.Site("desk") + "/papers")
	if p, err = press(p, err, "Go on", func(f *browser.Form) {
		f.Set("agency", optionOf(f, "agency", agency)).Set("channel", "other_mail").Set("process", order.Process)
	}); err != nil {
		return "", err
	}
	if p, err = press(p, nil, "Go on to the papers", func(f *browser.Form) { order.fill(f.Set("officer_name", officer)) }); err != nil {
		return "", err
	}
	paper, err := order.PDF()
	if p, err = press(p, err, "Upload", func(f *browser.Form) {
		f.Set("what", "order").File("file", "scan.pdf", "application/pdf", paper)
	}); err != nil {
		return "", err
	}
	if p, err = good(p.Follow("Go on: check and file")); err != nil {
		return "", err
	}
	p, err = press(p, nil, "File it", nil)
	return caseNumber(p, err)
}

var caseNo = regexp.MustCompile(`LL-\d{4}-\d{6}`)

func caseNumber(p *browser.Page, err error) (string, error) {
	if err != nil {
		return "", err
	}
	n := caseNo.FindString(p.Text())
	if n == "" {
		return "", fmt.Errorf("no case number on the page: %s", p.Text())
	}
	return n, nil
}

// CollectPaper has a member read the passphrase, which is shown once, and
// download the package of a paper request.
func (w *World) CollectPaper(v *Visitor, number string) (passphrase string, sealed []byte, err error) {
	p, err := w.Packed(v, w.Site("desk")+"/cases/"+number, time.Minute)
	if err != nil {
		return "", nil, err
	}
	shown, err := press(p, nil, "Show the passphrase", nil)
	if err != nil {
		return "", nil, err
	}
	words := regexp.MustCompile(`(?s)<code[^>]*>(.*?)</code>`).FindSubmatch(shown.Body)
	if words == nil {
		return "", nil, fmt.Errorf("no passphrase on the page: %s", shown.Text())
	}
	if _, again := press(p, nil, "Show the passphrase", nil); again == nil {
		return "", nil, errors.New("the passphrase was shown twice")
	}
	got, err := press(p, nil, "Download", nil)
	if err != nil {
		return "", nil, err
	}
	return string(words[1]), got.Body, nil
}

// CloseObjection is counsel's decision on the person's objection.
func (w *World) CloseObjection(counsel *Visitor, number string, uphold bool, reason string) error {
	button := "Clear: the release goes on"
	if uphold {
		button = "Uphold: nothing is released"
	}
	return w.Act(counsel, number, button, func(f *browser.Form) {
		for _, name := range f.Names("objection-") {
			f.Set(name, reason)
		}
	})
}

// Object is the person's answer to a notice.
func (p Person) Object(ctx context.Context, notice, why string) error {
	_, err := p.letter(ctx, "object", "--notice", notice, why)
	return err
}

// Leap moves the clock, and two people confirm that it is right.
func (w *World) Leap(to time.Duration, one, other *Visitor) error {
	if err := w.Later(to); err != nil {
		return err
	}
	for _, v := range []*Visitor{one, other} {
		if err := errors.Join(w.SignIn(v), w.ConfirmClock(v)); err != nil {
			return err
		}
	}
	return nil
}
