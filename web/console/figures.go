package console

import (
	"bytes"
	"cmp"
	"context"
	"encoding/csv"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"time"

	"letterlock/desk/casefile"
	"letterlock/desk/figures"
	"letterlock/desk/staff"
	"letterlock/internal/fault"
	"letterlock/internal/plot"
	"letterlock/law"
	"letterlock/web/kit"
)

// The lead's page. What it shows and what its file holds are the same tables.

func (s *console) figureRoutes(in router) {
	in("GET /figures", casefile.SeeFigures, s.figures)
	in("GET /figures.csv", casefile.SeeFigures, s.figuresFile)
}

// figure is a table and the plot beside it.
type figure struct {
	Plot  template.HTML
	Table kit.Table
}

// lapsesSoon is how long before its end a training is on the page.
const lapsesSoon = 30 * 24 * time.Hour

func (s *console) span(r *http.Request) (casefile.Span, bool) {
	q, now := r.URL.Query(), s.Clock.Now().UTC()
	get := func(name, otherwise string) string {
		if v := strings.TrimSpace(q.Get(name)); v != "" && v != anyOf {
			return v
		}
		return otherwise
	}
	first := time.Date(now.Year(), now.Month()-11, 1, 0, 0, 0, 0, time.UTC)
	return casefile.Span{From: get("from", casefile.Month(first)), Until: get("until", casefile.Month(now)), Process: law.ProcessID(get("process", "")), Country: law.Jurisdiction(get("country", ""))}, q.Get("lane") == string(casefile.LaneSealed)
}

func (s *console) figures(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	span, sealed := s.span(r)
	f := kit.NewForm(r.URL.Query())
	all, err := s.figuresOf(r.Context(), m, span, sealed)
	status := http.StatusOK
	if err != nil {
		if !fault.Is(err, fault.Invalid) {
			return err
		}
		f.Bad("from", fault.Say(err))
		status = http.StatusBadRequest
	}
	agencies, err := s.Desk.Agencies.Agencies(r.Context())
	if err != nil {
		return err
	}
	file := r.URL.Query()
	d := struct {
		Filter  []kit.Field
		Figures []figure
		File    string
		Sealed  bool
		Other   []kit.Link
	}{[]kit.Field{f.Text("from", "From month", "Such as 2026-01.").Fill(span.From).Require(), f.Text("until", "Until month", "Such as 2026-12.").Fill(span.Until).Require(),
		f.Select("process", "Process", "", s.processOptions(m)).Require(), f.Select("country", "Country", "", s.countryOptions(agencies)).Require()}, all, "/figures.csv?" + file.Encode(), sealed, nil}
	title, lead := "Figures", "The desk as a whole. Exercises are in no count of requests."
	if sealed {
		title, lead, d.Other = "Figures of sealed matters", "For those on the list only. None of them is in any other sum.", []kit.Link{{Text: "Figures of all other requests", URL: "/figures"}}
	} else if m.Cleared {
		d.Other = []kit.Link{{Text: "Figures of sealed matters", URL: "/figures?lane=sealed"}}
	}
	return s.show(w, r, m, status, "figures.html", kit.Page{Title: title, Lead: lead, Here: "/figures", Form: f, Wide: true, Data: d})
}

// figuresFile is every table as one file: table, row, column, value.
func (s *console) figuresFile(w http.ResponseWriter, r *http.Request, m staff.Member) error {
	span, sealed := s.span(r)
	all, err := s.figuresOf(r.Context(), m, span, sealed)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	c := csv.NewWriter(&b)
	c.Write([]string{"from", "until", "process", "country", "table", "row", "column", "value"})
	for _, x := range all {
		for _, row := range x.Table.Rows {
			for i, v := range row[1:] {
				c.Write([]string{span.From, span.Until, string(span.Process), string(span.Country), x.Table.Caption, plain(row[0]), x.Table.Columns[i+1].Title, plain(v)})
			}
		}
	}
	c.Flush()
	hand(w, "attachment", "figures-"+span.From+"-"+span.Until+".csv", "text/csv; charset=utf-8", int64(b.Len()))
	return s.copy(w, r, &b)
}

// plain is a cell as text. What a spreadsheet would take for a formula is not one.
func plain(v any) string {
	if l, ok := v.(kit.Link); ok {
		v = l.Text
	}
	t := fmt.Sprint(v)
	if t != "" && strings.ContainsAny(t[:1], "=+-@\t\r") {
		t = "'" + t
	}
	return t
}

// figuresOf are the tables, the most asked for first.
func (s *console) figuresOf(ctx context.Context, m staff.Member, span casefile.Span, sealed bool) ([]figure, error) {
	p, err := s.Desk.Figures.Page(ctx, m.ID, span, sealed)
	if err != nil {
		return nil, err
	}
	team, err := s.Desk.Staff.Members(ctx)
	if err != nil {
		return nil, err
	}
	out := []figure{s.volumes(p), s.times(p), outcomes(p), s.lateFigures(p), s.findingFigures(p)}
	if out, err = s.agencyFigures(ctx, p, out); err != nil {
		return nil, err
	}
	out = append(out, seconds(p), workload(p, team))
	if sealed {
		return out, nil
	}
	lapsing, err := s.lapsing(ctx, team)
	if err != nil {
		return nil, err
	}
	return append(out, drillFigures(p.Drills), lapsing, s.staleLaw()), nil
}

