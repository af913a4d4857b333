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

const chooseKind = "Choose the kind of paper that you hold. If none fits, choose “Process not in the catalogue”."

// chooser is the page on which the kind of paper is chosen, for a new draft or
// one that is there.
type chooser struct {
	Title, Action string
	Steps         kit.Steps
	Draft         bool
	Regions       []region
}

var newRequest = chooser{Title: "New request: which paper do you hold?", Action: "/new"}

func (p *portal) choose(w http.ResponseWriter, r *http.Request, o agency.Officer) error {
	return p.choosePage(w, r, o, http.StatusOK, p.form(r, r.URL.Query()), newRequest)
}

func (p *portal) choosePage(w http.ResponseWriter, r *http.Request, o agency.Officer, status int, f *kit.Form, c chooser) error {
	a, err := p.c.Agency.Agency(r.Context(), o.Agency)
	if err != nil {
		return err
	}
	c.Regions = p.regions(p.kit.Tongue(r), a.Country, law.ProcessID(f.Get("process")))
	return p.show(w, r, o, status, "choose.html", kit.Page{Title: c.Title, Here: "/new", Form: f, Data: c})
}

func (p *portal) chosen(w http.ResponseWriter, r *http.Request, o agency.Officer) error {
	f, err := kit.ReadForm(r)
	if err != nil {
		return err
	}
	if id := f.Need("process", chooseKind); f.OK() {
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
	return p.choosePage(w, r, o, http.StatusBadRequest, f, newRequest)
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

// mend says where something is mended: the address of a field, by its name;
// of the first field for none.
type mend func(field string) string

// foundOf are findings as the officer reads them. The sentence is the law
// table's; where it can be mended is a link to the very field.
func (p *portal) foundOf(t *lang.Tongue, all []law.Finding, fix mend) []finds {
	var out []finds
	for _, x := range all {
		x.FindingRow = x.FindingRow.In(t)
		v := finds{Tone: levelTone(x.Level), Level: levelWords(x.Level), Title: x.Title, Sentence: x.Sentence, Then: thenWords(x.Action),
			Note: noteWords(t, x.Note), Fix: fix(demand.FieldAt(x.Where)), FixWords: "Change the details"}
		if v.Lack = x.Lack.In(t); v.Lack != "" {
			v.Note = "" // the same, in English
		}
		if !x.Decided {
			v.Level = "A person will look at this"
			if v.Tone == kit.Bad {
				v.Tone = kit.Warn
			}
		}
		if strings.HasPrefix(string(x.ID), "SND.") { // about the sender: nothing on the form mends it
			v.Then, v.Fix = "", ""
		}
		out = append(out, p.missing(t, v, x.Missing, fix))
	}
	return out
}

// missing says which particulars a finding is about and where they go. What
// the team establishes by itself is not asked of the officer.
func (p *portal) missing(t *lang.Tongue, v finds, ids []law.Particular, fix mend) finds {
	var labels []string
	for _, id := range ids {
		row, ok := p.c.Law.Particular(id)
		if !ok || row.ByTeam {
			continue
		}
		labels = append(labels, t.T(row.Label))
		switch {
		case row.Kind == law.FieldPaper:
			v.Fix, v.FixWords = fix("papers"), "Go to the papers"
		case len(labels) == 1:
			v.Fix = fix(demand.FieldFor(row))
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
	y, err := p.way(r, o, nil)
	if err != nil {
		return err
	}
	d := y.draft
	seen, err := p.c.Intake.Preview(r.Context(), o.Actor(), d.ID)
	if err != nil {
		return err
	}
	return p.show(w, r, o, status, "review.html", kit.Page{Title: y.title(f.Tongue(), stepReview), Here: "/new", Form: f,
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
			Parts   []said
		}{y.list(stepReview, true), "/drafts/" + string(d.ID), p.foundOf(f.Tongue(), seen.Findings, y.fix), seen.Blocks, seen.Same, twinNumbers(seen.Twins), kit.TimeLeft{Now: p.c.Clock.Now(), Due: seen.Due},
			reachedTable(f.Tongue(), seen.Reaches), p.saidIn(f.Tongue(), y)}})
}

// said is a part of a request as it is read through before it is sent.
type said struct {
	ID, Title, URL string
	Facts          kit.Facts
	Papers         []casefile.Paper
	Which          bool // it is about the papers
}

// saidIn is all that a draft says, by its steps.
func (p *portal) saidIn(t *lang.Tongue, y way) []said {
	out := []said{{ID: "at-kind", Title: stepTitle(stepKind), URL: y.url(stepKind), Facts: kit.Facts{{Label: "Kind of paper", Value: t.T(y.row.Name)}}}}
	for _, s := range y.steps {
		out = append(out, said{ID: "at-" + string(s.ID), Title: s.ID.Title(), URL: y.url(s.ID) + "?then=review", Facts: s.Said(t)})
	}
	return append(out, said{ID: "at-papers", Title: stepTitle(stepPapers), URL: y.url(stepPapers), Papers: y.draft.Demand.Papers, Which: true})
}

// lacks is the part of the check that a refusal to send is about, in the order
// in which intake refuses.
func lacks(d casefile.Demand, row law.Row) string {
	switch {
	case len(d.Wanted) == 0:
		return "at-data"
	case len(d.Targets) == 0 && !intake.Whole(row) && row.ID != law.Emergency:
		return "at-accounts"
	case len(d.Targets) == 0 && !intake.Whole(row):
		return "at-data"
	case row.ID == law.Emergency && !d.Emergency.Follows:
		return "at-secrecy"
	case len(d.Papers) == 0 && row.ID != law.Emergency && !intake.Whole(row):
		return "at-papers"
	}
	return ""
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
	d, row, err := p.draft(r, o)
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
	f.Fault(lacks(d.Demand, row), err)
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
