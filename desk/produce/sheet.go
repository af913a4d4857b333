package produce

import (
	"fmt"
	"io"
	"strings"

	"letterlock/desk/produce/bundle"
	"letterlock/desk/produce/pdf"
	"letterlock/disclosable"
	"letterlock/internal/lang"
)

// sheet is what is said when content is asked for: once, for the page and for
// the plain text, in the officer's language.
type sheet struct {
	t         *lang.Tongue
	title     string
	asked     pdf.Cell
	statement []string
	exists    [][2]string
	absent    []disclosable.Absent
	facts     [][2]string
	check     []string
}

func sheetOf(in Input) sheet {
	t := in.Tongue
	s := sheet{
		t:     t,
		title: t.T("Content cannot be produced"),
		asked: asked(in),
		statement: []string{
			t.T("The content of communications cannot be produced. It was not withheld: it does not exist here in any form that could be read."),
			t.T("Messages are sealed on the sender's device and opened only on the recipient's. The keys never leave the devices. The operator's program does not contain the code that could open a message, and no key that opens one."),
			t.T("A sealed envelope is kept until the recipient's device has taken it, at most 30 days, and is sealed a second time to a key that only that device has. It is then forgotten."),
		},
		facts: buildFacts(t, in.Content.Build),
		check: []string{
			t.T("The list below is closed: a test of the public source code fails when the database has a column that is not on it. Its hash above is that of the published list."),
			t.T("Build the program from its public source with the compiler named above and -trimpath: every build of the same source for the same kind of machine gives the same bytes, so that anyone can compare their own file with the hash above."),
			t.T("Run “verify build FILE” on that file: it reads the list of packages out of the program itself and shows that no code which could open a message is among them."),
		},
	}
	if t.Code() != lang.English {
		s.statement = append(s.statement, t.T("This is a translation by the provider. The English text governs; it stands in the file %s.", bundle.SheetText))
	}
	for _, f := range disclosable.Fields() {
		f = f.In(t)
		s.exists = append(s.exists, [2]string{f.Title, f.Meaning})
	}
	for _, a := range disclosable.Absents() {
		s.absent = append(s.absent, a.In(t))
	}
	return s
}

// asked is what was asked for: the request's own words as they are, with their
// language where it is another one and can be told.
func asked(in Input) pdf.Cell {
	t := in.Tongue
	words := plain(in.Content.Asked)
	if words == "" {
		return one(say(t, in.Content.About))
	}
	if code := t.Book().Guess(words); code != t.Code() {
		return pdf.Cell{{Text: words, Language: code}}
	}
	return one(words)
}

func buildFacts(t *lang.Tongue, b Build) [][2]string {
	facts := [][2]string{
		{t.T("List of what is stored"), "SHA-256 " + disclosable.InventoryHash().String()},
		{t.T("Program that answered"), plain(b.Program)},
		{t.T("File of that program"), "SHA-256 " + b.SHA256.String()},
		{t.T("Compiler"), plain(b.Go)},
	}
	if b.Commit != "" {
		facts = append(facts, [2]string{t.T("Source"), t.T("revision %s", plain(b.Commit))})
	}
	return facts
}

// writeSheet sets the sheet as a page.
func (p *Packer) writeSheet(w io.Writer, in Input) error {
	s, t := sheetOf(in), in.Tongue
	d := p.document(in, t.T("Content cannot be produced, case %s", plain(in.Case)))
	d.Beside(plain(in.Provider.Name), nameStyle, strings.Join([]string{t.T("Case %s", plain(in.Case)), t.T("Package %s", plain(in.Package)), t.T("%s (UTC)", t.Day(in.Created))}, "\n"), addressStyle)
	d.Space(5)
	d.Rule(1.2, 0)
	d.Space(16)
	d.Heading(1, s.title, titleStyle)
	if s.asked[0].Text != "" {
		d.Paragraph(t.T("Asked for:"), boldBody)
		style := bodyStyle
		style.Language = s.asked[0].Language
		d.Paragraph(s.asked[0].Text, style)
	}
	for _, x := range s.statement {
		d.Paragraph(x, bodyStyle)
	}
	d.Heading(2, t.T("What this rests on"), headStyle)
	d.Facts(0.24, factName, pdf.Style{Cut: pdf.Mono, Size: 7.4, Lead: 1.7}, s.facts)
	d.Heading(2, t.T("How to check it"), headStyle)
	for i, x := range s.check {
		d.Indented(fmt.Sprintf("%d.", i+1), x, bodyStyle)
	}
	s.lists(d)
	if _, err := d.WriteTo(w); err != nil {
		return fmt.Errorf("set %s: %w", bundle.SheetPDF, err)
	}
	return nil
}

// lists sets what exists and what does not.
func (s sheet) lists(d *pdf.Document) {
	t := s.t
	d.Heading(2, t.T("What exists and can be asked for"), headStyle)
	var rows [][]string
	for _, e := range s.exists {
		rows = append(rows, e[:])
	}
	d.Table([]pdf.Column{{Title: t.T("Field"), Share: 0.28, Style: boldCell}, {Title: t.T("What it says"), Share: 0.72, Style: cellStyle}}, rows)
	d.Heading(2, t.T("What does not exist"), headStyle)
	rows = nil
	for _, a := range s.absent {
		rows = append(rows, []string{a.What, a.Why})
	}
	d.Table([]pdf.Column{{Title: t.T("Not held"), Share: 0.28, Style: boldCell}, {Title: t.T("Why"), Share: 0.72, Style: cellStyle}}, rows)
}

// writeSheetText writes the same as plain text; of a translation, the English
// below it, which governs.
func writeSheetText(w io.Writer, in Input) error {
	var b strings.Builder
	sheetText(&b, in)
	if in.Tongue.Code() != lang.English {
		b.WriteString("\n\n" + strings.Repeat("-", 72) + "\n\n")
		in.Tongue = nil
		sheetText(&b, in)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func sheetText(b *strings.Builder, in Input) {
	s, t := sheetOf(in), in.Tongue
	part := func(title string) { fmt.Fprintf(b, "\n%s\n", title) }
	fmt.Fprintf(b, "%s\n\n%s\n%s\n\n", s.title, t.T("Case %s, package %s, %s¦the head of a sheet", in.Case, in.Package, t.Moment(in.Created)), oneLine(in.Provider.Name))
	if x := s.asked[0].Text; x != "" {
		fmt.Fprintf(b, "%s\n%s\n\n", t.T("Asked for:"), oneLine(x))
	}
	b.WriteString(strings.Join(s.statement, "\n\n") + "\n")
	part(t.T("What this rests on"))
	for _, f := range s.facts {
		fmt.Fprintf(b, "  %-24s %s\n", f[0], f[1])
	}
	part(t.T("How to check it"))
	for i, x := range s.check {
		fmt.Fprintf(b, "  %d. %s\n", i+1, x)
	}
	part(t.T("What exists and can be asked for"))
	for _, e := range s.exists {
		fmt.Fprintf(b, "  %-22s %s\n", e[0], e[1])
	}
	part(t.T("What does not exist"))
	for _, a := range s.absent {
		fmt.Fprintf(b, "  %s: %s\n", a.What, a.Why)
	}
}
