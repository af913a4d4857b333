package produce

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"time"

	"letterlock/desk/produce/bundle"
	"letterlock/desk/produce/pdf"
	"letterlock/disclosable"
	"letterlock/internal/lang"
)

// The letter's hands.
var (
	nameStyle    = pdf.Style{Cut: pdf.SerifBold, Size: 17}
	addressStyle = pdf.Style{Cut: pdf.Sans, Size: 8, Gray: 0.3}
	bodyStyle    = pdf.Style{Cut: pdf.Serif, Size: 10.5, After: 6}
	boldBody     = pdf.Style{Cut: pdf.SerifBold, Size: 10.5}
	titleStyle   = pdf.Style{Cut: pdf.SerifBold, Size: 14, After: 8}
	headStyle    = pdf.Style{Cut: pdf.SansBold, Size: 10.5, After: 4}
	factName     = pdf.Style{Cut: pdf.Sans, Size: 8.5, Gray: 0.3, Lead: 1.5}
	factValue    = pdf.Style{Cut: pdf.Sans, Size: 9, Lead: 1.42}
	cellStyle    = pdf.Style{Cut: pdf.Sans, Size: 8.5}
	boldCell     = pdf.Style{Cut: pdf.SansBold, Size: 8.5}
	codeStyle    = pdf.Style{Cut: pdf.Mono, Size: 8, After: 6}
	smallCode    = pdf.Style{Cut: pdf.Mono, Size: 7.2}
)

// letter is a letter being written.
type letter struct {
	*pdf.Document
	in      Input
	allowed reach
	tally   *tally
	key     bundle.PublicKey
	t       *lang.Tongue // the officer's
}

// writeLetter sets the letter that goes with the records.
func (p *Packer) writeLetter(w io.Writer, in Input, allowed reach, t *tally) error {
	l := &letter{Document: p.document(in, in.Tongue.T("Answer to your request, case %s", plain(in.Case))), in: in, allowed: allowed, tally: t, key: p.Key.Public(), t: in.Tongue}
	l.head()
	l.opening()
	l.targets()
	l.preserved()
	l.produced()
	l.withheld()
	l.told()
	l.reading()
	l.closing()
	l.certificate()
	if _, err := l.WriteTo(w); err != nil {
		return fmt.Errorf("set the letter: %w", err)
	}
	return nil
}

func (p *Packer) document(in Input, title string) *pdf.Document {
	return pdf.New(p.Fonts, pdf.Settings{
		Title: title, Author: in.Provider.Name, Language: in.Tongue.Code(), Mirrored: in.Tongue.Dir() == "rtl", Created: in.Created, Paper: p.Paper,
		Page:    func(n, of int) string { return in.Tongue.T("page %d of %d", n, of) },
		Running: in.Tongue.T("%s  ·  case %s  ·  package %s  ·  all times UTC", plain(in.Provider.Name), plain(in.Case), plain(in.Package)),
	})
}

func plain(s string) string { return pdf.Plain(strings.TrimSpace(s)) }

