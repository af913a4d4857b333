package produce

import (
	"slices"
	"strings"
	"time"

	"letterlock/desk/produce/pdf"
	"letterlock/disclosable"
)

// Kept is a snapshot that is kept for the agency: nothing of it is in the
// package.
type Kept struct {
	Asked  string
	Fields []disclosable.FieldID
	At     time.Time // when the records were read
	Until  time.Time // destroyed then
	Renews string    // the case in which it was taken, if this one renews it
}

// opensSnapshot reports whether a grant of the package opened a snapshot.
func opensSnapshot(grants []Grant) bool {
	return slices.ContainsFunc(grants, func(g Grant) bool {
		parsed, err := disclosable.ParseGrant(g.Signed.Grant)
		return err == nil && parsed.Snapshot != nil
	})
}

// preserved says what is kept and until when.
func (l *letter) preserved() {
	if len(l.in.Kept) == 0 {
		return
	}
	l.Heading(2, l.t.T("What is preserved"), headStyle)
	l.Paragraph(l.t.T("Nothing is disclosed with this letter. A sealed snapshot of the records named here, as they were at that moment, is kept until its end and then destroyed by the clock, unless it is renewed before. It holds nothing that happens later. It opens only under legal process that reaches the records; name the case number above when you file it."), bodyStyle)
	var rows [][]string
	for _, k := range l.in.Kept {
		var names []string
		for _, id := range k.Fields {
			f, _ := disclosable.FieldByID(id)
			names = append(names, l.t.T(f.Title))
		}
		until := l.t.Moment(k.Until)
		if k.Renews != "" {
			until += "\n" + l.t.T("renews %s", plain(k.Renews))
		}
		rows = append(rows, []string{plain(k.Asked), l.t.Moment(k.At), until, strings.Join(names, "\n")})
	}
	l.Table([]pdf.Column{{Title: l.t.T("Identifier"), Share: 0.24, Style: boldCell}, {Title: l.t.T("As of"), Share: 0.22, Style: cellStyle}, {Title: l.t.T("Kept until"), Share: 0.22, Style: cellStyle}, {Title: l.t.T("Fields"), Share: 0.32, Style: cellStyle}}, rows)
}

// asOf writes when a snapshot was taken.
func (l *letter) asOf(s string) string {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return plain(s)
	}
	return l.t.Moment(t)
}
