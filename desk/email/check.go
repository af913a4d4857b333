package email

import (
	"bytes"
	"context"
	"errors"
	"net"
	"net/netip"
	"slices"
	"strings"
	"time"

	"blitiri.com.ar/go/spf"
	"github.com/emersion/go-msgauth/authres"
	"github.com/emersion/go-msgauth/dkim"
	"github.com/emersion/go-msgauth/dmarc"
	"golang.org/x/net/publicsuffix"

	"letterlock/desk/casefile"
	"letterlock/law"
)

// Resolver asks the name service. net.Resolver is one.
type Resolver interface {
	LookupTXT(ctx context.Context, name string) ([]string, error)
	LookupMX(ctx context.Context, name string) ([]*net.MX, error)
	LookupIPAddr(ctx context.Context, host string) ([]net.IPAddr, error)
	LookupAddr(ctx context.Context, addr string) ([]string, error)
}

// Checker establishes what can be proven of a sender.
type Checker struct {
	Resolver Resolver
	// Relays are the operator's own mail servers, as they name themselves after
	// "by" in the Received lines that they write; and, as 192.0.2.0/24, the
	// networks over which they reach each other.
	Relays []string
	// Servers are the names under which the operator's own mail servers write
	// Authentication-Results. They must remove such lines that come from outside.
	Servers []string
	Timeout time.Duration // for all questions together; 0 is ten seconds
}

// maxSignatures bounds the work that a hostile e-mail can ask for.
const maxSignatures = 5

// Check fills in the three checks. What could not be asked is never a pass.
func (c Checker) Check(ctx context.Context, raw []byte, m *Message) {
	if c.Timeout == 0 {
		c.Timeout = 10 * time.Second
	}
	ctx, cancel := context.WithTimeout(ctx, c.Timeout)
	defer cancel()
	signed := c.dkim(ctx, raw, m)
	from := c.spf(ctx, m)
	c.dmarc(ctx, m, signed, from)
	m.Auth = together(m)
}

// unreachable makes every failure but "there is no such name" a passing one: a
// name service that cannot be asked has said nothing.
func unreachable(err error) error {
	var d *net.DNSError
	if err == nil || errors.As(err, &d) && d.IsNotFound {
		return err
	}
	return &net.DNSError{Err: "the name service could not be asked", IsTemporary: true, IsTimeout: true}
}

func (c Checker) txt(ctx context.Context) func(string) ([]string, error) {
	return func(name string) ([]string, error) {
		if c.Resolver == nil {
			return nil, unreachable(errors.New("no resolver"))
		}
		got, err := c.Resolver.LookupTXT(ctx, name)
		return got, unreachable(err)
	}
}

// crlf is the message with the line ends that signatures are over. Programs
// that save mail often change them.
func crlf(raw []byte) []byte {
	if bytes.Contains(raw, []byte("\r\n")) {
		return raw
	}
	return bytes.ReplaceAll(raw, []byte("\n"), []byte("\r\n"))
}

// dkim verifies the signatures and returns the domains that signed.
func (c Checker) dkim(ctx context.Context, raw []byte, m *Message) (signed []string) {
	all, err := dkim.VerifyWithOptions(bytes.NewReader(crlf(raw)), &dkim.VerifyOptions{LookupTXT: c.txt(ctx), MaxVerifications: maxSignatures})
	var open, broken string
	for _, v := range all {
		switch d := strings.ToLower(v.Domain); {
		case v.Err == nil:
			signed = append(signed, d)
		case dkim.IsTempFail(v.Err):
			open = d
		default:
			broken = d
		}
	}
	switch {
	case len(signed) > 0:
		best := signed[0]
		for _, d := range signed {
			if aligned(d, m.domain, false) {
				best = d
			}
		}
		m.DKIM = casefile.MailCheck{Result: casefile.CheckPass, Domain: best, Says: "Text and sender line are as " + best + " signed them; nobody changed them since."}
	case open != "" || err != nil && !errors.Is(err, dkim.ErrTooManySignatures):
		m.DKIM = casefile.MailCheck{Result: casefile.CheckUnknown, Domain: open, Says: "It could not be checked: the name service did not give the signer’s key. Bring the e-mail in again later."}
	case broken != "":
		m.DKIM = casefile.MailCheck{Result: casefile.CheckFail, Domain: broken, Says: "There is a signature of " + broken + ", and it does not fit: the e-mail was changed after signing, or the signature is not theirs."}
	default:
		m.DKIM = casefile.MailCheck{Result: casefile.CheckNone, Says: "Nobody signed this e-mail: nothing shows that its text is as it was sent."}
	}
	return signed
}

