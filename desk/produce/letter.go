package produce

import (
	"fmt"
	"io"
	"strings"
	"time"

	"letterlock/desk/produce/bundle"
	"letterlock/desk/produce/pdf"
	"letterlock/disclosable"
)

// The letter's hands.
var (
	nameStyle    = pdf.Style{Cut: pdf.SerifBold, Size: 17}
	addressStyle = pdf.Style{Cut: pdf.Sans, Size: 8, Gray: 0.3}
	bodyStyle    = pdf.Style{Cut: pdf.Serif, Size: 10.5, After: 6}
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
}

// writeLetter sets the letter that goes with the records.
func (p *Packer) writeLetter(w io.Writer, in Input, allowed reach, t *tally) error {
	l := &letter{Document: p.document(in, "Answer to your request, case "+in.Case), in: in, allowed: allowed, tally: t, key: p.Key.Public()}
	l.head()
	l.opening()
	l.targets()
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
		Title: title, Author: in.Provider.Name, Language: "en", Created: in.Created, Paper: p.Paper,
		Running: plain(in.Provider.Name) + "  ·  case " + plain(in.Case) + "  ·  package " + plain(in.Package) + "  ·  all times UTC",
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
	facts := [][2]string{{"Date", date(in.Created)}, {"Our case", plain(in.Case)}}
	if in.TheirReference != "" {
		facts = append(facts, [2]string{"Your reference", plain(in.TheirReference)})
	}
	facts = append(facts, [2]string{"Legal process", process(in)})
	if !in.Received.IsZero() {
		facts = append(facts, [2]string{"Received", moment(in.Received)})
	}
	facts = append(facts, [2]string{"Period", period(in)}, [2]string{"Package", plain(in.Package)})
	l.Facts(0.2, factName, factValue, facts)
	l.Space(4)
}

func process(in Input) string {
	s := plain(in.Process.Name)
	if in.Process.Citation != "" {
		s += ", " + plain(in.Process.Citation)
	}
	return s
}

func period(in Input) string {
	from, to := in.Period.From, in.Period.To
	switch {
	case from.IsZero() && to.IsZero():
		return "the records as they were on the day they were read"
	case from.IsZero():
		return "until " + date(to) + " (UTC)"
	case to.IsZero():
		return "from " + date(from) + " (UTC)"
	}
	return date(from) + " to " + date(to) + " (UTC)"
}

func (l *letter) opening() {
	in := l.in
	subject := "Answer to your request"
	l.Heading(1, subject, titleStyle)
	switch {
	case l.tally.total > 0:
		l.Paragraph("You asked for records under the legal process named above. It was reviewed individually. What the process reaches, and what two reviewers released, is set out below and lies in full in the files of this package. Nothing else was released.", bodyStyle)
	case in.Content != nil:
		l.Paragraph("You asked for records under the legal process named above. It was reviewed individually. This package holds no record; why is set out below.", bodyStyle)
	default:
		l.Paragraph("You asked for records under the legal process named above. It was reviewed individually. There is no record to produce; why is set out below.", bodyStyle)
	}
	if !in.Collected.IsZero() {
		l.Paragraph("The records were read on "+moment(in.Collected)+".", bodyStyle)
	}
}

// listed is how many targets the letter names itself.
const listed = 40

func (l *letter) targets() {
	if len(l.in.Targets) == 0 {
		return
	}
	l.Heading(2, "What you asked about", headStyle)
	var rows [][]string
	for _, t := range l.in.Targets[:min(listed, len(l.in.Targets))] {
		result := plain(t.Note)
		switch {
		case !t.Account.IsZero():
			result = strings.TrimSpace("Account " + t.Account.String() + "\n" + result)
		case result == "":
			result = "no account of this service"
		}
		rows = append(rows, []string{plain(t.Asked), result})
	}
	l.Table([]pdf.Column{{Title: "Identifier as you gave it", Share: 0.4, Style: boldCell}, {Title: "What it leads to", Share: 0.6, Style: cellStyle}}, rows)
	if more := len(l.in.Targets) - listed; more > 0 {
		l.Paragraph(fmt.Sprintf("All %s, these and %d more, are in the file %s.", count(len(l.in.Targets), "identifier", "identifiers"), more, bundle.TargetsCSV), bodyStyle)
	}
}

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s + " " + many
}

