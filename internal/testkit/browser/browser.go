// Package browser is a small browser for tests and the demo: it reads pages as
// a person without JavaScript would, by what they show, fills forms by the
// names of their fields and presses buttons by their words. It knows no
// domain.
package browser

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/textproto"
	"net/url"
	"slices"
	"strings"
	"time"

	"golang.org/x/net/html"
)

// Browser is one person's browser: its cookies are its own.
type Browser struct {
	Client *http.Client
}

// New is a fresh browser. Names under localhost reach 127.0.0.1, as they do in
// every real browser.
func New() *Browser {
	jar, _ := cookiejar.New(nil) // never fails without options
	return &Browser{Client: &http.Client{Jar: &loopbackJar{jar}, Timeout: 60 * time.Second, Transport: &http.Transport{DialContext: dialLocal, MaxIdleConnsPerHost: 4}}}
}

func dialLocal(ctx context.Context, network, addr string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return nil, err
	}
	if host == "localhost" || strings.HasSuffix(host, ".localhost") {
		addr = net.JoinHostPort("127.0.0.1", port)
	}
	var d net.Dialer
	return d.DialContext(ctx, network, addr)
}

// loopbackJar treats http on localhost as a secure context, as browsers do, so
// that Secure cookies come back.
type loopbackJar struct{ jar http.CookieJar }

func (j *loopbackJar) SetCookies(u *url.URL, c []*http.Cookie) { j.jar.SetCookies(secure(u), c) }
func (j *loopbackJar) Cookies(u *url.URL) []*http.Cookie       { return j.jar.Cookies(secure(u)) }
func secure(u *url.URL) *url.URL {
	v := *u
	v.Scheme = "https"
	return &v
}

// Page is what a browser shows.
type Page struct {
	Status int
	URL    *url.URL
	Header http.Header
	Body   []byte

	b    *Browser
	root *html.Node
}

// Get opens an address.
func (b *Browser) Get(address string) (*Page, error) {
	req, err := http.NewRequest(http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	return b.do(req)
}

// Do sends a request as it stands: for what no page of the site would send.
func (b *Browser) Do(req *http.Request) (*Page, error) { return b.send(req) }

func (b *Browser) do(req *http.Request) (*Page, error) {
	if req.Method != http.MethodGet {
		req.Header.Set("Origin", req.URL.Scheme+"://"+req.URL.Host)
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	return b.send(req)
}

func (b *Browser) send(req *http.Request) (*Page, error) {
	res, err := b.Client.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 256<<20))
	if err != nil {
		return nil, err
	}
	p := &Page{Status: res.StatusCode, URL: res.Request.URL, Header: res.Header, Body: body, b: b}
	if strings.Contains(res.Header.Get("Content-Type"), "html") {
		if p.root, err = html.Parse(bytes.NewReader(body)); err != nil {
			return nil, err
		}
	}
	return p, nil
}

// Text is the visible text, its white space folded.
func (p *Page) Text() string {
	if p.root == nil {
		return string(p.Body)
	}
	return text(p.root)
}

// Has reports whether the page shows a text.
func (p *Page) Has(s string) bool { return strings.Contains(p.Text(), s) }

// Alert is the text of the page's error region, empty without one.
func (p *Page) Alert() string {
	n := find(p.root, func(n *html.Node) bool { return attr(n, "role") == "alert" })
	if n == nil {
		return ""
	}
	return text(n)
}

// Follow opens the first link whose text has the words.
func (p *Page) Follow(words string) (*Page, error) {
	n := find(p.root, func(n *html.Node) bool { return n.Data == "a" && strings.Contains(text(n), words) })
	if n == nil {
		return nil, fmt.Errorf("%s: no link %q", p.URL, words)
	}
	u, err := p.URL.Parse(attr(n, "href"))
	if err != nil {
		return nil, err
	}
	return p.b.Get(u.String())
}

// Links are the addresses of all links whose text has the words.
func (p *Page) Links(words string) []string {
	var l []string
	each(p.root, func(n *html.Node) {
		if n.Type == html.ElementNode && n.Data == "a" && strings.Contains(text(n), words) {
			if u, err := p.URL.Parse(attr(n, "href")); err == nil {
				l = append(l, u.String())
			}
		}
	})
	return l
}

// Form is a form with what is filled in.
type Form struct {
	page   *Page
	node   *html.Node
	values url.Values
	files  []file
}

type file struct {
	field, name, kind string
	data              []byte
}

// Form is the first form that has a button with these words.
func (p *Page) Form(button string) (*Form, error) {
	all := p.Forms(button)
	if len(all) == 0 {
		return nil, fmt.Errorf("%s (%d): no form with a button %q; the page says: %s", p.URL, p.Status, button, p.Text())
	}
	return all[0], nil
}