func numbers(caption, empty string, first string, titles ...string) kit.Table {
	t := kit.Table{Caption: caption, Columns: kit.Columns(first), Empty: empty}
	for _, x := range titles {
		t.Columns = append(t.Columns, kit.Column{Title: x, Right: true})
	}
	return t
}

func (s *console) volumes(p figures.Page) figure {
	t := numbers("Requests by month", "Nothing came in this time.", "Month", "Came", "Answered")
	var months []plot.Month
	for _, x := range p.Months {
		t.Rows = append(t.Rows, []any{x.Name, x.Filed, x.Answered})
		months = append(months, plot.Month{Name: x.Name, A: x.Filed, B: x.Answered})
	}
	if len(t.Rows) == 0 {
		return figure{Table: t}
	}
	t.Rows = append(t.Rows, []any{"All", p.Filed, p.Answered})
	return figure{plot.Months(t.Caption, "came", "answered", months), t}
}

func (s *console) times(p figures.Page) figure {
	t := numbers("How long it took, from the arrival", "", "Until", "Requests", "Median", "Nine of ten within")
	title, unit := scale(p.Taken, p.Answer)
	var bars []plot.Bar
	for _, x := range []struct {
		name string
		figures.Times
	}{{"acknowledged: somebody of the team had it", p.Taken}, {"answered: the answer was there", p.Answer}} {
		median, most := "–", "–"
		if x.N > 0 {
			median, most = kit.Span(x.Median), kit.Span(x.P90)
			bars = append(bars, plot.Bar{Name: x.name + ": median", N: int(x.Median / unit)}, plot.Bar{Name: x.name + ": nine of ten", N: int(x.P90 / unit)})
		}
		t.Rows = append(t.Rows, []any{x.name, x.N, median, most})
	}
	return barred("Time until a request was acknowledged and answered, "+title, bars, t)
}

// scale is the unit in which times are drawn: one in which the longest is a
// number that can be read.
func scale(all ...figures.Times) (string, time.Duration) {
	var most time.Duration
	for _, x := range all {
		most = max(most, x.P90, x.Median)
	}
	if most < 3*time.Hour {
		return "in minutes", time.Minute
	}
	return "in hours", time.Hour
}

// barred is a table with the bars beside it; without bars it stands alone.
func barred(title string, bars []plot.Bar, t kit.Table) figure {
	if len(bars) == 0 {
		return figure{Table: t}
	}
	return figure{plot.Bars(title, bars), t}
}

func outcomes(p figures.Page) figure {
	t := numbers("Outcomes", "Nothing was answered in this time.", "Outcome", "Requests")
	says := map[string]string{"all": "all that was asked for", "part": "a part of it", "refused": "refused", "no data": "no such data", "kept": "preserved, nothing disclosed", "withdrawn": "withdrawn by the agency"}
	var bars []plot.Bar
	for _, x := range p.Outcomes {
		t.Rows = append(t.Rows, []any{says[x.Key], x.N})
		bars = append(bars, plot.Bar{Name: says[x.Key], N: x.N})
	}
	if len(bars) == 0 {
		return figure{Table: t}
	}
	t.Rows = append(t.Rows, []any{"Of the answers, something was narrowed in", p.Narrowed}, []any{"The same, of a hundred", figures.Share(p.Narrowed, p.Answered)})
	return figure{plot.Bars(t.Caption, bars), t}
}

func (s *console) lateFigures(p figures.Page) figure {
	t := numbers("Open and past their day now, by lane", "No open request is past its day.", "Lane", "Requests")
	var bars []plot.Bar
	for _, x := range p.Late {
		t.Rows = append(t.Rows, []any{laneName(casefile.Lane(x.Key)), x.N})
		bars = append(bars, plot.Bar{Name: laneName(casefile.Lane(x.Key)), N: x.N})
	}
	return barred(t.Caption, bars, t)
}

func findingName(id string) string { return casefile.FindingState{ID: law.FindingID(id)}.Row().Title }

func (s *console) findingFigures(p figures.Page) figure {
	t := numbers("Findings raised most often", "Nothing was found in this time.", "Finding", "Times")
	var bars []plot.Bar
	for _, x := range p.Findings {
		t.Rows = append(t.Rows, []any{findingName(x.Key), x.N})
		bars = append(bars, plot.Bar{Name: findingName(x.Key), N: x.N})
	}
	return barred(t.Caption, bars, t)
}

