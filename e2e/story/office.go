package story

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"letterlock/desk/produce/pdf"
	"letterlock/internal/testkit/browser"
	"letterlock/internal/testkit/passkey"
)

// Visitor is somebody with a browser of their own and a passkey in it.
type Visitor struct {
	Name    string
	Browser *browser.Browser
	Key     *passkey.Authenticator
}

// NewVisitor has the demo's software key.
func NewVisitor(name string) *Visitor {
	return &Visitor{Name: name, Browser: browser.New(), Key: passkey.NewDemo()}
}

// open opens an address; a page that is an error stops the story with what it
// says.
func (v *Visitor) open(address string) (*browser.Page, error) {
	return good(v.Browser.Get(address))
}

func good(p *browser.Page, err error) (*browser.Page, error) {
	if err != nil {
		return nil, err
	}
	if p.Status >= 400 {
		return p, fmt.Errorf("%s: %d: %s", p.URL, p.Status, p.Text())
	}
	return p, nil
}

// ceremony performs the passkey ceremony of a page.
func (v *Visitor) ceremony(p *browser.Page, err error) (*browser.Page, error) {
	if err != nil {
		return nil, err
	}
	return good(p.Ceremony(v.Key))
}

// press presses a button of a page.
func press(p *browser.Page, err error, button string, fill func(*browser.Form)) (*browser.Page, error) {
	if err != nil {
		return nil, err
	}
	f, err := p.Form(button)
	if err != nil {
		return nil, err
	}
	if fill != nil {
		fill(f)
	}
	return good(f.Press(button))
}

// EnrolHolder gives a key holder of the first start their release key.
func (w *World) EnrolHolder(v *Visitor) error {
	link := w.Links.Holders[v.Name]
	if link == "" {
		return fmt.Errorf("the first start printed no link for %s", v.Name)
	}
	_, err := v.ceremony(v.open(link))
	return err
}

// Sign signs every grant that waits on the release pages, after reading it, and
// returns what was read.
func (w *World) Sign(v *Visitor) (read []string, err error) {
	pages, err := w.Waiting(v)
	if err != nil {
		return nil, err
	}
	for _, page := range pages {
		read = append(read, page.Text())
		if _, err := page.FormByAttr("data-passkey", "*"); err != nil {
			continue // signed by this person already
		}
		if err := w.SignOne(v, page); err != nil {
			return read, err
		}
	}
	if len(read) == 0 {
		return nil, errors.New("nothing waits to be signed")
	}
	return read, nil
}

// SignOne signs the grant of one page that Waiting read.
func (w *World) SignOne(v *Visitor, page *browser.Page) error {
	_, err := v.ceremony(page, nil)
	return err
}

// Waiting signs in at the release pages, with this year's training stated, and
// reads every grant that waits there without signing any.
func (w *World) Waiting(v *Visitor) (pages []*browser.Page, err error) {
	p, err := v.open(w.Site("release") + "/grants")
	if err == nil && strings.HasSuffix(p.URL.Path, "/") {
		p, err = v.ceremony(p, nil)
	}
	if err == nil {
		err = w.trained(v)
	}
	if err != nil {
		return nil, err
	}
	links := regexp.MustCompile(`/grants/[0-9a-f]{64}`).FindAllString(string(p.Body), -1)
	slices.Sort(links)
	for _, l := range slices.Compact(links) {
		page, err := v.open(w.Site("release") + l)
		if err != nil {
			return pages, err
		}
		pages = append(pages, page)
	}
	return pages, nil
}

// trained states a key holder's yearly training, of the day that the page
// shows, unless one counts.
func (w *World) trained(v *Visitor) error {
	p, err := v.open(w.Site("release") + "/training")
	if err != nil || !strings.Contains(p.Text(), "No training of yours counts now") {
		return err
	}
	made := regexp.MustCompile(`Page made on (\d{1,2} \w+ \d{4})`).FindStringSubmatch(p.Text())
	if made == nil {
		return fmt.Errorf("the page does not say when it was made: %s", p.Text())
	}
	today, err := time.Parse("2 January 2006", made[1])
	if err != nil {
		return err
	}
	p, err = press(p, nil, "Read the statement", func(f *browser.Form) { f.Set("day", today.Format(time.DateOnly)) })
	if err != nil {
		return err
	}
	_, err = v.ceremony(p, nil)
	return err
}

