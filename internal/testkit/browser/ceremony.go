package browser

import (
	"fmt"

	"letterlock/internal/passkey"
)

// Authenticator answers a ceremony as the browser's passkey would.
type Authenticator interface {
	Create(origin string, o passkey.Options) ([]byte, error)
	Get(origin string, o passkey.Options) ([]byte, error)
}

// Ceremony performs the page's passkey ceremony and sends its form.
func (p *Page) Ceremony(a Authenticator) (*Page, error) {
	f, err := p.FormByAttr("data-passkey", "*")
	if err != nil {
		return nil, err
	}
	act := a.Get
	if f.Attr("data-passkey") == "create" {
		act = a.Create
	}
	answer, err := act(p.URL.Scheme+"://"+p.URL.Host, passkey.Options(f.Attr("data-options")))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", p.URL, err)
	}
	return f.Set("answer", string(answer)).Press("")
}
