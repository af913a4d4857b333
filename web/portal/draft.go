package portal

import (
	"net/http"
	"slices"
	"strings"

	"letterlock/desk/agency"
	"letterlock/desk/casefile"
	"letterlock/desk/intake"
	"letterlock/internal/fault"
	"letterlock/internal/lang"
	"letterlock/law"
	"letterlock/web/demand"
	"letterlock/web/kit"
)

// The way of a new request: process, details, papers, findings, send.

func wizard(at int) kit.Steps {
	var s kit.Steps
	for i, t := range []string{"Kind of paper", "Details", "Papers", "Check and send"} {
		s = append(s, kit.Step{Text: t, Done: i < at, Current: i == at})
	}
	return s
}

func (p *portal) choose(w http.ResponseWriter, r *http.Request, o agency.Officer) error {
	return p.choosePage(w, r, o, http.StatusOK, p.form(r, r.URL.Query()))
}

func (p *portal) choosePage(w http.ResponseWriter, r *http.Request, o agency.Officer, status int, f *kit.Form) error {
	a, err := p.c.Agency.Agency(r.Context(), o.Agency)
	if err != nil {
		return err
	}
	return p.show(w, r, o, status, "choose.html", kit.Page{Title: "New request: which paper do you hold?", Here: "/new", Form: f, Data: struct {
		Steps   kit.Steps
		Regions []region
	}{wizard(0), p.regions(p.kit.Tongue(r), a.Country, law.ProcessID(f.Get("process")))}})
}

func (p *portal) chosen(w http.ResponseWriter, r *http.Request, o agency.Officer) error {
	f, err := kit.ReadForm(r)
	if err != nil {
		return err
	}
	if id := f.Need("process", "Choose the kind of paper that you hold. If none fits, choose “Process not in the catalogue”."); f.OK() {
		d, err := p.c.Intake.Start(r.Context(), o.ID, law.ProcessID(id))
		if err == nil {
			http.Redirect(w, r, "/drafts/"+string(d.ID), http.StatusSeeOther)
			return nil
		}
		if !personal(err) {
			return err
		}
		f.Fault("process", err)
	}
	return p.choosePage(w, r, o, http.StatusBadRequest, f)
}

// draft is the officer's draft of the address, and the row it is under.
func (p *portal) draft(r *http.Request, o agency.Officer) (casefile.Draft, law.Row, error) {
	d, err := p.c.Intake.Draft(r.Context(), o.Actor(), casefile.DraftID(r.PathValue("id")))
	if err != nil {
		return d, law.Row{}, err
	}
	row, err := p.row(d.Demand.Process)
	return d, row, err
}

func (p *portal) row(id law.ProcessID) (law.Row, error) {
	row, ok := p.c.Law.Row(id, p.c.Clock.Now())
	if !ok {
		return row, fault.New(fault.Expired, "find process", "this kind of process is no longer in force; begin a new request")
	}
	return row, nil
}

// detailsData is what the form of a request shows, new or corrected.
type detailsData struct {
	Steps    kit.Steps
	Row      law.Row
	Reaches  string
	Sections []demand.Section
	Action   string
	Correct  bool
	Why      kit.Field
	Back     string
}

func (p *portal) details(w http.ResponseWriter, r *http.Request, o agency.Officer) error {
	d, row, err := p.draft(r, o)
	if err != nil {
		return err
	}
	return p.detailsPage(w, r, o, http.StatusOK, d, row, p.form(r, demand.Values(d.Demand, row)))
}

func (p *portal) detailsPage(w http.ResponseWriter, r *http.Request, o agency.Officer, status int, d casefile.Draft, row law.Row, f *kit.Form) error {
	return p.show(w, r, o, status, "details.html", kit.Page{Title: "New request: details", Here: "/new", Form: f, Data: detailsData{Steps: wizard(1), Row: row.In(f.Tongue()),
		Reaches: reachesWords(f.Tongue(), row.In(f.Tongue())), Sections: p.sections(r, o, f, row), Action: "/drafts/" + string(d.ID), Back: "/requests"}})
}

