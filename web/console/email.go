package console

import (
	"errors"
	"io"
	"net/http"
	"strings"

	"letterlock/desk/casefile"
	"letterlock/desk/email"
	"letterlock/desk/staff"
	"letterlock/internal/fault"
	"letterlock/law"
	"letterlock/web/kit"
)

// A request that came by e-mail: the file is read, its sender checked, and it
// goes on as any paper does.

func (s *console) emailRoutes(in router) {
	in("GET /papers/email", casefile.EnterPapers, s.emailFile)
	in("POST /papers/email", casefile.EnterPapers, s.emailSent)
	in("GET /drafts/{id}/email", casefile.EnterPapers, s.emailRead)
	in("POST /drafts/{id}/email", casefile.EnterPapers, s.emailSettled)
}

func (s *console) emailFile(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	return s.emailFilePage(w, r, m, http.StatusOK, kit.NewForm(nil))
}

func (s *console) emailFilePage(w http.ResponseWriter, r *http.Request, m staff.Member, status int, f *kit.Form) error {
	var fields []kit.Field
	if m.Cleared {
		fields = append(fields, f.Check("sealed", "It is a sealed matter", "Then nothing of it, not even the file, lies with the ordinary ones."))
	}
	fields = append(fields, f.File("file", "E-mail file (.eml)", "Saved with its headers and attachments, at most "+kit.Bytes(email.MaxFile)+". Forwarding loses what proves the sender: save the message as a file.", ".eml,message/rfc822").Require())
	return s.show(w, r, m, status, "email.html", kit.Page{Title: "Enter a paper: from an e-mail file", Here: "/papers", Form: f,
		Lead: "The file is read here and shown as plain text. Its PDFs become the papers of the request, by the same checks as any upload.",
		Data: struct {
			Steps  kit.Steps
			Fields []kit.Field
		}{wizard(0), fields}})
}

func (s *console) emailSent(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	raw, sealed, f, err := emailUpload(r)
	if err != nil {
		return err
	}
	if f.OK() {
		d, err := s.Desk.ImportMail(r.Context(), m.Actor(), sealed, raw)
		if err == nil {
			http.Redirect(w, r, draftURL(d.ID)+"/email", http.StatusSeeOther)
			return nil
		}
		if !sayable(err) {
			return err
		}
		f.Bad("file", fault.Say(err))
	}
	return s.emailFilePage(w, r, m, http.StatusBadRequest, f)
}

// emailUpload takes the one file of the form.
func emailUpload(r *http.Request) (raw []byte, sealed bool, f *kit.Form, err error) {
	f = kit.NewForm(nil)
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, false, nil, fault.Wrap(fault.Invalid, "receive e-mail", err, "the form could not be read; reload the page and try again")
	}
	for {
		p, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil && p.FormName() == "sealed" {
			sealed = true
		}
		if err == nil && p.FormName() == "file" {
			raw, err = io.ReadAll(io.LimitReader(p, email.MaxFile+1))
		}
		if err != nil {
			return nil, false, nil, fault.Wrap(fault.Invalid, "receive e-mail", err, "the upload broke off before its end; send it again")
		}
	}
	if len(raw) == 0 {
		f.Bad("file", "Choose the e-mail file first.")
	}
	return raw, sealed, f, nil
}

// emailDraft is the member's draft of the address, which came by e-mail.
func (s *console) emailDraft(r *http.Request, m staff.Member) (casefile.Draft, error) {
	d, err := s.Desk.Intake.Draft(r.Context(), m.Actor(), casefile.DraftID(r.PathValue("id")))
	if err == nil && d.Demand.Mail == nil {
		err = fault.New(fault.Withheld, "find e-mail", "not found")
	}
	return d, err
}

func (s *console) emailRead(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	d, err := s.emailDraft(r, m)
	if err != nil {
		return err
	}
	return s.emailPage(w, r, m, http.StatusOK, d, kit.NewForm(nil))
}

// emailData is an e-mail as the pages show it.
type emailData struct {
	Steps    kit.Steps
	At       string
	Warnings []kit.Callout
	Heads    kit.Facts
	Checks   kit.Facts
	Text     string
	Parts    kit.Table
	Notes    []string
	Fields   []kit.Field
}