// InviteHolder has a key holder invite a further one and returns the link.
func (w *World) InviteHolder(by *Visitor, name string) (link string, err error) {
	address := w.Site("release") + "/keys"
	p, err := by.open(address)
	if err == nil && strings.HasSuffix(p.URL.Path, "/") {
		if _, err = by.ceremony(p, nil); err == nil {
			p, err = by.open(address)
		}
	}
	p, err = press(p, err, "Make a one-time link", func(f *browser.Form) { f.Set("name", name) })
	if err != nil {
		return "", err
	}
	if link = linkIn.FindString(p.Text()); link == "" {
		err = fmt.Errorf("the page shows no link: %s", p.Text())
	}
	return link, err
}

// Officer is a visitor of the portal.
type Officer struct {
	*Visitor
	Rank, Mailbox, Phone string
	Spare                *passkey.Authenticator // the second one: an officer has two
	Identity             string                 // file with the age key that packages are sealed to
	recipient            string
}

var linkIn = regexp.MustCompile(`http://\S+`)

// EnrolOfficer asks for the link, opens it out of the mail and registers two
// passkeys. Two of the team must still confirm.
func (w *World) EnrolOfficer(o *Officer) error {
	p, err := o.open(w.Site("portal") + "/enrol")
	if _, err = press(p, err, "Send me the link", func(f *browser.Form) {
		f.Set("name", o.Name).Set("rank", o.Rank).Set("mailbox", o.Mailbox).Set("phone", o.Phone)
	}); err != nil {
		return err
	}
	mail, err := w.Mail(o.Mailbox, 10*time.Second)
	if err != nil {
		return err
	}
	if p, err = o.ceremony(o.open(linkIn.FindString(mail))); p != nil && p.Has("One step is left") {
		o.Spare = passkey.NewDemo() // the team must confirm first, the page says
		p, err = p.Ceremony(o.Spare)
		if err == nil && !p.Has("The passkey is registered") {
			err = fmt.Errorf("no second passkey: %s", p.Text())
		}
		return err
	}
	return err
}

// SignInOfficer signs in and, the first time, gives the portal the public key
// that packages are to be sealed to.
func (w *World) SignInOfficer(ctx context.Context, o *Officer) error {
	if _, err := o.ceremony(o.open(w.Site("portal") + "/signin")); err != nil {
		return err
	}
	if o.recipient != "" {
		return nil
	}
	o.Identity = filepath.Join(w.Dir, "officer.key")
	out, err := Run(ctx, "", Program(w.Bin, "verify"), "keygen", "--out", o.Identity)
	if err != nil {
		return err
	}
	if o.recipient = regexp.MustCompile(`age1[0-9a-z]+`).FindString(out); o.recipient == "" {
		return fmt.Errorf("verify keygen printed no public key: %s", out)
	}
	p, err := o.open(w.Site("portal") + "/account")
	_, err = press(p, err, "Use this key", func(f *browser.Form) { f.Set("recipient", o.recipient) })
	return err
}

// Order is a court order as it stands on paper.
type Order struct {
	Process, Docket, Court, Judge string
	Basis                         string // empty: 18 USC 2703(d)
	Target                        string
	Fields                        []string // of the form: "BSI:name", "ACC_NC:devices", "none:CONTENT"
	GagEnd                        time.Time
	Issued                        time.Time
	Role                          string    // whose office issued it; empty: a judge's
	From, Until                   time.Time // empty: the month before it was issued
	ExecuteBy                     time.Time
	Shows                         []string // particulars of the process that the paper shows
	Preserved                     string   // case in which the records were preserved
}

