package portal

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"letterlock/desk/agency"
	"letterlock/desk/casefile"
	"letterlock/desk/intake"
	"letterlock/internal/lang"
	"letterlock/law"
	"letterlock/web/demand"
	"letterlock/web/kit"
)

func (p *portal) requests(w http.ResponseWriter, r *http.Request, o agency.Officer) error {
	heads, err := p.c.Intake.Cases(r.Context(), o.ID)
	if err != nil {
		return err
	}
	drafts, err := p.c.Intake.Drafts(r.Context(), o.ID)
	if err != nil {
		return err
	}
	return p.show(w, r, o, http.StatusOK, "requests.html", kit.Page{Title: "My requests", Here: "/requests", Data: struct {
		Cases, Drafts kit.Table
		Asked         int
		Any           bool
	}{p.caseTable(p.kit.Tongue(r), heads), p.draftTable(p.kit.Tongue(r), drafts), asking(heads), len(drafts) > 0}})
}

func asking(heads []casefile.Head) int {
	n := 0
	for _, h := range heads {
		if h.Phase == casefile.Asked {
			n++
		}
	}
	return n
}

func (p *portal) caseTable(l *lang.Tongue, heads []casefile.Head) kit.Table {
	t := kit.Table{Caption: "Sent", Columns: []kit.Column{{Title: "Request"}, {Title: "Status"}, {Title: "Time left"}, {Title: "Kind of paper"}, {Title: "Sent"}}, Empty: "You have not sent a request yet."}
	for _, h := range heads {
		var left any = "–"
		if !h.Phase.Over() && !h.Due.IsZero() {
			left = kit.TimeLeft{Now: p.c.Clock.Now(), Due: h.Due}
		}
		t.Rows = append(t.Rows, []any{kit.Link{Text: string(h.Number), URL: "/requests/" + string(h.Number)}, phaseBadge(h.Phase), left, l.T(p.rowName(h.Process)), kit.Stamp(h.Filed)})
	}
	return t
}

func (p *portal) draftTable(l *lang.Tongue, drafts []casefile.Draft) kit.Table {
	t := kit.Table{Caption: "Drafts, not sent", Columns: []kit.Column{{Title: "Kind of paper"}, {Title: "Your reference"}, {Title: "Goes on at"}, {Title: "Last changed"}, {Title: ""}}}
	for _, d := range drafts {
		ref := d.Demand.Reference
		if ref == "" {
			ref = "–"
		}
		t.Rows = append(t.Rows, []any{kit.Link{Text: p.rowName(d.Demand.Process), URL: "/drafts/" + string(d.ID)}, ref, p.leftAt(l, d), kit.Stamp(d.Touched),
			kit.Link{Text: "Delete", URL: "/drafts/" + string(d.ID) + "/delete"}})
	}
	return t
}

func (p *portal) rowName(id law.ProcessID) string {
	if row, ok := p.c.Law.Row(id, p.c.Clock.Now()); ok {
		return row.Name
	}
	return string(id)
}

// packed is a package as the officer sees it.
type packed struct {
	casefile.Package
	Facts       kit.Facts
	There       bool
	Passphrase  bool
	At, Opening string
	Held        error // why it is not handed out now; nil: it is
}

// requestData is the page of one request.
type requestData struct {
	At        string
	Steps     kit.Steps
	Status    kit.Facts
	Questions []casefile.Question
	Fields    map[casefile.QuestionID]kit.Field
	Attach    map[casefile.QuestionID]kit.Field // the papers to choose for an answer
	Waits     map[casefile.QuestionID]string    // what the time does meanwhile
	Enclosed  map[casefile.QuestionID][]string  // the names of an answer's papers
	Packages  []packed
	Kept      []kit.Facts
	Renew     bool
	Decisions kit.Table
	Decided   bool
	Notice    string
	Summary   kit.Facts
	Wanted    []string
	Finds     []finds
	Papers    []casefile.Paper
	Names     map[string]string
	Upload    []kit.Field
	Timeline  kit.Timeline
	CanEdit   bool
	Open      bool
	Long      bool // more accounts than the summary names
	Urgent    *urgentState
	Whose     string // the colleague whose request it is
	May       map[string]bool
}

func number(r *http.Request) (casefile.Number, error) {
	n, err := casefile.ParseNumber(r.PathValue("n"))
	if err != nil {
		return "", casefile.NoCase()
	}
	return n, nil
}