// date and moment are how the letter writes times.
func date(t time.Time) string   { return t.UTC().Format("2 January 2006") }
func moment(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04") + " UTC" }

// lines joins what is given, each on a line of its own.
func lines(parts ...string) string {
	var out []string
	for _, s := range parts {
		if s = plain(s); s != "" {
			out = append(out, s)
		}
	}
	return strings.Join(out, "\n")
}

func (l *letter) head() {
	in := l.in
	l.Beside(plain(in.Provider.Name), nameStyle, lines(append(append([]string(nil), in.Provider.Address...), in.Provider.Contact)...), addressStyle)
	l.Space(5)
	l.Rule(1.2, 0)
	l.Space(20)
	l.Paragraph(lines(append([]string{in.Agency.Name, in.Agency.Unit, in.Agency.Officer}, in.Agency.Address...)...), pdf.Style{Cut: pdf.Serif, Size: 10.5, After: 4})
	l.Space(8)
	t := l.t
	facts := [][2]string{{t.T("Date"), t.Day(in.Created)}, {t.T("Our case"), plain(in.Case)}}
	if in.TheirReference != "" {
		facts = append(facts, [2]string{t.T("Your reference"), plain(in.TheirReference)})
	}
	facts = append(facts, [2]string{t.T("Legal process"), process(in)})
	if !in.Received.IsZero() {
		facts = append(facts, [2]string{t.T("Received"), t.Moment(in.Received)})
	}
	facts = append(facts, [2]string{t.T("Period"), period(in)}, [2]string{t.T("Package"), plain(in.Package)})
	l.Facts(0.2, factName, factValue, facts)
	l.Space(4)
}

func process(in Input) string {
	s := in.Tongue.T(plain(in.Process.Name))
	if in.Process.Citation != "" {
		return in.Tongue.T("%s, %s¦a process and its text", s, plain(in.Process.Citation))
	}
	return s
}

func period(in Input) string {
	from, to, t := in.Period.From, in.Period.To, in.Tongue
	switch {
	case from.IsZero() && to.IsZero():
		return t.T("the records as they were on the day they were read")
	case from.IsZero():
		return t.T("until %s (UTC)", t.Day(to))
	case to.IsZero():
		return t.T("from %s (UTC)", t.Day(from))
	}
	return t.T("%s to %s (UTC)", t.Day(from), t.Day(to))
}

func (l *letter) opening() {
	in := l.in
	subject := l.t.T("Answer to your request")
	l.Heading(1, subject, titleStyle)
	switch {
	case len(in.Kept) > 0:
		l.Paragraph(l.t.T("You asked that records be preserved under the legal process named above. It was reviewed individually. What is kept, and until when, is set out below."), bodyStyle)
		return
	case in.Trace != nil:
		l.Paragraph(l.t.T("You asked for a trace under the legal process named above. It was reviewed individually, and two people released it for one account and until its end. This package is a part of what it recorded."), bodyStyle)
		return
	case l.tally.total > 0:
		l.Paragraph(l.t.T("You asked for records under the legal process named above. It was reviewed individually. What the process reaches, and what two reviewers released, is set out below and lies in full in the files of this package. Nothing else was released."), bodyStyle)
	case in.Content != nil:
		l.Paragraph(l.t.T("You asked for records under the legal process named above. It was reviewed individually. This package holds no record; why is set out below."), bodyStyle)
	default:
		l.Paragraph(l.t.T("You asked for records under the legal process named above. It was reviewed individually. There is no record to produce; why is set out below."), bodyStyle)
	}
	if !in.Collected.IsZero() {
		l.Paragraph(l.t.T("The records were read on %s.", l.t.Moment(in.Collected)), bodyStyle)
	}
}

// listed is how many targets the letter names itself.
const listed = 40

func (l *letter) targets() {
	if len(l.in.Targets) == 0 {
		return
	}
	l.Heading(2, l.t.T("What you asked about"), headStyle)
	var rows [][]string
	for _, t := range l.in.Targets[:min(listed, len(l.in.Targets))] {
		result := say(l.t, t.Note)
		switch {
		case !t.Account.IsZero():
			result = strings.TrimSpace(l.t.T("Account %s", t.Account) + "\n" + result)
		case result == "":
			result = l.t.T("no account of this service")
		}
		rows = append(rows, []string{plain(t.Asked), result})
	}
	l.Table([]pdf.Column{{Title: l.t.T("Identifier as you gave it"), Share: 0.4, Style: boldCell}, {Title: l.t.T("What it leads to"), Share: 0.6, Style: cellStyle}}, rows)
	if more := len(l.in.Targets) - listed; more > 0 {
		l.Paragraph(l.t.T("All %d identifiers, these and %d more, are in the file %s.", len(l.in.Targets), more, bundle.TargetsCSV), bodyStyle)
	}
}

// count writes a number of things, with the thousands set apart.
func count(t *lang.Tongue, n int, one, many string) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	if n == 1 {
		return t.T(one, s)
	}
	return t.T(many, s)
}

func (l *letter) produced() {
	t := l.tally
	if l.in.Trace != nil {
		l.tracing()
		return
	}
	if len(l.in.Grants) == 0 {
		return
	}
	l.Heading(2, l.t.T("What is produced"), headStyle)
	switch {
	case t.total == 0:
		l.Paragraph(l.t.T("The fields that were released hold no value for this account."), bodyStyle)
	case t.total <= shown:
		l.records()
	default:
		l.Paragraph(l.t.T("%s of %s. They are too many for a letter and are in the files %s and %s; this is how many there are of each field.",
			count(l.t, t.total, "%s record", "%s records"), count(l.t, len(l.allowed), "%s account", "%s accounts"), bundle.RecordsCSV, bundle.RecordsJSON), bodyStyle)
		l.counts()
	}
	if empty := l.empty(); empty != "" {
		l.Paragraph(l.t.T("Released, but without a value: %s.", empty), bodyStyle)
	}
}

func (l *letter) records() {
	var rows [][]string
	several := len(l.allowed) > 1
	for _, r := range l.tally.first {
		f, _ := disclosable.FieldByID(r.Field)
		title := l.t.T(f.Title)
		if r.AsOf != "" {
			title += "\n" + l.t.T("as of %s", l.asOf(r.AsOf))
		}
		if several {
			title += "\n" + plain(l.tally.asked[r.Account])
		}
		rows = append(rows, []string{title, plain(r.Value), string(f.Class)})
	}
	l.Table([]pdf.Column{{Title: l.t.T("Field"), Share: 0.3, Style: boldCell}, {Title: l.t.T("Value"), Share: 0.58, Style: cellStyle}, {Title: l.t.T("Class"), Share: 0.12, Style: cellStyle}}, rows)
}

