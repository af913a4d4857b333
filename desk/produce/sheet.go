package produce

import (
	"fmt"
	"io"
	"strings"

	"letterlock/desk/produce/bundle"
	"letterlock/desk/produce/pdf"
	"letterlock/disclosable"
)

// sheet is what is said when content is asked for: once, for the page and for
// the plain text.
type sheet struct {
	asked     string
	statement []string
	exists    [][2]string
	absent    []disclosable.Absent
	facts     [][2]string
	check     []string
}

func sheetOf(in Input) sheet {
	b := in.Content.Build
	s := sheet{
		asked: in.Content.Asked,
		statement: []string{
			"The content of communications cannot be produced. It was not withheld: it does not exist here in any form that could be read.",
			"Messages are sealed on the sender's device and opened only on the recipient's. The keys never leave the devices. The operator's program does not contain the code that could open a message, and no key that opens one.",
			"A sealed envelope is kept until the recipient's device has taken it, at most 30 days, and is sealed a second time to a key that only that device has. It is then forgotten.",
		},
		absent: disclosable.Absents(),
		facts: [][2]string{
			{"List of what is stored", "SHA-256 " + disclosable.InventoryHash().String()},
			{"Program that answered", plain(b.Program)},
			{"File of that program", "SHA-256 " + b.SHA256.String()},
			{"Compiler", plain(b.Go)},
		},
		check: []string{
			"The list below is closed: a test of the public source code fails when the database has a column that is not on it. Its hash above is that of the published list.",
			"Build the program from its public source with the compiler named above and -trimpath: every build of the same source for the same kind of machine gives the same bytes, so that anyone can compare their own file with the hash above.",
			"Run “verify build FILE” on that file: it reads the list of packages out of the program itself and shows that no code which could open a message is among them.",
		},
	}
	if b.Commit != "" {
		s.facts = append(s.facts, [2]string{"Source", "revision " + plain(b.Commit)})
	}
	for _, f := range disclosable.Fields() {
		s.exists = append(s.exists, [2]string{f.Title, f.Meaning})
	}
	return s
}

const sheetTitle = "Content cannot be produced"

// writeSheet sets the sheet as a page.
func (p *Packer) writeSheet(w io.Writer, in Input) error {
	s := sheetOf(in)
	d := p.document(in, sheetTitle+", case "+in.Case)
	d.Beside(plain(in.Provider.Name), nameStyle, lines(append([]string{"Case " + in.Case}, "Package "+in.Package, date(in.Created))...), addressStyle)
	d.Space(5)
	d.Rule(1.2, 0)
	d.Space(16)
	d.Heading(1, sheetTitle, titleStyle)
	if s.asked != "" {
		d.Paragraph("Asked for: "+plain(s.asked), bodyStyle)
	}
	for _, t := range s.statement {
		d.Paragraph(t, bodyStyle)
	}
	d.Heading(2, "What this rests on", headStyle)
	d.Facts(0.24, factName, pdf.Style{Cut: pdf.Mono, Size: 7.4, Lead: 1.7}, s.facts)
	d.Heading(2, "How to check it", headStyle)
	for i, t := range s.check {
		d.Indented(fmt.Sprintf("%d.", i+1), t, bodyStyle)
	}
	d.Heading(2, "What exists and can be asked for", headStyle)
	var rows [][]string
	for _, e := range s.exists {
		rows = append(rows, []string{e[0], e[1]})
	}
	d.Table([]pdf.Column{{Title: "Field", Share: 0.28, Style: boldCell}, {Title: "What it says", Share: 0.72, Style: cellStyle}}, rows)
	d.Heading(2, "What does not exist", headStyle)
	rows = nil
	for _, a := range s.absent {
		rows = append(rows, []string{a.What, a.Why})
	}
	d.Table([]pdf.Column{{Title: "Not held", Share: 0.28, Style: boldCell}, {Title: "Why", Share: 0.72, Style: cellStyle}}, rows)
	if _, err := d.WriteTo(w); err != nil {
		return fmt.Errorf("set %s: %w", bundle.SheetPDF, err)
	}
	return nil
}

// writeSheetText writes the same as plain text.
func writeSheetText(w io.Writer, in Input) error {
	s := sheetOf(in)
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\nCase %s, package %s, %s\n%s\n\n", sheetTitle, in.Case, in.Package, moment(in.Created), oneLine(in.Provider.Name))
	if s.asked != "" {
		fmt.Fprintf(&b, "Asked for: %s\n\n", oneLine(s.asked))
	}
	for _, t := range s.statement {
		fmt.Fprintf(&b, "%s\n\n", t)
	}
	b.WriteString("What this rests on\n")
	for _, f := range s.facts {
		fmt.Fprintf(&b, "  %-24s %s\n", f[0], f[1])
	}
	b.WriteString("\nHow to check it\n")
	for i, t := range s.check {
		fmt.Fprintf(&b, "  %d. %s\n", i+1, t)
	}
	b.WriteString("\nWhat exists and can be asked for\n")
	for _, e := range s.exists {
		fmt.Fprintf(&b, "  %-22s %s\n", e[0], e[1])
	}
	b.WriteString("\nWhat does not exist\n")
	for _, a := range s.absent {
		fmt.Fprintf(&b, "  %s: %s\n", a.What, a.Why)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