func (p *portal) view(r *http.Request, o agency.Officer) (intake.View, error) {
	n, err := number(r)
	if err != nil {
		return intake.View{}, err
	}
	return p.c.Intake.Case(r.Context(), o.Actor(), n)
}

func (p *portal) request(w http.ResponseWriter, r *http.Request, o agency.Officer) error {
	return p.requestPage(w, r, o, http.StatusOK, p.form(r, nil))
}

func (p *portal) requestPage(w http.ResponseWriter, r *http.Request, o agency.Officer, status int, f *kit.Form) error {
	v, err := p.view(r, o)
	if err != nil {
		return err
	}
	row, _ := p.c.Law.Row(v.Demand.Process, p.c.Clock.Now())
	row.Name = p.rowName(v.Demand.Process)
	at := "/requests/" + string(v.Number)
	d := requestData{At: at, Steps: caseSteps(v), Status: p.status(v), Questions: v.Questions, Fields: map[casefile.QuestionID]kit.Field{},
		Decisions: p.decisionTable(f.Tongue(), v), Decided: len(v.Decisions) > 0, Summary: demand.Summary(f.Tongue(), v.Demand, row), Finds: p.foundNow(f.Tongue(), v, at), Papers: v.Demand.Papers,
		Names: demand.PaperNames(p.c.Law, row), Upload: uploadFields(f, demand.Papers(p.c.Law, row)), CanEdit: v.CanEdit && v.May[casefile.ShareCorrect], Open: !v.Phase.Over(), Long: len(v.Demand.Targets) > 1, Urgent: urgentOf(v), May: map[string]bool{}}
	for x, ok := range v.May {
		d.May[strings.ReplaceAll(string(x), " ", "")] = ok
	}
	if !v.Own {
		d.Whose = v.Demand.OfficerName
	}
	d.Attach, d.Waits, d.Enclosed = map[casefile.QuestionID]kit.Field{}, map[casefile.QuestionID]string{}, map[casefile.QuestionID][]string{}
	for _, q := range v.Questions {
		d.Fields[q.ID] = f.Long("answer-"+string(q.ID), "Your answer", "").Require()
		if o := paperChoices(v.Demand.Papers, q.At); len(o) > 0 {
			d.Attach[q.ID] = f.Checks("papers-"+string(q.ID), "Papers that belong to your answer", "Those you have added since the question. Add others below first.", o)
		}
		d.Waits[q.ID] = waits(f.Tongue(), q)
		for _, id := range q.Papers {
			for _, x := range v.Demand.Papers {
				if x.ID == id {
					d.Enclosed[q.ID] = append(d.Enclosed[q.ID], x.Name)
				}
			}
		}
	}
	for _, x := range v.Packages {
		y := p.packed(f.Tongue(), x, at)
		y.Passphrase = y.Passphrase && v.Own
		y.Held = v.Held
		d.Packages = append(d.Packages, y)
	}
	d.Kept, d.Renew = keptFacts(f.Tongue(), v), v.Renewable
	for _, i := range v.Demand.Wanted {
		d.Wanted = append(d.Wanted, f.T(i.Title()))
	}
	if v.Notice != nil {
		d.Notice = v.Notice.In(f.Tongue())
	}
	for _, l := range v.Timeline {
		d.Timeline = append(d.Timeline, kit.Event{At: l.At, Who: l.Who, What: l.Told.In(f.Tongue()), Quote: typed(f.Tongue(), l), Why: l.Why, Tone: kit.Plain})
	}
	return p.show(w, r, o, status, "request.html", kit.Page{Title: f.T("Request %s", v.Number), Lead: row.Name, Form: f, Trail: []kit.Link{{Text: "My requests", URL: "/requests"}}, Data: d})
}

func (p *portal) status(v intake.View) kit.Facts {
	out := kit.Facts{{Label: "Status", Value: phaseBadge(v.Phase)}, {Label: "Sent", Value: kit.Stamp(v.Filed)}}
	if !v.Phase.Over() && !v.Due.IsZero() {
		out = append(out, kit.Fact{Label: "Answer due", Value: kit.TimeLeft{Now: p.c.Clock.Now(), Due: v.Due, Start: v.Filed}})
	}
	if !v.Traced.IsZero() {
		out = append(out, kit.Fact{Label: "The trace runs until", Value: kit.Stamp(v.Traced)})
	}
	return out
}

