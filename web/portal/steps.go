package portal

import (
	"net/http"
	"slices"

	"letterlock/desk/agency"
	"letterlock/desk/casefile"
	"letterlock/desk/intake"
	"letterlock/internal/fault"
	"letterlock/internal/lang"
	"letterlock/law"
	"letterlock/web/demand"
	"letterlock/web/kit"
)

// The way of a request: the kind of paper, the steps of its form, the papers,
// the check. Each step has its address and is saved by itself, so that an
// officer can go back and forth, leave, and go on another day.

// The steps that every request has.
const (
	stepKind   demand.StepID = "kind"
	stepPapers demand.StepID = "papers"
	stepReview demand.StepID = "review"
)

// way is a draft and the steps that its process has.
type way struct {
	draft casefile.Draft
	row   law.Row
	steps []demand.Step
}

func (y way) ids() []demand.StepID {
	out := []demand.StepID{stepKind}
	for _, s := range y.steps {
		out = append(out, s.ID)
	}
	return append(out, stepPapers, stepReview)
}

func (y way) url(id demand.StepID) string {
	at := "/drafts/" + string(y.draft.ID)
	switch id {
	case stepKind, stepPapers, stepReview:
		return at + "/" + string(id)
	}
	return at + "/step/" + string(id)
}

// fix is the address of the step in which a field is mended; from there the
// way leads back to the check.
func (y way) fix(field string) string {
	if id := demand.StepID(field); id == stepKind || id == stepPapers {
		return y.url(id)
	}
	if id, ok := demand.StepOf(y.steps, field); ok {
		return y.url(id) + "?then=review#" + field
	}
	return y.url(y.steps[0].ID) + "?then=review"
}

// done reports a step that the officer has been through.
func (y way) done(id demand.StepID) bool {
	return id == stepKind || id == stepPapers && len(y.draft.Demand.Papers) > 0 || slices.Contains(y.draft.Done, string(id))
}

// resume is where an officer goes on who comes back.
func (y way) resume() demand.StepID {
	for _, id := range y.ids() {
		paperless := id == stepPapers && (y.row.ID == law.Emergency || intake.Whole(y.row))
		if !y.done(id) && !paperless {
			return id
		}
	}
	return stepReview
}

// beside is the step before or after another one.
func (y way) beside(id demand.StepID, by int) demand.StepID {
	all := y.ids()
	return all[min(max(slices.Index(all, id)+by, 0), len(all)-1)]
}

// title says which step this is of how many, and what it is about: it is the
// page's heading, so a screen reader says it first.
func (y way) title(t *lang.Tongue, id demand.StepID) string {
	all := y.ids()
	return t.T("Step %d of %d: %s", slices.Index(all, id)+1, len(all), t.T(stepTitle(id)))
}

// list is the list of steps. On a page where something may have been typed it
// has no links: a link would lose it, and the buttons below do not.
func (y way) list(at demand.StepID, links bool) kit.Steps {
	var out kit.Steps
	for _, id := range y.ids() {
		s := kit.Step{Text: stepTitle(id), Done: y.done(id) && id != at, Current: id == at}
		if links {
			s.URL = y.url(id)
		}
		out = append(out, s)
	}
	return out
}

// way is the draft of the address with its steps, filled with what a form
// holds.
func (p *portal) way(r *http.Request, o agency.Officer, f *kit.Form) (way, error) {
	d, row, err := p.draft(r, o)
	if err != nil {
		return way{}, err
	}
	if f == nil {
		f = p.form(r, demand.Values(d.Demand, row))
	}
	return way{d, row, demand.Path(p.sections(r, o, f, row))}, nil
}

// leftAt says at which step a draft goes on.
func (p *portal) leftAt(t *lang.Tongue, d casefile.Draft) string {
	row, err := p.row(d.Demand.Process)
	if err != nil {
		return "–"
	}
	y := way{d, row, demand.Path(demand.Sections(kit.NewForm(nil).In(t), row, p.c.Law, p.c.Intake.House))}
	return y.title(t, y.resume())
}

// goOn leads to the step at which an officer left a draft.
func (p *portal) goOn(w http.ResponseWriter, r *http.Request, o agency.Officer) error {
	y, err := p.way(r, o, nil)
	if err != nil {
		return err
	}
	http.Redirect(w, r, y.url(y.resume()), http.StatusSeeOther)
	return nil
}

// stepData is what a step of the form shows.
type stepData struct {
	Steps  kit.Steps
	Row    law.Row
	About  string
	Step   demand.Step
	Action string
	Then   string
	Back   demand.StepID
	Leave  string // where the way back leads without keeping this page
}

func (p *portal) step(w http.ResponseWriter, r *http.Request, o agency.Officer) error {
	d, row, err := p.draft(r, o)
	if err != nil {
		return err
	}
	return p.stepPage(w, r, o, http.StatusOK, p.form(r, demand.Values(d.Demand, row)), r.URL.Query().Get("then"))
}