func (l *letter) produced() {
	t := l.tally
	if len(l.in.Grants) == 0 {
		return
	}
	l.Heading(2, "What is produced", headStyle)
	switch {
	case t.total == 0:
		l.Paragraph("The fields that were released hold no value for this account.", bodyStyle)
	case t.total <= shown:
		l.records()
	default:
		l.Paragraph(fmt.Sprintf("%s of %s. They are too many for a letter and are in the files %s and %s; this is how many there are of each field.",
			count(t.total, "record", "records"), count(len(l.allowed), "account", "accounts"), bundle.RecordsCSV, bundle.RecordsJSON), bodyStyle)
		l.counts()
	}
	if empty := l.empty(); empty != "" {
		l.Paragraph("Released, but without a value: "+empty+".", bodyStyle)
	}
}

func (l *letter) records() {
	var rows [][]string
	several := len(l.allowed) > 1
	for _, r := range l.tally.first {
		f, _ := disclosable.FieldByID(r.Field)
		title := f.Title
		if several {
			title += "\n" + plain(l.tally.asked[r.Account])
		}
		rows = append(rows, []string{title, plain(r.Value), string(f.Class)})
	}
	l.Table([]pdf.Column{{Title: "Field", Share: 0.3, Style: boldCell}, {Title: "Value", Share: 0.58, Style: cellStyle}, {Title: "Class", Share: 0.12, Style: cellStyle}}, rows)
}

func (l *letter) counts() {
	var rows [][]string
	for _, f := range fieldsOf(l.allowed) {
		rows = append(rows, []string{f.Title, count(l.tally.count[f.ID], "record", "records"), string(f.Class)})
	}
	l.Table([]pdf.Column{{Title: "Field", Share: 0.5, Style: boldCell}, {Title: "Records", Share: 0.35, Style: cellStyle}, {Title: "Class", Share: 0.15, Style: cellStyle}}, rows)
}

// empty names the fields that were released and of which no account has a value.
func (l *letter) empty() string {
	var names []string
	for _, f := range fieldsOf(l.allowed) {
		if l.tally.count[f.ID] == 0 {
			names = append(names, f.Title)
		}
	}
	return strings.Join(names, ", ")
}

func (l *letter) withheld() {
	if len(l.in.Refused) > 0 {
		l.Heading(2, "What was asked for and is not produced", headStyle)
		var rows [][]string
		for _, r := range l.in.Refused {
			rows = append(rows, []string{plain(refusedTitle(r)), plain(r.Reason), plain(r.FindingID)})
		}
		l.Table([]pdf.Column{{Title: "Asked for", Share: 0.26, Style: boldCell}, {Title: "Why it is not produced", Share: 0.52, Style: cellStyle}, {Title: "Finding", Share: 0.22, Style: smallCode}}, rows)
	}
	if len(l.in.NotHeld) > 0 {
		l.Heading(2, "What does not exist here", headStyle)
		var rows [][]string
		for _, m := range l.in.NotHeld {
			rows = append(rows, []string{plain(m.What), plain(m.Why)})
		}
		l.Table([]pdf.Column{{Title: "Asked for", Share: 0.3, Style: boldCell}, {Title: "Why there is none", Share: 0.7, Style: cellStyle}}, rows)
	}
	if l.in.Content != nil {
		l.Paragraph("The content of communications cannot be produced. The sheet "+bundle.SheetPDF+" in this package states what that rests on and how to check it.", bodyStyle)
	} else if len(l.in.NotHeld) > 0 {
		l.Paragraph("The closed list of everything that is stored is published; it has the SHA-256", pdf.Style{Cut: pdf.Serif, Size: 10.5, After: 2})
		l.Paragraph(disclosable.InventoryHash().String(), codeStyle)
	}
}