// caseSteps is the way of a request in four stages that an officer can name.
func caseSteps(v intake.View) kit.Steps {
	if v.Withdrawn {
		return nil
	}
	at := map[casefile.Phase]int{casefile.Waiting: 0, casefile.InReview: 1, casefile.Asked: 1, casefile.Decided: 2, casefile.Signing: 2,
		casefile.Notice: 2, casefile.Packing: 2, casefile.Tracing: 2, casefile.Answered: 3, casefile.Closed: 4}[v.Phase]
	var s kit.Steps
	for i, x := range []kit.Step{{Text: "Received"}, {Text: "Reviewed"}, {Text: "Decided and signed"}, {Text: "Answered"}} {
		x.Done, x.Current = i < at, i == at
		s = append(s, x)
	}
	return s
}

// typed is what a person typed in a line of the timeline. That it is in the
// reviewer's own words is said of a reviewer alone.
func typed(t *lang.Tongue, l casefile.Line) lang.Quote {
	q := t.Quote(l.Typed)
	if l.Who != casefile.ResponseTeam {
		q.Note = ""
	}
	return q
}

func (p *portal) decisionTable(l *lang.Tongue, v intake.View) kit.Table {
	t := kit.Table{Caption: "Decision on each thing you asked for", Columns: []kit.Column{{Title: "Asked for"}, {Title: "Decision"}, {Title: "Reason"}}}
	for _, d := range v.Decisions {
		reason := kit.Group{l.Quote(d.Reason)}
		if row, ok := law.Default().Finding(d.Finding); ok && d.Finding != "" && !row.TeamOnly {
			reason = append(reason, "("+l.T(row.Title)+")")
		}
		switch d.Channel {
		case "":
		case p.c.Law.ByTreaty(v.Demand.Jurisdiction):
			reason = append(reason, p.c.Law.ByTreatyIn(v.Demand.Jurisdiction, l))
		default:
			reason = append(reason, d.Channel)
		}
		t.Rows = append(t.Rows, []any{kit.Words(d.Item.Title()), verdictBadge(d.Verdict), reason})
	}
	return t
}

// foundNow are the findings on a filed request that still stand. Nobody's name
// of the team is shown with an answer.
func (p *portal) foundNow(t *lang.Tongue, v intake.View, at string) []finds {
	var all []law.Finding
	for _, s := range v.Findings {
		if s.Answer != nil && !s.Answer.Holds {
			continue
		}
		all = append(all, law.Finding{FindingRow: s.Row(), Decided: s.Decided, Where: s.Where, Missing: s.Missing, Note: s.Note, Lack: s.Lack})
	}
	row, _ := p.c.Law.Row(v.Demand.Process, p.c.Clock.Now())
	form := demand.Path(demand.Sections(kit.NewForm(nil).In(t), row, p.c.Law, p.c.Intake.House))
	out := p.foundOf(t, all, func(field string) string {
		if field == string(stepPapers) {
			return at + "#papers"
		}
		if _, ok := demand.StepOf(form, field); ok {
			return at + "/correct#" + field
		}
		return at + "/correct"
	})
	if !v.CanEdit {
		for i := range out {
			out[i].Fix = ""
		}
	}
	return out
}

func (p *portal) packed(t *lang.Tongue, x casefile.Package, at string) packed {
	there := x.There(p.c.Clock.Now())
	out := packed{Package: x, There: there, Passphrase: there && x.SealedTo == "passphrase", At: at}
	sealed := kit.Words("your package key")
	if x.SealedTo == "passphrase" {
		sealed = kit.Words("a passphrase, shown once")
	}
	out.Facts = kit.Facts{{Label: "File", Value: x.Name}, {Label: "Size", Value: kit.BytesIn(t, x.Size)}, {Label: "SHA-256", Value: kit.Code(x.Sum)},
		{Label: "Sealed to", Value: sealed}, {Label: "Made", Value: kit.Stamp(x.Made)}, {Label: "To be downloaded until", Value: kit.Stamp(x.Expires)},
		{Label: "Downloads", Value: t.N(x.Whole(), "%d recorded", "%d recorded¦downloads")}}
	return out
}

// answer takes the answer to a question.
func (p *portal) answer(w http.ResponseWriter, r *http.Request, o agency.Officer) error {
	n, err := number(r)
	if err != nil {
		return err
	}
	f, err := kit.ReadForm(r)
	if err != nil {
		return err
	}
	q := r.PathValue("q")
	name := "answer-" + q
	if text := f.Need(name, "Write your answer first."); f.OK() {
		err := p.c.Intake.Answer(r.Context(), o.Actor(), n, casefile.QuestionID(q), text, chosenPapers(f, "papers-"+q)...)
		if err == nil {
			return p.kit.Done(w, r, "/requests/"+string(n), kit.Good, "Your answer is with the reviewers. The time to answer runs on.")
		}
		if !personal(err) {
			return err
		}
		f.Fault(name, err)
	}
	return p.requestPage(w, r, o, http.StatusBadRequest, f)
}