func (p *portal) detailed(w http.ResponseWriter, r *http.Request, o agency.Officer) error {
	d, row, err := p.draft(r, o)
	if err != nil {
		return err
	}
	f, err := kit.ReadForm(r)
	if err != nil {
		return err
	}
	read := demand.Read(f, d.Demand, row, p.c.Law)
	if f.OK() {
		_, err := p.c.Intake.Save(r.Context(), o.Actor(), d.ID, read)
		if err == nil {
			return p.afterDetails(w, r, f, d.ID)
		}
		if !personal(err) {
			return err
		}
		f.Fault(demand.FieldOf(f, err), err)
	}
	return p.detailsPage(w, r, o, http.StatusBadRequest, d, row, f)
}

func (p *portal) afterDetails(w http.ResponseWriter, r *http.Request, f *kit.Form, id casefile.DraftID) error {
	if f.Get("do") == "keep" {
		return p.kit.Done(w, r, "/requests", kit.Good, "Kept as a draft for 30 days. Nothing was sent.")
	}
	http.Redirect(w, r, "/drafts/"+string(id)+"/papers", http.StatusSeeOther)
	return nil
}

// foundOf are findings as the officer reads them. The sentence is the law
// table's; where it can be mended is a link to the very field.
func (p *portal) foundOf(t *lang.Tongue, all []law.Finding, fixDetails, fixPapers string) []finds {
	var out []finds
	for _, x := range all {
		x.FindingRow = x.FindingRow.In(t)
		v := finds{Tone: levelTone(x.Level), Level: levelWords(x.Level), Title: x.Title, Sentence: x.Sentence, Then: thenWords(x.Action),
			Note: noteWords(t, x.Note), Fix: fixDetails, FixWords: "Change the details"}
		if !x.Decided {
			v.Level = "A person will look at this"
			if v.Tone == kit.Bad {
				v.Tone = kit.Warn
			}
		}
		if strings.HasPrefix(string(x.ID), "SND.") { // about the sender: nothing on the form mends it
			v.Then, v.Fix = "", ""
		}
		out = append(out, p.missing(t, v, x.Missing, fixDetails, fixPapers))
	}
	return out
}

// missing says which particulars a finding is about and where they go. What
// the team establishes by itself is not asked of the officer.
func (p *portal) missing(t *lang.Tongue, v finds, ids []law.Particular, fixDetails, fixPapers string) finds {
	var labels []string
	for _, id := range ids {
		row, ok := p.c.Law.Particular(id)
		if !ok || row.ByTeam {
			continue
		}
		labels = append(labels, t.T(row.Label))
		switch {
		case row.Kind == law.FieldPaper:
			v.Fix, v.FixWords = fixPapers, "Go to the papers"
		case len(labels) == 1:
			v.Fix = fixDetails + "#" + demand.FieldFor(row)
		}
	}
	v.Missing = t.List(labels)
	if len(ids) > 0 && len(labels) == 0 {
		v.Then, v.Fix = "The team does this; you need do nothing but be reachable.", ""
	}
	return v
}

func (p *portal) review(w http.ResponseWriter, r *http.Request, o agency.Officer) error {
	return p.reviewPage(w, r, o, http.StatusOK, p.form(r, nil))
}

func (p *portal) reviewPage(w http.ResponseWriter, r *http.Request, o agency.Officer, status int, f *kit.Form) error {
	d, row, err := p.draft(r, o)
	if err != nil {
		return err
	}
	seen, err := p.c.Intake.Preview(r.Context(), o.Actor(), d.ID)
	if err != nil {
		return err
	}
	at := "/drafts/" + string(d.ID)
	return p.show(w, r, o, status, "review.html", kit.Page{Title: "New request: check and send", Here: "/new", Form: f,
		Lead: "Nothing has been sent yet. This is what the machine finds, and what the reviewers will see too.",
		Data: struct {
			Steps   kit.Steps
			At      string
			Finds   []finds
			Blocks  bool
			Same    bool
			Twins   []casefile.Number
			Due     kit.TimeLeft
			Reaches kit.Table
			Summary kit.Facts
			Row     law.Row
			Papers  []casefile.Paper
		}{wizard(3), at, p.foundOf(f.Tongue(), seen.Findings, at, at+"/papers"), seen.Blocks, seen.Same, twinNumbers(seen.Twins), kit.TimeLeft{Now: p.c.Clock.Now(), Due: seen.Due},
			reachedTable(f.Tongue(), seen.Reaches), demand.Summary(f.Tongue(), d.Demand, row), row, d.Demand.Papers}})
}