func refusedTitle(r Refusal) string {
	if r.What != "" {
		return r.What
	}
	if f, ok := disclosable.FieldByID(r.Field); ok {
		return f.Title
	}
	return string(r.Field)
}

func (l *letter) told() {
	if l.in.Notice != "" {
		l.Heading(2, "Notice to the account holder", headStyle)
		l.Paragraph(plain(l.in.Notice), bodyStyle)
	}
}

func (l *letter) reading() {
	l.Heading(2, "How to read and to check this package", headStyle)
	l.Indented("1.", "All dates and times are in UTC. The data dictionary says what each field means, how it is written and how long it is kept.", bodyStyle)
	l.Indented("2.", fmt.Sprintf("%s names every file with its size and SHA-256; %s is this provider's signature over it (Ed25519, key %s). %s holds the proof that the release is in the provider's append-only ledger.",
		bundle.ManifestName, bundle.SignatureName, l.key.ID(), bundle.ProofName), bodyStyle)
	l.Indented("3.", "Anyone who has this package, prosecution, defence or court, can check it without asking us and without a network: with the program “verify”, or by hand with age, sha256sum and openssl, as docs/protocol/production.md describes.", bodyStyle)
	l.Indented("4.", "The download ends and our copy is destroyed on "+moment(l.in.Expires)+". The package itself stays valid and can be checked at any time after that.", bodyStyle)
}

func (l *letter) closing() {
	who := lines(l.in.Signer.Name, l.in.Signer.Title, l.in.Provider.Name)
	contact := ""
	if l.in.Provider.Contact != "" {
		contact = "Questions about this answer: " + plain(l.in.Provider.Contact) + ", naming case " + plain(l.in.Case) + "."
	}
	if contact != "" {
		l.Paragraph(contact, bodyStyle)
	}
	l.Space(10)
	l.Paragraph(who, bodyStyle)
	l.Paragraph("This letter is signed electronically as part of the package; it bears no handwritten signature.", pdf.Style{Cut: pdf.SerifItalic, Size: 9, Gray: 0.3})
}

// certificate is the page that a custodian signs by hand where a court asks for
// it. The program prepares it and cannot give it.
func (l *letter) certificate() {
	if l.tally.total == 0 {
		return
	}
	l.NewPage()
	l.Heading(1, "Certificate of the custodian of records", titleStyle)
	l.Paragraph("To be completed and signed by hand only where the court requires it.", pdf.Style{Cut: pdf.SerifItalic, Size: 9.5, Gray: 0.3, After: 8})
	// law: FRE 902(11), 902(13), 902(14), 803(6); 28 USC 1746
	for i, s := range []string{
		fmt.Sprintf("I, the undersigned, am a custodian of the records of %s and am qualified to give this certificate.", plain(l.in.Provider.Name)),
		fmt.Sprintf("The records in this package (case %s, package %s) are true copies of records that were made by the service's own electronic process at or near the time of the matters they set out, and that were kept in the course of its regularly conducted activity as a regular practice (Federal Rules of Evidence 803(6), 902(11), 902(13)).", plain(l.in.Case), plain(l.in.Package)),
		fmt.Sprintf("They were copied on %s by an electronic process that gives an accurate result, and are identified by the SHA-256 of each file in the signed manifest (Federal Rules of Evidence 902(14)).", moment(l.collected())),
		"I declare under penalty of perjury under the laws of the United States of America that the foregoing is true and correct (28 USC 1746).",
	} {
		l.Indented(fmt.Sprintf("%d.", i+1), s, bodyStyle)
	}
	l.Space(36)
	line := strings.Repeat("_", 40)
	l.Facts(0.3, factName, factValue, [][2]string{{"Name and title", line}, {"", ""}, {"Signature", line}, {"", ""}, {"Date and place", line}})
}

func (l *letter) collected() time.Time {
	if l.in.Collected.IsZero() {
		return l.in.Created
	}
	return l.in.Collected
}
