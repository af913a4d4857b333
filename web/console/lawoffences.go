package console

import (
	"strconv"
	"strings"

	"letterlock/law"
	"letterlock/web/kit"
	"letterlock/web/words"
)

// offences is the list of a row's threshold, entry by entry.
func offences(th law.Threshold) kit.Table {
	t := kit.Table{Caption: "Listed offences", Columns: kit.Columns("Entry", "Offence or ground", "Highest penalty, at least", "By which text", "How sure we are", "Source and note")}
	for _, e := range th.Listed {
		years := ""
		if e.MaxPenaltyYears > 0 {
			years = strconv.Itoa(e.MaxPenaltyYears) + " years"
		}
		said := e.Text
		if e.Provisions != "" && !strings.Contains(e.Text, e.Provisions) {
			said += ": " + e.Provisions
		}
		from := e.Source
		if e.Note != "" {
			from += ". " + e.Note
		}
		t.Rows = append(t.Rows, []any{kit.Code(e.ID), said, orDash(years), string(e.Citation), words.Certainty(e.Certainty, e.CheckedOn), from})
	}
	return t
}

// gravity is how grave the offence must be, in a line.
func gravity(th law.Threshold) string {
	if th.OnlyListed {
		return th.Text + ". No penalty alone suffices"
	}
	return orDash(th.Text)
}

// listedAs is the entry of the law's list that a demand chose.
func listedAs(th law.Threshold, id string) string {
	e, ok := th.Entry(id)
	switch {
	case ok:
		return e.Text + " (" + string(e.Citation) + ", certainty " + string(e.Certainty) + ")"
	case id == law.OtherOffence:
		return "none of its entries, the officer says"
	}
	return id
}
