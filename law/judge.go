package law

import (
	"slices"
	"time"
)

// judgement is one reading of one demand. Each rule is a small method that
// raises findings.
type judgement struct {
	t     *Table
	d     Demand
	row   Row
	known bool // the process is in the table on that day
	now   time.Time
	text  []string
	found map[FindingID]*Finding
}

func newJudgement(t *Table, d Demand) *judgement {
	j := &judgement{t: t, d: d, now: d.Now, found: map[FindingID]*Finding{}}
	if j.now.IsZero() {
		j.now = d.Dates.Received
	}
	if j.d.Dates.Received.IsZero() {
		j.d.Dates.Received = j.now
	}
	on := j.d.Dates.Received
	if !d.LawOn.IsZero() {
		on = d.LawOn
	}
	j.row, j.known = t.Row(d.Process, on)
	if !j.known {
		j.row, _ = t.Row(Unknown, on)
	}
	j.text = heardWords(d.Text + "\n" + d.Offence.Text)
	return j
}

func (j *judgement) run() {
	for _, rule := range []func(){
		j.particulars, j.form, j.dates, j.issuer, j.basis, j.jurisdiction, j.papers,
		j.targets, j.resolved, j.categories, j.period, j.phrases,
		j.emergency, j.rights, j.rightsLists, j.gag, j.system, j.sender,
	} {
		rule()
	}
}

// findings are those raised, in the order of the table.
func (j *judgement) findings() []Finding {
	var out []Finding
	for _, f := range j.t.findings {
		if got, ok := j.found[f.ID]; ok {
			out = append(out, *got)
		}
	}
	return out
}

// raise adds a finding, or another place to one already there. Only a finding
// of degree auto is decided; the machine proposes the others.
func (j *judgement) raise(id FindingID, where ...string) *Finding {
	f, ok := j.found[id]
	if !ok {
		row, exists := j.t.Finding(id)
		if !exists {
			panic("law: a rule raises a finding that is not in the table: " + string(id))
		}
		f = &Finding{FindingRow: row, Decided: row.Degree == Auto}
		j.found[id] = f
	}
	for _, w := range where {
		if !slices.Contains(f.Where, w) {
			f.Where = append(f.Where, w)
		}
	}
	return f
}

func (j *judgement) note(id FindingID, note string, where ...string) {
	f := j.raise(id, where...)
	if f.Note == "" {
		f.Note = note
	}
}

// asks reports whether the demand wants the class.
func (j *judgement) asks(c Class) bool { return slices.Contains(j.d.Classes, c) }

// refuses reports whether the process is answered with no, whatever it asks.
func (j *judgement) refuses() bool {
	switch j.row.Stance {
	case StanceDecline, StanceVoluntaryDecline, StanceMLAT, StanceReject, StanceChallenge:
		return true
	}
	return false
}

// isEmergency: the demand rests on an emergency, or claims one.
func (j *judgement) isEmergency() bool {
	return j.row.ID == Emergency || j.d.Emergency.Claimed
}

// preserves reports whether the process only keeps a snapshot.
func (j *judgement) preserves() bool { return j.row.Reaches(PreserveOnly) }

// endOf is the last moment meant by a date: a date without a time lasts to
// the end of its day.
func endOf(t time.Time) time.Time {
	if h, m, s := t.Clock(); h == 0 && m == 0 && s == 0 {
		return t.AddDate(0, 0, 1).Add(-time.Second)
	}
	return t
}

func days(n int) time.Duration { return time.Duration(n) * 24 * time.Hour }

func hours(n int) time.Duration { return time.Duration(n) * time.Hour }

// day is midnight of t's day in t's zone.
func day(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, t.Location())
}