// spf finds whether the server that handed the e-mail to ours may send for the
// sender's domain, and returns that domain if so. A header line counts only if
// our own servers wrote it.
func (c Checker) spf(ctx context.Context, m *Message) string {
	if v, d, ok := c.onArrival(m); ok {
		m.SPF = casefile.MailCheck{Result: v, Domain: d, Says: arrivalWords[v]}
		if v == casefile.CheckPass {
			return d
		}
		return ""
	}
	h, ok := c.hop(m)
	if !ok || !h.path || !h.ip.IsValid() || h.sender == "" && h.helo == "" {
		m.SPF = casefile.MailCheck{Result: casefile.CheckUnknown, Says: "It could not be checked: no line of our own mail servers says which server handed the e-mail over, and for whom. An administrator names them in the configuration (mail_relays, mail_servers)."}
		return ""
	}
	d := domainOf(h.sender)
	if d == "" {
		d = h.helo
	}
	if c.Resolver == nil {
		m.SPF = casefile.MailCheck{Result: casefile.CheckUnknown, Domain: d, Says: spfWords[spf.TempError]}
		return ""
	}
	res, _ := spf.CheckHostWithSender(net.IP(h.ip.AsSlice()), h.helo, h.sender, spf.WithContext(ctx), spf.WithResolver(honest{c.Resolver}))
	m.SPF = casefile.MailCheck{Result: spfResult(res), Domain: d, Says: spfWords[res]}
	if res == spf.Pass {
		return d
	}
	return ""
}

// honest is a resolver whose failures are never taken for an answer.
type honest struct{ Resolver }

func (h honest) LookupTXT(ctx context.Context, n string) ([]string, error) {
	v, err := h.Resolver.LookupTXT(ctx, n)
	return v, unreachable(err)
}

func (h honest) LookupMX(ctx context.Context, n string) ([]*net.MX, error) {
	v, err := h.Resolver.LookupMX(ctx, n)
	return v, unreachable(err)
}

func (h honest) LookupIPAddr(ctx context.Context, n string) ([]net.IPAddr, error) {
	v, err := h.Resolver.LookupIPAddr(ctx, n)
	return v, unreachable(err)
}

func spfResult(r spf.Result) casefile.CheckResult {
	switch r {
	case spf.Pass:
		return casefile.CheckPass
	case spf.Fail, spf.SoftFail, spf.PermError:
		return casefile.CheckFail
	case spf.TempError:
		return casefile.CheckUnknown
	}
	return casefile.CheckNone
}

var spfWords = map[spf.Result]string{
	spf.Pass:      "The server that handed it to ours may send for that domain.",
	spf.Fail:      "The domain says that this server may not send for it.",
	spf.SoftFail:  "The domain says that this server should not send for it.",
	spf.PermError: "The domain’s list of its servers is broken, so nothing vouches for this one.",
	spf.TempError: "It could not be checked: the name service could not be asked. Bring the e-mail in again later.",
	spf.None:      "The domain has no list of its servers: nothing vouches for this one.",
	spf.Neutral:   "The domain says neither yes nor no of this server.",
}

var arrivalWords = map[casefile.CheckResult]string{
	casefile.CheckPass:    "Our own mail server saw on arrival that the sending server may send for that domain.",
	casefile.CheckFail:    "Our own mail server saw on arrival that the sending server may not send for that domain.",
	casefile.CheckNone:    "Our own mail server found on arrival that nothing vouches for the sending server.",
	casefile.CheckUnknown: "Our own mail server could not check it on arrival.",
}

// onArrival is what our own mail server noted about the sending server. Only the
// topmost note under one of our names counts.
func (c Checker) onArrival(m *Message) (casefile.CheckResult, string, bool) {
	for f := m.header.FieldsByKey("Authentication-Results"); f.Next(); {
		id, results, err := authres.Parse(f.Value())
		if err != nil || !named(c.Servers, id) {
			continue
		}
		for _, r := range results {
			s, ok := r.(*authres.SPFResult)
			if !ok {
				continue
			}
			d := domainOf(s.From)
			if d == "" {
				d = strings.ToLower(s.Helo)
			}
			switch s.Value {
			case authres.ResultPass:
				return casefile.CheckPass, d, true
			case authres.ResultFail, authres.ResultSoftFail, authres.ResultHardFail, authres.ResultPermError:
				return casefile.CheckFail, d, true
			case authres.ResultTempError:
				return casefile.CheckUnknown, d, true
			}
			return casefile.CheckNone, d, true
		}
		return "", "", false
	}
	return "", "", false
}