// Forms are all forms that have a button with these words.
func (p *Page) Forms(button string) (out []*Form) {
	each(p.root, func(n *html.Node) {
		if n.Data == "form" && p.button(n, button) != nil {
			out = append(out, p.form(n))
		}
	})
	return out
}

// button is the form's button with these words: inside it, or elsewhere on the
// page and made its own by the attribute form.
func (p *Page) button(form *html.Node, words string) *html.Node {
	if n := find(form, func(n *html.Node) bool { return isButton(n, words) && !has(n, "form") }); n != nil {
		return n
	}
	id := attr(form, "id")
	if id == "" {
		return nil
	}
	return find(p.root, func(n *html.Node) bool { return isButton(n, words) && attr(n, "form") == id })
}

// FormByAttr is the first form with an attribute of this value; "*": any value.
func (p *Page) FormByAttr(key, value string) (*Form, error) {
	n := find(p.root, func(n *html.Node) bool {
		return n.Data == "form" && has(n, key) && (value == "*" || attr(n, key) == value)
	})
	if n == nil {
		return nil, fmt.Errorf("%s (%d): no form with %s=%q; the page says: %s", p.URL, p.Status, key, value, p.Text())
	}
	return p.form(n), nil
}

func (p *Page) form(n *html.Node) *Form {
	f := &Form{page: p, node: n, values: url.Values{}}
	each(n, f.initial)
	return f
}

func isButton(n *html.Node, words string) bool {
	if n.Type != html.ElementNode {
		return false
	}
	return n.Data == "button" && strings.Contains(text(n), words) ||
		n.Data == "input" && attr(n, "type") == "submit" && strings.Contains(attr(n, "value"), words)
}

// initial takes over what the page filled in.
func (f *Form) initial(n *html.Node) {
	if n.Type != html.ElementNode || attr(n, "name") == "" || has(n, "disabled") {
		return
	}
	name := attr(n, "name")
	switch n.Data {
	case "input":
		switch attr(n, "type") {
		case "submit", "button", "file":
		case "checkbox", "radio":
			if has(n, "checked") {
				f.values.Add(name, valueOr(n, "on"))
			}
		default:
			f.values.Add(name, attr(n, "value"))
		}
	case "textarea":
		f.values.Add(name, raw(n))
	case "select":
		f.values.Add(name, selected(n))
	}
}

// Attr is an attribute of the form element.
func (f *Form) Attr(key string) string { return attr(f.node, key) }

// Value is what a field holds now.
func (f *Form) Value(name string) string { return f.values.Get(name) }

// Set fills a field; a name that the form does not have is an error at Press.
func (f *Form) Set(name, value string) *Form { f.values[name] = []string{value}; return f }

// Check ticks a box or chooses a radio value in addition to what is ticked.
func (f *Form) Check(name, value string) *Form {
	if !slices.Contains(f.values[name], value) {
		f.values.Add(name, value)
	}
	return f
}

// Has reports whether the form has a field of the name.
func (f *Form) Has(name string) bool {
	return find(f.node, func(n *html.Node) bool { return attr(n, "name") == name }) != nil
}

// Options are the values that a field offers.
func (f *Form) Options(name string) []string {
	var out []string
	each(f.node, func(n *html.Node) {
		if n.Type != html.ElementNode || attr(n, "name") != name {
			return
		}
		if n.Data == "input" {
			out = append(out, valueOr(n, "on"))
		}
		each(n, func(o *html.Node) {
			if o.Type == html.ElementNode && o.Data == "option" {
				out = append(out, valueOr(o, text(o)))
			}
		})
	})
	return out
}

// OptionText is what a field's option says.
func (f *Form) OptionText(name, value string) (out string) {
	each(f.node, func(n *html.Node) {
		if n.Type != html.ElementNode || n.Data != "select" || attr(n, "name") != name {
			return
		}
		each(n, func(o *html.Node) {
			if o.Type == html.ElementNode && o.Data == "option" && valueOr(o, text(o)) == value {
				out = text(o)
			}
		})
	})
	return out
}

// Names are the names of the form's fields that begin with a prefix.
func (f *Form) Names(prefix string) []string {
	var out []string
	each(f.node, func(n *html.Node) {
		if name := attr(n, "name"); n.Type == html.ElementNode && strings.HasPrefix(name, prefix) && !slices.Contains(out, name) {
			out = append(out, name)
		}
	})
	return out
}

// Uncheck clears a field.
func (f *Form) Uncheck(name string) *Form { f.values.Del(name); return f }

