package law

import (
	"slices"
	"sync"
	"time"
)

// Table is the law as the program holds it: rows, particulars, findings and
// settings. It never changes after it is made.
type Table struct {
	rows        []Row   // by id, then valid_from
	hash        RowHash // over the rows: every act of a member asks for it
	base        []Row   // the embedded ones, which an operator's are compared with
	particulars []ParticularRow
	findings    []FindingRow
	phrases     []phraseRule
	settings    Settings
	lists       []RightsList
	channels    []MLATChannel
	file        Edition // of the operator's law file, if there is one
}

// StaleAfter is how old a check may be before the console says so.
const StaleAfter = 90 * 24 * time.Hour

var readDefault = sync.OnceValues(readEmbedded)

// Default is the table embedded in the program. The embedded files are
// checked by the tests; a program built from broken ones does not start.
func Default() *Table {
	t, err := readDefault()
	if err != nil {
		panic("law: the embedded table is broken: " + err.Error())
	}
	return t
}

// Row returns the row of a process in force on the given day.
func (t *Table) Row(id ProcessID, on time.Time) (Row, bool) {
	for _, r := range t.rows {
		if r.ID == id && r.InForce(on) {
			return r.clone(), true
		}
	}
	return Row{}, false
}

// RowByHash returns the row whose text has the hash, in force or not: what an
// old grant cites can still be read.
func (t *Table) RowByHash(h RowHash) (Row, bool) {
	for _, r := range t.rows {
		if r.Hash() == h {
			return r.clone(), true
		}
	}
	return Row{}, false
}

// Rows returns every row, ordered by id and day of entry into force.
func (t *Table) Rows() []Row {
	out := make([]Row, len(t.rows))
	for i, r := range t.rows {
		out[i] = r.clone()
	}
	return out
}

// Reaches reports whether the process, on the given day, lets data of the
// class be disclosed. It does not say that the row unlocks: see Row.Unlocks.
func (t *Table) Reaches(id ProcessID, c Class, on time.Time) bool {
	r, ok := t.Row(id, on)
	return ok && r.Reaches(c)
}

// Stale returns the rows that nobody checked within max. Those of certainty U
// are always among them: a row that is not of certainty S has no day on which
// it was checked.
func (t *Table) Stale(now time.Time, max time.Duration) []Row {
	var out []Row
	for _, r := range t.rows {
		if r.Stale(now, max) {
			out = append(out, r.clone())
		}
	}
	return out
}

// Particular describes one particular.
func (t *Table) Particular(id Particular) (ParticularRow, bool) {
	i := slices.IndexFunc(t.particulars, func(p ParticularRow) bool { return p.ID == id })
	if i < 0 {
		return ParticularRow{}, false
	}
	return t.particulars[i], true
}

// ParticularsOf describes what a row asks for, in the row's order.
func (t *Table) ParticularsOf(r Row) []ParticularRow {
	var out []ParticularRow
	for _, id := range r.Required {
		if p, ok := t.Particular(id); ok {
			out = append(out, p)
		}
	}
	return out
}

// Findings returns every finding the table knows, in its order, so that an
// analyst can add those that only a person can make.
func (t *Table) Findings() []FindingRow { return slices.Clone(t.findings) }

// ByPerson is a finding that a person adds after reading the demand, or a
// proposal that they take as their own. It is decided: by them.
func (t *Table) ByPerson(id FindingID, note string) (Finding, bool) {
	row, ok := t.Finding(id)
	if !ok {
		return Finding{}, false
	}
	return Finding{FindingRow: row, Decided: true, Where: []string{"person"}, Note: note}, true
}

// Finding describes one finding.
func (t *Table) Finding(id FindingID) (FindingRow, bool) {
	i := slices.IndexFunc(t.findings, func(f FindingRow) bool { return f.ID == id })
	if i < 0 {
		return FindingRow{}, false
	}
	return t.findings[i], true
}

// Settings returns the numbers that the findings use.
func (t *Table) Settings() Settings { return t.settings.clone() }
