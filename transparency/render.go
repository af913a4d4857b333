package transparency

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/csv"
	"fmt"
	"html/template"
	"strconv"
	"time"
)

//go:embed report.html
var page string

//go:embed report.schema.json
var schema []byte

//go:embed report.css
var style string

var rendered = template.Must(template.New("report").Funcs(template.FuncMap{
	"day":  func(t time.Time) string { return t.UTC().Format(time.DateOnly) },
	"at":   func(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") },
	"last": func(t time.Time) string { return t.UTC().AddDate(0, 0, -1).Format(time.DateOnly) },
	"bars": bars,
	"list": func(x ...any) []any { return x },
	"flat": flat,
	"number": func(n *int) string {
		if n == nil {
			return "too few to say"
		}
		return strconv.Itoa(*n)
	},
}).Parse(page))

// HTML is the report as one page that needs nothing else.
func (r *Report) HTML() ([]byte, error) {
	var b bytes.Buffer
	err := rendered.Execute(&b, struct {
		*Report
		Style template.CSS
		Small int
	}{r, template.CSS(style), Small})
	return b.Bytes(), err
}

// flat are the rows of a template's list, whose first part is the title.
func flat(list []any) (out []Row) {
	for _, x := range list[1:] {
		switch v := x.(type) {
		case Row:
			out = append(out, v)
		case []Row:
			out = append(out, v...)
		}
	}
	return out
}

// StyleHash is what a Content-Security-Policy must allow for the page.
func StyleHash() string {
	h := sha256.Sum256([]byte(style))
	return "sha256-" + base64.StdEncoding.EncodeToString(h[:])
}

// Bar is a line of a plot.
type Bar struct {
	Name       string
	N          int
	Y, Text, W int // where it stands, in pixels
}

// Plot is bars whose lengths are figures of a table beside it: nothing is said
// by colour alone, and the numbers stand at the bars.
type Plot struct {
	Title  string
	Height int
	Bars   []Bar
}

const (
	barStep, barLeft, barRoom = 28, 250, 380
)

// bars plots the requests of a table.
func bars(title string, rows []Row) Plot {
	p := Plot{Title: title, Height: barStep*len(rows) + 8}
	most := 1
	for _, r := range rows {
		most = max(most, r.Requests)
	}
	for i, r := range rows {
		p.Bars = append(p.Bars, Bar{Name: short(r.Name), N: r.Requests, Y: i*barStep + 4, Text: i*barStep + 19, W: max(1, r.Requests*barRoom/most)})
	}
	return p
}

// End is where the figure stands.
func (b Bar) End() int { return barLeft + b.W + 8 }

func short(s string) string {
	if r := []rune(s); len(r) > 34 {
		return string(r[:33]) + "…"
	}
	return s
}

// CSV is every figure, a line each: table, row, column, value.
func (r *Report) CSV() ([]byte, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	line := func(table, row, column string, value any) {
		w.Write([]string{r.Period.String(), table, row, column, fmt.Sprint(value)})
	}
	w.Write([]string{"period", "table", "row", "column", "value"})
	tables := []struct {
		name string
		rows []Row
	}{{"total", []Row{r.Total}}, {"countries", r.Countries}, {"processes", r.Processes}, {"united_states", r.US},
		{"dsa_orders", r.DSA.Orders}, {"dsa_content", r.DSA.Content}}
	if r.Split != nil {
		tables = append(tables, struct {
			name string
			rows []Row
		}{"split", []Row{r.Split.Legal, r.Split.Emergency}})
	}
	for _, t := range tables {
		for _, x := range t.rows {
			line(t.name, x.ID, "requests", x.Requests)
			line(t.name, x.ID, "accounts", x.Accounts)
			line(t.name, x.ID, "answered", x.Answered)
			line(t.name, x.ID, "some_data", x.SomeData)
		}
	}
	if r.Split != nil {
		line("split", "emergency", "followed_by_process", r.Split.Followed)
	}
	r.single(line)
	w.Flush()
	return b.Bytes(), w.Error()
}

// outcome is a line of a table of outcomes.
type outcome struct {
	id, Name string
	n        int
}

// N is the number of requests.
func (o outcome) N() int { return o.n }

// Lines are the outcomes of preservations, in the order of the report.
func (p *Preserved) Lines() []outcome {
	return []outcome{{"kept", "A sealed snapshot was kept", p.Kept}, {"refused", "Refused", p.Refused}, {"no_account", "No such account", p.NoAccount},
		{"withdrawn", "Withdrawn by the authority", p.Withdrawn}, {"pending", "Not answered yet", p.Pending}}
}

// single writes the figures that are in no table of rows.
func (r *Report) single(line func(table, row, column string, value any)) {
	o := r.Outcomes
	for _, x := range []struct {
		name string
		n    int
	}{{"all", o.All}, {"part", o.Part}, {"refused", o.Refused}, {"no_data", o.NoData}, {"withdrawn", o.Withdrawn}, {"pending", o.Pending}} {
		line("outcomes", x.name, "requests", x.n)
	}
	line("secrecy", "asked", "requests", r.Secrecy.Asked)
	line("secrecy", "open_ended", "requests", r.Secrecy.OpenEnded)
	optional := func(table, row, column string, n *int) {
		if n != nil {
			line(table, row, column, *n)
		}
	}
	optional("secrecy", "with_end", "median_days", r.Secrecy.MedianDays)
	line("notices", "before", "accounts", r.Notices.Before)
	line("notices", "after", "accounts", r.Notices.After)
	line("challenges", "challenged", "requests", r.Challenges.Challenged)
	line("challenges", "narrowed", "requests", r.Challenges.Narrowed)
	for _, a := range r.Apart {
		line("apart", string(a.Group), "requests", a.Requests)
		line("apart", string(a.Group), "accounts", a.Accounts)
	}
	if p := r.Preserved; p != nil {
		for _, x := range p.Lines() {
			line("preservations", x.id, "requests", x.n)
		}
	}
	optional("dsa", "receipt", "median_hours", r.DSA.ReceiptHrs)
	optional("dsa", "effect", "median_hours", r.DSA.EffectHours)
	if r.National != nil {
		for _, b := range r.National.Lines {
			line("national_security", b.Category+", "+b.From.Format(time.DateOnly)+" to "+b.Until.AddDate(0, 0, -1).Format(time.DateOnly), "band", b.Band)
		}
	}
	for _, c := range r.Restated {
		line("restated "+c.Period.String()+" "+c.Table, c.Row, c.Column, fmt.Sprintf("%d, was %d", c.Is, c.Was))
	}
}