func (l *letter) counts() {
	var rows [][]string
	for _, f := range fieldsOf(l.allowed) {
		rows = append(rows, []string{l.t.T(f.Title), count(l.t, l.tally.count[f.ID], "%s record", "%s records"), string(f.Class)})
	}
	l.Table([]pdf.Column{{Title: l.t.T("Field"), Share: 0.5, Style: boldCell}, {Title: l.t.T("Records"), Share: 0.35, Style: cellStyle}, {Title: l.t.T("Class"), Share: 0.15, Style: cellStyle}}, rows)
}

// empty names the fields that were released and of which no account has a value.
func (l *letter) empty() string {
	var names []string
	for _, f := range fieldsOf(l.allowed) {
		if l.tally.count[f.ID] == 0 {
			names = append(names, l.t.T(f.Title))
		}
	}
	return l.t.List(names)
}

func (l *letter) withheld() {
	if len(l.in.Refused) > 0 {
		l.Heading(2, l.t.T("What was asked for and is not produced"), headStyle)
		var rows [][]pdf.Cell
		for _, r := range l.in.Refused {
			rows = append(rows, []pdf.Cell{one(say(l.t, refusedTitle(r))), l.reason(r), one(cmp.Or(plain(r.FindingID), "–"))})
		}
		l.Cells([]pdf.Column{{Title: l.t.T("Asked for"), Share: 0.22, Style: boldCell}, {Title: l.t.T("Why it is not produced"), Share: 0.5, Style: cellStyle}, {Title: l.t.T("Finding"), Share: 0.28, Style: smallCode}}, rows)
	}
	if len(l.in.NotHeld) > 0 {
		l.Heading(2, l.t.T("What does not exist here"), headStyle)
		var rows [][]string
		for _, m := range l.in.NotHeld {
			rows = append(rows, []string{say(l.t, m.What), say(l.t, m.Why)})
		}
		l.Table([]pdf.Column{{Title: l.t.T("Asked for"), Share: 0.3, Style: boldCell}, {Title: l.t.T("Why there is none"), Share: 0.7, Style: cellStyle}}, rows)
	}
	if l.in.Content != nil {
		l.Paragraph(l.t.T("The content of communications cannot be produced. The sheet %s in this package states what that rests on and how to check it.", bundle.SheetPDF), bodyStyle)
	} else if len(l.in.NotHeld) > 0 {
		l.Paragraph(l.t.T("The closed list of everything that is stored is published; it has the SHA-256"), pdf.Style{Cut: pdf.Serif, Size: 10.5, After: 2})
		l.Paragraph(disclosable.InventoryHash().String(), codeStyle)
	}
}

// reason is why something is not produced. A text of the house is read in the
// officer's language. What a reviewer typed has no translation: it stands as it
// was typed, and says so, with its language.
func (l *letter) reason(r Refusal) pdf.Cell {
	q := l.t.Quote(plain(r.Reason))
	out := pdf.Cell{{Text: q.Text, Language: q.Language}}
	if q.Note != "" {
		out = append(out, pdf.Part{Text: q.Note})
	}
	for _, more := range r.More {
		out = append(out, pdf.Part{Text: say(l.t, more)})
	}
	return out
}

func one(text string) pdf.Cell { return pdf.Cell{{Text: text}} }

// say says a text, in which what came from outside cannot act on the page.
func say(t *lang.Tongue, x lang.Text) string {
	args := make([]any, len(x.Args))
	for i, a := range x.Args {
		switch v := a.(type) {
		case string:
			args[i] = plain(v)
		case lang.Text:
			args[i] = say(t, v)
		default:
			args[i] = a
		}
	}
	return lang.Say(x.Key, args...).In(t)
}

func refusedTitle(r Refusal) lang.Text {
	if r.What.Key != "" {
		return r.What
	}
	if f, ok := disclosable.FieldByID(r.Field); ok {
		return lang.Say(f.Title)
	}
	return lang.Say("%s", string(r.Field))
}

func (l *letter) told() {
	if l.in.Notice != "" {
		l.Heading(2, l.t.T("Notice to the account holder"), headStyle)
		l.Paragraph(l.in.Notice, bodyStyle)
	}
}