func named(list []string, name string) bool {
	name = strings.ToLower(strings.TrimSuffix(strings.TrimSpace(name), "."))
	return name != "" && slices.ContainsFunc(list, func(s string) bool { return strings.EqualFold(s, name) })
}

// domainOf is the domain of an address, or the text itself if it is one.
func domainOf(s string) string {
	s = strings.ToLower(strings.Trim(strings.TrimSpace(s), "<>"))
	return s[strings.LastIndexByte(s, '@')+1:]
}

// dmarc joins the two: does one of them speak for the very domain that From
// shows?
func (c Checker) dmarc(ctx context.Context, m *Message, signed []string, from string) {
	rec, where, err := c.policy(ctx, m.domain)
	strictDKIM, strictSPF := false, false
	if rec != nil {
		strictDKIM, strictSPF = rec.DKIMAlignment == dmarc.AlignmentStrict, rec.SPFAlignment == dmarc.AlignmentStrict
	}
	fits := slices.ContainsFunc(signed, func(d string) bool { return aligned(d, m.domain, strictDKIM) }) || from != "" && aligned(from, m.domain, strictSPF)
	open := m.DKIM.Result == casefile.CheckUnknown || m.SPF.Result == casefile.CheckUnknown
	m.DMARC = casefile.MailCheck{Domain: where}
	switch {
	case err != nil && !errors.Is(err, dmarc.ErrNoPolicy) && dmarc.IsTempFail(err):
		m.DMARC.Result, m.DMARC.Says = casefile.CheckUnknown, "It could not be checked: the name service could not be asked. Bring the e-mail in again later."
	case fits:
		m.DMARC.Result, m.DMARC.Says = casefile.CheckPass, "It really comes from "+m.domain+", the domain that its sender line shows."
	case rec != nil && !open:
		m.DMARC.Result, m.DMARC.Says = casefile.CheckFail, "Nothing shows that it comes from "+m.domain+", and that domain asks not to trust such e-mail (policy “"+string(rec.Policy)+"”)."
	case open:
		m.DMARC.Result, m.DMARC.Says = casefile.CheckUnknown, "Nothing shows so far that it comes from "+m.domain+": one of the checks above could not be made."
	default:
		m.DMARC.Result, m.DMARC.Says = casefile.CheckNone, "Nothing shows that it comes from "+m.domain+", and that domain says nothing about such e-mail."
	}
}

// policy is what the domain asks of receivers, or its organisation does.
func (c Checker) policy(ctx context.Context, domain string) (*dmarc.Record, string, error) {
	o := &dmarc.LookupOptions{LookupTXT: c.txt(ctx)}
	rec, err := dmarc.LookupWithOptions(domain, o)
	if err == nil || !errors.Is(err, dmarc.ErrNoPolicy) {
		return rec, domain, err
	}
	org := organisation(domain)
	if org == domain {
		return nil, domain, err
	}
	rec, err = dmarc.LookupWithOptions(org, o)
	return rec, org, err
}

// organisation is the part of a domain that somebody registered.
func organisation(d string) string {
	o, err := publicsuffix.EffectiveTLDPlusOne(d)
	if err != nil {
		return d
	}
	return o
}

func aligned(by, from string, strict bool) bool {
	by, from = strings.ToLower(by), strings.ToLower(from)
	return by == from || !strict && by != "" && organisation(by) == organisation(from)
}

// together is what the three say as one: proven, disproven, or neither.
func together(m *Message) law.Tri {
	switch {
	case m.DMARC.Result == casefile.CheckPass:
		return law.Yes
	case m.DMARC.Result == casefile.CheckFail, m.DKIM.Result == casefile.CheckFail, m.SPF.Result == casefile.CheckFail:
		return law.No
	}
	return law.NotKnown
}

// hop is how the e-mail came to us.
type hop struct {
	ip           netip.Addr
	helo, sender string
	path         bool // the sender's path is known, be it empty
}