// File puts a file into a file field.
func (f *Form) File(field, name, kind string, data []byte) *Form {
	f.files = append(f.files, file{field, name, kind, data})
	return f
}

// Press submits the form with the button of these words ("" for none).
func (f *Form) Press(button string) (*Page, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	action, method := attr(f.node, "action"), strings.ToUpper(attr(f.node, "method"))
	if n := f.page.button(f.node, button); button != "" && n != nil {
		if name := attr(n, "name"); name != "" {
			f.values.Set(name, attr(n, "value"))
		}
		if a := attr(n, "formaction"); a != "" {
			action = a
		}
	} else if button != "" {
		return nil, fmt.Errorf("%s: the form has no button %q", f.page.URL, button)
	}
	u, err := f.page.URL.Parse(action)
	if err != nil {
		return nil, err
	}
	if method != http.MethodPost {
		u.RawQuery = f.values.Encode()
		return f.page.b.Get(u.String())
	}
	req, err := f.request(u)
	if err != nil {
		return nil, err
	}
	return f.page.b.do(req)
}

func (f *Form) request(u *url.URL) (*http.Request, error) {
	var body bytes.Buffer
	kind := "application/x-www-form-urlencoded"
	if attr(f.node, "enctype") == "multipart/form-data" {
		w := multipart.NewWriter(&body)
		if err := f.parts(w); err != nil {
			return nil, err
		}
		kind = w.FormDataContentType()
	} else {
		body.WriteString(f.values.Encode())
	}
	req, err := http.NewRequest(http.MethodPost, u.String(), &body)
	if err == nil {
		req.Header.Set("Content-Type", kind)
	}
	return req, err
}

func (f *Form) parts(w *multipart.Writer) error {
	for k, vs := range f.values {
		for _, v := range vs {
			if err := w.WriteField(k, v); err != nil {
				return err
			}
		}
	}
	for _, x := range f.files {
		h := textproto.MIMEHeader{"Content-Disposition": {fmt.Sprintf("form-data; name=%q; filename=%q", x.field, x.name)}, "Content-Type": {x.kind}}
		p, err := w.CreatePart(h)
		if err != nil {
			return err
		}
		if _, err := p.Write(x.data); err != nil {
			return err
		}
	}
	return w.Close()
}

// check refuses to fill what a person could not see or choose.
func (f *Form) check() error {
	names := map[string]bool{}
	each(f.node, func(n *html.Node) {
		if n.Type == html.ElementNode {
			names[attr(n, "name")] = true
		}
	})
	for k := range f.values {
		if !names[k] {
			return fmt.Errorf("%s: the form has no field %q", f.page.URL, k)
		}
	}
	for _, x := range f.files {
		if !names[x.field] {
			return fmt.Errorf("%s: the form has no field %q", f.page.URL, x.field)
		}
	}
	if f.node == nil {
		return errors.New("no form")
	}
	return nil
}

func find(n *html.Node, ok func(*html.Node) bool) (hit *html.Node) {
	each(n, func(m *html.Node) {
		if hit == nil && m.Type == html.ElementNode && ok(m) {
			hit = m
		}
	})
	return hit
}

func each(n *html.Node, f func(*html.Node)) {
	if n == nil {
		return
	}
	f(n)
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		each(c, f)
	}
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func has(n *html.Node, key string) bool {
	return slices.ContainsFunc(n.Attr, func(a html.Attribute) bool { return a.Key == key })
}

func valueOr(n *html.Node, def string) string {
	if has(n, "value") {
		return attr(n, "value")
	}
	return def
}

func selected(n *html.Node) string {
	var first, chosen *html.Node
	each(n, func(m *html.Node) {
		if m.Type == html.ElementNode && m.Data == "option" {
			if first == nil {
				first = m
			}
			if has(m, "selected") {
				chosen = m
			}
		}
	})
	if chosen == nil {
		chosen = first
	}
	if chosen == nil {
		return ""
	}
	return valueOr(chosen, text(chosen))
}

func raw(n *html.Node) string {
	var b strings.Builder
	each(n, func(m *html.Node) {
		if m.Type == html.TextNode {
			b.WriteString(m.Data)
		}
	})
	return b.String()
}

func text(n *html.Node) string {
	var b strings.Builder
	var walk func(*html.Node)
	walk = func(m *html.Node) {
		if m.Type == html.ElementNode && (m.Data == "script" || m.Data == "style" || m.Data == "template") {
			return
		}
		if m.Type == html.TextNode {
			b.WriteString(m.Data + " ")
		}
		for c := m.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
	}
	walk(n)
	return strings.Join(strings.Fields(b.String()), " ")
}
