package story

import "fmt"

// Renew has the officer ask for a preservation to be kept on, from its page: a
// request of its own, with a letter of its own.
func (w *World) Renew(o *Officer, number string, letter Order) (renewal, findings string, err error) {
	letter.Preserved = number
	p, err := w.request(o, number)
	if p, err = press(p, err, "Ask for a renewal", nil); err != nil {
		return "", "", err
	}
	if p, err = letter.steps(p); err != nil {
		return "", "", err
	}
	return w.send(p, letter)
}

// Renewable reports whether the request's page offers to ask for a renewal.
func (w *World) Renewable(o *Officer, number string) (bool, error) {
	p, err := w.request(o, number)
	if err != nil {
		return false, err
	}
	return len(p.Forms("Ask for a renewal")) > 0, nil
}

// AnswerFrom chooses which record answers for a case's one account: a button of
// the page, such as "From both".
func (w *World) AnswerFrom(v *Visitor, number, button string) error {
	p, err := w.casePage(v, number)
	if err != nil {
		return err
	}
	if n := len(p.Forms(button)); n != 1 {
		return fmt.Errorf("%s offers %d snapshots", number, n)
	}
	_, err = press(p, nil, button, nil)
	return err
}