// paperChoices are the papers that came after a question was asked.
func paperChoices(all []casefile.Paper, asked time.Time) (o []kit.Option) {
	for _, x := range all {
		if !x.At.Before(asked) {
			o = append(o, kit.Option{Value: string(x.ID), Text: x.Name})
		}
	}
	return o
}

func chosenPapers(f *kit.Form, name string) (out []casefile.PaperID) {
	for _, x := range f.All(name) {
		out = append(out, casefile.PaperID(x))
	}
	return out
}

// waits says by when a question is to be answered, what happens then, and what
// the time to answer the request does meanwhile.
func waits(t *lang.Tongue, q casefile.Question) string {
	var out []string
	switch {
	case q.Lapsed:
		return t.T("It was not answered in time: the request is decided as it stands.")
	case !q.Open():
		return ""
	case !q.Until.IsZero():
		out = append(out, t.T("Please answer by %s. After that the question lapses, and the request is decided as it stands.", t.Moment(q.Until)))
	}
	if q.Stops {
		out = append(out, t.T("The time in which we answer you stands still until you have answered."))
	} else {
		out = append(out, t.T("The time in which we answer you runs on meanwhile."))
	}
	return strings.Join(out, " ")
}

func (p *portal) casePaper(w http.ResponseWriter, r *http.Request, o agency.Officer) error {
	v, err := p.view(r, o)
	if err != nil {
		return err
	}
	n, f, err := kit.Upload(w, r, func(ctx context.Context, name, what string, b io.Reader) error {
		_, err := p.c.Intake.AddCasePaper(ctx, o.Actor(), v.Number, name, what, b)
		return err
	})
	if err != nil {
		return err
	}
	if !f.OK() {
		return p.requestPage(w, r, o, http.StatusBadRequest, f)
	}
	return p.kit.Done(w, r, "/requests/"+string(v.Number), kit.Good, p.kit.Tongue(r).N(n, "%d paper is with your request.", "%d papers are with your request."))
}

// download hands out a package, or the piece of it that is missing after a
// connection broke. It asks by GET so that a browser can resume by itself; that
// it was asked for is recorded all the same, and the session's cookie does not
// come along from a page of another site.
func (p *portal) download(w http.ResponseWriter, r *http.Request, o agency.Officer) error {
	n, err := number(r)
	if err != nil {
		return err
	}
	x, err := p.c.Intake.Collectable(r.Context(), o.Actor(), n, casefile.PackageID(r.PathValue("p")))
	if err != nil {
		return err
	}
	tag := kit.Tag(string(x.Sum))
	part, err := kit.Wanted(r, tag, x.Size)
	if err != nil {
		kit.Outside(w, x.Size)
		return nil
	}
	if r.Method == http.MethodHead {
		return part.Give(w, r, x.Name, tag, nil)
	}
	body, err := p.c.Intake.CollectPart(r.Context(), o.Actor(), n, x, casefile.Part{From: part.From, Size: part.Size})
	if err != nil {
		return err
	}
	err = part.Give(w, r, x.Name, tag, body)
	if end := body.Close(); end != nil {
		p.kit.Trouble(r, slog.LevelError, "record the end of a download", end)
	}
	if err != nil {
		p.kit.Trouble(r, slog.LevelWarn, "download broke off", err) // the browser goes on from there
		panic(http.ErrAbortHandler)
	}
	return nil
}

func (p *portal) passphrase(w http.ResponseWriter, r *http.Request, o agency.Officer) error {
	n, err := number(r)
	if err != nil {
		return err
	}
	s, err := p.c.Intake.Passphrase(r.Context(), o.Actor(), n, casefile.PackageID(r.PathValue("p")))
	if err != nil {
		return err
	}
	at := "/requests/" + string(n)
	return p.show(w, r, o, http.StatusOK, "passphrase.html", kit.Page{Title: "The passphrase, shown once", Trail: []kit.Link{{Text: "My requests", URL: "/requests"}, {Text: string(n), URL: at}},
		Data: struct {
			Passphrase kit.Code
			At         string
		}{kit.Code(s.Reveal()), at}})
}