func (s *console) emailPage(w http.ResponseWriter, r *http.Request, m staff.Member, status int, d casefile.Draft, f *kit.Form) error {
	fields, err := s.emailFields(r, m, d, f)
	if err != nil {
		return err
	}
	x := *d.Demand.Mail
	return s.show(w, r, m, status, "emailread.html", kit.Page{Title: "Enter a paper: the e-mail", Here: "/papers", Form: f,
		Data: emailData{wizard(0), draftURL(d.ID), emailWarnings(x), emailHeads(x), emailChecks(x), x.Text, emailParts(x), x.Notes, fields}})
}

func emailWarnings(m casefile.Email) []kit.Callout {
	var out []kit.Callout
	if len(m.Warnings) > 0 {
		out = append(out, kit.Callout{Tone: kit.Bad, Title: "Look twice at who sent this", Items: m.Warnings, Text: "Call the agency by the number in the directory before anything is decided; never by one from this e-mail."})
	}
	if m.Free {
		out = append(out, kit.Callout{Tone: kit.Bad, Title: "Free mail", Text: "The address is of a provider at which anyone gets a mailbox: it is no authority’s."})
	}
	return out
}

func emailHeads(m casefile.Email) kit.Facts {
	out := kit.Facts{{Label: "From", Value: strings.TrimSpace(m.FromName + " <" + m.From + ">")}, {Label: "To", Value: orDash(m.To)}, {Label: "Subject", Value: orDash(m.Subject)}}
	if !m.Date.IsZero() {
		out = append(out, kit.Fact{Label: "Date, by the sender’s clock", Value: kit.Stamp(m.Date)})
	}
	return append(out, kit.Fact{Label: "Message-ID", Value: orDash(m.MessageID)}, kit.Fact{Label: "SHA-256 of the file", Value: kit.Code(m.Sum)})
}

func checkBadge(c casefile.MailCheck) kit.Badge {
	switch c.Result {
	case casefile.CheckPass:
		return kit.Badge{Tone: kit.Good, Text: "pass"}
	case casefile.CheckFail:
		return kit.Badge{Tone: kit.Bad, Text: "fail"}
	case casefile.CheckNone:
		return kit.Badge{Tone: kit.Warn, Text: "nothing to check"}
	}
	return kit.Badge{Tone: kit.Warn, Text: "could not be checked"}
}

func emailChecks(m casefile.Email) kit.Facts {
	row := func(name string, c casefile.MailCheck) kit.Fact {
		v := kit.Group{checkBadge(c), c.Says}
		if c.Domain != "" {
			v = kit.Group{checkBadge(c), c.Domain + ".", c.Says}
		}
		return kit.Fact{Label: name, Value: v}
	}
	return kit.Facts{row("DKIM: is it unchanged?", m.DKIM), row("SPF: may that server send for them?", m.SPF), row("DMARC: is it from the domain it shows?", m.DMARC)}
}

func emailParts(m casefile.Email) kit.Table {
	t := kit.Table{Caption: "Attachments", Columns: kit.Columns("File", "Size", "What became of it"), Empty: "Nothing was attached."}
	for _, p := range m.Parts {
		became := any(kit.Badge{Tone: kit.Good, Text: "taken over as a paper"})
		if p.Refused != "" {
			became = kit.Group{kit.Badge{Tone: kit.Bad, Text: "not taken"}, p.Refused}
		}
		t.Rows = append(t.Rows, []any{p.Name, kit.Bytes(p.Size), became})
	}
	return t
}