// PDF is the paper itself.
func (o Order) PDF() ([]byte, error) {
	d := pdf.New(nil, pdf.Settings{Title: "Order " + o.Docket, Author: o.Court, Language: "en", Created: o.Issued, Paper: pdf.Letter, Running: o.Docket})
	d.Heading(1, strings.ToUpper(o.Court), pdf.Style{Size: 16, After: 6})
	d.Paragraph("In the matter of the application for an order under "+cmp.Or(o.Basis, "18 U.S.C. 2703(d)")+". No. "+o.Docket, pdf.Style{Size: 11})
	d.Heading(2, "ORDER", pdf.Style{Size: 13, After: 6})
	for _, s := range []string{
		"The court finds that the applicant has offered specific and articulable facts showing that there are reasonable grounds to believe that the records sought are relevant and material to an ongoing criminal investigation.",
		"Example Messenger shall disclose the records and other information named in Attachment A for the account of telephone number " + o.Target + ".",
		"Signed on " + o.Issued.Format("2 January 2006") + " by " + o.Judge + ".",
	} {
		d.Paragraph(s, pdf.Style{Size: 11, After: 8})
	}
	if !o.GagEnd.IsZero() {
		d.Paragraph("Example Messenger shall not notify any person of this order until "+o.GagEnd.Format("2 January 2006")+" (18 U.S.C. 2705(b)(2), (b)(3)).", pdf.Style{Size: 11})
	}
	var b bytes.Buffer
	_, err := d.WriteTo(&b)
	return b.Bytes(), err
}

const day = "2006-01-02"

func dayOf(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(day)
}

// fill enters the order into the form of a page, or what a step of it asks for.
func (o Order) fill(f *browser.Form) {
	for _, x := range [][2]string{{"reference", "HC-26-0417"}, {"case_ref", o.Docket}, {"issuing_body", o.Court}, {"issuer_role", cmp.Or(o.Role, "judge")}, {"court", o.Court},
		{"legal_basis", cmp.Or(o.Basis, "18 USC 2703(d)")}, {"addressee", "Example Messenger"}, {"language", "en"}, {"issued", o.Issued.Format(day)},
		{"return", o.Issued.AddDate(0, 0, 28).Format(day)}, {"signed", "yes"}, {"targets", o.Target}, {"execute_by", dayOf(o.ExecuteBy)},
		{"from", cmp.Or(o.From, o.Issued.AddDate(0, 0, -30)).Format(day)}, {"until", cmp.Or(o.Until, o.Issued).Format(day)}, {"preserved", o.Preserved},
		{"text", "records named in Attachment A"}} {
		if f.Has(x[0]) { // each kind of paper asks for what it must show
			f.Set(x[0], x[1])
		}
	}
	for _, x := range o.Fields {
		if class, item, _ := strings.Cut(x, ":"); f.Has("want_" + class) {
			f.Check("want_"+class, item)
		}
	}
	if f.Has("p_judge") {
		f.Set("p_judge", o.Judge)
	}
	for _, p := range append([]string{"specific_and_articulable_facts_finding"}, o.Shows...) {
		if f.Has("p_" + p) {
			f.Set("p_"+p, "yes")
		}
	}
	if !f.Has("gag") {
		return
	}
	if o.GagEnd.IsZero() {
		f.Set("gag", "no")
		return
	}
	f.Set("gag", "order").Set("gag_end", o.GagEnd.Format(day)).Set("gag_basis", "18 USC 2705(b)")
	for _, g := range f.Options("gag_grounds")[1:3] { // flight; destruction of evidence
		f.Check("gag_grounds", g)
	}
}

// Draft begins a request with an order's details, and returns its page for
// papers.
func (w *World) Draft(o *Officer, order Order) (*browser.Page, error) {
	p, err := o.open(w.Site("portal") + "/new")
	if p, err = press(p, err, "Go on", func(f *browser.Form) { f.Set("process", order.Process) }); err != nil {
		return nil, err
	}
	return order.steps(p)
}

// steps goes from a draft's first step to the one for papers.
func (order Order) steps(p *browser.Page) (_ *browser.Page, err error) {
	for range 10 { // step by step, to the papers
		if _, last := p.Form("Upload"); last == nil {
			return p, nil
		}
		if p, err = press(p, nil, "Save and go on", order.fill); err != nil {
			return nil, err
		}
	}
	return nil, fmt.Errorf("the form has no end: %s", p.URL)
}

// File files an order in the portal and returns the case number and the
// findings that were shown before sending.
func (w *World) File(o *Officer, order Order) (number, findings string, err error) {
	p, err := w.Draft(o, order)
	if err != nil {
		return "", "", err
	}
	return w.send(p, order)
}