func (l *letter) reading() {
	l.Heading(2, l.t.T("How to read and to check this package"), headStyle)
	l.Indented("1.", l.t.T("All dates and times are in UTC. The data dictionary says what each field means, how it is written and how long it is kept."), bodyStyle)
	l.Indented("2.", l.t.T("%s names every file with its size and SHA-256; %s is this provider's signature over it (Ed25519, key %s). %s holds the proof that the release is in the provider's append-only ledger.",
		bundle.ManifestName, bundle.SignatureName, l.key.ID(), bundle.ProofName), bodyStyle)
	l.Indented("3.", l.t.T("Anyone who has this package, prosecution, defence or court, can check it without asking us and without a network: with the program “verify”, or by hand with age, sha256sum and openssl, as docs/protocol/production.md describes."), bodyStyle)
	l.Indented("4.", l.t.T("The download ends and our copy is destroyed on %s. The package itself stays valid and can be checked at any time after that.", l.t.Moment(l.in.Expires)), bodyStyle)
}

func (l *letter) closing() {
	if l.t.Code() != lang.English {
		l.Paragraph(l.t.T("This is a translation by the provider. The English text governs. Reasons that a reviewer wrote stand as they were written."), bodyStyle)
	}
	who := lines(l.in.Signer.Name, l.in.Signer.Title, l.in.Provider.Name)
	contact := ""
	if l.in.Provider.Contact != "" {
		contact = l.t.T("Questions about this answer: %s, naming case %s.", plain(l.in.Provider.Contact), plain(l.in.Case))
	}
	if contact != "" {
		l.Paragraph(contact, bodyStyle)
	}
	l.Space(10)
	l.Paragraph(who, bodyStyle)
	l.Paragraph(l.t.T("This letter is signed electronically as part of the package; it bears no handwritten signature."), pdf.Style{Cut: pdf.SerifItalic, Size: 9, Gray: 0.3})
}

// certificate points to the certificate that comes with the package, or is the
// page that a custodian signs by hand where a court asks for one all the same.
// The program prepares it and cannot give it.
func (l *letter) certificate() {
	if l.tally.total == 0 {
		return
	}
	if l.in.Certified {
		l.Heading(2, "Certificate of the custodian of records", headStyle)
		l.Paragraph(fmt.Sprintf("This package is handed over only with a certificate under Federal Rules of Evidence 902(11) and 902(13). It lies around the package: %s to read, and %s with the custodian's signature over its exact text.", bundle.CertificatePDF, bundle.CertificateName), bodyStyle)
		return
	}
	l.NewPage()
	l.Heading(1, l.t.T("Certificate of the custodian of records"), titleStyle)
	l.Paragraph(l.t.T("To be completed and signed by hand only where the court requires it."), pdf.Style{Cut: pdf.SerifItalic, Size: 9.5, Gray: 0.3, After: 8})
	if l.t.Code() != lang.English {
		l.Paragraph(l.t.T("The text to be signed is in English, because the rules of evidence that it answers, Federal Rules of Evidence 902(11) and 902(13) of the United States, are. Signed, it says that the records are true copies, made and kept by the service’s own process in the ordinary course of its work."), bodyStyle)
	}
	// law: FRE 902(11), 902(13), 902(14), 803(6); 28 USC 1746
	for i, s := range []string{
		fmt.Sprintf("I, the undersigned, am a custodian of the records of %s and am qualified to give this certificate.", plain(l.in.Provider.Name)),
		fmt.Sprintf("The records in this package (case %s, package %s) are true copies of records that were made by the service's own electronic process at or near the time of the matters they set out, and that were kept in the course of its regularly conducted activity as a regular practice (Federal Rules of Evidence 803(6), 902(11), 902(13)).", plain(l.in.Case), plain(l.in.Package)),
		fmt.Sprintf("They were copied on %s by an electronic process that gives an accurate result, and are identified by the SHA-256 of each file in the signed manifest (Federal Rules of Evidence 902(14)).", moment(l.collected())),
		"I declare under penalty of perjury under the laws of the United States of America that the foregoing is true and correct (28 USC 1746).",
	} {
		l.Indented(fmt.Sprintf("%d.", i+1), s, inEnglish(bodyStyle))
	}
	l.Space(36)
	line := strings.Repeat("_", 40)
	l.Facts(0.3, inEnglish(factName), inEnglish(factValue), [][2]string{{"Name and title", line}, {"", ""}, {"Signature", line}, {"", ""}, {"Date and place", line}})
}

// inEnglish is a style for what is in English whatever the letter's language.
func inEnglish(s pdf.Style) pdf.Style {
	s.Language = lang.English
	return s
}

func (l *letter) collected() time.Time {
	if l.in.Collected.IsZero() {
		return l.in.Created
	}
	return l.in.Collected
}
