package story

import (
	"fmt"
	"strings"
	"time"

	"letterlock/internal/testkit/browser"
)

// EnrolCustodian has the lead invite and train a custodian of records. From
// then on they sign whatever waits while somebody waits for a package; see
// Packed.
func (w *World) EnrolCustodian(lead, v *Visitor) error {
	if err := w.Invite(lead, v, "custodian@messenger.example", "custodian"); err != nil {
		return err
	}
	return w.Train(lead, v.Name)
}

// Certify has a custodian read and sign every certificate that waits, and
// returns the texts.
func (w *World) Certify(v *Visitor) (texts []string, err error) {
	list := w.Site("desk") + "/certificates"
	p, err := v.open(list)
	if err == nil && strings.HasSuffix(p.URL.Path, "/signin") {
		if err = w.SignIn(v); err == nil {
			p, err = v.open(list)
		}
	}
	if err != nil {
		return nil, err
	}
	for _, link := range p.Links("") {
		if !strings.HasPrefix(link, list+"/") {
			continue
		}
		page, err := v.open(link)
		if err != nil {
			return texts, err
		}
		texts = append(texts, page.Text())
		if _, err := v.ceremony(page, nil); err != nil {
			return texts, err
		}
	}
	return texts, nil
}

// CertifyWithin waits until a certificate can be signed.
func (w *World) CertifyWithin(v *Visitor, limit time.Duration) ([]string, error) {
	for end := time.Now().Add(limit); ; time.Sleep(200 * time.Millisecond) {
		texts, err := w.Certify(v)
		if err != nil || len(texts) > 0 {
			return texts, err
		}
		if time.Now().After(end) {
			return nil, fmt.Errorf("no package waits for a certificate")
		}
	}
}

// offers reports a page with a package to download. While there is none the
// world's custodian signs what waits.
func (w *World) offers(p *browser.Page) (bool, error) {
	if _, err := p.Form("Download"); err == nil {
		return true, nil
	}
	if w.Custodian == nil {
		return false, nil
	}
	_, err := w.Certify(w.Custodian)
	return false, err
}
