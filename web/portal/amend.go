package portal

import (
	"net/http"

	"letterlock/desk/agency"
	"letterlock/desk/intake"
	"letterlock/internal/fault"
	"letterlock/law"
	"letterlock/web/demand"
	"letterlock/web/kit"
)

// editable is a request that can still be corrected.
func (p *portal) editable(r *http.Request, o agency.Officer) (intake.View, law.Row, error) {
	v, err := p.view(r, o)
	if err != nil {
		return v, law.Row{}, err
	}
	if !v.CanEdit {
		return v, law.Row{}, fault.New(fault.Conflict, "correct request", "this request is decided or withdrawn and cannot be corrected any more; send a new one, or write to us")
	}
	row, err := p.row(v.Demand.Process)
	return v, row, err
}

func (p *portal) correct(w http.ResponseWriter, r *http.Request, o agency.Officer) error {
	v, row, err := p.editable(r, o)
	if err != nil {
		return err
	}
	return p.correctPage(w, r, o, http.StatusOK, v, row, p.form(r, demand.Values(v.Demand, row)))
}

func (p *portal) correctPage(w http.ResponseWriter, r *http.Request, o agency.Officer, status int, v intake.View, row law.Row, f *kit.Form) error {
	at := "/requests/" + string(v.Number)
	return p.show(w, r, o, status, "details.html", kit.Page{Title: f.T("Correct request %s", v.Number), Form: f, Trail: []kit.Link{{Text: "My requests", URL: "/requests"}, {Text: string(v.Number), URL: at}},
		Data: struct {
			Row                 law.Row
			About, Action, Back string
			Step                demand.Step
			Why                 kit.Field
		}{row.In(f.Tongue()), reachesWords(f.Tongue(), row.In(f.Tongue())), at + "/correct", at, demand.Step{Sections: p.sections(r, o, f, row)},
			f.Text("why", "What you corrected, and why", "The reviewers read this first.").Require()}})
}

func (p *portal) corrected(w http.ResponseWriter, r *http.Request, o agency.Officer) error {
	v, row, err := p.editable(r, o)
	if err != nil {
		return err
	}
	f, err := kit.ReadForm(r)
	if err != nil {
		return err
	}
	read := demand.Read(f, v.Demand, row, p.c.Law)
	if why := f.Need("why", "Say in a few words what you corrected."); f.OK() {
		err := p.c.Intake.Correct(r.Context(), o.Actor(), v.Number, read, why)
		if err == nil {
			return p.kit.Done(w, r, "/requests/"+string(v.Number), kit.Good, "Corrected. The findings below are those of the corrected request.")
		}
		if !personal(err) {
			return err
		}
		f.Fault(demand.FieldOf(f, err), err)
	}
	return p.correctPage(w, r, o, http.StatusBadRequest, v, row, f)
}

func (p *portal) askWithdraw(w http.ResponseWriter, r *http.Request, o agency.Officer) error {
	return p.withdrawPage(w, r, o, http.StatusOK, p.form(r, nil))
}

func (p *portal) withdrawPage(w http.ResponseWriter, r *http.Request, o agency.Officer, status int, f *kit.Form) error {
	v, err := p.view(r, o)
	if err != nil {
		return err
	}
	if v.Phase.Over() {
		return fault.New(fault.Conflict, "withdraw request", "this request is answered or withdrawn already")
	}
	at := "/requests/" + string(v.Number)
	return p.show(w, r, o, status, "withdraw.html", kit.Page{Title: p.kit.Tongue(r).T("Withdraw request %s?", v.Number), Trail: []kit.Link{{Text: "My requests", URL: "/requests"}, {Text: string(v.Number), URL: at}}, Form: f,
		Data: struct {
			At  string
			Why kit.Field
		}{at, f.Text("why", "Reason", "For example: the person was found.").Require().AtMost(maxWithdraw)}})
}

// maxWithdraw is the longest reason for which a request is taken back.
const maxWithdraw = 500

func (p *portal) withdrawn(w http.ResponseWriter, r *http.Request, o agency.Officer) error {
	n, err := number(r)
	if err != nil {
		return err
	}
	f, err := kit.ReadForm(r)
	if err != nil {
		return err
	}
	f.In(p.kit.Tongue(r))
	if why := f.Need("why", "Give the reason."); f.OK() {
		err := p.c.Intake.Withdraw(r.Context(), o.Actor(), n, why)
		if err == nil {
			return p.kit.Done(w, r, "/requests/"+string(n), kit.Good, "The request is withdrawn. Nothing more is done under it.")
		}
		if !personal(err) {
			return err
		}
		f.Fault("why", err)
	}
	return p.withdrawPage(w, r, o, http.StatusBadRequest, f)
}