func (s *console) agencyFigures(ctx context.Context, p figures.Page, out []figure) ([]figure, error) {
	all, err := s.Desk.Agencies.Agencies(ctx)
	if err != nil {
		return nil, err
	}
	names := map[casefile.AgencyID]string{}
	for _, a := range all {
		names[a.ID] = a.Name
	}
	t := kit.Table{Caption: "Findings by agency", Columns: append(kit.Columns("Agency"), kit.Column{Title: "Findings", Right: true}, kit.Column{Title: "Most often"}), Empty: "Nothing was found in this time."}
	var bars []plot.Bar
	for _, a := range p.Agencies {
		var most []string
		for _, x := range a.Top {
			most = append(most, fmt.Sprintf("%s (%d)", findingName(x.Key), x.N))
		}
		t.Rows = append(t.Rows, []any{orDash(names[a.ID]), a.N, strings.Join(most, "; ")})
		bars = append(bars, plot.Bar{Name: orDash(names[a.ID]), N: a.N})
	}
	return append(out, barred(t.Caption, bars, t)), nil
}

func seconds(p figures.Page) figure {
	t := numbers("Second reviews", "", "", "Reviews", "Of a hundred")
	t.Rows = [][]any{{"Given", p.Given, "–"}, {"The two differed", p.Differs, shareOf(p.Differs, p.Given)}, {"The second would have given less", p.Less, shareOf(p.Less, p.Given)}}
	return figure{plot.Bars(t.Caption, firstNumbers(t)), t}
}

func workload(p figures.Page, team []staff.Member) figure {
	t := numbers("Who has how much", "Nobody has anything.", "Member", "Open now", "Answered in this time")
	names := map[casefile.MemberID]string{"": "nobody yet"}
	for _, m := range team {
		names[m.ID] = m.Name
	}
	var bars []plot.Bar
	for _, x := range p.Work {
		t.Rows = append(t.Rows, []any{orDash(names[x.Member]), x.Open, x.Done})
		bars = append(bars, plot.Bar{Name: orDash(names[x.Member]), N: x.Open})
	}
	return barred("Open requests by member", bars, t)
}

// firstNumbers are the bars of a table's first column of numbers.
func firstNumbers(t kit.Table) (bars []plot.Bar) {
	for _, row := range t.Rows {
		bars = append(bars, plot.Bar{Name: row[0].(string), N: row[1].(int)})
	}
	return bars
}

// shareOf is a share of a hundred; of nothing there is none.
func shareOf(n, of int) any {
	if of == 0 {
		return "–"
	}
	return figures.Share(n, of)
}

func drillFigures(d figures.Drills) figure {
	t := numbers("Exercises", "", "", "Exercises", "Of a hundred")
	share := shareOf
	t.Rows = [][]any{{"Frauds played", d.Frauds, "–"}, {"Caught by a person", d.Caught, share(d.Caught, d.Frauds)}, {"Stopped by the desk alone", d.Stopped, share(d.Stopped, d.Frauds)}, {"Missed", d.Missed, share(d.Missed, d.Frauds)},
		{"Brought to no end", d.TimedOut, share(d.TimedOut, d.Frauds)}, {"Genuine ones played", d.Genuine, "–"}, {"Genuine ones answered", d.Answered, share(d.Answered, d.Genuine)}}
	return figure{plot.Bars(t.Caption, firstNumbers(t)), t}
}

func (s *console) lapsing(ctx context.Context, team []staff.Member) (figure, error) {
	t := kit.Table{Caption: "Training that has lapsed or is about to", Columns: kit.Columns("Member", "State"), Empty: "Nobody’s training ends within 30 days."}
	now := s.Clock.Now()
	for _, m := range team {
		if m.State != staff.Active {
			continue
		}
		x, err := s.Desk.Staff.Standing(ctx, m)
		switch {
		case err != nil:
			return figure{}, err
		case len(x.Lacks) > 0:
			t.Rows = append(t.Rows, []any{m.Name, "lacks “" + x.Lacks[0].Title + "”"})
		case !x.Until.IsZero() && x.Until.Sub(now) < lapsesSoon:
			t.Rows = append(t.Rows, []any{m.Name, "holds until " + kit.Day(x.Until)})
		case len(x.Law) > 0:
			t.Rows = append(t.Rows, []any{m.Name, "has not read what changed in the law table"})
		}
	}
	return figure{Table: t}, nil
}

func (s *console) staleLaw() figure {
	t := kit.Table{Caption: "Rows of the law table unchecked for over 90 days", Columns: kit.Columns("Row", "Of", "Checked on"), Empty: "Every row was checked within 90 days."}
	for _, r := range s.Desk.Law.Rows() {
		if r.Stale(s.Clock.Now(), law.StaleAfter) {
			t.Rows = append(t.Rows, []any{kit.Link{Text: r.Name, URL: "/law/row/" + string(r.ID)}, s.Desk.Law.PlaceName(r.Jurisdiction), cmp.Or(string(r.CheckedOn), "never")})
		}
	}
	return figure{Table: t}
}