// send uploads the paper to a draft, and sends it.
func (w *World) send(p *browser.Page, order Order) (number, findings string, err error) {
	paper, err := order.PDF()
	if err != nil {
		return "", "", err
	}
	if err := os.WriteFile(filepath.Join(w.Dir, "order.pdf"), paper, 0o600); err != nil {
		return "", "", err
	}
	if p, err = press(p, nil, "Upload", func(f *browser.Form) {
		f.Set("what", "order").File("file", "order.pdf", "application/pdf", paper)
	}); err != nil {
		return "", "", err
	}
	if p, err = good(p.Follow("Go on: check and send")); err != nil {
		return "", "", err
	}
	findings = p.Text()
	if p, err = press(p, nil, "Send the request", func(f *browser.Form) { f.Set("attest", "yes") }); err != nil {
		return "", "", err
	}
	number, err = caseNumber(p, nil)
	return number, findings, err
}

// Collect waits for the answer's package, downloads and opens it, and returns
// what the verifier said and the folder of its files.
func (w *World) Collect(ctx context.Context, o *Officer, number string, limit time.Duration) (said, folder string, err error) {
	p, err := w.Packed(o.Visitor, w.Site("portal")+"/requests/"+number, limit)
	if p, err = press(p, err, "Download", nil); err != nil {
		return "", "", err
	}
	return w.Verify(ctx, number, p.Body, "--identity", o.Identity)
}

// CollectAll waits until a request has so many packages, downloads and opens
// each, and returns the folders of their files in the order of the page.
func (w *World) CollectAll(ctx context.Context, o *Officer, number string, want int, limit time.Duration) (folders []string, err error) {
	var p *browser.Page
	for end := time.Now().Add(limit); ; time.Sleep(200 * time.Millisecond) {
		if p, err = w.Packed(o.Visitor, w.Site("portal")+"/requests/"+number, limit); err != nil {
			return nil, err
		}
		if len(p.Forms("Download")) == want {
			break
		}
		if time.Now().After(end) {
			return nil, fmt.Errorf("%s has %d packages, not %d: %s", number, len(p.Forms("Download")), want, p.Text())
		}
	}
	into, err := os.MkdirTemp(w.Dir, number+"-")
	if err != nil {
		return nil, err
	}
	for i, f := range p.Forms("Download") {
		got, err := good(f.Press("Download"))
		if err != nil {
			return folders, err
		}
		said, folder, err := w.Verify(ctx, filepath.Join(filepath.Base(into), fmt.Sprint(i+1)), got.Body, "--identity", o.Identity)
		if err != nil {
			return folders, fmt.Errorf("%w\n%s", err, said)
		}
		folders = append(folders, folder)
	}
	return folders, nil
}

// Packed looks at a page until it offers a package.
func (w *World) Packed(v *Visitor, address string, limit time.Duration) (*browser.Page, error) {
	for end := time.Now().Add(limit); ; time.Sleep(200 * time.Millisecond) {
		p, err := v.open(address)
		if err != nil {
			return nil, err
		}
		if there, err := w.offers(p); there || err != nil {
			return p, err
		}
		if time.Now().After(end) {
			return nil, fmt.Errorf("no package came: %s: %s", address, p.Text())
		}
	}
}

// Verify opens a sealed package offline against the provider's published keys,
// and returns what the verifier said and the folder of its files.
func (w *World) Verify(ctx context.Context, number string, sealed []byte, with ...string) (said, folder string, err error) {
	file, folder := filepath.Join(w.Dir, number+".tar.age"), filepath.Join(w.Dir, number)
	if err := os.WriteFile(file, sealed, 0o600); err != nil {
		return "", "", err
	}
	trust, err := w.Trust()
	if err != nil {
		return "", "", err
	}
	said, err = Run(ctx, "", Program(w.Bin, "verify"), append(append([]string{"open", file, "--out", folder}, with...), trust...)...)
	return said, folder, err
}

// Trust fetches the key files that the halves publish, and returns them as
// arguments of the verifier.
func (w *World) Trust() ([]string, error) {
	var args []string
	for i, h := range w.halves() {
		p, err := NewVisitor("a court").open("http://" + net.JoinHostPort("localhost", h.Port) + "/trust.json")
		if err != nil {
			return nil, err
		}
		file := filepath.Join(w.Dir, fmt.Sprintf("trust-%d.json", i))
		if err := os.WriteFile(file, p.Body, 0o600); err != nil {
			return nil, err
		}
		args = append(args, "--trust", file)
	}
	return args, nil
}
