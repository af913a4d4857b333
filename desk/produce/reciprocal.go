package produce

import (
	"fmt"
	"io"
	"time"

	"letterlock/desk/produce/pdf"
)

// ReciprocalNotice is what the notice to the Government says: that the
// recipient of a national security letter wishes a court to review the secrecy.
// It names no account and says nothing of what is held.
// law: 18 USC 3511(b)(1)
type ReciprocalNotice struct {
	Provider  Provider
	Agency    Agency
	Case      string
	Reference string    // of the letter
	Issued    time.Time // zero: the letter bears no date
	Received  time.Time
	Created   time.Time
	Days      int // in which the Government must apply
}

// Reciprocal sets the notice for counsel to sign and send.
func (p *Packer) Reciprocal(w io.Writer, in ReciprocalNotice) error {
	doc := pdf.New(p.Fonts, pdf.Settings{Title: "Notice under 18 USC 3511(b)(1)", Author: in.Provider.Name, Language: "en", Created: in.Created, Paper: p.Paper,
		Running: plain(in.Provider.Name) + "  ·  " + plain(in.Case) + "  ·  to be seen only by those to whom disclosure is necessary"})
	doc.Beside(plain(in.Provider.Name), nameStyle, lines(append(append([]string(nil), in.Provider.Address...), in.Provider.Contact)...), addressStyle)
	doc.Space(5)
	doc.Rule(1.2, 0)
	doc.Space(20)
	doc.Paragraph(lines(append([]string{in.Agency.Name, in.Agency.Unit, in.Agency.Officer}, in.Agency.Address...)...), pdf.Style{Cut: pdf.Serif, Size: 10.5, After: 4})
	doc.Space(8)
	facts := [][2]string{{"Date", date(in.Created)}, {"Our case", plain(in.Case)}}
	if in.Reference != "" {
		facts = append(facts, [2]string{"Your letter", plain(in.Reference)})
	}
	if !in.Issued.IsZero() {
		facts = append(facts, [2]string{"Dated", date(in.Issued)})
	}
	doc.Facts(0.2, factName, factValue, append(facts, [2]string{"Received", moment(in.Received)}))
	doc.Space(4)
	doc.Heading(1, "Notice that we wish judicial review of the nondisclosure requirement", titleStyle)
	for _, s := range []string{
		"We received the national security letter named above, issued under 18 USC 2709. It comes with a requirement under 18 USC 2709(c) that we do not disclose it.",
		"Under 18 USC 3511(b)(1) the recipient of such a letter may notify the Government that it wishes to have a court review the nondisclosure requirement. This is that notification.",
		fmt.Sprintf("Within %d days of receiving it the Government must apply to a court for an order prohibiting disclosure. Please send a copy of the application, and of any order, to the address above, naming our case.", in.Days),
		"We observe the requirement while the review is pending. This notice says nothing about whether there is an account or a record to which the letter could apply; the letter itself is answered apart.",
		"If the requirement is not, or no longer, asked for, please tell us so in writing. We also ask to be told when the review of the requirement that the Attorney General's termination procedures of 2015 call for, three years after the start of the investigation and at its close, has taken place, and what came of it.",
	} {
		doc.Paragraph(s, bodyStyle)
	}
	doc.Space(30)
	doc.Facts(0.3, factName, factValue, [][2]string{{"Counsel for " + plain(in.Provider.Name), "________________________________________"}, {"", ""}, {"Sent on, and how", "________________________________________"}})
	if _, err := doc.WriteTo(w); err != nil {
		return fmt.Errorf("set the notice: %w", err)
	}
	return nil
}
