package transparency

import (
	"encoding/json"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"
)

// Small is the least number of requests that is published of one country or one
// process: fewer could point at one matter.
const Small = 5

// Figure is a number that stands apart from all totals: below Small it is
// published as 0-4.
type Figure struct{ n int }

func (f Figure) few() bool { return f.n < Small }

// String is the figure as it is published.
func (f Figure) String() string {
	if f.few() {
		return "0-" + strconv.Itoa(Small-1)
	}
	return strconv.Itoa(f.n)
}

// MarshalJSON writes a number, or "0-4".
func (f Figure) MarshalJSON() ([]byte, error) {
	if f.few() {
		return json.Marshal(f.String())
	}
	return json.Marshal(f.n)
}

// UnmarshalJSON reads it.
func (f *Figure) UnmarshalJSON(b []byte) error {
	if string(b) == `"`+(Figure{}).String()+`"` {
		*f = Figure{}
		return nil
	}
	return json.Unmarshal(b, &f.n)
}

// Row is a line of a table.
type Row struct {
	ID       string `json:"id"` // of the country or process; "other" for those put together
	Name     string `json:"name"`
	Requests int    `json:"requests"`
	Accounts int    `json:"accounts"`
	Answered int    `json:"answered"`  // of the requests
	SomeData int    `json:"some_data"` // of those answered
}

// Share is the percentage of the answered requests in which some data were
// produced, and nothing while none is answered.
func (r Row) Share() string {
	if r.Answered == 0 {
		return ""
	}
	return strconv.Itoa((200*r.SomeData+r.Answered)/(2*r.Answered)) + " %"
}

func (r *Row) add(o Row) {
	r.Requests += o.Requests
	r.Accounts += o.Accounts
	r.Answered += o.Answered
	r.SomeData += o.SomeData
}

const other = "other"

// merged is a table after the rule of small cells: rows with fewer than Small
// requests are put together as "other", with so many further ones, the smallest
// first, that "other" has at least Small requests and at least two members, and
// with as many more as the audit asks for.
type merged struct {
	rows   []Row // the smallest first
	hidden int   // of these are put together
	title  string
}

func merge(rows []Row, title string) *merged {
	rows = slices.DeleteFunc(slices.Clone(rows), func(r Row) bool { return r.Requests == 0 })
	sort.Slice(rows, func(i, j int) bool {
		if first := rows[i].ID == other; first != (rows[j].ID == other) { // what is other already is put together first: one row has that name
			return first
		}
		if rows[i].Requests != rows[j].Requests {
			return rows[i].Requests < rows[j].Requests
		}
		return rows[i].ID < rows[j].ID
	})
	m := &merged{rows: rows, title: title}
	if slices.ContainsFunc(rows, func(r Row) bool { return r.Requests < Small }) {
		m.hide()
	}
	return m
}

// hide puts one more row together with the others, and so many that the rule
// holds.
func (m *merged) hide() {
	m.hidden++
	for m.hidden < len(m.rows) && (m.rows[m.hidden].Requests < Small || m.hidden < 2 || m.rest().Requests < Small) {
		m.hidden++
	}
}

func (m *merged) rest() Row {
	r := Row{ID: other, Name: m.title}
	for _, h := range m.rows[:m.hidden] {
		r.add(h)
	}
	return r
}

// shown are the rows as published, by name; none if hardly anything could be
// told apart.
func (m *merged) shown() []Row {
	out := slices.Clone(m.rows[m.hidden:])
	sort.Slice(out, func(i, j int) bool { return strings.ToLower(out[i].Name) < strings.ToLower(out[j].Name) })
	switch {
	case m.hidden == 0:
		return out
	case len(out) == 0:
		return nil
	}
	return append(out, m.rest())
}

// sets are the sums that the table publishes: each row shown, and the others
// together.
func (m *merged) sets(c cells, of func(id string) func(country, process string) bool) (out []set) {
	if m.hidden > 0 && m.hidden == len(m.rows) {
		return nil
	}
	for _, r := range m.rows[m.hidden:] {
		out = append(out, c.set(of(r.ID)))
	}
	if m.hidden > 0 {
		out = append(out, c.set(func(country, process string) bool {
			return slices.ContainsFunc(m.rows[:m.hidden], func(r Row) bool { return of(r.ID)(country, process) })
		}))
	}
	return out
}

// table groups requests by what key says, one row for each.
func table(all []facts, key func(facts) (id, name string), title string) *merged {
	byID := map[string]*Row{}
	for _, f := range all {
		id, name := key(f)
		r := byID[id]
		if r == nil {
			r = &Row{ID: id, Name: name}
			byID[id] = r
		}
		r.add(rowOf(f))
	}
	rows := make([]Row, 0, len(byID))
	for _, r := range byID {
		rows = append(rows, *r)
	}
	return merge(rows, title)
}

func rowOf(f facts) Row {
	r := Row{Requests: 1, Accounts: f.accounts}
	if f.answered() {
		r.Answered = 1
	}
	if f.some() {
		r.SomeData = 1
	}
	return r
}

func sum(all []facts) (r Row) {
	for _, f := range all {
		r.add(rowOf(f))
	}
	return r
}

// medianHours is the median of spans in hours, rounded up, and nothing for fewer
// than Small: one of few could be read off it.
func medianHours(spans []time.Duration) *int {
	if len(spans) < Small {
		return nil
	}
	slices.Sort(spans)
	h := int((spans[(len(spans)-1)/2] + time.Hour - 1) / time.Hour)
	return &h
}

func medianDays(days []int) *int {
	if len(days) < Small {
		return nil
	}
	slices.Sort(days)
	d := days[(len(days)-1)/2]
	return &d
}