// emailFields ask what only a person can say: whose it is, by which mailbox it
// came, what it is. The directory proposes by the domain; the analyst chooses.
func (s *console) emailFields(r *http.Request, m staff.Member, d casefile.Draft, f *kit.Form) ([]kit.Field, error) {
	all, err := s.Desk.Agencies.Agencies(r.Context())
	if err != nil {
		return nil, err
	}
	guess, found, err := s.Desk.MailFrom(r.Context(), *d.Demand.Mail)
	if err != nil {
		return nil, err
	}
	chosen := d.Demand.Agency
	hint := "No agency of the directory has the domain of this sender. Choose only if you know by another way whose it is."
	if found {
		hint = "Proposed by the domain of the sender: " + guess.Name + "."
		if chosen == "" {
			chosen = guess.ID
		}
	}
	from := []kit.Option{{Text: "Choose"}}
	for _, a := range all {
		if a.Closed == "" {
			from = append(from, kit.Option{Value: string(a.ID), Text: a.Name, Chosen: a.ID == chosen})
		}
	}
	how := []kit.Option{{Text: "Choose"}, {Value: string(law.ChannelMailbox), Text: "the mailbox that we declared for requests", Chosen: d.Demand.Agency != "" && d.Demand.Channel == law.ChannelMailbox}, {Value: string(law.ChannelMail), Text: "another mailbox of ours", Chosen: d.Demand.Agency != "" && d.Demand.Channel == law.ChannelMail}}
	kinds := s.processes(m)
	for i := range kinds {
		kinds[i].Chosen = d.Demand.Agency != "" && kinds[i].Value == string(d.Demand.Process)
	}
	out := []kit.Field{f.Select("agency", "From which agency", hint, from).Require(), f.Select("channel", "To which mailbox it came", "", how).Require(), f.Select("process", "Kind of paper", "Not in the list: choose “Process not in the catalogue”.", kinds).Require()}
	for _, p := range d.Demand.Papers {
		out = append(out, f.Select("what-"+string(p.ID), "What “"+p.Name+"” is", "", []kit.Option{{Value: "order", Text: "The order, warrant, subpoena or letter itself", Chosen: p.What == "order" || p.What == "" && len(d.Demand.Papers) == 1},
			{Value: "secrecy", Text: "Order about secrecy", Chosen: p.What == "secrecy"}, {Value: "other", Text: "Something else", Chosen: p.What == "other" || p.What == "" && len(d.Demand.Papers) > 1}}))
	}
	return out, nil
}

func (s *console) emailSettled(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	d, err := s.emailDraft(r, m)
	if err != nil {
		return err
	}
	f, err := kit.ReadForm(r)
	if err != nil {
		return err
	}
	a, ch, p := f.Need("agency", "Choose the agency."), f.Need("channel", "Say to which mailbox it came."), f.Need("process", "Choose the kind of paper.")
	if f.OK() {
		err := s.emailSettle(r, m, d, f, casefile.AgencyID(a), law.Channel(ch), law.ProcessID(p))
		if err == nil {
			http.Redirect(w, r, draftURL(d.ID), http.StatusSeeOther)
			return nil
		}
		if !sayable(err) && !fault.Is(err, fault.NotFound) {
			return err
		}
		f.Bad("agency", fault.Say(err))
	}
	return s.emailPage(w, r, m, http.StatusBadRequest, d, f)
}

func (s *console) emailSettle(r *http.Request, m staff.Member, d casefile.Draft, f *kit.Form, a casefile.AgencyID, ch law.Channel, p law.ProcessID) error {
	for _, x := range d.Demand.Papers {
		if what := f.Get("what-" + string(x.ID)); what == "order" || what == "secrecy" || what == "other" {
			if err := s.Desk.Intake.NamePaper(r.Context(), m.Actor(), d.ID, x.ID, what); err != nil {
				return err
			}
		}
	}
	_, err := s.Desk.SettleMail(r.Context(), m.Actor(), d, a, ch, p)
	return err
}

// cameBy says how a request reached us.
func cameBy(d casefile.Demand) string {
	switch {
	case d.Mail != nil && d.Channel == law.ChannelMailbox:
		return "by e-mail, to the mailbox that we declared"
	case d.Mail != nil:
		return "by e-mail, to another mailbox of ours"
	}
	return channelName(d.Channel)
}

// emailOf is the e-mail that a case came in, for its page.
func emailOf(c casefile.Case) *emailData {
	if c.Demand.Mail == nil {
		return nil
	}
	x := *c.Demand.Mail
	return &emailData{Warnings: emailWarnings(x), Heads: emailHeads(x), Checks: emailChecks(x), Text: x.Text, Parts: emailParts(x), Notes: x.Notes}
}

// twinFact is the earlier cases that this one repeats, each a link.
func twinFact(v view) kit.Facts {
	if links := twinLinks(v.Case.Twins); links != nil && v.member.May(casefile.SeeCases) { // of its own range: who sees the case sees them
		return kit.Facts{{Label: "Came before as", Value: links}}
	}
	return nil
}

func twinLinks(all []casefile.Twin) (links kit.Group) {
	for _, t := range all {
		how := t.How.InWords()
		if t.Other {
			how += ", of another agency"
		}
		links = append(links, kit.Link{Text: string(t.Number), URL: caseURL(t.Number)}, "("+how+")")
	}
	return links
}
