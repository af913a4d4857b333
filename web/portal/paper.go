package portal

import (
	"context"
	"io"
	"net/http"

	"letterlock/desk/agency"
	"letterlock/desk/casefile"
	"letterlock/law"
	"letterlock/web/demand"
	"letterlock/web/kit"
)

func (p *portal) papers(w http.ResponseWriter, r *http.Request, o agency.Officer) error {
	return p.papersPage(w, r, o, http.StatusOK, p.form(r, nil))
}

func (p *portal) papersPage(w http.ResponseWriter, r *http.Request, o agency.Officer, status int, f *kit.Form) error {
	y, err := p.way(r, o, nil)
	if err != nil {
		return err
	}
	d, row := y.draft, y.row
	return p.show(w, r, o, status, "papers.html", kit.Page{Title: y.title(f.Tongue(), stepPapers), Here: "/new", Form: f, Data: struct {
		Steps  kit.Steps
		At     string
		Row    law.Row
		Papers []casefile.Paper
		Upload []kit.Field
		Names  map[string]string
		Back   string
	}{y.list(stepPapers, true), "/drafts/" + string(d.ID), row, d.Demand.Papers, uploadFields(f, demand.Papers(p.c.Law, row)), demand.PaperNames(p.c.Law, row), y.url(y.beside(stepPapers, -1))}})
}

func uploadFields(f *kit.Form, what []kit.Option) []kit.Field {
	return []kit.Field{f.Select("what", "What it is", "", what).Require(),
		f.File("file", "PDF files", f.T("Up to %d MiB each and %d papers in all; at most four of the largest at once.", casefile.MaxPaper>>20, casefile.MaxPapers), "application/pdf").Several().Require()}
}

func (p *portal) paperSent(w http.ResponseWriter, r *http.Request, o agency.Officer) error {
	id := casefile.DraftID(r.PathValue("id"))
	n, f, err := kit.Upload(w, r, func(ctx context.Context, name, what string, b io.Reader) error {
		_, err := p.c.Intake.AddPaper(ctx, o.Actor(), id, name, what, b)
		return err
	})
	if err != nil {
		return err
	}
	if !f.OK() {
		return p.papersPage(w, r, o, http.StatusBadRequest, f)
	}
	return p.kit.Done(w, r, "/drafts/"+string(id)+"/papers", kit.Good, p.kit.Tongue(r).N(n, "%d paper is with your draft.", "%d papers are with your draft."))
}

func (p *portal) paperDropped(w http.ResponseWriter, r *http.Request, o agency.Officer) error {
	id := casefile.DraftID(r.PathValue("id"))
	if err := p.c.Intake.RemovePaper(r.Context(), o.Actor(), id, casefile.PaperID(r.PathValue("paper"))); err != nil {
		return err
	}
	return p.kit.Done(w, r, "/drafts/"+string(id)+"/papers", kit.Good, "The paper is removed.")
}