// twinNumbers are the earlier requests that the officer may open, each once.
func twinNumbers(twins []casefile.Twin) []casefile.Number {
	var out []casefile.Number
	for _, t := range twins {
		if !slices.Contains(out, t.Number) {
			out = append(out, t.Number)
		}
	}
	return out
}

func reachedTable(l *lang.Tongue, all []intake.Reached) kit.Table {
	t := kit.Table{Caption: "What you ask for, and what this process gets", Columns: []kit.Column{{Title: "Asked for"}, {Title: "Exists here"}, {Title: "Reached"}}, Empty: "Nothing is asked for yet."}
	for _, x := range all {
		exists, reached := kit.Badge{Tone: kit.Good, Text: "yes"}, any(kit.Badge{Tone: kit.Good, Text: "yes"})
		switch {
		case !x.Exists:
			exists, reached = kit.Badge{Tone: kit.Plain, Text: "no"}, kit.Words("answered with a signed sheet, or as the law provides")
		case !x.Reached:
			reached = kit.Badge{Tone: kit.Bad, Text: "no"}
		case x.Limit != "":
			reached = kit.Group{kit.Badge{Tone: kit.Good, Text: "in part"}, l.T(x.Limit)}
		}
		t.Rows = append(t.Rows, []any{kit.Words(x.Item.Title()), exists, reached})
	}
	return t
}

func (p *portal) send(w http.ResponseWriter, r *http.Request, o agency.Officer) error {
	f, err := kit.ReadForm(r)
	if err != nil {
		return err
	}
	if f.Get("attest") == "" {
		f.Bad("attest", "Please confirm that you may send this and that it is true.")
		return p.reviewPage(w, r, o, http.StatusBadRequest, f)
	}
	d, _, err := p.draft(r, o)
	var n casefile.Number
	if err == nil {
		n, err = p.c.Intake.File(r.Context(), o.Actor(), d.ID)
	}
	switch {
	case err == nil:
		return p.kit.Done(w, r, afterSending(d.Demand, n), kit.Good, "Your request is with us. Its number is %s.", n)
	case fault.Is(err, fault.Withheld) || fault.Is(err, fault.NotFound): // sent twice, or deleted in another window
		return p.kit.Done(w, r, "/requests", kit.Info, "This draft is no longer there. If you have just sent it, you find it in the list below.")
	case !personal(err):
		return err
	}
	f.Fault("", err)
	return p.reviewPage(w, r, o, fault.KindOf(err).Status(), f)
}

func (p *portal) askDelete(w http.ResponseWriter, r *http.Request, o agency.Officer) error {
	d, row, err := p.draft(r, o)
	if fault.Is(err, fault.Expired) {
		err = nil // a draft under a row that ended can still be thrown away
	}
	if err != nil {
		return err
	}
	return p.show(w, r, o, http.StatusOK, "delete.html", kit.Page{Title: "Delete this draft?", Data: struct {
		Summary kit.Facts
		Papers  int
		Action  string
	}{demand.Summary(p.kit.Tongue(r), d.Demand, row), len(d.Demand.Papers), "/drafts/" + string(d.ID) + "/delete"}})
}

func (p *portal) deleted(w http.ResponseWriter, r *http.Request, o agency.Officer) error {
	if err := p.c.Intake.Drop(r.Context(), o.Actor(), casefile.DraftID(r.PathValue("id"))); err != nil {
		return err
	}
	return p.kit.Done(w, r, "/requests", kit.Good, "The draft and its papers are deleted.")
}