func (p *portal) stepPage(w http.ResponseWriter, r *http.Request, o agency.Officer, status int, f *kit.Form, then string) error {
	y, s, err := p.stepOf(r, o, f)
	if err != nil {
		return err
	}
	row := y.row.In(f.Tongue())
	x := stepData{Steps: y.list(s.ID, false), Row: row, About: reachesWords(f.Tongue(), row), Step: s, Action: y.url(s.ID), Leave: y.url(y.beside(s.ID, -1))}
	if then == string(stepReview) {
		x.Then, x.Leave = then, y.url(stepReview)
	}
	return p.show(w, r, o, status, "step.html", kit.Page{Title: y.title(f.Tongue(), s.ID), Here: "/new", Form: f, Data: x})
}

// stepOf is the step of the address.
func (p *portal) stepOf(r *http.Request, o agency.Officer, f *kit.Form) (way, demand.Step, error) {
	y, err := p.way(r, o, f)
	if err != nil {
		return y, demand.Step{}, err
	}
	i := slices.IndexFunc(y.steps, func(s demand.Step) bool { return string(s.ID) == r.PathValue("step") })
	if i < 0 {
		return y, demand.Step{}, fault.New(fault.NotFound, "show step", "this request has no such step")
	}
	return y, y.steps[i], nil
}

// stepped keeps a step and goes where the officer wants to. What cannot be kept
// is said, with everything that was typed.
func (p *portal) stepped(w http.ResponseWriter, r *http.Request, o agency.Officer) error {
	f, err := kit.ReadForm(r)
	if err != nil {
		return err
	}
	y, s, err := p.stepOf(r, o, f)
	if err != nil {
		return err
	}
	do, then := f.Get("do"), f.Get("then")
	read := s.Read(f, y.draft.Demand, y.row, p.c.Law)
	if f.OK() {
		_, err := p.c.Intake.SaveStep(r.Context(), o.Actor(), y.draft.ID, read, string(s.ID))
		if err == nil {
			return p.afterStep(w, r, y, s.ID, do, then)
		}
		if !personal(err) {
			return err
		}
		f.Fault(demand.FieldOf(f, err), err)
	}
	return p.stepPage(w, r, o, http.StatusBadRequest, f, then)
}

func (p *portal) afterStep(w http.ResponseWriter, r *http.Request, y way, at demand.StepID, do, then string) error {
	to := y.beside(at, 1)
	switch {
	case do == "keep":
		return p.kit.Done(w, r, "/requests", kit.Good, "Kept as a draft for 30 days. Nothing was sent.")
	case do == "back":
		to = y.beside(at, -1)
	case then == string(stepReview):
		to = stepReview
	}
	http.Redirect(w, r, y.url(to), http.StatusSeeOther)
	return nil
}

// kind shows the kinds of paper again, with that of the draft chosen.
func (p *portal) kind(w http.ResponseWriter, r *http.Request, o agency.Officer) error {
	y, err := p.way(r, o, nil)
	if err != nil {
		return err
	}
	return p.kindPage(w, r, o, http.StatusOK, y, p.form(r, map[string][]string{"process": {string(y.row.ID)}}))
}

func (p *portal) kindPage(w http.ResponseWriter, r *http.Request, o agency.Officer, status int, y way, f *kit.Form) error {
	return p.choosePage(w, r, o, status, f, chooser{Title: y.title(f.Tongue(), stepKind), Steps: y.list(stepKind, false), Action: y.url(stepKind), Draft: true})
}

// kindChosen puts a draft under another kind of paper. What both ask for stays.
func (p *portal) kindChosen(w http.ResponseWriter, r *http.Request, o agency.Officer) error {
	f, err := kit.ReadForm(r)
	if err != nil {
		return err
	}
	y, err := p.way(r, o, nil)
	if err != nil {
		return err
	}
	id := law.ProcessID(f.Need("process", chooseKind))
	if !f.OK() {
		return p.kindPage(w, r, o, http.StatusBadRequest, y, f)
	}
	if id == y.row.ID {
		http.Redirect(w, r, y.url(y.beside(stepKind, 1)), http.StatusSeeOther)
		return nil
	}
	to, err := p.row(id)
	if err == nil {
		_, err = p.c.Intake.Save(r.Context(), o.Actor(), y.draft.ID, demand.Moved(y.draft.Demand, y.row, to, p.c.Law, p.c.Intake.House))
	}
	switch {
	case err == nil:
		return p.kit.Done(w, r, "/drafts/"+string(y.draft.ID), kit.Good, "The kind of paper is changed. What both kinds ask for is still there.")
	case !personal(err) && !fault.Is(err, fault.Expired):
		return err
	}
	f.Fault("process", err)
	return p.kindPage(w, r, o, http.StatusBadRequest, y, f)
}
