package portal

import (
	"net/http"
	"strings"

	"letterlock/desk/agency"
	"letterlock/desk/casefile"
	"letterlock/internal/fault"
	"letterlock/web/kit"
)

func (p *portal) colleagueRoutes(mine func(string, page)) {
	mine("GET /agency", p.agency)
	mine("POST /agency/end/{id}", p.ended)
	mine("GET /requests/{n}/hand-over", p.askHandOver)
	mine("POST /requests/{n}/hand-over", p.handedOver)
}

// agency is the page of an officer's agency: the colleagues, and their cases as
// far as the officer's role shares them.
func (p *portal) agency(w http.ResponseWriter, r *http.Request, o agency.Officer) error {
	return p.agencyPage(w, r, o, http.StatusOK, p.form(r, nil))
}

// endable is a colleague whose enrolment this officer may end.
type endable struct {
	Name, At string
	Why      kit.Field
}

func (p *portal) agencyPage(w http.ResponseWriter, r *http.Request, o agency.Officer, status int, f *kit.Form) error {
	a, err := p.c.Agency.Agency(r.Context(), o.Agency)
	if err != nil {
		return err
	}
	all, err := p.c.Agency.Colleagues(r.Context(), o.Agency)
	if err != nil {
		return err
	}
	sees := o.Role.May(casefile.ShareSee)
	var heads []casefile.Head
	if sees {
		if heads, err = p.c.Intake.AgencyCases(r.Context(), o.ID); err != nil {
			return err
		}
	}
	tongue := p.kit.Tongue(r)
	var ends []endable
	for _, c := range all {
		if c.ID != o.ID && o.Role.May(casefile.ShareEnd) {
			ends = append(ends, endable{officerName(c), "/agency/end/" + string(c.ID), f.Text("why-"+string(c.ID), "Reason", "").Require().AtMost(500)})
		}
	}
	return p.show(w, r, o, status, "agency.html", kit.Page{Title: a.Name, Here: "/agency", Form: f, Lead: tongue.T("Your role: %s.", tongue.T(o.Role.InWords())), Data: struct {
		Sees              bool
		Cases, Colleagues kit.Table
		Ends              []endable
		Contact           string
	}{sees, p.agencyCases(heads), colleagueTable(all), ends, p.c.Contact}})
}

func officerName(o agency.Officer) string { return strings.TrimSpace(o.Rank + " " + o.Name) }

func (p *portal) agencyCases(heads []casefile.Head) kit.Table {
	t := kit.Table{Caption: "Cases of my agency", Columns: kit.Columns("Request", "Your reference", "Status", "Kind of paper", "Sent"), Empty: "Nobody of your agency has sent a request yet."}
	for _, h := range heads {
		ref := h.Reference
		if ref == "" {
			ref = "–"
		}
		t.Rows = append(t.Rows, []any{kit.Link{Text: string(h.Number), URL: "/requests/" + string(h.Number)}, ref, phaseBadge(h.Phase), p.rowName(h.Process), kit.Stamp(h.Filed)})
	}
	return t
}

func colleagueTable(all []agency.Officer) kit.Table {
	t := kit.Table{Caption: "Officers of my agency", Columns: kit.Columns("Officer", "Mailbox", "Role")}
	for _, c := range all {
		t.Rows = append(t.Rows, []any{officerName(c), c.Mailbox, kit.Words(c.Role.InWords())})
	}
	return t
}

// ended is the single point of contact ending a colleague's enrolment.
func (p *portal) ended(w http.ResponseWriter, r *http.Request, o agency.Officer) error {
	f, err := kit.ReadForm(r)
	if err != nil {
		return err
	}
	id := r.PathValue("id")
	if why := f.Need("why-"+id, "Give the reason."); f.OK() {
		err := p.c.Agency.Disable(r.Context(), o.Actor(), casefile.OfficerID(id), why)
		if err == nil {
			return p.kit.Done(w, r, "/agency", kit.Good, "Their enrolment has ended: they are signed out and cannot come back. Hand their requests to a colleague.")
		}
		if !personal(err) {
			return err
		}
		f.Fault("why-"+id, err)
	}
	return p.agencyPage(w, r, o, http.StatusBadRequest, f)
}

func (p *portal) askHandOver(w http.ResponseWriter, r *http.Request, o agency.Officer) error {
	return p.handOverPage(w, r, o, http.StatusOK, p.form(r, nil))
}

func (p *portal) handOverPage(w http.ResponseWriter, r *http.Request, o agency.Officer, status int, f *kit.Form) error {
	v, err := p.view(r, o)
	if err != nil {
		return err
	}
	if !v.May[casefile.ShareHandOver] {
		return fault.New(fault.Forbidden, "hand over", "your role in your agency does not include this")
	}
	all, err := p.c.Agency.Colleagues(r.Context(), o.Agency)
	if err != nil {
		return err
	}
	tongue := p.kit.Tongue(r)
	var to []kit.Option
	for _, c := range all {
		if c.ID != v.Demand.Officer {
			to = append(to, kit.Option{Value: string(c.ID), Text: tongue.T("%s, %s", officerName(c), tongue.T(c.Role.InWords()))})
		}
	}
	at := "/requests/" + string(v.Number)
	return p.show(w, r, o, status, "handover.html", kit.Page{Title: tongue.T("Hand request %s to a colleague", v.Number), Form: f,
		Trail: []kit.Link{{Text: "My requests", URL: "/requests"}, {Text: string(v.Number), URL: at}}, Data: struct {
			At      string
			Alone   bool
			Sealed  bool
			To, Why kit.Field
		}{at, len(to) == 0, len(v.Packages) > 0, f.Select("to", "To whom", "They have it from then on, as if they had sent it.", to).Require(), f.Text("why", "Reason", "Both of you and the reviewers read it.").Require().AtMost(200)}})
}

func (p *portal) handedOver(w http.ResponseWriter, r *http.Request, o agency.Officer) error {
	n, err := number(r)
	if err != nil {
		return err
	}
	f, err := kit.ReadForm(r)
	if err != nil {
		return err
	}
	to, why := f.Need("to", "Choose a colleague."), f.Need("why", "Give the reason.")
	if f.OK() {
		err := p.c.Intake.HandOver(r.Context(), o.Actor(), n, casefile.OfficerID(to), why)
		if err == nil {
			return p.kit.Done(w, r, "/requests", kit.Good, "The request %s is your colleague’s now.", n)
		}
		if !personal(err) {
			return err
		}
		f.Fault("to", err)
	}
	return p.handOverPage(w, r, o, http.StatusBadRequest, f)
}
